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
from routes.flow.results import GroupFlow, Interception, LegFlow, PostedFlow
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Integers, Network, Node
from routes.graph.checkpoints import Post
from routes.graph.own_groups import OwnGroups

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
    _few: tuple[GroupFlow, ...] | None
    _core_weights: Floats
    _own_weights: Floats
    _core_visits: Floats
    _carried: Floats

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
        return self._solve(demand)

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
        return model._solve(demand, self)

    def _solve(self, demand: Floats, fitted: FlowModel | None = None) -> Self:
        """Flow of the demand, with the weights of the model that is fitted on the same walks."""
        alive = self.kernel_.alive
        self._demand_by_node = self._flow = self._few = None
        self._stranded = np.where(alive, 0.0, demand)
        self.demand_array = np.where(alive, demand, 0.0)
        if demand.sum() > 0 and self.demand_array.sum() == 0:
            raise ModelError("model.no_way")
        if self._own_groups is None:
            self._solve_every_group()
        else:
            self._solve_own_groups(self._own_groups, fitted)
        if demand.sum() > 0 and self.demand_array.sum() == 0:
            raise ModelError("model.no_way")
        return self

    @property
    def _own_groups(self) -> OwnGroups | None:
        return self.network_.own_groups if self.network_.group_utility is not None else None

    @property
    def groups_(self) -> tuple[GroupFlow, ...]:
        """Solution of each group of origins that has people; computed anew at each reading."""
        if self._few is not None:
            return self._few
        return tuple(self._own_group(k) for k, _ in self._by_group(self.demand_array))

    def _strand(self, stranded: Floats) -> None:
        """Take out people who reach no destination of their group."""
        self._stranded += stranded
        self.demand_array = self.demand_array - stranded

    def _refuse_faint(self, z: Floats, demand: Floats) -> None:
        """Raise where weights of people are too small to divide by."""
        faint = np.flatnonzero((demand > 0) & (z < _FAINTEST))
        if len(faint):
            network = self.network_
            group = 0 if network.group is None else network.group[faint[0]]
            raise ModelError("model.groups_apart", group=network.groups[group])

    def _values(self, k: int, *, anybody: bool) -> Floats:
        """``exp`` of a group's utility of each destination less the network's, shape (d,)."""
        network = self.network_
        assert network.group_utility is not None
        ends = network.structure.ends
        value = np.exp(network.group_utility[k] - network.utility[ends])
        if anybody and np.isnan(value).any():
            end = network.nodes[ends[int(np.isnan(value).argmax())]]
            raise ModelError("network.group_utility", group=network.groups[k], destination=end)
        return np.asarray(value)

    # -- in every group at every node ----------------------------------------------------------

    def _solve_every_group(self) -> None:
        """Where all have the same utilities, or people of two groups meet outside the core."""
        self._few = tuple(self._group(k, part) for k, part in self._by_group(self.demand_array))
        self.load_array = functools.reduce(np.add, (g.visits * g.z for g in self._few))

    def _by_group(self, demand: Floats) -> Iterator[tuple[int, Floats]]:
        """Position and demand of each group that has people; of the first where none has."""
        network = self.network_
        if network.group is None:
            yield 0, demand
            return
        for k in np.unique(network.group[demand > 0]).tolist() or [0]:
            yield k, np.where(network.group == k, demand, 0.0)

    def _group(self, k: int, demand: Floats) -> GroupFlow:
        kernel, value, z = self.kernel_, None, self.kernel_.z
        if self.network_.group_utility is not None:
            value = np.zeros(len(kernel.alive))
            value[kernel.structure.ends] = self._values(k, anybody=bool((demand > 0).any()))
            z = kernel.reach(np.nan_to_num(value))
        stranded = np.where(z > 0, 0.0, demand)
        self._strand(stranded)
        demand = demand - stranded
        self._refuse_faint(z, demand)
        visits = kernel.spread(np.divide(demand, z, out=np.zeros_like(z), where=demand > 0))
        return GroupFlow(
            self.network_.groups[k],
            value,
            demand=lambda: demand,
            z=lambda: z,
            visits=lambda: visits,
        )

    # -- in their own group alone --------------------------------------------------------------

    def _solve_own_groups(self, own: OwnGroups, fitted: FlowModel | None) -> None:
        kernel, size = self.kernel_, len(self.kernel_.core)
        if fitted is None:
            present = np.unique(own.group[self.demand_array > 0]).tolist()
            values = np.zeros((len(kernel.structure.ends), own.size))
            for k in range(own.size):
                values[:, k] = np.nan_to_num(self._values(k, anybody=k in present))
            self._core_weights = np.concatenate([kernel.core_reach(values), values])
            self._own_weights = own.complete(kernel.weight, self._core_weights)
        else:
            self._core_weights = fitted._core_weights  # noqa: SLF001
            self._own_weights = fitted._own_weights  # noqa: SLF001
        self._strand(np.where(self._own_weights > 0, 0.0, self.demand_array))
        self._refuse_faint(self._own_weights, self.demand_array)
        start = _over(self.demand_array, self._own_weights)
        self._carried, visits = own.enter(kernel.weight, start)
        visits[:size] = kernel.solve(visits[:size], transposed=True)
        visits[size:] += kernel.arriving(visits[:size])
        self._core_visits = visits
        self.load_array = self._own_load(
            self._carried, self._own_weights, visits, self._core_weights
        )

    def _own_load(self, carried: Floats, z: Floats, visits: Floats, core_z: Floats) -> Floats:
        """Persons a year who pass each node."""
        load = carried * z
        at = np.concatenate([self.kernel_.core, self.kernel_.structure.ends])
        load[at] = (visits * core_z).sum(axis=1)
        return load

    def _own_group(self, k: int) -> GroupFlow:
        """One group at every node."""
        kernel, network, size = self.kernel_, self.network_, len(self.kernel_.core)
        ends = kernel.structure.ends
        value = np.zeros(len(kernel.alive))
        value[ends] = self._values(k, anybody=False)

        def demand() -> Floats:
            return np.where(network.group == k, self.demand_array, 0.0)

        def z() -> Floats:
            weights = np.zeros(len(value))
            weights[kernel.core] = self._core_weights[:size, k]
            weights[ends] = self._core_weights[size:, k]
            return kernel.complete(weights)

        def visits() -> Floats:
            y = kernel.entry(_over(demand(), z()))
            y[kernel.core] = self._core_visits[:size, k]
            y[ends] = self._core_visits[size:, k]
            return y

        return GroupFlow(network.groups[k], value, demand=demand, z=z, visits=visits)

    @property
    def _leg_flow(self) -> Floats:
        """Persons a year on each leg, summed when first read: many questions are of nodes alone."""
        if self._flow is None:
            kernel = self.kernel_
            if self._own_groups is not None:
                self._flow = np.zeros(len(self.network_.hours))
                self._flow[kernel.structure.leg] = self._own_groups.leg_flow(
                    kernel.weight, self._core_weights, self._own_weights, self._core_visits,
                    self._carried,
                )  # fmt: skip
            else:
                flows = (kernel.leg_flow(group.visits, group.z) for group in self.groups_)
                self._flow = functools.reduce(np.add, flows)
        return self._flow

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
        if self._own_groups is not None:
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
        size = len(self.kernel_.core)
        weight, before = self.kernel_.weight, self._core_weights
        after = walks.core_weights(before[:size], exact=True)
        if after is None:
            return None
        thinned = passed.core_weights(before[:size], exact=False)
        assert thinned is not None
        after = np.concatenate([after, before[size:]])
        z = own.complete(weight, after)
        remaining = own.complete(weight, np.concatenate([thinned, before[size:]]))
        people = self.demand_array > 0
        undetected = np.divide(remaining, z, out=np.ones_like(z), where=people)
        carried, visits = own.enter(weight, _over(self.demand_array, z))
        visits[:size], arriving = walks.core_visits(visits[:size])
        visits[size:] += arriving
        load = self._own_load(carried, z, visits, after)
        return PostedFlow(undetected, load, walks, functools.partial(self._with_posts, walks))

    def _with_posts(self, walks: PostedWalks) -> tuple[Floats, Floats]:
        """Demand and weights with posts of every group at every node, shape (n, groups)."""
        demand, z = (
            np.stack([getattr(group, name) for group in self.groups_], axis=1)
            for name in ("demand", "z")
        )
        return demand, np.asarray(walks.weights(z, exact=False))

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


def _over(demand: Floats, z: Floats) -> Floats:
    """Persons a year over the weights of their walks; 0 where nobody sets out."""
    return np.divide(demand, z, out=np.zeros_like(z), where=demand > 0)
