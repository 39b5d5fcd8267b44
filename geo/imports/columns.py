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
        ``text, place_code, number, count, rupiah, year, month, date, lat, lon, choice, slug,
        country, geometry``; ``phone`` is the line of an office; ``part_code`` and ``part_name``
        are codes and names of areas of one level, from which the place of a row is read;
        ``unused`` is recognised and never kept.
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
    by_year : str
        Column whose values may stand in a column a year ("Target 2027"); empty where there is none.
    built : bool
        Whether builds read its rows; others are read by reports as they are imported.
    of_country : bool
        Whether a row may be of the whole country (:data:`geo.codes.COUNTRY`).
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    geometry: str = ""
    replaces: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    by_year: str = ""
    built: bool = True
    of_country: bool = False

    @property
    def place(self) -> str:
        """The column with the code of each row's area; empty where there is none."""
        roles = {column.role: column.name for column in reversed(self.columns)}
        return roles.get("place_code", "") if "part_name" in roles else ""

    @property
    def named(self) -> tuple[Column, ...]:
        """The columns that a file may give under their own names, and that are read as such."""
        parts = ("unused", "part_code", "part_name")
        return tuple(column for column in self.columns if column.role not in parts)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)
