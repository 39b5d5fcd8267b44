"""Generalised cost of a leg: time, waiting and fare in hours.

``g = hours + boarding + wait + papers + border + fare / VOT``; the wait is half the headway,
capped, because people who know the ship's cycle wait at home (Wardman 2004 on headway). Parameters
of the modes are in :mod:`geo.modes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.modes import MODES, mode_of, mode_values

__all__ = ["CostParameters", "generalised_hours", "road_hours"]

_WEEK_H = 168.0


@dataclass(frozen=True, kw_only=True)
class CostParameters:
    """Parameters of the generalised cost.

    Attributes
    ----------
    value_of_time_idr_h : float
        Value of time, rupiah an hour: near the hourly minimum wage of NTT in 2024 (Rp 2.19 million
        a month over 173 hours).
    wait_cap_h : float
        Longest wait that counts, hours.
    fare_growth : float
        Inflation a year, from the year of a fare to ``fare_year``.
    road_speed_kmh, road_detour : float
        Speed over the road's length, and road length over the straight line (assumed for the
        mountain roads of NTT until a road network is imported).

    Examples
    --------
    >>> CostParameters(wait_cap_h=12.0).capped_departures_per_week
    7.0
    """

    value_of_time_idr_h: float = 12_500.0
    wait_cap_h: float = 24.0
    fare_growth: float = 0.035
    fare_year: int = 2025
    road_speed_kmh: float = MODES["road"].speed_kmh
    road_detour: float = MODES["road"].detour

    @property
    def capped_departures_per_week(self) -> float:
        """Departures a week at and below which the wait is at its cap."""
        return _WEEK_H / 2.0 / self.wait_cap_h


def generalised_hours(legs: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    """Time, fare and generalised cost of each leg.

    Parameters
    ----------
    legs : DataFrame
        ``mode, hours, length_km, departures_per_week, fare_idr, fare_year`` and, if any leaves
        the country, ``abroad`` (bool).

    Raises
    ------
    InputError
        An unknown mode.

    Returns
    -------
    DataFrame aligned with ``legs``
        ``time_h`` (travel, boarding, wait, papers, border), ``fare_idr`` (in rupiah of
        ``fare_year``) and ``hours`` = ``time_h + fare_idr / value_of_time_idr_h``.
    """
    mode = legs["mode"]
    weekly = legs["departures_per_week"]
    weekly = weekly.where(weekly > 0, mode_values(mode, "departures_per_week")).astype(float)
    wait = np.minimum(_WEEK_H / weekly / 2.0, parameters.wait_cap_h)
    modelled_fare = mode_values(mode, "fare_idr_km") * legs["length_km"]
    years = parameters.fare_year - legs["fare_year"].fillna(parameters.fare_year)
    fare = (legs["fare_idr"] * (1.0 + parameters.fare_growth) ** years).fillna(modelled_fare)
    time = legs["hours"] + mode_values(mode, "boarding_h") + wait + mode_values(mode, "papers_h")
    if "abroad" in legs:
        time = time + np.where(legs["abroad"], mode_values(mode, "border_h"), 0.0)
    hours = time + fare / parameters.value_of_time_idr_h
    return pd.DataFrame({"time_h": time, "fare_idr": fare, "hours": hours})


def road_hours(
    straight_km: NDArray[np.float64], parameters: CostParameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time in hours and fare in rupiah of road travel between points this far apart."""
    length_km = straight_km * parameters.road_detour
    return length_km / parameters.road_speed_kmh, length_km * mode_of("road").fare_idr_km
