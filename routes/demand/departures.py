"""Departures a year of every regency: the provinces' posterior times the regencies' shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routes.demand.province_fit import ProvinceFit
from routes.demand.regency_fit import RegencyFit
from routes.demand.streams import Streams

__all__ = ["Departures", "departures_without_papers", "regency_departures"]


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
        placements=streams.placements,
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


def departures_without_papers(departures: Departures, without_papers: pd.DataFrame) -> pd.Series:
    """Persons a year who set out without papers, by regency: departures times the evidenced share
    of the regions they go to. No landing has a part in it.

    Parameters
    ----------
    departures : Departures
    without_papers : DataFrame
        ``region, share``; in a region that is not listed nobody arrives without papers.

    Examples
    --------
    >>> shares = pd.DataFrame({"sabah": [0.5], "home": [0.5]}, index=["53"])
    >>> departures = Departures(pd.DataFrame({"53.04": [90.0, 110.0]}), np.array([]), shares)
    >>> table = pd.DataFrame({"region": ["sabah"], "share": [0.66]})
    >>> departures_without_papers(departures, table).round(3).to_dict()
    {'53.04': 33.0}
    """
    share = without_papers.set_index("region")["share"]
    regions = departures.region_shares
    of_province = regions @ share.reindex(regions.columns).fillna(0.0)
    persons = departures.by_regency.mean()
    return persons * of_province.reindex(persons.index.str[:2]).to_numpy(float)
