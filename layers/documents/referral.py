"""Who must be told: the offices that answer at each step, from finding a victim to coming home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from geo.contacts import share_served
from geo.guide import Duty, duties
from geo.i18n import Message, text
from layers.documents.argument import Row, is_working, offices_for

__all__ = ["Office", "ReferralStep", "nearness", "referral"]

_NAMED = 4
"""Offices that are named at a step."""
_SEVERAL = 2
"""Areas an office serves from which they are named: of one its name says it."""
_YEAR = 4
_ABROAD = "consulate"


@dataclass(frozen=True)
class Office:
    """One office that answers: ``serves`` names the areas it says are its own (none: its own town
    or regency), ``planned`` that it is only planned or in formation, or does not run.
    """

    id: str
    name: str
    kind: str
    place: str
    serves: tuple[str, ...]
    planned: bool
    source: str
    as_of: str


@dataclass(frozen=True)
class ReferralStep:
    """One step: who must answer by rule (a text by language), the offices on record, those of the
    place first, how many more there are, and what is to be said where none works.
    """

    step: str
    duty: Mapping[str, str]
    offices: tuple[Office, ...]
    more: int
    gap: Message | None

    @property
    def title(self) -> Message:
        """The step in words."""
        return Message(f"referral.{self.step}")

    def answers(self, language: str, *, by_rule: bool = True) -> list[str]:
        """The offices by name, town and year of the record with the areas they serve; or that none
        is on record, and ``by_rule`` who must answer.
        """
        lines = [_line(office, language) for office in self.offices]
        if self.more:
            lines.append(text("document.and_more", language, count=self.more))
        if self.gap:
            rule = [text("referral.by_rule", language, duty=self.duty[language])] if by_rule else []
            lines.append(" ".join([self.gap.in_language(language), *rule]))
        return lines


def referral(
    services: Iterable[Row], area: str, names: Mapping[str, str]
) -> tuple[ReferralStep, ...]:
    """The steps of :func:`geo.guide.duties` with the offices of an area, by their jurisdiction.

    Parameters
    ----------
    services : iterable of rows
        The layer ``services``.
    area : str
        Code of a province, regency or what lies within one ('' for none: consulates alone).
    names : mapping
        Names of provinces and regencies by code.

    Examples
    --------
    >>> office = {
    ...     "id": "V1",
    ...     "kind": "polres",
    ...     "name": "Polres Sikka",
    ...     "place": "Maumere",
    ...     "area_code": "53.07",
    ...     "jurisdiction": "",
    ...     "source": "F027",
    ...     "as_of": "2019",
    ... }
    >>> steps = {step.step: step for step in referral([office], "53.07.01", {})}
    >>> [office.name for office in steps["law_enforcement"].offices], steps["health"].gap.code
    (['Polres Sikka'], 'referral.gap')
    """
    rows = list(services)
    near = [*offices_for(rows, area), *(row for row in rows if row["kind"] == _ABROAD)]
    return tuple(_step(duty, near, area, names) for duty in duties())


def _line(office: Office, language: str) -> str:
    place = office.place if office.place not in office.name else ""
    known = ", ".join(filter(None, (place, office.as_of[:_YEAR])))
    name = f"{office.name} ({known})" if known else office.name
    if len(office.serves) < _SEVERAL:
        return name
    return f"{name}: {text('referral.serves', language, areas=', '.join(office.serves))}"


def _step(duty: Duty, offices: Iterable[Row], area: str, names: Mapping[str, str]) -> ReferralStep:
    known = [row for row in offices if row["kind"] in duty.kinds]
    # nobody is sent to what is only planned or does not run while an office works
    answering = sorted(
        [row for row in known if is_working(row)] or known,
        key=lambda row: (
            -nearness(row, area),
            -share_served(row, area[:2]),
            duty.kinds.index(row["kind"]),
        ),
    )
    gap = None
    if not answering:
        gap = Message("referral.gap")
    elif not any(map(is_working, answering)):
        gap = Message("referral.only_planned")
    named = tuple(_office(row, names) for row in answering[:_NAMED])
    return ReferralStep(duty.step, duty.text, named, max(0, len(answering) - _NAMED), gap)


def nearness(row: Row, area: str) -> int:
    """Of those that serve all of the area the most its own: length of the code that they serve; 0
    for an office of a part of it.
    """
    own = str(row["area_code"] or "")
    codes = _served(row) or [own]
    return max((len(code) for code in codes if code and area.startswith(code)), default=0)


def _served(row: Row) -> list[str]:
    return [code for code in str(row["jurisdiction"] or "").split(";") if code]


def _office(row: Row, names: Mapping[str, str]) -> Office:
    texts: dict[str, Any] = {
        name: str(row[name] or "") for name in ("id", "name", "kind", "place", "source", "as_of")
    }
    serves = tuple(names[code] for code in _served(row) if code in names)
    return Office(**texts, serves=serves, planned=not is_working(row))
