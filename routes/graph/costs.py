"""Generalised cost of a leg: time, waiting and fare in hours.

``g = hours + boarding + schedule delay + papers + border + fare / VOT``. Up to half a day the
schedule delay is half the headway; beyond, people know the timetable and wait at home, where an
hour weighs ``schedule_delay_weight`` (Wardman 2004: the value of headway falls as it grows).
Parameters of the modes are in :mod:`geo.modes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.modes import MODES, mode_of, mode_values

__all__ = [
    "TIME_PARTS",
    "CostParameters",
    "fares_idr",
    "generalised_hours",
    "headway_parts",
    "ride_parts",
    "road_hours",
    "schedule_delay_h",
]

_WEEK_H = 168.0

TIME_PARTS = (
    "ride_h", "ride_low_h", "ride_high_h",
    "headway_h", "headway_low_h", "headway_high_h",
    "border_h",
)  # fmt: skip
"""Parts of a leg's time that are not known: hours of travel, hours between departures, each with
its range where it is assumed, and what papers and border weigh. Missing where a leg has none."""


@dataclass(frozen=True, kw_only=True)
class CostParameters:
    """Parameters of the generalised cost.

    Attributes
    ----------
    value_of_time_idr_h : float
        Value of time, rupiah an hour (assumed): between the hourly minimum wage of NTT in 2024
        (Rp 2.19 million a month over 173 hours, 12,700) and what work abroad pays.
    full_wait_h : float
        Half the headway up to which every hour of it counts in full: that of a daily service.
    schedule_delay_weight : float
        Weight of an hour of half the headway beyond that, 0 to 1. Assumed: 0.1, between 0.05 (a
        fortnightly ship costs 20 h) and 0.2 (43 h).
    fare_growth : float
        Inflation a year, from the year of a fare to ``fare_year``.
    road_speed_kmh, road_detour : float
        Speed over the road's length, and road length over the straight line (assumed for the
        mountain roads of NTT until a road network is imported).

    Examples
    --------
    >>> schedule_delay_h(np.array([12.0, 336.0]), CostParameters()).round(1).tolist()
    [6.0, 27.6]
    """

    value_of_time_idr_h: float = 20_000.0
    full_wait_h: float = 12.0
    schedule_delay_weight: float = 0.1
    fare_growth: float = 0.035
    fare_year: int = 2025
    road_speed_kmh: float = MODES["road"].speed_kmh
    road_detour: float = MODES["road"].detour


def schedule_delay_h(
    headway_h: NDArray[np.float64], parameters: CostParameters, *, weight: float | None = None
) -> NDArray[np.float64]:
    """Hours that a service which leaves every so many hours is away from when people want it.

    Parameters
    ----------
    weight : float, optional
        In place of ``schedule_delay_weight``.
    """
    half = headway_h / 2.0
    at_home = np.maximum(half - parameters.full_wait_h, 0.0)
    weight = parameters.schedule_delay_weight if weight is None else weight
    return np.asarray(half - (1.0 - weight) * at_home)


def headway_parts(legs: pd.DataFrame) -> pd.DataFrame:
    """Hours between departures of each leg, and their range where the frequency is assumed.

    Examples
    --------
    >>> leg = {"mode": "ferry", "departures_per_week": 2.0, "departures_per_week_low": 1.0}
    >>> headway_parts(pd.DataFrame([leg])).values.tolist()
    [[84.0, nan, 168.0]]
    """
    weekly = legs["departures_per_week"]
    weekly = weekly.where(weekly > 0, mode_values(legs["mode"], "departures_per_week"))
    return pd.DataFrame(
        {
            "headway_h": _WEEK_H / weekly.astype(float),
            "headway_low_h": _WEEK_H / _column(legs, "departures_per_week_high"),
            "headway_high_h": _WEEK_H / _column(legs, "departures_per_week_low"),
        }
    )


def ride_parts(legs: pd.DataFrame) -> pd.DataFrame:
    """Hours of travel of each leg, and their range where they are assumed."""
    return pd.DataFrame(
        {
            "ride_h": legs["hours"].astype(float),
            "ride_low_h": _column(legs, "hours_low"),
            "ride_high_h": _column(legs, "hours_high"),
        }
    )


def _column(legs: pd.DataFrame, name: str) -> pd.Series:
    return legs[name].astype(float) if name in legs else pd.Series(np.nan, legs.index)


def fares_idr(legs: pd.DataFrame, parameters: CostParameters) -> pd.Series:
    """Fare of each leg in rupiah of ``fare_year``; by its length where none is known."""
    modelled = mode_values(legs["mode"], "fare_idr_km") * legs["length_km"]
    years = parameters.fare_year - legs["fare_year"].fillna(parameters.fare_year)
    return (legs["fare_idr"] * (1.0 + parameters.fare_growth) ** years).fillna(modelled)


def generalised_hours(legs: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    """Time, fare and generalised cost of each leg.

    Parameters
    ----------
    legs : DataFrame
        ``mode, hours, length_km, departures_per_week, fare_idr, fare_year``, the ranges of hours
        and departures (:data:`geo.leg_ranges.RANGES`) where there are any and, if any leg leaves
        the country, ``abroad`` (bool).

    Raises
    ------
    InputError
        An unknown mode.

    Returns
    -------
    DataFrame aligned with ``legs``
        ``time_h`` (travel, boarding, schedule delay, papers, border), ``fare_idr`` (in rupiah of
        ``fare_year``), ``hours`` = ``time_h + fare_idr / value_of_time_idr_h`` and
        :data:`TIME_PARTS`.
    """
    mode = legs["mode"]
    parts = ride_parts(legs).join(headway_parts(legs))
    wait = schedule_delay_h(parts["headway_h"].to_numpy(), parameters)
    fare = fares_idr(legs, parameters)
    border = mode_values(mode, "papers_h").astype(float)
    if "abroad" in legs:
        border = border + np.where(legs["abroad"], mode_values(mode, "border_h"), 0.0)
    time = parts["ride_h"] + mode_values(mode, "boarding_h") + wait + border
    hours = time + fare / parameters.value_of_time_idr_h
    return parts.assign(border_h=border, time_h=time, fare_idr=fare, hours=hours)


def road_hours(
    straight_km: NDArray[np.float64], parameters: CostParameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time in hours and fare in rupiah of road travel between points this far apart."""
    length_km = straight_km * parameters.road_detour
    return length_km / parameters.road_speed_kmh, length_km * mode_of("road").fare_idr_km
