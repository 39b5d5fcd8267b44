"""What cannot be: speeds no vehicle reaches, values outside an indicator's scale, years to come."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta, timezone
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from geo.imports.values import CellError, shown
from geo.modes import mode_of
from geo.sphere import EARTH_KM

__all__ = [
    "check_indicator",
    "check_leg",
    "check_past",
    "distance_km",
    "one_of",
]

Note = Callable[[str, str], None]

_EASTERN = timezone(timedelta(hours=9))
"""Eastern Indonesia, where the year begins first."""

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
        *("birth_certificate_share", "labour_force_participation", "informal_employment_share"),
        *("no_diploma_share", "primary_only_share", "primary_or_less_share"),
        "workforce_primary_or_less_share",
    }
)
"""Percentages that lie above one everywhere: less is a share of 1, not of 100 (assumed)."""
_SAME_UNIT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("%", "persen", "per cent"), "percent"),
        **dict.fromkeys(("orang", "jiwa", "person", "people"), "persons"),
        **dict.fromkeys(("indeks", "poin", "points"), "index"),
        **dict.fromkeys(("tahun", "year"), "years"),
        "ribu rupiah/orang/tahun": "thousand IDR/person/year",
        "rupiah/kapita/bulan": "IDR/capita/month",
    }
)


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great circle distance, within 0.6 % of the geodesic: for checks of plausibility."""
    a, b = radians(lat1), radians(lat2)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(h, 1.0)))


def check_leg(mode: str, hours: float, *, straight_km: float) -> None:
    """Refuse hours in which the mode cannot cover the straight line between the terminals.

    Raises
    ------
    CellError
    """
    most = mode_of(mode).fastest_kmh
    if straight_km > most * hours:
        raise CellError(
            f"{straight_km:.0f} km in {hours:g} hours is {straight_km / hours:.0f} km/h; {mode} "
            f"reaches at most {most:g} km/h, so at least {straight_km / most:.1f} hours",
            f"faster than {mode} can go ({most:g} km/h)",
            column="hours",
        )


def check_past(column: str, text: str) -> None:
    """Refuse a year, or a date that begins with one, after the current year.

    Raises
    ------
    CellError
    """
    found = re.match(r"\d{4}", text)
    if found and int(found[0]) > datetime.now(_EASTERN).year:
        raise CellError(
            f"{found[0]} is yet to come; give what was counted or measured",
            "a year yet to come",
            column=column,
        )


def one_of(column: str, text: str, known: Collection[str]) -> None:
    """Refuse what is not among the known words, and name the nearest and all of them.

    Raises
    ------
    CellError
    """
    if text not in known:
        near = _nearest(text, known)
        raise CellError(
            f"no {column} {shown(text)}{f', nearest: {near}' if near else ''}; "
            f"use one of {', '.join(sorted(known))}",
            f"no such {column}",
            column=column,
        )


def check_indicator(
    slug: str, value: float, unit: str, *, units: Mapping[str, str], note: Note
) -> tuple[str, str]:
    """The slug and the unit as they are known, once unit and value fit.

    A slug that is not known is taken as an indicator of one's own, and that is noted: no framework
    counts it until it names it. One within a letter or two of a known slug is refused, because it
    would silently be a second indicator. Slugs that differ in their digits are never held a slip
    (``hdi_sp2020``), nor are short ones (``gdi`` is not ``hdi``).

    Parameters
    ----------
    units : mapping of slug to unit
        The known indicators.

    Raises
    ------
    CellError
    """
    folded = re.sub(r"[^a-z0-9]+", "_", slug.lower()).strip("_")
    plain = " ".join(unit.lower().split())
    plain = _SAME_UNIT.get(plain, plain)
    own = folded not in units
    wanted = "" if own else units[folded]
    if plain == "percent" and not (-100.0 if own else 0.0) <= value <= 100.0:
        raise CellError(f"{value:g} is no percentage", "no percentage", column="value")
    if own:
        near = _nearest(folded, units)
        if near and _slip(folded, near):
            raise CellError(
                f"no indicator {shown(slug)}; did you mean {near}?",
                "an indicator that seems misspelt",
                column="indicator",
            )
        note("", f"indicator {slug} is not in the index{f'; nearest: {near}' if near else ''}")
        return slug, "percent" if plain == "percent" else unit
    if plain != wanted.lower() and not (plain == "years" and wanted == "years of life"):
        raise CellError(
            f"{folded} is in {wanted}, not in {shown(unit)}", "another unit", column="unit"
        )
    least, most = _RANGES.get(wanted, (float("-inf"), float("inf")))
    least = 1.0 if folded in _FROM_ONE else least
    if not least <= value <= most:
        small = 0 < value < least and value <= 1.0
        raise CellError(
            f"{folded} runs from {least:g} to {most:g} {wanted}; {value:g} lies outside"
            + (", perhaps written as a share of 1" if small else ""),
            "outside the indicator's range",
            column="value",
        )
    if wanted == "persons" and not value.is_integer():
        raise CellError(f"{value:g} persons is no whole number", "no whole number", column="value")
    if folded != slug:
        note("indicator", f"written as {folded}")
    return folded, wanted


def _nearest(text: str, known: Collection[str]) -> str:
    """The known word most like a text; empty where none is anything like it."""
    found = process.extractOne(text, sorted(known), scorer=fuzz.ratio, score_cutoff=50)
    return "" if found is None else str(found[0])


def _slip(text: str, near: str) -> bool:
    """Whether a text is a slip of the finger away: a letter or two, one for each five."""
    if re.sub(r"\D", "", text) != re.sub(r"\D", "", near):
        return False
    return OSA.distance(text, near) <= min(2, len(text) // 5)
