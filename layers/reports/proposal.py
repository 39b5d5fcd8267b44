"""Proposed activities: the villages of adopted plans as rows that the planning system takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.errors import InputError
from geo.i18n import Message
from geo.imports.plan_tables import BudgetLine, PlanTables, plan_version
from geo.periods import Period
from layers.query.area_names import inside
from layers.reports.values import Known, Planned, Proposal, ProposalRow

__all__ = ["proposal_of"]

_BY_VILLAGE = ("visits", "villages_visited")
_UNITS = frozenset({
    "desa", "kelurahan", "kegiatan", "village", "villages", "activity", "activities", "urban",
    "ward", "wards",
})  # fmt: skip
"""Units of which one village is one: of another (persons, packages) its number is not known."""
_LEVELS = (2, 5, 8)
"""Lengths of the codes of a province, regency and district."""


def proposal_of(
    tables: PlanTables, known: Known, area: str, period: Period, *, sub_activity: str = "",
    unit_cost: float | None = None,
) -> Proposal:  # fmt: skip
    """A row for each sub-activity and village that adopted plans have in the period, not yet done.

    Sub-activities are those of the budget whose indicator is filled by visits or villages visited,
    or the one named. The target is one where the budget counts villages or activities, else blank;
    the ceiling is target times cost of one, and blank without either.

    Parameters
    ----------
    tables, known, area, period
        As in :func:`layers.reports.fill.task_force_report`.
    sub_activity : str
        Code of the only sub-activity.
    unit_cost : float, optional
        Rupiah for one village, in place of that of the budget; whatever its unit.

    Raises
    ------
    InputError
        The budget has no such sub-activity.
    """
    steps = sorted(
        (step for step in known.steps if step.kind == "outreach" and not step.done
         and step.planned in period.months and inside([step.area], area)[0]),
        key=lambda step: (step.area, step.name),
    )  # fmt: skip
    steps = list({step.village: step for step in steps}.values())
    notes = [] if steps else [Message("report.no_villages", {"period": period.name})]
    lines, year = _lines(tables, area, period, sub_activity)
    if not lines:
        notes.append(Message("report.no_sub_activity"))
    elif year != int(period.months[0][:4]):
        notes.append(Message("report.budget_of", {"year": str(year)}))
    rows = [
        _row(step, line, known, unit_cost)
        for step in steps
        for line in _nearest(lines, step.village) or [None]
    ]
    if other := sorted({row.unit or "-" for row in rows if row.target is None and row.code}):
        notes.append(Message("report.other_unit", {"units": other}))
    if any(row.ceiling is None and (row.target or not row.code) for row in rows):
        notes.append(Message("report.no_unit_cost"))
    return Proposal(area, known.names.get(area, area), period, tuple(rows), tuple(notes))


def _lines(
    tables: PlanTables, area: str, period: Period, sub_activity: str
) -> tuple[list[BudgetLine], int]:
    """Lines of the newest budget up to the year of the period, and its year."""
    year = int(period.months[0][:4])
    near = [
        line
        for line in tables.budget
        if line.year <= year
        and (inside([line.area_code], area)[0] or inside([area], line.area_code)[0])
    ]
    if sub_activity:
        codes = sorted({line.code for line in near})
        near = [line for line in near if line.code == sub_activity]
        if not near:
            raise InputError(
                "report.unknown_sub_activity", activity=sub_activity, known=codes[:20],
                field="sub_activity",
            )  # fmt: skip
    years = sorted({line.year for line in near}, reverse=True)
    for newest in years:
        fills = {row.code for row in plan_version(tables.indicators, area, newest)
                 if row.measure in _BY_VILLAGE}  # fmt: skip
        lines = [line for line in near if line.year == newest
                 and (sub_activity or line.indicator in fills)]  # fmt: skip
        if lines:
            return lines, newest
    return [], year


def _nearest(lines: Sequence[BudgetLine], village: str) -> list[BudgetLine | None]:
    """Of each sub-activity the line of the smallest area that holds the village."""
    found: dict[str, BudgetLine] = {}
    for line in sorted(lines, key=lambda line: len(line.area_code)):
        if inside([village], line.area_code)[0]:
            found[line.code] = line
    return [found[code] for code in sorted(found)]


def _row(
    step: Planned, line: BudgetLine | None, known: Known, unit_cost: float | None
) -> ProposalRow:
    places = [known.names.get(step.village[:length], "") for length in _LEVELS]
    about = (*places, step.name)
    target = 1.0 if line and _is_of_village(line.unit) else None
    cost = unit_cost if unit_cost is not None else line.unit_cost if line and target else None
    return ProposalRow(
        code=line.code if line else "", name=line.name if line else "",
        places=(about[0], about[1], about[2], about[3]), area_code=step.village,
        target_group=line.target_group if line else "", target=target,
        unit=line.unit if line else "", ceiling=cost, funds=line.funds if line else "",
        office=line.office if line else "",
    )  # fmt: skip


def _is_of_village(unit: str) -> bool:
    """Whether one village is one of a budget's unit.

    >>> _is_of_village("Desa/Kelurahan"), _is_of_village("orang"), _is_of_village("")
    (True, False, False)
    """
    words = set(re.findall(r"[a-z]+", unit.lower())) - {"dan", "and", "atau", "or"}
    return bool(words) and words <= _UNITS
