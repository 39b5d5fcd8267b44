"""Departures a year of every regency: the provinces' posterior times the regencies' shares."""

from __future__ import annotations

import pandas as pd

from routes.demand.province_fit import ProvinceFit
from routes.demand.regency_fit import RegencyFit
from routes.demand.streams import Streams

__all__ = ["regency_departures"]


def regency_departures(streams: Streams, *, draws: int, seed: int) -> pd.DataFrame:
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

    Returns
    -------
    DataFrame, shape (draws, regencies)
        Persons a year.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.demand.streams import read_streams
    >>> from routes.inputs.protected_inputs import protected_inputs
    >>> streams = read_streams(protected_inputs(load_dataset(), bytes(32)))
    >>> drawn = regency_departures(streams, draws=50, seed=1)
    >>> drawn.shape
    (50, 514)
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
    return pd.concat(parts, axis=1)
