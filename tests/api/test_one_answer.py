"""The same question has the same answer on the command line, over HTTP and in exports.

The order of the page's list is compared in ``tests/e2e/test_map.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Service, wait_for

Run = Callable[..., Any]
SHARED_KEYS = ("id", "persons_per_year", "score", "class", "p_class", "components", "waypoints")


@pytest.fixture(scope="module")
def police(planning: Service) -> TestClient:
    return planning.client("polisi")


@pytest.mark.parametrize("origin", [None, "53", "53.01", "21", "65"])
def test_corridors_from_an_origin(ask: Run, police: TestClient, origin: str | None) -> None:
    words = [] if origin is None else ["--origin", origin]
    query = "" if origin is None else f"&origin={origin}"
    printed = ask("corridors", *words, "--top", "1000")
    served = police.get(f"/v1/corridors?limit=1000{query}").json()["corridors"]
    assert printed
    assert [row["id"] for row in printed] == [row["id"] for row in served]
    for row, other in zip(printed, served, strict=True):
        assert {key: row[key] for key in SHARED_KEYS} == {key: other[key] for key in SHARED_KEYS}
        assert row.get("origin") == other.get("origin")


@pytest.mark.parametrize("tier", ["public", "partner"])
def test_corridors_of_the_other_tiers(ask: Run, planning: Service, tier: str) -> None:
    client = planning.client({"public": None, "partner": "lsm"}[tier])
    printed = ask("corridors", "--origin", "53", "--top", "1000", "--tier", tier)
    served = client.get("/v1/corridors?limit=1000&origin=53").json()["corridors"]
    assert printed
    for row in printed:
        del row["release"]
    assert printed == served


def test_a_part_is_never_larger_than_its_whole(ask: Run) -> None:
    for row in ask("corridors", "--origin", "53", "--top", "1000"):
        part, whole = row["origin"]["persons_per_year"], row["persons_per_year"]["mean"]
        assert part <= whole, row["id"]


def test_one_corridor_is_scored_as_in_the_list(ask: Run, police: TestClient) -> None:
    for row in police.get("/v1/corridors?origin=53&limit=5").json()["corridors"]:
        answer = ask("corridor", *(point["id"] for point in row["waypoints"]))
        assert answer["score"] == row["score"], row["id"]
        assert answer["class"] == row["class"]
        assert answer["p_class"] == pytest.approx(row["p_class"], abs=0.0005 + 1e-9)
        assert sum(row["p_class"].values()) == pytest.approx(1, abs=0.0025)
        item = police.get(f"/ogc/collections/corridors/items/{row['id']}").json()["properties"]
        assert {name: item[f"p_{name}"] for name in row["p_class"]} == row["p_class"]
        assert answer["persons_per_year"]["mean"] == pytest.approx(
            row["persons_per_year"]["mean"], abs=0.05 + 1e-9
        )


def test_areas(ask: Run, police: TestClient) -> None:
    printed = {row["code"]: row for row in ask("areas", "--within", "53")}
    served = police.get("/v1/areas?within=53&level=regency&limit=1000").json()["areas"]
    assert set(printed) == {row["code"] for row in served}
    for row in served:
        same = ("name", "level", "score", "class", "rank", "departures", "departures_per_100k")
        assert {key: row[key] for key in same} == {key: printed[row["code"]][key] for key in same}


@pytest.mark.parametrize("within", [None, "53", "21.71"])
def test_ports(ask: Run, police: TestClient, within: str | None) -> None:
    words = [] if within is None else ["--within", within]
    printed = ask("ports", *words, "--top", "1000")
    served = police.get("/v1/terminals", params={"within": within, "limit": 1000} if within else
                        {"limit": 1000}).json()["ports"]  # fmt: skip
    assert printed == served
    persons = [port["persons_per_year"]["mean"] for port in printed]
    assert persons == sorted(persons, reverse=True)
    assert [port["rank"] for port in printed] == list(range(1, len(printed) + 1))
    assert printed[0]["class"] == "very_high"
    assert set(printed[0]) >= {"id", "name", "kind", "persons_per_year", "rank", "class"}
    loads = police.get(f"/v1/terminals/{printed[0]['id']}").json()["terminal"]["load_per_year"]
    assert printed[0]["persons_per_year"] == loads


def test_terminals(petajaga: Run, built_home: Path, police: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "terminals.geojson"
    words = ("export", "terminals", "-o", str(file), "--tier", "police")
    assert petajaga(*words, home=built_home).code == 0
    features = json.loads(file.read_text("utf-8"))["features"]
    items = police.get("/ogc/collections/terminals/items?limit=1000").json()["features"]
    assert [f["properties"] for f in features] == [f["properties"] for f in items]
    for feature in features[::40]:
        row = feature["properties"]
        terminal = police.get(f"/v1/terminals/{row['id']}").json()["terminal"]
        assert terminal["load_per_year"] == {
            end: row[f"load_{end}"] for end in ("mean", "p05", "p95")
        }


def test_plans(ask: Run, police: TestClient) -> None:
    printed = ask("plan", "posts", "-k", "2", "--within", "53", "--draws", "4")
    body = {"k": 2, "within": "53", "draws": 4}
    job = wait_for(police, police.post("/v1/plans/posts", json=body).json()["job"])
    told = job["result"]
    assert (told.pop("displacement"), bool(printed.pop("displacement"))) == ([], True)  # one person
    assert {k: v for k, v in printed.items() if k != "release"} == {
        k: v for k, v in told.items() if k != "release"
    }
    printed = ask("plan", "outreach", "--villages", "3", "--within", "53.01")
    body = {"villages": 3, "within": "53.01"}
    job = wait_for(police, police.post("/v1/plans/outreach", json=body).json()["job"])
    assert {k: v for k, v in printed.items() if k != "release"} == {
        k: v for k, v in job["result"].items() if k != "release"
    }
