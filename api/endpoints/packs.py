"""``/v1/packs``: the offline pack of an area as the reader's tier has it, with classification."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.endpoints.exports import file_heading, file_turn
from api.endpoints.query import Code, NoQuery
from api.http.responses import TierRelease
from layers.documents import Contents, find_subject
from layers.documents.pack import pack_page

__all__ = ["router"]

router = APIRouter(prefix="/v1/packs", tags=["packs"])


class _Html(Response):
    media_type = "text/html"


@router.get("/{code}", summary="An area as a page for a phone offline", response_class=_Html)
def get_pack(request: Request, view: TierRelease, code: Code, _query: NoQuery) -> Response:
    """One HTML file that asks for nothing: map, offices, whom to call, what to do and the villages
    by name, in every language. Above the public tier it carries a mark of the account that took
    it. At most two files are made at a time: then 429 and ``Retry-After``.
    """
    view.feature("areas", code)
    with file_turn():
        contents = Contents(view.release, view.tier, view.principal.province)
        heading = file_heading(request, view, f"pack {code}")
        page = pack_page(contents, find_subject(contents, code), heading)
    answer = view.respond_bytes(page.encode(), media_type="text/html; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="petajaga-{code}.html"'
    return answer
