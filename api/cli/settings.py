"""The service's settings as the command line states them: options over the environment."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from api.cli.options import Session
from api.settings import Settings
from geo.errors import InputError
from geo.requests import reason_of

__all__ = ["service_settings"]


def service_settings(
    session: Session, *, host: str | None = None, port: int | None = None
) -> Settings:
    """Return the settings for this home.

    Raises
    ------
    InputError
        A ``PETAJAGA_`` variable of the environment that cannot be used.
    """
    given: dict[str, Any] = {"home": session.home.root, "host": host, "port": port}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        raise InputError(
            "settings.invalid", field=name, name=name.upper(), reason=reason_of(first)
        ) from None
