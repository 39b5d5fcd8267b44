"""Why a place matters, what is on record there and who helps: from rows of one tier alone.

The page's cards, the brief and the offline pack all say it from here. Texts are
:class:`~geo.i18n.Message`, so that each can be written in any language.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from geo.classes import NOT_ASSESSED
from geo.codes import CODE_LENGTHS
from geo.i18n import Message
from layers.documents.drawing import is_unsure
from layers.query.area_names import inside
from layers.query.corridors import corridors_from

__all__ = [
    "Series", "VictimCounts", "areas_around", "corridor_area", "corridors_through",
    "counts_by_year", "is_working", "offices_for", "records_of_origin", "varied",
    "victims_by_attribute", "who_covers", "why",
]  # fmt: skip

Row = Mapping[str, Any]

_SERIES = 3
_REPLACED = ("p2tp2a",)
"""Kinds of office whose work others have taken over: since 2018 that of P2TP2A is of UPTD PPA."""
_ORIGINS, _CORRIDORS = 3, 2
_LEAST_SHARE = 0.01
_OF_ORIGIN = "deaths_abroad"
"""The published measure whose place is where people come from, and that years may be added of."""
_LISTS = ("returned_by_home_regency", "prevented_by_home_regency")
"""Published lists of where those come from whom one office counted in one period."""
_LEAST_PEERS = 3
_CASES = ("tppo_cases", "cases_handled", "police_reports", "tppo_victims")
"""Measures whose sources count in ways of their own, year by year."""
_ATTRIBUTES = ("sex", "child", "form")
"""Of victims, in the order in which they are told."""
_LANDED = "deportations"
"""The measure that counts people where they land, wherever they are from."""
_DEFERRED = ("interceptions", "prevented_by_home_regency")
"""Measures that follow how much is watched."""
_PROVINCE_KINDS = ("bp3mi", "polda", "police_ppa", "task_force", "uptd_ppa")
"""Offices of a province that its regencies turn to."""
_CARE = ("uptd_ppa", "p2tp2a", "police_ppa")
"""Offices that take up a victim's case."""
_IDLE = ("(rencana)", "(tidak beroperasi)")
"""In the name of an office that is planned or in formation, or does not run any more."""


@dataclass(frozen=True)
class Series:
    """Published counts of one measure and class in law, by year; classes are never added up."""

    measure: str
    legal_class: str
    values: Mapping[int, int]
    periods: Mapping[int, str] = field(default_factory=dict)
    """Months of years that are not whole, ``2019-01/2019-09``."""

    @property
    def note(self) -> Message | None:
        """What keeps one year from being set against another, or a place's from being its own
        people.

        Examples
        --------
        >>> Series("deportations", "unknown", {2024: 2295}).note.code
        'document.note_deportations'
        """
        if self.measure in _DEFERRED:
            return Message("document.note_interceptions")
        if self.measure == _LANDED:
            return Message("document.note_deportations")
        return Message("document.note_cases") if self.measure in _CASES else None


def areas_around(area: str) -> tuple[str, ...]:
    """The area, its regency and its province, the smallest first.

    Examples
    --------
    >>> areas_around("53.21.01"), areas_around("53")
    (('53.21.01', '53.21', '53'), ('53',))
    """
    ends = (len(area), CODE_LENGTHS["regency"], CODE_LENGTHS["province"])
    return tuple(dict.fromkeys(area[:end] for end in ends if area))


def corridor_area(corridor: Row) -> str:
    """Code of the area that a corridor starts from, else of the province of most of its people;
    '' where neither is known.

    Examples
    --------
    >>> corridor_area({"origins": [{"code": "53.06", "share": 0.9}]})
    '53'
    """
    origins = corridor.get("origins") or ()
    return str(corridor.get("origin_code") or (origins[0]["code"][:2] if origins else ""))


def counts_by_year(
    rows: Iterable[Row], area: str, *, of_passers: bool = False
) -> tuple[list[Series], str]:
    """Three series of an area, those of most years first, and the area they are of: the smallest
    around it that has any. ``of_passers`` leaves out counts of the area's own people, who need not
    have passed the port that is looked at.

    Examples
    --------
    >>> row = {"area_code": "53", "year": 2024, "measure": "deaths_abroad", "value": 30}
    >>> counts_by_year([{**row, "legal_class": "unknown"}], "53.21")
    ([Series(measure='deaths_abroad', legal_class='unknown', values={2024: 30}, periods={})], '53')
    """
    homes = (_OF_ORIGIN, *_LISTS) if of_passers else ()
    known = [row for row in rows if row["value"] is not None and row["measure"] not in homes]
    for code in areas_around(area):
        years: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
        periods: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
        for row in known:
            if row["area_code"] == code:
                key = (row["measure"], row["legal_class"])
                years[key][row["year"]] = row["value"]
                if row.get("period"):
                    periods[key][row["year"]] = row["period"]
        if years:
            longest = sorted(years.items(), key=lambda item: (-len(item[1]), item[0]))
            return [
                Series(*key, dict(sorted(values.items())), periods[key])
                for key, values in longest[:_SERIES]
            ], code
    return [], area


