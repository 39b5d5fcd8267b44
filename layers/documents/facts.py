"""What a document says about its subject, from what the tier sees and nothing else.

The offline pack and the brief show these; texts are :class:`~geo.i18n.Message`, so that each can
be written in any language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from geo.classes import NOT_ASSESSED, UNSURE_BELOW, significant
from geo.codes import CODE_LENGTHS
from geo.i18n import Message
from geo.sources import Citation, citations
from layers.documents.argument import (
    Series,
    VictimCounts,
    corridors_through,
    counts_by_year,
    offices_for,
    records_of_origin,
    victims_by_attribute,
    why,
)
from layers.documents.drawing import is_unsure
from layers.documents.pretexts import pretexts_near
from layers.documents.subject import Contents, Row, Subject
from layers.query.area_names import inside
from layers.query.corridors import corridors_from, corridors_of_most, starts_of
from layers.query.ports import ports
from layers.schema import CLASS_RANK

__all__ = ["FOUNDERS", "Facts", "Headline", "class_said", "gather_facts"]

_SHOWN_CORRIDORS, _MOST_OF_CLASSES = 6, 12
FOUNDERS: Mapping[str, str] = MappingProxyType(
    {
        "uptd_ppa": "regency",
        "ltsa": "regency",
        "immigration_office": "immigration",
        "p4mi": "placement",
    }
)
"""Who can open an office, by the kinds whose absence from a regency's list is worth a sentence.

