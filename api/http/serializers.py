"""From flat release columns to the nested records of ``/v1``, the same form the command line gives.

``score_mean, score_p05, score_p95`` become ``score: {mean, p05, p95}``; an interval that is unknown
is null. ``p_<class>`` become ``p_class: {<class>: p}``. Columns the tier does not have are absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.classes import CLASSES
from layers.registry import COMPONENTS

__all__ = ["nest"]

_ENDS = ("mean", "p05", "p95")
_RENAMED = {
    "persons": "persons_per_year",
    "flow": "flow_per_year",
    "load": "load_per_year",
}


def nest(row: Mapping[str, Any], *, components: bool = False) -> dict[str, Any]:
    """Nest the intervals of one row; with ``components`` also the parts of a corridor's score."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        stem, _, end = name.rpartition("_")
        if stem and end in _ENDS:
            group = out.setdefault(_RENAMED.get(stem, stem), {})
            group[end] = value
        elif (class_name := name.removeprefix("p_")) != name and class_name in CLASSES:
            out.setdefault("p_class", {})[class_name] = value
        elif components and name in COMPONENTS:
            out.setdefault("components", {})[name] = value
        else:
            out[name] = value
    for name, value in out.items():
        # an interval without any number is unknown
        if isinstance(value, dict) and all(part is None for part in value.values()):
            out[name] = None
    return out
