"""Demand: expected at-risk departures a year from each origin.

``r_v = pop_v exp(b0 + b1 ln I_v)``, shrunk towards the records of each regency (gamma-Poisson on
the deaths of its migrants) and of each province (gamma-Poisson on interceptions by origin), and
scaled to the departures of NTT that are on record.

Deaths are also an indicator of the published index. So that no record counts twice, the index
``I_v`` here is fitted without the indicators of category ``outcome``: deaths act on demand through
the shrinkage alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import DataFileError, ModelError
from routes.inputs.shrinkage import fit_shape

__all__ = [
    "DemandParameters",
    "DepartureTotal",
    "allocate_population",
    "calibrate_departures",
    "expected_departures",
    "regency_shapes",
]

_SENT = "women_sent_out_illegally"
_STOPPED = "prevented"
_T_OVER_NORMAL = {1: 3.838, 2: 1.775, 3: 1.431, 4: 1.296, 5: 1.225, 6: 1.181, 7: 1.152, 8: 1.130}
"""95 % points of Student's t over the normal's, by degrees of freedom."""


@dataclass(frozen=True, kw_only=True)
class DemandParameters:
    """Assumptions of the demand model.

    Attributes
    ----------
    reference_province : str
        The province whose departures are on record.
    sources : tuple of str
        Facts that the total is calibrated to: women sent out without papers in 2015 and January
        to July 2016 (F005, F006), and persons stopped in 2016, 2017, 2018 and January to July
        2019 (F007-F010).
    elasticity : float
        b1, response of departures to vulnerability (assumed 1: proportional).
    regency_shape : float
        Shape of the gamma prior around the model where the records of a province are too few to
        estimate it (:func:`~routes.inputs.shrinkage.fit_shape`); larger trusts the model more than
        the records.
    province_shape : float
        The same between provinces (assumed: interceptions by origin follow enforcement).

    Examples
    --------
    >>> DemandParameters(elasticity=1.5).elasticity
    1.5
    """

    reference_province: str = "53"
    sources: tuple[str, ...] = ("F005", "F006", "F007", "F008", "F009", "F010")
    elasticity: float = 1.0
    regency_shape: float = 4.0
    province_shape: float = 1.0


@dataclass(frozen=True)
class DepartureTotal:
    """Departures a year of the reference province, a sum of two lognormal variables.

    Attributes
    ----------
    sent, stopped : float
        Persons a year not stopped (women alone were counted: a floor), and stopped.
    sent_sd, stopped_sd : float
        Standard deviation of the logarithm of each.
    """

    sent: float
    stopped: float
    sent_sd: float
    stopped_sd: float

    @property
    def mean(self) -> float:
        """Persons a year."""
        return self.sent + self.stopped

    def draw(self, rng: np.random.Generator) -> float:
        """One draw; its expectation is :attr:`mean`."""
        sd = np.array([self.sent_sd, self.stopped_sd])
        return float((np.exp(rng.normal(-(sd**2) / 2, sd)) * [self.sent, self.stopped]).sum())


def calibrate_departures(
    counts: pd.DataFrame, parameters: DemandParameters | None = None
) -> DepartureTotal:
    """Estimate the yearly departures of the reference province from the facts on record.

    Each count is scaled to twelve months. The logarithms of a series (sent out; stopped) have one
    mean, and both series one variance between years, pooled; the error of a mean is widened so that
    its 90 % interval is Student's.

    Raises
    ------
    DataFileError
        If a series is not among the counts.
    """
    parameters = parameters or DemandParameters()
    rows = counts[counts["source"].isin(parameters.sources)]
    rows = rows[rows["place_code"] == parameters.reference_province]
    series = []
    for measure in (_SENT, _STOPPED):
        yearly = rows[rows["measure"] == measure]
        if yearly.empty:
            raise DataFileError(
                "demand.no_counts",
                measure=measure,
                province=parameters.reference_province,
                sources=parameters.sources,
            )
        months = yearly["period"].map(_months)
        series.append(np.log(yearly["value"].to_numpy(float) * 12.0 / months))
    freedom = max(sum(len(s) - 1 for s in series), 1)
    squares = sum(float(((s - s.mean()) ** 2).sum()) for s in series)
    between = np.sqrt(squares / freedom) * _T_OVER_NORMAL.get(freedom, 1.1)
    sent, stopped = (float(np.exp(s.mean())) for s in series)
    sent_sd, stopped_sd = (float(between / np.sqrt(len(s))) for s in series)
    return DepartureTotal(sent, stopped, sent_sd, stopped_sd)


def _months(period: str) -> float:
    """Months from ``2016`` (twelve) or ``2016-01/2016-07`` (seven)."""
    first, _, last = str(period).partition("/")
    if not last:
        return 12.0 if len(first) == 4 else 1.0
    (y1, m1), (y2, m2) = (tuple(map(int, end.split("-")[:2])) for end in (first, last))
    return float((y2 - y1) * 12 + m2 - m1 + 1)


def allocate_population(origins: pd.DataFrame, regency_population: pd.Series) -> pd.Series:
    """Allocate each regency's population to its origins.

    Settlements with a known population are weighted by it, the others by the regency's lower
    quartile (or equally where none is known); the regency's total is preserved.

    Parameters
    ----------
    origins : DataFrame
        ``regency_code, population`` (NaN where unknown).
    regency_population : Series
        Persons by regency code; NaN or absent where unknown.

    Returns
    -------
    Series aligned with ``origins``, persons.
    """
    population, regency = origins["population"], origins["regency_code"]
    population = population.where(population > 0)
    lower_quartile = population.groupby(regency).transform("quantile", 0.25)
    weight = population.fillna(lower_quartile).fillna(1.0)
    share = weight / weight.groupby(regency).transform("sum")
    people: pd.Series = share * regency.map(regency_population).astype(float)
    return people.rename("population")


def expected_departures(
    origins: pd.DataFrame,
    vulnerability: pd.Series,
    *,
    total: DepartureTotal,
    regency_records: pd.Series,
    province_records: pd.Series,
    parameters: DemandParameters | None = None,
    shapes: pd.Series | None = None,
    rng: np.random.Generator | None = None,
) -> pd.Series:
    """At-risk departures a year from each origin.

    Parameters
    ----------
    origins : DataFrame
        ``population, regency_code, province_code``.
    vulnerability : Series
        Index 0-10 of each origin, aligned with ``origins``, fitted without the records used here;
        missing ones are imputed with the median.
    total : DepartureTotal
        Departures of the reference province (:func:`calibrate_departures`).
    regency_records, province_records : Series
        Recorded deaths of migrants by home regency, and interceptions by home province. A regency
        without a record keeps its prior mean.
    shapes : Series, optional
        Shape of the prior by province (:func:`regency_shapes`); estimated where not given.
    rng : Generator, optional
        Draw from the posterior; without, its mean.

    Returns
    -------
    Series aligned with ``origins``.

    Raises
    ------
    ModelError
        If no origin of the reference province has people.
    """
    parameters = parameters or DemandParameters()
    prior = _prior(origins, vulnerability, parameters)
    if shapes is None:
        shapes = regency_shapes(origins, vulnerability, regency_records, parameters)
    province = origins["province_code"]
    weight = prior * _shrinkage(prior, origins["regency_code"], province, regency_records, shapes,
                                rng)  # fmt: skip
    # Shrinkage within a province moves people between its regencies, not into it.
    weight *= (prior.groupby(province).transform("sum")
               / weight.groupby(province).transform("sum")).fillna(0.0)  # fmt: skip
    country = pd.Series(0, index=origins.index)
    country_shape = pd.Series({0: parameters.province_shape})
    weight *= _shrinkage(weight, province, country, province_records, country_shape, rng)
    reference = weight[province == parameters.reference_province].sum()
    if not reference > 0:
        raise ModelError("demand.no_origin", province=parameters.reference_province)
    persons = total.mean if rng is None else total.draw(rng)
    departures: pd.Series = weight * (persons / reference)
    return departures.rename("departures")


def regency_shapes(
    origins: pd.DataFrame,
    vulnerability: pd.Series,
    records: pd.Series,
    parameters: DemandParameters | None = None,
) -> pd.Series:
    """Shape of the gamma prior in each province, estimated where it has records enough."""
    parameters = parameters or DemandParameters()
    prior = _prior(origins, vulnerability, parameters)
    units = _records(prior, origins["regency_code"], origins["province_code"], records)
    shapes = {
        pool: fit_shape(unit["observed"], unit["expected"], default=parameters.regency_shape)
        for pool, unit in units[units["expected"] > 0].groupby("pool")
    }
    return pd.Series(shapes, dtype=float)


def _prior(
    origins: pd.DataFrame, vulnerability: pd.Series, parameters: DemandParameters
) -> pd.Series:
    """Prior mean ``pop exp(b1 ln I)``, up to a factor."""
    index = vulnerability.fillna(vulnerability.median()).clip(lower=0.1)
    people = origins["population"].fillna(0.0)
    prior: pd.Series = people * np.exp(parameters.elasticity * np.log(index))
    return prior


def _records(
    prior: pd.Series, unit: pd.Series, pool: pd.Series, records: pd.Series
) -> pd.DataFrame:
    """``observed, expected, pool`` of each unit on record, expected at its pool's mean rate."""
    expected = prior.groupby(unit).sum()
    table = pd.DataFrame({"observed": records.reindex(expected.index), "expected": expected})
    table["pool"] = pool.groupby(unit).first()
    table = table[table["observed"].notna() & (table["expected"] > 0)]
    sums = table.groupby("pool")[["observed", "expected"]].sum()
    table["expected"] *= table["pool"].map(sums["observed"] / sums["expected"]).astype(float)
    return table


def _shrinkage(
    prior: pd.Series,
    unit: pd.Series,
    pool: pd.Series,
    records: pd.Series,
    shapes: pd.Series,
    rng: np.random.Generator | None,
) -> pd.Series:
    """Posterior mean (or a draw) of each unit's factor on the prior, aligned with ``prior``.

    With ``e`` records expected of the unit, the mean is ``(shape + records) / (shape + e)``; 1 for
    a unit without a record.
    """
    units = _records(prior, unit, pool, records)
    e, k = units["expected"], units["pool"].map(shapes).astype(float)
    factor = (k + units["observed"]) / (k + e)
    if rng is not None:
        drawn = rng.gamma((k + units["observed"]).to_numpy(), 1.0 / (k + e).to_numpy())
        factor = pd.Series(drawn, index=factor.index)
    return unit.map(factor.where(e > 0, 1.0)).astype(float).fillna(1.0)
