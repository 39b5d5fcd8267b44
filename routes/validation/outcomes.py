"""Where do people come home to, hurt or dead? Outcomes that no post makes, each left out in turn.

Stops say where officers looked. Deaths, returns and landings by home regency do not, so the shares
of a province's regencies are fitted without one of these tables at a time and scored on it: mean of
``log(share_r / population share_r)`` over its persons, nats a person. Left out of the fit is every
table of the same measure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from routes.demand.regency_fit import HomeCounts, RegencyFit
from routes.demand.streams import Streams

__all__ = ["outcome_gain"]

_DRAWS = 400
_FEWEST_PERSONS = 20.0


def outcome_gain(streams: Streams, *, province: str) -> pd.DataFrame:
    """Gain of the fitted shares over those of the population.

    Parameters
    ----------
    province : str
        Code.

    Returns
    -------
    DataFrame
        ``outcome, persons, regencies`` of the table left out, ``gain`` of the model, and ``stops
        alone``: of shares fitted to tables of people stopped, which posts make.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.demand.streams import read_streams
    >>> from routes.inputs.protected_inputs import protected_inputs
    >>> streams = read_streams(protected_inputs(load_dataset(), bytes(32)))
    >>> bool((outcome_gain(streams, province="53")["gain"] > 0).all())
    True
    """
    inside = streams.population.index.str[:2] == province
    population = streams.population[inside]
    tables = streams.homes.get(province, ())
    rows = []
    for table in tables:
        if not table.stock or table.persons.sum() < _FEWEST_PERSONS:
            continue
        others = [other for other in tables if other.name != table.name]
        stops = [other for other in others if not other.stock]
        rows.append(
            {
                "outcome": table.name,
                "persons": int(table.persons.sum()),
                "regencies": int((table.persons > 0).sum()),
                "gain": _gain(table, population, others),
                "stops alone": _gain(table, population, stops),
            }
        )
    return pd.DataFrame(rows)


def _gain(table: HomeCounts, population: pd.Series, others: list[HomeCounts]) -> float:
    """Mean log ratio of the fitted shares to those of the population, among what is listed."""
    shares = RegencyFit(draws=_DRAWS).fit(population, others).shares_.mean()
    persons = table.persons.reindex(population.index).dropna()
    fitted, usual = (part.loc[persons.index] for part in (shares, population))
    ratio = np.log(fitted / fitted.sum()) - np.log(usual / usual.sum())
    return round(float((persons * ratio).sum() / persons.sum()), 2)
