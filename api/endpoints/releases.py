"""``/v1/releases/current``: what is being served, as this tier may know it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.query import NoQuery
from api.http.responses import TierRelease, as_json
from api.http.schemas import ReleaseAnswer

router = APIRouter(prefix="/v1/releases", tags=["releases"])


@router.get("/current", response_model=ReleaseAnswer, summary="The release being served")
def current_release(view: TierRelease, _query: NoQuery) -> Response:
    """Id, layers with their row counts, caveats and attribution of the release."""
    # `release` is the tier's id in every answer; the id of the whole is the operator's alone.
    body = {**view.manifest, "release": view.id}
    # number and approval of the edition are no part of the release's content
    return view.respond_bytes(as_json(body), variant=str(body["edition"]))
