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

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routes.corridors.terminal_walks import TerminalDraws, TerminalLayout, TerminalWalks
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
        Share of them who arrive abroad through pelabuhan tikus.
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
        columns, of_last = walks.columns(self.nodes, self.nodes[self._last])
        onward = np.zeros((len(self.nodes), of_last.shape[1]))
        onward[self._last] = of_last
        entry, index_entry = (
            walks.by_regency(values) @ columns for values in (walks.entry, walks.index_entry)
        )
        first = self._first_entry(columns[self.nodes], onward)
        passing, hazard, unofficial = (
            [weights[:, k * groups : (k + 1) * groups] for weights in first] for k in range(3)
        )
        by_regency = np.zeros((len(self.corridors), len(entry)))
        for k, weights in enumerate(passing):
            at = self.waypoints[self.corridors[k][0]]
            by_regency[k] = (entry[:, at] * weights.T[walks.layout.group]).sum(axis=1)
        persons = by_regency.sum(axis=1)

        def share(amount: Floats) -> Floats:
            nothing = np.zeros_like(persons)
            return np.asarray(np.divide(amount, persons, out=nothing, where=persons > 0))

        return BatchMeasure(
            persons=persons,
            vulnerability=share(self._totals(walks, index_entry, passing)),
            unofficial_share=share(self._totals(walks, entry, unofficial)),
            hazard=share(self._totals(walks, entry, hazard)),
            by_regency=by_regency,
        )

    def persons(self, draws: TerminalDraws) -> Floats:
        """Persons a year of each corridor in each draw, shape (draws, corridors).

        What :meth:`measure` adds up from the regencies, from the visits of each group: those of
        the first waypoint are ``sum_o r_o / z_o N[o, S_1]``.
        """
        persons = np.zeros((len(draws), len(self.corridors)))
        start = 0
        for block in draws.between(self.nodes):
            rows = slice(start, start + len(block))
            load, log_reach = (
                np.moveaxis(values[self.nodes, rows], 0, 1).astype(float)
                for values in (draws.load, draws.log_reach)
            )
            onward = np.exp(log_reach)
            visits = np.divide(load, onward, out=np.zeros_like(load), where=load > 0)
            for k, weights in enumerate(self._first_entry(block, onward)):
                at = visits[:, self.waypoints[self.corridors[k][0]]]
                persons[rows, k] = np.einsum("dsg,dsg->d", at, weights)
            start += len(block)
        return persons

    @cached_property
    def _last(self) -> Integers:
        """Nodes of the last waypoints, as positions in ``nodes``."""
        last = [self.waypoints[chain[-1]] for chain in self.corridors]
        return np.unique(np.concatenate([np.empty(0, np.intp), *last]))

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
        starts = [of_group[:, self.waypoints[chain[0]]] for chain in self.corridors]
        return np.array([(s.T * w).sum() for s, w in zip(starts, first, strict=True)])

    def _first_entry(self, block: Floats, onward: Floats) -> list[Floats]:
        """Weight ``f_1`` of first entering each corridor's first waypoint, passing it and arriving.

        Parameters
        ----------
        block : array, shape (..., b, b)
            ``N`` between the nodes of all waypoints, of one draw or several.
        onward : array, shape (..., b, v)
            Weight of all walks from there to where they end, for each group; read at the nodes of
            last waypoints.

        Returns
        -------
        list of arrays, shape (..., nodes of the first waypoint, v)
            In the order of the corridors.
        """
        further = block - np.eye(block.shape[-1])
        inner = [np.linalg.inv(block[..., w[:, None], w]) for w in self.waypoints]
        entered: dict[tuple[int, ...], Floats] = {}

        def enter(chain: tuple[int, ...]) -> Floats:
            if chain not in entered:
                waypoint = self.waypoints[chain[0]]
                if len(chain) == 1:
                    value = onward[..., waypoint, :]
                else:
                    to_next = further[..., waypoint[:, None], self.waypoints[chain[1]]]
                    value = to_next @ enter(chain[1:])
                entered[chain] = inner[chain[0]] @ value
            return entered[chain]

        return [enter(corridor) for corridor in self.corridors]
