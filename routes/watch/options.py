"""What may be watched: the sailings of each terminal, and the persons at risk on one of them.

Persons at a terminal p, ``L_p`` a year, board its services in proportion to the flow of their legs:
service l carries ``L_p w_l``. A service that sails ``n_l`` < 7 times a week is watched sailing by
sailing, each with ``L_p w_l / (52 n_l)`` persons. What sails daily or more often, and what has no
timetable (small boats, a landing), is watched as traffic: a shift of h hours sees the share
``s = max(1 / n, h / 168)`` of it, and k shifts at times drawn independently see ``1 - (1 - s)^k``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.modes import mode_values
from routes.graph.arrays import Floats
from routes.graph.checkpoints import exit_kind

__all__ = ["DAILY", "WEEKS_A_YEAR", "Option", "options_of"]

WEEKS_A_YEAR = 365.25 / 7
DAILY = 7.0
"""Sailings a week from which a service is traffic: no sailing is worth a shift of its own."""
_HOURS_A_WEEK = 168.0
_NO_TIMETABLE = "small_boat"
"""Mode that leaves when it is full: its boats are traffic."""


@dataclass(frozen=True, eq=False)
class Option:
    """One thing to watch at a terminal.

    Attributes
    ----------
    terminal : str
    services : tuple of int
        Rows of the table of legs: one for a sailing, any number for traffic.
    per_week : float
        Sailings a week; 0 where nothing is known of them.
    part : float
        Of the persons at the terminal, the share that it carries.
    seen : float
        Share of a week's persons that one shift sees: ``1 / n`` for a sailing.
    sailing : bool
        Whether a shift is for one sailing, else for traffic.
    afloat : bool
        Whether a shift needs a boat.
    """

    terminal: str
    services: tuple[int, ...]
    per_week: float
    part: float
    seen: float
    sailing: bool
    afloat: bool

    def persons(self, at_terminal: Floats) -> Floats:
        """Persons at risk whom a first shift sees, of those at the terminal in a year."""
        return at_terminal * self.part * self.seen / WEEKS_A_YEAR


def options_of(terminals: pd.DataFrame, legs: pd.DataFrame, *, hours: float) -> list[Option]:
    """The options of each terminal, in the order of the table.

    Parameters
    ----------
    terminals : DataFrame
        ``id, kind``.
    legs : DataFrame
        ``from_id, mode, departures_per_week, flow_mean``; its index names the services.
    hours : float
        Of one shift.

    Examples
    --------
    >>> terminals = pd.DataFrame({"id": ["tenau"], "kind": ["seaport"]})
    >>> legs = pd.DataFrame(
    ...     {
    ...         "from_id": "tenau",
    ...         "mode": ["ferry", "passenger_ship"],
    ...         "departures_per_week": [14.0, 0.5],
    ...         "flow_mean": [10.0, 30.0],
    ...     }
    ... )
    >>> ship, traffic = options_of(terminals, legs, hours=4)
    >>> ship.part, ship.seen, traffic.part, round(traffic.seen, 3)
    (0.75, 2.0, 0.25, 0.071)
    >>> float(ship.persons(np.array(5218.0)).round())  # those of two weeks
    150.0
    """
    found: list[Option] = []
    by_terminal = {str(name): rows for name, rows in legs.groupby("from_id")}
    for row in terminals.itertuples(index=False):
        terminal, kind = str(row.id), str(row.kind)
        services = by_terminal.get(terminal, legs.iloc[:0])
        flow = services["flow_mean"].fillna(0.0).to_numpy(float)
        weight = flow / flow.sum() if flow.sum() > 0 else np.zeros(len(flow))
        number = services["departures_per_week"].fillna(0.0).to_numpy(float)
        landing = kind == "unofficial"
        at_sea = mode_values(services["mode"], "medium") == "sea"
        timetable = (services["mode"] != _NO_TIMETABLE).to_numpy() & (not landing)
        single = timetable & (number > 0) & (number < DAILY) & (weight > 0)
        if exit_kind(kind) != "sea":
            single[:] = False
        index = services.index.to_numpy()
        found += [
            Option(terminal, (int(index[i]),), float(number[i]), float(weight[i]),
                   float(1 / number[i]), sailing=True, afloat=False)
            for i in np.flatnonzero(single)
        ]  # fmt: skip
        rest = ~single
        part = float(weight[rest].sum()) if flow.sum() > 0 else 1.0
        if part <= 0:
            continue
        timed = 0.0 if landing else float(number[rest].sum())
        seen = max(1 / timed if timed >= 1 else 0.0, hours / _HOURS_A_WEEK)
        afloat = landing and bool(at_sea.any())
        found.append(
            Option(terminal, tuple(map(int, index[rest])), timed, part, min(seen, 1.0),
                   sailing=False, afloat=afloat)
        )  # fmt: skip
    return found
