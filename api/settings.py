"""Settings of the service, read from the environment (``PETAJAGA_HOME``, ``PETAJAGA_PORT``)."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import InputError
from geo.paths import Home
from geo.requests import reason_of

__all__ = ["Settings"]


class Settings(BaseSettings):
    """What the operator may choose; every field can be set as ``PETAJAGA_<NAME>``.

    ``database_url`` is a SQLAlchemy URL of the register (``postgresql+psycopg://...``); without it
    the register is an SQLite file under the home folder. ``secret`` keys the hashes of session
    tokens, so that a copied register is of no use to guess or forge one. ``approved_only`` serves
    approved releases alone, as an address other than loopback does: behind a proxy, say yes.
    ``trusted_proxies`` are the addresses (or networks), with commas, of proxies whose
    ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed; nobody's are, without them.
    """

    model_config = SettingsConfigDict(env_prefix="PETAJAGA_", extra="ignore")

    home: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    database_url: str | None = None
    secret: SecretStr | None = None
    session_hours: float = Field(default=12.0, gt=0, le=24 * 31)
    approved_only: bool | None = None
    trusted_proxies: str = ""
    release_check_seconds: float = Field(default=1.0, ge=0)

    @classmethod
    def read(cls, **options: Any) -> Self:
        """Settings of the environment, or of ``options`` where they are not None.

        Raises
        ------
        InputError
            A ``PETAJAGA_`` variable or an option that cannot be used.
        """
        try:
            return cls(**{name: value for name, value in options.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else "?"
            raise InputError(
                "settings.invalid", field=name, name=name.upper(), reason=reason_of(first)
            ) from None

    @property
    def resolved_home(self) -> Home:
        """The home folder and the names of what lies in it."""
        return Home.resolve(self.home)

    @property
    def serves_others(self) -> bool:
        """Whether only approved releases are served: away from loopback, or where it is said."""
        if self.approved_only is not None:
            return self.approved_only
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    @property
    def register_url(self) -> str:
        """SQLAlchemy URL of the register."""
        if self.database_url:
            return self.database_url
        from sqlalchemy.engine import URL  # not for commands without a register

        # made, not pasted: a home may be called rumah?a
        file = URL.create("sqlite", database=str(self.resolved_home.register))
        return file.render_as_string()

    @property
    def session_lifetime(self) -> timedelta:
        """How long a sign-in lasts."""
        return timedelta(hours=self.session_hours)
