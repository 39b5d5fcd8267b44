"""How far the model agrees with what was reported, beside baselines that know less.

Three questions, each answered with numbers that may turn out badly:

- do terminals with more modelled load have more people stopped (held out by year and by place)?
- do posts move flow to the places the sources name (Kupang by 2019; Batam to Tanjungpinang in
  2017; Dumai to Batam in 2023)?
- how far are yearly totals of people stopped from what the other years would lead one to expect?

Interceptions follow enforcement and the press as well as flow. A good score shows that costs and
destinations are not nonsense; it does not prove the flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from geo.dataset import Dataset
from routes.build.assemble import share_targets
from routes.build.model import Build
from routes.build.parameters import ModelParameters
from routes.ensemble.draws import leg_attribute
from routes.flow.model import FlowModel, Post
from routes.flow.utilities import ShareTarget, fit_utilities
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Network
from routes.validation.baselines import all_or_nothing, gravity, spread_by_load

__all__ = [
    "SHIFTS",
    "Candidate",
    "Shift",
    "build_targets",
    "candidate_loads",
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
    """Parameters that interceptions may choose between.

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


CANDIDATES = tuple(
    Candidate(*values)
    for values in product((0.05, 0.1, 0.2), (-20.0, -10.0, 0.0, 10.0), (-30.0, 0.0))
)


@dataclass(frozen=True)
class Shift:
    """A displacement on record.

    Attributes
    ----------
    name : str
    origins : tuple of str
        Province codes whose people it is about; empty for all.
    posts : tuple of str
        Places where enforcement began.
    gained : tuple of str
        Places the sources name as used instead.
    source : str
    """

    name: str
    origins: tuple[str, ...]
    posts: tuple[str, ...]
    gained: tuple[str, ...]
    source: str


