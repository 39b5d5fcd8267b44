"""Origins with population and index; sampling of their departures and vulnerability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.dataset import Dataset
from routes.demand.departures import Departures, regency_departures
from routes.demand.destinations import DestinationShares
from routes.demand.model import DemandParameters
from routes.demand.streams import read_streams
from routes.graph.build import GraphFrames
from routes.graph.costs import CostParameters
from routes.graph.origins import origin_points
from routes.vulnerability.admin_levels import LevelIndices, fit_levels
from routes.vulnerability.framework import Framework

__all__ = ["OriginModel", "OriginSampler", "fit_origins"]

_DEATHS = "migrant_deaths"
_DEATH_YEARS = (2018, 2021, 2024)
"""Years with a list of all or nearly all of a province's deaths by home regency."""


@dataclass(frozen=True, eq=False)
class OriginSampler:
    """Draws departures and vulnerability of the origins.

    Attributes
    ----------
    table : DataFrame
        ``population, regency_code, province_code`` of the origins.
    published : DataFrame
        From :meth:`routes.vulnerability.admin_levels.LevelIndices.by_origin`.
    posterior : Departures
    destinations : DestinationShares
    """

    table: pd.DataFrame
    published: pd.DataFrame
    posterior: Departures
    destinations: DestinationShares

    def departures(self, row: int | None = None) -> pd.Series:
        """Persons a year by origin, aligned with the table: expected, or of a row of the posterior.

        A regency's departures are divided by the population of its origins.
        """
        by_regency = self.posterior.by_regency
        drawn = by_regency.mean() if row is None else by_regency.iloc[row]
        whole = self.table["regency_code"].map(drawn).astype(float)
        departures: pd.Series = whole.fillna(0.0) * self.share
        return departures.rename("departures")

    def all_departures(self) -> npt.NDArray[np.float64]:
        """Persons a year by origin in every row of the posterior, shape (rows, origins)."""
        by_regency = self.posterior.by_regency
        place = by_regency.columns.get_indexer(self.table["regency_code"].astype(str))
        share = np.where(place >= 0, self.share, 0.0)
        return np.asarray(by_regency.to_numpy(float)[:, place] * share)

    def shares(self) -> npt.NDArray[np.float64]:
        """Expected share of each destination node by province, shape (provinces, nodes)."""
        return self.destinations.shares(self.posterior.region_shares.to_numpy(float))

    def draw(self, k: int, rng: np.random.Generator) -> tuple[pd.Series, pd.Series, Any]:
        """Departures, vulnerability and shares of draw number k; departures and shares belong
        together: both are of row k of the posterior, so that as many draws as rows have its mean.
        """
        row = k % len(self.posterior.by_regency)
        shares = self.destinations.shares(self.posterior.drawn_region_shares[row], rng)
        return self.departures(row), self.vulnerability(rng), shares

    @cached_property
    def share(self) -> pd.Series:
        """Share of each origin in the departures of its regency; 0 where the people are unknown."""
        people = self.table["population"].fillna(0.0)
        regency = people.groupby(self.table["regency_code"], observed=True).transform("sum")
        return (people / regency).fillna(0.0)

    @cached_property
    def _place(self) -> tuple[int, npt.NDArray[np.intp]]:
        """Number of regencies, and the number of each origin's."""
        codes, place = np.unique(self.table["regency_code"].to_numpy(str), return_inverse=True)
        return len(codes), place

    def vulnerability(self, rng: np.random.Generator | None = None) -> pd.Series:
        """Published index of each origin; missing ones are imputed with the median."""
        score = self._scores(rng)
        return score.fillna(score.median())

    def _scores(self, rng: np.random.Generator | None) -> pd.Series:
        """Scores, or a draw: a normal error shared by the regency and an independent remainder."""
        index = self.published
        if rng is None:
            return index["score"]
        count, place = self._place
        common = rng.normal(size=count)[place]
        regency_sd = index["regency_spread"].fillna(0.0)
        rest_sd = np.sqrt(np.clip(index["spread"].fillna(0.0) ** 2 - regency_sd**2, 0.0, None))
        score = index["score"] + common * regency_sd + rng.normal(size=len(index)) * rest_sd
        return score.clip(0.0, 10.0)


@dataclass(frozen=True, eq=False)
class OriginModel:
    """Origins, their index at every level, and the records that their departures are shrunk to.

    Attributes
    ----------
    table : DataFrame
        ``node, name, kind, lat, lon, population, regency_code, province_code, district_code``.
    levels : LevelIndices
    departures : Departures
        Posterior of the departures a year by regency, and their shares by region.
    destinations : DestinationShares
        How those are divided among destinations and ways.
    regency_records : DataFrame
        ``persons, variance`` of the deaths of migrants by home regency, for the hot spots.
    """

    table: pd.DataFrame
    levels: LevelIndices
    departures: Departures
    destinations: DestinationShares
    regency_records: pd.DataFrame

    @cached_property
    def sampler(self) -> OriginSampler:
        """What draws need, without the indices of all levels: small enough for workers."""
        columns = self.table[["population", "regency_code", "province_code"]]
        return OriginSampler(
            # factorised once: every draw groups by them a dozen times
            table=columns.astype({"regency_code": "category", "province_code": "category"}),
            published=self.levels.by_origin(self.table),
            posterior=self.departures,
            destinations=self.destinations,
        )


def fit_origins(
    dataset: Dataset,
    frames: GraphFrames,
    framework: Framework,
    *,
    demand: DemandParameters,
    costs: CostParameters,
    table: pd.DataFrame | None = None,
) -> OriginModel:
    """Fit the index at every level and the departures of the regencies, from what everyone may know
    (:attr:`geo.dataset.Dataset.official`) and counts that are published or protected.

    Parameters
    ----------
    dataset : Dataset
        With protected counts (:func:`routes.inputs.protected_inputs.protected_inputs`).
    frames : GraphFrames
        The official network with the origins of ``table``
        (:func:`routes.graph.build.official_frames`).
    table : DataFrame, optional
        As of :func:`routes.graph.origins.origin_points` (the default).

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.graph.build import official_frames
    >>> dataset, costs = load_dataset(), CostParameters()
    >>> origins = fit_origins(
    ...     dataset,
    ...     official_frames(dataset),
    ...     Framework.load(),
    ...     demand=DemandParameters(),
    ...     costs=costs,
    ... )  # doctest: +SKIP
    >>> origins.sampler.departures().sum().round(-4)  # doctest: +SKIP
    """
    table = origin_points(dataset) if table is None else table
    official = dataset.official
    indicators = official.indicators
    by_regency = indicators[indicators["area_code"].str.len() == 5]
    levels = fit_levels(official, frames, table, framework, parameters=costs)
    deaths = by_regency[
        (by_regency["indicator"] == _DEATHS) & by_regency["year"].isin(_DEATH_YEARS)
    ]
    departures = regency_departures(read_streams(official), draws=demand.draws, seed=demand.seed)
    return OriginModel(
        table=table,
        levels=levels,
        departures=departures,
        destinations=DestinationShares.of(
            dataset, departures.region_shares, dict(demand.share_evidence)
        ),
        regency_records=deaths.groupby("area_code").agg(
            persons=("value", "sum"), variance=("variance", "sum")
        ),
    )
