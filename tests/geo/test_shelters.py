"""A shelter is recognised however it is written; offices and places are not taken for one."""

from __future__ import annotations

import csv
import gzip
import time
from pathlib import Path

import pytest

from geo.shelters import names_shelter

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"

WAYS = [
    "rumah aman", "Rumah Aman Kupang", "RUMAH AMAN", "rumah-aman", "rumah_aman", "RumahAman",
    "rumah-rumah aman", "rumah2 aman", "(rumah aman)", "rumah  aman.", "rumah\u00a0aman",
    "rumah\u200b aman", "Rumah Singgah", "rumah singgah PMI", "RPSA", "R.P.S.A.", "rpsa batam",
    "RPTC", "R.P.T.C.", "R. P. T. C", "RPTC/Sentra", "RPSW", "safe house", "Safe-Houses",
    "safehouse", "selter", "Selter BP3MI", "selternya", "shelter", "SHELTERS", "Shélter",
    "kind=shelter;", "rumah perlindungan", "Rumah Perlindungan (Sementara)",
    "rumah perlindungan trauma center", "rumah pelindungan", "Trauma Center", "trauma centre",
    "tempat perlindungan sementara", "Balai Rehabilitasi Sosial", "women's refuge",
    "rumah penampungan", "Rumah-Penampungan PMI", "tempat penampungan",
    "Tempat Penampungan Sementara", "panti sosial", "Panti Sosial Karya Wanita", "Rumah Antara",
    "rumah antara Kupang",
]  # fmt: skip
OTHERS = [
    "UPTD PPA", "UPTD PPA Provinsi NTT", "Rumah Sakit", "RSUD Prof. Dr. W. Z. Johannes",
    "Rumah Perempuan", "Yayasan Rumah Perempuan Kupang", "Pelabuhan Rumah Tiga", "Rumah Tiga",
    "Rumah Amanuban", "Amanuban Selatan", "BP3MI Kalimantan Utara", "Polda NTT", "RPS", "RPTCA",
    "Perlindungan PMI", "Dinas Pemberdayaan Perempuan dan Perlindungan Anak", "sheltered bay", "",
    "Kantor penampungan PMI", "Tempat penampungan air", "tempat penampungan ikan", "Panti asuhan",
    "Tempat Penampungan Sampah", "Rumah Antarabangsa", "Dinas Sosial", "jarak antara rumah",
]  # fmt: skip


@pytest.mark.parametrize("text", WAYS)
def test_a_shelter_is_known_however_it_is_written(text: str) -> None:
    assert names_shelter(text)


@pytest.mark.parametrize("text", OTHERS)
def test_offices_hospitals_organisations_and_places_pass(text: str) -> None:
    assert not names_shelter(text)


def _rows(name: str) -> list[dict[str, str]]:
    path = DATA / name
    with (gzip.open if name.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_no_official_area_and_no_curated_row_names_a_shelter() -> None:
    areas = _rows("areas.csv.gz")
    assert [row["name"] for row in areas if names_shelter(row["name"])] == []
    for table in (
        "services.csv",
        "posts.csv",
        "effort.csv",
        "task_forces.csv",
        "pretexts.csv",
        "pretext_records.csv",
        "referral_steps.csv",
    ):
        rows = _rows(table)
        assert [row for row in rows if names_shelter(" | ".join(row.values()))] == []


@pytest.mark.parametrize("text", ["r" * 1_000_000, "rumah " * 100_000, "r . " * 200_000])
def test_long_texts_take_a_second_at_most(text: str) -> None:
    started = time.process_time()
    assert not names_shelter(text)
    assert time.process_time() - started < 1.0
