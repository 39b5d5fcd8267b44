"""What goes wrong is one line on stderr and an exit code; never a traceback."""

from __future__ import annotations

import errno
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest

from api.cli.runner import describe
from geo.errors import AmbiguousNameError, InputError, ModelError, StateError, UnknownNameError
from geo.paths import Home
from tests.geo.agreements import registered

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Any]


def assert_one_line(done: Any, code: int, *wanted: str) -> None:
    assert done.code == code, (done.out, done.err)
    assert done.err.startswith("petajaga: ")
    assert done.err.count("\n") == 1, done.err
    for words in wanted:
        assert words in done.err
    assert done.out == ""


def environment(**extra: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PETAJAGA_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PETAJAGA_LANG": "en", **extra}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", *words]


@pytest.fixture
def own_home(built_home: Path, tmp_path: Path) -> Path:
    """A copy of the built home, to be spoilt."""
    return Path(shutil.copytree(built_home, tmp_path / "home"))


# -- where the draws are computed ------------------------------------------------------------------


@pytest.mark.slow
def test_a_cluster_that_cannot_be_used_is_said_before_any_work(
    petajaga: Run, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    home = str(tmp_path / "home")
    done = petajaga("build", "--home", home, "--cluster", "127.0.0.1:8786")
    assert_one_line(done, 2, "give the scheduler as tcp://HOST:PORT")
    both = ("--cluster", "tcp://127.0.0.1:9", "--workers", "2")
    done = petajaga("build", "--home", home, *both)
    assert done.code == 2
    assert "use only one of --workers, --cluster" in done.err
    done = petajaga("build", "--home", home, "--cluster", "tcp://127.0.0.1:9")
    assert_one_line(done, 1, "no Dask scheduler answers at tcp://127.0.0.1:9", "dask scheduler")
    assert not (tmp_path / "home" / "model").exists()


# -- the table from error to line ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (StateError("build.missing"), "no build yet; run: petajaga build", 1),
        (ModelError("network.utility", destination="a\nb"), "utility of a b must be a finite", 1),
        (InputError("model.no_destination", destination="x"), "x is not a destination", 2),
        (
            UnknownNameError("names.unknown_area", name="x", matches=["y", "z"]),
            "no area 'x'; give a code such as 53, or a name; nearest: y, z",
            2,
        ),
        (
            AmbiguousNameError("names.ambiguous_area", name="x", matches=["a", "b"]),
            "'x' may be any of a, b; give the code",
            2,
        ),
        (OSError(errno.ENOSPC, "x"), "the disk is full; free some space", 1),
        (OSError(errno.EROFS, "x", "/f"), "/f: the disk is read-only; choose another folder", 1),
        (OSError(errno.EACCES, "x", "/f"), "/f: no right to write or read it", 1),
        (ModuleNotFoundError(name="rich"), "the package rich is missing; run: make setup", 1),
        (MemoryError(), "not enough memory", 1),
        (click.Abort(), "stopped", 130),
        (KeyboardInterrupt(), "stopped", 130),
        (click.UsageError("no"), "the arguments do not fit this command", 2),
        (ValueError("odd\nthing"), "unexpected ValueError: odd thing; PETAJAGA_DEBUG=1", 1),
    ],
)
def test_every_error_has_its_line_and_code(error: BaseException, line: str, code: int) -> None:
    shown, given = describe(error, "en")
    assert shown.startswith(line)
    assert given == code
    assert "\n" not in shown


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(importlib.import_module("api.auth.accounts"), "list_accounts", fail)


