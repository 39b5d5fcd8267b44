"""The plans that desks have adopted, and which of their steps are done.

That a village was visited is on record once, as an import of visits
(:mod:`geo.imports.visits`): it ticks the step, whoever sent it, and ticking the step sends one.
Watches kept and what they found are on record as imports of checks, which tick the shifts of a
roster; the register has a row for each shift. Of a post the month is kept with the step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import groupby
from textwrap import shorten
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from api.auth.principal import Principal
from api.errors import ConflictError, NotFoundError
from api.register import database as db
from api.register.database import Register
from api.state.scenario_store import MOST_STORED, OPERATOR, account_id
from geo.checks import protected_checks
from geo.codes import CODE_LENGTHS
from geo.disclosure import release_secret
from geo.errors import InputError
from geo.imports.check_records import recorded_checks
from geo.imports.days import today
from geo.imports.store import undo
from geo.imports.visits import (
    TICK_FILE,
    Visit,
    record_visit,
    recorded_visits,
    visited_villages,
)
from geo.paths import Home
from geo.periods import Period, period_of
from layers.plans.adopted import Step, finished, in_plans, on_record, size
from layers.visibility import OPERATOR as OPERATOR_TIER

__all__ = ["AdoptedPlan", "AdoptedPlans", "recent_watches"]

_OPEN, _CLOSED = "open", "closed"
_AREA = 200
"""Characters of the names of a plan's areas."""
_WATCH = "watch"
_COLUMNS = ("place", "name", "area", "planned", "done")
"""What the register keeps of a step, of a roster of each shift."""
_RECENT_MONTHS = 3
"""Months of watches on record, with the present one, that the next roster looks back on."""


@dataclass(frozen=True)
class AdoptedPlan:
    """One adopted plan; ``owner`` is an account's name, empty where that is gone."""

    id: str
    owner: str
    organisation: str | None
    kind: str
    area: str
    period: Period
    release: str
    adopted_on: str
    state: str
    steps: tuple[Step, ...]

    @property
    def is_closed(self) -> bool:
        """Whether what is done stays, whatever visits are on record later."""
        return self.state == _CLOSED

    def document(
        self, counts: Sequence[Mapping[str, Any]], names: Mapping[str, str]
    ) -> dict[str, Any]:
        """The plan as plain values: planned, done and what is on record of each step's regency.

        Parameters
        ----------
        counts : sequence of mapping
            Rows of the layer ``counts`` as the reader has them.
        names : mapping
            Names of areas by code.
        """
        effects = {
            code: on_record(counts, code, self.period)
            for code in {step.area for step in self.steps}
        }
        kept = ("id", "owner", "organisation", "kind", "area", "release", "adopted_on", "state")
        steps = [asdict(step) for step in self.steps]
        return {
            **{name: getattr(self, name) for name in kept},
            "period": self.period.code,
            "months": self.period.months,
            "planned": sum(map(size, steps)),
            "done": sum(map(finished, steps)),
            "steps": [
                {
                    **{
                        name: value
                        for name, value in step.items()
                        if name in _COLUMNS or self.kind == _WATCH
                    },
                    "area_name": names.get(step["area"], ""),
                    "effect": effects[step["area"]],
                }
                for step in steps
            ],
        }


