"""The plans of action, budgets and calendars that offices imported, as reports read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geo.imports.days import today
from geo.imports.kinds import ACTION_PLAN, BUDGET, PLANNING_CALENDAR
from geo.imports.reference import budget_holder
from geo.imports.store import Entry, entry_rows, in_effect
from geo.paths import Home

__all__ = [
    "BudgetLine", "CalendarStep", "Indicator", "PlanTables", "plan_tables", "plan_version",
]  # fmt: skip


@dataclass(frozen=True)
class Indicator:
    """An indicator of a plan of action in one year; ``target`` is None where the plan has none.

    ``area_code`` is whose plan it is, ``measure`` as
    :func:`geo.imports.plan_measures.plan_measure`, ``file`` the name of the imported file.
    """

    area_code: str
    version: str
    first_year: int
    last_year: int
    task_force: str
    code: str
    name: str
    unit: str
    year: int
    target: float | None
    office: str
    measure: str
    file: str


@dataclass(frozen=True)
class BudgetLine:
    """A sub-activity at a place in one year; amounts in rupiah, None where the file has none."""

    year: int
    code: str
    name: str
    indicator: str
    area_code: str
    target_group: str
    target: float | None
    unit: str
    unit_cost: float | None
    ceiling: float
    spent: float | None
    funds: str
    office: str
    file: str


@dataclass(frozen=True)
class CalendarStep:
    """A step of the planning of a year, with its first (may be empty) and last day or month."""

    area_code: str
    year: int
    step: str
    starts: str
    until: str
    source: str


@dataclass(frozen=True)
class PlanTables:
    """What is imported of plans, budgets and calendars; later rows stand for earlier ones."""

    indicators: tuple[Indicator, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    calendar: tuple[CalendarStep, ...] = ()


def plan_tables(home: Home) -> PlanTables:
    """The imported tables of a home; without any, empty ones.

    A budget stands for all earlier lines of its area, year and office: what a revised one leaves
    out is no line any more. Offices that send their own keep theirs.

    Raises
    ------
    StateError
        An import is missing.
    """
    indicators: dict[tuple[str, ...], Indicator] = {}
    budget: dict[tuple[str, ...], BudgetLine] = {}
    calendar: dict[tuple[str, ...], CalendarStep] = {}
    holder_of: dict[tuple[str, ...], tuple[str, ...]] = {}
    held: dict[tuple[str, ...], str] = {}  # which import has an office's lines
    for entry, row in _rows(home):
        if entry.kind == ACTION_PLAN.name:
            key = tuple(row[name] for name in ACTION_PLAN.key)
            indicators.pop(key, None)
            indicators[key] = Indicator(
                row["area_code"], row["version"], int(row["first_year"]), int(row["last_year"]),
                row["task_force"], row["indicator_code"], row["indicator"], row["unit"],
                int(row["year"]), _number(row["target"]), row["office"], row["measure"],
                entry.file,
            )  # fmt: skip
        elif entry.kind == BUDGET.name:
            holder = budget_holder(row)
            if held.get(holder, entry.id) != entry.id:
                budget = {key: line for key, line in budget.items() if holder_of[key] != holder}
            held[holder] = entry.id
            holder_of[tuple(row[name] for name in BUDGET.key)] = holder
            budget[tuple(row[name] for name in BUDGET.key)] = BudgetLine(
                int(row["year"]), row["sub_activity_code"], row["name"], row["indicator_code"],
                row["area_code"], row["target_group"], _number(row["target"]), row["unit"],
                _number(row["unit_cost_idr"]), float(row["ceiling_idr"]),
                _number(row["spent_idr"]), row["source_of_funds"], row["office"], entry.file,
            )  # fmt: skip
        else:
            calendar[tuple(row[name] for name in PLANNING_CALENDAR.key)] = CalendarStep(
                row["area_code"], int(row["year"]), row["step"], row["starts"], row["until"],
                row["source"],
            )  # fmt: skip
    return PlanTables(tuple(indicators.values()), tuple(budget.values()), tuple(calendar.values()))


def _rows(home: Home) -> Iterator[tuple[Entry, dict[str, str]]]:
    kinds = {kind.name for kind in (ACTION_PLAN, BUDGET, PLANNING_CALENDAR)}
    for entry in in_effect(home, today()):
        if entry.kind in kinds:
            yield from ((entry, row) for row in entry_rows(home, entry))


def plan_version(indicators: Sequence[Indicator], area: str, year: int) -> list[Indicator]:
    """The indicators of a year in the version of an area's plan that is in force then.

    Of versions whose years hold it, the one that begins last; of several of one first year the one
    imported last. Without a plan of its own a regency goes by that of its province.

    Examples
    --------
    >>> def row(version, first, year, area="53"):
    ...     about = ("Pencegahan", "1.1", "Desa", "desa", year, 4.0, "", "", "rad.csv")
    ...     return Indicator(area, version, first, 2029, *about)
    >>> rows = [row("RAD", 2025, 2027), row("RAD revisi", 2027, 2027), row("RAD", 2025, 2026)]
    >>> [plan_version(rows, "53.04", year)[0].version for year in (2026, 2027)]
    ['RAD', 'RAD revisi']
    """
    for place in dict.fromkeys((area, area[:2])):
        own = [row for row in indicators if row.area_code == place]
        held = [row for row in own if row.first_year <= year <= row.last_year]
        if held:
            begins = max(row.first_year for row in held)
            version = [row.version for row in held if row.first_year == begins][-1]
            return [row for row in held if row.version == version and row.year == year]
    return []


def _number(text: str) -> float | None:
    return float(text) if text else None
