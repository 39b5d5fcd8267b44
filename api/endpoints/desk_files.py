"""The parts of the map application that belong to a desk: files only its tier may have.

They lie outside the folder of static files, so that no spelling of an address reaches them without
a sign-in; to everyone else the address answers like one that does not exist.
"""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from api.caller import Asking
from api.errors import NotFoundError

__all__ = ["DESKS", "router"]

DESKS = Path(__file__).resolve().parents[1] / "desks"
"""One folder a tier: ``partner`` (police have it too) and ``police``."""
_MAY_READ = {"partner": ("partner", "police"), "police": ("police",)}
_NAME = re.compile(r"[a-z_]{1,40}\.js", re.ASCII)

router = APIRouter(include_in_schema=False)


@router.get("/desk/{folder}/{name}")
async def desk_file(folder: str, name: str, caller: Asking) -> Response:
    """One module of a desk."""
    path = DESKS / folder / name
    if caller.tier not in _MAY_READ.get(folder, ()) or not _NAME.fullmatch(name):
        raise NotFoundError
    if not path.is_file():
        raise NotFoundError
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(path, media_type="text/javascript; charset=utf-8", headers=headers)
