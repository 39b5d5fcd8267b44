"""Evaluation of plans and scenarios, for the service and the command line.

The only module of layers that evaluates the model (docs/decisions/0005; the roster of a watch plan
is in :mod:`layers.plans.watch`): on a build from the
command line, or on the model folder of a release from the service. What an answer holds depends on
the reader's :class:`~layers.visibility.Rights`. Answers are plain values; none holds a route, or
anything that helps to pass a post.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.errors import AmbiguousNameError, InfeasibleError, InputError, UnknownNameError
from geo.i18n import languages
from geo.names import area_code, plain
from geo.progress import ProgressCallback, silent
from layers.plans.requests import (
    OutreachPlanRequest,
    PostPlanRequest,
    WatchPlanRequest,
    with_village_ids,
)
from layers.plans.serialize import (
    comparison,
    comparison_shares,
    displacement,
    outreach_answer,
    posts_answer,
    scenario_answer,
    scenario_shares,
)
from layers.plans.watch import WatchTask, watch_answer, watch_task
from layers.query.area_names import inside
from layers.query.pretexts import pretexts_by_regency
from layers.release.model_folder import ModelParts, read_parts, write_parts
from layers.visibility import (
    OPERATOR,
    PROVINCE_PARTS,
    RIGHTS,
    SHARE_STEP,
    Rights,
    below_regency,
    coarse_share,
    province_limit,
)
from routes.build.corridor_answer import describe_corridor
from routes.build.model import Build
from routes.build.store import corridor_parts, read_corridor_parts, write_corridor_parts
from routes.ensemble.draws import Draws
from routes.graph.islands import land_units
from routes.outreach.candidates import every_village, pick_villages, seat_names
from routes.outreach.plan import OutreachPlan, plan_outreach
from routes.outreach.reasons import reason
from routes.posts.plan import PostPlan, plan_posts, post_rules, staffed_post
from routes.scenarios.drivers import Drivers, load_drivers
from routes.scenarios.effects import assumptions_of
from routes.scenarios.model import ScenarioModel, ScenarioResult
from routes.scenarios.request import EFFECT, MOST_CORRIDORS, SERVICES, Scenario
from routes.vulnerability.framework import Framework

__all__ = ["CorridorService", "OutreachOutcome", "PlanService", "PostsOutcome", "model_writer"]

_SEED = 2018
_EVERYTHING = RIGHTS[OPERATOR]
_MOST_STOPS = 100
"""Terminals and ships that a corridor's places may have together: what takes some seconds."""
_MODELS = 2
"""Scenario models kept ready, one for each number of draws."""
_MODEL_COLUMNS = {
    "areas": ("code", "name", "level", "departures_mean"),
    "settlements": ("id", "name", "lat", "lon", "population", "district_code", "regency_code"),
    "terminals": ("id", "name", "place", "kind", "country", "area_code", "lat", "lon",
                  "staffed_by", "watched", "official"),
    "legs": ("id", "from_id", "to_id", "mode", "hours", "departures_per_week", "fare_idr",
             "fare_year", "length_km", "line_departures_per_week", "line", "departures_basis",
             "flow_mean"),
    "corridors": ("id", "waypoints", "waypoint_names"),
    "posts": ("terminal_id", "name", "since", "until", "evidence_from"),
}  # fmt: skip
_BASE_COLUMNS = ("id", "name", "lat", "lon", "population", "area_code", "official", "land")


@dataclass(frozen=True, eq=False)
class PostsOutcome:
    """A post plan, its answer in plain values, and its displacement as GeoJSON."""

    plan: PostPlan
    answer: dict[str, Any]
    displacement: dict[str, Any]


