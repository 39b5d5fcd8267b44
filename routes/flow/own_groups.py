"""Walk sums of people in their own group alone, beside those of every group in the core.

Nearly all nodes are villages and the hubs of their districts, whose people belong to one group: the
other groups' weights there are never read. So a question of nodes needs one number a node outside
the core (:mod:`routes.graph.elimination`), and a column a group only inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from routes.graph.arrays import Floats, Integers
from routes.graph.elimination import EliminationLayer, EliminationOrder

__all__ = ["OwnGroups"]


@dataclass(frozen=True, eq=False)
class _Step:
    """One layer: the tail of each leg, its people's group, and its head's place in the core."""

    layer: EliminationLayer
    tail: Integers
    group: Integers
    place: Integers


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
    def of(cls, structure: EliminationOrder, demand: Sequence[Floats]) -> Self | None:
        """From the persons of each group by node, arrays of shape (n,).

        None where people of two groups meet outside the core.
        """
        group = np.full(len(structure.alive), -1, np.intp)
        for k, persons in enumerate(demand):
            group[persons > 0] = k
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
        return cls(structure, len(demand), group, tuple(steps))

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
            onward = np.where(step.place >= 0, core[step.place, step.group], own[step.layer.heads])
            onward = np.where(step.group >= 0, onward * weight[step.layer.legs], 0.0)
            own[step.layer.nodes] = np.add.reduceat(onward, step.layer.start[:-1])
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
