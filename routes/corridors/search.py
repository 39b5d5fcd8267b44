"""Which corridors carry the flow: the likeliest orders of places, by persons, the most first.

People change place by *conveyance* (ship, boat, aircraft) or by road. A corridor names the places
where they board or alight, so that roads in between do not make near-duplicates. From the chain
``P_ij = W_ij z_j / z_i`` restricted to terminals, the calls at which people stay aboard a ship of a
line are summed out exactly, ``P_TT + P_TA (I - P_AA)^-1 P_AT``, and so are roads:
``boarding = entry (I - P_road)^-1``; then one conveyance, and again. Branches are followed in
order of the persons they still carry, until nearly all of the flow has arrived.

A corridor *carries* every journey to its destination that changes at its places in their order,
further changes in between or not, so that variants of one journey are one corridor. Of the journeys
those are listed that carry most of what the listed ones do not carry yet (greedy covering, within
1 - 1/e of the best list of that length: Nemhauser, Wolsey & Fisher 1978), until together they carry
the wanted share of all flow.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import count

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from geo.modes import mode_of
from routes.flow.model import FlowModel
from routes.flow.results import GroupFlow
from routes.graph.arrays import Floats

__all__ = ["CorridorFinder", "FoundCorridor"]


_UNFOLLOWED = 0.3
"""Part of the flow that need not be carried which may also be left out of the search."""

_FINENESS = 500.0
"""A branch is not followed with less than this part of an average listed corridor's share."""


@dataclass(frozen=True)
class FoundCorridor:
    """An order of places to a destination.

    Attributes
    ----------
    places : tuple of str
        Places (towns, islands) where people board or alight, in order.
    destination : node
    persons : float
        Persons a year whose journey is exactly this one (no other boarding in between).
    carried_share : float
        Share of all flow that this corridor and those listed before it carry together, at least:
        journeys too rare to be searched are not counted, though most go the same way.
    """

    places: tuple[str, ...]
    destination: Hashable
    persons: float
    carried_share: float


@dataclass(frozen=True, eq=False)
class _Places:
    """Terminals by place, the destinations, and the legs between them by how people move.

    ``ashore`` and ``aboard`` are positions in the core of the network: terminals, and the nodes
    aboard a ship. ``tail`` and ``head`` of each leg are positions in the core, or of a destination
    for the last of them; both ways to a destination are one end.
    """

    names: tuple[str, ...]
    place_of: NDArray[np.intp]
    members: tuple[NDArray[np.intp], ...]
    ashore: NDArray[np.intp]
    aboard: NDArray[np.intp]
    ends: tuple[Hashable, ...]
    legs: NDArray[np.intp]
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    on_road: NDArray[np.bool_]
    arrives: NDArray[np.bool_]

    @classmethod
    def of(cls, model: FlowModel, graph: nx.DiGraph) -> _Places:
        structure, network = model.kernel_.structure, model.network_
        attributes = [graph.nodes[node] for node in network.nodes]
        is_aboard = np.array([attributes[i].get("kind") == "aboard" for i in structure.core], bool)
        ashore = np.flatnonzero(~is_aboard)
        terminals = structure.core[ashore]
        names = [str(attributes[i].get("place") or attributes[i]["name"]) for i in terminals]
        places = tuple(dict.fromkeys(names))
        number = {name: k for k, name in enumerate(places)}
        place_of = np.array([number[name] for name in names], dtype=np.intp)
        reached = [
            attributes[i].get("destination", network.nodes[i]) for i in structure.ends.tolist()
        ]
        ends = tuple(dict.fromkeys(reached))
        end_of = {end: k for k, end in enumerate(ends)}
        position = structure.place.copy()
        position[structure.ends] = [end_of[end] for end in reached]
        legs = np.flatnonzero(structure.is_core[structure.tail])
        pairs = zip(structure.tail[legs].tolist(), structure.head[legs].tolist(), strict=True)
        modes = [graph.edges[network.nodes[i], network.nodes[j]].get("mode") for i, j in pairs]
        return cls(
            names=places,
            place_of=place_of,
            members=tuple(np.flatnonzero(place_of == k) for k in range(len(places))),
            ashore=ashore,
            aboard=np.flatnonzero(is_aboard),
            ends=ends,
            legs=legs,
            tail=position[structure.tail[legs]],
            head=position[structure.head[legs]],
            on_road=np.array([m is not None and mode_of(m).on_road for m in modes], bool),
            arrives=network.destination[structure.head[legs]],
        )

    def by_place(self, mass: Floats, least: float) -> list[tuple[int, float]]:
        """Places that hold at least ``least`` of ``mass``."""
        total = np.bincount(self.place_of, mass, minlength=len(self.names))
        return [(int(k), float(total[k])) for k in np.flatnonzero(total >= least)]

    def within(self, mass: Floats, place: int) -> Floats:
        """The part of ``mass`` at the terminals of one place."""
        part = np.zeros_like(mass)
        part[self.members[place]] = mass[self.members[place]]
        return part


