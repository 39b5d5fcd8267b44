"""What a report is filled from beside the office's own tables, as its reader may have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.auth.principal import Principal
from api.register.database import Register
from api.state.adopted_plans import AdoptedPlans
from geo.disclosure import release_secret
from geo.imports.days import today
from geo.imports.plan_tables import PlanTables, plan_tables
from geo.imports.visits import people_reached, recorded_visits
from geo.paths import Home
from geo.periods import Period
from layers.release.editions import Edition
from layers.reports.fill import task_force_report
from layers.reports.national import NationalReport, national_report
from layers.reports.proposal import proposal_of
from layers.reports.values import Known, Planned, Proposal, Report
from layers.visibility import OPERATOR as OPERATOR_TIER

__all__ = ["Reports", "Rows"]

Rows = Callable[[str], list[dict[str, Any]]]
"""Rows of a layer as the reader has them."""


class Reports:
    """Makes reports and proposals. A ``principal`` of None is the operator at the command line."""

    def __init__(
        self, register: Register, home: Home, principal: Principal | None, *, rows: Rows,
        names: Mapping[str, str], edition: Edition | None,
    ) -> None:  # fmt: skip
        self._home, self._principal = home, principal
        self._plans = AdoptedPlans(register, home)
        self._rows, self._names = rows, names
        self._released = edition.date if edition else ""

    def report(self, area: str, period: Period) -> Report:
        """The report of an area for a period."""
        tables = plan_tables(self._home)
        known = self._known(_measures(tables))
        return task_force_report(tables, known, area, period, day=today())

    def national(self, period: Period) -> NationalReport:
        """The reports of all provinces side by side."""
        tables = plan_tables(self._home)
        known = self._known(_measures(tables))
        return national_report(tables, known, period, day=today())

    def proposal(
        self, area: str, period: Period, *, sub_activity: str = "", unit_cost: float | None = None
    ) -> Proposal:
        """The activities to propose for an area and a period; errors as ``proposal_of``."""
        return proposal_of(
            plan_tables(self._home), self._known(set()), area, period,
            sub_activity=sub_activity, unit_cost=unit_cost,
        )  # fmt: skip

    def _known(self, measures: set[str]) -> Known:
        tier = OPERATOR_TIER if self._principal is None else self._principal.tier
        reached = []
        if "people_reached" in measures:
            reached = people_reached(self._home, tier, secret=release_secret(self._home))
        plans = self._plans.all_for(self._principal)
        return Known(
            visits=[(visit.code, visit.when) for visit in recorded_visits(self._home)],
            reached=reached,
            counts=self._rows("counts"),
            coverage=self._rows("coverage"),
            steps=[
                Planned(plan.kind, step.place, step.name, step.area, step.planned, step.done)
                for plan in plans
                for step in plan.steps
            ],
            names=self._names,
            released=self._released,
        )


def _measures(tables: PlanTables) -> set[str]:
    return {row.measure.partition(":")[0] for row in tables.indicators}
