"""Points on the unit sphere: what is nearest there, by an index of chords, is nearest on Earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["EARTH_KM", "arc_km", "chord", "on_sphere"]

EARTH_KM = 6371.0088
"""Mean radius; great circles on it are within half a percent of the geodesic."""

Floats = NDArray[np.float64]


def on_sphere(lat: Floats, lon: Floats) -> Floats:
    """Unit vectors of points in degrees, shape (n, 3)."""
    a, b = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def chord(km: float) -> float:
    """Length on the unit sphere of the chord under a great circle of ``km``."""
    return float(2.0 * np.sin(min(km / EARTH_KM, np.pi) / 2.0))


def arc_km(chords: Floats) -> Floats:
    """Great circles over chords of the unit sphere, km."""
    return 2.0 * EARTH_KM * np.arcsin(np.clip(chords / 2.0, 0.0, 1.0))
