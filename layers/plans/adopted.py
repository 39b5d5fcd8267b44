"""An adopted plan: its steps by month, and what is on record of its areas before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.codes import CODE_LENGTHS
from geo.errors import InputError
from geo.i18n import Message, languages
from geo.interventions import Month
from geo.periods import Period, period_of

__all__ = [
    "Step", "effect_text", "finished", "in_plans", "on_record", "size", "steps_of", "with_plans",
]  # fmt: skip

_SERIES = ("measure", "unit", "legal_class", "status", "how")
"""What has to be the same for two counts to be compared."""
_REGENCY = CODE_LENGTHS["regency"]


@dataclass(frozen=True)
class Step:
    """One step: a village by its code (else its id) or a terminal, in which month it is planned and
    was done; ``area`` is the code of its regency, where known.

    A step of a roster is all shifts of a terminal in a month: ``place`` is both
    (``tenau:2026-12``), ``shifts`` how many, ``kept`` how many watches are on record there in that
    month, ``checks`` what they found (rounded); None where nothing is on record.
    """

    place: str
    name: str
    area: str
    planned: str
    done: str | None = None
    shifts: int | None = None
    kept: int | None = None
    checks: Mapping[str, int] | None = None


def size(step: Mapping[str, Any]) -> int:
    """Steps that one of a document counts for: of a roster its shifts."""
    return step.get("shifts") or 1


def finished(step: Mapping[str, Any]) -> int:
    """How many of :func:`size` are done."""
    if step.get("shifts") is None:
        return int(step["done"] is not None)
    return min(step.get("kept") or 0, size(step))


def steps_of(
    answer: Mapping[str, Any], period: Period, areas: Mapping[str, str], *, day: str
) -> list[Step]:
    """The steps of a plan, dealt out evenly over the months of its period that are left on a day.

    Raises
    ------
    InputError
        It is a roster none of whose weeks begins in the period.

    A roster has its own weeks: its shifts stand by terminal in the month in which their week
    begins, those outside the period are left out.

    Places stand in the order of the plan, so that who adopts it meets again the list that was read,
    and the first months have those that come first in it. Files that travel sort them by name, so
    that such a list brands nobody (:func:`layers.plans.xlsx.adopted_book`, ``adopted_brief``).

    Parameters
    ----------
    answer : mapping
        Of :func:`layers.plans.serialize.outreach_answer`, ``posts_answer`` or
        :func:`layers.plans.watch.watch_answer`.
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
        return _shifts(answer["roster"], period, areas)
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


def _shifts(
    roster: Iterable[Mapping[str, Any]], period: Period, areas: Mapping[str, str]
) -> list[Step]:
    """Steps of a roster by regency, terminal and month; never by what is found there."""
    weeks, found = [], dict[tuple[str, str, str, str], int]()
    for shift in roster:
        weeks.append(month := shift["week"][:7])
        terminal, name = shift["terminal"]["id"], shift["terminal"]["name"]
        if month in period.months:
            key = areas.get(terminal, "")[:_REGENCY], name, terminal, month
            found[key] = found.get(key, 0) + 1
    if not found:
        ends = {"first": min(weeks, default="-"), "last": max(weeks, default="-")}
        raise InputError("watch.adopt_period", field="period", **ends)
    return [
        Step(f"{terminal}:{month}", name, area, month, shifts=count)
        for (area, name, terminal, month), count in sorted(found.items())
    ]


def in_plans(plan_id: str, area: str, period: Period, steps: Iterable[Step]) -> dict[str, Any]:
    """By place, in which plan and month a step stands that is not yet done."""
    return {
        step.place: {"plan": plan_id, "area": area, "period": period.code, "month": step.planned}
        for step in steps
        if step.done is None
    }


def with_plans(
    answer: Mapping[str, Any], plans: Iterable[Mapping[str, Mapping[str, str]]]
) -> dict[str, Any]:
    """An outreach plan with a mark at each village that an open plan of action has already.

    A mark and no exclusion: whoever plans may repeat a plan, or give one up.

    Parameters
    ----------
    answer : mapping
        :func:`layers.plans.serialize.outreach_answer`; it stays as it is.
    plans : iterable of mapping
        :func:`in_plans` of each open plan that the reader may see.

    Examples
    --------
    >>> from geo.periods import period_of
    >>> rows = [Step("53.07.01.2001", "Hepang", "53.07", "2026-11")]
    >>> open_plan = in_plans("p", "Sikka", period_of("2026-Q4"), rows)
    >>> villages = [{"id": f"v{k}", "code": f"53.07.01.200{k}"} for k in (1, 2)]
    >>> marked = with_plans({"villages": villages, "notes": []}, [open_plan])
    >>> first, second = (village["in_plans_said"] for village in marked["villages"])
    >>> first["id"], second
    ('Sudah ada dalam rencana kerja Sikka, triwulan 4 tahun 2026: dijadwalkan November 2026, \
belum terlaksana.', None)
    """
    known = list(plans)
    villages = []
    for row in answer["villages"]:
        place = row.get("code") or row["id"]
        found = [plan[place] for plan in known if place in plan]
        said = [
            Message("adopted.waiting", {
                "area": one["area"] or "-", "period": period_of(one["period"]).name,
                "month": Month.of(one["month"]),
            }).as_dict()
            for one in found
        ]  # fmt: skip
        joined = {lang: " ".join(one[lang] for one in said) for lang in languages()}
        villages.append({**row, "in_plans": found, "in_plans_said": joined if found else None})
    marked = {**answer, "villages": villages}
    if count := sum(bool(row["in_plans"]) for row in villages):
        note = Message("adopted.waiting_note", {"count": count}).as_dict()
        marked["notes"] = [*answer.get("notes", ()), note]
    return marked


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
