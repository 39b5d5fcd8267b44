"""``/v1/exports``: a layer as a file, as the reader's tier has it, with its classification."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.audit import audit_row, record
from api.auth.principal import reader_language
from api.endpoints.query import FileQuery
from api.errors import TooManyRequestsError
from api.http.responses import TierRelease, TierView
from layers.exports.export import FileForm, export_layer
from layers.release.marking import Marking, marking

__all__ = ["file_heading", "router"]

router = APIRouter(prefix="/v1/exports", tags=["exports"])

Format = Literal["gpkg", "fgb", "geojson", "parquet", "csv", "csv-excel-id", "xlsx"]
_MEDIA_TYPES: dict[Format, str] = {
    "gpkg": "application/geopackage+sqlite3",
    "fgb": "application/vnd.flatgeobuf",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "csv-excel-id": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_AT_ONCE, _RETRY_SECONDS = 2, 5
_turns = threading.BoundedSemaphore(_AT_ONCE)


class ExportQuery(FileQuery):
    """Format, and language of headings, of words for codes and of comments."""

    format: Format = "gpkg"


def file_heading(request: Request, view: TierView, what: str) -> Marking:
    """Heading and hidden mark of a file for a signed-in reader, with a row in the audit that names
    the account; of the public tier there is neither.

    Raises
    ------
    EnvironmentProblem
        The audit cannot be written, or the key not read; then no file may be.
    """
    principal = view.principal
    if principal.name is None:
        return Marking.of(view.release, view.tier)
    heading = marking(view.release, view.tier, home=request.app.state.home, account=principal.name)
    if heading.code:
        target = f"{heading.code} {view.tier} {what}"
        row = audit_row(
            account=principal.name, tier=view.tier, action="file", status=200, target=target
        )
        record(request.app.state.register, row)
    return heading


@router.get("/{layer}", summary="A layer as a file", response_class=Response)
def get_export(
    request: Request, view: TierRelease, layer: str, query: Annotated[ExportQuery, Query()]
) -> Response:
    """Rows and fields are those that the reader's tier sees; villages are by name, without numbers
    that rank them. Files above the public tier carry a mark of the account that took them. At most
    two are made at a time: then 429 and ``Retry-After``.
    """
    view.layer(layer)
    ending = query.format.partition("-")[0]
    form = FileForm(language=reader_language(request), excel_id=query.format == "csv-excel-id")
    with _turn(), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"petajaga-{layer}.{ending}"
        heading = file_heading(request, view, f"export {file.name}")
        export_layer(
            view.release, layer, file, tier=view.tier, province=view.principal.province,
            heading=heading, form=form,
        )  # fmt: skip
        content = file.read_bytes()
    answer = view.respond_bytes(
        content, media_type=_MEDIA_TYPES[query.format], language=form.language,
        variant=heading.text(form.language),
    )  # fmt: skip
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer


@contextmanager
def _turn() -> Iterator[None]:
    """One of the few files made at a time; waiting ones would hold the threads of other answers."""
    if not _turns.acquire(blocking=False):
        raise TooManyRequestsError("http.exports_busy", retry_seconds=_RETRY_SECONDS)
    try:
        yield
    finally:
        _turns.release()
