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
    """Corridors over all draws; ratios are means over those of which the origins are kept.

    Attributes
    ----------
    persons, score : arrays, shape (draws, corridors)
        Persons a year and the unrounded risk score, 0-10.
    components : mapping name -> array, shape (corridors,)
        :data:`routes.corridors.risk.COMPONENTS`; ``volume`` is the mean persons a year.
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
    >>> from routes.corridors.terminal_walks import TerminalLayout
    >>> from routes.ensemble.summaries import DrawSummarizer
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
    ...     hazard=np.where(nodes == "Tawau", 8.0, 0.0),
    ...     without_papers=np.zeros(3),
    ...     regencies=["53.01"],
    ...     regency_of=village,
    ... )
    >>> summarizer = DrawSummarizer(
    ...     nodes=np.arange(3), legs=np.arange(2), layout=layout, regency_of=village
    ... )
    >>> summary = summarizer(0, model, np.where(nodes == "village", 6.0, 0.0))
    >>> draws = TerminalDraws.of(layout, [summary])
    >>> summary = measure_corridors(draws, [[{"Kupang"}, {"Tawau"}]])
    >>> float(summary.persons[0, 0].round(6))
    100.0
    """
    batch = CorridorBatch.of(draws.layout, corridors)
    persons = batch.persons(draws)
    measures = [batch.measure(walks) for walks in draws]
    ratios = {
        name: np.mean([getattr(measure, name) for measure in measures], axis=0)
        for name in COMPONENTS[1:]
    }
    score = risk_score(
        persons=persons, vulnerability=ratios["vulnerability"], hazard=ratios["hazard"]
    )
    by_regency = np.mean([measure.by_regency for measure in measures], axis=0)
    whole = by_regency.sum(axis=1, keepdims=True)
    share = np.divide(by_regency, whole, out=np.zeros_like(by_regency), where=whole > 0)
    return CorridorSummary(
        persons=persons,
        score=score,
        components={"volume": persons.mean(axis=0), **ratios},
        by_regency=share * persons.mean(axis=0)[:, None],
    )
