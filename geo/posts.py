"""Posts on record and how places are watched: years in force, units of effort, faults.

Dates are ISO text of a year, month or day (``2016``, ``2016-07``, ``2016-07-01``), empty where not
known; columns are described in ``geo/data/README.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from geo.i18n import Message

__all__ = ["EFFORT_UNITS", "post_faults", "posts_in_force"]

_PERSONS = ("persons", "persons a day")
EFFORT_UNITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("started", "opened", "watched", "drive"), ("",)),
        "hours": ("hours a day",),
        "officers": ("officers",),
        "patrols": ("days", "days between patrols"),
        "posts": ("posts",),
        **dict.fromkeys(
            (
                *("departures", "departures_citizens", "departures_worker_passport"),
                *("departures_visitor_passport", "departures_to_malaysia", "crossings"),
            ),
            _PERSONS,
        ),
    }
)
"""Measures of ``effort.csv`` and the units each may have; none where there is no value."""


def posts_in_force(posts: pd.DataFrame, year: float) -> pd.Series[bool]:
    """Whether each post stood at some time in a year.

    It stands from the start that a source states, else from the earliest watch on record at its
    terminal, until its end; a post with neither date stands in no year.

    Examples
    --------
    >>> dates = {"since": ["2016-07-01", ""], "evidence_from": ["2015", "2013-08"]}
    >>> posts_in_force(pd.DataFrame({**dates, "until": ["", "2014"]}), 2015).tolist()
    [False, False]
    """
    first = _years(posts["since"]).fillna(_years(posts["evidence_from"]))
    return (first <= year) & ~(_years(posts["until"]) < year)


def post_faults(posts: pd.DataFrame, counts: pd.DataFrame) -> Iterator[Message]:
    """Posts younger than the stops at their terminal, as messages that name the terminal.

    People whom officers discovered at a terminal were stopped by somebody who watched it, so that
    evidence of watch is never younger; and a start given as the year of its page alone is that
    page's year, not the start, where people had been stopped before.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> dataset = load_dataset()
    >>> list(post_faults(dataset.posts.assign(evidence_from="2025"), dataset.counts))[0].params
    {'id': 'el-tari', 'dated': '2025', 'counted': 2015}
    """
    stops = counts[
        counts["measure"].isin(["persons_stopped", "prevented"]) & (counts["how"] == "discovered")
    ]
    counted = posts["terminal_id"].map(stops.groupby("terminal_id")["year"].min())
    page_year = posts["since"].where(posts["since"].str.fullmatch(r"\d{4}"), "")
    page_year = page_year.where(page_year == posts["as_of"].str[:4], "")
    for dated in (posts["evidence_from"], page_year):
        for i in posts.index[_years(dated).fillna(0) > counted.fillna(float("inf"))]:
            params = {"id": posts["terminal_id"][i], "dated": dated[i], "counted": int(counted[i])}
            yield Message("data_fault.young_post", params)


def _years(dates: pd.Series[str]) -> pd.Series[float]:
    return pd.to_numeric(dates.str[:4], errors="coerce")
