"""Flows from regency to destination: sums and shares against the fitted model."""

from __future__ import annotations

import pytest

from routes.build.model import Build


def test_pairs_add_up_to_the_flow(build: Build) -> None:
    model = build.flow_model()
    pairs = build.pairs
    arriving = pairs.groupby("destination_id")["persons_mean"].sum()
    for destination, persons in model.destination_flow_.items():
        assert arriving[destination] == pytest.approx(persons, rel=1e-9)
    total = sum(model.demand_.values()) - sum(model.stranded_.values())
    assert pairs["persons_mean"].sum() == pytest.approx(total, rel=1e-9)


def test_the_parts_of_risk_are_in_range(build: Build) -> None:
    pairs = build.pairs
    assert pairs["unofficial_share"].between(0, 1).all()
    assert pairs[["vulnerability", "hazard"]].stack().between(0, 10).all()
    # Sabah is reached by boat from landings, Saudi Arabia by air.
    share = pairs.groupby("destination_id").apply(
        lambda rows: (
            (rows["unofficial_share"] * rows["persons_mean"]).sum() / rows["persons_mean"].sum()
        )
    )
    assert share["to-tawau"] > 0.3 > share["to-saudi"]
