"""``petajaga report`` and ``/v1/reports``: imported tables to files, for those who may."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from starlette.testclient import TestClient

from api.auth.accounts import add_account
from geo.errors import DataFileError
from geo.imports.plan_tables import plan_tables
from geo.imports.service import dry_run, import_file
from geo.imports.store import changed_since_build
from geo.imports.visits import people_reached
from geo.paths import Home
from tests.api.conftest import Service, close_service, make_service
from tests.geo.agreements import registered

PLAN = """Versi;Tahun Awal;Tahun Akhir;Kode Wilayah;Sub Gugus Tugas;Kode Indikator;Indikator;\
Satuan;Target 2025;Target 2026;Perangkat Daerah;Ukuran
RAD;2025;2029;53;Pencegahan;1.1;Desa dikunjungi;desa;30;40;DP3A;villages_visited
RAD;2025;2029;53;Pencegahan;1.2;Orang dijangkau;orang;-;1000;DP3A;people_reached
RAD;2025;2029;53;Rehabilitasi;2.1;Pendampingan;orang;5;7;Dinsos;
"""
BUDGET = """Tahun Anggaran;Kode Sub Kegiatan;Nama Sub Kegiatan;Kode Indikator;Kode Wilayah;Pagu;\
Realisasi;Sumber Dana;OPD
2025;K.1;Sosialisasi;1.1;53;1,25 miliar;Rp 1.300.000.000,00;APBD;DP3A
2025;K.2;Pelatihan;9.9;53;Rp 250.000.000;250 juta;APBD;DP3A
"""
VISITS = "area_code,organisation,year,month,people\n{}\n".format(
    "\n".join(
        f"53.01.22.200{k},Lembaga,2025,2025-{month:02d},{people}"
        for k, month, people in ((1, 2, 33), (2, 2, 12), (1, 3, 8))
    )
)


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, "utf-8")
    return path


@pytest.fixture(scope="module")
def working(released_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    root = tmp_path_factory.mktemp("reports")
    running = make_service(Home.resolve(shutil.copytree(released_home.root, root / "home")))
    accounts = (("rencana", "planner", "partner", "53"), ("bali", "planner", "partner", "51"),
                ("mabes", "police", "police", None))  # fmt: skip
    for name, desk, tier, province in accounts:
        new = add_account(
            running.app.state.register, name=name, desk=desk, tier=tier, province_code=province
        )
        running.passwords[name] = new.password
    under = registered(running.home)
    for kind, content in (("action_plan", PLAN), ("budget", BUDGET)):
        import_file(write(root, f"{kind}.csv", content), kind, running.home, by="rencana")
    import_file(write(root, "v.csv", VISITS), "outreach", running.home, by="lsm", under=under)
    yield running
    close_service(running)


@pytest.fixture(scope="module")
def planner(working: Service) -> TestClient:
    return working.client("rencana")


def test_a_planner_has_the_report_filled_in_and_its_files(planner: TestClient) -> None:
    answer = planner.get("/v1/reports/53?period=2025-Q1")
    assert answer.headers["cache-control"] == "private, no-store"
    report = answer.json()
    assert report["version"] == "RAD"
    assert [section["name"] for section in report["sections"]] == ["Pencegahan", "Rehabilitasi"]
    visited, reached = report["sections"][0]["rows"]
    assert [done["value"] for done in visited["done"]] == [2]
    assert (visited["target"], visited["ceiling"], visited["spent"]) == (30, 1.25e9, 1.3e9)
    assert reached["target"] is None
    assert reached["done"][0]["value"] % 5 == 0
    assert [line["code"] for line in report["unplanned"]] == ["K.2"]
    files = "/v1/reports/53/{}?period=2025-Q1&lang=id"
    paper = planner.get(files.format("report.docx"))
    assert 'filename="laporan-53-2025-Q1.docx"' in paper.headers["content-disposition"]
    document = Document(io.BytesIO(paper.content))
    assert document.tables[0].rows[1].cells[5].text == "1.250.000.000"
    assert document.core_properties.identifier.startswith("pjm-")
    book = openpyxl.load_workbook(io.BytesIO(planner.get(files.format("report.xlsx")).content))
    assert [cell.value for cell in book.worksheets[0][6]][4:8] == [30, 2, 1.25e9, 1.3e9]
    for name in ("proposal", "proposal.xlsx", "proposal.tsv"):
        assert planner.get(files.format(name).replace("&lang=id", "")).status_code == 200


def test_another_province_and_what_is_no_area_are_not_there(
    working: Service, planner: TestClient
) -> None:
    for client, area in ((working.client("bali"), "53"), (planner, "51"), (planner, "53.01.22"),
                         (planner, "99")):  # fmt: skip
        assert client.get(f"/v1/reports/{area}?period=2025").status_code == 404
    assert working.client("mabes").get("/v1/reports/53?period=2025").status_code == 200
    assert planner.get("/v1/reports/53?period=2025-Q5").status_code == 400
    unknown = planner.get("/v1/reports/53/proposal?period=2025&sub_activity=X")
    assert unknown.status_code == 400
    assert unknown.json()["params"] == {"activity": "X", "known": ["K.1", "K.2"]}


def test_the_command_line_says_the_same_and_writes_the_files(
    working: Service, planner: TestClient, petajaga: Callable[..., Any], tmp_path: Path
) -> None:
    def told(*words: str) -> Any:
        return petajaga("report", "NTT", "--period", "2025-Q1", *words, home=working.home.root)

    answer = planner.get("/v1/reports/53?period=2025-Q1").json()
    assert json.loads(told("--json").out)["sections"] == answer["sections"]
    for name in ("laporan.docx", "laporan.xlsx"):
        assert told("-o", str(tmp_path / name)).code == 0
        assert zipfile.is_zipfile(tmp_path / name)
    assert told("--proposal", "-o", str(tmp_path / "usulan.tsv")).code == 0
    assert told("--proposal", "-o", str(tmp_path / "usulan.docx")).code == 2
    assert told("--sub-activity", "K.1").code == 2  # of a proposal alone
    assert told("--calendar").code == 0


def test_all_provinces_side_by_side(
    working: Service, planner: TestClient, petajaga: Callable[..., Any], tmp_path: Path
) -> None:
    mabes = working.client("mabes")
    first = mabes.get("/v1/reports/ID?period=2025-Q1").json()["standings"]
    code, name = next((row["code"], row["province"]) for row in first if row["code"] != "53")
    row = f"RAD 2;2025;2029;{code};PENCEGAHAN;7;Desa;desa;5;5;DP3A;villages_visited"
    plan = write(tmp_path, "plan.csv", f"{PLAN.splitlines()[0]}\n{row}\n")
    import_file(plan, "action_plan", working.home, by="mabes")
    report = mabes.get("/v1/reports/ID?period=2025-Q1").json()
    # One heading for one sub task force, however it is spelt; NTT has 2 villages visited, people
    # reached and, in rehabilitation, nothing.
    found = {
        section["name"].casefold(): {
            row["code"]: tuple(
                row[name] for name in ("indicators", "on_record", "ceiling", "spent")
            )
            for row in section["provinces"]
        }
        for section in report["sections"]
    }
    assert found == {
        "pencegahan": {"53": (2, 2, 1.25e9, 1.3e9), code: (1, 0, None, None)},
        "rehabilitasi": {"53": (1, 0, None, None)},
    }
    standings = {row["code"]: row for row in report["standings"]}
    ntt = standings["53"]
    assert (ntt["visits"], ntt["villages"], ntt["steps"]) == (3, 2, None)
    assert (ntt["ceiling"], ntt["spent"]) == (1.5e9, 1.55e9), "lines outside the plan too"
    assert (standings[code]["version"], standings[code]["visits"]) == ("RAD 2", None)
    assert (
        report["plans"]["en"] == f"2 of {len(standings)} provinces have a plan of action for 2025"
    )
    files = "/v1/reports/ID/{}?period=2025-Q1&lang=id"
    paper = Document(io.BytesIO(mabes.get(files.format("report.docx")).content))
    assert [len(table.rows) for table in paper.tables] == [3, 2, 1 + len(standings)]
    lines = [[cell.text for cell in row.cells][:6] for row in paper.tables[0].rows]
    assert [name, "RAD 2", "1", "0", "-", "-"] in lines
    assert lines[1 if lines[1][1] == "RAD" else 2] == [
        "Nusa Tenggara Timur", "RAD", "2", "2", "1.250.000.000", "1.300.000.000",
    ]  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(mabes.get(files.format("report.xlsx")).content))
    assert book.sheetnames[:4] == ["Laporan", "Provinsi", "Indikator", "Tercatat"]
    assert book["Indikator"].max_row == 1 + 4
    assert mabes.get("/v1/reports/ID/proposal?period=2025-Q1").status_code == 404
    for client in (planner, working.client("bali")):
        assert client.get("/v1/reports/ID?period=2025-Q1").status_code == 404

    def told(*words: str) -> Any:
        return petajaga("report", "ID", "--period", "2025-Q1", *words, home=working.home.root)

    assert json.loads(told("--json").out)["sections"] == report["sections"]
    assert told("-o", str(tmp_path / "nasional.docx")).code == 0
    assert told("--calendar").code == 2


NATIONAL = """Versi;Tahun Awal;Tahun Akhir;{};Sub Gugus Tugas;Kode Indikator;Indikator;Satuan;\
Tahun;Target;Instansi;Ukuran
RAN;2025;2029;{};Pencegahan;1.1;Desa dikunjungi;desa;2025;5000;Kemen PPPA;villages_visited
"""


@pytest.mark.parametrize(
    ("heading", "said"),
    [("Kode Wilayah", "ID"), ("Kode Wilayah", "Indonesia"), ("Provinsi", "INDONESIA"),
     ("Kode Wilayah;Provinsi", "id;Nasional")],
)  # fmt: skip
def test_the_plan_of_the_nation_is_imported_by_accounts_of_no_province(
    heading: str, said: str, tmp_path: Path
) -> None:
    home = Home.resolve(tmp_path / "home")
    plan = write(tmp_path, "ran.csv", NATIONAL.format(heading, said))
    refused = dry_run(plan, "action_plan", home, province="53")
    assert [(i.column, i.message.code) for i in refused.issues] == [
        ("area_code", "cell.other_province")
    ]
    import_file(plan, "action_plan", home, by="mabes")
    found = plan_tables(home).indicators
    assert [(row.area_code, row.version, row.target) for row in found] == [("ID", "RAN", 5000.0)]


def test_the_nation_beside_a_province_and_in_a_table_of_villages_is_refused(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    both = write(tmp_path, "ran.csv", NATIONAL.format("Kode Wilayah;Provinsi", "ID;Bali"))
    report = dry_run(both, "action_plan", home)
    assert [i.message.code for i in report.issues] == ["cell.country_and_area"]
    for language in ("id", "en"):
        assert "Bali" in report.issues[0].message.in_language(language)
    visits = write(tmp_path, "v.csv", VISITS.replace("53.01.22.2001", "ID"))
    report = dry_run(visits, "outreach", home)
    assert [i.message.code for i in report.issues] == ["cell.unknown_area"] * 2


def test_the_national_plan_over_http_and_at_the_command_line(
    working: Service, planner: TestClient, petajaga: Callable[..., Any], tmp_path: Path
) -> None:
    mabes = working.client("mabes")
    before = mabes.get("/v1/reports/ID?period=2025-Q1").json()["nation"]
    assert before["version"] == ""
    longer = NATIONAL.format("Kode Wilayah", "ID").replace("2029", "2031")
    longer += longer.splitlines()[-1].replace(";2025;5000;", ";2031;6000;") + "\n"
    import_file(write(tmp_path, "ran.csv", longer), "action_plan", working.home, by="mabes")
    later = mabes.get("/v1/reports/ID?period=2031").json()["nation"]["sections"][0]["rows"]
    assert [row["target"] for row in later] == [6000]
    budget = "\n".join([BUDGET.splitlines()[0],
                        "2025;D.1;Kampanye;1.1;ID;Rp 9.000.000.000;;APBN;Kemen PPPA"])  # fmt: skip
    import_file(write(tmp_path, "dipa.csv", budget), "budget", working.home, by="mabes")
    nation = mabes.get("/v1/reports/ID?period=2025-Q1").json()["nation"]
    (row,) = nation["sections"][0]["rows"]
    assert [done["value"] for done in row["done"]] == [2], "both villages are of NTT"
    assert (row["target"], row["ceiling"], row["spent"]) == (5000, 9e9, None)
    province = planner.get("/v1/reports/53?period=2025-Q1").json()
    assert [row["ceiling"] for row in province["sections"][0]["rows"]] == [1.25e9, None]
    without = planner.get("/v1/reports/53?period=2031").json()  # its own plan ends in 2029
    assert (without["version"], without["sections"]) == ("", [])
    assert "RAN" in without["missing"][0]["id"]

    def told(lang: str) -> str:
        return str(petajaga("--lang", lang, "report", "indonesia", "--period", "2025-Q1",
                            home=working.home.root).out)  # fmt: skip

    assert "National plan of action: RAN" in told("en")
    assert "Rencana aksi nasional: RAN" in told("id")
    lines = told("en").splitlines()
    at = next(k for k, line in enumerate(lines) if line.startswith("1.1"))
    assert "5,000" in lines[at]
    assert "9,000,000,000" in lines[at]
    assert at < next(k for k, line in enumerate(lines) if "provinces have a plan" in line)


def test_no_build_waits_for_tables_of_reports(working: Service) -> None:
    waiting = {entry.kind for entry in changed_since_build(working.home).waiting}
    assert waiting == {"outreach"}


def test_people_reached_are_rounded_cells_and_only_where_an_agreement_shows_counts(
    working: Service, tmp_path: Path
) -> None:
    cells = people_reached(working.home, "partner", secret=bytes(32))
    assert [(code, when) for code, when, _ in cells] == [("53.01", "2025-02"), ("53.01", "2025-03")]
    for (_, _, rounded), true in zip(cells, (45, 8), strict=True):
        assert rounded % 5 == 0
        assert abs(rounded - true) < 5
    home = Home.resolve(tmp_path / "home")
    under = registered(home, purpose=["outreach"], tiers=["partner", "police"])
    import_file(write(tmp_path, "v.csv", VISITS), "outreach", home, by="lsm", under=under)
    assert people_reached(home, "partner", secret=bytes(32)) == []


def test_tables_that_say_what_cannot_be_are_refused_or_warned_of(
    working: Service, tmp_path: Path
) -> None:
    report = dry_run(write(tmp_path, "b.csv", BUDGET), "budget", working.home)
    found = {note.code: note.params for note in report.notes}
    assert found["import_note.overspent"]["activity"] == "K.1"
    assert found["import_note.code_not_in_plan"]["indicator"] == "9.9"
    assert [row["ceiling_idr"] for row in report.preview] == ["1250000000", "250000000"]
    assert [row["spent_idr"] for row in report.preview] == ["1300000000", "250000000"]
    scaled = BUDGET.replace("Pagu;", "Pagu (juta rupiah);").replace("1,25 miliar", "1.250,5")
    report = dry_run(write(tmp_path, "c.csv", scaled), "budget", working.home)
    assert report.preview[0]["ceiling_idr"] == "1250500000"
    outside = PLAN.replace("2025;2029;53;Rehabilitasi", "2026;2029;53;Rehabilitasi")
    report = dry_run(write(tmp_path, "d.csv", outside), "action_plan", working.home)
    assert [(i.column, i.message.code) for i in report.issues] == [("year", "cell.outside_plan")]
    wrong = PLAN.replace("people_reached", "happiness")
    report = dry_run(write(tmp_path, "e.csv", wrong), "action_plan", working.home)
    assert {(i.column, i.message.code) for i in report.issues} == {("measure", "cell.not_choice")}
    calendar = "kode_wilayah,tahun,tahapan,mulai,paling_lambat,sumber\n"
    rows = "53,2027,KUA-PPAS,2026-07-10,2026-07-01,SK\n53,2027,pesta,,2026-07-01,SK\n"
    report = dry_run(write(tmp_path, "f.csv", calendar + rows), "planning_calendar", working.home)
    assert [i.message.code for i in report.issues] == ["cell.ends_before", "cell.not_allowed_near"]


def test_a_revised_budget_leaves_no_line_of_the_old_one(tmp_path: Path) -> None:
    """Of its area, year and office; what another office or year has stays."""
    home = Home.resolve(tmp_path / "home")
    head = "Tahun;Kode Sub Kegiatan;Nama Sub Kegiatan;Kode Indikator;Kode Wilayah;Pagu;OPD\n"
    first = "".join(
        f"{year};{code};Kegiatan;1.1;{area};Rp 1.000.000;{office}\n"
        for year, code, area, office in (
            (2026, "A", "53", "Dinas Sosial"), (2026, "B", "53", "Dinas Sosial"),
            (2025, "B", "53", "Dinas Sosial"), (2026, "B", "53.04", "Dinas Sosial"),
            (2026, "C", "53", "DP3A"),
        )
    )  # fmt: skip
    import_file(write(tmp_path, "dpa.csv", head + first), "budget", home, by="me")
    revised = f"{head}2026;A;Kegiatan;1.1;53;Rp 2.000.000;DINAS  SOSIAL\n"
    report, *_ = import_file(write(tmp_path, "dppa.csv", revised), "budget", home, by="me")
    assert "import_note.budget_replaced" in {note.code for note in report.notes}
    lines = {
        (line.year, line.code, line.area_code, line.ceiling) for line in plan_tables(home).budget
    }
    assert lines == {
        (2026, "A", "53", 2e6), (2025, "B", "53", 1e6), (2026, "B", "53.04", 1e6),
        (2026, "C", "53", 1e6),
    }  # fmt: skip


@pytest.mark.parametrize("column", ["name", "target_group", "office"])
@pytest.mark.parametrize(
    "words", ["Pemulihan korban Maria Bere dari Bola", "Keluarga Yohanes Lado"]
)
def test_a_budget_of_one_person_is_refused(words: str, column: str, tmp_path: Path) -> None:
    row = {"name": "Kegiatan", "target_group": "Warga desa", "office": "Dinas Sosial"}
    row |= {column: words}
    content = "year,sub_activity_code,indicator_code,area_code,ceiling_idr,{}\n{}\n".format(
        ",".join(row), ",".join(["2026", "A", "1.1", "53", "1000000", *row.values()])
    )
    home = Home.resolve(tmp_path / "home")
    with pytest.raises(DataFileError) as refused:
        dry_run(write(tmp_path, "dpa.csv", content), "budget", home)
    assert refused.value.code == "imports.personal_text"
    assert "Maria" not in str(refused.value)
