"""Baselines for the flow model: all-or-nothing assignment, gravity model, proportional spread.

They return total loads and flows only, never a path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from routes.graph.arrays import Floats, Integers, Network

__all__ = ["BaselineFlow", "all_or_nothing", "gravity", "spread_by_load"]


@dataclass(frozen=True, eq=False)
class BaselineFlow:
    """Loads and flows of a baseline.

    Attributes
    ----------
    load : array, shape (n,), persons/year through each node
    leg_flow : array, shape (m,), persons/year on each leg
    """

    load: Floats
    leg_flow: Floats


def all_or_nothing(
    network: Network, demand: Floats, *, theta: float, extra_hours: Floats | None = None
) -> BaselineFlow:
    """Everybody takes the path of least ``theta hours - utility`` (all-or-nothing assignment).

    Parameters
    ----------
    theta : float
        1/hour; weighs hours against utilities.
    extra_hours : array, shape (n,), optional
        Hours added to every leg that leaves a node (posts).
    """
    cost = theta * _hours(network, extra_hours)
    ends = np.flatnonzero(network.destination)
    parts = []
    for utility, people in _by_group(network, demand):
        reached = np.isfinite(utility)
        start = utility[reached].max() - utility[reached]
        _, tree = _towards(network, cost, ends[reached], start)
        parts.append(_assigned(network, tree, people))
    return _summed(parts)


def gravity(
    network: Network, demand: Floats, *, exponent: float = 2.0, extra_hours: Floats | None = None
) -> BaselineFlow:
    """Destinations chosen by ``exp(utility) / hours^exponent``, each by its shortest path.

    The production-constrained gravity model (Wilson 1971). Hours below one count as one.
    """
    hours = _hours(network, extra_hours)
    ends = np.flatnonzero(network.destination)
    least, trees = zip(
        *(_towards(network, hours, np.array([end]), np.zeros(1)) for end in ends), strict=True
    )
    towards = np.zeros((len(ends), len(demand)))
    for utility, people in _by_group(network, demand):
        pull = utility[:, None] - exponent * np.log(np.maximum(np.array(least), 1.0))
        highest = pull.max(axis=0)
        reached = np.isfinite(highest)
        weight = np.exp(pull - np.where(reached, highest, 0.0))
        total = weight.sum(axis=0)
        share = np.divide(weight, total, out=np.zeros_like(weight), where=reached & (total > 0))
        towards += share * people
    return _summed([_assigned(network, tree, p) for tree, p in zip(trees, towards, strict=True)])


def _by_group(network: Network, demand: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Utility of the destinations and demand by node of each group that has people."""
    ends = network.destination
    if network.group is None or network.group_utility is None:
        yield network.utility[ends], demand
        return
    for k in np.unique(network.group[demand > 0]).tolist():
        yield network.group_utility[k], np.where(network.group == k, demand, 0.0)


def _summed(parts: Sequence[BaselineFlow]) -> BaselineFlow:
    return BaselineFlow(
        load=np.sum([part.load for part in parts], axis=0),
        leg_flow=np.sum([part.leg_flow for part in parts], axis=0),
    )


def spread_by_load(load: Floats, posts: Integers, candidates: Sequence[int] | Integers) -> Floats:
    """Loads after posts if the posts' terminals lose all load and the rest gain in proportion."""
    after = load.copy()
    rest = np.setdiff1d(np.asarray(candidates, np.intp), posts)
    moved, present = load[posts].sum(), load[rest].sum()
    after[posts] = 0.0
    if present > 0:
        after[rest] *= 1.0 + moved / present
    return after


def _hours(network: Network, extra_hours: Floats | None) -> Floats:
    return network.hours if extra_hours is None else network.hours + extra_hours[network.tail]


def _towards(
    network: Network, cost: Floats, ends: Integers, start: Floats
) -> tuple[Floats, Integers]:
    """Least cost from each node to the ends, and its first leg (-1: none)."""
    n = len(network.nodes)
    rows = np.concatenate([network.head, np.full(len(ends), n)])
    columns = np.concatenate([network.tail, ends])
    backward = sparse.csr_array(
        (np.concatenate([cost, start]), (rows, columns)), shape=(n + 1, n + 1)
    )
    reach, after = csgraph.dijkstra(backward, indices=n, return_predecessors=True)
    # Legs are identified by their ends: a pair of nodes has at most one.
    key = network.tail * n + network.head
    order = np.argsort(key)
    nodes = np.flatnonzero((after[:n] >= 0) & (after[:n] < n))
    leg = np.full(n, -1, np.intp)
    leg[nodes] = order[np.searchsorted(key[order], nodes * n + after[nodes])]
    return np.asarray(reach[:n]), leg


def _assigned(network: Network, leg: Integers, demand: Floats) -> BaselineFlow:
    """Accumulate demand along a tree of first legs, the farthest nodes first."""
    n = len(leg)
    nodes = np.flatnonzero(leg >= 0)
    after = np.full(n, n, np.intp)
    after[nodes] = network.head[leg[nodes]]
    tree = sparse.csr_array((np.ones(n), (after, np.arange(n))), shape=(n + 1, n + 1))
    order = csgraph.breadth_first_order(tree, n, return_predecessors=False)[1:]
    alive = (leg >= 0) | network.destination
    load = np.where(alive, demand, 0.0)
    for node in order[::-1].tolist():
        if leg[node] >= 0:
            load[after[node]] += load[node]
    flow = np.zeros(len(network.hours))
    flow[leg[nodes]] = load[nodes]
    return BaselineFlow(load, flow)
