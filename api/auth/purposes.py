"""What a sign-in of the police is for: one of a list, with a few words that name no person."""

from __future__ import annotations

from typing import Literal

from geo.errors import InputError
from geo.i18n import Message
from geo.imports.person_check import personal_text
from layers.visibility import Rights

__all__ = ["MOST_NOTE", "PURPOSES", "PurposeName", "stated_purpose"]

PurposeName = Literal[
    "investigation", "patrol", "planning", "protection", "coordination", "training"
]
PURPOSES: tuple[PurposeName, ...] = (
    "investigation", "patrol", "planning", "protection", "coordination", "training",
)  # fmt: skip
"""What a sign-in may be for; ``session_purpose.<name>`` of the catalogue."""
MOST_NOTE = 120
"""Characters of the words beside it."""


def stated_purpose(rights: Rights, name: PurposeName | None, note: str) -> str:
    """The purpose of a sign-in in one line, for the audit; empty for those who need none.

    Raises
    ------
    InputError
        ``session.purpose_needed`` where none is given, ``session.purpose_personal`` where the words
        hold a name or number of a person.

    Examples
    --------
    >>> stated_purpose(RIGHTS["police"], "patrol", "ST/14/XI/2026")
    'patrol: ST/14/XI/2026'
    """
    if not rights.purpose:
        return ""
    if name is None:
        raise InputError("session.purpose_needed", field="purpose", purposes=PURPOSES)
    note = " ".join(note.split())
    if personal := personal_text(note):
        raise InputError(
            "session.purpose_personal", field="purpose_note", personal=Message(personal)
        )
    return f"{name}: {note}" if note else name