A regency founds its service for women and children (Regulation 4/2018 of the Minister of Women's
Empowerment and Child Protection) and its one-stop service for migrant workers (Government
Regulation 59/2021, article 30(2)); the others are offices of the state's own services. A police
unit for women and children is in every resort, whether the list has it or not.
"""


@dataclass(frozen=True)
class Headline:
    """The number or class in large type, its 90 % interval, what it is, and sentences below it."""

    value: Message
    ends: Message | None
    label: Message
    lines: tuple[Message, ...]
    class_name: str


@dataclass(frozen=True)
class Facts:
    """What is said of a subject.

    Attributes
    ----------
    headline : Headline
    why : tuple of mapping
        Reasons, a text by language each; empty where the tier has none.
    counts : list of Series
        Of ``counts_area``, the subject's area, or its province where the area has none.
    victims, victims_area
        Of the newest years, by attribute (:func:`layers.documents.argument.victims_by_attribute`).
    services : list of rows
        Offices in the area first, then those that serve it.
    lacking : tuple of str
        Kinds of office that the list has neither in the regency nor as naming it theirs.
    corridors, ports : lists of rows
    corridors_title : Message
        Whose corridors they are, and where their people start, where the tier sees it.
    corridors_closed : bool
        Whether the tier sees no corridor's way, so that none can be said to pass a port.
    count_sources : mapping
        What ``counts`` were read in: their years by source, the newest first.
    pretexts : dict
        On record near it (:func:`layers.query.pretexts.pretexts_of`).
    """

    headline: Headline
    why: tuple[Mapping[str, str], ...]
    counts: Sequence[Series]
    counts_area: str
    victims: Sequence[VictimCounts]
    victims_area: str
    services: Sequence[Row]
    lacking: tuple[str, ...]
    corridors: Sequence[Row]
    corridors_title: Message
    corridors_closed: bool
    ports: Sequence[Row]
    count_sources: Mapping[Citation, Sequence[int]]
    pretexts: Mapping[str, Any]


def gather_facts(contents: Contents, subject: Subject) -> Facts:
    """Collect what the tier may know of a subject."""
    offices = ({**row, "point": shape} for row, shape in contents.rows("services"))
    services = offices_for(offices, subject.area)
    kinds = {
        row["kind"] for row in services
        if any(inside([row["area_code"], *(row["jurisdiction"] or "").split(";")], subject.area))
    }  # fmt: skip
    is_regency = subject.kind == "area" and len(subject.area) > 2
    counts, counts_area = counts_by_year(
        (row for row, _ in contents.rows("counts")), subject.area, of_passers=subject.kind == "port"
    )
    victims, victims_area = victims_by_attribute(
        (row for row, _ in contents.rows("victims")), subject.area
    )
    corridors = _corridors(contents, subject)
    terminals = [row for row, _ in contents.rows("terminals") if row["id"] != subject.id]
    return Facts(
        headline=_headline(contents, subject),
        why=why(
            subject.kind, subject.row, corridors,
            records_of_origin(
                (row for row, _ in contents.rows("counts")),
                (row for row, _ in contents.rows("areas")), subject.area,
            ),
        ),
        counts=counts,
        counts_area=counts_area,
        victims=[one for one in victims if one.year_to == victims[0].year_to],
        victims_area=victims_area,
        services=services,
        lacking=tuple(k for k in FOUNDERS if is_regency and k not in kinds),
        corridors=corridors,
        corridors_title=_corridors_title(contents, subject, corridors),
        corridors_closed=subject.kind == "port"
        and not any(row.get("waypoints") for row, _ in contents.rows("corridors")),
        ports=ports(terminals, subject.area or None),
        count_sources=_count_sources(
            (row for row, _ in contents.rows("counts")), counts_area, counts
        ),
        pretexts=pretexts_near(contents, subject.kind, subject.row, subject.area),
    )  # fmt: skip


def _count_sources(
    rows: Iterable[Row], area: str, shown: Sequence[Series]
) -> Mapping[Citation, Sequence[int]]:
    """Years of the series shown, by the source they were read in; the newest first."""
    kept = {(one.measure, one.legal_class) for one in shown}
    years: dict[Citation, set[int]] = {}
    for row in rows:
        if row["area_code"] == area and (row["measure"], row["legal_class"]) in kept:
            for source in citations(row.get("source") or ""):
                years.setdefault(source, set()).add(int(row["year"]))
    newest = sorted(years.items(), key=lambda item: (-max(item[1]), item[0]))
    return {source: sorted(known) for source, known in newest}


# -- headline --------------------------------------------------------------------------------------


def _headline(contents: Contents, subject: Subject) -> Headline:
    row, kind = subject.row, subject.kind
    stem = {"area": "departures", "port": "load", "corridor": "persons"}[kind]
    class_name = str(row.get("class") or NOT_ASSESSED)
    lines = {"area": _area_lines, "port": _port_lines, "corridor": _corridor_lines}[kind]
    sentences = tuple(lines(contents, subject))
    if known := _interval(row, stem):
        mean, ends = Message("document.mean", known), Message("document.ends", known)
        return Headline(mean, ends, Message(f"document.label_{kind}"), sentences, class_name)
    if kind == "port":
        listed = (port for port, _ in contents.rows("ports") if port["id"] == subject.id)
        if (by_load := next(listed, {}).get("load_class")) not in (None, NOT_ASSESSED):
            label = Message("document.label_port_load")
            return Headline(Message(f"class.{by_load}"), None, label, sentences, class_name)
    value = Message(f"kind.{row['kind']}") if kind == "port" else class_said(row)
    return Headline(value, None, Message(f"document.label_{kind}_class"), sentences, class_name)


def class_said(row: Row) -> Message:
    """The class of a row in words: "perhaps high" where an area's is unsure.

    Examples
    --------
    >>> class_said({"class": "high", "class_probability": 0.3}).in_language("en")
    'perhaps high'
    """
    class_ = Message(f"class.{row.get('class') or NOT_ASSESSED}")
    return Message("web.class_maybe", {"class": class_}) if is_unsure(row) else class_


def _interval(row: Row, stem: str) -> dict[str, int | float]:
    """Mean and interval in whole persons; empty where the tier has none, or it is not known."""
    ends = {"mean": "mean", "low": "p05", "high": "p95"}
    values = {name: row.get(f"{stem}_{end}") for name, end in ends.items()}
    known = {name: _rounded(float(value)) for name, value in values.items() if value is not None}
    return known if len(known) == len(ends) else {}


def _rounded(value: float) -> int | float:
    """Two significant digits, whole from ten on."""
    short = significant(value)
    return int(short) if short >= 10 else short


def _area_lines(contents: Contents, subject: Subject) -> list[Message]:
    row, lines = subject.row, []
    within = subject.area[:2]
    province = contents.area_names.get(within, within)
    if row.get("departures_mean") is not None:
        lines.append(Message("web.departures_count"))
    if rate := _interval(row, "departures_per_100k"):
        lines.append(Message("document.rate", rate))
    if row.get("class", NOT_ASSESSED) == NOT_ASSESSED:
        return [*lines, Message("area_summary.not_assessed", {"name": row["name"]})]
    class_ = Message(f"class.{row['class']}")
    likely = row.get("class_probability")
    if likely is not None:
        class_ = Message("class.with_probability", {"class": class_, "p": likely})
    lines.append(Message("document.class_of_rate", {"class_": class_}))
    if is_unsure(row):
        lines.append(Message("web.class_unsure", {"share": UNSURE_BELOW}))
    if row["level"] == "regency" and row.get("class_in_province", NOT_ASSESSED) != NOT_ASSESSED:
        class_ = Message(f"class.{row['class_in_province']}")
        values = {"class_": class_, "province": province}
        lines.append(Message("document.class_in_province", values))
    low, high = (row.get(f"rank_in_province_{end}") for end in ("p05", "p95"))
    if low is not None and high is not None and row["level"] == "regency":
        ranked = sum(
            peer["level"] == "regency" and peer["code"][:2] == within
            and peer.get("rank_in_province_p05") is not None
            for peer, _ in contents.rows("areas")
        )  # fmt: skip
        ranks = {"low": int(low), "high": int(high), "count": ranked, "province": province}
        lines.append(Message("document.rank_in_province", ranks))
    return lines


def _corridor_lines(_contents: Contents, subject: Subject) -> list[Message]:
    row = subject.row
    lines = [Message("document.corridor_class", {"class_": Message(f"class.{row['class']}")})]
    low, high = row.get("class_low"), row.get("class_high")
    if low and high and low != high:
        ends = {"low": Message(f"class.{low}"), "high": Message(f"class.{high}")}
        lines.append(Message("web.class_between", ends))
    return lines


def _port_lines(contents: Contents, subject: Subject) -> list[Message]:
    legs = [row for row, _ in contents.rows("legs") if row["from_id"] == subject.id]
    places = sorted({str(row["to_name"]) for row in legs})
    area = contents.area_names.get(subject.area, "")
    lines = [
        Message(
            "document.port_place", {"kind": Message(f"kind.{subject.row['kind']}"), "area": area}
        )
    ]
    if places:
        shown = places[:_SHOWN_CORRIDORS]
        lines.append(Message("document.port_legs", {"count": len(places), "places": shown}))
    listed = ports(row for row, _ in contents.rows("terminals"))
    rank = next((port.get("rank") for port in listed if port["id"] == subject.id), None)
    if rank is not None:
        lines.append(Message("document.port_rank", {"rank": rank, "ports": len(listed)}))
    return lines


# -- the rest --------------------------------------------------------------------------------------


def _corridors(contents: Contents, subject: Subject) -> Sequence[Row]:
    """Corridors of the area or port, those of most persons or of the highest class first."""
    rows = [row for row, _ in contents.rows("corridors")]
    if subject.kind == "corridor" or not rows:
        return []
    if subject.kind == "port":
        return corridors_through(rows, subject.row["place"])[:_SHOWN_CORRIDORS]
    # of an area that none begins in, those of its province: the public has no others
    chosen = corridors_of_most(rows, subject.area) or corridors_from(rows, subject.area[:2])
    return chosen[:_SHOWN_CORRIDORS] if "persons_mean" in rows[0] else _of_whole_classes(chosen)


def _corridors_title(contents: Contents, subject: Subject, corridors: Sequence[Row]) -> Message:
    """Whose corridors are listed: those of a province where the area has none of its own."""
    province = subject.area[: CODE_LENGTHS["province"]]
    if subject.kind == "area" and province:
        own = corridors_from(corridors, subject.area)
        if not own or subject.area == province:
            name = contents.area_names.get(province, province)
            return Message("document.corridors_of_province", {"province": name})
        if starts := starts_of(own):
            return Message("document.corridors_starting", {"places": starts})
    return Message("document.corridors")


def _of_whole_classes(corridors: Sequence[Row]) -> Sequence[Row]:
    """Corridors of the highest class, then of the next: no class in part, which has no order, and
    none that is not assessed, of which there may be many and nothing to say.
    """

    def rank(row: Row) -> int:
        return -CLASS_RANK[row["class"]]

    shown: list[Row] = []
    assessed = [row for row in corridors if row["class"] in CLASS_RANK]
    for _, group in groupby(sorted(assessed, key=rank), rank):
        alike = list(group)
        if shown and len(shown) + len(alike) > _MOST_OF_CLASSES:
            break
        shown += alike
        if len(shown) >= _SHOWN_CORRIDORS:
            break
    return shown
