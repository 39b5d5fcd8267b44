"""Checks at terminals by year: sums of protected months, with the shares that they give."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
from scipy.special import betaincinv

from geo.checks import CHECK_FIELDS, protected_checks
from geo.disclosure import BASE

__all__ = ["binomial_interval", "checks_by_terminal"]

_SHARES = {
    "deferred_share": ("deferred", "interviewed"),
    "wrongful_share": ("wrongful_deferrals", "deferred"),
}
"""Shares of a year: of whom, of how many."""
_LOW, _HIGH = 0.05, 0.95
_MOST_MOVED = 0.1
"""By how much rounding alone may move a share that is told as one number (assumed)."""


def binomial_interval(count: int, of: int, rounded: int = 0) -> dict[str, float | None] | None:
    """A share with its exact 90 % interval (Clopper and Pearson 1934); None of nobody.

    Parameters
    ----------
    count, of : int
    rounded : int
        By how much each of the two may have been rounded: the interval covers all they may be, and
        the mean is None where that alone could move it by more than ten points.

    Examples
    --------
    >>> {end: round(value, 3) for end, value in binomial_interval(5, 40).items()}
    {'mean': 0.125, 'p05': 0.051, 'p95': 0.245}
    >>> binomial_interval(0, 0) is None
    True
    >>> binomial_interval(5, 10, rounded=4)["mean"] is None  # from 1 of 14 to 9 of 9
    True
    """
    if of <= 0:
        return None
    least, most = max(count - rounded, 0), count + rounded
    many, few = max(of + rounded, least), max(of - rounded, most, 1)
    low = float(betaincinv(least, many - least + 1, _LOW)) if least else 0.0
    high = float(betaincinv(most + 1, few - most, _HIGH)) if most < few else 1.0
    moved = min(most / few, 1.0) - least / many
    mean = min(count / of, 1.0) if not rounded or moved <= _MOST_MOVED else None
    return {"mean": mean, "p05": low, "p95": high}


def checks_by_terminal(checks: pd.DataFrame, *, secret: bytes) -> dict[str, str]:
    """Checks of each year as JSON, newest first, by terminal.

    A year is the sum of its months as :func:`geo.checks.protected_checks` shows them in a roster:
    a sum rounded anew would be a second look at the same persons (decision 46). The roundings of
    its months add up as their root: an interval covers that much.

    Parameters
    ----------
    checks : DataFrame
        ``terminal_id, month`` and :data:`geo.checks.CHECK_FIELDS`.
    secret : bytes
        From :func:`geo.disclosure.release_secret`.
    """
    numbers = list(CHECK_FIELDS)
    table = checks.assign(**{name: checks[name].astype(int) for name in numbers})
    sums = table.groupby(["terminal_id", "month"], sort=True)[numbers].sum()
    years: dict[tuple[str, int], list[dict[str, int]]] = {}
    for (terminal, month), row in sums.iterrows():
        numbers_of = {name: int(row[name]) for name in numbers}
        shown = protected_checks(numbers_of, place=terminal, month=month, secret=secret)
        years.setdefault((terminal, int(month[:4])), []).append(shown)
    found: dict[str, list[dict[str, Any]]] = {}
    for (terminal, year), months in years.items():
        whole_year: dict[str, Any] = {
            "year": year, **{name: sum(month[name] for month in months) for name in numbers},
        }  # fmt: skip
        rounded = math.ceil((BASE - 1) * math.sqrt(len(months)))
        for name, (part, whole) in _SHARES.items():
            whole_year[name] = binomial_interval(whole_year[part], whole_year[whole], rounded)
        found.setdefault(terminal, []).insert(0, whole_year)
    return {terminal: json.dumps(listed) for terminal, listed in found.items()}
