"""``/v1/releases``: editions, and what is being served, as this tier may know them."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.query import NoQuery
from api.http.responses import TierRelease, as_json
from api.http.schemas import ReleaseAnswer, ReleasesAnswer
from layers.release.editions import editions

router = APIRouter(prefix="/v1/releases", tags=["releases"])


@router.get("", response_model=ReleasesAnswer, summary="The editions of this installation")
def list_releases(view: TierRelease, _query: NoQuery) -> Response:
    """Number, date and approval of each edition, the newest first."""
    whole = view.principal.rights.whole_release
    served = view.release.edition
    rows = [
        {**edition.as_dict(whole=whole), "current": edition == served}
        for edition in reversed(editions(view.release.folder.parent))
        if whole or edition.served_to_others or edition == served
    ]
    body = as_json({"release": view.id, "releases": rows})
    return view.respond_bytes(body, variant=str(rows))


@router.get("/current", response_model=ReleaseAnswer, summary="The release being served")
def current_release(view: TierRelease, _query: NoQuery) -> Response:
    """Id, layers with their row counts, caveats and attribution of the release."""
    # `release` is the tier's id in every answer; the id of the whole is the operator's alone.
    body = {**view.manifest, "release": view.id}
    # number and approval of the edition are no part of the release's content
    return view.respond_bytes(as_json(body), variant=str(body["edition"]))
