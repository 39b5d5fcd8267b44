"""Read one cell: text to value, with a message on what was repaired, or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from geo.i18n import Message
from geo.imports.columns import Column
from geo.imports.limits import MOST_CELL
from geo.imports.numbers import CellError, Number, shown

__all__ = ["may_be_village", "number_text", "place_code", "read_cell"]

Read = tuple[str, Message | None]
"""The value as it is kept, and what was repaired."""

_DOTS = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def read_cell(column: Column, text: str) -> Read:
    """Read one cell of any role but numbers, codes, names of areas, points and geometries.

    Raises
    ------
    CellError
    """
    match column.role:
        case "year":
            return _year(text)
        case "month":
            return _month(text)
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


def number_text(column: Column, number: Number, text: str) -> str:
    """A number within the bounds of its column, as it is kept: of a count a whole one.

    Raises
    ------
    CellError
    """
    value = number.value
    if column.role == "count" and not value.is_integer():
        raise CellError("cell.not_whole", value=shown(text))
    if column.role == "count" and value < 0:
        raise CellError("cell.negative", value=value)
    if not column.low <= value <= column.high:
        raise CellError("cell.out_of_range", value=value, low=column.low, high=column.high)
    whole = column.role == "count" or (column.role == "rupiah" and value.is_integer())
    return str(int(value)) if whole else repr(value)


def _from_serial(text: str) -> date:
    """Date of a spreadsheet serial number: 1 is 1 January 1900 (with a leap day that never was)."""
    return date(1899, 12, 30) + timedelta(days=int(float(text)))


def _year(text: str) -> Read:
    plain = text.removesuffix(".0")
    if re.fullmatch(r"(19|20)\d\d", plain):
        return plain, None
    try:
        day, repaired = _date(plain)
    except CellError:
        day, repaired = "", None
    if not re.fullmatch(r"\d{4}(-\d\d){1,2}", day):
        raise CellError("cell.not_year", value=shown(text))
    if repaired is None or repaired.code != "repair.serial_date":
        repaired = Message("repair.year_of_date", {"value": day[:4]})
    else:
        repaired = Message(repaired.code, {"value": day[:4]})
    return day[:4], repaired


_MONTHS: Mapping[str, int] = MappingProxyType(
    {
        spelling: number
        for number, spellings in enumerate(
            (
                *("jan januari january", "feb pebruari februari february", "mar maret march"),
                *("apr april", "mei may", "jun juni june", "jul juli july"),
                *("agu agt ags agustus aug august", "sep sept september"),
                *(
                    "okt oktober oct october",
                    "nov nop november nopember",
                    "des desember dec december",
                ),
            ),
            start=1,
        )
        for spelling in spellings.split()
    }
)
"""Number of a month by its names in Indonesian and English."""
_ISO_TIME = r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"


def _date(text: str) -> Read:
    """A date as ISO 8601, with the precision it is written in: day, month, quarter or year."""
    text = " ".join(text.split())
    if re.fullmatch(r"(19|20)\d\d(-?Q[1-4]|0[1-9]|1[0-2])?", text):
        return text, None
    if re.fullmatch(r"[\d\-]{4,10}(/|\.\.)[\d\-]{4,10}", text):
        return text, None  # an interval
    if match := re.fullmatch(rf"((?:19|20)\d\d)-(\d\d)(?:-(\d\d)({_ISO_TIME})?)?", text):
        day = _iso(text, match[1], int(match[2]), match[3])
        return day, Message("repair.day_of_time", {"value": day}) if match[4] else None
    if match := re.fullmatch(r"(\d{1,2})[-/]((?:19|20)\d\d)", text):
        day = _iso(text, match[2], int(match[1]), None)
        return day, Message("repair.month_name", {"value": day})
    if match := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d\d|(?:19|20)\d\d)", text):
        first, second = int(match[1]), int(match[2])
        code = "repair.day_month_year"
        if second > 12 >= first:
            first, second, code = second, first, "repair.month_day_year"
        day = _iso(text, match[3], second, str(first))
        return day, Message(code, {"value": day})
    named = re.fullmatch(r"(?:(\d{1,2})[- ])?([A-Za-z]{3,9})\.?[- ](\d\d|(?:19|20)\d\d)", text)
    if named and (month := _MONTHS.get(named[2].lower())):
        day = _iso(text, named[3], month, named[1])
        return day, Message("repair.month_name", {"value": day})
    if re.fullmatch(r"[2-6]\d{4}(\.\d+)?", text):  # 1954 to 2091
        day = _from_serial(text).isoformat()
        return day, Message("repair.serial_date", {"value": day})
    raise CellError("cell.not_date", value=shown(text))


def _month(text: str) -> Read:
    """A month as ISO 8601, or its number where it is written without a year; never a day."""
    plain = text.removesuffix(".0")
    number = int(plain) if re.fullmatch(r"\d{1,2}", plain) else _MONTHS.get(plain.lower(), 0)
    if 1 <= number <= 12:
        return f"{number:02d}", None
    if match := re.fullmatch(r"((?:19|20)\d\d)[/.]?(0?[1-9]|1[0-2])", plain):
        return f"{match[1]}-{int(match[2]):02d}", None
    try:
        day, repaired = _date(text)
    except CellError:
        raise CellError("cell.not_month", value=shown(text)) from None
    if not re.fullmatch(r"\d{4}-\d\d(-\d\d)?", day):
        raise CellError("cell.not_month", value=shown(text))
    if len(day) > 7:
        raise CellError("cell.day_for_month", value=shown(text), month=day[:7])
    return day, repaired


def _iso(text: str, year: str, month: int, day: str | None) -> str:
    """The date of its parts; a year of two digits is at most the current one."""
    if len(year) == 2:
        century = 100 * (int(year) > datetime.now().year % 100)  # noqa: DTZ005 (a year only)
        year = str(2000 + int(year) - century)
    try:
        return date(int(year), month, int(day or 1)).isoformat()[: 10 if day else 7]
    except ValueError:
        raise CellError("cell.not_date", value=shown(text)) from None


_SAME = {
    "yes": {"ya": "yes", "tidak": "no", "true": "yes", "false": "no", "1": "yes", "0": "no"},
    "medium": {"tinggi": "high", "sedang": "medium", "rendah": "low"},
}
"""Other words for a choice, where the one that names them is among the choices."""


def _choice(column: Column, text: str) -> Read:
    folded = text.strip().lower().replace(" ", "_")
    for one, words in _SAME.items():
        if one in column.choices:
            folded = words.get(folded, folded)
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
    if may_be_new and re.fullmatch(_DOTS, plain) and may_be_village(plain, areas):
        return plain, None
    for above in (plain[:8], plain[:5]):
        if above in former:
            raise CellError("cell.former_code", value=shown(text), former=above, code=former[above])
    raise CellError("cell.unknown_code", value=shown(text))


def may_be_village(code: str, areas: Mapping[str, str]) -> bool:
    """Whether a code with dots may be of a village that is not known yet: its district is known,
    and its own number begins with 1 (kelurahan), 2 (desa) or 3 (desa adat); those of BPS do not.

    Examples
    --------
    >>> areas = {"52.03.01": "Keruak"}
    >>> may_be_village("52.03.01.2016", areas), may_be_village("52.03.01.0007", areas)
    (True, False)
    """
    return len(code) == 13 and code[:8] in areas and code[9] in "123"


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
