"""``petajaga areas``: one area explained, settlements, sensitivity, a framework of one's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from geo.classes import CLASSES
from geo.paths import Home
from layers.release.release import open_release
from routes.build.run import build_id

Run = Callable[..., Any]


def _ask(petajaga: Run, home: Path, *words: str) -> Any:
    done = petajaga(*words, "--json", home=home)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_districts_within_a_province(petajaga: Run, built_home: Path) -> None:
    found = _ask(petajaga, built_home, "areas", "--level", "district", "--within", "53",
                 "--top", "20")  # fmt: skip
    assert len(found) == 20
    rates = [item["departures_per_100k"] for item in found]
    means = [rate["mean"] for rate in rates if rate]
    assert means == sorted(means, reverse=True)
    assert all(rates[: len(means)])
    # what a district has of its own is too little for an index
    assert all(item["score"] is None for item in found)
    assert all(item["code"].startswith("53.") and len(item["code"]) == 8 for item in found)


def test_the_numbers_are_those_of_the_release(petajaga: Run, built_home: Path) -> None:
    """Command line, service and map show one row of one function."""
    from api.http.serializers import nest

    listed = {}
    for level in ("regency", "district", "province"):
        words = ("areas", "--level", level, "--within", "53")
        listed |= {item["code"]: item for item in _ask(petajaga, built_home, *words)}
    with open_release(Home.resolve(built_home)) as release:
        page = release.features("areas", "police", limit=5000)
    published = {f["properties"]["code"]: nest(f["properties"]) for f in page.features}
    assert len(listed) > 300
    for code, item in listed.items():
        for key in ("score", "departures", "departures_per_100k", "p_top_decile"):
            assert item[key] == published[code][key], (code, key)
        for key in ("class", "rank"):
            assert item[key] == published[code][f"{key}_in_province"], (code, key)


def test_one_area_explained(petajaga: Run, built_home: Path) -> None:
    answer = _ask(petajaga, built_home, "areas", "Malaka")
    assert answer["code"] == "53.21"
    assert answer == _ask(petajaga, built_home, "areas", "--explain", "53.21")
    assert {"reason", "contributions", "gaps", "alike", "trend", "known_share"} <= set(answer)
    done = petajaga("areas", "53.21", "--lang", "id", home=built_home)
    assert done.code == 0
    assert answer["reason"]["id"] in done.out
    english = petajaga("areas", "53.21", "--lang", "en", home=built_home)
    assert answer["reason"]["en"] in english.out


def test_settlements(petajaga: Run, built_home: Path) -> None:
    words = ("areas", "--level", "settlement", "--within", "53.02", "--top", "5")
    found = _ask(petajaga, built_home, *words)
    assert [item["level"] for item in found] == ["settlement"] * 5
    assert {"departures", "departures_per_100k", "class"} <= set(found[0])


def test_all_five_classes_are_used_within_the_nation_and_within_a_province(
    petajaga: Run, built_home: Path
) -> None:
    nation = _ask(petajaga, built_home, "areas")
    province = _ask(petajaga, built_home, "areas", "--within", "53")
    for areas in (nation, province):
        classes = Counter(item["class"] for item in areas)
        assert set(CLASSES) <= set(classes), classes
        for item in areas:
            rate = item["departures_per_100k"]
            assert (rate is None) == (item["rank"] is None)
            # without a number of its own an area has a class where its whole province is known
            assert rate is None or item["class"] != "not_assessed"
            assert rate is None or rate["p95"] <= 10.5 * rate["p05"]
    assert max(item["rank"]["p95"] for item in province if item["rank"]) <= 22


@pytest.mark.parametrize(
    "words",
    [
        ("areas", "53", "--explain", "53"),
        ("areas", "53", "--sensitivity"),
        ("areas", "53", "-o", "x.csv"),
    ],
)
def test_wrong_use(petajaga: Run, built_home: Path, words: tuple[str, ...]) -> None:
    done = petajaga(*words, home=built_home)
    assert done.code == 2
    assert done.out == ""


def test_a_chart_must_be_a_picture(petajaga: Run, built_home: Path, tmp_path: Path) -> None:
    done = petajaga("areas", "--sensitivity", "-o", str(tmp_path / "x.txt"), home=built_home)
    assert done.code == 2
    assert ".png" in done.err


def test_a_framework_of_ones_own(petajaga: Run, tmp_path: Path, dataset: Any) -> None:
    """A wrong one is refused with its line; a good one gives another build."""
    ours = Path(__file__).resolve().parents[2] / "routes" / "vulnerability" / "framework.toml"
    text = ours.read_text("utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace("weight = 14.0", "weight = -1.0", 1), "utf-8")
    home = tmp_path / "home"
    done = petajaga("build", "--framework", str(wrong), home=home)
    assert done.code == 2
    assert "field weight" in done.err
    assert "line " in done.err
    before = build_id(dataset, home)
    home.mkdir(exist_ok=True)
    (home / "framework.toml").write_text(text.replace("weight = 14.0", "weight = 9.0", 1), "utf-8")
    assert build_id(dataset, home) != before


def test_the_service_explains_in_both_languages(police: TestClient, public: TestClient) -> None:
    document = police.get("/v1/areas/53.04").json()["explanation"]
    assert "Kabupaten Belu (id)." in document["id"]
    assert "Kabupaten Belu (en)." in document["en"]
    assert "Kabupaten Belu (id)." not in public.get("/v1/areas/53.04").text
