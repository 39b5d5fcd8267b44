"""Back-tests: agreement of the model with reported interceptions, compared with baselines.

Three questions, each answered with numbers that may be unfavourable:

- do terminals with more modelled load have more people stopped (held out by year and by place)?
- do posts move flow to the places the sources name (Kupang by 2019; Batam to Tanjungpinang in
  2017; Dumai to Batam in 2023)?
- how far are yearly totals of people stopped from the expectation of the other years?

Interceptions follow enforcement and the press as well as flow. A good score shows that costs and
destinations are not nonsense; it does not prove the flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from routes.build.model import Build
from routes.flow.model import FlowModel
from routes.flow.utilities import fit_utilities
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats
from routes.validation.baselines import all_or_nothing, gravity, spread_by_load

__all__ = [
    "DETERRENCE_H",
    "SHIFTS",
    "Candidate",
    "Shift",
    "candidate_loads",
    "fitted_shares",
    "home_terminals",
    "interceptions",
    "leave_one_out",
    "named_before_others",
    "origin_demand",
    "rank_agreement",
    "shift_table",
    "yearly_totals",
]


@dataclass(frozen=True)
class Candidate:
    """Parameters chosen by agreement with interceptions.

    Attributes
    ----------
    theta : float
        1/hour.
    papers_h, border_h : float
        Hours added to those of the build for a flight, and for a flight abroad.
    """

    theta: float
    papers_h: float
    border_h: float


DETERRENCE_H = 36.0
"""Deterrence of every post in the back-tests (assumed)."""

CANDIDATES = tuple(
    Candidate(*values) for values in product((0.05, 0.1, 0.2), (0.0, 10.0, 20.0), (-30.0, 0.0))
)


@dataclass(frozen=True)
class Shift:
    """A displacement on record.

    Attributes
    ----------
    name : str
    origin : str or None
        Province code of the people displaced; None for all.
    posts : tuple of str
        Places where enforcement began.
    gained : tuple of str
        Places the sources name as used instead.
    source : str
    """

    name: str
    origin: str | None
    posts: tuple[str, ...]
    gained: tuple[str, ...]
    source: str


SHIFTS = (
    Shift(
        "Kupang to other ways out, by 2019",
        "53",
        ("el-tari", "tenau"),
        ("Waingapu", "Tambolaka", "Waikelo", "Denpasar", "Benoa", "Medan", "Belawan", "Surabaya",
         "Labuan Bajo", "Makassar", "Nunukan", "Sebatik"),
        "F028, F029, F032",
    ),
    Shift(
        "Batam to Tanjungpinang, 2017", None, ("place:Batam",), ("Tanjungpinang", "Bintan"),
        "displacement on record in the evidence behind counts.csv",
    ),
    Shift(
        "Dumai to Batam, 2023", None, ("place:Dumai",), ("Batam",),
        "displacement on record in the evidence behind counts.csv",
    ),
)  # fmt: skip


def interceptions(counts: pd.DataFrame, *, origin: str | None = None) -> pd.DataFrame:
    """People stopped by terminal (rows) and year (columns); of one province's people if given."""
    rows = counts[(counts["kind"] == "interception") & (counts["terminal_id"] != "")]
    if origin is not None:
        rows = rows[rows["origin_code"] == origin]
    table: pd.DataFrame = rows.pivot_table(
        index="terminal_id", columns="year", values="value", aggfunc="sum", fill_value=0.0
    )
    return table


def candidate_loads(
    build: Build,
    *,
    origin: str | None = None,
    candidates: Sequence[Candidate] = CANDIDATES,
) -> pd.DataFrame:
    """Load of every Indonesian terminal (rows) under each candidate (columns).

    Utilities are refitted to the destination shares for each candidate; interceptions are not used.
    """
    graph, network = build.graph, build.network
    legs = [(u, v) for u, v in graph.edges if graph.nodes[u]["kind"] != "destination"]
    by_air = np.array([graph.edges[leg]["mode"] == "air" for leg in legs])
    country = dict(graph.nodes(data="country"))
    abroad = np.array([country[u] == "ID" and country[v] != "ID" for u, v in legs])
    hours = network.hours
    demand, terminals = origin_demand(build, origin), home_terminals(build)
    shares = fitted_shares(build)
    columns = {}
    for candidate in candidates:
        cost = hours + by_air * candidate.papers_h + (by_air & abroad) * candidate.border_h
        changed = network.with_costs(hours=np.maximum(cost, 0.1))
        utility = fit_utilities(changed, candidate.theta, demand, shares, tolerance=1e-3)
        model = FlowModel(theta=candidate.theta)
        load = model.fit_network(changed.with_costs(utility=utility), demand).load_array
        columns[candidate] = pd.Series(load, index=list(network.nodes)).reindex(terminals)
    return pd.DataFrame(columns)


