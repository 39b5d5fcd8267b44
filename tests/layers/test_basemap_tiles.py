"""The base map's tiles: true coasts where police work, no edge of a window, small, same bytes."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geo.dataset import Dataset
from geo.paths import DATA, Home
from geo.road_network import RoadNetwork
from layers.query.tile_archive import TileArchive
from layers.release.basemap_tiles import BASEMAP_ZOOMS, write_basemap_tiles
from layers.release.manifest import BASEMAP_FILE, BASEMAP_TILES
from layers.release.release import open_release

_LAYERS = ["land", "coast", "world", "border", "river", "island", "place", "country", "sea"]
_MOST_BYTES = 500_000


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cut from the embedded layers."""
    folder = tmp_path_factory.mktemp("basemap")
    source = folder / "layers.geojson"
    source.write_bytes(gzip.decompress((DATA / "basemap_layers.geojson.gz").read_bytes()))
    write_basemap_tiles(folder / BASEMAP_TILES, source, RoadNetwork.empty())
    return folder / BASEMAP_TILES


def _distances_m(points: gpd.GeoSeries, lines: gpd.GeoSeries) -> np.ndarray:
    """Metres on the ground from points to the nearest line, both in Web Mercator."""
    tree = shapely.STRtree(lines.to_numpy())
    _, away = tree.query_nearest(points.to_numpy(), return_distance=True, all_matches=False)
    latitudes = np.radians(points.to_crs(4326).y)
    return np.asarray(away * np.cos(latitudes))


def _points(dataset: Dataset, provinces: tuple[str, ...], kinds: tuple[str, ...]) -> gpd.GeoSeries:
    rows = dataset.terminals
    rows = rows[rows["area_code"].str.startswith(provinces) & rows["kind"].isin(kinds)]
    return gpd.GeoSeries.from_xy(rows["lon"], rows["lat"], crs=4326).to_crs(3857)


@pytest.mark.slow
def test_ports_and_landings_lie_at_the_drawn_coast(tiles: Path, dataset: Dataset) -> None:
    """Positions are good to some hundred metres; a coast drawn to a kilometre made them float."""
    coast = pyogrio.read_dataframe(tiles, layer="coast").geometry
    landings = _points(dataset, ("21",), ("unofficial",))
    assert len(landings) > 30
    assert _distances_m(landings, coast).max() < 400
    ports = _points(dataset, ("53", "21"), ("seaport", "ferry"))
    away = _distances_m(ports, coast)
    assert np.quantile(away, 0.9) < 1100
    assert away.max() < 2000
    coarse = gpd.read_file(f"/vsigzip/{DATA / 'basemap.geojson.gz'}").to_crs(3857).boundary
    assert np.median(_distances_m(landings, coast)) < np.median(_distances_m(landings, coarse))


@pytest.mark.slow
def test_no_edge_of_the_window_is_drawn(tiles: Path) -> None:
    """Neither as a coast, nor as a gap between the land inside and the world around."""
    edge = shapely.LineString(
        gpd.GeoSeries.from_xy([116.0, 128.0], [8.0, 8.0], crs=4326).to_crs(3857).tolist()
    )  # across Palawan and Mindanao
    west, south, east, north = edge.buffer(100_000).bounds
    shapes = {
        name: pyogrio.read_dataframe(tiles, layer=name, ZOOM_LEVEL=6)
        .make_valid()
        .cx[west:east, south:north]
        .union_all()
        for name in ("land", "world", "coast")
    }
    assert shapes["coast"].intersection(edge.buffer(300)).length < 0.02 * edge.length
    land = shapely.union_all([shapes["land"], shapes["world"]])
    crossed = edge.buffer(30_000, cap_style="flat")
    # water that closes when the land on both sides grows by two kilometres is a gap along the edge
    gap = land.buffer(2_000).buffer(-2_000).difference(land).intersection(edge.buffer(3_000))
    assert land.intersection(crossed).area > 0.1 * crossed.area
    assert gap.area < 0.01 * land.intersection(crossed).area


@pytest.mark.slow
def test_from_afar_the_coast_has_few_points_and_lies_where_it_is(tiles: Path) -> None:
    """To half a pixel of a tile of 512, which a frame of the map has to draw each time."""
    points = {}
    for zoom in (4, BASEMAP_ZOOMS[1]):
        coast = pyogrio.read_dataframe(tiles, layer="coast", ZOOM_LEVEL=zoom).geometry
        points[zoom] = gpd.GeoSeries(shapely.points(shapely.get_coordinates(coast)), crs=3857)
    half_pixel = 40_075_017 / 512 / 2**4 / 2
    assert len(points[4]) < len(points[BASEMAP_ZOOMS[1]]) / 5
    assert _distances_m(points[4], coast).max() < half_pixel


@pytest.mark.slow
def test_every_tile_is_small_and_every_layer_there(tiles: Path) -> None:
    with TileArchive(tiles) as archive:
        described = {layer["id"]: layer for layer in archive.metadata["vector_layers"]}
        assert list(described) == _LAYERS
        assert (archive.header["min_zoom"], archive.header["max_zoom"]) == BASEMAP_ZOOMS
        assert max(length for _, _, length in archive._entries) < _MOST_BYTES
    assert [name for name, _ in pyogrio.list_layers(tiles)] == _LAYERS
    islands = pyogrio.read_dataframe(tiles, layer="island")
    assert len(islands) > 12_000
    area = islands.groupby("name")["area_km2"].max()
    assert area["Pulau Pantar"] > area["Pulau Solor"] > 200
    assert not islands["name"].isin(["Pulau Batukapa", "Pulau Podok"]).any(), "on other land"
    seas = set(pyogrio.read_dataframe(tiles, layer="sea")["name"])
    assert {"Laut Jawa", "Laut Banda", "Samudra Hindia"} <= seas


@pytest.mark.slow
def test_a_release_has_the_tiles_of_its_build_the_same_for_every_tier(
    tiles: Path, built_home: Path
) -> None:
    with open_release(Home(built_home)) as release:
        assert (release.folder / BASEMAP_TILES).read_bytes() == tiles.read_bytes()
        assert release.basemap_tiles.tile(5, 25, 15) is not None
        names = {BASEMAP_FILE, BASEMAP_TILES}
        assert names <= set(release.manifest("police")["files"])