@dataclass(frozen=True)
class VictimCounts:
    """Victims of one area by one attribute (``sex``, ``child`` or ``form``) over some years.

    ``persons`` is by measure, as many as are on record; what is not named is not zero.
    """

    attribute: str
    year_from: int
    year_to: int
    persons: Mapping[str, int]


def victims_by_attribute(rows: Iterable[Row], area: str) -> tuple[list[VictimCounts], str]:
    """Victims by sex, of children and by form of exploitation, the newest years first, and the area
    they are of: the smallest around it of which any are shown.

    Parameters
    ----------
    rows : iterable of mapping
        The layer ``victims`` as the tier has it (:mod:`layers.release.victims`).
    area : str

    Examples
    --------
    >>> row = {"area_code": "53", "year_from": 2022, "year_to": 2024, "attribute": "sex"}
    >>> rows = [
    ...     {**row, "measure": f"victims_{sex}", "value": n}
    ...     for sex, n in (("male", 40), ("female", 55))
    ... ]
    >>> (found,), code = victims_by_attribute(rows, "53.21")
    >>> found.persons, code
    ({'victims_female': 55, 'victims_male': 40}, '53')
    """
    known = list(rows)
    for code in areas_around(area):
        families: dict[tuple[int, int, int], dict[str, int]] = defaultdict(dict)
        for row in known:
            if row["area_code"] == code:
                attribute = _ATTRIBUTES.index(row["attribute"])
                key = (-row["year_to"], row["year_from"], attribute)
                families[key][row["measure"]] = row["value"]
        if families:
            return [
                VictimCounts(_ATTRIBUTES[at], first, -last, dict(sorted(persons.items())))
                for (last, first, at), persons in sorted(families.items())
            ], code
    return [], area


def offices_for(rows: Iterable[Row], area: str) -> list[Row]:
    """Offices in the area (a district's: in its regency), those that name it as theirs, and those
    of its province that its regencies turn to, in this order; of each those first that take up a
    victim's case, last of all those that do not work.
    """
    if not area:
        return []
    area = area[: CODE_LENGTHS["regency"]]
    local: list[Row] = []
    serving: list[Row] = []
    provincial: list[Row] = []
    for row in rows:
        served = str(row["jurisdiction"] or "").split(";")
        if inside([str(row["area_code"])], area)[0]:
            local.append(row)
        elif any(inside([code], area)[0] for code in served):
            serving.append(row)
        elif area[:2] in served and row["kind"] in _PROVINCE_KINDS:
            provincial.append(row)
    nearest = [
        row
        for part in (local, serving, provincial)
        for row in sorted(part, key=lambda row: row["kind"] not in _CARE)
    ]
    return sorted(nearest, key=lambda row: not is_working(row))


def is_working(office: Row) -> bool:
    """Whether an office works: it is neither planned or in formation, nor known not to run.

    Examples
    --------
    >>> [is_working({"name": f"LTSA {state}"}) for state in ("Sikka", "Sikka (rencana)")]
    [True, False]
    """
    return not any(state in str(office["name"]) for state in _IDLE)


def varied(offices: Sequence[Row]) -> list[Row]:
    """The first office of every kind, then the second ones: a short list shows what there is.

    One whose work another of the same area has taken over comes last: it may be gone.
    """
    new = {row.get("area_code") for row in offices if row["kind"] == _CARE[0] and is_working(row)}
    earlier: Counter[str] = Counter()
    order = []
    for row in offices:
        gone = row["kind"] in _REPLACED and row.get("area_code") in new
        order.append((earlier[row["kind"]], gone))
        earlier[row["kind"]] += 1
    return [row for _, row in sorted(zip(order, offices, strict=True), key=lambda item: item[0])]


def who_covers(coverage: Iterable[Row], area: str) -> Message:
    """Villages on record with a task force: of the smallest area around that is known."""
    rows = {row["code"]: row for row in coverage}
    row = next((rows[code] for code in areas_around(area) if code in rows), None)
    if row is None:
        return Message("document.coverage_unknown")
    values = {"name": row["name"], "listed": row["listed"] or 0, "villages": row["villages"]}
    return Message("document.coverage", values)


def corridors_through(corridors: Iterable[Row], place: str) -> list[dict[str, Any]]:
    """Corridors whose people board or alight at a place, those that carry most first; none where
    the tier has no paths.
    """
    return corridors_from(
        row
        for row in corridors
        if any(stop["name"] == place for stop in row.get("waypoints") or ())
    )


