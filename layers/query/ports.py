"""Ports of the country by the persons who pass them, for the command line and HTTP alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geo.classes import classify_within
from layers.query.area_names import inside

__all__ = ["ports"]

_UNKNOWN = -1.0
_LOAD = {"mean": "load_mean", "p05": "load_p05", "p95": "load_p95"}


def ports(
    terminals: Iterable[Mapping[str, Any]],
    within: str | None = None,
    *,
    kind: str | None = None,
    class_name: str | None = None,
) -> list[dict[str, Any]]:
    """List the terminals in Indonesia, those with most persons a year first.

    Parameters
    ----------
    terminals : mappings
        Rows of layer ``terminals`` as one tier has them.
    within : str, optional
        Code of a province or regency; ranks and classes are those among its ports.
    kind, class_name : str, optional
        Those of this kind or class alone, with the ranks that they have among all.

    Returns
    -------
    list of dict
        ``id, name, kind``; where persons are known also ``persons_per_year`` (``mean, p05, p95``),
        ``rank`` and ``class`` among those, a fifth of them in each class. Ties, and terminals
        where persons are not known, are in the order of the ids, the latter last.

    Examples
    --------
    >>> terminals = [
    ...     {"id": "a", "name": "A", "kind": "airport", "country": "ID", "area_code": "53.71",
    ...      "load_mean": 20.0, "load_p05": 9.0, "load_p95": 40.0},
    ...     {"id": "b", "name": "B", "kind": "seaport", "country": "ID", "area_code": "53.07",
    ...      "load_mean": 90.0, "load_p05": 30.0, "load_p95": 200.0},
    ...     {"id": "c", "name": "C", "kind": "ferry", "country": "MY", "area_code": None},
    ... ]
    >>> [(port["id"], port["rank"], port["class"]) for port in ports(terminals, "53")]
    [('b', 1, 'high'), ('a', 2, 'low')]
    """  # fmt: skip
    rows = [row for row in terminals if row["country"] == "ID"]
    if within is not None:
        chosen = inside([str(row["area_code"]) for row in rows], within)
        rows = [row for row, is_inside in zip(rows, chosen, strict=True) if is_inside]
    rows.sort(key=lambda row: (-_load(row), str(row["id"])))
    listed = [{name: row[name] for name in ("id", "name", "kind")} for row in rows]
    known = [row for row in rows if row.get("load_mean") is not None]
    classes = classify_within([row["load_mean"] for row in known])
    ranked = [
        {
            **port,
            "persons_per_year": {end: row[name] for end, name in _LOAD.items()},
            "rank": rank,
            "class": str(class_name),
        }
        for rank, (port, row, class_name) in enumerate(zip(listed, known, classes, strict=False), 1)
    ]
    return [
        port
        for port in (*ranked, *listed[len(known) :])
        if kind in (None, port["kind"]) and class_name in (None, port.get("class"))
    ]


def _load(row: Mapping[str, Any]) -> float:
    """Persons a year; where they are not known, less than any."""
    load = row.get("load_mean")
    return _UNKNOWN if load is None else float(load)
