"""``/v1/session``: sign in, who am I, sign out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.accounts import Account, get_account, verify
from api.auth.audit import audit_row, record
from api.auth.cookies import Cookie, device_cookie, session_cookie
from api.auth.devices import DEVICE_DAYS, is_known_device, remember_device
from api.auth.principal import CurrentUser, Principal, token_of
from api.auth.purposes import stated_purpose
from api.auth.rate_limit import SignInLimiter
from api.auth.second_factor import SecondFactors
from api.auth.sessions import Session, Sessions
from api.errors import SignInError
from api.http.responses import PRIVATE, private_json
from api.http.schemas import SignedIn, SignIn, WhoAmI
from api.register.database import Register
from api.state.fair_queue import FairThreads
from geo.errors import UnknownNameError
from layers.desks import DESKS
from layers.visibility import ANONYMOUS

__all__ = ["record_failure", "router", "set_session_cookie", "start_session"]

router = APIRouter(prefix="/v1/session", tags=["session"])


def _session_document(principal: Principal) -> dict[str, str | bool | list[str] | None]:
    page = principal.desk_page
    return {
        "tier": principal.tier,
        "name": principal.name,
        "province": principal.province_code,
        "desk": principal.desk,
        "desk_page": page,
        "tabs": list(DESKS[page].tabs) if page else [],
        "language": principal.language,
        "administrator": principal.administrator,
    }


@router.post("", response_model=SignedIn, summary="Sign in")
async def sign_in(request: Request, credentials: SignIn) -> Response:
    """Sign in with name and password.

    Sets a cookie (``petajaga_session``; over https ``__Host-petajaga_session``, under a path prefix
    ``__Secure-petajaga_session``) and gives the same token for ``Authorization: Bearer``.
    Wrong name and wrong password answer alike, in the same time; after five tries at a name from
    one address within five minutes further ones are refused for a while. The police say what the
    sign-in is for: where that is missing, the problem's code is ``session.purpose_needed``. Where
    the account has a second factor and ``code`` is missing, it is ``session.code_needed``.
    """
    session, device = await _start(request, credentials)
    principal = request.state.principal = Principal.of(session.account)
    body = {
        **_session_document(principal),
        "token": session.token,
        "expires": session.expires_at.isoformat(timespec="seconds"),
    }
    response = private_json(body)
    set_session_cookie(request, response, session)
    if device is not None:
        _set_cookie(response, device_cookie(request), device, seconds=DEVICE_DAYS * 86_400)
    return response


def set_session_cookie(request: Request, response: Response, session: Session) -> None:
    """Give the browser the token of a sign-in."""
    sessions: Sessions = request.app.state.sessions
    seconds = int(sessions.lifetime.total_seconds())
    _set_cookie(response, session_cookie(request), session.token, seconds=seconds)


def _set_cookie(response: Response, cookie: Cookie, value: str, *, seconds: int) -> None:
    response.set_cookie(
        cookie.name, value, max_age=seconds, path=cookie.path, secure=cookie.secure,
        httponly=True, samesite="strict",
    )  # fmt: skip


async def _start(request: Request, credentials: SignIn) -> tuple[Session, str | None]:
    """The session, and a token for a device on which the account was not signed in yet."""
    register: Register = request.app.state.register
    limiter: SignInLimiter = request.app.state.limiter
    second_factors: SecondFactors = request.app.state.second_factors
    hashing: FairThreads = request.app.state.hashing
    address = request.client.host if request.client else ""
    name = credentials.name
    device = request.cookies.get(device_cookie(request).name)
    known = await run_in_threadpool(is_known_device, register, device, name=name)
    # tries of others at the same address do not count against a device of the true user
    source = f"device {device}" if known else address

    def attempt() -> tuple[Session, str | None]:
        limiter.attempt(name=name, source=source, known_device=known)
        account = verify(register, name=name, password=credentials.password)
        if account is None:
            record_failure(register, name)
            raise SignInError("session.wrong_password")
        rights = Principal.of(account).rights
        purpose = stated_purpose(rights, credentials.purpose, credentials.purpose_note)
        try:
            second_factors.require(account, credentials.code, device=source if known else None)
        except SignInError:
            record_failure(register, name)
            raise
        limiter.succeeded(name=name, source=source)
        session = start_session(request, account, purpose)
        return session, None if known else remember_device(register, account)

    # strangers, however many, leave known devices their share of the queue
    return await hashing.run("known" if known else "new", source, attempt)


def start_session(request: Request, account: Account, purpose: str) -> Session:
    """Sign an account in, once it is recorded what for."""
    sessions: Sessions = request.app.state.sessions
    if purpose:
        row = audit_row(
            account=account.name, tier=account.tier, action="purpose", status=200, target=purpose
        )
        record(request.app.state.register, row)
    return sessions.start(account)


def record_failure(register: Register, name: str) -> None:
    """A failure is recorded under the account's name; a name without an account may be a mistyped
    password and is not kept.
    """
    try:
        account: Account | None = get_account(register, name)
    except UnknownNameError:
        account = None
    name, tier = (account.name, account.tier) if account else ("-", ANONYMOUS)
    record(register, audit_row(account=name, tier=tier, action="sign_in", status=401))


@router.get("", response_model=WhoAmI, summary="Who is signed in")
async def who_am_i(request: Request, principal: CurrentUser) -> Response:
    """Tier, name, province and desk; anonymous is the public tier."""
    oidc = request.app.state.oidc is not None
    token, _ = token_of(request)
    expires = None
    if token and principal.name is not None:
        sessions: Sessions = request.app.state.sessions
        expires = await run_in_threadpool(sessions.expires, token)
    return private_json({**_session_document(principal), "oidc": oidc, "expires": expires})


@router.delete("", status_code=204, summary="Sign out", response_class=Response)
async def sign_out(request: Request, principal: CurrentUser) -> Response:
    """End this sign-in at once, wherever its token is kept; without one nothing happens."""
    token, _ = token_of(request)
    if token and principal.name is not None:
        sessions: Sessions = request.app.state.sessions
        await run_in_threadpool(sessions.end, token)
    response = Response(status_code=204, headers=PRIVATE)
    cookie = session_cookie(request)
    response.delete_cookie(
        cookie.name, path=cookie.path, secure=cookie.secure, httponly=True, samesite="strict"
    )
    return response
