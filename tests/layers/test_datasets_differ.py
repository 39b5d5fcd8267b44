"""Non-interference from dataset to bytes: what public and partner get does not depend on secrets.

Each example changes only what is hidden from them (:mod:`tests.layers.hidden_changes`), builds and
publishes both datasets, and compares every byte that the two tiers may read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.errors import ModelError
from layers.plans.requests import OutreachPlanRequest
from layers.plans.service import PlanService
from layers.release.manifest import release_id
from layers.release.publish import publish
from layers.release.release import Release
from layers.visibility import RIGHTS
from routes.build.model import Build
from routes.build.run import build_model
from routes.build.tables import Results
from tests.layers.conftest import make_home
from tests.layers.hidden_changes import CHANGES, changed, with_held_counts
from tests.layers.small_dataset import build_of, small_dataset

_EXAMPLES, _BATCH, _AT_A_PUSH = 150, 10, 2
"""Examples, those of a batch, and batches that run before the long ones."""
_LOWER_TIERS = ("public", "partner")
_PLAN = OutreachPlanRequest(number=3, radius_km=8, within="65")
_WHAT_IF = {
    "indicators": [{"area": "65.03", "indicator": "poverty_rate", "change": -3.0}],
    "demand": [{"area": "65.04", "factor": 1.5}],
}

_NO_MODEL = {"utilities.unreachable", "observation.not_settled"}
"""Nobody reaches a destination any more, or what was stopped cannot be explained."""

Outcome = dict[str, bytes]
"""What the two tiers get, by name."""
Make = Callable[[Dataset], Outcome]


@pytest.fixture(scope="module")
def small(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return with_held_counts(small_dataset(dataset, tmp_path_factory.mktemp("small")))


def _outcome(release: Release, build: Build, dataset: Dataset) -> Outcome:
    outcome = {"police": release.id.encode()}
    for tier in _LOWER_TIERS:
        files = sorted(release.folder.glob(f"{tier}.*"))
        assert release.file(tier) in files
        outcome |= {path.name: path.read_bytes() for path in files}
        outcome[f"{tier} manifest"] = json.dumps(release.manifest(tier)).encode()
        outcome[f"{tier} id"] = release.tier_id(tier).encode()
    service = PlanService.of_build(build, dataset)
    reader: Any = {"rights": RIGHTS["partner"], "province": "65"}
    what_if = service.parse(_WHAT_IF, **reader)
    outcome["plan"] = json.dumps(service.outreach(_PLAN, **reader).answer).encode()
    outcome["what-if"] = json.dumps(service.scenario_document(what_if, draws=2, **reader)).encode()
    return outcome


@pytest.fixture(scope="module")
def first(small: Dataset, make: Make) -> Outcome:
    return make(small)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Build and publish a small dataset."""

    def published(dataset: Dataset) -> Outcome:
        build = build_of(dataset)
        with publish(build, make_home(tmp_path_factory.mktemp("release"))) as release:
            return _outcome(release, build, dataset)

    return published


def _others(dataset: Dataset, make: Make, seed: int) -> Iterator[tuple[list[str], Outcome]]:
    """Outcomes of datasets with other secrets; a change without which no model is left is not
    published, and so no example.
    """
    for k in count():
        other, names = changed(dataset, np.random.default_rng([seed, k]))
        try:
            yield names, make(other)
        except ModelError as error:
            if error.code not in _NO_MODEL:
                raise


def _differences(one: Outcome, other: Outcome) -> list[str]:
    return [name for name in one if name != "police" and one[name] != other[name]]


def _when(batch: int) -> list[pytest.MarkDecorator]:
    if batch >= _AT_A_PUSH:
        return [pytest.mark.long]
    return [pytest.mark.slow] if batch else []


