"""Inputs of the model that are counts of people, rounded as they are published.

Scores and classes leave the house at every tier, so they are made from the rounded counts and
never from the true ones: two datasets that differ only in what rounding hides give the same
scores. A number that is also published as a count is rounded on the same cell (place, year,
measure), so the two roundings are one and nothing is learned by comparing them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.disclosure import BASE, protect_count

__all__ = ["COUNT_INDICATORS", "ROUNDING_VARIANCE", "protected_inputs"]

COUNT_INDICATORS: Mapping[str, str] = MappingProxyType(
    {
        "migrant_deaths": "deaths_abroad",
        "returned_migrants_problem": "returned_migrants_problem",
        "returned_migrants": "returned_migrants",
        "prevented_by_origin": "prevented_by_origin",
    }
)
"""Indicators that count persons, with the measure under which they are rounded."""

ROUNDING_VARIANCE = (BASE**2 - 1) / 6
"""Mean variance of random rounding: ``r (base - r)`` over remainders ``r = 0 .. base - 1``."""


def protected_inputs(dataset: Dataset, secret: bytes) -> Dataset:
    """The dataset as the model may use it.

    Parameters
    ----------
    dataset : Dataset
    secret : bytes
        The home's, from :func:`geo.disclosure.release_secret`.

    Returns
    -------
    Dataset
        The indicators of :data:`COUNT_INDICATORS` and every value of ``counts`` rounded.
    """
    table = dataset.indicators
    measure = table["indicator"].map(dict(COUNT_INDICATORS))
    counted = measure.notna() & table["value"].notna()
    indicators = table.assign(
        value=_rounded(table["area_code"], table["year"], measure, table["value"], counted, secret)
    )
    rows = dataset.counts
    # the row's own cell: place, and for a part of a place's sum the terminal and the origin
    cell = rows["place_code"] + "/" + rows["terminal_id"] + "/" + rows["origin_code"]
    counts = rows.assign(
        value=_rounded(
            cell, rows["year"], rows["measure"], rows["value"], rows["value"].notna(), secret
        )
    )
    return replace(dataset, indicators=indicators, counts=counts)


def _rounded(
    place: pd.Series,
    year: pd.Series,
    measure: pd.Series,
    value: pd.Series,
    which: pd.Series,
    secret: bytes,
) -> pd.Series:
    out = value.astype(np.float64).copy()
    for row in np.flatnonzero(which.to_numpy()):
        out.iloc[row] = protect_count(
            round(float(value.iloc[row])),
            place=str(place.iloc[row]),
            year=int(year.iloc[row]),
            measure=str(measure.iloc[row]),
            secret=secret,
        )
    return out
