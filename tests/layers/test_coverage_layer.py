"""Layers ``coverage`` and ``outreach``: what is listed, never a score, never a rank."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geo.dataset import Dataset
from layers.registry import LAYERS, fields_for, layers_for
from layers.release.outreach_villages import outreach_villages
from layers.release.tier_tables import TierTables
from routes.build.coverage import coverage_frame
from tests.layers.conftest import SmallBuild

_RISK = ("score", "class", "rank", "departures", "vulnerab", "reason", "persons", "p_top")


@pytest.fixture(scope="module")
def coverage(dataset: Dataset) -> pd.DataFrame:
    return _frame(dataset)


def _frame(dataset: Dataset, departures: float | None = 100.0) -> pd.DataFrame:
    areas = dataset.areas[dataset.areas["level"].isin(("province", "regency"))]
    at = {"lat": -9.0, "lon": 124.0, "departures_mean": departures}
    return coverage_frame(dataset, areas.assign(province_code=areas["code"].str[:2], **at))


def test_villages_listed_are_counted_once_and_areas_cover_none(
    dataset: Dataset, coverage: pd.DataFrame
) -> None:
    table, forces = coverage.set_index("code"), dataset.task_forces
    # Oelomin has two services; women trained in 80 villages of Lampung, which no page names
    assert table.loc["53.01.16.2001", "kinds"] == "gugus_tugas_desa;satgas_pppa"
    assert table.loc["18", ["coverage", "listed", "area_wide"]].tolist() == ["not_listed", 0, 1]
    assert pd.isna(table.loc["18", "listed_share"])
    assert table.loc["53.71", "area_wide"] == 2, "its task forces, and those of one district"
    named = set(forces.loc[forces["scope"] == "village", "area_code"])
    assert set(coverage.loc[coverage["level"] == "village", "code"]) == named
    for code in ("53", "53.01", "52"):
        of_area = sum(village.startswith(f"{code}.") for village in named)
        villages = dataset.areas.query("level == 'village'")["code"].str.startswith(f"{code}.")
        assert table.loc[code, "listed"] == of_area > 0
        assert table.loc[code, "listed_share"] == pytest.approx(100 * of_area / villages.sum())
    planned = forces.loc[forces["scope"] == "planned", "area_code"]
    assert len(planned) == 4
    assert not set(planned) & set(table.index)


def test_what_is_not_listed_has_no_share(coverage: pd.DataFrame) -> None:
    none = coverage[coverage["listed"] == 0]
    assert len(none) > 400
    assert (none["coverage"] == "not_listed").all()
    assert none[["listed_share", "departures_share", "kinds", "year"]].isna().all().all()


def test_the_share_by_departures_weights_regencies_and_is_empty_where_one_is_not_known(
    dataset: Dataset, coverage: pd.DataFrame
) -> None:
    table = coverage.set_index("code")
    regencies = coverage[(coverage["level"] == "regency") & (coverage["province_code"] == "53")]
    mean = regencies["listed_share"].fillna(0.0).mean()
    assert table.loc["53", "departures_share"] == pytest.approx(mean)
    assert _frame(dataset, None)["departures_share"].isna().all()


def test_imported_visits_are_shares_of_areas_alone(dataset: Dataset) -> None:
    visits = pd.DataFrame({"area_code": ["53.04.02.2003", "53.04.02.2003", "53.04"], "year": 2026})
    table = _frame(replace(dataset, outreach=visits)).set_index("code")
    villages = dataset.areas.query("level == 'village'")["code"].str.startswith("53.04.").sum()
    assert table.loc["53.04", "visited_share"] == pytest.approx(100 / villages)
    assert "visited_share" not in {f.name for f in fields_for(LAYERS["coverage"], "public")}


@pytest.mark.parametrize(
    ("tier", "levels"),
    [
        ("public", {"province"}),
        ("partner", {"province", "regency", "village"}),
        ("police", {"province", "regency", "village"}),
    ],
)
def test_rows_of_coverage_by_tier(small_build: SmallBuild, tier: str, levels: set[str]) -> None:
    table = TierTables(small_build).table("coverage", tier)  # type: ignore[arg-type]
    assert set(table.columns["level"]) == levels
    sources = [source for source in table.columns["source"] if source]
    assert {"/berita/" in source for source in sources} == {tier != "public"}


def test_the_list_for_outreach_is_alphabetical_and_says_nothing_of_risk(
    small_build: SmallBuild,
) -> None:
    assert "outreach" not in layers_for("public")
    fields = fields_for(LAYERS["outreach"], "police")
    assert not [f.name for f in fields if any(word in f.name for word in _RISK)]
    villages = [("53.01.08.2001", "Tarus"), ("53.04.02.2003", "Sadi")]
    small_build = replace(
        small_build,
        settlements=pd.concat(
            [
                small_build.settlements,
                *(
                    small_build.settlements.iloc[:1].assign(
                        id=f"v{code}", name=name, kind="village", regency_code=code[:5],
                        district_code=code[:8], lat=-10.1, lon=123.6,
                    )
                    for code, name in villages
                ),
            ]
        ),
    )  # fmt: skip
    table = TierTables(small_build).table("outreach", "partner")
    columns = table.columns
    assert columns["name"] == ["Tarus", "Oelpuah", "Sadi"], "by code; exports sort by name"
    assert columns["coverage"] == ["not_listed", "listed", "not_listed"]
    assert set(columns["service_nearest"]) == {"UPTD PPA Provinsi NTT"}
    assert set(columns["service_covering"]) == {"UPTD PPA Provinsi NTT"}
    assert columns["service_km"] == [7.0, 13.0, 7.0]


def test_offices_responsible_are_those_of_the_finest_area() -> None:
    villages = pd.DataFrame(
        [{"id": "v53.04.02.2003", "kind": "village", "lat": -9.0, "lon": 125.0,
          "district_code": "53.04.02", "regency_code": "53.04"}]
    )  # fmt: skip
    offices = pd.DataFrame(
        [("a", "Polda", "53"), ("b", "Atambua", "53.03;53.04"), ("c", "Far", "")],
        columns=["id", "name", "jurisdiction"],
    ).assign(lat=float("nan"), lon=float("nan"))
    nothing = pd.DataFrame(columns=["code", "level", "kinds", "name"], dtype=str)
    row = outreach_villages(villages, nothing, nothing, offices).iloc[0]
    assert row["service_covering"] == "Atambua"
    assert pd.isna(row["service_nearest"])
