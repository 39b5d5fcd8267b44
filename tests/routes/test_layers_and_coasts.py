"""Two ways abroad that never meet, and coasts whose load does not depend on how they are listed."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.flow.model import FlowModel
from routes.flow.utilities import fit_utilities
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Network
from routes.graph.build import build_frames
from routes.graph.coasts import along_coasts, coast_terminals, landing_coasts
from routes.graph.costs import CostParameters
from routes.graph.layers import destination_nodes
from routes.graph.origins import origin_points
from routes.graph.roads import origin_links


@pytest.fixture(scope="module")
def graph(dataset: Dataset) -> nx.DiGraph:
    return build_frames(dataset).graph()


def test_each_way_leads_only_to_its_own_destinations(graph: nx.DiGraph) -> None:
    """P through official exits alone, N through pelabuhan tikus alone; nobody comes home again."""
    kind, country = dict(graph.nodes(data="kind")), dict(graph.nodes(data="country"))
    assert not [(u, v) for u, v in graph.edges if country[u] != "ID" and country[v] == "ID"]
    ends = {n: layer for n, layer in graph.nodes(data="layer") if kind[n] == "destination"}
    assert {"P", "N", "D"} == set(ends.values())
    backward = graph.reverse(copy=False)
    for way in ("N", "P"):
        nodes = [n for n, layer in ends.items() if layer == way]
        # From each destination back to the border: the legs over it are all of the one way.
        beyond, seen, over = list(nodes), set(nodes), []
        while beyond:
            node = beyond.pop()
            for before in backward[node]:
                if country[before] == "ID":
                    over.append((before, node))
                elif before not in seen:
                    seen.add(before)
                    beyond.append(before)
        assert over
        by_boat = [not graph.edges[leg]["official"] for leg in over]
        assert all(by_boat) if way == "N" else not any(by_boat), way
        if way == "P":
            assert not [u for u, _ in over if kind[u] == "unofficial"]


def test_a_destination_at_home_stands_once(dataset: Dataset) -> None:
    nodes = destination_nodes(dataset)
    home = dataset.destinations.loc[dataset.destinations["country"] == "ID", "id"]
    assert nodes.loc[nodes["layer"] == "D", "destination"].tolist() == home.tolist()
    assert nodes["node"].is_unique


def fitted(dataset: Dataset) -> FlowModel:
    """One person from every origin, who goes everywhere alike."""
    frames = build_frames(dataset)
    network = Network.from_frames(frames.nodes, frames.edges)
    demand = frames.nodes["group"].notna().to_numpy(float)
    shares = np.ones((len(network.groups), int(network.destination.sum())))
    utility = fit_utilities(network, 0.1, demand, shares, tolerance=1e-6)
    return FlowModel(theta=0.1).fit_network(network.with_costs(utility=utility), demand)


def share_through_landings(model: FlowModel, landings: set[str], destination: str) -> float:
    """Of all who end at a destination, those who leave a landing on the way."""
    nodes = list(map(str, model.network_.nodes))
    ends = [np.array([k for k, name in enumerate(nodes) if name.startswith(destination)])]
    hidden = np.array([name in landings for name in nodes])
    walks = (model.kernel_, model.kernel_.thinned(np.where(hidden, 0.0, 1.0)))
    persons, open_persons = (
        sum(
            (group.start * kernel.passing(ends, value=group.value)).sum() for group in model.groups_
        )
        for kernel in walks
    )
    return float(1.0 - open_persons / persons)


def listed_twice(dataset: Dataset, landing: str) -> Dataset:
    """The dataset with a second landing of another name at the same spot, and its legs."""
    copy = f"{landing}-again"
    terminals, legs = dataset.terminals, dataset.legs
    mine = legs[(legs["from_id"] == landing) | (legs["to_id"] == landing)]
    mine = mine.assign(
        id=mine["id"] + "-again",
        from_id=mine["from_id"].replace(landing, copy),
        to_id=mine["to_id"].replace(landing, copy),
    )
    return replace(
        dataset,
        terminals=pd.concat(
            [terminals, terminals[terminals["id"] == landing].assign(id=copy)], ignore_index=True
        ),
        legs=pd.concat([legs, mine], ignore_index=True),
    )


def test_listing_a_landing_twice_leaves_the_loads_of_all_others(dataset: Dataset) -> None:
    twice = listed_twice(dataset, "nongsa")
    models = [fitted(dataset), fitted(twice)]
    before, after = (
        pd.Series(model.load_array, list(map(str, model.network_.nodes))) for model in models
    )
    coasts = landing_coasts(dataset.terminals)
    ours = coasts[coasts == coasts["nongsa"]].index
    # The coast keeps its load, and its landings share it among one more.
    assert after[coasts["nongsa"]] == pytest.approx(before[coasts["nongsa"]], rel=0.01)
    assert after["nongsa"] == pytest.approx(
        before["nongsa"] * len(ours) / (len(ours) + 1), rel=0.01
    )
    others = before.index.difference([*ours, coasts["nongsa"]])
    assert np.allclose(after[others], before[others], rtol=0.01, atol=1e-3)
    # So the share of a corridor through landings, beside its score, is of the coast alone.
    for destination in ("to-johor", "to-tawau"):
        shares = [
            share_through_landings(
                model, set(table.loc[table["kind"] == "unofficial", "id"]), destination
            )
            for model, table in zip(models, (dataset.terminals, twice.terminals), strict=True)
        ]
        assert 0.02 < shares[0] < 0.98
        assert shares[1] == pytest.approx(shares[0], rel=0.01)


def test_what_led_to_a_landing_leads_to_its_coast() -> None:
    terminals = pd.DataFrame(
        {
            "id": ["a", "b", "port", "abroad", "far"],
            "kind": ["unofficial", "unofficial", "seaport", "unofficial", "unofficial"],
            "country": ["ID", "ID", "ID", "MY", "ID"],
            "area_code": ["21.71", "21.71", "21.71", "", "21.71"],
            "place": ["Batam", "Batam", "Batam", "Johor", "Batam"],
            "island": ["1", "1", "1", "2", "1"],
            "lat": [1.0, 1.1, 1.05, 1.5, 2.5],
            "lon": 104.0,
        }
    )
    coasts = landing_coasts(terminals)
    assert coasts["a"] == coasts["b"] != coasts["far"]
    totals = {"fare_idr": 10.0, "length_km": 5.0, "mode": "small_boat"}
    edges = pd.DataFrame(
        [
            {"u": "port", "v": "a", "hours": 2.0, "leg_id": "in", **totals},
            {"u": "a", "v": "abroad", "hours": 4.0, "leg_id": "out", **totals},
            {"u": "b", "v": "abroad", "hours": 8.0, "leg_id": "too", **totals},
            {"u": "a", "v": "port", "hours": 1.0, "leg_id": "home", **totals},
        ]
    ).assign(official=False, assumed=True)
    edges["time_h"] = edges["hours"] - 1.0
    table = along_coasts(edges, coasts, terminals, value_of_time_idr_h=10.0).set_index(["u", "v"])
    assert table.loc[("port", coasts["a"]), "leg_id"] == "in"
    assert table.loc[[("a", "abroad"), ("b", "abroad")], "hours"].tolist() == [6.0, 6.0]
    assert table.loc[(coasts["a"], "a"), "log_weight"] == pytest.approx(-np.log(2))
    assert ("a", "port") not in table.index
    assert coast_terminals(terminals, coasts)["lat"].tolist() == [1.05, 2.5]


def test_people_of_an_island_go_ashore_whether_or_not_a_landing_is_on_record() -> None:
    village = pd.DataFrame({"node": ["v"], "lat": [1.0], "lon": [103.0], "island": ["islet"]})
    stops = pd.DataFrame(
        {
            "id": ["coast:14.10:1", "port"],
            "kind": ["coast", "seaport"],
            "lat": [1.02, 1.0],
            "lon": [103.0, 103.3],
            "island": ["islet", "mainland"],
        }
    )

    def links(terminals: pd.DataFrame) -> dict[str, str]:
        onward = np.zeros((len(terminals), 1))
        made = origin_links(village, terminals, onward, CostParameters(), nearest=3)
        return dict(zip(made["v"], made["mode"], strict=True))

    assert links(stops) == {"coast:14.10:1": "road", "port": "small_boat"}
    assert links(stops.iloc[1:].reset_index(drop=True)) == {"port": "small_boat"}


@pytest.mark.slow
def test_no_village_of_the_nation_is_left_with_the_way_without_papers_alone(
    dataset: Dataset,
) -> None:
    """Or its people outnumber those who go without papers, and no utilities give the shares."""
    areas = dataset.areas
    everywhere = areas.loc[areas["level"] == "province", "code"]
    origins = origin_points(dataset, pilots=everywhere)
    frames = build_frames(dataset, origins=origins)
    network = Network.from_frames(frames.nodes, frames.edges)
    reached = RandomWalkSums(network, 0.05).destination_odds() > 0
    layer = frames.nodes.set_index("node")["layer"]
    ends = np.array([layer[network.nodes[k]] for k in network.structure.ends])
    rows = reached[pd.Index(network.nodes).get_indexer(origins["node"])]
    leaves = rows.any(axis=1)
    assert len(origins) > 80_000
    assert leaves.mean() > 0.999
    assert rows[leaves][:, ends == "P"].any(axis=1).all()
