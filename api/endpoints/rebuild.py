"""``/v1/rebuild``: from the imports that wait to a new release, started by an administrator.

A rebuild is a job of the service, whatever becomes of the page that started it. The service takes
up the new release by itself. Every desk that imports sees how far it is.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import reader_language
from api.endpoints.query import NoQuery
from api.errors import NotFoundError
from api.http.dependencies import Importer, refuse_other_methods
from api.http.responses import private_json
from api.http.schemas import RebuildAnswer
from api.state.rebuilds import Rebuilds

__all__ = ["router"]

router = APIRouter(prefix="/v1/rebuild", tags=["imports"])


def _rebuilds(request: Request) -> Rebuilds:
    rebuilds: Rebuilds = request.app.state.rebuilds
    return rebuilds


@router.get("", response_model=RebuildAnswer, summary="The last rebuild")
async def get_rebuild(request: Request, principal: Importer, _query: NoQuery) -> Response:
    """State and progress of the rebuild that runs, or the result of the last one."""
    document = _rebuilds(request).document(principal, reader_language(request))
    return private_json({"rebuild": document})


@router.post("", response_model=RebuildAnswer, status_code=202, summary="Rebuild and publish")
async def start_rebuild(request: Request, principal: Importer, _query: NoQuery) -> Response:
    """Build from the data as they are now and publish; one at a time, by an administrator."""
    if not principal.administrator:
        raise NotFoundError
    document = _rebuilds(request).start(principal, reader_language(request))
    return private_json({"rebuild": document}, status=202)


@router.delete("", response_model=RebuildAnswer, summary="Cancel the rebuild")
async def cancel_rebuild(request: Request, principal: Importer, _query: NoQuery) -> Response:
    """End the rebuild that runs, which changes nothing; the current release stays."""
    if not principal.administrator:
        raise NotFoundError
    rebuilds, language = _rebuilds(request), reader_language(request)
    document = await run_in_threadpool(rebuilds.cancel, principal, language)
    return private_json({"rebuild": document})


refuse_other_methods(router)
