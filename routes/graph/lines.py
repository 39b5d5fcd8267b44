"""Lines: ships that call at several ports, on which people stay aboard.

Boarding costs the schedule delay once; staying aboard costs sailing and the time in port; getting
off costs little. A node ``aboard`` is the ship after it has left one call: it is reached by
boarding there or from the call before, and left by sailing to the next call, to get off or to stay.
Only who boards or gets off is at a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.errors import DataFileError
from geo.modes import mode_values
from routes.graph.costs import (
    CostParameters,
    fares_idr,
    headway_parts,
    ride_parts,
    schedule_delay_h,
)

__all__ = ["aboard_nodes", "line_edges", "other_sailings", "rides", "weekly_on_lines"]

_WAY_BACK = "-r"
_NONE_LEFT = 0.01
"""Departures a week below which nothing but lines sails a leg: frequencies have two decimals."""

_COLUMNS = ["node", "onward", "line", "vessel", "leg_id", "hours", "departures_per_week"]


def rides(dataset: Dataset) -> pd.DataFrame:
    """The legs that each line sails, in order, both ways.

    Returns
    -------
    DataFrame
        ``node`` (aboard after the call at ``from_id``), ``onward`` (the node after the next call;
        empty on the last leg), ``line, vessel, leg_id, from_id, to_id, mode, length_km, fare_idr,
        fare_year, assumed``, ``hours`` (the ship's where the table gives them, else the leg's,
        with ``hours_low, hours_high``) and ``departures_per_week`` of the line.

    Raises
    ------
    DataFileError
        A leg is unknown or does not leave the port where the one before it ended.
    """
    ends = {row.id: (row.from_id, row.to_id) for row in dataset.legs.itertuples(index=False)}
    rows = [row for line in dataset.lines.itertuples(index=False) for row in _rides_of(line, ends)]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    legs = dataset.legs.set_index("id").loc[table["leg_id"]].reset_index(drop=True)
    columns = ["from_id", "to_id", "mode", "length_km", "fare_idr", "fare_year", "assumed"]
    of_leg = table["hours"].isna()  # else the ship's own, which are stated
    spans = legs.columns.intersection(["hours_low", "hours_high"])
    ranges = {name: legs[name].where(of_leg) for name in spans}
    hours = table["hours"].fillna(legs["hours"])
    return table.assign(hours=hours, **ranges).join(legs[columns])


def _rides_of(line: Any, ends: dict[str, tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    ids = line.legs.split(";")
    hours = [float(h) if h else np.nan for h in (line.hours or ";" * (len(ids) - 1)).split(";")]
    port, outward = line.start_id, []
    for leg in ids:
        sailed = next((i for i in (leg, leg + _WAY_BACK) if ends.get(i, ("",))[0] == port), None)
        if sailed is None or len(hours) != len(ids):
            raise DataFileError(
                "tables.unknown_reference",
                file="lines.csv",
                column="legs",
                value=f"{line.id}: {leg}",
            )
        outward.append(sailed)
        port = ends[sailed][1]
    back = [
        leg.removesuffix(_WAY_BACK) if leg.endswith(_WAY_BACK) else leg + _WAY_BACK
        for leg in reversed(outward)
    ]
    for way, legs, times in (("out", outward, hours), ("back", back, hours[::-1])):
        nodes = [f"line:{line.id}:{way}:{k}" for k in range(len(legs))]
        onward = [*nodes[1:], ""]
        for node, after, leg, time in zip(nodes, onward, legs, times, strict=True):
            yield node, after, line.id, line.vessel, leg, time, line.departures_per_week


def aboard_nodes(sailed: pd.DataFrame, terminals: pd.DataFrame) -> pd.DataFrame:
    """Nodes of :func:`rides`: ``kind`` aboard, ``line``, ``calls_at``, and the port's place."""
    port = terminals.set_index("id").loc[sailed["from_id"], ["lon", "lat", "area_code", "country"]]
    return port.reset_index(drop=True).assign(
        node=sailed["node"],
        kind="aboard",
        name=sailed["vessel"],
        line=sailed["line"],
        calls_at=sailed["from_id"],
    )


def line_edges(sailed: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    """Edges of :func:`rides`: boarding, sailing on (with the time in port), and getting off."""
    mode = sailed["mode"]
    headway, ride = headway_parts(sailed), ride_parts(sailed)
    papers = mode_values(mode, "papers_h")
    boarding_h = (
        schedule_delay_h(headway["headway_h"].to_numpy(), parameters)
        + mode_values(mode, "boarding_h")
        + papers
    )
    shared = pd.DataFrame(
        {
            "mode": mode, "official": True, "assumed": sailed["assumed"] == "yes",
            "service": sailed["line"],
        }
    )  # fmt: skip
    sail = shared.join(ride).assign(
        fare_idr=fares_idr(sailed, parameters),
        length_km=sailed["length_km"],
        leg_id=sailed["leg_id"],
        u=sailed["node"],
    )
    edges = pd.concat(
        [
            shared.join(headway).assign(
                u=sailed["from_id"], v=sailed["node"], time_h=boarding_h, fare_idr=0.0,
                length_km=0.0, border_h=papers,
            ),
            sail.assign(
                v=sailed["onward"], time_h=sailed["hours"] + mode_values(mode, "dwell_h")
            )[sailed["onward"] != ""],
            sail.assign(
                v=sailed["to_id"], time_h=sailed["hours"] + mode_values(mode, "alighting_h")
            ),
        ],
        ignore_index=True,
    )  # fmt: skip
    return edges.assign(hours=edges["time_h"] + edges["fare_idr"] / parameters.value_of_time_idr_h)


def weekly_on_lines(legs: pd.DataFrame, sailed: pd.DataFrame) -> pd.Series:
    """Departures a week of lines on each of ``legs``, aligned with them; 0 where none sails."""
    return legs["id"].map(sailed.groupby("leg_id")["departures_per_week"].sum()).fillna(0.0)


def other_sailings(legs: pd.DataFrame, on_lines: pd.Series) -> pd.DataFrame:
    """Legs with the departures that no line makes; those that only lines sail are left out.

    Parameters
    ----------
    on_lines : Series
        Departures a week of lines on each leg, aligned with ``legs``.
    """
    others = legs["departures_per_week"] - on_lines
    remaining = (on_lines <= 0) | (others > _NONE_LEFT)
    part = (others / legs["departures_per_week"]).where(on_lines > 0, 1.0)
    weekly = {c: legs[c] * part for c in legs if str(c).startswith("departures_per_week")}
    return legs.assign(**weekly)[remaining]
