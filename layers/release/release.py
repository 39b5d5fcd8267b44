"""Reading a release: which one is current, whether it is whole, and its features by tier.

Every read goes through :mod:`layers.registry`; there is no way to name a layer or a field that
the tier does not have. Features come out as GeoJSON texts made by SQLite itself, which is the
fast path of the service; ``Page.features`` parses them for other uses.
"""

# ruff: noqa: S608 - names in SQL come from the registry, values are always bound

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from geo.errors import InputError, UnknownNameError
from geo.paths import Home
from layers.query.conditions import Condition, compile_condition
from layers.query.geojson import geometry_text, wkb_of
from layers.query.sqlite_pool import ReadPool
from layers.query.tier_query import (
    Bbox,
    LayerInfo,
    TierQuery,
    Value,
    box_condition,
    make_tier_query,
    quoted,
    select_parts,
)
from layers.registry import check_tier, fields_for, layer_for, layers_for
from layers.release.layer_table import Table
from layers.release.manifest import BASEMAP_FILE, tier_file
from layers.release.model_folder import check_model
from layers.release.verify import POINTER, current_folder, verify
from layers.schema import TIERS, Field
from layers.visibility import RIGHTS

__all__ = ["POINTER", "Bbox", "LayerInfo", "Page", "Release", "open_release"]

_CACHED_COUNTS = 4096
_CACHED_SHAPE_CHARS = 64_000_000


@dataclass(frozen=True)
class Page:
    """Some features and how many match in all; ``texts`` are GeoJSON Feature texts."""

    matched: int
    texts: tuple[str, ...]

    @cached_property
    def features(self) -> list[dict[str, Any]]:
        """The features as dictionaries."""
        return [json.loads(text) for text in self.texts]


def open_release(home: Home) -> Release:
    """Open the current release of ``home`` and verify it.

    Raises
    ------
    StateError
        Nothing has been published yet.
    BrokenReleaseError
        A file is missing or not what the manifest says.
    """
    return Release(current_folder(home))


