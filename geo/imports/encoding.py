"""Encodings of text: UTF-8 where the bytes are valid, else Windows-1252; repair of mojibake."""

from __future__ import annotations

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.sheet import Sheet

__all__ = ["decoded", "mend_mojibake"]


def decoded(content: bytes) -> tuple[str, str]:
    r"""Text of bytes without a stated encoding, and the encoding's name.

    Windows-1252 is taken where the bytes are not valid UTF-8: programs in Indonesia that do not
    write UTF-8 write that, and never Latin-1, whose 0x80 to 0x9f are control characters.

    Raises
    ------
    DataFileError
        The bytes are neither, or UTF-8 with halves of surrogate pairs.

    Examples
    --------
    >>> decoded(b"Ba\x92a")
    ('Ba’a', 'Windows-1252')
    """
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        wrong = error
    try:
        content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252"), "Windows-1252"
        except UnicodeDecodeError as error:
            wrong = error
    line = content.count(b"\n", 0, wrong.start) + 1
    column = wrong.start - (content.rfind(b"\n", 0, wrong.start) + 1) + 1
    raise DataFileError("imports.utf8", line=line, byte=column) from None


def mend_mojibake(sheet: Sheet) -> None:
    """Put right the cells whose UTF-8 was read as Windows-1252 once (``SoÃ©``), with a note.

    Raises
    ------
    DataFileError
        A cell has U+FFFD, the sign that characters were lost when the file was written.
    """
    mended = 0
    for position, cells in zip(
        [None, *sheet.positions], [sheet.headings, *sheet.rows], strict=True
    ):
        for at, cell in enumerate(cells):
            if cell.isascii():
                continue
            if "\ufffd" in cell:
                where = Message("position.headings") if position is None else sheet.at(position)
                raise DataFileError("imports.lost_characters", position=where, column=at + 1)
            text = _mended(cell)
            if text != cell:
                cells[at] = text
                mended += 1
    if mended:
        sheet.notes.append(Message("import_note.mojibake", {"count": mended}))


def _mended(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text
