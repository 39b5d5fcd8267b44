"""Every error Petajaga raises on purpose, in one tree.

PetajagaError
├── InputError             what the caller gave is wrong (exit code 2, HTTP 400)
│   ├── UnknownNameError   no such place, layer or code (HTTP 404); carries the nearest matches
│   ├── AmbiguousNameError a name that several places bear; carries them
│   └── DataFileError      a table or file that cannot be used; names file, line and column
├── ModelError             the model cannot be fitted or evaluated on this graph (HTTP 422)
│   └── InfeasibleError    a plan whose wishes contradict each other; says which to relax
├── StateError             something must be done first, e.g. ``petajaga build`` (HTTP 503)
│   └── BrokenReleaseError a release folder that is not whole
└── EnvironmentProblem     the machine is in the way: disk, port, permissions

Messages are one line: what is wrong, then how to mend it. Domain code raises these and nothing
knows HTTP here; :mod:`api.http.errors` holds the one table from class to status.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AmbiguousNameError",
    "BrokenReleaseError",
    "DataFileError",
    "EnvironmentProblem",
    "InfeasibleError",
    "InputError",
    "ModelError",
    "PetajagaError",
    "StateError",
    "UnknownNameError",
]


class PetajagaError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is one line for a person."""


class InputError(PetajagaError):
    """What the caller gave is wrong.

    Parameters
    ----------
    message : str
        One line: what is wrong and how to mend it.
    field : str, optional
        The name of the field or option at fault.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownNameError(InputError):
    """No such place, terminal, layer or code; ``matches`` are the nearest known names."""

    def __init__(
        self, message: str, *, matches: Sequence[str] = (), field: str | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.matches = tuple(matches)


class AmbiguousNameError(InputError):
    """A name that several places bear; ``matches`` are they."""

    def __init__(
        self, message: str, *, matches: Sequence[str] = (), field: str | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.matches = tuple(matches)


class DataFileError(InputError):
    """A table or file that cannot be used; the message names file, line and column."""


class ModelError(PetajagaError):
    """The model cannot be fitted or evaluated on this graph."""


class InfeasibleError(ModelError):
    """A plan whose wishes contradict each other; the message says which to relax."""


class StateError(PetajagaError):
    """Something must be done first (the message names the command)."""


class BrokenReleaseError(StateError):
    """A release folder that is not whole; it is never served."""


class EnvironmentProblem(PetajagaError):
    """The machine is in the way: a full or read-only disk, a taken port, missing rights."""
