"""The post plan: which terminals to staff so that most are stopped once people react.

:func:`plan_posts` maximises ``F(S) = sum_o r_o (1 - z''_o / z'_o)``
(:mod:`routes.posts.evaluation`) over sets of terminals by several starts and swaps
(:mod:`routes.posts.search`). With draws it maximises the mean over the worst of them (CVaR). A
plan gives where posts intercept and where the flow moves; it holds no route, and nothing that
helps to pass a post.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import index
from typing import Any

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.progress import ProgressCallback
from geo.requests import repeated
from routes.flow.model import FlowModel, Post
from routes.graph.arrays import Node
from routes.posts.evaluation import InterceptionEvaluator
from routes.posts.request import STAFFED_HOURS, PostPlanRequest
from routes.posts.result import Alternative, BlindPlan, Judge, Move, PostPlan
from routes.posts.search import Rules, Search, central, tail, tail_mean

__all__ = [
    "POST",
    "STAFFED_HOURS",
    "PostPlan",
    "plan_posts",
    "post_rules",
    "staffed_post",
]

POST = Post(deterrence_h=36.0, detection=0.3)
"""A post staffed day and night (assumed, confidence low): it deters as a day and a half
of travel would, and finds three in ten; no count separates detection from flow."""

_SHORTLIST = 40
"""Candidates that are tried on every draw, the best of the central model's."""
_MOVES = 12
"""Terminals listed in the displacement table."""


def staffed_post(hours_per_week: float, *, full: Post = POST) -> Post:
    """The post that is staffed only so many hours a week.

    Deterrence and detection in proportion to the hours: people are taken not to know the roster
    (assumed).

    Raises
    ------
    InputError
        If the hours are not 0 to 168.
    """
    if not 0 <= hours_per_week <= STAFFED_HOURS:
        raise InputError(
            "posts.hours_per_week", hours=hours_per_week, most=STAFFED_HOURS, field="hours_per_week"
        )
    share = hours_per_week / STAFFED_HOURS
    return Post(deterrence_h=full.deterrence_h * share, detection=full.detection * share)


def plan_posts(
    model: FlowModel,
    k: int | None,
    candidates: Collection[Node],
    *,
    post: Post | Mapping[Node, Post] = POST,
    rng: np.random.Generator,
    fixed: Collection[Node] = (),
    forbidden: Collection[Node] = (),
    costs: Mapping[Node, float] | None = None,
    budget: float | None = None,
    draws: Iterable[FlowModel] | None = None,
    cvar: float = 0.9,
    effort: int | None = None,
    watched: Collection[Node] | None = None,
    progress: ProgressCallback | None = None,
) -> PostPlan:
    """Choose posts that intercept most once people react.

    Parameters
    ----------
    model : FlowModel
        Fitted.
    k : int or None
        Number of posts, ``fixed`` among them; with a budget, at most so many (None: any number).
    candidates : collection of nodes
        Where a post may stand.
    post : Post, or mapping candidate -> Post
    rng : numpy.random.Generator
        Random starts.
    fixed, forbidden : collections of nodes
        Must, and must not, be in the plan.
    costs : mapping candidate -> money, >= 0
        Needed with ``budget``.
    budget : float, optional
    draws : iterable of fitted FlowModel, optional
        Other plausible models of the same graph. The plan then maximises CVaR over them, and its
        interception has an interval.
    cvar : float
        Level: 0.9 is the mean of the worst tenth of the draws, 0 the mean of all.
    effort : int, optional
        After the reasoned starts, go on from random ones and from the best set shaken until all
        candidates were added to a set so many times more; by default about one second's worth.
    watched : collection of nodes, optional
        Nodes of the displacement table; by default the candidates.
    progress : callable, optional
        ``progress(step, done, total)``.

    Raises
    ------
    InputError
        ``field`` names what is wrong: ``k``, ``budget``, ``costs``, ``fixed``, ``forbidden``,
        ``candidates``, ``cvar``.
    InfeasibleError
        The fixed posts alone cost more than the budget.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("Tawau", kind="destination")
    >>> graph.add_edge("village", "Kupang", hours=2.0)
    >>> graph.add_edge("village", "Atapupu", hours=30.0)
    >>> graph.add_edge("Kupang", "Tawau", hours=60.0)
    >>> graph.add_edge("Atapupu", "Tawau", hours=60.0)
    >>> model = FlowModel(theta=0.1).fit(graph, {"village": 100.0})
    >>> plan = plan_posts(model, 1, ["Kupang", "Atapupu"], rng=np.random.default_rng(0))
    >>> plan.posts
    ('Kupang',)
    """
    places = tuple(candidates)
    if (node := repeated(places)) is not None:
        raise InputError("posts.named_twice", name="candidates", node=node, field="candidates")
    request = PostPlanRequest.of(
        k=k if k is None else index(k), budget=budget, fixed=tuple(fixed),
        forbidden=tuple(forbidden), costs=None if costs is None else dict(costs), cvar=cvar,
    )  # fmt: skip
    rules = post_rules(places, request)
    central_evaluator = InterceptionEvaluator(model, places, post)
    search = Search(rules, central(central_evaluator), progress=progress)
    fixed_positions = sorted(rules.fixed)
    blind_search = Search(rules, central(central_evaluator, blind=True))
    blind, _ = blind_search.improve(blind_search.fill(fixed_positions)[0])
    for start in (search.fill(fixed_positions)[0], blind, _busiest(rules, model, places)):
        search.improve(start)
    scans_allowed = central_evaluator.effort if effort is None else effort
    allowed, perturbed = search.scans + scans_allowed, False
    # A start that leaves nothing to try takes no scan: the rounds are counted too.
    for _ in range(scans_allowed):
        if search.scans >= allowed or rules.count <= len(fixed_positions):
            break
        # New ground, and the neighbourhood of the best, in turn.
        best = list(search.best()[0][0]) if perturbed and search.values_by_set else None
        search.improve(_random(rules, rng) if best is None else _kick(rules, best, rng))
        perturbed = not perturbed
    scans = search.scans
    ranked = [(chosen, value) for chosen, value in search.best() if chosen]
    judge, drawn = Judge([central_evaluator]), [] if draws is None else list(draws)
    if drawn and ranked:
        ranked, judge, extra_scans = _robust(
            drawn, central_evaluator, places, post, rules, ranked, blind, cvar, progress
        )
        scans += extra_scans
    chosen = ranked[0][0] if ranked else ()
    return _plan_of(
        model, central_evaluator, list(chosen), blind, ranked[1:], judge,
        cvar if drawn and ranked else None,
        watched=places if watched is None else tuple(watched),
        cost=None if costs is None else float(rules.cost[list(chosen)].sum()), scans=scans,
    )  # fmt: skip


