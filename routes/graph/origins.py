"""Origins: settlements of the pilot provinces, regency seats elsewhere."""

from __future__ import annotations

import pandas as pd

from geo.dataset import Dataset
from geo.imports.overlay import IMPORTED

__all__ = ["PILOT_PROVINCES", "origin_points"]

PILOT_PROVINCES = ("53", "21", "65")
"""NTT, Kepulauan Riau, Kalimantan Utara: modelled by settlement."""


def origin_points(dataset: Dataset) -> pd.DataFrame:
    """Origins of the model.

    Every settlement with known regency in the pilot provinces, every imported village, and the
    seat of every regency without a settlement in the list.

    Returns
    -------
    DataFrame
        ``node, name, kind`` (``settlement`` or ``seat``), ``lat, lon, population`` (NaN where
        unknown), ``regency_code, province_code``; one row an origin, in the order of the dataset.
    """
    settlements = dataset.settlements
    modelled = settlements["province_code"].isin(PILOT_PROVINCES)
    modelled |= settlements["decided_by"] == IMPORTED
    pilot = settlements[modelled & (settlements["regency_code"] != "")]
    villages = pilot[["name", "lat", "lon", "population", "regency_code", "province_code"]].assign(
        node="s:" + pilot["id"], kind="settlement"
    )
    seats = dataset.seats[~dataset.seats["code"].isin(pilot["regency_code"])]
    towns = pd.DataFrame(
        {
            "node": "r:" + seats["code"],
            "name": seats["name"],
            "kind": "seat",
            "lat": seats["lat"],
            "lon": seats["lon"],
            "population": float("nan"),
            "regency_code": seats["code"],
            "province_code": seats["code"].str[:2],
        }
    )
    return pd.concat([villages, towns], ignore_index=True)
