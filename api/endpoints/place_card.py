"""What a card says of a place beside its numbers: why, who covers it, counts, offices, lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from api.http.responses import TierView
from api.state.contact_checks import ContactChecks
from geo.codes import CODE_LENGTHS
from geo.contacts import with_confirmation
from geo.guide import departure_papers, hotlines
from geo.i18n import Message
from geo.imports.days import today
from layers.documents.argument import (
    areas_around,
    counts_by_year,
    offices_for,
    records_of_origin,
    varied,
    victims_by_attribute,
    who_covers,
    why,
)
from layers.documents.referral import ReferralStep, referral
from layers.documents.safe_ways import line_said, safe_ways
from layers.query.conditions import Compare, Or
from layers.query.corridors import corridors_from
from layers.query.pretexts import PretextPlace, place_of, pretexts_of

__all__ = [
    "MOST_ROWS", "area_names", "corridor_rows", "near_pretexts", "place_card", "pretext_place",
    "referral_answer", "rows_of", "services_of",
]  # fmt: skip

MOST_ROWS = 1_000_000
"""More than any layer has."""
_PRETEXTS = 8
"""Pretexts that a card of a desk names, the nearest first."""
_OFFICE = ("id", "kind", "name", "place", "area_code")


def rows_of(view: TierView, layer: str, **options: Any) -> list[dict[str, Any]]:
    """All rows of a layer that the principal may see; options as :meth:`TierView.features`."""
    page = view.features(layer, **{"limit": MOST_ROWS, **options})
    return [feature["properties"] for feature in page.features]


def services_of(view: TierView) -> list[dict[str, Any]]:
    """The offices, with the numbers that an administrator has confirmed since the release."""
    checks: ContactChecks = view.request.app.state.contact_checks
    confirmed = checks.current()
    rows = rows_of(view, "services", unchecked=True)
    return [dict(with_confirmation(row, confirmed)) for row in rows]


def _safe_ways(
    view: TierView, services: Sequence[Mapping[str, Any]], area: str
) -> list[dict[str, Any]]:
    """Whom to call outside the village, and the way to a lawful departure, as of today."""
    if not area:
        return []
    regency = Compare("code", "=", area[: CODE_LENGTHS["regency"]])
    areas = rows_of(view, "areas", where=regency)
    ways = safe_ways(services, area, area_names(view), day=today(), areas=areas)
    return [asdict(section) for section in ways]


def corridor_rows(view: TierView) -> list[dict[str, Any]]:
    """All corridors that the principal may see; read once a release."""
    scope = ("corridors", *view.principal.scope)
    return view.release_view.once(scope, lambda: rows_of(view, "corridors"))


def area_names(view: TierView) -> dict[str, str]:
    """Names of the areas that the principal may see, by code; read once a release."""
    return view.release_view.once(
        ("area names", *view.principal.scope),
        lambda: {
            row["code"]: row["name"] for row in rows_of(view, "areas", fields=("code", "name"))
        },
    )


def pretext_place(
    view: TierView, kind: Literal["area", "port", "corridor"], row: Mapping[str, Any], area: str
) -> PretextPlace:
    """What is asked for the pretexts of a row, with where the corridors of an area lead."""
    if kind != "area":
        return place_of(kind, row, area)
    regency = area[: CODE_LENGTHS["regency"]]
    return place_of(kind, row, area, corridors_from(corridor_rows(view), regency))


def near_pretexts(view: TierView, place: PretextPlace, most: int | None = None) -> dict[str, Any]:
    """Pretexts on record near a place (:func:`layers.query.pretexts.pretexts_of`)."""
    terminals = view.release_view.once(
        ("terminal names", *view.principal.scope),
        lambda: {
            row["id"]: row["name"] for row in rows_of(view, "terminals", fields=("id", "name"))
        },
    )
    return pretexts_of(place, view.principal.rights, terminals, most=most)


def referral_answer(view: TierView, place: Mapping[str, Any], area: str) -> dict[str, Any]:
    """Who must be told, as :class:`api.http.schemas.ReferralAnswer`; ``place`` names the place."""
    services = services_of(view)
    return {
        "place": dict(place),
        "steps": [_step(step) for step in referral(services, area, area_names(view))],
        "safe_ways": _safe_ways(view, services, area),
        "departure_papers": [asdict(paper) for paper in departure_papers()],
        "hotlines": [{**asdict(line), "said": line_said(line, today())} for line in hotlines()],
    }


def _step(step: ReferralStep) -> dict[str, Any]:
    return {
        **asdict(step),
        "title": step.title.as_dict(),
        "gap": step.gap.as_dict() if step.gap else None,
    }


def place_card(
    view: TierView,
    kind: Literal["area", "port", "corridor"],
    row: Mapping[str, Any],
    area: str,
    corridors: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The card of a row, as :class:`api.http.schemas.PlaceCard`.

    Parameters
    ----------
    view, kind, row
    area : str
        Code whose counts, offices and villages go with it ('' if not known).
    corridors : sequence of mapping
        Those through a port.
    """
    around = areas_around(area)

    def near(layer: str, field: str) -> list[dict[str, Any]]:
        if not around:
            return []
        return rows_of(view, layer, where=Or(tuple(Compare(field, "=", code) for code in around)))

    series, counted = counts_by_year(near("counts", "area_code"), area, of_passers=kind == "port")
    victims, victims_area = victims_by_attribute(near("victims", "area_code"), area)
    services = services_of(view)
    offices = varied(offices_for(services, area))
    records: tuple[Message, ...] = ()
    if kind == "area" and len(area) == CODE_LENGTHS["regency"]:
        of_province = Compare("province_code", "=", area[:2])
        records = records_of_origin(
            rows_of(view, "counts", where=of_province),
            rows_of(view, "areas", where=of_province),
            area,
        )
    names = area_names(view)
    named = [*around, *(row.get("alike") or ()), *(office["area_code"] for office in offices)]
    return {
        "why": list(why(kind, row, corridors, records)),
        "covered": who_covers(near("coverage", "code"), area).as_dict() if around else None,
        "counts": {
            "area_code": counted,
            "series": [
                {
                    "measure": item.measure,
                    "legal_class": item.legal_class,
                    "note": item.note.as_dict() if item.note else None,
                    "years": [
                        {"year": year, "value": value, "period": item.periods.get(year)}
                        for year, value in item.values.items()
                    ],
                }
                for item in series
            ],
        },
        "victims": {"area_code": victims_area, "rows": [asdict(one) for one in victims]},
        "offices": [{name: office[name] for name in _OFFICE} for office in offices],
        "referral": [_step(step) for step in referral(services, area, names)] if area else [],
        "safe_ways": _safe_ways(view, services, area),
        "departure_papers": [paper.text for paper in departure_papers()],
        "pretexts": near_pretexts(view, pretext_place(view, kind, row, area), _PRETEXTS),
        "hotlines": [
            {"id": line.id, "number": line.number, "purpose": line.purpose, "as_of": line.as_of,
             "said": line_said(line, today())}
            for line in hotlines()
        ],
        "names": {code: names[code] for code in named if code in names},
    }  # fmt: skip
