"""Planned against done in an area, of the plans and visits that its reader may know of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from api.auth.principal import Principal
from api.register import database as db
from api.register.database import Register
from api.state.adopted_plans import AdoptedPlans
from api.state.scenario_store import OPERATOR
from geo.codes import CODE_LENGTHS
from geo.imports.store import agreements
from geo.imports.visits import recorded_visits
from geo.paths import Home
from geo.periods import Period
from layers.query.planned_coverage import PlannedVisit, VillageVisit, planned_against_done
from layers.visibility import OPERATOR as OPERATOR_TIER
from layers.visibility import province_limit

__all__ = ["PlannedCoverage"]

_VILLAGE = CODE_LENGTHS["village"]


class PlannedCoverage:
    """Adopted plans of visits beside the visits on record.

    A ``principal`` of None is the operator at the command line, whose own every visit is.
    """

    def __init__(self, register: Register, home: Home, principal: Principal | None) -> None:
        self._register, self._home, self._principal = register, home, principal
        self._tier = OPERATOR_TIER if principal is None else principal.tier

    def may_know(self, area: str) -> bool:
        """Whether the reader plans in an area; what is planned and done there is for who does."""
        if self._principal is None:
            return True
        rights = self._principal.rights
        limit = province_limit(rights, self._principal.province) if rights.plans else ""
        return limit is None or (limit != "" and area.startswith(limit))

    def of_area(
        self,
        area: str,
        period: Period,
        rows: Iterable[Mapping[str, Any]],
        areas: Iterable[Mapping[str, Any]],
        places: Mapping[str, Mapping[str, Any]],
    ) -> dict[str, Any] | None:
        """:func:`layers.query.planned_coverage.planned_against_done` of an area, with its
        parameters; None where the reader may not know.
        """
        if not self.may_know(area):
            return None
        return planned_against_done(
            rows, areas, self._planned(), self._visits(), period, within=area, places=places
        )

    def _planned(self) -> list[PlannedVisit]:
        return [
            PlannedVisit(
                step.place,
                step.name,
                step.planned,
                step.done,
                plan.period.months,
                closed=plan.is_closed,
            )
            for plan in AdoptedPlans(self._register, self._home).all_for(self._principal)
            if plan.kind == "outreach"
            for step in plan.steps
            if len(step.place) == _VILLAGE and step.area
        ]

    def _visits(self) -> list[VillageVisit]:
        """Those of the own organisation, and of others what their agreement shows at the tier."""
        own, stored = self._own_accounts(), agreements(self._home)
        visits = []
        for visit in recorded_visits(self._home):
            mine = own is None or visit.entry.by in own
            agreement = stored.get(visit.entry.under)
            if mine or agreement is None or self._tier in agreement.tiers:
                visits.append(VillageVisit(visit.code, visit.when, mine))
        return visits

    def _own_accounts(self) -> set[str] | None:
        """Names of the accounts of the reader's organisation, the own among them; None: all."""
        if self._principal is None:
            return None
        name, accounts = str(self._principal.name), db.accounts
        own = sa.select(accounts.c.organisation).where(accounts.c.name == name)
        same = accounts.c.organisation == own.scalar_subquery()  # no organisation equals none
        with self._register.begin() as connection:
            found = connection.execute(sa.select(accounts.c.name).where(same)).scalars()
            return {name, *found} - {OPERATOR}
