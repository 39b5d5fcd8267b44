"""Legs opened, closed or served more or less often, as changes of the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.i18n import Message
from geo.modes import mode_values
from routes.build.model import Build
from routes.graph.arrays import Floats, Network
from routes.graph.costs import generalised_hours
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
        of_mode = legs["mode"].isin([change.mode] if change.mode else legs["mode"])
        ends = pd.MultiIndex.from_frame(legs[["from_id", "to_id"]])
        directions = [(change.start, change.end), (change.end, change.start)]
        if not opens and not (ends.isin(directions) & of_mode).any():
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
                    of_mode[rows.index], change.departures_per_week
                )
                rows = rows.assign(departures_per_week=weekly)
            else:
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
        """Notes on legs whose wait is at its cap before and after the change."""
        rare = self._costs.capped_departures_per_week
        names = self.build.terminals.set_index("id")["name"]
        for change in changes:
            if change.change != "sailings" or change.departures_per_week > rare:
                continue
            legs = self.build.legs
            pair = [change.start, change.end]
            legs = legs[legs["from_id"].isin(pair) & legs["to_id"].isin(pair)]
            if change.mode:
                legs = legs[legs["mode"] == change.mode]
            weekly = legs["departures_per_week"]
            before = weekly.where(weekly > 0, mode_values(legs["mode"], "departures_per_week"))
            if len(legs) and (before <= rare).all():
                yield Message(
                    "note.wait_at_cap",
                    {
                        "tail": names[change.start], "head": names[change.end],
                        "hours": self._costs.wait_cap_h, "weekly": rare,
                    },
                )  # fmt: skip
