"""Numbers as offices write them: thousands and decimals, marks, gaps, dates."""

from __future__ import annotations

import pytest

from geo.imports.kinds import kind_named
from geo.imports.numbers import CellError, Separators, Typed, is_missing, read_number
from geo.imports.options import Options
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.rows import normalise
from geo.imports.sheet import Sheet

KNOWN = ReferenceData()


def tried(kind: str, headings: str, *lines: str, decimal: str = "") -> tuple[Report, list[dict]]:
    """Read rows whose cells are separated by semicolons."""
    cells = [line.split(";") for line in lines]
    positions = list(range(2, 2 + len(cells)))
    sheet = Sheet("CSV", "line", headings.split(";"), cells, positions)
    report = Report(kind=kind, file="a.csv")
    return report, normalise(
        sheet, kind_named(kind), KNOWN, report, options=Options(decimal=decimal)
    )


def outcomes(report: Report) -> dict[tuple[int, str], str]:
    return {
        (issue.line, issue.outcome): issue.message.code
        for issue in report.issues
        if issue.outcome != "repaired"
    }


VILLAGES = ("53.02.01.1001;SoE", "53.02.01.1002;Cendana", "53.02.02.2001;Biloto")


def villages(*populations: str, decimal: str = "") -> tuple[Report, list[str]]:
    rows = [f"{v};-9.86071;124.28395;{p}" for v, p in zip(VILLAGES, populations, strict=False)]
    report, read = tried("places", "code;name;lat;lon;population", *rows, decimal=decimal)
    return report, [row["population"] for row in read]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("40.000", "3.000", "2.150"), ["40000", "3000", "2150"]),
        (("40,000", "3,100", "900"), ["40000", "3100", "900"]),
        (("40 000", "3\u202f100", "1 240"), ["40000", "3100", "1240"]),
        (("40190.0", "3000", "2.0"), ["40190", "3000", "2"]),
        (("40.190,00", "3.000,00", "-"), ["40190", "3000", ""]),
        (("40.190 jiwa", "3.000 *)", "..."), ["40190", "3000", ""]),
    ],
)
def test_persons_are_whole_so_a_separator_before_three_digits_is_of_thousands(
    cells: tuple[str, ...], values: list[str]
) -> None:
    report, read = villages(*cells)
    assert read == values, report.issues


def test_the_convention_is_said_in_the_report() -> None:
    report, _ = villages("40.000", "3.000")
    said = [str(note) for note in report.notes if note.code == "import_note.thousands"]
    assert len(said) == 1
    assert "'40.000' is read as 40000" in said[0]


def test_two_conventions_in_whole_numbers_are_ambiguous() -> None:
    report, read = villages("40.000", "3,100", "12")
    assert read == ["12"]
    assert outcomes(report) == {
        (2, "refused"): "cell.ambiguous_number",
        (3, "refused"): "cell.ambiguous_number",
    }
    message = str(report.issues[0].message)
    assert "40000 or 40.000" in message
    assert villages("40.000", "3,100", decimal=",")[1] == ["40000"]


LEGS = "from_id;to_id;mode;hours;fare_idr;length_km"


def test_columns_that_decide_settle_those_that_do_not() -> None:
    report, rows = tried("legs", LEGS, "tenau;larantuka;ferry;12,5;250.000;1.250")
    assert [rows[0][name] for name in ("hours", "fare_idr", "length_km")] == [
        "12.5", "250000", "1250.0",
    ]  # fmt: skip
    doubt = next(note for note in report.notes if note.code == "import_note.length_doubtful")
    assert doubt.params["length_km"] == 1250.0
    assert 200 < doubt.params["distance_km"] < 300
    report, rows = tried("legs", LEGS, "tenau;larantuka;ferry;12.5;250.000;1.250")
    assert rows == []  # a point for both: nobody knows what 1.250 is
    assert outcomes(report) == {(2, "refused"): "cell.ambiguous_number"}
    assert report.issues[-1].column == "length_km"


INDICATORS = "area_code;indicator;year;value;unit;source"


