"""Many corridors on one model at once, from the walks between their waypoints.

With ``N = (I - W)^-1``, the weight of walks that pass the sets ``S_1, S_2, ...`` in order is a
chain of small systems: from the last set back, ``f_k = N_kk^-1 v_k`` are the weights of first
entering ``S_k``, and ``v_(k-1) = (W N)[S_(k-1), S_k] f_k`` those of going there from the set before
(``W N = N - I``). From anywhere the weight is ``N[:, S_1] f_1``, and persons are that times what
enters from the origins. So only the columns of ``N`` at the waypoints are needed, and corridors
with the same last places share what they have in common.
:meth:`routes.flow.walks.ThinnedSums.passing` gives the same for one corridor, origin by origin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routes.corridors.terminal_walks import TerminalLayout, TerminalWalks
from routes.graph.elimination import Floats, Integers

__all__ = ["BatchMeasure", "CorridorBatch"]


@dataclass(frozen=True, eq=False)
class BatchMeasure:
    """Corridors on one model: arrays of shape (corridors,).

    Attributes
    ----------
    persons : array
        Expected persons a year who pass the waypoints in that order.
    vulnerability : array
        Index of their origins, weighted by persons, 0-10.
    unofficial_share : array
        Share of them who leave at least one unofficial terminal on the whole journey.
    hazard : array
        Hazard of the destinations where they end, weighted by persons, 0-10.
    by_regency : array, shape (corridors, regencies)
        Persons a year by regency of origin; they add up to ``persons``.

    Ratios are 0 where nobody passes.
    """

    persons: Floats
    vulnerability: Floats
    unofficial_share: Floats
    hazard: Floats
    by_regency: Floats


@dataclass(frozen=True, eq=False)
class CorridorBatch:
    """Corridors of sets of nodes (terminals of a place, or a destination), prepared once.

    Attributes
    ----------
    nodes : int array
        Every waypoint, as positions in the layout.
    waypoints : tuple of int arrays
        The distinct waypoints, as positions in ``nodes``.
    corridors : tuple of tuples of int
        Each corridor's waypoints, as positions in ``waypoints``.
    """

    nodes: Integers
    waypoints: tuple[Integers, ...]
    corridors: tuple[tuple[int, ...], ...]

    @classmethod
    def of(
        cls, layout: TerminalLayout, corridors: Sequence[Sequence[Collection[str]]]
    ) -> CorridorBatch:
        """Number the waypoints of corridors of node names.

        Nobody passes a node that the layout does not have (nothing leads there, or nowhere on).
        """
        number: dict[tuple[int, ...], int] = {}
        rows = []
        for corridor in corridors:
            row = []
            for names in corridor:
                members = tuple(
                    sorted(layout.position[name] for name in names if name in layout.position)
                )
                row.append(number.setdefault(members, len(number)))
            rows.append(tuple(row))
        sets = [np.array(members, np.intp) for members in number]
        nodes = np.unique(np.concatenate([np.empty(0, np.intp), *sets]))
        return cls(nodes, tuple(np.searchsorted(nodes, s) for s in sets), tuple(rows))

    def measure(self, walks: TerminalWalks) -> BatchMeasure:
        """Measure all corridors on one model or draw."""
        groups = len(walks.value)
        columns, onward = walks.columns(self.nodes, self._last)
        entry, index_entry = (
            walks.by_regency(values) @ columns for values in (walks.entry, walks.index_entry)
        )
        first = self._first_entry(columns, onward)
        passing = [weights[:, :, :groups] for weights in first]
        hazard = [weights[:, :, groups:] for weights in first]
        by_regency = np.zeros((len(self.corridors), len(entry)))
        for number, weights in zip(self._by_first.values(), passing, strict=True):
            at = self.waypoints[self.corridors[number[0]][0]]
            of_regency = weights[:, :, walks.layout.group]
            by_regency[number] = np.einsum("rs,ksr->kr", entry[:, at], of_regency)
        persons = by_regency.sum(axis=1)

        def share(amount: Floats) -> Floats:
            nothing = np.zeros_like(persons)
            return np.asarray(np.divide(amount, persons, out=nothing, where=persons > 0))

        official, onward = walks.columns(self.nodes, self._last, official=True)
        open_passing = self._first_entry(official, onward[:, :groups])
        open_entry = walks.by_regency(walks.entry) @ official
        open_share = share(self._totals(walks, open_entry, open_passing))
        return BatchMeasure(
            persons=persons,
            vulnerability=share(self._totals(walks, index_entry, passing)),
            unofficial_share=np.where(persons > 0, np.clip(1.0 - open_share, 0.0, 1.0), 0.0),
            hazard=share(self._totals(walks, entry, hazard)),
            by_regency=by_regency,
        )

    @cached_property
    def _last(self) -> Integers:
        """Nodes of the last waypoints, as positions in the layout."""
        sets = [self.nodes[self.waypoints[chain[-1]]] for chain in self.corridors]
        return np.unique(np.concatenate([np.empty(0, np.intp), *sets]))

    @cached_property
    def _by_first(self) -> dict[int, list[int]]:
        """Corridors by their first waypoint."""
        numbers: defaultdict[int, list[int]] = defaultdict(list)
        for k, chain in enumerate(self.corridors):
            numbers[chain[0]].append(k)
        return dict(numbers)

    def _totals(self, walks: TerminalWalks, entry: Floats, first: Sequence[Floats]) -> Floats:
        """Amount by corridor, shape (corridors,).

        Parameters
        ----------
        entry : array, shape (regencies, nodes)
            Weight of the walks from each regency to the nodes of each waypoint.
        first : sequence of arrays
            Of :meth:`_first_entry`.
        """
        of_group = np.zeros((len(walks.value), entry.shape[1]))
        np.add.at(of_group, walks.layout.group, entry)
        totals = np.zeros(len(self.corridors))
        for (waypoint, numbers), weights in zip(self._by_first.items(), first, strict=True):
            at = self.waypoints[waypoint]
            totals[numbers] = np.einsum("gs,ksg->k", of_group[:, at], weights)
        return totals

    def _first_entry(self, columns: Floats, onward: Floats) -> list[Floats]:
        """Weight ``f_1`` of first entering each corridor's first waypoint, passing it and arriving.

        Parameters
        ----------
        columns : array, shape (k, nodes)
            Of ``N``, at the waypoints.
        onward : array, shape (c, v)
            Weight of all walks from the nodes of last waypoints to where they end, for each group.

        Returns
        -------
        list of arrays, shape (corridors, nodes of the first waypoint, v)
            One a first waypoint, in the order of ``_by_first``.
        """
        block = columns[self.nodes]
        place = np.full(len(columns), -1, np.intp)
        place[self._last] = np.arange(len(self._last))
        further = block - np.eye(len(block))
        inner = [np.linalg.inv(block[np.ix_(w, w)]) for w in self.waypoints]
        entered: dict[tuple[int, ...], Floats] = {}

        def enter(chain: tuple[int, ...]) -> Floats:
            if chain not in entered:
                waypoint = self.waypoints[chain[0]]
                if len(chain) == 1:
                    value = onward[place[self.nodes[waypoint]]]
                else:
                    value = further[np.ix_(waypoint, self.waypoints[chain[1]])] @ enter(chain[1:])
                entered[chain] = inner[chain[0]] @ value
            return entered[chain]

        return [
            np.stack([enter(self.corridors[k]) for k in numbers])
            for numbers in self._by_first.values()
        ]
