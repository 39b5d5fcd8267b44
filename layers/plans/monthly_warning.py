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

from geo.codes import CODE_LENGTHS
from geo.counts import described_counts
from geo.disclosure import CELL_MEASURES
from geo.imports.days import today
from geo.imports.overlay import held_counts
from geo.imports.store import agreements, verified
from geo.interventions import Month
from geo.paths import DATA, Home
from geo.tables import read_table
from geo.tiers import Tier
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
    "monthly_warnings", "months_of_account", "published_months",
]  # fmt: skip

DISCOUNT = 0.9
"""Weight of a month against the next: half of the level is that of the last seven months."""
_SILENT = 2
"""Months without a count that are said, of an office that reported nearly each month."""
_NEARLY_EACH = 0.8
_REGENCY = CODE_LENGTHS["regency"]


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
        largest counts, as everywhere (geo/data/COUNTS.md). ``hours`` are those watched (column
        ``effort``) where what counts was counted: added over its places, None where one has none.
    """
    rows = described_counts(counts[counts["held"].astype(bool)])
    rows = rows[rows["period"].astype(str).str.fullmatch(r"\d{4}-(0[1-9]|1[0-2])")]
    parts: dict[tuple[Stream, str], float] = defaultdict(float)
    wholes: dict[tuple[Stream, str], tuple[float, str]] = {}
    hours: dict[tuple[Stream, str], dict[str, float | None]] = defaultdict(dict)
    for row in rows.to_dict("records"):
        key, place = (_stream(row), str(row["period"])), str(row["place_code"])
        value = float(row["value"])
        if row["kind"] == "total":
            wholes[key] = max(wholes.get(key, (-1.0, "")), (value, place))
        else:
            parts[key] += value
        _keep_largest(hours[key], place, _number(row.get("effort")))
    added = []
    for key in sorted(parts.keys() | wholes.keys()):
        stream, month = key
        found = ((parts.get(key, -1.0), ""), wholes.get(key, (-1.0, "")))
        value, place = max(found, key=lambda counted: counted[0])
        added.append(MonthCount(
            area_code=stream[0], terminal_id=stream[4], measure=stream[1], legal_class=stream[2],
            unit=stream[3], month=month, value=value, hours=_hours_within(hours[key], place),
        ))  # fmt: skip
    return added


def months_of_account(home: Home, account: str, tier: Tier) -> list[MonthCount]:
    """Months of the counts that one account has imported, and of nobody else's.

    Who sent the counts has them: what is judged of them tells it nothing of others. Only as far as
    the agreements of today let them be reckoned with (``model``) by somebody of its tier.

    Examples
    --------
    >>> from pathlib import Path
    >>> months_of_account(Home(Path("/nowhere")), "perencana", "partner")
    []
    """
    own = [
        (entry, table) for entry, table in verified(home, today())
        if entry.kind == "counts" and entry.by == account
    ]  # fmt: skip
    return month_counts(held_counts(own, agreements(home), "model", tier)) if own else []


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

    Several rows of one place, terminal and period are one watch. The hours of a row of the whole
    year are those of the year; without such a row, or where it states none and each of the twelve
    months does, shorter periods are added up. Places and terminals are added up. Where one of them
    has no hours, the year has none; rows without a year are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"place_code": "53.71", "terminal_id": "", "measure": "prevented", "held": True}
    >>> row |= {"kind": "total", "year": 2024.0, "value": 9.0, "unit": "person"}
    >>> rows = [{**row, "period": f"2024-{m:02}", "effort": 100.0 + m} for m in (1, 2)]
    >>> hours_by_year(pd.DataFrame(rows))
    {('53.71', 2024): 203.0}
    """
    rows = counts[counts["held"].astype(bool) & counts["year"].notna()]
    periods: dict[tuple[str, int, str, str], dict[str, float | None]] = defaultdict(dict)
    for row in rows.to_dict("records"):
        if CELL_MEASURES.get(row["measure"], row["measure"]) in FOLLOWS_EFFORT:
            place, terminal = str(row["place_code"]), str(row["terminal_id"])
            of_year = periods[place[:_REGENCY], int(row["year"]), terminal, place]
            _keep_largest(of_year, str(row["period"]), _number(row.get("effort")))
    places: dict[tuple[str, int, str], dict[str, float | None]] = defaultdict(dict)
    for (area, year, terminal, place), found in periods.items():
        places[area, year, terminal][place] = _hours_of_year(found, str(year))
    watched: dict[tuple[str, int], list[float | None]] = defaultdict(list)
    for (area, year, _), by_place in places.items():
        watched[area, year].append(_hours_within(by_place))
    return {key: total for key, found in watched.items() if (total := _sum(found)) is not None}


