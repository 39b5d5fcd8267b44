"""What-if analysis: the model with some things changed, and the differences by place.

Every result is computed from the unchanged model and the whole list of changes, never from an
earlier result: a scenario without its changes gives the first numbers bit for bit. Differences are
paired within each draw, so that their intervals are those of the change and not of the level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.i18n import Message
from geo.names import corridor_name, place_id
from routes.build.model import Build
from routes.corridors.waypoints import calls_aboard, place_nodes
from routes.flow.model import FlowModel, Post
from routes.graph.arrays import Floats, Integers
from routes.graph.checkpoints import scaled_post
from routes.posts.plan import STAFFED_HOURS, drawn_post, staffed_post
from routes.scenarios.drivers import Drivers
from routes.scenarios.effects import assumptions_of, drawn_effect, drawn_elasticity
from routes.scenarios.legs import EditedLegs, LegEditor
from routes.scenarios.reasons import reasons_of
from routes.scenarios.request import Scenario

__all__ = ["ScenarioModel", "ScenarioResult"]

_CACHED = 8
"""Numbers of corridors for which the states before the changes are kept."""


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """What changes under a scenario.

    Every table has ``before, after, change_mean`` (means over the draws; without draws the central
    model) and ``change_p05, change_p95`` (paired over the draws; NaN without draws).

    Attributes
    ----------
    scenario : Scenario
    total : DataFrame
        One row a measure: ``departures``, ``intercepted``.
    areas : DataFrame
        ``code, name`` and persons a year who set out and are not intercepted, by regency.
    terminals : DataFrame
        ``id, name, kind`` and persons a year who pass: the displacement table.
    corridors : DataFrame
        ``id, name`` and persons a year; empty where none was requested.
    assumptions : tuple of Message
        What the result depends on most.
    notes : tuple of Message
        Changes without effect in this model, and why.
    """

    scenario: Scenario
    total: pd.DataFrame
    areas: pd.DataFrame
    terminals: pd.DataFrame
    corridors: pd.DataFrame
    assumptions: tuple[Message, ...]
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False)
class _State:
    """Persons a year of one model with posts: loads by node, not intercepted by regency (``free``),
    and corridors.
    """

    departures: float
    intercepted: float
    load: Floats
    free: Floats
    corridors: Floats


class ScenarioModel:
    """Evaluates scenarios on one build.

    Parameters
    ----------
    build : Build
    drivers : callable, optional
        Loads the drivers of departures on first use; needed for changed indicators.
    draws : int
        Draws behind the intervals: the first so many of the build.
    """

    def __init__(
        self,
        build: Build,
        *,
        drivers: Callable[[], Drivers] | None = None,
        draws: int = 30,
    ) -> None:
        self.build = build
        self._load_drivers = drivers
        self._models = [build.flow_model(), *islice(build.drawn_models(), draws)]
        self._network = build.network
        self._legs = LegEditor(build)
        values = build.draws.value_of_time_idr_h[: len(self._models) - 1].tolist()
        self._value_of_time = [build.costs.value_of_time_idr_h, *values]
        self._kinds = dict(zip(build.terminals["id"], build.terminals["kind"], strict=True))
        self._regency = build.node_regency
        self._codes = build.regency_codes
        self._is_origin = build.node_values("demand") > 0
        self._before: dict[Any, list[_State]] = {}

    def evaluate(self, scenario: Scenario, *, corridors: int = 0) -> ScenarioResult:
        """Compare the model with and without the changes.

        Parameters
        ----------
        scenario : Scenario
        corridors : int
            Number of the build's largest corridors to compare too (slower).

        Raises
        ------
        InputError
            ``field`` is the entry of the scenario that names something unknown.
        """
        self._check_posts(scenario)
        factor = self._factor(scenario)
        edited = self._legs.edited(scenario.legs)
        waypoints = self._waypoints(corridors)
        before = self._states_before(waypoints)
        after = before
        if edited is not None or factor is not None or scenario.posts:
            after = [
                self._state(
                    self._model(k, edited, None if factor is None else factor[k]),
                    self._posts(scenario, self._models[k]),
                    waypoints,
                )
                for k in range(len(self._models))
            ]
        return self._result_of(scenario, before, after, corridors)

    def departures(self, scenario: Scenario) -> pd.DataFrame:
        """Departures with and without the changes, and nothing of where they go.

        Changes of posts and legs are ignored and no flow is computed: the result does not depend
        on the network.

        Returns
        -------
        DataFrame
            One row a regency whose departures change: ``code, name, before, after`` and
            ``share_mean, share_p05, share_p95``, the change over the departures before (central
            model; percentiles over the draws and the assumptions, NaN without draws).
        """
        factor = self._factor(scenario)
        central = self.build.node_values("demand")
        drawn = self.build.draws.demand_at(np.arange(len(central)))[: len(self._models) - 1]
        demand = np.concatenate([central[None], drawn])
        before = np.array([self._by_regency(row) for row in demand])
        changed = demand if factor is None else demand * factor
        after = np.array([self._by_regency(row) for row in changed])
        share = np.divide(after, before, out=np.ones_like(before), where=before > 0) - 1.0
        low, high = _interval(share[1:])
        table = self._regencies().assign(
            before=before[0], after=after[0], share_mean=share[0], share_p05=low, share_p95=high
        )
        return table[np.abs(after - before).max(axis=0) > 0].reset_index(drop=True)

    def reasons(self, scenario: Scenario, areas: pd.DataFrame) -> Mapping[str, tuple[Message, ...]]:
        """Why the areas change most that do, by code (:mod:`routes.scenarios.reasons`).

        Parameters
        ----------
        scenario : Scenario
        areas : DataFrame
            Of :meth:`evaluate`, or of :meth:`departures`: then no reason is about persons. Posts
            and legs move people in ways of their own: with them nothing is explained.
        """
        if scenario.posts or scenario.legs:
            return {}
        rows = areas.set_index("code")
        in_persons = "change_mean" in rows
        stated = pd.Series(1.0, rows.index)
        for area, times in [
            *((entry.area, entry.factor) for entry in scenario.demand),
            *((entry.area, 1.0 - entry.reduces_departures) for entry in scenario.services),
        ]:
            stated[[code == area or code.startswith(f"{area}.") for code in rows.index]] *= times
        return reasons_of(
            rows["change_mean" if in_persons else "share_mean"],
            scores=self._drivers.scores(scenario.indicators) if scenario.indicators else None,
            stated=stated - 1.0,
            departures=rows["before"] if in_persons else None,
        )

    def _regencies(self) -> pd.DataFrame:
        names = self.build.areas.drop_duplicates("code").set_index("code")["name"]
        return pd.DataFrame(
            {"code": self._codes, "name": [str(names.get(code, code)) for code in self._codes]}
        )

    def _by_regency(self, persons: Floats) -> Floats:
        """Persons a year of each node summed over the origins of each regency."""
        weights = np.where(self._is_origin, persons, 0.0)
        return np.asarray(np.bincount(self._regency, weights, len(self._codes)), float)

    # -- the changes ---------------------------------------------------------------------------

    def _check_posts(self, scenario: Scenario) -> None:
        """Refuse posts at unknown terminals, added where one is in force, or changed where none."""
        terminals = set(self.build.terminals["id"])
        for i, change in enumerate(scenario.posts):
            field = f"posts[{i}].terminal"
            code = ""
            if change.terminal not in terminals:
                code = "scenario.no_terminal"
            elif (change.change == "add") == (change.terminal in self._network.posts):
                code = "scenario.post_exists" if change.change == "add" else "scenario.no_post"
            if code:
                raise InputError(code, at=field, terminal=change.terminal, field=field)

    def _posts(self, scenario: Scenario, model: FlowModel) -> dict[str, Post]:
        """Posts of the scenario in place of those in force, in the central model or a draw.

        A post in force counts as staffed day and night: other hours change it in proportion.
        """
        posts: dict[str, Post] = {}
        for change in scenario.posts:
            node = change.terminal
            if change.change == "remove":
                posts[node] = Post()
            elif change.has_strength:
                posts[node] = Post(deterrence_h=change.deterrence_h, detection=change.detection)
            elif change.change == "restaff":
                share = change.hours_per_week / STAFFED_HOURS
                standing = model.network_.posts[node]
                posts[node] = scaled_post(standing, deterrence=share, detection=share)
            else:
                post = staffed_post(change.hours_per_week, self._kinds[node])
                posts[node] = drawn_post(post, model.network_, self._network)
        return posts

    def _factor(self, scenario: Scenario) -> Floats | None:
        """Factor on the departures of each node, in the central model and each draw.

        Shape ``(models, nodes)``; None where nothing changes. Assumed values differ by draw
        (:mod:`routes.scenarios.effects`), those stated in the scenario do not.
        """
        draws = len(self._models) - 1
        by_code = np.ones((draws + 1, len(self._codes)))
        if any(entry.change for entry in scenario.indicators):
            elasticity = float(self.build.parameters["demand"]["elasticity"])
            scores = self._drivers.scores(scenario.indicators).reindex(list(self._codes))
            ratio = (scores["after"] / scores["before"]).fillna(1.0)
            power = drawn_elasticity(elasticity, draws)[:, None]
            by_code = ratio.to_numpy(float)[None, :] ** power
        factor = by_code[:, self._regency]
        effect = drawn_effect(draws)
        areas: list[tuple[str, str, Floats | float]] = [
            (f"demand[{i}].area", e.area, e.factor) for i, e in enumerate(scenario.demand)
        ]
        areas += [
            (f"services[{i}].area", e.area, 1.0 - (effect if e.assumed else e.reduces_departures))
            for i, e in enumerate(scenario.services)
        ]
        for field, area, times in areas:
            codes = self._node_codes
            inside = np.array([c == area or c.startswith(f"{area}.") for c in codes])
            if not inside.any():
                raise InputError("scenario.nobody", at=field, area=area, field=field)
            factor = np.where(inside, factor * np.reshape(times, (-1, 1)), factor)
        changed = self._is_origin & (factor != 1.0)
        return np.where(changed, factor, 1.0) if changed.any() else None

    @cached_property
    def _drivers(self) -> Drivers:
        if self._load_drivers is None:
            raise InputError("scenario.no_drivers", field="indicators")
        return self._load_drivers()

    @cached_property
    def _node_codes(self) -> list[str]:
        """Finest code of each origin: its village or district where known; '' elsewhere."""
        nodes, settlements = self.build.nodes, self.build.settlements
        district = dict(zip("s:" + settlements["id"], settlements["district_code"], strict=True))
        codes = nodes["area_code"].where(self._is_origin).fillna("").astype(str)
        finest = [district.get(node, node.partition(":")[2]) for node in nodes["node"]]
        return [
            fine if code and fine.startswith(code) else code
            for code, fine in zip(codes, finest, strict=True)
        ]

    # -- evaluation ----------------------------------------------------------------------------

    def _model(self, k: int, edited: EditedLegs | None, factor: Floats | None) -> FlowModel:
        base = self._models[k]
        if edited is None and factor is None:
            return base
        demand = base.demand_array if factor is None else base.demand_array * factor
        if edited is None:
            return base.with_demand(demand)
        network = edited.on(base.network_, self._value_of_time[k])
        return FlowModel(theta=base.theta).fit_network(network, demand)

    def _states_before(self, waypoints: list[list[Integers]]) -> list[_State]:
        key = len(waypoints)
        if key not in self._before:
            if len(self._before) > _CACHED:
                self._before.clear()
            self._before[key] = [self._state(model, {}, waypoints) for model in self._models]
        return self._before[key]

    def _state(
        self, model: FlowModel, posts: Mapping[str, Post], waypoints: list[list[Integers]]
    ) -> _State:
        alive, demand, load = model.kernel_.alive, model.demand_array, model.load_array
        free, persons = demand, model.persons_passing
        if posts or model.network_.detection is not None:
            flow = model.flow_with_posts(posts)
            free, load, persons = demand * flow.undetected, flow.load, flow.corridor
        corridors = [persons([at[alive[at]] for at in corridor]) for corridor in waypoints]
        return _State(
            departures=float(demand.sum()),
            intercepted=float(demand.sum() - free.sum()),
            load=load,
            free=self._by_regency(free),
            corridors=np.array(corridors, float),
        )

    def _waypoints(self, corridors: int) -> list[list[Integers]]:
        """Nodes of each waypoint of the largest corridors: a place has all its terminals, and the
        ships that have called there.
        """
        if not corridors:
            return []
        position, nodes = self._network.position, self.build.nodes
        ends = nodes[nodes["kind"] == "destination"].groupby("destination")["node"]
        members: dict[str, frozenset[str]] = {str(end): frozenset(ids) for end, ids in ends}
        terminals = self.build.terminals
        places = place_nodes(
            zip(terminals["id"], terminals["place"], strict=True),
            calls_aboard(zip(nodes["node"], nodes["calls_at"], strict=True)),
        )
        members |= {place_id(place): ids for place, ids in places.items()}
        return [
            [
                np.array(sorted(position(node) for node in members[point]), dtype=np.intp)
                for point in waypoints
            ]
            for waypoints in self.build.corridors["waypoints"].head(corridors)
        ]

    # -- the result ----------------------------------------------------------------------------

    def _result_of(
        self, scenario: Scenario, before: list[_State], after: list[_State], corridors: int
    ) -> ScenarioResult:
        terminals = self.build.terminals[["id", "name", "kind"]]
        largest = self.build.corridors.head(corridors)
        names = [corridor_name(places) for places in largest["waypoint_names"]]

        def compare(
            table: pd.DataFrame, values: Callable[[_State], Floats], *, largest_first: bool = False
        ) -> pd.DataFrame:
            # All on one basis, so that before and change make after: the draws, if there are any.
            basis = slice(1, None) if len(before) > 1 else slice(None)
            first, second = (
                np.array([values(state) for state in states[basis]]) for states in (before, after)
            )
            change = second - first
            low, high = _interval(change if len(before) > 1 else change[:0])
            table = table.assign(
                before=first.mean(axis=0), after=second.mean(axis=0),
                change_mean=change.mean(axis=0), change_p05=low, change_p95=high,
            )  # fmt: skip
            if largest_first:
                size = (table["after"] - table["before"]).abs()
                table = table.loc[size.sort_values(ascending=False, kind="stable").index]
            return table.reset_index(drop=True)

        return ScenarioResult(
            scenario=scenario,
            total=compare(
                pd.DataFrame({"measure": ["departures", "intercepted"]}),
                lambda state: np.array([state.departures, state.intercepted]),
            ),
            areas=compare(self._regencies(), lambda state: state.free, largest_first=True),
            terminals=compare(
                terminals, lambda state: self.build.at_terminals(state.load), largest_first=True
            ),
            corridors=compare(largest[["id"]].assign(name=names), lambda state: state.corridors),
            assumptions=assumptions_of(scenario),
            notes=tuple(self._legs.notes(scenario.legs)),
        )


def _interval(values: Floats) -> Floats:
    """5 % and 95 % quantiles over the draws (rows); NaN without draws."""
    if not len(values):
        return np.full((2, values.shape[1]), np.nan)
    return np.asarray(np.percentile(values, [5, 95], axis=0), float)
