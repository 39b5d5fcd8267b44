"""Outreach where points are few, villages were visited, or a wish cannot be met."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.errors import InfeasibleError, InputError
from layers.plans.requests import OutreachPlanRequest, with_village_ids
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
    draws = np.tile(table["persons"].to_numpy(), (3, 1))
    plan = plan_outreach(table, number=5, radius_km=2.0, draws=draws, gap=0.0)
    assert plan.persons_covered["mean"] == pytest.approx(390)
    answer = outreach_answer(plan)
    (note,) = answer["notes"]
    assert "Letak desa di Kabupaten Malaka belum diketahui" in note["id"]
    assert "petajaga import places" in note["en"]
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


def test_visited_villages_are_left_out_for_the_police_alone(build: Build, dataset: Dataset) -> None:
    free = every_village(build, dataset)
    assert not free["visited"].any()
    village = free[free["code"] != ""].iloc[0]
    rows = pd.DataFrame(
        {"area_code": [village["code"], village["code"][:8]], "organisation": "A", "year": "2025"}
    )
    visited = replace(dataset, outreach=rows)
    assert village["id"] in visited_villages(free, visited)
    table = every_village(build, visited)
    assert village["id"] in pick_villages(build, table).served
    assert pick_villages(build, table, visits=False).served == pick_villages(build, free).served


def test_a_partners_plan_does_not_tell_who_was_where(build: Build, dataset: Dataset) -> None:
    wish = OutreachPlanRequest(number=4, within="53.02")
    partner: Any = {"rights": RIGHTS["partner"], "province": "53"}
    bare = PlanService.of_build(build, dataset)
    first = bare.outreach(wish).answer
    codes = [row["code"] for row in bare.outreach(wish, **partner).answer["villages"]]
    known = every_village(build, dataset)
    own = known[(known["regency_code"] == "53.02") & (known["code"] != "")]["code"]
    assert set(filter(None, codes)) <= set(own)
    rows = pd.DataFrame({"area_code": own, "organisation": "A", "year": "2025"})
    told = PlanService.of_build(build, replace(dataset, outreach=rows))
    for_partner = [service.outreach(wish, **partner).answer for service in (bare, told)]
    assert for_partner[0] == for_partner[1]
    # What a list refuses is the same, too.
    must = wish.model_copy(update={"must": (own.iloc[0],)})
    left_out = told.outreach(must, **partner).answer["excluded_served"]
    assert left_out == first["excluded_served"]
    with pytest.raises(InputError, match="served already"):
        told.outreach(must)
    police = told.outreach(wish).answer
    assert police["excluded_served"] >= len(own) > first["excluded_served"]
    assert not {row["code"] for row in police["villages"]} & set(own)


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
    with pytest.raises(InfeasibleError, match=r"relax floor to 0, or villages to 2$"):
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
        ("Nularam", r"must names Nularam, which is not in the table; nearest: Nularan \(t1\)"),
        ("53.02.01.2009", "no settlement is known for that village"),
    ):
        with pytest.raises(InputError, match=says):
            with_village_ids(OutreachPlanRequest(number=4, must=(given,)), table)
    with pytest.raises(InputError, match="which 5 places are called; give the id, such as m1, m2"):
        with_village_ids(OutreachPlanRequest(number=4, must=("Soe",)), table.assign(name="Soe"))
    with pytest.raises(InputError, match="twice"):
        with_village_ids(OutreachPlanRequest(number=4, must=("Soe", "t2")), table)


def test_the_seat_itself_and_one_place() -> None:
    row = {"persons_covered": 3.0, "places_covered": 1, "travel_hours": 0.01, "base": "Kupang"}
    id_, en = (reason(row, 10.0).in_language(language) for language in ("id", "en"))
    assert id_.endswith("; di Kupang; tidak diketahui ada gugus tugas.")
    assert en.endswith("in 1 place within 10 km; in Kupang; no task force known.")
    assert "0.2 h from Kupang" in str(reason({**row, "travel_hours": 0.2}, 10.0))
