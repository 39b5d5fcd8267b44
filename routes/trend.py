"""Change between two years, told only where it is more than noise.

A change is told when its 90 % interval leaves out zero and its false-discovery rate among the
areas of the same level and indicator is at most one in ten (Benjamini and Hochberg 1995): of 22
regencies, two would otherwise seem to change by chance alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from routes.framework import Framework, Indicator
from routes.protection import COUNT_INDICATORS, ROUNDING_VARIANCE

__all__ = ["NO_CLEAR_CHANGE", "SINCE", "trends"]

NO_CLEAR_CHANGE = "no clear change"
FALSE_DISCOVERY = 0.10
SINCE: Mapping[str, int] = MappingProxyType({"hdi": 2020, "stunting_rate": 2021})
"""First year of the present method: BPS's index on the long census form; the SSGI survey."""

_FIRST = 2018
_Z90 = 1.6448536269514722
_COLUMNS = [
    "code", "indicator", "year_from", "year_to", "value_from", "value_to", "change", "p05", "p95",
    "p_value", "q_value", "direction",
]  # fmt: skip


def trends(indicators: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Compare the first and the last year of each area and indicator of the framework.

    Published values carry the framework's ``error`` each; counts ``y`` the variance
    ``max(y, 1) + v`` (Poisson, and the rounding's), divided by the same latest population.

    Parameters
    ----------
    indicators : DataFrame
        ``area_code, indicator, year, value``, counts protected.
    framework : Framework

    Returns
    -------
    DataFrame
        ``code, indicator, year_from, year_to, value_from, value_to, change, p05, p95, p_value,
        q_value, direction`` (``up``, ``down`` or :data:`NO_CLEAR_CHANGE`; then ``change`` is NaN).
    """
    parts = [_of_indicator(item, indicators) for item in framework.indicators]
    whole = pd.concat([p for p in parts if len(p)], ignore_index=True)
    length = whole["code"].str.len()
    whole["q_value"] = 1.0
    for members in whole.groupby([whole["indicator"], length]).groups.values():
        whole.loc[members, "q_value"] = false_discovery_control(whole.loc[members, "p_value"])
    clear = (whole["q_value"] <= FALSE_DISCOVERY) & (whole["p05"] * whole["p95"] > 0)
    whole["direction"] = np.where(
        clear, np.where(whole["change"] > 0, "up", "down"), NO_CLEAR_CHANGE
    )
    whole["change"] = whole["change"].where(clear)
    return whole[_COLUMNS]


def _of_indicator(item: Indicator, indicators: pd.DataFrame) -> pd.DataFrame:
    slug = item.take or item.slug
    rows = indicators[(indicators["indicator"] == slug) & indicators["value"].notna()]
    rows = rows[rows["year"] >= SINCE.get(slug, _FIRST)]
    if item.years:
        rows = rows[rows["year"].isin(item.years)]
    counted = slug in COUNT_INDICATORS
    if not counted and item.error <= 0:
        return pd.DataFrame(columns=_COLUMNS)
    rows = rows.sort_values(["area_code", "year"], kind="stable")
    group = rows.groupby("area_code")
    first, last = group.first(), group.last()
    two = first["year"] < last["year"]
    first, last = first[two], last[two]
    scale = pd.Series(item.times, index=first.index)
    if item.per:
        people = indicators[indicators["indicator"] == item.per].sort_values("year", kind="stable")
        scale = item.times / people.groupby("area_code")["value"].last().reindex(first.index)
    variance = 2.0 * item.error**2
    if counted:
        variance = scale**2 * (
            first["value"].clip(lower=1) + last["value"].clip(lower=1) + 2 * ROUNDING_VARIANCE
        )
    change = scale * (last["value"] - first["value"])
    sd = np.sqrt(variance)
    frame = pd.DataFrame(
        {
            "code": first.index, "indicator": item.slug,
            "year_from": first["year"], "year_to": last["year"],
            "value_from": scale * first["value"], "value_to": scale * last["value"],
            "change": change, "p05": change - _Z90 * sd, "p95": change + _Z90 * sd,
            "p_value": 2.0 * norm.sf(np.abs(change / sd)),
        }
    )  # fmt: skip
    return frame[frame["change"].notna()]
