"""Pretexts of a place as one tier has them, those on record nearest to it first.

The command line, HTTP, cards, brief, pack, outreach plan and shift sheet all ask here. No source
counts how often each is given: they are on record, never the most frequent. The public has what a
family checks, by province, and neither where nor when it was told (docs/decisions/0043).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from geo.codes import CODE_LENGTHS
from geo.guide import Pretext, PretextRecord, destinations, pretext_records, pretexts
from geo.i18n import Message, languages, text
from geo.i18n.catalogue import FALLBACK_LANGUAGE
from geo.names import official_names
from geo.periods import month_name
from geo.sources import joined_sources, publishers
from layers.query.area_names import inside
from layers.visibility import Rights

__all__ = [
    "NEARNESS",
    "PretextPlace",
    "place_of",
    "place_of_office",
    "pretexts_by_regency",
    "pretexts_of",
    "pretexts_told",
]

NEARNESS = ("port", "corridor", "here", "bound", "province", "beyond")
"""At the port, from its origin to its destination, in the area, to the destination, elsewhere in
the province, and to where the corridors of the area lead; each nearer than the next."""
_CORRIDORS = 6
"""Corridors from an area whose ends count as where its people go: those that carry most."""
_ORIGINS = 4
"""Origins that a record names, those asked about first; of the others their number."""
_BY_REGENCY = 4
"""Pretexts that a list of villages names for each regency."""
_WAY = "way"
_INFERRED = "low"
"""Confidence of a row whose source has no date."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class PretextPlace:
    """What is asked about: codes of areas, ids of terminals, ends of a corridor or of an office
    abroad, and ``beyond`` ends of the corridors from the areas.
    """

    areas: tuple[str, ...] = ()
    terminals: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()


def place_of(
    kind: Literal["area", "port", "corridor"], row: Row, area: str, corridors: Iterable[Row] = ()
) -> PretextPlace:
    """The place of a row of a tier.

    Parameters
    ----------
    kind, row
    area : str
        Code of the area itself, of the port's, or of where the corridor starts; '' if not known.
    corridors : iterable of rows
        Those from an area, that carry most first (:func:`layers.query.corridors.corridors_from`).

    Examples
    --------
    >>> place_of("corridor", {"destination_code": "MY-sabah"}, "53")
    PretextPlace(areas=('53',), terminals=(), ends=('MY-sabah',), beyond=())
    """
    areas = (area,) if area else ()
    if kind == "port":
        return PretextPlace(areas, terminals=(str(row["id"]),))
    if kind == "corridor":
        return PretextPlace(areas, ends=_end(row))
    beyond = [end for corridor in corridors for end in _end(corridor)]
    return PretextPlace(areas, beyond=tuple(dict.fromkeys(beyond))[:_CORRIDORS])


def place_of_office(office: Row) -> PretextPlace:
    """The places that an office serves: destinations of a consulate, areas of another.

    Examples
    --------
    >>> place_of_office({"jurisdiction": "to-tawau", "area_code": None}).ends
    ('to-tawau',)
    """
    served = [code for code in str(office["jurisdiction"] or "").split(";") if code]
    areas = [code for code in served if code[0].isdigit()]
    if not served and office["area_code"]:
        areas = [str(office["area_code"])]
    ends = [code for code in served if not code[0].isdigit()]
    return PretextPlace(tuple(areas), ends=tuple(ends))


def pretexts_told(rights: Rights) -> list[dict[str, Any]]:
    """Every pretext, wherever it is on record, as :func:`pretexts_of` has them for the public."""
    return [_item(pretext) for pretext in pretexts() if _is_told(pretext, rights)]


def pretexts_of(
    place: PretextPlace, rights: Rights, terminals: Mapping[str, str], *, most: int | None = None
) -> dict[str, Any]:
    """Pretexts on record near a place.

    Parameters
    ----------
    place : PretextPlace
    rights : Rights
        Of the reader: without ``questions`` there is neither question, place nor date, and the
        place is its whole province.
    terminals : mapping
        Names by id of the terminals that the reader sees.
    most : int, optional
        At most so many pretexts, where they are in the order of how near they are.

    Returns
    -------
    dict
        ``pretexts``: ``id, kind, text, told, check`` and, with ``questions``, ``ask``, ``near``
        (:data:`NEARNESS`), ``near_said`` and ``records`` (``said, short, as_of, source,
        confidence, near``), the nearest and newest first, else ``sources`` of them all; ``said``:
        sentences on the list as a whole; ``none_near``: that there is none at the port or from the
        area itself, or None. Texts are by language.
    """
    found = _found(place, rights)
    shown = found[:most] if rights.questions else found
    items = [
        {
            **_item(pretext),
            **(_desk_part(pretext, ranked, place, rights, terminals) if rights.questions else {}),
        }
        for pretext, ranked in shown
    ]
    # who has the records has the source of each
    unnamed = [] if rights.questions else [record.source for _, all_ in shown for _, record in all_]
    return {
        "pretexts": items,
        "none_near": _none_near(place, found, rights),
        "said": [message.as_dict() for message in _said(found, rights)],
        "sources": joined_sources(_cited(unnamed, rights)).split("; ") if unnamed else [],
    }


