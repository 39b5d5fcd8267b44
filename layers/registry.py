"""The layers of a release and, field by field, which tier sees them.

Everything that writes a release, serves it, exports it or draws it reads :data:`LAYERS`; what else
depends on a tier is in :mod:`layers.visibility`. A layer or field a tier may not see is, for that
tier, a name that does not exist: :func:`layer_for` and :func:`fields_for` raise the same
:class:`geo.errors.UnknownNameError` for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.classes import CLASSES, SCORE_DECIMALS
from geo.errors import UnknownNameError
from geo.i18n import languages
from geo.names import nearest
from layers.palette import (
    AREA_COLOURS,
    CORRIDOR_COLOURS,
    COVERAGE_SIGNS,
    HOTSPOT_SIGNS,
    LEG_COLOURS,
    NOT_ASSESSED_FILL,
    PLACE_SIGN,
    POST_SIGN,
    SERVICE_SIGN,
    SIGNS,
)
from layers.schema import (
    ALL,
    PARTNER_ONLY,
    PARTNER_UP,
    POLICE,
    PUBLIC_DOWN,
    TIERS,
    Field,
    Layer,
    Style,
    Tier,
    boolean,
    integer,
    interval,
    nested,
    number,
    text,
    texts,
)

__all__ = ["COMPONENTS", "LAYERS", "check_tier", "fields_for", "layer_for", "layers_for"]


# A table, so that it can be read as one:
# fmt: off

# Free text and sources of nodes and legs stay with the police: a note, or the title of the report
# a row rests on, can name what a lower tier may not know of.
_CONFIDENCE = (text("as_of"), text("confidence", labels="confidence"))
_PROVENANCE = (*_CONFIDENCE, *texts("source", "note", tiers=POLICE))
_PRECISION = text("precision", labels="precision")
_FLOW = "persons/year"
_RATE = "persons/year/100,000"
_COUNT_RATE = "count/year/100,000"

_AREAS_FROM = 2
"""Coarsest zoom of tiles with areas: a phone shows the whole country at it."""
_SHAPES_TO = 9
"""Finest zoom of tiles with lines and areas: none is known to less than 19 m."""
_ARCS_TO = 7
"""The same of corridors, which are arcs between places and follow no way."""

_COMPONENTS = (
    number("volume", _FLOW, POLICE, decimals=1),
    number("vulnerability", "0-10", POLICE),
    number("unofficial_share", "share", POLICE, decimals=4),
    number("hazard", "0-10", POLICE),
)
COMPONENTS = tuple(component.name for component in _COMPONENTS)
"""Fields of a corridor shown beside its score as its components (:mod:`routes.corridors.risk`)."""

_LAYERS = (
    Layer("areas", "MultiPolygon", (
        *texts("code", "name"),
        text("level", labels="level"),
        *texts("parent", "province_code"),
        number("lat", "deg", decimals=5),
        number("lon", "deg", decimals=5),
        number("population", "persons", decimals=0, source="indicators"),
        text("class", labels="class"),
        number("class_probability", "probability"),
        text("class_in_province", labels="class"),
        text("boundary", labels="boundary"),
        *interval("score", "0-10", PARTNER_UP, decimals=SCORE_DECIMALS, own=True),
        number("rank_p05", "rank", PARTNER_UP, decimals=0, own=True),
        number("rank_p95", "rank", PARTNER_UP, decimals=0, own=True),
        number("rank_in_province_p05", "rank", PARTNER_UP, decimals=0, own=True),
        number("rank_in_province_p95", "rank", PARTNER_UP, decimals=0, own=True),
        number("p_top_decile", "probability", PARTNER_UP, decimals=3, own=True),
        text("unofficial_landings_class", PARTNER_UP, labels="class", own=True),
        number("known_share", "share"),
        text("ltsa_id"),
        number("ltsa_hours", "h", decimals=1),
        *nested("gaps"),
        *(text(f"reason_{language}", PARTNER_UP, own=True) for language in languages()),
        Field("contributions", "json", "log points", PARTNER_UP, own_province=True),
        *nested("alike", "trend", tiers=PARTNER_UP, own=True),
        *interval("departures", _FLOW, PARTNER_UP, own=True),
        *interval("departures_per_100k", _RATE, PARTNER_UP, decimals=4, own=True),
    ), Style(kind="class", field="class", min_zoom=_AREAS_FROM, max_zoom=_SHAPES_TO,
             colours={**AREA_COLOURS, "not_assessed": NOT_ASSESSED_FILL},
             tile_fields=("level", "province_code", "class_probability", "class_in_province",
                          "boundary", "score_mean", "departures_per_100k_mean",
                          "departures_per_100k_p05", "departures_per_100k_p95")),
        id_field="code", partner_rows="own_below_regency",
        sources=("areas", "villages", "coast", "indicators", "petajaga"),
        resolution=("regency", "district", "district")),
    Layer("settlements", "Point", (
        *texts("id", "name"),
        text("kind", labels="kind"),
        _PRECISION,
        *texts("province_code", "regency_code"),
        text("district_code", PARTNER_UP),
        text("district_basis", PARTNER_UP, labels="basis"),
        number("population", "persons", PARTNER_UP, decimals=0, source="indicators"),
        *interval("score", "0-10", PARTNER_UP, decimals=SCORE_DECIMALS),
        text("class", PARTNER_UP, labels="class"),
        text("score_basis", PARTNER_UP, labels="basis"),
        text("decided_by", POLICE, labels="decided_by"),
        *interval("departures", _FLOW, POLICE),
        *interval("departures_per_100k", _RATE, POLICE, decimals=4),
    ), Style(kind="symbol", signs={"": PLACE_SIGN}, min_zoom=6, label_zoom=9,
             rank_field="population", tile_fields=("kind", "precision", "class")),
        partner_rows="own", sources=("villages", "settlements"),
        resolution=("village", "village", "village")),
    Layer("terminals", "Point", (
        *texts("id", "name", "place"),
        text("kind", labels="kind"),
        *texts("country", "area_code", "province_code", "iata"),
        _PRECISION,
        text("aliases", POLICE),
        boolean("official", POLICE),
        text("staffed_by", POLICE, labels="staff"),
        integer("coast_landings", "count", POLICE),
        *interval("load", _FLOW, POLICE, decimals=1),
        *nested("checks", "watched", tiers=POLICE),
        *_PROVENANCE,
    ), Style(kind="symbol", field="kind", signs=SIGNS, label_zoom=7, rank_field="load_mean",
             tile_fields=("place", "country", "area_code", "precision", "official")),
        jurisdiction="province",
        sources=("ports", "landings", "airports", "petajaga")),
    Layer("ports", "Point", (
        *texts("id", "name", tiers=PARTNER_UP),
        text("kind", PARTNER_UP, labels="kind"),
        *texts("area_code", "province_code", tiers=PARTNER_UP),
        text("load_class", PARTNER_UP, labels="class"),
        integer("coast_landings", "count", POLICE),
        *interval("load", _FLOW, POLICE, decimals=1),
        integer("rank", "rank", POLICE),
        text("class", POLICE, labels="class"),
    ), Style(kind="symbol", field="kind", signs=SIGNS, label_zoom=7, rank_field="load_mean",
             tile_fields=("load_class", "load_p05", "load_p95", "rank", "class", "area_code")),
        partner_rows="own", jurisdiction="province", tiers=PARTNER_UP,
        sources=("ports", "landings", "airports", "petajaga")),
    Layer("legs", "MultiLineString", (
        *texts("id", "leg_id", "from_id", "to_id", "from_name", "to_name"),
        text("mode", labels="mode"),
        text("medium", labels="medium"),
        *texts("operator", "line", tiers=PARTNER_UP),
        number("length_km", "km", decimals=1),
        boolean("over_water"),
        number("hours", "h"),
        text("hours_basis", labels="basis"),
        number("departures_per_week", "1/week", PARTNER_UP),
        text("departures_basis", PARTNER_UP, labels="basis"),
        number("fare_idr", "IDR", PARTNER_UP, decimals=0),
        number("fare_year", "year", PARTNER_UP, decimals=0),
        boolean("assumed"),
        boolean("official", POLICE),
        number("generalised_hours", "h", POLICE),
        *interval("flow", _FLOW, POLICE, decimals=1),
        *_PROVENANCE,
    ), Style(kind="line", field="medium", colours=LEG_COLOURS, label_field="",
             max_zoom=_SHAPES_TO, rank_field="flow_mean",
             tile_fields=("leg_id", "from_id", "to_id", "mode", "assumed", "official", "hours")),
        jurisdiction="ends",
        sources=("petajaga", "ports", "coast")),
    Layer("corridors", "MultiLineString", (
        *texts("id", "name"),
        text("class", labels="class"),
        *(text(f"class_{end}", PARTNER_ONLY, labels="class") for end in ("low", "high")),
        *texts("origin_code", "origin_name", "province_code", "destination_code",
               tiers=PUBLIC_DOWN),
        text("destination_name"),
        *texts("destination_id", "destination_area", tiers=POLICE),
        *nested("waypoints", tiers=POLICE),
        *interval("persons", _FLOW, POLICE, decimals=1),
        *interval("score", "0-10", POLICE, decimals=SCORE_DECIMALS),
        *(number(f"p_{name}", "probability", POLICE, decimals=3) for name in CLASSES),
        *_COMPONENTS,
        *nested("origins", "listed_for", tiers=POLICE),
    ), Style(kind="line", field="class", colours=CORRIDOR_COLOURS, max_zoom=_ARCS_TO,
             rank_field="persons_mean"),
        partner_rows="own", jurisdiction="places", resolution=("province", "regency", "place")),
    Layer("destinations", "Point", (
        *texts("id", "name", "name_en", "country"),
        text("region", labels="region"),
        _PRECISION,
        *interval("flow", _FLOW, POLICE, decimals=1),
        *_CONFIDENCE,
    ), Style(kind="symbol", signs={"": SIGNS["destination"]}, min_zoom=2, label_zoom=4,
             rank_field="flow_mean", tile_fields=("country", "region"))),
    Layer("services", "Point", (
        text("id"),
        text("kind", labels="service"),
        *texts("name", "area_code", "province_code", "place", "jurisdiction"),
        _PRECISION,
        *_CONFIDENCE,
        text("source"),
        *texts("phone", "phone_as_of", "phone_source"),
        text("phone_confidence", labels="confidence"),
        text("note", POLICE),
    ), Style(kind="symbol", signs={"": SERVICE_SIGN}, label_zoom=9,
             tile_fields=("kind", "area_code", "place", "precision"))),
    Layer("counts", "Point", (
        *texts("id", "area_code", "area_name"),
        text("level", labels="level"),
        text("province_code"),
        integer("year", "year"),
        text("measure", labels="measure"),
        text("unit", labels="unit"),
        text("legal_class", labels="legal_class"),
        text("status", labels="count_status"),
        text("how", labels="count_how"),
        integer("value", "count"),
        *interval("per_100k", _COUNT_RATE, ALL),
        integer("population_year", "year"),
        text("period"),
        text("source"),
        boolean("total"),
        integer("cells", "count"),
    ), Style(kind="count", field="value", colours={"": CORRIDOR_COLOURS["medium"]},
             label_field="area_name", rank_field="value",
             tile_fields=("area_code", "level", "year", "measure", "unit", "legal_class", "total")),
        years=("year", "year"), resolution=("regency", "regency", "regency")),
    Layer("victims", "Point", (
        *texts("id", "area_code", "area_name"),
        text("level", labels="level"),
        text("province_code"),
        integer("year_from", "year"),
        integer("year_to", "year"),
        text("attribute", labels="attribute"),
        text("measure", labels="measure"),
        integer("value", "persons"),
    ), Style(kind="count", field="value", colours={"": CORRIDOR_COLOURS["medium"]},
             label_field="area_name", rank_field="value",
             tile_fields=("area_code", "level", "year_from", "year_to", "attribute", "measure")),
        years=("year_from", "year_to"), resolution=("regency", "regency", "regency")),
    Layer("coverage", "Point", (
        *texts("code", "name"),
        text("level", labels="level"),
        text("province_code"),
        text("coverage", labels="coverage"),
        integer("villages", "count"),
        integer("listed", "count"),
        number("listed_share", "percent", decimals=1),
        integer("area_wide", "count"),
        text("kinds", labels="task_force"),
        integer("year", "year"),
        number("visited_share", "percent", PARTNER_UP, decimals=1, own=True),
        number("departures_share", "percent", PARTNER_UP, decimals=1, own=True),
        text("source"),
    ), Style(kind="symbol", field="coverage", signs=COVERAGE_SIGNS,
             tile_fields=("level", "listed", "listed_share", "kinds", "year")),
        id_field="code", partner_rows="own_below_regency", sources=("areas", "villages"),
        resolution=("province", "village", "village")),
    Layer("outreach", "Point", (
        *texts("code", "name", "district_code", "district", "regency_code", "regency",
               "province_code", tiers=PARTNER_UP),
        text("coverage", PARTNER_UP, labels="coverage"),
        text("kinds", PARTNER_UP, labels="task_force"),
        *texts("service_nearest", "service_covering", tiers=PARTNER_UP),
        number("service_km", "km", PARTNER_UP, decimals=0),
    ), Style(kind="symbol", field="coverage", signs=COVERAGE_SIGNS, min_zoom=7, label_zoom=10,
             tile_fields=("district", "regency", "service_nearest")),
        id_field="code", partner_rows="own", tiers=PARTNER_UP,
        sources=("areas", "villages"),
        resolution=("village", "village", "village")),
    Layer("hotspots", "Point", (
        *texts("code", "name", "province_code", "regency_code", tiers=PARTNER_UP),
        text("class", PARTNER_UP, labels="hotspot"),
        number("rate", "persons/year/100,000", POLICE, decimals=1),
        number("gi_star", "z", POLICE),
        number("p_value", "probability", POLICE, decimals=4),
        number("q_value", "probability", POLICE, decimals=4),
    ), Style(kind="symbol", field="class", signs=HOTSPOT_SIGNS),
        id_field="code", partner_rows="own", tiers=PARTNER_UP,
        sources=("areas", "villages", "indicators", "petajaga"),
        resolution=("district", "district", "district")),
    Layer("posts", "Point", (
        *texts("id", "terminal_id", "terminal_name", "name", "since", "until", tiers=POLICE),
        text("evidence_from", POLICE),
        text("duties", POLICE, labels="duty"),
        number("hours", "hours/day", POLICE, decimals=1),
        integer("officers", "persons", POLICE),
        *interval("load", _FLOW, POLICE, decimals=1),
        text("as_of", POLICE),
        text("confidence", POLICE, labels="confidence"),
        *texts("source", "note", tiers=POLICE),
    ), Style(kind="symbol", signs={"": POST_SIGN}, min_zoom=5,
             tile_fields=("terminal_id", "since", "until")), jurisdiction="terminal", tiers=POLICE),
)

# fmt: on

LAYERS: Mapping[str, Layer] = MappingProxyType({layer.name: layer for layer in _LAYERS})
"""Every layer of a release by name; immutable."""


def check_tier(tier: str) -> Tier:
    """Return ``tier`` if it is one of :data:`TIERS`, else raise :class:`UnknownNameError`."""
    for name in TIERS:
        if name == tier:
            return name
    raise UnknownNameError("tier.unknown", tier=tier, matches=TIERS, field="tier")


def layers_for(tier: str) -> Mapping[str, Layer]:
    """The layers that exist for ``tier``, by name, in alphabetical order."""
    checked = check_tier(tier)
    return {name: layer for name, layer in sorted(LAYERS.items()) if checked in layer.tiers}


def layer_for(name: str, tier: str) -> Layer:
    """The layer called ``name`` at ``tier``.

    Raises
    ------
    UnknownNameError
        No such layer at this tier; the same error whether it is hidden or does not exist, and
        only names the tier may see are suggested.

    Examples
    --------
    >>> layer_for("posts", "police").title("en")
    'Posts'
    >>> layer_for("posts", "public")
    Traceback (most recent call last):
    geo.errors.UnknownNameError: no layer 'posts'; ...
    """
    layers = layers_for(tier)
    if name in layers:
        return layers[name]
    raise UnknownNameError(
        "layer.unknown",
        layer=name,
        layers=list(layers),
        matches=nearest(name, layers.keys()),
        field="layer",
    )


def fields_for(layer: Layer, tier: str) -> tuple[Field, ...]:
    """The fields of ``layer`` that exist for ``tier``, in the order of the file's columns."""
    checked = check_tier(tier)
    return tuple(f for f in layer.fields if checked in f.tiers)
