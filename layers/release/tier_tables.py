"""Rows of each layer at each tier, from a build.

:class:`TierTables` derives polygons once; :meth:`TierTables.table` gives
the rows of one layer that one tier may see, with exactly the registry's columns, sorted by id. A
row's place in the file depends on its id alone, so the order discloses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.classes import NOT_ASSESSED, classify_within
from geo.errors import DataFileError, StateError
from geo.imports.person_check import personal_text
from geo.modes import mode_values
from geo.shelters import names_shelter
from geo.sources import joined_sources, publishers
from layers.query.ports import ports
from layers.registry import LAYERS, fields_for
from layers.release.corridor_pairs import corridor_pairs
from layers.release.counts import cells_of_tier, published_counts
from layers.release.great_circle import arc_lines
from layers.release.layer_table import Table
from layers.release.leg_paths import LegPaths
from layers.release.official_ways import OfficialWays
from layers.release.outreach_villages import outreach_villages
from layers.release.published import corridor_texts, published_column
from layers.release.victims import victim_families
from layers.schema import Layer, Tier
from layers.visibility import ANONYMOUS, RIGHTS
from routes.build.model import Build
from routes.graph.coasts import landing_coasts

__all__ = ["TierTables"]

_OFFICE_LINE = ("services", "phone")
"""The one field that is a telephone: of an office, as it or a page of the public announced it."""
_CODES = ("id", "code", "iata")
"""Endings of the names of fields that hold codes."""
_GRID_DEG = 1e-5  # one metre: the finest coordinate a release carries
# Mismatch of an outline from which it is drawn dashed, and from which it has no line.
_ROUGH, _UNRELIABLE = 0.15, 0.3


def _boundary(cells: pd.DataFrame) -> list[str]:
    """How far each outline is to be believed; see the ``mismatch`` of geo.rebuild.regencies."""
    approximate = cells["approximate"].astype(bool)
    mismatch = cells["mismatch"].astype(float)  # NaN, not known, counts as small
    cases = [~approximate, mismatch >= _UNRELIABLE, mismatch >= _ROUGH]
    slugs = np.select(cases, ["official", "unreliable", "rough"], "approximate")
    return [str(slug) for slug in slugs]


class TierTables:
    """The rows of every layer of ``build`` for every tier."""

    def __init__(self, build: Build) -> None:
        self._build = build

    def table(self, name: str, tier: Tier) -> Table:
        """Rows of layer ``name`` for ``tier``.

        Raises
        ------
        StateError
            The build lacks a column or repeats an id: it is from another version.
        DataFileError
            A service that looks like a shelter, or a text about a person: never published.
        """
        layer = LAYERS[name]
        frames: Mapping[str, Callable[[Tier], pd.DataFrame]] = {
            "areas": self._areas,
            "corridors": self.corridors,
            "counts": self._counts,
            "coverage": self._coverage,
            "destinations": self._destinations,
            "hotspots": self._hotspots,
            "legs": self._legs,
            "outreach": self._outreach,
            "ports": self._ports,
            "posts": self._posts,
            "services": self._services,
            "settlements": self._settlements,
            "terminals": self._terminals,
            "victims": self._victims,
        }
        try:
            frame = frames[name](tier)
        except KeyError as error:
            raise StateError("release.column_missing", columns=error.args[0], layer=name) from error
        table = _finish(layer, tier, frame)
        if RIGHTS[tier].whole_release:  # it has every row and field that others have
            _refuse_persons(table)
        return table

    # -- shared pieces -------------------------------------------------------------------------

    @cached_property
    def _terminal_index(self) -> pd.DataFrame:
        frame = self._build.terminals.copy()
        frame["official"] = _as_bool(frame["official"])
        if not frame["id"].is_unique:
            raise StateError("release.duplicate_terminal")
        coasts = landing_coasts(frame)
        sharing = coasts.map(coasts.value_counts())
        frame["coast_landings"] = frame["id"].map(sharing).astype("Int64")
        return frame.set_index("id", drop=False)

    @cached_property
    def _polygons(self) -> Mapping[str, Any]:
        cells = self._build.regency_cells
        shapes = _snap(np.asarray(cells.geometry.array, dtype=object))
        polygons = {str(c): g for c, g in zip(cells["code"], shapes, strict=True) if g is not None}
        by_province: dict[str, list[Any]] = {}
        for code, shape in sorted(polygons.items()):
            by_province.setdefault(code[:2], []).append(shape)
        for province, parts in by_province.items():
            polygons.setdefault(province, _multi(shapely.union_all(parts, grid_size=_GRID_DEG)))
        return polygons

    @cached_property
    def _official_ways(self) -> OfficialWays:
        return OfficialWays(self._build.nodes, self._build.official_edges, self._legs(ANONYMOUS))

    # -- the frame of each layer ---------------------------------------------------------------

    def _areas(self, tier: Tier) -> pd.DataFrame:
        frame = self._build.areas.copy()
        frame = frame[frame["level"].isin(RIGHTS[tier].area_levels)]
        codes = frame["code"].astype(str)
        cells = self._build.regency_cells
        boundaries = dict(zip(cells["code"].astype(str), _boundary(cells), strict=True))
        return frame.assign(
            geometry=[self._polygons.get(code) for code in codes],
            boundary=[
                boundaries.get(code, "approximate") if code in self._polygons else None
                for code in codes
            ],
        )

    def _settlements(self, _tier: Tier) -> pd.DataFrame:
        frame = self._build.settlements.copy()
        scores = ["score_mean", "score_p05", "score_p95", "class"]
        if "score_mean" in frame.columns:
            frame["score_basis"] = "settlement"
        else:
            # without indicators of settlements, the regency's score; ``score_basis`` says so
            regencies = self._build.areas[self._build.areas["level"] == "regency"]
            index = regencies.set_index("code")[scores]
            frame = frame.join(index, on="regency_code")
            frame["class"] = frame["class"].where(frame["class"].notna(), NOT_ASSESSED)
            frame["score_basis"] = "regency"
        frame["decided_by"] = frame["decided_by"].str.replace("+", ";")
        return _with_points(frame)

    def _terminals(self, tier: Tier) -> pd.DataFrame:
        frame = self._terminal_index.reset_index(drop=True)
        if not RIGHTS[tier].unofficial:
            frame = frame[frame["official"]]
        return _with_points(frame.assign(province_code=_area_prefix(frame, 2)))

    def _ports(self, tier: Tier) -> pd.DataFrame:
        """Terminals of the country by load: those that :func:`layers.query.ports.ports` lists.

        ``load_class`` is among the official ones, by their load in the official network.
        """
        terminals = self._terminals(tier)
        at_home = terminals["official"] & (terminals["country"] == "ID")
        classes = classify_within(terminals["official_load"].where(at_home))
        terminals["load_class"] = pd.Series(classes, terminals.index, dtype=object).where(
            at_home, None
        )
        listed = pd.DataFrame(
            [(row["id"], row["rank"], row["class"]) for row in ports(terminals.to_dict("records"))],
            columns=["id", "rank", "class"],
        )
        return listed.merge(terminals, on="id", validate="one_to_one")

    def _legs(self, tier: Tier) -> pd.DataFrame:
        nodes = self._terminal_index
        frame = self._build.legs
        connected = frame["from_id"].isin(nodes.index) & frame["to_id"].isin(nodes.index)
        frame = frame[connected].copy()
        for side in ("from", "to"):
            ends = nodes.loc[frame[f"{side}_id"]]
            for column in ("name", "official", "lon", "lat"):
                frame[f"{side}_{column}"] = ends[column].to_numpy()
        frame["assumed"] = _as_bool(frame["assumed"])
        frame["official"] = (
            _as_bool(frame["official"]) & frame["from_official"] & frame["to_official"]
        )
        if not RIGHTS[tier].unofficial:
            frame = frame[frame["official"]].copy()
        frame["medium"] = mode_values(frame["mode"], "medium")
        frame["leg_id"] = frame["id"]
        frame["id"] = [
            f"{leg}.{start}.{end}"
            for leg, start, end in zip(frame["id"], frame["from_id"], frame["to_id"], strict=True)
        ]
        starts, ends = (frame[[f"{side}_lon", f"{side}_lat"]] for side in ("from", "to"))
        frame["over_water"] = (frame["route"] != "").where(frame["medium"] == "sea")
        frame["geometry"] = [
            shapely.MultiLineString([shapely.from_wkt(route)]) if route else arc
            for route, arc in zip(frame["route"], arc_lines(starts, ends), strict=True)
        ]
        return frame

    def corridors(self, tier: Tier) -> pd.DataFrame:
        """Corridors with their lines: paths, or pairs of areas, by the rights of the tier."""
        build = self._build
        detail = RIGHTS[tier].corridors
        if detail != "path":
            tables = (build.pairs, build.destinations, build.areas)
            return corridor_pairs(*tables, by=detail, ways=self._official_ways.lines)
        texts = corridor_texts(
            build.corridors.to_dict("list"), build.corridor_origins.to_dict("list")
        )
        frame = build.corridors.assign(**texts)
        paths = LegPaths(self._terminal_index, self._legs(tier))
        ends = build.destinations.set_index("id")[["lon", "lat"]].reindex(frame["destination_id"])
        columns = (build.corridors[name] for name in ("waypoints", "lons", "lats"))
        frame["geometry"] = [
            paths.line([*waypoints, end], [*lons, lon], [*lats, lat])
            for waypoints, lons, lats, end, lon, lat in zip(
                *columns, frame["destination_id"], ends["lon"], ends["lat"], strict=True
            )
        ]
        return frame

    def _sourced(self, frame: pd.DataFrame, tier: Tier, column: str = "source") -> pd.DataFrame:
        """Sources as the tier sees them: pages of the net, or who published them."""
        sources = frame[column].fillna("")
        if RIGHTS[tier].page_links:
            return frame.assign(**{column: [joined_sources([source]) for source in sources]})
        return frame.assign(**{column: publishers(sources)})

    def _counts(self, tier: Tier) -> pd.DataFrame:
        frame = published_counts(self._build.counts, self._build.areas, tier=tier)
        return _with_points(self._sourced(frame, tier))

    def _victims(self, tier: Tier) -> pd.DataFrame:
        return _with_points(
            victim_families(cells_of_tier(self._build.counts, tier), self._build.areas)
        )

    def _hotspots(self, _tier: Tier) -> pd.DataFrame:
        return _with_points(self._build.hotspots)

    def _coverage(self, tier: Tier) -> pd.DataFrame:
        frame = self._build.coverage
        frame = frame[frame["level"].isin(RIGHTS[tier].coverage_levels)]
        return _with_points(self._sourced(frame, tier))

    def _outreach(self, _tier: Tier) -> pd.DataFrame:
        build = self._build
        return _with_points(
            outreach_villages(build.settlements, build.areas, build.coverage, build.services)
        )

    def _destinations(self, _tier: Tier) -> pd.DataFrame:
        return _with_points(self._build.destinations)

    def _services(self, tier: Tier) -> pd.DataFrame:
        frame = self._build.services
        for row in frame.select_dtypes(["object", "string"]).fillna("").to_dict("records"):
            if names_shelter(" | ".join(map(str, row.values()))):
                raise DataFileError("services.shelter", service=row["id"])
        frame = self._sourced(self._sourced(frame, tier), tier, "phone_source")
        return _with_points(frame.assign(province_code=_area_prefix(frame, 2)))

    def _posts(self, _tier: Tier) -> pd.DataFrame:
        columns = ["lon", "lat", "load_mean", "load_p05", "load_p95"]
        nodes = self._terminal_index[columns].assign(terminal_name=self._terminal_index["name"])
        frame = self._build.posts.drop(columns=columns, errors="ignore")
        frame = frame.join(nodes, on="terminal_id")
        repeat = frame.groupby("terminal_id").cumcount()
        frame["id"] = [
            f"post-{terminal}" if n == 0 else f"post-{terminal}-{n + 1}"
            for terminal, n in zip(frame["terminal_id"], repeat, strict=True)
        ]
        return _with_points(frame)


def _finish(layer: Layer, tier: Tier, frame: pd.DataFrame) -> Table:
    """Keep exactly the registry's columns, typed and rounded, in the order of the ids."""
    fields = fields_for(layer, tier)
    missing = [f.name for f in fields if f.name not in frame.columns]
    if missing:
        raise StateError("release.column_missing", columns=missing, layer=layer.name)
    frame = frame.assign(**{layer.id_field: frame[layer.id_field].astype(str)})
    frame = frame.sort_values(layer.id_field, kind="stable")
    repeated = frame[layer.id_field][frame[layer.id_field].duplicated()]
    if len(repeated):
        raise StateError("release.duplicate_id", layer=layer.name, id=repeated.iloc[0])
    shown = frame[[f.name for f in fields]]
    known = shown.astype(object).where(shown.notna(), None)
    columns = {f.name: published_column(f, known[f.name].tolist()) for f in fields}
    geometry = np.empty(len(frame), dtype=object)
    geometry[:] = list(frame["geometry"])
    return Table(layer, fields, columns, geometry)


