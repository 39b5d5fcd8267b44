"""From the long table of indicators to one column an indicator, as the framework asks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from routes.framework import Framework, Indicator
from routes.protection import COUNT_INDICATORS, ROUNDING_VARIANCE

__all__ = ["indicator_errors", "indicator_table"]


def indicator_table(
    indicators: pd.DataFrame, framework: Framework, *, codes: Iterable[str] | None = None
) -> pd.DataFrame:
    """Make the framework's columns from the curated indicators.

    Parameters
    ----------
    indicators : DataFrame
        ``area_code, indicator, year, value``, as :attr:`geo.dataset.Dataset.indicators`.
    framework : Framework
        Says which slug to take, of which years, per which other one.
    codes : iterable of str, optional
        The areas wanted, in order; by default every area that has any value.

    Returns
    -------
    DataFrame
        Index: area code; one column an indicator of the framework for which anything is there,
        NaN where unknown. The columns computed from the map are not made here: join them.
    """
    rows = indicators[["area_code", "indicator", "year", "value"]]
    latest = rows.sort_values("year", kind="stable").groupby(["indicator", "area_code"])["value"]
    last = latest.last()
    index = pd.Index(sorted(rows["area_code"].unique()) if codes is None else list(codes))
    out = {}
    for item in framework.indicators:
        column = _column(item, rows, last)
        if column is not None:
            out[item.slug] = column.reindex(index)
    return pd.DataFrame(out, index=index.rename("code"))


def indicator_errors(
    indicators: pd.DataFrame, framework: Framework, *, codes: Iterable[str]
) -> pd.DataFrame:
    """Standard deviations of the rates that are made from counts of people.

    A count ``y`` summed over ``m`` years and rounded to the base each year has variance
    ``max(y, 1) + m v`` (Poisson, and the mean variance ``v`` of the rounding); the rate is the
    mean over the years divided by the people, and so is its error.

    Returns
    -------
    DataFrame
        As :func:`indicator_table`, with those columns alone; NaN where there is no value.
    """
    index = pd.Index(list(codes))
    rows = indicators[["area_code", "indicator", "year", "value"]]
    newest = rows.sort_values("year", kind="stable").groupby(["indicator", "area_code"])["value"]
    last = newest.last()
    out = {}
    for item in framework.indicators:
        slug = item.take or item.slug
        if slug not in COUNT_INDICATORS or slug not in last or (item.per and item.per not in last):
            continue
        some = rows[rows["indicator"] == slug].sort_values("year", kind="stable")
        some = some[some["year"].isin(item.years)] if item.years else some
        group = some.groupby("area_code")["value"]
        total = group.sum() if item.years else group.last()
        years = group.count() if item.years else group.count().clip(upper=1)
        sd = np.sqrt(total.clip(lower=1.0) + years * ROUNDING_VARIANCE) / years
        below = last[item.per].reindex(sd.index) if item.per else 1.0
        out[item.slug] = (sd / below * item.times).reindex(index)
    return pd.DataFrame(out, index=index.rename("code"))


def _column(item: Indicator, rows: pd.DataFrame, last: pd.Series) -> pd.Series | None:
    slug = item.take or item.slug
    if slug not in last.index.get_level_values(0):
        return None
    if item.years:
        some = rows[(rows["indicator"] == slug) & rows["year"].isin(item.years)]
        column = some.groupby("area_code")["value"].mean()
    else:
        column = last[slug]
    if item.per:
        if item.per not in last.index.get_level_values(0):
            return None
        below = last[item.per]
        column = column / below.where(below > 0).reindex(column.index)
    return column * item.times
