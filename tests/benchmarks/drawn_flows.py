"""Flows of many draws at once, kept only where they are asked for: the nation does not fit whole.

A thousand draws of 190,000 legs are 1.5 GB; of the legs that leave terminals, 30 MB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routes.ensemble.parallel import run_tasks
from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Integers, Network

__all__ = ["Drawn", "DrawnFlows", "VariedDemand", "drawn_flows"]


@dataclass(frozen=True, eq=False)
class Drawn:
    """One draw of the parameters of the flow.

    Attributes
    ----------
    theta : float
        1/hour.
    value_of_time_idr_h : float
    utility : array, shape (n,)
        Nats at destinations.
    demand : array, shape (n,)
        Persons a year.
    """

    theta: float
    value_of_time_idr_h: float
    utility: Floats
    demand: Floats


@dataclass(frozen=True, eq=False)
class VariedDemand:
    """Draws around one model: theta and value of time, utilities, demand by group of origins.

    Attributes
    ----------
    central : Drawn
    group : int array, shape (n,)
        Origins whose demand moves together (regencies).
    theta_spread, value_of_time_spread, demand_spread : float
        Standard deviations of logarithms.
    utility_spread : float
        Standard deviation of each utility, nats.
    seed : int
    """

    central: Drawn
    group: Integers
    theta_spread: float = 0.3
    value_of_time_spread: float = 0.3
    demand_spread: float = 0.35
    utility_spread: float = 0.2
    seed: int = 0

    def __call__(self, k: int) -> Drawn:
        """Draw number k; the same wherever and whenever it is drawn."""
        rng = np.random.default_rng([self.seed, k])
        at = self.central
        theta = at.theta * float(np.exp(rng.normal(0.0, self.theta_spread)))
        value = at.value_of_time_idr_h * float(np.exp(rng.normal(0.0, self.value_of_time_spread)))
        utility = at.utility.copy()
        ends = np.flatnonzero(utility)
        utility[ends] += rng.normal(0.0, self.utility_spread, len(ends))
        factor = np.exp(rng.normal(0.0, self.demand_spread, int(self.group.max()) + 1))
        return Drawn(theta, value, utility, at.demand * factor[self.group])


@dataclass(frozen=True, eq=False)
class DrawnFlows:
    """Loads and flows by draw; the first axis is the draw.

    Attributes
    ----------
    nodes, legs : int arrays
        Positions in the network of what was kept.
    load : array, shape (N, len(nodes)), persons/year
    leg_flow : array, shape (N, len(legs)), persons/year
    """

    nodes: Integers
    legs: Integers
    load: Floats
    leg_flow: Floats

    def load_interval(self, level: float = 0.9) -> Floats:
        """Lower bound, mean and upper bound of each load, shape (3, len(nodes))."""
        return _interval(self.load, level)

    def leg_interval(self, level: float = 0.9) -> Floats:
        """Lower bound, mean and upper bound of each leg's flow, shape (3, len(legs))."""
        return _interval(self.leg_flow, level)


def _interval(drawn: Floats, level: float) -> Floats:
    outside = (1.0 - level) / 2.0
    low, high = np.quantile(drawn, [outside, 1.0 - outside], axis=0)
    return np.stack([low, drawn.mean(axis=0), high])


@dataclass(frozen=True, eq=False)
class _Work:
    network: Network
    time_h: Floats
    fare_idr: Floats
    drawn: Callable[[int], Drawn]
    nodes: Integers
    legs: Integers

    def solve(self, k: int) -> tuple[Floats, Floats]:
        at = self.drawn(k)
        network = self.network.with_costs(
            hours=self.time_h + self.fare_idr / at.value_of_time_idr_h, utility=at.utility
        )
        model = FlowModel(theta=at.theta).fit_network(network, at.demand)
        return model.load_array[self.nodes], model.leg_flow_.values_array[self.legs]


def drawn_flows(
    network: Network,
    time_h: Floats,
    fare_idr: Floats,
    drawn: Callable[[int], Drawn],
    count: int,
    *,
    nodes: Integers | None = None,
    legs: Integers | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> DrawnFlows:
    """Solve ``count`` draws of one network.

    Parameters
    ----------
    time_h, fare_idr : arrays, shape (m,)
        The parts of the legs' cost that do not and do depend on the value of time.
    drawn : callable
        Gives draw k; the same each time it is asked.
    nodes, legs : int arrays, optional
        What to keep; default terminals and destinations, and the legs that leave terminals.
    workers, cluster, progress
        As of :func:`routes.ensemble.parallel.run_tasks`; where it is computed does not change a
        bit.
    """
    structure = network.structure
    if nodes is None:
        nodes = np.concatenate([structure.core, structure.ends])
    if legs is None:
        legs = structure.leg[structure.is_core[structure.tail]]
    work = _Work(network, time_h, fare_idr, drawn, nodes, legs)
    rows = run_tasks(_Work.solve, work, count, workers=workers, cluster=cluster, progress=progress)
    load, flow = (np.array(column) for column in zip(*rows, strict=True))
    return DrawnFlows(nodes, legs, load, flow)
