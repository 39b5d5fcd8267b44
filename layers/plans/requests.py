"""Requests for plans, for the service and its workers, and the names in them."""

from __future__ import annotations

import re

import pandas as pd

from geo.errors import InputError
from geo.i18n import Message
from geo.names import nearest, plain
from routes.outreach.request import OutreachPlanRequest
from routes.posts.request import STAFFED_HOURS, PostPlanRequest
from routes.scenarios.request import EvaluationOptions
from routes.watch.request import WatchPlanRequest

__all__ = [
    "BODY_FIELDS",
    "STAFFED_HOURS",
    "EvaluationOptions",
    "OutreachPlanRequest",
    "PostPlanRequest",
    "WatchPlanRequest",
    "with_village_ids",
]

BODY_FIELDS = {**PostPlanRequest.body_fields(), **OutreachPlanRequest.body_fields()}
"""Fields of a plan request under their names in the HTTP body, where those differ."""

_NEAREST = 3
_VILLAGE_CODE = re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}")


def with_village_ids(request: OutreachPlanRequest, villages: pd.DataFrame) -> OutreachPlanRequest:
    """The request with its lists as ids.

    Parameters
    ----------
    villages : DataFrame
        ``id``, ``code`` ('' where there is none) and ``name`` of the villages there are. A
        village may be given by any of them, by its name where that is unique.

    Raises
    ------
    InputError
        A village that is not in the table, is listed twice, or is in both lists.
    """
    lists = {
        name: _village_ids(name, getattr(request, name), villages) for name in ("must", "forbidden")
    }
    if both := [id_ for id_ in lists["must"] if id_ in lists["forbidden"]]:
        village = str(villages.set_index("id").at[both[0], "name"])
        raise InputError("outreach.must_and_forbidden", village=village, field="must")
    return OutreachPlanRequest.of(**{**dict(request), **lists})


def _village_ids(name: str, texts: tuple[str, ...], villages: pd.DataFrame) -> tuple[str, ...]:
    if not texts:
        return ()
    all_ids = set(villages["id"])
    by_code: dict[str, list[str]] = {}
    by_name: dict[str, list[str]] = {}
    for id_, code, village_name in villages[["id", "code", "name"]].itertuples(index=False):
        if code:
            by_code.setdefault(code, []).append(id_)
        by_name.setdefault(plain(str(village_name)), []).append(id_)
    ids = []
    listed = Message(f"outreach_list.{name}")
    for text in texts:
        matching_ids = (
            [text] if text in all_ids else by_code.get(text) or by_name.get(plain(text), [])
        )
        if len(matching_ids) > 1:
            choices = ", ".join(matching_ids[:_NEAREST])
            raise InputError(
                "outreach.ambiguous_village",
                name=listed,
                village=text,
                count=len(matching_ids),
                choices=choices,
                field=name,
            )
        if not matching_ids:
            raise _unknown(name, text, villages, by_name)
        if matching_ids[0] in ids:
            raise InputError("outreach.named_twice", name=listed, village=text, field=name)
        ids.append(matching_ids[0])
    return tuple(ids)


def _unknown(
    name: str, text: str, villages: pd.DataFrame, by_name: dict[str, list[str]]
) -> InputError:
    params = {"name": Message(f"outreach_list.{name}"), "village": text}
    if _VILLAGE_CODE.fullmatch(text):
        return InputError("outreach.village_without_point", **params, field=name)
    names = villages.set_index("id")["name"]
    labels = {f"{names[ids[0]]} ({ids[0]})": key for key, ids in by_name.items()}
    matches = nearest(text, labels)
    return InputError("outreach.unknown_village", **params, matches=matches, field=name)
