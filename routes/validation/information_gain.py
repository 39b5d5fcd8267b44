"""Where are people stopped? Information gain of a ranking over "anywhere", nats an event.

Terminals of Indonesia are gathered into places (complete linkage, :data:`routes.observation.record.PLACE_KM`); an event is a
row of persons stopped on the way. A ranking with values ``s_j >= 0`` becomes probabilities
``p_j = (1 - e) s_j^b / sum s^b + e / J`` with ``b`` and ``e`` fitted alike for every ranking. Ranks
over places where somebody was stopped say little, since places where nobody was count as well:

- *in sample*: mean ``log(p_j J)``, ``b`` and ``e`` fitted to the same events;
- *by place*: a tenth of the places at a time left out of the fit, Poisson log score of their events
  over that of the mean;
- *forward*: ``b`` and ``e`` fitted to events up to :data:`LAST_YEAR`, scored on the later ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.dataset import Dataset
from routes.build.model import Build
from routes.flow.model import FlowModel
from routes.graph.arrays import Floats
from routes.observation.record import stops_on_record, terminal_places
from routes.observation.watch import WatchFit, class_loads
from routes.validation.backtest import home_terminals, origin_demand
from routes.validation.baselines import gravity

__all__ = ["gain_table", "information_gain"]

LAST_YEAR = 2021
_FOLDS = 10
_SHARPNESS = np.arange(0.2, 2.55, 0.05)
_ELSEWHERE = np.arange(0.02, 0.62, 0.04)


def information_gain(values: Floats, events: NDArray[np.int64], years: Floats) -> dict[str, float]:
    """Gain of one ranking.

    Parameters
    ----------
    values : array, shape (places,), >= 0
    events : int array, shape (events,)
        Place of each event.
    years : array, shape (events,)

    Returns
    -------
    dict
        ``in sample``, ``by place``, ``forward``; NaN where there is no event to score.

    Examples
    --------
    >>> everywhere_alike = np.ones(20)
    >>> where = np.array([3, 3, 3, 4])
    >>> gain = information_gain(everywhere_alike, where, np.array([2015.0, 2018, 2023, 2024]))
    >>> round(gain["in sample"], 6)
    0.0
    """
    size = len(values)
    count = np.bincount(events, minlength=size).astype(float)
    before, after = (
        np.bincount(events[part], minlength=size).astype(float)
        for part in (years <= LAST_YEAR, years > LAST_YEAR)
    )
    return {
        "in sample": _mean_gain(_fitted(values, count), count),
        "by place": _by_place(values, count),
        "forward": _mean_gain(_fitted(values, before), after),
    }


def _probability(values: Floats, sharpness: float, elsewhere: float) -> Floats:
    used = values > 0
    weight = np.zeros(len(values))
    weight[used] = (values[used] / values.max()) ** sharpness
    total = weight.sum() or 1.0
    return np.asarray((1 - elsewhere) * weight / total + elsewhere / len(values))


def _fitted(values: Floats, count: Floats, kept: NDArray[np.bool_] | None = None) -> Floats:
    """Probabilities that fit the counts of the kept places best."""
    keep = np.ones(len(values), bool) if kept is None else kept

    def score(parameters: tuple[float, float]) -> float:
        p = _probability(values, *parameters)
        return float(count[keep] @ np.log(p[keep] / p[keep].sum()))

    return _probability(values, *max(product(_SHARPNESS, _ELSEWHERE), key=score))


def _mean_gain(p: Floats, count: Floats) -> float:
    return float(count @ np.log(p * len(p)) / count.sum()) if count.sum() else float("nan")


def _by_place(values: Floats, count: Floats) -> float:
    if not count.sum():
        return float("nan")
    fold = np.random.default_rng(3).permutation(len(values)) % _FOLDS
    total = 0.0
    for k in range(_FOLDS):
        rest, test = fold != k, fold == k
        if not count[rest].sum():
            continue  # nothing to expect anything from
        p = _fitted(values, count, rest)
        expected = p * count[rest].sum() / p[rest].sum()
        mean = count[rest].sum() / rest.sum()
        score = count[test] * np.log(expected[test] / mean) - (expected[test] - mean)
        total += float(score.sum())
    return total / float(count.sum())


def gain_table(build: Build, dataset: Dataset) -> pd.DataFrame:
    """Gain of the model and of simpler rankings, for people of NTT and of all origins.

    Rankings: the model's load; scheduled connections of the place; a gravity model on the same
    network; departures of the regencies within reach of the place's terminals (people who set out
    there); and, forward alone, the events themselves up to :data:`LAST_YEAR` (memory).
    """
    home = home_terminals(build)
    terminals = dataset.terminals[dataset.terminals["id"].isin(home)]
    place = terminal_places(terminals)
    size = int(place.max()) + 1
    legs = dataset.legs
    ends = pd.concat([legs["from_id"], legs["to_id"]])
    network = build.network
    first = pd.Series(list(map(str, network.nodes)))

    def by_place(at_terminal: pd.Series) -> Floats:
        rows = at_terminal.reindex(place.index).fillna(0.0)
        sums = np.bincount(place.to_numpy(), rows.to_numpy(float), minlength=size)
        return np.asarray(sums, float)

    rows = []
    for people, origin in (("NTT", "53"), ("all", None)):
        demand = origin_demand(build, origin)
        model = FlowModel(theta=build.flow_model().theta).fit_network(network, demand)
        entry = model.kernel_.entry(model.start_weight) * model.kernel_.z
        rankings: Mapping[str, Floats] = {
            "model": by_place(pd.Series(model.load_array, index=first)),
            "connections": by_place(ends.value_counts()),
            "gravity": by_place(pd.Series(gravity(network, demand).load, index=first)),
            "departures": by_place(pd.Series(entry, index=first)),
        }
        stopped = dataset.counts
        stopped = stopped[
            (stopped["kind"] == "interception") & stopped["terminal_id"].isin(place.index)
        ]
        if origin is not None:
            stopped = stopped[stopped["origin_code"] == origin]
        at = place[stopped["terminal_id"]].to_numpy()
        years = stopped["year"].to_numpy(float)
        memory = np.bincount(at[years <= LAST_YEAR], minlength=size).astype(float)
        for name, values in {**rankings, "memory": memory}.items():
            gain = information_gain(values, at, years)
            if name == "memory":
                gain = {"forward": gain["forward"]}
            rows.append({"people": people, "events": len(at), "ranked by": name, **gain})
    return pd.DataFrame(rows).round(2)
