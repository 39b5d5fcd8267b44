"""What is asked of a plan: plain values that travel between the service and its workers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from geo.errors import InputError

__all__ = ["OutreachWish", "PostsWish", "with_village_ids"]


@dataclass(frozen=True, kw_only=True)
class PostsWish:
    """A post plan as asked for; see :func:`routes.posts.plan_posts`.

    Attributes
    ----------
    k : int or None
        Number of posts; with a budget, at most so many.
    budget : float or None
        Rupiah; needs ``costs``.
    fixed, forbidden : tuple of terminal ids
    costs : dict terminal id -> rupiah, or None
    within : str or None
        Code or name of an area in which posts may stand.
    hours_per_week : float
        Staffed hours.
    draws : int
        Draws behind interval and CVaR; 0 for the central model alone.
    cvar : float
        Level, 0 to below 1.
    """

    k: int | None = None
    budget: float | None = None
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    costs: dict[Any, float] | None = None
    within: str | None = None
    hours_per_week: float = 168.0
    draws: int = 30
    cvar: float = 0.9


@dataclass(frozen=True, kw_only=True)
class OutreachWish:
    """An outreach plan as asked for; see :func:`routes.outreach.plan_outreach`.

    Attributes
    ----------
    villages, budget, days : int, rupiah, days
        Exactly one.
    within : str or None
        Code or name of an area.
    radius_km, radius_hours : float or None
        One of them; 10 km where nothing is said.
    floor : float
        Least share of each regency's reachable departures.
    must, forbidden : tuple of str
        Villages by id or code.
    cost_per_village, cost_per_day : rupiah
    base : str or None
        A place to set out from; by default each regency's seat.
    """

    villages: int | None = None
    budget: float | None = None
    days: float | None = None
    within: str | None = None
    radius_km: float | None = None
    radius_hours: float | None = None
    floor: float = 0.0
    must: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    cost_per_village: float | None = None
    cost_per_day: float = 0.0
    base: str | None = None


def with_village_ids(wish: OutreachWish, villages: pd.DataFrame) -> OutreachWish:
    """The wish with its lists as ids.

    Parameters
    ----------
    villages : DataFrame
        ``id`` and ``code`` ('' where there is none) of the villages there are.

    Raises
    ------
    InputError
        A village that is not there, is named twice, or stands in both lists.
    """
    by_code = {c: i for c, i in zip(villages["code"], villages["id"], strict=True) if c}
    known = set(villages["id"])

    def found(name: str, given: tuple[str, ...]) -> tuple[str, ...]:
        ids = tuple(by_code.get(text, text) for text in given)
        for text, village in zip(given, ids, strict=True):
            if village not in known:
                raise InputError(f"{name} names {text}, which is not in the table", field=name)
            if ids.count(village) > 1:
                raise InputError(f"{name} names {text} twice; name each once", field=name)
        return ids

    must, forbidden = found("must", wish.must), found("forbidden", wish.forbidden)
    if both := set(must) & set(forbidden):
        raise InputError(f"{min(both)} must be chosen and is forbidden; drop one", field="must")
    return replace(wish, must=must, forbidden=forbidden)
