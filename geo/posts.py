"""Posts on record and how places are watched: years in force, units of effort, faults.

Dates are ISO text of a year, month or day (``2016``, ``2016-07``, ``2016-07-01``), empty where not
known; columns are described in ``geo/data/README.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.i18n import Message

__all__ = [
    "EFFORT_UNITS",
    "new_posts",
    "post_faults",
    "post_start",
    "posts_in_force",
    "standing_posts",
    "watched_years",
    "watches_on_record",
]

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
    return (post_start(posts) <= year) & ~(_years(posts["until"]) < year)


def post_start(posts: pd.DataFrame) -> pd.Series[float]:
    """Year in which each post began, or from which it is evidenced; NaN where neither is known.

    Examples
    --------
    >>> dates = {"since": ["2016-07", ""], "evidence_from": ["2015", "2013-08"]}
    >>> post_start(pd.DataFrame(dates)).tolist()
    [2016.0, 2013.0]
    """
    return _years(posts["since"]).fillna(_years(posts["evidence_from"]))


def new_posts(posts: pd.DataFrame) -> pd.Series[str]:
    """First month of each post that nobody watched before, by terminal: effort that began then.

    A start that no source states, or that is younger than a watch on record there, is none: the
    place was watched already. Of a year alone it is January.

    Examples
    --------
    >>> dates = {"since": ["2016-07-01", "2023-02", "2024", ""]}
    >>> dates["evidence_from"] = ["", "2017-09-25", "", "2022"]
    >>> new_posts(pd.DataFrame({"terminal_id": list("abcd"), **dates})).to_dict()
    {'a': '2016-07', 'c': '2024-01'}
    """
    since, seen = posts["since"].fillna(""), posts["evidence_from"].fillna("")
    pairs = zip(since, seen, strict=True)
    # "2025" and "2025-09-05" may be the same day.
    unseen = [not was or was > begun or begun.startswith(was) for begun, was in pairs]
    new = (since != "") & np.array(unseen, bool)
    months = since[new].map(lambda day: day[:7] if len(day) > len("2016") else f"{day}-01")
    return pd.Series(months.to_numpy(), index=posts.loc[new, "terminal_id"].to_numpy())


def standing_posts(posts: pd.DataFrame) -> pd.DataFrame:
    """Posts in force in the latest year of the record: the last in which any was looked up.

    Examples
    --------
    >>> dates = {"since": ["2016", "2020", ""], "evidence_from": "", "until": ["", "2021", ""]}
    >>> standing_posts(pd.DataFrame({**dates, "as_of": ["2019", "2025", "2024"]}))["since"].tolist()
    ['2016']
    """
    return posts[posts_in_force(posts, float(_years(posts["as_of"]).max()))]


_WATCHES = ("started", "watched", "drive", "hours", "officers", "patrols", "posts")
"""Measures of ``effort.csv`` that say that somebody watched; the others say how many pass."""


def watched_years(effort: pd.DataFrame, terminals: pd.DataFrame) -> pd.DataFrame:
    """In which years somebody is on record as watching each terminal.

    A row counts from its first to its last year, and where it states one of them alone in that
    year: a page that reports a team is no evidence of it years later. One of a regency is of all
    its terminals.

    Parameters
    ----------
    effort : DataFrame
        ``terminal_id, area_code, from_date, until_date, measure``.
    terminals : DataFrame
        ``id, area_code``.

    Returns
    -------
    DataFrame
        ``terminal_id, year``, each pair once.

    Examples
    --------
    >>> row = {"terminal_id": "tenau", "area_code": "53.71", "measure": "watched"}
    >>> effort = pd.DataFrame([{**row, "from_date": "2018-03", "until_date": "2019"}])
    >>> ports = pd.DataFrame({"id": ["tenau"], "area_code": ["53.71"]})
    >>> watched_years(effort, ports)["year"].tolist()
    [2018, 2019]
    """
    rows = effort[effort["measure"].isin(_WATCHES)]
    first, last = _years(rows["from_date"]), _years(rows["until_date"])
    rows = rows.assign(first=first.fillna(last), last=last.fillna(first)).dropna(subset="first")
    by_area = terminals.groupby("area_code")["id"].agg(list).to_dict()
    pairs = {
        (terminal, year)
        for row in rows.itertuples(index=False)
        for terminal in ([row.terminal_id] if row.terminal_id else by_area.get(row.area_code, []))
        for year in range(int(row.first), int(row.last) + 1)
    }
    return pd.DataFrame(sorted(pairs), columns=["terminal_id", "year"])


def watches_on_record(effort: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    """Who is on record as having watched each terminal, and when; the newest report first.

    Parameters
    ----------
    effort : DataFrame
        ``terminal_id, body, from_date, until_date, measure, as_of``; rows of a whole regency are
        left out: they do not say where anybody stood.

    Returns
    -------
    dict
        By terminal ``body, since, until, as_of``, one row a body: its first and last date, empty
        where no source states one; the last is also empty where one of its watches has no end.

    Examples
    --------
    >>> row = {"terminal_id": "tenau", "body": "KP3 Laut", "measure": "watched", "until_date": ""}
    >>> effort = pd.DataFrame([{**row, "from_date": "2018-03", "as_of": "2019"}])
    >>> watches_on_record(effort)
    {'tenau': [{'body': 'KP3 Laut', 'since': '2018-03', 'until': '', 'as_of': '2019'}]}
    """
    rows = effort[effort["measure"].isin(_WATCHES) & effort["terminal_id"].ne("")]
    found: dict[str, list[dict[str, str]]] = {}
    for (terminal, body), group in rows.groupby(["terminal_id", "body"]):
        dates = {"since": group["from_date"], "until": group["until_date"], "as_of": group["as_of"]}
        since, until, as_of = (sorted(filter(None, column)) for column in dates.values())
        found.setdefault(str(terminal), []).append(
            {"body": str(body), "since": since[0] if since else "",
             "until": until[-1] if len(until) == len(group) else "",
             "as_of": as_of[-1] if as_of else ""}
        )  # fmt: skip
    return {name: sorted(of, key=lambda row: row["as_of"], reverse=True)
            for name, of in found.items()}  # fmt: skip


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
