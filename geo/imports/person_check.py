"""The check of a table, a file or a text for data on persons and shelters.

It comes before anything is kept. An error has the position of a text, never its content.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from geo.contacts import as_dialled
from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.columns import Kind
from geo.imports.line_lists import refuse_line_list
from geo.imports.person_words import is_label, names_one, names_person, personal_column
from geo.imports.personal import find_personal
from geo.imports.sheet import Sheet
from geo.imports.words import fold
from geo.shelters import names_shelter

__all__ = ["personal_text", "refuse_person_columns", "refuse_persons"]

_MONEY = re.compile(r"\b(?:idr|rp|rupiah)\b", re.IGNORECASE)
_MONEY_HEADING = re.compile(
    r"idr|rp|rupiah|biaya|anggaran|pagu|tarif|harga|upah|gaji|pendapatan|pdrb|fare|cost|budget|wage"
)
_CODE_HEADING = re.compile(r"kode|code|pcode|bps|kdp|kde|adm\d|id")
_FRACTION = re.compile(r"-?[1-9]\d*\.\d{1,9}")
_WKT = re.compile(r"[A-Za-z ]{5,30}[-\d.,() eE]+")


def personal_text(text: str, *, code: bool = False, money: bool = False) -> str | None:
    """Kind of personal data in a text, as a key of the catalogue, or None.

    The one check of cells, of texts about a file and its name, and of names that users give.
    Parameters are those of :func:`geo.imports.personal.find_personal`.

    Examples
    --------
    >>> personal_text("sdri. Fulana"), personal_text("Rumah Perempuan")
    ('personal.person', None)
    """
    content = find_personal(text, code=code, money=money)
    return content or ("personal.person" if names_person(text) else None)


def refuse_person_columns(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    recognised: Collection[int] = (),
    places: Iterable[str] = (),
    lines: bool = False,
) -> None:
    """Refuse a table with a column of persons, or one that is a line list.

    Parameters
    ----------
    headings : sequence of str
    rows : sequence of sequence of str
        The records alone.
    recognised : collection of int
        Positions of columns whose meaning is known and holds no persons.
    places : iterable of str
        Names of areas, which are no names of persons.
    lines : bool
        Whether the table is to hold counts, so that a line list is refused.

    Raises
    ------
    DataFileError
    """
    for at, heading in enumerate(headings):
        if personal_text(heading):
            raise DataFileError("imports.personal_heading", column=at + 1)
        if at in recognised:
            continue
        cells = [row[at] for row in rows if at < len(row)]
        if content := personal_column(fold(heading), cells, places=places):
            message = Message(content)
            raise DataFileError("imports.personal_column", column=at + 1, content=message)
    if lines:
        refuse_line_list(headings, rows)


def refuse_persons(
    sheet: Sheet,
    kind: Kind,
    mapping: Mapping[str, int],
    headings: Sequence[str],
    places: Collection[str] = (),
) -> None:
    """Refuse the whole file at the first text with personal data or a shelter.

    Every cell is checked, also those of columns that are not kept, and every text outside the
    cells. What reports print as it is (:attr:`Kind.built` is false) is also asked for one person
    among its words; ``places`` are names of areas, folded.

    Raises
    ------
    DataFileError
    """
    for position, text in sheet.about:
        _refuse_text(position, text, personal_text(text))
    roles = {at: kind.column(name).role for name, at in mapping.items()}
    folded = [fold(heading) for heading in headings]
    money = {at for at, name in enumerate(folded) if _MONEY_HEADING.search(name)}
    money |= {at for at, role in roles.items() if role == "rupiah"}
    codes = {at for at, name in enumerate(folded) if _CODE_HEADING.match(name)}
    codes |= {at for at, role in roles.items() if role == "place_code"}
    unit, value = mapping.get("unit"), mapping.get("value")
    for line, cells in zip(sheet.positions, sheet.rows, strict=True):
        rupiah = unit is not None and _MONEY.search(cells[unit]) is not None
        if labelled := _labelled(cells):
            _refuse_text(_cell(sheet, line, labelled), "", "personal.person")
        for at, text in enumerate(cells):
            if len(text) < 5:
                continue
            if roles.get(at) == "geometry" and len(text) > 100_000 and _WKT.fullmatch(text):
                continue  # nothing but coordinates, and too many to check each
            if roles.get(at) == "phone" and as_dialled(text):
                continue  # an office's line, and nothing but a number
            content = personal_text(
                text,
                code=at in codes,
                money=at in money
                or (at == value and (rupiah or _FRACTION.fullmatch(text) is not None)),
            )
            if not content and not kind.built and names_one(text, places):
                content = "personal.person"
            _refuse_text(_cell(sheet, line, at), text, content)


def _labelled(cells: Sequence[str]) -> int:
    """Position of a name beside a word of persons in a form (``Nama | : | ...``); 0 if none."""
    filled = [at for at, text in enumerate(cells) if text and text != ":"]
    if len(filled) == 2 and is_label(cells[filled[0]], cells[filled[1]]):
        return filled[1]
    return 0


def _cell(sheet: Sheet, line: int, at: int) -> Message:
    return Message("position.cell", {"position": sheet.at(line), "column": at + 1})


def _refuse_text(position: Message, text: str, content: str | None) -> None:
    if content:
        raise DataFileError("imports.personal_text", position=position, content=Message(content))
    if names_shelter(text):
        raise DataFileError("imports.shelter_text", position=position)