def rank_agreement(load: pd.Series, stopped: pd.Series) -> dict[str, float]:
    """Spearman correlation over the terminals where somebody was stopped, and ``top_fifth``.

    ``top_fifth`` is the share of people stopped at the fifth of all terminals with most load.
    """
    people = stopped.reindex(load.index).fillna(0.0)
    both = pd.DataFrame({"load": load, "people": people})[people > 0]
    ranked = len(both) >= 3 and (both.nunique() >= 2).all()
    top = load.nlargest(max(1, len(load) // 5)).index
    return {
        "spearman": float(spearmanr(both["load"], both["people"]).statistic) if ranked else np.nan,
        "top_fifth": float(people[top].sum() / people.sum()) if people.sum() else np.nan,
        "terminals": float(len(both)),
    }


def leave_one_out(loads: pd.DataFrame, stopped: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Leave-one-out cross-validation of the parameters by year or by place.

    Parameters
    ----------
    loads : DataFrame
        From :func:`candidate_loads`.
    stopped : DataFrame
        From :func:`interceptions`.
    by : {"year", "place"}

    Returns
    -------
    DataFrame
        A row a fold: the candidate with the best rank on the rest, and for years ``spearman`` (NaN
        with fewer than four terminals) and ``top_fifth``; for places ``percentile``, the share of
        all terminals with less load than the one left out.
    """
    rows = []
    folds: Iterable[object] = stopped.columns if by == "year" else stopped.index
    for fold in folds:
        rest = stopped.drop(columns=fold) if by == "year" else stopped.drop(index=fold)
        best = _best(loads, rest.sum(axis=1))
        row: dict[str, object] = {by: fold, "candidate": best}
        load = loads[best]
        if by == "year":
            agreement = rank_agreement(load, stopped[fold])
            row |= {"persons": float(stopped[fold].sum()), **agreement}
            if agreement["terminals"] < 4:
                row["spearman"] = np.nan
        elif fold in loads.index:
            row |= {
                "persons": float(stopped.loc[fold].sum()),
                "percentile": float((load < load[fold]).mean()),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def _best(loads: pd.DataFrame, stopped: pd.Series) -> Candidate:
    scores = {c: rank_agreement(loads[c], stopped)["spearman"] for c in loads.columns}
    best: Candidate = max(
        scores, key=lambda c: (np.nan_to_num(scores[c], nan=-1.0), -abs(c.papers_h))
    )
    return best


def shift_table(build: Build, shift: Shift) -> pd.DataFrame:
    """Change of load by place under the posts of a displacement, model and baselines.

    Each post deters by :data:`DETERRENCE_H`; those in force do not stand.

    Returns
    -------
    DataFrame
        A row an Indonesian place without posts: ``named`` (by the sources), the change of load in
        persons a year by ``model, all_or_nothing, gravity, top_flow``, and ``around``: the model's
        change of those who pass without leaving a posted terminal.
    """
    graph, network = build.graph, build.network.without_posts()
    place = {n: p for n, p in graph.nodes(data="place") if isinstance(p, str)}
    with_posts = [n for n, p in place.items() if {n, f"place:{p}"} & set(shift.posts)]
    demand = origin_demand(build, shift.origin)
    where = np.array([network.position(node) for node in with_posts])
    extra, closed = np.zeros(len(network.nodes)), np.ones(len(network.nodes))
    extra[where], closed[where] = DETERRENCE_H, 0.0
    theta = build.flow_model().theta
    terminals = [n for n in home_terminals(build) if n not in with_posts]
    at = np.array([network.position(node) for node in terminals])

    model = FlowModel(theta=theta).fit_network(network, demand)

    def loads(kernel: RandomWalkSums) -> tuple[Floats, Floats]:
        """Load of the terminals, and of those who pass without leaving a posted one."""
        free = kernel.thinned(closed)
        inside = np.isin(at, kernel.core)
        columns = free.inner_columns(at[inside])
        returns = columns[at[inside], np.arange(inside.sum())]
        everyone, passing = np.zeros((2, len(at)))
        for group in model.groups_:
            value = network.destination.astype(float) if group.value is None else group.value
            z = kernel.reach(value)
            start = np.divide(group.demand, z, out=np.zeros_like(z), where=group.demand > 0)
            everyone += (kernel.spread(start) * z)[at]
            # start N[:, i] / N_ii is the weight of first passages of i, times z_i of walks onward.
            first = start @ free.complete(columns) / returns
            passing[inside] += first * free.reach(value)[at[inside]]
        return everyone, passing

    (before, around_before), (after, around_after) = (
        loads(RandomWalkSums(network, theta, extra_hours=hours)) for hours in (0 * extra, extra)
    )
    change = {
        "model": after - before,
        "all_or_nothing": (
            all_or_nothing(network, demand, theta=theta, extra_hours=extra).load
            - all_or_nothing(network, demand, theta=theta).load
        )[at],
        "gravity": (
            gravity(network, demand, extra_hours=extra).load - gravity(network, demand).load
        )[at],
        "top_flow": (spread_by_load(model.load_array, where, at) - model.load_array)[at],
        "around": around_after - around_before,
    }
    names = pd.Series([place[node] for node in terminals], name="place")
    table = pd.DataFrame(change).groupby(names).sum()
    table = table.drop(index=sorted({place[n] for n in with_posts}), errors="ignore")
    return table.assign(named=table.index.isin(shift.gained))


def named_before_others(table: pd.DataFrame) -> pd.Series:
    """Area under the ROC curve by method: do places the sources name change more than others?

    0.5 is chance, ties count half.
    """
    change = table.drop(columns="named").to_numpy(float)
    gap = change[table["named"]][:, None] - change[~table["named"]]
    score = ((gap > 1e-9) + 0.5 * (np.abs(gap) <= 1e-9)).mean(axis=(0, 1))
    return pd.Series(score, index=table.columns.drop("named"))


def yearly_totals(counts: pd.DataFrame, *, area: str, measure: str) -> pd.DataFrame:
    """Yearly counts of an area, each with the expectation of the other years.

    The expectation is their mean; its interval is of a negative binomial with their dispersion
    (at least Poisson), so few years and unknown effort make it wide. ``year_before`` is the count
    of the previous year. No flow model and no baseline predicts a total better: effort is not on
    record.
    """
    of_area = (counts["place_code"] == area) & (counts["measure"] == measure)
    years = counts[of_area].groupby("year")["value"].max()
    rows = []
    for year, value in years.items():
        rest = years.drop(year)
        mean = float(rest.mean())
        variance = float(rest.var(ddof=1)) * (1 + 1 / len(rest)) if len(rest) > 1 else np.nan
        half = 1.645 * np.sqrt(max(variance, mean))
        rows.append(
            {
                "year": int(year),
                "reported": float(value),
                "expected": mean,
                "year_before": float(years.get(year - 1, np.nan)),
                "p05": max(0.0, mean - half),
                "p95": mean + half,
            }
        )
    return pd.DataFrame(rows)


def fitted_shares(build: Build) -> Floats:
    """Destination shares of each group of origins in a build, shape (groups, destinations)."""
    model = build.flow_model()
    shares = np.zeros((len(model.network_.groups), int(model.network_.destination.sum())))
    odds = model.kernel_.destination_odds()
    for group in model.groups_:
        value = 1.0 if group.value is None else group.value[model.network_.structure.ends]
        arrived = group.start @ odds * value
        shares[model.network_.groups.index(group.name)] = arrived / arrived.sum()
    return shares


def origin_demand(build: Build, origin: str | None = None) -> Floats:
    """Persons a year who set out at each node; of one province if given."""
    demand = np.array([build.graph.nodes[n].get("demand") or 0.0 for n in build.network.nodes])
    return demand if origin is None else np.where(_provinces(build) == origin, demand, 0.0)


def _provinces(build: Build) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Province code of every node; empty for destinations and terminals abroad."""
    nodes = build.graph.nodes
    return np.array([str(nodes[n].get("area_code", ""))[:2] for n in build.network.nodes])


def home_terminals(build: Build) -> list[str]:
    """Identifiers of the terminals in Indonesia."""
    return list(build.terminals.loc[build.terminals["country"] == "ID", "id"])
