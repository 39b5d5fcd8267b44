"""Checks of plausibility: speed of a leg, range and unit of an indicator, years to come."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from geo.i18n import Message
from geo.imports.days import today
from geo.imports.numbers import CellError, shown
from geo.imports.words import UNIT_WORDS
from geo.modes import mode_of

__all__ = [
    "Note",
    "check_indicator",
    "check_leg",
    "check_past",
    "one_of",
]

Note = Callable[[str, Message], None]
"""Notes what was repaired in a column; with an empty column, a remark on the whole file."""

_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "percent": (0.0, 100.0),
        "persons": (0.0, 300e6),
        "index": (20.0, 100.0),  # Nduga, the least, had 32.84 in 2021
        "years": (0.5, 25.0),
        "years of life": (30.0, 95.0),
        "thousand IDR/person/year": (1_000.0, 200_000.0),
        "IDR/capita/month": (50_000.0, 5_000_000.0),
    }
)
"""Least and greatest value of a unit of the embedded indicators (assumed, wide)."""
_FROM_ONE = frozenset(
    {
        *("poverty_rate", "poverty_rate_urban", "poverty_rate_rural", "stunting_rate"),
        *("birth_certificate_share_registry", "birth_certificate_share_survey"),
        *("labour_force_participation", "informal_employment_share"),
        *("no_diploma_share", "primary_only_share", "primary_or_less_share"),
        "workforce_primary_or_less_share",
    }
)
"""Percentages that lie above one everywhere: less is a share of 1, not of 100 (assumed)."""


def check_leg(mode: str, hours: float, *, straight_km: float) -> None:
    """Refuse hours in which the mode cannot cover the straight line between the terminals.

    Raises
    ------
    CellError
    """
    most = mode_of(mode).fastest_kmh
    if straight_km > most * hours:
        raise CellError(
            "cell.too_fast",
            field="hours",
            distance_km=straight_km,
            hours=hours,
            speed_kmh=straight_km / hours,
            mode=mode,
            most_kmh=most,
            least_hours=straight_km / most,
        )


def check_past(column: str, text: str) -> None:
    """Refuse a year or month, or a date that begins with one, after the current one.

    Raises
    ------
    CellError
    """
    begun = re.match(r"\d{4}(-\d\d(?!\d))?", text)
    if begun and begun[0] > today()[: len(begun[0])]:
        raise CellError("cell.future", field=column, year=begun[0])


def one_of(column: str, text: str, allowed: Collection[str]) -> None:
    """Refuse a value that is not allowed; the error has the nearest one and all of them.

    Raises
    ------
    CellError
    """
    if text not in allowed:
        near = _nearest(text, allowed)
        raise CellError(
            "cell.not_allowed_near" if near else "cell.not_allowed",
            field=column,
            column=column,
            value=shown(text),
            nearest=near,
            allowed=sorted(allowed),
        )


def check_indicator(
    slug: str,
    value: float,
    unit: str,
    *,
    units: Mapping[str, str],
    allowed: Collection[str] = (),
    note: Note,
) -> tuple[str, str]:
    """Check unit and value of an indicator; return slug and unit as the embedded table has them.

    An unknown slug is accepted as the agency's own indicator where it is ``allowed``, with a note:
    no framework uses it until it names it. A slug within a letter or two of an embedded one is
    refused as a misspelling, because it would silently be a second indicator. Slugs that differ in
    their digits (``hdi_sp2020``) and short ones (``gdi``, ``hdi``) never count as misspelt.

    Parameters
    ----------
    units : mapping of slug to unit
        The embedded indicators.
    allowed : collection of str
        Indicators that earlier imports brought, and new ones that the user agreed to.

    Raises
    ------
    CellError
    """
    folded = re.sub(r"[^a-z0-9]+", "_", slug.lower()).strip("_")
    plain = " ".join(unit.lower().split())
    plain = UNIT_WORDS.get(plain, plain)
    new = folded not in units
    wanted = "" if new else units[folded]
    if plain == "percent" and not (-100.0 if new else 0.0) <= value <= 100.0:
        raise CellError("cell.not_percentage", field="value", value=value)
    if new:
        near = _nearest(folded, units)
        if near and _is_misspelling(folded, near):
            raise CellError(
                "cell.indicator_misspelt", field="indicator", value=shown(slug), nearest=near
            )
        if slug not in allowed and folded not in allowed:
            code = "cell.indicator_new_near" if near else "cell.indicator_new"
            raise CellError(code, field="indicator", value=shown(slug), slug=folded, nearest=near)
        code = "import_note.new_indicator_near" if near else "import_note.new_indicator"
        note("", Message(code, {"indicator": slug, "nearest": near}))
        return slug, "percent" if plain == "percent" else unit
    if plain != wanted.lower() and not (plain == "years" and wanted == "years of life"):
        raise CellError(
            "cell.other_unit", field="unit", indicator=folded, unit=wanted, value=shown(unit)
        )
    least, most = _RANGES.get(wanted, (float("-inf"), float("inf")))
    least = 1.0 if folded in _FROM_ONE else least
    if not least <= value <= most:
        small = 0 < value < least and value <= 1.0
        raise CellError(
            "cell.indicator_share" if small else "cell.indicator_range",
            field="value",
            indicator=folded,
            low=least,
            high=most,
            unit=wanted,
            value=value,
        )
    if wanted == "persons" and not value.is_integer():
        raise CellError("cell.not_whole", field="value", value=value)
    if folded != slug:
        note("indicator", Message("repair.written_as", {"value": folded}))
    return folded, wanted


def _nearest(text: str, allowed: Collection[str]) -> str:
    """The allowed value most similar to a text; empty where none is similar."""
    match = process.extractOne(text, sorted(allowed), scorer=fuzz.ratio, score_cutoff=50)
    return "" if match is None else str(match[0])


def _is_misspelling(text: str, near: str) -> bool:
    """Whether a text is within one edit for each five letters of ``near``, two at most."""
    if re.sub(r"\D", "", text) != re.sub(r"\D", "", near):
        return False
    return OSA.distance(text, near) <= min(2, len(text) // 5)
