"""Which column is which: headings in both languages, and HXL tags in a second heading row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from geo.errors import DataFileError
from geo.imports.columns import Column, Kind
from geo.imports.personal import find_personal, personal_heading
from geo.imports.sheet import Sheet

__all__ = ["fold", "map_columns", "take_tags"]

_TAG = re.compile(r"#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*", re.IGNORECASE)


def fold(heading: str) -> str:
    """A heading in lower case, without accents, words joined by ``_``.

    >>> fold(" Kode Wilayah ")
    'kode_wilayah'
    """
    letters = unicodedata.normalize("NFKD", heading).casefold()
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def take_tags(sheet: Sheet) -> list[str]:
    """Take the row of HXL tags out of a sheet, if its first row is one; else no tags."""
    if not sheet.rows:
        return []
    cells = sheet.rows[0]
    filled = [cell for cell in cells if cell]
    if not filled or not all(_TAG.fullmatch(cell) for cell in filled):
        return []
    tags = [re.sub(r"\s+", "", cell).lower() for cell in cells]
    sheet.rows = sheet.rows[1:]
    sheet.positions = list(sheet.positions)[1:]
    if sheet.shapes is not None:
        sheet.shapes = sheet.shapes[1:]
    sheet.notes.append("the second row holds HXL tags")
    return tags


def map_columns(
    kind: Kind, headings: Sequence[str], tags: Sequence[str] = (), *, shapes: bool = False
) -> dict[str, int]:
    """Find the position of each column of ``kind``.

    A heading decides; where it is unknown its HXL tag does. With ``shapes`` the file carries
    geometry, which stands for latitude and longitude.

    Raises
    ------
    DataFileError
        For headings that speak of persons (by position, never quoted), that are unknown (by
        name), or that are missing.
    """
    found: dict[str, int] = {}
    exact: set[str] = set()
    unknown: list[str] = []
    for at, heading in enumerate(headings):
        if find_personal(heading):
            raise DataFileError(
                f"the heading of column {at + 1} seems to hold personal data; Petajaga keeps no "
                "data on persons. Does the file have a row of headings?"
            )
        folded = fold(heading)
        column = _by_heading(kind, folded) or _by_tag(kind, tags[at] if at < len(tags) else "")
        if column is None:
            if what := personal_heading(folded):
                raise DataFileError(
                    f"column {at + 1} seems to hold {what}, by its heading; Petajaga keeps counts "
                    "by place and year only. Remove the column"
                )
            unknown.append(heading.strip()[:40] or f"(column {at + 1}, without a heading)")
            continue
        is_exact = folded == column.name
        if column.role == "unused":
            continue
        if column.name in found and not is_exact:
            if column.name in exact:
                continue  # a second spelling beside the column of that very name
            raise DataFileError(
                f"columns {found[column.name] + 1} and {at + 1} read as {column.name}; keep one"
            )
        found[column.name] = at
        if is_exact:
            exact.add(column.name)
    if unknown:
        known = ", ".join(c.name for c in kind.columns if c.role != "unused")
        raise DataFileError(
            f"unknown column{'s' if len(unknown) > 1 else ''} {', '.join(unknown[:10])}; "
            f"{kind.name} take {known}"
        )
    _require(kind, found, shapes=shapes)
    return found


def _by_heading(kind: Kind, folded: str) -> Column | None:
    for column in kind.columns:
        if folded == column.name:
            return column
    return next((column for column in kind.columns if folded in column.aliases), None)


def _by_tag(kind: Kind, tag: str) -> Column | None:
    """The column whose HXL tag has most attributes in common with ``tag``, all of its own there."""
    if not tag:
        return None
    base, *attributes = tag.split("+")
    best: tuple[int, Column | None] = (-1, None)
    for column in kind.columns:
        for known in column.hxl:
            own_base, *own = known.split("+")
            if own_base == base and set(own) <= set(attributes) and len(own) > best[0]:
                best = (len(own), column)
    return best[1]


def _require(kind: Kind, found: dict[str, int], *, shapes: bool) -> None:
    has_shape = shapes or "geometry" in found
    missing = [
        column.name
        for column in kind.columns
        if column.required and column.name not in found and column.role != "geometry"
    ]
    if kind.geometry == "point" and not has_shape:
        missing += [name for name in ("lat", "lon") if name not in found]
    if kind.geometry == "polygon" and not has_shape:
        missing.append("geometry")
    if missing:
        raise DataFileError(
            f"the file lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"petajaga import {kind.name} --template shows an example"
        )
