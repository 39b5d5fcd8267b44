"""Do the modelled interceptions rank terminals as the reported ones do?

Interceptions follow enforcement and the press as well as flow, so this cannot be a proof; it is
the check that costs, utilities and rates are not nonsense, beside a baseline that knows no flow.
The load alone says it no more (0.48): people go around the posts where others were stopped, so that
what compares with stops is the load times the rate at which a place is watched.
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
    """Indonesian terminals: what is modelled of NTT, connections, people of NTT stopped there."""
    graph = build.graph
    demand = {
        node: persons
        for node, persons in build.flow_model().demand_.items()
        if graph.nodes[node]["area_code"].startswith("53")
    }
    model = FlowModel(theta=float(build.parameters["theta"])).fit(graph, demand)
    terminals = dataset.terminals.query("country == 'ID'")
    counts = dataset.counts.query("kind == 'interception' and origin_code == '53'")
    legs = pd.concat([dataset.legs["from_id"], dataset.legs["to_id"]]).value_counts()
    stopped = counts.groupby("terminal_id")["value"].sum()
    modelled = {"load": model.load_, "expected": model.expected_interceptions()}
    frame = pd.DataFrame({k: terminals["id"].map(v).to_numpy() for k, v in modelled.items()})
    return frame.set_index(terminals["id"]).assign(connections=legs, stopped=stopped).fillna(0.0)


def test_model_ranks_terminals_as_interceptions_do(
    table: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = table[table["stopped"] > 0]
    modelled = spearmanr(seen["expected"], seen["stopped"]).statistic
    baseline = spearmanr(seen["connections"], seen["stopped"]).statistic
    with capsys.disabled():
        print(
            f"\nSpearman over {len(seen)} terminals where people of NTT were stopped: "
            f"expected interceptions {modelled:.3f}, number of connections {baseline:.3f}"
        )
    assert modelled >= 0.5
    assert modelled > baseline


def test_the_busiest_fifth_of_terminals_holds_most_interceptions(table: pd.DataFrame) -> None:
    top = table.nlargest(len(table) // 5, "load")
    assert top["stopped"].sum() / table["stopped"].sum() >= 0.80
