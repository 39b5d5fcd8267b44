"""Parameters of the demand model, and the spreading of a regency's people over its origins."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["DemandParameters", "allocate_population"]


@dataclass(frozen=True, kw_only=True)
class DemandParameters:
    """Assumptions of the demand model.

    Attributes
    ----------
    draws : int
        Posterior draws of the departures of the regencies (:mod:`routes.demand.departures`).
    seed : int
        Of the posterior draws.
    elasticity : float
        Response of departures to vulnerability in a what-if of indicators (assumed 1,
        proportional). The counts on record do not identify it, so nothing else uses it.
    share_evidence : tuple of (province, persons)
        Effective sample behind the division of a region's share among its destinations
        (DESTINATION_SHARES.md); ``ID`` for the other provinces.

    Examples
    --------
    >>> DemandParameters(elasticity=1.5).elasticity
    1.5
    """

    draws: int = 1000
    seed: int = 53
    elasticity: float = 1.0
    share_evidence: tuple[tuple[str, float], ...] = (
        ("53", 100.0),
        ("52", 50.0),
        ("73", 50.0),
        ("35", 20.0),
        ("ID", 20.0),
    )


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
