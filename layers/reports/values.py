"""A report and a proposal as values, before any file is written of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.i18n import Message
from geo.imports.plan_tables import BudgetLine, CalendarStep
from geo.periods import Period

__all__ = ["Done", "Known", "Planned", "Proposal", "ProposalRow", "Report", "Row", "Section"]


@dataclass(frozen=True)
class Planned:
    """A step of an adopted plan: ``village`` by its code, ISO months planned and done (or None)."""

    kind: str
    village: str
    name: str
    area: str
    planned: str
    done: str | None


@dataclass(frozen=True)
class Known:
    """What Petajaga knows beside the office's own tables, as the reader may have it.

    Attributes
    ----------
    visits : sequence of (str, str)
        Code of the village and ISO month (or year, where no more is known) of each visit.
    reached : sequence of (str, str, int)
        Code of the regency, ISO month or year, and people reached, each cell rounded once.
    counts, coverage : sequence of mapping
        Rows of these layers of the release at the reader's tier.
    steps : sequence of Planned
        Of the adopted plans that the reader sees.
    names : mapping
        Names of areas by code.
    released : str
        ISO day of the release, of which ``coverage`` is; '' if not known.
    """

    visits: Sequence[tuple[str, str]] = ()
    reached: Sequence[tuple[str, str, int]] = ()
    counts: Sequence[Mapping[str, Any]] = ()
    coverage: Sequence[Mapping[str, Any]] = ()
    steps: Sequence[Planned] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    released: str = ""


@dataclass(frozen=True)
class Done:
    """A figure of what was done; ``of`` says of what, where there are several."""

    value: float
    of: Message | None = None


@dataclass(frozen=True)
class Row:
    """An indicator: amounts in rupiah, None where nothing is imported; ``done`` is empty where
    nothing is on record. ``sources`` say where each figure comes from, ``missing`` why one is not
    there.
    """

    code: str
    indicator: str
    unit: str
    target: float | None
    office: str
    done: tuple[Done, ...] = ()
    ceiling: float | None = None
    spent: float | None = None
    sources: tuple[Message, ...] = ()
    missing: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Section:
    """A sub task force with its indicators, both in the order of the plan."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Report:
    """The report of a task force for a period; ``version`` is empty without a plan.

    ``unplanned`` are budget lines of the area that are not of this plan: their indicator is not in
    it, or their own area has a plan of its own. ``recorded`` says what is on record of the area in
    the year, whether a plan asks for it or not. ``next_step`` is the step of the planning calendar
    that ends next.
    """

    area: str
    area_name: str
    period: Period
    version: str
    sections: tuple[Section, ...]
    unplanned: tuple[BudgetLine, ...]
    notes: tuple[Message, ...]
    missing: tuple[Message, ...]
    recorded: tuple[Message, ...] = ()
    calendar: tuple[CalendarStep, ...] = ()
    next_step: CalendarStep | None = None

    @property
    def next_step_line(self) -> Message | None:
        """Which step of the planning calendar ends next; None without one."""
        if (step := self.next_step) is None:
            return None
        about = {
            "step": Message(f"calendar.{step.step}"), "year": str(step.year), "until": step.until,
            "source": step.source,
        }  # fmt: skip
        return Message("report.next_step", about)

    def document(self) -> dict[str, Any]:
        """The report as plain values; texts by language."""
        return {
            "area": self.area, "area_name": self.area_name, "period": self.period.code,
            "period_name": self.period.name.as_dict(), "version": self.version,
            "sections": [
                {"name": section.name, "rows": [_row(row) for row in section.rows]}
                for section in self.sections
            ],
            "unplanned": [_line(line) for line in self.unplanned],
            "notes": [note.as_dict() for note in self.notes],
            "missing": [note.as_dict() for note in self.missing],
            "recorded": [line.as_dict() for line in self.recorded],
            "calendar": [_step(step) for step in self.calendar],
            "next_step": _step(self.next_step) if self.next_step else None,
            "next_step_line": line.as_dict() if (line := self.next_step_line) else None,
        }  # fmt: skip


@dataclass(frozen=True)
class ProposalRow:
    """A sub-activity at one place; names of its areas from province to village."""

    code: str
    name: str
    places: tuple[str, str, str, str]
    area_code: str
    target_group: str
    target: float | None
    unit: str
    ceiling: float | None
    funds: str
    office: str


@dataclass(frozen=True)
class Proposal:
    """Proposed activities of a period, and what has to be said of them."""

    area: str
    area_name: str
    period: Period
    rows: tuple[ProposalRow, ...]
    notes: tuple[Message, ...]

    def document(self) -> dict[str, Any]:
        """The proposal as plain values; texts by language."""
        return {
            "area": self.area, "area_name": self.area_name, "period": self.period.code,
            "rows": [
                {"code": row.code, "name": row.name, "places": list(row.places),
                 "area_code": row.area_code, "target_group": row.target_group,
                 "target": row.target, "unit": row.unit, "ceiling": row.ceiling,
                 "funds": row.funds, "office": row.office}
                for row in self.rows
            ],
            "notes": [note.as_dict() for note in self.notes],
        }  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    return {
        "code": row.code, "indicator": row.indicator, "unit": row.unit, "target": row.target,
        "office": row.office,
        "done": [
            {"value": done.value, "of": done.of.as_dict() if done.of else None}
            for done in row.done
        ],
        "ceiling": row.ceiling, "spent": row.spent,
        "sources": [source.as_dict() for source in row.sources],
        "missing": [reason.as_dict() for reason in row.missing],
    }  # fmt: skip


def _line(line: BudgetLine) -> dict[str, Any]:
    return {
        "code": line.code, "name": line.name, "indicator": line.indicator,
        "area_code": line.area_code, "ceiling": line.ceiling, "spent": line.spent,
        "office": line.office,
    }  # fmt: skip


def _step(step: CalendarStep) -> dict[str, Any]:
    return {
        "step": step.step, "year": step.year, "starts": step.starts, "until": step.until,
        "source": step.source,
    }  # fmt: skip
