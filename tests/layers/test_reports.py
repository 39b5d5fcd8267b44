"""A report and a proposal from small tables whose figures are known by hand."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from docx import Document

from geo.errors import InputError
from geo.i18n import languages, text
from geo.imports.plan_tables import BudgetLine, CalendarStep, Indicator, PlanTables
from geo.periods import period_of
from layers.release.marking import Marking
from layers.reports.docx import report_document
from layers.reports.fill import task_force_report
from layers.reports.national import national_report
from layers.reports.national_files import national_book, national_document
from layers.reports.proposal import proposal_of
from layers.reports.values import Known, Planned, Report, Row
from layers.reports.xlsx import proposal_book, proposal_text, report_book

HEADING = Marking(tier="police", release="0f3a", day="2026-11-30", code="pjm-abcdefghijkl")
DAY = "2026-11-30"


def indicator(code: str, measure: str = "", **changes: Any) -> Indicator:
    about = ("53", "RAD 2025-2029", 2025, 2029, "Pencegahan", code, f"Indikator {code}", "desa")
    return replace(Indicator(*about, 2026, 40.0, "DP3A", measure, "rad.csv"), **changes)


def line(
    code: str, indicator_code: str, ceiling: float, spent: float | None, **changes: Any
) -> BudgetLine:
    about = (2026, code, f"Kegiatan {code}", indicator_code, "53", "Warga desa", 40.0, "desa")
    return replace(BudgetLine(*about, None, ceiling, spent, "APBD", "DP3A", "dpa.csv"), **changes)


def step(village: str, planned: str, done: str | None = None) -> Planned:
    return Planned("outreach", village, f"Desa {village[-4:]}", village[:5], planned, done)


KNOWN = Known(
    visits=[
        *[("53.01.22.2001", month) for month in ("2026-10", "2026-11")],
        *[("53.04.01.2001", when) for when in ("2026-12", "2026-07", "2026")],
        ("51.01.01.2001", "2026-10"),
    ],
    reached=[("53.01", "2026-10", 35), ("53.04", "2026-12", 40), ("51.01", "2026-10", 95)],
    counts=[
        {"area_code": "53", "measure": "tppo_cases", "year": 2026, "value": 12, "unit": "case",
         "legal_class": "tppo", "period": "", "source": "Polda"},
        {"area_code": "53", "measure": "interceptions", "year": 2026, "value": 30,
         "unit": "person", "legal_class": "tppo", "period": "2026-10/2026-12", "source": ""},
        {"area_code": "53", "measure": "interceptions", "year": 2026, "value": 75,
         "unit": "person", "legal_class": "nonprocedural", "period": "2026-10/2026-12",
         "source": ""},
        {"area_code": "53", "measure": "deportations", "year": 2026, "value": 5,
         "unit": "person", "legal_class": "unknown", "period": "events", "source": "berita"},
    ],
    coverage=[{"code": "53", "listed": 1, "villages": 8, "listed_share": 12.5}],
    steps=[
        step("53.01.22.2001", "2026-10", "2026-10"),
        step("53.01.22.2002", "2026-11"),
        step("53.04.01.2001", "2026-12"),
    ],
    names={"53": "Nusa Tenggara Timur", "53.01": "Kabupaten Kupang", "53.04": "Kabupaten Belu"},
    released="2026-11-30",
)  # fmt: skip


def filled(measure: str, period: str = "2026-Q4", area: str = "53") -> Row:
    report = task_force_report(
        PlanTables((indicator("1.1", measure),)), KNOWN, area, period_of(period), day=DAY
    )
    return report.sections[0].rows[0]


@pytest.mark.parametrize(
    ("measure", "period", "area", "values"),
    [
        ("visits", "2026-Q4", "53", [3]),
        ("villages_visited", "2026-Q4", "53", [2]),
        ("villages_visited", "2026-Q4", "53.04", [1]),
        ("visits", "2026", "53", [5]),  # with the one of which only the year is known
        ("people_reached", "2026-Q4", "53", [75]),
        ("villages_covered_share", "2026-Q4", "53", [12.5]),
        ("plan_steps_done", "2026-Q4", "53", [1]),
        ("tppo_cases", "2026", "53", [12]),
        ("interceptions:nonprocedural", "2026-Q4", "53", [75]),
        ("interceptions", "2026-Q4", "53", [75, 30]),  # unlike classes are never added
    ],
)
def test_what_was_done_is_what_is_on_record(
    measure: str, period: str, area: str, values: list[float]
) -> None:
    assert [done.value for done in filled(measure, period, area).done] == values


@pytest.mark.parametrize(
    ("measure", "period", "area", "code"),
    [
        ("", "2026", "53", "report.no_measure"),
        ("visits", "2026-Q1", "53", "report.no_visits"),
        ("people_reached", "2026-Q1", "53", "report.nobody_reached"),
        ("villages_covered_share", "2026", "53.04", "report.no_coverage"),
        ("villages_covered_share", "2026-Q3", "53", "report.coverage_of_day"),
        ("villages_covered_share", "2026-H1", "53", "report.coverage_of_day"),
        ("plan_steps_done", "2026-Q1", "53", "report.no_steps"),
        ("tppo_cases", "2026-Q4", "53", "report.other_period"),  # a year's is no quarter's
        ("deportations", "2026", "53", "report.other_period"),  # single events are no year
        ("tppo_cases", "2026", "53.04", "report.not_on_record"),
    ],
)
def test_what_is_not_on_record_stays_blank_and_says_why(
    measure: str, period: str, area: str, code: str
) -> None:
    row = filled(measure, period, area)
    assert row.done == ()
    assert code in {reason.code for reason in row.missing}


def whole() -> Report:
    tables = PlanTables(
        (
            indicator("2.1", "villages_visited", task_force="Pencegahan"),
            indicator("1.1", task_force="Rehabilitasi", target=None),
            indicator("2.2", task_force="Pencegahan"),
        ),
        (
            line("A", "2.1", 1_250_000_000, 1_000_000_000),
            line("B", "2.1", 50_000_000, None, area_code="53.04"),
            line("C", "9.9", 7_000_000, 8_000_000),
            line("D", "2.1", 1, 1, year=2025),
            line("E", "2.1", 1, 1, area_code="51"),
        ),
        (
            CalendarStep("53", 2027, "rkpd", "", "2026-06", "SK"),
            CalendarStep("53", 2027, "apbd", "", "2026-11-30", "SK"),
            CalendarStep("53", 2027, "kua_ppas", "", "2027-01", "SK"),
        ),
    )
    return task_force_report(tables, KNOWN, "53", period_of("2026-Q4"), day=DAY)


def test_sections_stand_in_the_order_of_the_plan_and_amounts_are_sums_of_its_lines() -> None:
    report = whole()
    assert [(section.name, [row.code for row in section.rows]) for section in report.sections] == [
        ("Pencegahan", ["2.1", "2.2"]), ("Rehabilitasi", ["1.1"]),
    ]  # fmt: skip
    row = report.sections[0].rows[0]
    assert (row.ceiling, row.spent) == (1_300_000_000, 1_000_000_000)
    assert [(r.code, r.params.get("count")) for r in row.missing] == [("report.spent_unknown", 1)]
    assert [line.code for line in report.unplanned] == ["C"]
    assert [note.params["codes"] for note in report.notes if note.code == "report.overspent"] == [
        ["C"]
    ]
    assert report.next_step is not None
    assert report.next_step.step == "apbd"  # that ends today
    alone = task_force_report(PlanTables(), KNOWN, "53.04", period_of("2026"), day=DAY)
    assert [m.code for m in alone.missing] == ["report.no_plan", "report.no_budget"]
    # In the words of the room of imports, in both languages, and no code of the program.
    for language in languages():
        for message, kind in zip(alone.missing, ("action_plan", "budget"), strict=True):
            said = message.in_language(language)
            assert text(f"import_kind.{kind}", language) in said
            assert f" {kind})" not in said
    assert alone.sections == ()


def test_the_later_version_holds_from_its_first_year_and_a_regency_goes_by_its_province() -> None:
    later = indicator("1.1", version="Revisi", first_year=2027, year=2027)
    tables = PlanTables((later, indicator("1.1"), indicator("1.1", year=2027)))
    versions = [
        task_force_report(tables, KNOWN, area, period_of(period), day=DAY)
        for area, period in (("53", "2026"), ("53", "2027-Q1"), ("53.04", "2027"))
    ]
    assert [report.version for report in versions] == ["RAD 2025-2029", "Revisi", "Revisi"]
    assert "report.plan_of_province" in {note.code for note in versions[2].notes}


@pytest.mark.parametrize("language", ["id", "en"])
def test_files_have_the_figures_and_blank_cells_and_run_no_formula(language: str) -> None:
    report = whole()
    evil = replace(report, sections=(
        replace(report.sections[0], name="=HYPERLINK(1)"), *report.sections[1:],
    ))  # fmt: skip
    content = report_document(evil, HEADING, language)
    assert content == report_document(evil, HEADING, language)
    paper = Document(io.BytesIO(content))
    section = paper.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert len(paper.tables) == 3
    head, first, _ = paper.tables[0].rows
    assert head._tr.xpath("w:trPr/w:tblHeader")
    cells = [cell.text for cell in first.cells]
    billions = {"id": "1.300.000.000", "en": "1,300,000,000"}[language]
    assert cells[:2] + cells[3:6] == ["2.1", "Indikator 2.1", "40", "2", billions]
    assert cells[8:] == ["", "", "DP3A"]
    assert paper.core_properties.identifier == HEADING.code
    assert "PAGE" in section.footer._element.xml
    book = openpyxl.load_workbook(io.BytesIO(report_book(evil, HEADING, language)))
    sheet = book.worksheets[0]
    values = [cell.value for cell in sheet[6]]
    assert values[:8] == [
        "=HYPERLINK(1)", "2.1", "Indikator 2.1", "desa", 40, 2, 1_300_000_000, 1_000_000_000,
    ]  # fmt: skip
    assert values[8:11] == [None, None, None]
    assert sheet["A6"].data_type == "s"
    assert book.worksheets[1]["B2"].value == "C"


def test_a_proposal_has_a_row_a_village_and_a_ceiling_only_from_a_unit_cost() -> None:
    tables = PlanTables(
        (indicator("2.1", "villages_visited"), indicator("2.2")),
        (
            line("A", "2.1", 9e8, None, unit_cost=15_000_000.0),
            line("A", "2.1", 9e7, None, unit_cost=12_000_000.0, area_code="53.04"),
            line("B", "2.2", 9e7, None),
        ),
    )
    made = proposal_of(tables, KNOWN, "53", period_of("2026-Q4"))
    assert [(row.code, row.area_code, row.target, row.ceiling) for row in made.rows] == [
        ("A", "53.01.22.2002", 1.0, 15_000_000.0),
        ("A", "53.04.01.2001", 1.0, 12_000_000.0),  # of the nearer line; the visited one is gone
    ]
    assert made.rows[1].places == ("Nusa Tenggara Timur", "Kabupaten Belu", "", "Desa 2001")
    given = proposal_of(tables, KNOWN, "53.04", period_of("2026-Q4"), unit_cost=10.0)
    assert [row.ceiling for row in given.rows] == [10.0]
    other = proposal_of(tables, KNOWN, "53", period_of("2026-Q4"), sub_activity="B")
    assert {row.ceiling for row in other.rows} == {None}
    assert "report.no_unit_cost" in {note.code for note in other.notes}
    with pytest.raises(InputError) as refused:
        proposal_of(tables, KNOWN, "53", period_of("2026-Q4"), sub_activity="X")
    assert refused.value.params["known"] == ["A", "B"]
    next_year = proposal_of(tables, KNOWN, "53", period_of("2027"))
    assert next_year.rows == ()
    assert {note.code for note in next_year.notes} == {"report.no_villages", "report.budget_of"}
    bare = proposal_of(PlanTables(), KNOWN, "53", period_of("2026-Q4"))
    assert [(row.code, row.ceiling) for row in bare.rows] == [("", None)] * 2
    lines = proposal_text(made, "id").splitlines()
    assert [len(cells.split("\t")) for cells in lines] == [13] * 3
    assert lines[1].split("\t")[10] == "15000000"
    evil = replace(made, rows=(replace(made.rows[0], name="=1+1"),))
    assert proposal_text(evil, "id").splitlines()[1].split("\t")[1] == "'=1+1"
    book = openpyxl.load_workbook(io.BytesIO(proposal_book(made, HEADING, "id")))
    assert book.worksheets[0]["K6"].value == 15_000_000


def test_rupiah_of_two_plans_with_like_codes_are_never_added() -> None:
    """A regency's own 1.1 is another thing than its province's; without one it is the same."""
    tables = PlanTables(
        (indicator("1.1"), indicator("1.1", area_code="53.04", version="RAD Belu")),
        (
            line("A", "1.1", 200.0, 100.0),
            line("B", "1.1", 50.0, 10.0, area_code="53.04"),
            line("C", "1.1", 7.0, 3.0, area_code="53.01"),
            line("D", "1.1", 5.0, 1.0, area_code="53.04.01"),
        ),
    )
    whole, own = (
        task_force_report(tables, KNOWN, area, period_of("2026"), day=DAY)
        for area in ("53", "53.04")
    )
    row = whole.sections[0].rows[0]
    assert (row.ceiling, row.spent) == (207.0, 103.0)
    assert [other.code for other in whole.unplanned] == ["B", "D"]
    said = next(note for note in whole.notes if note.code == "report.of_own_plans")
    assert said.params["count"] == 2
    assert "Kabupaten Belu" in said.in_language("id")
    row = own.sections[0].rows[0]
    assert (row.ceiling, row.spent, own.unplanned) == (55.0, 11.0, ())
    assert "report.of_own_plans" not in {note.code for note in own.notes}


@pytest.mark.parametrize(
    ("unit", "target", "ceiling"),
    [
        ("Desa/Kelurahan", 1.0, 100.0), ("kegiatan", 1.0, 100.0), ("orang", None, None),
        ("paket", None, None), ("", None, None), ("orang per desa", None, None),
    ],
)  # fmt: skip
def test_a_village_is_one_of_villages_and_not_one_person(
    unit: str, target: float | None, ceiling: float | None
) -> None:
    tables = PlanTables(
        (indicator("2.1", "villages_visited"),),
        (line("A", "2.1", 9e8, None, unit=unit, unit_cost=100.0),),
    )
    made = proposal_of(tables, KNOWN, "53.04", period_of("2026-Q4"))
    assert [(row.target, row.ceiling) for row in made.rows] == [(target, ceiling)]
    assert ("report.other_unit" in {note.code for note in made.notes}) == (target is None)
    assert "report.no_unit_cost" not in {note.code for note in made.notes}
    given = proposal_of(tables, KNOWN, "53.04", period_of("2026-Q4"), unit_cost=10.0)
    assert [(row.target, row.ceiling) for row in given.rows] == [(target, 10.0)]


def test_what_is_on_record_is_said_without_a_plan_too() -> None:
    """Who has imported nothing yet gets the counts of the year, not an empty page."""
    about = {"area_code": "53", "legal_class": "nonprocedural", "unit": "person"}
    known = Known(
        counts=[
            {**about, "measure": "interceptions", "year": 2018, "value": 1379, "period": None},
            {**about, "measure": "interceptions", "year": 2017, "value": 893, "period": None},
            {**about, "area_code": "53.71", "measure": "interceptions", "year": 2018, "value": 938,
             "period": "2018-01/2018-11"},
            {**about, "measure": "deaths_abroad", "year": 2018, "value": None, "period": None},
        ],
        visits=[("53.01.22.2001", "2018-03")],
    )  # fmt: skip
    report = task_force_report(PlanTables(), known, "53", period_of("2018"), day="2018-12-01")
    said = [line.in_language("en") for line in report.recorded]
    assert said == [
        "interceptions, person (non-procedural departure): 1,379 (2018)",
        "visits in the period: 1, in 1 villages",
    ]
    assert report.sections == ()


RAN = {"area_code": "ID", "version": "RAN 2025-2029", "office": "Kemen PPPA", "file": "ran.csv"}
LINE = {"area_code": "ID", "file": "dipa.csv"}


@pytest.mark.parametrize(
    ("measure", "period", "values"),
    [
        ("visits", "2026-Q4", [4]),  # NTT 3, Bali 1
        ("villages_visited", "2026-Q4", [3]),
        ("people_reached", "2026-Q4", [170]),  # 35 + 40 + 95
        ("plan_steps_done", "2026-Q4", [1]),
        ("villages_covered_share", "2026-Q4", [10.0]),  # (1 + 1) of (8 + 12), no mean of 12.5, 8.3
        ("tppo_cases", "2026", []),  # of a province alone: no sum of provinces is the country's
    ],
)
def test_what_the_national_plan_did_is_of_all_indonesia(
    measure: str, period: str, values: list[float]
) -> None:
    coverage = [
        *KNOWN.coverage,
        {"code": "53.04", "listed": 1, "villages": 4, "listed_share": 25.0},  # within NTT's
        {"code": "51", "listed": 1, "villages": 12, "listed_share": 8.3},
    ]
    known = replace(KNOWN, coverage=coverage)
    tables = PlanTables((indicator("1.1", measure, **RAN),))
    nation = national_report(tables, known, period_of(period), day=DAY).nation
    row = nation.sections[0].rows[0]
    assert [done.value for done in row.done] == values
    assert (row.target, row.office) == (40.0, "Kemen PPPA")
    of_no_count = "report.no_national_count" in {said.code for said in row.missing}
    assert of_no_count == (measure == "tppo_cases")


def national_tables() -> PlanTables:
    return PlanTables(
        (indicator("1.1", "villages_visited", **RAN), indicator("1.1", "visits")),
        (
            line("R", "1.1", 900.0, 400.0, **LINE),
            line("A", "1.1", 70.0, 30.0),
            line("B", "1.1", 5.0, 2.0, area_code="51"),
            line("S", "8.8", 11.0, None, **LINE),
        ),
    )


def test_the_national_plan_stands_in_for_no_province() -> None:
    """Its targets and rupiah are of Indonesia: a province without a plan has none, and says so."""
    known = replace(KNOWN, names={**KNOWN.names, "51": "Bali"})
    report = national_report(national_tables(), known, period_of("2026-Q4"), day=DAY)
    row = report.nation.sections[0].rows[0]
    assert (row.target, row.ceiling, row.spent) == (40.0, 900.0, 400.0)
    assert [done.value for done in row.done] == [3]
    assert [other.code for other in report.nation.unplanned] == ["S"]
    assert report.nation.missing == ()
    bali, ntt = report.reports
    assert (bali.version, bali.sections) == ("", ())
    assert [said.code for said in bali.missing] == ["report.no_plan"]
    for language, words in (("en", "does not stand in"), ("id", "tidak menggantikannya")):
        assert words in bali.missing[0].in_language(language)
    assert (ntt.version, ntt.sections[0].rows[0].ceiling) == ("RAD 2025-2029", 70.0)
    assert [(row.province, row.version, row.ceiling) for row in report.standings] == [
        ("Bali", "", 5.0), ("Nusa Tenggara Timur", "RAD 2025-2029", 70.0),
    ]  # fmt: skip
    assert report.document()["nation"]["sections"][0]["rows"][0]["target"] == 40.0
    without = national_report(PlanTables(), known, period_of("2026"), day=DAY)
    assert [said.code for said in without.nation.missing] == ["report.no_national_plan"]
    assert without.nation_line is None
    budget = PlanTables((), (line("R", "1.1", 900.0, 400.0, **LINE),))
    alone = national_report(budget, known, period_of("2026"), day=DAY).nation
    assert [other.code for other in alone.unplanned] == ["R"], "not lost without a plan"


@pytest.mark.parametrize(
    ("language", "sheet", "none"),
    [("id", "Rencana nasional", "belum punya rencana sendiri"),
     ("en", "National plan", "no plan of its own")],
)  # fmt: skip
def test_files_have_the_national_plan_above_the_provinces(
    language: str, sheet: str, none: str
) -> None:
    known = replace(KNOWN, names={**KNOWN.names, "51": "Bali"})
    report = national_report(national_tables(), known, period_of("2026-Q4"), day=DAY)
    paper = Document(io.BytesIO(national_document(report, HEADING, language)))
    own, beside, parts, standings = paper.tables
    assert [cell.text for cell in own.rows[1].cells][:7] == [
        "1.1", "Indikator 1.1", "desa", "40", "3", "900", "400",
    ]  # fmt: skip
    assert own.rows[1].cells[10].text == "Kemen PPPA"
    assert beside.rows[1].cells[1].text == "S"
    assert parts.rows[1].cells[1].text == "RAD 2025-2029"
    assert [cell.text for cell in standings.rows[1].cells][:2] == ["Bali", none]
    said = [paragraph.text for paragraph in paper.paragraphs]
    assert any("RAN 2025-2029" in line for line in said)
    book = openpyxl.load_workbook(io.BytesIO(national_book(report, HEADING, language)))
    assert book.sheetnames[0] == sheet
    assert [cell.value for cell in book[sheet][6]][1:8] == [
        "1.1", "Indikator 1.1", "desa", 40, 3, 900, 400,
    ]  # fmt: skip
    assert book[text("sheet.provinces", language)]["B2"].value == none
    bare = national_report(PlanTables(), known, period_of("2026"), day=DAY)
    book = openpyxl.load_workbook(io.BytesIO(national_book(bare, HEADING, language)))
    assert sheet not in book.sheetnames
