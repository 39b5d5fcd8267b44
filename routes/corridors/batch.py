"""Many corridors on one model at once, from the few numbers between their waypoints.

With ``N = (I - W)^-1``, the weight of walks that pass the sets ``S_1, S_2, ...`` in order is a
chain of small systems: from the last set back, ``f_k = N_kk^-1 v_k`` are the weights of first
entering ``S_k``, and ``v_(k-1) = (W N)[S_(k-1), S_k] f_k`` those of going there from the set before
(``W N = N - I``). Persons are ``y[S_1] f_1``, with ``y`` the visits to each node. So only ``N``
between the waypoints of all corridors is needed, a block of some hundred nodes, and corridors with
the same last places share what they have in common. :meth:`routes.flow.walks.ThinnedSums.passing`
gives the same for single corridors, origin by origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from routes.flow.model import FlowModel
from routes.flow.walks import ThinnedSums
from routes.graph.arrays import Floats, Integers
from routes.graph.elimination import EliminationOrder

__all__ = ["BatchMeasure", "CorridorBatch"]


@dataclass(frozen=True, eq=False)
class BatchMeasure:
    """Corridors on one model: arrays of shape (corridors,); see
    :class:`routes.corridors.measure.Measure`.

    Ratios are 0 where nobody passes.

    Attributes
    ----------
    persons, vulnerability, unofficial_share, hazard : arrays, shape (corridors,)
    by_group : array, shape (corridors, groups)
        Persons a year by group of origins, where groups were given.
    """

    persons: Floats
    vulnerability: Floats
    unofficial_share: Floats
    hazard: Floats
    by_group: Floats


@dataclass(frozen=True, eq=False)
class CorridorBatch:
    """Corridors of node groups (terminals of a place, or a destination), prepared once.

    Attributes
    ----------
    nodes : int array
        Every waypoint from which a destination can be reached.
    group : tuple of int arrays
        The distinct waypoints, as positions in ``nodes``.
    corridors : tuple of tuples of int
        Each corridor's waypoints, as positions in ``group``.
    """

    nodes: Integers
    group: tuple[Integers, ...]
    corridors: tuple[tuple[int, ...], ...]

    @classmethod
    def of(
        cls, structure: EliminationOrder, corridors: Sequence[Sequence[Integers]]
    ) -> CorridorBatch:
        """Number the waypoints of corridors of node positions.

        Raises
        ------
        InputError
            If a waypoint is an origin: corridors are between terminals.
        """
        number: dict[bytes, int] = {}
        groups: list[Integers] = []
        rows = []
        for corridor in corridors:
            row = []
            for members in corridor:
                live = np.asarray(members, np.intp)[structure.alive[members]]
                if (structure.place[live] < 0).any():
                    raise InputError("corridor.no_waypoint")
                key = live.tobytes()
                if key not in number:
                    number[key] = len(groups)
                    groups.append(live)
                row.append(number[key])
            rows.append(tuple(row))
        nodes = np.unique(np.concatenate([np.empty(0, np.intp), *groups]))
        return cls(nodes, tuple(np.searchsorted(nodes, g) for g in groups), tuple(rows))

    def measure(
        self,
        model: FlowModel,
        *,
        vulnerability: Floats,
        unofficial: NDArray[np.bool_],
        hazard: Floats,
        groups: Integers | None = None,
    ) -> BatchMeasure:
        """Measure all corridors on one fitted model of the same nodes.

        Parameters
        ----------
        vulnerability, hazard : arrays, shape (n,)
            Index at origins and hazard at destinations, 0-10.
        unofficial : bool array, shape (n,)
            Unofficial terminals.
        groups : int array, shape (n,), optional
            Group of each origin (its regency), to split the persons by.
        """
        kernel, start = model.kernel_, model.start_weight
        seen = kernel.thinned(np.where(unofficial, 0.0, 1.0))
        ends = np.stack([kernel.z, kernel.reach(hazard)], axis=1)[self.nodes]
        first = self._first(kernel, ends)
        visits = np.stack([kernel.spread(w)[self.nodes] for w in (start, start * vulnerability)])
        passed = self._arrived(visits, first)
        official = self._arrived(
            seen.spread(start)[self.nodes][None], self._first(seen, seen.z[self.nodes][:, None])
        )
        persons = passed[:, 0, 0]

        def share(amount: Floats) -> Floats:
            out = np.zeros_like(persons)
            return np.asarray(np.divide(amount, persons, out=out, where=persons > 0))

        kept = share(official[:, 0, 0])
        by_group = np.zeros((len(persons), 0))
        if groups is not None:
            inner = kernel.inner_visits(start, groups)
            split = inner[kernel.structure.place[self.nodes]].T
            by_group = self._arrived(split, first)[:, :, 0]
        return BatchMeasure(
            persons=persons,
            vulnerability=share(passed[:, 1, 0]),
            unofficial_share=np.where(persons > 0, np.clip(1.0 - kept, 0.0, 1.0), 0.0),
            hazard=share(passed[:, 0, 1]),
            by_group=by_group,
        )

    def _first(self, walks: ThinnedSums, onward: Floats) -> list[Floats]:
        """``f_1`` of each corridor, by the members of its first waypoint and column of ``onward``.

        Parameters
        ----------
        onward : array, shape (nodes, v)
            Weight of all walks from each waypoint to where they end.
        """
        block = walks.block(self.nodes)
        further = block - np.eye(len(block))
        inner = [np.linalg.inv(block[np.ix_(g, g)]) for g in self.group]
        entered: dict[tuple[int, ...], Floats] = {}
        between: dict[tuple[int, int], Floats] = {}

        def enter(chain: tuple[int, ...]) -> Floats:
            if chain not in entered:
                here = chain[0]
                if len(chain) == 1:
                    value = onward[self.group[here]]
                else:
                    step = (here, chain[1])
                    if step not in between:
                        between[step] = further[np.ix_(self.group[here], self.group[chain[1]])]
                    value = between[step] @ enter(chain[1:])
                entered[chain] = inner[here] @ value
            return entered[chain]

        return [enter(chain) for chain in self.corridors]

    def _arrived(self, visits: Floats, first: Sequence[Floats]) -> Floats:
        """Persons by row of ``visits``, shape (rows, nodes), and column; (corridors, rows, v)."""
        columns = first[0].shape[1] if first else 2
        arrived = np.empty((len(first), len(visits), columns))
        for k, (chain, entered) in enumerate(zip(self.corridors, first, strict=True)):
            arrived[k] = visits[:, self.group[chain[0]]] @ entered
        return arrived
