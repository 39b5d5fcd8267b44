"""``petajaga accounts``: made, listed, reset, removed; a password is shown once, noted nowhere."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
NEW = ("accounts", "add", "ntt-police", "--desk", "police", "--tier", "police")


def test_an_account_from_making_to_removal(petajaga: Run, tmp_path: Path) -> None:
    made = petajaga(*NEW, "--organisation", "Polda NTT", "--json", home=tmp_path)
    assert made.code == 0, made.err
    account = json.loads(made.out)
    assert (account["name"], account["tier"]) == ("ntt-police", "police")
    assert len(account["password"]) >= 16

    listed = petajaga("accounts", "list", "--json", home=tmp_path)
    (item,) = json.loads(listed.out)
    assert (item["name"], item["organisation"]) == ("ntt-police", "Polda NTT")
    telephone = (*NEW[:2], "lsm", *NEW[3:], "--organisation", "081234567890")
    refused = petajaga(*telephone, home=tmp_path)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "password" not in listed.out
    assert account["password"] not in listed.out

    reset = json.loads(petajaga("accounts", "reset", "ntt-police", "--json", home=tmp_path).out)
    assert reset["password"] != account["password"]

    for off in (["--off"], []):
        assert petajaga("accounts", "administrator", "ntt-police", *off, home=tmp_path).code == 0
        (row,) = json.loads(petajaga("accounts", "list", "--json", home=tmp_path).out)
        assert row["administrator"] is (not off)

    assert petajaga("accounts", "remove", "ntt-police", home=tmp_path).code == 0
    assert json.loads(petajaga("accounts", "list", "--json", home=tmp_path).out) == []


def test_passwords_are_in_no_file(petajaga: Run, tmp_path: Path) -> None:
    password = json.loads(petajaga(*NEW, "--json", home=tmp_path).out)["password"]
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or password.encode() not in path.read_bytes(), path


def test_what_the_operator_does_is_in_the_audit(petajaga: Run, tmp_path: Path) -> None:
    petajaga(*NEW, home=tmp_path)
    petajaga("accounts", "remove", "ntt-police", home=tmp_path)
    with sqlite3.connect(tmp_path / "register.sqlite") as register:
        rows = register.execute("SELECT account, action, target FROM audit ORDER BY id").fetchall()
    register.close()
    assert rows == [
        ("operator", "accounts.add", "ntt-police"),
        ("operator", "accounts.remove", "ntt-police"),
    ]


def test_a_password_may_be_given_on_standard_input(
    petajaga: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long enough one\n"))
    made = petajaga(*NEW, "--password-stdin", "--json", home=tmp_path)
    assert json.loads(made.out)["password"] == "a long enough one"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("add", "a b", "--desk", "police", "--tier", "police"), "account name"),
        (("add", "x", "--desk", "baker", "--tier", "police"), "desk"),
        (("add", "x", "--desk", "ngo", "--tier", "king"), "tier"),
        (("add", "x", "--desk", "ngo", "--tier", "partner"), "province"),
        (("add", "x", "--desk", "ngo"), "--tier"),
        (("remove", "nobody"), "nobody"),
        (("reset", "nobody"), "nobody"),
    ],
)
def test_wrong_use_is_one_line(
    words: tuple[str, ...], wanted: str, petajaga: Run, tmp_path: Path
) -> None:
    done = petajaga("accounts", *words, home=tmp_path)
    assert done.code == 2
    assert done.err.startswith("petajaga: ")
    assert done.err.count("\n") == 1
    assert wanted in done.err
    assert done.out == ""


def test_an_account_exists_once(petajaga: Run, tmp_path: Path) -> None:
    assert petajaga(*NEW, home=tmp_path).code == 0
    again = petajaga(*NEW, home=tmp_path)
    assert again.code == 2
    assert "exists already" in again.err
