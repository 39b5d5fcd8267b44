"""A release of held data: each tier sees what its agreements allow, and names them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.imports.days import today
from geo.imports.store import keep_copy
from geo.paths import Home
from layers.release.publish import publish
from layers.release.release import Release, open_release
from tests.geo.agreements import OPEN, registered
from tests.layers.conftest import make_build, make_home

pytestmark = pytest.mark.slow

COUNTS = "place_code,year,measure,value\n"
POLICE, EVERYONE = "UJI/POLISI", "UJI/UMUM"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with held counts of two agreements, a post and a planned office, built."""
    from api.cli import main

    root = tmp_path_factory.mktemp("held") / "home"
    registered(Home(root), number=POLICE, tiers=["police"], purpose=["layers"])
    registered(Home(root), number=EVERYONE)
    year = int(today()[:4])
    for name, kind, text, under in (
        ("a.csv", "counts", f"{COUNTS}53.02,2024,tppo_victims,40\n", POLICE),
        ("b.csv", "counts", f"{COUNTS}53.04,2024,tppo_victims,60\n", EVERYONE),
        ("p.csv", "posts", f"terminal_id,name,since\nwini,Pos Wini,{year}\n", ""),
        ("s.csv", "services", "kind,name,area_code,status\nuptd_ppa,UPTD Baru,53.14,rencana\n", ""),
    ):
        (root.parent / name).write_text(text, "utf-8")
        words = ["import", kind, str(root.parent / name), "--apply", "--home", str(root)]
        assert main([*words, "--under", under] if under else words) == 0
    assert main(["build", "--draws", "2", "--home", str(root)]) == 0
    assert main(["publish", "--home", str(root)]) == 0
    return root


@pytest.fixture(scope="module")
def release(home: Path) -> Any:
    with open_release(Home(home)) as opened:
        yield opened


def _victims(release: Release, tier: str) -> set[str]:
    filters = {"year": "2024", "measure": "tppo_victims"}
    province = "53" if tier == "partner" else None
    page = release.features("counts", tier, filters=filters, province=province, limit=1000)
    return {feature["properties"]["area_code"] for feature in page.features}


def test_each_tier_sees_the_counts_of_its_agreements(release: Release) -> None:
    for tier in ("public", "partner"):
        assert "53.04" in _victims(release, tier)
        assert "53.02" not in _victims(release, tier)
    assert {"53.02", "53.04"} <= _victims(release, "police")


def test_the_manifest_names_the_agreements_it_rests_on(release: Release) -> None:
    named = {
        tier: [entry["number"] for entry in release.manifest(tier)["agreements"]]
        for tier in ("public", "partner", "police")
    }
    assert named == {
        "public": [EVERYONE], "partner": [EVERYONE], "police": [POLICE, EVERYONE],
    }  # fmt: skip
    assert release.manifest("public")["agreements"][0]["owner"] == OPEN["owner"]
    assert OPEN["contact"] not in (release.folder / "manifest.json").read_text("utf-8")


def test_an_imported_post_is_in_force_and_a_planned_office_is_none(release: Release) -> None:
    posts = release.features("posts", "police", limit=1000).features
    assert "Pos Wini" in {feature["properties"]["name"] for feature in posts}
    services = release.features("services", "police", limit=1000).features
    assert "UPTD Baru" not in {feature["properties"]["name"] for feature in services}


def test_a_withdrawal_forbids_to_publish_the_build(
    home: Path, release: Release, petajaga: Callable[..., Any]
) -> None:
    assert petajaga("import", "--withdraw", POLICE, home=home).code == 0
    done = petajaga("publish", home=home)
    assert done.code == 1
    assert "agreement UJI/POLISI, which has been withdrawn; build again" in done.err
    checks = json.loads(petajaga("doctor", "--json", home=home).out)["checks"]
    (finding,) = (check for check in checks if check["check"] == "agreements")
    assert finding["state"] == "fail"
    assert "build again" in finding["detail"]


def test_publishing_asks_the_agreements_of_the_build(tmp_path: Path) -> None:
    """The check is that of the release itself, not of one command."""
    from geo.dataset import load_dataset
    from geo.errors import StateError
    from geo.imports.service import import_file
    from geo.imports.store import withdraw

    home = make_home(tmp_path / "home")
    under = registered(home)
    (tmp_path / "a.csv").write_text(f"{COUNTS}53.02,2024,tppo_victims,40\n", "utf-8")
    import_file(tmp_path / "a.csv", "counts", home, by="me", under=under)
    dataset = load_dataset(home)
    keep_copy(home.build_inputs, dataset.imports, dataset.day, dataset.agreements)
    publish(make_build(tmp_path), home).close()
    withdraw(home, under, by="me")
    with pytest.raises(StateError, match="build again"):
        publish(make_build(tmp_path), home)
