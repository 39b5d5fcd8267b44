"""What a build keeps of every drawn model: loads, flows of legs, the walks between terminals."""

from __future__ import annotations

from dataclasses import dataclass

from routes.corridors.terminal_walks import TerminalLayout, TerminalWalks
from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Integers

__all__ = ["DrawSummarizer", "DrawSummary"]


@dataclass(frozen=True, eq=False)
class DrawSummary:
    """Of one model: ``load`` of some nodes, ``flow`` of some legs, and what corridors need.

    The last four are as of :class:`routes.corridors.terminal_walks.TerminalWalks`.
    """

    load: Floats
    flow: Floats
    weight: Floats
    entry: Floats
    index_entry: Floats
    value: Floats


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

    def __call__(self, model: FlowModel, vulnerability: Floats) -> DrawSummary:
        """Summarise one fitted model, with the index by node that goes with it."""
        walks = TerminalWalks.of(
            self.layout, model, vulnerability=vulnerability, regency_of=self.regency_of
        )
        return DrawSummary(
            load=model.load_array[self.nodes],
            flow=model.leg_flow_.values_array[self.legs],
            weight=walks.weight,
            entry=walks.entry,
            index_entry=walks.index_entry,
            value=walks.value,
        )