def test_an_unforeseen_error_shows_no_traceback_unless_asked(
    petajaga: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(ZeroDivisionError("boom"), monkeypatch)
    done = petajaga("accounts", "list", home=tmp_path)
    assert_one_line(done, 1, "unexpected ZeroDivisionError: boom")
    monkeypatch.setenv("PETAJAGA_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        petajaga("accounts", "list", home=tmp_path)


def test_ctrl_c_is_130(petajaga: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(KeyboardInterrupt(), monkeypatch)
    done = petajaga("accounts", "list", home=tmp_path)
    assert (done.code, done.err.strip()) == (130, "petajaga: stopped")


# -- wrong use ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("nosuch",),
        ("--nosuch",),
        ("corridor", "Kupang"),
        ("corridors", "--top", "0"),
        ("areas", "--level", "planet"),
        ("areas", "--json", "--csv"),
        ("export", "terminals"),
        ("serve", "--port", "70000"),
        ("map", "-o", "map.png"),
        ("areas", "--lang", "fr"),
    ],
)
def test_wrong_use_is_one_line(words: tuple[str, ...], petajaga: Run, tmp_path: Path) -> None:
    assert_one_line(petajaga(*words, home=tmp_path), 2)


@pytest.mark.parametrize(
    ("lang", "line"), [("id", "tidak ada provinsi 99"), ("en", "there is no province 99")]
)
def test_a_pilot_that_is_no_province(petajaga: Run, tmp_path: Path, lang: str, line: str) -> None:
    done = petajaga("build", "--pilot", "52", "--pilot", "99", "--lang", lang, home=tmp_path / "h")
    assert_one_line(done, 2, line)
    assert not (tmp_path / "h" / "model").exists()


def test_only_what_exists_is_offered(petajaga: Run) -> None:
    from api.cli.application import COMMANDS, application

    shown = petajaga("--help").out
    for name in COMMANDS:
        assert f"  {name}" in shown
        assert application.get_command(click.Context(application), name) is not None
    assert_one_line(petajaga("evade", "53"), 2, "no command evade")


def test_nothing_built_yet(petajaga: Run, tmp_path: Path) -> None:
    for words in (("corridor", "Kupang", "Nunukan"), ("corridors",), ("areas",), ("publish",)):
        done = petajaga(*words, home=tmp_path / "empty")
        assert_one_line(done, 1, "no model yet; run: petajaga build")
    for words in (("export", "terminals", "-o", "t.csv"), ("serve", "--port", "0")):
        done = petajaga(*words, home=tmp_path / "empty")
        assert_one_line(done, 1, "petajaga publish")
    assert not (tmp_path / "empty" / "release").exists()


def test_a_setting_that_cannot_be_used(
    petajaga: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETAJAGA_PORT", "eight thousand")
    assert_one_line(petajaga("serve", home=tmp_path), 2, "PETAJAGA_PORT")
    monkeypatch.setenv("PETAJAGA_LANG", "fr")
    assert_one_line(petajaga("areas", home=tmp_path), 2, "PETAJAGA_LANG")


# -- places, releases, disks --------------------------------------------------------------------


def test_unknown_place_names_the_nearest(petajaga: Run, built_home: Path) -> None:
    done = petajaga("corridor", "Kupangg", "Nunukan", home=built_home)
    assert_one_line(done, 2, "Kupangg", "Kupang")
    done = petajaga("areas", "--within", "Nusa Tengara Timur", home=built_home)
    assert_one_line(done, 2, "53 Nusa Tenggara Timur")


def test_unknown_layer_names_the_nearest(petajaga: Run, built_home: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    done = petajaga("export", "terminal", "-o", str(target), home=built_home)
    assert_one_line(done, 2, "terminals")
    done = petajaga("export", "posts", "-o", str(target), "--tier", "public", home=built_home)
    assert_one_line(done, 2)
    done = petajaga("export", "terminals", "-o", str(tmp_path / "x.doc"), home=built_home)
    assert_one_line(done, 2, ".gpkg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("spoil", ["cut", "missing", "manifest", "pointer"])
def test_a_broken_release_is_named_and_mended(spoil: str, petajaga: Run, own_home: Path) -> None:
    pointer = own_home / "release" / "current"
    folder = own_home / "release" / pointer.read_text().strip()
    match spoil:
        case "cut":
            with (folder / "police.gpkg").open("r+b") as file:
                file.truncate(1000)
        case "missing":
            (folder / "public.gpkg").unlink()
        case "manifest":
            (folder / "manifest.json").write_text("{")
        case "pointer":
            pointer.write_text("../../elsewhere\n")
    target = own_home / "t.csv"
    for words in (
        ("export", "terminals", "-o", str(target)),
        ("serve", "--port", "0"),
        ("corridor", "Kupang", "Nunukan"),
    ):
        assert_one_line(petajaga(*words, home=own_home), 1, "publish")
    assert not target.exists()


@pytest.mark.long
def test_publishing_mends_a_broken_release(petajaga: Run, own_home: Path) -> None:
    name = (own_home / "release" / "current").read_text().strip()
    police = own_home / "release" / name / "police.gpkg"
    whole = police.read_bytes()
    police.write_bytes(whole[:1000])
    done = petajaga("doctor", "--json", home=own_home)
    assert done.code == 1
    states = {item["check"]: item["state"] for item in json.loads(done.out)["checks"]}
    assert states["release"] == "fail"
    assert petajaga("publish", home=own_home).code == 0
    assert (own_home / "release" / "current").read_text().strip() == name
    assert police.read_bytes() == whole


def test_a_home_that_cannot_be_written(petajaga: Run, tmp_path: Path) -> None:
    in_the_way = tmp_path / "home"
    in_the_way.write_text("a file")
    for words in (("build",), ("accounts", "list")):
        done = petajaga(*words, home=in_the_way)
        assert_one_line(done, 1)
    assert in_the_way.read_text() == "a file"


@pytest.mark.long
def test_a_read_only_disk(petajaga: Run, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Any, target: Any, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(target))

    before = {path: path.read_bytes() for path in own_home.rglob("*") if path.is_file()}
    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "rename", refuse)
    done = petajaga("publish", "--force", home=own_home)
    assert_one_line(done, 1)
    after = {path: path.read_bytes() for path in own_home.rglob("*") if path.is_file()}
    assert after == before


def test_a_full_disk_under_the_answer(built_home: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("areas", "--json", "--home", str(built_home)),
            stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), timeout=120,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "petajaga: the disk is full; free some space\n"


def test_a_reader_that_leaves_is_no_error_message(built_home: Path) -> None:
    with subprocess.Popen(
        command("areas", "--json", "--home", str(built_home)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(1)
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) in (0, 1)


# -- serve --------------------------------------------------------------------------------------


@contextmanager
def serving(home: Path, *words: str) -> Iterator[tuple[str, str]]:
    """Serve on a free port; yield the address and all that was printed until it answered."""
    with subprocess.Popen(
        command("serve", "--port", "0", "--lang", "en", "--home", str(home), *words),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    ) as running:  # fmt: skip
        assert running.stdout is not None
        printed = ""
        try:
            for line in running.stdout:
                printed += line
                if line.startswith("Press Ctrl-C"):
                    break
            address = next(w for w in printed.split() if w.startswith("http://"))
            yield address, printed
        finally:
            running.send_signal(signal.SIGINT)
            assert running.stderr is not None
            complaints = running.stderr.read()
            assert running.wait(20) == 0, complaints
            assert "Traceback" not in complaints


def test_serve_answers_and_shows_the_sign_ins_once(own_home: Path, petajaga: Run) -> None:
    (own_home / "register.sqlite").unlink(missing_ok=True)
    with serving(own_home) as (address, printed):
        with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:
            health = json.load(answer)
        assert health["status"] == "ok"
        sign_ins = [line.split() for line in printed.splitlines() if "-" in line]
        names = json.loads(petajaga("accounts", "list", "--json", home=own_home).out)
        assert {account["desk"] for account in names} == {"planner", "police", "ngo"}
        shown = {w[0]: w[1] for w in sign_ins if w[0] in {account["name"] for account in names}}
        for account in names:
            request = urllib.request.Request(
                f"{address}/v1/session",
                json.dumps(
                    {
                        "name": account["name"],
                        "password": shown[account["name"]],
                        "purpose": "training",
                    }
                ).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert json.load(answer)["tier"] == account["tier"]
    with serving(own_home) as (_, printed):
        assert "password" not in printed
        assert not any(secret in printed for secret in shown.values())


def test_a_taken_port_is_one_line_and_makes_no_account(petajaga: Run, own_home: Path) -> None:
    (own_home / "register.sqlite").unlink(missing_ok=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_one_line(petajaga("serve", "--port", port, home=own_home), 1, port, "--port")
    assert json.loads(petajaga("accounts", "list", "--json", home=own_home).out) == []


def test_doctor_says_how_many_imported_rows_are_held(
    petajaga: Run, own_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("place_code,year,measure,value\n53.02,2024,persons_stopped,4\n", "utf-8")
    words = ("import", "counts", str(file), "--apply", "--lang", "en")
    refused = petajaga(*words, home=own_home)
    assert_one_line(refused, 2, "under an agreement", "petajaga import --agreement")
    under = registered(Home.resolve(own_home))
    done = petajaga(*words, "--under", under, home=own_home)
    assert "1 row is held" in done.err
    checks = json.loads(petajaga("doctor", "--json", "--lang", "en", home=own_home).out)["checks"]
    dataset = next(item["detail"] for item in checks if item["check"] == "dataset")
    assert dataset.endswith("; 1 imported rows of counts are held and rounded")


def test_doctor_finds_a_good_home_good(petajaga: Run, built_home: Path) -> None:
    started = time.monotonic()
    done = petajaga("doctor", "--json", home=built_home)
    checks = {item["check"]: item for item in json.loads(done.out)["checks"]}
    assert list(checks) == [
        "python", "environment", "home", "dataset", "build", "imports", "agreements", "loads",
        "release", "approval", "key", "contacts", "private", "register", "register_disk", "audit",
        "alerts", "backup", "port", "chromium",
    ]  # fmt: skip
    assert {name for name, item in checks.items() if item["state"] == "fail"} == set()
    assert done.code == 0
    assert checks["dataset"]["state"] == checks["release"]["state"] == "ok"
    assert time.monotonic() - started < 30
