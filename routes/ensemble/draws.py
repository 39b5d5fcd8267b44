"""Many plausible models instead of one: the intervals behind every number.

Each draw varies what is not known: theta, the value of time, the times of the legs and what posts
in force do (:mod:`routes.ensemble.leg_times`), how many set out from where and where they end up
(and so the utilities, refitted), and how vulnerable each regency is. Draw k depends only on the
seed, k and how many there are, so that any part of the ensemble can be computed anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routes.ensemble.leg_times import LegTimes, LegTimeSpreads
from routes.ensemble.parallel import run_tasks
from routes.flow.model import FlowModel
from routes.flow.utilities import fit_utilities
from routes.graph.arrays import Floats, Integers, Network
from routes.stratified import stratified_normals

__all__ = [
    "DrawnOrigins",
    "Draws",
    "EnsembleParameters",
    "Observer",
    "draw_models",
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
    times : LegTimeSpreads
    """

    theta_spread: float = 0.3
    value_of_time_spread: float = 0.3
    landing_evidence: float = 1.0
    times: LegTimeSpreads = field(default_factory=LegTimeSpreads)


@dataclass(frozen=True, eq=False)
class Draws:
    """Sampled parameters; the first axis is the draw.

    Attributes
    ----------
    theta, value_of_time_idr_h : arrays, shape (N,)
    utility : array, shape (N, groups, destinations)
        Nats, in the order of the network's groups and destinations; NaN for a group without people.
    origins : int array
        Positions of the nodes where people start.
    regency : int array, shape (origins,)
        Column of ``demand`` that each shares in; villages would be many times as many.
    share : array, shape (origins,)
        Its share of the persons from there.
    demand : array, shape (N, regencies)
        Persons a year, in single precision.
    landing_weight : array, shape (N, landings)
        Logarithm of the reference weight of each leg from a coast to a landing, in the order of the
        network's legs.
    """

    theta: Floats
    value_of_time_idr_h: Floats
    utility: Floats
    landing_weight: Floats
    origins: Integers
    regency: Integers
    share: Floats
    demand: NDArray[np.float32]

    def demand_at(self, nodes: Sequence[int] | Integers) -> Floats:
        """Persons a year at some nodes, by position, in each draw; shape (N, nodes)."""
        size = 1 + max(self.origins.max(initial=-1), *nodes, -1)
        regency, share = np.zeros(size, np.intp), np.zeros(size)
        regency[self.origins], share[self.origins] = self.regency, self.share
        at = np.asarray(nodes, np.intp)
        return np.asarray(self.demand[:, regency[at]] * share[at])

    def people(self, k: int) -> Floats:
        """Persons a year at each of the origins in draw number k."""
        return np.asarray(self.demand[k, self.regency] * self.share)

    def __len__(self) -> int:
        return len(self.theta)


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


Observer = Callable[[int, FlowModel, Floats], Any]
"""Called with number, fitted model and index by node of a draw; what it answers is kept."""


