"""Filling gaps by the hierarchy of areas: from above, then from beside, always flagged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["LEFT_OUT", "Filled", "Line", "fill_gaps", "lines_above"]

LEFT_OUT = "left out"
"""Flag of a gap that nothing near enough can fill."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """One step of ancestors: the area above each area, numbered so that texts are read once.

    Attributes
    ----------
    codes : array of str
        The areas above, each once.
    place : int array
        Position in ``codes`` of each area's; -1 where there is none.
    """

    codes: npt.NDArray[np.object_]
    place: npt.NDArray[np.intp]

    def take(self, by_code: pd.Series, rows: npt.NDArray[np.intp]) -> Floats:
        """Values of the areas above, for some rows; NaN where there is none."""
        values = by_code.reindex(self.codes).to_numpy(np.float64)
        return np.asarray(values[self.place[rows]])


@dataclass(frozen=True, eq=False)
class Filled:
    """One indicator without gaps.

    Attributes
    ----------
    value : array
        NaN where left out.
    sd : array
        The spread among the areas under the same ancestor (of all, under three of them; where
        this level has no values at all, that of the donor among its own neighbours: areas within
        a donor are assumed to differ as much as donors do); 0 where nothing was filled.
    flag : array of str
        Empty, ``from CODE``, ``median of CODE`` or :data:`LEFT_OUT`.
    near : array of bool
        Whether the value is the area's own or an ancestor's.
    """

    value: Floats
    sd: Floats
    flag: npt.NDArray[np.object_]
    near: npt.NDArray[np.bool_]


def lines_above(codes: pd.Index, parents: Mapping[str, str] | None) -> list[Line]:
    """The ancestors of every area, nearest first."""
    text = codes.to_numpy(object)
    known = None if parents is None else dict(parents)
    lines = []
    for _ in range(8):
        if known is None:
            text = np.array([code.rpartition(".")[0] for code in text], dtype=object)
        else:
            text = np.array([known.get(code) or "" for code in text], dtype=object)
        there = text != ""
        if not there.any():
            break
        place = np.full(len(text), -1, np.intp)
        place[there], above = pd.factorize(text[there])
        lines.append(Line(np.asarray(above, dtype=object), place))
    return lines


def fill_gaps(value: Floats, lines: list[Line], higher: pd.Series | None) -> Filled:
    """Fill the gaps of one indicator from above, then from beside; say whence and how spread.

    Parameters
    ----------
    value : array
        By area; NaN where unknown.
    lines : list of Line
        The ancestors of every area, nearest first (:func:`lines_above`).
    higher : Series, optional
        The same quantity by code, for areas of higher levels.
    """
    filled, sd = value.copy(), np.zeros(len(value))
    flag = np.full(len(value), "", dtype=object)
    near = ~np.isnan(value)
    if near.all():
        return Filled(filled, sd, flag, near)
    given = pd.Series(value)
    overall = float(given.std(ddof=0)) if near.any() else float("nan")
    beyond = _spread_beside(higher) if higher is not None else None
    beside = [_beside(given, line) for line in lines]
    for step in ("from", "median of"):
        for line, group in zip(lines, beside, strict=True):
            gap = np.flatnonzero(np.isnan(filled) & (line.place >= 0))
            if not len(gap):
                break
            source = higher if step == "from" else group["median"]
            if source is None:
                continue
            got = line.take(source, gap)
            rows = gap[~np.isnan(got)]
            filled[rows] = got[~np.isnan(got)]
            width = line.take(group["std"].where(group["count"] >= 3), rows)
            width = np.where(np.isnan(width), overall, width)
            if beyond is not None:
                width = np.where(np.isnan(width), line.take(beyond, rows), width)
            sd[rows] = np.nan_to_num(width)
            told = np.array([f"{step} {code}" for code in line.codes], dtype=object)
            flag[rows] = told[line.place[rows]]
            near[rows] = step == "from"
    flag[np.isnan(filled)] = LEFT_OUT
    return Filled(filled, sd, flag, near)


def _beside(given: pd.Series, line: Line) -> pd.DataFrame:
    """Median, number and spread of the values under each ancestor, by its code."""
    under = given.groupby(line.place).agg(["median", "count", "std"])
    under = under[under.index >= 0]
    return under.set_axis(line.codes[under.index.to_numpy()])


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
