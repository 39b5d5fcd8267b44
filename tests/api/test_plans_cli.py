"""``petajaga plan`` and ``petajaga scenario``: shapes of answers, the spreadsheet, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.auth.audit import entries
from api.register.opening import register_of
from api.settings import Settings
from layers.release.marking import marks_in

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "action"),
    [
        (["areas", "--top", "2"], "areas"),
        (["ports", "--top", "2"], "ports"),
        (["corridor", "Kupang", "Nunukan"], "corridor"),
        (["corridors", "--top", "2"], "corridors"),
        (["plan", "outreach", "--villages", "3", "--within", "53"], "plan.outreach"),
    ],
)
def test_what_the_operator_reads_is_in_the_audit_of_a_home_that_serves(
    ask: Callable[..., Any], built_home: Path, words: list[str], action: str
) -> None:
    with closing(register_of(Settings(home=built_home))) as register:
        before = len(entries(register, action=action))
        ask(*words)
        rows = entries(register, action=action)
    assert len(rows) == before + 1
    assert (rows[0]["account"], rows[0]["target"]) == ("operator", "")


def test_plan_posts(ask: Callable[..., Any], built_home: Path) -> None:
    register_of(Settings(home=built_home)).close()
    plan = ask("plan", "posts", "-k", "3", "--draws", "4", "--fixed", "maumere")
    assert len(plan["posts"]) == 3
    with closing(register_of(Settings(home=built_home))) as register:
        (row, *_) = entries(register, action="plan.posts")
    assert row["account"] == "operator"
    assert "maumere" in {post["id"] for post in plan["posts"]}
    assert all({"id", "name", "kind", "marginal_persons", "added_persons", "staffed_by"} <= set(p)
               for p in plan["posts"])  # fmt: skip
    persons = plan["interception"]["persons"]
    assert 0 < persons["p05"] <= persons["mean"] <= persons["p95"]
    assert 0 < plan["interception"]["share"] < 1
    assert plan["blind"]["promised_share"] > plan["blind"]["delivered_share"] > 0
    assert {"id", "name", "before", "after"} <= set(plan["displacement"][0])
    actions = [other["action"] for other in plan["alternatives"]]
    assert actions == ["add", "add", "add", "move", "strengthen"]
    in_force = {post["id"]: post for post in plan["in_force"]}
    assert in_force["tenau"]["since"] == "2016-07-01"
    assert not in_force.keys() & {post["id"] for post in plan["posts"]}
    assert all(at["persons"] <= at["best"] for at in plan["regret"])
    # A plan says where to stand, never how one would pass.
    assert not {"route", "path", "via"} & set(json.dumps(plan).split('"'))


def test_plan_outreach_and_its_spreadsheet(
    ask: Callable[..., Any], tmp_path: Path, dataset: Any
) -> None:
    file = tmp_path / "rencana.xlsx"
    plan = ask(
        "plan", "outreach", "--villages", "12", "--within", "53", "-o", str(file), "--lang", "id"
    )
    assert len(plan["villages"]) == 12
    assert {"code", "name", "regency", "persons_covered", "reason"} <= set(plan["villages"][0])
    persons = plan["persons_covered"]
    assert 0 < persons["p05"] < persons["mean"] < persons["p95"]
    assert 0 <= plan["gap"] <= 1e-3
    served = set(dataset.task_forces["area_code"])
    assert not served & {village["code"] for village in plan["villages"]}
    book = openpyxl.load_workbook(file)
    sheet = book["Rencana"]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$5:$5"
    said = "TERBATAS - Kepolisian | edisi 1 (belum disetujui), rilis "
    assert str(sheet["A3"].value).startswith(said)
    assert sheet.oddFooter.left.text == sheet["A3"].value
    mark = {p.name: p.value for p in book.custom_doc_props.props}["mark"]
    assert marks_in(file) == [mark]
    rows = list(sheet.iter_rows(min_row=6, max_col=4, values_only=True))
    levels = ("regency", "district", "name", "code")
    assert rows == sorted(tuple(village[at] for at in levels) for village in plan["villages"])
    # what travels from village to village has neither an order among them nor persons or reasons
    notes = [row[0] for row in book["Keterangan"].iter_rows(values_only=True)]
    assert not any("menjangkau kebutuhan terbanyak" in str(note) for note in notes)
    assert any("Menurut abjad" in str(note) for note in notes)
    heads = [sheet.cell(5, column).value for column in range(1, sheet.max_column + 1)]
    known = "Kabupaten/kota, Kecamatan, Desa/tempat, Kode, Tempat, Pangkalan, Jam sekali jalan"
    assert heads == [*known.split(", "), "Hari", "Biaya", "Tanggal kunjungan", "Catatan"]
    told = list(book["Ajakan yang tercatat"].iter_rows(min_row=2, values_only=True))
    assert {row[0] for row in told} == {village["regency"] for village in plan["villages"]}
    assert all(1 <= len(row["pretexts"]) <= 4 for row in plan["pretexts"]), "of NTT some are"
    assert not any("http" in str(row[5]) for row in told), "what travels names publishers"


def test_outreach_under_a_budget_from_a_base(ask: Callable[..., Any]) -> None:
    plan = ask(
        "plan", "outreach", "--budget", "50000000", "--cost-per-day", "1500000",
        "--within", "53.02", "--base", "Soe", "--radius-hours", "0.5",
    )  # fmt: skip
    assert 0 < plan["cost"] <= 50_000_000 * (1 + 1e-6)
    assert plan["cost_per_person"] > 0
    assert all(village["regency"].endswith("Timor Tengah Selatan") for village in plan["villages"])


def test_outreach_in_several_areas_with_few_of_each(ask: Callable[..., Any]) -> None:
    plan = ask(
        "plan", "outreach", "--villages", "3", "--within", "53.02", "--within", "Belu",
        "--within", "53.21", "--per-regency", "1",
    )  # fmt: skip
    codes = {village["regency_code"] for village in plan["villages"]}
    assert codes == {"53.02", "53.04", "53.21"}


def test_scenario(ask: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "skenario.toml"
    file.write_text(
        'name = "Pos Maumere"\n[[posts]]\nterminal = "maumere"\nhours_per_week = 84\n'
        '[[demand]]\narea = "53.04"\nfactor = 1.2\n',
        "utf-8",
    )
    answer = ask("scenario", str(file), "--draws", "5", "--corridors", "3")
    assert answer["name"] == "Pos Maumere"
    moved = {row["id"]: row for row in answer["terminals"]}
    assert moved["maumere"]["after"] < moved["maumere"]["before"]
    grown = {row["measure"]: row for row in answer["total"]}["departures"]["change"]
    assert 0 < grown["p05"] <= grown["mean"] <= grown["p95"]
    assert answer["corridors"]
    assert answer["assumptions"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("posts", "-k", "9999"), 2, "k is 9999"),
        (("posts", "-k", "0"), 2, "k must be at least 1"),
        (("posts",), 2, "number of posts (k)"),
        (("posts", "-k", "2", "--fixed", "nowhere"), 2, "fixed names nowhere"),
        (("posts", "-k", "2", "--fixed", "larantuka", "--forbidden", "larantuka"), 2, "both"),
        (("posts", "-k", "2", "--fixed", "larantuka", "--fixed", "larantuka"), 2, "twice"),
        (("posts", "--budget", "-5", "-k", "2"), 2, "budget"),
        (("outreach", "--villages", "0", "--within", "53"), 2, "villages must be at least 1"),
        (("outreach", "--within", "53"), 2, "give one of"),
        (("outreach", "--villages", "3", "--within", "99"), 2, "no area"),
        (("outreach", "--budget", "-1", "--cost-per-day", "1", "--within", "53"), 2, "budget"),
        (("outreach", "--villages", "3", "--within", "53", "--must", "x"), 2, "to visit has x"),
        (("outreach", "--villages", "3", "--within", "53", "-o", "a.pdf"), 2, ".xlsx"),
        (
            ("outreach", "--villages", "2", "--within", "53.02", "--floor", "0.9"),
            1,
            "lower the least share to",
        ),
    ],
)
def test_refusals_are_one_line(
    petajaga: Run, built_home: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = petajaga("plan", *words, home=built_home)
    assert done.code == code
    assert says in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_scenario_refusals(petajaga: Run, built_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "skenario.toml"
    for text, says in (
        ("x = [", "is not TOML"),
        ('[[posts]]\nterminal = "nowhere"\n', "posts[0].terminal"),
        ("[[legs]]\n", "legs[0]"),
    ):
        file.write_text(text, "utf-8")
        done = petajaga("scenario", str(file), home=built_home)
        assert done.code == 2
        assert says in done.err
        assert len(done.err.strip().splitlines()) == 1
    assert petajaga("scenario", str(tmp_path / "none.toml"), home=built_home).code == 2


def test_scenarios_are_saved_listed_and_compared(
    petajaga: Run, built_home: Path, tmp_path: Path
) -> None:
    """The register is the home's: a home of its own here, with the real build and release."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("model", "release", "disclosure.key"):
        (home / name).symlink_to(built_home / name)
    file = tmp_path / "skenario.toml"
    file.write_text('[[posts]]\nterminal = "maumere"\n', "utf-8")
    other = tmp_path / "lain.toml"
    other.write_text('note = "panen"\n[[demand]]\narea = "53.04"\nfactor = 1.2\n', "utf-8")

    def ask(*words: str) -> Any:
        done = petajaga("scenario", *words, "--json", home=home)
        assert done.code == 0, done.err
        return json.loads(done.out)

    few = ("--draws", "3", "--corridors", "2")
    first = ask(str(file), "--save", "Pos Maumere", "--share", *few)
    second = ask(str(other), "--save", "Belu", *few)
    assert first["name"] == "Pos Maumere"
    listed = {one["id"]: one for one in ask("--list")}
    assert set(listed) == {first["id"], second["id"]}
    assert listed[first["id"]]["shared"] is True
    assert listed[second["id"]]["changes"] == {"demand": [{"area": "53.04", "factor": 1.2}]}
    assert listed[second["id"]]["owner"] == "operator"
    shown = ask("--show", "Belu", *few)
    assert shown["note"] == "panen"
    assert [area["code"] for area in shown["areas"]] == [a["code"] for a in second["areas"]]
    document = ask("--compare", "Pos Maumere", second["id"], *few)
    assert [one["name"] for one in document["scenarios"]] == ["Pos Maumere", "Belu"]
    tari = next(row for row in document["terminals"] if row["id"] == "maumere")
    assert tari["values"][0]["after"] < tari["base"]
    table = petajaga("scenario", "--compare", "Pos Maumere", "Belu", *few, home=home)
    assert table.code == 0
    assert "No change" in table.out
    assert petajaga("scenario", "--list", home=home).out.count("operator") == 2
    assert ask("--remove", "Belu") == {"removed": second["id"]}
    for words, says in (
        (("--show", "Belu"), "no saved scenario"),
        (("--compare", "Belu"), "2 to 4"),
        (("--list", "--show", "x"), "only one of"),
        ((str(file), "--share"), "--share goes with --save"),
        ((), "name one file"),
        ((str(file), "--save", "telp 0812 3456 7890"), "phone"),
    ):
        done = petajaga("scenario", *words, *(few if words[:1] == (str(file),) else ()), home=home)
        assert done.code == 2, done.err
        assert says in done.err
