"""The post plan: terminals to staff for most interceptions once people react.

:func:`plan_posts` maximises ``F(S) = sum_o r_o (1 - z''_o / z'_o)``
(:mod:`routes.posts.evaluation`) over sets of terminals by several starts and swaps
(:mod:`routes.posts.search`). With draws it maximises the conditional value at risk (CVaR), the mean
over the worst of them. A plan gives where posts intercept and where the flow moves; it holds no
route, and nothing that helps to pass a post.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import index
from typing import Any

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.progress import ProgressCallback
from geo.requests import repeated
from routes.flow.model import FlowModel, Post
from routes.graph.arrays import Network, Node
from routes.graph.checkpoints import DETERRENCE_H, scaled_post, usual_post
from routes.posts.evaluation import InterceptionEvaluator
from routes.posts.request import STAFFED_HOURS, PostPlanRequest
from routes.posts.result import (
    Action,
    Alternative,
    BlindPlan,
    MeanEvaluator,
    Move,
    PostPlan,
    Regret,
)
from routes.posts.search import Rules, Search, tail, tail_mean
from routes.posts.shortlist import shortlist

__all__ = [
    "POST",
    "STAFFED_HOURS",
    "PostPlan",
    "drawn_post",
    "plan_posts",
    "post_rules",
    "staffed_post",
]

POST = usual_post("seaport")
"""A post staffed day and night at a port."""

REGRET_H = (6.0, 12.0, 18.0, 36.0, 72.0)
"""Deterrence, in hours, under which the chosen set is compared with the best."""
STRENGTHENED = 2.0
"""Factor on deterrence and detection of a post in force that is strengthened."""

_SHORTLIST = 40
"""Candidates evaluated on every draw, the best of the central model's."""
_SETS = 20
"""Sets of the central search from which the search over the draws starts."""
_MOVES = 12
"""Terminals listed in the displacement table."""


def staffed_post(hours_per_week: float, kind: str = "seaport") -> Post:
    """A post staffed for some hours a week at a terminal of this kind: deterrence and detection in
    proportion to the hours.

    That people do not know the roster is assumed.

    Raises
    ------
    InputError
        If the hours are not 0 to :data:`STAFFED_HOURS`.

    Examples
    --------
    >>> staffed_post(84.0)
    Post(deterrence_h=6.0, detection=0.06)
    """
    if not 0 <= hours_per_week <= STAFFED_HOURS:
        raise InputError(
            "posts.hours_per_week", hours=hours_per_week, most=STAFFED_HOURS, field="hours_per_week"
        )
    share = hours_per_week / STAFFED_HOURS
    return scaled_post(usual_post(kind), deterrence=share, detection=share)


