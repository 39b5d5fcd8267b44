"""From the grid of a text file or workbook to a table: which row has the headings."""

from __future__ import annotations

from geo.errors import DataFileError
from geo.imports.sheet import Sheet, check_size

__all__ = ["with_headings"]


def with_headings(sheet: Sheet) -> Sheet:
    """The same sheet as a table, whose headings are in the first row of the grid.

    A sheet that has its headings (of features) is returned as it is.

    Raises
    ------
    DataFileError
        A row has more cells than there are headings.
    """
    if sheet.headings or not sheet.rows:
        return sheet
    headings = ["year", *sheet.rows[0][1:]] if sheet.paged else sheet.rows[0]
    while headings and not headings[-1]:
        headings = headings[:-1]
    wide = len(headings)
    check_size(headings, len(sheet.rows) - 1)
    first = sheet.rows[0]
    sheet.keep(
        [k for k, row in enumerate(sheet.rows) if k and not (sheet.paged and row[1:] == first[1:])]
    )
    for position, row in zip(sheet.positions, sheet.rows, strict=True):
        if any(row[wide:]):
            cells = max(k for k, cell in enumerate(row, start=1) if cell)
            raise DataFileError(
                "imports.too_many_cells",
                position=sheet.at(position),
                cells=cells,
                headings=wide,
            )
        del row[wide:]
    sheet.headings = headings
    return sheet
