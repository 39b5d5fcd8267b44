"""Coast and sea routing: land, islands, distances, ways over water."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.coast import WINDOW, Coast, geodesic_km, load_coast
from geo.errors import DataFileError, InputError, ModelError
from geo.rebuild.sea_routing import SeaRouter, WaterGrid, land_mask

PORTS = {
    "tenau": (-10.197, 123.528),
    "larantuka": (-8.343, 122.985),
    "labuan-bajo": (-8.493, 119.877),
    "sape": (-8.567, 119.020),
    "nunukan": (4.145, 117.667),
    "tawau": (4.243, 117.886),
    "batam-centre": (1.132, 104.053),
    "harbourfront": (1.264, 103.820),
    "tanjung-perak": (-7.198, 112.733),
    "tanjung-priok": (-6.100, 106.880),
    "makassar": (-5.123, 119.408),
    "parepare": (-4.013, 119.620),
    "balikpapan": (-1.270, 116.810),
    "lembar": (-8.728, 116.073),
    "padang-bai": (-8.532, 115.509),
    "kayangan": (-8.479, 116.670),
    "pototano": (-8.527, 116.795),
    "ketapang": (-8.143, 114.400),
    "gilimanuk": (-8.162, 114.436),
    "benoa": (-8.745, 115.210),
    "tolitoli": (1.037, 120.808),
}


@pytest.fixture(scope="module")
def coast() -> Coast:
    return load_coast()


@pytest.fixture(scope="module")
def router(coast: Coast) -> SeaRouter:
    return SeaRouter(coast)


@pytest.mark.slow
def test_islands_are_many_and_named(coast: Coast) -> None:
    assert len(set(coast.island_ids)) == len(coast.island_ids) > 8000
    for name in ("Pulau Flores", "Pulau Sumba", "Pulau Timor", "Pulau Batam", "Pulau Rote"):
        assert name in coast.names
    assert all(shape.is_valid for shape in coast.shapes)


@pytest.mark.parametrize(
    ("name", "lat", "lon"),
    [
        ("Pulau Timor", -9.86, 124.28),
        ("Pulau Flores", -8.61, 120.47),
        ("Pulau Kalimantan", 3.60, 116.62),
        ("Pulau Batam", 1.08, 104.03),
        ("Pulau Sumba", -9.66, 120.26),
        # not those of the islets at their shores: Kura, Podok, Nu Pindotu
        ("Pulau Pantar", -8.42, 124.13),
        ("Pulau Waigeo", -0.20, 130.80),
        ("Pulau Yapen", -1.77, 136.20),
    ],
)
def test_point_finds_its_island(coast: Coast, name: str, lat: float, lon: float) -> None:
    assert coast.is_land(lat, lon)
    island = coast.island_of(lat, lon)
    assert island is not None
    assert coast.names[coast.island_ids.index(island)] == name


def test_open_sea_has_no_island(coast: Coast) -> None:
    assert not coast.is_land(-6.0, 112.0)
    assert coast.island_of(-6.0, 112.0) is None
    assert coast.distance_km(-6.0, 112.0) == pytest.approx(65, abs=5)


def test_ports_lie_at_the_coast(coast: Coast) -> None:
    for name, (lat, lon) in PORTS.items():
        assert coast.distance_km(lat, lon) < 2.0, name


def test_window_border_is_no_coast(coast: Coast) -> None:
    # New Guinea is cut at 142 E, far from any shore there.
    assert coast.is_land(-5.5, 141.99)
    assert coast.distance_km(-5.5, 141.99) > 100


def test_distance_is_measured_on_the_ellipsoid() -> None:
    square = shapely.box(120.0, -10.0, 121.0, -9.0)
    island = Coast.of(["i1"], ["Persegi"], [0.0], [square])
    assert island.distance_km(-9.5, 121.5) == pytest.approx(
        geodesic_km(-9.5, 121.5, -9.5, 121.0), rel=1e-3
    )
    assert island.distance_km(-9.5, 120.5) == pytest.approx(
        geodesic_km(-9.5, 120.5, -9.5, 120.0), rel=1e-2
    )
    assert island.island_of(-9.5, 121.02) == "i1"
    assert island.island_of(-9.5, 121.2) is None


def test_swapped_coordinates_are_refused(coast: Coast) -> None:
    with pytest.raises(InputError, match="order"):
        coast.is_land(120.0, -9.0)


def test_missing_coast_says_how_to_mend(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(DataFileError, match=r"geo\.rebuild land"):
        load_coast(Path(str(tmp_path)) / "land.geojson.gz")


def test_mask_agrees_with_exact_containment(coast: Coast, router: SeaRouter) -> None:
    grid = router.grid((121.0, -9.2, 123.0, -8.2), cell=0.02)
    rng = np.random.default_rng(7)
    rows = rng.integers(0, grid.share.shape[0], 400)
    columns = rng.integers(0, grid.share.shape[1], 400)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        lat, lon = grid.at(row, column)
        # A centre exactly on the shore may fall on either side.
        if grid.share[row, column] in (0.0, 1.0) and coast.distance_km(lat, lon) > 0.01:
            assert coast.is_land(lat, lon) == (grid.share[row, column] == 0.0)


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9), st.floats(0.02, 0.4), st.floats(0.02, 0.4))
def test_mask_of_a_box_is_the_box(x: float, y: float, width: float, height: float) -> None:
    ring = shapely.get_coordinates(shapely.box(x, y, x + width, y + height))
    edges = np.hstack([ring[:-1], ring[1:]])
    edges = edges[edges[:, 1] != edges[:, 3]]
    mask = land_mask(edges, 0.0, 0.0, 0.05, (28, 28))
    centres = (np.arange(28) + 0.5) * 0.05
    inside = ((centres > y) & (centres < y + height))[:, None] & (
        (centres > x) & (centres < x + width)
    )[None, :]
    # A centre exactly on an edge may fall on either side.
    on_edge = (
        np.isclose(np.abs(centres[:, None] - [y, y + height]), 0).any()
        or np.isclose(np.abs(centres[:, None] - [x, x + width]), 0).any()
    )
    assert on_edge or (mask == inside).all()


@pytest.mark.parametrize(
    ("start", "end", "least", "most"),
    [
        # Straits that must be open: about the straight crossing.
        ("kayangan", "pototano", 14, 18),  # Alas
        ("padang-bai", "lembar", 65, 72),  # Lombok
        ("sape", "labuan-bajo", 94, 110),  # Sape
        ("ketapang", "gilimanuk", 4, 6),  # Bali
        ("batam-centre", "harbourfront", 29, 40),
        ("makassar", "balikpapan", 510, 560),  # Makassar
        # Round land.
        ("larantuka", "tenau", 214, 245),  # Flores strait, then the Savu Sea
        ("nunukan", "tawau", 27, 60),
        ("benoa", "labuan-bajo", 515, 640),
        ("makassar", "tolitoli", 760, 830),  # 690 km straight over Sulawesi
    ],
)
def test_known_crossings(
    router: SeaRouter, start: str, end: str, least: float, most: float
) -> None:
    way = router.route(*PORTS[start], *PORTS[end])
    assert least <= way.length_km <= most
    assert way.length_km >= geodesic_km(*PORTS[start], *PORTS[end])
    line = shapely.LineString(list(zip(way.lon, way.lat, strict=True)))
    ends = shapely.buffer(shapely.get_point(line, [0, -1]), 0.03).tolist()
    at_sea = line.difference(shapely.union_all(ends))
    assert shapely.length(shapely.intersection(router.coast.shapes, at_sea)).sum() < 3e-4


@pytest.mark.parametrize(
    ("start", "end", "least", "most"),
    [
        # Ports on opposite shores of one long island, 67 and 80 km apart.
        ((-8.61461, 122.21981), (-8.85493, 121.66340), 270, 340),  # Maumere - Ippi round Flores
        ((-1.18516, 136.07576), (-1.88762, 136.24511), 150, 220),  # Biak - Serui round Yapen
    ],
)
def test_a_port_is_not_moved_to_the_other_shore(
    router: SeaRouter,
    start: tuple[float, float],
    end: tuple[float, float],
    least: float,
    most: float,
) -> None:
    way = router.route(*start, *end)
    assert way.snap_km < 5
    assert least <= way.length_km <= most


def test_same_length_both_ways(router: SeaRouter) -> None:
    out = router.route(*PORTS["larantuka"], *PORTS["tenau"]).length_km
    back = router.route(*PORTS["tenau"], *PORTS["larantuka"]).length_km
    assert out == pytest.approx(back, rel=0.02)


def test_a_way_goes_round_a_wall() -> None:
    # A wall 3 degrees long across the straight line; the way must turn its nearer end.
    wall = Coast.of(["i1"], [""], [0.0], [shapely.box(119.9, -11.0, 120.0, -8.0)])
    way = SeaRouter(wall).route(-8.5, 119.0, -8.5, 121.0)
    by_hand = geodesic_km(-8.5, 119.0, -8.0, 119.95) + geodesic_km(-8.0, 119.95, -8.5, 121.0)
    assert way.length_km == pytest.approx(by_hand, rel=0.03)


@pytest.mark.slow
def test_a_closed_pond_is_no_sea() -> None:
    ring = shapely.box(119.0, -11.9, 122.0, -7.0).difference(shapely.box(120.0, -9.0, 121.0, -8.0))
    with pytest.raises(ModelError, match="no way over water"):
        SeaRouter(Coast.of(["i1"], [""], [0.0], [ring])).route(-8.5, 120.5, -10.0, 130.0)


@pytest.mark.slow
@given(st.floats(-11.0, 6.0), st.floats(96.0, 140.0), st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_never_below_the_geodesic(
    router: SeaRouter, lat: float, lon: float, north: float, east: float
) -> None:
    end = lat + north, lon + east
    try:
        length = router.route(lat, lon, *end).length_km
    except ModelError:
        return
    assert length >= geodesic_km(lat, lon, *end) - 1e-9


def test_outside_the_map_is_refused(router: SeaRouter) -> None:
    with pytest.raises(InputError, match="outside"):
        router.route(22.3, 114.2, -8.5, 119.9)
    assert WINDOW == (94.0, -12.0, 142.0, 8.0)


def test_grid_index_and_centre_agree() -> None:
    grid = WaterGrid(100.0, -5.0, 0.1, np.ones((10, 20)))
    for cell in ((0, 0), (9, 19), (4, 7)):
        assert grid.index(*grid.at(*cell)) == cell
    assert json.dumps(grid.index(-20.0, 200.0)) == "[0, 19]"
