"""How often a 90 % interval holds what it should: by simulation, and at places left out.

- *Simulation* (Talts et al. 2018): parameters are drawn from the prior, the streams are counted
  again from them, and everything is fitted as it is to the true streams. The departures drawn
  should lie in 90 % of the intervals.
- *Places left out*: rates of interception are fitted without a tenth of the places at a time; the
  events on record at each place left out should lie in the interval of what is then expected there.
  It spans the draws of the loads, and the scatter between places that the others show.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.posts import watched_years
from routes.build.model import Build
from routes.demand.departures import regency_departures
from routes.demand.province_fit import ProvincePosterior
from routes.demand.regency_fit import simulated_homes
from routes.demand.streams import Streams
from routes.graph.arrays import Floats
from routes.graph.checkpoints import EVERYONE
from routes.observation.record import record_years, stops_on_record, terminal_places
from routes.observation.watch import OWN_RATES, WatchFit, class_loads
from routes.validation.backtest import home_terminals
from routes.validation.information_gain import folds

__all__ = ["event_coverage", "simulated_coverage"]

_LOW, _HIGH = 0.05, 0.95
_FOLDS = 10
_SCATTERS = np.arange(0.0, 2.55, 0.1)


def simulated_coverage(streams: Streams, *, rounds: int, seed: int = 0) -> pd.DataFrame:
    """Coverage of the departures by simulation.

    Returns
    -------
    DataFrame
        ``of`` (nation, provinces, regencies of NTT), ``intervals``, ``inside`` (their share that
        holds the departures drawn) and ``ratio`` (median of p95 / p05).
    """
    rng = np.random.default_rng(seed)
    province = streams.population.index.str[:2]
    population = streams.population.groupby(province).sum()
    target = ProvincePosterior(
        population,
        streams.prior_shares,
        streams.totals,
        streams.splits,
        streams.sent,
        streams.placements,
    )
    of_ntt = streams.population[province == OWN_RATES]
    inside: dict[str, list[bool]] = {}
    ratio: dict[str, list[float]] = {}

    def compare(name: str, truth: float, drawn: pd.Series) -> None:
        low, high = drawn.quantile([_LOW, _HIGH])
        inside.setdefault(name, []).append(bool(low <= truth <= high))
        ratio.setdefault(name, []).append(float(high / low))

    for number in range(rounds):
        flow, totals, splits, sent = target.simulated(rng)
        shares, homes = simulated_homes(of_ntt, streams.homes.get(OWN_RATES, ()), rng)
        fitted = regency_departures(
            Streams(
                population=streams.population, prior_shares=streams.prior_shares,
                totals=tuple(totals), splits=tuple(splits), sent=tuple(sent),
                homes={OWN_RATES: tuple(homes)}, placements=streams.placements,
            ),
            draws=400, seed=number,
        ).by_regency  # fmt: skip
        by_province = fitted.T.groupby(fitted.columns.str[:2]).sum().T
        truth = pd.Series(flow.sum(axis=1), population.index)
        compare("nation", float(truth.sum()), fitted.sum(axis=1))
        for code, persons in truth.items():
            compare("provinces", float(persons), by_province[code])
        for code, share in shares.items():
            compare("regencies of NTT", float(share * truth[OWN_RATES]), fitted[code])
    return pd.DataFrame(
        [
            {"of": name, "intervals": len(hits), "inside": np.mean(hits),
             "ratio": np.median(ratio[name])}
            for name, hits in inside.items()
        ]
    ).round(2)  # fmt: skip


def event_coverage(build: Build, dataset: Dataset) -> pd.DataFrame:
    """Coverage of the events on record at places whose events were not used.

    Returns
    -------
    DataFrame
        ``places`` (all, and those where at least one event is expected), ``number``, ``draws
        alone`` and ``with scatter`` (share of the places whose events lie in the interval), and
        ``scatter``: the spread of the logarithm between places, median over the folds.
    """
    terminals = dataset.terminals[dataset.terminals["id"].isin(home_terminals(build))]
    place = terminal_places(terminals)
    size, nodes = int(place.max()) + 1, list(map(str, build.network.nodes))
    loads = {key: pd.Series(load, nodes) for key, load in build.flow_model().role_loads().items()}
    tables = class_loads(loads, terminals.set_index("id")["kind"], OWN_RATES)
    record = stops_on_record(dataset.counts)
    years, watched = record_years(record), watched_years(dataset.effort, terminals)
    record = record[record["terminal_id"].isin(place.index)]
    seen = np.bincount(place[record["terminal_id"]], record["events"], size)
    drawn = _drawn_loads(build, place, size)
    expected = np.zeros((len(years), size))
    fold = folds(size)
    scatter = np.zeros(size)
    for k in range(_FOLDS):
        left_out = fold == k
        fit = WatchFit(first_year=years[0], last_year=years[-1]).fit(
            tables, terminals, record, watched, left_out=left_out
        )
        mean = _expected(fit, terminals, watched, years, tables, place, size)
        expected[:, left_out] = mean[:, left_out]
        rest = ~left_out
        scatter[left_out] = _scatter(seen[rest], mean.sum(axis=0)[rest])
    total = expected.sum(axis=0)
    rng = np.random.default_rng(7)
    rows = []
    for name, chosen in (("all", total >= 0), ("at least one event expected", total >= 1)):
        hits = []
        for spread in (np.zeros(size), scatter):
            factor = drawn * np.exp(spread * rng.standard_normal(drawn.shape))
            events = rng.poisson(total * factor)
            low, high = np.percentile(events, [100 * _LOW, 100 * _HIGH], axis=0)
            hits.append(((low <= seen) & (seen <= high))[chosen].mean())
        rows.append(
            {
                "places": name, "number": int(chosen.sum()), "draws alone": hits[0],
                "with scatter": hits[1], "scatter": np.median(scatter),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).round(2)


def _drawn_loads(build: Build, place: pd.Series, size: int) -> Floats:
    """Load of each place in each draw over its mean, shape (draws, places)."""
    draws = build.terminal_draws
    position = draws.layout.position
    total = np.zeros((size, len(draws)))
    for terminal, number in place.items():
        if terminal in position:
            total[number] += draws.load[position[str(terminal)]].sum(axis=1)
    mean = total.mean(axis=1, keepdims=True)
    return np.asarray(np.divide(total, mean, out=np.ones_like(total), where=mean > 0).T)


def _expected(
    fit: WatchFit,
    terminals: pd.DataFrame,
    watched: pd.DataFrame,
    years: range,
    tables: dict[str, pd.DataFrame],
    place: pd.Series,
    size: int,
) -> Floats:
    """Events expected in each year at each place, shape (years, places)."""
    effort = terminals.set_index("id")["area_code"].str[:2].map(fit.effort_).fillna(1.0)
    rates = fit.rates_
    persons = sum((tables[g] * rates.loc[g]).sum(axis=1) for g in (OWN_RATES, EVERYONE)) * effort
    base = np.bincount(place[persons.index], persons, size)
    by_year = np.ones((len(years), size))
    rows = watched[watched["terminal_id"].isin(place.index) & watched["year"].isin(years)]
    by_year[rows["year"].to_numpy(int) - years[0], place[rows["terminal_id"]]] = fit.watched_
    return np.asarray(by_year * base)


def _scatter(seen: Floats, mean: Floats) -> float:
    """Spread of a log-normal factor on the mean of each place, by likelihood (Gauss-Hermite)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    mean = np.maximum(mean, 1e-6)

    def log_likelihood(spread: float) -> float:
        rate = mean[:, None] * np.exp(spread * nodes)
        log_p = seen[:, None] * np.log(rate) - rate
        most = log_p.max(axis=1, keepdims=True)
        return float((np.log(np.exp(log_p - most) @ weights) + most[:, 0]).sum())

    return float(max(_SCATTERS, key=log_likelihood))
