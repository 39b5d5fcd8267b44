"""The national plan of action and the reports of all provinces side by side, by sub task force.

For the national task force. Targets of the national plan are of the whole country and stand in for
no province's. Plans of provinces have indicators and codes of their own, so that no figure of what
was done is added up over them: how many indicators have one on record is counted, and rupiah are
added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from geo.codes import CODE_LENGTHS, COUNTRY, COUNTRY_NAME
from geo.i18n import Message
from geo.imports.plan_tables import PlanTables
from geo.periods import Period
from layers.query.area_names import inside
from layers.reports.fill import task_force_report
from layers.reports.values import Known, Report, Row

__all__ = ["NationalReport", "Part", "Standing", "national_report"]


@dataclass(frozen=True)
class Part:
    """One sub task force of one province: ``on_record`` of its indicators have a figure of what was
    done; rupiah of the year, None where no budget line has their codes.
    """

    code: str
    province: str
    version: str
    indicators: int
    on_record: int
    ceiling: float | None
    spent: float | None


@dataclass(frozen=True)
class Standing:
    """What is on record of a province in the period, with a plan of action or without.

    None is not on record, which is not zero; ``ceiling`` and ``spent`` are of all its budget lines.
    """

    code: str
    province: str
    version: str
    visits: int | None
    villages: int | None
    steps: int | None
    steps_done: int | None
    ceiling: float | None
    spent: float | None


@dataclass(frozen=True)
class NationalReport:
    """The national plan's own report, and all provinces: parts by sub task force, standings by
    province, and the reports themselves.
    """

    period: Period
    nation: Report
    sections: tuple[tuple[str, tuple[Part, ...]], ...]
    standings: tuple[Standing, ...]
    reports: tuple[Report, ...]
    notes: tuple[Message, ...]

    @property
    def title(self) -> Message:
        """Area and period."""
        return Message("report.title", {"area": COUNTRY_NAME, "period": self.period.name})

    @property
    def nation_line(self) -> Message | None:
        """Which national plan the first part is by; None without one."""
        version = self.nation.version
        return Message("report.national_plan", {"version": version}) if version else None

    @property
    def plans_line(self) -> Message:
        """How many provinces have a plan of action in the year."""
        with_plan = sum(bool(row.version) for row in self.standings)
        about = {"count": with_plan, "of": len(self.standings), "year": self.period.months[0][:4]}
        return Message("report.national_plans", about)

    def rows(self) -> Iterable[tuple[Report, str, Row]]:
        """Every indicator of a province, with its report and its sub task force."""
        for report in self.reports:
            for section in report.sections:
                yield from ((report, section.name, row) for row in section.rows)

    def document(self) -> dict[str, Any]:
        """The report as plain values; texts by language."""
        return {
            "area": COUNTRY, "area_name": COUNTRY_NAME, "period": self.period.code,
            "period_name": self.period.name.as_dict(), "plans": self.plans_line.as_dict(),
            "nation": self.nation.document(),
            "sections": [
                {"name": name, "provinces": [vars(part) for part in parts]}
                for name, parts in self.sections
            ],
            "standings": [vars(standing) for standing in self.standings],
            "notes": [note.as_dict() for note in self.notes],
        }  # fmt: skip


def national_report(
    tables: PlanTables, known: Known, period: Period, *, day: str
) -> NationalReport:
    """Reports of the country and its provinces, as :func:`layers.reports.fill.task_force_report`.

    Examples
    --------
    >>> from geo.imports.plan_tables import Indicator
    >>> from geo.periods import period_of
    >>> rest = ("1.1", "Desa", "desa", 2026, 4.0, "DP3A", "villages_visited", "rad.csv")
    >>> tables = PlanTables((Indicator("53", "RAD NTT", 2025, 2029, "Pencegahan", *rest),))
    >>> known = Known(visits=[("53.01.22.2001", "2026-10")], names={"53": "NTT", "51": "Bali"})
    >>> report = national_report(tables, known, period_of("2026-Q4"), day="2026-11-30")
    >>> [(name, part.province, part.on_record) for name, parts in report.sections for part in parts]
    [('Pencegahan', 'NTT', 1)]
    >>> [(row.province, row.visits) for row in report.standings]
    [('Bali', None), ('NTT', 1)]
    """
    provinces = sorted(
        (name, code) for code, name in known.names.items() if len(code) == CODE_LENGTHS["province"]
    )
    reports = [
        task_force_report(tables, known, code, period, day=day) for _, code in provinces
    ]  # fmt: skip
    named = replace(known, names={**known.names, COUNTRY: COUNTRY_NAME})
    nation = task_force_report(tables, named, COUNTRY, period, day=day)
    sections: dict[str, tuple[str, list[Part]]] = {}
    for report in reports:
        for section in report.sections:
            key = " ".join(section.name.casefold().split())
            sections.setdefault(key, (section.name, []))[1].append(_part(report, section.rows))
    return NationalReport(
        period=period,
        nation=nation,
        sections=tuple((name, tuple(parts)) for name, parts in sections.values()),
        standings=tuple(_standing(report, tables, known, period) for report in reports),
        reports=tuple(reports),
        notes=(nation.notes[0], Message("report.national_unlike"), *nation.notes[1:]),
    )


def _part(report: Report, rows: Sequence[Row]) -> Part:
    return Part(
        code=report.area, province=report.area_name, version=report.version, indicators=len(rows),
        on_record=sum(bool(row.done) for row in rows),
        ceiling=_sum(row.ceiling for row in rows), spent=_sum(row.spent for row in rows),
    )  # fmt: skip


def _standing(report: Report, tables: PlanTables, known: Known, period: Period) -> Standing:
    def of_period(when: str | None) -> bool:
        return when is not None and (when in period.months or when == period.code)

    def here(code: str) -> bool:
        return bool(code) and inside([code], report.area)[0]

    visited = [code for code, when in known.visits if of_period(when) and here(code)]
    steps = [step for step in known.steps if here(step.area)]
    planned = sum(of_period(step.planned) for step in steps)
    done = sum(of_period(step.done) for step in steps)
    year = int(period.months[0][:4])
    lines = [line for line in tables.budget if line.year == year and here(line.area_code)]
    return Standing(
        code=report.area, province=report.area_name, version=report.version,
        visits=len(visited) or None, villages=len(set(visited)) or None,
        steps=planned if planned or done else None, steps_done=done if planned or done else None,
        ceiling=_sum(line.ceiling for line in lines), spent=_sum(line.spent for line in lines),
    )  # fmt: skip


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
