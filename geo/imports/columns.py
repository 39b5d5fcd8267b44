"""What a column and a kind of import are."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Column", "Kind"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a kind.

    Attributes
    ----------
    name : str
        What Petajaga calls it.
    role : str
        ``text, code, place_code, number, count, year, date, lat, lon, choice, slug, geometry``;
        ``unused`` is known and read, never kept.
    required : bool
    aliases : tuple of str
        Other headings, folded as by :func:`geo.imports.headings.fold`.
    hxl : tuple of str
        HXL tags; the attributes of one must all be there.
    default : str
        Put where the cell is empty or the column is missing.
    choices : tuple of str
        What a ``choice`` may be.
    low, high : float
        Bounds of a number, both included.
    example : str
    """

    name: str
    role: str = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    hxl: tuple[str, ...] = ()
    default: str = ""
    choices: tuple[str, ...] = ()
    low: float = float("-inf")
    high: float = float("inf")
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of import.

    Attributes
    ----------
    name, title : str
    columns : tuple of Column
    key : tuple of str
        Columns that name a row once.
    geometry : str
        ``point`` where latitude and longitude may come from a geometry, ``polygon`` where one is
        needed, else empty.
    replaces : tuple of str
        Columns whose equality makes a row take the place of one that was there; else the key.
    kept : tuple of str
        Columns of the normalised table, in order.
    guide : str
        Where such a file comes from, of a kind that is no table.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    geometry: str = ""
    replaces: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    guide: str = ""

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)
