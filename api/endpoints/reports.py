"""``/v1/reports/{area}``: the report of a task force and the activities it proposes.

For those who plan, of their own province; for everyone else the address does not exist.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import reader_language
from api.endpoints.exports import file_heading
from api.endpoints.jobs import XLSX
from api.endpoints.place_card import area_names, rows_of
from api.endpoints.query import FileQuery
from api.errors import NotFoundError
from api.http.dependencies import Planner, refuse_other_methods
from api.http.responses import PRIVATE, TierView, private_json
from api.state.reports import Reports
from geo.codes import CODE_LENGTHS, COUNTRY
from geo.periods import period_of
from layers.reports.docx import report_document
from layers.reports.national import NationalReport
from layers.reports.national_files import national_book, national_document
from layers.reports.values import Proposal, Report
from layers.reports.xlsx import proposal_book, proposal_text, report_book

__all__ = ["router"]

router = APIRouter(prefix="/v1/reports", tags=["plans"])

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LEVELS = (CODE_LENGTHS["province"], CODE_LENGTHS["regency"])


class ReportQuery(FileQuery):
    """For when, and the language of a file."""

    period: str = Field(max_length=8, examples=["2026-Q4", "2026-H2", "2026"])


class ProposalQuery(ReportQuery):
    """Which sub-activity alone, and rupiah for one village in place of what the budget says."""

    sub_activity: str = Field(default="", max_length=120)
    unit_cost: float | None = Field(default=None, ge=0, le=1e15)


@router.get("/{area}", summary="The report of a task force")
async def get_report(view: Planner, area: str, query: Annotated[ReportQuery, Query()]) -> Response:
    """Indicators of the plan of action by sub task force: target, done, ceiling, spent, where each
    figure comes from, and why one is not there. ``ID`` is the national plan of action, in
    ``nation``, and all provinces side by side, for accounts of no province.
    """
    return private_json(await run_in_threadpool(lambda: _report(view, area, query).document()))


@router.get("/{area}/report.docx", summary="The report as a document of Word")
async def get_report_document(
    view: Planner, area: str, query: Annotated[ReportQuery, Query()]
) -> Response:
    """A table a sub task force, with cells for obstacle, follow-up and who."""
    return await _report_file(view, area, query, "docx")


@router.get("/{area}/report.xlsx", summary="The report as a spreadsheet")
async def get_report_table(
    view: Planner, area: str, query: Annotated[ReportQuery, Query()]
) -> Response:
    """One row an indicator, with blank cells for obstacle, follow-up and who."""
    return await _report_file(view, area, query, "xlsx")


@router.get("/{area}/proposal", summary="Activities to propose")
async def get_proposal(
    view: Planner, area: str, query: Annotated[ProposalQuery, Query()]
) -> Response:
    """The villages of adopted plans that are not yet done, as rows of the planning system."""
    return private_json(await run_in_threadpool(lambda: _proposal(view, area, query).document()))


@router.get("/{area}/proposal.xlsx", summary="Activities to propose as a spreadsheet")
async def get_proposal_table(
    view: Planner, area: str, query: Annotated[ProposalQuery, Query()]
) -> Response:
    """One row a sub-activity and village."""

    def work() -> bytes:
        proposal = _proposal(view, area, query)
        heading = file_heading(view.request, view, f"proposal {area}")
        return proposal_book(proposal, heading, reader_language(view.request))

    return _file(await run_in_threadpool(work), XLSX, f"usulan-{area}.xlsx")


@router.get("/{area}/proposal.tsv", summary="Activities to propose as text to paste")
async def get_proposal_text(
    view: Planner, area: str, query: Annotated[ProposalQuery, Query()]
) -> Response:
    """The same rows with tabs between the cells."""

    def work() -> bytes:
        proposal = _proposal(view, area, query)
        file_heading(view.request, view, f"proposal {area}")
        return proposal_text(proposal, reader_language(view.request)).encode()

    content = await run_in_threadpool(work)
    return _file(content, "text/tab-separated-values; charset=utf-8", f"usulan-{area}.tsv")


refuse_other_methods(router)


async def _report_file(view: TierView, area: str, query: ReportQuery, ending: str) -> Response:
    language = reader_language(view.request)

    def work() -> bytes:
        report = _report(view, area, query)
        heading = file_heading(view.request, view, f"report {area} {ending}")
        if isinstance(report, NationalReport):
            made = national_document if ending == "docx" else national_book
            return made(report, heading, language)
        written = report_document if ending == "docx" else report_book
        return written(report, heading, language)

    content = await run_in_threadpool(work)
    media_type = _DOCX if ending == "docx" else XLSX
    return _file(content, media_type, f"laporan-{area}-{query.period}.{ending}")


def _file(content: bytes, media_type: str, name: str) -> Response:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in name)
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{plain}"'}
    return Response(content, 200, headers, media_type)


def _reports(view: TierView, area: str) -> Reports:
    """Reports of an area that the principal may have; else as of one that does not exist."""
    names, own = area_names(view), view.principal.province
    known = area == COUNTRY or (len(area) in _LEVELS and area in names)
    if not known or own not in (None, area[:2]):
        raise NotFoundError
    state = view.request.app.state

    def rows(layer: str) -> list[dict[str, Any]]:
        scope = (f"report {layer}", *view.principal.scope)
        return view.release_view.once(scope, lambda: rows_of(view, layer, shapes=False))

    return Reports(
        state.register, state.home, view.principal, rows=rows, names=names,
        edition=view.release.edition,
    )  # fmt: skip


def _report(view: TierView, area: str, query: ReportQuery) -> Report | NationalReport:
    reports, period = _reports(view, area), period_of(query.period)
    return reports.national(period) if area == COUNTRY else reports.report(area, period)


def _proposal(view: TierView, area: str, query: ProposalQuery) -> Proposal:
    if area == COUNTRY:
        raise NotFoundError
    return _reports(view, area).proposal(
        area, period_of(query.period), sub_activity=query.sub_activity, unit_cost=query.unit_cost
    )
