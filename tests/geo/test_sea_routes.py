"""Routes of the embedded sea legs: over water, from terminal to terminal, with lengths to match."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.coast import Coast, geodesic_km, load_coast
from geo.dataset import ROUTE_END_DEG, Dataset, load_dataset
from geo.imports.service import import_file
from geo.paths import DATA, Home
from geo.quality import data_faults
from geo.rebuild import rebuild
from geo.rebuild.sources import missing_packages

ON_LAND_KM = 0.03
"""A route that grazes a shore may be this far on land."""
RIVER_DETOUR = 1.4


@pytest.fixture(scope="module")
def coast() -> Coast:
    return load_coast()


@pytest.fixture(scope="module")
def sea_legs(dataset: Dataset) -> pd.DataFrame:
    """One row per pair of terminals."""
    legs = dataset.legs[dataset.legs["mode"].isin(["passenger_ship", "ferry", "fast_boat",
                                                   "small_boat"])]  # fmt: skip
    legs = legs.assign(line=shapely.from_wkt(legs["route"].to_numpy()))
    places = dataset.terminals.set_index("id")
    for end in ("from", "to"):
        legs[f"{end}_point"] = shapely.points(places.loc[legs[f"{end}_id"], ["lon", "lat"]])
    pair = [tuple(sorted(ends)) for ends in legs[["from_id", "to_id"]].to_numpy().tolist()]
    return legs[~pd.Series(pair, legs.index).duplicated()]


def at_sea(line: shapely.LineString, coast: Coast) -> shapely.LineString:
    """The route without the straight lines that join a terminal on land to the water."""
    points = shapely.get_coordinates(line)
    first = int(coast.is_land(points[0, 1], points[0, 0]))
    last = len(points) - int(coast.is_land(points[-1, 1], points[-1, 0]))
    return shapely.LineString(points[first:last])


def length_km(line: shapely.Geometry) -> float:
    parts = [shapely.get_coordinates(part) for part in shapely.get_parts(line)]
    return sum(
        geodesic_km(*a[::-1], *b[::-1]) for part in parts for a, b in pairwise(part.tolist())
    )


def on_land_km(line: shapely.LineString, tree: shapely.STRtree) -> float:
    land = tree.geometries[tree.query(line, predicate="intersects")]
    return sum(map(length_km, shapely.intersection(land, line)))


def test_every_embedded_sea_leg_has_a_route_between_its_terminals(sea_legs: pd.DataFrame) -> None:
    assert len(sea_legs) > 300
    assert (sea_legs["route"] != "").all()
    for end, point in ((0, "from_point"), (-1, "to_point")):
        joins = shapely.get_point(sea_legs["line"].to_numpy(), end)
        assert (shapely.distance(joins, sea_legs[point].to_numpy()) <= ROUTE_END_DEG).all()


def test_routes_stay_off_land(sea_legs: pd.DataFrame, coast: Coast) -> None:
    tree = shapely.STRtree(coast.shapes)
    lines = dict(zip(sea_legs["id"], sea_legs["line"], strict=True))
    ashore = {leg: on_land_km(at_sea(line, coast), tree) for leg, line in lines.items()}
    assert {leg: km for leg, km in ashore.items() if km > ON_LAND_KM} == {}


def test_routes_stay_off_the_provinces_of_another_map(
    sea_legs: pd.DataFrame, coast: Coast, shared_file: Callable[[str], Path]
) -> None:
    # Outlines from elsewhere, taken in by 0.02 degrees (2 km), which the two maps differ by. They
    # count the lower Kapuas, Asahan, Indragiri and Pengabuan as land.
    river_ports = ["pontianak", "tanjung-balai-asahan", "tembilahan", "kuala-tungkal"]
    sea_legs = sea_legs[~sea_legs[["from_id", "to_id"]].isin(river_ports).any(axis=1)]
    path = shared_file("data/provinces_poly_national.geojson")
    outlines = shapely.from_geojson(path.read_text("utf-8"))
    tree = shapely.STRtree(shapely.get_parts(shapely.get_parts(outlines)).tolist())
    inner = shapely.STRtree(shapely.buffer(shapely.make_valid(tree.geometries), -0.02))
    ashore = {
        leg: on_land_km(at_sea(line, coast), inner)
        for leg, line in zip(sea_legs["id"], sea_legs["line"], strict=True)
    }
    assert {leg: round(km, 1) for leg, km in ashore.items() if km > 0.5} == {}


def test_only_river_ports_are_far_from_water(sea_legs: pd.DataFrame, coast: Coast) -> None:
    far = set()
    for leg in sea_legs.itertuples():
        points = shapely.get_coordinates(leg.line)
        for terminal, ends in ((leg.from_id, points[:2]), (leg.to_id, points[-1:-3:-1])):
            if coast.is_land(*ends[0, ::-1]) and length_km(shapely.LineString(ends)) > 5.0:
                far.add(terminal)
    assert far <= {
        "aji-kuning", "juata-laut", "kalabakan", "kumai", "malinau", "pontianak", "pulau-burung",
        "samarinda", "sampit", "sebawang", "sei-ular", "tanjung-selor", "tembilahan",
    }  # fmt: skip


def test_lengths_are_those_of_the_routes(sea_legs: pd.DataFrame) -> None:
    # A way up a river counts 1.4 times.
    for leg in sea_legs.itertuples():
        drawn = length_km(leg.line)
        straight = geodesic_km(
            leg.from_point.y, leg.from_point.x, leg.to_point.y, leg.to_point.x
        )  # fmt: skip
        assert straight - 0.05 <= drawn <= leg.length_km + 0.1, leg.id
        assert leg.length_km <= RIVER_DETOUR * drawn, leg.id


def test_both_directions_follow_one_line(dataset: Dataset) -> None:
    legs = dataset.legs.set_index("id")
    out, back = shapely.from_wkt(legs.loc[["S001", "S001-r"], "route"].to_numpy())
    assert np.array_equal(shapely.get_coordinates(out), shapely.get_coordinates(back)[::-1])


def test_a_ship_goes_round_sulawesi(sea_legs: pd.DataFrame, coast: Coast) -> None:
    leg = sea_legs[(sea_legs["from_id"] == "baubau") & (sea_legs["to_id"] == "parepare")]
    sulawesi = coast.shapes[coast.names.index("Pulau Sulawesi")]
    line = at_sea(leg["line"].iloc[0], coast)
    assert sulawesi.intersection(shapely.LineString(shapely.get_point(line, [0, -1]))).length > 0.5
    assert length_km(sulawesi.intersection(line)) <= ON_LAND_KM
    assert 1.4 < leg["length_km"].iloc[0] / 368 < 1.6  # 368 km as the crow flies


def test_modelled_hours_follow_the_route_and_stated_ones_stay(dataset: Dataset) -> None:
    listed = pd.read_csv(DATA / "legs_sea.csv").set_index("id")
    legs = dataset.legs.set_index("id").loc[listed.index]
    modelled = listed["hours_basis"] == "modelled"
    assert (legs["hours"] == listed["hours"])[~modelled].all()
    # Pontian - Kundur by a boat of 22 knots, longer round Karimun than the note's 95 km.
    leg = legs[(legs["from_id"] == "tanjung-batu-kundur") & (legs["to_id"] == "pontian")].iloc[0]
    assert "95 km of sea at 22 knots" in leg["note"]
    longer_h = (leg["length_km"] - 95) / (22 * 1.852)
    assert leg["hours"] == pytest.approx(listed.loc[leg.name, "hours"] + longer_h, abs=0.006)


def test_a_terminal_that_moves_leaves_its_routes(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    moved = tmp_path / "t.csv"
    moved.write_text(
        "id,name,place,kind,country,area_code,lat,lon\n"
        "waikelo,Waikelo,Waikelo,seaport,ID,53.18,-9.42,119.25\n",
        "utf-8",
    )
    import_file(moved, "terminals", home, by="test")
    dataset = load_dataset(home)
    legs = dataset.legs
    there = (legs["from_id"] == "waikelo") | (legs["to_id"] == "waikelo")
    at_sea = legs["mode"].isin(["passenger_ship", "ferry"])
    assert (legs.loc[there, "route"] == "").all()
    assert (legs.loc[at_sea & ~there, "route"] != "").all()
    faults = {fault.params["leg"] for fault in data_faults(dataset)}
    assert faults == set(legs.loc[there & at_sea & ~legs["id"].str.endswith("-r"), "id"])


def test_an_imported_leg_between_known_ports_follows_their_route(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    path = tmp_path / "l.csv"
    rows = ["from_id,to_id,mode", "parepare,baubau,fast_boat", "tenau,nongsa,ferry"]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    import_file(path, "legs", home, by="test")
    dataset = load_dataset(home)
    legs = dataset.legs.set_index("id")
    leg, way = legs.loc["I-parepare-baubau-fast_boat"], legs.loc["S027-r"]
    assert leg["length_km"] == way["length_km"] > 500
    assert leg["hours"] == pytest.approx(leg["length_km"] / 45.0, abs=0.01)
    assert shapely.from_wkt(leg["route"]).equals(shapely.from_wkt(way["route"]))
    unknown = legs.loc["I-tenau-nongsa-ferry"]
    assert unknown["route"] == ""
    assert [fault.params["leg"] for fault in data_faults(dataset)] == ["I-tenau-nongsa-ferry"]


@pytest.mark.slow
@pytest.mark.long
def test_the_same_coast_and_legs_give_the_same_bytes(tmp_path: Path) -> None:
    if missing := [name for name in missing_packages() if "image" in name]:
        pytest.skip(f"{missing[0]} is not installed")
    names = ("terminals_sea.csv", "terminals_air_land.csv", "legs_sea.csv", "legs_air_land.csv")
    for name in names:
        shutil.copy(DATA / name, tmp_path / name)
    rebuild(["leg_lengths"], out=tmp_path, report=lambda _: None)
    for name in ("leg_lengths.csv", "sea_routes.csv.gz"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
    assert (DATA / "sea_routes.csv.gz").stat().st_size < 400_000
