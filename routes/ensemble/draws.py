"""Many plausible models instead of one: the intervals behind every number.

Each draw varies what is not known: theta, the value of time, how many set out from where and where
they end up (and so the utilities, refitted), and how vulnerable each regency is. Draw k depends
only on the seed and k, so that any part of the ensemble can be computed anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from routes.ensemble.parallel import run_tasks
from routes.flow.model import FlowModel
from routes.flow.utilities import fit_utilities
from routes.graph.arrays import Floats, Integers, Network

__all__ = [
    "DrawnOrigins",
    "Draws",
    "EnsembleParameters",
    "Observer",
    "draw_models",
    "leg_attribute",
    "sample_draws",
]


@dataclass(frozen=True, kw_only=True)
class EnsembleParameters:
    """How far each assumption is varied.

    Attributes
    ----------
    theta_spread, value_of_time_spread : float
        Standard deviation of the logarithm (assumed: a factor of 1.35 either way).
    landing_evidence : float
        Concentration, for each landing, of the Dirichlet on the parts of a coast's landings: 1, any
        division is as likely as any other (nothing is known of them).
    """

    theta_spread: float = 0.3
    value_of_time_spread: float = 0.3
    landing_evidence: float = 1.0


@dataclass(frozen=True, eq=False)
class Draws:
    """Sampled parameters; the first axis is the draw.

    Attributes
    ----------
    theta, value_of_time_idr_h : arrays, shape (N,)
    utility : array, shape (N, groups, destinations)
        Nats, in the order of the network's groups and destinations; NaN for a group without people.
    demand : array, shape (N, n)
        Persons a year at each node.
    vulnerability : array, shape (N, n)
        Index of each origin's regency, 0-10.
    landing_weight : array, shape (N, landings)
        Logarithm of the reference weight of each leg from a coast to a landing, in the order of the
        network's legs.
    """

    theta: Floats
    value_of_time_idr_h: Floats
    utility: Floats
    landing_weight: Floats
    demand: Floats
    vulnerability: Floats

    def __len__(self) -> int:
        return len(self.theta)


def leg_attribute(graph: nx.DiGraph, name: str) -> Floats:
    """An edge attribute in the order of :class:`Network`'s legs."""
    kinds = dict(graph.nodes(data="kind"))
    values = (x for u, _, x in graph.edges(data=name) if kinds[u] != "destination")
    return np.fromiter(values, float)


@dataclass(frozen=True, eq=False)
class DrawnOrigins:
    """One draw of what is not known of the origins.

    Attributes
    ----------
    demand, vulnerability : arrays, shape (origins,)
        Persons a year, and the index of each origin's regency.
    shares : array, shape (groups, destinations)
        Share of each destination in the departures of each group.
    """

    demand: Floats
    vulnerability: Floats
    shares: Floats


Observer = Callable[[FlowModel, Floats], Any]
"""Called with the fitted model and the index by node of a draw; what it answers is kept."""


@dataclass(frozen=True, eq=False)
class _Recipe:
    """What every draw starts from."""

    network: Network
    time_h: Floats
    fare_idr: Floats
    theta: float
    value_of_time_idr_h: float
    utility: Floats
    origins: Integers
    sample: Callable[[np.random.Generator], DrawnOrigins]
    parameters: EnsembleParameters
    seed: int
    observe: Observer | None

    def draw(self, k: int) -> tuple[tuple[float, float, *tuple[Floats, ...]], Any]:
        """Draw number k, and what was observed on its model.

        In the order of the fields of :class:`Draws`, demand and vulnerability by origin: a worker
        sends back no zeros.
        """
        rng = np.random.default_rng([self.seed, k])
        th = self.theta * float(np.exp(rng.normal(0, self.parameters.theta_spread)))
        spread = self.parameters.value_of_time_spread
        vot = self.value_of_time_idr_h * float(np.exp(rng.normal(0, spread)))
        drawn = self.sample(rng)
        everyone = self._spread(drawn.demand)
        landings = self._landing_weights(rng)
        network = with_landing_weights(
            self.network.with_costs(hours=self.time_h + self.fare_idr / vot), landings
        )
        utility = fit_utilities(
            network, th, everyone, drawn.shares, tolerance=1e-3, start=self.utility
        )
        summary = None
        if self.observe is not None:
            model = FlowModel(theta=th).fit_network(network.with_costs(utility=utility), everyone)
            summary = self.observe(model, self._spread(drawn.vulnerability))
        by_destination = utility[:, self.network.structure.ends]
        values = (by_destination, landings, drawn.demand, drawn.vulnerability)
        return (th, vot, *values), summary

    def _landing_weights(self, rng: np.random.Generator) -> Floats:
        legs = np.flatnonzero(landing_legs(self.network))
        coasts, of_leg = np.unique(self.network.tail[legs], return_inverse=True)
        parts = np.maximum(rng.gamma(self.parameters.landing_evidence, size=len(legs)), 1e-6)
        return np.asarray(np.log(parts / np.bincount(of_leg, parts, len(coasts))[of_leg]))

    def _spread(self, values: Floats) -> Floats:
        whole = np.zeros(len(self.network.nodes))
        whole[self.origins] = values
        return whole


