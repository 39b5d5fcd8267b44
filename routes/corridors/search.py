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
class _Chain:
    """The chain between terminals, split by how people move.

    ``core`` holds the positions of the terminals among the core of the network, whose other nodes
    are aboard a ship.
    """

    core: NDArray[np.intp]
    places: tuple[str, ...]
    place_of: NDArray[np.intp]
    road_closure: Floats
    convey: Floats
    finish: Floats
    leaving: Floats
    ends: tuple[Hashable, ...]
    members: tuple[NDArray[np.intp], ...]

    @classmethod
    def of(cls, model: FlowModel, graph: nx.DiGraph) -> _Chain:
        kernel, network = model.kernel_, model.network_
        core = kernel.core
        spot = {int(node): k for k, node in enumerate(core)}
        ends = np.flatnonzero(network.destination)
        end_spot = {int(node): k for k, node in enumerate(ends)}
        z = model.shared_z
        probability = kernel.weight * z[kernel.head] / z[kernel.tail]
        road, convey = np.zeros((2, len(core), len(core)))
        finish = np.zeros((len(core), len(ends)))
        for i, j, p in zip(kernel.tail.tolist(), kernel.head.tolist(), probability, strict=True):
            if i not in spot:
                continue
            if j in end_spot:
                finish[spot[i], end_spot[j]] = p
                continue
            mode = graph.edges[network.nodes[i], network.nodes[j]].get("mode")
            (road if mode is not None and mode_of(mode).on_road else convey)[spot[i], spot[j]] = p
        aboard = np.array([graph.nodes[network.nodes[i]].get("kind") == "aboard" for i in core])
        ashore = np.flatnonzero(~aboard)
        core = core[ashore]
        staying = np.linalg.inv(np.eye(int(aboard.sum())) - convey[np.ix_(aboard, aboard)])
        road, finish = road[np.ix_(ashore, ashore)], finish[ashore]
        convey = (
            convey[np.ix_(ashore, ashore)]
            + convey[~aboard][:, aboard] @ staying @ convey[aboard][:, ~aboard]
        )
        names = [
            str(graph.nodes[network.nodes[i]].get("place") or graph.nodes[network.nodes[i]]["name"])
            for i in core
        ]
        places = tuple(dict.fromkeys(names))
        number = {name: k for k, name in enumerate(places)}
        place_of = np.array([number[name] for name in names], dtype=np.intp)
        return cls(
            core=ashore,
            places=places,
            place_of=place_of,
            road_closure=np.asarray(np.linalg.inv(np.eye(len(core)) - road), float),
            convey=convey,
            finish=finish,
            leaving=convey.sum(axis=1) + finish.sum(axis=1),
            ends=tuple(network.nodes[i] for i in ends),
            members=tuple(np.flatnonzero(place_of == k) for k in range(len(places))),
        )

    def by_place(self, mass: Floats, least: float) -> list[tuple[int, float]]:
        """Places that hold at least ``least`` of ``mass``."""
        total = np.bincount(self.place_of, mass, minlength=len(self.places))
        return [(int(k), float(total[k])) for k in np.flatnonzero(total >= least)]

    def within(self, mass: Floats, place: int) -> Floats:
        """The part of ``mass`` at the terminals of one place."""
        part = np.zeros_like(mass)
        part[self.members[place]] = mass[self.members[place]]
        return part


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
        self._chain = _Chain.of(model, graph)

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
        entry = _first_terminals(self._model, demand)[self._chain.core]
        total = float(entry.sum())
        if total <= 0:
            return []
        reach = 1.0 - _UNFOLLOWED * (1.0 - coverage)
        journeys = _best_first(self._chain, entry, reach * total, least_share * total)
        return [
            FoundCorridor(
                tuple(self._chain.places[k] for k in journey.places),
                self._chain.ends[journey.end],
                journey.persons,
                carried / total,
            )
            for journey, carried in _carrying(journeys, coverage * total, limit)
        ]


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


def _best_first(chain: _Chain, entry: Floats, enough: float, least: float) -> list[_Journey]:
    """Journeys, largest first, until ``enough`` persons a year are on them."""
    ticket = count()
    # (-persons, ticket, places so far, persons by terminal | None, destination | None)
    heap: list[tuple[float, int, tuple[int, ...], Floats | None, int | None]] = []

    def push(places: Sequence[int], mass: Floats | None, persons: float, end: int | None) -> None:
        if persons >= least:
            heapq.heappush(heap, (-persons, next(ticket), tuple(places), mass, end))

    push((), entry, float(entry.sum()), None)
    persons_by_journey: dict[tuple[tuple[int, ...], int], float] = {}
    arrived = 0.0
    while heap and arrived < enough:
        persons, _, places, mass, end = heapq.heappop(heap)
        if end is not None:
            persons_by_journey[places, end] = persons_by_journey.get((places, end), 0.0) - persons
            arrived -= persons
            continue
        assert mass is not None
        boarding = mass @ chain.road_closure
        for place, _ in chain.by_place(boarding * chain.leaving, least):
            at = chain.within(boarding, place)
            trail = places if places and places[-1] == place else (*places, place)
            onward = at @ chain.convey
            for onward_place, share in chain.by_place(onward, least):
                after = trail if trail[-1] == onward_place else (*trail, onward_place)
                push(after, chain.within(onward, onward_place), share, None)
            finishing = at @ chain.finish
            for k in np.flatnonzero(finishing >= least):
                push(trail, None, float(finishing[k]), int(k))
    ranked = sorted(persons_by_journey.items(), key=lambda item: (-item[1], item[0]))
    return [_Journey(places, end, persons) for (places, end), persons in ranked]


def _first_terminals(model: FlowModel, demand: Floats | None) -> Floats:
    """Persons a year who enter the terminals first at each, shape (core,)."""
    kernel = model.kernel_
    people = model.network_.vector(model.demand_) if demand is None else demand
    return (kernel.entry(kernel.start(people)) * kernel.z)[kernel.core]