def post_rules(candidates: Sequence[Node], request: PostPlanRequest) -> Rules:
    """What a plan must keep to; refuses a request that these candidates cannot meet.

    Raises
    ------
    InputError
        ``field`` names what is wrong.
    InfeasibleError
        The fixed posts alone cost more than the budget.
    """
    position = {node: i for i, node in enumerate(candidates)}
    costs = request.costs or {}
    for name in ("fixed", "forbidden", "costs"):
        for node in getattr(request, name) or ():
            if node not in position:
                raise InputError("posts.no_candidate", name=name, node=node, field=name)
    allowed = np.array([node not in request.forbidden for node in candidates], bool)
    free = int(allowed.sum())
    if request.k is not None and request.k > free:
        raise InputError("posts.too_many", k=request.k, free=free, field="k")
    if request.budget is not None:
        for node in candidates:
            if node not in request.forbidden and node not in costs:
                raise InputError("posts.cost_missing", node=node, field="costs")
        spent = float(sum(costs[node] for node in request.fixed))
        if spent > request.budget * (1 + 1e-9):
            raise InfeasibleError("posts.fixed_over_budget", spent=spent, budget=request.budget)
    return Rules(
        count=free if request.k is None else request.k,
        fixed=frozenset(position[node] for node in request.fixed),
        allowed=allowed,
        cost=np.array([costs.get(node, 0.0) for node in candidates], float),
        budget=request.budget,
    )


def _busiest(rules: Rules, model: FlowModel, places: Sequence[Node]) -> list[int]:
    """Where most pass now: the baseline that every plan should beat."""
    load = model.load_array[[model.network_.position(node) for node in places]]
    return _in_order(rules, np.argsort(-load, kind="stable"))


def _random(rules: Rules, rng: np.random.Generator) -> list[int]:
    return _in_order(rules, rng.permutation(len(rules.allowed)))


