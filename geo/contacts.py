"""Telephone numbers of offices: which is shown on a day, and whom one calls abroad.

A number is shown with the month in which it was last checked, and no longer than
:data:`MONTHS_SHOWN` after it: an old number sends somebody in need to nobody, or to a stranger.
Checked is the date of the page that announces the number, or a later month in which an
administrator has confirmed it with the office. A number of an import counts as never checked until
an administrator confirms it, whatever date the file states: who may import an office cannot change
whom victims call. National lines (``hotlines.csv``) are not of these: they are shown always, with
their date, and after :data:`YEARS_OF_LINES` it is said that nobody has checked them since.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from geo.errors import InputError
from geo.paths import DATA

__all__ = [
    "MONTHS_SHOWN", "YEARS_OF_LINES", "Confirmations", "as_dialled", "checked_month",
    "destination_weights", "is_current", "is_old_line", "month_to_confirm", "share_served",
    "shown_phone", "with_confirmation",
]  # fmt: skip

MONTHS_SHOWN = 12
"""A number is shown in the month of its last check and as many months after it."""
YEARS_OF_LINES = 3
"""A national line whose page is older is shown with the word that it was not checked since."""
Confirmations = Mapping[str, Mapping[str, str]]
"""By id of an office: the ``phone`` that was confirmed, and the month, ``checked``."""
_NONE: Confirmations = MappingProxyType({})
_NUMBER = re.compile(r"\+?\d{3,15}", re.ASCII)
_BETWEEN = re.compile(r"[\s().\-/]+")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?", re.ASCII)


def as_dialled(text: str) -> str | None:
    """A telephone number without the marks between its digits; None for what is no number.

    Examples
    --------
    >>> as_dialled("0851-3686 3321"), as_dialled("+60 10-528 8040"), as_dialled("ask the office")
    ('085136863321', '+60105288040', None)
    """
    number = _BETWEEN.sub("", text)
    return number if _NUMBER.fullmatch(number) else None


def checked_month(checked: str) -> str:
    """The ISO month of a date; of a year alone its first, so that nothing is taken as newer; '' of
    what is no date.

    Examples
    --------
    >>> checked_month("2025-06-26"), checked_month("2025-06"), checked_month("2024")
    ('2025-06', '2025-06', '2024-01')
    """
    if not _DATE.fullmatch(checked):
        return ""
    return checked[:7] if len(checked) >= 7 else f"{checked}-01"


def is_current(checked: str, day: str) -> bool:
    """Whether a number that was last checked on one date is shown on another day.

    Parameters
    ----------
    checked : str
        ISO day, month or year; '' for a number that was never checked, which is as good as a
        date that cannot be read.
    day : str
        ISO day on which it would be shown.

    Examples
    --------
    >>> is_current("2025-11-02", "2026-11-30"), is_current("2025-11-30", "2026-12-01")
    (True, False)
    """
    return bool(checked_month(checked)) and _count(day) - _count(checked) <= MONTHS_SHOWN


def is_old_line(stated: str, day: str) -> bool:
    """Whether the page that states a national line is too old to be silent about it.

    Examples
    --------
    >>> is_old_line("2023-11-02", "2026-11-30"), is_old_line("2020-03-18", "2026-11-30")
    (False, True)
    """
    return not checked_month(stated) or _count(day) - _count(stated) > 12 * YEARS_OF_LINES


def _count(date: str) -> int:
    year, month = checked_month(date).split("-")
    return 12 * int(year) + int(month)


def with_confirmation(row: Mapping[str, Any], confirmed: Confirmations) -> Mapping[str, Any]:
    """A row of the offices with the month of its confirmation, where that is the later one.

    What was confirmed is one number: it says nothing of another that an import has put since. A
    number of an import, which has no ``phone_confidence`` of the curated table, has no date but
    that of its confirmation.

    Examples
    --------
    >>> row = {"id": "V118", "phone": "085136863321", "phone_as_of": "2024-10-17"}
    >>> row["phone_confidence"] = "high"
    >>> told = {"V118": {"phone": "085136863321", "checked": "2026-11"}}
    >>> with_confirmation(row, told)["phone_as_of"]
    '2026-11'
    >>> with_confirmation({**row, "phone": "110"}, told)["phone_as_of"]
    '2024-10-17'
    >>> with_confirmation({**row, "phone_confidence": ""}, {})["phone_as_of"]
    ''
    """
    if not row.get("phone"):
        return row
    curated = bool(row.get("phone_confidence"))
    page = checked_month(str(row.get("phone_as_of") or "")) if curated else ""
    known = confirmed.get(str(row["id"]))
    if not known or known["phone"] != row["phone"]:
        return row if curated else {**row, "phone_as_of": ""}
    if page and _count(page) >= _count(known["checked"]):
        return row
    return {**row, "phone_as_of": known["checked"]}


def shown_phone(row: Mapping[str, Any], day: str, confirmed: Confirmations = _NONE) -> str | None:
    """The number of an office as anybody may be given it on a day; None where it is hidden.

    Examples
    --------
    >>> row = {"id": "V155", "phone": "+60105288040", "phone_as_of": "2025-06-26"}
    >>> row["phone_confidence"] = "high"
    >>> shown_phone(row, "2026-06-30"), shown_phone(row, "2026-12-01")
    ('+60105288040', None)
    >>> told = {"V155": {"phone": "+60105288040", "checked": "2026-11"}}
    >>> shown_phone(row, "2026-12-01", told)
    '+60105288040'
    """
    known = with_confirmation(row, confirmed)
    if not known.get("phone") or not is_current(str(known.get("phone_as_of") or ""), day):
        return None
    return str(known["phone"])


def month_to_confirm(text: str, day: str) -> str:
    """The month in which somebody says that a number was checked.

    Raises
    ------
    InputError
        It is no month, is yet to come, or so long ago that the number would not be shown.

    Examples
    --------
    >>> month_to_confirm("2026-11", "2026-11-30")
    '2026-11'
    """
    month = text.strip()
    if not _MONTH.fullmatch(month):
        raise InputError("contact.not_a_month", field="checked", month=day[:7])
    if month > day[:7]:
        raise InputError("contact.yet_to_come", field="checked", month=day[:7])
    if not is_current(month, day):
        raise InputError("contact.too_old", field="checked", months=MONTHS_SHOWN)
    return month


@cache
def destination_weights(province: str) -> Mapping[str, float]:
    """Destinations abroad by the share of a province's people who are thought to go there.

    Those of ``destination_shares.csv`` where the province has rows of its own, else of
    ``region_shares.csv``, a region's share divided evenly: enough to say whom to call first.

    Examples
    --------
    >>> max(destination_weights("53"), key=destination_weights("53").get)
    'to-tawau'
    """
    regions: dict[str, list[str]] = defaultdict(list)
    for row in _rows("destinations.csv"):
        if row["country"] != "ID":
            regions[row["region"]].append(row["id"])
    abroad = {name for names in regions.values() for name in names}
    own = {
        row["destination_id"]: float(row["share"])
        for row in _rows("destination_shares.csv")
        if row["origin_code"] == province and row["destination_id"] in abroad
    }
    return own or {
        name: float(row["share"]) / len(regions[row["region"]])
        for row in _rows("region_shares.csv")
        if row["origin_code"] == province
        for name in regions.get(row["region"], ())
    }


def share_served(office: Mapping[str, Any], province: str) -> float:
    """Share of a province's people who are thought to go where a consulate serves.

    Examples
    --------
    >>> share_served({"jurisdiction": "to-kuching;to-sibu"}, "53")
    0.0877
    """
    weights = destination_weights(province)
    served = str(office["jurisdiction"] or "").split(";")
    return round(sum(weights.get(name, 0.0) for name in served), 6)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