class AdoptedPlans:
    """Adopts, lists, ticks and closes plans.

    A ``principal`` of None is the operator at the command line, who sees them all. A partner sees
    those of the own account or organisation, the police those of their jurisdiction.
    """

    def __init__(self, register: Register, home: Home) -> None:
        self._register, self._home = register, home

    def add(
        self,
        principal: Principal | None,
        plan_id: str,
        *,
        kind: str,
        area: str,
        period: Period,
        release: str,
        steps: Sequence[Step],
    ) -> AdoptedPlan:
        """Adopt a plan, once.

        Raises
        ------
        ConflictError
            It is adopted already, or the account has as many open ones as it may.
        InputError
            A place stands in it twice.
        """
        listed = Counter(step.place for step in steps)
        if twice := [place for place, times in listed.items() if times > 1]:
            raise InputError("adopted.twice", place=twice[0])
        try:
            self._insert(principal, plan_id, kind, area, period, release, steps)
        except IntegrityError:  # by another request of the same moment
            raise ConflictError("adopted.already") from None
        return self.get(principal, plan_id)

    def _insert(
        self, principal: Principal | None, plan_id: str, kind: str, area: str, period: Period,
        release: str, steps: Sequence[Step],
    ) -> None:  # fmt: skip
        table = db.adopted_plans
        with self._register.begin() as connection:
            account = None if principal is None else account_id(connection, principal)
            mine = (table.c.account_id == account) & (table.c.state == _OPEN)
            mine &= table.c.by_operator == (principal is None)
            owned = sa.select(sa.func.count()).where(mine)
            if connection.execute(owned).scalar_one() >= MOST_STORED:
                raise ConflictError("adopted.list_full", held=MOST_STORED)
            if connection.scalar(sa.select(table.c.id).where(table.c.id == plan_id)):
                raise ConflictError("adopted.already")
            organisation = sa.select(db.accounts.c.organisation)
            connection.execute(table.insert().values(
                id=plan_id, account_id=account, by_operator=principal is None, kind=kind,
                period=period.code,
                area=shorten(area, _AREA, placeholder=" …"),
                tier=OPERATOR_TIER if principal is None else principal.tier,
                province_code=None if principal is None else principal.province,
                organisation=connection.scalar(organisation.where(db.accounts.c.id == account)),
                release=release, adopted_on=today()[:7], state=_OPEN,
            ))  # fmt: skip
            kept = (row for step in steps for row in _rows(step))
            rows = [{"plan_id": plan_id, "number": k, **row} for k, row in enumerate(kept)]
            if rows:
                connection.execute(db.adopted_steps.insert(), rows)

    def all_for(self, principal: Principal | None) -> list[AdoptedPlan]:
        """The plans that the principal sees, newest first."""
        return self._read(_visible(principal))

    def get(self, principal: Principal | None, plan_id: str) -> AdoptedPlan:
        """One of :meth:`all_for`; :class:`NotFoundError` whether hidden or not existing."""
        found = self._read(_visible(principal).where(db.adopted_plans.c.id == plan_id))
        if not found:
            raise NotFoundError
        return found[0]

    def tick(
        self, principal: Principal | None, plan_id: str, place: str, month: str | None, *,
        under: str = "",
    ) -> AdoptedPlan:  # fmt: skip
        """Say in which month a step was done; None: that it was not.

        Parameters
        ----------
        under : str
            Number of the agreement under which a visit to a village is recorded.

        Raises
        ------
        NotFoundError
            No such plan or step.
        InputError
            The month is not of the plan's period or is yet to come, or the visit is refused.
        ConflictError
            The plan is closed or a roster, the visit was not recorded by a tick of this account,
            or the account has no organisation whose visit it could be.
        """
        plan = self._open(principal, plan_id)
        if place not in {step.place for step in plan.steps}:
            raise NotFoundError
        if plan.kind == _WATCH:  # a month alone would be a watch that nobody counted
            raise ConflictError("watch.by_checks")
        months = [one for one in plan.period.months if one <= today()[:7]]
        if month is not None and not months:
            raise InputError("adopted.not_begun", field="month", first=plan.period.months[0])
        if month is not None and month not in months:
            raise InputError("adopted.month", field="month", first=months[0], last=months[-1])
        if _is_visited(plan.kind, place):
            self._visit(principal, plan, place, month, under)
        else:
            steps = db.adopted_steps
            one = (steps.c.plan_id == plan_id) & (steps.c.place == place)
            with self._register.begin() as connection:
                connection.execute(steps.update().where(one).values(done=month))
        return self.get(principal, plan_id)

    def close(self, principal: Principal | None, plan_id: str) -> AdoptedPlan:
        """Close a plan: what is done stays, whatever visits are on record later, and nothing is
        ticked any more.
        """
        plan, table, steps = self._open(principal, plan_id), db.adopted_plans, db.adopted_steps
        with self._register.begin() as connection:
            for row in (row for step in plan.steps for row in _rows(step)):
                one = (steps.c.plan_id == plan.id) & (steps.c.place == row["place"])
                connection.execute(steps.update().where(one).values(done=row["done"]))
            connection.execute(table.update().where(table.c.id == plan.id).values(state=_CLOSED))
        return self.get(principal, plan_id)

    def done(self, principal: Principal | None, kind: str) -> list[str]:
        """What the next plan of a kind leaves out: villages visited, whoever planned it, or posts
        done in the plans that the principal sees. Of a roster what its rotation begins with: each
        terminal once for every watch on record there in this month and the two before it.
        """
        if kind == _WATCH:
            return recent_watches(self._home)
        if kind != "posts":
            return visited_villages(self._home)
        plans = (plan for plan in self.all_for(principal) if plan.kind == kind)
        return sorted({step.place for plan in plans for step in plan.steps if step.done})

    def waiting(self, principal: Principal | None, *, beside: str = "") -> list[dict[str, Any]]:
        """By place what is planned and not yet done, of each open plan of visits that the principal
        sees, but not of the plan ``beside``.
        """
        return [
            in_plans(plan.id, plan.area, plan.period, plan.steps)
            for plan in self.all_for(principal)
            if plan.kind == "outreach" and not plan.is_closed and plan.id != beside
        ]

    def _open(self, principal: Principal | None, plan_id: str) -> AdoptedPlan:
        plan = self.get(principal, plan_id)
        if plan.state != _OPEN:
            raise ConflictError("adopted.closed")
        return plan

    def _visit(
        self, principal: Principal | None, plan: AdoptedPlan, place: str, month: str | None,
        under: str,
    ) -> None:  # fmt: skip
        by = OPERATOR if principal is None else str(principal.name)
        before = _visits(recorded_visits(self._home), plan).get(place, [])
        own = [
            visit
            for visit in before
            if visit.entry.by == by and visit.entry.rows == 1 and visit.entry.file == TICK_FILE
        ]
        if month is None and len(own) < len(before):
            raise ConflictError("adopted.visit_of_others")
        if month is not None and month not in {visit.when for visit in before}:
            organisation = self._organisation(principal, plan)
            record_visit(
                self._home, place, month, organisation=organisation, by=by, under=under
            )  # fmt: skip
        for visit in own:
            if visit.when != month:
                undo(self._home, visit.entry.id, by=by)

    def _organisation(self, principal: Principal | None, plan: AdoptedPlan) -> str:
        """Whose visit a tick records: never an account's name."""
        if principal is None:
            return plan.organisation or OPERATOR
        accounts = db.accounts
        own = sa.select(accounts.c.organisation).where(accounts.c.name == principal.name)
        with self._register.begin() as connection:
            organisation = connection.scalar(own)
        if not organisation:
            raise ConflictError("adopted.no_organisation")
        return str(organisation)

    def _read(self, query: sa.Select[Any]) -> list[AdoptedPlan]:
        steps = db.adopted_steps
        with self._register.begin() as connection:
            plans = list(connection.execute(query).mappings())
            ids = [row["id"] for row in plans]
            listed = sa.select(steps).where(steps.c.plan_id.in_(ids)).order_by(steps.c.number)
            rows = list(connection.execute(listed).mappings()) if plans else []
        visits = recorded_visits(self._home) if plans else []
        watched = any(row["kind"] == _WATCH for row in plans)
        checks = _shown_checks(self._home) if watched else {}
        return [_plan(row, [step for step in rows if step["plan_id"] == row["id"]], visits, checks)
                for row in plans]  # fmt: skip


