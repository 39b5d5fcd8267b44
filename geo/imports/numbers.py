"""Numbers as offices write them: one convention of separators for a file, footnote marks, gaps.

``40.000`` is forty thousand villagers or a rate of forty. Whole numbers (counts, persons, rupiah)
have no decimals, so a separator before three digits is one of thousands there; for other numbers
the cells that can be read in one way only decide for the whole file. What stays ambiguous is
refused. A cell that the file stores as a number (:class:`Typed`) is never reinterpreted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from geo.errors import InputError
from geo.i18n import Message

__all__ = [
    "CellError", "Number", "Separators", "Typed", "is_missing", "read_number", "read_rupiah",
    "scale_of", "shown", "unscaled",
]  # fmt: skip

_MISSING = frozenset(
    {
        *("-", "--", "---", "\u2013", "\u2014", "..", "...", "....", "\u2026", "na", "n/a"),
        *("n.a.", "n.a", "nan", "null", "none", "tad", "t.a.d", "t.a.d.", "ttd"),
        *("tidak ada data", "data tidak ada", "tidak tersedia", "belum ada data", "no data"),
    }
)
"""Cells that say that a value is missing: it is not zero (``#N/A`` is the error of a formula)."""
_SIGN = {"\u2212": "-", "\u2013": "-"}
_SPACE = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d{3}(?!\d))")
_PREFIX = re.compile(r"^(?:rp\.?|idr)\s*(?=\d)", re.IGNORECASE)
_DASHED = re.compile(r"(?<=\d),-+$")
_MARK = re.compile(
    r"(?P<number>.*?\d)\s*(?P<mark>%|[*\u2020\u2021]+\)?|[\u00b9\u00b2\u00b3\u2070-\u2079]+\)?"
    r"|[a-z]\)|(?<=\s)\d\)|[repx]|jiwa|orang|persen|rupiah|kasus)",
    re.IGNORECASE,
)
_WHOLE_MARKS = frozenset({"jiwa", "orang", "rupiah", "kasus"})
_SHARE_MARKS = frozenset({"%", "persen"})
_SCALES = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "milyar": 10**9, "triliun": 10**12}
_SCALED = re.compile(
    rf"(?P<number>.*\d)\s*(?P<scale>{'|'.join(_SCALES)})(?:\s*rupiah)?\.?", re.IGNORECASE
)
_SCALE_WORD = re.compile(rf"(?<![a-z])({'|'.join(_SCALES)})(?![a-z])|\((?:rp\.?\s*)?000\)")
_OTHER = {".": ",", ",": "."}
_FORMS = tuple(
    (form, separator, re.compile(pattern.format(s=re.escape(separator), o=re.escape(other))))
    for separator, other in _OTHER.items()
    for form, pattern in (
        ("mixed", r"[1-9]\d{{0,2}}(?:{o}\d{{3}})+{s}\d+"),
        ("thousands", r"[1-9]\d{{0,2}}(?:{s}\d{{3}}){{2,}}"),
        ("either", r"[1-9]\d{{0,2}}{s}\d{{3}}"),
        ("decimal", r"\d*{s}\d+"),
    )
)
"""How a number may be written, in order of precedence."""


class Typed(str):
    """Text of a cell that the file stores as a number: its separators are never in doubt."""

    __slots__ = ()


class CellError(InputError):
    """A cell that cannot be used; ``field`` is its column, where the check knows it."""


def shown(text: str) -> str:
    """A cell as it may be quoted: short, and only printable characters."""
    return repr("".join(c if c.isprintable() else " " for c in text[:40]))


def is_missing(text: str) -> bool:
    """Whether a cell says that its value is missing.

    >>> [is_missing(text) for text in ("...", "NA", "0")]
    [True, True, False]
    """
    return text.casefold() in _MISSING


