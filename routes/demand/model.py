"""How many people at risk set out from each origin in a year.

``r_v = pop_v exp(b0 + b1 ln I_v)``, shrunk to what is recorded of each regency (gamma-Poisson on
the deaths of its migrants) and of each province (gamma-Poisson on interceptions by origin), and
scaled to the departures of NTT that are on record.

Deaths are also an indicator of the published index. So that no record counts twice, the index
``I_v`` here is fitted without the indicators of category ``outcome``: deaths act on demand by the
shrinkage alone.
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
    """

    reference_province: str = "53"
    sources: tuple[str, ...] = ("F005", "F006", "F007", "F008", "F009", "F010")
    elasticity: float = 1.0
    regency_shape: float = 4.0
    province_shape: float = 1.0


@dataclass(frozen=True)
class DepartureTotal:
    """Departures a year of the reference province, a sum of two lognormal parts.

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
        """One draw with that mean."""
        total = 0.0
        for value, sd in ((self.sent, self.sent_sd), (self.stopped, self.stopped_sd)):
            total += value * float(np.exp(rng.normal(-(sd**2) / 2, sd)))
        return total


def calibrate_departures(
    counts: pd.DataFrame, parameters: DemandParameters | None = None
) -> DepartureTotal:
    """Estimate the yearly departures of the reference province from the facts on record.

    Each count is brought to twelve months. Within a series (sent out; stopped) the logarithms
    have one mean and, in both, one variance between years, estimated with the degrees of freedom
    that are there; the error of a mean is widened so that its 90 % interval is Student's.

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
        mine = rows[rows["measure"] == measure]
        if mine.empty:
            raise DataFileError(
                "demand.no_counts",
                measure=measure,
                province=parameters.reference_province,
                sources=parameters.sources,
            )
        series.append(np.log(mine["value"].to_numpy(float) * 12.0 / mine["period"].map(_months)))
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
    """Spread each regency's people over its origins.

    Settlements with a known population weigh by it, the others by the regency's lower quartile (or
    equally where none is known); the regency's total is kept exactly.

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
    known = origins["population"].where(origins["population"] > 0)
    small = known.groupby(origins["regency_code"]).transform(lambda s: s.quantile(0.25))
    weight = known.fillna(small).fillna(1.0)
    share = weight / weight.groupby(origins["regency_code"]).transform("sum")
    total = origins["regency_code"].map(regency_population).astype(float)
    people = share * total
    people.name = "population"
    return people


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
    """Persons a year who set out at risk from each origin.

    Parameters
    ----------
    origins : DataFrame
        ``population, regency_code, province_code``.
    vulnerability : Series
        Index 0-10 of each origin, aligned with ``origins``, made without the records used here;
        unknown ones take the median.
    total : DepartureTotal
        Departures of the reference province (:func:`calibrate_departures`).
    regency_records, province_records : Series
        Recorded deaths of migrants by home regency, and interceptions by home province. A
        regency without a record takes no part: it keeps what the model expects.
    shapes : Series, optional
        Shape of the prior by province (:func:`regency_shapes`); estimated where not given.
    rng : Generator, optional
        Draw from the posterior instead of taking its mean.

    Returns
    -------
    Series aligned with ``origins``.

    Raises
    ------
    ModelError
        If the reference province has no origin with people.
    """
    parameters = parameters or DemandParameters()
    prior = _prior(origins, vulnerability, parameters)
    if shapes is None:
        shapes = regency_shapes(origins, vulnerability, regency_records, parameters)
    regency = _shrink(prior, origins["regency_code"], origins["province_code"], regency_records,
                      shapes, rng)  # fmt: skip
    shaped = prior * regency
    # Shrinkage within a province moves people between its regencies, not into it.
    province = origins["province_code"]
    shaped *= (prior.groupby(province).transform("sum")
               / shaped.groupby(province).transform("sum")).fillna(0.0)  # fmt: skip
    everywhere = pd.Series(0, index=origins.index)
    between = pd.Series({0: parameters.province_shape})
    shaped *= _shrink(shaped, province, everywhere, province_records, between, rng)
    reference = shaped[province == parameters.reference_province].sum()
    if not reference > 0:
        raise ModelError("demand.no_origin", province=parameters.reference_province)
    persons = total.mean if rng is None else total.draw(rng)
    departures = shaped * (persons / reference)
    departures.name = "departures"
    return departures


def regency_shapes(
    origins: pd.DataFrame,
    vulnerability: pd.Series,
    records: pd.Series,
    parameters: DemandParameters | None = None,
) -> pd.Series:
    """Shape of the prior around the model in each province, estimated where records allow."""
    parameters = parameters or DemandParameters()
    prior = _prior(origins, vulnerability, parameters)
    seen, e, pools = _expected(prior, origins["regency_code"], origins["province_code"], records)
    found = {}
    for name, members in e.groupby(pools).groups.items():
        kept = members[(e[members] > 0).to_numpy()]
        found[name] = fit_shape(seen[kept], e[kept], default=parameters.regency_shape)
    return pd.Series(found, dtype=float)


def _prior(
    origins: pd.DataFrame, vulnerability: pd.Series, parameters: DemandParameters
) -> pd.Series:
    """``pop exp(b1 ln I)``, up to a factor."""
    index = vulnerability.fillna(vulnerability.median()).clip(lower=0.1)
    people = origins["population"].fillna(0.0)
    prior: pd.Series = people * np.exp(parameters.elasticity * np.log(index))
    return prior


def _expected(
    prior: pd.Series, unit: pd.Series, pool: pd.Series, records: pd.Series
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Records of each unit that has any, what is expected of it, and its pool."""
    expected = prior.groupby(unit).sum()
    pools = pool.groupby(unit).first()
    seen = records.reindex(expected.index)
    there = seen.notna() & (expected > 0)
    seen, expected, pools = seen[there], expected[there], pools[there]
    if seen.empty:
        return seen, expected, pools
    rate = seen.groupby(pools).sum() / expected.groupby(pools).sum()
    return seen, expected * pools.map(rate), pools


def _shrink(
    prior: pd.Series,
    unit: pd.Series,
    pool: pd.Series,
    records: pd.Series,
    shapes: pd.Series,
    rng: np.random.Generator | None,
) -> pd.Series:
    """Factor by which records move each unit away from the model, aligned with ``prior``.

    With ``e`` the records expected of the unit when the pool's records follow the model, the
    factor is ``(shape + records) / (shape + e)``. A unit without a record keeps 1.
    """
    seen, e, pools = _expected(prior, unit, pool, records)
    if seen.empty:
        return pd.Series(1.0, index=prior.index)
    k = pools.map(shapes)
    factor = ((k + seen) / (k + e)).where(e > 0, 1.0)
    if rng is not None:
        drawn = rng.gamma((k + seen).to_numpy(), 1.0 / (k + e).to_numpy())
        factor = pd.Series(drawn, index=factor.index).where(e > 0, 1.0)
    return unit.map(factor).astype(float).fillna(1.0)
