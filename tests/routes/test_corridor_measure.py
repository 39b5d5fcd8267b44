"""One measure of corridors, one score, one class: on the build, its tables and single answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.classes import CLASSES, shown
from geo.errors import AmbiguousNameError
from routes.build.corridor_answer import describe_corridor
from routes.build.model import Build
from routes.corridors.batch import CorridorBatch
from routes.corridors.risk import risk_class, risk_score
from routes.corridors.terminal_walks import DETAILED
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


def test_a_listed_corridor_named_by_its_places_has_the_same_answer(build: Build) -> None:
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
        assert answer.p_class == pytest.approx({name: row[f"p_{name}"] for name in CLASSES})
        assert answer.persons_per_year["mean"] == pytest.approx(row["persons_mean"], rel=1e-9)


def test_all_classes_are_used(build: Build) -> None:
    """Nationally; in each pilot province at least the four that few draws can tell apart."""
    rows = build.corridors
    assert set(rows["class"]) == set(CLASSES)
    assert (rows["class"].value_counts() >= 0.02 * len(rows)).all()
    for province in ("53", "21", "65"):
        listed = rows["listed_for"].map(lambda codes, code=province: code in codes)
        assert len(set(rows.loc[listed, "class"])) >= 4, province


def test_7_and_103_persons_a_year_are_of_different_classes() -> None:
    alike = {"vulnerability": 4.0, "hazard": 7.0}
    few, many = (risk_class(risk_score(persons=n, **alike).item()) for n in (7, 103))
    assert (few, many) == ("very_low", "medium")


@pytest.mark.parametrize("name", ["persons", "vulnerability", "hazard"])
def test_a_score_grows_with_each_of_its_factors(name: str) -> None:
    parts = {"persons": 60.0, "vulnerability": 4.0, "hazard": 7.0}
    scores = risk_score(**{**parts, name: np.linspace(0, 10, 50)})
    assert (np.diff(scores) > 0).all()
    assert scores[0] == 0.0
    assert risk_score(persons=1e9, vulnerability=10, hazard=10) == 10.0


def test_probabilities_of_classes_are_shares_of_the_draws(build: Build) -> None:
    """Counted again, draw by draw, from the persons and components of each draw alone."""
    rows = build.corridors
    p_class = rows[[f"p_{name}" for name in CLASSES]].to_numpy()
    assert p_class.sum(axis=1) == pytest.approx(1.0)
    members = {waypoint.id: waypoint.members for waypoint in build.waypoints}
    corridors = [[members[key] for key in keys] for keys in rows["waypoints"]]
    persons = CorridorBatch.of(build.terminal_draws.layout, corridors).persons(build.terminal_draws)
    factor = (rows["vulnerability"] * rows["hazard"] / 100).to_numpy()
    counted = np.zeros_like(p_class)
    for exposure in persons * factor:
        score = np.round(np.minimum(10.0, 10 * np.log1p(exposure) / math.log(1001)), 1)
        classes = (score[:, None] >= [2, 4, 6, 8]).sum(axis=1)
        counted[np.arange(len(score)), classes] += 1
    assert counted / len(build.terminal_draws) == pytest.approx(p_class, abs=1e-3)


def test_the_class_shown_is_nearly_always_the_most_probable(build: Build) -> None:
    """So one rule, the class of the mean score, serves all tiers (docs/METHOD.md)."""
    rows = build.corridors
    p_class = rows[[f"p_{name}" for name in CLASSES]].to_numpy()
    shown_class = rows["class"].map(CLASSES.index).to_numpy()
    assert (p_class.argmax(axis=1) == shown_class).mean() > 0.85
    assert np.abs(p_class.argmax(axis=1) - shown_class).max() <= 1


def test_a_stored_answer_equals_fitting_every_draw_again(build: Build) -> None:
    """The plain path: every draw fitted on the whole network, and the corridor measured on it."""
    names = ("Kupang", "Labuan Bajo", "Nunukan")
    answer = build.corridor(*names)
    waypoints = [build.gazetteer.get(name).members for name in names]
    hazard = build.node_values("hazard")
    unofficial = (build.nodes["kind"] == "unofficial").to_numpy()
    persons, hidden, harm, by_node = [], [], [], np.zeros(len(build.nodes))

    def passing(
        model: FlowModel, walks: ThinnedSums, worth: np.ndarray | float = 1.0
    ) -> np.ndarray:
        sets = [model.positions(members) for members in waypoints]
        return sum(
            group.start * walks.passing(sets, value=group.value * worth) for group in model.groups_
        )

    for k, model in enumerate(build.drawn_models()):
        each = passing(model, model.kernel_)
        persons.append(each.sum())
        if k < DETAILED:
            by_node += each
            open_ = model.kernel_.thinned(np.where(unofficial, 0.0, 1.0))
            hidden.append(1.0 - passing(model, open_).sum() / each.sum())
            harm.append(passing(model, model.kernel_, hazard).sum() / each.sum())
    assert answer.persons_per_year["mean"] == pytest.approx(np.mean(persons), rel=1e-5)
    assert answer.persons_per_year["p95"] == pytest.approx(np.percentile(persons, 95), rel=1e-5)
    # Who arrives without papers has left an unofficial landing, and nobody else has.
    assert answer.components["unofficial_share"] == pytest.approx(np.mean(hidden), rel=1e-6)
    assert answer.components["hazard"] == pytest.approx(np.mean(harm), rel=1e-6)
    index, harmful = (answer.components[name] for name in ("vulnerability", "hazard"))
    score = risk_score(persons=persons, vulnerability=index, hazard=harmful)
    assert answer.score["mean"] == shown(np.mean(score))
    by_regency = np.bincount(build.node_regency, by_node) / by_node.sum()
    for origin in answer.origins:
        position = build.regency_codes.index(origin["code"])
        assert origin["share"] == pytest.approx(by_regency[position], abs=1e-6)
