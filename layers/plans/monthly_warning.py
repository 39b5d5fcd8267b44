"""Months above what level, season and hours watched lead to expect, and offices that fell silent.

For whoever holds the counts (docs/decisions/0044): a month is no cell of a release, since twelve
rounded months beside their rounded year would be a second look at the same persons.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.counts import described_counts
from geo.disclosure import CELL_MEASURES
from geo.interventions import Month
from geo.paths import DATA
from geo.tables import read_table
from layers.plans.early_warning import (
    FOLLOWS_EFFORT,
    Floats,
    Stream,
    Table,
    count_tables,
    first_check,
    judged_counts,
    known_hours,
    rules_by_measure,
)
from routes.evaluation.season import MONTHS, month_factors
from routes.evaluation.warning import Calibration, CountMonitor

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DISCOUNT", "MonthCount", "MonthStreams", "hours_by_year", "month_counts",
    "monthly_warnings", "published_months",
]  # fmt: skip

DISCOUNT = 0.9
"""Weight of a month against the next: half of the level is that of the last seven months."""
_SILENT = 2
"""Months without a count that are said, of an office that reported nearly each month."""
_NEARLY_EACH = 0.8
_YEAR_WIDTH, _REGENCY = 4, len("53.04")


@dataclass(frozen=True)
class MonthCount:
    """What was counted in one place in one month.

    Attributes
    ----------
    area_code, terminal_id : str
        Regency or province, and the terminal where it is known.
    measure, legal_class, unit : str
    month : str
        ``YYYY-MM``.
    value : float
    days : float, optional
        Days that were counted, where not the whole month.
    hours : float, optional
        Hours watched behind it.
    held : bool
        Whether it is an office's own: such a one may fall silent, the press does not report.
    """

    area_code: str
    terminal_id: str
    measure: str
    legal_class: str
    unit: str
    month: str
    value: float
    days: float | None = None
    hours: float | None = None
    held: bool = True

    @property
    def stream(self) -> Stream:
        """What it is a count of, whatever the month."""
        return (self.area_code, self.measure, self.legal_class, self.unit, self.terminal_id)

    @property
    def share(self) -> float:
        """Days counted of the days of its month."""
        year, month = map(int, self.month.split("-"))
        return 1.0 if self.days is None else self.days / monthrange(year, month)[1]


def month_counts(counts: pd.DataFrame) -> list[MonthCount]:
    """Imported counts of one whole month each.

    Parameters
    ----------
    counts : DataFrame
        Of the dataset, true and not rounded; embedded rows of a month are single events.

    Returns
    -------
    list of MonthCount
        By place as fine as a regency: rows that add up are added, of sums that contain them the
        largest counts, as everywhere (geo/data/COUNTS.md). ``hours`` is the column ``effort``.
    """
    rows = described_counts(counts[counts["held"].astype(bool)])
    rows = rows[rows["period"].astype(str).str.fullmatch(r"\d{4}-(0[1-9]|1[0-2])")]
    parts: dict[tuple[Stream, str], float] = defaultdict(float)
    wholes: dict[tuple[Stream, str], float] = {}
    hours: dict[tuple[Stream, str], float] = {}
    for row in rows.to_dict("records"):
        key = (_stream(row), str(row["period"]))
        value = float(row["value"])
        if row["kind"] == "total":
            wholes[key] = max(wholes.get(key, 0.0), value)
        else:
            parts[key] += value
        if (watched := _number(row.get("effort"))) is not None:
            hours[key] = max(hours.get(key, 0.0), watched)
    return [
        MonthCount(
            area_code=stream[0], terminal_id=stream[4], measure=stream[1], legal_class=stream[2],
            unit=stream[3], month=month, hours=hours.get((stream, month)),
            value=max(parts.get((stream, month), 0.0), wholes.get((stream, month), 0.0)),
        )
        for stream, month in sorted(parts.keys() | wholes.keys())
    ]  # fmt: skip


def published_months() -> list[MonthCount]:
    """The months that sources of the embedded counts state one by one.

    Examples
    --------
    >>> juanda = [c for c in published_months() if c.terminal_id == "juanda"]
    >>> [(c.month, c.value, round(c.share, 2)) for c in juanda[-2:]]
    [('2023-05', 120.0, 1.0), ('2023-06', 157.0, 0.23)]
    """
    rows = read_table("month_counts", DATA).to_dict("records")
    return [
        MonthCount(
            area_code=row["place_code"], terminal_id=row["terminal_id"],
            legal_class=row["legal_class"],
            measure=CELL_MEASURES.get(row["measure"], row["measure"]), unit=row["unit"],
            month=row["month"], value=float(row["value"]), days=_number(row["days"]), held=False,
        )
        for row in rows
    ]  # fmt: skip


def hours_by_year(counts: pd.DataFrame) -> dict[tuple[str, int], float]:
    """Hours watched by place and year, of imported interceptions that state them.

    Several rows of one place and period are one watch; months are added up. Where not all rows of
    a year state hours, the year has none.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"place_code": "53.71", "terminal_id": "", "measure": "prevented", "held": True}
    >>> row |= {"kind": "total", "year": 2024.0, "value": 9.0, "unit": "person"}
    >>> rows = [{**row, "period": f"2024-{m:02}", "effort": 100.0 + m} for m in (1, 2)]
    >>> hours_by_year(pd.DataFrame(rows))
    {('53.71', 2024): 203.0}
    """
    rows = counts[counts["held"].astype(bool)]
    watched: dict[tuple[str, int], dict[tuple[str, str], float | None]] = defaultdict(dict)
    for row in rows.to_dict("records"):
        if CELL_MEASURES.get(row["measure"], row["measure"]) not in FOLLOWS_EFFORT:
            continue
        of_year = watched[str(row["place_code"])[:_REGENCY], int(row["year"])]
        period = (str(row["terminal_id"]), str(row["period"]))
        hours, before = _number(row.get("effort")), of_year.get(period, 0.0)
        of_year[period] = None if hours is None or before is None else max(before, hours)
    return {
        place: sum(hours for hours in found.values() if hours is not None)
        for place, found in watched.items()
        if None not in found.values()
    }


@dataclass(frozen=True)
class MonthStreams:
    """Streams of months, and what each count of theirs stands for.

    Attributes
    ----------
    counts : dict
        By stream and number of the month.
    tables : dict
        Streams with enough months to be judged.
    hours, exposure : dict
        Hours watched (None where they are not known) and days by season, both 1 on average.
    seasons : dict
        Factors of the months by measure.
    rules : dict
        By measure (:func:`~layers.plans.early_warning.rules_by_measure`).
    """

    counts: Mapping[Stream, Mapping[int, MonthCount]]
    tables: Mapping[Stream, Table]
    hours: Mapping[Stream, Floats | None]
    exposure: Mapping[Stream, Floats]
    seasons: Mapping[str, Floats]
    rules: Mapping[str, tuple[CountMonitor, Calibration]]

    @classmethod
    def of(cls, counts: Iterable[MonthCount]) -> MonthStreams:
        """Of counts in any order."""
        by_stream: dict[Stream, dict[int, MonthCount]] = defaultdict(dict)
        for count in counts:
            by_stream[count.stream][Month.of(count.month).number] = count
        tables = count_tables({
            key: {at: count.value for at, count in found.items()}
            for key, found in by_stream.items()
        })  # fmt: skip
        hours = {key: _hours(key, tables[key], by_stream[key]) for key in tables}
        shares = {key: _shares(tables[key], by_stream[key]) for key in tables}
        seasons = _seasons(tables, hours, shares)
        exposure = {
            key: shares[key] * seasons[key[1]][(first + np.arange(len(series))) % MONTHS]
            for key, (first, series) in tables.items()
        }
        # what scatters beyond level, season and hours
        even = {
            key: (first, _even(series, exposure[key], hours[key]))
            for key, (first, series) in tables.items()
        }
        rules = rules_by_measure(even, DISCOUNT)
        return cls(by_stream, tables, hours, exposure, seasons, rules)


def monthly_warnings(
    counts: Iterable[MonthCount], names: Mapping[str, str] | None = None, *,
    today: date, past: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Judge every stream of months by its own past.

    Parameters
    ----------
    counts : iterable of MonthCount
    names : mapping, optional
        Names of areas by code.
    today : date
        An office is silent whose last count is of a month before the last two whole ones.
    past : bool
        Whether months before the last of each stream are judged too, each by the level known then;
        season, scatter and bound are those of the whole record.

    Returns
    -------
    dict
        As :func:`~layers.plans.early_warning.early_warnings`, with ``month`` for ``year`` and
        ``terminal_id``, ``season`` (factors of the months by measure) and ``false_alarms`` a month.
    """
    found_months = MonthStreams.of(counts)
    tables, rules = found_months.tables, found_months.rules
    above: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for key, (first, series) in tables.items():
        for at, explained, found in judged_counts(
            series, *rules[key[1]], hours=found_months.hours[key],
            exposure=found_months.exposure[key],
        ):  # fmt: skip
            if past or at == len(series) - 1:
                number = first + at
                check = found.pop("check") or first_check(key[1], key[0], number, number)
                above[explained].append(
                    {**_named(key, names), "month": found_months.counts[key][number].month, **found,
                     "check": check.as_dict()}
                )  # fmt: skip
    return {
        "warnings": sorted(above[False], key=_order), "watched": sorted(above[True], key=_order),
        "silent": [
            {**_named(key, names), "last": max(found.values(), key=lambda c: c.month).month}
            for key, found in sorted(found_months.counts.items()) if _fell_silent(found, today)
        ],
        "streams": len(tables),
        "season": {measure: factors.tolist() for measure, factors in found_months.seasons.items()},
        "false_alarms": sum(found.false_alarms for _, found in rules.values()),
        "rules": [
            {"measure": measure, "streams": sum(key[1] == measure for key in tables),
             "alpha": found.alpha, "false_alarms": found.false_alarms, "detected": found.detected}
            for measure, (_, found) in rules.items()
        ],
    }  # fmt: skip


