"""Other times of the legs in place of those assumed: what the network itself may be wrong in.

Of each draw the hours of travel and the headway of every service move within their range, what the
border weighs moves for all legs by sea, by air and by land, roads are all faster or slower, people
mind waiting for a rare service more or less, exits draw more or fewer than the deferrals on record
say, and posts in force deter more or less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geo.modes import MODES
from routes.graph.arrays import Floats, Integers, Network
from routes.graph.costs import CostParameters, schedule_delay_h

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LegTimeSpreads", "LegTimes"]

_NINETY = 1.6449
"""Standard deviations of a normal law between which and the middle 45 % lie."""
_MEDIA = ("air", "land", "sea")
_SHARED = 4 + len(_MEDIA)


@dataclass(frozen=True, kw_only=True)
class LegTimeSpreads:
    """Standard deviations of the logarithms of what all legs share (assumed).

    Attributes
    ----------
    schedule_delay : float
        Of the weight of waiting at home: nine in ten between 0.05 and 0.2.
    border : float
        Of what papers and the border weigh, one factor each for sea, air and land: by air 25 to 45
        hours fit the record as well (docs/METHOD.md).
    road : float
        Of the time on roads: nine in ten between 27 and 45 km/h on the average.
    deterrence : float
        Of the hours that posts in force deter (not identified by any record).
    detection : float
        Of the logit of their detection.
    """

    schedule_delay: float = 0.42
    border: float = 0.3
    road: float = 0.15
    deterrence: float = 0.8
    detection: float = 0.7


@dataclass(frozen=True, eq=False)
class LegTimes:
    """Parts of the times of a network's legs that are drawn; arrays of shape (m,) unless said.

    Attributes
    ----------
    time_h, fare_idr : arrays
        Of the central model.
    ride_h, ride_shift, ride_spread : arrays
        Hours of travel; logarithm of the middle of their range over them, and its standard
        deviation (0 where stated).
    headway_h, headway_shift, headway_spread : arrays
        The same of the hours between departures; 0 where nothing is boarded.
    border_h : array
    service, exit, town : int arrays
        Number of the service and of the exits whose draws count; -1 for none.
    exit_spread : array, shape (exits,)
        Standard deviation of what each exit draws, nats.
    medium : int array
        Position in air, land, sea; ``road`` is where people drive themselves.
    costs : CostParameters
    spreads : LegTimeSpreads
    """

    time_h: Floats
    fare_idr: Floats
    ride_h: Floats
    ride_shift: Floats
    ride_spread: Floats
    headway_h: Floats
    headway_shift: Floats
    headway_spread: Floats
    border_h: Floats
    service: Integers
    exit: Integers
    town: Integers
    exit_spread: Floats
    medium: Integers
    road: NDArray[np.bool_]
    costs: CostParameters
    spreads: LegTimeSpreads

    @classmethod
    def of(cls, edges: pd.DataFrame, costs: CostParameters, spreads: LegTimeSpreads) -> LegTimes:
        """Of the edges of a graph (:func:`routes.graph.build.build_graph`), in the network's order
        of legs.
        """
        import pandas as pd

        def column(name: str) -> Floats:
            return edges[name].to_numpy(float) if name in edges else np.full(len(edges), np.nan)

        def codes(*names: str) -> tuple[list[Integers], int]:
            columns = [
                edges[name] if name in edges else pd.Series(None, edges.index, dtype=object)
                for name in names
            ]
            values = sorted(set(pd.concat(columns).dropna()))
            return [pd.Index(values).get_indexer(c) for c in columns], len(values)

        def ranged(value: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
            assumed = np.isfinite(low) & np.isfinite(high) & (value > 0)
            middle = np.log(np.sqrt(low * high) / value, where=assumed, out=np.zeros(len(value)))
            spread = np.log(high / low, where=assumed, out=np.zeros(len(value))) / (2 * _NINETY)
            return middle, spread

        ride, headway = column("ride_h"), column("headway_h")
        road = np.array([MODES[mode].on_road for mode in edges["mode"]]) & np.isnan(ride)
        (service,), _ = codes("service")
        (exit_, town), exits = codes("exit", "exit_town")
        exit_spread = np.zeros(exits)
        for number, spread in ((exit_, column("exit_spread")), (town, column("town_spread"))):
            exit_spread[number[number >= 0]] = spread[number >= 0]
        ride_shift, ride_spread = ranged(ride, column("ride_low_h"), column("ride_high_h"))
        headway_shift, headway_spread = ranged(
            headway, column("headway_low_h"), column("headway_high_h")
        )
        return cls(
            time_h=column("time_h"), fare_idr=column("fare_idr"),
            ride_h=np.nan_to_num(ride), ride_shift=ride_shift, ride_spread=ride_spread,
            headway_h=np.nan_to_num(headway), headway_shift=headway_shift,
            headway_spread=headway_spread, border_h=np.nan_to_num(column("border_h")),
            service=service, exit=exit_, town=town, exit_spread=exit_spread,
            medium=np.array([_MEDIA.index(MODES[mode].medium) for mode in edges["mode"]], np.intp),
            road=road, costs=costs, spreads=spreads,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """How many standard normal numbers a draw takes."""
        return _SHARED + 2 * (int(self.service.max(initial=-1)) + 2) + len(self.exit_spread)

    def drawn(self, network: Network, theta: float, normals: Floats) -> DrawnTimes:
        """Times of the legs in one draw, with the posts that stand in the network.

        Parameters
        ----------
        network : Network
            With the same legs.
        theta : float
            Of the draw, 1/hour: turns what an exit draws into hours.
        normals : array, shape (size,)
            Independent standard normal numbers.
        """
        spreads, costs = self.spreads, self.costs
        exits = len(self.exit_spread)
        shared, of_service = normals[:_SHARED], normals[_SHARED : len(normals) - exits]
        of_exit = np.append(self.exit_spread * normals[len(normals) - exits :], 0.0)
        ride_z, headway_z = of_service.reshape(2, -1)[:, self.service]
        weight = costs.schedule_delay_weight * np.exp(spreads.schedule_delay * shared[0])
        border = np.exp(spreads.border * shared[4:])[self.medium]
        ride = self.ride_h * np.exp(self.ride_shift + self.ride_spread * ride_z)
        headway = self.headway_h * np.exp(self.headway_shift + self.headway_spread * headway_z)
        time = self.time_h + ride - self.ride_h + self.border_h * (border - 1.0)
        time += schedule_delay_h(headway, costs, weight=min(weight, 1.0))
        time -= schedule_delay_h(self.headway_h, costs)
        time[self.road] *= np.exp(spreads.road * shared[1])
        time -= (of_exit[self.exit] + of_exit[self.town]) / theta
        deterrence_h, detection = network.deterrence_h, network.detection
        if deterrence_h is not None and detection is not None:
            deterrence_h = deterrence_h * np.exp(spreads.deterrence * shared[2])
            odds = np.exp(spreads.detection * shared[3])
            detection = detection * odds / (1.0 - detection + detection * odds)
        return DrawnTimes(np.maximum(time, 0.0), deterrence_h, detection)


@dataclass(frozen=True, eq=False)
class DrawnTimes:
    """One draw: hours of each leg without fare and posts, and the posts in force by node."""

    time_h: Floats
    deterrence_h: Floats | None
    detection: Floats | None
