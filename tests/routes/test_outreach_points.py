"""Outreach where points are few, villages were visited, or a wish cannot be met."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.errors import InfeasibleError, InputError
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest, with_village_ids
from layers.plans.serialize import outreach_answer
from layers.plans.service import PlanService
from layers.visibility import RIGHTS
from routes.build.model import Build
from routes.outreach.candidates import every_village, pick_villages, visited_villages
from routes.outreach.plan import plan_outreach
from routes.outreach.reasons import point_notes, reason


def sparse_villages() -> pd.DataFrame:
    """Two points that stand for 200 villages, and three that are their villages."""
    rows = [
        ("m1", "Betun", "53.21", -9.55, 124.90, 9000.0, 0.01),
        ("m2", "Besikama", "53.21", -9.56, 124.91, 9000.0, 0.01),
        ("t1", "Nularan", "53.02", -9.56, 124.80, 30.0, 1.0),
        ("t2", "Soe", "53.02", -9.86, 124.28, 70.0, 1.0),
        ("t3", "Kapan", "53.02", -9.70, 124.25, 110.0, 1.0),
    ]
    names = ["id", "name", "regency_code", "lat", "lon", "persons", "visit_share"]
    return pd.DataFrame(rows, columns=names).assign(
        code=["", "", "", "53.02.01.1001", ""],
        base="",
        travel_hours=0.0,
        regency=["Kabupaten Malaka"] * 2 + ["Kabupaten Timor Tengah Selatan"] * 3,
    )


def test_a_point_that_stands_for_many_villages_is_reached_in_part() -> None:
    table = sparse_villages()
    plan = plan_outreach(table, number=5, radius_km=2.0, gap=0.0)
    assert plan.persons_covered["mean"] == pytest.approx(30 + 70 + 110 + 180)
    assert plan.share == pytest.approx(390 / 18210)
    told = plan.regencies.set_index("regency_code")
    assert told.at["53.21", "persons"] == 18000
    assert told.at["53.21", "coverable"] == pytest.approx(180)
    whole = plan_outreach(table.drop(columns="visit_share"), number=5, radius_km=2.0, gap=0.0)
    assert whole.persons_covered["mean"] == pytest.approx(18210)
    ones = plan_outreach(table.assign(visit_share=1.0), number=5, radius_km=2.0, gap=0.0)
    pd.testing.assert_frame_equal(
        ones.villages.drop(columns="visit_share"), whole.villages, check_exact=False
    )


def test_draws_are_capped_like_their_mean_and_the_answer_says_why() -> None:
    table = sparse_villages()
    draws = pd.DataFrame(1.0, range(3), table["regency_code"].unique())
    plan = plan_outreach(table, number=5, radius_km=2.0, draws=draws, gap=0.0)
    assert plan.persons_covered["mean"] == pytest.approx(390)
    answer = outreach_answer(plan)
    _order, note = answer["notes"]
    assert "Letak desa di Kabupaten Malaka belum diketahui" in note["id"]
    assert "can load the points of villages" in note["en"]
    belu = next(row for row in answer["regencies"] if row["code"] == "53.21")
    assert belu["share_covered"] == pytest.approx(0.01)
    betun = plan.villages.set_index("id").loc["m1"]
    assert "dipakai bersama oleh sekitar 100 desa" in betun["reason_id"]
    assert not point_notes(plan.regencies[plan.regencies["regency_code"] == "53.02"])
    # A regency that no visit is worth because of it is told all the same.
    one = plan_outreach(table, number=1, radius_km=2.0, candidates=["t1"])
    assert "Kabupaten Malaka" in str(point_notes(one.regencies)[0])


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_a_share_beyond_the_whole_is_refused(wrong: float) -> None:
    with pytest.raises(InputError, match="visit_share"):
        plan_outreach(sparse_villages().assign(visit_share=wrong), number=1, radius_km=2.0)


def test_the_share_is_points_over_villages_of_the_regency(build: Build, dataset: Dataset) -> None:
    table = every_village(build, dataset)
    codes = dataset.areas["code"]
    there = codes[codes.str.count(r"\.") == 3].str[:5].value_counts()
    for code, rows in table.groupby("regency_code"):
        assert rows["visit_share"].nunique() == 1
        expected = min(1.0, len(rows) / there[code])
        assert rows["visit_share"].iloc[0] == pytest.approx(expected)


def test_villages_of_the_pilots_share_the_departures_of_their_regency(
    build: Build, dataset: Dataset
) -> None:
    table = every_village(build, dataset)
    pilot = table[table["regency_code"].str[:2].isin(["53", "21", "65"])]
    assert len(pilot) == 4253
    assert (pilot["code"].str.len() == 13).all()
    assert (table["dealt_out"] == table["code"].ne("")).all()
    # No population of a village is known: equal within the district.
    district = pilot["code"].str[:8]
    spread = pilot.groupby(district)["persons"].agg(["min", "max"])
    assert spread["min"].to_numpy() == pytest.approx(spread["max"].to_numpy())
    of_regency = pilot.groupby("regency_code")["persons"].sum()
    regencies = build.areas.query("level == 'regency'").set_index("code")["demand_mean"]
    assert of_regency.to_numpy() == pytest.approx(regencies[of_regency.index].to_numpy())
    # Five highland districts of 21, with 89 of Nunukan's 240 villages and no town.
    nunukan = pilot[pilot["regency_code"] == "65.03"].groupby(district)["persons"].sum()
    krayan = nunukan[["65.03.05", "65.03.07", "65.03.17", "65.03.18", "65.03.19"]].sum()
    assert 0.1 < krayan / nunukan.sum() < 0.2
    assert nunukan.idxmax() == "65.03.02"
    malaka = pick_villages(build, table, within=["53.21"], with_towns=True)
    assert list(malaka.draws.columns) == ["53.21"]
    assert malaka.draws["53.21"].mean() == pytest.approx(1.0, rel=0.2)
    assert "equally" in malaka.notes[0].in_language("en")


def test_villages_of_every_province_are_candidates(build: Build, dataset: Dataset) -> None:
    table = every_village(build, dataset)
    assert len(table) > 83_000
    persons = table.groupby("regency_code")["persons"].sum()
    regencies = build.areas.query("level == 'regency'").set_index("code")["demand_mean"]
    assert persons.to_numpy() == pytest.approx(regencies[persons.index].to_numpy())
    assert table["travel_hours"].isna().mean() < 0.05
    lombok = PlanService.of_build(build, dataset).outreach(
        OutreachPlanRequest(number=5, within="Lombok Timur")
    )
    assert {row["code"][:5] for row in lombok.answer["villages"]} == {"52.03"}


def test_a_plan_for_ntt_names_official_villages(build: Build, dataset: Dataset) -> None:
    service = PlanService.of_build(build, dataset)
    answer = service.outreach(OutreachPlanRequest(number=12, within="NTT")).answer
    official = set(dataset.areas.loc[dataset.areas["level"] == "village", "code"])
    assert {row["code"] for row in answer["villages"]} <= official
    assert "53.21" in {row["regency_code"] for row in answer["villages"]}  # Malaka sends most
    one = OutreachPlanRequest(number=1, within="Kuanheum", must=("Kuanheum",))
    (row,) = service.outreach(one).answer["villages"]
    assert row["code"] == "53.01.25.2004"
    partner: Any = {"rights": RIGHTS["partner"], "province": "21"}
    with pytest.raises(InputError) as refused:
        service.check_outreach(one, **partner)
    assert "Kabupaten Kupang" not in str(refused.value)


def with_visits(dataset: Dataset, codes: list[str]) -> Dataset:
    """The dataset with imported outreach of these areas."""
    rows = pd.DataFrame({"area_code": codes, "organisation": "Yayasan Contoh", "year": "2025"})
    return replace(dataset, outreach=rows)


def test_towns_are_left_out_unless_asked_for(build: Build, dataset: Dataset) -> None:
    table = every_village(build, dataset)
    town = table.set_index("code")["town"]
    assert town[["53.71.02.1003", "53.04.12.1001", "53.07.05.1006"]].all()  # in three towns
    assert town[table["regency_code"].to_numpy() == "53.71"].all()
    desa = table[(table["code"].str[9:10] == "2") & (table["regency_code"].str[3:4] != "7")]
    # Of the desa of a regency at most the one at its seat is a town.
    assert desa.groupby("regency_code")["town"].sum().max() == 1
    villages = pick_villages(build, table, within=["53"])
    assert not set(villages.villages["id"]) & set(table.loc[table["town"], "id"])
    assert set(villages.draws.columns) == set(villages.villages["regency_code"])
    dealt_out, left_out, only = (note.in_language("en") for note in villages.notes)
    assert left_out.startswith("Towns are left out: ")
    assert "Kota Kupang" in only
    whole = pick_villages(build, table, within=["53"], with_towns=True)
    assert len(whole.villages) == len(villages.villages) + len(villages.towns)
    assert [note.in_language("en") for note in whole.notes] == [dealt_out]
    one = villages.towns["id"].iloc[0]
    kept = pick_villages(build, table, within=["53"], must=[one])
    assert set(kept.villages["id"]) - set(villages.villages["id"]) == {one}
    with pytest.raises(InfeasibleError, match="only towns"):
        pick_villages(build, table, within=["53.71"])


def test_no_town_is_in_a_plan_for_ntt(build: Build, dataset: Dataset) -> None:
    service = PlanService.of_build(build, dataset)
    answer = service.outreach(OutreachPlanRequest(number=12, within="53")).answer
    assert not [row for row in answer["villages"] if row["regency_code"] == "53.71"]
    rates = {row["code"]: row["departures_per_100k"] for row in answer["regencies"]}
    # The layer of areas decides of which regencies a number is stated.
    table = build.areas.set_index("code")["departures_mean"]
    assert {code for code, rate in rates.items() if rate is None} == {
        code for code in rates if np.isnan(table[code])
    }
    known = {code: rate for code, rate in rates.items() if rate is not None}
    middle = float(np.median(list(known.values())))
    of_known = [row for row in answer["villages"] if row["regency_code"] in known]
    assert of_known
    assert all(known[row["regency_code"]] > middle for row in of_known)
    for row in answer["villages"]:
        assert (row["persons_covered"] is None) == (row["regency_code"] not in known)
    towns = service.outreach(OutreachPlanRequest(number=2, within="53.71", with_towns=True)).answer
    assert {row["regency_code"] for row in towns["villages"]} == {"53.71"}


@pytest.mark.parametrize("tier", ["partner", "police"])
def test_visited_villages_are_left_out_for_every_desk(
    tier: Any, build: Build, dataset: Dataset
) -> None:
    """NGO and planner are partners, the third desk is the police's; nobody sees who visited."""
    reader: Any = {"rights": RIGHTS[tier], "province": "53"}
    request = OutreachPlanRequest(number=4, within="53.02")
    before = PlanService.of_build(build, dataset).outreach(request, **reader).answer
    table = every_village(build, dataset)
    assert not table["visited"].any()
    rows = table[table["id"].isin([row["id"] for row in before["villages"]])]
    codes = rows.loc[(rows["code"] != "") & ~rows["served"], "code"].tolist()
    codes = codes or [table.loc[(table["regency_code"] == "53.02") & (table["code"] != "")
                                & ~table["served"] & ~table["town"], "code"].iloc[0]]  # fmt: skip
    visited = with_visits(dataset, [*codes, codes[0][:8]])
    # The row of a district does not say which of its villages was visited.
    assert len(visited_villages(table, visited)) >= len(codes)
    service = PlanService.of_build(build, visited)
    after = service.outreach(request, **reader).answer
    assert not {row["code"] for row in after["villages"]} & set(codes)
    assert after["excluded_served"] >= before["excluded_served"] + len(codes)
    assert "Yayasan Contoh" not in str(after)
    must = request.model_copy(update={"must": (codes[0],)})
    with pytest.raises(InputError, match="as visited or served"):
        service.outreach(must, **reader)


