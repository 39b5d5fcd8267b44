"""Villages that adopted plans of visits name for a period beside those visited in it, by area.

A visit on record is the tick (docs/decisions/0039), whoever made it. Which village a visit outside
the plans was in is said of the reader's own organisation alone; of others it is counted by regency
and period, the finest of which is a quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from geo.codes import CODE_LENGTHS
from geo.errors import InputError
from geo.i18n import Message
from geo.periods import Period
from layers.query.area_names import inside

__all__ = ["PlannedVisit", "VillageVisit", "planned_against_done", "planned_sentence"]

Row = Mapping[str, Any]
State = Literal["open", "done", "other_month", "unplanned"]
_PROVINCE, _REGENCY = CODE_LENGTHS["province"], CODE_LENGTHS["regency"]
_STATES: tuple[State, ...] = ("open", "done", "other_month", "unplanned")
"""In the order of the list: what is left to do comes first."""
_COUNTED = ("own", "visited", "before")
"""What a row of a village has for the figures alone."""


@dataclass(frozen=True)
class PlannedVisit:
    """A village, by its code, that an adopted plan names: ISO months for which it is planned and in
    which it was visited (None: not yet), the months of the plan, and whether it is closed: then
    what was done stays, whatever is on record later.
    """

    code: str
    name: str
    planned: str
    done: str | None
    months: tuple[str, ...]
    closed: bool = False


@dataclass(frozen=True)
class VillageVisit:
    """A visit on record: code of the village, ISO month (or the year where no more is known), and
    whether the reader's own organisation recorded it.
    """

    code: str
    when: str
    own: bool


def planned_against_done(
    rows: Iterable[Row],
    areas: Iterable[Row],
    planned: Sequence[PlannedVisit],
    visits: Iterable[VillageVisit],
    period: Period,
    *,
    within: str,
    places: Mapping[str, Row],
) -> dict[str, Any]:
    """Planned against done of a province, by regency, or of a regency.

    Parameters
    ----------
    rows, areas : iterables of mapping
        The layers ``coverage`` and ``areas`` as the reader has them.
    planned : sequence of PlannedVisit
        Of the plans that the reader sees.
    visits : iterable of VillageVisit
        All on record. One of which only the year is known counts in a period of that year alone.
    period : Period
    within : str
        Code of a province or regency.
    places : mapping
        ``name, lon, lat`` of villages by code, as far as they are known.

    Returns
    -------
    dict
        ``period, months``, ``total`` and ``areas`` (one a regency with anything planned or
        visited), each with ``code, name``, ``planned`` (villages that a plan names for a month of
        the period), ``done`` and ``open`` of these, ``done_before`` (of the done, those not
        visited in the period itself), ``other_month`` (visited in the period, and named by a plan
        of the time for another month), ``unplanned`` (visited in it, and named by
        none of the plans), ``visited`` (all those visited in it), ``villages`` (that there are),
        ``visited_share`` in percent (None where no visit is on record, which is not zero) and
        ``departures_share``: of a province, the shares of its regencies weighted by their expected
        departures; None where one of these is not known, and of a regency. ``villages``: ``code,
        name, area, lon, lat, planned, done, state``, those not yet visited first; of the unplanned
        only the reader's own.

    Raises
    ------
    InputError
        ``within`` is finer than a regency: what others did in one village is not told.

    Examples
    --------
    >>> from geo.periods import period_of
    >>> quarter = period_of("2026-Q4")
    >>> plan = [
    ...     PlannedVisit("53.04.01.2001", "Lakan", "2026-10", "2026-11", quarter.months),
    ...     PlannedVisit("53.04.01.2002", "Fulur", "2026-12", None, quarter.months),
    ... ]
    >>> visits = [
    ...     VillageVisit("53.04.01.2001", "2026-11", False),
    ...     VillageVisit("53.04.02.2009", "2026-10", False),
    ... ]
    >>> belu = {"code": "53.04", "name": "Belu", "level": "regency", "villages": 80}
    >>> found = planned_against_done([belu], [], plan, visits, quarter, within="53.04", places={})
    >>> {name: found["total"][name] for name in ("planned", "done", "open", "unplanned")}
    {'planned': 2, 'done': 1, 'open': 1, 'unplanned': 1}
    >>> found["total"]["visited_share"], [row["name"] for row in found["villages"]]
    (2.5, ['Fulur', 'Lakan'])
    """
    if len(within) > _REGENCY:
        raise InputError("coverage.period_area", field="within", code=within)
    here = [visit for visit in visits if _in_period(visit.when, period)]
    here = [visit for visit in here if inside([visit.code], within)[0]]
    villages = _villages(planned, here, period, within, places)
    known = {row["code"]: row for row in rows if row["level"] != "village"}
    weights = {row["code"]: row.get("departures_mean") for row in areas}
    regencies = [code for code in known if len(code) == _REGENCY and inside([code], within)[0]]
    parts = {code: _figures(known[code], villages) for code in regencies}
    total = _figures(known.get(within, {"code": within, "name": within}), villages)
    if len(within) == _PROVINCE:
        total["departures_share"] = _by_departures(parts, weights)
    return {
        "period": period.code,
        "months": period.months,
        "total": total,
        "areas": [part for part in parts.values() if part["planned"] or part["visited"]],
        "villages": [
            {name: value for name, value in row.items() if name not in _COUNTED}
            for row in villages if row["state"] != "unplanned" or row["own"]
        ],
    }  # fmt: skip


def planned_sentence(total: Row, period: Period) -> Message | None:
    """The ``total`` of :func:`planned_against_done` in a sentence; None where nothing is on record.

    Examples
    --------
    >>> from geo.periods import period_of
    >>> total = dict(planned=4, done=1, open=3, done_before=0, other_month=0, unplanned=2)
    >>> planned_sentence({**total, "visited": 3}, period_of("2026-Q4")).in_language("en")
    'Plans of visits seen here, quarter 4 of 2026: 1 of 4 planned villages visited, 3 not yet. \
Visited outside these plans: 2.'
    """
    about = {"period": period.name}
    if not total["planned"] and not total["other_month"]:
        if not total["visited"]:
            return None
        return Message("document.visited_without_plan", {**about, "visited": total["visited"]})
    counts = {name: total[name] for name in ("planned", "done", "open")}
    clauses = [Message("document.planned_done", {**about, **counts})]
    clauses += [
        Message(f"document.planned_{name}", {"count": total[name]})
        for name in ("done_before", "other_month", "unplanned") if total[name]
    ]  # fmt: skip
    return Message("document.planned", {"clauses": clauses})


def _in_period(when: str, period: Period) -> bool:
    return when in period.months or when == period.code


def _villages(
    planned: Sequence[PlannedVisit], visits: Sequence[VillageVisit], period: Period, within: str,
    places: Mapping[str, Row],
) -> list[dict[str, Any]]:  # fmt: skip
    """A row a village, however many plans name it and visits it had."""
    steps: dict[str, list[PlannedVisit]] = {}
    for step in planned:
        if set(step.months) & set(period.months) and inside([step.code], within)[0]:
            steps.setdefault(step.code, []).append(step)
    months: dict[str, list[VillageVisit]] = {}
    for visit in visits:
        months.setdefault(visit.code, []).append(visit)
    found = []
    for code in sorted(steps.keys() | months.keys()):
        now = [step for step in steps.get(code, []) if step.planned in period.months]
        if not now and code not in months:
            continue  # of another month, and not visited in this period either
        of_plan = now or steps.get(code, [])
        seen = [visit.when for visit in months.get(code, [])]
        ticked = any(not step.closed for step in of_plan)
        done = [*(step.done for step in of_plan if step.done), *(seen if ticked else [])]
        own = [visit.when for visit in months.get(code, []) if visit.own]
        state: State = "unplanned"
        if now:
            state = "done" if done else "open"
        elif of_plan:
            state = "other_month"
        place = places.get(code, {})
        found.append({
            "code": code, "name": of_plan[0].name if of_plan else place.get("name", code),
            "area": code[:_REGENCY], "lon": place.get("lon"), "lat": place.get("lat"),
            "planned": min((step.planned for step in of_plan), default=None),
            "done": min(done if of_plan else own, default=None), "state": state,
            "own": bool(own), "visited": bool(seen),
            "before": state == "done" and not any(_in_period(when, period) for when in done),
        })  # fmt: skip
    return sorted(found, key=lambda row: (_STATES.index(row["state"]), row["name"], row["code"]))


def _figures(area: Row, villages: Sequence[Row]) -> dict[str, Any]:
    own = [row for row in villages if inside([row["code"]], area["code"])[0]]
    states = [row["state"] for row in own]
    visited, every = sum(row["visited"] for row in own), area.get("villages") or 0
    return {
        "code": area["code"], "name": area["name"],
        "planned": states.count("open") + states.count("done"),
        **{state: states.count(state) for state in _STATES},
        "done_before": sum(row["before"] for row in own),
        "visited": visited, "villages": every,
        "visited_share": 100.0 * visited / every if visited and every else None,
        "departures_share": None,
    }  # fmt: skip


def _by_departures(parts: Mapping[str, Row], departures: Mapping[str, Any]) -> float | None:
    weights = [departures.get(code) for code in parts]
    shares = [part["visited_share"] for part in parts.values()]
    if any(weight is None for weight in weights) or all(share is None for share in shares):
        return None
    known = [float(weight or 0.0) for weight in weights]
    if not sum(known):
        return None
    reached = sum(w * float(share or 0.0) for w, share in zip(known, shares, strict=True))
    return reached / sum(known)
