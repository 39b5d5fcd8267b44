"""The result of a post plan: the posts, what they intercept, and alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from routes.flow.model import Post
from routes.flow.results import Interception
from routes.graph.arrays import Floats
from routes.posts.evaluation import InterceptionEvaluator

__all__ = ["Action", "Alternative", "BlindPlan", "MeanEvaluator", "Move", "PostPlan"]

Action = Literal["add", "move", "strengthen"]
"""What a plan or an alternative to it does with posts."""


@dataclass(frozen=True)
class BlindPlan:
    """The plan that ignores displacement: what it promises and what it delivers.

    Attributes
    ----------
    posts : tuple of nodes
    promised, delivered : float
        Persons a year if nobody reacted, and once people react; mean over the draws, if any.
    promised_share, delivered_share : float
        The same over all demand.
    """

    posts: tuple[Any, ...]
    promised: float
    delivered: float
    promised_share: float
    delivered_share: float


@dataclass(frozen=True)
class Move:
    """Expected persons a year through a node without and with the posts."""

    node: Any
    before: float
    after: float


@dataclass(frozen=True)
class Alternative:
    """A set of posts added, with its interception and, with draws, its CVaR; or a post in
    force that is moved and where to, or one that is strengthened.

    With draws the plan has the highest CVaR: an alternative may intercept more on average, and
    less in the worst draws.
    """

    posts: tuple[Any, ...]
    persons: float
    share: float
    cvar: float | None = None
    action: Action = "add"


@dataclass(frozen=True)
class Regret:
    """The chosen set where every post deters by ``deterrence_h``, and the best set found there.

    Persons a year beyond those in force, on the central model.
    """

    deterrence_h: float
    persons: float
    best: float

    @property
    def regret_share(self) -> float:
        """What the chosen set misses of the best; 0 where nobody can be stopped."""
        return 1.0 - self.persons / self.best if self.best > 0 else 0.0


@dataclass(frozen=True)
class PostPlan:
    """A set of posts and its expected effects.

    Attributes
    ----------
    posts : tuple of nodes
        In the order of their marginal value, largest first.
    post : dict node -> Post
    marginal : dict node -> float
        Persons a year fewer without that one post, mean over the draws, if any; may be negative for
        a fixed post.
    added : dict node -> float
        Persons a year that it adds to those before it in ``posts``, mean over the draws, if any;
        together what the plan intercepts. Marginal values add up to more where posts stop those
        whom each would send to the other, and to less where they watch the same ways.
    interception : Interception
        On the central model, solved again; persons beyond those in force, loads with both.
    persons : array, shape (draws,)
        Interception in each draw; empty without draws.
    share : float
        Of all demand that leaves: mean interception over mean demand of the draws, if any.
    cvar : float or None
        Mean over the worst draws, the objective where there are draws.
    blind : BlindPlan
    moves : tuple of Move
        The candidates with the largest change of load.
    alternatives : tuple of Alternative
        The best other sets, at most three, and the best change of a post in force of each kind;
        persons and share as for the plan itself.
    in_force : dict node -> Post
        Those that stand already, wherever they are.
    regret : tuple of Regret
    cost : float or None
    scans : int
        Number of evaluations of all candidates as additions to a set.
    compared : (int, int)
        Candidates that were compared exactly, of those there are (:mod:`routes.posts.shortlist`).
    """

    posts: tuple[Any, ...]
    post: dict[Any, Post]
    marginal: dict[Any, float]
    added: dict[Any, float]
    interception: Interception
    persons: Floats
    share: float
    cvar: float | None
    blind: BlindPlan
    moves: tuple[Move, ...]
    alternatives: tuple[Alternative, ...]
    in_force: Mapping[Any, Post]
    regret: tuple[Regret, ...]
    cost: float | None
    scans: int
    compared: tuple[int, int]

    def __repr__(self) -> str:
        posts = ", ".join(map(str, self.posts))
        persons = self.interval["mean"]
        return f"PostPlan([{posts}], {persons:.1f} persons a year, share {self.share:.3f})"

    @property
    def interval(self) -> dict[str, float | None]:
        """Persons a year: mean and 90 % interval over the draws; no interval without draws."""
        if not len(self.persons):
            return {"mean": self.interception.persons, "p05": None, "p95": None}
        low, high = np.percentile(self.persons, [5, 95])
        return {"mean": float(self.persons.mean()), "p05": float(low), "p95": float(high)}


@dataclass(frozen=True, eq=False)
class MeanEvaluator:
    """Evaluates every figure of a plan on the draws, or on the central model without draws.

    Attributes
    ----------
    evaluators : sequence of InterceptionEvaluator
    position : mapping of int to int, optional
        Position of each candidate in the evaluators, if they have only a subset.
    """

    evaluators: Sequence[InterceptionEvaluator]
    position: Mapping[int, int] | None = None

    def persons(self, chosen: Sequence[int], *, blind: bool = False) -> Floats:
        """Persons a year that a set intercepts by evaluator, shape (evaluators,)."""
        at = [j if self.position is None else self.position[j] for j in chosen]
        return np.array([evaluator.value(at, blind=blind) for evaluator in self.evaluators])

    def mean(self, chosen: Sequence[int], *, blind: bool = False) -> float:
        """Mean of :meth:`persons`."""
        return float(self.persons(chosen, blind=blind).mean())

    def share(self, persons: float) -> float:
        """Share of the mean demand; 0 where nobody leaves."""
        total = float(np.mean([evaluator.total for evaluator in self.evaluators]))
        return persons / total if total else 0.0
