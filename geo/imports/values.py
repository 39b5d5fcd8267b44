"""Read one cell: text to value, with a message on what was repaired, or refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from geo.errors import InputError
from geo.i18n import Message
from geo.imports.columns import Column
from geo.imports.limits import MOST_CELL

__all__ = ["CellError", "number", "place_code", "read_cell", "shown"]

Read = tuple[str, Message | None]
"""The value as it is kept, and what was repaired."""

_DOTS = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")
_SERIAL = re.compile(r"[2-6]\d{4}(\.\d+)?")  # 1954 to 2091
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class CellError(InputError):
    """A cell that cannot be used; ``field`` is its column, where the check knows it."""


def shown(text: str) -> str:
    """A cell as it may be quoted: short, and only printable characters."""
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
                raise CellError("cell.not_country", value=shown(text))
            return text.upper(), None
        case _:
            return _text(text)


def number(text: str) -> tuple[float, Message | None]:
    """A number, also with a decimal comma or with thousands separators.

    Raises
    ------
    CellError
    """
    plain, repair = text.replace("\u2212", "-").replace("\u00a0", ""), ""
    if re.fullmatch(r"[-+]?\d+,\d+", plain):
        plain, repair = plain.replace(",", "."), "repair.decimal_comma"
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?|\d{1,3}(\.\d{3})+,\d+", plain):
        plain, repair = plain.replace(".", "").replace(",", "."), "repair.thousands_points"
    elif re.fullmatch(r"\d{1,3}(,\d{3}){2,}(\.\d+)?|\d{1,3}(,\d{3})+\.\d+", plain):
        plain, repair = plain.replace(",", ""), "repair.thousands_commas"
    try:
        value = float(plain) if not re.search(r"[_a-df-zA-DF-Z]", plain) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CellError("cell.not_number", value=shown(text))
    return value, Message(repair) if repair else None


def _bounded(column: Column, value: float) -> None:
    if not column.low <= value <= column.high:
        raise CellError("cell.out_of_range", value=value, low=column.low, high=column.high)


def _count(column: Column, text: str) -> Read:
    value, repaired = number(text)
    if not value.is_integer():
        raise CellError("cell.not_whole", value=shown(text))
    if value < 0:
        raise CellError("cell.negative", value=value)
    _bounded(column, value)
    return str(int(value)), repaired


def _from_serial(text: str) -> date:
    """Date of a spreadsheet serial number: 1 is 1 January 1900 (with a leap day that never was)."""
    return date(1899, 12, 30) + timedelta(days=int(float(text)))


def _year(text: str) -> Read:
    plain = text.removesuffix(".0")
    if re.fullmatch(r"(19|20)\d\d", plain):
        return plain, None
    if match := re.fullmatch(r"((19|20)\d\d)-\d\d(-\d\d)?( 00:00:00)?", plain):
        return match[1], Message("repair.year_of_date", {"value": match[1]})
    if _SERIAL.fullmatch(plain):
        year = str(_from_serial(plain).year)
        return year, Message("repair.serial_date", {"value": year})
    raise CellError("cell.not_year", value=shown(text))


def _date(text: str) -> Read:
    if re.fullmatch(r"(19|20)\d\d(-(0[1-9]|1[0-2]|Q[1-4])(-(0[1-9]|[12]\d|3[01]))?)?", text):
        return text, None
    if re.fullmatch(r"[\d\-]{4,10}(/|\.\.)[\d\-]{4,10}", text):
        return text, None  # an interval
    if match := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.]((19|20)\d\d)", text):
        try:
            day = date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        except ValueError:
            raise CellError("cell.not_date", value=shown(text)) from None
        return day, Message("repair.day_month_year", {"value": day})
    if _SERIAL.fullmatch(text):
        day = _from_serial(text).isoformat()
        return day, Message("repair.serial_date", {"value": day})
    raise CellError("cell.not_date", value=shown(text))


_SAME = {"ya": "yes", "tidak": "no", "true": "yes", "false": "no", "1": "yes", "0": "no"}


def _choice(column: Column, text: str) -> Read:
    folded = text.strip().lower().replace(" ", "_")
    if "yes" in column.choices:
        folded = _SAME.get(folded, folded)
    if folded not in column.choices:
        raise CellError("cell.not_choice", value=shown(text), choices=list(column.choices))
    return folded, None


def _slug(text: str) -> Read:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", text):
        return text, None
    folded = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not folded or len(folded) > 80:
        raise CellError("cell.not_slug", value=shown(text))
    return folded, Message("repair.written_as", {"value": folded})


def _text(text: str) -> Read:
    if len(text) > MOST_CELL:
        raise CellError("cell.too_long", most=MOST_CELL)
    if _CONTROL.search(text):
        raise CellError("cell.control_characters")
    # A text that starts like a formula would be run by the spreadsheet it is exported to.
    if text[:1] in {"=", "@"} or (text[:1] in {"+", "-"} and re.search(r"[(!|]", text)):
        raise CellError("cell.formula")
    return " ".join(text.split()), None


def place_code(
    text: str,
    areas: Mapping[str, str],
    former: Mapping[str, str] = MappingProxyType({}),
    *,
    may_be_new: bool = False,
) -> Read:
    """A Kemendagri code as text with dots, with the zeros that a spreadsheet dropped.

    Parameters
    ----------
    areas : mapping of code to name
    former : mapping of former code to that of today
    may_be_new : bool
        A village that is not in ``areas`` is accepted if its district is.

    Raises
    ------
    CellError
    """
    if text in areas:
        return text, None
    plain = text.replace(",", ".").strip(". ")
    if plain in former:
        code = former[plain]
        return code, Message("repair.former_code", {"former": plain, "value": code})
    for candidate, repair in _corrections(plain):
        if candidate in areas:
            return candidate, Message(repair, {"value": candidate})
    if may_be_new and re.fullmatch(_DOTS, plain) and len(plain) == 13 and plain[:8] in areas:
        return plain, None
    digits = plain if plain.isdecimal() else ""
    if len(digits) in {4, 6, 10, 7}:
        raise CellError("cell.bps_code", value=shown(text))
    for above in (plain[:8], plain[:5]):
        if above in former:
            raise CellError("cell.former_code", value=shown(text), former=above, code=former[above])
    raise CellError("cell.unknown_code", value=shown(text))


def _corrections(plain: str) -> list[tuple[str, str]]:
    """Codes that ``plain`` may stand for, with the repair: lost zero, ``.0`` added, commas."""
    parts = plain.split(".")
    tries = [(plain, "repair.code_commas")]
    if len(parts) == 2 and parts[1] in {"0", "00"}:
        tries.append((parts[0], "repair.code_number"))
    widths = (2, 2, 2, 4)[: len(parts)]
    if len(parts) in {2, 3, 4} and 0 < len(parts[-1]) < widths[-1]:
        padded = parts[-1].ljust(widths[-1], "0")
        tries.append((".".join([*parts[:-1], padded]), "repair.code_zero"))
    return tries
