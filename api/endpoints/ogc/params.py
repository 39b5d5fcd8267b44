"""Query parameters of the OGC routes; as the standard asks, an unknown one is a 400."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request

from api.auth.principal import accepted_values
from api.http.responses import TierView
from geo.errors import InputError, UnknownNameError
from geo.i18n import languages, text
from geo.i18n.catalogue import DEFAULT_LANGUAGE, FALLBACK_LANGUAGE
from layers.query.conditions import And, Compare, Condition, Intersects
from layers.query.crs import CRS84, LAT_LON, in_degrees, to_crs84
from layers.query.tier_query import Bbox, box_shape
from layers.schema import Layer

__all__ = [
    "COMMON",
    "Interval",
    "Variant",
    "parse_bbox",
    "parse_datetime",
    "parse_flag",
    "parse_names",
    "parse_sort",
    "parse_whole",
    "variant_of",
    "within_box",
    "within_years",
    "wrong_input",
]

Interval = tuple[datetime | None, datetime | None]
COMMON = frozenset({"f", "lang"})
_JSON_TOO = ("json", "geojson")
_FLAGS = ("true", "false")


@dataclass(frozen=True)
class Variant:
    """What a request reads from, form and language of its answer, its other parameters.

    ``base_url`` is the address of the service that links begin with.
    """

    view: TierView
    form: str
    language: str
    parameters: Mapping[str, str]
    base_url: str

    def text(self, key: str) -> str:
        """A text of the catalogue in the answer's language."""
        return text(key, self.language)

    def in_language(self, texts: Mapping[str, str]) -> str:
        """That of several texts which is in the answer's language, else in English."""
        return texts.get(self.language, texts[FALLBACK_LANGUAGE])


def variant_of(
    view: TierView, *, accepted: Collection[str] = (), forms: Collection[str] = ()
) -> Variant:
    """Read form and language and refuse parameters that are neither common nor ``accepted``.

    ``forms`` are forms of the answer beside JSON and HTML.

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
        if name in parameters and name != "properties":
            raise InputError("http.repeated_parameter", field=name, name=name)
        # clients write a list of names with commas or with a parameter for each
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    form = parameters.pop("f", None)
    if form not in (None, "html", *_JSON_TOO, *forms):
        raise InputError("http.not_one_of", field="f", name="f", allowed=("json", "html", *forms))
    language = parameters.pop("lang", DEFAULT_LANGUAGE)
    if language not in languages():
        raise InputError("http.not_one_of", field="lang", name="lang", allowed=languages())
    if form is None or form in _JSON_TOO:
        form = "html" if form is None and _wants_html(request) else "json"
    return Variant(view, form, language, parameters, view.base_url)


@contextmanager
def wrong_input() -> Iterator[None]:
    """A name that does not exist in the value of a parameter is wrong input, not a 404."""
    try:
        yield
    except UnknownNameError as error:
        raise InputError(error.code, field=error.field, **error.params) from None


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


def parse_flag(value: str, *, name: str) -> bool:
    """``true`` or ``false``."""
    if value not in _FLAGS:
        raise InputError("http.not_one_of", field=name, name=name, allowed=_FLAGS)
    return value == "true"


def parse_names(value: str) -> list[str]:
    """Names separated by commas."""
    return [name for name in value.split(",") if name]


def parse_sort(value: str) -> list[tuple[str, bool]]:
    """Fields to sort by, each with whether it descends: ``level,-population``.

    A plus sign in an address is read as a space.
    """
    order = [(name.strip("+- "), name.startswith("-")) for name in parse_names(value)]
    names = [name for name, _ in order]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise InputError("http.repeated_parameter", field="sortby", name=repeated[0])
    return order


def parse_bbox(value: str, crs: str = CRS84) -> Bbox:
    """Four numbers, or six with heights that are left aside (nothing here has a height).

    In the order of the axes of ``crs``; from systems in degrees it is west, south, east, north.
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
    if crs in LAT_LON:
        west, south, east, north = south, west, north, east
    elif not in_degrees(crs):
        if west > east or south > north:
            raise InputError("http.bbox_order", field="bbox")
        return west, south, east, north
    if not -180 <= west <= 180 or not -180 <= east <= 180:
        raise InputError("http.bbox_longitude", field="bbox")
    if not -90 <= south <= 90 or not -90 <= north <= 90:
        raise InputError("http.bbox_latitude", field="bbox")
    if south > north:
        raise InputError("http.bbox_order", field="bbox")
    return west, south, east, north


def within_box(box: Bbox, crs: str) -> Condition:
    """Features that a box given in metres touches."""
    return Intersects(to_crs84(box_shape(box), crs, field="bbox"))


def within_years(layer: Layer, interval: Interval) -> Condition:
    """Features whose years have a part in common with ``interval``; all where there are no years.

    >>> from layers.registry import LAYERS
    >>> within_years(LAYERS["victims"], (None, datetime(2023, 1, 31))).conditions
    (Compare(field='year_from', op='<=', value=2023, ignore_case=False),)
    """
    conditions: list[Condition] = []
    if layer.years is not None:
        start, end = interval
        if start is not None:
            conditions.append(Compare(layer.years[1], ">=", start.year))
        if end is not None:
            conditions.append(Compare(layer.years[0], "<=", end.year))
    return And(tuple(conditions))


def parse_datetime(value: str) -> Interval:
    """Ends of an RFC 3339 interval, the same for an instant; None where it is open."""
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
    return moments[0], moments[-1]


def _moment(value: str) -> datetime | None:
    if value in ("", ".."):
        return None
    whole = f"{value}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) else value
    if not re.fullmatch(
        r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", whole, re.ASCII
    ):
        raise InputError("http.datetime_format", field="datetime")
    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", whole.upper())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError("http.datetime_impossible", field="datetime") from None
