"""What a home alone has goes into one file and comes back, also while it is written to."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.auth.accounts import add_account, list_accounts
from api.auth.audit import audit_row, entries, record
from api.auth.sessions import Sessions
from api.cli import main
from api.register.database import open_register
from api.register.opening import register_of
from api.settings import Settings
from geo.dataset import load_dataset
from geo.disclosure import KEY_FILE, key_fingerprint, new_secret, release_secret
from geo.files import exposed_files
from geo.imports import store
from geo.paths import Home
from layers.release.editions import Approval, approve, editions
from layers.release.publish import publish
from layers.release.release import open_release
from routes.build.parameters import ModelParameters
from routes.build.run import build_id
from tests.api.test_cli_errors import assert_one_line
from tests.geo.agreements import registered
from tests.layers.conftest import make_build

Run = Callable[..., Any]
APPROVAL = Approval(office="Bappeda", basis="ND-1", date="2026-11-02")


@pytest.fixture(scope="module")
def kept_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with key, an approved edition, an account signed in, and held counts imported."""
    folder = tmp_path_factory.mktemp("kept")
    home = Home.resolve(folder / "home")
    table = folder / "counts.csv"
    table.write_text(
        "place_code,year,measure,value,unit,source,note\n53.04,2021,prevented,17,person,BP3MI,\n"
    )
    words = ["import", "counts", str(table), "--under", registered(home), "--apply"]
    assert main([*words, "--home", str(home.root)]) == 0
    release_secret(home)
    publish(make_build(folder), home).close()
    approve(home, None, APPROVAL)
    with closing(open_register(f"sqlite:///{home.register}")) as register:
        new = add_account(register, name="polda", desk="police", tier="police")
        Sessions(register, lifetime=timedelta(hours=1)).start(new.account)
    return home


@pytest.fixture
def used_home(kept_home: Home, tmp_path: Path) -> Home:
    return Home.resolve(shutil.copytree(kept_home.root, tmp_path / "home"))


def _state(home: Home) -> dict[str, Any]:
    """What must come back, and what the build and so the release of a home follow from."""
    with closing(open_register(f"sqlite:///{home.register}")) as register:
        accounts = list_accounts(register)
    dataset, parameters = load_dataset(home.root), ModelParameters()
    return {
        "key": release_secret(home),
        "imports": store.entries(home),
        "agreements": store.agreements(home),
        "editions": editions(home.releases),
        "accounts": accounts,
        "build": build_id(dataset, home, seed=1, draws=2, parameters=parameters),
    }


def test_a_drill_in_a_new_home(used_home: Home, tmp_path: Path, petajaga: Run) -> None:
    file, new = tmp_path / "home.zip", Home.resolve(tmp_path / "new")
    done = petajaga("backup", "-o", str(file), home=used_home.root)
    assert (done.code, done.out) == (0, "")
    assert "true counts and the rounding key" in done.err
    assert file.stat().st_mode & 0o777 == 0o600
    done = petajaga("restore", str(file), home=new.root)
    assert done.code == 0, done.err
    assert "petajaga build; then petajaga publish" in done.err
    assert _state(new) == _state(used_home)
    assert exposed_files(new.root) == []
    with closing(sqlite3.connect(new.register)) as register:
        assert register.execute("SELECT COUNT(*) FROM sessions").fetchone() == (0,)
        actions = [row[0] for row in register.execute("SELECT action FROM audit ORDER BY id")]
        assert actions[-1] == "restore"
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            register.execute("DELETE FROM audit")
    with publish(make_build(tmp_path), new) as rebuilt, open_release(used_home) as before:
        assert rebuilt.id == before.id
        assert rebuilt.edition == before.edition  # number and approval, too
    assert rebuilt.edition is not None
    assert rebuilt.edition.served_to_others


