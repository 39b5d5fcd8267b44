"""What every column of a build's tables means, with its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.classes import CLASSES
from geo.errors import UnknownNameError
from geo.i18n import languages

__all__ = ["COLUMNS", "Column", "describe_columns"]


@dataclass(frozen=True)
class Column:
    """Unit (empty where there is none) and meaning of a column."""

    unit: str
    meaning: str


def describe_columns(table: str) -> Mapping[str, Column]:
    """Columns of a table of :class:`routes.build.model.Build`, in its order.

    Raises
    ------
    UnknownNameError
        No table of that name.

    Examples
    --------
    >>> describe_columns("pairs")["persons_mean"].unit
    'persons/year'
    """
    if table not in COLUMNS:
        raise UnknownNameError(
            "build.unknown_table", name=table, matches=tuple(COLUMNS), field="table"
        )
    return COLUMNS[table]


_FLOW, _INDEX = "persons/year", "0-10"

_SHARED: Mapping[str, tuple[str, str]] = {
    "id": ("", "identifier"),
    "code": ("", "Kemendagri code"),
    "name": ("", "name"),
    "lat": ("deg", "latitude, WGS 84"),
    "lon": ("deg", "longitude, WGS 84"),
    "aliases": ("", "other names, separated by semicolons"),
    "place": ("", "town or island"),
    "kind": ("", "kind, a slug of the catalogue"),
    "country": ("", "ISO 3166 code"),
    "area_code": ("", "Kemendagri code of the finest area known"),
    "province_code": ("", "Kemendagri code of the province"),
    "regency_code": ("", "Kemendagri code of the regency"),
    "district_code": ("", "Kemendagri code of the district"),
    "district_basis": ("", "`own` or `nearest`: what the district rests on"),
    "precision": ("", "precision of the coordinate"),
    "population": ("persons", "inhabitants; missing where not known"),
    "population_year": ("year", "of which the inhabitants are; of a sum, of the oldest part"),
    "class": (
        "",
        "class (geo.classes): of a corridor by its score, of an area by departures per head",
    ),
    "class_probability": ("probability", "that the class is the right one: share of the draws"),
    "class_in_province": ("", "the same among the areas of the province"),
    "p_top_decile": (
        "probability",
        "of being among the top tenth of the nation's by departures per head",
    ),
    "known_share": ("share", "of the weight that rests on the area's own data"),
    "source": ("", "where the row comes from"),
    "as_of": ("", "date of the source"),
    "confidence": ("", "high, medium or low"),
    "note": ("", "free text"),
    "mode": ("", "mode of transport (geo.modes)"),
    "hours": ("h", "travel time"),
    "fare_idr": ("IDR", "fare"),
    "length_km": ("km", "length"),
    "hazard": (
        _INDEX,
        "how bad what is known to happen at the destination is (geo/data/README.md)",
    ),
    "vulnerability": (_INDEX, "index of the conditions where they come from, weighted by persons"),
    "unofficial_share": ("share", "of the persons who cross without papers, by pelabuhan tikus"),
    "share": ("share", "of the corridor's persons"),
    "destination_id": ("", "destination"),
    "destination_name": ("", "name of the destination"),
}
_INTERVALS: Mapping[str, tuple[str, str]] = {
    "score": (_INDEX, "score"),
    "rank": ("rank", "rank by departures per head in the nation, 1 is the highest"),
    "rank_in_province": ("rank", "rank by departures per head in the province"),
    "departures": (_FLOW, "departures in two significant digits; missing where not known"),
    "departures_per_100k": (
        "persons/year/100,000",
        "departures per 100,000 people; missing where not known",
    ),
    "demand": (_FLOW, "departures expected from here"),
    "load": (_FLOW, "persons who board, alight or cross a border at the terminal"),
    "flow": (_FLOW, "persons who take the leg or end here"),
    "persons": (_FLOW, "persons"),
}
_ENDS = {"mean": "mean over the draws", "p05": "5th percentile", "p95": "95th percentile"}


def _columns(names: str, **specific: tuple[str, str]) -> Mapping[str, Column]:
    """Columns in order; what is not described by ``specific`` is as everywhere."""
    columns = {}
    for name in names.split():
        stem, _, end = name.rpartition("_")
        if name in specific:
            unit, meaning = specific[name]
        elif end in _ENDS and stem in _INTERVALS:
            unit, what = _INTERVALS[stem]
            meaning = f"{what}: {_ENDS[end]}"
        else:
            unit, meaning = _SHARED[name]
        columns[name] = Column(unit, meaning)
    return MappingProxyType(columns)


_SCORED = "score_mean score_p05 score_p95 known_share"
_RANKED = (
    "departures_mean departures_p05 departures_p95 departures_per_100k_mean "
    "departures_per_100k_p05 departures_per_100k_p95 class rank_p05 rank_p95 class_in_province "
    "rank_in_province_p05 rank_in_province_p95 p_top_decile class_probability"
)
_DEPARTURES = f"{_RANKED} demand_mean demand_p05 demand_p95"
_REASONS = {f"reason_{code}": ("", f"explanation, in language {code}") for code in languages()}
_P_CLASS = {
    f"p_{name}": ("probability", f"that the class is {name}: share of the draws")
    for name in CLASSES
}
_BASIS = ("", "`listed`, `modelled` or `osm`: what a road rests on")
_PROVENANCE = "source as_of confidence note"

COLUMNS: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        "areas": _columns(
            f"code name level parent province_code lat lon population population_year {_SCORED} "
            f"{' '.join(_REASONS)} contributions gaps alike trend {_DEPARTURES} "
            "unofficial_landings_class ltsa_id ltsa_hours",
            ltsa_id=("", "one-stop service for migrant workers nearest to the regency's seat"),
            ltsa_hours=("h", "travel time to it from there over the official network"),
            unofficial_landings_class=(
                "",
                "class of a regency with a coast by those who set out from it without papers",
            ),
            level=("", "province, regency or district"),
            parent=("", "code of the area above"),
            **_REASONS,
            contributions=("log points", "JSON: contribution of each indicator"),
            gaps=("", "JSON: indicators without a value of the area's own"),
            alike=("", "JSON: areas with similar values"),
            trend=("", "JSON: change of each indicator between two years"),
        ),
        "settlements": _columns(
            "id name kind lat lon precision decided_by province_code regency_code population "
            f"district_code district_basis {_SCORED} {_RANKED}",
            kind=("", "village (its point is the middle of its area) or settlement"),
            decided_by=("", "how the area was decided"),
        ),
        "terminals": _columns(
            "id name aliases place kind country area_code lat lon precision iata staffed_by "
            f"{_PROVENANCE} official load_mean load_p05 load_p95 "
            "official_load checks watched",
            checks=("", "JSON: checks by year, persons protected; empty without any"),
            watched=("", "JSON: who is on record as having watched it, and when; empty: nobody"),
            official_load=(
                _FLOW,
                "persons who board or alight if people know the official network alone, without "
                "posts; missing for unofficial landings",
            ),
            iata=("", "IATA code of an airport"),
            staffed_by=("", "services present, separated by semicolons"),
            official=("", "whether it is no unofficial landing"),
        ),
        "legs": _columns(
            "id from_id to_id mode operator line hours hours_basis hours_low hours_high "
            "departures_per_week departures_basis departures_per_week_low "
            f"departures_per_week_high fare_idr fare_year both_ways official assumed {_PROVENANCE} "
            "length_km route generalised_hours line_departures_per_week flow_mean flow_p05 "
            "flow_p95",
            from_id=("", "terminal where it begins; one row a direction"),
            to_id=("", "terminal where it ends"),
            operator=("", "who runs it"),
            line=("", "line or vessel"),
            hours_basis=("", "what the travel time rests on"),
            route=("", "WKT: the line over water, from from_id; empty where none is known"),
            hours_low=("h", "nine in ten lie between low and high; missing where stated"),
            hours_high=("h", "see hours_low"),
            departures_per_week=("1/week", "departures a week"),
            departures_per_week_low=("1/week", "see hours_low"),
            departures_per_week_high=("1/week", "see hours_low"),
            departures_basis=("", "what the departures rest on"),
            line_departures_per_week=("1/week", "those of them that lines make"),
            fare_year=("year", "year of the fare"),
            both_ways=("", "yes or no: listed once for both directions"),
            official=("", "yes or no"),
            assumed=("", "yes or no"),
            generalised_hours=("h", "generalised cost; missing for the dearer of parallel legs"),
        ),
        "destinations": _columns(
            "id name name_en aliases country region area_code lat lon precision hazard hazard_note "
            f"{_PROVENANCE} flow_mean flow_p05 flow_p95",
            name_en=("", "name in English"),
            region=("", "group of destinations that the demand fit knows, geo/data/README.md"),
            hazard_note=("", "what the hazard rests on"),
        ),
        "corridors": _columns(
            "id waypoints waypoint_names waypoint_kinds lons lats destination_id destination_name "
            "destination_area listed_for volume vulnerability unofficial_share hazard persons_mean "
            f"persons_p05 persons_p95 score_mean score_p05 score_p95 class {' '.join(_P_CLASS)}",
            **_P_CLASS,
            waypoints=("", "list of place ids, then the destination"),
            waypoint_names=("", "list of their names"),
            waypoint_kinds=("", "list of their kinds"),
            lons=("deg", "list of longitudes of the waypoints"),
            lats=("deg", "list of latitudes of the waypoints"),
            destination_area=("", "province code at home, ISO 3166 code abroad"),
            listed_for=("", "list of the province codes where the corridor's people board first"),
            volume=(_FLOW, "persons who pass in this order: mean over the draws"),
        ),
        "corridor_origins": _columns(
            "corridor_id code name province_code persons_mean share",
            corridor_id=("", "corridor"),
        ),
        "pairs": _columns(
            "code destination_id persons_mean persons_p05 persons_p95 vulnerability hazard",
            persons_mean=(
                _FLOW,
                "from the regency to the destination: its departures times the share",
            ),
        ),
        "counts": _columns(
            "place_code origin_code year kind measure legal_class unit held status how period "
            "value source tier",
            tier=("", "tier whose cell it is, where agreements differ by tier; empty: every tier"),
            place_code=("", "area where it was counted"),
            origin_code=("", "area the persons came from, where only those were counted"),
            year=("year", "year"),
            measure=("", "what was counted"),
            period=("", "the period as the source states it"),
            held=("", "an agency's own and so rounded, or published and as it stands"),
            value=("count", "the count (geo.disclosure)"),
            unit=("", "report, case or person"),
            legal_class=("", "class in law (geo.counts)"),
            status=("", "suspected or identified"),
            how=("", "reported or discovered"),
        ),
        "coverage": _columns(
            "code name level province_code lat lon coverage villages listed listed_share area_wide "
            "kinds year source visited_share departures_share",
            level=("", "province, regency or village; of villages those listed"),
            coverage=("", "listed or not_listed, which does not mean that there is none"),
            villages=("count", "villages of the area"),
            listed=("count", "those of them listed as served"),
            listed_share=("percent", "the same of its villages; missing where none is listed"),
            area_wide=("count", "services that name an area and none of its villages"),
            kinds=("", "kinds of what is listed, separated by semicolons"),
            year=("year", "the latest year on record"),
            visited_share=("percent", "of its villages in imported outreach; missing without any"),
            departures_share=("percent", "mean of listed_share over regencies by their departures"),
        ),
        "services": _columns(
            f"id kind name area_code place jurisdiction lat lon precision {_PROVENANCE} "
            "phone phone_as_of phone_source phone_confidence",
            jurisdiction=("", "codes of the areas served, of a consulate the destinations"),
            phone=("", "number as dialled"),
            phone_as_of=("", "when a page announced it, or an office confirmed it"),
            phone_source=("", "where it is announced"),
            phone_confidence=("", "high, medium or low; empty: imported"),
        ),
        "posts": _columns(
            f"terminal_id name since until evidence_from hours officers duties {_PROVENANCE}",
            terminal_id=("", "terminal of the post"),
            since=("", "when it began, as a source states it; empty: not known"),
            until=("", "when it ended; empty: not known to have ended"),
            evidence_from=("", "the earliest watch on record at this terminal, by any body"),
            hours=("hours/day", "hours of watch a day on record"),
            officers=("persons", "officers on record"),
            duties=(
                "",
                "what it does: slugs of duty.*, or the words of an import, separated by semicolons",
            ),
        ),
        "hotspots": _columns(
            "code name lat lon province_code regency_code rate gi_star p_value q_value class",
            rate=("persons/year/100,000", "departures expected"),
            gi_star=("z", "Getis-Ord Gi*"),
            p_value=("probability", "p-value"),
            q_value=("probability", "p-value with the false-discovery rate controlled"),
            **{"class": ("", "hot, cold, not_significant or not_assessed")},
        ),
        "nodes": _columns(
            "node kind name lon lat place area_code country island watch post line calls_at "
            "destination layer hazard utilities group demand vulnerability",
            node=("", "name of the node in the graph"),
            island=("", "island or land mass"),
            post=("", "JSON: the post in force, hours it deters by and share it detects"),
            watch=("1/year/person", "JSON: rates of interception, by group and role"),
            destination=("", "destination that the node stands for"),
            layer=("", "way to it: P with a passport, N without papers, D at home"),
            utilities=("nats", "JSON: fitted utility of the destination by group of origins"),
            group=("", "group of the origin: its province"),
            line=("", "line of the ship, of nodes aboard"),
            calls_at=("", "terminal that the ship has left"),
            demand=(_FLOW, "departures expected from here in the central model"),
            vulnerability=(_INDEX, "index of the origin's regency"),
        ),
        "official_edges": _columns(
            "u v time_h headway_h hours basis",
            u=("", "node where it begins"),
            v=("", "node where it ends"),
            time_h=("h", "travel time in the network without unofficial landings and posts"),
            headway_h=("h", "between departures; missing where one goes at will"),
            hours=("h", "generalised cost in it"),
            basis=_BASIS,
        ),
        "edges": _columns(
            "u v mode hours time_h fare_idr length_km official assumed leg_id service ride_h "
            "ride_low_h ride_high_h headway_h headway_low_h headway_high_h border_h basis "
            "exit exit_town exit_spread town_spread log_weight",
            u=("", "node where it begins"),
            v=("", "node where it ends"),
            hours=("h", "generalised cost"),
            time_h=("h", "its part without the fare and posts in force"),
            service=("", "ship, line or coast whose legs are as quick and as frequent in a draw"),
            ride_h=("h", "time of travel"),
            ride_low_h=("h", "p05 of the time of travel, where it is assumed"),
            ride_high_h=("h", "p95 of the same"),
            headway_h=("h", "time between departures"),
            headway_low_h=("h", "p05 of the time between departures, where it is assumed"),
            headway_high_h=("h", "p95 of the same"),
            border_h=("h", "what papers and the border weigh"),
            exit=("", "regency or coast of the exit, on legs that leave the country"),
            exit_town=("", "regency whose exits draw people to that coast"),
            exit_spread=("nats", "standard deviation of what the exit draws"),
            town_spread=("nats", "the same of the regency"),
            official=("", "whether it is an official movement"),
            assumed=("", "whether its existence is assumed"),
            basis=_BASIS,
            leg_id=("", "leg of the table `legs`; empty for a road"),
            log_weight=(
                "nats",
                "reference weight, from a coast to its landings; else missing",
            ),
        ),
    }
)
"""Columns by table. A table given as a GeoDataFrame has the column ``geometry`` besides."""
