"""The one measure of corridors: persons, components and score over the draws of a build."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routes.corridors.batch import CorridorBatch
from routes.corridors.risk import COMPONENTS, risk_score
from routes.corridors.terminal_walks import TerminalDraws
from routes.graph.elimination import Floats

__all__ = ["CorridorSummary", "measure_corridors"]


@dataclass(frozen=True, eq=False)
class CorridorSummary:
    """Corridors over all draws; every figure comes from the same draws.

    Attributes
    ----------
    persons, score : arrays, shape (draws, corridors)
        Persons a year and the unrounded risk score, 0-10.
    components : mapping name -> array, shape (corridors,)
        Means over the draws of :data:`routes.corridors.risk.COMPONENTS`; ``volume`` is persons a
        year.
    by_regency : array, shape (corridors, regencies)
        Mean persons a year by regency of origin; they add up to the mean persons.
    """

    persons: Floats
    score: Floats
    components: Mapping[str, Floats]
    by_regency: Floats


def measure_corridors(
    draws: TerminalDraws, corridors: Sequence[Sequence[Collection[str]]]
) -> CorridorSummary:
    """Measure corridors, each an ordered list of sets of nodes, on every draw.

    Examples
    --------
    >>> import networkx as nx
    >>> from routes.corridors.terminal_walks import TerminalLayout, TerminalWalks
    >>> from routes.flow import FlowModel
    >>> graph = nx.DiGraph()
    >>> graph.add_node("Tawau", kind="destination")
    >>> graph.add_edge("village", "Kupang", hours=2.0)
    >>> graph.add_edge("Kupang", "Tawau", hours=60.0)
    >>> model = FlowModel(theta=0.1).fit(graph, {"village": 100.0})
    >>> nodes = np.array(list(graph))
    >>> village = np.where(nodes == "village", 0, -1)
    >>> layout = TerminalLayout.of(
    ...     model.network_,
    ...     unofficial=nodes == "none",
    ...     hazard=np.where(nodes == "Tawau", 8.0, 0.0),
    ...     regencies=["53.01"],
    ...     regency_of=village,
    ... )
    >>> index = np.where(nodes == "village", 6.0, 0.0)
    >>> walks = TerminalWalks.of(layout, model, vulnerability=index, regency_of=village)
    >>> draws = TerminalDraws.of(layout, [walks])
    >>> summary = measure_corridors(draws, [[{"Kupang"}, {"Tawau"}]])
    >>> float(summary.persons[0, 0].round(6))
    100.0
    """
    batch = CorridorBatch.of(draws.layout, corridors)
    shape = (len(draws), len(corridors))
    persons, score = np.empty(shape), np.empty(shape)
    ratios = {name: np.zeros(len(corridors)) for name in COMPONENTS[1:]}
    by_regency = np.zeros((len(corridors), len(draws.layout.regencies)))
    for k, walks in enumerate(draws):
        measure = batch.measure(walks)
        parts = {name: getattr(measure, name) for name in COMPONENTS[1:]}
        persons[k] = measure.persons
        score[k] = risk_score(
            persons=measure.persons, vulnerability=measure.vulnerability, hazard=measure.hazard
        )
        for name, values in parts.items():
            ratios[name] += values
        by_regency += measure.by_regency
    count = len(draws)
    return CorridorSummary(
        persons=persons,
        score=score,
        components={
            "volume": persons.mean(axis=0),
            **{name: total / count for name, total in ratios.items()},
        },
        by_regency=by_regency / count,
    )
