"""What corridors need of a model: the walks between its terminals, and who enters them where.

Origins and their hubs are eliminated (:mod:`routes.graph.elimination`), so a draw of the whole
model becomes the weights of the legs that leave terminals and, by group of origins, the load of
each terminal and the weight of reaching a destination from there: kept of every draw, so that the
persons of a corridor are found without fitting any model again. What enters by regency is kept of
the first :data:`DETAILED` draws alone, for means: who they are and how they travel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from routes.corridors.block_inverse import BlockInverse
from routes.graph.elimination import Floats, Integers, compressed_pattern

if TYPE_CHECKING:
    from scipy.sparse.linalg import SuperLU

    from routes.flow.model import FlowModel
    from routes.flow.walks import RandomWalkSums
    from routes.graph.arrays import Network

__all__ = ["DETAILED", "GroupWalks", "TerminalDraws", "TerminalLayout", "TerminalWalks"]


DETAILED = 40
"""Draws of which origins and shares are kept; a mean over them is known to some 5 %."""

_MANY = 150
"""Nodes from which on a draw is solved by itself, sparse, sooner than all together."""


@dataclass(frozen=True, eq=False)
class TerminalLayout:
    """What all draws share: terminals and destinations, their legs, and who can enter where.

    Attributes
    ----------
    nodes : str array, shape (k,)
        Terminals that others lead to (the core of the network), then destinations.
    terminals : int
        How many of them are terminals.
    tail, head : int arrays, shape (l,)
        Legs that leave terminals, as positions in ``nodes``.
    hazard, without_papers : arrays, shape (k,)
        Of destinations: hazard, 0-10, and 1 where people arrive through pelabuhan tikus.
    entry_node, entry_regency : int arrays, shape (e,)
        Where people can first enter, as positions in ``nodes``, and the regency of their origin.
    regencies : str array
    group : int array, shape (regencies,)
        Group of origins of each regency: those of one share the value of destinations.
    """

    nodes: NDArray[np.str_]
    terminals: int
    tail: Integers
    head: Integers
    hazard: Floats
    without_papers: Floats
    entry_node: Integers
    entry_regency: Integers
    regencies: NDArray[np.str_]
    group: Integers

    @classmethod
    def of(
        cls,
        network: Network,
        *,
        hazard: Floats,
        without_papers: Floats,
        regencies: Sequence[str],
        regency_of: Integers,
    ) -> Self:
        """Lay out one network.

        Parameters
        ----------
        hazard, without_papers : arrays, shape (n,)
        regencies : sequence of str
            Codes.
        regency_of : int array, shape (n,)
            Regency of each origin; -1 at nodes where nobody starts.
        """
        structure = network.structure
        inside = np.concatenate([structure.core, structure.ends])
        legs = np.concatenate([structure.inner, structure.arriving])
        starts = _starts(regency_of, np.ones(len(regency_of)), len(regencies))
        group = np.zeros(len(regencies), np.intp)
        if network.group is not None:
            origin = regency_of >= 0
            group[regency_of[origin]] = network.group[origin]
        entered = structure.carried(np.ones(len(structure.leg)), starts)[inside].tocoo()
        return cls(
            nodes=np.array([str(network.nodes[i]) for i in inside]),
            terminals=len(structure.core),
            tail=structure.place[structure.tail[legs]],
            head=structure.place[structure.head[legs]],
            hazard=hazard[inside],
            without_papers=without_papers[inside],
            entry_node=entered.coords[0].astype(np.intp),
            entry_regency=entered.coords[1].astype(np.intp),
            regencies=np.array(regencies, str),
            group=group,
        )

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each node."""
        return {str(node): k for k, node in enumerate(self.nodes)}

    @cached_property
    def inner(self) -> NDArray[np.bool_]:
        """Legs between terminals; the others arrive at a destination."""
        return self.head < self.terminals

    @cached_property
    def elimination(self) -> Integers:
        """Position of each terminal in an order of elimination that fills in little."""
        inner, size = self.inner, self.terminals
        slot, rows, start = compressed_pattern(self.tail[inner], self.head[inner], size)
        values = np.concatenate([np.full(int(inner.sum()), -1.0 / (len(inner) + 1)), np.ones(size)])
        data = np.bincount(slot, values, minlength=len(rows))
        system = sparse.csc_array((data, rows, start), shape=(size, size))
        order: Integers = splu(system, permc_spec="MMD_AT_PLUS_A").perm_c.astype(np.intp)
        return order

    @cached_property
    def pattern(self) -> tuple[Integers, Integers, Integers]:
        """Sparsity of ``I - W`` between terminals in their order of elimination."""
        inner, order = self.inner, self.elimination
        return compressed_pattern(order[self.tail[inner]], order[self.head[inner]], self.terminals)


