"""Query parameters of the OGC routes; as the standard asks, an unknown one is a 400."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import Request

from api.auth.principal import accepted_values
from api.http.responses import TierView
from geo.errors import InputError
from geo.i18n import languages, text
from geo.i18n.catalogue import DEFAULT_LANGUAGE, FALLBACK_LANGUAGE
from layers.query.tier_query import Bbox

__all__ = [
    "COMMON",
    "Form",
    "Variant",
    "parse_bbox",
    "parse_datetime",
    "parse_whole",
    "variant_of",
]

Form = Literal["json", "html"]
COMMON = frozenset({"f", "lang"})


@dataclass(frozen=True)
class Variant:
    """What a request reads from, form and language of its answer, its other parameters."""

    view: TierView
    form: Form
    language: str
    parameters: Mapping[str, str]

    def text(self, key: str) -> str:
        """A text of the catalogue in the answer's language."""
        return text(key, self.language)

    def in_language(self, texts: Mapping[str, str]) -> str:
        """That of several texts which is in the answer's language, else in English."""
        return texts.get(self.language, texts[FALLBACK_LANGUAGE])


def variant_of(view: TierView, *, accepted: Collection[str] = ()) -> Variant:
    """Read form and language and refuse parameters that are neither common nor ``accepted``.

    Raises
    ------
    InputError
        An unknown or repeated parameter, form or language.
    """
    parameters: dict[str, str] = {}
    request = view.request
    for name, value in request.query_params.multi_items():
        if name not in COMMON and name not in accepted:
            allowed = sorted({*COMMON, *accepted})
            raise InputError("http.unknown_parameter", allowed=allowed)
        if name in parameters:
            raise InputError("http.repeated_parameter", field=name, name=name)
        parameters[name] = value
    form = parameters.pop("f", None)
    if form not in (None, "json", "html"):
        raise InputError("http.not_one_of", field="f", name="f", allowed=("json", "html"))
    language = parameters.pop("lang", DEFAULT_LANGUAGE)
    if language not in languages():
        raise InputError("http.not_one_of", field="lang", name="lang", allowed=languages())
    html = form == "html" or (form is None and _wants_html(request))
    return Variant(view, "html" if html else "json", language, parameters)


def _wants_html(request: Request) -> bool:
    """Whether the Accept header ranks HTML above JSON, as a browser's does."""
    accept = request.headers.get("accept", "")
    if "html" not in accept:
        return False
    values = accepted_values(accept)
    html = max(values.get(media, 0.0) for media in ("text/html", "application/xhtml+xml"))
    json = max((values[media] for media in values if media.endswith("json")), default=0.0)
    return html > json


def parse_whole(value: str, *, name: str, least: int, most: int, clamp: bool = False) -> int:
    """A whole number in ``least..most``; with ``clamp`` larger ones count as ``most``."""
    number = int(value) if re.fullmatch(r"\d{1,18}", value, re.ASCII) else -1
    if number < least or (number > most and not clamp):
        raise InputError("http.not_whole_number", field=name, name=name, least=least, most=most)
    return min(number, most)  # the standard: a limit above the maximum is no error


def parse_bbox(value: str) -> Bbox:
    """Four numbers, or six with heights that are left aside (nothing here has a height).

    West may be greater than east: then the box crosses the antimeridian.
    """
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        if numbers[2] > numbers[5]:
            raise InputError("http.bbox_heights", field="bbox")
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        raise InputError("http.bbox_format", field="bbox")
    west, south, east, north = numbers
    if not -180 <= west <= 180 or not -180 <= east <= 180:
        raise InputError("http.bbox_longitude", field="bbox")
    if not -90 <= south <= 90 or not -90 <= north <= 90:
        raise InputError("http.bbox_latitude", field="bbox")
    if south > north:
        raise InputError("http.bbox_order", field="bbox")
    return west, south, east, north


def parse_datetime(value: str) -> None:
    """Check an RFC 3339 instant or interval.

    No layer has a time geometry, so by the standard every feature matches and nothing is returned.
    """
    parts = value.split("/")
    moments = [_moment(part) for part in parts]
    if len(parts) > 2 or (len(parts) == 1 and moments[0] is None):
        raise InputError("http.datetime_parts", field="datetime")
    if len(parts) == 2:
        start, end = moments
        if start is None and end is None:
            raise InputError("http.datetime_open", field="datetime")
        if start is not None and end is not None and start > end:
            raise InputError("http.datetime_order", field="datetime")


def _moment(value: str) -> datetime | None:
    if value in ("", ".."):
        return None
    whole = f"{value}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) else value
    if not re.fullmatch(
        r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", whole, re.ASCII
    ):
        raise InputError("http.datetime_format", field="datetime")
    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", whole.upper()))
    except ValueError:
        raise InputError("http.datetime_impossible", field="datetime") from None
