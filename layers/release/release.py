"""Reading a release: the current one, verified, and its features by tier.

Every read goes through :mod:`layers.registry`; there is no way to name a layer or a field that
the tier does not have. Features are GeoJSON texts composed by SQLite, which is the fast path of
the service; ``Page.features`` parses them for other uses.
"""

# ruff: noqa: S608 - names in SQL come from the registry, values are always bound

from __future__ import annotations

import gzip
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Self

from geo.errors import InputError, UnknownNameError
from geo.paths import Home
from layers.query.conditions import Compare, Condition, compile_condition
from layers.query.crs import CRS84
from layers.query.geojson import box_text, geometry_text, wkb_of
from layers.query.order import Term, beyond
from layers.query.sqlite_pool import ReadPool
from layers.query.tier_query import (
    NUMBER_RULE,
    Bbox,
    LayerInfo,
    TierQuery,
    Value,
    box_condition,
    make_tier_query,
    quoted,
    select_parts,
)
from layers.query.tile_archive import OWN, TileArchive, cut, layer_of, renamed_layers
from layers.registry import check_tier, fields_for, layer_for, layers_for
from layers.release.editions import edition_of, served_folder
from layers.release.layer_table import Table
from layers.release.manifest import BASEMAP_FILE, BASEMAP_TILES, tier_file, tile_file
from layers.release.model_folder import check_model
from layers.release.verify import verify
from layers.schema import TIERS, Field, Layer, Tier
from layers.visibility import RIGHTS, province_limit, rights_of, tier_of_layer, tier_of_tiles

__all__ = ["Page", "Release", "open_release"]

_CACHED_QUERIES, _CACHED_COUNTS, _CACHED_TILES = 512, 4096, 128
_CACHED_SHAPE_CHARS = 64_000_000


@dataclass(frozen=True)
class Page:
    """Some features and how many match in all.

    Attributes
    ----------
    matched : int
    texts : tuple of str
        GeoJSON Feature texts.
    first, last : str or None
        Ids of the first and the last feature where more come before and after them: what
        ``before`` and ``after`` of the next question are.
    """

    matched: int
    texts: tuple[str, ...]
    first: str | None = None
    last: str | None = None

    @cached_property
    def features(self) -> list[dict[str, Any]]:
        """The features as dictionaries."""
        return [json.loads(text) for text in self.texts]


def open_release(home: Home, *, approved_only: bool = False) -> Release:
    """Open the current release of ``home`` and verify it.

    With ``approved_only`` it is the one that others than its maker may be served
    (:func:`layers.release.editions.served_folder`).

    Raises
    ------
    StateError
        Nothing has been published yet, or nothing is approved.
    BrokenReleaseError
        A file is missing or not what the manifest says.

    Examples
    --------
    >>> open_release(Home(Path("/nowhere")))
    Traceback (most recent call last):
    geo.errors.StateError: ...
    """
    return Release(served_folder(home, approved_only=approved_only))


