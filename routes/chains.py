"""All draws of the model at once, as dense chains between terminals: fast corridor intervals.

A corridor is measured by a handful of small matrix products. Doing them for every draw in one
stacked operation costs little more than doing them for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from routes.flow import FlowModel
from routes.kernel import Walks
from routes.network import Floats, Integers, Network

__all__ = ["ChainStack", "StackedMeasure"]


@dataclass(frozen=True, eq=False)
class StackedMeasure:
    """One corridor on every draw: arrays of shape (draws,); see :class:`routes.corridors.Measure`.

    Ratios are 0 in draws where nobody passes.
    """

    persons: Floats
    vulnerability: Floats
    unofficial_share: Floats
    hazard: Floats


@dataclass(frozen=True, eq=False)
class ChainStack:
    """Dense sums over walks between the m terminals and destinations of D drawn models.

    Attributes
    ----------
    place : int array, shape (n,)
        Position of each network node among the m, or -1 (origins).
    step, total : arrays, shape (D, m, m)
        Leg weights ``W`` and ``N = (I - W)^-1``.
    official_step, official_total : arrays, shape (D, m, m)
        The same without departures from unofficial terminals.
    arrive, official_arrive, harm : arrays, shape (D, m)
        Weight of all walks to destinations; of official ones; and times the destination's hazard.
    entry, weighted_entry : arrays, shape (D, m)
        Persons a year over the origin's ``z``, entering at each node; and times their index.
    """

    place: Integers
    step: Floats
    total: Floats
    official_step: Floats
    official_total: Floats
    arrive: Floats
    official_arrive: Floats
    harm: Floats
    entry: Floats
    weighted_entry: Floats

    @classmethod
    def of(
        cls,
        network: Network,
        models: Iterable[FlowModel],
        vulnerability: Iterable[Floats],
        *,
        unofficial: NDArray[np.bool_],
        hazard: Floats,
    ) -> ChainStack:
        """Stack the drawn models; ``vulnerability`` gives the index by node for each."""
        place = network.structure.place
        inner = np.concatenate([network.structure.core, network.structure.ends])
        rows = []
        for model, index in zip(models, vulnerability, strict=True):
            kernel = model.kernel_
            seen = kernel.thinned(np.where(unofficial, 0.0, 1.0))
            step, official = (_dense(walks, place, len(inner)) for walks in (kernel, seen))
            start = model.start_weight
            rows.append(
                (
                    step,
                    kernel.inner_block(),
                    official,
                    seen.inner_block(),
                    kernel.z[inner],
                    seen.z[inner],
                    kernel.reach(hazard)[inner],
                    kernel.entry(start)[inner],
                    kernel.entry(start * index)[inner],
                )
            )
        return cls(place, *(np.array(column) for column in zip(*rows, strict=True)))

    def measure(self, groups: Sequence[Integers]) -> StackedMeasure:
        """Measure the corridor through node groups (terminals or destinations) on every draw.

        Raises
        ------
        InputError
            If a waypoint is an origin: corridors are between terminals.
        """
        spots = [self.place[group] for group in groups]
        if any((spot < 0).any() for spot in spots):
            raise InputError("a waypoint must be a terminal, a place or a destination")
        ends = np.stack([self.arrive, self.harm], axis=-1)
        passing = self._passing(spots, self.step, self.total, ends)
        official = self._passing(
            spots, self.official_step, self.official_total, self.official_arrive[..., None]
        )
        persons = np.einsum("dm,dm->d", self.entry, passing[..., 0])

        def share(amount: Floats) -> Floats:
            out = np.zeros_like(persons)
            return np.asarray(np.divide(amount, persons, out=out, where=persons > 0))

        kept = share(np.einsum("dm,dm->d", self.entry, official[..., 0]))
        return StackedMeasure(
            persons=persons,
            vulnerability=share(np.einsum("dm,dm->d", self.weighted_entry, passing[..., 0])),
            unofficial_share=np.where(persons > 0, np.clip(1.0 - kept, 0.0, 1.0), 0.0),
            hazard=share(np.einsum("dm,dm->d", self.entry, passing[..., 1])),
        )

    @staticmethod
    def _passing(spots: Sequence[Integers], step: Floats, total: Floats, onward: Floats) -> Floats:
        """:meth:`routes.kernel.Walks.passing` on every draw; ``onward`` has shape (D, m, v)."""
        for k in range(len(spots) - 1, -1, -1):
            spot = spots[k]
            if not len(spot):
                return np.zeros_like(onward)
            if k == len(spots) - 1:
                there = onward[:, spot]
            else:
                there = step[:, spot] @ onward
            block = total[:, spot[:, None], spot[None, :]]
            onward = total[:, :, spot] @ np.linalg.solve(block, there)
        return onward


def _dense(walks: Walks, place: Integers, size: int) -> Floats:
    matrix = np.zeros((size, size))
    inside = (place[walks.tail] >= 0) & (place[walks.head] >= 0)
    matrix[place[walks.tail[inside]], place[walks.head[inside]]] = walks.weight[inside]
    return matrix