SHIFTS = (
    Shift(
        "Kupang to other ways out, by 2019",
        ("53",),
        ("el-tari", "tenau"),
        ("Waingapu", "Tambolaka", "Waikelo", "Denpasar", "Benoa", "Medan", "Belawan", "Surabaya",
         "Labuan Bajo", "Makassar", "Nunukan", "Sebatik"),
        "F028, F029, F032",
    ),
    Shift(
        "Batam to Tanjungpinang, 2017", (), ("place:Batam",), ("Tanjungpinang", "Bintan"),
        "displacement on record in the evidence behind counts.csv",
    ),
    Shift(
        "Dumai to Batam, 2023", (), ("place:Dumai",), ("Batam",),
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
    targets: Mapping[str, ShareTarget],
    *,
    origin: str | None = None,
    candidates: Sequence[Candidate] = CANDIDATES,
) -> pd.DataFrame:
    """Load of every Indonesian terminal (rows) under each candidate (columns).

    Utilities are fitted anew to the destination shares for each candidate; interceptions play no
    part here.
    """
    graph, network = build.graph, build.network
    legs = [(u, v) for u, v in graph.edges if graph.nodes[u]["kind"] != "destination"]
    flies = np.array([graph.edges[leg]["mode"] == "air" for leg in legs])
    country = dict(graph.nodes(data="country"))
    leaves = np.array([country[u] == "ID" and country[v] != "ID" for u, v in legs])
    hours = leg_attribute(graph, "hours")
    demand = origin_demand(build, origin)
    terminals = _terminals(build)
    columns = {}
    for candidate in candidates:
        cost = hours + flies * candidate.papers_h + (flies & leaves) * candidate.border_h
        drawn = replace(network, hours=np.maximum(cost, 0.1))
        utility = fit_utilities(drawn, candidate.theta, targets, tolerance=1e-3)
        model = FlowModel(theta=candidate.theta)
        load = model.fit_network(replace(drawn, utility=utility), demand).load_array
        columns[candidate] = pd.Series(load, index=list(network.nodes)).reindex(terminals)
    return pd.DataFrame(columns)


def rank_agreement(load: pd.Series, stopped: pd.Series) -> dict[str, float]:
    """Spearman over the terminals where somebody was stopped, and what the top fifth holds.

    ``top_fifth`` is the share of people stopped at the fifth of all terminals with most load.
    """
    people = stopped.reindex(load.index).fillna(0.0)
    seen = people > 0
    top = load.nlargest(max(1, len(load) // 5)).index
    return {
        "spearman": _spearman(load[seen], people[seen]),
        "top_fifth": float(people[top].sum() / people.sum()) if people.sum() else np.nan,
        "terminals": float(seen.sum()),
    }


def _spearman(a: pd.Series, b: pd.Series) -> float:
    if len(a) < 3 or a.nunique() < 2 or b.nunique() < 2:
        return float("nan")
    return float(spearmanr(a, b).statistic)


def leave_one_out(loads: pd.DataFrame, stopped: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Choose parameters without one year or one place, then judge on what was left out.

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
        A row a fold: the candidate chosen, and for years ``spearman`` (NaN with fewer than four
        terminals) and ``top_fifth``; for places ``percentile``, the share of all terminals with
        less load than the one left out.
    """
    rows = []
    folds: Iterable[object] = stopped.columns if by == "year" else stopped.index
    for fold in folds:
        rest = stopped.drop(columns=fold) if by == "year" else stopped.drop(index=fold)
        chosen = _best(loads, rest.sum(axis=1))
        row: dict[str, object] = {by: fold, "candidate": chosen}
        if by == "year":
            held = stopped[fold]
            agreement = rank_agreement(loads[chosen], held)
            row |= {"persons": float(held.sum()), **agreement}
            if agreement["terminals"] < 4:
                row["spearman"] = np.nan
        elif fold in loads.index:
            load = loads[chosen]
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


def shift_table(build: Build, shift: Shift, *, post: Post | None = None) -> pd.DataFrame:
    """Change of load by place under the posts of a displacement, model and baselines.

    Parameters
    ----------
    post : Post, optional
        Default 36 hours of deterrence and 0.3 detection at each posted terminal (assumed).

    Returns
    -------
    DataFrame
        A row an Indonesian place other than those posted: ``named`` (the sources name it), the
        change of load in persons a year by ``model, all_or_nothing, gravity, top_flow``, and
        ``around``: the model's change of those who pass without leaving a posted terminal.
    """
    post = post or Post(deterrence_h=36.0, detection=0.3)
    graph, network = build.graph, build.network
    place = {n: p for n, p in graph.nodes(data="place") if isinstance(p, str)}
    with_posts = _posted(shift, place)
    demand = origin_demand(build)
    if shift.origins:
        codes = [str(graph.nodes[n]["area_code"])[:2] for n in network.nodes]
        demand = np.where(np.isin(codes, shift.origins), demand, 0.0)
    where = np.array([network.position(node) for node in with_posts])
    extra, closed = np.zeros(len(network.nodes)), np.ones(len(network.nodes))
    extra[where], closed[where] = post.deterrence_h, 0.0
    theta = build.flow_model().theta
    ours = [n for n in _terminals(build) if n not in with_posts]
    at = np.array([network.position(node) for node in ours])

    def around(kernel: RandomWalkSums) -> Floats:
        free = kernel.thinned(closed)
        start = np.divide(demand, kernel.z, out=np.zeros_like(demand), where=kernel.alive)
        inside = np.isin(at, kernel.core)
        columns = free.inner_columns(at[inside])
        again = columns[at[inside], np.arange(inside.sum())]
        # start N[:, i] / N_ii is the weight of first passages of i, times what leads on from it.
        first = start @ free.complete(columns) / again
        passing = np.zeros(len(at))
        passing[inside] = first * free.z[at[inside]]
        return passing

    plain, guarded = (
        RandomWalkSums(network, theta, extra_hours=hours) for hours in (0 * extra, extra)
    )
    before = plain.visits(demand) * plain.z
    change = {
        "model": (guarded.visits(demand) * guarded.z - before)[at],
        "all_or_nothing": (
            all_or_nothing(network, demand, theta=theta, extra_hours=extra).load
            - all_or_nothing(network, demand, theta=theta).load
        )[at],
        "gravity": (
            gravity(network, demand, extra_hours=extra).load - gravity(network, demand).load
        )[at],
        "top_flow": (spread_by_load(before, where, at) - before)[at],
        "around": around(guarded) - around(plain),
    }
    names = pd.Series([place[node] for node in ours], name="place")
    table = pd.DataFrame(change).groupby(names).sum()
    table = table.drop(index=sorted({place[n] for n in with_posts}), errors="ignore")
    return table.assign(named=table.index.isin(shift.gained))


def named_before_others(table: pd.DataFrame) -> pd.Series:
    """How often a place the sources name has a larger change than one they do not, by method.

    The area under the ROC curve: 0.5 is chance, ties count half.
    """
    methods = table.columns.drop("named")
    named, others = table[table["named"]], table[~table["named"]]
    score = {}
    for method in methods:
        gap = named[method].to_numpy()[:, None] - others[method].to_numpy()[None, :]
        score[method] = float(((gap > 1e-9) + 0.5 * (np.abs(gap) <= 1e-9)).mean())
    return pd.Series(score)


def _posted(shift: Shift, place: Mapping[str, str]) -> list[str]:
    with_posts: list[str] = []
    for item in shift.posts:
        town = item.removeprefix("place:")
        with_posts += [n for n, p in place.items() if p == town] if town != item else [item]
    return with_posts


def yearly_totals(counts: pd.DataFrame, *, area: str, measure: str) -> pd.DataFrame:
    """Yearly counts of an area, each beside what the other years lead one to expect.

    The expectation is their mean; its interval is of a negative binomial with their dispersion
    (at least Poisson), so few years and unknown effort make it wide. ``year_before`` is what was
    reported then. No model of flow and no baseline says more of a total: effort is on no record.
    """
    rows = counts[(counts["place_code"] == area) & (counts["measure"] == measure)]
    years = rows.groupby("year")["value"].max()
    found = []
    for year, value in years.items():
        rest = years.drop(year)
        mean = float(rest.mean())
        variance = float(rest.var(ddof=1)) * (1 + 1 / len(rest)) if len(rest) > 1 else np.nan
        half = 1.645 * np.sqrt(max(variance, mean))
        found.append(
            {
                "year": int(year),
                "reported": float(value),
                "expected": mean,
                "year_before": float(years.get(year - 1, np.nan)),
                "p05": max(0.0, mean - half),
                "p95": mean + half,
            }
        )
    return pd.DataFrame(found)


def build_targets(build: Build, dataset: Dataset) -> dict[str, ShareTarget]:
    """Destination share targets on the nodes of a build."""
    kinds = dict(build.graph.nodes(data="kind"))
    origins = [n for n in build.network.nodes if kinds[n] in {"settlement", "seat", "village"}]
    codes = [str(build.graph.nodes[n]["area_code"])[:2] for n in origins]
    table = pd.DataFrame({"node": origins, "province_code": codes})
    return share_targets(dataset, build.network, table, origin_demand(build), ModelParameters())


def origin_demand(build: Build, origin: str | None = None) -> Floats:
    """Persons a year who set out at each node; of one province if given."""
    network: Network = build.network
    demand = np.array([build.graph.nodes[n].get("demand") or 0.0 for n in network.nodes])
    if origin is None:
        return demand
    codes = [str(build.graph.nodes[n]["area_code"])[:2] for n in network.nodes]
    return np.where(np.array(codes) == origin, demand, 0.0)


def _terminals(build: Build) -> list[str]:
    ours = build.terminals[build.terminals["country"] == "ID"]
    return list(ours["id"])
