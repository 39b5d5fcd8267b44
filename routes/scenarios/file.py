"""Scenario files: TOML, with the entries of :class:`routes.scenarios.request.Scenario`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from geo.errors import EnvironmentProblem, InputError, os_reason

__all__ = ["read_changes"]


def read_changes(path: Path) -> dict[str, Any]:
    """The entries of a scenario file, not checked yet.

    Raises
    ------
    InputError
        It is missing, not TOML or not UTF-8.
    EnvironmentProblem
        It cannot be read.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError("scenario.no_utf8", name=path.name, field="file") from error
    except OSError as error:
        kind = InputError if isinstance(error, FileNotFoundError) else EnvironmentProblem
        reason = os_reason(error)
        raise kind("scenario.unreadable", path=path, reason=reason, field="file") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError("scenario.no_toml", name=path.name, reason=error, field="file") from error
