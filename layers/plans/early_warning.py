"""Which published counts are above what their own past leads to expect, and who fell silent.

Years alone: months are judged for whoever holds the counts (:mod:`layers.plans.monthly_warning`,
docs/decisions/0044).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.codes import COUNTRY
from geo.i18n import Message
from geo.interventions import Intervention, Month, embedded_interventions
from layers.release.counts import EVENTS
from routes.evaluation.warning import (
    DOUBLED_PERIODS,
    Calibration,
    CountMonitor,
    estimate_dispersion,
)

__all__ = [
    "FOLLOWS_EFFORT", "Floats", "Stream", "Table", "count_streams", "count_tables",
    "early_warnings", "first_check", "judged_counts", "known_hours", "rules_by_measure",
]  # fmt: skip

Row = Mapping[str, Any]
Stream = tuple[str, ...]
"""Area, measure, class in law and unit; of months the terminal too."""
Floats = NDArray[np.float64]
Table = tuple[int, Floats]
"""The first year or month, and the counts from it on."""
_LEAST = 3
"""Years on record before one is judged."""
_SILENT = 2
"""Years without a record that are said, where more than half of the years before had one."""
_MOST_FALSE, _FALSE_A_YEAR = 0.05, 1.0
"""False alarms a judged count, and a year over all of them; a desk bears one a month at most."""
FOLLOWS_EFFORT = ("interceptions",)
"""Measures that are first of all how much is watched."""
_MORE_WATCHING = ("task_force", "drive")
_RECENT = 36
"""Months after its start in which a drive or task force is named as what to ask of first."""
_SEED = 1


def early_warnings(
    rows: Iterable[Row], *, past: bool = False,
    effort: Mapping[tuple[str, int], float] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Judge every stream of counts by its own past.

    Parameters
    ----------
    rows : iterable of mapping
        The layer ``counts`` as the tier has it; years of which a part is counted are left out.
    past : bool
        Whether earlier years are judged too, each by what was known then.
    effort : mapping, optional
        Hours watched by area and year, where an office has them. Interceptions of a place of which
        every year on record has its hours are judged per hour; one that is above without them and
        not per hour stands in ``watched``.

    Returns
    -------
    dict
        ``warnings``, the least expected first: ``area_code, area_name, measure, legal_class, unit,
        year, count, expected {mean, p05, p95}, p, why, check`` (texts by language); ``watched``,
        with ``effort`` alone: as these, counts that more watching explains; ``silent``: streams
        whose record ended; ``streams`` judged; ``false_alarms`` a year and ``detected``, the share
        of doublings told within one, two and three years, by simulation, over all and in ``rules``
        by measure, each with its bound ``alpha``.
    """
    streams, names = count_streams(rows)
    newest = max((year for years in streams.values() for year in years), default=0)
    tables = count_tables(streams)
    rules = rules_by_measure(tables)
    above: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for key, (first, series) in tables.items():
        hours = _hours(key, first, series, effort or {})
        for at, explained, found in judged_counts(series, *rules[key[1]], hours=hours):
            year = first + at
            if past or year == max(streams[key]):
                whole = (Month.of(str(year)).number, Month.of(str(year), last=True).number)
                check = found.pop("check") or first_check(key[1], key[0], *whole)
                above[explained].append({
                    "area_code": key[0], "area_name": names[key[0]], "measure": key[1],
                    "legal_class": key[2], "unit": key[3], "year": year, **found,
                    "check": check.as_dict(),
                })  # fmt: skip
    silent = [
        {"area_code": key[0], "area_name": names[key[0]], "measure": key[1], "legal_class": key[2],
         "unit": key[3], "last": max(years)}
        for key, years in streams.items() if _fell_silent(years, newest)
    ]  # fmt: skip
    return {
        "warnings": _least_expected(above[False]),
        **({} if effort is None else {"watched": _least_expected(above[True])}),
        "silent": sorted(silent, key=lambda row: (row["area_code"], row["measure"])),
        "streams": len(tables),
        **_stated(tables, {measure: found for measure, (_, found) in rules.items()}),
    }


