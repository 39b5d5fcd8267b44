"""Posts and observation rates at the terminals of a graph, as node attributes hold them.

A node may carry ``post`` (a :class:`Post` in force, whose hours are already in the legs) and
``watch``: rates of interception a person who passes, ``{(group or "*", role): rate}`` for every
year, or ``{(group or "*", role, year): rate}`` for one. Only terminals may, where people board,
alight or change: nobody is stopped aboard a vessel that calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from geo.errors import InputError, ModelError

__all__ = [
    "DETECTION",
    "DETERRENCE_H",
    "EVERYONE",
    "ORIGIN_KINDS",
    "ORIGIN_OR_HUB",
    "ROLES",
    "Post",
    "checked_watch",
    "decoded",
    "encoded",
    "exit_kind",
    "is_home_terminal",
    "scaled_post",
    "usual_post",
]

DETERRENCE_H = 12.0
"""Hours that a post staffed day and night adds to every leg that leaves its terminal (assumed): no
record separates deterrence from effort, and ensembles draw it (docs/decisions/0014)."""
DETECTION: Mapping[str, float] = MappingProxyType({"air": 0.08, "land": 0.08, "sea": 0.12})
"""Share of departures that such a post detects, by :func:`exit_kind` (assumed, before counts)."""

EVERYONE = "*"
"""Group of origins without one, and the default of ``utilities`` and ``watch``."""

ROLES = ("first", "exit", "transit")
"""Roles of a terminal in a journey: :meth:`routes.flow.FlowModel.expected_interceptions`."""

ORIGIN_KINDS = frozenset({"village", "district", "settlement", "seat"})
"""Kinds of the nodes where people set out (:mod:`routes.graph.origins`)."""

ORIGIN_OR_HUB = ORIGIN_KINDS | {"hub"}
"""Kinds of the nodes of origins and of the hubs that pass them on."""

_NOT_TERMINALS = ORIGIN_OR_HUB | {None, "destination", "aboard", "coast"}


@dataclass(frozen=True, kw_only=True)
class Post:
    """A staffed checkpoint at a terminal.

    Parameters
    ----------
    deterrence_h : float
        Hours of extra generalised cost on every leg that leaves the node (Delta), >= 0.
    detection : float
        Probability that one departure from the node is detected (q), 0 to 1.

    Examples
    --------
    >>> Post(deterrence_h=36.0, detection=0.3)
    Post(deterrence_h=36.0, detection=0.3)
    """

    deterrence_h: float = 0.0
    detection: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.deterrence_h) and self.deterrence_h >= 0):
            raise InputError("posts.deterrence", hours=self.deterrence_h, field="deterrence_h")
        if not 0 <= self.detection <= 1:
            raise InputError("posts.detection", detection=self.detection, field="detection")


def exit_kind(kind: str) -> str:
    """How people leave by a terminal of this kind.

    Examples
    --------
    >>> exit_kind("airport"), exit_kind("border_post"), exit_kind("ferry")
    ('air', 'land', 'sea')
    """
    return {"airport": "air", "border_post": "land"}.get(kind, "sea")


def usual_post(kind: str) -> Post:
    """A post staffed day and night at a terminal of this kind, where no count says more.

    Examples
    --------
    >>> usual_post("airport")
    Post(deterrence_h=12.0, detection=0.08)
    """
    return Post(deterrence_h=DETERRENCE_H, detection=DETECTION[exit_kind(kind)])


def scaled_post(post: Post, *, deterrence: float = 1.0, detection: float = 1.0) -> Post:
    """The post with its deterrence and its detection times these factors; detection at most 1.

    Examples
    --------
    >>> scaled_post(Post(deterrence_h=12.0, detection=0.1), deterrence=3.0)
    Post(deterrence_h=36.0, detection=0.1)
    """
    return Post(
        deterrence_h=post.deterrence_h * deterrence, detection=min(post.detection * detection, 1.0)
    )


def is_home_terminal(kind: object, country: object, *, watched: bool) -> bool:
    """Whether a node is a terminal in Indonesia; a node without ``kind`` is one where watched.

    A missing ``country`` means Indonesia.

    Examples
    --------
    >>> is_home_terminal("seaport", "ID", watched=False)
    True
    >>> is_home_terminal("aboard", "ID", watched=False)
    False
    """
    inside = country == "ID" or not isinstance(country, str)
    kind = kind if isinstance(kind, str) else None
    return inside and (kind not in _NOT_TERMINALS or (kind is None and watched))


def checked_watch(watch: Mapping[Any, Any], node: object) -> dict[tuple[Any, ...], float]:
    """Rates of a node; :class:`ModelError` where a key or a rate cannot be read.

    Examples
    --------
    >>> checked_watch({("*", "exit"): 0.1}, "batam")
    {('*', 'exit'): 0.1}
    """
    rates = {}
    for key, rate in watch.items():
        readable = (
            isinstance(key, tuple)
            and len(key) in (2, 3)
            and key[1] in ROLES
            and (len(key) == 2 or isinstance(key[2], (int, np.integer)))
            and isinstance(rate, (int, float, np.floating, np.integer))
        )
        if not (readable and np.isfinite(rate) and rate >= 0):
            raise ModelError("observation.rate", node=node, key=key, rate=rate)
        rates[key] = float(rate)
    return rates


_FORMS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "post": (asdict, lambda post: Post(**post)),
    "watch": (
        lambda watch: [[*key, rate] for key, rate in watch.items()],
        lambda rows: {tuple(key): rate for *key, rate in rows},
    ),
    "utilities": (dict, dict),
}
"""Node attributes that are no plain value, as JSON and back."""


def encoded(attribute: str, value: Any) -> Any:
    """A node attribute as a table can store it: JSON text where it is no plain value.

    Examples
    --------
    >>> encoded("post", Post(detection=0.5)), encoded("name", "Tenau")
    ('{"deterrence_h": 0.0, "detection": 0.5}', 'Tenau')
    """
    return json.dumps(_FORMS[attribute][0](value)) if attribute in _FORMS else value


def decoded(attribute: str, value: Any) -> Any:
    """The inverse of :func:`encoded`; a value that is not text stays as it is.

    Examples
    --------
    >>> decoded("post", '{"deterrence_h": 0.0, "detection": 0.5}')
    Post(deterrence_h=0.0, detection=0.5)
    """
    coded = attribute in _FORMS and isinstance(value, str)
    return _FORMS[attribute][1](json.loads(value)) if coded else value
