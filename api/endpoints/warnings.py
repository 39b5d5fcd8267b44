"""``/v1/warnings``: counts above what their own past leads to expect, from what the tier sees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import reader_language
from api.endpoints.query import FileQuery, NoQuery
from api.http.dependencies import evaluated
from api.http.responses import TierRelease, TierView
from api.http.schemas import WarningsAnswer
from geo.paths import Home
from layers.exports.warnings_feed import ATOM, FeedSource, warnings_feed

router = APIRouter(prefix="/v1/warnings", tags=["warnings"])


@router.get("", response_model=WarningsAnswer, summary="Counts above what is expected")
async def list_warnings(view: TierRelease, _query: NoQuery) -> Response:
    """Latest counts above what the record before them leads to expect, each with what to check
    first, and records that ended. They say nothing of an area's guilt; interceptions follow effort.
    ``months`` is the same by month, of counts that this very account has imported.
    """
    return view.respond_as_it_stands(**await _warnings(view))


@router.get(
    ".atom", summary="The same as an Atom feed", response_class=Response,
    responses={200: {"content": {ATOM: {}}}},
)  # fmt: skip
async def get_feed(
    request: Request, view: TierRelease, query: Annotated[FileQuery, Query()]
) -> Response:
    """An entry for each warning and each record that ended, of what the reader sees; a program
    reads it with a key (HTTP Basic), anybody the public one. Ids stay the same in every edition
    and differ by language.
    """
    language, answer = reader_language(request), await _warnings(view)
    source = FeedSource(
        address=f"{view.base_url}/v1/warnings.atom" + (f"?lang={query.lang}" if query.lang else ""),
        page=f"{view.base_url}/", host=request.app.state.settings.tag_authority,
        scope=view.principal.scope, updated=_published(view), language=language,
    )  # fmt: skip
    feed = warnings_feed(answer, source)
    return view.respond_bytes(
        feed, media_type=ATOM, language=language, variant=repr((source.updated, answer["months"]))
    )


async def _warnings(view: TierView) -> dict[str, Any]:
    home: Home = view.request.app.state.home
    answer: dict[str, Any] = await evaluated(
        view, "warnings", home=str(home.root), account=view.principal.name
    )
    return answer


def _published(view: TierView) -> str:
    """Day of the release's edition in eastern Indonesia; of one without, that of its files."""
    edition = view.release.edition
    if edition is not None:
        return f"{edition.date}T00:00:00+09:00"
    changed = (view.release.folder / "manifest.json").stat().st_mtime
    return datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")
