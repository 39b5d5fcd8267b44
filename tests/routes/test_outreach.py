"""The outreach plan: against spopt and brute force, what must always hold, what it refuses."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.errors import InfeasibleError, InputError
from layers.plans.serialize import outreach_answer
from layers.plans.xlsx import outreach_book
from layers.release.marking import Marking
from routes.outreach.covering import Covering, reach_matrix
from routes.outreach.plan import plan_outreach
from routes.outreach.reasons import reason
from routes.outreach.thinning import promising_candidates


def random_villages(seed: int, count: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [f"v{i:03d}" for i in range(count)],
            "name": [f"Desa {i}" for i in range(count)],
            "regency_code": [f"53.{1 + i % 4:02d}" for i in range(count)],
            "lat": rng.uniform(-10.0, -9.5, count),
            "lon": rng.uniform(124.0, 124.5, count),
            "persons": rng.gamma(1.0, 5.0, count),
            "travel_hours": rng.uniform(0, 10, count),
        }
    )


def reach_by_hand(villages: pd.DataFrame, radius_km: float) -> NDArray[np.bool_]:
    """Who is in reach of whom: within the radius, and of the same regency."""
    at, regency = villages[["lat", "lon"]].to_numpy(), villages["regency_code"].to_numpy(str)
    near = reach_matrix(at, at, radius_km).toarray() > 0
    return near & (regency[:, None] == regency[None, :])


def best_by_hand(villages: pd.DataFrame, number: int, radius_km: float) -> float:
    reach = reach_by_hand(villages, radius_km)
    persons = villages["persons"].to_numpy()
    return max(
        float(persons @ reach[:, list(chosen)].any(axis=1))
        for chosen in combinations(range(len(villages)), number)
    )


@pytest.mark.parametrize("seed", range(5))
def test_against_every_choice(seed: int) -> None:
    villages = random_villages(seed, 18)
    plan = plan_outreach(villages, number=3, radius_km=12, gap=0.0)
    assert plan.persons_covered["mean"] == pytest.approx(best_by_hand(villages, 3, 12), rel=1e-9)
    assert plan.gap == pytest.approx(0.0, abs=1e-9)
    assert plan.villages["persons_covered"].sum() == pytest.approx(plan.persons_covered["mean"])
    assert plan.villages["persons_covered"].is_monotonic_decreasing


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_spopt(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        locate = pytest.importorskip("spopt.locate", reason="spopt is a development package")
        pulp = pytest.importorskip("pulp")
    villages = random_villages(seed, 60)
    near = reach_by_hand(villages, 9.0).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = locate.MCLP.from_cost_matrix(
            1.0 - near, villages["persons"].to_numpy(), service_radius=0.5, p_facilities=6
        ).solve(pulp.PULP_CBC_CMD(msg=False))
    plan = plan_outreach(villages, number=6, radius_km=9, gap=0.0)
    assert plan.persons_covered["mean"] == pytest.approx(peer.problem.objective.value(), rel=1e-9)


def test_a_visit_is_for_its_own_regency() -> None:
    """Two villages a kilometre apart on both sides of a border: each reaches its own people."""
    villages = random_villages(0, 8).assign(lat=-9.8, lon=124.2 + 0.01 * np.arange(8), persons=5.0)
    plan = plan_outreach(villages, number=4, radius_km=20, gap=0.0)
    assert sorted(plan.villages["regency_code"]) == ["53.01", "53.02", "53.03", "53.04"]
    assert plan.villages["persons_covered"].tolist() == [10.0] * 4


def test_radius_is_a_great_circle_and_water_is_not_crossed() -> None:
    points = np.array([[0.0, 100.0], [0.0, 100.1], [0.0, 100.2]])
    reach = reach_matrix(points, points, 11.2).toarray()
    assert reach.tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
    areas = np.array(["a", "b", "b"])
    assert reach_matrix(points, points, 11.2, areas=(areas, areas)).toarray().tolist() == [
        [1, 0, 0],
        [0, 1, 1],
        [0, 1, 1],
    ]
    assert reach_matrix(points, points, 0.0).toarray().tolist() == np.eye(3).tolist()


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), number=st.integers(1, 6))
def test_more_never_covers_less_and_forbidding_never_helps(seed: int, number: int) -> None:
    villages = random_villages(seed, 25)
    plan = plan_outreach(villages, number=number, radius_km=8, gap=0.0)
    more = plan_outreach(villages, number=number + 1, radius_km=8, gap=0.0)
    covered = plan.persons_covered["mean"]
    assert more.persons_covered["mean"] >= covered * (1 - 1e-9)
    out = plan.villages["id"].iloc[0]
    less = plan_outreach(villages, number=number, radius_km=8, gap=0.0, forbidden=[out])
    assert out not in set(less.villages["id"])
    assert less.persons_covered["mean"] <= covered * (1 + 1e-9)
    forced = plan_outreach(villages, number=number, radius_km=8, gap=0.0, must=["v007"])
    assert "v007" in set(forced.villages["id"])
    assert forced.persons_covered["mean"] <= covered * (1 + 1e-9)


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), floor=st.sampled_from([0.0, 0.1]))
def test_doubling_demand_doubles_persons_and_changes_no_choice(seed: int, floor: float) -> None:
    villages = random_villages(seed, 25)
    double = villages.assign(persons=2 * villages["persons"])
    one = plan_outreach(villages, number=5, radius_km=10, floor=floor)
    two = plan_outreach(double, number=5, radius_km=10, floor=floor)
    assert one.villages["id"].tolist() == two.villages["id"].tolist()
    assert two.persons_covered["mean"] == pytest.approx(2 * one.persons_covered["mean"])


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), number=st.integers(1, 8))
def test_greedy_within_its_bound(seed: int, number: int) -> None:
    villages = random_villages(seed, 25)
    greedy = plan_outreach(villages, number=number, radius_km=9, method="greedy")
    exact = plan_outreach(villages, number=number, radius_km=9, gap=0.0)
    best = exact.persons_covered["mean"]
    covered = greedy.persons_covered["mean"]
    assert (1 - 1 / np.e) * best <= covered * (1 + 1e-9)
    assert covered <= best * (1 + 1e-9)
    assert best * (1 - greedy.gap) <= covered * (1 + 1e-9)


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), days=st.floats(2.0, 25.0))
def test_days_and_money_are_kept(seed: int, days: float) -> None:
    villages = random_villages(seed, 25)
    plan = plan_outreach(villages, days=days, radius_km=9, cost_per_day=750_000.0)
    assert plan.travel_days <= days * (1 + 1e-6)
    money = plan_outreach(
        villages, budget=days * 750_000.0, radius_km=9, cost_per_day=750_000.0, gap=0.0
    )
    # A day has its price, so both limits are the same one.
    assert money.persons_covered["mean"] >= plan.persons_covered["mean"] * (1 - 1e-9)
    assert money.cost <= days * 750_000.0 * (1 + 1e-6)
    if money.persons_covered["mean"]:
        assert money.cost_per_person == pytest.approx(money.cost / money.persons_covered["mean"])


def test_floor_is_met_in_every_regency() -> None:
    villages = random_villages(11)
    free = plan_outreach(villages, number=6, radius_km=7, gap=0.0)
    fair = plan_outreach(villages, number=6, radius_km=7, floor=0.2, gap=0.0)
    table = fair.regencies
    assert (table["covered"] >= 0.2 * table["coverable"] * (1 - 1e-6)).all()
    assert fair.persons_covered["mean"] <= free.persons_covered["mean"] * (1 + 1e-9)
    greedy = plan_outreach(villages, number=6, radius_km=7, floor=0.2, method="greedy")
    assert (greedy.regencies["covered"] >= 0.2 * table["coverable"] * (1 - 1e-6)).all()


def test_an_impossible_floor_says_what_to_relax() -> None:
    villages = random_villages(11)
    with pytest.raises(
        InfeasibleError, match=r"least share to [\d.]+%, or raise the number of villages to \d+"
    ) as error:
        plan_outreach(villages, number=2, radius_km=5, floor=0.5)
    best, number = error.value.params["best"], error.value.params["least"]
    assert plan_outreach(villages, number=2, radius_km=5, floor=best / 100)
    assert plan_outreach(villages, number=int(number), radius_km=5, floor=0.5)


@st.composite
def small_cases(draw: st.DrawFn) -> tuple[pd.DataFrame, int, float, float]:
    """Villages of regencies that differ a thousandfold in size; number, radius, floor."""
    villages = random_villages(draw(st.integers(0, 10_000)), draw(st.integers(6, 11)))
    size = 10.0 ** draw(st.lists(st.integers(-3, 3), min_size=4, max_size=4).map(np.array))
    which = villages["regency_code"].str[3:].astype(int) - 1
    villages["persons"] *= size[which]
    villages["departures_per_100k"] = 40.0 * (1 + which)
    number = draw(st.integers(1, 5))
    return villages, number, draw(st.sampled_from([4.0, 9.0])), draw(st.sampled_from([0.02, 0.3]))


def _by_hand(villages: pd.DataFrame, radius: float) -> tuple[NDArray[Any], ...]:
    """Who is in reach of whom; persons and need of each village, and whether it is of a regency."""
    persons = villages["persons"].to_numpy()
    return (
        reach_by_hand(villages, radius),
        persons,
        persons * villages["departures_per_100k"].to_numpy(),
        pd.get_dummies(villages["regency_code"]).to_numpy(float),
    )


@pytest.mark.slow
@pytest.mark.parametrize("entries", [0, 20_000], ids=["relaxation", "milp"])
@given(case=small_cases())
def test_floors_against_every_choice(
    entries: int, case: tuple[pd.DataFrame, int, float, float]
) -> None:
    """Each floor is met or refused, never above the optimum, and the gap holds."""
    villages, number, radius, floor = case
    reach, persons, need, regencies = _by_hand(villages, radius)
    allowed = []
    for chosen in combinations(range(len(villages)), number):
        covered = reach[:, chosen].any(axis=1)
        if ((covered * persons) @ regencies >= floor * persons @ regencies * (1 - 1e-9)).all():
            allowed.append(float(covered @ need))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("routes.outreach.covering._EXACT_ENTRIES", entries)
        if not allowed:
            with pytest.raises(InfeasibleError, match="least share"):
                plan_outreach(villages, number=number, radius_km=radius, floor=floor)
            return
        plan = plan_outreach(villages, number=number, radius_km=radius, floor=floor)
    table = plan.regencies
    assert (table["covered"] >= floor * table["coverable"] * (1 - 1e-9)).all()
    rate = 40.0 * table["regency_code"].str[3:].astype(float)
    value = float((table["covered"] * rate).sum())
    assert value <= max(allowed) * (1 + 1e-9)
    assert value >= max(allowed) * (1 - plan.gap) * (1 - 1e-6)
    assert plan.gap <= 1e-3 or entries == 0


@pytest.mark.slow
@pytest.mark.parametrize("entries", [0, 20_000], ids=["relaxation", "milp"])
@given(case=small_cases(), most=st.integers(1, 2))
def test_most_of_a_regency_against_every_choice(
    entries: int, case: tuple[pd.DataFrame, int, float, float], most: int
) -> None:
    """At most so many of each, the best such choice, and an error says what would do."""
    villages, number, radius, floor = case
    reach, persons, need, regencies = _by_hand(villages, radius)
    allowed = []
    for size in range(1, number + 1):
        for chosen in combinations(range(len(villages)), size):
            covered = reach[:, chosen].any(axis=1)
            met = (covered * persons) @ regencies >= floor * persons @ regencies * (1 - 1e-9)
            if met.all() and (regencies[list(chosen)].sum(axis=0) <= most).all():
                allowed.append(float(covered @ need))
    wish = {"number": number, "radius_km": radius, "floor": floor}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("routes.outreach.covering._EXACT_ENTRIES", entries)
        if number > np.minimum(regencies.sum(axis=0), most).sum() or not allowed:
            with pytest.raises(InfeasibleError) as error:
                plan_outreach(villages, **wish, per_regency=most)
            told = error.value.params
            if error.value.code.endswith("per_regency"):
                enough = wish if "available" not in told else {**wish, "floor": 0.0}
                assert plan_outreach(villages, **enough, per_regency=told["least"])
            if "available" in told:
                fewer = {**wish, "number": told["available"], "floor": 0.0}
                assert plan_outreach(villages, **fewer, per_regency=most)
            return
        plan = plan_outreach(villages, **wish, per_regency=most)
        greedy = None
        if floor == 0.02:
            greedy = plan_outreach(
                villages, **{**wish, "floor": 0.0}, per_regency=most, method="greedy"
            )
    for made in filter(None, (plan, greedy)):
        assert made.regencies["villages"].max() <= most
    rate = 40.0 * plan.regencies["regency_code"].str[3:].astype(float)
    value = float((plan.regencies["covered"] * rate).sum())
    assert value <= max(allowed) * (1 + 1e-9)
    assert value >= max(allowed) * (1 - plan.gap) * (1 - 1e-6)
    assert plan.gap <= 1e-3 or entries == 0
    assert plan.notes[1].code == "note.per_regency"


def test_regencies_that_many_leave_and_no_village_stands_for_are_named() -> None:
    """A: one village of 9. B: three of 5, far apart, more in all. C: one of 1."""
    villages = pd.DataFrame({
        "id": ["a", "b1", "b2", "b3", "c"], "name": list("ABDEC"),
        "regency_code": ["53.01", "53.02", "53.02", "53.02", "53.03"],
        "regency": ["A", "B", "B", "B", "C"], "lat": [-9.0, -9.5, -9.8, -10.1, -10.4],
        "lon": 124.0, "persons": [9.0, 5.0, 5.0, 5.0, 1.0],
    })  # fmt: skip
    one = plan_outreach(villages, number=1, radius_km=5)
    assert one.regencies.set_index("regency")["outdone"].to_dict() == {
        "A": False, "B": True, "C": True,
    }  # fmt: skip
    (note,) = one.notes
    assert (note.code, note.params["regencies"]) == ("note.regencies_outdone", ["B"])
    two = plan_outreach(villages, number=2, radius_km=5)
    assert [note.code for note in two.notes] == ["note.order_of_need"]
    # the village of 1 was wished for, not chosen by its need
    asked = plan_outreach(villages, number=1, radius_km=5, must=["c"])
    assert not asked.regencies["outdone"].any()


def test_villages_that_must_be_visited_beyond_the_most_of_a_regency() -> None:
    villages = random_villages(1)  # v000 and v004 are of one regency
    with pytest.raises(InfeasibleError, match="raise that to 2, or shorten") as error:
        plan_outreach(villages, number=5, radius_km=9, must=["v000", "v004"], per_regency=1)
    assert error.value.field == "per_regency"
    plan = plan_outreach(villages, number=5, radius_km=9, must=["v000", "v004"], per_regency=2)
    assert {"v000", "v004"} <= set(plan.villages["id"])
    assert plan.regencies["villages"].max() == 2


def test_a_floor_counts_where_the_regency_is_one_millionth_of_the_nation() -> None:
    villages = random_villages(5)
    which = villages["regency_code"].str[3:].astype(int)
    villages["lat"] += which  # 111 km apart: nothing reaches across
    villages["persons"] *= np.where(which == 1, 1e-6, 1.0)
    plan = plan_outreach(villages, number=6, radius_km=7, floor=0.05)
    table = plan.regencies
    assert (table["covered"] >= 0.05 * table["coverable"] * (1 - 1e-9)).all()
    assert (table["villages"] >= 1).all()


def test_where_many_leave_comes_before_where_many_live() -> None:
    """Two circles: 100 departures of a crowd, 60 of a small place with five times the rate."""
    villages = pd.DataFrame(
        {
            "id": ["crowd", "small"], "name": ["Ramai", "Kecil"],
            "regency_code": ["53.01", "53.21"], "lat": [-10.0, -9.5], "lon": [123.6, 124.9],
            "persons": [100.0, 60.0], "departures_per_100k": [30.0, 150.0],
        }
    )  # fmt: skip
    plan = plan_outreach(villages, number=1, radius_km=5)
    assert plan.villages["id"].tolist() == ["small"]
    # Persons stay persons: need decides, and is not shown as a number of people.
    assert plan.persons_covered["mean"] == 60.0
    assert "150 at-risk departures a year per 100,000" in plan.villages["reason_en"].iloc[0]
    by_number = plan_outreach(villages.drop(columns="departures_per_100k"), number=1, radius_km=5)
    assert by_number.villages["id"].tolist() == ["crowd"]
    unknown = villages.assign(departures_per_100k=np.nan)
    assert plan_outreach(unknown, number=1, radius_km=5).villages["id"].tolist() == ["crowd"]


def test_a_regency_without_a_number_has_none_in_a_plan() -> None:
    """Of two regencies one is too uncertain: its village stays, and only its place in the order."""
    villages = pd.DataFrame(
        {
            "id": ["sure", "unsure"], "code": ["", ""], "name": ["Tentu", "Ragu"],
            "regency_code": ["53.01", "53.07"], "regency": ["Kabupaten Kupang", "Kabupaten Sikka"],
            "lat": [-10.0, -8.6], "lon": [123.6, 122.2], "persons": [60.0, 100.0],
            "departures_per_100k": [30.0, 130.0], "class": ["low", "high"],
            "travel_hours": [1.0, 1.0], "base": ["Oelamasi", "Maumere"],
            "stated": [True, False],
        }
    )  # fmt: skip
    plan = plan_outreach(villages, number=2, radius_km=5)
    for with_persons in (True, False):
        few = [reason(row, 5.0, with_persons=False) for row in plan.villages.to_dict("records")]
        answer = outreach_answer(plan, reasons=None if with_persons else few)
        unsure, sure = answer["villages"]
        assert (unsure["name"], unsure["uncertain"], sure["uncertain"]) == ("Ragu", True, False)
        assert "terlalu tidak pasti untuk disebut" in unsure["reason"]
        assert "too uncertain to be stated" in unsure["reason_en"]
        assert "130" not in str(unsure)
        assert "100" not in unsure["reason"]
        assert "tidak pasti" not in sure["reason"]
        row = next(row for row in answer["regencies"] if row["code"] == "53.07")
        assert row["uncertain"]
        assert row["share_covered"] is None
        assert any("Angka Kabupaten Sikka" in note["id"] for note in answer["notes"])
    document = outreach_answer(plan)
    assert document["villages"][0]["persons_covered"] is None
    assert document["villages"][1]["persons_covered"] == 60.0
    # the sum of both has an interval of its own
    assert document["persons_covered"]["mean"] == 160.0
    only = plan_outreach(villages[villages["id"] == "unsure"], number=1, radius_km=5)
    alone = outreach_answer(only)
    assert alone["persons_covered"] is alone["share"] is alone["cost_per_person"] is None
    for told, above in ((document, "Terjangkau: 160"), (alone, "angka terlalu tidak pasti")):
        heading = Marking(tier="police", release="r1", day="2026-12-01", code="pjm-abcdefghijkl")
        book = outreach_book({**told, "pretexts": []}, heading, "id", area="NTT")
        sheets = openpyxl.load_workbook(io.BytesIO(book))
        cells = [str(cell.value) for page in sheets for row in page.iter_rows() for cell in row]
        assert any(above in cell for cell in cells)
        (row,) = (
            [cell.value for cell in row] for row in sheets["Kabupaten"].iter_rows()
            if row[0].value == "53.07"
        )  # fmt: skip
        assert row == ["53.07", "Kabupaten Sikka", None, None, None, "angka terlalu tidak pasti", 1]


def test_served_villages_are_neither_chosen_nor_counted() -> None:
    villages = random_villages(3)
    plan = plan_outreach(villages, number=5, radius_km=9, gap=0.0)
    served = plan.villages["id"].tolist()[:2]
    other = plan_outreach(villages, number=5, radius_km=9, gap=0.0, served=served)
    assert not set(served) & set(other.villages["id"])
    assert set(other.excluded) == set(served)
    assert other.persons_covered["mean"] < plan.persons_covered["mean"]
    own = villages.set_index("id")["persons"]
    assert other.regencies["persons"].sum() == pytest.approx(own.sum() - own[served].sum())


def test_interval_and_reasons() -> None:
    villages = random_villages(4)
    codes = villages["regency_code"].unique()
    factors = np.random.default_rng(0).gamma(4.0, 0.25, (200, len(codes)))
    draws = pd.DataFrame(factors, columns=codes)
    plan = plan_outreach(villages, number=4, radius_km=9, draws=draws)
    told = plan.persons_covered
    assert told["p05"] < told["mean"] < told["p95"]
    assert plan.villages["reason_id"].str.startswith("Menjangkau ").all()
    assert plan.villages["reason_en"].str.contains("within 9 km").all()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": None}, "number"),
        ({"days": 3.0}, "number"),
        ({"number": 0}, "number"),
        ({"number": 41}, "number"),
        ({"number": None, "budget": -1.0, "cost_per_village": 1.0}, "budget"),
        ({"number": None, "budget": 5.0}, "cost_per_village"),
        ({"number": None, "days": -1.0}, "days"),
        ({"cost_per_village": -2.0}, "cost_per_village"),
        ({"radius_km": -1.0}, "radius_km"),
        ({"radius_km": None}, "radius_km"),
        ({"radius_hours": 1.0}, "radius_hours"),
        ({"floor": 1.5}, "floor"),
        ({"method": "guess"}, "method"),
        ({"must": ["nowhere"]}, "must"),
        ({"must": ["v001", "v001"]}, "must"),
        ({"must": ["v001"], "forbidden": ["v001"]}, "must"),
        ({"must": ["v001"], "served": ["v001"]}, "must"),
        ({"must": ["v001"], "candidates": ["v002", "v003", "v004"]}, "must"),
        ({"forbidden": ["nowhere"]}, "forbidden"),
        ({"candidates": ["nowhere"]}, "candidates"),
    ],
)
def test_refusals_name_the_field(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as error:
        plan_outreach(random_villages(1), **{"number": 3, "radius_km": 9.0, **wrong})
    assert error.value.field == field
    assert "\n" not in str(error.value)


def test_must_list_beyond_the_limit() -> None:
    with pytest.raises(InfeasibleError, match="raise the number of villages to 3"):
        plan_outreach(random_villages(1), number=2, radius_km=9, must=["v001", "v002", "v003"])


def test_equal_rows_are_merged() -> None:
    reach = reach_matrix(np.zeros((6, 2)), np.zeros((2, 2)), 1.0)
    problem = Covering(
        reach=reach, weight=np.ones(6), group=np.zeros(6, np.intp), cost=np.ones(2), budget=1.0,
        floor=np.zeros(1), must=np.zeros(2, bool),
    )  # fmt: skip
    chosen = problem.solve(gap=0.0)
    assert chosen is not None
    assert chosen.covered == 6.0
    assert len(chosen.picked) == 1


@pytest.mark.parametrize("seed", range(3))
def test_fewer_candidates_meet_the_same_floors_and_reach_nearly_as_much(seed: int) -> None:
    villages = random_villages(seed, count=300)
    at = villages[["lat", "lon"]].to_numpy(float)
    whole = Covering(
        reach=reach_matrix(at, at, 4.0),
        weight=villages["persons"].to_numpy(float),
        group=pd.factorize(villages["regency_code"])[0],
        cost=np.ones(len(at)),
        budget=15.0,
        floor=np.zeros(villages["regency_code"].nunique()),
        must=np.zeros(len(at), bool),
    )
    whole = replace(whole, floor=0.2 * whole.coverable)
    kept = promising_candidates(
        whole.reach, whole.weight, whole.cost, whole.group, whole.must,
        of_point=whole.group, floor=whole.floor, most=60,
    )  # fmt: skip
    assert 60 <= len(kept) < 120
    fewer = replace(whole, reach=whole.reach[:, kept], cost=whole.cost[kept], must=whole.must[kept])
    best, found = whole.solve(gap=0.0), fewer.solve(gap=0.0)
    assert best is not None
    assert found is not None
    assert whole.meets_floors(kept[found.picked])
    assert found.covered >= 0.98 * best.covered