def records_of_origin(
    counts: Iterable[Row], areas: Iterable[Row], code: str
) -> tuple[Message, ...]:
    """What is on record of a regency's own people, of what its departures rest on.

    Those who died abroad, per 100,000 inhabitants beside the middle of the other regencies of its
    province with such a record (none with fewer than ``_LEAST_PEERS`` of them), and of each list of
    homes its share beside that of the province's inhabitants who live there; first what is most
    above the usual.

    Examples
    --------
    >>> counts = [
    ...     {"area_code": f"53.0{n}", "measure": "deaths_abroad", "year": year, "value": 10.0 * n}
    ...     for n in (1, 2, 3, 4)
    ...     for year in (2017, 2024)
    ... ]
    >>> areas = [{"code": f"53.0{n}", "population": 200_000.0} for n in (1, 2, 3, 4)]
    >>> records_of_origin(counts, areas, "53.04")[0].params["rate"]
    40.0
    >>> found = {**counts[-1], "measure": "returned_by_home_regency", "legal_class": "unknown"}
    >>> (listed,) = records_of_origin([found, {**found, "area_code": "53.01"}], areas, "53.04")
    >>> listed.params["share"], listed.params["people"]
    (0.5, 0.25)
    """
    people = {
        row["code"]: row["population"]
        for row in areas
        if row.get("population") and row["code"][:2] == code[:2]
        if len(row["code"]) == CODE_LENGTHS["regency"]
    }
    of_homes = [
        row for row in counts if row["area_code"] in people and row.get("value") is not None
    ]
    found = [*_deaths_of_origin(of_homes, people, code), *_lists_of_homes(of_homes, people, code)]
    return tuple(sorted(found, key=_beside_others, reverse=True))


def _beside_others(record: Message) -> float:
    """How many times what is usual a record is."""
    at = record.params
    of, usual = (at["rate"], at["middle"]) if "rate" in at else (at["share"], at["people"])
    return float(of / usual) if usual else float("inf")


def _deaths_of_origin(
    counts: Iterable[Row], people: Mapping[str, float], code: str
) -> Iterable[Message]:
    totals: dict[str, float] = defaultdict(float)
    years = set()
    for row in counts:
        if row["measure"] == _OF_ORIGIN:
            totals[row["area_code"]] += row["value"]
            years |= {row["year"]} if row["area_code"] == code else set()
    rates = {place: 1e5 * total / people[place] for place, total in totals.items()}
    others = [rate for place, rate in rates.items() if place != code]
    if not totals.get(code) or len(others) < _LEAST_PEERS:
        return
    values = {
        "persons": totals[code], "first": min(years), "last": max(years), "rate": rates[code],
        "recorded": len(years), "count": len(others), "middle": median(others),
    }  # fmt: skip
    yield Message("document.record_of_origin", values)


def _lists_of_homes(
    counts: Iterable[Row], people: Mapping[str, float], code: str
) -> Iterable[Message]:
    lists: dict[tuple[str, int, str], dict[str, float]] = defaultdict(dict)
    for row in counts:
        if row["measure"] in _LISTS:
            about = (row["measure"], row["year"], row["legal_class"])
            lists[about][row["area_code"]] = row["value"]
    for (measure, year, _), homes in sorted(lists.items(), reverse=True):
        if homes.get(code) and len(homes) > 1 and code in people:
            values = {
                "year": year, "measure": Message(f"measure.{measure}"), "persons": homes[code],
                "all": sum(homes.values()), "share": homes[code] / sum(homes.values()),
                "people": people[code] / sum(people.values()),
            }  # fmt: skip
            yield Message("document.list_of_homes", values)


def why(
    kind: Literal["area", "port", "corridor"],
    row: Row,
    corridors: Sequence[Row] = (),
    records: Sequence[Message] = (),
) -> tuple[Mapping[str, str], ...]:
    """Reasons, a text by language each; empty where the tier has none.

    Of an area the first says what its departures rest on, since the conditions that follow have no
    part in them (docs/METHOD.md, section 3), and ``records`` (:func:`records_of_origin`) what of
    that is on record. ``corridors`` are those through a port.
    """
    if kind == "area":
        return tuple(_why_area(row, records))
    if kind == "corridor" and row.get("origins"):
        origins = [
            Message("document.origin_share", {"name": item["name"], "share": float(item["share"])})
            for item in row["origins"][:_ORIGINS]
            if item["share"] >= _LEAST_SHARE
        ]
        return (Message("document.main_origins", {"origins": origins}).as_dict(),)
    if kind == "port" and corridors:
        names = [row["name"] for row in corridors[:_CORRIDORS]]
        return (Message("document.port_corridors", {"corridors": names}).as_dict(),)
    return ()


def _why_area(row: Row, records: Sequence[Message]) -> Iterable[Mapping[str, str]]:
    if row.get("class") not in (None, NOT_ASSESSED):
        yield Message("document.departures_rest_on").as_dict()
        if is_unsure(row) and len(str(row.get("code"))) == CODE_LENGTHS["regency"]:
            yield Message("document.thin_record").as_dict()
    yield from (record.as_dict() for record in records)
    if row.get("reason_en"):
        texts = {name: str(value) for name, value in row.items() if name.startswith("reason_")}
        yield {name.removeprefix("reason_"): text for name, text in texts.items()}
    elif row.get("known_share") is not None:
        yield Message("document.reasons_closed").as_dict()
