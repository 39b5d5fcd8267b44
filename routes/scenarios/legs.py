"""Legs opened, closed or sailing less often: what that makes of the network of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.i18n import Message
from geo.modes import mode_values
from routes.build.model import Build
from routes.graph.arrays import Floats, Network
from routes.graph.costs import CostParameters, generalised_hours
from routes.scenarios.file import LegChange

__all__ = ["LegEditor"]


class _Untouched:
    """Says that one direction of a leg stays as it is."""


_UNTOUCHED = _Untouched()


class LegEditor:
    """Applies changes of legs to the network of one build.

    Attributes
    ----------
    time_h, fare_idr : array, shape (legs of the network,)
        Of each leg as it is, hours and rupiah.
    """

    def __init__(self, build: Build) -> None:
        self.build = build
        self._network = build.network
        self.time_h = build.leg_values("time_h")
        self.fare_idr = build.leg_values("fare_idr")
        self._value = build.costs.value_of_time_idr_h

    def edited(self, legs: Sequence[LegChange]) -> tuple[Network, tuple[Floats, Floats] | None]:
        """The network with changed legs, and time and fare of each of its legs."""
        if not legs:
            return self._network, None
        network = self._network
        index = {
            pair: k
            for k, pair in enumerate(zip(network.tail.tolist(), network.head.tolist(), strict=True))
        }
        time, fare = self.time_h.copy(), self.fare_idr.copy()
        closed: set[int] = set()
        opened: list[tuple[int, int, float, float]] = []
        for i, change in enumerate(legs):
            for start, end in ((change.start, change.end), (change.end, change.start)):
                cost_left = self._leg(i, change, start, end)
                if cost_left is _UNTOUCHED:
                    continue
                u, v = network.position(start), network.position(end)
                at = index.get((u, v))
                if cost_left is None:
                    if at is not None:
                        closed.add(at)
                elif at is None:
                    opened.append((u, v, *cost_left))
                else:
                    time[at], fare[at] = cost_left
        if not closed and not opened:
            if np.array_equal(time, self.time_h) and np.array_equal(fare, self.fare_idr):
                return network, None
            # The same legs: what was analysed once still holds.
            return replace(network, hours=network.hours.copy()), (time, fare)
        kept = np.array([k for k in range(len(time)) if k not in closed], dtype=np.intp)
        more = np.array(opened, dtype=float).reshape(-1, 4)
        tail = np.concatenate([network.tail[kept], more[:, 0].astype(np.intp)])
        head = np.concatenate([network.head[kept], more[:, 1].astype(np.intp)])
        time, fare = np.append(time[kept], more[:, 2]), np.append(fare[kept], more[:, 3])
        edited = replace(
            network,
            tail=tail,
            head=head,
            hours=time + fare / self._value,
            outdegree=np.bincount(tail, minlength=len(network.nodes)).astype(float),
            _found={},
        )
        return edited, (time, fare)

    def _leg(self, i: int, change: LegChange, start: str, end: str) -> Any:
        """Time and fare of the cheapest way left; None: no way is left; or nothing changes."""
        terminals = self.build.terminals.set_index("id")["country"]
        for name, at in ((change.start, "from"), (change.end, "to")):
            if name not in terminals.index:
                field = f"legs[{i}].{at}"
                raise InputError("scenario.no_terminal", at=field, terminal=name, field=field)
        rows = self.build.legs
        rows = rows[(rows["from_id"] == start) & (rows["to_id"] == end)]
        of_mode = rows["mode"].isin([change.mode] if change.mode else rows["mode"])
        if change.change != "open" and not of_mode.any():
            if start == change.start and not self._backward(change):
                raise InputError(
                    "scenario.no_leg", i=i, start=change.start, end=change.end, field=f"legs[{i}]"
                )
            return _UNTOUCHED
        edge = self.build.graph.edges.get((start, end))
        road = edge is not None and not isinstance(edge.get("leg_id"), str)
        if road and change.change != "open":
            return _UNTOUCHED  # a road is cheaper than every timetabled leg here
        if change.change == "close":
            rows = rows[~of_mode]
        elif change.change == "sailings":
            rows = rows.assign(
                departures_per_week=rows["departures_per_week"].mask(
                    of_mode, change.departures_per_week
                )
            )
        else:
            new = {
                "mode": change.mode, "hours": change.hours, "fare_idr": change.fare_idr,
                "departures_per_week": change.departures_per_week, "fare_year": np.nan,
                "length_km": np.nan,
            }  # fmt: skip
            if np.isnan(change.fare_idr):
                new["fare_idr"] = 0.0
            rows = pd.concat([rows[list(new)], pd.DataFrame([new])], ignore_index=True)
        if rows.empty:
            return None
        abroad = terminals[start] == "ID" and terminals[end] != "ID"
        cost = generalised_hours(rows.assign(abroad=abroad), self._costs())
        best = cost.loc[cost["hours"].idxmin()]
        return float(best["time_h"]), float(best["fare_idr"])

    def _backward(self, change: LegChange) -> bool:
        rows = self.build.legs
        reverse = (rows["from_id"] == change.end) & (rows["to_id"] == change.start)
        return bool((reverse & ((rows["mode"] == change.mode) | (change.mode == ""))).any())

    def _costs(self) -> CostParameters:
        stored = self.build.parameters["costs"]
        names = {f.name for f in fields(CostParameters)}
        return CostParameters(**{k: v for k, v in stored.items() if k in names})

    def capped(self, legs: Sequence[LegChange]) -> Iterator[Message]:
        """Sailings that go from rare to rare: the wait is at its cap before and after."""
        costs = self._costs()
        rare, cap = costs.capped_departures_per_week, costs.wait_cap_h
        rows = self.build.legs
        names = self.build.terminals.set_index("id")["name"]
        ends = set(rows["from_id"]) & set(rows["to_id"])
        for leg in legs:
            if leg.change != "sailings" or leg.departures_per_week > rare:
                continue
            if not {leg.start, leg.end} <= ends:
                continue
            pair = {leg.start, leg.end}
            legs_of_pair = rows[rows["from_id"].isin(pair) & rows["to_id"].isin(pair)]
            legs_of_pair = (
                legs_of_pair[legs_of_pair["mode"] == leg.mode] if leg.mode else legs_of_pair
            )
            weekly = legs_of_pair["departures_per_week"].fillna(0.0)
            before = weekly.where(
                weekly > 0, mode_values(legs_of_pair["mode"], "departures_per_week")
            )
            if len(legs_of_pair) and bool((before <= rare).all()):
                ends_of_leg = {"tail": names[leg.start], "head": names[leg.end]}
                yield Message("note.wait_at_cap", {**ends_of_leg, "hours": cap, "weekly": rare})
