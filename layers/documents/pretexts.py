"""Pretexts on record near the subject of a document, as its tier has them."""

from __future__ import annotations

from typing import Any, Literal

from geo.codes import CODE_LENGTHS
from layers.documents.subject import Contents, Row
from layers.query.corridors import corridors_from
from layers.query.pretexts import PretextPlace, place_of, pretexts_of
from layers.visibility import rights_of

__all__ = ["pretexts_at", "pretexts_near"]


def pretexts_near(
    contents: Contents,
    kind: Literal["area", "port", "corridor"],
    row: Row,
    area: str,
    *,
    most: int | None = None,
) -> dict[str, Any]:
    """Pretexts of an area, a port or a corridor.

    Parameters
    ----------
    contents, kind, row
    area : str
        Code of the area, of the port's, or of where the corridor starts; '' if not known.
    most : int, optional
        At most so many (:func:`layers.query.pretexts.pretexts_of`).
    """
    if kind != "area" or not area:
        return pretexts_at(contents, place_of(kind, row, area), most=most)
    rows = [corridor for corridor, _ in contents.rows("corridors")]
    lead = corridors_from(rows, area[: CODE_LENGTHS["regency"]])
    return pretexts_at(contents, place_of(kind, row, area, lead), most=most)


def pretexts_at(
    contents: Contents, place: PretextPlace, *, most: int | None = None
) -> dict[str, Any]:
    """Pretexts of a place, by the rights and with the names that the tier of ``contents`` has."""
    terminals = {row["id"]: row["name"] for row, _ in contents.rows("terminals")}
    return pretexts_of(place, rights_of(contents.tier, contents.province), terminals, most=most)
