"""Which candidates are worth an exact search, where all of them at every origin are too many.

An exact scan weighs each candidate at each origin that chooses between ways. Where places of
origin lead to a hub (a district's road end), those are a few thousand; where every village has
legs of its own to several terminals, a scan of 700 candidates at 83,000 villages reads half a
gigabyte, and a plan takes hundreds of scans. So the search is first made for a sample of the
origins, and the exact one, for all of them, among the candidates that it found useful.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from routes.flow.model import FlowModel, Post
from routes.graph.arrays import Floats, Node
from routes.posts.evaluation import InterceptionEvaluator, merged_origins
from routes.posts.search import Rules, Search

__all__ = ["sampled_demand", "shortlist"]

MOST = 20_000_000
"""Candidates times origins up to which every candidate is weighed at every origin."""
_SAMPLE = 2_000_000
"""The same for the search among the sample."""
_EXACT = 5_000_000
"""The same for the exact search among those kept."""
_LEAST = 48
"""Candidates that are kept at least."""
_ORIGINS = 1_000
"""Origins that are sampled at least."""


def shortlist(
    model: FlowModel, places: Sequence[Node], posts: Mapping[Node, Post], rules: Rules
) -> list[int]:
    """Positions in ``places`` to search among: all of them where that is not too much.

    Fixed and standing posts stay; then the members of the best sets for the sample, then what adds
    most to the best of them and alone, for what it costs where there is a budget.
    """
    at = np.array([model.network_.position(node) for node in places], dtype=np.intp)
    watched = np.zeros(len(model.network_.nodes), bool)
    rows = sum(
        len(merged_origins(model.kernel_, at, group.demand, watched)[0]) for group in model.groups_
    )
    if rows * len(places) <= MOST:
        return list(range(len(places)))
    sample = model.with_demand(sampled_demand(model, max(_SAMPLE // len(places), _ORIGINS)))
    evaluator = InterceptionEvaluator(sample, places, posts)
    search = Search(rules, evaluator.scan)
    best, _ = search.improve(search.fill(sorted(rules.fixed))[0])
    standing = [j for j, node in enumerate(places) if node in model.network_.posts]
    kept = dict.fromkeys([*sorted(rules.fixed), *standing])
    kept |= dict.fromkeys(j for chosen, _ in search.best() for j in chosen)
    price = np.where(rules.cost > 0, rules.cost, 1.0) if rules.budget is not None else 1.0
    alone, added = (evaluator.scan(chosen) / price for chosen in ((), best))
    added[list(best)] = -np.inf
    size = max(_EXACT // rows, _LEAST, 3 * rules.count)
    for j in np.stack([np.argsort(-alone), np.argsort(-added)], axis=1).ravel().tolist():
        if len(kept) >= size:
            break
        kept.setdefault(j)
    return sorted(kept)


def sampled_demand(model: FlowModel, count: int) -> Floats:
    """Demand of about ``count`` origins that stand for all: as many persons, each origin as likely
    as it has persons, evenly along the order of the cheapest way out (systematic sampling).

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("Tawau", kind="destination")
    >>> for village in range(100):
    ...     graph.add_edge(village, "Kupang", hours=1.0 + village / 100)
    >>> graph.add_edge("Kupang", "Tawau", hours=60.0)
    >>> model = FlowModel(theta=0.1).fit(graph, dict.fromkeys(range(100), 3.0))
    >>> sample = sampled_demand(model, 10)
    >>> int((sample > 0).sum()), round(float(sample.sum()), 6)
    (10, 300.0)
    """
    network, demand = model.network_, model.demand_array
    by_hours = np.lexsort((network.hours, network.tail))
    tails, first = np.unique(network.tail[by_hours], return_index=True)
    way = np.full((2, len(demand)), np.inf)
    way[:, tails] = network.head[by_hours][first], network.hours[by_hours][first]
    order = np.lexsort((way[1], way[0]))
    cumulated = np.cumsum(demand[order])
    step = cumulated[-1] / count
    drawn = order[np.searchsorted(cumulated, step * (np.arange(count) + 0.5))]
    return np.asarray(np.bincount(drawn, minlength=len(demand)) * step, float)