def sample_draws(
    graph: nx.DiGraph,
    network: Network,
    *,
    theta: float,
    utility: Floats,
    origins: Integers,
    sample: Callable[[np.random.Generator], DrawnOrigins],
    parameters: EnsembleParameters,
    seed: int,
    count: int,
    observe: Observer | None = None,
    progress: Callable[[int], None] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> tuple[Draws, list[Any]]:
    """Sample ``count`` parameter sets, fitting the utilities of each to its drawn shares.

    Parameters
    ----------
    utility : array, shape (groups, n)
        Of the central model, from which those of each draw are fitted.
    origins : int array
        Positions of the nodes where people start.
    sample : callable
        One draw, in the order of ``origins``.
    observe : callable, optional
        Called with the fitted model of each draw where it is drawn, so that no model is sent.
    workers, cluster
        Where it is computed (:func:`routes.ensemble.parallel.run_tasks`), which changes nothing in
        the result.

    Returns
    -------
    Draws, list
        The draws, and the observer's answers in their order.

    Examples
    --------
    :func:`routes.build.assemble.assemble` is the one caller:

    >>> draws, summaries = sample_draws(graph, network, **recipe)  # doctest: +SKIP
    """
    ends = network.structure.ends  # found here once, so that no worker has to
    recipe = _Recipe(
        network=network,
        time_h=leg_attribute(graph, "time_h"),
        fare_idr=leg_attribute(graph, "fare_idr"),
        theta=theta,
        value_of_time_idr_h=graph.graph["parameters"].value_of_time_idr_h,
        utility=utility,
        origins=origins,
        sample=sample,
        parameters=parameters,
        seed=seed,
        observe=observe,
    )
    drawn: list[Any] = run_tasks(
        _Recipe.draw, recipe, count, workers=workers, cluster=cluster, progress=progress
    )
    size = len(network.nodes)
    draws = Draws(
        theta=np.empty(count),
        value_of_time_idr_h=np.empty(count),
        utility=np.empty((count, len(network.groups), len(ends))),
        landing_weight=np.empty((count, int(landing_legs(network).sum()))),
        demand=np.zeros((count, size)),
        vulnerability=np.zeros((count, size)),
    )
    summaries = []
    for k in range(count):
        (th, vot, nats, landings, people, index), summary = drawn[k]
        draws.theta[k], draws.value_of_time_idr_h[k] = th, vot
        draws.utility[k], draws.landing_weight[k] = nats, landings
        draws.demand[k, origins], draws.vulnerability[k, origins] = people, index
        summaries.append(summary)
        drawn[k] = None  # a thousand draws of a nation are not held twice
    return draws, summaries


def draw_models(
    network: Network, draws: Draws, *, time_h: Floats, fare_idr: Floats
) -> Iterator[FlowModel]:
    """Fit the model of each draw in turn.

    Parameters
    ----------
    time_h, fare_idr : arrays, shape (m,)
        The parts of each leg's cost that do not and do depend on the value of time.
    """
    for k in range(len(draws)):
        utility = np.zeros((len(network.groups), len(network.nodes)))
        utility[:, network.structure.ends] = draws.utility[k]
        drawn = network.with_costs(
            hours=time_h + fare_idr / draws.value_of_time_idr_h[k], utility=utility
        )
        drawn = with_landing_weights(drawn, draws.landing_weight[k])
        yield FlowModel(theta=float(draws.theta[k])).fit_network(drawn, draws.demand[k])


def landing_legs(network: Network) -> NDArray[np.bool_]:
    """Legs with a reference weight of their own: those from a coast to its landings."""
    if network.log_weight is None:
        return np.zeros(len(network.tail), bool)
    return ~np.isnan(network.log_weight)


def with_landing_weights(network: Network, weights: Floats) -> Network:
    """The network with other reference weights of :func:`landing_legs`."""
    if not len(weights) or network.log_weight is None:
        return network
    log_weight = network.log_weight.copy()
    log_weight[landing_legs(network)] = weights
    return replace(network, log_weight=log_weight)
