"""Corridors below the police tier: pairs of areas with a class, never a path or a number.

A pair's class is the class of the corridor taken by its median traveller (the persons-weighted
median of the corridors' classes), so a pair is not called very high for one rare path. The line
drawn joins the seats of the two areas and says nothing of the ports between.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from layers.arcs import arc_lines
from layers.registry import CLASS_RANK, CLASSES

__all__ = ["COUNTRY_NAMES", "PUBLIC_CLASS", "corridor_pairs"]

PUBLIC_CLASS: Mapping[str, str] = MappingProxyType(
    {"very low": "low", "low": "low", "medium": "medium", "high": "high", "very high": "high"}
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
    corridors: pd.DataFrame,
    origins: pd.DataFrame,
    destinations: pd.DataFrame,
    areas: pd.DataFrame,
    *,
    by: str,
) -> pd.DataFrame:
    """Corridors gathered into pairs.

    Parameters
    ----------
    corridors : DataFrame
        ``id, class, destination_id``.
    origins : DataFrame
        ``corridor_id, code`` (regency) and ``persons_mean`` (the weights).
    destinations : DataFrame
        ``id, name, country, area_code, lat, lon``.
    areas : DataFrame
        ``code, name, lat, lon``: the seats.
    by : {"province", "regency"}
        Province to province or country in three classes, or regency to regency (abroad: to the
        destination's town) in five.

    Returns
    -------
    DataFrame
        ``id, name, class, origin_code, origin_name, province_code, destination_code,
        destination_name, geometry``; a pair of unknown class is left out.
    """
    ends = _destination_ends(destinations, areas, by=by)
    seats = {
        str(a.code): (str(a.name), float(a.lon), float(a.lat))
        for a in areas[["code", "name", "lat", "lon"]].itertuples(index=False)
    }
    joined = origins.merge(
        corridors[["id", "class", "destination_id"]], left_on="corridor_id", right_on="id"
    )
    digits = 2 if by == "province" else 5
    groups: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for code, label, destination, persons in zip(
        joined["code"], joined["class"], joined["destination_id"], joined["persons_mean"],
        strict=True,
    ):  # fmt: skip
        end = ends.get(str(destination))
        if label in CLASS_RANK and end is not None:
            weight = float(persons) if np.isfinite(persons) and persons > 0 else 0.0
            key = (str(code)[:digits], end[0])
            groups.setdefault(key, []).append((CLASS_RANK[label], weight))
    places = {end[0]: end for end in ends.values()}
    rows = []
    for (origin, destination), members in sorted(groups.items()):
        label = CLASSES[_weighted_median(members)]
        if by == "province":
            label = PUBLIC_CLASS[label]
        name, lon, lat = seats.get(origin, (origin, np.nan, np.nan))
        _, to_name, to_lon, to_lat = places[destination]
        rows.append(
            {
                "id": f"{origin}-{destination}",
                "name": f"{name} - {to_name}",
                "class": label,
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


def _weighted_median(members: list[tuple[int, float]]) -> int:
    ordered = sorted(members)
    total = sum(weight for _, weight in ordered)
    if total <= 0:
        return ordered[(len(ordered) - 1) // 2][0]
    running = 0.0
    for rank, weight in ordered:
        running += weight
        # the tolerance keeps a tie on one side whatever the order of the sum
        if running >= total / 2 * (1 - 1e-9):
            return rank
    return ordered[-1][0]


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
