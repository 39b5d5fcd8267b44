"""Definition of a column and of a kind of import."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

__all__ = ["Column", "Kind"]


@dataclass(frozen=True)
class Column:
    """One column of a kind.

    Attributes
    ----------
    name : str
        Heading in the normalised table.
    role : str
        ``text, place_code, number, count, rupiah, year, date, lat, lon, choice, slug, country,
        geometry``; ``unused`` is recognised and never kept.
    required : bool
    aliases : tuple of str
        Other headings, folded as by :func:`geo.imports.headings.fold`.
    hxl : tuple of str
        HXL tags; all attributes of one must be present.
    default : str
        Value where the cell is empty or the column is missing.
    choices : tuple of str
        Allowed values of a ``choice``.
    low, high : float
        Bounds of a number, both included.
    example : str
    """

    name: str
    role: str = "text"
    _: KW_ONLY
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
    name : str
    columns : tuple of Column
    key : tuple of str
        Columns that identify a row.
    geometry : str
        ``point`` where latitude and longitude may come from a geometry, ``point_if_known`` where a
        row may have none, ``polygon`` where one is needed, else empty.
    replaces : tuple of str
        Columns whose equality makes a row replace an existing one; default the key.
    kept : tuple of str
        Columns of the normalised table, in order.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    geometry: str = ""
    replaces: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)
