"""Roads of the base map: from afar the main ones, near all that a tile can hold, none invented."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

from geo.imports.road_tags import CLASSES
from geo.road_network import RoadNetwork, RoadShapes
from layers.palette import MAIN_ROADS
from layers.query.tile_archive import TileArchive
from layers.release.basemap_tiles import ROAD_LAYER, write_basemap_tiles

_MOST_BYTES = 500_000
KUPANG = (123.6, -10.17)


def grid(
    step_deg: float,
    half_deg: float,
    class_of: str | None = None,
    *,
    bends: int = 0,
) -> RoadNetwork:
    """Streets along a grid around Kupang, each stretch with random bends; every tenth is primary,
    every fifth tertiary, the others residential."""
    count = round(2 * half_deg / step_deg) + 1
    lon, lat = (
        np.tile(KUPANG[0] + np.linspace(-half_deg, half_deg, count), count),
        np.repeat(KUPANG[1] + np.linspace(-half_deg, half_deg, count), count),
    )
    node = np.arange(count**2).reshape(count, count)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()]).astype(np.int32)
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()]).astype(np.int32)
    street = np.concatenate([np.repeat(np.arange(count), count - 1)] * 1 + [
        np.tile(np.arange(count), count - 1)
    ])  # fmt: skip
    names = np.where(
        street % 10 == 0, "primary", np.where(street % 5 == 0, "tertiary", "residential")
    )
    kinds = np.full(len(tail), class_of) if class_of else names
    place = pd.Index(CLASSES).get_indexer(kinds).astype(np.int8)
    share = (np.arange(bends) + 1) / (bends + 1)
    rng = np.random.default_rng(0)
    inner = [
        (axis[tail, None] * (1 - share) + axis[head, None] * share
         + rng.normal(0, step_deg / 20, (len(tail), bends))).ravel()
        for axis in (lon, lat)
    ]  # fmt: skip
    ones = np.ones(len(tail), np.float32)
    return RoadNetwork(
        np.arange(count**2), lat, lon, tail, head, ones, ones, np.zeros(len(tail), np.bool_),
        RoadShapes(
            place, np.arange(len(tail) + 1) * bends,
            np.round(np.column_stack(inner) * 1e7).astype(np.int32),
        ),
    )  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A base map of one island name."""
    point = {"type": "Point", "coordinates": list(KUPANG)}
    about = {"layer": "island", "min_zoom": 5, "name": "Timor", "outlined": True}
    feature = {"type": "Feature", "properties": about, "geometry": point}
    path = tmp_path / "layers.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return path


def drawn(path: Path, zoom: int) -> pd.DataFrame:
    return pyogrio.read_dataframe(path, layer=ROAD_LAYER, ZOOM_LEVEL=zoom)


def test_main_roads_from_afar_and_all_near(source: Path, tmp_path: Path) -> None:
    path, again = tmp_path / "a.pmtiles", tmp_path / "b.pmtiles"
    write_basemap_tiles(path, source, grid(0.01, 0.3, bends=3))
    write_basemap_tiles(again, source, grid(0.01, 0.3, bends=3))
    assert path.read_bytes() == again.read_bytes()
    found = {zoom: set(drawn(path, zoom)["class"]) for zoom in (7, 8, 9)}
    assert found[7] == found[8] == {"primary"} <= set(MAIN_ROADS)
    assert found[9] == {"primary", "tertiary", "residential"}
    # 7 of 61 streets each way are primary: their length is on the map (GDAL cuts at tile borders)
    primary = drawn(path, 9).query("`class` == 'primary'").to_crs(32751)
    assert primary.length.sum() == pytest.approx(14 * 66_000, rel=0.15)
    with TileArchive(path) as archive:
        layers = {layer["id"]: layer for layer in archive.metadata["vector_layers"]}
        assert (layers[ROAD_LAYER]["minzoom"], layers[ROAD_LAYER]["maxzoom"]) == (7, 9)
        assert "© OpenStreetMap contributors" in archive.metadata["attribution"]


def test_a_city_keeps_its_greater_roads_within_the_bound(source: Path, tmp_path: Path) -> None:
    """A tile of a whole metropolis: 115,000 stretches of which each bends four times."""
    path = tmp_path / "a.pmtiles"
    write_basemap_tiles(path, source, grid(0.0025, 0.3, bends=4))
    with TileArchive(path) as archive:
        longest = max(length for _, _, length in archive._entries)
    assert longest < _MOST_BYTES
    assert set(drawn(path, 9)["class"]) >= {"primary", "tertiary"}


def test_without_shapes_no_road_is_drawn_and_nobody_named(source: Path, tmp_path: Path) -> None:
    network = grid(0.05, 0.2)
    unknown = RoadShapes.unknown(len(network))
    for name, roads in (
        ("none", RoadNetwork.empty()),
        ("old", RoadNetwork(**{**vars(network), "shapes": unknown})),
    ):
        write_basemap_tiles(tmp_path / f"{name}.pmtiles", source, roads)
        with TileArchive(tmp_path / f"{name}.pmtiles") as archive:
            assert [layer["id"] for layer in archive.metadata["vector_layers"]] == ["island"]
            assert "attribution" not in archive.metadata
    assert (tmp_path / "none.pmtiles").read_bytes() == (tmp_path / "old.pmtiles").read_bytes()