@dataclass(frozen=True, eq=False)
class _Chain:
    """The chain of one group of origins between terminals, split by how people move."""

    road_closure: Floats
    convey: Floats
    finish: Floats
    leaving: Floats

    @classmethod
    def of(cls, places: _Places, model: FlowModel, z: Floats) -> _Chain:
        kernel = model.kernel_
        at, size = places.legs, len(kernel.core)
        from_z = z[kernel.tail[at]]
        probability = np.divide(
            kernel.weight[at] * z[kernel.head[at]], from_z, out=np.zeros(len(at)), where=from_z > 0
        )

        def matrix(legs: NDArray[np.bool_], width: int) -> Floats:
            flat = places.tail[legs] * width + places.head[legs]
            summed = np.bincount(flat, probability[legs], minlength=size * width)
            return np.asarray(summed.reshape(size, width), float)

        inner = ~places.arrives
        road, convey = (matrix(inner & (places.on_road == kind), size) for kind in (True, False))
        finish = matrix(places.arrives, len(places.ends))[places.ashore]
        ashore, aboard = places.ashore, places.aboard
        staying = np.linalg.inv(np.eye(len(aboard)) - convey[np.ix_(aboard, aboard)])
        road = road[np.ix_(ashore, ashore)]
        convey = (
            convey[np.ix_(ashore, ashore)]
            + convey[np.ix_(ashore, aboard)] @ staying @ convey[np.ix_(aboard, ashore)]
        )
        return cls(
            road_closure=np.asarray(np.linalg.inv(np.eye(len(ashore)) - road), float),
            convey=convey,
            finish=finish,
            leaving=convey.sum(axis=1) + finish.sum(axis=1),
        )


class CorridorFinder:
    """Lists corridors of one fitted model.

    Parameters
    ----------
    model : FlowModel, fitted
    graph : networkx.DiGraph
        The graph it was fitted on, with ``place`` of terminals and ``mode`` of legs.
    """

    def __init__(self, model: FlowModel, graph: nx.DiGraph) -> None:
        self._model = model
        self._places = _Places.of(model, graph)
        self._chains = [_Chain.of(self._places, model, group.z) for group in model.groups_]

    def find(
        self,
        *,
        demand: Floats | None = None,
        coverage: float = 0.95,
        limit: int = 300,
        least_share: float | None = None,
    ) -> list[FoundCorridor]:
        """List the corridors that carry most of the flow, the one that adds most first.

        Parameters
        ----------
        demand : array, shape (n,), optional
            Persons a year by origin, to list the corridors of some origins; default all demand.
        coverage : float
            Stop once the listed corridors carry this share of all flow.
        limit : int
            At most this many corridors; ``carried_share`` of the last says how far they reach.
        least_share : float, optional
            Branches with a smaller share of the flow are not followed; default
            ``1 / (500 limit)``, at most 5e-4.
        """
        if least_share is None:
            least_share = min(5e-4, 1.0 / (_FINENESS * max(limit, 1)))
        everyone = self._model.demand_array if demand is None else demand
        starts = [
            (chain, self._first_terminals(group, everyone))
            for chain, group in zip(self._chains, self._model.groups_, strict=True)
        ]
        total = float(sum(entry.sum() for _, entry in starts))
        if total <= 0:
            return []
        reach = 1.0 - _UNFOLLOWED * (1.0 - coverage)
        journeys = _best_first(self._places, starts, reach * total, least_share * total)
        return [
            FoundCorridor(
                tuple(self._places.names[k] for k in journey.places),
                self._places.ends[journey.end],
                journey.persons,
                carried / total,
            )
            for journey, carried in _carrying(journeys, coverage * total, limit)
        ]

    def _first_terminals(self, group: GroupFlow, demand: Floats) -> Floats:
        """Persons a year of a group who enter the terminals first at each."""
        kernel, network = self._model.kernel_, self._model.network_
        inside = group.z > 0
        if network.group is not None:
            inside &= network.group == network.groups.index(group.name)
        start = np.divide(demand, group.z, out=np.zeros_like(demand), where=inside)
        return np.asarray((kernel.entry(start) * group.z)[kernel.core][self._places.ashore])


