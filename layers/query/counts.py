"""Counts on record by place and year, and the places of which nothing is on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from layers.query.area_names import inside

__all__ = ["counts_on_record"]

Row = Mapping[str, Any]
_RATE = "per_100k"
_ENDS = ("mean", "p05", "p95")
_TEXTS = (
    "measure", "legal_class", "unit", "status", "how", "period", "source", "population_year",
)  # fmt: skip


def counts_on_record(
    rows: Iterable[Row],
    areas: Iterable[Row],
    *,
    within: str | None = None,
    measure: str | None = None,
    year: int | None = None,
) -> dict[str, Any]:
    """Counts of an area and of its regencies, or of the provinces (of their regencies where no
    province sums them); the newest year first.

    Parameters
    ----------
    rows, areas : iterables of mapping
        The layers ``counts`` and ``areas`` as the tier has them.
    within : str, optional
        Code of a province or regency.
    measure : str, optional
        One measure alone, ``deaths_abroad``.
    year : int, optional

    Returns
    -------
    dict
        ``counts``: ``code, name, level, year, value``, ``per_100k`` (``mean, p05, p95`` a year, or
        None: :func:`layers.release.counts.rates`) of the inhabitants of ``population_year``,
        ``measure, legal_class, unit, status, how``,
        ``period`` (months, or ``events``, of what is no whole year) and ``source``. ``unreported``:
        ``code, name`` of the areas asked for that have none of these, which is not zero.

    Examples
    --------
    >>> row = {
    ...     "area_code": "53.21",
    ...     "area_name": "Malaka",
    ...     "level": "regency",
    ...     "year": 2024,
    ...     "measure": "deaths_abroad",
    ...     "value": 30,
    ...     "per_100k_mean": 14.5,
    ... }
    >>> areas = [{"code": code, "name": code, "level": "regency"} for code in ("53.04", "53.21")]
    >>> found = counts_on_record([row], areas, within="53")
    >>> [(count["name"], count["value"], count["per_100k"]["mean"]) for count in found["counts"]]
    [('Malaka', 30, 14.5)]
    >>> found["unreported"]
    [{'code': '53.04', 'name': '53.04'}]
    """
    level = "regency" if within else "province"
    asked = [area for area in areas if area["level"] == level and _in(area["code"], within)]
    of_these = [
        row
        for row in rows
        if _in(row["area_code"], within)
        and measure in (None, row["measure"])
        and year in (None, row["year"])
    ]
    summed = {_cell(row) for row in of_these if row["level"] == "province"}
    # cases stay at their own place: where no province sums them, its regencies stand for it
    chosen = [
        row
        for row in of_these
        if row["area_code"] == within or row["level"] == level or _cell(row) not in summed
    ]
    known = {code for row in chosen for code in (row["area_code"], row["area_code"][:2])}
    counts = [
        {
            "code": row["area_code"], "name": row["area_name"], "level": row["level"],
            "year": row["year"], "value": row["value"], _RATE: _rate(row),
            **{name: row.get(name) for name in _TEXTS},
        }
        for row in chosen
    ]  # fmt: skip
    order = {"province": 0}
    return {
        "counts": sorted(
            counts,
            key=lambda row: (
                -row["year"], row["measure"], order.get(row["level"], 1), -(row["value"] or 0),
                row["code"], str(row["legal_class"]),
            ),
        ),
        "unreported": sorted(
            ({"code": area["code"], "name": area["name"]}
             for area in asked if area["code"] not in known),
            key=lambda area: area["code"],
        ),
    }  # fmt: skip


def _cell(row: Row) -> tuple[Any, ...]:
    """Province, year and what is counted."""
    return row["area_code"][:2], row["year"], *(row.get(name) for name in _TEXTS[:3])


def _in(code: str, within: str | None) -> bool:
    return not within or code == within or bool(inside([code], within)[0])


def _rate(row: Row) -> dict[str, Any] | None:
    ends = {end: row.get(f"{_RATE}_{end}") for end in _ENDS}
    return None if ends["mean"] is None else ends
