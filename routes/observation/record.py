"""Interceptions on record: how many events at which terminal, and of whose people."""

from __future__ import annotations

import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage

from geo.sphere import chord, on_sphere

__all__ = ["PLACE_KM", "events_of", "record_years", "stops_on_record", "terminal_places"]

PLACE_KM = 35.0
"""Terminals within this distance of each other are one place."""

_EVENTS = r"^(\d+) events"
"""Pattern in the note of a row that is the sum of several events; default one event."""


def terminal_places(terminals: pd.DataFrame) -> pd.Series:
    """Number of the place of each terminal (complete linkage).

    Parameters
    ----------
    terminals : DataFrame
        ``id, lat, lon``.

    Returns
    -------
    Series by terminal id, 0 to the number of places less one.

    Examples
    --------
    >>> ports = pd.DataFrame(
    ...     {
    ...         "id": ["tenau", "el-tari", "benoa"],
    ...         "lat": [-10.19, -10.17, -8.74],
    ...         "lon": [123.52, 123.67, 115.21],
    ...     }
    ... )
    >>> places = terminal_places(ports)
    >>> bool(places["tenau"] == places["el-tari"]), int(places.nunique())
    (True, 2)
    """
    points = on_sphere(terminals["lat"].to_numpy(float), terminals["lon"].to_numpy(float))
    number = fcluster(linkage(points, "complete"), chord(PLACE_KM), "distance")
    return pd.Series(number - 1, index=terminals["id"].astype(str))


def events_of(rows: pd.DataFrame) -> pd.Series:
    """Number of events that each row of counts adds up, by its note."""
    number: pd.Series = rows["note"].str.extract(_EVENTS, expand=False).astype(float).fillna(1.0)
    return number


def stops_on_record(counts: pd.DataFrame) -> pd.DataFrame:
    """Events in which people were stopped on the way, by terminal and year.

    People are stopped by the boat or the party, so an event is one draw however many it has. An
    event with people of several provinces has a row for each, and is one event of each.

    Parameters
    ----------
    counts : DataFrame
        Of the dataset.

    Returns
    -------
    DataFrame
        ``terminal_id, year, origin_code`` (empty where not known or mixed) and ``events``.

    Examples
    --------
    >>> row = {
    ...     "kind": "interception",
    ...     "terminal_id": "tenau",
    ...     "year": 2018,
    ...     "origin_code": "53",
    ...     "source": "https://example.org",
    ...     "period": "2018",
    ...     "note": "3 events; by ship",
    ... }
    >>> stops_on_record(pd.DataFrame([row]))["events"].tolist()
    [3.0]
    """
    rows = counts[(counts["kind"] == "interception") & (counts["terminal_id"] != "")]
    keys = ["terminal_id", "year", "origin_code"]
    by_event = (
        rows.assign(events=events_of(rows)).groupby([*keys, "source", "period"])["events"].max()
    )
    return by_event.groupby(level=keys).sum().reset_index()


def record_years(events: pd.DataFrame) -> range:
    """Years from the first to the last event.

    Examples
    --------
    >>> record_years(pd.DataFrame({"year": [2009, 2026]}))
    range(2009, 2027)
    """
    return range(int(events["year"].min()), int(events["year"].max()) + 1)
