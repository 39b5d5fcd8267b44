"""A new mode of transport costs finite hours; one that is in no table is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo import modes
from geo.dataset import Dataset, load_dataset
from geo.errors import InputError
from routes.graph import build_graph


@pytest.fixture(scope="module")
def by_train() -> Dataset:
    """The embedded data with every bus turned into a train."""
    dataset = load_dataset()
    return replace(
        dataset,
        legs=dataset.legs.assign(mode=dataset.legs["mode"].replace("bus", "train")),
        access=dataset.access.assign(mode=dataset.access["mode"].replace("bus", "train")),
    )


@pytest.mark.slow
def test_a_new_mode_is_one_row(by_train: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    train = replace(modes.MODES["bus"], on_road=False, speed_kmh=60.0)
    monkeypatch.setattr(modes, "MODES", {**modes.MODES, "train": train})
    graph = build_graph(by_train)
    hours = {
        (u, v): hours for u, v, hours in graph.edges(data="hours")
        if graph.edges[u, v]["mode"] == "train"
    }  # fmt: skip
    assert hours
    assert np.isfinite(list(hours.values())).all()
    assert min(hours.values()) > 0


def test_an_unknown_mode_is_refused(by_train: Dataset) -> None:
    with pytest.raises(InputError, match="no mode of transport is called train") as refused:
        build_graph(by_train)
    assert refused.value.code == "modes.unknown_mode"