@dataclass(frozen=True)
class _Journey:
    """An order of places (by number) to a destination, and the persons a year who make it."""

    places: tuple[int, ...]
    end: int
    persons: float


def _carrying(
    journeys: Sequence[_Journey], enough: float, limit: int
) -> list[tuple[_Journey, float]]:
    """Choose the journeys that carry the others, and what the chosen carry so far.

    What a journey adds only falls as others are chosen, so an old gain is a bound (Minoux 1978).
    """
    to: dict[int, list[int]] = defaultdict(list)
    for k, journey in enumerate(journeys):
        to[journey.end].append(k)
    left = np.array([journey.persons for journey in journeys])
    # Most journeys lack a place of the corridor, which their sets of places tell at once.
    places = [sum(1 << place for place in set(journey.places)) for journey in journeys]
    carries = [
        np.array(
            [
                j
                for j in to[journey.end]
                if places[j] & places[k] == places[k]
                and _in_order(journey.places, journeys[j].places)
            ],
            np.intp,
        )
        for k, journey in enumerate(journeys)
    ]
    heap = [(-float(left[c].sum()), k) for k, c in enumerate(carries)]
    heapq.heapify(heap)
    chosen: list[tuple[_Journey, float]] = []
    carried = 0.0
    while heap and len(chosen) < limit and carried < enough:
        _, k = heapq.heappop(heap)
        gain = float(left[carries[k]].sum())
        if heap and gain < -heap[0][0] * (1.0 - 1e-12):
            if gain > 0:
                heapq.heappush(heap, (-gain, k))
            continue
        carried += gain
        left[carries[k]] = 0.0
        chosen.append((journeys[k], carried))
    return chosen


def _in_order(places: tuple[int, ...], journey: tuple[int, ...]) -> bool:
    """Whether a journey changes at these places in this order."""
    passed = iter(journey)
    return all(place in passed for place in places)


def _best_first(
    places: _Places, starts: Sequence[tuple[_Chain, Floats]], enough: float, least: float
) -> list[_Journey]:
    """Journeys of all groups, largest first, until ``enough`` persons a year are on them."""
    ticket = count()
    # (-persons, ticket, chain, places so far, persons by terminal | None, destination | None)
    heap: list[tuple[float, int, _Chain, tuple[int, ...], Floats | None, int | None]] = []

    def push(
        chain: _Chain, trail: Sequence[int], mass: Floats | None, persons: float, end: int | None
    ) -> None:
        if persons >= least:
            heapq.heappush(heap, (-persons, next(ticket), chain, tuple(trail), mass, end))

    for chain, entry in starts:
        push(chain, (), entry, float(entry.sum()), None)
    persons_by_journey: dict[tuple[tuple[int, ...], int], float] = {}
    arrived = 0.0
    while heap and arrived < enough:
        persons, _, chain, so_far, mass, end = heapq.heappop(heap)
        if end is not None:
            persons_by_journey[so_far, end] = persons_by_journey.get((so_far, end), 0.0) - persons
            arrived -= persons
            continue
        assert mass is not None
        boarding = mass @ chain.road_closure
        for place, _ in places.by_place(boarding * chain.leaving, least):
            at = places.within(boarding, place)
            trail = so_far if so_far and so_far[-1] == place else (*so_far, place)
            onward = at @ chain.convey
            for onward_place, share in places.by_place(onward, least):
                after = trail if trail[-1] == onward_place else (*trail, onward_place)
                push(chain, after, places.within(onward, onward_place), share, None)
            finishing = at @ chain.finish
            for k in np.flatnonzero(finishing >= least):
                push(chain, trail, None, float(finishing[k]), int(k))
    ranked = sorted(persons_by_journey.items(), key=lambda item: (-item[1], item[0]))
    return [_Journey(trail, end, persons) for (trail, end), persons in ranked]
