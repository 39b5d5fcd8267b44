"""The check of a whole file for data on persons and shelters, before anything is kept."""

from __future__ import annotations

import re

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.columns import Kind
from geo.imports.personal import find_personal
from geo.imports.sheet import Sheet
from geo.shelters import names_shelter

__all__ = ["refuse_persons"]

_MONEY = re.compile(r"\b(?:idr|rp|rupiah)\b", re.IGNORECASE)
_FRACTION = re.compile(r"-?[1-9]\d*\.\d{1,9}")
_WKT = re.compile(r"[A-Za-z ]{5,30}[-\d.,() eE]+")


def refuse_persons(sheet: Sheet, kind: Kind, mapping: dict[str, int]) -> None:
    """Refuse the whole file at the first text with personal data or a shelter.

    Every cell is checked, also those of columns that are not kept, and every text outside the
    cells. The error has the position of the text, never its content.

    Raises
    ------
    DataFileError
    """
    for position, text in sheet.about:
        _refuse_text(position, text, find_personal(text))
    roles = {at: kind.column(name).role for name, at in mapping.items()}
    money = {at for name, at in mapping.items() if name == "fare_idr"}
    unit, value = mapping.get("unit"), mapping.get("value")
    for line, cells in zip(sheet.positions, sheet.rows, strict=True):
        rupiah = unit is not None and _MONEY.search(cells[unit]) is not None
        for at, text in enumerate(cells):
            if len(text) < 5:
                continue
            role = roles.get(at, "")
            if role == "geometry" and len(text) > 100_000 and _WKT.fullmatch(text):
                continue  # nothing but coordinates, and too many to check each
            content = find_personal(
                text,
                code=role == "place_code",
                money=at in money
                or (at == value and (rupiah or _FRACTION.fullmatch(text) is not None)),
            )
            cell = {"position": sheet.at(line), "column": at + 1}
            _refuse_text(Message("position.cell", cell), text, content)


def _refuse_text(position: Message, text: str, content: str | None) -> None:
    if content:
        raise DataFileError("imports.personal_text", position=position, content=Message(content))
    if names_shelter(text):
        raise DataFileError("imports.shelter_text", position=position)