def _starts(regency_of: Integers, start: Floats, regencies: int) -> Any:
    """Start weights of each origin in the column of its regency, shape (n, regencies)."""
    origin = np.flatnonzero(regency_of >= 0)
    return sparse.csr_array(
        (start[origin], (origin, regency_of[origin])), shape=(len(regency_of), regencies)
    )


def _entries(layout: TerminalLayout, kernel: RandomWalkSums, starts: Any) -> Floats:
    """Start weights carried to where they enter the terminals, in the layout's order."""
    structure = kernel.structure
    inside = np.concatenate([structure.core, structure.ends])
    entered = structure.carried(kernel.weight, starts)[inside].tocoo()
    # An origin without demand in this draw leaves no entry: keep to the layout's order.
    size = len(layout.regencies)
    order = np.argsort(layout.entry_node * size + layout.entry_regency)
    keys = (layout.entry_node * size + layout.entry_regency)[order]
    entry = np.zeros(len(keys))
    coordinates = entered.coords[0].astype(np.intp) * size + entered.coords[1]
    entry[order[np.searchsorted(keys, coordinates)]] = entered.data
    return entry


@dataclass(frozen=True, eq=False)
class TerminalWalks:
    """The walks between terminals of one fitted model.

    Attributes
    ----------
    layout : TerminalLayout
    weight : array, shape (l,)
        Weight of each leg, 0 to 1.
    entry, index_entry : arrays, shape (e,)
        Start weights that enter at each terminal, by regency; the same times the vulnerability of
        their origins.
    value : array, shape (groups, destinations)
        Value of each destination for each group; 0 for a group without people.
    """

    layout: TerminalLayout
    weight: Floats
    entry: Floats
    index_entry: Floats
    value: Floats

    @classmethod
    def of(
        cls,
        layout: TerminalLayout,
        model: FlowModel,
        *,
        vulnerability: Floats,
        regency_of: Integers,
    ) -> Self:
        """Take what corridors need from a fitted model of the layout's network.

        Parameters
        ----------
        vulnerability : array, shape (n,)
            Index at origins, 0-10.
        regency_of : int array, shape (n,)
            As the layout was made with.
        """
        kernel, network = model.kernel_, model.network_
        structure = kernel.structure
        legs = np.concatenate([structure.inner, structure.arriving])
        start = np.zeros(len(network.nodes))
        value = np.zeros((len(network.groups), len(structure.ends)))
        for group in model.groups_:
            start += group.start
            k = network.groups.index(group.name)
            value[k] = 1.0 if group.value is None else group.value[structure.ends]
        entry, index_entry = (
            _entries(layout, kernel, _starts(regency_of, weights, len(layout.regencies)))
            for weights in (start, start * vulnerability)
        )
        return cls(layout, kernel.weight[legs], entry, index_entry, value)

    def by_regency(self, entry: Floats) -> Any:
        """Entries as a sparse matrix of shape (regencies, k)."""
        layout = self.layout
        shape = (len(layout.regencies), len(layout.nodes))
        return sparse.csr_array((entry, (layout.entry_regency, layout.entry_node)), shape=shape)

    def columns(self, nodes: Integers, last: Integers) -> tuple[Floats, Floats]:
        """Weights of all walks to some nodes, and of all that arrive from some.

        Parameters
        ----------
        nodes : int array, shape (b,)
            Positions in the layout.
        last : int array, shape (c,)
            Positions in the layout.

        Returns
        -------
        array, shape (k, b)
            Columns of ``N = (I - W)^-1``.
        array, shape (c, 3 groups)
            Weight of all walks from each of ``last`` to a destination, times its value for each
            group; then the same times its hazard, and times ``without_papers``.
        """
        layout = self.layout
        size, inner = layout.terminals, layout.inner
        weight = self.weight
        slot, rows, start = layout.pattern
        values = np.concatenate([-weight[inner], np.ones(size)])
        data = np.bincount(slot, values, minlength=len(rows))
        system = sparse.csc_array((data, rows, start), shape=(size, size))
        arriving = sparse.csr_array(
            (weight[~inner], (layout.tail[~inner], layout.head[~inner] - size)),
            shape=(size, len(layout.nodes) - size),
        )
        of_end = (1.0, layout.hazard[size:], layout.without_papers[size:])
        ends = np.concatenate([self.value * factor for factor in of_end]).T
        at_core, at_end = np.flatnonzero(nodes < size), np.flatnonzero(nodes >= size)
        right = np.zeros((size, len(nodes)), order="F")
        right[nodes[at_core], at_core] = 1.0
        right[:, at_end] = arriving[:, nodes[at_end] - size].toarray()
        # No node here leaves a destination, so the columns below them are unit vectors.
        solved = np.zeros((len(layout.nodes), len(nodes)))
        solved[nodes[at_end], at_end] = 1.0
        onward = np.zeros((len(last), ends.shape[1]))
        at_end = np.flatnonzero(last >= size)
        onward[at_end] = ends[last[at_end] - size]
        if size:
            # I - W is an M-matrix: it needs no pivoting.
            factors = splu(
                system, permc_spec="NATURAL", diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )  # fmt: skip
            order, leaving = layout.elimination, np.flatnonzero(last < size)
            solved[:size] = _solved(factors, system, right, order)
            from_last = np.zeros((size, len(leaving)))
            from_last[last[leaving], np.arange(len(leaving))] = 1.0
            rows_of_n = _solved(factors, system.T, from_last, order, transposed="T")
            onward[leaving] = rows_of_n.T @ (arriving @ ends)
        return solved, onward


