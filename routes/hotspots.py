r"""Clusters of districts with high or low rates of departure, by Gi* with false-discovery control.

With binary weights :math:`w_{ij}` over the nearest districts, the own included, and rates
:math:`x_j` of :math:`n` districts (Ord and Getis 1995, eq. 14):

.. math:: G_i^* = \frac{\sum_j w_{ij} x_j - W_i \bar x}
                       {s \sqrt{(n S_{1i} - W_i^2) / (n - 1)}}, \quad
          W_i = \sum_j w_{ij},\; S_{1i} = \sum_j w_{ij}^2,\; s^2 = \overline{x^2} - \bar x^2

The rates are the demand model's: empirical-Bayes, shrunk between what is recorded of each regency
and what its index makes expected. What is recorded is recorded by regency, so neighbouring
districts share a record, and the textbook's normal p-value takes one regency for many witnesses. A
district therefore counts as hot only if two tests agree, and its p-value is the larger of the two
(an intersection-union test, Berger 1982):

* Gi* against the normal distribution, two-sided;
* the mean empirical-Bayes factor of the same neighbourhood against draws in which every regency's
  records are Poisson with one rate per head in the whole province (and rounded, as they are):
  could chance alone have made these records?

The false-discovery rate over the districts of a province is held by Benjamini and Hochberg (1995).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree
from scipy.stats import false_discovery_control, norm

from geo.errors import InputError
from routes.demand import fit_shape
from routes.protection import ROUNDING_VARIANCE

__all__ = ["HOT_CLASSES", "find_hotspots", "getis_ord", "nearest_weights"]

HOT_CLASSES = ("hot", "cold", "not significant", "unknown")
NEIGHBOURS = 8
SIMULATIONS = 4999
FALSE_DISCOVERY = 0.05
_LEAST_REGENCIES = 5

Floats = NDArray[np.float64]


def nearest_weights(lat: Floats, lon: Floats, *, neighbours: int = NEIGHBOURS) -> csr_array:
    """Binary weights of each point to its nearest others and to itself, shape (n, n).

    Raises
    ------
    InputError
        If there are not more points than neighbours.
    """
    if len(lat) <= neighbours:
        raise InputError(f"{len(lat)} places are too few for {neighbours} neighbours each")
    north, east = np.radians(lat), np.radians(lon)
    sphere = np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )
    _, near = KDTree(sphere).query(sphere, k=neighbours + 1)
    row = np.repeat(np.arange(len(lat)), neighbours + 1)
    weights = csr_array((np.ones(row.size), (row, near.ravel())), shape=(len(lat), len(lat)))
    weights.setdiag(1.0)  # points on top of each other may have found one another instead
    return weights


def getis_ord(values: Floats, weights: csr_array) -> Floats:
    """Gi* of every place.

    Parameters
    ----------
    values : array (n,) or (m, n)
        One rate a place; several sets of them at once.
    weights : sparse array (n, n)
        Not negative, with the diagonal.

    Returns
    -------
    Array shaped as ``values``: standard deviates; NaN where all values are equal.
    """
    x = np.atleast_2d(np.asarray(values, dtype=np.float64))
    n = x.shape[1]
    total = np.asarray(weights.sum(axis=1)).ravel()
    squares = np.asarray(weights.power(2).sum(axis=1)).ravel()
    centred = x - x.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=1, keepdims=True))
    flat = spread <= 1e-12 * np.abs(x).max(axis=1, keepdims=True)
    scale = np.where(flat, np.nan, spread) * np.sqrt((n * squares - total**2) / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.asarray((weights @ centred.T).T) / scale
    out: Floats = np.where(np.isfinite(z), z, np.nan).reshape(np.shape(values))
    return out


def find_hotspots(
    districts: pd.DataFrame,
    records: pd.Series,
    *,
    rng: np.random.Generator,
    neighbours: int = NEIGHBOURS,
    simulations: int = SIMULATIONS,
    false_discovery: float = FALSE_DISCOVERY,
) -> pd.DataFrame:
    """Test the districts of each province for clusters.

    Parameters
    ----------
    districts : DataFrame
        ``code, name, lat, lon, persons`` (expected departures a year) and ``people``; the regency
        is the code's first five characters.
    records : Series
        What is recorded of each regency, by code. A province with fewer than five is not tested:
        its rates rest on the model alone.
    rng : Generator
    neighbours, simulations, false_discovery
        Nearest districts counted; draws under one rate for all; rate of false discoveries.

    Returns
    -------
    DataFrame
        ``code, name, province_code, regency_code, lat, lon, rate`` (persons a year per 100,000
        people), ``gi_star, p_value, q_value, class`` (:data:`HOT_CLASSES`).
    """
    frame = districts[["code", "name", "lat", "lon"]].copy()
    frame["province_code"] = frame["code"].str[:2]
    frame["regency_code"] = frame["code"].str[:5]
    frame["rate"] = 1e5 * districts["persons"] / districts["people"].where(districts["people"] > 0)
    frame[["gi_star", "p_value", "q_value"]] = np.nan
    frame["class"] = "unknown"
    for _, group in frame.groupby("province_code"):
        usable = (
            group["rate"].notna() & group["lat"].notna() & group["regency_code"].isin(records.index)
        )
        mine = group[usable]
        if mine["regency_code"].nunique() < _LEAST_REGENCIES or len(mine) <= neighbours:
            continue
        weights = nearest_weights(
            mine["lat"].to_numpy(), mine["lon"].to_numpy(), neighbours=neighbours
        )
        z = getis_ord(mine["rate"].to_numpy(), weights)
        people = districts.loc[group.index, "people"].groupby(group["regency_code"]).sum()
        chance = _by_chance(mine["regency_code"], records, people, weights, rng, simulations)
        p = np.maximum(2.0 * norm.sf(np.abs(z)), chance)
        q = false_discovery_control(p)
        label = np.where(q > false_discovery, "not significant", np.where(z > 0, "hot", "cold"))
        frame.loc[mine.index, "gi_star"] = z
        frame.loc[mine.index, "p_value"] = p
        frame.loc[mine.index, "q_value"] = q
        frame.loc[mine.index, "class"] = label
    return frame.reset_index(drop=True)


def _by_chance(
    regency: pd.Series,
    records: pd.Series,
    people: pd.Series,
    weights: csr_array,
    rng: np.random.Generator,
    simulations: int,
) -> Floats:
    """Two-sided p-value of a neighbourhood's mean factor if all regencies had one rate a head."""
    codes = [code for code in people.index if code in records.index and people[code] > 0]
    seen, heads = records[codes].to_numpy(float), people[codes].to_numpy(float)
    expected = seen.sum() * heads / heads.sum()
    shape = fit_shape(pd.Series(seen), pd.Series(expected), default=1.0)
    drawn = rng.poisson(expected, size=(simulations, len(codes))).astype(np.float64)
    rounding = rng.normal(scale=np.sqrt(ROUNDING_VARIANCE), size=drawn.shape)
    drawn = np.maximum(drawn + rounding, 0.0)
    place = pd.Index(codes).get_indexer(regency)
    near = weights / np.asarray(weights.sum(axis=1)).reshape(-1, 1)

    def local(counts: Floats) -> Floats:
        factor = (shape + counts) / (shape + expected)
        out: Floats = np.asarray((near @ np.atleast_2d(factor)[:, place].T).T)
        return out

    observed, null = local(seen)[0], local(drawn)
    above = (null >= observed - 1e-12).sum(axis=0)
    below = (null <= observed + 1e-12).sum(axis=0)
    p: Floats = np.minimum(1.0, 2.0 * (1.0 + np.minimum(above, below)) / (1.0 + simulations))
    return p