@dataclass(frozen=True, eq=False)
class OutreachOutcome:
    """An outreach plan, its answer in plain values, names and codes of its areas, and its bases.

    Without a code it is of the whole country.
    """

    plan: OutreachPlan
    answer: dict[str, Any]
    area: str
    codes: tuple[str, ...]
    bases: dict[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class _OutreachTask:
    """An outreach request with its names resolved."""

    request: OutreachPlanRequest
    codes: tuple[str, ...]
    base: tuple[str, float, float, str] | None
    area: str


class PlanService:
    """Plans and scenarios on one model; safe to share between threads.

    Use :meth:`of_build` or :meth:`open`. Methods with ``rights`` answer within them: ``province``
    is the own province of a reader whose rights are those of one.
    """

    def __init__(
        self,
        build: Build,
        *,
        villages: Callable[[], pd.DataFrame],
        bases: Callable[[], pd.DataFrame],
        drivers: Callable[[], Drivers],
        corridors: Callable[[], Mapping[str, Any]],
    ) -> None:
        self.build = build
        self._find_villages, self._find_bases, self._find_drivers = villages, bases, drivers
        self._find_corridors = corridors
        self._scenarios: dict[int, ScenarioModel] = {}
        self._lock = threading.Lock()

    @classmethod
    def of_build(cls, build: Build, dataset: Dataset) -> Self:
        """On a build and the data it was made from."""
        dataset = dataset.permitted("model")

        def bases() -> pd.DataFrame:
            towns, ports = build.settlements, build.terminals
            towns = towns.assign(area_code=towns["regency_code"], official=True)
            seats = dataset.seats.assign(id=dataset.seats["code"], area_code=dataset.seats["code"])
            seats = seats.assign(name=seat_names(seats), official=True, population=np.nan)
            ports = ports.assign(population=np.nan)
            table = pd.concat([towns, seats, ports], ignore_index=True)
            (table["land"],) = land_units(dataset, [table])
            return table[list(_BASE_COLUMNS)]

        return cls(
            build,
            villages=lambda: every_village(build, dataset),
            bases=bases,
            drivers=lambda: load_drivers(dataset, build.official_frames),
            corridors=lambda: corridor_parts(build),
        )

    @classmethod
    def open(cls, folder: Path) -> Self:
        """On a release's model folder (:meth:`layers.release.release.Release.model_folder`).

        Raises
        ------
        BrokenReleaseError
            It cannot be read.
        """
        parts = read_parts(folder)
        table, about, arrays = parts.tables, parts.about, parts.draws
        draws = Draws(**arrays)
        build = Build(about["build"], about["parameters"], {**table, "draws": draws})
        drivers = Drivers(
            table["drivers_regency"].set_index("code"), table["drivers_province"].set_index("code")
        )
        return cls(
            build,
            villages=lambda: table["villages"],
            bases=lambda: table["bases"],
            drivers=lambda: drivers,
            corridors=lambda: read_corridor_parts(folder),
        )

    def parts(self) -> ModelParts:
        """Everything the answers need, for :func:`layers.release.model_folder.write_parts`."""
        build, drivers = self.build, self._find_drivers()
        tables = {
            name: getattr(build, name)[[c for c in columns if c in getattr(build, name)]]
            for name, columns in _MODEL_COLUMNS.items()
        }
        tables["corridors"] = tables["corridors"].head(MOST_CORRIDORS)
        tables |= {name: getattr(build, name) for name in ("nodes", "edges", "official_edges")}
        tables |= {"villages": self._villages, "bases": self._bases}
        for name, frame in (("regency", drivers.table), ("province", drivers.coarser)):
            tables[f"drivers_{name}"] = frame.rename_axis("code").reset_index()
        draws = vars(build.draws)
        about = {"build": build.id, "parameters": build.parameters}
        return ModelParts(
            about, tables, draws,
            write_corridors=lambda folder: write_corridor_parts(folder, self._find_corridors()),
        )  # fmt: skip

    @cached_property
    def _villages(self) -> pd.DataFrame:
        return self._find_villages()

    @cached_property
    def _bases(self) -> pd.DataFrame:
        return self._find_bases()

    # -- posts ---------------------------------------------------------------------------------

    def check_posts(
        self,
        request: PostPlanRequest,
        *,
        rights: Rights = _EVERYTHING,
        province: str | None = None,
        done: Collection[str] = (),
    ) -> tuple[tuple[str, ...], PostPlanRequest]:
        """Refuse a request that cannot be met; return where posts may stand, and the request that
        also forbids the terminals of ``done``, where an adopted plan has put one, unless it fixes
        them.

        Raises
        ------
        InputError, InfeasibleError
            ``field`` names what is wrong.
        """
        rows = self._terminals_within(request.within, province_limit(rights, province))
        places = tuple(str(name) for name in rows["id"])
        left_out = set(done).intersection(places) - {*request.fixed, *request.forbidden}
        forbidden = (*request.forbidden, *sorted(left_out))
        request = request.model_copy(update={"forbidden": forbidden})
        post_rules(places, request, self.build.network.posts)
        return places, request

    def posts(
        self,
        request: PostPlanRequest,
        *,
        rights: Rights = _EVERYTHING,
        province: str | None = None,
        done: Collection[str] = (),
        progress: ProgressCallback | None = None,
    ) -> PostsOutcome:
        """Plan posts; errors as :meth:`check_posts`.

        Where the reader is limited to a province, the answer names nothing outside it.
        """
        places, request = self.check_posts(request, rights=rights, province=province, done=done)
        build = self.build
        models = list(islice(build.drawn_models(), request.draws))
        kinds = zip(build.terminals["id"], build.terminals["kind"], strict=True)
        plan = plan_posts(
            build.flow_model(), request.k, places,
            post={node: staffed_post(request.hours_per_week, kind) for node, kind in kinds},
            rng=np.random.default_rng(_SEED), fixed=request.fixed, forbidden=request.forbidden,
            costs=request.costs, budget=request.budget, draws=models or None, cvar=request.cvar,
            progress=progress,
        )  # fmt: skip
        at = dict(zip(build.network.nodes, build.boarding.tolist(), strict=True))
        plan = replace(
            plan,
            moves=tuple(
                replace(move, before=at[move.node] * move.before, after=at[move.node] * move.after)
                for move in plan.moves
            ),
        )
        before, after = build.flow_model().load_, plan.interception.load
        rows = build.terminals[["id", "name", "kind", "lon", "lat", "area_code"]]
        limit = province_limit(rights, province)
        rows = _rows_within(rows, rows["area_code"], limit)
        if limit is not None:
            there = set(rows["id"])
            plan = replace(plan, in_force={n: p for n, p in plan.in_force.items() if n in there})
        moves = [
            {
                **row,
                "before": at[row["id"]] * before[row["id"]],
                "after": at[row["id"]] * after[row["id"]],
            }
            for row in rows.to_dict("records")
        ]
        return PostsOutcome(
            plan, posts_answer(plan, build.terminals, build.posts), displacement(moves)
        )

    def _terminals_within(self, within: str | None, province: str | None) -> pd.DataFrame:
        """Terminals at home within an area and the reader's own province."""
        rows = self.build.terminals[self.build.terminals["country"] == "ID"]
        rows = _rows_within(rows, rows["area_code"], province)
        if within is not None:
            code = self._area(within, province)
            rows = rows[inside(rows["area_code"], code)]
            if rows.empty:
                raise InputError("posts.no_terminal_within", area=within, field="within")
        return rows

    # -- watch ---------------------------------------------------------------------------------

    def check_watch(
        self,
        request: WatchPlanRequest,
        *,
        rights: Rights = _EVERYTHING,
        province: str | None = None,
    ) -> WatchTask:
        """Refuse a request that cannot be met; errors as :func:`layers.plans.watch.watch_task`."""
        rows = self._terminals_within(request.within, province_limit(rights, province))
        return watch_task(self.build, request, rows)

    def watch(
        self,
        request: WatchPlanRequest,
        *,
        rights: Rights = _EVERYTHING,
        province: str | None = None,
        done: Collection[str] = (),
        progress: ProgressCallback = silent,
    ) -> dict[str, Any]:
        """Plan watches within a budget: hours by terminal and a roster of shifts, as plain values.

        ``done`` has a terminal once for every watch on record there lately: rotation begins with
        those that had fewest.

        Raises
        ------
        InputError, InfeasibleError
            ``field`` names what is wrong.
        """
        task = self.check_watch(request, rights=rights, province=province)
        return watch_answer(self.build, task, progress, done)

    # -- outreach ------------------------------------------------------------------------------

    def check_outreach(
        self,
        request: OutreachPlanRequest,
        *,
        rights: Rights = _EVERYTHING,
        province: str | None = None,
    ) -> None:
        """Refuse a request with unknown names; see :meth:`outreach`."""
        self._task(request, rights, province)

    def outreach(
        self,
        request: OutreachPlanRequest,
        *,
        rights: Rights = _EVERYTHING,
        province: str | None = None,
        done: Collection[str] = (),
        progress: ProgressCallback = silent,
    ) -> OutreachOutcome:
        """Plan outreach visits; ``done`` are codes of villages visited since the build.

        Raises
        ------
        InputError, InfeasibleError
            ``field`` names what is wrong.
        """
        task = self._task(request, rights, province)
        progress("villages", 0, 2)
        table = pick_villages(
            self.build, self._villages, within=task.codes, base=task.base,
            with_towns=request.with_towns, must=task.request.must,
        )  # fmt: skip
        left_out = set(table.towns["id"])
        visited = table.villages.loc[table.villages["code"].isin(list(done)), "id"]
        progress("plan", 1, 2)
        try:
            plan = plan_outreach(
                table.villages, number=request.number, budget=request.budget, days=request.days,
                radius_km=request.reach_km, floor=request.floor, per_regency=request.per_regency,
                served=sorted({*table.served, *visited}), must=task.request.must,
                forbidden=[id_ for id_ in task.request.forbidden if id_ not in left_out],
                cost_per_village=request.cost_per_village,
                cost_per_day=request.cost_per_day, draws=table.draws,
            )  # fmt: skip
        except InfeasibleError as error:
            if not rights.numbers and "best" in error.params:
                error.params["best"] = 100 * coarse_share(error.params["best"] / 100)
            raise
        rows = plan.villages[["base", "base_lat", "base_lon"]].dropna().drop_duplicates("base")
        bases = {name: (lat, lon) for name, lat, lon in rows.itertuples(index=False)}
        reasons = [
            reason(row, plan.radius_km, with_persons=False)
            for row in plan.villages.to_dict("records")
        ]
        answer = outreach_answer(
            plan, reasons=None if rights.numbers else reasons, notes=table.notes, areas=task.codes
        )
        visits = plan.villages.sort_values(["regency", "regency_code"])
        regencies = dict(zip(visits["regency_code"], visits["regency"], strict=True))
        seen = self.build.terminals
        if not rights.unofficial:
            seen = seen[seen["official"].astype(bool)]
        names = dict(zip(seen["id"], seen["name"], strict=True))
        answer["pretexts"] = pretexts_by_regency(regencies, rights, names)
        return OutreachOutcome(plan, answer, task.area, task.codes, bases)

    def _task(
        self, request: OutreachPlanRequest, rights: Rights, province: str | None
    ) -> _OutreachTask:
        province = province_limit(rights, province)
        villages = self._villages
        coded = villages[villages["code"] != ""]
        names = dict(zip(coded["code"], coded["name"], strict=True))
        codes = tuple(dict.fromkeys(self._area(text, province, names) for text in request.within))
        if province is not None and not codes:
            codes = (province,)
        if not rights.numbers and request.floor:
            in_steps = abs(request.floor - coarse_share(request.floor)) < 1e-9
            if any(map(below_regency, codes)) or not in_steps:
                raise InputError("outreach.floor_step", step=SHARE_STEP, field="floor")
        finest = villages["code"].where(villages["code"] != "", villages["area_code"])
        listed = self.build.areas
        names |= dict(zip(listed["code"], listed["name"], strict=True))
        for code in codes:
            if not any(inside(finest, code)):
                area = names.get(code, code)
                raise InputError("outreach.no_village_within", area=area, field="within")
        villages = _rows_within(villages, finest, *codes)
        area = ", ".join(names.get(code, code) for code in codes) or "Indonesia"
        resolved = with_village_ids(request, villages)
        bases = _rows_within(self._bases, self._bases["area_code"], province)
        if not rights.unofficial:
            bases = bases[bases["official"].astype(bool)]
        return _OutreachTask(resolved, codes, _base(bases, request.base), area)

    def _area(
        self, text: str, province: str | None, villages: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        areas = self.build.areas
        try:
            rows = _rows_within(areas, areas["code"], province)
            names = dict(zip(rows["code"], rows["name"], strict=True))
            of_reader = compress(villages, inside(villages, province)) if province else villages
            return area_code(names, text, lambda: {code: villages[code] for code in of_reader})
        except AmbiguousNameError as error:
            raise InputError(error.code, field="within", **error.params) from None
        except UnknownNameError as error:
            code = "unknown_area" if province is None else "area_of_other_province"
            raise InputError(f"names.{code}", field="within", **error.params) from None

    # -- scenarios -----------------------------------------------------------------------------

    def parse(
        self,
        document: Mapping[str, Any],
        *,
        rights: Rights = _EVERYTHING,
        province: str | None = None,
    ) -> Scenario:
        """Check a scenario given as a mapping, against the data and what the reader may change.

        Raises
        ------
        InputError
            ``field`` is the entry at fault.
        """
        allowed = {"name", "note", *rights.scenario_parts}
        for name in document:
            if name not in allowed:
                raise InputError(
                    "scenario.unknown_entry", name=name, choices=sorted(allowed), at="", field=name
                )
        scenario = Scenario.of(**document)
        province = province_limit(rights, province)
        for part in PROVINCE_PARTS if province else ():
            for i, change in enumerate(getattr(scenario, part)):
                at = f"{part}[{i}].area"
                if not inside([change.area], str(province))[0]:
                    raise InputError("scenario.other_province", at=at, area=change.area, field=at)
                if not rights.numbers and below_regency(change.area):
                    raise InputError("scenario.below_regency", at=at, area=change.area, field=at)
        for i, service in enumerate(scenario.services):
            if service.kind not in SERVICES:
                at = f"services[{i}].kind"
                kinds = ", ".join(SERVICES)
                raise InputError("scenario.service_kind", at=at, choices=kinds, field=at)
        return scenario

    def scenario(
        self, scenario: Scenario, *, draws: int = 30, corridors: int = 0
    ) -> ScenarioResult:
        """Evaluate with and without the changes; :class:`InputError` names an unknown entry."""
        with self._lock:
            return self._scenario_model(draws).evaluate(scenario, corridors=corridors)

    def scenario_document(
        self, scenario: Scenario, *, rights: Rights = _EVERYTHING, province: str | None = None,
        draws: int = 30, corridors: int = 0,
    ) -> dict[str, Any]:  # fmt: skip
        """The result of :meth:`scenario` as plain values; without ``rights.numbers`` in shares."""
        with self._lock:
            model = self._scenario_model(draws)
            if rights.numbers:
                result = model.evaluate(scenario, corridors=corridors)
                return scenario_answer(result, model.reasons(scenario, result.areas))
            table = model.departures(scenario)
            rows = _rows_within(table, table["code"], province_limit(rights, province))
            reasons = model.reasons(scenario, rows)
        return scenario_shares(scenario, rows, assumptions_of(scenario), reasons)

    def compare(
        self, changes: Sequence[Mapping[str, Any]], *, rights: Rights = _EVERYTHING,
        province: str | None = None, draws: int = 30, corridors: int = 0,
    ) -> dict[str, Any]:  # fmt: skip
        """Several lists of changes side by side; without ``rights.numbers`` in shares."""
        scenarios = [self.parse(entry, rights=rights, province=province) for entry in changes]
        if rights.numbers:
            base, *results = (
                self.scenario(scenario, draws=draws, corridors=corridors)
                for scenario in (Scenario(), *scenarios)
            )
            return comparison(base, results)
        return comparison_shares([
            self.scenario_document(scenario, rights=rights, province=province, draws=draws)
            for scenario in scenarios
        ])  # fmt: skip

    def scenario_map(self, result: ScenarioResult) -> dict[str, Any]:
        """GeoJSON of the terminals whose load changes."""
        at = self.build.terminals.set_index("id")[["lon", "lat"]]
        return displacement(result.terminals.join(at, on="id").to_dict("records"))

    def options(self) -> dict[str, Any]:
        """What a form of a scenario can offer; ``posts`` is for the police only."""
        framework = Framework.load()
        posts = self.build.posts[["terminal_id", "name"]].drop_duplicates("terminal_id")
        posts = posts[posts["terminal_id"].isin(list(self.build.network.posts))]
        return {
            "indicators": [
                {
                    "id": i.slug,
                    "title": {language: i.name(language) for language in languages()},
                    "unit": i.unit,
                }
                for i in framework.indicators
            ],
            "service_kinds": list(SERVICES),
            "effect_default": EFFECT,
            "posts": [
                {"terminal": row.terminal_id, "name": row.name}
                for row in posts.itertuples(index=False)
            ],
        }

    def _scenario_model(self, draws: int) -> ScenarioModel:
        model = self._scenarios.pop(draws, None)
        if model is None:
            model = ScenarioModel(self.build, drivers=self._find_drivers, draws=draws)
        self._scenarios[draws] = model
        while len(self._scenarios) > _MODELS:
            del self._scenarios[next(iter(self._scenarios))]
        return model


class CorridorService:
    """Corridors named by their places, on the model folder of a release; as ``petajaga corridor``
    on the build it was published from.
    """

    def __init__(self, folder: Path) -> None:
        self._build = Build(folder.parent.name, {}, read_corridor_parts(folder))

    def answer(self, names: Sequence[str]) -> dict[str, Any]:
        """The answer of :func:`routes.build.corridor_answer.describe_corridor` as plain values.

        Raises
        ------
        InputError
            A name is of nothing or of several things, or the places are too wide together.
        """
        stops = {node for name in names for node in self._build.gazetteer.get(name).members}
        count = len(stops & self._build.terminal_draws.layout.position.keys())
        if count > _MOST_STOPS:
            raise InputError("corridor.too_wide", count=count, most=_MOST_STOPS)
        return describe_corridor(self._build, names).as_dict()


def _rows_within(frame: pd.DataFrame, codes: pd.Series[Any], *areas: str | None) -> pd.DataFrame:
    """Rows whose code is in one of the areas; all of them without one."""
    wholes = [area for area in areas if area is not None]
    return frame[np.array(inside(codes, *wholes), bool)] if wholes else frame


def _base(table: pd.DataFrame, name: str | None) -> tuple[str, float, float, str] | None:
    """Name, latitude, longitude and land of the base of that name or id."""
    if name is None:
        return None
    same_name = table["name"].map(lambda text: plain(str(text)) == plain(name)).astype(bool)
    places = table[same_name | (table["id"] == name)]
    if places.empty:
        raise InputError("outreach.no_base", name=name, field="base")
    # Of several places of one name, the one with most people is meant; towns, seats, then ports.
    row = places.sort_values("population", ascending=False, na_position="last", kind="stable").iloc[
        0
    ]
    return str(row["name"]), float(row["lat"]), float(row["lon"]), str(row["land"])


def model_writer(build: Build, dataset: Dataset) -> Callable[[Path], None]:
    """Writer of a build's model into a release folder, for :func:`layers.release.publish`."""
    return lambda folder: write_parts(folder, PlanService.of_build(build, dataset).parts())
