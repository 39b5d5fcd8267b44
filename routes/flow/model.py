"""The flow of people at risk over the transport graph, with and without posts.

A walk from an origin to a destination d has weight
``exp(utility_d) * prod over its legs (1 / outdegree(tail)) * exp(-theta * hours)``; each person of
an origin takes one walk with probability proportional to its weight. Destinations absorb. A post
adds ``deterrence_h`` to every leg that leaves its node, and each departure from the node is
detected with probability ``detection``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError, ModelError
from routes.estimator import Estimator
from routes.flow.low_rank_update import PostedWalks, with_posts
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Integers, Network, Node

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["FlowModel", "Interception", "LegFlow", "Post", "PostedFlow"]


@dataclass(frozen=True, kw_only=True)
class Post:
    """A staffed checkpoint at a terminal.

    Parameters
    ----------
    deterrence_h : float
        Hours of extra generalised cost on every leg that leaves the node (Delta), >= 0.
    detection : float
        Probability that one departure from the node is detected (q), 0 to 1.

    Examples
    --------
    >>> Post(deterrence_h=36.0, detection=0.3)
    Post(deterrence_h=36.0, detection=0.3)
    """

    deterrence_h: float = 0.0
    detection: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.deterrence_h) and self.deterrence_h >= 0):
            raise InputError("posts.deterrence", hours=self.deterrence_h, field="deterrence_h")
        if not 0 <= self.detection <= 1:
            raise InputError("posts.detection", detection=self.detection, field="detection")


@dataclass(frozen=True)
class Interception:
    """Effect of a set of posts once people react to them.

    Attributes
    ----------
    persons : float
        Expected persons a year detected at any post, ``F(S) = sum_o r_o (1 - z''_o / z'_o)``.
    share : float
        ``persons`` over all demand.
    load : dict node -> float
        Expected persons a year who would pass each node given the deterrence, before anyone is
        detected; compare with :attr:`FlowModel.load_` for displacement.

    Examples
    --------
    >>> Interception(persons=30.0, share=0.3, load={})
    Interception(persons=30, share=0.3)
    """

    persons: float
    share: float
    load: dict[Node, float]

    def __repr__(self) -> str:
        return f"Interception(persons={self.persons:.6g}, share={self.share:.6g})"


@dataclass(frozen=True, eq=False)
class PostedFlow:
    """The flow of a model once posts are in force and people react.

    Attributes
    ----------
    undetected : array, shape (nodes,)
        Share of the people of each node whom no post detects; 1 where nobody can set out.
    load : array, shape (nodes,)
        Expected persons a year who would pass each node, before anyone is detected.
    walks : RandomWalkSums or PostedWalks
        Sums over the walks that the posts deter.
    """

    undetected: Floats
    load: Floats
    walks: RandomWalkSums | PostedWalks


class LegFlow(Mapping[tuple[Any, Any], float]):
    """Persons a year on each leg, as a mapping ``(from, to) -> persons`` over arrays.

    A plain dict of two million legs would cost more than solving for them.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("Tawau", kind="destination", utility=0.0)
    >>> graph.add_edge("Nunukan", "Tawau", hours=1.0)
    >>> dict(LegFlow(Network.from_graph(graph), np.array([25.0])))
    {('Nunukan', 'Tawau'): 25.0}
    """

    def __init__(self, network: Network, flow: Floats) -> None:
        self._network = network
        self.values_array = flow
        self._position: dict[tuple[int, int], int] | None = None

    def __len__(self) -> int:
        return len(self.values_array)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        nodes = self._network.nodes
        for i, j in zip(self._network.tail, self._network.head, strict=True):
            yield nodes[i], nodes[j]

    def __getitem__(self, leg: tuple[Any, Any]) -> float:
        if self._position is None:
            pairs = zip(self._network.tail.tolist(), self._network.head.tolist(), strict=True)
            self._position = {pair: k for k, pair in enumerate(pairs)}
        u, v = leg
        index = self._network.index
        return float(self.values_array[self._position[index[u], index[v]]])


class FlowModel(Estimator):
    """Expected flow of people at risk from every origin to every destination.

    Parameters
    ----------
    theta : float
        Sensitivity to generalised cost, 1/hour. Large: all take the least-cost route; small: they
        spread as the reference walk does.

    Attributes
    ----------
    graph_ : networkx.DiGraph
    demand_ : dict node -> persons/year
    leg_flow_ : mapping (from, to) -> persons/year
    load_ : dict node -> persons/year, expected passages
    demand_by_destination_ : array (n, destinations), persons/year
    destination_flow_ : dict destination -> persons/year
    stranded_ : dict node -> persons/year of origins from which no destination can be reached
    load_array, demand_array : arrays, shape (n,), in the order of the network's nodes
        Expected passages a year; persons a year who set out and can reach a destination.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("Tawau", kind="destination", utility=0.0)
    >>> graph.add_edge("Kupang", "Nunukan", hours=60.0)
    >>> graph.add_edge("Nunukan", "Tawau", hours=1.0)
    >>> model = FlowModel(theta=0.1).fit(graph, {"Kupang": 100.0})
    >>> round(model.leg_flow_["Nunukan", "Tawau"], 6)
    100.0
    >>> model.intercept({"Nunukan": Post(detection=0.3)})
    Interception(persons=30, share=0.3)
    """

    _graph: Callable[[], nx.DiGraph] | None
    _demand_by_node: dict[Node, float] | None
    demand_array: Floats
    _stranded: Floats
    _visits: Floats
    _leg_flow: Floats
    load_array: Floats
    network_: Network
    kernel_: RandomWalkSums

    def __init__(self, theta: float = 0.05) -> None:
        self.theta = theta

    def fit(self, graph: nx.DiGraph, demand: Mapping[Any, float]) -> Self:
        """Solve for the flow of ``demand`` over ``graph``.

        Parameters
        ----------
        graph : networkx.DiGraph
            Node attribute ``kind`` (``destination`` absorbs, with ``utility`` in nats); edge
            attribute ``hours`` (generalised cost). A self-loop is a leg like any other.
        demand : mapping node -> persons/year, finite and >= 0

        Raises
        ------
        ModelError
            theta not positive; a cost missing, negative or not finite; no destination; or demand
            from which no destination at all can be reached.
        InputError
            demand at an unknown node, negative or not finite.
        """
        network = Network.from_graph(graph)
        self.fit_network(network, network.vector(demand), graph=lambda: graph)
        self._demand_by_node = {node: float(persons) for node, persons in demand.items()}
        return self

    def fit_network(
        self,
        network: Network,
        demand: Floats,
        *,
        graph: Callable[[], nx.DiGraph] | None = None,
    ) -> Self:
        """Solve on the arrays of a network (one per draw of the ensemble).

        Parameters
        ----------
        network : Network
        demand : array, shape (n,)
            Persons a year who set out from each node.
        graph : callable, optional
            Returns the network's graph, for :attr:`graph_`.
        """
        if not (np.isfinite(self.theta) and self.theta > 0):
            raise ModelError("model.theta", theta=self.theta)
        self.network_ = network
        self._graph = graph
        self._demand_by_node = None
        self.kernel_ = RandomWalkSums(network, self.theta)
        alive = self.kernel_.alive
        self._stranded = np.where(alive, 0.0, demand)
        self.demand_array = np.where(alive, demand, 0.0)
        if demand.sum() > 0 and self.demand_array.sum() == 0:
            raise ModelError("model.no_way")
        self._visits = self.kernel_.visits(self.demand_array)
        self._leg_flow = self.kernel_.leg_flow(self._visits)
        self.load_array = self._visits * self.kernel_.z
        return self

    @property
    def graph_(self) -> nx.DiGraph:
        """The graph the model was fitted on."""
        if self._graph is None:
            raise ModelError("flow.no_graph")
        return self._graph()

    @property
    def demand_(self) -> dict[Any, float]:
        """Persons a year who set out from each origin, including the stranded."""
        if self._demand_by_node is not None:
            return self._demand_by_node
        everyone = self.demand_array + self._stranded
        return self._by_node(everyone, everyone != 0)

    @property
    def leg_flow_(self) -> LegFlow:
        """Persons a year on each leg."""
        return LegFlow(self.network_, self._leg_flow)

    @property
    def load_(self) -> dict[Any, float]:
        """Expected passages a year through each node."""
        return dict(zip(self.network_.nodes, self.load_array.tolist(), strict=True))

    @property
    def destination_flow_(self) -> dict[Any, float]:
        """Persons a year who end at each destination."""
        return self._by_node(self.load_array, self.network_.destination)

    @property
    def demand_by_destination_(self) -> Floats:
        """Persons a year of each node by the destination they choose, shape (n, destinations)."""
        return np.asarray(self.kernel_.destination_odds() * self.start_weight[:, None])

    def flow_to(self, destination: Any) -> Floats:
        """Persons a year on each leg who end at one destination, in the network's order of legs.

        The choice of route and destination is one: ``y_i W_ij z_j(d)``, which adds up to the joint
        flow over all destinations.
        """
        end = self.network_.position(destination)
        if not self.network_.destination[end]:
            raise InputError("model.no_destination", destination=destination, field="destination")
        value = np.zeros(len(self.network_.nodes))
        value[end] = 1.0
        kernel = self.kernel_
        return kernel.leg_flow(self._visits, kernel.reach(value))

    @property
    def stranded_(self) -> dict[Any, float]:
        """Demand of origins that reach no destination: reported, not dropped."""
        return self._by_node(self._stranded, self._stranded != 0)

    def _by_node(self, values: Floats, selected: NDArray[np.bool_]) -> dict[Any, float]:
        return {self.network_.nodes[i]: float(values[i]) for i in np.flatnonzero(selected)}

    def corridor(self, nodes: Sequence[Any]) -> float:
        """Expected persons a year who pass ``nodes`` in that order.

        A waypoint may be a set of nodes: passing any one of them counts (the terminals of a town).
        With ``P_ij = W_ij z_j / z_i`` this is the product of the hitting probabilities
        ``H(i -> j) = N_ij / N_jj``, summed over origins.
        """
        if not nodes:
            raise InputError("model.no_waypoint", field="waypoints")
        weight = self.kernel_.passing([self.positions(waypoint) for waypoint in nodes])
        return float(self.persons(weight).sum())

    def persons(self, weight: Floats) -> Floats:
        """Persons a year of each node's demand from weights of walks; shape (n,)."""
        return self.start_weight * weight

    @property
    def start_weight(self) -> Floats:
        """Persons a year of each origin over its ``z``, shape (n,)."""
        return self.kernel_.start(self.demand_array)

    def positions(self, waypoint: Any) -> Integers:
        """Positions of a node, or of a set of nodes, from which a destination can be reached."""
        members = waypoint if isinstance(waypoint, Set) else {waypoint}
        positions = sorted(self.network_.position(node) for node in members)
        return np.array([i for i in positions if self.kernel_.alive[i]], dtype=np.intp)

    def intercept(self, posts: Mapping[Any, Post]) -> Interception:
        """Evaluate posts by node once people react: interception, and loads after displacement."""
        flow = self.flow_with_posts(posts)
        persons = float(self.demand_array @ (1.0 - flow.undetected))
        total = float(self.demand_array.sum())
        return Interception(
            persons=persons,
            share=persons / total if total else 0.0,
            load=dict(zip(self.network_.nodes, flow.load.tolist(), strict=True)),
        )

    def flow_with_posts(self, posts: Mapping[Any, Post]) -> PostedFlow:
        """The flow once these posts are in force and people react.

        A low-rank (Woodbury) update of this solution where that is accurate and all posts are in
        the core of the network; otherwise a new factorisation.
        """
        n = len(self.network_.nodes)
        extra, survive = np.zeros(n), np.ones(n)
        for node, post in posts.items():
            i = self.network_.position(node)
            extra[i], survive[i] = post.deterrence_h, 1.0 - post.detection
        return self._low_rank_update(extra, survive) or self._new_solution(extra, survive)

    def _low_rank_update(self, extra: Floats, survive: Floats) -> PostedFlow | None:
        kernel = self.kernel_
        structure = kernel.structure
        posts = np.flatnonzero(((extra > 0) | (survive < 1)) & structure.alive)
        posts = posts[~self.network_.destination[posts]]
        if not structure.is_core[posts].all():
            return None
        deterred = np.exp(-self.theta * extra[posts])
        walks = with_posts(kernel, posts, deterred, exact=True)
        if walks is None:
            return None
        passed = with_posts(kernel, posts, deterred * survive[posts], exact=False)
        assert passed is not None
        undetected = np.divide(passed.z, walks.z, out=np.ones_like(passed.z), where=kernel.alive)
        return PostedFlow(undetected, walks.load(self.demand_array), walks)

    def _new_solution(self, extra: Floats, survive: Floats) -> PostedFlow:
        """New factorisation, with potentials that include the posts."""
        kernel = RandomWalkSums(self.network_, self.theta, extra_hours=extra)
        passed = kernel.thinned(survive).z
        undetected = np.divide(passed, kernel.z, out=np.ones_like(passed), where=kernel.alive)
        return PostedFlow(undetected, kernel.visits(self.demand_array) * kernel.z, kernel)
