"""Outlines of regencies: drawn from points, and how near they come to the true ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geo.paths import DATA
from geo.rebuild.files import read_rows
from geo.rebuild.regencies import divided, mismatch

BEFORE = 0.54
"""Mean IoU of the outlines drawn from settlements, seats and islands alone."""


@pytest.fixture(scope="module")
def features() -> dict[str, dict[str, Any]]:
    raw = gzip.decompress((DATA / "regencies.geojson.gz").read_bytes())
    return {f["properties"]["code"]: f for f in json.loads(raw)["features"]}


@pytest.fixture(scope="module")
def iou(
    features: dict[str, dict[str, Any]], shared_file: Callable[[str], Path]
) -> dict[str, float]:
    """Intersection over union of each outline with the true one."""
    text = shared_file("data/regencies_poly_national.geojson").read_text(encoding="utf-8")
    shares = {}
    for feature in json.loads(text)["features"]:
        code = feature["properties"]["code"]
        true, drawn = (shapely.make_valid(shape(f["geometry"])) for f in (feature, features[code]))
        shares[code] = true.intersection(drawn).area / true.union(drawn).area
    return shares


def test_outlines_are_near_the_true_ones(iou: dict[str, float]) -> None:
    values = np.array(list(iou.values()))
    print(f"mean IoU of {len(values)} outlines {values.mean():.3f} (before {BEFORE})")
    assert len(values) == 514
    assert values.mean() >= 0.85
    assert (values < 0.5).sum() <= 4
    assert np.mean([v for code, v in iou.items() if code[:2] == "53"]) >= 0.88


def test_the_mismatch_names_outlines_not_to_be_drawn(
    features: dict[str, dict[str, Any]], iou: dict[str, float]
) -> None:
    flag = {code: f["properties"]["mismatch"] for code, f in features.items()}
    good = [iou[code] for code, value in flag.items() if value is not None and value < 0.15]
    bad = [iou[code] for code, value in flag.items() if value is not None and value >= 0.3]
    assert len(good) >= 465
    assert min(good) > 0.5
    assert np.mean(good) > 0.86
    assert np.mean(bad) < 0.65
    assert flag["31.01"] >= 0.3  # Kepulauan Seribu: the coast lacks most of its islets


def test_an_outline_holds_the_points_of_its_villages(features: dict[str, dict[str, Any]]) -> None:
    points: dict[str, list[tuple[float, float]]] = {}
    for row in read_rows(DATA / "villages.csv.gz"):
        points.setdefault(row["code"][:5], []).append((float(row["lon"]), float(row["lat"])))
    near = {
        code: np.mean(shapely.distance(shape(f["geometry"]), shapely.points(points[code])) < 0.01)
        for code, f in features.items()
    }
    assert np.mean(list(near.values())) > 0.98
    assert {code for code, share in near.items() if share < 0.7} == {"31.01"}


def test_borders_run_between_the_points_and_leave_no_gap() -> None:
    island = shapely.box(120.0, -9.0, 121.0, -8.5)
    west = [(120.1 + 0.1 * i, -8.75, "53.15") for i in range(5)]
    east = [(120.6 + 0.1 * i, -8.75, "53.10") for i in range(4)]
    parts = divided(island, west + east)
    assert set(parts) == {"53.15", "53.10"}
    border = parts["53.15"].intersection(parts["53.10"])
    assert border.area == 0
    assert border.bounds[0] == pytest.approx(120.55, abs=0.02)
    assert border.bounds[2] == pytest.approx(120.55, abs=0.02)
    assert shapely.union_all([*parts.values()]).covers(island)


def test_a_piece_without_a_point_of_its_own_falls_to_its_neighbour() -> None:
    # The nearest point of the northern arm is across the bay, on the other regency's shore.
    arms = shapely.Polygon(
        [(0, 0), (1, 0), (1, 0.2), (0.2, 0.2), (0.2, 0.4), (1, 0.4), (1, 0.6), (0, 0.6)]
    )
    parts = divided(arms, [(0.05, 0.3, "a"), (0.05, 0.55, "a"), (0.95, 0.19, "b")])
    assert parts["a"].covers(shapely.Point(0.9, 0.55))
    assert shapely.get_num_geometries(parts["b"]) == 1


def test_the_mismatch_is_the_worse_of_area_and_points() -> None:
    cell = shapely.box(0, 0, 0.1, 0.1)
    inside, outside = shapely.points([[0.05, 0.05]]), shapely.points([[0.05, 0.05], [0.5, 0.5]])
    assert mismatch(cell, 123.09, inside) == pytest.approx(0, abs=0.002)
    assert mismatch(cell, 246.18, inside) == pytest.approx(np.log(2), abs=0.002)
    assert mismatch(cell, 123.09, outside) == pytest.approx(np.log(2), abs=0.002)
    assert mismatch(cell, None, inside) is None
