"""Walk sums of people in their own group alone, beside those of every group in the core.

Nearly all nodes are villages and the hubs of their districts, whose people belong to one group: the
other groups' weights there are never read. So a question of nodes needs one number a node outside
the core (:mod:`routes.graph.elimination`), and a column a group only inside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from routes.graph.elimination import EliminationLayer, EliminationOrder, Floats, Integers

__all__ = ["OwnGroups"]


@dataclass(frozen=True, eq=False)
class _Step:
    """One layer: the tail of each leg, its people's group, and its head's place in the core."""

    layer: EliminationLayer
    tail: Integers
    group: Integers
    place: Integers

    def onward(self, core: Floats, own: Floats) -> Floats:
        """Weight of all walks from the head of each leg, in the utilities of its people."""
        ahead = np.where(self.place >= 0, core[self.place, self.group], own[self.layer.heads])
        return np.where(self.group >= 0, ahead, 0.0)


@dataclass(frozen=True, eq=False)
class OwnGroups:
    """The group of the people at each node.

    Attributes
    ----------
    structure : EliminationOrder
    size : int
        Number of groups.
    group : int array, shape (n,)
        Number of the group whose people start or, outside the core, pass there; -1 where none do.
    """

    structure: EliminationOrder
    size: int
    group: Integers
    _steps: tuple[_Step, ...]

    @classmethod
    def of(
        cls, structure: EliminationOrder, group: Integers, hub: NDArray[np.bool_], size: int
    ) -> Self | None:
        """From the group of each node and the hubs, which have that of those who pass them.

        None where people of two groups meet outside the core.
        """
        group = np.where(hub, -1, group)
        steps = []
        for layer in structure.layers:
            tail = np.repeat(layer.nodes, np.diff(layer.start))
            of_leg, place = group[tail], structure.place[layer.heads]
            taken = (place < 0) & (of_leg >= 0)
            heads, people = layer.heads[taken], of_leg[taken]
            if ((group[heads] >= 0) & (group[heads] != people)).any():
                return None
            group[heads] = people
            if (group[heads] != people).any():
                return None
            steps.append(_Step(layer, tail, of_leg, place))
        return cls(structure, size, group, tuple(steps))

    def complete(self, weight: Floats, core: Floats) -> Floats:
        """Weight of all walks from each node in the utilities of its own people, shape (n,).

        Parameters
        ----------
        weight : array, shape (l,)
            Of each live leg.
        core : array, shape (c + d, groups)
            Weights at core nodes and destinations.
        """
        own = np.zeros(len(self.group))
        people = np.flatnonzero((self.group >= 0) & (self.structure.place >= 0))
        own[people] = core[self.structure.place[people], self.group[people]]
        for step in reversed(self._steps):
            ahead = weight[step.layer.legs] * step.onward(core, own)
            own[step.layer.nodes] = np.add.reduceat(ahead, step.layer.start[:-1])
        return own

    def enter(self, weight: Floats, start: Floats) -> tuple[Floats, Floats]:
        """Propagate start weights, shape (n,), to the core.

        Returns
        -------
        array, shape (n,)
            What leaves each node outside the core.
        array, shape (c + d, groups)
            What enters or starts at core nodes and destinations.
        """
        size = len(self.structure.core) + len(self.structure.ends)
        slots = size * self.size
        people = np.flatnonzero((self.group >= 0) & (self.structure.place >= 0))
        slot = self.structure.place[people] * self.size + self.group[people]
        entering = np.zeros(slots)
        np.add.at(entering, slot, start[people])
        carried = np.where(self.structure.place < 0, start, 0.0)
        for step in self._steps:
            persons = weight[step.layer.legs] * carried[step.tail]
            inside, hub = (step.group >= 0) & (step.place >= 0), step.place < 0
            slot = step.place[inside] * self.size + step.group[inside]
            entering += np.bincount(slot, persons[inside], slots)
            carried += np.bincount(step.layer.heads[hub], persons[hub], len(carried))
        return carried, entering.reshape(size, self.size)

    def leg_flow(
        self, weight: Floats, core: Floats, own: Floats, visits: Floats, carried: Floats
    ) -> Floats:
        """Persons a year on each live leg, shape (l,).

        Parameters
        ----------
        weight : array, shape (l,)
        core, visits : arrays, shape (c + d, groups)
            Weights and backward solution at core nodes and destinations.
        own, carried : arrays, shape (n,)
            Of :meth:`complete` and :meth:`enter`.
        """
        flow = np.zeros(len(weight))
        structure = self.structure
        inside = np.concatenate([structure.inner, structure.arriving])
        tail, head = (
            structure.place[structure.tail[inside]],
            structure.place[structure.head[inside]],
        )
        flow[inside] = weight[inside] * np.einsum("lg,lg->l", visits[tail], core[head])
        for step in self._steps:
            legs = step.layer.legs
            flow[legs] = carried[step.tail] * weight[legs] * step.onward(core, own)
        return flow
