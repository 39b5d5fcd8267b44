"""A watch plan on a build: what may be watched, the roster, and its answer in plain values.

An answer says where hours go and what they are expected to find. It holds no route and no
probability of a way, and says of nobody whom to suspect.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, StateError
from geo.i18n import Message
from geo.imports.days import today
from geo.imports.person_check import personal_text
from geo.imports.person_words import names_office
from geo.json_values import json_values
from geo.progress import ProgressCallback
from geo.shelters import names_shelter
from layers.documents.sailings import how_often
from layers.plans.requests import WatchPlanRequest
from routes.build.model import Build
from routes.flow.model import FlowModel, Post
from routes.graph.arrays import Network
from routes.graph.checkpoints import usual_post
from routes.posts.plan import drawn_post
from routes.watch.options import Option, options_of
from routes.watch.plan import Budget, WatchPlan, plan_watch
from routes.watch.request import LITRES_PER_HOUR
from routes.watch.roster import RosterRow, first_monday, monday_of, next_week, roster_of

__all__ = ["WatchTask", "watch_answer", "watch_task"]

Floats = NDArray[np.float64]

_LEG_COLUMNS = ("from_id", "to_id", "mode", "line", "departures_per_week", "departures_basis",
                "flow_mean")  # fmt: skip
_SEED_BITS = 53
_SPARE = 3
"""Sailings of a place that a sheet names beside the one of its shift."""


@dataclass(frozen=True, eq=False)
class WatchTask:
    """A request with its names resolved: the terminals, their legs, and what may be watched."""

    request: WatchPlanRequest
    terminals: pd.DataFrame
    legs: pd.DataFrame
    options: list[Option]
    calls: dict[int, tuple[int, ...]]


def watch_task(build: Build, request: WatchPlanRequest, terminals: pd.DataFrame) -> WatchTask:
    """Resolve a request on some terminals.

    Raises
    ------
    InputError
        ``field`` names what is wrong: an office that reads like a person, a week or sailing that
        is none.
    StateError
        The release is of an earlier edition and knows no ships.
    """
    for office in request.agencies:
        if personal_text(office) or names_shelter(office) or not names_office(office):
            raise InputError("watch.office", field="agencies")
    if request.start is not None:
        first_monday(request.start, _today())
    if missing := [name for name in _LEG_COLUMNS if name not in build.legs]:
        raise StateError("release.column_missing", columns=missing, layer="legs")
    legs = build.legs[build.legs["from_id"].isin(terminals["id"])]
    legs = legs.set_index(pd.RangeIndex(len(legs)))
    options = options_of(terminals, legs, hours=request.watch_hours)
    at = {
        str(legs.at[option.services[0], "id"]): o
        for o, option in enumerate(options)
        if option.sailing
    }
    for name in request.calls:
        if name not in at:
            raise InputError("watch.no_sailing", sailing=name, field="calls")
    calls = {at[name]: weeks for name, weeks in request.calls.items()}
    return WatchTask(request, terminals, legs, options, calls)


def watch_answer(
    build: Build, task: WatchTask, progress: ProgressCallback, done: Iterable[str] = ()
) -> dict[str, Any]:
    """The plan of a task; ``done`` has a terminal once for every watch kept there lately.

    Raises
    ------
    InfeasibleError
        The message says what to change.
    """
    request = task.request
    budget = Budget.of(
        hours=request.hours, persons=request.persons, watch_hours=request.watch_hours,
        boats=request.boats, litres=request.litres, litres_per_hour=request.litres_per_hour,
        weeks=request.weeks, travel_hours=request.travel_hours,
    )  # fmt: skip
    central = build.flow_model()
    values = [_values(build, task, central, build.network)]
    models = islice(build.drawn_models(), request.draws)
    for number, model in enumerate(models, 1):
        values.append(_values(build, task, model, build.network))
        progress("draws", number, request.draws)
    by_draw = np.array(values[1:] or values)
    load = build.at_terminals(central.load_array)
    load_of = dict(zip(build.terminals["id"], load.tolist(), strict=True))
    watchable = {option.terminal for option in task.options}
    largest = max(sorted(watchable), key=lambda place: load_of[place], default="")
    seed = secrets.randbits(_SEED_BITS) if request.seed is None else request.seed
    rng = np.random.default_rng(seed)
    progress("plan", 0, 1)
    plan = plan_watch(
        task.options, by_draw.mean(axis=0), budget, largest=largest,
        fresh=_fresh(task, budget, build.network.posts), fresh_share=request.unwatched_share,
        rotation_share=request.rotation_share, most_weeks_share=request.most_weeks_share,
        rng=rng, calls=task.calls, watched=(watched := _watched(task, done)),
    )  # fmt: skip
    start = request.start or next_week(_today())
    rows = roster_of(
        plan.shifts, task.options, start=monday_of(start), known=frozenset(task.calls), rng=rng
    )
    return _answer(build, task, budget, plan, rows, by_draw, largest, start=start, seed=seed,
                   watched=watched)  # fmt: skip


def _watched(task: WatchTask, done: Iterable[str]) -> dict[str, int]:
    """Watches kept lately by terminal, of those that the plan may choose of."""
    own = {option.terminal for option in task.options}
    return dict(Counter(terminal for terminal in done if terminal in own))


def _today() -> date:
    return date.fromisoformat(today())


def _values(build: Build, task: WatchTask, model: FlowModel, central: Network) -> Floats:
    """Persons whom a first shift of each option is expected to find, in one draw."""
    drawn = model.network_
    at = build.at_terminals(model.load_array)
    load = dict(zip(build.terminals["id"], at, strict=True))
    kinds = dict(zip(task.terminals["id"], task.terminals["kind"], strict=True))
    values = []
    for option in task.options:
        post = drawn_post(usual_post(kinds[option.terminal]), drawn, central)
        before = drawn.posts.get(option.terminal, Post()).detection
        persons = float(option.persons(np.asarray(load[option.terminal])))
        values.append(persons * post.detection * (1.0 - before))
    return np.array(values, float)


def _fresh(task: WatchTask, budget: Budget, posts: Mapping[Any, Post]) -> frozenset[str]:
    """Where nobody watches today: landings within reach; without any, all places without a post."""
    places = {o.terminal for o in task.options if o.terminal not in posts}
    kinds = dict(zip(task.terminals["id"], task.terminals["kind"], strict=True))
    afloat = {option.terminal for option in task.options if option.afloat}
    landings = {place for place in places if kinds[place] == "unofficial"}
    reached = landings if budget.trips else landings - afloat
    return frozenset(reached or places)


def _interval(values: Floats, *, drawn: bool) -> dict[str, float | None]:
    if not drawn:
        return {"mean": float(values.mean()), "p05": None, "p95": None}
    low, high = np.percentile(values, [5, 95])
    return {"mean": float(values.mean()), "p05": float(low), "p95": float(high)}


def _answer(
    build: Build, task: WatchTask, budget: Budget, plan: WatchPlan, rows: Sequence[RosterRow],
    values: Floats, largest: str, *, start: str, seed: int, watched: Mapping[str, int],
) -> dict[str, Any]:  # fmt: skip
    request, weeks = task.request, task.request.weeks
    names = build.terminals.set_index("id")[["name", "kind", "lon", "lat", "area_code"]]
    posts = build.network.posts
    shift_hours = request.shift_hours
    litres_per_trip = request.litres_per_hour * request.watch_hours

    def found(effective: Floats) -> dict[str, float | None]:
        persons = plan.persons_per_week(values, weeks, effective)
        return _interval(persons, drawn=request.draws > 0)

    def place(terminal: str) -> dict[str, Any]:
        row = names.loc[terminal]
        return {"id": terminal, **{name: row[name] for name in ("name", "kind", "lon", "lat")}}

    def service(i: int) -> dict[str, Any]:
        leg = task.legs.loc[i]
        return {
            "id": leg["id"], "line": leg["line"] or "", "mode": leg["mode"],
            "to": names.loc[leg["to_id"], "name"] if leg["to_id"] in names.index else "",
            "per_week": None if pd.isna(leg["departures_per_week"])
            else float(leg["departures_per_week"]),
            "basis": leg["departures_basis"] or "",
        }  # fmt: skip

    def services(option: Option) -> list[dict[str, Any]]:
        return [service(i) for i in option.services]

    of_place: dict[str, list[Option]] = {}
    for option in task.options:
        of_place.setdefault(option.terminal, []).append(option)
    shifts: list[dict[str, Any]] = []
    for row in rows:
        option = task.options[row.option]
        others = [o for o in of_place[option.terminal] if o is not option]
        spare = [s for o in others for s in services(o)][:_SPARE]
        shifts.append({
            "number": row.number, "week": row.week, "day": row.day,
            "terminal": place(option.terminal),
            "sailing": option.sailing, "services": services(option),
            "often": how_often(services(option)).as_dict(), "call_known": row.call_known,
            "beside": spare, "hours": request.watch_hours, "persons": request.persons,
            "boat": option.afloat, "litres": litres_per_trip if option.afloat else 0.0,
        })  # fmt: skip
    terminals: list[dict[str, Any]] = []
    for terminal in sorted({shift["terminal"]["id"] for shift in shifts}):
        mine = [shift for shift in shifts if shift["terminal"]["id"] == terminal]
        only = np.array([option.terminal == terminal for option in task.options])
        terminals.append({
            **place(terminal), "shifts": len(mine),
            "hours_per_week": len(mine) * shift_hours / weeks,
            "weeks": len({shift["week"] for shift in mine}), "watched_today": terminal in posts,
            "rotation": terminal in plan.rotation,
            "persons_per_week": found(plan.effective * only),
        })  # fmt: skip
    terminals.sort(key=lambda row: (-row["persons_per_week"]["mean"], row["id"]))
    open_places = _fresh(task, budget, posts)
    fresh = [shift for shift in shifts if shift["terminal"]["id"] in open_places]
    landings = [option for option in task.options if option.afloat]
    document = {
        "start": start, "monday": monday_of(start).isoformat(), "weeks": weeks,
        "agencies": list(request.agencies),
        "budget": {
            "hours": request.hours, "persons": request.persons, "watch_hours": request.watch_hours,
            "travel_hours": request.travel_hours,
            "shifts_per_week": budget.shifts, "trips_per_week": budget.trips,
            "hours_per_week": len(shifts) * shift_hours / weeks,
            "litres_per_week": sum(shift["litres"] for shift in shifts) / weeks,
        },
        "persons_per_week": found(plan.effective),
        "evenly": found(plan.evenly),
        "at_largest": {**place(largest), "persons_per_week": found(plan.at_largest)},
        "terminals": terminals,
        "roster": shifts,
        "most_weeks_share": plan.most_weeks, "most_a_week": plan.most_a_week,
        "overlap": plan.overlap,
        "unwatched_share": len(fresh) / len(shifts) if shifts else 0.0,
        "gap": plan.gap, "seed": seed,
        "assumption": Message("assumption.watch").as_dict(),
        "notes": [
            note.as_dict()
            for note in _notes(task, budget, plan, landings, posts, shift_hours, watched)
        ],
    }  # fmt: skip
    return dict(json_values(document))


def _notes(
    task: WatchTask, budget: Budget, plan: WatchPlan, landings: Sequence[Option],
    posts: Mapping[Any, Post], shift_hours: float, watched: Mapping[str, int],
) -> list[Message]:  # fmt: skip
    """What the reader must know to use the plan rightly."""
    request, notes = task.request, [Message("watch.note_season")]
    if request.travel_hours:
        notes.append(Message("watch.note_travel_counted", {"hours": request.travel_hours}))
    else:
        notes.append(Message("watch.note_travel"))
    notes.append(Message("watch.note_drawn", {"share": plan.overlap}))
    if watched:
        about = {"watches": sum(watched.values()), "places": len(watched)}
        notes.append(Message("watch.note_done", about))
    if plan.unused:
        unused = plan.unused * shift_hours / request.weeks
        notes.append(Message("watch.note_unused", {"hours": unused}))
    rest = request.hours - budget.shifts * shift_hours
    if rest >= 1:
        notes.append(Message("watch.note_rest", {"hours": rest, "shift": shift_hours}))
    if not landings:
        notes.append(Message("watch.note_no_landing"))
    elif not budget.trips:
        notes.append(Message("watch.note_no_boat", {"count": len(landings)}))
    else:
        low, _, high = (
            Budget.of(
                hours=request.hours, persons=request.persons, watch_hours=request.watch_hours,
                boats=request.boats, litres=request.litres, litres_per_hour=litres, weeks=1,
            ).trips
            for litres in LITRES_PER_HOUR
        )  # fmt: skip
        each = {"low": LITRES_PER_HOUR[0], "high": LITRES_PER_HOUR[-1]}
        notes.append(Message("watch.note_fuel", {"most": low, "least": high, **each}))
    if all(option.terminal in posts for option in task.options):
        notes.append(Message("watch.note_all_watched"))
    return notes
