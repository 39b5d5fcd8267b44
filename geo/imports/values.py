"""One cell at a time: text in, value out; repaired with a word about it, or refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from geo.imports.columns import Column
from geo.imports.limits import MOST_CELL

__all__ = ["CellError", "number", "place_code", "read_cell", "shown"]

Read = tuple[str, str]
"""The value as it is kept, and what was repaired (empty: nothing)."""

_DOTS = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")
_SERIAL = re.compile(r"[2-6]\d{4}(\.\d+)?")  # 1954 to 2091
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class CellError(ValueError):
    """A cell that cannot be used.

    Parameters
    ----------
    message : str
        With the offending text.
    reason : str
        Without it, so that equal faults can be counted.
    column : str
        Where it lies, if the check looked at a whole row.
    """

    def __init__(self, message: str, reason: str = "", *, column: str = "") -> None:
        super().__init__(message)
        self.reason, self.column = reason or message, column


def shown(text: str) -> str:
    """A cell as it may be quoted: short, and nothing that cannot be printed."""
    return repr("".join(c if c.isprintable() else " " for c in text[:40]))


def read_cell(column: Column, text: str) -> Read:
    """Read one cell of any role but ``place_code``, ``lat``, ``lon`` and ``geometry``.

    Raises
    ------
    CellError
    """
    match column.role:
        case "number":
            value, repaired = number(text)
            _bounded(column, value)
            return repr(value), repaired
        case "count":
            return _count(column, text)
        case "year":
            return _year(text)
        case "date":
            return _date(text)
        case "choice":
            return _choice(column, text)
        case "slug":
            return _slug(text)
        case "country":
            if not re.fullmatch(r"[A-Za-z]{2}", text):
                raise CellError(f"{shown(text)} is no country code of two letters, e.g. ID, MY")
            return text.upper(), ""
        case _:
            return _text(text)


def number(text: str) -> tuple[float, str]:
    """A number, also with a decimal comma or with thousands set apart.

    Raises
    ------
    CellError
    """
    plain, repaired = text.replace("\u2212", "-").replace("\u00a0", ""), ""
    if re.fullmatch(r"[-+]?\d+,\d+", plain):
        plain, repaired = plain.replace(",", "."), "decimal comma read as a point"
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?|\d{1,3}(\.\d{3})+,\d+", plain):
        plain, repaired = plain.replace(".", "").replace(",", "."), "thousands' points taken out"
    elif re.fullmatch(r"\d{1,3}(,\d{3}){2,}(\.\d+)?|\d{1,3}(,\d{3})+\.\d+", plain):
        plain, repaired = plain.replace(",", ""), "thousands' commas taken out"
    try:
        value = float(plain) if not re.search(r"[_a-df-zA-DF-Z]", plain) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CellError(f"{shown(text)} is no finite number", "no finite number")
    return value, repaired


def _bounded(column: Column, value: float) -> None:
    if not column.low <= value <= column.high:
        raise CellError(
            f"{value:g} lies outside {column.low:g} to {column.high:g}",
            f"outside {column.low:g} to {column.high:g}",
        )


def _count(column: Column, text: str) -> Read:
    value, repaired = number(text)
    if not value.is_integer():
        raise CellError(
            f"{shown(text)} is no whole number; write it without points or commas, e.g. 3352",
            "no whole number; write it without points or commas",
        )
    if value < 0:
        raise CellError(f"{value:g} is negative", "negative")
    _bounded(column, value)
    return str(int(value)), repaired


def _from_serial(text: str) -> date:
    """A day as spreadsheets count them: 1 is 1 January 1900 (with a leap day that never was)."""
    return date(1899, 12, 30) + timedelta(days=int(float(text)))


def _year(text: str) -> Read:
    plain = text.removesuffix(".0")
    if re.fullmatch(r"(19|20)\d\d", plain):
        return plain, ""
    if found := re.fullmatch(r"((19|20)\d\d)-\d\d(-\d\d)?( 00:00:00)?", plain):
        return found[1], "the year taken out of a date"
    if _SERIAL.fullmatch(plain):
        return str(_from_serial(plain).year), "a date as a spreadsheet's serial number"
    raise CellError(f"{shown(text)} is no year, e.g. 2023", "no year, e.g. 2023")


def _date(text: str) -> Read:
    if re.fullmatch(r"(19|20)\d\d(-(0[1-9]|1[0-2]|Q[1-4])(-(0[1-9]|[12]\d|3[01]))?)?", text):
        return text, ""
    if re.fullmatch(r"[\d\-]{4,10}(/|\.\.)[\d\-]{4,10}", text):
        return text, ""  # an interval
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.]((19|20)\d\d)", text):
        try:
            day = date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            raise CellError(f"{shown(text)} is no date; write it 2023-07-15", "no date") from None
        return day.isoformat(), "a date read as day/month/year"
    if _SERIAL.fullmatch(text):
        return _from_serial(text).isoformat(), "a date as a spreadsheet's serial number"
    raise CellError(f"{shown(text)} is no date; write it 2023-07-15", "no date, e.g. 2023-07-15")


_SAME = {"ya": "yes", "tidak": "no", "true": "yes", "false": "no", "1": "yes", "0": "no"}


def _choice(column: Column, text: str) -> Read:
    folded = text.strip().lower().replace(" ", "_")
    if "yes" in column.choices:
        folded = _SAME.get(folded, folded)
    if folded not in column.choices:
        raise CellError(
            f"{shown(text)} is none of {', '.join(column.choices)}",
            f"none of {', '.join(column.choices)}",
        )
    return folded, ""


def _slug(text: str) -> Read:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", text):
        return text, ""
    folded = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not folded or len(folded) > 80:
        raise CellError(f"{shown(text)} is no short name of letters, digits, - and _")
    return folded, "written with small letters and _"


def _text(text: str) -> Read:
    if len(text) > MOST_CELL:
        raise CellError(f"the text is longer than {MOST_CELL} signs", "text too long")
    if _CONTROL.search(text):
        raise CellError("the cell holds control signs, not text", "control signs")
    # What starts like a formula would be run by the spreadsheet it is exported to.
    if text[:1] in {"=", "@"} or (text[:1] in {"+", "-"} and re.search(r"[(!|]", text)):
        raise CellError("the text starts like a formula; write it without the sign", "a formula")
    return " ".join(text.split()), ""


def place_code(
    text: str,
    areas: Mapping[str, str],
    former: Mapping[str, str] = MappingProxyType({}),
    *,
    may_be_new: bool = False,
) -> Read:
    """A Kemendagri code as text with dots, with the zeros a spreadsheet has eaten put back.

    Parameters
    ----------
    areas : mapping of code to name
    former : mapping of former code to that of today
    may_be_new : bool
        A village of a known district need not be known itself.

    Raises
    ------
    CellError
    """
    if text in areas:
        return text, ""
    plain = text.replace(",", ".").strip(". ")
    if plain in former:
        return former[plain], f"the former code {plain}"
    for candidate, why in _mended(plain):
        if candidate in areas:
            return candidate, why
    if may_be_new and re.fullmatch(_DOTS, plain) and len(plain) == 13 and plain[:8] in areas:
        return plain, ""
    digits = plain if plain.isdecimal() else ""
    if len(digits) in {4, 6, 10, 7}:
        raise CellError(
            f"{shown(text)} has no dots and may be a BPS code; write the Kemendagri code, "
            "e.g. 53.02.01.2001",
            "a code without dots, which may be a BPS code",
        )
    for above in (plain[:8], plain[:5]):
        if above in former:
            raise CellError(
                f"{shown(text)} is a former code: {above} is {former[above]} now, and numbers "
                "below it may have changed",
                "a former code of an area whose code of today is not known",
            )
    raise CellError(f"no area has the code {shown(text)}", "no area has this code")


def _mended(plain: str) -> list[tuple[str, str]]:
    """Codes that ``plain`` may have been: last digit a lost zero, ``.0`` put on, comma for dot."""
    parts = plain.split(".")
    tries = [(plain, "dots put for commas")]
    if len(parts) == 2 and parts[1] in {"0", "00"}:
        tries.append((parts[0], "a province code read as a number"))
    widths = (2, 2, 2, 4)[: len(parts)]
    if len(parts) in {2, 3, 4} and 0 < len(parts[-1]) < widths[-1]:
        padded = parts[-1].ljust(widths[-1], "0")
        tries.append((".".join([*parts[:-1], padded]), "a lost trailing zero put back"))
    return tries
