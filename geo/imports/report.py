"""What reading a file found: counts, and what was repaired or refused, by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["MOST_ISSUES", "Issue", "Report"]

MOST_ISSUES = 1000
"""Issues listed one by one; the rest is only counted, by message."""


@dataclass(frozen=True)
class Issue:
    """One thing repaired or refused.

    Attributes
    ----------
    line : int
        Line of a text file, row of a sheet or feature number, from 1; see :attr:`Report.unit`.
    column : str
        Heading as Petajaga names it; empty where the whole row is meant.
    outcome : str
        ``repaired`` or ``refused``.
    message : str
    """

    line: int
    column: str
    outcome: str
    message: str


@dataclass
class Report:
    """The report of one file.

    ``matched`` rows name an area, or for legs and terminals an id, that Petajaga knew; ``new`` rows
    add a key, ``replaced`` rows take the place of one; ``repaired`` counts rows, not repairs.
    ``figures`` are what else is worth knowing of a kind without rows (a road network).
    """

    kind: str
    file: str
    sha256: str = ""
    id: str = ""
    format: str = ""
    unit: str = "line"
    read: int = 0
    accepted: int = 0
    matched: int = 0
    new: int = 0
    replaced: int = 0
    repaired: int = 0
    refused: int = 0
    notes: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Say something about the whole file, once."""
        if text not in self.notes:
            self.notes.append(text)

    def add(self, line: int, column: str, outcome: str, message: str, *, reason: str) -> None:
        """Keep one issue; ``reason`` is the message without what belongs to the row."""
        key = f"{outcome}: {reason}"
        if key in self.reasons or len(self.reasons) < 200:
            self.reasons[key] = self.reasons.get(key, 0) + 1
        if len(self.issues) < MOST_ISSUES:
            self.issues.append(Issue(line, column, outcome, message))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "reasons": dict(Counter(self.reasons).most_common())}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Report:
        """Read back :meth:`as_dict`."""
        values = dict(given)
        values["issues"] = [Issue(**issue) for issue in values["issues"]]
        return cls(**values)
