"""Origins with people and index, and how to draw their departures and their vulnerability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.dataset import Dataset
from routes.demand.model import (
    DemandParameters,
    DepartureTotal,
    allocate_population,
    calibrate_departures,
    expected_departures,
    regency_shapes,
)
from routes.graph.costs import CostParameters
from routes.graph.origins import origin_points
from routes.vulnerability.admin_levels import LevelIndices, fit_levels
from routes.vulnerability.framework import Framework

__all__ = ["OriginModel", "OriginSampler", "fit_origins"]

_PERSONS_PER_GROUP = 10.0
"""Interceptions are of groups: ten persons count as one independent record (assumed)."""

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
    driver, published : DataFrame
        From :meth:`routes.vulnerability.admin_levels.LevelIndices.by_origin`: what moves demand,
        and what is shown.
    total, regency_records, province_records, parameters
        As of :class:`OriginModel`.
    """

    table: pd.DataFrame
    driver: pd.DataFrame
    published: pd.DataFrame
    total: DepartureTotal
    regency_records: pd.Series
    province_records: pd.Series
    parameters: DemandParameters

    def departures(self, rng: np.random.Generator | None = None) -> pd.Series:
        """Persons a year by origin, aligned with the table; a draw where a generator is given."""
        driver = self.driver
        return expected_departures(
            self.table,
            driver["score"] if rng is None else self._drawn(driver, rng),
            total=self.total,
            regency_records=self.regency_records,
            province_records=self.province_records,
            parameters=self.parameters,
            shapes=self._shapes,
            rng=rng,
        )

    @cached_property
    def _shapes(self) -> pd.Series:
        return regency_shapes(
            self.table, self.driver["score"], self.regency_records, self.parameters
        )

    @cached_property
    def _place(self) -> tuple[int, npt.NDArray[np.intp]]:
        """Number of regencies, and which of them each origin is in."""
        codes, place = np.unique(self.table["regency_code"].to_numpy(str), return_inverse=True)
        return len(codes), place

    def vulnerability(self, rng: np.random.Generator | None = None) -> pd.Series:
        """Published index of each origin; unknown ones take the median."""
        index = self.published
        score = index["score"] if rng is None else self._drawn(index, rng)
        return score.fillna(score.median())

    def _drawn(self, index: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
        """Scores moved together within a regency, and singly by what is left of the spread."""
        count, place = self._place
        common = rng.normal(size=count)[place]
        wide = index["regency_spread"].fillna(0.0)
        rest = np.sqrt(np.clip(index["spread"].fillna(0.0) ** 2 - wide**2, 0.0, None))
        drawn = index["score"] + common * wide + rng.normal(size=len(index)) * rest
        return drawn.clip(0.0, 10.0)


@dataclass(frozen=True, eq=False)
class OriginModel:
    """The origins, their index at every level, and the records that shape their departures.

    Attributes
    ----------
    table : DataFrame
        ``node, name, kind, lat, lon, population, regency_code, province_code, district_code``.
    levels : LevelIndices
    total : DepartureTotal
    regency_records, province_records : Series
        Deaths of migrants by home regency, interceptions by home province (as records).
    parameters : DemandParameters
    """

    table: pd.DataFrame
    levels: LevelIndices
    total: DepartureTotal
    regency_records: pd.Series
    province_records: pd.Series
    parameters: DemandParameters

    @cached_property
    def sampler(self) -> OriginSampler:
        """What draws need, without the indices of all levels: small enough to send away."""
        columns = self.table[["population", "regency_code", "province_code"]]
        return OriginSampler(
            # numbered once: every draw groups by them a dozen times
            table=columns.astype({"regency_code": "category", "province_code": "category"}),
            driver=self.levels.by_origin(self.table, driver=True),
            published=self.levels.by_origin(self.table),
            total=self.total,
            regency_records=self.regency_records,
            province_records=self.province_records,
            parameters=self.parameters,
        )

    def departures(self, rng: np.random.Generator | None = None) -> pd.Series:
        """Persons a year by origin; see :meth:`OriginSampler.departures`."""
        return self.sampler.departures(rng)

    def vulnerability(self, rng: np.random.Generator | None = None) -> pd.Series:
        """Published index of each origin; see :meth:`OriginSampler.vulnerability`."""
        return self.sampler.vulnerability(rng)


def fit_origins(
    dataset: Dataset,
    graph: nx.DiGraph,
    framework: Framework,
    *,
    demand: DemandParameters,
    costs: CostParameters,
) -> OriginModel:
    """List the origins, spread the people over them and fit the index at every level.

    Parameters
    ----------
    dataset : Dataset
        With protected counts (:func:`routes.inputs.protected_inputs.protected_inputs`).

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.graph import build_graph
    >>> dataset, costs = load_dataset(), CostParameters()
    >>> origins = fit_origins(
    ...     dataset, build_graph(dataset), Framework.load(), demand=DemandParameters(), costs=costs
    ... )  # doctest: +SKIP
    >>> origins.departures().sum().round(-4)  # doctest: +SKIP
    """
    table = origin_points(dataset)
    table["population"] = allocate_population(table, _newest(dataset, "population"))
    levels = fit_levels(dataset, graph, table, framework, parameters=costs)
    code = table["node"].map(levels.district["district_code"]).fillna("")
    table["district_code"] = code
    rows = dataset.counts
    stopped = rows[(rows["kind"] == "interception") & (rows["origin_code"] != "")]
    by_province = stopped.groupby("origin_code")["value"].sum() / _PERSONS_PER_GROUP
    # a province that no report names is taken for one from which few were stopped
    provinces = table["province_code"].unique()
    deaths = dataset.indicators
    deaths = deaths[(deaths["indicator"] == _DEATHS) & deaths["year"].isin(_DEATH_YEARS)]
    deaths = deaths[deaths["area_code"].str.len() == 5]
    return OriginModel(
        table=table,
        levels=levels,
        total=calibrate_departures(rows, demand),
        regency_records=deaths.groupby("area_code")["value"].sum(),
        province_records=by_province.reindex(provinces, fill_value=0.0),
        parameters=demand,
    )


def _newest(dataset: Dataset, indicator: str) -> pd.Series:
    """Newest value of an indicator by regency."""
    rows = dataset.indicators
    rows = rows[(rows["indicator"] == indicator) & (rows["area_code"].str.len() == 5)]
    newest: pd.Series = rows.sort_values("year").groupby("area_code")["value"].last()
    return newest
