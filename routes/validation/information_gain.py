"""Where are people stopped? Information gain of a ranking over "anywhere", nats an event.

Terminals of Indonesia are gathered into places
(:func:`routes.observation.record.terminal_places`); an event is a row of persons stopped on the
way. A ranking with values ``s_j >= 0`` becomes probabilities
``p_j = (1 - e) s_j^b / sum s^b + e / J`` with ``b`` and ``e`` fitted alike for every ranking. Ranks
over places where somebody was stopped say little, since places where nobody was count as well:

- *in sample*: mean ``log(p_j J)``, ``b`` and ``e`` fitted to the same events;
- *by place*: a tenth of the places at a time left out of the fit, Poisson log score of their events
  over that of the mean;
- *forward*: ``b`` and ``e`` fitted to events up to :data:`LAST_YEAR`, scored on the later ones.

The refitted model also knows, forward, which places were watched in the later years: their effort
is on record (``effort.csv``), the events there are not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.dataset import Dataset
from geo.posts import watched_years
from routes.build.model import Build
from routes.flow.model import FlowModel
from routes.flow.observation import expected_interceptions
from routes.graph.arrays import Floats, Node
from routes.observation.record import record_years, stops_on_record, terminal_places
from routes.observation.watch import OWN_RATES, WatchFit, class_loads
from routes.validation.backtest import home_terminals, origin_demand
from routes.validation.baselines import gravity

__all__ = ["folds", "gain_table", "information_gain"]

LAST_YEAR = 2021
_FOLDS = 10
_SHARPNESS = np.arange(0.2, 2.55, 0.05)
_ELSEWHERE = np.arange(0.02, 0.62, 0.04)


def information_gain(
    values: Floats,
    events: NDArray[np.int64],
    years: Floats,
    *,
    by_fold: Sequence[Floats] | None = None,
    before: tuple[Floats, Floats] | None = None,
) -> dict[str, float]:
    """Gain of one ranking.

    Parameters
    ----------
    values : array, shape (places,), >= 0
    events : int array, shape (events,)
        Place of each event.
    years : array, shape (events,)
    by_fold : sequence of arrays, optional
        The ranking as it is without the events of the places of each fold (:func:`folds`).
    before : two arrays, optional
        The ranking without the events after :data:`LAST_YEAR`: in the years up to it, and later.

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
    values_before, values_later = (values, values) if before is None else before
    count = np.bincount(events, minlength=size).astype(float)
    first, later = (
        np.bincount(events[part], minlength=size).astype(float)
        for part in (years <= LAST_YEAR, years > LAST_YEAR)
    )
    return {
        "in sample": _mean_gain(_fitted(values, count), count),
        "by place": _by_place([values] * _FOLDS if by_fold is None else by_fold, count),
        "forward": _mean_gain(_fitted(values_before, first, applied_to=values_later), later),
    }


def folds(size: int) -> NDArray[np.int64]:
    """Fold of each place in the leave-out by place, shape (places,)."""
    return np.random.default_rng(3).permutation(size) % _FOLDS


def _probability(values: Floats, sharpness: float, elsewhere: float) -> Floats:
    used = values > 0
    weight = np.zeros(len(values))
    weight[used] = (values[used] / values.max()) ** sharpness
    total = weight.sum() or 1.0
    return np.asarray((1 - elsewhere) * weight / total + elsewhere / len(values))


def _fitted(
    values: Floats,
    count: Floats,
    kept: NDArray[np.bool_] | None = None,
    *,
    applied_to: Floats | None = None,
) -> Floats:
    """Probabilities that fit the counts of the kept places best, or those of other values with the
    same sharpness.
    """
    keep = np.ones(len(values), bool) if kept is None else kept

    def score(parameters: tuple[float, float]) -> float:
        p = _probability(values, *parameters)
        return float(count[keep] @ np.log(p[keep] / p[keep].sum()))

    best = max(product(_SHARPNESS, _ELSEWHERE), key=score)
    return _probability(values if applied_to is None else applied_to, *best)


def _mean_gain(p: Floats, count: Floats) -> float:
    return float(count @ np.log(p * len(p)) / count.sum()) if count.sum() else float("nan")