def _order(row: Mapping[str, Any]) -> tuple[float, str, str]:
    return row["p"], row["area_code"], row["month"]


def _named(key: Stream, names: Mapping[str, str] | None) -> dict[str, str]:
    return {
        "area_code": key[0], "area_name": (names or {}).get(key[0], key[0]), "measure": key[1],
        "legal_class": key[2], "unit": key[3], "terminal_id": key[4],
    }  # fmt: skip


def _hours(key: Stream, table: Table, found: Mapping[int, MonthCount]) -> Floats | None:
    if key[1] not in FOLLOWS_EFFORT:
        return None
    first, series = table
    watched = (found[first + at].hours if first + at in found else None
               for at in range(len(series)))  # fmt: skip
    return known_hours(series, watched)


def _shares(table: Table, found: Mapping[int, MonthCount]) -> Floats:
    first, series = table
    return np.array([
        found[first + at].share if first + at in found else 1.0 for at in range(len(series))
    ])  # fmt: skip


def _even(series: Floats, exposure: Floats, hours: Floats | None) -> Floats:
    """Counts as they were at even days, season and hours."""
    return np.asarray(series / np.maximum(exposure * (1.0 if hours is None else hours), 1e-9))


def _seasons(
    tables: Mapping[Stream, Table], hours: Mapping[Stream, Floats | None],
    shares: Mapping[Stream, Floats],
) -> dict[str, Floats]:  # fmt: skip
    """Factors of the months by measure, from the whole years before that of the last month."""
    newest = max((first + len(series) - 1 for first, series in tables.values()), default=0)
    whole: dict[str, list[Floats]] = {key[1]: [] for key in tables}
    for key, (first, series) in tables.items():
        even = _even(series, shares[key], hours[key])
        for begin in range(-first % MONTHS, len(series) - MONTHS + 1, MONTHS):
            if (first + begin) // MONTHS < newest // MONTHS:
                whole[key[1]].append(even[begin : begin + MONTHS])
    return {measure: month_factors(years) for measure, years in whole.items()}


def _fell_silent(found: Mapping[int, MonthCount], today: date) -> bool:
    first, last = min(found), max(found)
    if not found[last].held or len(found) <= _SILENT:
        return False
    often = len(found) >= _NEARLY_EACH * (last - first + 1)
    whole = today.year * MONTHS + today.month - 2  # the last month that is over
    return often and whole - last >= _SILENT


def _stream(row: Mapping[str, Any]) -> Stream:
    measure = CELL_MEASURES.get(row["measure"], row["measure"])
    terminal = str(row.get("terminal_id") or "")
    area = str(row["place_code"])[:_REGENCY]
    return (area, measure, row["legal_class"], row["unit"], terminal)


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if np.isfinite(found) else None
