"""``/health``: the service answers."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.http.responses import JSON, as_json
from api.http.schemas import Health
from api.state.release_holder import CurrentRelease
from layers.visibility import ANONYMOUS

router = APIRouter()


@router.get("/health", response_model=Health, tags=["service"], summary="Whether it answers")
async def health(view: CurrentRelease) -> Response:
    """Answer ``ok`` and the release (as the public tier knows it); never cached."""
    edition = view.release.edition
    body = as_json({
        "status": "ok", "release": view.id(ANONYMOUS),
        "edition": edition.number if edition else None,
        "approved": edition is not None and edition.served_to_others,
    })  # fmt: skip
    return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"})
