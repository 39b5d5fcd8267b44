"""What flows over a corridor, how risky it is, who is on it, and how sure we are.

Answers say how many people pass and from where. Nothing here searches a way between two places or
says where one would go unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Integers

__all__ = [
    "CorridorMeter",
    "Measure",
    "place_id",
]


def place_id(name: str) -> str:
    """Id of a place from its name: ``place:labuan-bajo``."""
    return "place:" + name.casefold().replace(" ", "-")


@dataclass(frozen=True, eq=False)
class Measure:
    """What one model says of one corridor.

    Attributes
    ----------
    persons : float
        Expected persons a year who pass the waypoints in that order.
    by_origin : array, shape (n,)
        The same by the node where they start.
    vulnerability : float
        Index of their regencies, weighted by persons, 0-10.
    unofficial_share : float
        Share of them who pass at least one unofficial terminal on the whole journey.
    hazard : float
        Hazard of the destinations they end at, weighted by persons, 0-10.
    """

    persons: float
    by_origin: Floats
    vulnerability: float
    unofficial_share: float
    hazard: float


@dataclass(frozen=True, eq=False)
class CorridorMeter:
    """Measures corridors on fitted models of the same nodes.

    Attributes
    ----------
    unofficial : bool array, shape (n,)
        Unofficial terminals.
    hazard : array, shape (n,)
        Hazard at destinations, 0-10.
    """

    unofficial: NDArray[np.bool_]
    hazard: Floats

    def measure(
        self, model: FlowModel, corridors: Sequence[Sequence[Integers]], vulnerability: Floats
    ) -> list[Measure]:
        """Measure corridors of node groups; ``vulnerability`` is the index by origin node."""
        kernel = model.kernel_
        seen = kernel.thinned(np.where(self.unofficial, 0.0, 1.0))
        found = []
        for groups in corridors:
            by_origin = model.persons(kernel.passing(groups))
            persons = float(by_origin.sum())
            if persons <= 0:
                found.append(Measure(0.0, by_origin, 0.0, 0.0, 0.0))
                continue
            official = float(model.persons(seen.passing(groups)).sum())
            harm = float(model.persons(kernel.passing(groups, value=self.hazard)).sum())
            found.append(
                Measure(
                    persons=persons,
                    by_origin=by_origin,
                    vulnerability=float(by_origin @ vulnerability) / persons,
                    unofficial_share=float(np.clip(1.0 - official / persons, 0.0, 1.0)),
                    hazard=harm / persons,
                )
            )
        return found
