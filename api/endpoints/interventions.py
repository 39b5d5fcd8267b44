"""``/v1/interventions``: what was done where from when, and whether the counts say it helped."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.audit import audit_row, record
from api.endpoints.query import NoQuery
from api.errors import NotFoundError
from api.http.dependencies import (
    Administrator,
    body_as,
    documented,
    evaluated,
    json_body,
    refuse_other_methods,
)
from api.http.responses import TierRelease, TierView, as_json, private_json
from api.http.schemas import InterventionAnswer, InterventionsAnswer, StrictBody
from api.state.intervention_store import (
    add_interventions,
    own_interventions,
    remove_intervention,
)
from geo.errors import InputError

__all__ = ["router"]

router = APIRouter(prefix="/v1/interventions", tags=["interventions"])


class InterventionBody(StrictBody):
    """An intervention of an office; lists are texts with semicolons, dates no finer than a month.

    ``aim`` is ``measure:class:direction``, such as ``interceptions:nonprocedural:more``; the first
    is what the verdict is of.
    """

    id: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=120)
    name_en: str = Field(default="", max_length=120)
    kind: str = Field(max_length=16)
    area_codes: str = Field(max_length=400)
    terminal_ids: str = Field(default="", max_length=400)
    start: str = Field(max_length=7)
    until: str = Field(default="", max_length=7)
    aim: str = Field(max_length=400)
    effort: str = Field(default="", max_length=100)
    source: str = Field(max_length=200)
    note: str = Field(default="", max_length=300)


@router.get("", response_model=InterventionsAnswer, summary="Interventions and their verdicts")
async def list_interventions(view: TierRelease, _query: NoQuery) -> Response:
    """Each with one honest sentence: mostly, that a change cannot be told from noise. Interceptions
    are first of all watching; fewer of them are no success.
    """
    return await _respond(view, None)


@router.get("/{id}", response_model=InterventionAnswer, summary="One intervention, in whole")
async def get_intervention(view: TierRelease, id: str, _query: NoQuery) -> Response:  # noqa: A002
    """What could be seen at all, then the estimate, the years, placebos and paired outcomes."""
    return await _respond(view, id)


@router.post(
    "", response_model=dict[str, Any], status_code=201, summary="Add an office's intervention",
    openapi_extra=documented(InterventionBody),
)  # fmt: skip
async def post_intervention(
    request: Request, principal: Administrator, _query: NoQuery
) -> Response:
    """Keep a dated intervention; desks that plan see it, those of its areas alone."""
    body = body_as(InterventionBody, await json_body(request))

    def add() -> dict[str, str]:
        kept = add_interventions(request.app.state.register, [body.model_dump()])[0]
        row = audit_row(
            account=principal.name or "", tier=principal.tier, action="interventions.add",
            status=201, target=kept["id"],
        )  # fmt: skip
        record(request.app.state.register, row)
        return kept

    return private_json(await run_in_threadpool(add), status=201)


@router.delete("/{id}", status_code=204, summary="Remove an office's intervention")
async def delete_intervention(
    request: Request,
    id: str,  # noqa: A002
    principal: Administrator,
    _query: NoQuery,
) -> Response:
    """Take an office's own intervention out of the register again."""

    def remove() -> None:
        register = request.app.state.register
        remove_intervention(register, id)
        record(register, audit_row(
            account=principal.name or "", tier=principal.tier, action="interventions.remove",
            status=204, target=id,
        ))  # fmt: skip

    await run_in_threadpool(remove)
    return Response(status_code=204)


async def _respond(view: TierView, id: str | None) -> Response:  # noqa: A002
    own: list[dict[str, Any]] = []
    if view.principal.rights.plans:  # what offices did is for who plans
        own = await run_in_threadpool(own_interventions, view.request.app.state.register)
    try:
        found = await evaluated(view, "interventions", id=id, own=own)
    except InputError as error:  # nothing tells what is hidden from what is not there
        raise (NotFoundError if error.code == "intervention.unknown" else error) from None
    body = as_json({"release": view.id, **found})
    # of the answer alone: rows that the reader may not know of leave it what it is
    return view.respond_bytes(body, variant=hashlib.sha256(body).hexdigest())


refuse_other_methods(router)