def recent_watches(home: Home) -> list[str]:
    """Each terminal once for every watch on record there in this month and the two before it."""
    day = date.fromisoformat(today())
    last = 12 * day.year + day.month - 1
    months = {f"{k // 12}-{k % 12 + 1:02d}" for k in range(last - _RECENT_MONTHS + 1, last + 1)}
    checks = recorded_checks(home)
    return [
        terminal
        for (terminal, month), row in sorted(checks.items()) if month in months
        for _ in range(row["sailings"])
    ]  # fmt: skip


def _shown_checks(home: Home) -> dict[str, dict[str, int]]:
    """Checks on record by step of a roster, protected."""
    recorded = recorded_checks(home)
    secret = release_secret(home) if recorded else b""
    return {
        f"{terminal}:{month}": protected_checks(row, place=terminal, month=month, secret=secret)
        for (terminal, month), row in recorded.items()
    }


def _rows(step: Step) -> Iterator[dict[str, Any]]:
    """What the register keeps of a step: a row, of a roster one for each shift, kept ones first."""
    row = {name: getattr(step, name) for name in _COLUMNS}
    if step.shifts is None:
        yield row
        return
    for k in range(step.shifts):
        kept = k < (step.kept or 0)
        yield {**row, "place": f"{step.place}:{k + 1}", "done": step.planned if kept else None}


