"""One measure of corridors, one score, one class: on the build, its tables and single answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo.classes import shown
from geo.dataset import Dataset
from geo.errors import AmbiguousNameError
from routes.build.corridor_answer import describe_corridor
from routes.build.model import Build
from routes.build.parameters import ModelParameters
from routes.build.run import build_model
from routes.corridors.risk import RiskWeights, risk_class, risk_score
from routes.flow.model import FlowModel
from routes.flow.walks import ThinnedSums


def test_a_part_is_never_larger_than_its_whole(build: Build) -> None:
    """All rows of the embedded build: a regency's persons, and those of a province together."""
    parts = build.corridor_origins
    whole = build.corridors.set_index("id")["persons_mean"]
    for key in ("code", "province_code"):
        persons = parts.groupby(["corridor_id", key])["persons_mean"].sum()
        corridor = persons.index.get_level_values("corridor_id")
        assert (persons.to_numpy() <= whole[corridor].to_numpy() * (1 + 1e-12)).all()
    together = parts.groupby("corridor_id")["persons_mean"].sum()
    # Regencies with less than 1e-4 of a corridor are not listed.
    assert together.to_numpy() == pytest.approx(whole[together.index].to_numpy(), rel=2e-2)


def test_components_are_of_the_same_draws_as_the_persons(build: Build) -> None:
    corridors = build.corridors
    assert corridors["volume"].to_numpy() == pytest.approx(corridors["persons_mean"].to_numpy())


@pytest.mark.parametrize("score", [3.94, 3.95, 3.96, 3.999999, 4.0, 4.04, 4.06])
def test_a_score_shown_as_4_0_has_one_class(score: float) -> None:
    shown = float(f"{score:.1f}")
    assert risk_class(score) == risk_class(shown)


@pytest.mark.slow
def test_the_weights_of_the_build_count_everywhere(dataset: Dataset, tmp_path: Path) -> None:
    parameters = ModelParameters(risk=RiskWeights(full_volume=50.0))
    build = build_model(dataset, tmp_path, draws=6, parameters=parameters)
    rows = build.corridors

    def is_named(name: str, key: str) -> bool:
        # Batam, Singapura and others name both a place and a destination: a name means the place.
        # Johor and Entikong name a terminal and a region: they ask which.
        try:
            return build.gazetteer.get(name).id in {key, f"place:{key}"}
        except AmbiguousNameError:
            return False

    named = [
        all(map(is_named, names, keys))
        for names, keys in zip(rows["waypoint_names"], rows["waypoints"], strict=True)
    ]
    for _, row in rows[named].iloc[[0, 5, 40]].iterrows():
        answer = describe_corridor(build, list(row["waypoint_names"]))
        assert answer.score["mean"] == pytest.approx(round(row["score_mean"], 1), abs=1e-9)
        assert answer.risk_class == row["class"]
        assert answer.persons_per_year["mean"] == pytest.approx(row["persons_mean"], rel=1e-9)
    assert np.isfinite(build.corridors["score_mean"]).all()


def test_a_stored_answer_equals_fitting_every_draw_again(build: Build) -> None:
    """The plain path: every draw fitted on the whole network, and the corridor measured on it."""
    names = ("Kupang", "Labuan Bajo", "Nunukan")
    answer = build.corridor(*names)
    waypoints = [build.gazetteer.get(name).members for name in names]
    hazard = build.node_values("hazard")
    unofficial = (build.nodes["kind"] == "unofficial").to_numpy()
    persons, score, by_node = [], [], np.zeros(len(build.nodes))

    def passing(
        model: FlowModel, walks: ThinnedSums, worth: np.ndarray | float = 1.0
    ) -> np.ndarray:
        sets = [model.positions(members) for members in waypoints]
        return sum(
            group.start * walks.passing(sets, value=group.value * worth) for group in model.groups_
        )

    for k, model in enumerate(build.drawn_models()):
        each = passing(model, model.kernel_)
        total = each.sum()
        open_ = model.kernel_.thinned(np.where(unofficial, 0.0, 1.0))
        persons.append(total)
        by_node += each
        score.append(
            risk_score(
                persons=total,
                vulnerability=each @ build.draws.vulnerability[k] / total,
                unofficial_share=1.0 - passing(model, open_).sum() / total,
                hazard=passing(model, model.kernel_, hazard).sum() / total,
                weights=build.risk_weights,
                vary=build.draws.risk_weights[k],
            )
        )
    assert answer.persons_per_year["mean"] == pytest.approx(np.mean(persons), rel=1e-9)
    assert answer.persons_per_year["p95"] == pytest.approx(np.percentile(persons, 95), rel=1e-9)
    assert answer.score["mean"] == shown(np.mean(score))
    by_regency = np.bincount(build.node_regency, by_node) / by_node.sum()
    for origin in answer.origins:
        position = build.regency_codes.index(origin["code"])
        assert origin["share"] == pytest.approx(by_regency[position], abs=1e-6)
