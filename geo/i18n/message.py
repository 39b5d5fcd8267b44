"""A text as a value: key and parameters, formatted in a language only for display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.i18n.catalogue import languages, text

__all__ = ["Message", "interval"]


@dataclass(frozen=True)
class Message:
    """A text for a person: a note, a caveat, an assumption, the name of a kind.

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


def interval(quantity: Mapping[str, float | None]) -> Message:
    """A number with its 90 % interval, or alone where the interval is not known.

    Parameters
    ----------
    quantity : mapping
        ``mean``, ``p05`` and ``p95``.

    Examples
    --------
    >>> interval({"mean": 1234.0, "p05": 900.0, "p95": 1800.0}).in_language("en")
    '1,234 (90% interval: 900 to 1,800)'
    """
    mean = quantity["mean"] or 0.0
    if quantity["p05"] is None or quantity["p95"] is None:
        return Message("interval.mean", {"mean": mean})
    return Message("interval.mean_and_ends", {**quantity, "mean": mean})
