"""Why the areas that a scenario changes most change more than others do.

A change of departures is the departures there were, times what the scenario does to them. Where it
moves the index, that is its step in ``ln I`` (:mod:`routes.vulnerability.index`) times what such a
step means for a score that is low or high: near 0 a step is a larger part of the score. Each of
these is compared with the usual (median) one among the areas that change; the one that stands out
most is the reason.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.i18n import Message

__all__ = ["EXPLAINED", "reasons_of"]

EXPLAINED = 3
"""Areas that are explained, those that change most."""
_FEWEST = 3
"""Areas that have to change before one is compared with the usual."""
_STANDS_OUT = 1.2
"""How many times the usual is worth a word."""
_LEAST = 1e-9


def reasons_of(
    size: pd.Series[float],
    *,
    scores: pd.DataFrame | None = None,
    stated: pd.Series[float] | None = None,
    departures: pd.Series[float] | None = None,
) -> Mapping[str, tuple[Message, ...]]:
    """Reasons of the largest changes, by code of the area; nothing where none is known.

    Parameters
    ----------
    size : Series
        Change of each area by code: persons a year, or a share of the departures.
    scores : DataFrame, optional
        Index ``before`` and ``after``, by code; where the scenario changes indicators.
    stated : Series, optional
        Change that the scenario itself states, a share, by code; 0 where it states none.
    departures : Series, optional
        Persons a year before, by code; only where ``size`` is in persons.

    Examples
    --------
    >>> size = pd.Series({"53.71": -0.2, "53.01": -0.1, "53.02": -0.1})
    >>> scores = pd.DataFrame({"before": [1.0, 4.0, 4.0], "after": [0.8, 3.6, 3.6]}, size.index)
    >>> [message.code for message in reasons_of(size, scores=scores)["53.71"]]
    ['scenario.why_index', 'scenario.why_low']
    """
    size = size[size.abs() > _LEAST]
    moved = None if scores is None else _moves(scores.reindex(size.index))
    named = (
        pd.Series(0.0, size.index) if stated is None else stated.reindex(size.index, fill_value=0.0)
    )
    strongest = size.abs().sort_values(ascending=False, kind="stable").index[:EXPLAINED]
    reasons = {}
    for code in strongest:
        messages = []
        if moved is not None and abs(moved.at[code, "step"]) > _LEAST:
            share = float(moved.at[code, "after"] / moved.at[code, "before"] - 1.0)
            messages.append(Message("scenario.why_index", {"share": share}))
        if abs(named[code]) > _LEAST:
            messages.append(Message("scenario.why_stated", {"share": float(named[code])}))
        if messages and len(size) >= _FEWEST:
            messages += _what_stands_out(str(code), moved, departures)
        if messages:
            reasons[str(code)] = tuple(messages)
    return reasons


def _moves(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores with their ``step`` in ``ln I`` and the ``leverage`` of one on the score."""
    log_index = np.log1p(0.9 * scores)
    step = (log_index["after"] - log_index["before"]).fillna(0.0)
    shift = np.log(scores["after"]) - np.log(scores["before"])
    return scores.assign(step=step, leverage=(shift / step).where(step.abs() > _LEAST))


def _what_stands_out(
    code: str, moved: pd.DataFrame | None, departures: pd.Series[float] | None
) -> list[Message]:
    found: list[tuple[float, str]] = []

    def compare(values: pd.Series[float], message: str) -> None:
        usual = values[values > _LEAST].median()
        times = float(values.get(code, 0.0) / usual) if usual > 0 else 0.0
        if times >= _STANDS_OUT:
            found.append((times, message))

    if departures is not None:
        compare(departures, "scenario.why_people")
    if moved is not None:
        index = moved[moved["step"].abs() > _LEAST]
        compare(index["leverage"], "scenario.why_low")
        compare(index["step"].abs(), "scenario.why_step")
    if not found:
        return []
    times, message = max(found)
    return [Message(message, {"times": times})]
