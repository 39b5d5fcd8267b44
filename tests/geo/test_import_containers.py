"""Workbooks, texts, shapefiles and GeoPackages as offices make them: right, or refused in words."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
import shapefile
import shapely
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from geo.errors import DataFileError
from geo.imports.report import Report
from geo.imports.service import dry_run, import_file
from geo.paths import Home

pytestmark = pytest.mark.slow

HEAD = ["area_code", "indicator", "year", "value", "unit", "source"]
POVERTY = ["53.02", "poverty_rate", 2024, 24.68, "percent", "BPS"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.resolve(tmp_path / "home")


def notes(report: Report) -> dict[str, dict[str, Any]]:
    return {note.code: note.params for note in report.notes}


def stored(path: Path, kind: str, home: Home, part: str | None = None) -> list[dict[str, str]]:
    """The normalised table of a file."""
    _, entry, _ = import_file(path, kind, home, by="me", part=part)
    with entry.path(home).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def workbook(path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
        if name in hidden:
            page.sheet_state = "hidden"
    book.save(path)
    return path


def test_the_first_visible_sheet_is_read_and_named(home: Home, tmp_path: Path) -> None:
    old = ["53.03", "poverty_rate", 2019, 99, "percent", "OLD"]
    sheets = {"lama": [HEAD, old], "Data": [HEAD, POVERTY], "Catatan": [["hanya teks"]]}
    path = workbook(tmp_path / "a.xlsx", sheets, hidden=("lama",))
    assert [row["area_code"] for row in stored(path, "indicators", home)] == ["53.02"]
    said = notes(dry_run(path, "indicators", home))["import_note.sheets_read"]
    assert said == {"sheets": ["Data"], "others": ["lama", "Catatan"]}
    assert [row["area_code"] for row in stored(path, "indicators", home, "LAMA")] == ["53.03"]
    with pytest.raises(DataFileError, match="lama, Data, Catatan"):
        dry_run(path, "indicators", home, part="2024")


def test_a_chart_sheet_is_no_sheet_of_data(home: Home, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEAD, POVERTY):
        book.active.append(row)
    for name in ("Grafik", "Kosong"):
        book.create_chartsheet(name, 0)
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=4, min_row=1, max_row=2))
    book["Grafik"].add_chart(chart)
    book.save(tmp_path / "a.xlsx")
    report = dry_run(tmp_path / "a.xlsx", "indicators", home)
    assert report.accepted == 1
    assert notes(report)["import_note.sheets_read"]["sheets"] == ["Sheet"]


def test_sheets_of_a_year_each_are_read_together(home: Home, tmp_path: Path) -> None:
    head = [name for name in HEAD if name != "year"]
    row = ["53.02", "poverty_rate", 24.68, "percent", "BPS"]
    sheets = {f"Tahun {year}": [head, row] for year in (2022, 2023)}
    path = workbook(tmp_path / "a.xlsm", {**sheets, "Sumber": [["BPS"]]})
    rows = stored(path, "indicators", home)
    assert [(row["area_code"], row["year"]) for row in rows] == [
        ("53.02", "2022"),
        ("53.02", "2023"),
    ]
    assert stored(path, "indicators", home, "Tahun 2023") == rows[1:]


def test_sheets_alike_that_are_no_years_have_to_be_chosen(home: Home, tmp_path: Path) -> None:
    sheets = {name: [HEAD, POVERTY] for name in ("Kupang", "Flores", "0812 3456 7890")}
    with pytest.raises(DataFileError, match="Kupang, Flores, 3; choose one with --sheet"):
        dry_run(workbook(tmp_path / "a.xlsx", sheets), "indicators", home)
    path = workbook(tmp_path / "a.xlsx", dict(list(sheets.items())[:2]))
    assert dry_run(path, "indicators", home, part="Flores").accepted == 1


def test_a_formula_that_was_never_calculated_is_refused(home: Home, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Data": [HEAD, [*POVERTY[:3], "=20+4.68", *POVERTY[4:]]]})
    with pytest.raises(DataFileError, match=r"row 2, column 4 is a formula .* open and save it"):
        dry_run(path, "indicators", home)


def test_a_percentage_is_read_as_it_is_shown(home: Home, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Data": [HEAD, [*POVERTY[:3], 0.2468, *POVERTY[4:]]]})
    book = openpyxl.load_workbook(path)
    book.active["D2"].number_format = "0.00%"
    book.save(path)
    assert [row["value"] for row in stored(path, "indicators", home)] == ["24.68"]
    assert notes(dry_run(path, "indicators", home))["import_note.percentages"] == {"count": 1}


def test_texts_outside_the_cells_of_a_workbook_are_checked(home: Home, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Data": [HEAD, POVERTY]})
    for where, words in (("comment", "comment of row 2, column 1"), ("title", "'title'")):
        book = openpyxl.load_workbook(path)
        if where == "comment":
            book.active["A2"].comment = Comment("hubungi 0812 3456 7890", "x")
        else:
            book.properties.title = "hubungi 0812 3456 7890"
        book.save(tmp_path / "b.xlsx")
        with pytest.raises(DataFileError, match=words):
            dry_run(tmp_path / "b.xlsx", "indicators", home)


@pytest.mark.parametrize(
    ("first", "mark"), [("sep=;\n", ";"), ('"sep=|"\r\n', "|"), ("", ";"), ("", "\t"), ("", "|")]
)
def test_the_delimiter_is_stated_or_seen(first: str, mark: str, home: Home, tmp_path: Path) -> None:
    lines = ["code,name,lat,lon,population", "53.02.01.1001,Soe,-9#86,124#28,40190"]
    text = first + "\n".join(line.replace(",", mark).replace("#", ",") for line in lines)
    (tmp_path / "a.csv").write_text(text + "\n", "utf-8")
    assert stored(tmp_path / "a.csv", "places", home)[0]["lat"] == "-9.86"


PLACES = "code,name,lat,lon\n53.02.01.1001,Soé,-9.86071,124.28395\n53.02.01.1002,Ba’a,-9.9,124.3\n"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Windows-1252"), ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")],
)
def test_the_encoding_of_a_text_is_said(
    encoding: str, name: str, home: Home, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(PLACES, encoding)
    assert [row["name"] for row in stored(tmp_path / "a.csv", "places", home)] == ["Soé", "Ba’a"]
    said = notes(dry_run(tmp_path / "a.csv", "places", home))
    assert said["import_note.encoding"] == {"name": name}


def test_mojibake_is_put_right_and_lost_letters_are_refused(home: Home, tmp_path: Path) -> None:
    garbled = PLACES.encode().decode("cp1252")
    assert "SoÃ©" in garbled
    (tmp_path / "a.csv").write_text(garbled, "utf-8")
    assert [row["name"] for row in stored(tmp_path / "a.csv", "places", home)] == ["Soé", "Ba’a"]
    said = notes(dry_run(tmp_path / "a.csv", "places", home))
    assert said["import_note.mojibake"] == {"count": 2}
    (tmp_path / "a.csv").write_text(PLACES.replace("é", "\ufffd"), "utf-8")
    with pytest.raises(DataFileError, match="line 2, column 2: letters were lost"):
        dry_run(tmp_path / "a.csv", "places", home)


def zipped_shapefile(
    path: Path, encoding: str, driver: int, cpg: str | None, *layers: str, extra: str = ""
) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for layer in layers or ("desa",):
            parts = {end: io.BytesIO() for end in ("shp", "shx", "dbf")}
            with shapefile.Writer(**parts, encoding=encoding) as writer:
                writer.field("code", "C", 20)
                writer.field("name", "C", 40)
                for k, name in enumerate(("Soé", "Ba’a"), start=1001):
                    writer.point(124.28, -9.86)
                    writer.record(f"53.02.01.{k}", name)
            table = bytearray(parts["dbf"].getvalue())
            table[29] = driver
            archive.writestr(f"{layer}.shp", parts["shp"].getvalue())
            archive.writestr(f"{layer}.dbf", bytes(table))
            if cpg is not None:
                archive.writestr(f"{layer}.cpg", cpg)
        if extra:
            archive.writestr(extra, b"\0\5\26\7")
    return path


@pytest.mark.parametrize(
    ("encoding", "driver", "cpg", "name"),
    [
        ("cp1252", 0x57, None, "Windows-1252"),
        ("cp1252", 0, "1252", "Windows-1252"),
        ("cp1252", 0, "ISO 88591", "Windows-1252"),
        ("cp1252", 0, "UTF-8", "Windows-1252"),
        ("cp1252", 0, None, "Windows-1252"),
        ("utf-8", 0, None, "UTF-8"),
        ("utf-8", 0, "65001", "UTF-8"),
    ],
)
def test_the_encoding_of_a_shapefile(
    encoding: str, driver: int, cpg: str | None, name: str, home: Home, tmp_path: Path
) -> None:
    path = zipped_shapefile(tmp_path / "a.zip", encoding, driver, cpg, extra="__MACOSX/._desa.shp")
    assert [row["name"] for row in stored(path, "places", home)] == ["Soé", "Ba’a"]
    assert notes(dry_run(path, "places", home))["import_note.encoding"] == {"name": name}


def test_layers_are_named_and_chosen(home: Home, tmp_path: Path) -> None:
    path = zipped_shapefile(tmp_path / "a.zip", "utf-8", 0, None, "desa", "kab/pos")
    frame = gpd.GeoDataFrame(
        {"code": ["53.02.01.1001"], "name": ["Soe"]},
        geometry=[shapely.Point(124.28395, -9.86071)],
        crs=4326,
    )
    for layer in ("desa", "pos"):
        frame.to_file(tmp_path / "a.gpkg", layer=layer)
    for file in (path, tmp_path / "a.gpkg"):
        with pytest.raises(DataFileError, match="several layers: desa, pos; choose one with"):
            dry_run(file, "places", home)
        assert dry_run(file, "places", home, part="pos").accepted > 0
        with pytest.raises(DataFileError, match="no layer of that name; the file has desa, pos"):
            dry_run(file, "places", home, part="jalan")


def test_styles_of_qgis_are_no_layer(home: Home, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["53.02.01.1001"], "name": ["Soe"]},
        geometry=[shapely.Point(124.28395, -9.86071)],
        crs=4326,
    )
    frame.to_file(tmp_path / "a.gpkg", layer="desa")
    with sqlite3.connect(tmp_path / "a.gpkg") as connection:
        connection.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)")
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
    connection.close()
    assert dry_run(tmp_path / "a.gpkg", "places", home).accepted == 1
