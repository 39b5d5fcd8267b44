"""Departures a year of every regency, and where its people go: the provinces' posterior times the
regencies' shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geo.dataset import Dataset
from routes.demand.province_fit import ProvinceFit
from routes.demand.regency_fit import RegencyFit
from routes.demand.streams import Streams

__all__ = ["Departures", "destination_shares", "regency_departures"]


@dataclass(frozen=True, eq=False)
class Departures:
    """Posterior of the departures.

    Attributes
    ----------
    by_regency : DataFrame, shape (draws, regencies)
        Persons a year.
    region_shares : DataFrame, provinces by regions of destination
        Mean share of the departures; rows sum to 1.
    """

    by_regency: pd.DataFrame
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
    return Departures(pd.concat(parts, axis=1), shares)


def destination_shares(dataset: Dataset, region_shares: pd.DataFrame) -> pd.DataFrame:
    """Share of each destination in the departures of each province.

    A region's share is divided as the province's own rows of ``destination_shares.csv`` divide it,
    else as the national ones (``ID``), else equally.

    Parameters
    ----------
    dataset : Dataset
    region_shares : DataFrame
        Of :class:`Departures`.

    Returns
    -------
    DataFrame, provinces by destinations; rows sum to 1.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> dataset = load_dataset()
    >>> regions = dataset.destinations["region"].unique()
    >>> equal = pd.DataFrame(1 / len(regions), index=["53"], columns=regions)
    >>> float(destination_shares(dataset, equal).loc["53"].sum().round(9))
    1.0
    """
    region = dataset.destinations.set_index("id")["region"]
    listed = dataset.destination_shares.pivot(
        index="origin_code", columns="destination_id", values="share"
    )
    listed = listed.reindex(columns=region.index).fillna(0.0)
    rows = {}
    for province, shares in region_shares.iterrows():
        parts = []
        for name, members in region.groupby(region, sort=False):
            for code in (province, "ID"):
                within = listed.loc[code, members.index] if code in listed.index else None
                if within is not None and within.sum() > 0:
                    break
            else:
                within = pd.Series(1.0, index=members.index)
            parts.append(within / within.sum() * shares.get(name, 0.0))
        rows[province] = pd.concat(parts)
    return pd.DataFrame(rows).T.reindex(columns=region.index)
