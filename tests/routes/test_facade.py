"""A build for notebooks: names, GeoDataFrames, documented columns, estimators with good manners."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from geo.errors import ModelError, NotFittedError, StateError
from routes.build import Build, describe_columns, load_build
from routes.build.columns import COLUMNS
from routes.build.geometry import SPATIAL
from routes.flow import FlowModel
from routes.outreach import plan_outreach
from routes.posts import plan_posts
from routes.vulnerability import Framework, VulnerabilityIndex


@pytest.fixture(scope="module")
def opened(built_home: Path) -> Build:
    return load_build(built_home)


def test_a_corridor_is_named_in_any_usual_form(opened: Build) -> None:
    answer = opened.corridor("Kupang", "Labuan Bajo", "Nunukan")
    assert answer.persons_per_year["mean"] > 0
    assert opened.corridor("pelabuhan kupang", "LABUAN  bajo", "Núnukan") == answer


@pytest.mark.parametrize("name", sorted(SPATIAL))
def test_tables_with_places_are_geodataframes(opened: Build, name: str) -> None:
    table = getattr(opened, name)
    assert isinstance(table, gpd.GeoDataFrame)
    assert table.crs == "EPSG:4326"
    assert table.geometry.notna().all()
    assert getattr(opened, name) is table
    west, south, east, north = table.total_bounds
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_column_is_documented(build: Build, name: str) -> None:
    documented = describe_columns(name)
    assert list(getattr(build, name).columns) == list(documented)
    assert all(column.meaning for column in documented.values())


def test_a_build_prints_in_one_line_and_names_what_it_lacks(opened: Build) -> None:
    assert repr(opened) == f"Build({opened.id!r}, draws={opened.parameters['draws']})"
    bare = Build("0", {}, {})
    with pytest.raises(StateError, match="no pairs"):
        _ = bare.pairs


@pytest.mark.parametrize(
    "words",
    [
        ["corridor", "Kupang", "Labuan Bajo", "Nunukan"],
        ["corridors", "--origin", "53"],
        ["areas"],
        ["ports"],
    ],
    ids=lambda words: words[0],
)
def test_quick_commands_do_without_the_slow_libraries(built_home: Path, words: list[str]) -> None:
    program = f"""
import sys
from api.cli import main
assert main({[*words, "--home", str(built_home)]!r}) == 0
slow = {{"networkx", "pandas", "geopandas", "openpyxl", "scipy.optimize", "shapely"}}
sys.stderr.write(str(sorted(slow & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.endswith("[]"), done.stderr


def small_model() -> FlowModel:
    graph = nx.DiGraph()
    graph.add_node("d", kind="destination", utility=0.0)
    for name, hours in (("a", 1.0), ("b", 2.0), ("c", 3.0)):
        graph.add_edge("v", name, hours=hours)
        graph.add_edge(name, "d", hours=5.0)
    return FlowModel(theta=0.1).fit(graph, {"v": 10.0})


def test_plans_and_estimators_print_briefly() -> None:
    model = small_model()
    assert repr(model) == "FlowModel(theta=0.1)"
    plan = plan_posts(model, 2, ["a", "b", "c"], rng=np.random.default_rng(0))
    villages = pd.DataFrame(
        {
            "id": ["x", "y"], "name": ["X", "Y"], "regency_code": "53.01",
            "lat": [-9.8, -9.9], "lon": [124.0, 124.0], "persons": [5.0, 2.0],
        }
    )  # fmt: skip
    outreach = plan_outreach(villages, number=1, radius_km=1)
    index = VulnerabilityIndex(Framework.load())
    for thing in (plan, plan.interception, outreach, index):
        assert len(repr(thing)) < 200
        assert type(thing).__name__ in repr(thing)


@pytest.mark.parametrize(
    "estimator", [FlowModel(theta=0.3), VulnerabilityIndex(Framework.load(), draws=7)]
)
def test_estimators_can_be_cloned_and_say_when_they_are_not_fitted(estimator: FlowModel) -> None:
    twin = clone(estimator)
    assert twin is not estimator
    assert type(twin) is type(estimator)
    assert twin.set_params(**estimator.get_params()).get_params() == estimator.get_params()
    with pytest.raises(ValueError, match="no parameter"):
        twin.set_params(nonsense=1)
    name = "load_" if isinstance(twin, FlowModel) else "score_"
    assert not hasattr(twin, name)
    with pytest.raises(ModelError, match="not fitted") as caught:
        getattr(twin, name)
    assert isinstance(caught.value, NotFittedError)
    assert caught.value.code == "model.not_fitted"
    with pytest.raises(AttributeError, match="no attribute"):
        _ = twin.nonsense


def test_a_fitted_model_gives_its_graph_and_demand() -> None:
    model = small_model()
    assert isinstance(model.graph_, nx.DiGraph)
    again = FlowModel(**model.get_params()).fit(model.graph_, model.demand_)
    assert again.load_ == model.load_