def _kick(rules: Rules, chosen: list[int], rng: np.random.Generator) -> list[int]:
    """Keep half of a set, by chance, and fill up by chance."""
    loose = [j for j in chosen if j not in rules.fixed]
    kept = rng.permutation(loose)[: len(loose) // 2].tolist()
    order = rng.permutation(len(rules.allowed))
    return _in_order(rules, order, [*sorted(rules.fixed), *kept])


def _in_order(rules: Rules, order: Any, start: Sequence[int] | None = None) -> list[int]:
    chosen = sorted(rules.fixed) if start is None else list(start)
    for j in order.tolist():
        if rules.open(chosen)[j]:
            chosen.append(j)
        if len(chosen) >= rules.count:
            break
    return chosen


def _robust(
    draws: list[FlowModel],
    central_evaluator: InterceptionEvaluator,
    places: tuple[Node, ...],
    post: Post | Mapping[Node, Post],
    rules: Rules,
    ranked: list[tuple[tuple[int, ...], float]],
    blind: list[int],
    level: float,
    progress: ProgressCallback | None,
) -> tuple[list[tuple[tuple[int, ...], float]], Judge, int]:
    """Local search on the draws' objective; sets by CVaR, the judge of a set, and scans used."""
    single_values = central_evaluator.scan(())
    shortlist = {j for chosen, _ in ranked[:20] for j in chosen} | set(rules.fixed)
    shortlist |= set(blind)
    for j in np.argsort(-single_values, kind="stable").tolist():
        if len(shortlist) >= _SHORTLIST:
            break
        if rules.allowed[j]:
            shortlist.add(j)
    kept_candidates = sorted(shortlist)
    position = {j: i for i, j in enumerate(kept_candidates)}
    names = [places[j] for j in kept_candidates]
    fields = []
    for done, drawn in enumerate(draws):
        fields.append(InterceptionEvaluator(drawn, names, post))
        if progress:
            progress("draws", done + 1, len(draws))
    inner = Rules(
        count=min(rules.count, len(kept_candidates)),
        fixed=frozenset(position[j] for j in rules.fixed),
        allowed=rules.allowed[kept_candidates],
        cost=rules.cost[kept_candidates],
        budget=rules.budget,
    )
    robust_search = Search(inner, tail(fields, level), progress=progress)
    begins = [[position[j] for j in chosen] for chosen, _ in ranked[:20]]
    values = [(robust_search.value(begin), begin) for begin in begins]
    values.sort(key=lambda item: -item[0])
    for _, begin in values[:2]:
        robust_search.improve(begin)
    for value, begin in values:
        robust_search.values_by_set.setdefault(tuple(sorted(begin)), value)
    best = [
        (tuple(kept_candidates[i] for i in chosen), value)
        for chosen, value in robust_search.best()
        if chosen
    ]
    return best, Judge(fields, position), robust_search.scans


def _plan_of(
    model: FlowModel,
    central_evaluator: InterceptionEvaluator,
    chosen: list[int],
    blind: list[int],
    others: list[tuple[tuple[int, ...], float]],
    judge: Judge,
    level: float | None,
    *,
    watched: Sequence[Node],
    cost: float | None,
    scans: int,
) -> PostPlan:
    names = central_evaluator.candidates
    all_of_it = judge.mean(chosen)
    marginal = {names[j]: all_of_it - judge.mean([i for i in chosen if i != j]) for j in chosen}
    order = sorted(marginal, key=lambda node: -marginal[node])
    posts = {names[j]: central_evaluator.posts[j] for j in chosen}
    interception = model.intercept(posts)
    promised, delivered = judge.mean(blind, blind=True), judge.mean(blind)
    before = model.load_
    moves = [Move(node, before[node], interception.load[node]) for node in watched]
    moves.sort(key=lambda move: -abs(move.after - move.before))
    alternatives = []
    for other, _ in others[:3]:
        reached = judge.persons(other)
        persons = float(reached.mean())
        worst = None if level is None else float(tail_mean(reached, level))
        alternatives.append(
            Alternative(tuple(names[j] for j in other), persons, judge.share(persons), worst)
        )
    each = np.empty(0) if level is None else judge.persons(chosen)
    return PostPlan(
        posts=tuple(order),
        post=posts,
        marginal=marginal,
        interception=interception,
        persons=each,
        share=judge.share(all_of_it),
        cvar=None if level is None else float(tail_mean(each, level)),
        blind=BlindPlan(
            tuple(names[j] for j in blind),
            promised,
            delivered,
            judge.share(promised),
            judge.share(delivered),
        ),
        moves=tuple(move for move in moves[:_MOVES] if move.before != move.after),
        alternatives=tuple(alternatives),
        cost=cost,
        scans=scans,
    )
