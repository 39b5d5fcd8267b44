"""The report of one import: counts, and what was repaired or refused, by line and by reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from geo.i18n import Message

__all__ = ["MOST_ISSUES", "Issue", "Report", "from_json", "to_json"]

MOST_ISSUES = 1000
"""Issues listed one by one; the rest is only counted, by reason."""


@dataclass(frozen=True)
class Issue:
    """One cell or row repaired or refused.

    Attributes
    ----------
    line : int
        Line of a text file, row of a sheet or feature number, from 1; see :attr:`Report.unit`.
    column : str
        Heading as Petajaga names it; empty where the whole row is meant.
    outcome : str
        ``repaired``, ``refused``, or ``left_out`` where a value is missing or a row is no data.
    message : Message
    """

    line: int
    column: str
    outcome: str
    message: Message


@dataclass
class Report:
    """The report of one file.

    ``matched`` rows name an area, or for legs and terminals an id, that Petajaga has; ``new`` rows
    add a key, ``replaced`` rows take the place of one; ``repaired`` counts rows, not repairs.
    ``reasons`` counts issues by outcome and code of the catalogue. ``figures`` are further results
    of a kind without rows (a road network). ``columns`` is the meaning of each column of the file,
    ``preview`` the first rows as they will be stored. ``shape`` names the form of the file, under
    which ``mapping``, the columns that the user stated, is remembered once it is applied; ``codes``
    is the system of area codes, where it was decided.
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
    left_out: int = 0
    notes: list[Message] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    reasons: dict[str, dict[str, int]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    columns: list[dict[str, str]] = field(default_factory=list)
    preview: list[dict[str, str]] = field(default_factory=list)
    shape: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    codes: str = ""

    def note(self, code: str, **params: Any) -> None:
        """Add a remark on the whole file, once."""
        message = Message(code, params)
        if message not in self.notes:
            self.notes.append(message)

    def count(self, outcome: str, code: str, rows: int = 1) -> None:
        """Count ``rows`` that were repaired or refused for one reason."""
        counts = self.reasons.setdefault(outcome, {})
        counts[code] = counts.get(code, 0) + rows

    def add(self, line: int, column: str, outcome: str, message: Message) -> None:
        """Count one issue, and list it if there is room."""
        self.count(outcome, message.code)
        if len(self.issues) < MOST_ISSUES:
            self.issues.append(Issue(line, column, outcome, message))

    def grouped(self) -> list[list[Issue]]:
        """The issues listed, refusals first; those that say the same of one column stand together.

        Examples
        --------
        >>> report = Report("counts", "angka.csv")
        >>> for line in (2, 3):
        ...     report.add(line, "measure", "refused", Message("imports.empty"))
        >>> [[issue.line for issue in same] for same in report.grouped()]
        [[2, 3]]
        """
        groups: dict[tuple[str, str, str], list[Issue]] = {}
        for issue in sorted(self.issues, key=lambda issue: issue.outcome != "refused"):
            said = (issue.column, issue.outcome, repr(issue.message))
            groups.setdefault(said, []).append(issue)
        return list(groups.values())

    def in_language(self, language: str) -> dict[str, Any]:
        """Plain values for JSON; each note and issue has ``code``, ``params`` and ``message``."""

        def shown(message: Message) -> dict[str, Any]:
            return {**asdict(message), "message": message.in_language(language)}

        return {
            **asdict(self),
            "notes": [shown(message) for message in self.notes],
            "issues": [{**vars(issue), **shown(issue.message)} for issue in self.issues],
            "reasons": {
                outcome: dict(Counter(counts).most_common())
                for outcome, counts in self.reasons.items()
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Report:
        """A report of the values that :func:`from_json` reads."""
        return cls(**{**values, "issues": [Issue(**issue) for issue in values["issues"]]})


def to_json(value: Any) -> str:
    """JSON of a report, or of anything else that holds messages."""
    return json.dumps(value, default=asdict)


def from_json(text: str) -> Any:
    """Read :func:`to_json`; messages are read back, a report by :meth:`Report.from_dict`."""
    return json.loads(text, object_hook=_message)


def _message(values: dict[str, Any]) -> Any:
    return Message(**values) if values.keys() == {"code", "params"} else values
