"""``/v1/session/second-factor``: set up, confirm and remove one's own second factor."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth.accounts import Account, get_account
from api.auth.principal import CurrentUser
from api.auth.second_factor import SecondFactors, reset_second_factor, state_of
from api.endpoints.query import NoQuery
from api.errors import SignInError
from api.http.responses import PRIVATE, private_json
from api.http.schemas import EnrolmentAnswer, RecoveryCodes, SecondFactorAnswer, SecondFactorCode

__all__ = ["OwnAccount", "router"]

router = APIRouter(prefix="/v1/session/second-factor", tags=["session"])


def _own_account(request: Request, principal: CurrentUser) -> Account:
    if principal.name is None:
        raise SignInError("session.needed")
    return get_account(request.app.state.register, principal.name)


OwnAccount = Annotated[Account, Depends(_own_account)]
"""The account that is signed in; without one the request is refused."""


def _factors(request: Request) -> SecondFactors:
    factors: SecondFactors = request.app.state.second_factors
    return factors


@router.get("", response_model=SecondFactorAnswer, summary="Is there a second factor")
def get_second_factor(request: Request, account: OwnAccount, _query: NoQuery) -> Response:
    """Whether sign-ins ask for a code, and how many recovery codes are left."""
    return private_json(asdict(state_of(request.app.state.register, account)))


@router.post("", response_model=EnrolmentAnswer, summary="Set up a second factor")
def begin_second_factor(request: Request, account: OwnAccount, _query: NoQuery) -> Response:
    """A new secret for an authenticator: as text, as address and as QR code (SVG).

    It asks nothing of anybody until it is confirmed; one that was not is replaced.
    """
    enrolment = _factors(request).begin(account)
    return private_json({**asdict(enrolment), "picture": enrolment.picture})


@router.post("/confirmation", response_model=RecoveryCodes, summary="Confirm the second factor")
def confirm_second_factor(
    request: Request, account: OwnAccount, body: SecondFactorCode, _query: NoQuery
) -> Response:
    """Its first code puts it in force; the recovery codes are in this answer and nowhere else."""
    return private_json({"recovery_codes": _factors(request).confirm(account, body.code)})


@router.post("/removal", status_code=204, response_class=Response, summary="Remove it")
def remove_second_factor(
    request: Request, account: OwnAccount, body: SecondFactorCode, _query: NoQuery
) -> Response:
    """Needs a code of the authenticator, or a recovery code."""
    _factors(request).require(account, body.code)
    reset_second_factor(request.app.state.register, account)
    return Response(status_code=204, headers=PRIVATE)
