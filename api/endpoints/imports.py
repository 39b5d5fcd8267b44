"""``/v1/imports``: the desks load their own data: tried first, then confirmed by id.

For everyone else the address does not exist. A planner may load places, boundaries, indicators,
counts, outreach and services of the own province, an NGO its visits and lists of villages;
terminals and legs are the police desk's, since the existing ones are not public, and so is a road
network, which changes every province. That posts can be loaded is for the police desk alone to
know; the police of a province load those at its terminals. Plans of action, budgets and calendars
are read by reports at once; what else is confirmed is used from the next build on
(``/v1/rebuild``).
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth.principal import Principal, reader_language
from api.endpoints.query import NoQuery, StrictQuery
from api.errors import NotFoundError
from api.http.dependencies import Importer, refuse_other_methods
from api.http.responses import PRIVATE, private_json
from api.http.schemas import (
    AgreementsAnswer,
    ImportAnswer,
    ImportKindsAnswer,
    ImportReport,
    ImportsAnswer,
)
from api.state.fair_queue import FairThreads
from geo.errors import InputError, UnknownNameError
from geo.i18n import has, text
from geo.imports.agreements import Agreement, agreement_template
from geo.imports.columns import Kind
from geo.imports.days import today
from geo.imports.kinds import KINDS, kind_named, template
from geo.imports.options import DECIMALS, SYSTEMS, Options
from geo.imports.proposals import sweep_proposals
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.service import confirm, propose
from geo.imports.store import (
    Entry,
    agreements,
    changed_since_build,
    entries,
    undo,
    undone_entries,
)
from geo.paths import Home
from layers.visibility import EXISTING_ROWS

__all__ = ["MOST_BYTES", "agreement_for", "router"]

MOST_BYTES = 32 * 1024 * 1024
"""Bytes of a file over HTTP; larger ones go through the command line."""


router = APIRouter(prefix="/v1/imports", tags=["imports"])


_MOST_FIELDS = 300
"""Fields of a form that say what the columns of a file are."""


@dataclass(frozen=True)
class _Upload:
    """What came with a file."""

    kind: str
    name: str
    part: str | None
    options: Options


class ImportQuery(StrictQuery):
    """Kind, name and part of a file that is the body itself and not part of a form."""

    kind: str | None = Field(default=None, max_length=20)
    name: str | None = Field(default=None, max_length=200)
    sheet: str | None = Field(default=None, max_length=200)
    layer: str | None = Field(default=None, max_length=200)
    map: list[str] = Field(default_factory=list, max_length=_MOST_FIELDS)
    codes: str | None = Field(default=None, max_length=20)
    decimal: str | None = Field(default=None, max_length=20)
    new_measure: list[str] = Field(default_factory=list, max_length=_MOST_FIELDS)


@router.post(
    "",
    response_model=ImportReport,
    summary="Try a file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["kind", "file"],
                        "properties": {
                            "kind": {"type": "string", "enum": sorted(KINDS)},
                            "file": {"type": "string", "format": "binary"},
                            "sheet": {"type": "string", "maxLength": 200},
                            "layer": {"type": "string", "maxLength": 200},
                            "map": {"type": "array", "items": {"type": "string"}},
                            "codes": {"type": "string", "enum": list(SYSTEMS)},
                            "decimal": {"type": "string", "enum": list(DECIMALS)},
                            "new_measure": {"type": "array", "items": {"type": "string"}},
                        },
                    }
                },
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
async def try_import(
    request: Request, principal: Importer, query: Annotated[ImportQuery, Query()]
) -> Response:
    """Read a file and report; nothing changes until the answer's ``id`` is confirmed.

    Send a form with ``kind`` and ``file``, or the file as the body with ``?kind=&name=``. Of a file
    with several, ``sheet`` or ``layer`` names the one to read. ``map``, repeated, says what a
    column is (``Korban P=victims_female``, ``Column=ignore``, ``year=2024`` everywhere); ``codes``
    names the system of area codes, ``decimal`` the separator; ``new_measure`` allows a new one.
    """
    with tempfile.TemporaryDirectory(prefix="petajaga-upload-") as folder:
        path = Path(folder) / "file"
        upload = await _receive(request, query, path)
        kind = upload.kind
        kind_named(kind, principal.rights.known_kinds)
        if kind not in principal.import_kinds:
            kinds = sorted(principal.import_kinds)
            raise InputError("import_http.other_desk", field="kind", kind=kind, kinds=kinds)
        reading: FairThreads = request.app.state.reading
        report = await reading.run(
            principal.tier, principal.name or "",
            lambda: _propose(path, upload, _home(request), principal),
        )  # fmt: skip
    body = {
        "state": "waiting" if report.accepted else "refused",
        **report.in_language(reader_language(request)),
    }
    if not principal.rights.whole_release:
        # Whether a row was there already may be more than the desk sees.
        for hidden in EXISTING_ROWS:
            body.pop(hidden)
    return private_json(body)


def _propose(path: Path, upload: _Upload, home: Home, principal: Principal) -> Report:
    return propose(
        path,
        upload.kind,
        home,
        file=upload.name,
        by=principal.name or "",
        province=principal.province,
        part=upload.part,
        options=upload.options,
    )


def _home(request: Request) -> Home:
    home: Home = request.app.state.home
    return home


async def _receive(request: Request, query: ImportQuery, path: Path) -> _Upload:
    """Put the file at ``path``; return what came with it."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        try:
            async with request.form(
                max_files=1, max_fields=_MOST_FIELDS, max_part_size=1000
            ) as form:
                kind, file = form.get("kind") or query.kind, form.get("file")
                if not isinstance(kind, str) or not isinstance(file, UploadFile):
                    raise InputError("import_http.form_fields", field="file")
                with path.open("wb") as stream:
                    while chunk := await file.read(1 << 20):
                        stream.write(chunk)

                def texts(name: str) -> list[str]:
                    return [text for text in form.getlist(name) if isinstance(text, str) and text]

                part = next(iter(texts("sheet") + texts("layer")), None)
                options = Options.of(
                    texts("map"),
                    codes=next(iter(texts("codes")), None),
                    decimal=next(iter(texts("decimal")), None),
                    new_measures=texts("new_measure"),
                )
                return _Upload(kind, file.filename or "file", part, options)
        except HTTPException as error:
            if error.status_code == 400:
                raise InputError("import_http.unreadable_form") from None
            raise
    if query.kind is None or query.name is None:
        raise InputError("import_http.kind_missing", field="kind")
    with path.open("wb") as stream:
        async for chunk in request.stream():
            stream.write(chunk)
    options = Options.of(
        query.map, codes=query.codes, decimal=query.decimal, new_measures=query.new_measure
    )
    return _Upload(query.kind, query.name, query.sheet or query.layer, options)


