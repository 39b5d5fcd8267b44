"""The principal of a request: tier, partner's province, account; anonymous is the public tier."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Annotated, Any, Self
from urllib.parse import unquote

from babel.core import negotiate_locale
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.auth.accounts import Account
from api.auth.cookies import session_cookie
from api.auth.keys import Keys, PresentedKey, is_readable, presented_key
from api.auth.sessions import Sessions
from api.errors import KeyScopeError, SignInError
from geo.i18n import languages
from layers import visibility
from layers.schema import Tier
from layers.visibility import ANONYMOUS, Rights, rights_of

__all__ = [
    "CurrentUser",
    "Principal",
    "accepted_values",
    "principal_of",
    "reader_language",
    "token_of",
]

_HEADER_CHARACTERS = 1000
"""How much of an ``Accept`` header is parsed."""


@dataclass(frozen=True)
class Principal:
    """Who a request comes from, as far as an answer depends on it."""

    tier: Tier = ANONYMOUS
    name: str | None = None
    desk: str | None = None
    province_code: str | None = None
    language: str = "id"
    administrator: bool = False
    key: str | None = None

    @classmethod
    def of(cls, account: Account, *, key: str | None = None) -> Self:
        """The principal of a signed-in account, or of a program with the account's ``key``."""
        return cls(
            account.tier, account.name, account.desk, account.province_code, account.language,
            account.administrator, key,
        )  # fmt: skip

    @property
    def rights(self) -> Rights:
        """What the tier sees and may do; without an account only what everyone may."""
        if self.name is None:
            return rights_of(ANONYMOUS, None)
        return rights_of(self.tier, self.province_code)

    @property
    def import_kinds(self) -> frozenset[str]:
        """Kinds of import that it may send; for most none."""
        return visibility.import_kinds(self.rights, self.desk) if self.name else frozenset()

    @property
    def administers(self) -> bool:
        """Whether it manages the accounts and reads the audit; never with a key of a program."""
        return self.administrator and self.rights.whole_release and self.key is None

    @property
    def scope(self) -> tuple[Tier, str]:
        """What decides which rows and fields are seen: tier and, where it is limited to one, the
        province.
        """
        return self.tier, self.province or ""

    @property
    def province(self) -> str | None:
        """The province that a partner, or the police of a province, is limited to; else None."""
        return self.province_code if self.rights.own_province else None

    @property
    def reader(self) -> dict[str, Any]:
        """Rights and province as the plan service takes them."""
        return {"rights": self.rights, "province": self.province}

    @property
    def desk_page(self) -> str | None:
        """Desk whose pages it may read (``planner``, ``police``, ``ngo``); None for the public."""
        return visibility.desk_page(self.tier, self.desk)


PUBLIC = Principal()


def token_of(request: Request) -> tuple[str | None, bool]:
    """The session token of a request and whether it came as ``Authorization: Bearer``."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip(), True
    return request.cookies.get(session_cookie(request).name), False


async def principal_of(request: Request) -> Principal:
    """Authenticate a request; the principal is kept on the request, for the audit.

    A stale cookie counts as anonymous, so that the page still opens; a bearer token or key that is
    not valid is an error, since a program sent it on purpose. A page says in ``Petajaga-Account``
    whose it shows (empty: nobody's): where that is no longer who is signed in, it gets an error,
    not another's rows.
    """
    cached: Any = getattr(request.state, "principal", None)
    if isinstance(cached, Principal):
        return cached
    if key := presented_key(request.headers.get("authorization", "")):
        return await _principal_of_key(request, key)
    principal = PUBLIC
    token, bearer = token_of(request)
    if token:
        sessions: Sessions = request.app.state.sessions
        account = sessions.remembered(token) or await run_in_threadpool(sessions.find, token)
        if account is not None:
            principal = Principal.of(account)
        elif bearer:
            raise SignInError("session.invalid_token")
    request.state.principal = principal
    shown = request.headers.get("petajaga-account")
    if shown is not None and unquote(shown) != (principal.name or ""):
        raise SignInError("session.ended")
    return principal


async def _principal_of_key(request: Request, presented: PresentedKey) -> Principal:
    keys: Keys = request.app.state.keys
    found = await run_in_threadpool(keys.find, presented)
    if found is None:
        raise SignInError("session.invalid_token")
    account, key = found
    principal = request.state.principal = Principal.of(account, key=key)  # audited also if refused
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    if not is_readable(request.method, path):
        raise KeyScopeError("keys.reads_only")
    return principal


def accepted_values(header: str) -> dict[str, float]:
    """Values of an ``Accept`` header with their quality, the best first (RFC 9110)."""
    values: dict[str, float] = {}
    for part in header[:_HEADER_CHARACTERS].lower().split(","):
        value, *options = (piece.strip() for piece in part.split(";"))
        qualities = [option[2:] for option in options if option.startswith("q=")]
        with contextlib.suppress(ValueError):
            quality = float(qualities[0] if qualities else 1.0)
            values[value] = max(quality, values.get(value, 0.0))
    return dict(sorted(values.items(), key=lambda item: -item[1]))


def reader_language(request: Request) -> str:
    """Language of texts for the reader of an answer, the one rule for all of them.

    The parameter ``lang`` of a page of ``/ogc``, else the first language of ``Accept-Language``
    that there is a catalogue of, else the account's, else Bahasa Indonesia.
    """
    explicit = request.query_params.get("lang")
    if explicit in languages():
        return explicit
    header = request.headers.get("accept-language", "")
    accepted = [language for language, quality in accepted_values(header).items() if quality > 0]
    principal = getattr(request.state, "principal", PUBLIC)
    return negotiate_locale(accepted, languages(), sep="-") or str(principal.language)


CurrentUser = Annotated[Principal, Depends(principal_of)]
"""Declare ``principal: CurrentUser`` in an endpoint to authenticate its requests."""
