"""Proposals leave the disk within the hour and have quotas; names of files have no persons."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

import geo.imports.proposals as proposals
from geo.errors import DataFileError, InputError, StateError, UnknownNameError
from geo.imports.proposals import keep_proposal, proposal, reading_folder, sweep_proposals
from geo.imports.report import Report
from geo.imports.service import dry_run
from geo.paths import Home

DICE = random.Random(9)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.resolve(tmp_path / "home")


def propose(home: Home, name: str, *, by: str = "ani", size: int = 10) -> Path:
    with reading_folder(home, by) as folder:
        table = folder / "table.csv"
        table.write_bytes(b"x" * size)
        keep_proposal(home, Report(kind="places", file="x.csv", id=name), table, by=by)
        return folder.parent / name


def names(home: Home) -> set[str]:
    return {path.name for path in home.imports.glob("pending/*/*")}


def age(path: Path, minutes: float) -> None:
    then = time.time() - 60 * minutes
    os.utime(path, (then, then))


def test_old_proposals_leave_the_disk(home: Home) -> None:
    old, young = (propose(home, name) for name in ("a" * 12, "b" * 12))
    left = young.parent / ".reading-killed"
    left.mkdir()
    for path, minutes in ((old, 51), (left, 51), (young, 40)):
        age(path, minutes)
    sweep_proposals(home)
    assert names(home) == {"b" * 12}
    assert proposals.SWEEP_SECONDS + 51 * 60 < 3600
    age(young, 51)
    with pytest.raises(UnknownNameError), proposal(home, "b" * 12, by="ani"):
        pass
    age(young.parent, 51)
    sweep_proposals(home)
    assert not list(home.imports.glob("pending/*"))


def test_a_sweep_without_proposals_changes_nothing(home: Home) -> None:
    sweep_proposals(home)
    assert not home.root.exists()


def test_the_oldest_of_an_account_makes_room(home: Home) -> None:
    propose(home, "f" * 12, by="budi")
    for k in range(5):
        age(propose(home, f"{k:012d}"), 30 - k)
    propose(home, "a" * 12)
    assert names(home) == {"f" * 12, "a" * 12, *(f"{k:012d}" for k in range(1, 5))}


def test_bytes_have_a_quota(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "_BYTES_OF_ACCOUNT", 5000)
    age(propose(home, "a" * 12, size=3000), 3)
    propose(home, "b" * 12, size=3000)
    assert names(home) == {"b" * 12}
    with pytest.raises(InputError, match="wait to be confirmed"):
        propose(home, "c" * 12, size=5001)


@pytest.mark.parametrize(("quota", "most"), [("_MOST", 2), ("_BYTES", 7000)])
def test_all_accounts_have_a_quota(
    quota: str, most: int, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, quota, most)
    propose(home, "a" * 12, by="ani", size=3000)
    propose(home, "b" * 12, by="budi", size=3000)
    with pytest.raises(StateError, match="too many"):
        propose(home, "c" * 12, by="citra", size=3000)
    assert names(home) == {"a" * 12, "b" * 12}


def test_a_proposal_that_fails_stays(home: Home) -> None:
    propose(home, "a" * 12)
    with pytest.raises(ZeroDivisionError), proposal(home, "a" * 12, by="ani"):
        1 / 0  # noqa: B018
    with proposal(home, "a" * 12, by="ani") as (report, table):
        assert (report.id, table.read_bytes()) == ("a" * 12, b"x" * 10)
    assert names(home) == set()


@pytest.mark.parametrize(
    "name",
    [
        f"data.0812-3456-{DICE.randint(1000, 9999)}.csv",
        f"rekap 530201520195{DICE.randint(1000, 9999)}.xlsx.csv",
        f"x.A{DICE.randint(1000000, 9999999)}.csv",
        f"laporan_0813{DICE.randint(10000000, 99999999)}.csv",
        "korban_m.n._(19 th).csv",
        "sdri_fulana.csv",
        "ibu_fulana_2023.csv",
        "inisial_MN.csv",
        "penghuni_rumah_aman_2023.csv",
        f"{'a' * 130}.0812-3456-{DICE.randint(1000, 9999)}.csv",
    ],
)
def test_files_named_after_persons_are_refused(name: str, home: Home, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("code,name,lat,lon\n")
    with pytest.raises(DataFileError, match="name of the file"):
        dry_run(path, "places", home, file=name)


@pytest.mark.parametrize(
    "name",
    [
        *("korban_tppo_2023.csv", "Rekap Korban per Kabupaten 2020-2024.csv", "ibu kota.csv"),
        *(
            "kematian_ibu_2023.csv",
            "export_20231231235959123.csv",
            "Rekap 01-2023 s.d. 12-2023.csv",
        ),
        *("53.02.01 desa.csv", "rekap_12072023_05082023.csv", "SK 188.45-123-2023.csv"),
        *("data (1).csv", "Kab. TTS.csv", "BPS-5302.csv", "ibu_hamil.csv", "UU 21-2007.csv"),
    ],
)
def test_files_named_after_tables_are_read(name: str, home: Home, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("code,name,lat,lon\n")
    with pytest.raises(DataFileError) as refused:
        dry_run(path, "places", home, file=name)
    assert refused.value.code == "imports.no_rows"