class _Csv(Response):
    media_type = "text/csv"


class _Markdown(Response):
    media_type = "text/markdown"


class KindQuery(StrictQuery):
    """The kind of an example."""

    kind: str = Field(max_length=20)


@router.get("/kinds", response_model=ImportKindsAnswer, summary="Kinds of import")
async def list_kinds(request: Request, principal: Importer, _query: NoQuery) -> Response:
    """What the account may import, with the words for kinds, columns and measures."""
    language = reader_language(request)
    kinds = [
        _kind_document(kind, language)
        for name, kind in KINDS.items()
        if name in principal.import_kinds
    ]
    return private_json({"kinds": kinds})


@router.get("/template", summary="An example file", response_class=_Csv)
async def get_template(
    request: Request, principal: Importer, query: Annotated[KindQuery, Query()]
) -> Response:
    """A CSV with the headings of a kind and an example row; of a road network, a guide."""
    kind = kind_named(query.kind, principal.import_kinds)
    name = f"{kind.name}.csv" if kind.columns else f"{kind.name}.txt"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    content = template(kind, reader_language(request))
    return _Csv(content, headers=headers)


def _kind_document(kind: Kind, language: str) -> dict[str, Any]:
    def label(name: str) -> str:
        keys = (f"import_column.{name}", f"heading.{name}", f"field.{name}")
        if not (key := next(filter(has, keys), "")):
            return name.replace("_", " ")
        said = text(key, language)
        return said[0].upper() + said[1:]

    names = {column.name for column in kind.columns}
    series_column = next(iter(names & {"measure", "indicator"}), "") if kind.built else ""
    reference = _reference()
    slugs = {"measure": reference.measures, "indicator": reference.units, "": ()}
    series = [
        {"slug": slug, "label": text(key, language) if has(key) else ""}
        for slug, key in ((slug, f"measure.{slug}") for slug in slugs[series_column])
    ]
    return {
        "kind": kind.name,
        "title": text(f"import_kind.{kind.name}", language),
        "help": text(f"import_help.{kind.name}", language),
        "columns": [
            {
                "name": column.name,
                "label": label(column.name),
                "required": column.required,
            }
            for column in kind.columns
            if column.role != "unused"
        ],
        "built": kind.built,
        "series_column": series_column or None,
        "series": sorted(series, key=lambda choice: choice["label"].casefold()),
    }


