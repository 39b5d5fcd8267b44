"""The largest corridors of the pilot provinces rest on something, and on no old page alone."""

from __future__ import annotations

import pytest

from geo.dataset import Dataset
from geo.leg_ranges import OLD_YEARS
from routes.build.model import Build
from routes.validation.corridor_evidence import corridor_evidence

pytestmark = pytest.mark.slow


def test_the_largest_corridors_of_ntt_are_supported_by_its_people(
    build: Build, dataset: Dataset
) -> None:
    table = corridor_evidence(build, dataset, "53")
    assert len(table) == 20
    assert table["persons"].is_monotonic_decreasing
    assert (table["stops"] + table["landed"] > 0).all()
    first = table.iloc[0]
    assert first["corridor"].startswith("Maumere - Nunukan - Tawau")
    # Rows of counts.csv counted by hand: people of NTT deported from Sabah or stopped at the two.
    assert first["stops"] >= 6
    assert first["landed"] > 2_000


@pytest.mark.parametrize("province", ["53", "21", "65"])
def test_no_corridor_rests_on_a_single_old_page(
    build: Build, dataset: Dataset, province: str
) -> None:
    table = corridor_evidence(build, dataset, province)
    newest = int(dataset.legs["as_of"].str[:4].max())
    old = table[table["oldest leg"].between(1, newest - OLD_YEARS - 1)]
    assert old.empty, old["corridor"].tolist()
