"""Progress of long work, as every long function takes and reports it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["ProgressCallback", "silent"]

ProgressCallback = Callable[[str, int, int], None]
"""Called with the step, how many of its units are done, and how many there are (0: not known)."""


def silent(_step: str, _done: int, _total: int) -> None:
    """Report nothing."""
