"""Legs opened, closed or served more or less often, as changes of the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.i18n import Message
from routes.build.model import Build
from routes.graph.arrays import Floats, Integers, Network
from routes.graph.costs import generalised_hours
from routes.graph.lines import other_sailings
from routes.scenarios.request import LegChange

__all__ = ["EditedLegs", "LegEditor"]


@dataclass(frozen=True, eq=False)
class EditedLegs:
    """Changes of the legs of one network, to be made on any draw of it.

    Attributes
    ----------
    remaining : int array
        Legs that stay, as positions in the network.
    time_h, fare_idr : arrays, shape (remaining legs,)
        What is added to those of the leg.
    tail, head : int arrays, shape (legs,)
        Of the remaining and the opened legs.
    opened_h, opened_idr : arrays, shape (opened legs,)
    """

    remaining: Integers
    time_h: Floats
    fare_idr: Floats
    tail: Integers
    head: Integers
    opened_h: Floats
    opened_idr: Floats
    _cache: dict[str, Any] = field(default_factory=dict)

    def on(self, network: Network, value_of_time_idr_h: float) -> Network:
        """The changed network; a draw keeps its own times and weights of all other legs."""
        hours = network.hours[self.remaining] + self.time_h + self.fare_idr / value_of_time_idr_h
        opened = self.opened_h + self.opened_idr / value_of_time_idr_h
        log_weight, least = network.log_weight, np.zeros(len(self.tail))
        if network.deterrence_h is not None:
            least = network.deterrence_h[self.tail]
            opened = opened + least[len(hours) :]
        if log_weight is not None:
            log_weight = np.append(log_weight[self.remaining], np.full(len(opened), np.nan))
        same = len(self.remaining) == len(network.tail) and not len(opened)
        return replace(
            network,
            tail=network.tail if same else self.tail,
            head=network.head if same else self.head,
            hours=np.maximum(np.append(hours, opened), least),
            log_weight=log_weight,
            outdegree=np.bincount(self.tail, minlength=len(network.nodes)).astype(float),
            # The same legs: the elimination order still holds.
            _cache=network._cache if same else self._cache,  # noqa: SLF001
        )


class LegEditor:
    """Turns changes of legs into changes of the network of one build."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self._costs = build.costs
        edges = build.edges
        aboard = build.nodes.loc[build.nodes["kind"] == "aboard", "node"]
        self._sailed = edges.loc[edges["u"].isin(aboard), ["u", "v", "leg_id"]]

    def edited(self, legs: Sequence[LegChange]) -> EditedLegs | None:
        """The changes; None where nothing changes."""
        if not legs:
            return None
        network, build = self.build.network, self.build
        index = {
            pair: k
            for k, pair in enumerate(zip(network.tail.tolist(), network.head.tolist(), strict=True))
        }
        time, fare = build.leg_values("time_h").copy(), build.leg_values("fare_idr").copy()
        before_h, before_idr = time.copy(), fare.copy()
        closed: set[int] = set()
        opened: list[tuple[int, int, float, float]] = []
        value = self._costs.value_of_time_idr_h
        for i, change in enumerate(legs):
            for start, end, before, after in self._directions(i, change):
                pair = network.position(start), network.position(end)
                leg = index.get(pair)
                if after is None:
                    closed |= set() if leg is None else {leg}
                elif leg is None:
                    opened.append((*pair, *after))
                elif before is not None:
                    time[leg] += after[0] - before[0]
                    fare[leg] += after[1] - before[1]
                elif after[0] + after[1] / value < time[leg] + fare[leg] / value:
                    time[leg], fare[leg] = after
            closed |= {index[pair] for pair in self._closed_calls(network, change)}
        remaining = np.delete(np.arange(len(time)), list(closed))
        time, fare = (time - before_h)[remaining], (fare - before_idr)[remaining]
        if not (closed or opened or time.any() or fare.any()):
            return None
        added = np.array(opened, dtype=float).reshape(-1, 4)
        return EditedLegs(
            remaining, time, fare,
            tail=np.concatenate([network.tail[remaining], added[:, 0].astype(np.intp)]),
            head=np.concatenate([network.head[remaining], added[:, 1].astype(np.intp)]),
            opened_h=added[:, 2], opened_idr=added[:, 3],
        )  # fmt: skip

    def _closed_calls(self, network: Network, change: LegChange) -> Iterator[tuple[int, int]]:
        """Sailings of lines that no longer go from one call to the next: a closed leg's."""
        if change.change != "close":
            return
        legs = self._services(change)
        sailed = self._sailed[self._sailed["leg_id"].isin(legs["id"])]
        for u, v in zip(sailed["u"], sailed["v"], strict=True):
            yield network.position(u), network.position(v)

    def _services(self, change: LegChange) -> pd.DataFrame:
        """Legs of the mode that a change names, both ways."""
        legs, ends = self.build.legs, [change.start, change.end]
        both_ways = legs["from_id"].isin(ends) & legs["to_id"].isin(ends)
        return legs[both_ways & legs["mode"].isin([change.mode] if change.mode else legs["mode"])]

    def _directions(
        self, i: int, change: LegChange
    ) -> Iterator[tuple[str, str, tuple[float, float] | None, tuple[float, float] | None]]:
        """Directions of a leg that change, with time and fare of the cheapest service before and
        after; None where there is none.
        """
        country = self.build.terminals.set_index("id")["country"]
        for name, end_of_leg in ((change.start, "from"), (change.end, "to")):
            if name not in country.index:
                field = f"legs[{i}].{end_of_leg}"
                raise InputError("scenario.no_terminal", at=field, terminal=name, field=field)
        legs, opens = self.build.legs, change.change == "open"
        of_mode = legs.index.isin(self._services(change).index)
        ends = pd.MultiIndex.from_frame(legs[["from_id", "to_id"]])
        directions = [(change.start, change.end), (change.end, change.start)]
        if not opens and not of_mode.any():
            raise InputError(
                "scenario.no_leg", i=i, start=change.start, end=change.end, field=f"legs[{i}]"
            )
        for start, end in directions:
            services = ends.isin([(start, end)])
            edge = self.build.graph.edges.get((start, end))
            # A road edge is cheaper than every timetabled leg between the two.
            road = edge is not None and not isinstance(edge.get("leg_id"), str)
            if not opens and (road or not (services & of_mode).any()):
                continue
            abroad = country[start] == "ID" and country[end] != "ID"
            rows = legs[services]
            before = None if road else self._cheapest(rows, abroad=abroad)
            if change.change == "close":
                rows = legs[services & ~of_mode]
            elif change.change == "sailings":
                weekly = rows["departures_per_week"].mask(
                    of_mode[services], change.departures_per_week
                )
                rows = rows.assign(departures_per_week=weekly)
            if opens:
                rows = other_sailings(rows, rows["line_departures_per_week"])
                service = {
                    "mode": change.mode, "hours": change.hours,
                    "fare_idr": np.nan_to_num(change.fare_idr),
                    "departures_per_week": change.departures_per_week, "fare_year": np.nan,
                    "length_km": np.nan,
                }  # fmt: skip
                rows = pd.concat([rows[list(service)], pd.DataFrame([service])], ignore_index=True)
            yield start, end, before, self._cheapest(rows, abroad=abroad)

    def _cheapest(self, rows: pd.DataFrame, *, abroad: bool) -> tuple[float, float] | None:
        """Time and fare of the cheapest of some services beside what lines sail."""
        if "line_departures_per_week" in rows:
            # What lines sail has a boarding of its own and stays.
            rows = other_sailings(rows, rows["line_departures_per_week"].fillna(0.0))
        if rows.empty:
            return None
        cost = generalised_hours(rows.assign(abroad=abroad), self._costs)
        cheapest = cost.loc[cost["hours"].idxmin()]
        return float(cheapest["time_h"]), float(cheapest["fare_idr"])

    def notes(self, changes: Sequence[LegChange]) -> Iterator[Message]:
        """Notes on fewer sailings of a leg than its lines make: lines keep theirs."""
        names = self.build.terminals.set_index("id")["name"]
        for change in changes:
            weekly = self._services(change)["line_departures_per_week"].max()
            if change.change == "sailings" and change.departures_per_week < weekly:
                yield Message(
                    "note.lines_keep",
                    {"tail": names[change.start], "head": names[change.end], "weekly": weekly},
                )
