"""Which published counts are above what their own past leads to expect, and who fell silent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from geo.i18n import Message
from layers.release.counts import EVENTS
from routes.evaluation.warning import (
    DOUBLED_PERIODS,
    Calibration,
    CountMonitor,
    estimate_dispersion,
)

__all__ = ["early_warnings"]

Row = Mapping[str, Any]
Stream = tuple[str, str, str, str]
Table = tuple[int, np.ndarray]
"""The first year, and the counts from it on."""
_LEAST = 3
"""Years on record before one is judged."""
_SILENT = 2
"""Years without a record that are said, where more than half of the years before had one."""
_MOST_FALSE, _FALSE_A_YEAR = 0.05, 1.0
"""False alarms a judged count, and a year over all of them; a desk bears one a month at most."""
_FOLLOWS_EFFORT = ("interceptions",)
_SEED = 1


def early_warnings(rows: Iterable[Row], *, past: bool = False) -> dict[str, Any]:
    """Judge every stream of counts by its own past.

    Parameters
    ----------
    rows : iterable of mapping
        The layer ``counts`` as the tier has it; years of which a part is counted are left out.
    past : bool
        Whether earlier years are judged too, each by what was known then.

    Returns
    -------
    dict
        ``warnings``, the least expected first: ``area_code, area_name, measure, legal_class, year,
        count, expected {mean, p05, p95}, p, why, check`` (texts by language); ``silent``: streams
        whose record ended; ``streams`` judged; ``false_alarms`` a year and ``detected``, the share
        of doublings told within one, two and three years, by simulation, over all and in ``rules``
        by measure, each with its bound ``alpha``.
    """
    streams, names = _streams(rows)
    newest = max((year for years in streams.values() for year in years), default=0)
    tables = {key: _series(years) for key, years in streams.items() if len(years) > _LEAST}
    rules = _rules(tables)
    warnings = [
        warning
        for key, (first, series) in tables.items()
        for warning in _judged(key, names[key[0]], first, series, *rules[key[1]])
        if past or warning["year"] == max(streams[key])
    ]
    silent = [
        {"area_code": key[0], "area_name": names[key[0]], "measure": key[1], "legal_class": key[2],
         "last": max(years)}
        for key, years in streams.items() if _fell_silent(years, newest)
    ]  # fmt: skip
    return {
        "warnings": sorted(
            _without_provinces(warnings), key=lambda row: (row["p"], row["area_code"], row["year"])
        ),
        "silent": sorted(silent, key=lambda row: (row["area_code"], row["measure"])),
        "streams": len(tables),
        **_stated(tables, {measure: found for measure, (_, found) in rules.items()}),
    }


def _rules(tables: Mapping[Stream, Table]) -> dict[str, tuple[CountMonitor, Calibration]]:
    """How the counts of a measure scatter, and the bound that follows: those of an office's own
    records are steady, interceptions leap with each drive.
    """
    # what is judged has no part in how much counts are said to scatter
    before = [series[:-1] for _, series in tables.values()]
    target = min(_MOST_FALSE, _FALSE_A_YEAR / max(1, len(tables)))
    rules = {}
    for measure in sorted({key[1] for key in tables}):
        own = [series for key, (_, series) in tables.items() if key[1] == measure]
        dispersion = estimate_dispersion([series[:-1] for series in own], before)
        monitor = CountMonitor(dispersion=dispersion, least=_LEAST)
        rng = np.random.default_rng(_SEED)
        rules[measure] = monitor, monitor.calibrate(own, rng=rng, target=target)
    return rules


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


def _streams(rows: Iterable[Row]) -> tuple[dict[Stream, dict[int, float]], dict[str, str]]:
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


def _series(years: Mapping[int, float]) -> tuple[int, np.ndarray]:
    first, last = min(years), max(years)
    return first, np.array([years.get(year, np.nan) for year in range(first, last + 1)])


def _judged(
    key: Stream, name: str, first: int, series: np.ndarray, monitor: CountMonitor,
    found: Calibration,
) -> Iterable[dict[str, Any]]:  # fmt: skip
    judged = monitor.judge(series)
    for at in np.flatnonzero(judged.p < found.alpha):
        ends = {"mean": judged.mean[at], "p05": judged.p05[at], "p95": judged.p95[at]}
        expected = {end: float(value) for end, value in ends.items()}
        effort = key[1] in _FOLLOWS_EFFORT
        yield {
            "area_code": key[0], "area_name": name, "measure": key[1], "legal_class": key[2],
            "year": first + int(at), "count": int(series[at]), "expected": expected,
            "p": float(judged.p[at]),
            "why": Message("warning.above", {"count": int(series[at]), **expected}).as_dict(),
            "check": Message(f"warning.check_{'effort' if effort else 'source'}").as_dict(),
        }  # fmt: skip


def _fell_silent(years: Mapping[int, float], newest: int) -> bool:
    first, last = min(years), max(years)
    often = len(years) > _LEAST and len(years) * 2 > last - first + 1
    return often and newest - last >= _SILENT