def pretexts_by_regency(
    regencies: Mapping[str, str], rights: Rights, terminals: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What those who go to villages take along: the nearest pretexts of each regency.

    Parameters
    ----------
    regencies : mapping
        Names by code, in the order of the answer.
    rights, terminals
        As in :func:`pretexts_of`, with ``questions``.

    Returns
    -------
    list of dict
        ``code, name, pretexts``; of each pretext ``text, told, check, near_said`` and its nearest
        record, ``said`` and ``source``. None on record: none.
    """
    return [
        {
            "code": code,
            "name": name,
            "pretexts": [
                {
                    **{part: item[part] for part in ("text", "told", "check", "near_said")},
                    **{part: item["records"][0][part] for part in ("said", "source")},
                }
                for item in pretexts_of(
                    PretextPlace((code,)), rights, terminals, most=_BY_REGENCY
                )["pretexts"]
            ],
        }
        for code, name in regencies.items()
    ]  # fmt: skip


_Ranked = list[tuple[int, PretextRecord]]
"""Records with their place in :data:`NEARNESS`, the nearest and newest first."""


def _found(place: PretextPlace, rights: Rights) -> list[tuple[Pretext, _Ranked]]:
    """The pretexts with a record near the place; the public has them in the order of the table."""
    if not rights.questions:
        provinces = dict.fromkeys(code[: CODE_LENGTHS["province"]] for code in place.areas)
        place = PretextPlace(tuple(provinces), ends=place.ends)
    by_pretext: dict[str, _Ranked] = defaultdict(list)
    newest_first = sorted(pretext_records(), key=lambda record: record.as_of, reverse=True)
    for record in newest_first:
        near = _nearness(record, place)
        if near is not None:
            by_pretext[record.pretext.id].append((NEARNESS.index(near), record))
    found = [
        (pretext, sorted(by_pretext[pretext.id], key=lambda ranked: ranked[0]))
        for pretext in pretexts()
        if pretext.id in by_pretext and _is_told(pretext, rights)
    ]
    if rights.questions:
        found.sort(key=lambda item: item[1][0][1].as_of, reverse=True)
        found.sort(key=lambda item: item[1][0][0])
    return found


def _nearness(record: PretextRecord, place: PretextPlace) -> str | None:
    codes = [code for code in (*record.origins, record.seen) if code]
    areas, provinces = _asked(place)
    here = bool(areas) and any(inside(codes, *areas))
    around = bool(areas) and any(inside(codes, *provinces))
    bound = _is_bound(record, place.ends)
    holds = {
        "port": record.terminal_id in place.terminals,
        "corridor": around and bound,
        "here": here,
        "bound": bound,
        "province": around,
        "beyond": _is_bound(record, place.beyond),
    }
    return next((near for near in NEARNESS if holds[near]), None)


def _asked(place: PretextPlace) -> tuple[list[str], list[str]]:
    """Codes of the asked areas, none below the regency, and of their provinces."""
    areas = [code[: CODE_LENGTHS["regency"]] for code in place.areas]
    return areas, [code[: CODE_LENGTHS["province"]] for code in areas]


def _is_bound(record: PretextRecord, ends: Sequence[str]) -> bool:
    """Whether a record is of people bound for one of the ends, or for what it lies in."""
    return any(
        end in _with_wider(known) or known in _with_wider(end)
        for end in ends
        for known in record.ends
    )


def _with_wider(end: str) -> frozenset[str]:
    """A place that people are bound for, and all that it lies in."""
    listed = destinations().get(end)
    return frozenset({end, end[:2]}) if listed is None else listed.wider | {end}


def _end(row: Row) -> tuple[str, ...]:
    """Where a corridor ends, as far as its row says: an id, a code, or its last stop."""
    stops = row.get("waypoints") or [{"id": ""}]
    end = row.get("destination_id") or row.get("destination_code") or stops[-1]["id"]
    return (str(end),) if end else ()


def _is_told(pretext: Pretext, rights: Rights) -> bool:
    """Ways out of the procedure are told to those who see the places where people leave."""
    return pretext.kind != _WAY or rights.unofficial


def _item(pretext: Pretext) -> dict[str, Any]:
    return {
        "id": pretext.id, "kind": pretext.kind, "text": pretext.text, "told": pretext.told,
        "check": pretext.check,
    }  # fmt: skip


def _desk_part(
    pretext: Pretext,
    ranked: _Ranked,
    place: PretextPlace,
    rights: Rights,
    terminals: Mapping[str, str],
) -> dict[str, Any]:
    """What the public has not: the question, how near, and each record."""
    near = NEARNESS[ranked[0][0]]
    records = [
        {
            "said": {
                language: _record_said(record, place, terminals, language)
                for language in languages()
            },
            "short": {
                language: _record_short(record, terminals, language) for language in languages()
            },
            "as_of": record.as_of,
            "source": _cited([record.source], rights)[0],
            "confidence": record.confidence,
            "near": NEARNESS[rank],
        }
        for rank, record in ranked
    ]
    # around a port "this area" would be read as the port
    which = "around_port" if near == "here" and place.terminals else near
    near_said = Message(f"pretext_near.{which}").as_dict()
    return {"ask": pretext.ask, "near": near, "near_said": near_said, "records": records}


def _cited(sources: Sequence[str], rights: Rights) -> list[str]:
    if rights.page_links:
        return [joined_sources([source]) for source in sources]
    return publishers(sources)


def _record_short(record: PretextRecord, terminals: Mapping[str, str], language: str) -> str:
    """When and where alone."""
    parts = (_when(record, language), _place(record, terminals))
    return ", ".join(filter(None, parts))


def _when(record: PretextRecord, language: str) -> str:
    """Year and month; of a row of low confidence the source has no date, and the year is said to
    be inferred.
    """
    when = month_name(record.as_of, language)
    if record.confidence != _INFERRED:
        return when
    return text("pretext_record.year_inferred", language, when=when)


def _place(record: PretextRecord, terminals: Mapping[str, str]) -> str:
    return terminals.get(record.terminal_id) or _area_names().get(record.seen, "")


@cache
def _area_names() -> dict[str, str]:
    return {**official_names("province"), **official_names("regency")}


def _origins(record: PretextRecord, place: PretextPlace, language: str) -> str:
    """Where people came from: what is asked about, its province, others; '' where told at home."""
    if not record.origins or record.origins == (record.seen,):
        return ""
    areas, provinces = _asked(place)

    def elsewhere(code: str) -> list[bool]:
        return [not inside([code], *codes)[0] for codes in (areas, provinces)]

    came = [_area_names()[code] for code in sorted(record.origins, key=elsewhere)]
    named, more = came[:_ORIGINS], len(came) - _ORIGINS
    if more > 0:
        named.append(text("pretext_record.more", language, count=more))
    return ", ".join(named)


def _record_said(
    record: PretextRecord, place: PretextPlace, terminals: Mapping[str, str], language: str
) -> str:
    """When, where, from where and where to, as far as the source says."""
    areas = _area_names()
    ends = [areas.get(end) or _end_name(end, language) for end in record.ends]
    parts = {
        "at": _place(record, terminals),
        "from": _origins(record, place, language),
        "to": ", ".join(ends),
    }
    said = [
        text(f"pretext_record.{part}", language, names=names)
        for part, names in parts.items()
        if names
    ]
    return f"{_when(record, language)}: {', '.join(said)}"


def _end_name(end: str, language: str) -> str:
    """A destination by its id, ``MY``, or a region of it as ``MY-sabah``."""
    if listed := destinations().get(end):
        return listed.name.get(language) or listed.name[FALLBACK_LANGUAGE]
    region = end.partition("-")[2]
    return text(f"region.{region}" if region else "pretext_record.malaysia", language)


def _none_near(
    place: PretextPlace, found: Sequence[tuple[Pretext, _Ranked]], rights: Rights
) -> dict[str, str] | None:
    """That there is none at the port, or none from the area itself; None where there is, where
    there is none at all, and for the public, which has no order.
    """
    nearest = NEARNESS[found[0][1][0][0]] if found and rights.questions else ""
    if nearest and place.terminals and nearest != "port":
        return Message("pretext.none_at_port").as_dict()
    return Message("pretext.none_from_here").as_dict() if nearest == "beyond" else None


def _said(found: Sequence[tuple[Pretext, _Ranked]], rights: Rights) -> list[Message]:
    """What a list is and is not, or that there is none."""
    if not found:
        return [Message("pretext.none")]
    if not rights.questions:
        return [Message("pretext.to_check")]
    return [Message("watch.questions_rule"), Message("pretext.no_order")]
