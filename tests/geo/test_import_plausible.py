"""Checks of plausibility: impossible legs, other units, misspellings, years to come."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from geo.imports.kinds import kind_named
from geo.imports.numbers import CellError
from geo.imports.options import Options
from geo.imports.plausible import check_indicator, check_leg
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.rows import normalise
from geo.imports.sheet import Sheet
from geo.modes import MODES
from geo.paths import DATA

KNOWN = ReferenceData()
YET_TO_COME = datetime.now(tz=UTC).year + 2  # whatever the zone


def tried(
    kind: str, headings: str, *lines: str, new: tuple[str, ...] = ()
) -> tuple[Report, list[dict[str, str]]]:
    """Read rows in this process."""
    cells = [line.split(",") for line in lines]
    sheet = Sheet(
        headings=headings.split(","),
        rows=cells,
        positions=list(range(2, 2 + len(cells))),
        format="CSV",
        unit="line",
    )
    report = Report(kind=kind, file="a.csv")
    return report, normalise(
        sheet, kind_named(kind), KNOWN, report, options=Options(new_measures=new)
    )


def leg(hours: str, mode: str = "ferry") -> Report:
    return tried("legs", "from_id,to_id,mode,hours", f"tenau,larantuka,{mode},{hours}")[0]


def test_a_leg_faster_than_its_mode_is_refused_with_the_figures() -> None:
    report = leg("0.01")
    (issue,) = report.issues
    assert (report.accepted, issue.column, issue.outcome) == (0, "hours", "refused")
    assert issue.message.in_language("en").startswith("214 km in 0.01 hours is 214")
    assert "ferry reaches at most 40 km/h, so at least 5.4 hours" in str(issue.message)
    assert "ferry paling cepat 40 km/jam, jadi paling sedikit 5,4 jam" in (
        issue.message.in_language("id")
    )
    assert leg("12.5").accepted == 1
    assert leg("0.5", "air").accepted == 1
    assert leg("0.1", "air").refused == 1


def test_the_limit_of_a_mode_is_its_own() -> None:
    for slug, mode in MODES.items():
        check_leg(slug, 2.0, straight_km=1.99 * mode.fastest_kmh)
        with pytest.raises(CellError, match=f"{slug} reaches at most"):
            check_leg(slug, 2.0, straight_km=2.01 * mode.fastest_kmh)


INDICATORS = "area_code,indicator,year,value,unit,source"


@pytest.mark.parametrize(
    ("slug", "value", "unit", "column", "says"),
    [
        ("poverty_rate", "24.68", "persons", "unit", "poverty_rate is in percent, not in 'persons"),
        ("poverty_rate", "0.2468", "percent", "value", "1 to 100 percent.*a share of 1"),
        ("poverty_rate", "-3", "percent", "value", "-3 is not a percentage"),
        ("hdi", "0.65", "index", "value", "hdi runs from 20 to 100 index; 0.65.*share of 1"),
        ("population", "12.5", "persons", "value", "not a whole number"),
        ("poverty_rat", "24.68", "percent", "indicator", "did you mean poverty_rate"),
        ("povrety_rate", "24.68", "percent", "indicator", "did you mean poverty_rate"),
    ],
)
def test_an_indicator_of_another_unit_scale_or_spelling_is_refused(
    slug: str, value: str, unit: str, column: str, says: str
) -> None:
    report, _ = tried("indicators", INDICATORS, f"53.02,{slug},2023,{value},{unit},BPS")
    (issue,) = report.issues
    assert (report.refused, issue.column) == (1, column)
    with pytest.raises(CellError, match=says):
        check_indicator(slug, float(value), unit, units=KNOWN.units, note=lambda *_: None)


def test_other_words_for_a_unit_and_a_slug_are_put_right() -> None:
    _, rows = tried(
        *("indicators", INDICATORS, "53.02,Poverty_Rate,2023,21.5,Persen,BPS"),
        *("53.02,population,2023,450000,jiwa,BPS", "53.02,hdi,2023,65.2,indeks,BPS"),
    )
    units = [(row["indicator"], row["unit"]) for row in rows]
    assert units == [("poverty_rate", "percent"), ("population", "persons"), ("hdi", "index")]


def test_an_indicator_of_ones_own_is_taken_and_noted() -> None:
    """Another series or another indicator with a like name is no slip."""
    slugs = ("hdi_sp2020", "gdi", "underemployment_rate", "wasting_rate", "road_rate")
    report, _ = tried(
        *("indicators", INDICATORS, *(f"53.02,{slug},2023,50,percent,BPS" for slug in slugs)),
        new=slugs,
    )
    assert (report.accepted, report.refused, report.repaired) == (5, 0, 0)
    assert any(
        "hdi_sp2020 is not in the index; nearest: hdi_sp2010" in str(n) for n in report.notes
    )


def test_an_indicator_of_ones_own_needs_a_yes() -> None:
    report, rows = tried("indicators", INDICATORS, "53.02,road_rate,2023,50,percent,BPS")
    assert rows == []
    (issue,) = report.issues
    assert issue.message.code.startswith("cell.indicator_new")
    assert "--new-measure road_rate" in str(issue.message)


def test_notes_on_a_file_are_not_without_end() -> None:
    lines = [f"53.02,own{k}x{k * 7919},2023,1,things,BPS" for k in range(200)]
    new = tuple(line.split(",")[1] for line in lines)
    report, _ = tried("indicators", INDICATORS, *lines, new=new)
    assert report.accepted == 200
    assert len(report.notes) <= 22


def test_the_embedded_indicators_pass() -> None:
    with (DATA / "indicators.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            given = (row["indicator"], float(row["value"]), row["unit"])
            kept = check_indicator(*given, units=KNOWN.units, note=lambda *_: None)
            assert kept == (row["indicator"], row["unit"])


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        (f"53.71,{YET_TO_COME},,persons_stopped,4", "year", f"{YET_TO_COME} is in the future"),
        (f"53.71,2024,{YET_TO_COME}-01,persons_stopped,4", "period", "in the future"),
        ("53.71,2024,,nonsense,4", "measure", "no measure 'nonsense'"),
        ("53.71,2024,,person_stopped,4", "measure", "nearest: persons_stopped; use one of"),
    ],
)
def test_counts_of_the_future_or_of_nothing_known(line: str, column: str, says: str) -> None:
    report, _ = tried("counts", "place_code,year,period,measure,value", line)
    (issue,) = report.issues
    assert (report.refused, issue.column) == (1, column)
    assert says in str(issue.message)


def test_the_kind_of_a_count_is_known_too() -> None:
    headings = "place_code,year,measure,kind,value"
    report, rows = tried(
        *("counts", headings, "53,2024,prevented,,4", "53,2025,persons_stopped,nonsense,4")
    )
    assert [row["kind"] for row in rows] == ["total"]
    assert [issue.column for issue in report.issues] == ["kind"]


def test_indicators_and_outreach_of_the_future_are_refused() -> None:
    line = f"53.02,poverty_rate,{YET_TO_COME},20,percent,BPS"
    assert tried("indicators", INDICATORS, line)[0].refused == 1
    line = f"53.02.01.1001,Rumah Perempuan,{YET_TO_COME}"
    assert tried("outreach", "area_code,organisation,year", line)[0].refused == 1
    line = f"53.02.01.1001,Rumah Perempuan,{YET_TO_COME}-01"
    assert tried("outreach", "area_code,organisation,month", line)[0].refused == 1


@pytest.mark.parametrize(
    ("year", "month", "kept"),
    [
        ("", "2024-07", ("2024", "2024-07")),
        ("2024", "7", ("2024", "2024-07")),
        ("2024", "Juli", ("2024", "2024-07")),
        ("", "Jul-24", ("2024", "2024-07")),
        ("", "07/2024", ("2024", "2024-07")),
        ("", "202407", ("2024", "2024-07")),
        ("2024", "", ("2024", "")),
    ],
)
def test_the_month_of_a_visit_is_optional_and_read_as_offices_write_it(
    year: str, month: str, kept: tuple[str, str]
) -> None:
    line = f"53.02.01.1001,Rumah Perempuan,{year},{month},35"
    _, rows = tried("outreach", "kode,lembaga,tahun,bulan,jumlah peserta", line)
    assert [(row["year"], row["month"], row["people"]) for row in rows] == [(*kept, "35")]


@pytest.mark.parametrize(
    ("year", "month", "people", "code"),
    [
        ("2024", "2024-07-15", "35", "cell.day_for_month"),
        ("2024", "15/7/2024", "35", "cell.day_for_month"),
        ("2024", "45488", "35", "cell.day_for_month"),
        ("2023", "2024-07", "35", "cell.other_year"),
        ("2024", "13", "35", "cell.not_month"),
        ("2024", "2024-Q3", "35", "cell.not_month"),
        ("", "07", "35", "cell.empty"),
        ("", "", "35", "cell.empty"),
        ("2024", "2024-07", "3.5", "cell.not_whole"),
        ("2024", "2024-07", "-3", "cell.negative"),
    ],
)
def test_a_visit_has_no_day_and_whole_people(year: str, month: str, people: str, code: str) -> None:
    line = f"53.02.01.1001,Rumah Perempuan,{year},{month},{people}"
    report, rows = tried("outreach", "area_code,organisation,year,month,people", line)
    assert rows == []
    (issue,) = report.issues
    assert issue.message.code == code
    if code == "cell.day_for_month":
        assert "2024-07" in str(issue.message)


def test_two_months_of_a_year_are_two_visits_and_one_month_is_one() -> None:
    head = "area_code,organisation,month,people"
    lines = [f"53.02.01.1001,Rumah Perempuan,2024-{month},9" for month in ("03", "07", "07")]
    report, rows = tried("outreach", head, *lines)
    assert [row["month"] for row in rows] == ["2024-03", "2024-07"]
    assert [issue.message.code for issue in report.issues] == ["cell.duplicate"]