class Release:
    """One verified release folder; safe to share between threads, closed with :meth:`close`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = verify(folder)
        self.id = str(self._manifest["id"])
        self._pools = {tier: ReadPool(folder / tier_file(tier)) for tier in TIERS}
        self._lock = threading.Lock()
        self._plans: dict[tuple[str, str, str | None], TierQuery] = {}
        self._counts: OrderedDict[tuple[Any, ...], int] = OrderedDict()
        self._shapes: OrderedDict[tuple[str, str, int], str] = OrderedDict()
        self._shape_chars = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            pool.close()

    # -- contents ----------------------------------------------------------------------------

    @property
    def basemap(self) -> Path:
        """The base map, GeoJSON."""
        return self.folder / BASEMAP_FILE

    @property
    def has_model(self) -> bool:
        """Whether the release was published with a model for plans and scenarios."""
        return "model" in self._manifest

    def model_folder(self) -> Path:
        """The model that plans and scenarios are computed from: police only, never handed out.

        Raises
        ------
        BrokenReleaseError
            There is none, or a file of it is missing or not what the manifest says. The rest of
            the release goes on.
        """
        return check_model(self.folder, self._manifest)

    def tier_id(self, tier: str) -> str:
        """Id of what ``tier`` sees; unchanged when only hidden things change. Show this one."""
        return str(self._manifest["tiers"][check_tier(tier)]["id"])

    def file(self, tier: str) -> Path:
        """The tier's GeoPackage (partner: of all provinces, for the operator only)."""
        return self.folder / tier_file(check_tier(tier))

    def manifest(self, tier: str) -> dict[str, Any]:
        """The manifest as ``tier`` may see it: its own id, layers, caveats and attribution."""
        checked = check_tier(tier)
        entry = self._manifest["tiers"][checked]
        out: dict[str, Any] = {
            "id": entry["id"],
            "tier": checked,
            "layers": entry["layers"],
            "caveats": entry["caveats"],
            "attribution": self._manifest["attribution"],
        }
        if RIGHTS[checked].whole_release:
            out["release"] = self.id
            out["created_from"] = self._manifest["created_from"]
            out["files"] = self._manifest["files"]
            out["model"] = self._manifest.get("model")
        return json.loads(json.dumps(out))  # type: ignore[no-any-return]

    def layers(self, tier: str) -> dict[str, LayerInfo]:
        """The layers of ``tier`` by name."""
        return {name: self.layer(name, tier) for name in layers_for(tier)}

    def layer(self, name: str, tier: str) -> LayerInfo:
        """One layer; :class:`UnknownNameError` whether it is hidden or does not exist."""
        layer = layer_for(name, tier)
        entry = self._manifest["tiers"][tier]["layers"][name]
        bbox = tuple(entry["bbox"]) if entry["bbox"] else None
        return LayerInfo(layer, fields_for(layer, tier), int(entry["rows"]), bbox)

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
    ) -> Page:
        """A page of features.

        Parameters
        ----------
        layer, tier : str
        province : str, optional
            The partner's own province code; needed for that tier, ignored for others.
        bbox : (min lon, min lat, max lon, max lat), optional
            Features whose extent touches it come whole; min lon > max lon crosses 180 degrees.
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

        Raises
        ------
        UnknownNameError
            The tier has no such layer or field.
        InputError
            A value of the wrong type, a bad bbox, a partner without province.
        """
        plan = self._plan(layer, tier, province)
        rows_sql, rows_values = self._rows(plan, bbox, where, filters)
        if limit < 0 or offset < 0:
            raise InputError("query.limit", field="limit")
        order: list[str] = []
        order_values: list[Value] = []
        for name, descending in sort:
            sql, before = plan.scope.column(name)
            order.append(f"{sql} {'DESC' if descending else 'ASC'}")
            order_values.extend(before)
        matched = self._matched(plan, tier, rows_sql, rows_values)
        if limit == 0 or offset >= matched:
            return Page(matched, ())
        select, select_values = select_parts(plan, fields)
        text = (
            f"SELECT fid, geom, {select} FROM {quoted(layer)}{rows_sql} "
            f"ORDER BY {', '.join([*order, 'fid'])} LIMIT ? OFFSET ?"
        )
        values = [*select_values, *rows_values, *order_values, limit, offset]
        with self._pools[check_tier(tier)].connection() as db:
            rows = db.execute(text, values).fetchall()
        return Page(matched, tuple(self._text(plan, tier, row) for row in rows))

    def feature(
        self, layer: str, tier: str, feature_id: str, *, province: str | None = None
    ) -> dict[str, Any]:
        """One feature by id; :class:`UnknownNameError` when this tier has none of that id."""
        return json.loads(  # type: ignore[no-any-return]
            self.feature_text(layer, tier, feature_id, province=province)
        )

    def feature_text(
        self, layer: str, tier: str, feature_id: str, *, province: str | None = None
    ) -> str:
        """Like :meth:`feature`, as GeoJSON text."""
        plan = self._plan(layer, tier, province)
        key = plan.info.layer.id_field
        rows_sql, rows_values = self._rows(plan, None, None, {key: feature_id})
        select, select_values = select_parts(plan, None)
        text = f"SELECT fid, geom, {select} FROM {quoted(layer)}{rows_sql} LIMIT 1"
        with self._pools[check_tier(tier)].connection() as db:
            row = db.execute(text, [*select_values, *rows_values]).fetchone()
        if row is None:
            raise UnknownNameError(
                "query.no_feature", layer=layer, key=key, feature_id=feature_id, field=key
            )
        return self._text(plan, tier, row)

    def table(self, layer: str, tier: str, *, province: str | None = None) -> Table:
        """Every visible row of a layer, for exports and maps drawn at once."""
        import numpy as np
        import shapely

        plan = self._plan(layer, tier, province)
        expressions = [plan.scope.expressions[f.name] for f in plan.info.fields]
        rows_sql, rows_values = self._rows(plan, None, None, None)
        columns = ", ".join(sql for sql, _ in expressions)
        text = f"SELECT geom, {columns} FROM {quoted(layer)}{rows_sql} ORDER BY fid"
        values = [*(v for _, some in expressions for v in some), *rows_values]
        with self._pools[check_tier(tier)].connection() as db:
            rows = db.execute(text, values).fetchall()
        shapes = np.empty(len(rows), dtype=object)
        shapes[:] = [shapely.from_wkb(wkb_of(row[0])) if row[0] else None for row in rows]
        content = {
            f.name: [_typed(f, row[n]) for row in rows] for n, f in enumerate(plan.info.fields, 1)
        }
        return Table(plan.info.layer, plan.info.fields, content, shapes)

    # -- inside --------------------------------------------------------------------------------

    def _plan(self, name: str, tier: str, province: str | None) -> TierQuery:
        key = (name, tier, province if RIGHTS[check_tier(tier)].own_province else None)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = make_tier_query(
                self.layer(name, tier), check_tier(tier), province
            )
        return plan

    def _rows(
        self,
        plan: TierQuery,
        bbox: Bbox | None,
        where: Condition | None,
        filters: Mapping[str, Value] | None,
    ) -> tuple[str, list[Value]]:
        conditions = [plan.visible] if plan.visible else []
        values = list(plan.visible_values)
        if bbox is not None:
            sql, box = box_condition(plan.info.layer.name, bbox)
            conditions.append(sql)
            values.extend(box)
        if where is not None:
            sql, some = compile_condition(where, plan.scope)
            conditions.append(sql)
            values.extend(some)
        for field, value in (filters or {}).items():
            sql, before = plan.scope.column(field)
            conditions.append(f"{sql} = ?")
            values.extend([*before, plan.scope.bind(field, value)])
        return (" WHERE " + " AND ".join(conditions) if conditions else ""), values

    def _matched(self, plan: TierQuery, tier: str, rows_sql: str, values: list[Value]) -> int:
        if not rows_sql:
            return plan.info.rows
        name = plan.info.layer.name
        key = (name, tier, rows_sql, *values)
        with self._lock:
            cached = self._counts.get(key)
        if cached is not None:
            return cached
        with self._pools[check_tier(tier)].connection() as db:
            sql = f"SELECT COUNT(*) FROM {quoted(name)}{rows_sql}"
            count = int(db.execute(sql, values).fetchone()[0])
        with self._lock:
            self._counts[key] = count
            while len(self._counts) > _CACHED_COUNTS:
                self._counts.popitem(last=False)
        return count

    def _text(self, plan: TierQuery, tier: str, row: tuple[Any, ...]) -> str:
        fid, blob, key, properties = row
        if plan.info.layer.geometry == "Point":
            shape = geometry_text(blob)
        else:
            shape = self._shape(plan.info.layer.name, tier, fid, blob)
        return f'{{"type":"Feature","id":{key},"geometry":{shape},"properties":{properties}}}'

    def _shape(self, name: str, tier: str, fid: int, blob: bytes | None) -> str:
        """GeoJSON of a line or polygon, remembered: a release never changes."""
        key = (tier, name, fid)
        text = self._shapes.get(key)
        if text is None:
            text = geometry_text(blob)
            with self._lock:
                if key not in self._shapes:
                    self._shapes[key] = text
                    self._shape_chars += len(text)
                while self._shape_chars > _CACHED_SHAPE_CHARS and self._shapes:
                    self._shape_chars -= len(self._shapes.popitem(last=False)[1])
        return text


def _typed(field: Field, value: Any) -> Any:
    return bool(value) if field.type == "boolean" and value is not None else value
