"""Fill a report from a plan of action, a budget and what is on record; nothing is made up.

A figure that is not on record stays blank, with the reason beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from geo.codes import CODE_LENGTHS, COUNTRY
from geo.i18n import Message
from geo.imports.plan_tables import (
    BudgetLine,
    CalendarStep,
    Indicator,
    PlanTables,
    plan_version,
)
from geo.periods import Period
from layers.query.area_names import inside
from layers.release.counts import EVENTS
from layers.reports.values import Done, Known, Report, Row, Section

__all__ = ["calendar_of", "task_force_report"]


@dataclass(frozen=True)
class _Found:
    """What a measure gave: figures with their source, or why there is none."""

    done: tuple[Done, ...] = ()
    source: Message | None = None
    missing: Message | None = None


def task_force_report(
    tables: PlanTables, known: Known, area: str, period: Period, *, day: str
) -> Report:
    """The report of an area for a period.

    Targets, ceilings and spending are those of the year, as imported; what was done is of the
    period.

    Parameters
    ----------
    tables : PlanTables
    known : Known
    area : str
        Code of a province or regency, or :data:`geo.codes.COUNTRY`: its own plan and budget, and
        what was done anywhere. No province goes by these.
    period : Period
    day : str
        ISO day from which the next step of the calendar is looked for.

    Examples
    --------
    >>> from geo.periods import period_of
    >>> about = ("53", "RAD", 2025, 2029, "Pencegahan", "1.1", "Desa", "desa", 2026, 4.0)
    >>> tables = PlanTables((Indicator(*about, "DP3A", "villages_visited", "rad.csv"),))
    >>> known = Known(visits=[("53.01.22.2001", "2026-10"), ("53.01.22.2001", "2026-11")])
    >>> report = task_force_report(tables, known, "53", period_of("2026-Q4"), day="2026-11-30")
    >>> report.sections[0].rows[0].done
    (Done(value=1, of=None),)
    """
    year = int(period.months[0][:4])
    indicators = plan_version(tables.indicators, area, year)
    lines = [
        line for line in tables.budget if line.year == year and inside([line.area_code], area)[0]
    ]
    joined = [line for line in lines if _is_of(tables, line, indicators)]
    by_code: dict[str, list[BudgetLine]] = {}
    for line in joined:
        by_code.setdefault(line.indicator, []).append(line)
    sections: dict[str, list[Row]] = {}
    for indicator in indicators:
        row = _row(indicator, by_code.get(indicator.code, []), known, area, period)
        sections.setdefault(indicator.task_force, []).append(row)
    elsewhere = [line for line in lines if indicators and line not in joined]
    codes = {indicator.code for indicator in indicators}
    missing = []
    if not indicators:
        which = "report.no_national_plan" if area == COUNTRY else "report.no_plan"
        missing.append(_to_import(which, "action_plan", year=str(year)))
    if not lines and (indicators or area != COUNTRY):
        missing.append(_to_import("report.no_budget", "budget", year=str(year)))
    calendar = calendar_of(tables.calendar, area)
    coming = [step for step in calendar if step.until >= day[: len(step.until)]]
    return Report(
        area=area,
        area_name=known.names.get(area, area),
        period=period,
        version=indicators[0].version if indicators else "",
        sections=tuple(Section(name, tuple(rows)) for name, rows in sections.items()),
        unplanned=tuple(
            line for line in lines if line not in joined or line.indicator not in codes
        ),
        notes=_notes(indicators, lines, elsewhere, known, area, period),
        missing=tuple(missing),
        recorded=tuple(_recorded(known, area, period)),
        calendar=tuple(calendar),
        next_step=min(coming, key=lambda step: step.until) if coming else None,
    )


def _to_import(code: str, kind: str, **params: str) -> Message:
    """What is not on record, with the kind in the words of the room of imports."""
    return Message(code, {**params, "kind": Message(f"import_kind.{kind}")})


def _recorded(known: Known, area: str, period: Period) -> Iterator[Message]:
    """Counts of the area itself in the year, each with its part, and visits of the period."""
    year = period.months[0][:4]
    rows = [row for row in known.counts if row["area_code"] == area and str(row["year"]) == year]
    for row in sorted(rows, key=lambda row: (row["measure"], str(row.get("legal_class")))):
        if row.get("value") is None:
            continue
        about = {"measure": Message(f"measure.{row['measure']}"), "value": float(row["value"])}
        about |= {"what": _class(row), "part": row.get("period") or year}
        events = row.get("period") == EVENTS
        yield Message("report.recorded_events" if events else "report.recorded", about)
    if visits := _visits(known, area, period):
        about = {"count": len(visits), "villages": len(set(visits))}
        yield Message("report.recorded_visits", about)


def calendar_of(steps: Sequence[CalendarStep], area: str) -> list[CalendarStep]:
    """The steps of an area, else of its province, by when they end."""
    for place in dict.fromkeys((area, area[:2])):
        if own := [step for step in steps if step.area_code == place]:
            return sorted(own, key=lambda step: step.until)
    return []


def _is_of(tables: PlanTables, line: BudgetLine, indicators: Sequence[Indicator]) -> bool:
    """Whether the plan in force for a line's own area is that of a report: codes of two plans are
    alike by chance.
    """
    regency = line.area_code[: CODE_LENGTHS["regency"]]
    own = plan_version(tables.indicators, regency, line.year)
    plans = {(row.area_code, row.version) for row in indicators}
    return bool(plans & {(row.area_code, row.version) for row in own})


def _row(
    indicator: Indicator, lines: Sequence[BudgetLine], known: Known, area: str, period: Period
) -> Row:
    sources, missing = [], []
    if indicator.target is None:
        missing.append(Message("report.no_target"))
    else:
        sources.append(Message("report.from_plan", {"file": indicator.file}))
    if not indicator.measure:
        found = _Found(missing=Message("report.no_measure"))
    else:
        measure, _, legal_class = indicator.measure.partition(":")
        fill = _MEASURES.get(measure)
        if fill is not None:
            found = fill(known, area, period)
        else:
            found = _counted(known, area, period, measure, legal_class)
    if found.source is not None:
        sources.append(found.source)
    if found.missing is not None:
        missing.append(found.missing)
    ceiling = spent = None
    if lines:
        ceiling = sum(line.ceiling for line in lines)
        known_spent = [line.spent for line in lines if line.spent is not None]
        spent = sum(known_spent) if known_spent else None
        files = sorted({line.file for line in lines})
        sources.append(Message("report.from_budget", {"files": files, "count": len(lines)}))
        if unsaid := len(lines) - len(known_spent):
            missing.append(Message("report.spent_unknown", {"count": unsaid}))
    else:
        missing.append(Message("report.no_lines"))
    return Row(
        code=indicator.code, indicator=indicator.name, unit=indicator.unit,
        target=indicator.target, office=indicator.office, done=found.done, ceiling=ceiling,
        spent=spent, sources=tuple(sources), missing=tuple(missing),
    )  # fmt: skip


def _is_in(code: str, area: str) -> bool:
    """Whether something done at a place is done in an area; anywhere is in the country."""
    return bool(code) and (area == COUNTRY or inside([code], area)[0])


def _in_period(when: str, period: Period) -> bool:
    return when in period.months or when == period.code


def _visits(known: Known, area: str, period: Period) -> list[str]:
    return [code for code, when in known.visits if _in_period(when, period) and _is_in(code, area)]


def _of_visits(value: int) -> _Found:
    if not value:
        return _Found(missing=Message("report.no_visits"))
    return _Found((Done(value),), Message("report.from_visits"))


def _visit_count(known: Known, area: str, period: Period) -> _Found:
    return _of_visits(len(_visits(known, area, period)))


def _villages_visited(known: Known, area: str, period: Period) -> _Found:
    return _of_visits(len(set(_visits(known, area, period))))


def _people_reached(known: Known, area: str, period: Period) -> _Found:
    cells = [
        people
        for code, when, people in known.reached
        if _in_period(when, period) and _is_in(code, area)
    ]
    if not cells:
        return _Found(missing=Message("report.nobody_reached"))
    return _Found((Done(sum(cells)),), Message("report.from_reached"))


def _covered_share(known: Known, area: str, period: Period) -> _Found:
    """As of the release: of a period that holds its day, and of no other."""
    if known.released[:7] not in period.months:
        return _Found(missing=Message("report.coverage_of_day", {"day": known.released or "-"}))
    province = CODE_LENGTHS["province"]
    rows = [
        row for row in known.coverage
        if row["code"] == area or (area == COUNTRY and len(row["code"]) == province)
    ]  # fmt: skip
    listed = sum(row["listed"] or 0 for row in rows)
    if not listed:
        return _Found(missing=Message("report.no_coverage"))
    villages = sum(row["villages"] for row in rows)
    source = Message("report.from_coverage", {"listed": listed, "villages": villages})
    return _Found((Done(round(100.0 * listed / villages, 1)),), source)


def _steps_done(known: Known, area: str, period: Period) -> _Found:
    steps = [step for step in known.steps if _is_in(step.area, area)]
    planned = sum(_in_period(step.planned, period) for step in steps)
    done = sum(bool(step.done) and _in_period(str(step.done), period) for step in steps)
    if not planned and not done:
        return _Found(missing=Message("report.no_steps"))
    return _Found((Done(done),), Message("report.from_steps", {"count": planned}))


def _counted(known: Known, area: str, period: Period, measure: str, legal_class: str) -> _Found:
    """Counts on record of the area itself, of exactly the period; unlike ones are never added."""
    name = Message(f"measure.{measure}")
    rows = [
        row
        for row in known.counts
        if row["area_code"] == area and row["measure"] == measure
        and int(row["year"]) == int(period.months[0][:4])
        and legal_class in ("", row.get("legal_class"))
    ]  # fmt: skip
    fitting = [row for row in rows if _months(row) == (period.months[0], period.months[-1])]
    if not fitting:
        none = "report.no_national_count" if area == COUNTRY else "report.not_on_record"
        code = "report.other_period" if rows else none
        return _Found(missing=Message(code, {"measure": name}))
    several = len(fitting) > 1
    done = tuple(
        Done(row["value"], _class(row) if several or row.get("legal_class") else None)
        for row in sorted(fitting, key=lambda row: str(row.get("legal_class")))
    )
    sources = sorted({str(row["source"]) for row in fitting if row.get("source")})
    about = {"measure": name, "sources": sources}
    return _Found(done, Message("report.from_counts" if sources else "report.from_held", about))


def _months(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """First and last month of a count; None of single events."""
    period = str(row.get("period") or "")
    if period == EVENTS:
        return None
    first, _, last = period.partition("/")
    year = str(row["year"])
    return (first[:7], (last or first)[:7]) if period else (f"{year}-01", f"{year}-12")


def _class(row: Mapping[str, Any]) -> Message:
    return Message(
        "report.class_and_unit",
        {
            "legal_class": Message(f"legal_class.{row.get('legal_class') or 'unknown'}"),
            "unit": Message(f"unit.{row.get('unit') or 'person'}"),
        },
    )


def _notes(
    indicators: Sequence[Indicator], lines: Sequence[BudgetLine], elsewhere: Sequence[BudgetLine],
    known: Known, area: str, period: Period,
) -> tuple[Message, ...]:  # fmt: skip
    notes = [Message("report.year_figures", {"year": period.months[0][:4]})]
    if indicators and indicators[0].area_code != area:
        whose = known.names.get(indicators[0].area_code, indicators[0].area_code)
        notes.append(Message("report.plan_of_province", {"name": whose}))
    if elsewhere:
        codes = sorted({line.area_code for line in elsewhere})
        names = [known.names.get(code, code) for code in codes]
        notes.append(Message("report.of_own_plans", {"count": len(elsewhere), "names": names}))
    over = [line.code for line in lines if line.spent is not None and line.spent > line.ceiling]
    if over:
        notes.append(Message("report.overspent", {"codes": sorted(set(over))}))
    by_year = sum(
        when == period.months[0][:4] != period.code and _is_in(code, area)
        for code, when in known.visits
    )
    if by_year:
        notes.append(Message("report.visits_of_year", {"count": by_year}))
    notes.append(Message("report.by_hand"))
    return tuple(notes)


_MEASURES: Mapping[str, Callable[[Known, str, Period], _Found]] = MappingProxyType(
    {
        "visits": _visit_count,
        "villages_visited": _villages_visited,
        "people_reached": _people_reached,
        "villages_covered_share": _covered_share,
        "plan_steps_done": _steps_done,
    }
)
"""By name of the measure (:data:`geo.imports.plan_measures.PLAN_MEASURES`)."""
