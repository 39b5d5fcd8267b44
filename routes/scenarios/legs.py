"""Legs opened, closed or served more or less often, as changes of the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.i18n import Message
from routes.build.model import Build
from routes.graph.arrays import Floats, Network
from routes.graph.costs import generalised_hours
from routes.graph.lines import other_sailings
from routes.scenarios.request import LegChange

__all__ = ["LegEditor"]


class LegEditor:
    """Applies changes of legs to the network of one build.

    Attributes
    ----------
    time_h, fare_idr : array, shape (legs of the network,)
        Of each leg before any change, hours and rupiah.
    """

    def __init__(self, build: Build) -> None:
        self.build = build
        self.time_h = build.leg_values("time_h")
        self.fare_idr = build.leg_values("fare_idr")
        self._costs = build.costs
        edges = build.edges
        aboard = build.nodes.loc[build.nodes["kind"] == "aboard", "node"]
        self._sailed = edges.loc[edges["u"].isin(aboard), ["u", "v", "leg_id"]]

    def edited(self, legs: Sequence[LegChange]) -> tuple[Network, tuple[Floats, Floats] | None]:
        """The network with changed legs, and time and fare of each of its legs."""
        network = self.build.network
        if not legs:
            return network, None
        index = {
            pair: k
            for k, pair in enumerate(zip(network.tail.tolist(), network.head.tolist(), strict=True))
        }
        time, fare = self.time_h.copy(), self.fare_idr.copy()
        closed: set[int] = set()
        opened: list[tuple[int, int, float, float]] = []
        for i, change in enumerate(legs):
            for start, end, cost in self._directions(i, change):
                pair = network.position(start), network.position(end)
                leg = index.get(pair)
                if cost is None:
                    closed |= set() if leg is None else {leg}
                elif leg is None:
                    opened.append((*pair, *cost))
                else:
                    time[leg], fare[leg] = cost
            closed |= {index[pair] for pair in self._closed_calls(network, change)}
        if not closed and not opened:
            if np.array_equal(time, self.time_h) and np.array_equal(fare, self.fare_idr):
                return network, None
            # The same legs: the elimination order still holds.
            return replace(network, hours=network.hours.copy()), (time, fare)
        remaining = np.delete(np.arange(len(time)), list(closed))
        added = np.array(opened, dtype=float).reshape(-1, 4)
        tail = np.concatenate([network.tail[remaining], added[:, 0].astype(np.intp)])
        head = np.concatenate([network.head[remaining], added[:, 1].astype(np.intp)])
        time, fare = (
            np.append(time[remaining], added[:, 2]),
            np.append(fare[remaining], added[:, 3]),
        )
        edited = replace(
            network,
            tail=tail,
            head=head,
            hours=time + fare / self._costs.value_of_time_idr_h,
            log_weight=None
            if network.log_weight is None
            else np.append(network.log_weight[remaining], np.full(len(added), np.nan)),
            outdegree=np.bincount(tail, minlength=len(network.nodes)).astype(float),
            _cache={},
        )
        return edited, (time, fare)

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
    ) -> Iterator[tuple[str, str, tuple[float, float] | None]]:
        """Directions of a leg that change, with time and fare of the cheapest service that is
        left; None where none is.
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
            rows = legs[services]
            if change.change == "close":
                rows = legs[services & ~of_mode]
            elif change.change == "sailings":
                weekly = rows["departures_per_week"].mask(
                    of_mode[services], change.departures_per_week
                )
                rows = rows.assign(departures_per_week=weekly)
            # What lines sail has a boarding of its own and stays.
            rows = other_sailings(rows, rows["line_departures_per_week"])
            if opens:
                service = {
                    "mode": change.mode, "hours": change.hours,
                    "fare_idr": np.nan_to_num(change.fare_idr),
                    "departures_per_week": change.departures_per_week, "fare_year": np.nan,
                    "length_km": np.nan,
                }  # fmt: skip
                rows = pd.concat([rows[list(service)], pd.DataFrame([service])], ignore_index=True)
            if rows.empty:
                yield start, end, None
                continue
            abroad = country[start] == "ID" and country[end] != "ID"
            cost = generalised_hours(rows.assign(abroad=abroad), self._costs)
            cheapest = cost.loc[cost["hours"].idxmin()]
            yield start, end, (float(cheapest["time_h"]), float(cheapest["fare_idr"]))

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
