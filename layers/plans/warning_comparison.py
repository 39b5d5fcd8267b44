"""What three plain rules and ours would have said of episodes on record, and how often each errs.

Each year is judged by what was on record up to it. Episodes are named, not chosen by their result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from geo.i18n import Message
from geo.interventions import Month
from layers.plans.early_warning import (
    Stream,
    Table,
    count_streams,
    count_tables,
    first_check,
    rules_by_measure,
)
from layers.plans.monthly_warning import MonthCount, MonthStreams
from routes.evaluation.plain_rules import compare_rules, monitor_rule, plain_rules

__all__ = ["EPISODES", "Episode", "compare_on_record"]

Row = Mapping[str, Any]
_SEED = 2
_RUNS = 200
_LAST_MONTHS = 12
_ANSWER = {True: "told", False: "quiet"}


@dataclass(frozen=True)
class Episode:
    """Counts of some years of one stream, or of months of one terminal."""

    name: str
    stream: Stream
    periods: tuple[str, ...]

    @property
    def monthly(self) -> bool:
        """Whether it is of months."""
        return "-" in self.periods[0]


def _stopped(area: str, *terminal: str) -> Stream:
    return (area, "interceptions", "nonprocedural", "person", *terminal)


EPISODES = (
    Episode("june_2023", _stopped("35.15", "juanda"), ("2023-05", "2023-06")),
    Episode("june_2023", _stopped("36.71", "soekarno-hatta"), ("2023-05", "2023-06")),
    Episode("batam", _stopped("21.71"), ("2022", "2023")),
    Episode("tanjungpinang", _stopped("21.72"), ("2017",)),
    Episode("nunukan", ("65.03", "deportations", "unknown", "person"), ("2016",)),
    Episode("ntt", _stopped("53"), ("2018",)),
)
"""The national drive of June 2023 by month; Batam 2022 and 2023; Tanjungpinang 2017; Nunukan 2016
(landings of deportees: nobody counted stops there that year); NTT 2018.
"""


def compare_on_record(
    rows: Iterable[Row], months: Sequence[MonthCount], names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Compare the rules on the record and on simulated streams like it.

    Parameters
    ----------
    rows : iterable of mapping
        The layer ``counts``.
    months : sequence of MonthCount
        Those of :func:`~layers.plans.monthly_warning.published_months`.
    names : mapping, optional
        Names of areas by code.

    Returns
    -------
    dict
        ``episodes``: ``name, area_code, area_name, terminal_id, measure, period, count`` (None
        where none of a whole period is on record), ``before`` (how many are on record before it),
        ``said`` by rule (``told``, ``quiet`` or ``not_judged``), ``expected`` by ours and
        ``check``. ``on_record`` by rule: how many of how many counts it says. ``rules`` by
        measure and rule: bound, false alarms a year, doublings told within one, two and three
        years and ``delay``, ``as_used`` and ``as_seldom`` wrong as ours.
    """
    listed = list(rows)
    named = {row["area_code"]: row["area_name"] for row in listed} | dict(names or {})
    streams, _ = count_streams(listed)
    episodes = [
        {"name": Message(f"warning.episode_{episode.name}").as_dict(),
         "area_code": episode.stream[0],
         "area_name": named.get(episode.stream[0], episode.stream[0]),
         "measure": episode.stream[1], "period": period,
         "terminal_id": (*episode.stream, "")[4],
         **_said(streams, months, episode, period)}
        for episode in EPISODES for period in episode.periods
    ]  # fmt: skip
    tables = count_tables(streams)
    return {
        "episodes": episodes, "on_record": _on_record(tables), "rules": _tried(tables),
        "streams": len(tables),
    }  # fmt: skip


def _said(
    streams: Mapping[Stream, Mapping[int, float]], months: Sequence[MonthCount], episode: Episode,
    period: str,
) -> dict[str, Any]:  # fmt: skip
    """What each rule says of one period, by what was on record up to it."""
    first, last = (Month.of(period, last=end).number for end in (False, True))
    if episode.monthly:
        known = MonthStreams.of(count for count in months if count.month <= period)
        at, plain = first, plain_rules(_LAST_MONTHS)
        own = {when: count.value for when, count in known.counts[episode.stream].items()}
        tables, rules = known.tables, known.rules
        exposure = known.exposure.get(episode.stream)
    else:
        at, plain, exposure = int(period), plain_rules(), None
        own = {when: n for when, n in streams.get(episode.stream, {}).items() if when <= at}
        tables = count_tables({
            key: {when: n for when, n in found.items() if when <= at}
            for key, found in streams.items()
        })  # fmt: skip
        rules = rules_by_measure(tables)
    said, expected = dict.fromkeys((*plain, "monitor"), "not_judged"), None
    if at in own:
        series = np.array([own.get(when, np.nan) for when in range(min(own), at + 1)])
        for name, rule in plain.items():
            if not np.isnan(rule.scores(series, rule.bound)[-1]):
                said[name] = _ANSWER[bool(rule.alarms(series)[-1])]
        if episode.stream in tables:
            monitor, found = rules[episode.stream[1]]
            judged = monitor.judge(series, exposure)
            if not np.isnan(judged.p[-1]):
                said["monitor"] = _ANSWER[bool(judged.p[-1] < found.alpha)]
                expected = float(judged.mean[-1])
    return {
        "count": own.get(at), "before": sum(when < at for when in own), "said": said,
        "expected": expected,
        "check": first_check(episode.stream[1], episode.stream[0], first, last).as_dict(),
    }  # fmt: skip


def _on_record(tables: Mapping[Stream, Table]) -> dict[str, dict[str, int]]:
    """How many of the counts on record each rule would have said."""
    found: dict[str, dict[str, int]] = {}
    by_measure = rules_by_measure(tables)
    for key, (_, series) in tables.items():
        rules = {**plain_rules(), "monitor": monitor_rule(
            by_measure[key[1]][0], by_measure[key[1]][1].alpha)}  # fmt: skip
        for name, rule in rules.items():
            sums = found.setdefault(name, {"told": 0, "judged": 0})
            sums["told"] += int(rule.alarms(series).sum())
            sums["judged"] += int((~np.isnan(rule.scores(series, rule.bound))).sum())
    return found


def _tried(tables: Mapping[Stream, Table]) -> list[dict[str, Any]]:
    found = []
    for measure, (monitor, calibration) in rules_by_measure(tables).items():
        own = [series for key, (_, series) in tables.items() if key[1] == measure]
        rules = {**plain_rules(), "monitor": monitor_rule(monitor, calibration.alpha)}
        tried = compare_rules(rules, own, monitor, rng=np.random.default_rng(_SEED), runs=_RUNS)
        found += [
            {"measure": measure, "streams": len(own), "rule": name, "as_used": asdict(used),
             "as_seldom": asdict(seldom)}
            for name, (used, seldom) in tried.items()
        ]  # fmt: skip
    return found