@cache
def _reference() -> ReferenceData:
    """Measures and indicators of the embedded data."""
    return ReferenceData([])


@router.get("", response_model=ImportsAnswer, summary="Imports that count")
async def list_imports(request: Request, principal: Importer, _query: NoQuery) -> Response:
    """The imports that count: the police desk sees all, the others the own ones.

    ``waiting`` are the ids of those that the next build will use, ``undone`` those taken back that
    the current build still has, ``history`` all that were taken back, by whom and when.
    """
    home = _home(request)
    await run_in_threadpool(sweep_proposals, home)
    applied = await run_in_threadpool(entries, home)
    changes = await run_in_threadpool(changed_since_build, home)
    shown = [_import_document(entry) for entry in applied if _sees(principal, entry)]
    for listed in (changes.waiting, changes.undone):
        listed[:] = [entry for entry in listed if _sees(principal, entry)]
    history = await run_in_threadpool(undone_entries, home)
    return private_json({
        "imports": shown,
        **changes.as_dict(),
        "history": [
            {**_import_document(entry), **record} for entry, record in history
            if _sees(principal, entry)
        ],
    })  # fmt: skip


class ConfirmQuery(StrictQuery):
    """Number of the agreement that data which count persons need."""

    under: str = Field(default="", max_length=300)


@router.get("/agreements", response_model=AgreementsAnswer, summary="Agreements in force")
async def list_agreements(request: Request, principal: Importer, _query: NoQuery) -> Response:
    """The agreements that this account may apply data under."""
    stored = await run_in_threadpool(_fitting, _home(request), principal)
    return private_json({"agreements": [agreement.document() for agreement in stored]})


@router.get("/agreements/template", summary="An agreement to fill in", response_class=_Markdown)
async def get_agreement_template(
    request: Request, _principal: Importer, _query: NoQuery
) -> Response:
    """The text of an agreement with its table of terms, which the operator registers."""
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="agreement.md"'}
    content = agreement_template(reader_language(request))
    return _Markdown(content, headers=headers)


def agreement_for(home: Home, principal: Principal, under: str) -> str:
    """The number under which an account records a visit: as given, else its only agreement.

    Raises
    ------
    UnknownNameError
        The account may not use an agreement of this number.
    """
    fitting = _fitting(home, principal)
    if under:
        numbers = tuple(agreement.number for agreement in fitting)
        if under not in numbers:
            raise UnknownNameError(
                "agreement.unknown", number=under, field="under", matches=numbers
            )
        return under
    visits = [agreement.number for agreement in fitting if "outreach" in agreement.kinds]
    return visits[0] if len(visits) == 1 else ""


def _fitting(home: Home, principal: Principal) -> list[Agreement]:
    """Agreements in force that fit an account: of its tier, its kinds and its province."""
    day = today()
    return [
        agreement
        for agreement in agreements(home).values()
        if not (agreement.withdrawn_at or agreement.has_ended(day))
        and principal.tier in agreement.tiers
        and principal.import_kinds & set(agreement.kinds)
        and (principal.province is None or agreement.covers(principal.province))
    ]


@router.post("/{import_id}/confirm", response_model=ImportAnswer, summary="Confirm an import")
async def confirm_import(
    request: Request,
    principal: Importer,
    import_id: str,
    query: Annotated[ConfirmQuery, Query()],
) -> Response:
    """Apply what this account tried before, all of it or nothing.

    Data that count persons need ``?under=``, the number of an agreement that this account may use.
    """
    home, under = _home(request), query.under

    def work() -> tuple[Entry, bool]:
        if under:
            agreement_for(home, principal, under)
        return confirm(home, import_id, by=principal.name or "", under=under)

    entry, changed = await run_in_threadpool(work)
    return private_json({"import": _import_document(entry), "changed": changed})


@router.delete("/{import_id}", response_model=ImportAnswer, summary="Undo an import")
async def undo_import(
    request: Request, principal: Importer, import_id: str, _query: NoQuery
) -> Response:
    """Take an import back; a planner only the own ones."""
    home = _home(request)

    def work() -> Entry:
        if not any(e.id == import_id and _sees(principal, e) for e in entries(home)):
            raise NotFoundError
        return undo(home, import_id, by=principal.name or "")

    entry = await run_in_threadpool(work)
    return private_json({"import": _import_document(entry), "changed": True})


refuse_other_methods(router)


def _sees(principal: Principal, entry: Entry) -> bool:
    return principal.rights.whole_release or entry.by == principal.name


def _import_document(entry: Entry) -> dict[str, Any]:
    return {k: v for k, v in asdict(entry).items() if k not in {"table", "table_sha256"}}
