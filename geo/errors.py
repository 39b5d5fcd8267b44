"""Every error Petajaga raises on purpose, in one tree.

PetajagaError
├── InputError             invalid input (exit code 2, HTTP 400)
│   ├── UnknownNameError   no such place, layer or code (HTTP 404); carries the nearest matches
│   ├── AmbiguousNameError a name that several places have; carries them
│   └── DataFileError      a table or file that cannot be used; file, line, column in params
├── ModelError             the model cannot be fitted or evaluated on this graph (HTTP 422)
│   ├── NotFittedError     an estimator was not fitted yet
│   └── InfeasibleError    a plan with contradictory constraints; says which to relax
├── StateError             something must be done first, e.g. ``petajaga build`` (HTTP 503)
│   └── BrokenReleaseError an incomplete release folder
└── EnvironmentProblem     a problem of the machine: disk, port, permissions

Each carries a ``code`` and ``params``; the text, one line that says what is wrong and how to mend
it, is in the catalogue (:mod:`geo.i18n`). Nothing knows HTTP here; :mod:`api.errors` holds the
one table from class to status.
"""

from __future__ import annotations

import errno
from typing import Any

from geo.i18n.catalogue import has, text
from geo.i18n.message import Message

__all__ = [
    "AmbiguousNameError",
    "BrokenReleaseError",
    "DataFileError",
    "EnvironmentProblem",
    "InfeasibleError",
    "InputError",
    "ModelError",
    "NotFittedError",
    "PetajagaError",
    "StateError",
    "UnknownNameError",
    "os_reason",
]


class PetajagaError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    code : str
        Key of the catalogue (:mod:`geo.i18n`), stable for programs: ``outreach.floor_unreachable``.
    field : str, optional
        The field, option or column at fault.
    **params
        Values of the text's placeholders.

    Examples
    --------
    >>> str(InputError("network.negative_hours", tail="Kupang", head="Tenau"))
    'negative hours on the leg Kupang -> Tenau; costs are >= 0'
    """

    def __init__(self, code: str, /, *, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params

    def in_language(self, language: str) -> str:
        """One line for a person: what is wrong, then how to mend it."""
        return text(self.code, language, **self.params)

    def __str__(self) -> str:
        return self.in_language("en")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.code, self.field, self.params)


def _rebuilt(
    kind: type[PetajagaError], code: str, field: str | None, params: dict[str, Any]
) -> PetajagaError:
    return kind(code, field=field, **params)


class InputError(PetajagaError):
    """Invalid input; of a name in it, ``matches`` are the candidates, which end the line.

    Examples
    --------
    >>> str(InputError("names.unknown_place", name="Melak", matches=["Melaka"]))
    "no place called 'Melak'; nearest: Melaka"
    """

    @property
    def matches(self) -> tuple[str, ...]:
        """Names of the same or a similar spelling."""
        return tuple(self.params.get("matches", ()))

    def in_language(self, language: str) -> str:
        """One line for a person, with the candidates that the text does not list itself."""
        line = super().in_language(language)
        names = [match for match in self.matches if match not in line]
        return (
            text("names.nearest", language, line=line.rstrip("."), names=names) if names else line
        )


class UnknownNameError(InputError):
    """No such place, terminal, layer or code; ``matches`` are the nearest names."""


class AmbiguousNameError(InputError):
    """A name that several places have; ``matches`` are their ids."""


class DataFileError(InputError):
    """A table or file that cannot be used; ``params`` have file, line and column."""


class ModelError(PetajagaError):
    """The model cannot be fitted or evaluated on this graph."""


class NotFittedError(ModelError, AttributeError):
    """An attribute that ``fit`` sets was read before ``fit``; ``hasattr`` gives false for it."""


class InfeasibleError(ModelError):
    """A plan with contradictory constraints; the message says which to relax."""


class StateError(PetajagaError):
    """Something must be done first (the message names the command)."""


class BrokenReleaseError(StateError):
    """An incomplete release folder; it is never served."""


class EnvironmentProblem(PetajagaError):
    """A problem of the machine: a full or read-only disk, a port in use, missing permissions."""


_ALIKE = {errno.EPERM: errno.EACCES, errno.EEXIST: errno.ENOTDIR}


def os_reason(error: OSError) -> Message:
    """Reason of a failed system call, for the text of another error (``os.<symbol>``).

    Examples
    --------
    >>> str(os_reason(OSError(errno.ENOSPC, "")))
    'the disk is full; free some space'
    """
    number = _ALIKE.get(error.errno or 0, error.errno or 0)
    symbol = errno.errorcode.get(number, type(error).__name__)
    code = f"os.{symbol.lower()}"
    return Message(code) if has(code) else Message("os.other", {"symbol": symbol})