def _solved(
    factors: SuperLU, system: Any, right: Floats, order: Integers, *, transposed: str = "N"
) -> Floats:
    """Solution for terminals in the layout's order, with one step of refinement."""
    ordered = np.empty_like(right)
    ordered[order] = right
    inside = factors.solve(ordered, transposed)
    inside += factors.solve(ordered - system @ inside, transposed)
    return np.asarray(np.maximum(inside, 0.0)[order])


@dataclass(frozen=True, eq=False)
class GroupWalks:
    """Who passes each terminal and destination, by group of origins; in the layout's order.

    Attributes
    ----------
    log_scale : array, shape (k,)
        Mean over the groups of the logarithm of the weight of all walks from the node to a
        destination: those of two nodes may lie 1e30 apart.
    load : array, shape (k, groups)
        Persons a year.
    log_reach : array, shape (k, groups)
        Logarithm of the weight of the group's walks over that of ``log_scale`` and a unit of the
        group's own; minus infinity where nobody of it passes. In single precision corridors keep
        five digits.
    """

    log_scale: Floats
    load: NDArray[np.float32]
    log_reach: NDArray[np.float32]

    @classmethod
    def of(cls, model: FlowModel) -> Self:
        """Of a fitted model of the layout's network."""
        network, structure = model.network_, model.kernel_.structure
        inside = np.concatenate([structure.core, structure.ends])
        z = np.zeros((len(inside), len(network.groups)))
        load = np.zeros(z.shape, np.float32)
        for group in model.groups_:
            k = network.groups.index(group.name)
            z[:, k] = group.z[inside]
            load[:, k] = group.visits[inside] * z[:, k]
        log_z = np.log(z, where=load > 0, out=np.full(z.shape, np.nan))
        passed = np.isfinite(log_z)

        def centred(axis: int) -> Floats:
            total = np.where(passed, log_z, 0.0).sum(axis=axis, keepdims=True)
            return np.asarray(total / np.maximum(passed.sum(axis=axis, keepdims=True), 1))

        log_z = log_z - centred(0)
        log_scale = centred(1)
        reach = np.where(passed, log_z - log_scale, -np.inf)
        return cls(log_scale[:, 0], load, reach.astype(np.float32))


