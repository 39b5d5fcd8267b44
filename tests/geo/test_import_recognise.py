"""Tables as offices make them: titles, headings of several rows, totals, years as columns."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import DataFileError
from geo.imports.areas import AreaReader, province_in
from geo.imports.headings import Vocabulary, shape_of
from geo.imports.kinds import kind_named
from geo.imports.numbers import CellError
from geo.imports.options import Options
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.rows import normalise
from geo.imports.service import dry_run
from geo.imports.sheet import Sheet
from geo.imports.words import EXPLOITATION_FORMS, measure_of
from geo.paths import Home

KNOWN = ReferenceData()
Rows = list[dict[str, Any]]


def grid(*lines: str, **more: Any) -> Sheet:
    """A sheet of lines whose cells are separated by semicolons, as a reader gives it."""
    rows = [[cell.strip() for cell in line.split(";")] for line in lines]
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    return Sheet("CSV", "line", [], rows, list(range(1, len(rows) + 1)), **more)


def read(kind: str, sheet: Sheet, *mapped: str, **decided: Any) -> tuple[Report, Rows]:
    report = Report(kind=kind, file="a.csv")
    remembered = decided.pop("remembered", {})
    options = Options.of(mapped, **decided)
    options = Options(**{**vars(options), "remembered": remembered})
    return report, normalise(sheet, kind_named(kind), KNOWN, report, options=options)


def values(rows: Rows, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def left_out(report: Report) -> list[tuple[int, str]]:
    return [(i.line, i.message.code) for i in report.issues if i.outcome == "left_out"]


REGENCIES = ("Kab. Kupang", "Kab. TTS", "Kab. TTU", "Kota Kupang")


def yearly_sheets() -> Sheet:
    """Two sheets of a workbook, with a title, two rows of headings, a total and a signature."""
    lines = []
    for year in ("2023", "2024"):
        lines += [
            f"{year};PEMERINTAH PROVINSI NUSA TENGGARA TIMUR",
            f"{year};DINAS PEMBERDAYAAN PEREMPUAN DAN PERLINDUNGAN ANAK",
            f"{year};REKAPITULASI KORBAN TPPO MENURUT KABUPATEN/KOTA TAHUN {year}",
            f"{year};No;Kabupaten/Kota;Jumlah Kasus;Korban;;;Anak;;Ket.",
            f"{year};;;;L;P;Jumlah;L;P;",
            f"{year};(1);(2);(3);(4);(5);(6);(7);(8);(9)",
            *(f"{year};{k};{name};2;{k};3;{k + 3};0;-;" for k, name in enumerate(REGENCIES, 1)),
            f"{year};JUMLAH;;=SUM(C7:C10);=SUM(D7:D10);=SUM(E7:E10);=SUM(F7:F10);=SUM(G7:G10);0;",
            f"{year};Sumber: SIMFONI-PPA, 5 Januari 2025",
            f"{year};;;;;;;;Kupang, 10 Januari 2025",
        ]
    sheet = grid(*lines, paged=True)
    return Sheet(**{**vars(sheet), "format": "XLSX", "unit": "row"})


def test_yearly_sheets_of_cases_and_victims() -> None:
    report, rows = read("counts", yearly_sheets())
    assert report.refused == 0
    assert len(rows) == 2 * 4 * 5  # girls are missing everywhere
    first = {row["measure"]: row["value"] for row in rows if row["place_code"] == "53.01"}
    assert first == {
        "tppo_cases": "2", "victims_male": "1", "victims_female": "3", "tppo_victims": "4",
        "child_victims_male": "0",
    }  # fmt: skip
    assert {row["place_code"] for row in rows} == {"53.01", "53.02", "53.03", "53.71"}
    assert {row["year"] for row in rows} == {"2023", "2024"}
    assert {row["legal_class"] for row in rows} == {"tppo"}
    assert {row["source"] for row in rows} == {"SIMFONI-PPA, 5 Januari 2025"}
    units = dict(values(rows, "measure", "unit"))
    assert (units["tppo_cases"], units["victims_male"]) == ("case", "person")
    codes = [code for _, code in left_out(report)]
    assert codes.count("row.total") == 2
    assert codes.count("row.footer") == 4
    assert codes.count("cell.missing") == 8
    assert report.read == report.accepted + report.refused + report.left_out
    assert [c["series"] for c in report.columns if c["series"]] == [
        "tppo_cases", "victims_male", "victims_female", "tppo_victims", "child_victims_male",
        "child_victims_female",
    ]  # fmt: skip
    assert len(report.preview) == 5


def test_cases_that_may_be_of_violence_are_never_taken_for_trafficking() -> None:
    """The same columns under a title on violence, or none: refused, with what they may be."""
    sheet = yearly_sheets()
    for row in sheet.rows:
        row[1] = row[1].replace("KORBAN TPPO", "KORBAN KEKERASAN TERHADAP ANAK")
    with pytest.raises(DataFileError, match=r"Korban L \(victims_male\?\)"):
        read("counts", sheet)
    report, rows = read("counts", sheet, "legal_class=tppo")
    assert len(rows) == 40
    assert report.mapping == {"legal_class": "tppo"}


PREVENTED = (
    "BALAI PELAYANAN PELINDUNGAN PEKERJA MIGRAN INDONESIA (BP3MI) NTT",
    "DATA CPMI NON PROSEDURAL YANG DICEGAH MENURUT KABUPATEN ASAL TAHUN 2023 - 2024",
    "No;Kabupaten Asal;2023;2024;Jumlah;%",
    "1;Kupang;1.200;38;1.238;40,12",
    "2;Flotim;60;-;60;2,01",
    "3;SBD;26;4;30;1,00",
    "4;Kota Kupang;8;21;29;0,97",
    "JUMLAH;;1.294;63;1.357;100,00",
    "Sumber: BP3MI NTT (diolah)",
)


def test_years_as_columns_under_a_title_that_names_the_measure() -> None:
    report, rows = read("counts", grid(*PREVENTED))
    assert {row["measure"] for row in rows} == {"prevented_by_home_regency"}
    assert {row["legal_class"] for row in rows} == {"nonprocedural"}
    assert values(rows, "place_code", "year", "value") == [
        ("53.01", "2023", "1200"), ("53.01", "2024", "38"), ("53.06", "2023", "60"),
        ("53.18", "2023", "26"), ("53.18", "2024", "4"), ("53.71", "2023", "8"),
        ("53.71", "2024", "21"),
    ]  # fmt: skip
    assert left_out(report) == [(8, "row.total"), (9, "row.footer"), (5, "cell.missing")]
    reasons = {c["heading"]: c["reason"] for c in report.columns}
    assert (reasons["No"], reasons["Jumlah"], reasons["%"]) == ("numbering", "sum", "share")


def test_a_measure_that_no_title_names_is_stated_once_and_remembered() -> None:
    lines = (PREVENTED[2], *PREVENTED[3:7])
    with pytest.raises(DataFileError, match="lacks the column measure"):
        read("counts", grid(*lines))
    report, rows = read("counts", grid(*lines), "measure=prevented")
    assert {row["measure"] for row in rows} == {"prevented"}
    next_year = (lines[0].replace("2023", "2025"), *lines[1:])
    later, rows = read("counts", grid(*next_year), remembered={report.shape: report.mapping})
    assert {row["measure"] for row in rows} == {"prevented"}
    assert "2025" in {row["year"] for row in rows}
    assert "measure = prevented" in str(
        next(note for note in later.notes if note.code == "import_note.remembered")
    )


def test_a_total_is_known_by_its_sum() -> None:
    lines = (*PREVENTED[:7], "5;NUSA TENGGARA TIMUR;1.294;63;1.357;100,00")
    report, rows = read("counts", grid(*lines))
    assert (8, "row.sum") in left_out(report)
    assert "53" not in {row["place_code"] for row in rows}
    lines = (*PREVENTED[:7], "5;NUSA TENGGARA TIMUR;1.295;63;1.358;100,00")
    _, rows = read("counts", grid(*lines))  # another number is the province's own
    assert ("53", "2023", "1295") in values(rows, "place_code", "year", "value")


WIDE_POVERTY = (
    "Kabupaten/Kota;Persentase Penduduk Miskin (Persen);;",
    ";2022;2023;2024",
    "Kupang;22.7;22.4;21.8",
    "Kota Kupang;8.6;8.6;...",
)


def test_a_table_of_an_indicator_by_year() -> None:
    with pytest.raises(DataFileError, match="lacks the column source"):
        read("indicators", grid(*WIDE_POVERTY))
    report, rows = read("indicators", grid(*WIDE_POVERTY), "source=BPS, Susenas")
    assert values(rows, "area_code", "indicator", "year", "value", "unit", "source")[0] == (
        "53.01", "poverty_rate", "2022", "22.7", "percent", "BPS, Susenas",
    )  # fmt: skip
    assert len(rows) == 5
    assert (report.left_out, report.refused) == (1, 0)


def test_indicators_as_columns_with_the_year_in_the_title() -> None:
    report, rows = read(
        "indicators",
        grid(
            "Tabel 4.1 Penduduk dan Kemiskinan Provinsi NTT, 2024",
            "Wilayah;Penduduk (jiwa);Persentase Penduduk Miskin (%)",
            "Timor Tengah Selatan;455.410;24,68",
            "Belu;217.973;14,01 r",
            "Sumber: BPS, Susenas Maret 2024",
        ),
    )
    assert report.refused == 0
    assert values(rows, "area_code", "indicator", "year", "value", "unit") == [
        ("53.02", "population", "2024", "455410.0", "persons"),
        ("53.02", "poverty_rate", "2024", "24.68", "percent"),
        ("53.04", "population", "2024", "217973.0", "persons"),
        ("53.04", "poverty_rate", "2024", "14.01", "percent"),
    ]
    assert rows[3]["note"] == "14,01 r"
    assert {row["source"] for row in rows} == {"BPS, Susenas Maret 2024"}


KOBO = (
    "start;end;lokasi/kode_desa;lokasi/nama_desa;_lokasi_gps_latitude;_lokasi_gps_longitude;"
    "layanan;layanan/posko;_id;_uuid;_submission_time;__version__;_index",
    "2024-07-15T08:30:00;2024-07-15T08:41:00;53.02.01.1001;SoE;-9.86071;124.28395;"
    "posko sosialisasi;1;1;aa;2024-07-15T00:41:10;v1;1",
)


def test_an_export_of_kobo() -> None:
    with pytest.raises(DataFileError, match=r"layanan, layanan/posko.*=ignore"):
        read("places", grid(*KOBO))
    report, rows = read("places", grid(*KOBO), "layanan=ignore")
    assert values(rows, "code", "name", "lat") == [("53.02.01.1001", "SoE", "-9.86071")]
    reasons = {column["heading"]: column["reason"] for column in report.columns}
    technical = {heading for heading, reason in reasons.items() if reason == "technical"}
    assert technical == {
        "start", "end", "_id", "_uuid", "_submission_time", "__version__", "_index",
    }  # fmt: skip


def test_an_export_of_dhis2() -> None:
    _, rows = read(
        "counts",
        grid(
            "dataelement;period;orgunit;categoryoptioncombo;attributeoptioncombo;value;storedby;"
            "lastupdated;comment;followup",
            "persons_stopped;202407;53.02;HllvX50cXC0;HllvX50cXC0;12;admin;2024-08-01;;false",
            "persons_stopped;2024Q3;53.03;HllvX50cXC0;HllvX50cXC0;3;admin;2024-08-01;;false",
        ),
    )
    assert values(rows, "place_code", "year", "period", "value") == [
        ("53.02", "2024", "2024-07", "12"), ("53.03", "2024", "2024-Q3", "3"),
    ]  # fmt: skip


def test_tags_without_headings() -> None:
    tags = "#adm2+code;#indicator+code;#date+year;#indicator+value;#value+unit;#meta+source"
    _, rows = read("indicators", grid(tags, "53.02;poverty_rate;2024;24,68;percent;BPS"))
    assert values(rows, "area_code", "value") == [("53.02", "24.68")]


def features(kind: str, headings: list[str], *rows: tuple[list[str], Any]) -> tuple[Report, Rows]:
    cells = [list(row) for row, _ in rows]
    shapes = [shapely.to_wkb(shape) for _, shape in rows]
    sheet = Sheet("GeoJSON", "feature", headings, cells, list(range(1, len(rows) + 1)), shapes)
    return read(kind, sheet)


TTS = shapely.box(123.9, -10.2, 124.9, -9.3)
SOE = shapely.Point(124.28395, -9.86071)


def test_field_names_of_big_and_cut_to_ten_characters() -> None:
    _, rows = features(
        "boundaries",
        ["KDPPUM", "KDPKAB", "WADMKK", "WADMPR", "SHAPE_Leng"],
        (["53", "53.02", "Timor Tengah Selatan", "Nusa Tenggara Timur", "1.2"], TTS),
    )
    assert values(rows, "code", "name") == [("53.02", "Kabupaten Timor Tengah Selatan")]
    _, rows = features(
        "places",
        ["kode_wilay", "nama_desa", "jumlah_pen", "nama_kabup"],
        (["53.02.01.1001", "SoE", "40190", "TTS"], SOE),
    )
    assert values(rows, "code", "population") == [("53.02.01.1001", "40190")]


@pytest.mark.parametrize(
    ("kind", "code", "name", "shape", "problem"),
    [
        ("boundaries", "53.02", "TTS", shapely.box(104, 0, 105, 1), "cell.seat_outside"),
        (
            "boundaries",
            "53.02.01",
            "Kota Soe",
            shapely.box(104, 0, 104.1, 0.1),
            "cell.outside_area",
        ),
        ("places", "53.02.01.1001", "SoE", shapely.Point(119.9, -9.6), "cell.outside_area"),
        ("places", "53.02.01.1001", "SoE", shapely.Point(124.9, -9.5), "cell.outside_area"),
        ("places", "53.02.01.1001", "SoE", SOE, ""),
        ("boundaries", "53.02", "TTS", TTS, ""),
    ],
)
def test_a_place_lies_in_its_area(
    kind: str, code: str, name: str, shape: Any, problem: str
) -> None:
    report, rows = features(kind, ["code", "name"], ([code, name], shape))
    assert [issue.message.code for issue in report.issues] == ([problem] if problem else [])
    assert len(rows) == (not problem)


def test_the_embedded_villages_lie_in_their_areas() -> None:
    """The tolerance of the outlines lets every known place pass."""
    villages = dict(itertools.islice(KNOWN._middles("villages").items(), 0, None, 37))
    outside = [code for code, point in villages.items() if KNOWN.km_outside(code, *point)]
    assert len(villages) > 2000
    assert len(outside) <= len(villages) / 1000


@pytest.mark.slow
def test_a_file_of_thousands_of_villages_is_read_in_its_time(tmp_path: Path) -> None:
    middles = KNOWN._middles("villages")
    path = tmp_path / "desa.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["code", "name", "lat", "lon", "population"])
        for code, point in itertools.islice(middles.items(), 12_000):
            writer.writerow([code, KNOWN.areas[code], *point, 100])
    report = dry_run(path, "places", Home.resolve(tmp_path / "home"))
    assert (report.accepted, report.refused) == (12_000, 0)


# -- codes against names ---------------------------------------------------------------------------

BPS_ROWS = (("53.03", "Kabupaten Kupang"), ("53.04", "TTS"), ("53.05", "Timor Tengah Utara"))
HEAD = "kode;nama;indicator;year;value;unit;source"


def coded(*rows: tuple[str, str], **decided: Any) -> tuple[Report, Rows]:
    lines = [f"{code};{name};poverty_rate;2024;20;percent;BPS" for code, name in rows]
    return read("indicators", grid(HEAD, *lines), **decided)


def test_bps_codes_with_dots_are_refused_with_the_reading_that_fits() -> None:
    with pytest.raises(DataFileError) as refused:
        coded(*BPS_ROWS)
    assert "BPS 5303 = Kemendagri 53.01 Kabupaten Kupang" in str(refused.value)
    assert "--codes bps" in str(refused.value)
    report, rows = coded(*BPS_ROWS, codes="bps")
    assert values(rows, "area_code") == [("53.01",), ("53.02",), ("53.03",)]
    assert report.repaired == 3


def test_codes_without_dots_are_converted_as_the_names_say() -> None:
    report, rows = coded(*((code.replace(".", ""), name) for code, name in BPS_ROWS))
    assert values(rows, "area_code") == [("53.01",), ("53.02",), ("53.03",)]
    assert "import_note.bps_codes" in {note.code for note in report.notes}
    report, rows = coded(("5302", "TTS"), ("5303", "TTU"))
    assert values(rows, "area_code") == [("53.02",), ("53.03",)]
    assert report.repaired == 2
    report, rows = coded(("5302", ""), ("3201", ""))
    assert values(rows, "area_code") == [("32.01",)]  # the same in both systems
    assert "53.02 Kabupaten Timor Tengah Selatan; 53.11" in str(report.issues[0].message)


@pytest.mark.parametrize("code", ["ID5304", "id5304", "ID 5304"])
def test_pcodes_are_of_bps(code: str) -> None:
    report, rows = coded((code, "Timor Tengah Selatan"))
    assert values(rows, "area_code") == [("53.02",)]
    assert [issue.message.code for issue in report.issues] == ["repair.pcode"]


def test_a_single_row_that_disagrees_is_refused_alone() -> None:
    report, rows = coded(("53.02", "TTS"), ("53.03", "TTU"), ("53.04", "Kab. Alor"))
    assert values(rows, "area_code") == [("53.02",), ("53.03",)]
    (issue,) = report.issues
    assert (issue.line, issue.message.code) == (4, "cell.name_differs")
    assert "53.04 Kabupaten Belu" in str(issue.message)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("Kab. TTS", "53.02"), ("Flotim", "53.06"), ("SBD", "53.18"), ("Kota Kupang", "53.71")),
        *(("Kupang, Kab.", "53.01"), ("Kupang (Kota)", "53.71"), ("MANGGARAI BARAT", "53.15")),
        *(("Belu *)", "53.04"), ("NTT", "53")),
    ],
)
def test_names_in_place_of_codes(name: str, code: str) -> None:
    assert AreaReader(KNOWN, within="53").read("", {"area": name})[0] == code


@pytest.mark.parametrize(
    ("name", "problem"),
    [("Kab. Atlantis", "cell.unknown_area"), ("Kupang", "cell.ambiguous_area")],
)
def test_a_name_of_no_area_or_of_several_is_refused(name: str, problem: str) -> None:
    with pytest.raises(CellError) as refused:
        AreaReader(KNOWN, within="53").read("", {"area": name})
    assert refused.value.code == problem


def test_a_bare_name_is_the_regency_where_the_town_is_written_out() -> None:
    areas = AreaReader(KNOWN)
    areas.learn([("", {"regency": "Kupang"}), ("", {"regency": "Kota Kupang"})])
    assert areas.read("", {"regency": "Kupang"})[0] == "53.01"


def test_a_table_of_satu_data_is_of_regencies_and_not_of_their_province() -> None:
    """The finest codes or names say where a row is; BPS codes are converted."""
    head = (
        "id;kode_provinsi;nama_provinsi;bps_kode_kabupaten_kota;bps_nama_kabupaten_kota;"
        "jumlah_korban_perempuan;satuan;tahun"
    )
    lines = (
        "1;53;NUSA TENGGARA TIMUR;5303;KABUPATEN KUPANG;12;ORANG;2023",
        "2;53;NUSA TENGGARA TIMUR;5304;KABUPATEN TIMOR TENGAH SELATAN;7;ORANG;2023",
    )
    _, rows = read("counts", grid(head, *lines), "legal_class=tppo")
    assert values(rows, "place_code", "measure", "value") == [
        ("53.01", "victims_female", "12"), ("53.02", "victims_female", "7"),
    ]  # fmt: skip
    bare = [";".join(line.split(";")[:3] + line.split(";")[4:]) for line in (head, *lines)]
    _, rows = read("counts", grid(*bare), "legal_class=tppo")
    assert values(rows, "place_code") == [("53.01",), ("53.02",)]


def test_a_title_names_the_measure_of_a_single_column() -> None:
    _, rows = read(
        "counts",
        grid(
            "LAPORAN PENOLAKAN PERMOHONAN PASPOR TAHUN 2024",
            "Kantor Imigrasi Kelas I TPI Kupang",
            "No.;Nama Kab/Kota;Jumlah",
            "1;Kab. Malaka;12",
            "2;Kab. Belu;1.024",
            ";Total;1.036",
        ),
    )
    assert values(rows, "place_code", "year", "measure", "value", "unit") == [
        ("53.21", "2024", "passports_refused", "12", "case"),
        ("53.04", "2024", "passports_refused", "1024", "case"),
    ]


def test_villages_by_the_names_of_all_levels() -> None:
    head = "Kabupaten;Kecamatan;Desa/Kelurahan;Organisasi;Tahun"
    report, rows = read(
        "outreach",
        grid(
            head,
            "TTS;Kota Soe;Nunumeu;Rumah Perempuan;2024",
            "TTS;Kota Soe;Tidak Ada Di Sini;Rumah Perempuan;2024",
        ),
    )
    assert values(rows, "area_code") == [("53.02.01.1007",)]
    assert [issue.message.code for issue in report.issues] == ["cell.unknown_area"]


def test_a_village_is_named_by_its_whole_name() -> None:
    """Kota Baru and Baru are two names of villages, as Kota Kupang and Kupang are not of towns."""
    areas = AreaReader(KNOWN)
    assert areas.agrees("53.02.01.1010", {"village": "Kota Baru"})
    assert areas.agrees("53.02.01.1002", {"village": "Baru"}) is None
    assert areas.agrees("53.02.01.1002", {"village": "Kota Baru"}) is False
    assert areas.agrees("53.02.01.1001", {"village": "Soe", "regency": "Kab. TTS"})


@pytest.mark.parametrize(
    ("title", "province"),
    [
        ("Rekapitulasi Provinsi Nusa Tenggara Timur 2023", "53"),
        ("BP3MI NTT", "53"),
        ("Kabupaten Kupang", ""),
        ("NTT dan NTB", ""),
    ],
)
def test_the_province_in_a_title(title: str, province: str) -> None:
    assert province_in(title, KNOWN) == province


# -- mapping ---------------------------------------------------------------------------------------

LONG = "kode;tahun;Berapa;Apa"


def test_a_mapping_can_be_stated_and_what_is_wrong_with_it_said() -> None:
    sheet = ("kode;tahun;Berapa;Warna", "53.02;2024;4;merah")
    mapped = ("Berapa=victims_female", "warna=abaikan")
    _, rows = read("counts", grid(*sheet), *mapped)
    assert values(rows, "measure", "value", "legal_class") == [("victims_female", "4", "tppo")]
    with pytest.raises(DataFileError, match=r"victim_female.*victims_female"):
        read("counts", grid(*sheet), "Berapa=victim_female", "Warna=ignore")
    with pytest.raises(DataFileError, match="unknown column Warna"):
        read("counts", grid(*sheet), mapped[0])


def test_a_measure_is_offered_and_a_new_one_needs_a_yes() -> None:
    lines = ("kode;tahun;ukuran;nilai", "53.02;2024;sumur_bor;4")
    report, rows = read("counts", grid(*lines))
    assert rows == []
    assert report.issues[0].message.code.startswith("cell.not_allowed")
    _, rows = read("counts", grid(*lines), new_measures=["sumur_bor"])
    assert values(rows, "measure", "kind", "unit") == [("sumur_bor", "total", "person")]


def test_forms_of_exploitation_are_those_of_the_standard_both_ways() -> None:
    for slug, (category, phrases) in EXPLOITATION_FORMS.items():
        assert slug in KNOWN.measures
        vocabulary = Vocabulary(kind_named("counts"), KNOWN, Options())
        for heading in (category, *phrases, f"Korban {phrases[0]}"):
            meaning = vocabulary.meaning(heading)
            assert meaning is not None, heading
            assert meaning.series == slug
    categories = [category for category, _ in EXPLOITATION_FORMS.values()]
    assert len(set(categories)) == len(categories)


@pytest.mark.parametrize(
    ("heading", "subject", "measure"),
    [
        ("kasus", {"tppo"}, "tppo_cases"),
        ("kasus", set(), ""),
        ("kasus", {"violence", "tppo"}, ""),
        ("anak_l", {"tppo"}, "child_victims_male"),
        ("l", {"tppo", "victims"}, "victims_male"),
        ("l", {"tppo"}, ""),
        ("korban_meninggal", {"tppo"}, ""),
        ("paspor_ditolak", set(), "passports_refused"),
        ("penolakan_permohonan_paspor", set(), "passports_refused"),
        ("pmi_terdaftar_perempuan", set(), "migrants_registered_female"),
        ("pemulangan_pmi", set(), "returned"),
        ("jenazah_pmi_dipulangkan", set(), "bodies_returned"),
    ],
)
def test_words_of_measures(heading: str, subject: set[str], measure: str) -> None:
    assert measure_of(heading, subject) == measure


def test_the_shape_of_a_file_outlives_the_year() -> None:
    assert shape_of("counts", ["Kab", "2023", "2024"]) == shape_of(
        "counts", ["kab", "2024", "2025"]
    )
    assert shape_of("counts", ["Kab"]) != shape_of("indicators", ["Kab"])


def test_a_bps_code_without_dots_is_no_new_village() -> None:
    read_one = [
        read("places", grid("kode_desa;nama_desa;lat;lon", f"520301{own};Suela Baru;-8.78;116.5"))[
            0
        ]
        for own in ("0007", "2099")  # the district 52.03.01 is in both
    ]
    assert [report.accepted for report in read_one] == [0, 1]
    assert "Kabupaten Lombok Timur" in str(read_one[0].issues[0].message)
