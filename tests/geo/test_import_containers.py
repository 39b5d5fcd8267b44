"""Workbooks, texts, shapefiles and GeoPackages as offices make them: right, or refused in words."""

from __future__ import annotations

import csv
import io
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pyproj
import pytest
import shapefile
import shapely
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from geo.errors import DataFileError
from geo.imports.report import Report
from geo.imports.service import dry_run, import_file
from geo.paths import Home
from tests.geo.agreements import registered

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
    under = registered(home) if kind == "counts" else ""
    _, entry, _ = import_file(path, kind, home, by="me", part=part, under=under)
    with entry.path(home).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def villages(count: int = 1) -> gpd.GeoDataFrame:
    codes = [f"53.02.01.{1001 + k}" for k in range(count)]
    points = [shapely.Point(124.28395, -9.86071 + k / 1000) for k in range(count)]
    return gpd.GeoDataFrame({"code": codes, "name": [f"Desa {k}" for k in range(count)]},
                            geometry=points, crs=4326)  # fmt: skip


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


def test_what_keeps_a_cell_from_being_a_formula_is_no_text(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'code,name,lat,lon\n"=""53.02.01.1001""",\'-Soe,-9.86,124.28\n', "utf-8"
    )
    (row,) = stored(tmp_path / "a.csv", "places", home)
    assert (row["code"], row["name"]) == ("53.02.01.1001", "-Soe")


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
    for layer in ("desa", "pos"):
        villages().to_file(tmp_path / "a.gpkg", layer=layer)
    for file in (path, tmp_path / "a.gpkg"):
        with pytest.raises(DataFileError, match="several layers: desa, pos; choose one with"):
            dry_run(file, "places", home)
        assert dry_run(file, "places", home, part="pos").accepted > 0
        with pytest.raises(DataFileError, match="no layer of that name; the file has desa, pos"):
            dry_run(file, "places", home, part="jalan")


def test_styles_of_qgis_are_no_layer(home: Home, tmp_path: Path) -> None:
    villages().to_file(tmp_path / "a.gpkg", layer="desa")
    with sqlite3.connect(tmp_path / "a.gpkg") as connection:
        connection.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)")
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
    connection.close()
    assert dry_run(tmp_path / "a.gpkg", "places", home).accepted == 1


def in_wal_mode(path: Path) -> sqlite3.Connection:
    """A GeoPackage of one village in the file, with a second one in its write-ahead log alone."""
    villages(2).to_file(path, layer="desa", SPATIAL_INDEX="NO")
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM desa WHERE fid = 2")
    connection.commit()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("INSERT INTO desa SELECT 2, geom, '53.02.01.1002', 'Baru' FROM desa")
    connection.commit()
    return connection


