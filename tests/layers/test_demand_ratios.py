"""What part of a regency's departures sets out from one district or village is not for partners.

An attacker with a partner's rights tries every answer that could tell it: what-ifs of a district,
plans with one village, within one district, with a floor that is met or not, and many plans whose
shares are solved for those of the villages.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from geo.dataset import Dataset
from geo.errors import InfeasibleError, InputError
from layers.plans.requests import OutreachPlanRequest
from layers.plans.service import PlanService
from layers.visibility import RIGHTS, SHARE_STEP
from routes.scenarios.request import SERVICES
from tests.layers.small_dataset import build_of, small_dataset

_REGENCY = "21.71"
"""Batam, whose departures are sure enough to be stated: of a regency without a number nothing is
told.
"""
_DISTRICT = "65.03.01"
_PLANS, _LARGEST_PLAN, _ATTACKED = 120, 12, 12


@pytest.fixture(scope="module")
def service(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> PlanService:
    small = small_dataset(dataset, tmp_path_factory.mktemp("small"))
    return PlanService.of_build(build_of(small), small)


@pytest.fixture(scope="module")
def villages(service: PlanService) -> list[str]:
    """Villages of the regency that may be visited."""
    table = service._villages
    free = ~table["served"] & ~table["visited"] & table["dealt_out"]
    return table.loc[free & table["code"].str.startswith(_REGENCY), "id"].tolist()


def _answer(service: PlanService, **request: Any) -> dict[str, Any]:
    full = {"within": _REGENCY, "radius_km": 0.0, "with_towns": True, **request}
    return service.outreach(OutreachPlanRequest(**full), **_reader(full["within"])).answer


def _reader(within: str | tuple[str, ...]) -> dict[str, Any]:
    """A partner of the province that is asked about."""
    first = within if isinstance(within, str) else within[0]
    return {"rights": RIGHTS["partner"], "province": first[:2]}


def _in_steps(share: float) -> bool:
    return share == pytest.approx(SHARE_STEP * round(share / SHARE_STEP))


@pytest.mark.parametrize("area", ["65.03.01", "65.03.01.1001"])
@pytest.mark.parametrize("change", ["demand", "services"])
def test_a_what_if_is_of_a_regency_at_least(area: str, change: str, service: PlanService) -> None:
    effect = {"factor": 100.0} if change == "demand" else {"kind": SERVICES[0]}
    document = {change: [{"area": area, **effect}]}
    with pytest.raises(InputError) as refused:
        service.parse(document, **_reader(area))
    assert refused.value.code == "scenario.below_regency"
    assert refused.value.field == f"{change}[0].area"
    assert service.parse(document).demand or service.parse(document).services  # the police may


def test_one_village_has_no_share(service: PlanService, villages: list[str]) -> None:
    for village in villages[:_ATTACKED]:
        plan = _answer(service, number=1, must=[village])
        (row,) = plan["villages"]
        assert row["id"] == village
        assert row["share_covered"] is None
        assert _in_steps(plan["share"])
        assert all(_in_steps(regency["share_covered"]) for regency in plan["regencies"])
        assert plan["gap"] == round(plan["gap"], 2)


def test_a_plan_within_a_district_has_no_shares(service: PlanService) -> None:
    plan = _answer(service, number=1, within=_DISTRICT)
    assert plan["share"] is None
    assert {regency["share_covered"] for regency in plan["regencies"]} == {None}
    assert len(plan["villages"]) == 1
    both = _answer(service, number=1, within=("65.03", _DISTRICT))
    assert both["share"] is None
    assert {regency["share_covered"] for regency in both["regencies"]} == {None}


def test_a_floor_tells_no_more_than_a_step(service: PlanService, villages: list[str]) -> None:
    with pytest.raises(InputError) as finer:
        _answer(service, number=1, must=villages[:1], floor=0.013)
    with pytest.raises(InputError) as within:
        _answer(service, number=1, within=_DISTRICT, floor=0.05)
    with pytest.raises(InputError) as among:
        _answer(service, number=1, within=("65.02", _DISTRICT), floor=0.05)
    assert {e.value.code for e in (finer, within, among)} == {"outreach.floor_step"}
    with pytest.raises(InfeasibleError) as unreachable:
        _answer(service, number=1, must=villages[:1], floor=1.0)
    assert _in_steps(unreachable.value.params["best"] / 100)


def test_many_plans_do_not_give_a_villages_share(service: PlanService, villages: list[str]) -> None:
    """Linear programs over all shares that agree with the answers: no village's is known to a
    factor of two, or to within two hundredths of the regency.
    """
    rng = np.random.default_rng(65)
    rows, shares = [], []
    for _ in range(_PLANS):
        size = int(rng.integers(1, min(_LARGEST_PLAN, len(villages)) + 1))
        chosen = rng.choice(len(villages), size, replace=False)
        plan = _answer(service, number=size, must=[villages[k] for k in chosen])
        rows.append(np.isin(np.arange(len(villages)), chosen).astype(float))
        shares.append(plan["share"])
    known, least = np.array(rows), np.array(shares)
    assert least.max() > 0
    limits = {
        "A_ub": np.vstack([known, -known, np.ones(len(villages))]),
        "b_ub": np.concatenate([least + SHARE_STEP, -least, [1.0]]),
        "bounds": (0.0, 1.0),
    }
    for village in range(min(_ATTACKED, len(villages))):
        goal = (np.arange(len(villages)) == village).astype(float)
        low = linprog(goal, **limits).fun
        high = -linprog(-goal, **limits).fun
        assert high > 2 * low or high - low > 0.02, (villages[village], low, high)
