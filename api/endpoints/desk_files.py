"""The parts of the map application that belong to a desk: files only that desk may have.

They lie outside the folders that ``/static`` serves, so that no spelling of an address reaches them
without a sign-in; to everyone else the address answers like one that does not exist.
"""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from api.auth.principal import CurrentUser
from api.endpoints.site import WEB, constants_module
from api.errors import NotFoundError
from api.http.responses import PRIVATE
from layers.palette import POST_SIGN, SIGNS
from layers.registry import layers_for
from layers.visibility import ANONYMOUS, RIGHTS

__all__ = ["router"]

_DESK_FILES = WEB / "desks"
"""One folder a desk, and ``common`` for what they share."""
_SCRIPT = "text/javascript; charset=utf-8"
_NAME = re.compile(r"[a-z-]{1,40}\.js", re.ASCII)

router = APIRouter(include_in_schema=False)


@router.get("/desk/{folder}/signs.js")
async def desk_signs(folder: str, principal: CurrentUser) -> Response:
    """The signs that the public's page does not know: of terminals, and of posts."""
    hidden = RIGHTS[ANONYMOUS].hidden_signs - principal.rights.hidden_signs
    if not hidden or folder != principal.desk_page:
        raise NotFoundError
    signs = {kind: SIGNS[kind] for kind in sorted(hidden)}
    if "posts" in layers_for(principal.tier):
        signs["post"] = POST_SIGN
    module = constants_module({"SIGNS": signs})
    return Response(module, media_type=_SCRIPT, headers=PRIVATE)


@router.get("/desk/{folder}/{name}")
async def desk_file(folder: str, name: str, principal: CurrentUser) -> Response:
    """One module of a desk."""
    desk, path = principal.desk_page, _DESK_FILES / folder / name
    readable = desk is not None and folder in {"common", desk}
    if not (readable and _NAME.fullmatch(name) and path.is_file()):
        raise NotFoundError
    return FileResponse(path, media_type=_SCRIPT, headers=PRIVATE)
