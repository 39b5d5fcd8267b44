"""What a build keeps of every drawn model: loads, flows of legs, and its corridors measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routes.corridors.batch import BatchMeasure, CorridorBatch
from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Integers

__all__ = ["DrawSummarizer", "DrawSummary"]


@dataclass(frozen=True, eq=False)
class DrawSummary:
    """Of one model: ``load`` of the survey's nodes, ``flow`` of its legs, its corridors."""

    load: Floats
    flow: Floats
    corridors: BatchMeasure


@dataclass(frozen=True, eq=False)
class DrawSummarizer:
    """What to keep of a model; small, so that it can be sent to where the model is drawn.

    Attributes
    ----------
    nodes, legs : int arrays
        Positions in the network.
    chains : Chains
    unofficial : bool array, shape (n,)
    hazard : array, shape (n,)
    """

    nodes: Integers
    legs: Integers
    chains: CorridorBatch
    unofficial: NDArray[np.bool_]
    hazard: Floats

    def __call__(self, model: FlowModel, vulnerability: Floats) -> DrawSummary:
        """Observe one fitted model, with the index by node that goes with it."""
        return DrawSummary(
            load=model.load_array[self.nodes],
            flow=model.leg_flow_.values_array[self.legs],
            corridors=self.measure(model, vulnerability),
        )

    def measure(
        self, model: FlowModel, vulnerability: Floats, *, groups: Integers | None = None
    ) -> BatchMeasure:
        """Measure the corridors alone; ``groups`` as of
        :meth:`routes.corridors.batch.CorridorBatch.measure`.
        """
        return self.chains.measure(
            model,
            vulnerability=vulnerability,
            unofficial=self.unofficial,
            hazard=self.hazard,
            groups=groups,
        )
