"""Departures a year of every regency: the provinces' posterior times the regencies' shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routes.demand.province_fit import ProvinceFit
from routes.demand.regency_fit import RegencyFit
from routes.demand.streams import Streams

__all__ = ["Departures", "regency_departures"]


@dataclass(frozen=True, eq=False)
class Departures:
    """Posterior of the departures.

    Attributes
    ----------
    by_regency : DataFrame, shape (draws, regencies)
        Persons a year.
    drawn_region_shares : array, shape (draws, provinces, regions)
        Share of each region of destination in the departures of the same draw.
    region_shares : DataFrame, provinces by regions of destination
        Their means, weighted by departures; rows sum to 1.
    """

    by_regency: pd.DataFrame
    drawn_region_shares: NDArray[np.float64]
    region_shares: pd.DataFrame


def regency_departures(streams: Streams, *, draws: int, seed: int) -> Departures:
    """Posterior draws of the at-risk departures a year of each regency.

    An at-risk departure is one person who in a year sets out from the home regency for work abroad
    outside the procedure of Law 18/2017, or through a recruiter to a listed destination at home;
    stopped or not, once. It is exposure, not a number of victims.

    Parameters
    ----------
    streams : Streams
    draws : int
        Posterior draws.
    seed : int

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.demand.streams import read_streams
    >>> from routes.inputs.protected_inputs import protected_inputs
    >>> streams = read_streams(protected_inputs(load_dataset(), bytes(32)))
    >>> departures = regency_departures(streams, draws=50, seed=1)
    >>> departures.by_regency.shape, departures.region_shares.shape
    ((50, 514), (38, 10))
    """
    province = streams.population.index.str[:2]
    fit = ProvinceFit(draws=draws, seed=seed).fit(
        streams.population.groupby(province).sum(),
        streams.prior_shares,
        totals=streams.totals,
        splits=streams.splits,
        sent=streams.sent,
    )
    parts = []
    for number, (code, people) in enumerate(streams.population.groupby(province), start=1):
        shares = RegencyFit(draws=draws, seed=seed + number).fit(
            people, streams.homes.get(str(code), ())
        )
        parts.append(shares.shares_.mul(fit.departures_[code], axis=0))
    people = fit.departures_.to_numpy()
    flows = (fit.shares_ * people[:, :, None]).mean(axis=0) / people.mean(axis=0)[:, None]
    shares = pd.DataFrame(
        flows, index=fit.departures_.columns, columns=streams.prior_shares.columns
    )
    return Departures(pd.concat(parts, axis=1), fit.shares_, shares)