def count_tables(streams: Mapping[Stream, Mapping[int, float]]) -> dict[Stream, Table]:
    """Streams with more periods than must be on record before one is judged, as series."""
    return {key: _series(years) for key, years in streams.items() if len(years) > _LEAST}


def rules_by_measure(
    tables: Mapping[Stream, Table], discount: float = CountMonitor.discount
) -> dict[str, tuple[CountMonitor, Calibration]]:
    """How the counts of a measure scatter, and the bound that follows: those of an office's own
    records are steady, interceptions leap with each drive. Over all streams at most one false alarm
    a period is borne in simulation.
    """
    # what is judged has no part in how much counts are said to scatter
    before = [series[:-1] for _, series in tables.values()]
    target = min(_MOST_FALSE, _FALSE_A_YEAR / max(1, len(tables)))
    rules = {}
    for measure in sorted({key[1] for key in tables}):
        own = [series for key, (_, series) in tables.items() if key[1] == measure]
        dispersion = estimate_dispersion([series[:-1] for series in own], before)
        monitor = CountMonitor(discount, dispersion, _LEAST)
        rng = np.random.default_rng(_SEED)
        rules[measure] = monitor, monitor.calibrate(own, rng=rng, target=target)
    return rules


def first_check(measure: str, area_code: str, first: int, last: int) -> Message:
    """What to check first of a count of the months ``first`` to ``last`` (:class:`Month` numbers).

    Of interceptions that is effort: where a drive or task force that anybody may know of began up
    to three years before, it is named.
    """
    if measure not in FOLLOWS_EFFORT:
        return Message("warning.check_source")
    began = [
        one for one in embedded_interventions().values()
        if _more_watching(one, area_code) and last - _RECENT <= one.begins.number <= last
        and (not one.until or Month.of(one.until, last=True).number >= first)
    ]  # fmt: skip
    if not began:
        return Message("warning.check_effort")
    one = max(began, key=lambda found: (found.begins, found.id))
    return Message("warning.check_drive", {"name": one.name, "start": one.begins})


def _more_watching(one: Intervention, area_code: str) -> bool:
    return one.kind in _MORE_WATCHING and (
        one.area_codes == (COUNTRY,)
        or any(area_code.startswith(code) or code.startswith(area_code) for code in one.area_codes)
    )


def _hours(
    key: Stream, first: int, series: Floats, effort: Mapping[tuple[str, int], float]
) -> Floats | None:
    """Hours watched in each year; None where one that is counted has none on record."""
    if key[1] not in FOLLOWS_EFFORT:
        return None
    return known_hours(series, [effort.get((key[0], first + at)) for at in range(len(series))])


def known_hours(series: Floats, hours: Iterable[float | None]) -> Floats | None:
    """Hours by period, 1 on average; None where a period that is counted has none on record.

    Examples
    --------
    >>> known_hours(np.array([5.0, np.nan, 7.0]), [10, None, 30]).tolist()
    [0.5, 1.0, 1.5]
    >>> known_hours(np.array([5.0, 6.0]), [10, None]) is None
    True
    """
    known = np.array([value or np.nan for value in hours], float)
    counted = ~np.isnan(series)
    if not counted.any() or np.isnan(known[counted]).any():
        return None
    return np.asarray(np.nan_to_num(known / known[counted].mean(), nan=1.0))


def _least_expected(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        _without_provinces(found), key=lambda row: (row["p"], row["area_code"], row["year"])
    )


