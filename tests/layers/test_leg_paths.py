"""Lines of corridors: along legs on record where they join two waypoints, arcs elsewhere."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import shapely

from layers.release.leg_paths import LegPaths
from layers.release.tier_tables import TierTables
from routes.build.store import load_build

TERMINALS = pd.DataFrame(
    {"id": ["tenau", "bolok", "call", "nunukan"], "place": ["Kupang", "Kupang", "", "Nunukan"]}
)


def leg(start: str, end: str, hours: float, *points: tuple[float, float]) -> dict[str, object]:
    geometry = shapely.MultiLineString([points]) if points else None
    return {"from_id": start, "to_id": end, "generalised_hours": hours, "geometry": geometry}


LEGS = pd.DataFrame(
    [
        leg("tenau", "call", 20.0, (0.0, 0.0), (1.0, 3.0), (2.0, 3.0)),
        leg("call", "nunukan", 20.0, (2.0, 3.0), (4.0, 0.0)),
        leg("bolok", "nunukan", 90.0, (0.1, 0.0), (4.0, 0.0)),
        leg("nunukan", "tenau", float("nan"), (4.0, 0.0), (0.0, 0.0)),
    ]
)


@pytest.fixture(scope="module")
def paths() -> LegPaths:
    return LegPaths(TERMINALS, LEGS)


def coordinates(line: shapely.MultiLineString | None) -> list[list[tuple[float, float]]]:
    assert line is not None
    return [list(part.coords) for part in line.geoms]


def test_the_quickest_way_of_any_terminal_of_a_place(paths: LegPaths) -> None:
    line = paths.line(["place:kupang", "place:nunukan"], [0.0, 4.0], [0.0, 0.0])
    assert coordinates(line) == [[(0.0, 0.0), (1.0, 3.0), (2.0, 3.0), (4.0, 0.0)]]


def test_an_arc_where_no_leg_leads_or_only_a_long_way_round(paths: LegPaths) -> None:
    """No leg back; to the destination; and a call that stands beside the place itself."""
    back = paths.line(["place:nunukan", "place:kupang"], [4.0, 0.0], [0.0, 0.0])
    assert coordinates(back)[0][0] == (4.0, 0.0)
    assert len(coordinates(back)) == 1
    last = paths.line(["place:nunukan", "to-tawau"], [4.0, 4.0], [0.0, 0.5])
    assert coordinates(last) == [[(4.0, 0.0), (4.0, 0.5)]]
    near = paths.line(["tenau", "call"], [0.0, 0.5], [0.0, 0.0])
    assert coordinates(near) == [[(0.0, 0.0), (0.5, 0.0)]]
    assert paths.line(["tenau"], [0.0], [0.0]) is None


def test_a_corridor_by_ship_follows_its_leg_over_water(built_home: Path) -> None:
    build = load_build(built_home)
    tables = TierTables(build)
    legs = tables.table("legs", "police")
    rows = zip(*(legs.columns[name] for name in ("from_id", "to_id", "medium")), strict=True)
    by_ship = [row == ("parepare", "tunon-taka", "sea") for row in rows]
    ships = shapely.union_all(legs.geometry[by_ship])
    pair = ("place:parepare", "place:nunukan")
    corridors = tables.corridors("police")
    found = corridors.loc[[pair in pairwise(w) for w in build.corridors["waypoints"]], "geometry"]
    assert len(found)
    for line in found:
        assert line.intersection(ships).length == pytest.approx(
            ships.length / sum(by_ship), rel=0.01
        )
