"""``/v1/documents``: papers on a place as the reader's tier has it, with their classification."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import Principal, reader_language
from api.endpoints.coverage import planned_coverage
from api.endpoints.exports import file_heading
from api.endpoints.place_card import rows_of
from api.endpoints.query import BriefQuery, FileQuery
from api.errors import NotFoundError
from api.http.dependencies import evaluated
from api.http.responses import TierRelease, TierView
from geo.imports.days import today
from geo.periods import quarter_of
from layers.query.conditions import And, Compare, Or

__all__ = ["router"]

router = APIRouter(prefix="/v1/documents", tags=["documents"])

_LEVELS = Or((Compare("level", "=", "province"), Compare("level", "=", "regency")))
_SUBJECTS = (
    ("areas", "code", _LEVELS),
    ("terminals", "id", Compare("country", "=", "ID")),
    ("corridors", "id", None),
)
"""Layers of which there is a brief: the field that names one, and which of the rows."""
_AREA = re.compile(r"\d{2}(\.\d{2})?")
"""Codes of provinces and regencies."""
_PREFIX = {"brief": "", "referral_card": "referral-"}
"""Of a file's name, by the document."""


@router.get("/briefs/{subject}", summary="A two-page brief as PDF", response_class=Response)
async def get_brief(
    request: Request, view: TierRelease, subject: str, query: Annotated[BriefQuery, Query()]
) -> Response:
    """``subject`` is the code of a province or regency, or the id of a port or corridor. Files
    above the public tier carry a mark of the account that took them and may not be handed on;
    ``public`` asks for the one that may.
    """
    if query.public:
        view = replace(view, principal=Principal())
    planned = await run_in_threadpool(_planned, view, subject)
    return await _pdf(
        request, view, subject, "brief", "-publik" if query.public else "", planned=planned
    )


@router.get(
    "/referrals/{subject}", summary="A one-page referral card as PDF", response_class=Response
)
async def get_referral_card(
    request: Request, view: TierRelease, subject: str, _query: Annotated[FileQuery, Query()]
) -> Response:
    """Who must be told at each step, for the area of ``subject`` (as of a brief)."""
    return await _pdf(request, view, subject, "referral_card")


async def _pdf(
    request: Request, view: TierView, subject: str, document: str, ending: str = "", **more: Any
) -> Response:
    """A document in the reader's language, marked; ``ending`` is of the file's name, ``more`` what
    this document needs besides.
    """
    await run_in_threadpool(_check_subject, view, subject)
    language = reader_language(request)
    heading = await run_in_threadpool(file_heading, request, view, f"{document} {subject}")
    marking = asdict(heading)
    confirmed = request.app.state.contact_checks.current()
    packed = await evaluated(
        view, document, subject=subject, language=language, marking=marking, confirmed=confirmed,
        **more,
    )  # fmt: skip
    content = b64decode(packed)
    variant = f"{heading.text(language)} {sha256(content).hexdigest()}"
    answer = view.respond_bytes(
        content, media_type="application/pdf", language=language, variant=variant
    )
    name = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in subject)
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="petajaga-{_PREFIX[document]}{name}{ending}.pdf"'
    )
    return answer


def _planned(view: TierView, subject: str) -> dict[str, Any] | None:
    """What was planned and done in this quarter, of an area where the reader plans."""
    if not _AREA.fullmatch(subject):
        return None
    rows, areas = rows_of(view, "coverage"), rows_of(view, "areas")
    return planned_coverage(view, subject, quarter_of(today()), rows, areas)


def _check_subject(view: TierView, subject: str) -> None:
    """Refuse what the reader has not, like what does not exist."""
    for layer, field, rows in _SUBJECTS:
        named = Compare(field, "=", subject)
        where = named if rows is None else And((named, rows))
        if view.features(layer, where=where, limit=1).features:
            return
    raise NotFoundError