def test_a_live_write_ahead_log_is_read_with_its_geopackage(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    connection = in_wal_mode(path)
    before = path.read_bytes()
    first = dry_run(path, "places", home)
    assert [row["name"] for row in stored(path, "places", home)] == ["Desa 0", "Baru"]
    connection.execute("UPDATE desa SET name = 'Lama' WHERE fid = 2")
    connection.commit()
    assert dry_run(path, "places", home).id != first.id
    assert path.read_bytes() == before
    connection.close()


def test_a_geopackage_without_its_log_is_refused(home: Home, tmp_path: Path) -> None:
    connection = in_wal_mode(tmp_path / "a.gpkg")
    (tmp_path / "b.gpkg").write_bytes((tmp_path / "a.gpkg").read_bytes())
    connection.close()
    with pytest.raises(DataFileError, match="close it in QGIS"):
        dry_run(tmp_path / "b.gpkg", "places", home)


def test_metadata_of_a_geopackage_are_checked(home: Home, tmp_path: Path) -> None:
    villages().to_file(tmp_path / "a.gpkg", layer="desa")
    with sqlite3.connect(tmp_path / "a.gpkg") as connection:
        connection.execute("UPDATE gpkg_contents SET description = 'hubungi 0812 3456 7890'")
    connection.close()
    with pytest.raises(DataFileError, match="metadata table 'gpkg_contents'"):
        dry_run(tmp_path / "a.gpkg", "places", home)


def test_curves_become_lines(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    villages().to_file(path, layer="batas", SPATIAL_INDEX="NO")
    arc = [(124.0, -9.5), (124.5, -9.0), (125.0, -9.5), (124.5, -10.0), (124.0, -9.5)]
    ring = struct.pack("<BII", 1, 8, len(arc)) + b"".join(struct.pack("<dd", *at) for at in arc)
    curve = b"GP\0\1" + struct.pack("<i", 4326) + struct.pack("<BII", 1, 10, 1) + ring
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE batas SET code = '53.02', geom = ?", [curve])
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'")
    connection.close()
    report, entry, _ = import_file(path, "boundaries", home, by="me")
    assert "import_note.curves" in notes(report)
    circle = gpd.read_file(entry.path(home)).geometry[0]
    assert circle.area == pytest.approx(np.pi / 4, rel=1e-3)
    wkt = "CURVEPOLYGON(CIRCULARSTRING(124 -9, 124.5 -9.5, 124 -9))"
    (tmp_path / "a.csv").write_text(f'code,geometry\n53.02,"{wkt}"\n', "utf-8")
    with pytest.raises(DataFileError, match=r"CURVEPOLYGON.*CONVERT_TO_LINEAR"):
        dry_run(tmp_path / "a.csv", "boundaries", home)


def test_parts_of_one_area_are_united(home: Home, tmp_path: Path) -> None:
    boxes = [shapely.box(124, -10, 125, -9.3), shapely.box(123, -10, 123.2, -9.8)]
    frame = gpd.GeoDataFrame({"code": ["53.02"] * 2, "name": ["TTS"] * 2}, geometry=boxes, crs=4326)
    frame.to_file(tmp_path / "a.geojson")
    report, entry, _ = import_file(tmp_path / "a.geojson", "boundaries", home, by="me")
    assert (report.accepted, report.refused) == (1, 0)
    assert notes(report)["import_note.united"] == {"features": 2, "count": 1}
    assert gpd.read_file(entry.path(home)).geometry[0].equals(shapely.union_all(boxes))


DATUMS = {
    4211: ("31.71", (106.8, -6.2), (-378.873, 676.002, -46.255), "Batavia to WGS 84 (2)"),
    4257: ("73.71", (119.4, -5.1), (-587.8, 519.75, 145.76), "Makassar to WGS 84 (1)"),
    4613: ("64.72", (117.0, -0.5), (-404.78, 685.68, 45.47), "Segara to WGS 84 (4)"),
    4755: ("53.02", (124.3, -9.86), None, "DGN95 to WGS 84 (1)"),
}
"""A regency, a point in it, EPSG's shift (m) from the Bessel ellipsoid to WGS 84, and its name."""


@pytest.mark.parametrize("system", DATUMS)
def test_old_datums_are_moved_with_a_note(system: int, home: Home, tmp_path: Path) -> None:
    code, (lon, lat), shift, name = DATUMS[system]
    frame = gpd.GeoDataFrame(
        {"id": ["uji"], "name": ["Uji"], "kind": ["seaport"], "area_code": [code]},
        geometry=[shapely.Point(lon, lat)],
        crs=system,
    )
    (tmp_path / "made").mkdir()
    frame.to_file(tmp_path / "made" / "a.shp")  # whose .prj has ESRI's names and no code
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in (tmp_path / "made").iterdir():
            archive.write(part, part.name)
    (row,) = stored(path, "terminals", home)
    if shift is not None:
        steps = "+proj=helmert +x={} +y={} +z={}".format(*shift)
        lon, lat = pyproj.Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=cart +ellps=bessel +step {steps} +step +inv +proj=cart +ellps=WGS84 "
            "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
        ).transform(lon, lat)
    assert (float(row["lon"]), float(row["lat"])) == pytest.approx((lon, lat), abs=2e-6)
    said = notes(dry_run(path, "terminals", home))
    moved = next(params for code, params in said.items() if "datum_moved" in code)
    assert moved["transformation"] == name


def test_a_workbook_of_excel_97(home: Home) -> None:
    """``lama`` is hidden; row 3 shows 22.25 %, and the dates are serial numbers."""
    path = Path(__file__).parents[1] / "data" / "imports" / "poverty.xls"
    rows = stored(path, "indicators", home)
    assert [(row["area_code"], row["year"], row["value"], row["as_of"]) for row in rows] == [
        ("53.02", "2024", "24.68", "2024-07-15"),
        ("53.03", "2024", "22.25", "2024-07-15"),
    ]
    said = notes(dry_run(path, "indicators", home))
    assert said["import_note.sheets_read"] == {"sheets": ["Data"], "others": ["lama"]}
    assert said["import_note.percentages"] == {"count": 1}


NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style", "meta")
)


