"""Who is listed as working in villages against trafficking, by area."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.codes import CODE_LENGTHS
from geo.dataset import Dataset

__all__ = ["coverage_frame"]

_COLUMNS = (
    "code", "name", "level", "province_code", "lat", "lon", "coverage", "villages", "listed",
    "listed_share", "area_wide", "kinds", "year", "source", "visited_share", "departures_share",
)  # fmt: skip


def coverage_frame(dataset: Dataset, areas: pd.DataFrame) -> pd.DataFrame:
    """Provinces, regencies and the villages listed, with what is listed there.

    Shares are percentages of the villages of an area. A list that is not whole shows no absence: an
    area without a listed village is ``not_listed`` and has no share. What names an area as a whole,
    or is planned, covers no village; the former is counted in ``area_wide``.

    Parameters
    ----------
    dataset : Dataset
        ``task_forces`` and imported ``outreach``.
    areas : DataFrame
        ``code, name, level, province_code, lat, lon, departures_mean``; those departures weight the
        shares of the regencies in ``departures_share`` of a province whose regencies all have them.
    """
    listed, visits = dataset.village_task_forces, dataset.outreach
    rows = [areas[areas["level"].isin(("province", "regency"))], _villages(dataset, listed)]
    frame = pd.concat(rows, ignore_index=True)
    village = dataset.areas.loc[dataset.areas["level"] == "village", "code"]
    wide = dataset.task_forces[dataset.task_forces["scope"] == "some"]
    parts = []
    for level in ("province", "regency", "village"):
        length = CODE_LENGTHS[level]
        codes = frame.loc[frame["level"] == level, "code"]
        group = listed.groupby(listed["area_code"].str[:length])
        every = village.str[:length].value_counts()
        visited = village[village.isin(visits["area_code"])].str[:length].value_counts()
        part = pd.DataFrame(
            {
                "villages": every,
                "listed": group["area_code"].nunique(),
                "visited_share": 100.0 * visited / every if len(visits) else np.nan,
                "area_wide": wide["area_code"].str[:length].value_counts(),
                "kinds": group["kind"].agg(lambda values: ";".join(sorted(set(values)))),
                "year": group["year"].max(),
                "source": group["source"].agg(lambda values: "; ".join(sorted(set(values)))),
            }
        )
        parts.append(part.reindex(codes))
    found = pd.concat(parts).reindex(frame["code"]).set_index(frame.index)
    counts = ["villages", "listed", "area_wide"]
    frame = frame.assign(**found.assign(**found[counts].fillna(0)))
    is_listed = frame["listed"] > 0
    frame["listed_share"] = (100.0 * frame["listed"] / frame["villages"]).where(is_listed)
    frame["coverage"] = np.where(is_listed, "listed", "not_listed")
    frame["departures_share"] = _departures_share(frame).where(is_listed)
    return frame[list(_COLUMNS)]


def _villages(dataset: Dataset, listed: pd.DataFrame) -> pd.DataFrame:
    codes = sorted(set(listed["area_code"]))
    points = dataset.villages.set_index("code")[["lat", "lon"]].reindex(codes)
    return pd.DataFrame(
        {
            "code": codes, "name": [dataset.area_name(code) for code in codes], "level": "village",
            "province_code": [code[:2] for code in codes],
            "lat": points["lat"].to_numpy(), "lon": points["lon"].to_numpy(),
        }
    )  # fmt: skip


def _departures_share(frame: pd.DataFrame) -> pd.Series:
    """Mean of the shares of a province's regencies, by their departures; NaN elsewhere."""
    regencies = frame[frame["level"] == "regency"]
    weight = regencies["departures_mean"].astype(float)
    covered = (weight * regencies["listed_share"].fillna(0.0)).groupby(regencies["province_code"])
    whole = weight.groupby(regencies["province_code"])
    share = covered.sum(min_count=1) / whole.sum(min_count=1)
    share = share[whole.apply(lambda values: bool(values.notna().all()))]
    return frame["code"].map(share).astype(float)