def _refuse_persons(table: Table) -> None:
    """No text that is published holds a number or name of a person, whoever wrote it."""
    for field in table.fields:
        if field.type != "text" or field.labels:
            continue
        if (table.layer.name, field.name) == _OFFICE_LINE:
            continue
        values = table.columns[field.name]
        for value in sorted({value for value in values if value}):
            if personal_text(value, code=field.name.endswith(_CODES)):
                row = table.columns[table.layer.id_field][values.index(value)]
                raise DataFileError(
                    "release.personal", layer=table.layer.name, field_name=field.name, row=row
                )


def _as_bool(column: pd.Series[Any]) -> pd.Series[Any]:
    """``yes``/``no`` text or booleans as bool; what is not stated is False."""
    return column.map(lambda v: v == 1 or str(v).strip().lower() in ("yes", "true")).astype(bool)


def _area_prefix(frame: pd.DataFrame, digits: int) -> pd.Series[str]:
    """Code of the province (2 digits) or regency (5) of each row; "" where unknown."""
    return frame["area_code"].fillna("").astype(str).str[:digits]


def _with_points(frame: pd.DataFrame) -> pd.DataFrame:
    lon = frame["lon"].to_numpy(float).round(5)
    lat = frame["lat"].to_numpy(float).round(5)
    points = np.full(len(frame), None, dtype=object)
    located = np.isfinite(lon) & np.isfinite(lat)
    points[located] = shapely.points(lon[located], lat[located])
    return frame.assign(geometry=points)


def _snap(shapes: npt.NDArray[np.object_]) -> list[Any]:
    snapped = shapely.set_precision(shapely.make_valid(shapes), _GRID_DEG)
    return [_multi(shape) for shape in snapped]


def _multi(shape: Any) -> Any:
    """A polygon or collection as a MultiPolygon of its polygons; None when nothing is left."""
    if shape is None or shape.is_empty:
        return None
    parts = [
        part
        for part in shapely.get_parts(shapely.get_parts(shape)).tolist()
        if part.geom_type == "Polygon"
    ]
    return shapely.normalize(shapely.MultiPolygon(parts)) if parts else None
