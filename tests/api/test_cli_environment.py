"""The environment: made from the lock, remade when that changes; missing or old, one line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import bootstrap
from api.cli import main
from api.cli.doctor import lock_differences

ROOT = Path(__file__).resolve().parents[2]


def make(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}}
    return subprocess.run(
        ["make", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def test_make_refuses_an_old_python_in_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make("setup", f"PYTHON={old}")
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert len(lines) == 1
    assert lines[0].startswith("petajaga: Python 3.11 or newer is needed")


def test_make_without_a_target_explains_itself() -> None:
    done = make()
    assert done.returncode == 0
    assert "make serve" in done.stdout
    assert "make test" in done.stdout


def test_missing_packages_are_one_line(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from api.cli import main; "
    # -S: without site-packages, as with a Python that nobody set up.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code + "sys.exit(main(['areas']))"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is missing from the environment; run: make setup" in done.stderr


@pytest.mark.parametrize("start", ["from api.cli import main", "from api.bootstrap import main"])
def test_on_windows_it_says_wsl_in_one_line(tmp_path: Path, start: str) -> None:
    """A Python for Windows has neither module, and says so in ``sys.platform``."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules.update(fcntl=None, "
        f"resource=None); {start}; sys.platform = 'win32'; sys.exit(main(['dev']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "WSL" in done.stderr


def test_the_doctor_warns_of_a_register_on_a_network_share(
    petajaga: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finding(*, lang: str = "en", **settings: str) -> dict[str, str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"PETAJAGA_{name.upper()}", value)
        out = petajaga("doctor", "--json", "--lang", lang, home=tmp_path / "rumah").out
        checks = {item["check"]: item for item in json.loads(out)["checks"]}
        return checks["register_disk"]  # type: ignore[no-any-return]

    assert finding()["state"] == "ok"
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = tmp_path / "mountinfo"
    read = Path.read_text
    monkeypatch.setattr(
        Path, "read_text",
        lambda path, *a, **k: read(mounts if path.name == "mountinfo" else path, *a, **k),
    )  # fmt: skip
    for kind, state in (("nfs4", "warn"), ("fuse.sshfs", "warn"), ("9p", "warn"), ("xfs", "ok")):
        mounts.write_text(
            f"28 1 254:254 / / rw - ext4 /dev/sda rw\n"
            f"36 28 {number} / /mnt rw,noatime shared:7 - {kind} host:/data rw\n"
        )
        for lang in ("en", "id"):
            found = finding(lang=lang)
            assert found["state"] == state, kind
            assert state == "ok" or (kind in found["detail"] and "PostgreSQL" in found["detail"])
    mounts.write_text(f"36 28 {number} / /mnt rw - cifs //host/data rw\n")
    elsewhere = {"database_url": "postgresql+psycopg://pj@127.0.0.1:1/peta"}
    assert finding(**elsewhere)["state"] == "ok"


def checkout(folder: Path) -> Path:
    folder.mkdir()
    for name in bootstrap.LOCKS.values():
        shutil.copy(ROOT / name, folder)
    return folder


def stamp(environment: Path, root: Path, *kinds: str) -> Path:
    environment.mkdir(exist_ok=True)
    made = {"root": str(root), **{kind: bootstrap.fingerprint(kind, root) for kind in kinds}}
    (environment / bootstrap.STAMP).write_text(json.dumps(made))
    return environment


def test_an_environment_is_old_once_the_lock_changes(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout")
    environment = stamp(tmp_path / "venv", root, "runtime")
    assert bootstrap.environment_state(environment, root) == "fresh"
    with (root / "requirements.lock").open("a") as lock:
        lock.write("# another version\n")
    assert bootstrap.environment_state(environment, root) == "old"


def test_an_environment_is_old_in_a_copied_checkout(tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout")
    environment = stamp(tmp_path / "venv", root, "runtime")
    assert bootstrap.environment_state(environment, checkout(tmp_path / "copy")) == "old"


@pytest.mark.parametrize("content", [None, "", "[]", "{", "\x00"])
def test_an_environment_without_a_stamp_is_not_judged(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / bootstrap.STAMP).write_text(content)
    assert bootstrap.environment_state(tmp_path) == "unmanaged"


def test_old_environment_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / bootstrap.STAMP).write_text(json.dumps({"root": str(ROOT), "runtime": "0" * 64}))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert main(["areas"]) == 1
    captured = capsys.readouterr()
    assert captured.err == (
        "petajaga: the environment is older than requirements.lock; run: make setup\n"
    )
    assert captured.out == ""


def test_a_prepared_environment_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = stamp(tmp_path / "venv", bootstrap.ROOT, "runtime", "dev")
    (environment / "bin").mkdir()
    (environment / "bin" / "python").touch()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing should be run")

    monkeypatch.setattr(subprocess, "run", refuse)
    bootstrap.prepare("runtime", environment)
    bootstrap.prepare("dev", environment)


def test_a_folder_that_is_no_environment_is_not_removed(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(bootstrap.Trouble, match="not a Python environment"):
        bootstrap.prepare("runtime", folder)
    assert (folder / "thesis.txt").read_text() == "mine"


def test_bootstrap_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["everything"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_lock_differences_names_what_is_missing_or_another_version() -> None:
    from importlib.metadata import PackageNotFoundError

    lock = "numpy==2.0 \\\n    --hash=sha256:00\nrich==1.0 \\\n    --hash=sha256:00\n"
    lock += "click==8 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"

    def installed(name: str) -> str:
        if name == "rich":
            raise PackageNotFoundError(name)
        return "1.9"

    assert [str(message) for message in lock_differences(lock, installed=installed)] == [
        "numpy is 1.9, not 2.0",
        "rich is missing",
    ]


def test_browser_is_found_by_name_or_by_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "my-chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PETAJAGA_CHROMIUM", str(program))
    assert bootstrap.find_browser() == str(program)
    monkeypatch.setenv("PETAJAGA_CHROMIUM", str(tmp_path / "none"))
    assert bootstrap.find_browser() is None
