"""The vulnerability framework as data: indicators, directions, weights, sources, caveats.

A framework is one TOML file (``routes/framework.toml`` is ours) that a planner may copy and change.
Whatever is wrong in it is reported with file, line and field.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import DataFileError, InputError
from geo.paths import Home

__all__ = ["CLASSES", "FRAMEWORK_FILE", "UNKNOWN", "Framework", "Indicator"]

FRAMEWORK_FILE = "framework.toml"
"""Name of a planner's own framework in the home."""

CLASSES = ("very low", "low", "medium", "high", "very high")
"""Names of the five classes, from the lowest score to the highest."""

UNKNOWN = "unknown"
"""Class of an area about which nothing is known."""

_DEFAULT = Path(__file__).with_name("framework.toml")
_DIRECTIONS = ("up", "down")
_DIMENSIONS = ("exposure", "susceptibility", "coping")
_TEXT = (
    "slug",
    "direction",
    "category",
    "dimension",
    "unit",
    "source",
    "caveat",
    "text_id",
    "text_en",
)
_REQUIRED = (*_TEXT, "weight", "range")
_OPTIONAL = ("goalposts", "scale", "error", "take", "years", "per", "times")
_SCALES = ("linear", "log")
_HEAD = ("version", "name_id", "name_en", "alpha", "winsor", "classes", "least_known")