def test_a_backup_under_writes_is_a_register_of_one_moment(
    used_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    settings, stop = Settings(home=used_home.root), threading.Event()
    written = [0]

    def write() -> None:
        row = audit_row(account="polda", tier="police", action="read", status=200)
        with closing(register_of(settings)) as register:
            while not stop.is_set():
                record(register, row)
                written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            least = written[0]
            file, new = tmp_path / f"{number}.zip", tmp_path / f"new-{number}"
            assert petajaga("backup", "-o", str(file), home=used_home.root).code == 0
            assert petajaga("restore", str(file), home=new).code == 0
            with closing(sqlite3.connect(new / "register.sqlite")) as register:
                assert register.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                ids = [row[0] for row in register.execute("SELECT id FROM audit ORDER BY id")]
            assert ids == list(range(1, len(ids) + 1))
            assert petajaga("audit", "verify", home=new).code == 0
            assert len(ids) > least
    finally:
        stop.set()
        writer.join()
    assert written[0] > 5


def test_restoring_over_a_home_is_said_and_keeps_what_it_replaces(
    used_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    file = tmp_path / "home.zip"
    assert petajaga("backup", "-o", str(file), home=used_home.root).code == 0
    before = _state(used_home)
    assert_one_line(petajaga("restore", str(file), home=used_home.root), 1, "--replace")
    (used_home.root / KEY_FILE).unlink()
    used_home.register.write_bytes(b"no database")
    done = petajaga("restore", str(file), "--replace", "--json", home=used_home.root)
    assert done.code == 0, done.err
    assert _state(used_home) == before
    replaced = Path(json.loads(done.out)["replaced"])
    assert (replaced / "register.sqlite").read_bytes() == b"no database"
    with open_release(used_home) as release:
        assert release.edition == before["editions"][0]
    assert exposed_files(used_home.root) == []


def test_editions_since_the_backup_keep_their_numbers(
    used_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    file = tmp_path / "home.zip"
    assert petajaga("backup", "-o", str(file), home=used_home.root).code == 0
    build = make_build(tmp_path)
    build.areas.loc[1, "class"] = "low"
    publish(build, used_home).close()
    kept = editions(used_home.releases)
    assert petajaga("restore", str(file), "--replace", home=used_home.root).code == 0
    assert editions(used_home.releases) == kept
    assert [edition.number for edition in kept] == [1, 2]
    other = Home.resolve(tmp_path / "other")
    for name in (KEY_FILE, "key-fingerprints.txt"):
        other.root.mkdir(exist_ok=True, mode=0o700)
        shutil.copy(used_home.root / name, other.root / name)
    publish(build, other).close()  # edition 1 is another release there
    assert_one_line(
        petajaga("restore", str(file), "--replace", home=other.root), 1, "edition 1 here is another"
    )


def test_the_backup_of_another_key_is_refused(
    used_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    file = tmp_path / "home.zip"
    assert petajaga("backup", "-o", str(file), home=used_home.root).code == 0
    old = key_fingerprint(release_secret(used_home))
    new = new_secret(used_home)
    done = petajaga("restore", str(file), "--replace", home=used_home.root)
    assert_one_line(done, 1, old, new)
    assert key_fingerprint(release_secret(used_home)) == new


def test_a_register_in_use_is_not_replaced(used_home: Home, tmp_path: Path, petajaga: Run) -> None:
    file = tmp_path / "home.zip"
    assert petajaga("backup", "-o", str(file), home=used_home.root).code == 0
    with closing(open_register(f"sqlite:///{used_home.register}")) as register:
        entries(register)
        done = petajaga("restore", str(file), "--replace", home=used_home.root)
        assert_one_line(done, 1, "in use", "petajaga serve")
        assert list_accounts(register)
    assert [path for path in used_home.root.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("damage", ["bytes", "text", "member", "outside"])
def test_what_is_no_whole_backup_is_refused_before_anything_is_written(
    damage: str, used_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    file, new = tmp_path / "home.zip", tmp_path / "new"
    assert petajaga("backup", "-o", str(file), home=used_home.root).code == 0
    match damage:
        case "bytes":
            file.write_bytes(file.read_bytes()[:-200])
        case "text":
            file.write_text("place_code,year")
        case "member" | "outside":
            with zipfile.ZipFile(file) as archive:
                content = {name: archive.read(name) for name in archive.namelist()}
            about = json.loads(content["backup.json"])
            if damage == "member":
                content[KEY_FILE] = content[KEY_FILE].swapcase().replace(b"0", b"1")
            else:
                content["imports/../../x"] = b""
                about["files"]["imports/../../x"] = "0" * 64
            content["backup.json"] = json.dumps(about).encode()
            with zipfile.ZipFile(file, "w") as archive:
                for name, part in content.items():
                    archive.writestr(name, part)
    assert_one_line(petajaga("restore", str(file), home=new), 2, "home.zip is no backup")
    assert not new.exists() or list(new.iterdir()) == []
    assert not (tmp_path / "x").exists()


def test_nothing_to_back_up_no_file_and_no_place_for_it(
    used_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    done = petajaga("restore", str(tmp_path / "none.zip"), home=tmp_path / "new")
    assert_one_line(done, 2, "does not exist")
    done = petajaga("backup", "-o", str(tmp_path / "no" / "x.zip"), home=used_home.root)
    assert_one_line(done, 2, str(tmp_path / "no"))


def test_doctor_says_how_old_the_newest_backup_is(
    used_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    def finding() -> tuple[str, str]:
        checks = json.loads(petajaga("doctor", "--json", home=used_home.root).out)["checks"]
        (row,) = (row for row in checks if row["check"] == "backup")
        return row["state"], row["detail"]

    assert finding() == ("warn", "never backed up; run: petajaga backup -o FILE")
    assert petajaga("backup", "-o", str(tmp_path / "x.zip"), home=used_home.root).code == 0
    assert finding()[0] == "ok"
    with closing(sqlite3.connect(used_home.register)) as register:
        register.execute("DROP TRIGGER audit_no_update")
        register.execute("UPDATE audit SET at = '2020-01-02T03:04:05.678+00:00'")
        register.commit()
    state, detail = finding()
    assert state == "warn"
    assert "2020-01-02" in detail