def test_visits_do_not_count_for_post_plans(build: Build, dataset: Dataset) -> None:
    codes = [code for code in every_village(build, dataset)["code"] if code][:300]
    request = PostPlanRequest(k=2, within="53", draws=0)
    answers = [
        PlanService.of_build(build, data).posts(request).answer
        for data in (dataset, with_visits(dataset, codes))
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"days": 0.0}, "takes 1 day of 0: raise days to 1 or more"),
        ({"budget": 5.0, "cost_per_village": 100.0}, "costs 100 of 5: raise budget to 100"),
        ({"days": 9.0, "forbidden": ["m1", "m2", "t1", "t2", "t3"]}, "no village can be chosen"),
    ],
)
def test_a_request_nobody_can_meet_says_what_to_raise(wish: dict[str, Any], says: str) -> None:
    with pytest.raises(InfeasibleError, match=says):
        plan_outreach(sparse_villages(), radius_km=2.0, **wish)


def test_a_floor_that_no_choice_meets() -> None:
    with pytest.raises(InfeasibleError, match=r"share to 0%, or raise .* villages to 2$"):
        plan_outreach(sparse_villages(), number=1, radius_km=2.0, floor=0.1)


def test_villages_by_name_code_and_id() -> None:
    table = sparse_villages()
    wish = OutreachPlanRequest(
        number=4, must=("m2", "53.02.01.1001", "kapan"), forbidden=("NULARAN",)
    )
    found = with_village_ids(wish, table)
    assert found.must == ("m2", "t2", "t3")
    assert found.forbidden == ("t1",)
    for given, says in (
        (
            "Nularam",
            r"to visit has Nularam, which is not among the villages .* nearest: Nularan \(t1\)",
        ),
        ("53.02.01.2009", "no settlement is known for that village"),
    ):
        with pytest.raises(InputError, match=says):
            with_village_ids(OutreachPlanRequest(number=4, must=(given,)), table)
    with pytest.raises(InputError, match="which 5 places are called; give the id, such as m1, m2"):
        with_village_ids(OutreachPlanRequest(number=4, must=("Soe",)), table.assign(name="Soe"))
    with pytest.raises(InputError, match="twice"):
        with_village_ids(OutreachPlanRequest(number=4, must=("Soe", "t2")), table)
    with pytest.raises(InputError, match=r"^Nularan is on the list to visit and on the list"):
        with_village_ids(OutreachPlanRequest(number=4, must=("t1",), forbidden=("Nularan",)), table)


def test_the_seat_itself_and_one_place() -> None:
    row = {"persons_covered": 3.0, "places_covered": 1, "travel_hours": 0.01, "base": "Kupang"}
    row["district"] = "Alak"
    id_, en = (reason(row, 10.0).in_language(language) for language in ("id", "en"))
    assert id_.endswith(
        "; di Kupang; di Kecamatan Alak. Tidak diketahui ada gugus tugas atau kunjungan."
    )
    assert en.endswith("in Kupang; in the district of Alak. No task force or visit is known.")
    of_regency = {**row, "class": "high", "departures_per_100k": 90.0, "relative_rate": 1.2}
    assert "Alak; asked for in this plan. Its regency: departures per head high. No" in str(
        reason({**of_regency, "must": True}, 10.0, with_persons=False)
    )
    assert "0.2 h from Kupang" in str(reason({**row, "travel_hours": 0.2}, 10.0))