class Release:
    """One verified release folder; safe to share between threads, closed with :meth:`close`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = verify(folder)
        self.id = str(self._manifest["id"])
        self.edition = edition_of(folder)
        self._pools = {tier: ReadPool(folder / tier_file(tier)) for tier in TIERS}
        self._tiles = {tier: TileArchive(folder / tile_file(tier)) for tier in TIERS}
        self.basemap_tiles = TileArchive(folder / BASEMAP_TILES)
        self._lock = threading.Lock()
        self._cut = lru_cache(_CACHED_TILES)(self._cut_tile)
        self._query = lru_cache(_CACHED_QUERIES)(self._make_query)
        self._info = lru_cache(_CACHED_QUERIES)(self._read_info)
        self._count = lru_cache(_CACHED_COUNTS)(self._count_rows)
        self._shapes: OrderedDict[tuple[str, str, int, str], str] = OrderedDict()
        self._shape_chars = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        for tier in TIERS:
            self._pools[tier].close()
            self._tiles[tier].close()
        self.basemap_tiles.close()

    # -- contents ----------------------------------------------------------------------------

    @property
    def basemap(self) -> Path:
        """The base map, GeoJSON."""
        return self.folder / BASEMAP_FILE

    @property
    def has_model(self) -> bool:
        """Whether the release was published with a model for plans and scenarios."""
        return "model" in self._manifest

    def model_folder(self, *, for_corridors: bool = False) -> Path:
        """The model that plans and scenarios are computed from, or corridors named by their places:
        police only, never handed out.

        Raises
        ------
        BrokenReleaseError
            There is none, or a file of it is missing or not what the manifest says. The rest of
            the release stays usable.
        """
        return check_model(self.folder, self._manifest, for_corridors=for_corridors)

    def tier_id(self, tier: str) -> str:
        """Id of what ``tier`` sees, for display; unchanged when only hidden things change."""
        return str(self._manifest["tiers"][check_tier(tier)]["id"])

    def file(self, tier: str) -> Path:
        """The tier's GeoPackage (partner: of all provinces, for the operator only)."""
        return self.folder / tier_file(check_tier(tier))

    def tile(
        self,
        tier: str,
        z: int,
        x: int,
        y: int,
        *,
        province: str | None = None,
        layer: str | None = None,
    ) -> bytes | None:
        """One vector tile (MVT, gzip) as ``tier`` may see it; None where there is none.

        The police of a province have the tiles of its partners (docs/decisions/0021).

        Parameters
        ----------
        tier : str
        z, x, y : int
            Zoom, column from 180 degrees west, row from the north (WebMercatorQuad).
        province : str, optional
            The reader's own province; a partner needs one, the police may have one.
        layer : str, optional
            Only this layer of the registry.
        """
        read, limit = _tiles_for(tier, province)
        if limit is None and layer is None:
            return self._tiles[read].tile(z, x, y)
        return self._cut(read, limit, layer, z, x, y)

    def _cut_tile(
        self, read: Tier, limit: str | None, layer: str | None, z: int, x: int, y: int
    ) -> bytes | None:
        stored = self._tiles[read].tile(z, x, y)
        if stored is None:
            return None
        visible = gzip.decompress(stored)
        if limit is not None:
            visible = cut(visible, limit)
        if layer is not None:
            visible = renamed_layers(
                visible, lambda name: name if layer_of(name) == layer else None
            )
        return gzip.compress(visible, compresslevel=6, mtime=0) if visible else None

    def tile_metadata(self, tier: str, *, province: str | None = None) -> dict[str, Any]:
        """``vector_layers`` of the tier's tiles with their fields and zooms (TileJSON 3).

        Parameters are those of :meth:`tile`.
        """
        read, limit = _tiles_for(tier, province)
        metadata = self._tiles[read].metadata
        layers = [
            {**layer, "id": layer["id"].partition(OWN)[0]}
            for layer in metadata["vector_layers"]
            if limit is None or layer["id"].partition(OWN)[2] in ("", limit)
        ]
        return {**metadata, "vector_layers": layers}

    def manifest(self, tier: str, *, province: str | None = None) -> dict[str, Any]:
        """The manifest as ``tier`` may see it: its own id, layers, caveats and attribution."""
        checked = check_tier(tier)
        rights = rights_of(checked, province)
        entry = self._manifest["tiers"][checked]
        manifest: dict[str, Any] = {name: entry[name] for name in ("id", "layers", "caveats")}
        if rights.posts and rights.own_province:
            manifest["layers"] = {
                name: {"rows": info.rows, "geometry": info.layer.geometry, "bbox": info.bbox}
                for name, info in self.layers(tier, province=province).items()
            }
        manifest |= {"tier": checked, "attribution": self._manifest["attribution"]}
        manifest["agreements"] = entry.get("agreements", [])
        whole = rights.whole_release
        manifest["edition"] = self.edition.as_dict(whole=whole) if self.edition else None
        if whole:
            manifest |= {"release": self.id, "model": self._manifest.get("model")}
            manifest |= {name: self._manifest[name] for name in ("created_from", "files")}
        return deepcopy(manifest)

    def layers(self, tier: str, *, province: str | None = None) -> dict[str, LayerInfo]:
        """The layers of ``tier`` by name."""
        return {name: self.layer(name, tier, province=province) for name in layers_for(tier)}

    def layer(self, name: str, tier: str, *, province: str | None = None) -> LayerInfo:
        """One layer; :class:`UnknownNameError` whether it is hidden or does not exist.

        For the police of a province its rows and extent are those of the province.
        """
        return self._query(name, tier, province).info if province else self._info(name, tier)

    # -- features ------------------------------------------------------------------------------

    def features(
        self,
        layer: str,
        tier: str,
        *,
        province: str | None = None,
        bbox: Bbox | None = None,
        where: Condition | None = None,
        filters: Mapping[str, Value] | None = None,
        sort: Sequence[tuple[str, bool]] = (),
        fields: Sequence[str] | None = None,
        limit: int = 100,
        offset: int = 0,
        after: str | None = None,
        before: str | None = None,
        crs: str = CRS84,
        shapes: bool = True,
        unchecked: bool = False,
    ) -> Page:
        """A page of features.

        Parameters
        ----------
        layer, tier : str
        province : str, optional
            The reader's own province; a partner needs one, the police may have one.
        bbox : (min lon, min lat, max lon, max lat), optional
            Features that touch it come whole; min lon > max lon crosses 180 degrees.
        where : Condition, optional
            From :mod:`layers.query.conditions`.
        filters : mapping, optional
            Field -> value that must be equal; joined with ``where`` by AND.
        sort : sequence of (field, descending)
            Before the id, which always breaks ties.
        fields : sequence of str, optional
            Only these properties.
        limit, offset : int
            Both >= 0.
        after, before : str, optional
            Only the features that come after, or the last before, the one of this id. The first
            page and the last cost the same, which is not so with ``offset``.
        crs : str
            Code of the reference system of the shapes (:mod:`layers.query.crs`).
        shapes : bool
            Without shapes each feature has the box around its shape instead, in degrees.
        unchecked : bool
            With the numbers of offices that nobody has checked for twelve months, for what knows
            of confirmations and decides itself; never handed out.

        Raises
        ------
        UnknownNameError
            The tier has no such layer, field or id.
        InputError
            A value of the wrong type, a bad bbox, a partner without province.
        """
        query = self._query(layer, tier, province, unchecked=unchecked)
        tier = query.tier
        where_sql, where_values = _where(query, bbox, where, filters)
        if limit < 0 or offset < 0:
            raise InputError("query.limit", field="limit")
        order = [Term(*query.scope.column(name), descending) for name, descending in sort]
        order.append(Term("fid", (), descending=False))
        matched = query.info.rows
        if where_sql:
            by_day = NUMBER_RULE in where_sql  # no count of another day is kept
            count = self._count_rows if by_day else self._count
            matched = count(layer, tier, where_sql, tuple(where_values))
        if limit == 0 or offset >= matched:
            return Page(matched, ())
        for key, backwards in ((after, False), (before, True)):
            if key is not None:
                order = [term.turned() for term in order] if backwards else order
                beyond_sql, bound = beyond(order, self._place(query, key, order))
                where_sql += f" AND {beyond_sql}" if where_sql else f" WHERE {beyond_sql}"
                where_values += bound
        select, select_values = select_parts(query, fields)
        sql = (
            f"SELECT fid, geom, {select} FROM {quoted(layer)}{where_sql} "
            f"ORDER BY {', '.join(term.sql for term in order)} LIMIT ? OFFSET ?"
        )
        order_values = [value for term in order for value in term.values]
        values = [*select_values, *where_values, *order_values, limit + 1, offset]
        rows = self._fetch(tier, sql, values)
        more = len(rows) > limit
        rows = rows[:limit] if before is None else rows[:limit][::-1]
        if not rows:
            return Page(matched, ())
        return Page(
            matched,
            tuple(
                self._text(query, tier, row, crs) if shapes else _text_without_shape(row)
                for row in rows
            ),
            first=json.loads(rows[0][2])
            if offset or after is not None or (more and before is not None)
            else None,
            last=json.loads(rows[-1][2]) if more or before is not None else None,
        )

    def feature(
        self, layer: str, tier: str, feature_id: str, *, province: str | None = None
    ) -> dict[str, Any]:
        """One feature by id; :class:`UnknownNameError` when this tier has none of that id."""
        return json.loads(  # type: ignore[no-any-return]
            self.feature_text(layer, tier, feature_id, province=province)
        )

    def feature_text(
        self,
        layer: str,
        tier: str,
        feature_id: str,
        *,
        province: str | None = None,
        crs: str = CRS84,
    ) -> str:
        """Like :meth:`feature`, as GeoJSON text with its shape in ``crs``."""
        query = self._query(layer, tier, province)
        select, values = select_parts(query, None)
        row = self._row(query, feature_id, f"fid, geom, {select}", values)
        return self._text(query, query.tier, row, crs)

    def values(
        self, layer: str, tier: str, field: str, *, province: str | None = None
    ) -> frozenset[str]:
        """Every text that the visible rows of a layer have in a field."""
        query = self._query(layer, tier, province)
        column, bound = query.scope.column(field)
        where_sql, where_values = _where(query)
        sql = f"SELECT DISTINCT {column} FROM {quoted(layer)}{where_sql}"
        rows = self._fetch(query.tier, sql, [*bound, *where_values])
        return frozenset(value for (value,) in rows if isinstance(value, str))

    def table(
        self, layer: str, tier: str, *, province: str | None = None, unchecked: bool = False
    ) -> Table:
        """Every visible row of a layer, for exports and maps drawn at once; ``unchecked`` as for
        :meth:`features`.
        """
        import numpy as np
        import shapely

        query = self._query(layer, tier, province, unchecked=unchecked)
        fields = query.info.fields
        expressions = [query.scope.expressions[f.name] for f in fields]
        where_sql, where_values = _where(query)
        columns = ", ".join(column for column, _ in expressions)
        sql = f"SELECT geom, {columns} FROM {quoted(layer)}{where_sql} ORDER BY fid"
        values = [*(value for _, bound in expressions for value in bound), *where_values]
        rows = self._fetch(query.tier, sql, values)
        shapes = np.empty(len(rows), dtype=object)
        shapes[:] = [shapely.from_wkb(wkb_of(row[0])) if row[0] else None for row in rows]
        content = {f.name: [_typed(f, row[n]) for row in rows] for n, f in enumerate(fields, 1)}
        return Table(query.info.layer, fields, content, shapes)

    # -- inside --------------------------------------------------------------------------------

    def _make_query(
        self, name: str, tier: str, province: str | None, *, unchecked: bool = False
    ) -> TierQuery:
        read = tier_of_layer(layer_for(name, tier), check_tier(tier), province)
        fetch = partial(self._fetch, read)
        query = make_tier_query(self._info(name, read), read, province, fetch, unchecked=unchecked)
        if query.visible:
            years = self._years(query.info.layer, read, *_where(query))
            query = replace(query, info=replace(query.info, years=years))
        if not (query.visible and RIGHTS[read].posts):
            return query
        sql = (
            "SELECT COUNT(*), MIN(minx), MIN(miny), MAX(maxx), MAX(maxy) FROM "
            f"{quoted(name)} LEFT JOIN {quoted(f'rtree_{name}_geom')} AS box ON box.id = fid "
            f"WHERE {query.visible}"
        )
        ((rows, west, south, east, north),) = fetch(sql, query.visible_values)
        bbox = None if west is None else (west, south, east, north)
        return replace(query, info=replace(query.info, rows=int(rows), bbox=bbox))

    def _read_info(self, name: str, tier: str) -> LayerInfo:
        layer = layer_for(name, tier)
        entry = self._manifest["tiers"][tier]["layers"][name]
        bbox = tuple(entry["bbox"]) if entry["bbox"] else None
        years = self._years(layer, tier)
        fields = fields_for(layer, tier)
        columns = self._fetch(tier, "SELECT name FROM pragma_table_info(?)", (name,))
        absent = frozenset(field.name for field in fields) - {column for (column,) in columns}
        return LayerInfo(layer, fields, int(entry["rows"]), bbox, years, absent)

    def _years(
        self, layer: Layer, tier: str, where: str = "", values: Sequence[Value] = ()
    ) -> tuple[int, int] | None:
        """The first and the last year of the rows of a layer that has years."""
        if layer.years is None:
            return None
        first, last = layer.years
        sql = f"SELECT MIN({first}), MAX({last}) FROM {quoted(layer.name)}{where}"
        ((start, end),) = self._fetch(tier, sql, values)
        return None if start is None else (int(start), int(end))

    def _count_rows(self, name: str, tier: str, where: str, values: tuple[Value, ...]) -> int:
        ((count,),) = self._fetch(tier, f"SELECT COUNT(*) FROM {quoted(name)}{where}", values)
        return int(count)

    def _row(
        self, query: TierQuery, key: str, select: str, values: Sequence[Value]
    ) -> tuple[Any, ...]:
        """One visible row by its id."""
        name, id_field = query.info.layer.name, query.info.layer.id_field
        where_sql, where_values = _where(query, filters={id_field: key})
        sql = f"SELECT {select} FROM {quoted(name)}{where_sql} LIMIT 1"
        for row in self._fetch(query.tier, sql, [*values, *where_values]):
            return row
        raise UnknownNameError(
            "query.no_feature", layer=name, key=id_field, feature_id=key, field=id_field
        )

    def _place(self, query: TierQuery, key: str, order: Sequence[Term]) -> tuple[Any, ...]:
        """What a row has in the columns of an order."""
        select = ", ".join(term.column for term in order)
        return self._row(query, key, select, [v for term in order for v in term.values])

    def _fetch(self, tier: str, sql: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        with self._pools[check_tier(tier)].connection() as db:
            return db.execute(sql, values).fetchall()

    def _text(self, query: TierQuery, tier: str, row: tuple[Any, ...], crs: str) -> str:
        fid, blob, key, properties = row
        layer = query.info.layer
        if layer.geometry == "Point":
            shape = geometry_text(blob, crs)
        else:
            shape = self._shape((tier, layer.name, fid, crs), blob)
        return f'{{"type":"Feature","id":{key},"geometry":{shape},"properties":{properties}}}'

    def _shape(self, key: tuple[str, str, int, str], blob: bytes | None) -> str:
        """GeoJSON of a line or polygon, cached: a release never changes."""
        text = self._shapes.get(key)
        if text is None:
            text = geometry_text(blob, key[3])
            with self._lock:
                if key not in self._shapes:
                    self._shapes[key] = text
                    self._shape_chars += len(text)
                while self._shape_chars > _CACHED_SHAPE_CHARS and self._shapes:
                    self._shape_chars -= len(self._shapes.popitem(last=False)[1])
        return text


def _text_without_shape(row: tuple[Any, ...]) -> str:
    _, blob, key, properties = row
    box = box_text(blob)
    member = f'"bbox":{box},' if box else ""
    return f'{{"type":"Feature","id":{key},{member}"geometry":null,"properties":{properties}}}'


def _tiles_for(tier: str, province: str | None) -> tuple[Tier, str | None]:
    """The tier whose tiles a reader has, and the province they are cut to."""
    read = tier_of_tiles(check_tier(tier), province)
    return read, province_limit(RIGHTS[read], province)


def _where(
    query: TierQuery,
    bbox: Bbox | None = None,
    where: Condition | None = None,
    filters: Mapping[str, Value] | None = None,
) -> tuple[str, list[Value]]:
    """WHERE clause of the visible rows that match, and its bound values."""
    clauses = [(query.visible, query.visible_values)] if query.visible else []
    if bbox is not None:
        clauses.append(box_condition(query.info.layer.name, bbox))
    conditions = [where] if where is not None else []
    conditions += [Compare(field, "=", value) for field, value in (filters or {}).items()]
    clauses += [compile_condition(condition, query.scope) for condition in conditions]
    sql = " AND ".join(clause for clause, _ in clauses)
    return f" WHERE {sql}" if sql else "", [value for _, bound in clauses for value in bound]


def _typed(field: Field, value: Any) -> Any:
    return bool(value) if field.type == "boolean" and value is not None else value
