"""``/v1/keys``: keys of one's own account for programs, such as a saved QGIS project."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.keys import Keys, keys_of, revoke_key
from api.auth.second_factor import SecondFactors
from api.endpoints.query import NoQuery
from api.endpoints.second_factor import OwnAccount
from api.http.responses import PRIVATE, private_json
from api.http.schemas import KeyAnswer, KeyBody, KeysAnswer

__all__ = ["router"]

router = APIRouter(prefix="/v1/keys", tags=["session"])


@router.get("", response_model=KeysAnswer, summary="The account's keys")
def list_keys(request: Request, account: OwnAccount, _query: NoQuery) -> Response:
    """Purpose, expiry and last day of use of each key; never the key itself."""
    keys = keys_of(request.app.state.register, account)
    return private_json({"keys": [asdict(key) for key in keys]})


@router.post("", response_model=KeyAnswer, status_code=201, summary="Make a key")
def make_key(request: Request, account: OwnAccount, body: KeyBody, _query: NoQuery) -> Response:
    """A key that reads what the account sees until it expires; it is shown only now.

    Send it as ``Authorization: Bearer``, or as the password of HTTP Basic beside the account's
    name. It reads ``/ogc``, areas, corridors, terminals, exports and releases. Where the account
    has a second factor, a code is needed.
    """
    factors: SecondFactors = request.app.state.second_factors
    keys: Keys = request.app.state.keys
    factors.require(account, body.code)
    new = keys.make(account, purpose=body.purpose, days=body.days)
    return private_json({**asdict(new.key), "key": new.text}, status=201)


@router.delete("/{key_id}", status_code=204, response_class=Response, summary="Revoke a key")
def delete_key(request: Request, account: OwnAccount, key_id: str, _query: NoQuery) -> Response:
    """From now on it is refused."""
    revoke_key(request.app.state.register, account, key_id)
    return Response(status_code=204, headers=PRIVATE)
