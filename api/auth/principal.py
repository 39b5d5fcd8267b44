"""Who is asking: the tier, the partner's province, the account; anonymous is the public tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.auth.sessions import Sessions
from api.http.errors import SignInError
from api.http.release_holder import ReleaseKeeper, Served
from layers.registry import Tier

__all__ = ["COOKIE", "Current", "CurrentUser", "Principal", "caller_of", "served_by", "token_of"]

COOKIE = "petajaga_session"


@dataclass(frozen=True)
class Principal:
    """What the service needs to know of who asks."""

    tier: Tier = "public"
    name: str | None = None
    desk: str | None = None
    province_code: str | None = None
    language: str = "id"

    @property
    def scope(self) -> tuple[Tier, str]:
        """What decides which rows and fields are seen: tier and, for a partner, the province."""
        own = self.province_code if self.tier == "partner" else None
        return self.tier, own or ""

    @property
    def own(self) -> str | None:
        """The partner's own province; None for the other tiers."""
        return self.scope[1] or None

    @property
    def desk_page(self) -> str | None:
        """Which desk's pages are theirs (``planner``, ``police``, ``ngo``); None for the public."""
        if self.tier == "public":
            return None
        if self.tier == "police":
            return "police"
        return "ngo" if self.desk == "ngo" else "planner"


PUBLIC = Principal()


def token_of(request: Request) -> tuple[str | None, bool]:
    """The session token of a request and whether it came as ``Authorization: Bearer``."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip(), True
    return request.cookies.get(COOKIE), False


async def caller_of(request: Request) -> Principal:
    """Find out who asks; remembered on the request for the audit.

    A stale cookie counts as anonymous, so that the page still opens; a bearer token that is not
    valid is an error, since a program sent it on purpose.
    """
    known: Any = getattr(request.state, "caller", None)
    if isinstance(known, Principal):
        return known
    caller = PUBLIC
    token, bearer = token_of(request)
    if token:
        sessions: Sessions = request.app.state.sessions
        account = await run_in_threadpool(sessions.find, token)
        if account is not None:
            caller = Principal(
                tier=account.tier,
                name=account.name,
                desk=account.desk,
                province_code=account.province_code,
                language=account.language,
            )
        elif bearer:
            raise SignInError("The token is not valid or has expired; sign in again.")
    request.state.caller = caller
    return caller


CurrentUser = Annotated[Principal, Depends(caller_of)]
"""Declare ``caller: CurrentUser`` in an endpoint to be told who asks."""


async def served_by(request: Request) -> Served:
    """The release to answer this request from; asked once, so an answer never mixes two."""
    keeper: ReleaseKeeper = request.app.state.keeper
    return keeper.current()


Current = Annotated[Served, Depends(served_by)]
"""Declare ``served: Current`` in an endpoint to be given the release."""
