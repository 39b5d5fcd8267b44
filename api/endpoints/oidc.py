"""``/v1/session/oidc``: sign in by the agency's own service; only where it is set up."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.auth.accounts import Account
from api.auth.cookies import flow_cookie
from api.auth.identities import account_of_subject
from api.auth.oidc import Provider, new_flow
from api.auth.principal import Principal, accepted_values
from api.auth.purposes import PURPOSES, PurposeName, stated_purpose
from api.auth.rate_limit import SignInLimiter
from api.endpoints.session import record_failure, set_session_cookie, start_session
from api.errors import SignInError
from api.register.database import Register
from geo.errors import InputError

__all__ = ["router"]

router = APIRouter(prefix="/v1/session/oidc", include_in_schema=False)

_FLOW_SECONDS = 600


def _home(request: Request) -> str:
    return str(request.url_for("map_application"))


@router.get("")
async def begin_oidc(request: Request, purpose: PurposeName | None = None) -> Response:
    """To the provider, which sends the browser back to the next address.

    The police say what for, as at a sign-in with a password.
    """
    provider: Provider = request.app.state.oidc
    flow = new_flow()
    address = await provider.address(flow, redirect_uri=_redirect_uri(request))
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    cookie, value = flow_cookie(request), f"{flow}.{purpose or ''}"
    response.set_cookie(
        cookie.name, value, max_age=_FLOW_SECONDS, path=cookie.path, secure=cookie.secure,
        httponly=True, samesite="lax",  # it comes back with a navigation from the provider
    )  # fmt: skip
    return response


@router.get("/callback")
async def oidc_callback(request: Request) -> Response:
    """Sign in the account that the person's subject is linked to, and open the map.

    A refused person is sent to the map too, which says so; a program gets the problem.
    """
    try:
        account, purpose = await _account(request)
    except (SignInError, InputError) as refused:
        register: Register = request.app.state.register
        await run_in_threadpool(record_failure, register, "")  # of no name
        if "text/html" not in accepted_values(request.headers.get("accept", "")):
            raise
        reason = refused.code.removeprefix("session.")
        query = {"refused": reason, "purposes": ",".join(refused.params.get("purposes", ()))}
        return RedirectResponse(f"{_home(request)}?{urlencode(query)}", 303)
    session = await run_in_threadpool(start_session, request, account, purpose)
    request.state.principal = Principal.of(account)
    response = RedirectResponse(_home(request), 303, {"Cache-Control": "no-store"})
    set_session_cookie(request, response, session)
    cookie = flow_cookie(request)
    response.delete_cookie(cookie.name, path=cookie.path, secure=cookie.secure, httponly=True)
    return response


async def _account(request: Request) -> tuple[Account, str]:
    """The account of the person who comes back, and the purpose that was stated."""
    provider: Provider = request.app.state.oidc
    limiter: SignInLimiter = request.app.state.limiter
    source = request.client.host if request.client else ""
    limiter.attempt(name=f"oidc {source}", source=source)
    flow, _, purpose = request.cookies.get(flow_cookie(request).name, "").partition(".")
    subject = await provider.subject(
        flow,
        redirect_uri=_redirect_uri(request),
        answer=request.query_params,
    )
    register: Register = request.app.state.register
    account = await run_in_threadpool(
        account_of_subject, register, issuer=provider.issuer, subject=subject
    )
    if account is None:
        raise SignInError("session.oidc_not_linked", subject=subject)
    limiter.succeeded(name=f"oidc {source}", source=source)
    stated = next((name for name in PURPOSES if name == purpose), None)
    return account, stated_purpose(Principal.of(account).rights, stated, "")


def _redirect_uri(request: Request) -> str:
    return str(request.url_for("oidc_callback"))