@dataclass(frozen=True, eq=False)
class TerminalDraws:
    """The walks between terminals of every draw; the first axis of the arrays is the draw.

    Attributes
    ----------
    layout : TerminalLayout
    weight : array, shape (draws, l)
        As of :class:`TerminalWalks`.
    entry, index_entry, value : arrays
        The same, of the first draws.
    log_scale : array, shape (draws, k)
    load, log_reach : arrays, shape (k, draws, groups)
        Of :class:`GroupWalks`; by node first, since an answer reads a few nodes of all draws.
    """

    layout: TerminalLayout
    weight: Floats
    entry: Floats
    index_entry: Floats
    value: Floats
    log_scale: Floats
    load: NDArray[np.float32]
    log_reach: NDArray[np.float32]

    @classmethod
    def of(cls, layout: TerminalLayout, draws: Sequence[Any]) -> Self:
        """Stack draws with ``weight``, ``groups`` (:class:`GroupWalks`) and ``walks``
        (:class:`TerminalWalks`, or None where origins are not kept; at least the first is).
        """
        walks = [draw.walks for draw in draws if draw.walks is not None]
        of_walks = {
            name: np.stack([getattr(each, name) for each in walks])
            for name in ("entry", "index_entry", "value")
        }
        of_groups = {
            name: np.stack([getattr(draw.groups, name) for draw in draws], axis=1)
            for name in ("load", "log_reach")
        }
        return cls(
            layout=layout,
            weight=np.stack([draw.weight for draw in draws]),
            log_scale=np.stack([draw.groups.log_scale for draw in draws]),
            **of_walks, **of_groups,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.weight)

    def __iter__(self) -> Iterator[TerminalWalks]:
        """The draws of which the origins are kept."""
        for k in range(len(self.entry)):
            yield TerminalWalks(
                self.layout, self.weight[k], self.entry[k], self.index_entry[k], self.value[k]
            )

    def between(self, nodes: Integers) -> Iterator[Floats]:
        """Weights of all walks from each of some nodes to each, shape (b, s, s), by blocks of
        draws; in the units of ``log_reach``.
        """
        scale = np.exp(self.log_scale[:, nodes])
        start = 0
        for block in self._between(nodes):
            unit = scale[start : start + len(block)]
            yield block * (unit[:, None, :] / unit[:, :, None])
            start += len(block)

    def _between(self, nodes: Integers) -> Iterator[Floats]:
        layout = self.layout
        if len(nodes) > _MANY:
            none = np.empty(0, np.intp)
            rest = (self.entry[0], self.index_entry[0], self.value[0])
            for weight in self.weight:
                yield TerminalWalks(layout, weight, *rest).columns(nodes, none)[0][nodes][None]
            return
        others = np.setdiff1d(np.arange(layout.terminals), nodes)
        elimination = BlockInverse(layout.tail, layout.head, kept=nodes, eliminated=others)
        yield from elimination.of(self.weight)

    def as_arrays(self) -> dict[str, Any]:
        """All arrays by name, for :func:`numpy.save`."""
        layout = {f"layout.{f.name}": getattr(self.layout, f.name) for f in fields(self.layout)}
        by_draw = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "layout"}
        return {**layout, **by_draw}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        """Read :meth:`as_arrays` back."""
        layout = {f.name: arrays[f"layout.{f.name}"] for f in fields(TerminalLayout)}
        layout["terminals"] = int(layout["terminals"])
        by_draw = {f.name: arrays[f.name] for f in fields(cls) if f.name != "layout"}
        return cls(layout=TerminalLayout(**layout), **by_draw)