@dataclass(frozen=True)
class Indicator:
    """One indicator of the framework.

    Attributes
    ----------
    slug : str
        Column name in the table.
    direction : str
        ``up``: a higher value means more vulnerable; ``down``: less.
    category, dimension : str
        Where it belongs; dimension is ``exposure``, ``susceptibility`` or ``coping``.
    weight : float
        Above 0, relative to the others.
    unit : str
        Unit of the column.
    range : tuple of float
        Lowest and highest value that can be right.
    goalposts : tuple of float, optional
        Values that map to 1 and 10 (for ``down`` the first is the higher one). None: from the data.
    scale : str
        ``linear``, or ``log``: rescaled as ``ln(1 + value)``, for long-tailed columns.
    error : float
        Standard deviation of one published value, in ``unit``.
    take, years, per, times
        How the column is made from the indicators table, see ``framework.toml``.
    """

    slug: str
    direction: str
    category: str
    dimension: str
    weight: float
    unit: str
    range: tuple[float, float]
    source: str = ""
    caveat: str = ""
    text_id: str = ""
    text_en: str = ""
    goalposts: tuple[float, float] | None = None
    scale: str = "linear"
    error: float = 0.0
    take: str = ""
    years: tuple[int, ...] = ()
    per: str = ""
    times: float = 1.0

    def scaled(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Values as they are rescaled: themselves, or ``ln(1 + value)``."""
        return np.log1p(values) if self.scale == "log" else values

    def __post_init__(self) -> None:
        for name, message in _indicator_faults(self):
            raise InputError(f"indicator {self.slug or '?'}: {name} {message}", field=name)


def _number(value: object, *, least: float = -math.inf) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= least


def _pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(_number(v) for v in value)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value > 0


def _indicator_faults(item: Indicator) -> list[tuple[str, str]]:
    """Everything wrong with an indicator: (field, what and how to mend)."""
    faults = []
    if not re.fullmatch(r"[a-z][a-z0-9_]*", item.slug):
        faults.append(("slug", "must be lower-case letters, digits and underscores"))
    if item.direction not in _DIRECTIONS:
        faults.append(("direction", 'must be "up" or "down"'))
    if item.dimension not in _DIMENSIONS:
        faults.append(("dimension", f"must be one of {', '.join(_DIMENSIONS)}"))
    if not _positive(item.weight):
        faults.append(("weight", "must be a number above 0; to drop an indicator, take it out"))
    if not _pair(item.range) or item.range[0] >= item.range[1]:
        faults.append(("range", "must be [lowest, highest], lowest first"))
    if item.goalposts is not None:
        rising = _pair(item.goalposts) and item.goalposts[0] < item.goalposts[1]
        falling = _pair(item.goalposts) and item.goalposts[0] > item.goalposts[1]
        if not (rising if item.direction == "up" else falling):
            faults.append(("goalposts", "must run from least to most vulnerable"))
    if item.scale not in _SCALES:
        faults.append(("scale", 'must be "linear" or "log"'))
    elif item.scale == "log" and min(*item.range, *(item.goalposts or (0.0,))) < 0:
        faults.append(("scale", 'can be "log" only where range and goalposts are 0 or above'))
    if not _number(item.error, least=0.0):
        faults.append(("error", "must be a number, 0 or above"))
    if not _positive(item.times):
        faults.append(("times", "must be a number above 0"))
    if not all(_number(year, least=1900) and year <= 2200 for year in item.years):
        faults.append(("years", "must be years, such as [2021, 2024]"))
    return faults


@dataclass(frozen=True)
class Framework:
    """Indicators and the settings of the index.

    Attributes
    ----------
    indicators : tuple of Indicator
    alpha : float
        Concentration of the Dirichlet weights.
    winsor : tuple of float
        Quantiles that map to 1 and 10 where an indicator has no goalposts.
    classes : tuple of float
        Four cut points on the 0-10 score; a score on a cut belongs to the class above.
    least_known : float
        Share of the weight that must rest on values of the area or of one above it; an area with
        less is ``unknown``.
    version, name_id, name_en : str
    """

    indicators: tuple[Indicator, ...]
    alpha: float = 60.0
    winsor: tuple[float, float] = (0.025, 0.975)
    classes: tuple[float, float, float, float] = (2.0, 4.0, 6.0, 8.0)
    least_known: float = 0.0
    version: str = ""
    name_id: str = ""
    name_en: str = ""
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        for name, message in _framework_faults(self):
            raise InputError(f"framework: {name} {message}", field=name)
        object.__setattr__(self, "columns", tuple(i.slug for i in self.indicators))

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Weights in the order of the indicators, summing to 1."""
        raw = np.array([i.weight for i in self.indicators], dtype=np.float64)
        shares: npt.NDArray[np.float64] = raw / raw.sum()
        return shares

    def without(self, category: str) -> Framework:
        """The same framework without the indicators of a category; the others keep their shares.

        Raises
        ------
        InputError
            If nothing would be left.
        """
        rest = tuple(i for i in self.indicators if i.category != category)
        return replace(self, indicators=rest)

    @classmethod
    def of_home(cls, home: Home) -> Framework:
        """The planner's own framework where the home has one (``framework.toml``), else ours.

        Raises
        ------
        DataFileError
            With file, line and field of the first mistake.
        """
        own = home.root / FRAMEWORK_FILE
        return cls.load(own if own.exists() else None)

    @classmethod
    def load(cls, path: str | Path | None = None) -> Framework:
        """Read a framework file; ours when no path is given.

        Raises
        ------
        DataFileError
            With file, line and field of the first mistake.
        """
        file = _DEFAULT if path is None else Path(path)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataFileError(f"{file.name}: cannot be read as UTF-8 text ({error})") from error
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DataFileError(f"{file.name}: not valid TOML: {error}") from error
        return _from_mapping(data, _Lines(file.name, text))


def _framework_faults(item: Framework) -> list[tuple[str, str]]:
    faults = []
    if not item.indicators:
        faults.append(("indicator", "is missing: at least one is needed"))
    slugs = [i.slug for i in item.indicators]
    twice = sorted({s for s in slugs if slugs.count(s) > 1})
    if twice:
        faults.append(("slug", f"{twice[0]} stands twice; keep one"))
    if not _positive(item.alpha):
        faults.append(("alpha", "must be a number above 0"))
    if not _pair(item.winsor) or not 0 <= item.winsor[0] < item.winsor[1] <= 1:
        faults.append(("winsor", "must be two quantiles between 0 and 1, lower first"))
    cuts: tuple[float, ...] = item.classes
    rising = all(_positive(c) for c in cuts) and all(
        a < b < 10 for a, b in itertools.pairwise(cuts)
    )
    if len(cuts) != 4 or not rising:
        faults.append(("classes", "must be four rising cut points between 0 and 10"))
    if not _number(item.least_known, least=0.0) or item.least_known > 1:
        faults.append(("least_known", "must be a share between 0 and 1"))
    return faults


class _Lines:
    """Finds the line of a field, so that a mistake can be pointed at."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._lines = text.splitlines()
        self._starts = [
            number
            for number, line in enumerate(self._lines)
            if re.match(r"\s*\[\[\s*indicator\s*\]\]", line)
        ]

    def error(self, key: str, message: str, block: int | None = None) -> DataFileError:
        """Build the error for a field at the top (no block) or in the block-th indicator."""
        first, last = 0, len(self._lines)
        if block is not None and block < len(self._starts):
            first = self._starts[block]
            last = self._starts[block + 1] if block + 1 < len(self._starts) else last
        elif self._starts:
            last = self._starts[0]
        line = next(
            (n for n in range(first, last) if re.match(rf'\s*"?{key}"?\s*=', self._lines[n])), first
        )
        return DataFileError(f"{self.name} line {line + 1}, field {key}: {message}")


def _check_keys(
    data: Mapping[str, Any], allowed: Sequence[str], lines: _Lines, block: int | None
) -> None:
    for key in data:
        if key not in allowed:
            raise lines.error(key, f"is not known; known are {', '.join(allowed)}", block)


def _value(key: str, value: object, lines: _Lines, block: int | None) -> object:
    """A value of the right type, lists as tuples; strings stay strings."""
    if key in _TEXT or key in ("scale", "take", "per", "version", "name_id", "name_en"):
        if not isinstance(value, str) or not value.strip():
            raise lines.error(key, "must be text in quotes", block)
        return value
    if isinstance(value, list):
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value):
            raise lines.error(key, "must be numbers between brackets", block)
        return tuple(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise lines.error(key, "must be a number", block)
    return value


def _indicator(raw: Any, lines: _Lines, block: int) -> Indicator:
    if not isinstance(raw, dict):
        raise lines.error("indicator", "must be a [[indicator]] table", block)
    _check_keys(raw, (*_REQUIRED, *_OPTIONAL), lines, block)
    for key in _REQUIRED:
        if key not in raw:
            raise lines.error(key, "is missing", block)
    values: dict[str, Any] = {k: _value(k, v, lines, block) for k, v in raw.items()}
    for key in ("range", "goalposts", "years"):
        if key in values and not isinstance(values[key], tuple):
            raise lines.error(key, "must be numbers between brackets", block)
    try:
        return Indicator(**values)
    except InputError as error:
        message = str(error).split(f"{error.field} ", 1)[-1]
        raise lines.error(error.field or "slug", message, block) from error


def _from_mapping(data: Mapping[str, Any], lines: _Lines) -> Framework:
    _check_keys(data, (*_HEAD, "indicator"), lines, None)
    blocks = data.get("indicator", [])
    if not isinstance(blocks, list) or not blocks:
        raise lines.error("indicator", "is missing: write at least one [[indicator]]")
    items = [_indicator(raw, lines, number) for number, raw in enumerate(blocks)]
    seen: set[str] = set()
    for number, item in enumerate(items):
        if item.slug in seen:
            raise lines.error("slug", f"{item.slug} stands twice; keep one", number)
        seen.add(item.slug)
    head: dict[str, Any] = {
        key: _value(key, data[key], lines, None) for key in _HEAD if key in data
    }
    for key in ("winsor", "classes"):
        if key in head and not isinstance(head[key], tuple):
            raise lines.error(key, "must be numbers between brackets")
    try:
        return Framework(indicators=tuple(items), **head)
    except InputError as error:
        message = str(error).split(f"{error.field} ", 1)[-1]
        raise lines.error(error.field or "indicator", message) from error
