"""An adopted plan: its steps by month, and what is on record of its areas before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.codes import CODE_LENGTHS
from geo.errors import InputError
from geo.i18n import Message
from geo.periods import Period

__all__ = ["Step", "effect_text", "on_record", "steps_of"]

_SERIES = ("measure", "unit", "legal_class", "status", "how")
"""What has to be the same for two counts to be compared."""
_REGENCY = CODE_LENGTHS["regency"]


@dataclass(frozen=True)
class Step:
    """One step: a village by its code (else its id) or a terminal, in which month it is planned and
    was done; ``area`` is the code of its regency, where known.
    """

    place: str
    name: str
    area: str
    planned: str
    done: str | None = None


def steps_of(
    answer: Mapping[str, Any], period: Period, areas: Mapping[str, str], *, day: str
) -> list[Step]:
    """The steps of a plan, dealt out evenly over the months of its period that are left on a day.

    Raises
    ------
    InputError
        It is a roster, which has weeks.

    Places stand in the order of the plan, so that who adopts it meets again the list that was read,
    and the first months have those that come first in it. Files that travel sort them by name, so
    that such a list brands nobody (:func:`layers.plans.xlsx.adopted_book`, ``adopted_brief``).

    Parameters
    ----------
    answer : mapping
        Of :func:`layers.plans.serialize.outreach_answer` or ``posts_answer``.
    period : Period
        One that is over has all its months.
    areas : mapping
        Codes of areas by terminal.
    day : str
        ISO day of the adoption.

    Examples
    --------
    >>> from geo.periods import period_of
    >>> villages = [
    ...     {"id": "v1", "code": f"53.07.01.200{k}", "name": name}
    ...     for k, name in enumerate(("Hepang", "Bola", "Lela"))
    ... ]
    >>> steps = steps_of({"villages": villages}, period_of("2026-Q4"), {}, day="2026-11-05")
    >>> [(step.name, step.planned) for step in steps]
    [('Hepang', '2026-11'), ('Bola', '2026-11'), ('Lela', '2026-12')]
    """
    if "roster" in answer:
        raise InputError("watch.no_plan_of_action", field="job")
    if "posts" in answer:
        rows = [(row["id"], row["name"], areas.get(row["id"], "")) for row in answer["posts"]]
    else:
        found = [(row.get("code") or "", row) for row in answer["villages"]]
        rows = [(code or row["id"], row["name"], code[:_REGENCY]) for code, row in found]
    months = [month for month in period.months if month >= day[: len(month)]] or period.months
    return [
        Step(place, name, area[:_REGENCY], months[k * len(months) // len(rows)])
        for k, (place, name, area) in enumerate(rows)
    ]


def on_record(
    counts: Iterable[Mapping[str, Any]], area: str, period: Period
) -> list[dict[str, Any]]:
    """Counts of a regency before and after a period, of each series that has both.

    Whole years alone: the last before that of the period, the first after it. It compares nothing
    else, so it is no effect: who plans reads it beside the effort.

    Returns
    -------
    list of dict
        ``measure, before, after``, each of the last two ``{"year", "value"}``.

    Examples
    --------
    >>> from geo.periods import period_of
    >>> row = dict(area_code="53.07", measure="intercepted", unit="person", period=None)
    >>> rows = [{**row, "year": y, "value": v} for y, v in ((2022, 40), (2023, 35), (2025, 20))]
    >>> on_record(rows, "53.07", period_of("2024-Q3"))
    [{'measure': 'intercepted', 'before': {'year': 2023, 'value': 35}, 'after': {'year': 2025, \
'value': 20}}]
    """
    first, last = (int(month[:4]) for month in (period.months[0], period.months[-1]))
    series: dict[tuple[Any, ...], dict[int, Any]] = {}
    for row in counts:
        if row["area_code"] == area and not row.get("period"):
            key = tuple(row.get(name) for name in _SERIES)
            series.setdefault(key, {})[int(row["year"])] = row["value"]
    found = []
    for (measure, *_), years in sorted(series.items(), key=lambda item: str(item[0])):
        earlier = [year for year in years if year < first]
        later = [year for year in years if year > last]
        if earlier and later:
            ends = {"before": max(earlier), "after": min(later)}
            at = {end: {"year": year, "value": years[year]} for end, year in ends.items()}
            found.append({"measure": measure, **at})
    return found


def effect_text(effect: Sequence[Mapping[str, Any]], language: str) -> str:
    """What :func:`on_record` found in words; without anything, that it cannot be judged yet."""
    if not effect:
        return Message("adopted.not_judged").in_language(language)
    return "; ".join(
        Message(
            "adopted.on_record",
            {
                "measure": Message(f"measure.{row['measure']}"),
                **{f"{end}_year": str(row[end]["year"]) for end in ("before", "after")},
                **{end: row[end]["value"] for end in ("before", "after")},
            },
        ).in_language(language)
        for row in effect
    )
