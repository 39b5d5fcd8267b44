"""Lines of pairs of areas: from the seat, over official legs, into the true region."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.dataset import Dataset
from geo.paths import Home
from layers.release.official_ways import OfficialWays
from layers.release.release import open_release

NODES = pd.DataFrame(
    [
        ("r:53.71", "seat", 123.6, -10.2, "53.71", None, None),
        ("tenau", "seaport", 123.5, -10.2, "53.71", None, None),
        ("aboard", "aboard", 119.5, -5.1, "73.71", "makassar", None),
        ("makassar", "seaport", 119.4, -5.1, "73.71", None, None),
        ("nunukan", "seaport", 117.7, 4.1, "65.04", None, None),
        ("to-tawau:P", "destination", 117.9, 4.2, None, None, "to-tawau"),
        ("to-johor:P", "destination", 103.8, 1.5, None, None, "to-johor"),
    ],
    columns=["node", "kind", "lon", "lat", "area_code", "calls_at", "destination"],
)
EDGES = pd.DataFrame(
    [
        ("r:53.71", "tenau", 1.0), ("tenau", "aboard", 30.0), ("aboard", "makassar", 0.5),
        ("aboard", "nunukan", 40.0), ("nunukan", "to-tawau:P", 3.0),
    ],
    columns=["u", "v", "hours"],
)  # fmt: skip
AROUND = shapely.MultiLineString([[(123.5, -10.2), (121.0, -8.0), (119.4, -5.1)]])
LEGS = pd.DataFrame(
    {"from_id": ["tenau"], "to_id": ["makassar"], "hours": [30.0], "geometry": [AROUND]}
)
KUPANG, SEA = (123.6, -10.2), (110.0, 0.0)


def coordinates(line: shapely.MultiLineString) -> list[tuple[float, ...]]:
    (part,) = line.geoms
    return list(part.coords)


def test_a_way_goes_along_legs_and_arcs_from_the_seat_to_the_nearest_destination() -> None:
    ways = OfficialWays(NODES, EDGES, LEGS)
    sabah, johor, nowhere = ways.lines([
        (KUPANG, ["to-johor", "to-tawau"], SEA), (KUPANG, ["to-johor"], SEA),
        ((np.nan, np.nan), ["to-tawau"], SEA),
    ])  # fmt: skip
    line = coordinates(sabah)
    assert line[0] == KUPANG
    assert line[-1] == (117.9, 4.2)
    assert [point for point in line if point in AROUND.geoms[0].coords] == list(
        AROUND.geoms[0].coords
    )
    assert shapely.MultiPoint(line).distance(shapely.Point(117.7, 4.1)) == 0
    # no official way leads to Johor here: the arc
    assert coordinates(johor)[0] == KUPANG
    assert coordinates(johor)[-1] == SEA
    assert nowhere is None


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["public", "partner"])
def test_corridors_begin_at_the_seat_and_end_where_they_lead(
    tier: str, built_home: Path, dataset: Dataset
) -> None:
    seats = dataset.seats.set_index("code")
    capitals = seats[seats["province_seat"] == "yes"]
    points = {
        **{code[:2]: (row.lon, row.lat) for code, row in capitals.iterrows()},
        **{code: (row.lon, row.lat) for code, row in seats.iterrows()},
    }
    with open_release(Home(built_home)) as release:
        table = release.table("corridors", tier, province="*")
    columns = {name: np.array(values) for name, values in table.columns.items()}
    lines = dict(zip(columns["id"], table.geometry, strict=True))
    for origin, line in zip(columns["origin_code"], lines.values(), strict=True):
        start = shapely.Point(line.geoms[0].coords[0])
        assert start.distance(shapely.Point(points[origin])) < 1e-4, origin
    if tier == "partner":
        return
    # Sabah is not Johor, and who goes there from NTT passes Nunukan, not Kalimantan's middle.
    sabah, sarawak, peninsula = (
        lines[f"53-MY-{region}"] for region in ("sabah", "sarawak", "peninsular_malaysia")
    )
    ends = [shapely.Point(line.geoms[-1].coords[-1]) for line in (sabah, sarawak, peninsula)]
    boxes = [(115.0, 4.0, 119.5, 7.5), (109.5, 0.8, 115.7, 5.1), (99.5, 1.2, 104.6, 6.8)]
    assert all(shapely.box(*bounds).contains(end) for bounds, end in zip(boxes, ends, strict=True))
    assert sabah.distance(shapely.Point(117.65, 4.14)) < 0.1
    inland = shapely.box(113.0, -1.5, 115.5, 2.5)
    assert not sabah.intersects(inland)


def test_pairs_from_an_area_that_is_not_assessed_are_not_assessed(built_home: Path) -> None:
    with open_release(Home(built_home)) as release:
        areas = release.features("areas", "public", limit=1000).features
        known = {area["id"]: area["properties"]["class"] for area in areas}
        pairs = [
            pair["properties"]
            for pair in release.features("corridors", "public", limit=1000).features
        ]
    unknown = {known[pair["origin_code"]] == "not_assessed" for pair in pairs}
    assert unknown == {True, False}
    for pair in pairs:
        origin = known[pair["origin_code"]]
        assert (pair["class"] == "not_assessed") == (origin == "not_assessed"), pair["name"]
    classed = {pair["class"] for pair in pairs}
    assert classed == {"low", "medium", "high", "not_assessed"}
    high = {pair["id"] for pair in pairs if pair["class"] == "high"}
    assert {"53-MY-sabah", "53-MY-peninsular_malaysia", "61-MY-sarawak"} <= high
    assert not [name for name in high if name.startswith(("94", "95"))], "nobody's records say so"
