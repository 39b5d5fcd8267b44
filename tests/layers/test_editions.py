"""Editions, approval, the key's fingerprint, and files for their owner alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from api.cli.runner import run
from api.register.database import open_register
from api.state.scenario_store import ScenarioStore
from geo.disclosure import FINGERPRINTS_FILE, KEY_FILE, key_fingerprint, new_secret, release_secret
from geo.errors import BrokenReleaseError, InputError, StateError, UnknownNameError
from geo.files import exposed_files
from geo.paths import Home
from layers.release import verify as verify_module
from layers.release.compare import compare_releases
from layers.release.editions import Approval, approve, editions, find_edition, served_folder
from layers.release.marking import Marking
from layers.release.publish import publish
from layers.release.release import Release, open_release
from tests.layers.conftest import SECRET

APPROVAL = Approval(office="Bappeda", basis="ND-1", date="2026-11-02")


def _next(build: Any, name: str) -> Any:
    areas = build.areas.copy()
    areas.loc[1, "class"] = "low"
    return replace(build, id=name, areas=areas)


def test_editions_count_and_a_release_keeps_its_number(small_build: Any, home: Home) -> None:
    one = publish(small_build, home)
    two = publish(_next(small_build, "another"), home)
    again = publish(small_build, home)
    assert [release.edition and release.edition.number for release in (one, two, again)] == [
        1,
        2,
        1,
    ]
    for tier in ("public", "partner", "police"):
        edition = again.manifest(tier)["edition"]
        assert (edition["number"], edition["approval"]) == (1, None)
        assert ("key" in edition) == ("release" in edition) == (tier == "police")
    assert find_edition(home, "2").release == two.id
    with pytest.raises(UnknownNameError, match="3"):
        find_edition(home, "3")
    assert {edition.key for edition in editions(home.releases)} == {key_fingerprint(SECRET)}


def test_a_file_says_that_its_edition_is_not_approved(small_build: Any, home: Home) -> None:
    release = publish(small_build, home)
    assert "edisi 1 (belum disetujui), rilis" in Marking.of(release, "police").text("id")
    approve(home, "1", Approval(office="Bappeda NTT", basis="ND-1", date="2026-11-02"))
    approved = Marking.of(release, "police")
    assert "edisi 1, rilis" in approved.text("id")
    assert approved.approved is not None
    assert approved.approved.in_language("en") == "Approved by Bappeda NTT (ND-1), 2026-11-02."
    later = Approval(office="Bappeda NTT", basis="ND-1", date="2026-11-02", embargo="2999-01-01")
    approve(home, "1", later)
    waiting = Marking.of(release, "public")
    assert "edition 1 (not approved), release" in waiting.text("en")
    assert waiting.approved is None, "nobody may be shown it yet"


def test_pruning_keeps_what_is_served_or_will_be(
    small_build: Any, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    approved, embargoed, old, current = (
        publish(_next(small_build, f"build-{k}"), home).folder for k in range(4)
    )
    approve(home, "1", APPROVAL)
    approve(home, "2", replace(APPROVAL, embargo="2999-01-01"))
    words = ["--json", "--home", str(home.root)]
    assert run(["releases", "prune", "--keep", "1", *words]) == 0
    assert [row["number"] for row in json.loads(capsys.readouterr().out)] == [3]
    assert approved.is_dir()
    assert embargoed.is_dir()
    assert current.is_dir()
    assert not old.exists()
    assert run(["releases", "list", *words]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["number"], row["current"]) for row in rows] == [
        (4, True),
        (2, False),
        (1, False),
    ]
    assert run(["releases", "prune", "--keep", "1", *words]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(["releases", *words]) == 0
    assert json.loads(capsys.readouterr().out) == rows


def test_pruning_keeps_what_scenarios_refer_to(
    small_build: Any, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [publish(_next(small_build, f"build-{k}"), home).folder for k in range(4)]
    # the public sees no difference between them: the newest stands for all
    public = json.loads((folders[2] / "manifest.json").read_bytes())["tiers"]["public"]["id"]
    with closing(open_register(f"sqlite:///{home.register}")) as register:
        store = ScenarioStore(register)
        for release in (folders[0].name, public):
            store.add(None, name="Uji", note="", changes={}, release=release)
        referred = store.releases()
    assert referred == {folders[0].name, public}
    assert run(["releases", "prune", "--keep", "1", "--home", str(home.root)]) == 0
    assert "2" in capsys.readouterr().err
    assert [folder.exists() for folder in folders] == [True, False, False, True]


def test_others_are_served_the_newest_approved_release(small_build: Any, home: Home) -> None:
    one = publish(small_build, home)
    with pytest.raises(StateError, match="petajaga releases approve"):
        open_release(home, approved_only=True)
    assert open_release(home).id == one.id
    approve(home, None, APPROVAL)
    assert served_folder(home, approved_only=True) == one.folder
    two = publish(_next(small_build, "another"), home)
    assert served_folder(home, approved_only=True) == one.folder
    approve(home, two.id, replace(APPROVAL, embargo="2999-01-01"))
    assert served_folder(home, approved_only=True) == one.folder
    approve(home, "2", replace(APPROVAL, embargo="2020-01-01"))
    assert served_folder(home, approved_only=True) == two.folder
    with pytest.raises(InputError, match="basis"):
        approve(home, None, replace(APPROVAL, basis=" "))


def test_a_lost_or_other_key_is_refused_until_it_is_replaced_on_purpose(
    small_build: Any, home: Home
) -> None:
    publish(small_build, home)
    path = home.root / KEY_FILE
    path.unlink()
    with pytest.raises(StateError, match="--new-key"):
        publish(small_build, home)
    assert not path.exists()
    path.write_text("ab" * 32)
    path.chmod(0o600)
    with pytest.raises(StateError, match=key_fingerprint(SECRET)):
        release_secret(home)
    new = new_secret(home)
    assert publish(small_build, home).manifest("police")["edition"]["key"] == key_fingerprint(
        SECRET
    )
    held = replace(small_build, key=key_fingerprint(SECRET))
    with pytest.raises(StateError, match="petajaga build"):
        publish(held, home)
    assert publish(replace(small_build, key=new), home).edition is not None
    assert editions(home.releases)[-1].key == new
    # key and fingerprints both gone: the editions still name the key
    path.unlink()
    (home.root / FINGERPRINTS_FILE).unlink()
    with pytest.raises(StateError, match=new):
        publish(small_build, home)


def test_the_key_is_named_to_the_police_alone(
    small_build: Any, publish_in: Callable[[Any, str], Release]
) -> None:
    one = publish_in(replace(small_build, key=key_fingerprint(SECRET)), "one")
    two = publish_in(small_build, "two")
    assert one.id != two.id
    for tier in ("public", "partner"):
        assert one.tier_id(tier) == two.tier_id(tier)
        assert key_fingerprint(SECRET) not in str(one.manifest(tier))


def test_files_of_a_release_are_their_owner_s(small_build: Any, home: Home) -> None:
    home.root.chmod(0o700)
    publish(small_build, home)
    approve(home, None, APPROVAL)
    assert exposed_files(home.root) == []
    (home.releases / "current").chmod(0o644)
    assert exposed_files(home.root) == [home.releases / "current"]


def test_what_changed_between_two_releases_is_counted(
    small_build: Any, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = publish(small_build, home), publish(_next(small_build, "another"), home)
    difference = compare_releases(one.folder, two.folder)
    # the settlement and the village there have the class of their regency
    assert difference["layers"] == {
        layer: {"added": 0, "removed": 0, "changed": changed}
        for layer, changed in (("areas", 1), ("settlements", 2))
    }
    monkeypatch.setattr(verify_module, "layers_for", lambda _tier: {"areas": None})
    with pytest.raises(BrokenReleaseError, match="another version"):
        verify_module.verify(one.folder)
    assert compare_releases(one.folder, two.folder) == difference
    (area,) = difference["areas"]
    assert (area["code"], area["before"], area["after"]) == ("53.01", "high", "low")