def test_a_missing_value_is_left_out_and_a_mark_kept_in_the_note() -> None:
    cells = ("-", "...", "NA", "24,68*", "24.68 r", "24.68 %")
    lines = [f"53.0{k};poverty_rate;2024;{c};percent;BPS" for k, c in enumerate(cells, start=2)]
    report, rows = tried("indicators", INDICATORS, *lines)
    assert (report.read, report.accepted, report.left_out, report.refused) == (6, 3, 3, 0)
    assert {row["value"] for row in rows} == {"24.68"}
    assert [row["note"] for row in rows] == ["24,68*", "24.68 r", "24.68 %"]
    assert set(outcomes(report).values()) == {"cell.missing"}


def test_the_unit_of_a_row_says_whether_its_value_is_whole() -> None:
    lines = (
        "53.02;number_of_poor;2024;118.640;persons;BPS",
        "53.03;poverty_rate;2024;21,850;percent;BPS",
    )
    _, rows = tried("indicators", INDICATORS, *lines)
    assert [row["value"] for row in rows] == ["118640.0", "21.85"]
    # a share above 100 is none, so without any other cell 14.250 percent can only be 14.25
    _, rows = tried("indicators", INDICATORS, "53.04;poverty_rate;2024;14.250;percent;BPS")
    assert [row["value"] for row in rows] == ["14.25"]


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_an_error_of_a_formula_is_one_of_its_cell(text: str) -> None:
    report, read = villages("40190", text)
    assert read == ["40190"]
    assert outcomes(report) == {(3, "refused"): "cell.formula_error"}


@pytest.mark.parametrize("text", ["nan", "null", "-"])
def test_a_place_without_a_name_is_refused(text: str) -> None:
    line = f"53.02.01.1001;{text};-9.86;124.28;4"
    report, rows = tried("places", "code;name;lat;lon;population", line)
    assert rows == []
    assert outcomes(report) == {(2, "refused"): "cell.empty"}


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("15 Juli 2023", "2023-07-15"),
        ("2023-07-15T00:00:00Z", "2023-07-15"),
        ("2023-07-15 08:30:00", "2023-07-15"),
        ("15/07/23", "2023-07-15"),
        ("07/15/2023", "2023-07-15"),
        ("45122", "2023-07-15"),
        ("Juli 2023", "2023-07"),
        ("31-Des-24", "2024-12-31"),
        ("", ""),
        ("2023-02-30", None),
        ("31/02/2023", None),
        ("15 Foo 2023", None),
    ],
)
def test_dates(written: str, iso: str | None) -> None:
    line = f"53.02;poverty_rate;2024;20;percent;s;{written}"
    report, rows = tried("indicators", f"{INDICATORS};as_of", line)
    assert [row["as_of"] for row in rows] == ([] if iso is None else [iso])
    if iso is None:
        assert outcomes(report) == {(2, "refused"): "cell.not_date"}


@pytest.mark.parametrize(
    ("written", "year"),
    [
        *(("2024", "2024"), ("2024.0", "2024"), ("1/1/2024", "2024"), ("31-Des-24", "2024")),
        *(("2023/2024", None), ("24", None), ("2.024", None), ("2023-01/2023-06", None)),
    ],
)
def test_years(written: str, year: str | None) -> None:
    report, rows = tried("indicators", INDICATORS, f"53.02;poverty_rate;{written};20;percent;s")
    assert [row["year"] for row in rows] == ([] if year is None else [year])
    assert set(outcomes(report).values()) == (set() if year else {"cell.not_year"})


def test_a_number_of_the_file_itself_has_a_decimal_point() -> None:
    separators = Separators.of([("12,5", False)])
    assert read_number(Typed("1.250"), separators).value == 1.25
    assert read_number("1.250", separators).value == 1250.0
    assert read_number(Typed("40.0"), whole=True).value == 40.0


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "1.23.456", "12a", "--5", "1_000", "5 jiwa"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        read_number(text)


@pytest.mark.parametrize("text", ["0", "x", "1", "Nagekeo"])
def test_a_value_is_not_missing(text: str) -> None:
    assert not is_missing(text)