@pytest.mark.parametrize(
    "batch", [pytest.param(k, marks=_when(k)) for k in range(_EXAMPLES // _BATCH)]
)
def test_public_and_partner_cannot_tell_what_is_hidden(
    batch: int, small: Dataset, make: Make, first: Outcome
) -> None:
    one, others = first, _others(small, make, batch)
    seen_by_police = 0
    for _ in range(_BATCH):
        names, other = next(others)
        assert _differences(one, other) == [], names
        seen_by_police += one["police"] != other["police"]
    assert seen_by_police > _BATCH / 2


@pytest.mark.parametrize("name", list(CHANGES))
def test_every_change_is_one_of_the_dataset(name: str, small: Dataset) -> None:
    other = CHANGES[name](small, np.random.default_rng(1))
    tables = ("terminals", "legs", "access", "posts", "effort", "counts")
    assert any(not getattr(small, t).equals(getattr(other, t)) for t in tables)
    for table in ("areas", "seats", "destinations", "indicators", "services"):
        assert getattr(small, table) is getattr(other, table)


def _all_legs(patch: pytest.MonkeyPatch) -> None:
    """Travel times over every landing and leg."""
    patch.setattr(Dataset, "official", property(lambda dataset: dataset))


def _persons_who_pass(patch: pytest.MonkeyPatch) -> None:
    """Pairs of areas with those who pass their terminals in the full network."""
    by_departures = Results._pairs

    def by_flow(results: Results) -> pd.DataFrame:
        terminals = results.dataset.terminals
        nodes = pd.Index(results.model.network_.nodes)
        load = pd.Series(results.model.load_array[nodes.get_indexer(terminals["id"])])
        passing = load.groupby(terminals["area_code"].to_numpy()).sum()
        pairs = by_departures(results)
        return pairs.assign(
            persons_mean=pairs["persons_mean"] + pairs["code"].map(passing).fillna(0.0)
        )

    patch.setattr(Results, "_pairs", by_flow)


def _id_of_the_whole(patch: pytest.MonkeyPatch) -> None:
    """Ids of the lower tiers that depend on the whole release."""
    for name in ("publish", "verify"):
        module = sys.modules[f"layers.release.{name}"]
        patch.setattr(module, "tier_id", lambda manifest, _tier: release_id(manifest))


@pytest.mark.parametrize("leak", [_all_legs, _persons_who_pass, _id_of_the_whole])
def test_seeded_leaks_are_found(
    leak: Callable[[pytest.MonkeyPatch], None],
    small: Dataset,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leak(monkeypatch)
    one, others = make(small), _others(small, make, 0)
    assert any(_differences(one, next(others)[1]) for _ in range(_BATCH))


def _other_secrets(dataset: Dataset) -> Dataset:
    rng = np.random.default_rng(1)
    for name in ("other_timetables", "more_landings", "hidden_legs", "other_posts"):
        dataset = CHANGES[name](dataset, rng)
    return dataset


def _without_posts(dataset: Dataset) -> Dataset:
    return replace(dataset, posts=dataset.posts.iloc[:0])


@pytest.fixture(scope="module")
def make_embedded(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Build and publish the embedded data, the whole way through the folders of a home."""

    def published(dataset: Dataset) -> Outcome:
        home = make_home(tmp_path_factory.mktemp("embedded"))
        build = build_model(dataset, home, draws=2)
        with publish(build, home) as release:
            return _outcome(release, build, dataset)

    return published


@pytest.fixture(scope="module")
def first_embedded(dataset: Dataset, make_embedded: Make) -> Outcome:
    return make_embedded(dataset)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [_other_secrets, pytest.param(_without_posts, marks=pytest.mark.long)]
)
def test_nor_of_the_embedded_data(
    change: Callable[[Dataset], Dataset],
    dataset: Dataset,
    make_embedded: Make,
    first_embedded: Outcome,
) -> None:
    other = make_embedded(change(dataset))
    assert _differences(first_embedded, other) == []
    assert first_embedded["police"] != other["police"]
