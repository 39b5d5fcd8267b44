"""What a document is about: an area, a port or a corridor, by the names people use."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from geo.contacts import Confirmations, with_confirmation
from geo.errors import AmbiguousNameError, UnknownNameError
from geo.names import area_code, area_codes, corridor_name, nearest, plain
from layers.documents.argument import corridor_area
from layers.registry import layers_for
from layers.release.release import Release
from layers.schema import Tier

__all__ = ["Contents", "Subject", "find_subject"]

Row = Mapping[str, Any]
Describe = Callable[[Sequence[str]], Mapping[str, Any]]
_BETWEEN_PLACES = re.compile(r"\s+[-\N{EN DASH}>]+\s+|--")
_NAMED = 5
"""Names offered where several are meant."""


@dataclass(frozen=True)
class Subject:
    """What a document is about.

    Attributes
    ----------
    kind : {"area", "port", "corridor"}
    id, name : str
    row : mapping
        Its properties as the tier sees them.
    shape : Geometry or None
        Polygon of an area, point of a port, line of a corridor, in degrees.
    area : str
        Code of the area whose offices, counts and villages go with it: itself, the regency of a
        port, the origin of a corridor, or the province of most of its origins ('' if not known).
    """

    kind: Literal["area", "port", "corridor"]
    id: str
    name: str
    row: Row
    shape: Any
    area: str


class Contents:
    """The layers of a release as one tier sees them, read once, rows with their shapes.

    ``confirmed`` are the numbers of offices that an administrator has confirmed since.
    """

    def __init__(
        self,
        release: Release,
        tier: Tier,
        province: str | None = None,
        confirmed: Confirmations = MappingProxyType({}),
    ) -> None:
        self.release, self.tier, self.province = release, tier, province
        self._confirmed = confirmed
        self._rows: dict[str, list[tuple[Row, Any]]] = {}

    def rows(self, layer: str) -> list[tuple[Row, Any]]:
        """Rows of a layer with their geometry; none where the tier has no such layer."""
        if layer not in layers_for(self.tier):
            return []
        if layer not in self._rows:
            # which numbers are shown is decided where they are: by confirmations too
            table = self.release.table(
                layer, self.tier, province=self.province, unchecked=layer == "services"
            )
            nested = {field.name for field in table.fields if field.type == "json"}
            columns = {
                name: [None if v is None else json.loads(v) for v in values]
                if name in nested
                else values
                for name, values in table.columns.items()
            }
            records = [
                dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
            ]
            rows: list[Row] = [*records]
            if layer == "services":
                rows = [with_confirmation(row, self._confirmed) for row in records]
            self._rows[layer] = list(zip(rows, table.geometry, strict=True))
        return self._rows[layer]

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Names of provinces and regencies by code."""
        return {
            row["code"]: row["name"]
            for row, _ in self.rows("areas")
            if row["level"] in ("province", "regency")
        }


def find_subject(contents: Contents, text: str | None, describe: Describe | None = None) -> Subject:
    """Resolve what the user names.

    Parameters
    ----------
    contents : Contents
    text : str, optional
        None for the whole country; code or name of an area (``53.21``, ``TTS``), id or name of a
        port (``Tenau``), id of a corridor or its places (``NTT - Sabah``, or with ``describe``
        ``Kupang - Nunukan``).
    describe : callable, optional
        Computes a corridor from the names of its places, where the reader may have that
        (:func:`routes.build.corridor_answer.describe_corridor`); else it must be on the list.

    Raises
    ------
    UnknownNameError
        Nothing of the tier has this name; ``matches`` are near ones.
    AmbiguousNameError
        Several ports have the name.
    """
    if text is None:
        return Subject("area", "", "Indonesia", {"name": "Indonesia", "level": "country"}, None, "")
    for row, shape in contents.rows("corridors"):
        if row["id"] == text:
            return _corridor(row, shape)
    places = [part for part in _BETWEEN_PLACES.split(text.strip()) if part]
    if len(places) > 1:
        return _corridor_of(contents, text, places, describe)
    ports = [(row, shape) for row, shape in contents.rows("terminals") if row["country"] == "ID"]
    if same := [item for item in ports if item[0]["id"] == text]:
        return _port(*same[0])
    try:
        code = area_code(contents.area_names, text)
    except UnknownNameError as error:
        words = set(plain(text).split())
        named = [item for item in ports if words and words <= set(plain(item[0]["name"]).split())]
        if len(named) == 1:
            return _port(*named[0])
        if named:
            labels = tuple(f"{row['id']} ({row['name']})" for row, _ in named[:_NAMED])
            raise AmbiguousNameError("document.ambiguous_port", name=text, matches=labels) from None
        near = nearest(text, {row["name"]: row["id"] for row, _ in ports})
        matches = (*error.params["matches"], *near)
        raise UnknownNameError("document.unknown_subject", name=text, matches=matches) from None
    row, shape = next(item for item in contents.rows("areas") if item[0]["code"] == code)
    return Subject("area", code, row["name"], row, shape, code)


def _port(row: Row, shape: Any) -> Subject:
    return Subject("port", row["id"], row["name"], row, shape, str(row["area_code"] or ""))


def _corridor(row: Row, shape: Any) -> Subject:
    return Subject("corridor", row["id"], row["name"], row, shape, corridor_area(row))


def _corridor_of(
    contents: Contents, text: str, places: Sequence[str], describe: Describe | None
) -> Subject:
    if describe is not None:
        return _described(contents, describe(places))
    rows = contents.rows("corridors")
    codes = [next(iter(area_codes(contents.area_names, place)), plain(place)) for place in places]
    for row, shape in rows:
        if "origin_code" in row and codes in (
            [row["origin_code"], row["destination_code"]],
            [row["origin_code"], plain(row["destination_name"])],
        ):
            return _corridor(row, shape)
    near = nearest(text, {row["name"]: row["name"] for row, _ in rows})
    raise UnknownNameError("document.unknown_subject", name=text, matches=near)


def _described(contents: Contents, answer: Mapping[str, Any]) -> Subject:
    """A corridor as computed, drawn along the legs between the ports of its places."""
    from layers.release.leg_paths import way_finder  # SciPy's solvers stay out of the service

    find = way_finder(contents.rows("terminals"), contents.rows("legs"))
    row = {
        **answer,
        "id": "--".join(stop["id"] for stop in answer["waypoints"]),
        "name": corridor_name(stop["name"] for stop in answer["waypoints"]),
        **{f"persons_{end}": value for end, value in answer["persons_per_year"].items()},
    }
    return _corridor(row, find(answer["waypoints"]))
