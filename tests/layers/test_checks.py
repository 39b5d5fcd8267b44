"""Checks at terminals: what a file may say, how they are protected, and who sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.checks import CHECK_FIELDS, PERSON_FIELDS, illogical, protected_checks
from geo.dataset import load_dataset
from geo.errors import DataFileError, InputError
from geo.imports.service import dry_run, import_file
from geo.paths import Home
from layers.registry import LAYERS, fields_for
from layers.release.published import published_rows
from layers.visibility import RIGHTS, rights_of
from routes.build.checks import binomial_interval, checks_by_terminal
from tests.geo.agreements import registered

HEAD = f"terminal_id,month,organisation,{','.join(CHECK_FIELDS)}\n"
KEY = bytes(32)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "checks.csv"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), "utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("tenau,2026-05,Polres Kupang,1,40,41,0,0,0,0,0", "checked", "cell.checks_order"),
        ("tenau,2026-05,Polres Kupang,1,40,9,41,0,0,0,0", "interviewed", "cell.checks_order"),
        ("tenau,2026-05,Polres Kupang,1,40,9,3,4,0,0,0", "deferred", "cell.checks_order"),
        ("tenau,2026-05,Polres Kupang,1,40,9,3,3,2,2,0", "released", "cell.checks_order"),
        ("tenau,2026-05,Polres Kupang,1,40,9,3,3,0,0,4", "referred", "cell.checks_order"),
        ("tenau,2026-05,Polres Kupang,1,40,9,3,3,0,2,2", "referred", "cell.checks_order"),
        ("tenau,2026-05,Yohanes Lado,1,40,9,3,0,0,0,0", "organisation", "cell.not_office"),
        ("tenau,2026-05,Polres Kupang,0,40,9,3,3,2,1,0", "passengers_seen", "cell.checks_order"),
        ("tenau,2026-05-14,Polres Kupang,1,40,9,3,0,0,0,0", "month", "cell.day_for_month"),
        ("tenau,2099-01,Polres Kupang,1,40,9,3,0,0,0,0", "month", "cell.future"),
        ("nowhere,2026-05,Polres Kupang,1,40,9,3,0,0,0,0", "terminal_id", "cell.not_terminal"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(
    tmp_path: Path, line: str, column: str, code: str
) -> None:
    report = dry_run(written(tmp_path, line), "checks", Home.resolve(tmp_path / "home"))
    (issue,) = report.issues
    assert (report.accepted, report.refused) == (0, 1)
    assert (issue.column, issue.message.code) == (column, code)


def test_what_found_nothing_is_kept_and_the_police_of_a_province_enter_their_own(
    tmp_path: Path,
) -> None:
    home = Home.resolve(tmp_path / "home")
    path = written(tmp_path, "tenau,2026-05,Polres Kupang Kota,8,900,310,42,0,0,0,0")
    with pytest.raises(InputError) as error:
        import_file(path, "checks", home, by="me")
    assert error.value.code == "agreement.needed"
    under = registered(home, kinds=["checks"], tiers=["police"], purpose=["layers"])
    import_file(path, "checks", home, by="me", under=under)
    dataset = load_dataset(home)
    assert dataset.checks.to_dict("records")[0]["passengers_seen"] == "900"
    assert dataset.holds_counts, "the release must be rounded with the key of the home"
    assert len(dataset.counts) == len(load_dataset(tmp_path / "other").counts), "no count is theirs"
    other = dry_run(path, "checks", home, province="21")
    assert other.issues[0].message.code == "cell.other_province"


def test_offices_of_one_month_stand_beside_each_other_and_add_up(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    under = registered(home, kinds=["checks"], tiers=["police"], purpose=["layers"])
    for line in (
        "tenau,2026-05,Polres Kupang Kota,8,900,310,42,0,0,0,0",
        "tenau,2026-05,Imigrasi Kupang,3,100,100,10,0,0,0,0",
        "tenau,2026-05,polres  kupang kota,9,950,310,42,0,0,0,0",  # the same office corrects
    ):
        report = dry_run(written(tmp_path, line), "checks", home)
        import_file(tmp_path / "checks.csv", "checks", home, by="me", under=under)
    assert report.replaced == 1, "what the form asks about before it sends"
    rows = load_dataset(home).checks
    assert sorted(rows["sailings"]) == ["3", "9"]
    (year,) = json.loads(checks_by_terminal(rows, secret=KEY)["tenau"])
    assert year["sailings"] == 12
    assert abs(year["passengers_seen"] - 1050) < 5
    assert "organisation" not in year


def test_an_office_that_is_a_person_is_refused_with_its_file(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    for person in ("Bripka Yohanes Lado", "sdri. Fulana", "IPTU Yohanes"):
        path = written(tmp_path, f"tenau,2026-05,{person},1,40,9,3,0,0,0,0")
        with pytest.raises(DataFileError) as error:
            dry_run(path, "checks", home)
        assert error.value.code == "imports.personal_text"


def test_no_published_year_is_impossible() -> None:
    rows = [
        (f"p{k}", "2026-05", 1, 41, 37, 7, 6, 3, 3, 3) for k in range(60)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["terminal_id", "month", *CHECK_FIELDS])
    for years in checks_by_terminal(table, secret=KEY).values():
        (row,) = json.loads(years)
        assert illogical(row) is None, row
        for name in PERSON_FIELDS:
            assert row[name] % 5 == 0
            if name != "referred":
                assert abs(row[name] - table[name][0]) < 5, name
        for share, part, whole in (("deferred_share", 6, 7), ("wrongful_share", 3, 6)):
            if row[share] is not None:
                assert row[share]["mean"] is None, "of so few only the interval says something"
                assert row[share]["p05"] <= part / whole <= row[share]["p95"]


def test_a_share_of_many_has_its_mean() -> None:
    many = binomial_interval(50, 500, 4)
    assert many is not None
    assert many["mean"] == pytest.approx(0.1)


def test_an_agreement_that_keeps_terminals_back(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    path = written(tmp_path, "tenau,2026-05,Polres Kupang Kota,8,900,310,42,0,0,0,0")
    under = registered(home, kinds=["checks"], finest_level="regency")
    import_file(path, "checks", home, by="me", under=under)
    assert load_dataset(home).checks.empty


ROWS = [
    ("tenau", "2026-03", 8, 903, 310, 41, 6, 2, 4, 1),
    ("tenau", "2026-04", 4, 500, 120, 20, 1, 1, 0, 0),
    ("tenau", "2025-12", 2, 100, 10, 0, 0, 0, 0, 0),
]


def of_months(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["terminal_id", "month", *CHECK_FIELDS])


def test_a_year_is_the_sum_of_its_rounded_months() -> None:
    first, second = json.loads(checks_by_terminal(of_months(ROWS), secret=KEY)["tenau"])
    assert (first["year"], second["year"]) == (2026, 2025)
    assert first["sailings"] == 12
    months = [
        protected_checks(
            dict(zip(CHECK_FIELDS, row[2:], strict=True)), place="tenau", month=row[1], secret=KEY
        )
        for row in ROWS
    ]
    for name in PERSON_FIELDS:
        assert first[name] == months[0][name] + months[1][name]
        assert second[name] == months[2][name]
    assert illogical(first) is None
    assert second["deferred_share"] is None or second["interviewed"] > 0


@pytest.mark.parametrize("deferred", range(12))
def test_a_month_and_its_year_are_no_two_looks_at_the_same_persons(deferred: int) -> None:
    """Rounded apart, 5 for a month and 10 for a year of that month alone leave 6 to 9 for both, and
    0 and 5 say that there was somebody, fewer than five.
    """
    for k in range(40):
        secret = bytes([k]) * 32
        row = dict.fromkeys(CHECK_FIELDS, 0) | {
            "sailings": 1, "passengers_seen": 400, "interviewed": 40, "deferred": deferred,
        }  # fmt: skip
        month = protected_checks(row, place="tenau", month="2026-12", secret=secret)
        table = of_months([("tenau", "2026-12", *row.values())])
        (year,) = json.loads(checks_by_terminal(table, secret=secret)["tenau"])
        assert {name: year[name] for name in CHECK_FIELDS} == month


def test_five_months_in_a_row_round_five_ways() -> None:
    """So that roundings of like months cancel: of 13, 10 twice and 15 three times are 65."""
    row = dict.fromkeys(CHECK_FIELDS, 0) | {"sailings": 1, "passengers_seen": 13}
    shown = [
        protected_checks(row, place="tenau", month=f"2026-{month:02d}", secret=KEY)
        for month in range(10, 13)
    ] + [
        protected_checks(row, place="tenau", month=f"2027-{month:02d}", secret=KEY)
        for month in (1, 2)
    ]
    assert sorted(one["passengers_seen"] for one in shown) == [10, 10, 15, 15, 15]
    assert sum(one["passengers_seen"] for one in shown) == 5 * 13


def test_the_interval_of_a_year_covers_the_roundings_of_its_months() -> None:
    """Of four months by 8, twice the 4 of one (the root of 4)."""
    row = ("tenau", 10, 1000, 500, 100, 20, 0, 0, 0)
    table = of_months([(row[0], f"2026-{k:02d}", *row[1:]) for k in (1, 2, 3, 4)])
    (year,) = json.loads(checks_by_terminal(table, secret=KEY)["tenau"])
    assert (year["interviewed"], year["deferred"]) == (400, 80), "multiples of five stay"
    assert year["deferred_share"] == binomial_interval(80, 400, 8)
    assert year["deferred_share"]["mean"] == 0.2


def test_an_exact_interval_and_one_that_covers_the_rounding() -> None:
    # Clopper and Pearson for none of ten at 90 %: 1 - 0.05 ** (1 / 10).
    none = binomial_interval(0, 10)
    assert none is not None
    assert (none["p05"], none["p95"]) == (0.0, pytest.approx(1 - 0.05**0.1))
    half, wide = binomial_interval(20, 40), binomial_interval(20, 40, 4)
    assert half is not None
    assert wide is not None
    for count, of in ((16, 44), (24, 36)):
        inside = binomial_interval(count, of)
        assert inside is not None
        assert wide["p05"] <= inside["p05"] + 1e-12
        assert inside["p95"] <= wide["p95"] + 1e-12


def test_only_the_police_have_checks() -> None:
    assert {tier for tier in RIGHTS if "checks" in rights_of(tier, "53").import_kinds} == {"police"}
    assert {tier for tier in RIGHTS if "checks" in RIGHTS[tier].known_kinds} == {"police"}
    row = {"id": ["tenau"], "name": ["Tenau"], "checks": ['[{"year": 2026}]']}
    for tier in RIGHTS:
        names = {field.name for field in fields_for(LAYERS["terminals"], tier)}
        assert ("checks" in names) == (tier == "police")
        (shown,) = published_rows("terminals", tier, row)
        assert ("checks" in shown) == (tier == "police")


def test_what_fits_is_not_refused() -> None:
    row = dict(zip(CHECK_FIELDS, (8, 900, 310, 42, 9, 4, 5, 4), strict=True))
    assert illogical(row) is None
