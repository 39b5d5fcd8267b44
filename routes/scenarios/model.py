"""What if: the same model with some things different, and what then changes where.

Every result is computed from the unchanged model and the whole list of changes, never from an
earlier result: a scenario applied and undone gives the first numbers bit for bit. Differences are
paired within each draw, so that their intervals are those of the change and not of the level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.i18n import Message
from routes.build.model import Build
from routes.corridors.waypoints import place_id
from routes.flow.low_rank_update import PostedWalks
from routes.flow.model import FlowModel, Post
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Network
from routes.posts.plan import POST
from routes.scenarios.drivers import Drivers
from routes.scenarios.effects import drawn_effect, drawn_elasticity
from routes.scenarios.file import Scenario
from routes.scenarios.legs import LegEditor

__all__ = ["ScenarioModel", "ScenarioResult"]


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """What changes; every table has ``before, after, change_mean`` (means over the draws; without
    draws the central model) and ``change_p05, _p95`` (paired over the draws; NaN without).

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
        What the answer rests on most.
    notes : tuple of Message
        Changes that cannot show in this model, and why.
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
    """Loads, persons not intercepted by origin, and corridors, of one model with posts."""

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
    drivers : Drivers or callable, optional
        Needed for changed indicators; a callable is called on first use.
    draws : int
        Draws behind the intervals; the first so many of the build.
    """

    def __init__(
        self,
        build: Build,
        *,
        drivers: Drivers | Callable[[], Drivers] | None = None,
        draws: int = 30,
    ) -> None:
        self.build = build
        self._drivers = drivers
        self._models = [build.flow_model()]
        for _, model in zip(range(draws), build.drawn_models(), strict=False):
            self._models.append(model)
        network = build.network
        self._network = network
        self._legs = LegEditor(build)
        value = build.costs.value_of_time_idr_h
        self._value = [value, *build.draws.value_of_time_idr_h[: len(self._models) - 1].tolist()]
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
            So many of the build's largest corridors are compared too (slower).

        Raises
        ------
        InputError
            ``field`` is the entry of the scenario that names something unknown.
        """
        start, end = self._posts(scenario)
        factor = self._factor(scenario)
        network, cost = self._legs.edited(scenario.legs)
        groups = self._groups(corridors)
        before = self._before_of(start, groups, corridors)
        same = network is self._network and factor is None
        if same and start == end:
            after = before
        else:
            after = [
                self._state(
                    self._model(k, network, cost, None if factor is None else factor[k]),
                    end,
                    groups,
                )
                for k in range(len(self._models))
            ]
        return self._result_of(scenario, before, after, corridors)

    def departures(self, scenario: Scenario) -> pd.DataFrame:
        """Who sets out with and without the changes, and nothing of where they go.

        Posts and legs play no part in it, and no flow is computed: nothing that depends on the
        network shows.

        Returns
        -------
        DataFrame
            One row a regency whose departures change: ``code, name, before, after`` and
            ``share_mean, share_p05, share_p95``, the change over what was there before (central
            model; percentiles over the draws and what is assumed, NaN without draws).
        """
        factor = self._factor(scenario)
        regions = len(self._codes)

        def by_regency(people: Floats) -> Floats:
            people = np.where(self._is_origin, people, 0.0)
            return np.asarray(np.bincount(self._regency, people, regions), float)

        central = self.build.node_values("demand")
        draws = [central, *self.build.draws.demand[: len(self._models) - 1]]
        first = np.array([by_regency(people) for people in draws])
        times = np.ones((len(draws), 1)) if factor is None else factor
        then = np.array([by_regency(people * f) for people, f in zip(draws, times, strict=True)])
        share = np.divide(then, first, out=np.ones_like(first), where=first > 0) - 1.0
        blank = np.full(regions, np.nan)
        low, high = np.percentile(share[1:], [5, 95], axis=0) if len(share) > 1 else (blank, blank)
        table = pd.DataFrame(
            {
                "code": self._codes,
                "name": self._area_names(),
                "before": first[0],
                "after": then[0],
                "share_mean": share[0],
                "share_p05": low,
                "share_p95": high,
            }
        )
        return table[np.abs(then - first).max(axis=0) > 0].reset_index(drop=True)

    def _area_names(self) -> list[str]:
        names = self.build.areas.drop_duplicates("code").set_index("code")["name"]
        return [str(names.get(code, code)) for code in self._codes]

    # -- the changes ---------------------------------------------------------------------------

    def _posts(self, scenario: Scenario) -> tuple[dict[str, Post], dict[str, Post]]:
        """Posts without and with the scenario; what is removed or restaffed was there before."""
        start: dict[str, Post] = {}
        end: dict[str, Post] = {}
        terminals = set(self.build.terminals["id"])
        posts_in_force = set(self.build.posts["terminal_id"])
        for i, change in enumerate(scenario.posts):
            field = f"posts[{i}].terminal"
            if change.terminal not in terminals:
                raise InputError(
                    "scenario.no_terminal", at=field, terminal=change.terminal, field=field
                )
            if change.change != "add":
                if change.terminal not in posts_in_force:
                    raise InputError(
                        "scenario.no_post", at=field, terminal=change.terminal, field=field
                    )
                start[change.terminal] = POST
            if change.change != "remove" and change.post != Post():
                end[change.terminal] = change.post
        return start, end

    def _factor(self, scenario: Scenario) -> Floats | None:
        """What each node's departures are multiplied by, in the central model and each draw.

        Shape ``(models, nodes)``; None where nothing changes. What is assumed differs by draw
        (:mod:`routes.scenarios.effects`), what the scenario says does not.
        """
        draws = len(self._models) - 1
        by_code = np.ones((draws + 1, len(self._codes)))
        if scenario.indicators and any(change for *_, change in scenario.indicators):
            if self._drivers is None:
                raise InputError("scenario.no_drivers", field="indicators")
            if not isinstance(self._drivers, Drivers):
                self._drivers = self._drivers()
            power = float(self.build.parameters["demand"]["elasticity"])
            ratio = self._drivers.ratio(scenario.indicators).reindex(list(self._codes))
            followed = drawn_elasticity(power, draws)[:, None]
            by_code = ratio.fillna(1.0).to_numpy(float)[None, :] ** followed
        nodes = by_code[:, self._regency]
        effect = drawn_effect(draws)
        areas = [
            ("demand", i, area, np.full(draws + 1, f))
            for i, (area, f) in enumerate(scenario.demand)
        ]
        areas += [
            ("services", i, area, 1.0 - (effect if assumed else np.full(draws + 1, share)))
            for i, (area, _, share, assumed) in enumerate(scenario.services)
        ]
        if areas:
            codes = self._node_codes()
            for part, i, area, times in areas:
                inside = np.array([c == area or c.startswith(f"{area}.") for c in codes])
                if not inside.any():
                    field = f"{part}[{i}].area"
                    raise InputError("scenario.nobody", at=field, area=area, field=field)
                nodes = np.where(inside, nodes * times[:, None], nodes)
        changed = self._is_origin & (nodes != 1.0)
        return np.where(changed, nodes, 1.0) if changed.any() else None

    def _node_codes(self) -> list[str]:
        """Finest code of each origin: its district where known, else its area; '' elsewhere."""
        district: dict[str, str] = {}
        if "district_code" in self.build.settlements:
            rows = self.build.settlements
            district = dict(zip("s:" + rows["id"], rows["district_code"].fillna(""), strict=True))
        codes = []
        for node, a in self.build.graph.nodes(data=True):
            code = str(a.get("area_code") or "") if a.get("demand") else ""
            fine = district.get(str(node), "")
            codes.append(fine if code and fine.startswith(code) else code)
        return codes

    # -- evaluation ----------------------------------------------------------------------------

    def _model(
        self,
        k: int,
        network: Network,
        cost: tuple[Floats, Floats] | None,
        factor: Floats | None,
    ) -> FlowModel:
        base = self._models[k]
        if cost is None and factor is None:
            return base
        demand = base.demand_array
        if factor is not None:
            demand = demand * factor
        if cost is None:
            return FlowModel(theta=base.theta).fit_network(base.network_, demand)
        time, fare = cost
        drawn = network.with_costs(
            hours=time + fare / self._value[k], utility=base.network_.utility
        )
        return FlowModel(theta=base.theta).fit_network(drawn, demand)

    def _before_of(
        self, posts: Mapping[str, Post], groups: list[list[Any]], corridors: int
    ) -> list[_State]:
        key = (tuple(sorted((t, p.deterrence_h, p.detection) for t, p in posts.items())), corridors)
        if key not in self._before:
            if len(self._before) > 8:
                self._before.clear()
            self._before[key] = [self._state(model, posts, groups) for model in self._models]
        return self._before[key]

    def _state(
        self, model: FlowModel, posts: Mapping[str, Post], groups: list[list[Any]]
    ) -> _State:
        kernel, load = model.kernel_, model.load_array
        walks: RandomWalkSums | PostedWalks = kernel
        demand = model.demand_array
        undetected = np.ones(len(load))
        if posts:
            flow = model.flow_with_posts(posts)
            undetected, load, walks = flow.undetected, flow.load, flow.walks
        free = demand * undetected
        start = walks.start(demand)
        paths = [
            float(start @ walks.passing([_alive(kernel, at) for at in group])) for group in groups
        ]
        return _State(
            departures=float(demand.sum()),
            intercepted=float(demand.sum() - free.sum()),
            load=load,
            free=np.asarray(
                np.bincount(self._regency, free * self._is_origin, len(self._codes)), float
            ),
            corridors=np.array(paths, float),
        )

    def _groups(self, corridors: int) -> list[list[Any]]:
        if corridors <= 0:
            return []
        terminals = self.build.terminals
        members: dict[str, list[int]] = {}
        for name, rows in terminals.groupby("place"):
            members[place_id(str(name))] = sorted(self._network.position(t) for t in rows["id"])
        rows = self.build.corridors.head(corridors)
        return [
            [
                np.array(members.get(point) or [self._network.position(point)], dtype=np.intp)
                for point in waypoints
            ]
            for waypoints in rows["waypoints"]
        ]

    # -- the answer ----------------------------------------------------------------------------

    def _result_of(
        self, scenario: Scenario, before: list[_State], after: list[_State], corridors: int
    ) -> ScenarioResult:
        terminals = self.build.terminals
        at = [self._network.position(node) for node in terminals["id"]]
        total = pd.DataFrame({"measure": ["departures", "intercepted"]})
        areas = pd.DataFrame({"code": self._codes, "name": self._area_names()})
        listed = self.build.corridors.head(max(corridors, 0))
        paths = pd.DataFrame(
            {
                "id": listed["id"].to_numpy(),
                "name": [" - ".join(w) for w in listed["waypoint_names"]],
            }
        )

        def compared(frame: pd.DataFrame, read: Callable[[_State], Floats]) -> pd.DataFrame:
            first = np.array([read(s) for s in before])
            then = np.array([read(s) for s in after])
            # All on one basis, so that before and change make after: the draws, if there are any.
            drawn = slice(1, None) if len(first) > 1 else slice(0, 1)
            change = (then - first)[drawn]
            blank = np.full(first.shape[1], np.nan)
            low, high = np.percentile(change, [5, 95], axis=0) if len(first) > 1 else (blank, blank)
            return frame.assign(
                before=first[drawn].mean(axis=0),
                after=then[drawn].mean(axis=0),
                change_mean=change.mean(axis=0),
                change_p05=low,
                change_p95=high,
            )

        moved = compared(
            terminals[["id", "name", "kind"]].reset_index(drop=True), lambda s: s.load[at]
        )
        order = (moved["after"] - moved["before"]).abs().sort_values(ascending=False, kind="stable")
        regions = compared(areas, lambda s: s.free)
        first = (regions["after"] - regions["before"]).abs()
        return ScenarioResult(
            scenario=scenario,
            total=compared(total, lambda s: np.array([s.departures, s.intercepted])),
            areas=regions.loc[first.sort_values(ascending=False, kind="stable").index].reset_index(
                drop=True
            ),
            terminals=moved.loc[order.index].reset_index(drop=True),
            corridors=compared(paths, lambda s: s.corridors),
            assumptions=scenario.assumptions,
            notes=tuple(self._legs.capped(scenario.legs)),
        )


def _alive(kernel: RandomWalkSums, at: Any) -> Any:
    return at[kernel.alive[at]]
