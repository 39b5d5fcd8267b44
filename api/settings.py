"""Settings of the service, read from the environment (``PETAJAGA_HOME``, ``PETAJAGA_PORT``)."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import InputError
from geo.paths import Home
from geo.requests import reason_of

__all__ = ["PREFIX", "LogFormat", "Settings", "netloc", "networks"]

LogFormat = Literal["text", "json"]
PREFIX = r"(/[A-Za-z0-9._~-]+)*"
"""Form of a path prefix: segments without anything that a URL would read otherwise."""


def netloc(host: str, port: int) -> str:
    """Host and port as a URL has them.

    Examples
    --------
    >>> netloc("::1", 8000)
    '[::1]:8000'
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_prefix(path: str) -> bool:
    return re.fullmatch(PREFIX, path.rstrip("/")) is not None


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_LOOPBACK = "127.0.0.0/8,::1"


def networks(text: str) -> list[_Network]:
    """The networks in a list with commas; ``*`` is every address.

    Examples
    --------
    >>> networks("::1, 10.0.0.0/8")
    [IPv6Network('::1/128'), IPv4Network('10.0.0.0/8')]
    """
    text = text.replace("*", "0.0.0.0/0,::/0")
    names = [name.strip() for name in text.split(",") if name.strip()]
    try:
        return [ipaddress.ip_network(name) for name in names]
    except ValueError:
        raise PydanticCustomError("networks", "addresses or networks") from None


_NOBODYS_HOST = "petajaga.invalid"
_ISSUER = r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[^?#]+$"
"""What an issuer may be: over https, or on this machine."""


class Settings(BaseSettings):
    """What the operator may choose; every field can be set as ``PETAJAGA_<NAME>``.

    ``database_url`` is a SQLAlchemy URL of the register (``postgresql+psycopg://...``); without it
    the register is an SQLite file under the home folder. ``secret`` keys the hashes of session
    tokens, so that a copied register is of no use to guess or forge one. ``approved_only`` serves
    approved releases alone, as an address other than loopback does: behind a proxy, say yes.
    ``trusted_proxies`` are the addresses (or networks), with commas, of proxies whose
    ``X-Forwarded-For``, ``X-Forwarded-Proto`` and ``X-Forwarded-Prefix`` are believed; nobody's
    are, without them. ``public_url`` is the address at which people reach the service (scheme,
    host, path prefix), for links, ids of feeds, cookies and the check of who may write;
    ``root_path`` is a path prefix alone. docs/proxy-guide.en.md shows them in use.
    ``metrics_from`` are the addresses (or networks) that may read ``/metrics``: without it this
    machine alone, and nobody where ``public_url`` or ``root_path`` tells of a proxy.
    ``log_format`` is ``text`` or ``json``.
    ``oidc_issuer`` is the agency's own sign-in service (OpenID Connect), where this one is
    registered as ``oidc_client_id`` (docs/SECURITY.md).
    ``bulk_alert`` is how many files and pages of features an account may have in a day without a
    row ``alert.bulk`` in the audit. ``audit_years`` and ``visits_years`` are how long rows of the
    audit and imported visits are kept.
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
    public_url: AnyHttpUrl | None = None
    root_path: str = ""
    metrics_from: str | None = None
    log_format: LogFormat = "text"
    oidc_issuer: str | None = Field(default=None, max_length=200, pattern=_ISSUER)
    oidc_client_id: str = "petajaga"
    oidc_client_secret: SecretStr | None = None
    bulk_alert: int = Field(default=500, ge=1)
    audit_years: int = Field(default=2, ge=1, le=100)
    visits_years: int = Field(default=5, ge=1, le=100)
    release_check_seconds: float = Field(default=1.0, ge=0)

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if url and (url.query or url.fragment or url.username or not _is_prefix(url.path or "")):
            raise PydanticCustomError("url", "scheme, host and path alone")
        return url

    @field_validator("trusted_proxies", "metrics_from")
    @classmethod
    def _networks(cls, text: str | None) -> str | None:
        networks(text or "")
        return text

    @field_validator("root_path")
    @classmethod
    def _path(cls, path: str) -> str:
        if not _is_prefix(path):
            raise PydanticCustomError("path_prefix", "a path")
        return path.rstrip("/")

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
    def public_address(self) -> tuple[str, str] | None:
        """Scheme and host, as in a URL, of ``public_url``."""
        if self.public_url is None:
            return None
        url = urlsplit(str(self.public_url))  # pydantic leaves the scheme's own port out
        return url.scheme, url.netloc

    @property
    def tag_authority(self) -> str:
        """Name that ids of feeds are made of (RFC 4151): the host of ``public_url``, else one that
        nobody owns; never what a visitor calls the service.
        """
        host = (self.public_url and self.public_url.host) or ""
        return host if re.fullmatch(r"[a-z0-9.-]+", host) else _NOBODYS_HOST

    @property
    def prefix(self) -> str:
        """Path under which people reach the service, without a slash at the end."""
        return ((self.public_url and self.public_url.path) or "").rstrip("/") or self.root_path

    @property
    def metrics_networks(self) -> list[_Network]:
        """Networks from which ``/metrics`` may be read."""
        if self.metrics_from is not None:
            return networks(self.metrics_from)
        return [] if self.public_url or self.prefix else networks(_LOOPBACK)

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
