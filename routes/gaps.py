"""Filling gaps by the hierarchy of areas: from above, then from beside, always flagged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

__all__ = ["LEFT_OUT", "fill_gaps", "lines_above"]

LEFT_OUT = "left out"
"""Flag of a gap that nothing near enough can fill."""


def lines_above(codes: pd.Index, parents: Mapping[str, str] | None) -> Iterator[pd.Series]:
    """The ancestors of every area, nearest first; empty text where there is none."""
    text = pd.Series(codes, index=codes)
    for _ in range(8):
        if parents is None:
            text = text.where(text.str.contains(".", regex=False), "")
            text = text.str.replace(r"\.[^.]*$", "", regex=True)
        else:
            text = text.map(parents).fillna("")
        if (text == "").all():
            return
        yield text


def fill_gaps(
    value: pd.Series, lines: list[pd.Series], higher: pd.Series | None
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Fill the gaps of one indicator from above, then from beside; say whence and how spread.

    Parameters
    ----------
    value : Series
        By area code; NaN where unknown.
    lines : list of Series
        The ancestors of every area, nearest first (:func:`lines_above`).
    higher : Series, optional
        The same quantity for areas of higher levels.

    Returns
    -------
    filled, sd, flag : Series
        ``sd`` is the spread among the areas under the same ancestor (of all, under three of them;
        where this level has no values at all, that of the donor among its own neighbours: areas
        within a donor are assumed to differ as much as donors do); ``flag`` is empty,
        ``from CODE``, ``median of CODE`` or :data:`LEFT_OUT`.
    """
    filled = value.copy()
    sd = pd.Series(0.0, index=value.index)
    flag = pd.Series("", index=value.index, dtype=object)
    if not value.isna().any():
        return filled, sd, flag
    overall = float(value.std(ddof=0)) if value.notna().any() else float("nan")
    beyond = _spread_beside(higher) if higher is not None else None
    beside = [value.groupby(line).agg(["median", "count", "std"]) for line in lines]
    for step in ("from", "median of"):
        for line, group in zip(lines, beside, strict=True):
            gap = filled.isna() & (line != "")
            if not gap.any():
                break
            whole = line[gap]
            source = higher if step == "from" else group["median"]
            if source is None:
                continue
            got = whole.map(source).dropna()
            if got.empty:
                continue
            width = line[got.index].map(group["std"].where(group["count"] >= 3)).fillna(overall)
            if beyond is not None:
                width = width.fillna(line[got.index].map(beyond))
            filled.loc[got.index] = got
            sd.loc[got.index] = width.fillna(0.0)
            flag.loc[got.index] = f"{step} " + line[got.index]
    flag[filled.isna()] = LEFT_OUT
    return filled, sd, flag


def _spread_beside(higher: pd.Series) -> pd.Series:
    """For each donor: standard deviation among donors under the same area above, else of all."""
    codes = pd.Series(higher.index, index=higher.index)
    level = codes.str.count(r"\.")
    above = codes.str.rpartition(".")[0]
    group = higher.groupby([level, above])
    near = group.transform("std").where(group.transform("count") >= 3)
    wide = higher.groupby(level).transform("std", ddof=0)
    out: pd.Series = near.fillna(wide)
    return out
