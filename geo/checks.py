"""Checks at terminals, those that found nothing too: counts by terminal, month and office, never a
person. A row is the total of one office in a month.

``sailings`` are the watches kept (where there is no timetable: the shifts). A wrongful deferral is
one that a later check found lawful: it stands beside the deferrals, so that no office is praised
for deferring alone.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CHECK_FIELDS", "PERSON_FIELDS", "illogical", "protected_checks"]

PERSON_FIELDS = (
    "passengers_seen", "checked", "interviewed", "deferred", "released", "referred",
    "wrongful_deferrals",
)  # fmt: skip
"""Counts of persons: rounded before anybody sees them (:mod:`geo.disclosure`)."""
CHECK_FIELDS = ("sailings", *PERSON_FIELDS)
"""Columns of the import ``checks`` that hold numbers."""
_AT_MOST = (
    (("checked",), "passengers_seen"),
    (("interviewed",), "passengers_seen"),
    (("deferred",), "interviewed"),
    (("released", "referred"), "deferred"),
    (("referred", "wrongful_deferrals"), "deferred"),
)
"""What together cannot be more than what: who was referred was not deferred wrongly."""
_WITHIN = (
    ("checked", "passengers_seen"), ("interviewed", "passengers_seen"),
    ("deferred", "interviewed"), ("released", "deferred"), ("wrongful_deferrals", "deferred"),
)  # fmt: skip
"""Parts and their wholes, a whole before its own parts."""


def illogical(row: Mapping[str, int]) -> tuple[str, str] | None:
    """Of a row the field that is too large and the one it is a part of; None where all fit.

    Examples
    --------
    >>> row = dict.fromkeys(CHECK_FIELDS, 0) | {"sailings": 1, "passengers_seen": 40}
    >>> illogical(row), illogical(row | {"interviewed": 9, "deferred": 10})
    (None, ('deferred', 'interviewed'))
    """
    if row["passengers_seen"] and not row["sailings"]:
        return "passengers_seen", "sailings"
    for parts, whole in _AT_MOST:
        if sum(row[part] for part in parts) > row[whole]:
            return "+".join(parts), whole
    return None


def protected_checks(
    row: Mapping[str, int], *, place: str, month: str, secret: bytes
) -> dict[str, int]:
    """Checks of a terminal in a month, as they may be shown; years are sums of such months.

    Each sum of persons is rounded once, as :mod:`geo.disclosure` does, with the month in place of
    the year: five months in a row have five different shifts. Then no part is more than its whole,
    and the parts of the deferred leave room for one another (those referred give way), so that a
    sum of months holds together too. How many sailings were watched is the offices' own work and
    stays.

    Parameters
    ----------
    row : mapping
        :data:`CHECK_FIELDS`, offices added up.
    place : str
        Id of the terminal.
    month : str
        ISO month.
    secret : bytes
        From :func:`geo.disclosure.release_secret`.

    Examples
    --------
    >>> row = dict.fromkeys(CHECK_FIELDS, 0) | {"sailings": 3, "passengers_seen": 120}
    >>> shown = protected_checks(row, place="tenau", month="2026-07", secret=bytes(32))
    >>> shown["sailings"], shown["passengers_seen"], shown["checked"]
    (3, 120, 0)
    """
    from geo.disclosure import protect_count  # pandas: quick commands do without it

    shown, number = {"sailings": row["sailings"]}, 12 * int(month[:4]) + int(month[5:]) - 1
    for name in PERSON_FIELDS:
        shown[name] = protect_count(
            row[name], place=place, year=number, measure=f"checks-{name}", secret=secret
        )
    # A part and its whole are each within a rounding of the truth, and so is a part that is cut to
    # its whole. Those referred may be two roundings away.
    for part, whole in _WITHIN:
        shown[part] = min(shown[part], shown[whole])
    beside = max(shown["released"], shown["wrongful_deferrals"])
    shown["referred"] = min(shown["referred"], shown["deferred"] - beside)
    return shown
