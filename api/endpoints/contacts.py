"""``/v1/contacts``: numbers of offices and when they were last checked, for administrators."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.audit import audit_row, record
from api.auth.principal import Principal
from api.endpoints.place_card import rows_of
from api.endpoints.query import NoQuery
from api.errors import NotFoundError
from api.http.dependencies import (
    Administrator,
    body_as,
    documented,
    json_body,
    refuse_other_methods,
)
from api.http.responses import PRIVATE, TierRelease, TierView, private_json
from api.http.schemas import StrictBody
from api.state.contact_checks import ContactChecks, contact_list
from geo.imports.days import today
from layers.query.conditions import Compare

__all__ = ["router"]

router = APIRouter(prefix="/v1/contacts", tags=["administration"])


class ContactRow(BaseModel):
    """An office with a number; ``checked`` is when a page announced it, or the later month in
    which it was confirmed, and ``shown`` whether that is recent enough to show it today.
    """

    id: str
    kind: str
    name: str
    area_code: str | None
    place: str | None
    phone: str
    announced: str | None
    checked: str
    source: str | None
    confirmed: bool
    shown: bool


class ContactsAnswer(BaseModel):
    """Offices with a number, those to be checked first."""

    contacts: list[ContactRow]


class CheckBody(StrictBody):
    """The month in which the office confirmed its number."""

    checked: str = Field(min_length=1, max_length=16, description="As 2026-11.")


@router.get("", response_model=ContactsAnswer, summary="Numbers of offices, and their checks")
def list_contacts(
    request: Request, view: TierRelease, _principal: Administrator, _query: NoQuery
) -> Response:
    """Every office with a number; who asks for an area is shown those of the last twelve months."""
    checks: ContactChecks = request.app.state.contact_checks
    rows = contact_list(rows_of(view, "services", unchecked=True), checks.current(), day=today())
    return private_json({"contacts": rows})


@router.put(
    "/{service_id}", response_model=ContactRow, summary="Confirm the number of an office",
    openapi_extra=documented(CheckBody),
)  # fmt: skip
async def put_contact(
    request: Request, view: TierRelease, service_id: str, principal: Administrator, _query: NoQuery
) -> Response:
    """Say in which month the number was checked with the office: it is shown for twelve more."""
    body = body_as(CheckBody, await json_body(request))

    def confirm() -> dict[str, Any]:
        checks: ContactChecks = request.app.state.contact_checks
        row = checks.confirm(_office(view, service_id), body.checked, day=today())
        _record(request, principal, "contacts.confirm", service_id)
        return row

    return private_json(await run_in_threadpool(confirm))


@router.delete(
    "/{service_id}", status_code=204, summary="Take a check back", response_class=Response
)
def delete_contact(
    request: Request, service_id: str, principal: Administrator, _query: NoQuery
) -> Response:
    """The number is again as old as the page that announced it."""
    checks: ContactChecks = request.app.state.contact_checks
    checks.withdraw(service_id)
    _record(request, principal, "contacts.withdraw", service_id)
    return Response(status_code=204, headers=PRIVATE)


refuse_other_methods(router)


def _office(view: TierView, service_id: str) -> dict[str, Any]:
    rows = rows_of(view, "services", where=Compare("id", "=", service_id), unchecked=True)
    if not rows:
        raise NotFoundError
    return rows[0]


def _record(request: Request, principal: Principal, action: str, target: str) -> None:
    status = 200 if action == "contacts.confirm" else 204
    record(request.app.state.register, audit_row(
        account=principal.name or "", tier=principal.tier, action=action, status=status,
        target=target,
    ))  # fmt: skip