def _by_place(by_fold: Sequence[Floats], count: Floats) -> float:
    if not count.sum():
        return float("nan")
    fold = folds(len(count))
    total = 0.0
    for k, values in enumerate(by_fold):
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

    Rankings: the persons who pass and the interceptions the model expects, as the build holds them
    and with the rates refitted without what is scored; scheduled connections of the place; a
    gravity model on the same network; departures of the regencies within reach of the place's
    terminals (people who set out there); and, forward alone, the events themselves up to
    :data:`LAST_YEAR` (memory).
    """
    home = home_terminals(build)
    terminals = dataset.terminals[dataset.terminals["id"].isin(home)]
    place = terminal_places(terminals)
    size = int(place.max()) + 1
    legs = dataset.legs
    ends = pd.concat([legs["from_id"], legs["to_id"]])
    network, model = build.network, build.flow_model()
    nodes = list(map(str, network.nodes))

    def by_place(at_terminal: pd.Series) -> Floats:
        rows = at_terminal.reindex(place.index).fillna(0.0)
        sums = np.bincount(place.to_numpy(), rows.to_numpy(float), minlength=size)
        return np.asarray(sums, float)

    by_role = model.role_loads()
    loads = {key: pd.Series(load, nodes) for key, load in by_role.items()}
    tables = class_loads(loads, terminals.set_index("id")["kind"], OWN_RATES)
    record = stops_on_record(dataset.counts)
    recorded, watched = record_years(record), watched_years(dataset.effort, terminals)

    def expected(
        origin: str | None,
        *,
        left_out: NDArray[np.bool_] | None = None,
        until: int = recorded[-1],
        seen_in: Sequence[int] = recorded,
    ) -> Floats:
        """Interceptions a year by place in some years, with the rates fitted to some events."""
        fit = WatchFit(first_year=recorded[0], last_year=until).fit(
            tables, terminals, record, watched, left_out=left_out
        )
        rates = fit.watch(terminals, watched, recorded)
        posted = replace(network, watch=cast("Mapping[Node, Any]", rates))
        of_people = {key: x for key, x in by_role.items() if origin in {None, key[0]}}
        return by_place(pd.Series(expected_interceptions(posted, lambda: of_people, seen_in)))

    fold = folds(size)
    rows = []
    for people, origin in (("NTT", OWN_RATES), ("all", None)):
        demand = origin_demand(build, origin)
        of_people = FlowModel(theta=model.theta).fit_network(network, demand)
        entry = sum(of_people.kernel_.entry(group.start) * group.z for group in of_people.groups_)
        stopped = dataset.counts
        stopped = stopped[
            (stopped["kind"] == "interception") & stopped["terminal_id"].isin(place.index)
        ]
        if origin is not None:
            stopped = stopped[stopped["origin_code"] == origin]
        at = place[stopped["terminal_id"]].to_numpy()
        years = stopped["year"].to_numpy(float)
        as_built = expected(origin)
        rankings: Mapping[str, dict[str, Any]] = {
            "model, persons": {"values": by_place(pd.Series(of_people.load_array, nodes))},
            "model, observed": {"values": as_built},
            "model, observed, refitted": {
                "values": as_built,
                "by_fold": [expected(origin, left_out=fold == k) for k in range(_FOLDS)],
                "before": tuple(
                    expected(origin, until=LAST_YEAR, seen_in=seen_in)
                    for seen_in in (
                        range(recorded[0], LAST_YEAR + 1),
                        range(LAST_YEAR + 1, recorded[-1] + 1),
                    )
                ),
            },
            "connections": {"values": by_place(ends.value_counts())},
            "gravity": {"values": by_place(pd.Series(gravity(network, demand).load, nodes))},
            "departures": {"values": by_place(pd.Series(entry, nodes))},
            "memory": {"values": np.bincount(at[years <= LAST_YEAR], minlength=size).astype(float)},
        }
        for name, ranking in rankings.items():
            gain = information_gain(events=at, years=years, **ranking)
            if name == "memory":
                gain = {"forward": gain["forward"]}
            rows.append({"people": people, "events": len(at), "ranked by": name, **gain})
    return pd.DataFrame(rows).round(2)