def _without_provinces(warnings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those of a province that are the count of one of its regencies."""
    listed = list(warnings)

    def count(row: Row) -> tuple[Any, ...]:
        return row["area_code"][:2], row["measure"], row["legal_class"], row["year"], row["count"]

    within = {count(row) for row in listed if "." in row["area_code"]}
    return [row for row in listed if "." in row["area_code"] or count(row) not in within]


def _stated(tables: Mapping[Stream, Table], found: Mapping[str, Calibration]) -> dict[str, Any]:
    """Of all together, and of each measure."""
    streams = Counter(key[1] for key in tables)
    told = [
        sum(streams[name] * of.detected[n] for name, of in found.items()) / max(1, len(tables))
        for n in range(DOUBLED_PERIODS)
    ]
    return {
        "false_alarms": sum(of.false_alarms for of in found.values()),
        "detected": told,
        "rules": [
            {"measure": name, "streams": streams[name], **asdict(of)} for name, of in found.items()
        ],
    }


def count_streams(rows: Iterable[Row]) -> tuple[dict[Stream, dict[int, float]], dict[str, str]]:
    """Counts by stream and year, and names of areas; a province is left out where it repeats one of
    its regencies.
    """
    streams: dict[Stream, dict[int, float]] = defaultdict(dict)
    names: dict[str, str] = {}
    for row in rows:
        if row.get("value") is None or (row.get("period") or EVENTS) != EVENTS:
            continue
        key = (row["area_code"], row["measure"], row["legal_class"], row["unit"])
        streams[key][int(row["year"])] = float(row["value"])
        names[row["area_code"]] = row["area_name"]
    within = {
        (key[0][:2], *key[1:], tuple(sorted(years.items())))
        for key, years in streams.items()
        if "." in key[0]
    }
    return {
        key: years
        for key, years in streams.items()
        if (*key, tuple(sorted(years.items()))) not in within
    }, names


def _series(years: Mapping[int, float]) -> tuple[int, Floats]:
    first, last = min(years), max(years)
    return first, np.array([years.get(year, np.nan) for year in range(first, last + 1)])


def judged_counts(
    series: Floats, monitor: CountMonitor, found: Calibration, *,
    hours: Floats | None = None, exposure: Floats | None = None,
) -> Iterable[tuple[int, bool, dict[str, Any]]]:  # fmt: skip
    """Counts of a stream that are above what is expected: position, whether the hours watched
    explain it, and ``count, expected, p, why, check``.

    Parameters
    ----------
    series : array
        Counts of a stream, NaN where nothing was reported.
    monitor, found
        Of its measure (:func:`rules_by_measure`).
    hours : array, optional
        Hours watched, 1 on average.
    exposure : array, optional
        What else a count stands for, such as days and season.
    """
    rest = np.ones_like(series) if exposure is None else exposure
    judged = monitor.judge(series, rest)
    per_hour = judged if hours is None else monitor.judge(series, rest * hours)
    for at in np.flatnonzero((judged.p < found.alpha) | (per_hour.p < found.alpha)):
        explained = not per_hour.p[at] < found.alpha
        shown = judged if explained else per_hour
        ends = {"mean": shown.mean[at], "p05": shown.p05[at], "p95": shown.p95[at]}
        expected = {end: float(value) for end, value in ends.items()}
        times = 1.0 if hours is None else _times(hours, series, int(at))
        check = None
        if hours is not None:
            check = Message(f"warning.check_{'watched' if explained else 'per_hour'}",
                            {"times": times})  # fmt: skip
        yield int(at), explained, {
            "count": int(series[at]), "expected": expected, "p": float(shown.p[at]),
            "why": Message("warning.above", {"count": int(series[at]), **expected}).as_dict(),
            "check": check,
        }  # fmt: skip


def _times(hours: Floats, series: Floats, at: int) -> float:
    """How many times the hours of the periods reported before it."""
    before = hours[:at][~np.isnan(series[:at])]
    return float(hours[at] / before.mean())


def _fell_silent(years: Mapping[int, float], newest: int) -> bool:
    first, last = min(years), max(years)
    often = len(years) > _LEAST and len(years) * 2 > last - first + 1
    return often and newest - last >= _SILENT
