"""``/health``: the service answers; ``/ready``: it can do its work, too."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.responses import JSON, as_json
from api.http.schemas import Health
from api.state.release_holder import CurrentRelease, ReleaseView
from geo.errors import BrokenReleaseError
from layers.release.verify import verify
from layers.visibility import ANONYMOUS

router = APIRouter()

_READY_SECONDS = 2.0
"""How long a write to the register counts, so that nobody makes it write without end."""


def _answer(status: str, view: ReleaseView) -> Response:
    edition = view.release.edition
    seen: dict[str, Any] = edition.as_dict(whole=False) if edition else {}
    body = as_json({
        "status": status, "release": view.id(ANONYMOUS),
        "edition": seen.get("number"), "date": seen.get("date"), "approval": seen.get("approval"),
        "approved": edition is not None and edition.served_to_others,
    })  # fmt: skip
    return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"})


@router.get("/health", response_model=Health, tags=["service"], summary="Whether it answers")
async def health(view: CurrentRelease) -> Response:
    """Answer ``ok`` and the release (as the public tier knows it); never cached."""
    return _answer("ok", view)


@router.get("/ready", response_model=Health, tags=["service"], summary="Whether it can work")
def ready(request: Request, view: CurrentRelease) -> Response:
    """Answer ``ready`` if the release is whole and the register written, else 503."""
    try:
        verify(view.release.folder)
    except BrokenReleaseError as error:  # which names the folder
        raise BrokenReleaseError("release.not_whole") from error
    state, now = request.app.state, time.monotonic()
    if now - getattr(state, "written_at", -_READY_SECONDS) >= _READY_SECONDS:
        state.register.check_writable()
        state.written_at = now
    return _answer("ready", view)
