"""Many draws of the index at once, and what they say: intervals, ranks, the top tenth.

Arrays of shape (draws, areas) in float32: 1,000 draws of 83,403 villages take 334 MB.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["draw_logs", "quantiles", "ranks_in_place", "top_share"]

Floats = npt.NDArray[np.float64]
_LOG10 = float(np.log(10.0))
_CHUNK = 8192


def draw_logs(
    rng: np.random.Generator,
    logs: Floats,
    there: npt.NDArray[np.bool_],
    spread: Floats,
    overall: Floats,
    concentration: Floats,
    draws: int,
) -> npt.NDArray[np.float32]:
    """``ln I`` of every draw (rows) and area (columns), in float32, block by block."""
    weights = rng.dirichlet(concentration, size=draws).astype(np.float32)
    squared = weights**2
    out = np.empty((draws, len(logs)), dtype=np.float32)
    whole = bool(there.all())
    quiet = whole and not spread.any()
    level, error, rest = (a.astype(np.float32) for a in (logs, there * spread**2, overall**2))
    for start in range(0, len(logs), _CHUNK):
        part = slice(start, start + _CHUNK)
        total = weights @ level[part].T
        noise = None if quiet else squared @ error[part].T
        if not whole:
            here = there[part].astype(np.float32)
            share = np.maximum(weights @ here.T, np.float32(1e-6))
            total /= share
            noise = noise / share**2 + squared @ ((1 - here) * rest).T
        if noise is not None:
            np.sqrt(noise, out=noise)
            noise *= rng.standard_normal(total.shape, dtype=np.float32)
            total += noise
        np.maximum(total, np.float32(0.0), out=total)
        np.minimum(total, np.float32(_LOG10), out=out[:, part])
    return out


def quantiles(sampled: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    """5 and 95 % of every column, linear between the order statistics."""
    draws, areas = sampled.shape
    low, high = np.empty(areas), np.empty(areas)
    for start in range(0, areas, _CHUNK):
        part = slice(start, start + _CHUNK)
        block = np.sort(np.ascontiguousarray(sampled[:, part].T), axis=1)
        for out, share in ((low, 0.05), (high, 0.95)):
            place = share * (draws - 1)
            k = int(place)
            after = block[:, min(k + 1, draws - 1)].astype(np.float64)
            out[part] = block[:, k] + (place - k) * (after - block[:, k])
    return low, high


def top_share(ranks: npt.NDArray[np.float32]) -> Floats:
    """Share of the draws in which an area reaches the top tenth (at least one area does)."""
    top = max(1, int(np.ceil(ranks.shape[1] / 10)))
    shares: Floats = np.count_nonzero(ranks <= top, axis=0) / ranks.shape[0]
    return shares


def ranks_in_place(sampled: npt.NDArray[np.float32], *, share_ties: bool) -> None:
    """Replace every draw by its ranks, 1 = highest; float32 is exact up to 16 million areas.

    Equal values share the better rank when asked; with errors drawn they do not occur but by
    rounding.
    """
    places = np.arange(1, sampled.shape[1] + 1, dtype=np.float32)
    for row in sampled:
        order = np.argsort(-row)
        if share_ties:
            ordered = row[order]
            first = np.where(np.diff(ordered, prepend=np.float32(np.inf)) != 0, places, 0)
            row[order] = np.maximum.accumulate(first)
        else:
            row[order] = places