@dataclass
class Separators:
    """The separators of a file, from all its cells.

    Attributes
    ----------
    decimals, thousands : set of str
        Separators that some cell can only have as decimal point, or as thousands separator.
    padded : set of str
        Decimal separators of whole numbers written with decimals (``40190.0``).
    stated : str
        Decimal separator that the user stated; then nothing is ambiguous.
    examples : dict
        A cell read with thousands separators, by the separator.

    Examples
    --------
    >>> separators = Separators.of([("12,5", False), ("250.000", True), ("1.250", False)])
    >>> read_number("1.250", separators).value
    1250.0
    """

    decimals: set[str] = field(default_factory=set)
    thousands: set[str] = field(default_factory=set)
    padded: set[str] = field(default_factory=set)
    stated: str = ""
    examples: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: Iterable[tuple[str, bool]], stated: str = "") -> Separators:
        """The convention of cells, each with whether its column holds whole numbers."""
        separators = cls(stated=stated)
        for text, whole in cells:
            if not isinstance(text, Typed):
                separators._learn(_plain(text)[0], whole=whole)
        return separators

    def _learn(self, plain: str, *, whole: bool) -> None:
        form, separator = _form(plain)
        if form == "decimal" and not whole:
            self.decimals.add(separator)
        elif form == "decimal" and re.search(r"[.,]0+$", plain):
            self.padded.add(separator)
        elif form == "mixed":
            self.decimals.add(separator)
        elif form == "thousands" or (form == "either" and whole):
            self.thousands.add(separator)

    @property
    def decimal(self) -> str:
        """The decimal separator of the file; empty where the cells do not settle it."""
        if self.stated:
            return self.stated
        signs = self.decimals | {_OTHER[separator] for separator in self.thousands}
        return next(iter(signs)) if len(signs) == 1 else ""

    def notes(self) -> list[Message]:
        """What the report says on the convention; nothing where there is only a decimal point."""
        return [
            Message(
                "import_note.thousands",
                {"cell": shown(cell), "value": cell.replace(separator, "")},
            )
            for separator, cell in self.examples.items()
        ] + ([Message("import_note.decimal_comma")] if "," in self.decimals else [])


@dataclass(frozen=True)
class Number:
    """A number that was read, what was repaired, and the footnote mark beside it."""

    value: float
    repair: Message | None = None
    mark: str = ""


def _plain(text: str) -> tuple[str, str]:
    """Digits with separators and sign, and the footnote mark or unit that was beside them."""
    plain = text.replace("\u00a0", " ").strip()
    plain = _DASHED.sub("", _PREFIX.sub("", plain))
    mark = ""
    if not re.fullmatch(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?", plain) and (
        match := _MARK.fullmatch(plain)
    ):
        plain, mark = match["number"], match["mark"]
    plain = _SPACE.sub("", plain)
    return (_SIGN.get(plain[:1], plain[:1]) + plain[1:]), mark


def _form(plain: str) -> tuple[str, str]:
    """How a number is written, and the separator that this decides on.

    ``decimal``, ``thousands`` (several groups), ``either`` (one group of three digits), ``mixed``
    (both; the decimal separator), else empty.
    """
    digits = plain.lstrip("+-")
    if digits.isdecimal():
        return "", ""
    for form, separator, pattern in _FORMS:
        if pattern.fullmatch(digits):
            return form, separator
    return "", ""


