"""A register whose file is damaged is said to be, wherever the damage is, and can be restored."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.auth.accounts import add_account, list_accounts
from api.auth.audit import audit_row
from api.register.audit_chain import append, verify
from api.register.database import open_register
from api.register.opening import register_of
from api.settings import Settings
from geo.errors import EnvironmentProblem
from geo.paths import Home
from tests.api.conftest import make_service
from tests.api.test_cli_errors import assert_one_line

Run = Callable[..., Any]
_PAGE = 4096


def _filled(home: Path) -> Path:
    """A register of several pages a table, closed."""
    with closing(register_of(Settings(home=home))) as register:
        for number in range(80):
            add_account(register, name=f"polda-{number}", desk="police", tier="police")
        row = audit_row(account="x", tier="police", action="read", status=200, target="x" * 150)
        append(register, [row] * 200)
    return Home.resolve(home).register


def _tear(file: Path, page: int) -> None:
    """What a disk may leave of a page that was being written when the power went."""
    with file.open("r+b") as stream:
        stream.seek(page * _PAGE)
        stream.write(b"\xa5" * (_PAGE // 2))


def test_any_torn_page_is_found(tmp_path: Path) -> None:
    file = _filled(tmp_path / "home")
    copy = tmp_path / "copy.sqlite"
    pages = file.stat().st_size // _PAGE
    assert pages > 20
    for page in range(pages):
        shutil.copy(file, copy)
        _tear(copy, page)
        with (
            pytest.raises(EnvironmentProblem, match="petajaga restore"),
            closing(open_register(f"sqlite:///{copy}")) as register,
        ):
            register.check_pages()


def test_start_and_doctor_say_so_and_the_command_mends_it(
    petajaga: Run, released_home: Home, tmp_path: Path
) -> None:
    home = Home.resolve(shutil.copytree(released_home.root, tmp_path / "home"))
    file, saved = _filled(home.root), tmp_path / "home.zip"
    assert petajaga("backup", "-o", str(saved), home=home.root).code == 0
    with closing(register_of(Settings(home=home.root))) as register:
        rows, accounts = verify(register).rows, list_accounts(register)
    for page in range(file.stat().st_size // _PAGE // 2, file.stat().st_size // _PAGE):
        _tear(file, page)
    with pytest.raises(EnvironmentProblem, match="is damaged"):
        make_service(home)
    assert_one_line(petajaga("serve", "--port", "0", home=home.root), 1, "petajaga restore")
    assert_one_line(petajaga("audit", "verify", home=home.root), 1, "petajaga restore")
    checks = json.loads(petajaga("doctor", "--json", home=home.root).out)["checks"]
    states = {row["check"]: row["state"] for row in checks}
    assert (states["register"], states["audit"]) == ("fail", "fail")
    done = petajaga("restore", str(saved), "--replace", home=home.root)
    assert done.code == 0, done.err
    with closing(register_of(Settings(home=home.root))) as register:
        register.check_pages(whole=True)
        assert (
            verify(register).rows == rows
        )  # that of the backup is not in it, that of its return is
        assert list_accounts(register) == accounts
