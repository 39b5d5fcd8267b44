"""How many people at risk set out from each origin in a year.

``r_v = pop_v exp(b0 + b1 ln I_v)``, shrunk to what is recorded of each regency (gamma-Poisson on
the deaths of its migrants) and of each province (gamma-Poisson on interceptions by origin), and
scaled to the departures of NTT that are on record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import ModelError

__all__ = ["DemandParameters", "allocate_population", "expected_departures"]


@dataclass(frozen=True, kw_only=True)
class DemandParameters:
    """Assumptions of the demand model.

    Attributes
    ----------
    reference_province : str
        The province whose departures are on record.
    reference_departures : float
        Its expected at-risk departures a year: 726 women in seven months of 2016 (F006), brought
        to twelve months, and the 443 stopped in 2016 (F007). A floor: who was neither counted nor
        stopped is not in it.
    reference_spread : float
        Standard deviation of the logarithm of that total (assumed; F005-F010 vary by that much).
    elasticity : float
        b1, response of departures to vulnerability (assumed 1: proportional).
    regency_shape, province_shape : float
        Shape of the gamma prior around the model; larger trusts the model more than the records.
    """

    reference_province: str = "53"
    reference_departures: float = 726 * 12 / 7 + 443
    reference_spread: float = 0.35
    elasticity: float = 1.0
    regency_shape: float = 4.0
    province_shape: float = 1.0


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
    regency_records: pd.Series,
    province_records: pd.Series,
    parameters: DemandParameters | None = None,
    rng: np.random.Generator | None = None,
) -> pd.Series:
    """Persons a year who set out at risk from each origin.

    Parameters
    ----------
    origins : DataFrame
        ``population, regency_code, province_code``.
    vulnerability : Series
        Index 0-10 by regency code; unknown ones take the median.
    regency_records, province_records : Series
        Recorded deaths of migrants by home regency, and interceptions by home province.
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
    index = origins["regency_code"].map(vulnerability)
    index = index.fillna(vulnerability.median()).clip(lower=0.1)
    people = origins["population"].fillna(0.0)
    prior = people * np.exp(parameters.elasticity * np.log(index))
    regency = _shrink(prior, origins["regency_code"], origins["province_code"], regency_records,
                      parameters.regency_shape, rng)  # fmt: skip
    shaped = prior * regency
    # Shrinkage within a province moves people between its regencies, not into it.
    province = origins["province_code"]
    shaped *= (prior.groupby(province).transform("sum")
               / shaped.groupby(province).transform("sum")).fillna(0.0)  # fmt: skip
    everywhere = pd.Series("ID", index=origins.index)
    shaped *= _shrink(shaped, province, everywhere, province_records,
                      parameters.province_shape, rng)  # fmt: skip
    reference = shaped[province == parameters.reference_province].sum()
    if not reference > 0:
        raise ModelError(f"no origin with people in province {parameters.reference_province}")
    total = parameters.reference_departures
    if rng is not None:
        spread = parameters.reference_spread
        total *= float(np.exp(rng.normal(-(spread**2) / 2, spread)))
    departures = shaped * (total / reference)
    departures.name = "departures"
    return departures


def _shrink(
    prior: pd.Series,
    unit: pd.Series,
    pool: pd.Series,
    records: pd.Series,
    shape: float,
    rng: np.random.Generator | None,
) -> pd.Series:
    """Factor by which records move each unit away from the model, aligned with ``prior``.

    With ``e`` the records expected of the unit when the pool's records follow the model, the
    factor is ``(shape + records) / (shape + e)``; a unit of which nothing is recorded keeps its
    expectation where its pool has no records at all.
    """
    expected = prior.groupby(unit).sum()
    pools = pool.groupby(unit).first()
    seen = records.reindex(expected.index).fillna(0.0)
    rate = seen.groupby(pools).sum() / expected.groupby(pools).sum()
    e = expected * pools.map(rate)
    mean = ((shape + seen) / (shape + e)).where(e > 0, 1.0)
    if rng is not None:
        drawn = rng.gamma(shape + seen.to_numpy(), 1.0 / (shape + e.fillna(0.0).to_numpy()))
        mean = pd.Series(drawn, index=mean.index)
    return unit.map(mean).astype(float)
