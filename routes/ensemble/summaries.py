"""What a build keeps of every drawn model: loads, flows of legs, the walks between terminals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routes.corridors.terminal_walks import (
    DETAILED,
    GroupWalks,
    TerminalLayout,
    TerminalWalks,
)
from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Integers

__all__ = ["DrawSummarizer", "DrawSummary"]


@dataclass(frozen=True, eq=False)
class DrawSummary:
    """Of one model: ``load`` of some nodes, ``flow`` of some legs, and what corridors need
    (:class:`routes.corridors.terminal_walks.TerminalDraws`).
    """

    load: Floats
    flow: Floats
    weight: Floats
    groups: GroupWalks
    walks: TerminalWalks | None


@dataclass(frozen=True, eq=False)
class DrawSummarizer:
    """What to keep of a model; small, so that it can be sent to where the model is drawn.

    Attributes
    ----------
    nodes, legs : int arrays
        Positions in the network.
    layout : TerminalLayout
    regency_of : int array, shape (n,)
        Regency of each origin in the layout; -1 elsewhere.
    """

    nodes: Integers
    legs: Integers
    layout: TerminalLayout
    regency_of: Integers

    def __call__(self, k: int, model: FlowModel, vulnerability: Floats) -> DrawSummary:
        """Summarise the fitted model of draw number k, with the index by node that goes with it."""
        walks = None
        if k < DETAILED:
            walks = TerminalWalks.of(
                self.layout, model, vulnerability=vulnerability, regency_of=self.regency_of
            )
        return DrawSummary(
            load=model.load_array[self.nodes],
            flow=model.leg_flow_.values_array[self.legs],
            weight=model.kernel_.weight[self.layout_legs(model)],
            groups=GroupWalks.of(model),
            walks=walks,
        )

    @staticmethod
    def layout_legs(model: FlowModel) -> Integers:
        """Legs of the layout among the live ones."""
        structure = model.kernel_.structure
        return np.concatenate([structure.inner, structure.arriving])
