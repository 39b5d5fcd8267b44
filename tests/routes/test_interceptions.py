"""Does the modelled load rank terminals as the reported interceptions do?

Interceptions follow enforcement and the press as well as flow, so this cannot be a proof; it is
the check that the costs and utilities are not nonsense, beside a baseline that knows no flow.
"""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import spearmanr

from geo.dataset import Dataset
from routes.build.model import Build
from routes.flow.model import FlowModel


@pytest.fixture(scope="module")
def table(build: Build, dataset: Dataset) -> pd.DataFrame:
    """Indonesian terminals: load of NTT departures, connections, people of NTT stopped there."""
    graph = build.graph
    demand = {
        node: persons
        for node, persons in build.flow_model().demand_.items()
        if graph.nodes[node]["area_code"].startswith("53")
    }
    load = FlowModel(theta=float(build.parameters["theta"])).fit(graph, demand).load_
    terminals = dataset.terminals.query("country == 'ID'")
    counts = dataset.counts.query("kind == 'interception' and origin_code == '53'")
    legs = pd.concat([dataset.legs["from_id"], dataset.legs["to_id"]]).value_counts()
    stopped = counts.groupby("terminal_id")["value"].sum()
    frame = pd.DataFrame({"load": terminals["id"].map(load).to_numpy()}, index=terminals["id"])
    return frame.assign(connections=legs, stopped=stopped).fillna(0.0)


def test_load_ranks_terminals_as_interceptions_do(
    table: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = table[table["stopped"] > 0]
    modelled = spearmanr(seen["load"], seen["stopped"]).statistic
    baseline = spearmanr(seen["connections"], seen["stopped"]).statistic
    with capsys.disabled():
        print(
            f"\nSpearman over {len(seen)} terminals where people of NTT were stopped: "
            f"load {modelled:.3f}, number of connections {baseline:.3f}"
        )
    assert modelled >= 0.5
    assert modelled > baseline


def test_the_busiest_fifth_of_terminals_holds_most_interceptions(table: pd.DataFrame) -> None:
    top = table.nlargest(len(table) // 5, "load")
    assert top["stopped"].sum() / table["stopped"].sum() >= 0.80
