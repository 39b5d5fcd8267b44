"""A text as a value: its key and parameters, told in a language only where somebody reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from geo.i18n.catalogue import languages, text

__all__ = ["Message"]


@dataclass(frozen=True)
class Message:
    """Something said to a person: a note, a caveat, an assumption, the name of a kind.

    Attributes
    ----------
    code : str
        Key of the catalogue.
    params : dict
        Values of its placeholders.

    Examples
    --------
    >>> Message("class.very_low").in_language("en")
    'very low'
    """

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        """The text in one language."""
        return text(self.code, language, **self.params)

    def as_dict(self) -> dict[str, str]:
        """The text in every language, by language code: the form of notes in JSON answers."""
        return {language: self.in_language(language) for language in languages()}

    def __str__(self) -> str:
        return self.in_language("en")