@dataclass(frozen=True, eq=False)
class _Recipe:
    """What every draw starts from."""

    network: Network
    times: LegTimes
    theta: float
    utility: Floats
    normals: Floats
    origins: Integers
    regency: Integers
    share: Floats
    sample: Callable[[int, np.random.Generator], DrawnOrigins]
    parameters: EnsembleParameters
    seed: int
    observe: Observer | None

    def draw(self, k: int) -> tuple[tuple[float, float, *tuple[Floats, ...]], Any]:
        """Draw number k, and what was observed on its model.

        In the order of the fields of :class:`Draws`.
        """
        rng = np.random.default_rng([self.seed, k])
        first, second, *_ = self.normals[k]
        th = self.theta * float(np.exp(self.parameters.theta_spread * first))
        spread = self.parameters.value_of_time_spread
        vot = self.times.costs.value_of_time_idr_h * float(np.exp(spread * second))
        drawn = self.sample(k, rng)
        kept = np.bincount(self.regency, drawn.demand).astype(np.float32).astype(float)
        everyone = self._spread(kept[self.regency] * self.share)
        landings = self._landing_weights(rng)
        network = _drawn_network(
            self.network, self.times, self.normals[k], theta=th, value_of_time_idr_h=vot,
            landings=landings,
        )  # fmt: skip
        utility = fit_utilities(
            network, th, everyone, drawn.shares, tolerance=1e-3, start=self.utility
        )
        summary = None
        if self.observe is not None:
            model = FlowModel(theta=th).fit_network(network.with_costs(utility=utility), everyone)
            summary = self.observe(k, model, self._spread(drawn.vulnerability))
        by_destination = utility[:, self.network.structure.ends]
        values = (by_destination, landings, kept)
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
    network: Network,
    times: LegTimes,
    *,
    theta: float,
    utility: Floats,
    origins: Integers,
    regency: Integers,
    share: Floats,
    sample: Callable[[int, np.random.Generator], DrawnOrigins],
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
    regency, share : arrays, shape (origins,)
        Number of the regency of each, and its share of the departures from there in every draw.
    sample : callable
        Draw of this number, in the order of ``origins``.
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

    >>> draws, summaries = sample_draws(network, times, **recipe)  # doctest: +SKIP
    """
    ends = network.structure.ends  # found here once, so that no worker has to
    recipe = _Recipe(
        network=network,
        times=times,
        normals=_normals(times, seed, count),
        theta=theta,
        utility=utility,
        origins=origins,
        regency=regency,
        share=share,
        sample=sample,
        parameters=parameters,
        seed=seed,
        observe=observe,
    )
    drawn: list[Any] = run_tasks(
        _Recipe.draw, recipe, count, workers=workers, cluster=cluster, progress=progress
    )
    draws = Draws(
        theta=np.empty(count),
        value_of_time_idr_h=np.empty(count),
        utility=np.empty((count, len(network.groups), len(ends))),
        landing_weight=np.empty((count, int(landing_legs(network).sum()))),
        origins=origins,
        regency=regency,
        share=share,
        demand=np.zeros((count, int(regency.max(initial=-1)) + 1), np.float32),
    )
    summaries = []
    for k in range(count):
        (th, vot, nats, landings, people), summary = drawn[k]
        draws.theta[k], draws.value_of_time_idr_h[k] = th, vot
        draws.utility[k], draws.landing_weight[k] = nats, landings
        draws.demand[k] = people
        summaries.append(summary)
        drawn[k] = None  # a thousand draws of a nation are not held twice
    return draws, summaries


def draw_models(
    network: Network, draws: Draws, times: LegTimes, *, seed: int
) -> Iterator[FlowModel]:
    """Fit the model of each draw in turn.

    Parameters
    ----------
    times : LegTimes
    seed : int
        With which the draws were sampled: the times of the legs are drawn again, not kept.
    """
    normals = _normals(times, seed, len(draws))
    for k in range(len(draws)):
        utility = np.zeros((len(network.groups), len(network.nodes)))
        utility[:, network.structure.ends] = draws.utility[k]
        drawn = _drawn_network(
            network, times, normals[k], theta=float(draws.theta[k]),
            value_of_time_idr_h=float(draws.value_of_time_idr_h[k]),
            landings=draws.landing_weight[k],
        ).with_costs(utility=utility)  # fmt: skip
        people = np.zeros(len(network.nodes))
        people[draws.origins] = draws.people(k)
        yield FlowModel(theta=float(draws.theta[k])).fit_network(drawn, people)


def _normals(times: LegTimes, seed: int, count: int) -> Floats:
    """Standard normal numbers of each draw: for theta, the value of time and the legs."""
    rng = np.random.default_rng([seed, count])
    return stratified_normals(rng, count, 2 + times.size)


def _drawn_network(
    network: Network,
    times: LegTimes,
    normals: Floats,
    *,
    theta: float,
    value_of_time_idr_h: float,
    landings: Floats,
) -> Network:
    drawn = times.drawn(network, theta, normals[2:])
    posted = replace(network, deterrence_h=drawn.deterrence_h, detection=drawn.detection)
    hours = posted.leg_hours(drawn.time_h, times.fare_idr, value_of_time_idr_h)
    return with_landing_weights(posted.with_costs(hours=hours), landings)


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
