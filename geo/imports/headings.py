"""Recognise columns by headings in both languages, or by HXL tags in a second heading row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.columns import Column, Kind
from geo.imports.person_words import personal_heading
from geo.imports.personal import find_personal
from geo.imports.sheet import Sheet
from geo.names import unaccented

__all__ = ["fold", "map_columns", "take_tags"]

_TAG = re.compile(r"#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*", re.IGNORECASE)


def fold(heading: str) -> str:
    """A heading in lower case, without accents, words joined by ``_``.

    >>> fold(" Kode Wilayah ")
    'kode_wilayah'
    """
    return re.sub(r"[^a-z0-9]+", "_", unaccented(heading).casefold()).strip("_")


def take_tags(sheet: Sheet) -> list[str]:
    """Remove the row of HXL tags from a sheet and return it; empty if the first row has none."""
    cells = sheet.rows[0] if sheet.rows else []
    if not any(cells) or not all(_TAG.fullmatch(cell) for cell in cells if cell):
        return []
    tags = [re.sub(r"\s+", "", cell).lower() for cell in cells]
    sheet.keep(range(1, len(sheet.rows)))
    sheet.notes.append(Message("import_note.hxl_tags"))
    return tags


def map_columns(
    kind: Kind, headings: Sequence[str], tags: Sequence[str] = (), *, shapes: bool = False
) -> dict[str, int]:
    """Map each column of ``kind`` in the file to its position.

    The heading decides; where it is unknown the HXL tag does. With ``shapes`` the file has
    geometry, which replaces latitude and longitude.

    Raises
    ------
    DataFileError
        Headings of personal data (by position, never quoted), unknown headings (by name), missing
        columns.
    """
    positions: dict[str, int] = {}
    exact_names: set[str] = set()
    unknown: list[str | Message] = []
    for at, heading in enumerate(headings):
        if find_personal(heading):
            raise DataFileError("imports.personal_heading", column=at + 1)
        folded = fold(heading)
        column = _by_heading(kind, folded) or _by_tag(kind, tags[at] if at < len(tags) else "")
        if column is None:
            if content := personal_heading(folded):
                raise DataFileError(
                    "imports.personal_column", column=at + 1, content=Message(content)
                )
            unnamed = Message("position.unnamed_column", {"number": at + 1})
            unknown.append(heading.strip()[:40] or unnamed)
            continue
        is_exact = folded == column.name
        if column.role == "unused":
            continue
        if column.name in positions and not is_exact:
            if column.name in exact_names:
                continue  # an alias beside the column of the exact name
            raise DataFileError(
                "imports.same_columns",
                first=positions[column.name] + 1,
                second=at + 1,
                column=column.name,
            )
        positions[column.name] = at
        if is_exact:
            exact_names.add(column.name)
    if unknown:
        raise DataFileError(
            "imports.unknown_columns",
            count=len(unknown),
            columns=unknown[:10],
            kind=kind.name,
            allowed=[column.name for column in kind.columns if column.role != "unused"],
        )
    _require(kind, positions, shapes=shapes)
    return positions


def _by_heading(kind: Kind, folded: str) -> Column | None:
    by_name = {column.name: column for column in kind.columns}
    by_alias = (column for column in kind.columns if folded in column.aliases)
    return by_name.get(folded) or next(by_alias, None)


def _by_tag(kind: Kind, tag: str) -> Column | None:
    """The column whose HXL tag shares most attributes with ``tag``, which must have all of them."""
    if not tag:
        return None
    base, *attributes = tag.split("+")
    best: tuple[int, Column | None] = (-1, None)
    for column in kind.columns:
        for candidate in column.hxl:
            candidate_base, *needed = candidate.split("+")
            if candidate_base == base and set(needed) <= set(attributes) and len(needed) > best[0]:
                best = (len(needed), column)
    return best[1]


def _require(kind: Kind, positions: dict[str, int], *, shapes: bool) -> None:
    has_shape = shapes or "geometry" in positions
    missing = [
        column.name
        for column in kind.columns
        if column.required and column.name not in positions and column.role != "geometry"
    ]
    if kind.geometry == "point" and not has_shape:
        missing += [name for name in ("lat", "lon") if name not in positions]
    if kind.geometry == "polygon" and not has_shape:
        missing.append("geometry")
    if missing:
        raise DataFileError(
            "imports.missing_columns", count=len(missing), columns=missing, kind=kind.name
        )
