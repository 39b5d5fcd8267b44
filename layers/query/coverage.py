"""Where prevention is on record: areas with the villages that have it, those that need it first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from geo.codes import CODE_LENGTHS
from layers.query.area_names import inside

__all__ = ["coverage"]

Row = Mapping[str, Any]
_SHARES = ("listed_share", "visited_share", "departures_share")
_ENDS = ("mean", "p05", "p95")


def coverage(
    rows: Iterable[Row],
    areas: Iterable[Row],
    within: str | None = None,
    villages: Iterable[Row] = (),
) -> dict[str, Any]:
    """The provinces with anything on record; of a province its regencies; of a regency its villages
    on record too, and those that are not.

    Parameters
    ----------
    rows, areas : iterables of mapping
        The layers ``coverage`` and ``areas`` as the tier has them.
    within : str, optional
        Code of a province or regency.
    villages : iterable of mapping
        The layer ``outreach``, for who has it: which villages there are.

    Returns
    -------
    dict
        ``areas``: those that most people are expected to leave first, unknown last, with
        ``code, name, level, villages, listed``, shares in percent (None: not known), ``area_wide``
        (services that name the area and none of its villages), ``kinds``, ``year`` and
        ``departures`` (None where the tier has none). ``villages``: those on record, by name.
        ``remote``: those without anything on record, farthest from an office first, with ``code,
        name, district``, ``service`` (the nearest office) and ``service_km`` as the crow flies
        (None: not known).

    Examples
    --------
    >>> row = {
    ...     "code": "53.07",
    ...     "name": "Sikka",
    ...     "level": "regency",
    ...     "villages": 147,
    ...     "listed": 2,
    ...     "kinds": "gugus_tugas_desa",
    ...     "year": 2021,
    ... }
    >>> found = coverage([row], [{"code": "53.07", "departures_mean": 460.0}], "53")
    >>> [(area["name"], area["listed"], area["departures"]) for area in found["areas"]]
    [('Sikka', 2, {'mean': 460.0, 'p05': None, 'p95': None})]
    """
    departures = {row["code"]: row for row in areas}
    listed = list(rows)
    code = within or ""
    level = "province" if not code else "regency"
    chosen = [row for row in listed if row["level"] == level and _in(row, code)]
    if not code:
        chosen = [row for row in chosen if row["listed"] or row.get("area_wide")]
    listed_villages, remote = [], []
    if len(code) >= CODE_LENGTHS["regency"]:
        remote = [_remote(row) for row in villages if _is_left(row, code)]
        listed_villages = [row for row in listed if row["level"] == "village" and _in(row, code)]
    items = [_item(row, departures.get(row["code"], {})) for row in chosen]
    return {
        "areas": sorted(items, key=_need),
        "villages": sorted(
            ({name: row.get(name) for name in ("code", "name", "kinds", "year")}
             for row in listed_villages),
            key=lambda row: (str(row["name"]), row["code"]),
        ),
        "remote": sorted(remote, key=_remoteness),
    }  # fmt: skip


def _is_left(village: Row, code: str) -> bool:
    return village["coverage"] != "listed" and _in(village, code)


def _remote(village: Row) -> dict[str, Any]:
    return {
        **{name: village[name] for name in ("code", "name", "district")},
        "service": village.get("service_nearest"),
        "service_km": _number(village.get("service_km")),
    }


def _remoteness(village: Row) -> tuple[float, str, str]:
    away = village["service_km"]
    return 1.0 if away is None else -away, str(village["name"]), village["code"]


def _in(row: Row, code: str) -> bool:
    return not code or bool(inside([row["code"]], code)[0])


def _item(row: Row, area: Row) -> dict[str, Any]:
    mean = _number(area.get("departures_mean"))
    return {
        **{name: row[name] for name in ("code", "name", "level", "villages", "listed")},
        **{name: _number(row.get(name)) for name in _SHARES},
        "area_wide": row.get("area_wide") or 0,
        "kinds": [kind for kind in str(row.get("kinds") or "").split(";") if kind],
        "year": row.get("year"),
        "departures": None if mean is None else {
            end: _number(area.get(f"departures_{end}")) for end in _ENDS
        },
    }  # fmt: skip


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _need(item: Row) -> tuple[bool, float, str]:
    departures = item["departures"]
    return departures is None, -departures["mean"] if departures else 0.0, item["code"]
