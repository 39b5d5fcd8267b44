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
    body = as_json({"status": "ok", "release": view.id(ANONYMOUS)})
    return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"})
