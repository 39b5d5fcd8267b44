"""Where prevention is on record: which areas are listed, in which order, and what is not known."""

from __future__ import annotations

from typing import Any

import pytest

from layers.query.coverage import coverage


def row(code: str, level: str, listed: int, villages: int = 10, **more: Any) -> dict[str, Any]:
    share = 100.0 * listed / villages if listed else None
    return {
        "code": code, "name": code, "level": level, "villages": villages, "listed": listed,
        "listed_share": share, "visited_share": None, "departures_share": None, "area_wide": 0,
        "kinds": "sapa_volunteers;gugus_tugas_desa" if listed else None, "year": 2021, **more,
    }  # fmt: skip


ROWS = [
    row("53", "province", 3, 30),
    row("21", "province", 0, area_wide=2),
    row("11", "province", 0),
    row("53.01", "regency", 2),
    row("53.02", "regency", 0),
    row("53.03", "regency", 1),
    row("53.01.01.2001", "village", 1, 1),
    row("53.03.01.2001", "village", 1, 1),
]
AREAS = [
    {"code": "53.01", "departures_mean": 100.0, "departures_p05": 40.0, "departures_p95": 200.0},
    {"code": "53.02", "departures_mean": 900.0, "departures_p05": 300.0, "departures_p95": 1700.0},
    {"code": "53.03", "departures_mean": float("nan")},
]


def test_provinces_with_anything_on_record_and_no_others() -> None:
    found = coverage(ROWS, AREAS)
    assert {area["code"] for area in found["areas"]} == {"53", "21"}
    assert found["villages"] == []


def test_a_province_by_regency_those_most_leave_first_and_unknown_last() -> None:
    found = coverage(ROWS, AREAS, "53")
    assert [area["code"] for area in found["areas"]] == ["53.02", "53.01", "53.03"]
    none, some, unknown = found["areas"]
    assert none["listed_share"] is None, "not on record is not zero"
    assert none["departures"] == {"mean": 900.0, "p05": 300.0, "p95": 1700.0}
    assert some["listed_share"] == pytest.approx(20.0)
    assert some["kinds"] == ["sapa_volunteers", "gugus_tugas_desa"]
    assert unknown["departures"] is None


def test_villages_without_anything_on_record_the_farthest_from_an_office_first() -> None:
    def village(number: int, away: float | None, state: str = "not_listed") -> dict[str, Any]:
        code = f"53.01.01.200{number}"
        return {"code": code, "name": f"Desa {number}", "district": "Takari", "coverage": state,
                "service_nearest": "UPTD PPA", "service_km": away}  # fmt: skip

    elsewhere = {**village(9, 99.0), "code": "53.02.01.2001"}
    villages = [
        village(1, 5.0), village(2, None), village(3, 40.0), village(4, 80.0, "listed"), elsewhere,
        village(5, 0.2),
    ]  # fmt: skip
    found = coverage(ROWS, AREAS, "53.01", villages)["remote"]
    assert [row["name"] for row in found] == ["Desa 3", "Desa 1", "Desa 5", "Desa 2"]
    assert found[0] == {
        "code": "53.01.01.2003", "name": "Desa 3", "district": "Takari", "service": "UPTD PPA",
        "service_km": 40.0,
    }  # fmt: skip
    assert found[-1]["service_km"] is None, "not known is not near"
    assert coverage(ROWS, AREAS, "53", villages)["remote"] == []


def test_a_regency_with_its_villages_and_nobody_elses() -> None:
    found = coverage(ROWS, AREAS, "53.01")
    assert [area["code"] for area in found["areas"]] == ["53.01"]
    assert [village["code"] for village in found["villages"]] == ["53.01.01.2001"]