def ods(path: Path, *tables: str, title: str = "") -> Path:
    """An OpenDocument spreadsheet of these tables, the style ``no`` of which is hidden."""
    content = (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>"
        '<style:style style:name="no"><style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    about = f"<office:document-meta {NAMESPACES}><office:meta><meta:keyword>{title}</meta:keyword>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("meta.xml", f"{about}</office:meta></office:document-meta>")
    return path


def ods_row(*cells: Any) -> str:
    def cell(value: Any) -> str:
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        if value.startswith("<"):
            return str(value)
        text = f"<text:p>{value}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'

    return f"<table:table-row>{''.join(map(cell, cells))}</table:table-row>"


def ods_table(name: str, *rows: str, style: str = "yes") -> str:
    attributes = f'table:name="{name}" table:style-name="{style}"'
    return f"<table:table {attributes}>{''.join(rows)}</table:table>"


SHARE = '<table:table-cell office:value-type="percentage" office:value="0.2468"/>'
EMPTY_ROWS = (
    '<table:table-row table:number-rows-repeated="1048000">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def test_an_opendocument_spreadsheet(home: Home, tmp_path: Path) -> None:
    old = ods_table("lama", ods_row(*HEAD), ods_row("53.03", *POVERTY[1:]), style="no")
    data = ods_table("Data", ods_row(*HEAD), ods_row(*POVERTY[:3], SHARE, *POVERTY[4:]), EMPTY_ROWS)
    path = ods(tmp_path / "a.ods", old, data)
    assert [(row["area_code"], row["value"]) for row in stored(path, "indicators", home)] == [
        ("53.02", "24.68")
    ]
    said = notes(dry_run(path, "indicators", home))
    assert said["import_note.sheets_read"] == {"sheets": ["Data"], "others": ["lama"]}
    formula = '<table:table-cell table:formula="of:=20+4.68"/>'
    path = ods(path, ods_table("Data", ods_row(*HEAD), ods_row(*POVERTY[:3], formula, "x", "BPS")))
    with pytest.raises(DataFileError, match=r"row 2, column 4 is a formula"):
        dry_run(path, "indicators", home)
    path = ods(path, data, title="hubungi 0812 3456 7890")
    with pytest.raises(DataFileError, match="document property 'keyword'"):
        dry_run(path, "indicators", home)


@pytest.mark.parametrize("end", ["fgb", "kml", "kmz", "geojsonl", "geojsons", "ods"])
def test_further_formats_say_the_same(end: str, home: Home, tmp_path: Path) -> None:
    frame = villages(2).assign(population=[40190, 3100])
    path = tmp_path / f"desa.{end}"
    if end == "ods":
        table = frame.drop(columns="geometry").assign(lon=frame.geometry.x, lat=frame.geometry.y)
        pyogrio.write_dataframe(table, path, driver="ODS")
    elif end in {"kml", "kmz"}:
        frame.to_file(tmp_path / "doc.kml", driver="LIBKML")
        with zipfile.ZipFile(tmp_path / "desa.kmz", "w") as archive:
            archive.write(tmp_path / "doc.kml", "doc.kml")
        if end == "kml":
            (tmp_path / "doc.kml").rename(path)
    elif end == "fgb":
        frame.to_file(path, driver="FlatGeobuf")
    else:
        frame.to_file(path, driver="GeoJSONSeq", RS="YES" if end == "geojsons" else "NO")
    rows = sorted(tuple(row.values())[:5] for row in stored(path, "places", home))
    assert rows == [
        ("53.02.01.1001", "Desa 0", "-9.86071", "124.28395", "40190"),
        ("53.02.01.1002", "Desa 1", "-9.85971", "124.28395", "3100"),
    ]


def test_what_is_saved_under_xls_and_is_none(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text("<html><table><tr><td>code</td></tr></table>", "utf-8")
    with pytest.raises(DataFileError, match="save it as XLSX"):
        dry_run(tmp_path / "a.xls", "places", home)
    path = workbook(tmp_path / "b.xlsx", {"Data": [HEAD, POVERTY]}).rename(tmp_path / "b.xls")
    assert dry_run(path, "indicators", home).accepted == 1


@pytest.mark.parametrize(
    ("ellipsoid", "words"),
    [
        ('"Bessel 1841",6377397.155,299.1528128', "is not known; reproject"),
        ('"GRS 1980",6378137,298.257222101', ""),
    ],
)
def test_a_datum_without_a_name(ellipsoid: str, words: str, home: Home, tmp_path: Path) -> None:
    """On a satellite ellipsoid it is WGS84 within metres; on an older one nobody can say."""
    system = (
        f'GEOGCS["lokal",DATUM["lokal",SPHEROID[{ellipsoid}]],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]]'
    )
    path = zipped_shapefile(tmp_path / "a.zip", "utf-8", 0, None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("desa.prj", system)
    if words:
        with pytest.raises(DataFileError, match=words):
            dry_run(path, "places", home)
    else:
        assert "import_note.crs_datum_unknown" in notes(dry_run(path, "places", home))
