"""The modes of transport: the one table of what each mode is and what a leg of it costs.

A mode is added by one row here and its title ``mode.<slug>`` in the catalogue; imports, lengths,
costs, scenarios and the map read this table. A mode that is not in it is refused, so that no leg
ends up with hours that are not a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError

__all__ = ["MODES", "Mode", "mode_of", "mode_values"]


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One mode of transport; every number is assumed unless a source is named.

    Attributes
    ----------
    medium : str
        ``sea``, ``air`` or ``land``: how a leg is measured (over water, along the geodesic, or the
        geodesic times ``detour``) and drawn.
    on_road : bool
        Travel along roads, which people string together without boarding anything that sails,
        flies or runs on rails.
    speed_kmh : float
        Over the length of a leg whose hours are not stated.
    fastest_kmh : float
        No leg is covered faster, stops included; every embedded leg keeps to it.
    detour : float
        Length over the straight line where no length is known.
    boarding_h : float
        Check-in, tickets, getting on and off.
    alighting_h : float
        Getting off a ship of a line, whose boarding is counted apart.
    dwell_h : float
        In port at each call, for those who stay aboard. KM Awu takes 97 h from Surabaya to Kupang
        by its timetable of June 2025, 83 h of them at sea with four calls between: 3.5 h a call;
        KM Tidar 1.6 h.
    departures_per_week : float
        Where the frequency is unknown, on the low side.
    fare_idr_km : float
        Where no fare is known: medians of the fares in the leg tables, rounded.
    papers_h : float
        What a name on a ticket and a check of identity weigh for somebody who is to travel unseen
        (assumed: little on a flight at home, for which an identity card is enough).
    hours_range : tuple of float
        Factors on hours that are not stated, between which nine in ten lie: 5th and 95th percentile
        of stated over modelled hours among the embedded legs of the mode, rounded (docs/DATA.md).
    departures_range : tuple of float
        The same for departures that are assumed; no sample but judgement: corrections since made
        moved them by 0.7 to 2.3, and no timetable of small boats exists.
    border_h : float
        What leaving Indonesia weighs for somebody without the papers for work: refusal at
        immigration where there is one, danger and the boatman's premium where there is none
        (airports refuse most, see the passport refusals in ``counts.csv``).
    """

    medium: Literal["sea", "air", "land"]
    on_road: bool = False
    speed_kmh: float
    fastest_kmh: float
    detour: float
    boarding_h: float
    alighting_h: float = 0.1
    dwell_h: float = 1.0
    departures_per_week: float
    fare_idr_km: float
    papers_h: float = 0.0
    border_h: float
    hours_range: tuple[float, float]
    departures_range: tuple[float, float] = (1 / 3, 3.0)


# Water goes around capes and islands. For roads, networks detour 1.2-1.4 (Ballou, Rahardja and
# Sakai, Transportation Research A 36, 2002: country means 1.12-2.1, Indonesia not listed); the
# upper end is assumed for mountainous islands.
MODES: Mapping[str, Mode] = MappingProxyType(
    {
        "passenger_ship": Mode(
            medium="sea", speed_kmh=26.0, fastest_kmh=45.0, detour=1.25, boarding_h=2.0,
            dwell_h=3.0, departures_per_week=0.5, fare_idr_km=450.0, border_h=15.0,
            hours_range=(0.9, 1.7), departures_range=(0.5, 2.0),
        ),
        "ferry": Mode(
            medium="sea", speed_kmh=18.0, fastest_kmh=40.0, detour=1.25, boarding_h=1.0,
            departures_per_week=3.0, fare_idr_km=700.0, border_h=15.0,
            hours_range=(0.95, 1.65),
        ),
        "fast_boat": Mode(
            medium="sea", speed_kmh=45.0, fastest_kmh=75.0, detour=1.25, boarding_h=0.75,
            departures_per_week=7.0, fare_idr_km=2_500.0, border_h=15.0,
            hours_range=(0.7, 1.5),
        ),
        "small_boat": Mode(
            medium="sea", speed_kmh=15.0, fastest_kmh=60.0, detour=1.25, boarding_h=0.5,
            departures_per_week=7.0, fare_idr_km=2_500.0, border_h=8.0,
            hours_range=(0.5, 1.5), departures_range=(0.2, 5.0),
        ),
        "air": Mode(
            medium="air", speed_kmh=500.0, fastest_kmh=950.0, detour=1.0, boarding_h=2.0,
            departures_per_week=7.0, fare_idr_km=1_500.0, papers_h=2.0, border_h=50.0,
            hours_range=(0.8, 1.25),
        ),
        "bus": Mode(
            medium="land", on_road=True, speed_kmh=35.0, fastest_kmh=90.0, detour=1.4,
            boarding_h=0.5, departures_per_week=7.0, fare_idr_km=500.0, border_h=15.0,
            hours_range=(0.75, 1.75),
        ),
        "road": Mode(
            medium="land", on_road=True, speed_kmh=35.0, fastest_kmh=90.0, detour=1.4,
            boarding_h=0.0, departures_per_week=70.0, fare_idr_km=800.0, border_h=15.0,
            hours_range=(0.75, 1.75),
        ),
        "walk": Mode(
            medium="land", on_road=True, speed_kmh=4.0, fastest_kmh=6.0, detour=1.2,
            boarding_h=0.25, departures_per_week=168.0, fare_idr_km=0.0, border_h=8.0,
            hours_range=(0.7, 1.5), departures_range=(1.0, 1.0),
        ),
    }
)  # fmt: skip
"""By slug, in the order in which a choice lists them."""


def mode_of(slug: str) -> Mode:
    """The mode of this slug.

    Raises
    ------
    InputError
        No such mode.

    Examples
    --------
    >>> mode_of("ferry").medium
    'sea'
    """
    if slug not in MODES:
        raise InputError("modes.unknown_mode", field="mode", mode=slug, modes=list(MODES))
    return MODES[slug]


def mode_values(slugs: Iterable[str], column: str) -> NDArray[Any]:
    """One attribute of the mode of each leg, shape (legs,).

    Parameters
    ----------
    slugs : iterable of str
        Mode of each leg.
    column : str
        An attribute of :class:`Mode`.

    Raises
    ------
    InputError
        A leg's mode is not in the table.

    Examples
    --------
    >>> mode_values(["ferry", "air"], "speed_kmh")
    array([ 18., 500.])
    """
    return np.array([getattr(mode_of(slug), column) for slug in slugs])