def drawn_post(post: Post, drawn: Network, central: Network) -> Post:
    """The post as a draw has it: its deterrence and the odds of its detection move as those of the
    posts in force do.
    """
    node, standing = next(iter(central.posts.items()), (None, post))
    if node is None or not standing.deterrence_h or not 0 < standing.detection < 1:
        return post
    there = drawn.posts[node]
    odds = there.detection / (1 - there.detection) * (1 - standing.detection) / standing.detection
    return Post(
        deterrence_h=post.deterrence_h * there.deterrence_h / standing.deterrence_h,
        detection=post.detection * odds / (1.0 - post.detection + post.detection * odds),
    )


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
    progress: ProgressCallback | None = None,
) -> PostPlan:
    """Choose posts that intercept most, beyond those in force, once people react.

    Parameters
    ----------
    model : FlowModel
        Fitted; posts in force stay.
    k : int or None
        Number of posts added, ``fixed`` included; with a budget, the most (None: no limit).
    candidates : collection of nodes
        Where a post may stand. None is added where one is in force; those may be moved or
        strengthened (``alternatives``).
    post : Post, or mapping candidate -> Post
    rng : numpy.random.Generator
        Random starts.
    fixed, forbidden : collections of nodes
        Must, and must not, be in the plan.
    costs : mapping candidate -> money, >= 0
        Needed with ``budget``.
    budget : float, optional
    draws : iterable of fitted FlowModel, optional
        Models of the same graph with drawn parameters. The plan then maximises CVaR over them,
        and its interception has an interval.
    cvar : float
        Level: 0.9 is the mean of the worst tenth of the draws, 0 the mean of all.
    effort : int, optional
        Scans of all candidates after the deterministic starts, from random starts and from
        perturbations of the best set; by default about one second's worth.
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
    >>> plan
    PostPlan([Kupang], 10.0 persons a year, share 0.100)
    """
    places = tuple(candidates)
    if (node := repeated(places)) is not None:
        raise InputError("posts.named_twice", name="candidates", node=node, field="candidates")
    request = PostPlanRequest.of(
        k=k if k is None else index(k), budget=budget, fixed=tuple(fixed),
        forbidden=tuple(forbidden), costs=None if costs is None else dict(costs), cvar=cvar,
    )  # fmt: skip
    standing = model.network_.posts
    rules = post_rules(places, request, standing)
    planned = {node: post if isinstance(post, Post) else post[node] for node in places}
    planned |= {node: Post() for node in standing if node in planned}  # moved: removed first
    kept = shortlist(model, places, planned, rules)
    compared = len(kept), len(places)
    places, rules = tuple(places[j] for j in kept), rules.restricted_to(kept)
    central_evaluator = InterceptionEvaluator(model, places, planned)
    at_deterrence = [
        _AtDeterrence.of(model, places, planned, rules, hours / DETERRENCE_H) for hours in REGRET_H
    ]
    search = Search(rules, central_evaluator.scan, progress=progress)
    fixed_positions = sorted(rules.fixed)
    blind_search = Search(rules, partial(central_evaluator.scan, blind=True))
    blind, _ = blind_search.improve(blind_search.fill(fixed_positions)[0])
    # The baseline that every plan should beat: where most pass now.
    load = model.load_array[[model.network_.position(node) for node in places]]
    busiest = _in_order(rules, np.argsort(-load, kind="stable"))
    others = [list(other.search.best()[0][0]) for other in at_deterrence if other.search.best()]
    for start in (search.fill(fixed_positions)[0], blind, busiest, *others):
        search.improve(start)
    scans_allowed = central_evaluator.effort if effort is None else effort
    allowed, perturbed = search.scans + scans_allowed, False
    # A start that leaves nothing to try takes no scan: the rounds are counted too.
    for _ in range(scans_allowed):
        if search.scans >= allowed or rules.count <= len(fixed_positions):
            break
        # A random start and a perturbation of the best set in turn.
        if perturbed and search.values_by_set:
            start = _perturbed(rules, search.best()[0][0], rng)
        else:
            start = _in_order(rules, rng.permutation(len(places)))
        search.improve(start)
        perturbed = not perturbed
    scans = search.scans
    ranked = [(chosen, value) for chosen, value in search.best() if chosen]
    mean_evaluator, drawn = MeanEvaluator([central_evaluator]), [] if draws is None else list(draws)
    if drawn and ranked:
        ranked, mean_evaluator, extra_scans = _robust(
            drawn, central_evaluator, places, planned, rules, ranked, blind, cvar, progress
        )
        scans += extra_scans
    chosen = ranked[0][0] if ranked else ()
    level = cvar if drawn and ranked else None
    changes = _changed_posts(central_evaluator, standing, planned, drawn or [model], level)
    return _plan_of(
        model, central_evaluator, list(chosen), blind, ranked[1:], mean_evaluator, level,
        changes=changes,
        regret=_regret(at_deterrence, list(chosen)),
        cost=None if costs is None else float(rules.cost[list(chosen)].sum()), scans=scans,
        compared=compared,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _AtDeterrence:
    """The plan's search where all posts, in force and added, deter by ``hours``."""

    hours: float
    evaluator: InterceptionEvaluator
    search: Search

    @classmethod
    def of(
        cls,
        model: FlowModel,
        places: Sequence[Node],
        planned: Mapping[Node, Post],
        rules: Rules,
        factor: float,
    ) -> _AtDeterrence:
        network = model.network_.with_deterrence(factor)
        changed = FlowModel(theta=model.theta).fit_network(network, model.demand_array)
        posts = {node: scaled_post(post, deterrence=factor) for node, post in planned.items()}
        evaluator = InterceptionEvaluator(changed, places, posts)
        search = Search(rules, evaluator.scan)
        search.improve(search.fill(sorted(rules.fixed))[0])
        return cls(factor * DETERRENCE_H, evaluator, search)


def _regret(at_deterrence: Sequence[_AtDeterrence], chosen: Sequence[int]) -> tuple[Regret, ...]:
    """The chosen set at each deterrence beside the best found there, from every other's best."""
    sets = [chosen, *(list(other.search.best()[0][0]) for other in at_deterrence if chosen)]
    table = []
    for other in at_deterrence:
        values = [(other.evaluator.value(each), list(each)) for each in sets]
        _, best = other.search.improve(max(values, key=lambda item: item[0])[1])
        persons = values[0][0]
        table.append(Regret(other.hours, persons, max(best, *(value for value, _ in values))))
    return tuple(table)


def _gain(model: FlowModel, posts: Mapping[Node, Post], central: Network) -> float:
    drawn = {node: drawn_post(post, model.network_, central) for node, post in posts.items()}
    return model.intercept(drawn).persons - model.intercept({}).persons


def _changed_posts(
    evaluator: InterceptionEvaluator,
    standing: Mapping[Node, Post],
    planned: Mapping[Node, Post],
    models: Sequence[FlowModel],
    level: float | None,
) -> tuple[Alternative, ...]:
    """The post in force that is best moved, and the one that is best strengthened.

    Chosen on the central model; persons are the mean over ``models``, against what stands.
    """
    names = evaluator.candidates
    movable = [j for j, node in enumerate(names) if node in standing]
    free = np.array([node not in standing for node in names], bool)
    if not movable:
        return ()
    changes: list[tuple[Action, tuple[Node, ...], dict[Node, Post]]] = []
    if free.any():
        moved = [np.where(free, evaluator.scan([j]), -np.inf) for j in movable]
        best = int(np.argmax([values.max() for values in moved]))
        pair = names[movable[best]], names[int(moved[best].argmax())]
        changes.append(("move", pair, {node: planned[node] for node in pair}))
    twice = {"deterrence": STRENGTHENED, "detection": STRENGTHENED}
    stronger = {names[j]: scaled_post(standing[names[j]], **twice) for j in movable}
    alone = InterceptionEvaluator(evaluator.model, list(stronger), stronger)
    node = alone.candidates[int(alone.scan(()).argmax())]
    changes.append(("strengthen", (node,), {node: stronger[node]}))
    alternatives = []
    for action, nodes, posts in changes:
        gains = np.array([_gain(m, posts, evaluator.model.network_) for m in models])
        persons = float(gains.mean())
        cvar = None if level is None else float(tail_mean(gains, level))
        everyone = float(np.mean([m.demand_array.sum() for m in models]))
        share = persons / everyone if everyone else 0.0
        alternatives.append(Alternative(nodes, persons, share, cvar, action))
    return tuple(alternatives)


def post_rules(
    candidates: Sequence[Node], request: PostPlanRequest, in_force: Collection[Node] = ()
) -> Rules:
    """The rules of a plan; refuses a request that these candidates cannot meet.

    No post is added where one is in force.

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
    for node in request.fixed:
        if node in in_force:
            raise InputError("posts.in_force", node=node, field="fixed")
    closed = {*request.forbidden, *in_force}
    allowed = np.array([node not in closed for node in candidates], bool)
    free = int(allowed.sum())
    if request.k is not None and request.k > free:
        raise InputError("posts.too_many", k=request.k, free=free, field="k")
    if request.budget is not None:
        for node in candidates:
            if node not in closed and node not in costs:
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


def _perturbed(rules: Rules, chosen: Sequence[int], rng: np.random.Generator) -> list[int]:
    """A random half of a set, filled up at random."""
    movable = [j for j in chosen if j not in rules.fixed]
    half = rng.permutation(movable)[: len(movable) // 2].tolist()
    return _in_order(rules, rng.permutation(len(rules.allowed)), half)


def _in_order(rules: Rules, order: Any, start: Sequence[int] = ()) -> list[int]:
    """The fixed candidates, those of ``start``, and the first of ``order`` that may be added."""
    chosen = [*sorted(rules.fixed), *start]
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
    post: Mapping[Node, Post],
    rules: Rules,
    ranked: list[tuple[tuple[int, ...], float]],
    blind: list[int],
    level: float,
    progress: ProgressCallback | None,
) -> tuple[list[tuple[tuple[int, ...], float]], MeanEvaluator, int]:
    """Local search over the draws; sets by CVaR, the evaluator over the draws, and scans used."""
    starts = [chosen for chosen, _ in ranked[:_SETS]]
    single_values = central_evaluator.scan(())
    shortlist = set(rules.fixed).union(blind, *starts)
    for j in np.argsort(-single_values, kind="stable").tolist():
        if len(shortlist) >= _SHORTLIST:
            break
        if rules.allowed[j]:
            shortlist.add(j)
    subset = sorted(shortlist)
    position = {j: i for i, j in enumerate(subset)}
    evaluators = []
    for done, drawn in enumerate(draws):
        network, central = drawn.network_, central_evaluator.model.network_
        posts = {places[j]: drawn_post(post[places[j]], network, central) for j in subset}
        evaluators.append(InterceptionEvaluator(drawn, list(posts), posts))
        if progress:
            progress("draws", done + 1, len(draws))
    search = Search(rules.restricted_to(subset), tail(evaluators, level), progress=progress)
    sets = [[position[j] for j in chosen] for chosen in starts]
    values = sorted(((search.value(chosen), chosen) for chosen in sets), key=lambda item: -item[0])
    for _, chosen in values[:2]:
        search.improve(chosen)
    for value, chosen in values:
        search.values_by_set.setdefault(tuple(sorted(chosen)), value)
    best = [(tuple(subset[i] for i in chosen), value) for chosen, value in search.best() if chosen]
    return best, MeanEvaluator(evaluators, position), search.scans


def _plan_of(
    model: FlowModel,
    central_evaluator: InterceptionEvaluator,
    chosen: list[int],
    blind: list[int],
    alternatives: list[tuple[tuple[int, ...], float]],
    mean_evaluator: MeanEvaluator,
    level: float | None,
    *,
    changes: tuple[Alternative, ...],
    regret: tuple[Regret, ...],
    cost: float | None,
    scans: int,
    compared: tuple[int, int],
) -> PostPlan:
    names = central_evaluator.candidates

    def set_of(chosen: Sequence[int]) -> Alternative:
        by_draw = mean_evaluator.persons(chosen)
        persons = float(by_draw.mean())
        cvar = None if level is None else float(tail_mean(by_draw, level))
        return Alternative(
            tuple(names[j] for j in chosen), persons, mean_evaluator.share(persons), cvar
        )

    plan = set_of(chosen)
    marginal = {
        names[j]: plan.persons - mean_evaluator.mean([i for i in chosen if i != j]) for j in chosen
    }
    # First the post that stops most alone, then the one that adds most to those before it.
    order: list[int] = []
    while len(order) < len(chosen):
        rest = [j for j in chosen if j not in order]
        order.append(max(rest, key=lambda j: mean_evaluator.mean([*order, j])))
    upto = [*(mean_evaluator.mean(order[:k]) for k in range(len(order))), plan.persons]
    added = dict(zip((names[j] for j in order), np.diff(upto).tolist(), strict=True))
    posts = {names[j]: central_evaluator.posts[j] for j in chosen}
    interception = model.intercept(posts)
    beyond = interception.persons - central_evaluator.in_force
    total = central_evaluator.total
    interception = replace(interception, persons=beyond, share=beyond / total if total else 0.0)
    promised, delivered = mean_evaluator.mean(blind, blind=True), mean_evaluator.mean(blind)
    before = model.load_
    moves = [Move(node, before[node], interception.load[node]) for node in names]
    moves.sort(key=lambda move: -abs(move.after - move.before))
    return PostPlan(
        posts=tuple(names[j] for j in order),
        post=posts,
        marginal=marginal,
        added=added,
        interception=interception,
        persons=np.empty(0) if level is None else mean_evaluator.persons(chosen),
        share=plan.share,
        cvar=plan.cvar,
        blind=BlindPlan(
            tuple(names[j] for j in blind),
            promised,
            delivered,
            mean_evaluator.share(promised),
            mean_evaluator.share(delivered),
        ),
        moves=tuple(move for move in moves[:_MOVES] if move.before != move.after),
        alternatives=(*(set_of(alternative) for alternative, _ in alternatives[:3]), *changes),
        in_force={node: post for node, post in model.network_.posts.items() if node in names},
        regret=regret,
        cost=cost,
        scans=scans,
        compared=compared,
    )
