"""Reasons for the choice of a village, and notes on unknown places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.classes import CLASSES, significant
from geo.i18n import Message

__all__ = ["named_regencies", "outdone_notes", "point_notes", "reason", "uncertain_notes"]

_MANY = 2.0
"""Villages represented by a point from which the reason and a note mention them."""
_NAMED = 5
_HERE_HOURS = 0.05
"""Hours shown as 0.0."""


def reason(row: Mapping[Any, Any], radius: float, *, with_persons: bool = True) -> Message:
    """Reason for the choice of a village: first what is its own, then what is its regency's.

    Parameters
    ----------
    row : mapping
        A row of :attr:`routes.outreach.plan.OutreachPlan.villages`.
    radius : float
        In km.
    with_persons : bool
        Whether the number of persons may be shown. Of a regency whose number is too uncertain to
        be stated (``stated`` of the row) none is shown in any case.
    """
    with_persons = with_persons and bool(row.get("stated", True))
    reach = {"count": int(row["places_covered"]), "radius": float(radius)}
    if with_persons:
        persons = {"persons": significant(row["persons_covered"])}
        clauses = [Message("reason.reaches_persons", {**reach, **persons})]
    else:
        clauses = [Message("reason.reaches_places", reach)]
    if (villages := _villages_of(row)) >= _MANY:
        clauses.append(Message("reason.stands_for_villages", {"villages": villages}))
    hours = row.get("travel_hours")
    if hours is not None and np.isfinite(hours):
        base, place = row.get("base"), "place" if row.get("base") else "base"
        if hours < _HERE_HOURS:
            clauses.append(Message(f"reason.at_{place}", {"base": base}))
        else:
            clauses.append(Message(f"reason.hours_from_{place}", {"base": base, "hours": hours}))
    if district := row.get("district"):
        clauses.append(Message("reason.in_district", {"district": district}))
    if row.get("must"):
        clauses.append(Message("reason.asked_for"))
    if regency := _of_regency(row, with_persons=with_persons):
        return Message("reason.outreach_and_regency", {"clauses": clauses, "regency": regency})
    return Message("reason.outreach", {"clauses": clauses})


def _of_regency(row: Mapping[Any, Any], *, with_persons: bool) -> list[Message]:
    """What speaks for the village as one of its regency: how common departure is there."""
    clauses = []
    if not (stated := bool(row.get("stated", True))):
        clauses.append(Message("reason.regency_uncertain"))
    rate = float(row.get("departures_per_100k") or np.nan)
    if with_persons and np.isfinite(rate):
        clauses.append(Message("reason.departures_per_100k", {"rate": significant(rate)}))
    if (name := row.get("class")) in CLASSES:
        clauses.append(Message("reason.departures_class", {"class": Message(f"class.{name}")}))
    elif stated and not with_persons and row.get("relative_rate", 0.0) >= 1:
        clauses.append(Message("reason.departures_above_mean"))
    return clauses


def point_notes(regencies: pd.DataFrame) -> list[Message]:
    """Note on the regencies where most departures are from villages of unknown place.

    Parameters
    ----------
    regencies : DataFrame
        :attr:`routes.outreach.plan.OutreachPlan.regencies`.
    """
    part = regencies["unplaced"] >= (1 - 1 / _MANY) * regencies["persons"]
    rows = regencies[part & (regencies["unplaced"] > 0)]
    names = rows.sort_values("unplaced", ascending=False, kind="stable")["regency"].tolist()
    return named_regencies(names, "note.villages_unplaced", "note.villages_unplaced_and_others")


def uncertain_notes(regencies: pd.DataFrame) -> list[Message]:
    """Note on regencies with a village whose number is too uncertain to be stated.

    Parameters
    ----------
    regencies : DataFrame
        :attr:`routes.outreach.plan.OutreachPlan.regencies`.
    """
    rows = regencies[~regencies["stated"] & (regencies["villages"] > 0)]
    names = sorted(rows["regency"])
    return named_regencies(names, "note.regencies_uncertain", "note.regencies_uncertain_and_others")


def outdone_notes(regencies: pd.DataFrame) -> list[Message]:
    """Note on regencies that have no village though more set out there than from most.

    Parameters
    ----------
    regencies : DataFrame
        :attr:`routes.outreach.plan.OutreachPlan.regencies`.
    """
    many = regencies["persons"] > regencies["persons"].mean()
    rows = regencies[regencies["outdone"] & regencies["stated"] & many]
    names = rows.sort_values("persons", ascending=False, kind="stable")["regency"].tolist()
    return named_regencies(names, "note.regencies_outdone", "note.regencies_outdone_and_others")


def named_regencies(names: list[str], of_few: str, of_many: str) -> list[Message]:
    """The note ``of_few`` on these regencies; of many, ``of_many`` names the first ones."""
    if not names:
        return []
    params = {"regencies": names[:_NAMED]}
    if len(names) > _NAMED:
        return [Message(of_many, {**params, "count": len(names) - _NAMED})]
    return [Message(of_few, params)]


def _villages_of(row: Mapping[Any, Any]) -> float:
    share = float(row.get("visit_share", 1.0))
    return 1.0 / share if share > 0 else 1.0
