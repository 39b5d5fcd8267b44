"""The flow of people at risk over the transport graph, with and without posts.

A walk from an origin to a destination d has weight
``exp(utility_d) * prod over its legs (1 / outdegree(tail)) * exp(-theta * hours)``; each person of
an origin takes one walk with probability proportional to its weight. Destinations absorb. Groups of
origins may have utilities of their own; an edge's ``log_weight`` stands in place of
``-ln outdegree``. A post adds ``deterrence_h`` to every leg that leaves its node, and each
departure from the node is detected with probability ``detection``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError, ModelError
from routes.estimator import Estimator
from routes.flow.low_rank_update import PostedWalks, with_posts
from routes.flow.observation import expected_interceptions, role_loads
from routes.flow.own_groups import OwnGroups
from routes.flow.results import GroupFlow, Interception, LegFlow, PostedFlow
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Integers, Network, Node
from routes.graph.checkpoints import Post

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["FlowModel", "Post"]


_FAINTEST = 1e-290
"""Least weight of a group's walks; the utilities of groups may differ by about 650 nats."""


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
    groups_ : tuple of GroupFlow
        Solution of each group of origins that has people.
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
    _flow: Floats | None
    load_array: Floats
    network_: Network
    kernel_: RandomWalkSums
    groups_: tuple[GroupFlow, ...]

    def __init__(self, theta: float = 0.05) -> None:
        self.theta = theta

    def fit(self, graph: nx.DiGraph, demand: Mapping[Any, float]) -> Self:
        """Solve for the flow of ``demand`` over ``graph``.

        Parameters
        ----------
        graph : networkx.DiGraph
            Node attribute ``kind`` (``destination`` absorbs, with ``utility`` in nats, or
            ``utilities``: group of origins -> nats, ``*`` for the others); edge attribute
            ``hours`` (generalised cost). A self-loop is a leg like any other. Others:
            :meth:`routes.graph.arrays.Network.from_graph`.
        demand : mapping node -> persons/year, finite and >= 0

        Raises
        ------
        ModelError
            theta not positive; a cost missing, negative or not finite; no destination; or demand
            from which no destination at all can be reached; a group without a utility; weights of
            legs of which the sums over all walks diverge.
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
        self.kernel_ = RandomWalkSums(network, self.theta)
        if not (self.kernel_.z[self.kernel_.alive] > 0.5).all():  # potentials make each at least 1
            raise ModelError("model.diverges")
        return self._solve(demand, {})

    def with_demand(self, demand: Floats) -> FlowModel:
        """The same walks with other people, without a new factorisation: a new fitted model.

        Parameters
        ----------
        demand : array, shape (n,)
            Persons a year who set out from each node.

        Examples
        --------
        >>> network = Network.from_graph(graph)  # doctest: +SKIP
        >>> fitted = FlowModel().fit_network(network, demand)  # doctest: +SKIP
        >>> doubled = fitted.with_demand(2 * fitted.demand_array)  # doctest: +SKIP
        """
        model = FlowModel(theta=self.theta)
        model.network_, model._graph, model.kernel_ = self.network_, self._graph, self.kernel_
        return model._solve(demand, {group.name: group for group in self.groups_})

    def _solve(self, demand: Floats, fitted: Mapping[Node, GroupFlow]) -> Self:
        """Flow of the demand, with the weights of the groups that are fitted already."""
        alive = self.kernel_.alive
        self._demand_by_node = None
        self._stranded = np.where(alive, 0.0, demand)
        self.demand_array = np.where(alive, demand, 0.0)
        if demand.sum() > 0 and self.demand_array.sum() == 0:
            raise ModelError("model.no_way")
        self.groups_ = tuple(
            self._group(k, people, fitted.get(self.network_.groups[k]))
            for k, people in self._by_group(self.demand_array)
        )
        if demand.sum() > 0 and self.demand_array.sum() == 0:
            raise ModelError("model.no_way")
        self._flow = None
        for name in ("_own_groups", "_core_weights"):
            self.__dict__.pop(name, None)
        first, *others = self.groups_
        self.load_array = first.visits * first.z
        for group in others:
            self.load_array += group.visits * group.z
        return self

    @property
    def _leg_flow(self) -> Floats:
        """Persons a year on each leg, summed when first read: many questions are of nodes alone."""
        if self._flow is None:
            flows = (self.kernel_.leg_flow(group.visits, group.z) for group in self.groups_)
            self._flow = functools.reduce(np.add, flows)
        return self._flow

    def _by_group(self, demand: Floats) -> Iterator[tuple[int, Floats]]:
        """Position and demand of each group that has people; of the first where none has."""
        network = self.network_
        if network.group is None:
            yield 0, demand
            return
        for k in np.unique(network.group[demand > 0]).tolist() or [0]:
            yield k, np.where(network.group == k, demand, 0.0)

    def _group(self, k: int, demand: Floats, fitted: GroupFlow | None) -> GroupFlow:
        network, kernel = self.network_, self.kernel_
        if fitted is not None:
            value, z = fitted.value, fitted.z
        else:
            value, z = self._walks_of(k, anybody=bool((demand > 0).any()))
        stranded = np.where(z > 0, 0.0, demand)  # they reach no destination of their group
        demand = demand - stranded
        self._stranded += stranded
        self.demand_array = self.demand_array - stranded
        if fitted is not None and np.array_equal(demand, fitted.demand):
            return fitted
        if (z[demand > 0] < _FAINTEST).any():
            raise ModelError("model.groups_apart", group=network.groups[k])
        start = np.divide(demand, z, out=np.zeros_like(z), where=demand > 0)
        return GroupFlow(network.groups[k], demand, value, z, kernel.spread(start))

    def _walks_of(self, k: int, *, anybody: bool) -> tuple[Floats | None, Floats]:
        """Value of each destination to a group, and its weights of walks."""
        network, kernel = self.network_, self.kernel_
        if network.group_utility is None:
            return None, kernel.z
        ends = network.destination
        value = np.zeros(len(ends))
        value[ends] = np.exp(network.group_utility[k, ends] - network.utility[ends])
        if np.isnan(value).any() and anybody:
            end = network.nodes[int(np.isnan(value).argmax())]
            raise ModelError("network.group_utility", group=network.groups[k], destination=end)
        return value, kernel.reach(np.nan_to_num(value))

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
        odds, ends = self.kernel_.destination_odds(), self.network_.destination
        chosen = np.zeros_like(odds)
        for group in self.groups_:
            value = 1.0 if group.value is None else group.value[ends]
            chosen += odds * group.start[:, None] * value
        return chosen

    def flow_to(self, destination: Any) -> Floats:
        """Persons a year on each leg who end at one destination, in the network's order of legs.

        The choice of route and destination is one: ``y_i W_ij z_j(d)``, which adds up to the joint
        flow over all destinations.
        """
        end = self.network_.position(destination)
        if not self.network_.destination[end]:
            raise InputError("model.no_destination", destination=destination, field="destination")
        flow = np.zeros(len(self._leg_flow))
        for group in self.groups_:
            value = np.zeros(len(self.network_.nodes))
            value[end] = 1.0 if group.value is None else group.value[end]
            flow += self.kernel_.leg_flow(group.visits, self.kernel_.reach(value))
        return flow

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
        return self.persons_passing([self.positions(waypoint) for waypoint in nodes])

    def persons_passing(self, waypoints: Sequence[Integers]) -> float:
        """Persons a year who pass sets of nodes, by position, in order: :meth:`corridor`."""
        start, onward = (
            np.stack([getattr(group, name) for group in self.groups_], axis=1)
            for name in ("start", "z")
        )
        return float((start * self.kernel_.passing(waypoints, onward=onward)).sum())

    def positions(self, waypoint: Any) -> Integers:
        """Positions of a node, or of a set of nodes, from which a destination can be reached."""
        members = waypoint if isinstance(waypoint, Set) else {waypoint}
        positions = sorted(self.network_.position(node) for node in members)
        return np.array([i for i in positions if self.kernel_.alive[i]], dtype=np.intp)

    def intercept(self, posts: Mapping[Any, Post]) -> Interception:
        """Evaluate posts by node once people react: interception, and loads after displacement.

        A post replaces the one in force at its node (node attribute ``post``, whose hours are in
        the legs already), ``Post()`` removes it; the others in force stay. ``persons`` counts
        those whom any post then standing detects.
        """
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
        extra, survive = self._posted(posts)
        return self._low_rank_update(extra, survive) or self._new_solution(extra, survive)

    def _posted(self, posts: Mapping[Any, Post]) -> tuple[Floats, Floats]:
        """Change of the hours of legs that leave each node; survival of a departure from it."""
        network = self.network_
        extra = np.zeros(len(network.nodes))
        survive = np.ones_like(extra) if network.detection is None else 1.0 - network.detection
        for node, post in posts.items():
            i = network.position(node)
            standing_h = 0.0 if network.deterrence_h is None else network.deterrence_h[i]
            extra[i], survive[i] = post.deterrence_h - standing_h, 1.0 - post.detection
        return extra, survive

    def _low_rank_update(self, extra: Floats, survive: Floats) -> PostedFlow | None:
        kernel = self.kernel_
        structure = kernel.structure
        posts = np.flatnonzero(((extra != 0) | (survive < 1)) & structure.alive)
        posts = posts[~self.network_.destination[posts]]
        if not structure.is_core[posts].all():
            return None
        deterred = np.exp(-self.theta * extra[posts])
        walks = with_posts(kernel, posts, deterred, exact=True)
        if walks is None:
            return None
        passed = with_posts(kernel, posts, deterred * survive[posts], exact=False)
        assert passed is not None
        if self.network_.group_utility is not None and self._own_groups is not None:
            return self._of_own_groups(walks, passed, self._own_groups)
        undetected = np.ones(len(extra))
        demand = np.stack([group.demand for group in self.groups_], axis=1)
        z: Floats | None = np.repeat(walks.z[:, None], len(self.groups_), axis=1)
        undetected_z: Floats | None = np.repeat(passed.z[:, None], len(self.groups_), axis=1)
        if self.network_.group_utility is not None:
            before = np.stack([group.z for group in self.groups_], axis=1)
            z, undetected_z = walks.weights(before, exact=True), passed.weights(before, exact=False)
        if z is None or undetected_z is None:
            return None
        for k, group in enumerate(self.groups_):
            self._ratio(undetected_z[:, k], z[:, k], group, undetected)
        load = walks.load(demand, z).sum(axis=1)
        return PostedFlow(undetected, load, walks, lambda: (demand, np.asarray(z)))

    def _of_own_groups(
        self, walks: PostedWalks, passed: PostedWalks, own: OwnGroups
    ) -> PostedFlow | None:
        """The same with each node's own people alone, where no two groups meet on the way."""
        core, ends = self.kernel_.core, self.kernel_.structure.ends
        weight, before = self.kernel_.weight, self._core_weights
        after = walks.core_weights(before[: len(core)], exact=True)
        if after is None:
            return None
        thinned = passed.core_weights(before[: len(core)], exact=False)
        assert thinned is not None
        arrived = before[len(core) :]
        after = np.concatenate([after, arrived])
        z = own.complete(weight, after)
        remaining = own.complete(weight, np.concatenate([thinned, arrived]))
        people = self.demand_array > 0
        undetected = np.divide(remaining, z, out=np.ones_like(z), where=people)
        start = np.divide(self.demand_array, z, out=np.zeros_like(z), where=people)
        load, entering = own.enter(weight, start)
        load *= z
        visits, arriving = walks.core_visits(entering[: len(core)])
        load[core] = (visits * after[: len(core)]).sum(axis=1)
        load[ends] = ((entering[len(core) :] + arriving) * arrived).sum(axis=1)
        return PostedFlow(undetected, load, walks, functools.partial(self._with_posts, walks))

    def _with_posts(self, walks: PostedWalks) -> tuple[Floats, Floats]:
        """Demand and weights with posts of every group at every node, shape (n, groups)."""
        demand, z = (
            np.stack([getattr(group, name) for group in self.groups_], axis=1)
            for name in ("demand", "z")
        )
        return demand, np.asarray(walks.weights(z, exact=False))

    @functools.cached_property
    def _own_groups(self) -> OwnGroups | None:
        return OwnGroups.of(self.kernel_.structure, [group.demand for group in self.groups_])

    @functools.cached_property
    def _core_weights(self) -> Floats:
        """Weights of every group at core nodes and destinations, shape (c + d, groups)."""
        at = np.concatenate([self.kernel_.core, self.kernel_.structure.ends])
        return np.stack([group.z[at] for group in self.groups_], axis=1)

    def _ratio(self, passed: Floats, z: Floats, group: GroupFlow, undetected: Floats) -> None:
        """Write the share that passes from the nodes of a group's people, or from all nodes."""
        where = self.kernel_.alive if group.value is None else group.demand > 0
        np.divide(passed, z, out=undetected, where=where)

    def _new_solution(self, extra: Floats, survive: Floats) -> PostedFlow:
        """New factorisation, with potentials that include the posts."""
        kernel = RandomWalkSums(self.network_, self.theta, extra_hours=extra)
        thinned = kernel.thinned(survive)
        undetected, load, groups = np.ones(len(extra)), np.zeros(len(extra)), []
        for group in self.groups_:
            z = kernel.z if group.value is None else kernel.reach(group.value)
            passed = thinned.z if group.value is None else thinned.reach(group.value)
            self._ratio(passed, z, group, undetected)
            start = np.divide(group.demand, z, out=np.zeros_like(z), where=group.demand > 0)
            load += kernel.spread(start) * z
            groups.append((group.demand, z))
        demand, weights = (np.stack(values, axis=1) for values in zip(*groups, strict=True))
        return PostedFlow(undetected, load, kernel, lambda: (demand, weights))

    def role_loads(self) -> dict[tuple[Any, str], Floats]:
        """Persons a year who pass each terminal, by group of origins and role:
        :func:`routes.flow.observation.role_loads`.
        """
        return role_loads(self.network_, self.kernel_, self.groups_)

    def expected_interceptions(self, years: int | Iterable[int] | None = None) -> dict[Any, float]:
        """Expected interceptions a year at each node that carries ``watch``.

        The sum over groups of origins and roles (:meth:`role_loads`) of the persons a year who pass
        times the rate a person. The most specific rate holds: of the group before ``*``, and of
        both, that of the year before that of every year. A year for which a node has no rate, while
        others have, counts as 0: nobody watched.

        Parameters
        ----------
        years : int or iterable of int, optional
            Mean over these years; default all that any node of the network has a rate for.

        Raises
        ------
        ModelError
            ``observation.missing``: no node carries rates.
        InputError
            ``observation.year``: a year that no node has a rate for, though rates are by year.

        Examples
        --------
        >>> import networkx as nx
        >>> graph = nx.DiGraph()
        >>> graph.add_node("Tawau", kind="destination", country="MY")
        >>> graph.add_node("Nunukan", kind="seaport", country="ID", watch={("*", "exit"): 0.1})
        >>> graph.add_edge("village", "Nunukan", hours=60.0)
        >>> graph.add_edge("Nunukan", "Tawau", hours=1.0)
        >>> model = FlowModel(theta=0.1).fit(graph, {"village": 100.0})
        >>> round(model.expected_interceptions()["Nunukan"], 9)
        10.0
        """
        return expected_interceptions(self.network_, self.role_loads, years)
