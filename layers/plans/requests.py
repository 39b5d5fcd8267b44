"""What is asked of a plan: plain values that travel between the service and its workers."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from geo.errors import InputError
from geo.names import plain

__all__ = ["OutreachPlanRequest", "PostPlanRequest", "with_village_ids"]

_NEAREST = 3
_VILLAGE_CODE = re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}")


@dataclass(frozen=True, kw_only=True)
class PostPlanRequest:
    """A post plan as asked for; see :func:`routes.posts.plan.plan_posts`.

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
class OutreachPlanRequest:
    """An outreach plan as asked for; see :func:`routes.outreach.plan.plan_outreach`.

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
        Villages by id, code or name.
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


def with_village_ids(wish: OutreachPlanRequest, villages: pd.DataFrame) -> OutreachPlanRequest:
    """The wish with its lists as ids.

    Parameters
    ----------
    villages : DataFrame
        ``id``, ``code`` ('' where there is none) and ``name`` of the villages there are. A
        village may be given by any of them, by its name where no other bears it.

    Raises
    ------
    InputError
        A village that is not there, is named twice, or stands in both lists.
    """
    must, forbidden = (
        _village_ids(name, given, villages)
        for name, given in (("must", wish.must), ("forbidden", wish.forbidden))
    )
    if both := set(must) & set(forbidden):
        raise InputError("outreach.must_and_forbidden", village=min(both), field="must")
    return replace(wish, must=must, forbidden=forbidden)


def _village_ids(name: str, given: tuple[str, ...], villages: pd.DataFrame) -> tuple[str, ...]:
    if not given:
        return ()
    known = set(villages["id"])
    by_code: dict[str, list[str]] = {}
    by_name: dict[str, list[str]] = {}
    for id_, code, called in villages[["id", "code", "name"]].itertuples(index=False):
        if code:
            by_code.setdefault(code, []).append(id_)
        by_name.setdefault(plain(str(called)), []).append(id_)
    ids = []
    for text in given:
        found = [text] if text in known else by_code.get(text) or by_name.get(plain(text), [])
        if len(found) > 1:
            listed = ", ".join(found[:_NEAREST])
            raise InputError(
                "outreach.ambiguous_village",
                name=name,
                village=text,
                count=len(found),
                choices=listed,
                field=name,
            )
        if not found:
            raise _unknown(name, text, villages, by_name)
        if found[0] in ids:
            raise InputError("outreach.named_twice", name=name, village=text, field=name)
        ids.append(found[0])
    return tuple(ids)


def _unknown(
    name: str, text: str, villages: pd.DataFrame, by_name: dict[str, list[str]]
) -> InputError:
    params = {"name": name, "village": text}
    if _VILLAGE_CODE.fullmatch(text):
        return InputError("outreach.village_without_point", **params, field=name)
    near = [by_name[key][0] for key in difflib.get_close_matches(plain(text), by_name, n=_NEAREST)]
    if not near:
        return InputError("outreach.unknown_village", **params, field=name)
    names = villages.set_index("id")["name"]
    choices = [f"{names[id_]} ({id_})" for id_ in near]
    return InputError("outreach.unknown_village_near", **params, choices=choices, field=name)
