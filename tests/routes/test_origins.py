"""Origins: villages, districts or seats; what a regency sends is the same whichever they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.errors import InputError
from routes.build.parameters import ModelParameters
from routes.build.run import build_id
from routes.demand.origins import OriginSampler
from routes.graph.build import build_frames
from routes.graph.origins import (
    ORIGIN_LEVELS,
    PILOT_PROVINCES,
    OriginLevel,
    district_hubs,
    origin_points,
    pilot_provinces,
)


@pytest.fixture(scope="module")
def points(dataset: Dataset) -> dict[OriginLevel, pd.DataFrame]:
    return {level: origin_points(dataset, level=level) for level in ORIGIN_LEVELS}


def test_pilots_have_all_their_villages_and_other_regencies_one_seat(
    points: dict[OriginLevel, pd.DataFrame], dataset: Dataset
) -> None:
    origins = points["village"]
    in_pilot = origins["province_code"].isin(PILOT_PROVINCES)
    with_point = dataset.villages["code"]
    assert set(origins.loc[in_pilot, "node"]) == set(
        "v:" + with_point[with_point.str[:2].isin(PILOT_PROVINCES)]
    )
    assert origins[in_pilot].groupby("province_code").size().to_dict() == {
        "21": 419, "53": 3352, "65": 482,
    }  # fmt: skip
    elsewhere = origins[~in_pilot]
    assert set(elsewhere["kind"]) == {"seat"}
    assert elsewhere["regency_code"].is_unique
    seats = dataset.seats.set_index("code").loc[elsewhere["regency_code"]]
    assert (seats[["lat", "lon"]].to_numpy() == elsewhere[["lat", "lon"]].to_numpy()).all()


@pytest.mark.parametrize("level", ORIGIN_LEVELS)
def test_people_of_a_regency_are_the_same_whatever_its_origins(
    points: dict[OriginLevel, pd.DataFrame], level: OriginLevel
) -> None:
    """Departures are divided by these people, so their sums by regency are the same too."""
    people, seats = (points[k].groupby("regency_code")["population"].sum() for k in (level, "seat"))
    assert len(people) == 514
    assert np.allclose(people, seats, rtol=1e-12)


def test_departures_of_a_regency_are_the_same_whatever_its_origins(
    points: dict[OriginLevel, pd.DataFrame],
) -> None:
    codes = sorted(points["seat"]["regency_code"])
    drawn = np.random.default_rng(5).gamma(2.0, 100.0, size=(3, len(codes)))
    posterior: Any = SimpleNamespace(by_regency=pd.DataFrame(drawn, columns=codes))
    unused: Any = None
    for table in points.values():
        origins = OriginSampler(table, unused, posterior, unused)
        for row in (None, 2):
            sums = origins.departures(row).groupby(table["regency_code"]).sum()
            expected = drawn.mean(axis=0) if row is None else drawn[row]
            assert np.abs(sums[codes].to_numpy() - expected).max() < 1e-9
        member = pd.get_dummies(table["regency_code"])[codes].to_numpy(float)
        assert np.abs(origins.all_departures() @ member - drawn).max() < 1e-9


def test_a_district_weighs_as_its_villages_do(points: dict[OriginLevel, pd.DataFrame]) -> None:
    districts = points["district"]
    districts = districts[districts["kind"] == "district"].set_index("district_code")["population"]
    villages = points["village"].groupby("district_code")["population"].sum()
    assert len(districts) == 450
    assert np.allclose(districts, villages[districts.index], rtol=1e-12)


def test_villages_go_through_the_hub_of_their_district_and_all_are_linked(
    dataset: Dataset, points: dict[OriginLevel, pd.DataFrame]
) -> None:
    frames = build_frames(dataset, origins=points["village"])
    assert frames.unlinked == ()
    first = frames.edges[frames.edges["u"].str.startswith("v:")]
    through = first[first["v"].str.startswith("h:")]
    assert (through["v"].str[2:] == through["u"].str[2:10]).all()
    # The others live on another land than the point of their district.
    assert through["u"].nunique() > 0.85 * 4253
    hubs = district_hubs(dataset, points["village"]).set_index("code")
    official = dataset.districts.set_index("code").loc[hubs.index]
    assert np.array_equal(hubs[["lat", "lon"]], official[["lat", "lon"]])


def test_a_province_more_has_its_villages_as_origins(dataset: Dataset, tmp_path: Path) -> None:
    pilots = pilot_provinces(dataset, ["52", "53"])
    assert pilots == ("21", "52", "53", "65")
    origins = origin_points(dataset, pilots=pilots)
    assert set(origins.loc[origins["province_code"] == "52", "kind"]) == {"village"}
    names = {
        build_id(dataset, tmp_path, parameters=ModelParameters(**chosen))
        for chosen in ({}, {"pilots": pilots}, {"origins": "seat"}, {"origins": "district"})
    }
    assert len(names) == 4  # what the origins are is part of the build's name
    with pytest.raises(InputError) as refused:
        pilot_provinces(dataset, ["99"])
    assert refused.value.code == "origins.unknown_province"


def test_without_points_of_villages_settlements_are_the_origins(
    dataset: Dataset, tmp_path: Path
) -> None:
    without = replace(dataset, folder=tmp_path)
    origins = origin_points(without)
    assert origins["kind"].value_counts().to_dict() == {"settlement": 1466, "seat": 480}
    assert build_frames(without, origins=origins).unlinked == ()
    with pytest.raises(InputError) as refused:
        origin_points(without, level="district")
    assert refused.value.code == "origins.no_district_points"
