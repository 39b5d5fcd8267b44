"""Corridors below the police tier: pairs of areas with a class, never a path or a number.

A pair is scored like a corridor (routes.corridors.risk) from all people who go from the one area
to the other, whichever way they take. The line drawn joins the seats of the two areas and says
nothing of the ports between.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from layers.release.great_circle import arc_lines
from routes.corridors.risk import RiskWeights, risk_class, risk_score

__all__ = ["COUNTRY_NAMES", "LEAST_PERSONS", "PUBLIC_CLASS", "corridor_pairs"]

LEAST_PERSONS = 1.0
"""Pairs with a smaller expected flow a year are not shown."""

PUBLIC_CLASS: Mapping[str, str] = MappingProxyType(
    {"very_low": "low", "low": "low", "medium": "medium", "high": "high", "very_high": "high"}
)
COUNTRY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "AE": "Uni Emirat Arab", "BH": "Bahrain", "BN": "Brunei Darussalam", "HK": "Hong Kong",
        "ID": "Indonesia", "JO": "Yordania", "KH": "Kamboja", "KW": "Kuwait", "LA": "Laos",
        "MM": "Myanmar", "MY": "Malaysia", "OM": "Oman", "PH": "Filipina", "QA": "Qatar",
        "SA": "Arab Saudi", "SG": "Singapura", "SY": "Suriah", "TH": "Thailand",
        "TL": "Timor-Leste", "TW": "Taiwan", "VN": "Vietnam",
    }
)  # fmt: skip


def corridor_pairs(
    pairs: pd.DataFrame,
    destinations: pd.DataFrame,
    areas: pd.DataFrame,
    *,
    by: str,
    weights: RiskWeights,
) -> pd.DataFrame:
    """Gather flows from regencies to destinations into pairs with a class.

    Parameters
    ----------
    pairs : DataFrame
        ``code`` (regency), ``destination_id``, ``persons_mean`` and, as means of those persons,
        ``vulnerability, unofficial_share, hazard``.
    destinations : DataFrame
        ``id, name, country, area_code, lat, lon``.
    areas : DataFrame
        ``code, name, lat, lon``: the seats.
    by : {"province", "regency"}
        Province to province or country in three classes, or regency to regency (abroad: to the
        destination's town) in five.
    weights : RiskWeights
        Those of the build.

    Returns
    -------
    DataFrame
        ``id, name, class, origin_code, origin_name, province_code, destination_code,
        destination_name, geometry``; pairs of fewer than one person a year are left out.
    """
    ends = _destination_ends(destinations, areas, by=by)
    places = {end[0]: end for end in ends.values()}
    seats = {
        str(a.code): (str(a.name), float(a.lon), float(a.lat))
        for a in areas[["code", "name", "lat", "lon"]].itertuples(index=False)
    }
    rows = []
    for (origin, destination), flow in _gathered(pairs, ends, digits=2 if by == "province" else 5):
        score = risk_score(
            persons=flow["persons"],
            vulnerability=flow["vulnerability"],
            unofficial_share=flow["unofficial_share"],
            hazard=flow["hazard"],
            weights=weights,
        )
        label = risk_class(float(score))
        name, lon, lat = seats.get(origin, (origin, np.nan, np.nan))
        _, to_name, to_lon, to_lat = places[destination]
        rows.append(
            {
                "id": f"{origin}-{destination}",
                "name": f"{name} - {to_name}",
                "class": PUBLIC_CLASS[label] if by == "province" else label,
                "origin_code": origin,
                "origin_name": name,
                "province_code": origin[:2],
                "destination_code": destination,
                "destination_name": to_name,
                "geometry": arc_lines([lon, to_lon], [lat, to_lat]),
            }
        )
    columns = ["id", "name", "class", "origin_code", "origin_name", "province_code"]
    return pd.DataFrame(
        rows, columns=[*columns, "destination_code", "destination_name", "geometry"]
    )


def _gathered(
    pairs: pd.DataFrame, ends: Mapping[str, tuple[str, str, float, float]], *, digits: int
) -> list[tuple[tuple[str, str], dict[str, float]]]:
    """Sum the persons of each pair and average the rest over them, in the order of the codes."""
    frame = pairs[pairs["destination_id"].isin(list(ends)) & (pairs["persons_mean"] > 0)]
    # Sorted first, so that sums do not depend on the order of the rows.
    frame = frame.sort_values(["code", "destination_id"])
    means = ["vulnerability", "unofficial_share", "hazard"]
    persons = frame["persons_mean"]
    weighted = frame[means].mul(persons, axis=0).assign(persons=persons)
    weighted["origin"] = frame["code"].str[:digits]
    weighted["destination"] = [ends[str(end)][0] for end in frame["destination_id"]]
    found = []
    for row in weighted.groupby(["origin", "destination"]).sum().reset_index().to_dict("records"):
        if row["persons"] >= LEAST_PERSONS:
            flow = {name: row[name] / row["persons"] for name in means}
            key = (str(row["origin"]), str(row["destination"]))
            found.append((key, {"persons": row["persons"], **flow}))
    return found


def _destination_ends(
    destinations: pd.DataFrame, areas: pd.DataFrame, *, by: str
) -> dict[str, tuple[str, str, float, float]]:
    """Destination id -> (code, name, lon, lat) of the area that stands for it."""
    seats = {
        str(a.code): (str(a.code), str(a.name), float(a.lon), float(a.lat))
        for a in areas[["code", "name", "lat", "lon"]].itertuples(index=False)
    }
    ends: dict[str, tuple[str, str, float, float]] = {}
    for row in destinations.sort_values("id").to_dict("records"):
        code, country = str(row["area_code"] or ""), str(row["country"])
        place = (str(row["id"]), str(row["name"]), float(row["lon"]), float(row["lat"]))
        if country == "ID" and code:
            area = code[:2] if by == "province" else code[:5]
            ends[place[0]] = seats.get(area, (area, place[1], place[2], place[3]))
        elif by == "regency":
            ends[place[0]] = place
        else:
            ends[place[0]] = _country_end(destinations, country)
    return ends


def _country_end(destinations: pd.DataFrame, country: str) -> tuple[str, str, float, float]:
    """One fixed point for a country: its listed destination nearest to their middle.

    Chosen from the list alone, so it does not move with the flow.
    """
    there = destinations[destinations["country"] == country].sort_values("id")
    lon, lat = there["lon"].to_numpy(float), there["lat"].to_numpy(float)
    nearest = int(np.argmin((lon - lon.mean()) ** 2 + (lat - lat.mean()) ** 2))
    name = COUNTRY_NAMES.get(country, country)
    return country, name, float(lon[nearest]), float(lat[nearest])
