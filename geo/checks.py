"""Checks at terminals, those that found nothing too: counts by terminal, month and office, never a
person. A row is the total of one office in a month.

``sailings`` are the watches kept (where there is no timetable: the shifts). A wrongful deferral is
one that a later check found lawful: it stands beside the deferrals, so that no office is praised
for deferring alone.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CHECK_FIELDS", "PERSON_FIELDS", "illogical"]

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
