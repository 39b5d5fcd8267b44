"""``/v1/accounts`` and ``/v1/audit``: who may sign in and what was done, for administrators alone.

An administrator here is an account with that flag whose office sees the whole release: rows of the
audit name posts and landings, and who makes accounts could make one that sees more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.accounts import (
    MOST_ORGANISATION,
    Account,
    NewAccount,
    add_account,
    get_account,
    list_accounts,
    remove_account,
    set_password,
)
from api.auth.audit import audit_row, entries, record
from api.endpoints.query import NoQuery, StrictQuery
from api.errors import ConflictError
from api.http.dependencies import (
    Administrator,
    body_as,
    documented,
    json_body,
    refuse_other_methods,
)
from api.http.responses import PRIVATE, private_json
from api.http.schemas import StrictBody
from layers.desks import DESKS
from layers.visibility import rights_of

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["administration"])


class AccountRow(BaseModel):
    """An account, never with a password."""

    name: str
    desk: str
    tier: str
    province_code: str | None
    language: str
    created_at: str
    administrator: bool
    organisation: str | None
    whole_country: bool


class AccountsAnswer(BaseModel):
    """Every account, by name; ``desks`` are those an account may be of, with their tiers."""

    accounts: list[AccountRow]
    desks: dict[str, list[str]]


class NewAccountAnswer(AccountRow):
    """A new account, or one with a new password, which is shown only now."""

    password: str


class AccountBody(StrictBody):
    """A new account; the password is made by the service."""

    name: str = Field(min_length=1, max_length=64)
    desk: str = Field(max_length=16)
    tier: str = Field(max_length=16)
    province_code: str | None = Field(default=None, max_length=2)
    language: str = Field(default="id", max_length=8)
    organisation: str | None = Field(default=None, max_length=MOST_ORGANISATION)
    administrator: bool = Field(
        default=False,
        strict=True,
        description="May start rebuilds; of a national police office also manage accounts.",
    )


class AuditQuery(StrictQuery):
    """Rows of one account or action; the newest first."""

    account: str | None = Field(default=None, max_length=64)
    action: str | None = Field(default=None, max_length=64)
    limit: int = Field(default=100, ge=1, le=1000)


class AuditRow(BaseModel):
    """What one account did."""

    at: str
    account: str
    tier: str
    action: str
    target: str
    parameters: str
    status: int


class AuditAnswer(BaseModel):
    """Rows of the audit."""

    rows: list[AuditRow]


@router.get("/accounts", response_model=AccountsAnswer, summary="The accounts")
def get_accounts(request: Request, _principal: Administrator, _query: NoQuery) -> Response:
    """Every account with its desk, tier and province, without passwords."""
    accounts = list_accounts(request.app.state.register)
    desks = {slug: list(desk.tiers) for slug, desk in DESKS.items()}
    return private_json({"accounts": [_row(account) for account in accounts], "desks": desks})


@router.post(
    "/accounts",
    response_model=NewAccountAnswer,
    status_code=201,
    summary="Add an account",
    openapi_extra=documented(AccountBody),
)
async def post_account(request: Request, principal: Administrator, _query: NoQuery) -> Response:
    """Add an account; its password is in the answer, and nowhere else."""
    body = body_as(AccountBody, await json_body(request))

    def add() -> NewAccount:
        new = add_account(request.app.state.register, **body.model_dump())
        _record(request, principal.name, "accounts.add", new.account.name)
        return new

    return private_json(_shown(await run_in_threadpool(add)), status=201)


@router.post(
    "/accounts/{name}/password",
    response_model=NewAccountAnswer,
    summary="Give an account a new password",
)
def post_password(
    request: Request, principal: Administrator, name: str, _query: NoQuery
) -> Response:
    """End its sign-ins; the new password is in the answer, and nowhere else."""
    new = set_password(request.app.state.register, name)
    _record(request, principal.name, "accounts.reset", new.account.name)
    return private_json(_shown(new))


@router.delete(
    "/accounts/{name}", status_code=204, summary="Remove an account", response_class=Response
)
def delete_account(
    request: Request, principal: Administrator, name: str, _query: NoQuery
) -> Response:
    """End its sign-ins; its rows in the audit stay. Nobody removes the own account."""
    account = get_account(request.app.state.register, name)
    if account.name == principal.name:
        raise ConflictError("accounts.own")
    remove_account(request.app.state.register, account.name)
    _record(request, principal.name, "accounts.remove", account.name)
    return Response(status_code=204, headers=PRIVATE)


@router.get("/audit", response_model=AuditAnswer, summary="What was done")
def get_audit(
    request: Request, _principal: Administrator, query: Annotated[AuditQuery, Query()]
) -> Response:
    """The newest rows; ``alert.bulk`` are the days on which an account took very much."""
    rows = entries(
        request.app.state.register, account=query.account, action=query.action, limit=query.limit
    )
    names = AuditRow.model_fields
    return private_json({"rows": [{name: row[name] for name in names} for row in rows]})


refuse_other_methods(router)


def _row(account: Account) -> Mapping[str, Any]:
    rights = rights_of(account.tier, account.province_code)
    row = {key: value for key, value in asdict(account).items() if key != "id"}
    return {**row, "whole_country": rights.whole_release}


def _shown(new: NewAccount) -> dict[str, Any]:
    return {**_row(new.account), "password": new.password}


def _record(request: Request, by: str | None, action: str, name: str) -> None:
    tier = request.state.principal.tier
    row = audit_row(account=by or "", tier=tier, action=action, status=200, target=name)
    record(request.app.state.register, row)