def _keep_largest(found: dict[str, float | None], name: str, hours: float | None) -> None:
    """Rows of one place and period are one watch: the longest that any of them states."""
    found[name] = max((h for h in (found.get(name), hours) if h is not None), default=None)


def _sum(found: Iterable[float | None]) -> float | None:
    """None where nothing is there or one of them is not known."""
    listed = list(found)
    known = [hours for hours in listed if hours is not None]
    return sum(known) if known and len(known) == len(listed) else None


def _hours_of_year(found: Mapping[str, float | None], year: str) -> float | None:
    """Of the row of the year or of the periods in it, never of both."""
    if year not in found:
        return _sum(found.values())
    if found[year] is not None:
        return found[year]
    return _sum(found.get(f"{year}-{month:02}") for month in range(1, MONTHS + 1))


def _hours_within(found: Mapping[str, float | None], within: str = "") -> float | None:
    """Hours of the places ``within`` one, added up; a place contains its parts.

    Examples
    --------
    >>> _hours_within({"53.04.01": 100.0, "53.04.02": 100.0})
    200.0
    >>> _hours_within({"53.04": 250.0, "53.04.01": 100.0, "53.04.02": None})
    250.0
    """
    inside = {at: hours for at, hours in found.items() if f"{at}.".startswith(within)}
    total = []
    for at, hours in inside.items():
        if not any(at.startswith(f"{other}.") for other in inside):
            below = {part: inside[part] for part in inside if part.startswith(f"{at}.")}
            known = (hours, _hours_within(below) if below else None)
            total.append(max((h for h in known if h is not None), default=None))
    return _sum(total)


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
        by_stream = _by_stream(counts)
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
        A month that is not over by then is not judged, and hides none before it. An office is
        silent whose last count is of a month before the last two whole ones.
    past : bool
        Whether months before the last of each stream are judged too, each by the level known then;
        season, scatter and bound are those of the whole record.

    Returns
    -------
    dict
        As :func:`~layers.plans.early_warning.early_warnings`, with ``month`` for ``year`` and
        ``terminal_id``, ``season`` (factors of the months by measure) and ``false_alarms`` a month.
        Counts that are above have ``months``, the last thirteen up to theirs: ``month, value``,
        None where nothing is on record.
    """
    reported = _by_stream(counts)
    running = Month.of(f"{today:%Y-%m}").number
    found_months = MonthStreams.of(
        count for found in reported.values() for at, count in found.items() if at < running
    )
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
                     "check": check.as_dict(),
                     "months": _last_months(found_months.counts[key], first, number)}
                )  # fmt: skip
    return {
        "warnings": sorted(above[False], key=_order), "watched": sorted(above[True], key=_order),
        "silent": [
            {**_named(key, names), "last": max(found.values(), key=lambda c: c.month).month}
            for key, found in sorted(reported.items()) if _fell_silent(found, running - 1)
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


def _last_months(found: Mapping[int, MonthCount], first: int, last: int) -> list[dict[str, Any]]:
    """A year and the month to judge, so that the same month of the year before is among them."""
    return [
        {"month": f"{at // MONTHS}-{at % MONTHS + 1:02}",
         "value": found[at].value if at in found else None}
        for at in range(max(first, last - MONTHS), last + 1)
    ]  # fmt: skip


def _by_stream(counts: Iterable[MonthCount]) -> dict[Stream, dict[int, MonthCount]]:
    by_stream: dict[Stream, dict[int, MonthCount]] = defaultdict(dict)
    for count in counts:
        by_stream[count.stream][Month.of(count.month).number] = count
    return by_stream


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


def _fell_silent(found: Mapping[int, MonthCount], whole: int) -> bool:
    """``whole`` is the last month that is over."""
    first, last = min(found), max(found)
    if not found[last].held or len(found) <= _SILENT:
        return False
    often = len(found) >= _NEARLY_EACH * (last - first + 1)
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
