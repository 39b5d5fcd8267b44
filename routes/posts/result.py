"""The result of a post plan: the posts, what they intercept, and alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routes.flow.model import Interception, Post
from routes.graph.arrays import Floats
from routes.posts.evaluation import InterceptionEvaluator

__all__ = ["Alternative", "BlindPlan", "Judge", "Move", "PostPlan"]


@dataclass(frozen=True)
class BlindPlan:
    """What a plan that forgets displacement promises and what it delivers.

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
    """Another set that was found, with its interception and, where there are draws, its CVaR.

    With draws the plan has the highest CVaR, so that an alternative may intercept more on average:
    it does worse in the worst draws.
    """

    posts: tuple[Any, ...]
    persons: float
    share: float
    cvar: float | None = None


@dataclass(frozen=True)
class PostPlan:
    """A set of posts and what is to be expected of it.

    Attributes
    ----------
    posts : tuple of nodes
        In the order of their marginal value, largest first.
    post : dict node -> Post
    marginal : dict node -> float
        Persons a year fewer without that one post, mean over the draws, if any; may be negative for
        a post that was fixed.
    interception : Interception
        On the central model, from a new solution.
    persons : array, shape (draws,)
        Interception in each draw; empty without draws.
    share : float
        Of all demand that leaves: mean interception over mean demand of the draws, if any.
    cvar : float or None
        Mean over the worst draws, the objective where there are draws.
    blind : BlindPlan
    moves : tuple of Move
        The nodes with the largest change of load, over all watched nodes.
    alternatives : tuple of Alternative
        The best other sets, at most three; persons and share as for the plan itself.
    cost : float or None
    scans : int
        How often every candidate was tried as an addition to a set.
    """

    posts: tuple[Any, ...]
    post: dict[Any, Post]
    marginal: dict[Any, float]
    interception: Interception
    persons: Floats
    share: float
    cvar: float | None
    blind: BlindPlan
    moves: tuple[Move, ...]
    alternatives: tuple[Alternative, ...]
    cost: float | None
    scans: int

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
class Judge:
    """Every figure of a plan on one basis: the draws, or the central model without draws.

    Attributes
    ----------
    fields : sequence of PostField
    where : mapping of int to int, optional
        Place of a candidate in the fields, where they hold only some.
    """

    fields: Sequence[InterceptionEvaluator]
    where: Mapping[int, int] | None = None

    def persons(self, chosen: Sequence[int], *, blind: bool = False) -> Floats:
        """Persons a year a set intercepts in each field, shape (fields,)."""
        at = [j if self.where is None else self.where[j] for j in chosen]
        return np.array([field.value(at, blind=blind) for field in self.fields])

    def mean(self, chosen: Sequence[int], *, blind: bool = False) -> float:
        """Mean of :meth:`persons`."""
        return float(self.persons(chosen, blind=blind).mean())

    def share(self, persons: float) -> float:
        """Of the mean demand of the fields; 0 where nobody leaves."""
        total = float(np.mean([field.total for field in self.fields]))
        return persons / total if total else 0.0
