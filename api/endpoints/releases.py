"""``/v1/releases/current``: what is being served, as this tier may know it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser
from api.endpoints.query import NoQuery
from api.http.responses import as_json, respond
from api.http.schemas import ReleaseAnswer
from api.state.release_holder import CurrentRelease

router = APIRouter(prefix="/v1/releases", tags=["releases"])


@router.get("/current", response_model=ReleaseAnswer, summary="The release being served")
def current_release(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """Id, layers with their row counts, caveats and attribution of the release."""
    manifest = view.release.manifest(principal.tier)
    # `release` is the tier's id in every answer; the whole's id is the operator's affair.
    body = {**manifest, "release": view.id(principal.tier)}
    return respond(request, principal, view, as_json(body))
