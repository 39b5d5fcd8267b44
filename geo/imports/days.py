"""The day of an import or a build, and what stands on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

__all__ = ["has_closed", "has_opened", "today"]

_EASTERN = timezone(timedelta(hours=9))
"""Eastern Indonesia, where the day begins first."""


def today() -> str:
    """The day in eastern Indonesia, as ISO text."""
    return datetime.now(_EASTERN).date().isoformat()


def has_opened(row: Mapping[str, str], day: str) -> bool:
    """Whether an office or post has opened by a day; a planned one opens on its date alone.

    Examples
    --------
    >>> has_opened({"status": "planned", "since": ""}, "2026-11-27")
    False
    >>> has_opened({"status": "planned", "since": "2026-11"}, "2026-11-27")
    True
    """
    since = row["since"]
    return since <= day[: len(since)] if since else row["status"] != "planned"


def has_closed(row: Mapping[str, str], day: str) -> bool:
    """Whether the end of an office or post, if it has one, lies before a day.

    Examples
    --------
    >>> has_closed({"until": "2026-10"}, "2026-11-27"), has_closed({"until": ""}, "2026-11-27")
    (True, False)
    """
    until = row["until"]
    return bool(until) and until < day[: len(until)]