def read_number(
    text: str,
    separators: Separators | None = None,
    *,
    whole: bool = False,
    high: float = math.inf,
) -> Number:
    """Read a number under the convention of its file.

    Parameters
    ----------
    separators : Separators, optional
        Without it the cell stands alone.
    whole : bool
        A number without decimals: counts, persons, rupiah.
    high : float
        Greatest possible value: a reading above it is none.

    Raises
    ------
    CellError
        No number, or ambiguous: the error has both readings.

    Examples
    --------
    >>> read_number("40.000", whole=True).value, read_number("24,68*").mark
    (40000.0, '*')
    """
    separators = separators or Separators.of([(text, whole)])
    plain, mark = _plain(text)
    form, separator = ("", "") if isinstance(text, Typed) else _form(plain)
    if mark.lower() in (_SHARE_MARKS if whole else _WHOLE_MARKS):
        raise CellError("cell.not_number", value=shown(text))
    if form == "either":
        form = _decided(plain, separator, separators, whole=whole, high=high)
        if not form:
            grouped = plain.replace(separator, "")
            point = plain.replace(",", ".")
            raise CellError(
                "cell.ambiguous_number", value=shown(text), grouped=grouped, decimal=point
            )
    elif not _agrees(form, separator, separators):
        raise CellError("cell.other_separators", value=shown(text), decimal=separators.decimal)
    grouping = {"thousands": separator, "mixed": _OTHER.get(separator, "")}.get(form, "")
    digits = plain.replace(grouping, "") if grouping else plain
    digits = digits.replace(",", ".") if form in {"decimal", "mixed"} else digits
    try:
        value = float(digits) if not re.search(r"[_a-df-zA-DF-Z,]", digits) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CellError("cell.not_number", value=shown(text))
    if grouping:
        separators.examples.setdefault(grouping, text)
        code = "repair.thousands_points" if grouping == "." else "repair.thousands_commas"
        return Number(value, Message(code), mark)
    comma = form == "decimal" and separator == ","
    return Number(value, Message("repair.decimal_comma") if comma else None, mark)


def _decided(
    plain: str, separator: str, separators: Separators, *, whole: bool, high: float
) -> str:
    """``thousands`` or ``decimal`` for a number that can be either; empty where it stays so."""
    if separators.stated:
        return "decimal" if separator == separators.stated else "thousands"
    if whole:
        contradicted = separator in separators.padded or len(separators.thousands) > 1
        return "" if contradicted else "thousands"
    if separators.decimal:
        return "decimal" if separator == separators.decimal else "thousands"
    return "decimal" if abs(float(plain.replace(separator, ""))) > high else ""


def _agrees(form: str, separator: str, separators: Separators) -> bool:
    """Whether a number with several groups agrees with the convention that the user stated."""
    if not separators.stated or form not in {"thousands", "mixed", "decimal"}:
        return True
    return (separator == separators.stated) is (form != "thousands")


def scale_of(heading: str) -> int:
    """By how much the amounts below a heading are to be multiplied, as it says.

    Examples
    --------
    >>> scale_of("Pagu (juta rupiah)"), scale_of("Pagu Rp"), scale_of("Jutaan")
    (1000000, 1, 1)
    """
    found = _SCALE_WORD.search(heading.lower())
    return 1 if found is None else _SCALES.get(found[1] or "", 1000)


def unscaled(text: str) -> str:
    """The number of an amount in words (``1,25 miliar``), or an empty text where it has none."""
    found = _SCALED.fullmatch(text.strip())
    return found["number"] if found else ""


def read_rupiah(
    text: str, separators: Separators | None = None, *, scale: int = 1, high: float = math.inf
) -> Number:
    """Read an amount of rupiah: whole rupiah, or a number of thousands to trillions of them.

    Parameters
    ----------
    scale : int
        By how much the heading says that amounts are to be multiplied (:func:`scale_of`).

    Raises
    ------
    CellError
        No amount, or ambiguous: ``1.250 miliar`` alone is 1.25 or 1250 of them.

    Examples
    --------
    >>> [read_rupiah(text).value for text in ("Rp 1.250.000.000", "1.250.000,00", "1,25 miliar")]
    [1250000000.0, 1250000.0, 1250000000.0]
    """
    plain = unscaled(text)
    if not plain and scale == 1:
        return read_number(text, separators, whole=True, high=high)
    found = _SCALED.fullmatch(text.strip())
    scale = _SCALES[found["scale"].lower()] if found else scale
    number = read_number(plain or text, separators, high=high / scale)
    if number.mark.lower() in _SHARE_MARKS:
        raise CellError("cell.not_number", value=shown(text))
    value = float(round(number.value * scale, 2))
    return Number(value, Message("repair.amount_in_words", {"value": f"{value:.0f}"}))
