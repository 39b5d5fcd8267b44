"""Villages of the embedded data in a release: names for everyone, classes for their province."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from geo.dataset import Dataset
from geo.paths import Home
from layers.release.release import Release, open_release
from routes.build.model import Build

# F040 names twelve villages; "Koenheum" may be Kuanheun or Kuanheum.
F040 = (
    "Penfui Timur", "Oelnasi", "Noelbaki", "Oebelo", "Tuapukan", "Oelpuah", "Oeletsala", "Oelomin",
    "Niukbaun", "Nitneo", "Kuanheun", "Kuanheum", "Bolok",
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def release(built_home: Path) -> Release:
    return open_release(Home.resolve(built_home))


def places(release: Release, tier: str, province: str | None) -> list[Mapping[str, Any]]:
    return list(release.features("settlements", tier, province=province, limit=10_000).features)


def test_the_villages_of_f040_are_on_the_map_of_ntt_each_once(
    release: Release, dataset: Dataset
) -> None:
    in_kupang = [
        feature
        for feature in places(release, "partner", "53")
        if feature["properties"]["regency_code"] == "53.01"
    ]
    listed = dataset.villages.set_index("code")
    for name in F040:
        (feature,) = [f for f in in_kupang if f["properties"]["name"] == name]
        row = feature["properties"]
        assert row["kind"] == "village"
        code = row["id"].removeprefix("v")
        assert feature["geometry"]["coordinates"] == pytest.approx(
            listed.loc[code, ["lon", "lat"]].tolist(), abs=1e-5
        )
        assert row["district_code"] == code[:8]
        assert row["class"] != "not_assessed"  # that of Kabupaten Kupang
        assert row["population"] is None


def test_a_village_has_a_class_for_its_province_alone_and_no_number_for_anyone(
    release: Release, build: Build
) -> None:
    assert {f["properties"]["kind"] for f in places(release, "public", "53")} == {
        "village", "settlement",
    }  # fmt: skip
    for feature in places(release, "public", "53"):
        assert set(feature["properties"]) == {
            "id", "name", "kind", "precision", "province_code", "regency_code",
        }  # fmt: skip
    kepri = places(release, "partner", "21")
    assert {f["properties"]["province_code"] for f in kepri} == {"21"}
    police = places(release, "police", None)
    assert sum(f["properties"]["kind"] == "village" for f in police) == 4253
    for feature in police:
        row = feature["properties"]
        assert row["departures_mean"] is None
        assert row["departures_per_100k_mean"] is None
    classes = build.areas.set_index("code")["class"]
    assert all(f["properties"]["class"] == classes[f["properties"]["regency_code"]] for f in police)


def test_a_settlement_that_is_a_village_is_not_listed_beside_it(build: Build) -> None:
    table = build.settlements
    settlements = table[table["kind"] == "settlement"]
    assert 900 < len(settlements) < 1000  # of 1,466 in the gazetteer
    villages = table[table["kind"] == "village"]
    names = villages.groupby("regency_code")["name"].agg(set)
    again = [
        row.name in names[row.regency_code]
        for row in settlements[["name", "regency_code"]].itertuples(index=False)
    ]
    # Far from the village of their name, so places of their own.
    assert sum(again) < 5