def _roster_steps(
    rows: Sequence[Mapping[Any, Any]], checks: Mapping[str, Mapping[str, int]], *, closed: bool
) -> Iterator[Step]:
    """Steps of a roster from its shifts. Once it is closed the watches kept stay as they were."""
    for place, group in groupby(rows, lambda row: str(row["place"]).rpartition(":")[0]):
        shifts = list(group)
        found = checks.get(place)
        kept = None if found is None else found["sailings"]
        if closed:
            kept = sum(row["done"] is not None for row in shifts) or None
        first = shifts[0]
        yield Step(
            place, first["name"], first["area"], first["planned"],
            done=first["planned"] if (kept or 0) >= len(shifts) else None,
            shifts=len(shifts), kept=kept, checks=found,
        )  # fmt: skip


def _plan(
    row: Mapping[Any, Any], steps: Sequence[Mapping[Any, Any]], visits: Sequence[Visit],
    checks: Mapping[str, Mapping[str, int]],
) -> AdoptedPlan:  # fmt: skip
    known = {name: row[name] for name in ("id", "organisation", "kind", "area", "release",
                                          "adopted_on", "state")}  # fmt: skip
    plan = AdoptedPlan(
        **known, owner=row["owner"] or (OPERATOR if row["by_operator"] else ""),
        period=period_of(row["period"]),
        steps=tuple(Step(**{name: step[name] for name in _COLUMNS}) for step in steps),
    )  # fmt: skip
    if plan.kind == _WATCH:
        return replace(plan, steps=tuple(_roster_steps(steps, checks, closed=plan.is_closed)))
    if plan.is_closed:
        return plan
    by_place = _visits(visits, plan)
    return replace(plan, steps=tuple(
        replace(step, done=min(visit.when for visit in by_place[step.place]))
        if step.place in by_place else step
        for step in plan.steps
    ))  # fmt: skip


def _visits(visits: Iterable[Visit], plan: AdoptedPlan) -> dict[str, list[Visit]]:
    """The visits to the plan's villages within its period, by code."""
    codes = {step.place for step in plan.steps if _is_visited(plan.kind, step.place)}
    found: dict[str, list[Visit]] = {}
    for visit in visits:
        if visit.code in codes and (visit.when in plan.period.months
                                    or visit.when == plan.period.code):  # fmt: skip
            found.setdefault(visit.code, []).append(visit)
    return found


def _is_visited(kind: str, place: str) -> bool:
    """Whether a step is a visit to a village that has a code, which imports of visits name."""
    return kind == "outreach" and len(place) == CODE_LENGTHS["village"] and place[0].isdigit()


def _visible(principal: Principal | None) -> sa.Select[Any]:
    table, accounts = db.adopted_plans, db.accounts
    query = (
        sa.select(table, accounts.c.name.label("owner"))
        .select_from(table.outerjoin(accounts, table.c.account_id == accounts.c.id))
        .order_by(table.c.adopted_on.desc(), table.c.period.desc(), table.c.id)
    )
    if principal is None:
        return query
    query = query.where(table.c.tier == principal.tier)
    if principal.province is not None:
        query = query.where(table.c.province_code == principal.province)
    if principal.rights.posts:
        return query
    own = sa.select(accounts.c.organisation).where(accounts.c.name == principal.name)
    same = table.c.organisation == own.scalar_subquery()  # no organisation equals none
    return query.where((accounts.c.name == principal.name) | same)
