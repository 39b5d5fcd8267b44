"""What a leg costs a traveller: time, waiting and fare in hours of generalised cost.

``g = hours + boarding + wait + papers + border + fare / VOT``; the wait is half the headway,
capped, because people who know the ship's cycle wait at home (Wardman 2004 on headway).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["SEA_MODES", "CostParameters", "generalised_hours", "road_hours"]

SEA_MODES = frozenset({"passenger_ship", "ferry", "fast_boat", "small_boat"})

_FARE = {
    "passenger_ship": 450.0,
    "ferry": 700.0,
    "fast_boat": 2_500.0,
    "small_boat": 2_500.0,
    "air": 1_500.0,
    "bus": 500.0,
    "road": 800.0,
    "walk": 0.0,
}
_BOARDING = {
    "passenger_ship": 2.0,
    "ferry": 1.0,
    "fast_boat": 0.75,
    "small_boat": 0.5,
    "air": 2.0,
    "bus": 0.5,
    "road": 0.0,
    "walk": 0.25,
}
_WEEKLY = {
    "passenger_ship": 0.5,
    "ferry": 3.0,
    "fast_boat": 7.0,
    "small_boat": 7.0,
    "air": 7.0,
    "bus": 7.0,
    "road": 70.0,
    "walk": 168.0,
}


_WEEK_H = 168.0
_PAPERS = {"air": 20.0}
_BORDER = {
    "air": 40.0,
    "passenger_ship": 15.0,
    "ferry": 15.0,
    "fast_boat": 15.0,
    "bus": 15.0,
    "road": 15.0,
    "walk": 8.0,
    "small_boat": 8.0,
}


@dataclass(frozen=True, kw_only=True)
class CostParameters:
    """Assumptions that turn a timetable into hours of generalised cost.

    Attributes
    ----------
    value_of_time_idr_h : float
        Rupiah that weigh as much as one hour: near the hourly minimum wage of NTT in 2024
        (Rp 2.19 million a month over 173 hours).
    wait_cap_h : float
        Longest wait that counts, hours.
    fare_idr_km : mapping mode -> rupiah per km
        Used where no fare is known: medians of the fares in the leg tables, rounded.
    boarding_h : mapping mode -> hours
        Check-in, tickets, getting on and off (assumed).
    weekly_default : mapping mode -> departures a week
        Used where the frequency is unknown (assumed, on the low side).
    papers_h : mapping mode -> hours
        What a name on a ticket and a check of identity weigh for somebody who is to travel unseen.
        Calibrated, with ``border_h`` of ``air`` and theta, on the terminals where people of NTT
        were stopped: at 0 the airports carry twice what they should beside the ships.
    border_h : mapping mode -> hours
        What leaving Indonesia weighs for somebody without the papers for work: refusal at
        immigration where there is one, danger and the boatman's premium where there is none
        (assumed; airports refuse most, see the passport refusals in ``counts.csv``).
    fare_growth : float
        Yearly growth that brings a fare of its year to ``fare_year``: consumer prices, roughly.
    road_speed_kmh, road_detour : float
        Speed over the road's length, and road length over the straight line (assumed for the
        mountain roads of NTT until a road network is imported).
    """

    value_of_time_idr_h: float = 12_500.0
    wait_cap_h: float = 24.0
    fare_idr_km: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_FARE))
    boarding_h: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_BOARDING))
    weekly_default: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_WEEKLY))
    papers_h: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_PAPERS))
    border_h: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_BORDER))
    fare_growth: float = 0.035
    fare_year: int = 2025
    road_speed_kmh: float = 35.0
    road_detour: float = 1.4

    @property
    def capped_departures_per_week(self) -> float:
        """Departures a week below which the wait grows no more: it is at its cap."""
        return _WEEK_H / 2.0 / self.wait_cap_h


def generalised_hours(legs: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    """Split the cost of each leg into what does and what does not depend on the value of time.

    Parameters
    ----------
    legs : DataFrame
        ``mode, hours, length_km, departures_per_week, fare_idr, fare_year`` and, if any leaves
        the country, ``abroad`` (bool).

    Returns
    -------
    DataFrame aligned with ``legs``
        ``time_h`` (travel, boarding, wait, papers, border), ``fare_idr`` (in rupiah of
        ``fare_year``) and ``hours`` = ``time_h + fare_idr / value_of_time_idr_h``.
    """
    mode = legs["mode"]
    weekly = legs["departures_per_week"].where(legs["departures_per_week"] > 0)
    weekly = weekly.fillna(mode.map(dict(parameters.weekly_default))).astype(float)
    wait = np.minimum(_WEEK_H / weekly / 2.0, parameters.wait_cap_h)
    assumed = mode.map(dict(parameters.fare_idr_km)).astype(float) * legs["length_km"]
    years = parameters.fare_year - legs["fare_year"].fillna(parameters.fare_year)
    fare = (legs["fare_idr"] * (1.0 + parameters.fare_growth) ** years).fillna(assumed)
    time = legs["hours"] + mode.map(dict(parameters.boarding_h)).astype(float) + wait
    time = time + mode.map(dict(parameters.papers_h)).astype(float).fillna(0.0)
    if "abroad" in legs:
        time = time + mode.map(dict(parameters.border_h)).astype(float).where(legs["abroad"], 0.0)
    hours = time + fare / parameters.value_of_time_idr_h
    return pd.DataFrame({"time_h": time, "fare_idr": fare, "hours": hours})


def road_hours(
    straight_km: NDArray[np.float64], parameters: CostParameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time in hours and fare in rupiah of road travel between points this far apart."""
    length_km = straight_km * parameters.road_detour
    return length_km / parameters.road_speed_kmh, length_km * parameters.fare_idr_km["road"]
