"""Hostile files are refused with a line, quickly, within the memory given, and nothing remains."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import DataFileError
from geo.imports.read_gdal import GDAL_ENVIRONMENT
from geo.imports.report import Report
from geo.imports.service import dry_run
from geo.paths import Home

pytestmark = pytest.mark.slow

REGENCY = {"code": ["53.02"], "name": ["Timor Tengah Selatan"]}
BOX = shapely.box(124.0, -10.0, 124.9, -9.4)


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def collection(geometry: str, code: str = "53.02") -> bytes:
    feature = f'{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{geometry}}}'
    return f'{{"type":"FeatureCollection","features":[{feature}]}}'.encode()


def frame(shape: object = BOX) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(REGENCY, geometry=[shape], crs=4326)


def shapefile(folder: Path, change: Callable[[str, bytearray], None] | None = None) -> bytes:
    place = folder / "made"
    place.mkdir()
    frame().to_file(place / "s.shp")
    parts = {path.name: bytearray(path.read_bytes()) for path in place.iterdir()}
    for name, content in parts.items():
        if change is not None:
            change(name, content)
    return zipped({name: bytes(content) for name, content in parts.items()})


def put(end: str, at: int, order: str, value: int) -> Callable[[str, bytearray], None]:
    def change(name: str, content: bytearray) -> None:
        if name.endswith(end):
            content[at : at + 4] = struct.pack(order, value)

    return change


def geopackage(folder: Path, *statements: str) -> bytes:
    path = folder / "made.gpkg"
    frame().to_file(path, layer="s")
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


def ring(count: int) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, count)
    points = np.c_[124 + np.cos(angle), -9 + np.sin(angle)]
    points[-1] = points[0]
    return shapely.Polygon(points)


def parquet(folder: Path) -> bytes:
    frame(ring(2_500_000)).to_parquet(folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


def many_points(_folder: Path) -> bytes:
    return collection(
        '{"type":"Polygon","coordinates":[[' + "[124.5,-9.5]," * 2_500_000 + "[1,1]]]}"
    )


VIEW = (
    "CREATE VIEW v AS WITH RECURSIVE r(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM r) "
    "SELECT r.fid, s.geom, s.code FROM r, s"
)
HIDDEN = (
    "CREATE VIEW gpkg_geometry_columns AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL "
    "SELECT x + 1 FROM r) SELECT 's' AS table_name, 'geom' AS column_name, x AS srs_id FROM r"
)
HEAD = b"code,name,lat,lon\n"


def kml(content: str, head: str = "") -> bytes:
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{content}'.encode() + (
        b"</Document></kml>"
    )


def flatgeobuf(folder: Path, change: Callable[[bytearray], None]) -> bytes:
    frame().to_file(folder / "made.fgb")
    content = bytearray((folder / "made.fgb").read_bytes())
    change(content)
    return bytes(content)


def large_flatgeobuf(folder: Path) -> bytes:
    frame(ring(2_500_000)).to_file(folder / "made.fgb", SPATIAL_INDEX="NO")
    return (folder / "made.fgb").read_bytes()


def lying(content: bytearray) -> None:
    """Every number of the header that may be a count or a length says two thousand million."""
    for at in range(12, 120, 4):
        content[at : at + 4] = struct.pack("<I", 2**31 - 1)


VRT = (
    "<OGRVRTDataSource><OGRVRTLayer name='passwd'>"
    "<SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
)
ODS_BOMB = (
    b"<a xmlns:t='urn:oasis:names:tc:opendocument:xmlns:table:1.0' "
    b"xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0'><t:table t:name='a'>"
    b"<t:table-row t:number-rows-repeated='1000000'><t:table-cell t:number-columns-repeated='90' "
    b"o:value-type='float' o:value='1'/></t:table-row></t:table></a>"
)

HOSTILE: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "zip bomb": ("a.zip", lambda _: zipped({"a.shp": bytes(200_000_000)}), "unpacks to too much"),
    "sheet bomb": (
        "a.xlsx",
        lambda _: zipped({"[Content_Types].xml": b"x", "xl/a.xml": bytes(200_000_000)}),
        "unpacks to too much",
    ),
    "gzip bomb": (
        "a.csv.gz",
        lambda _: gzip.compress(bytes(200_000_000), 1),
        "unpacks to too much",
    ),
    "zip slip": ("a.zip", lambda _: zipped({"../../x.shp": b"x"}), "zip slip"),
    "entities": (
        "a.xlsx",
        lambda _: zipped({"[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b "c">]>'}),
        "XML entities",
    ),
    "deep": (
        "a.geojson",
        lambda _: b'{"type":"FeatureCollection","features":' + b"[" * 100_000 + b"]" * 100_000,
        "line 1 column",
    ),
    "NaN": ("a.geojson", lambda _: collection('{"type":"Point","coordinates":[NaN,1]}'), "line 1"),
    "1e309": (
        "a.geojson",
        lambda _: collection('{"type":"Point","coordinates":[1e309,1]}'),
        "line 1 column",
    ),
    "surrogate": ("a.geojson", lambda _: collection("null", "\\ud800"), "line 1 column"),
    "surrogate bytes": ("a.csv", lambda _: HEAD + b"53,\xed\xa0\x80,1,1\n", "line 2, byte 4"),
    "zero bytes": ("a.csv", lambda _: HEAD + b"53\0,1,1,1\n", "zero bytes"),
    "vertices": ("a.geojson", many_points, "memory|simplify"),
    "vertices, parquet": ("a.parquet", parquet, "simplify"),
    "shp length": (
        "a.zip",
        lambda f: shapefile(f, put(".shp", 24, ">i", 2**30)),
        "do not fit",
    ),
    "shp record": (
        "a.zip",
        lambda f: shapefile(f, put(".shp", 104, ">i", 2**30)),
        "do not fit",
    ),
    "shp points": (
        "a.zip",
        lambda f: shapefile(f, put(".shp", 148, "<i", 2**30)),
        "do not fit",
    ),
    "shp negative": (
        "a.zip",
        lambda f: shapefile(f, put(".shp", 148, "<i", -5)),
        "do not fit",
    ),
    "dbf rows": (
        "a.zip",
        lambda f: shapefile(f, put(".dbf", 4, "<I", 2**31)),
        "do not fit",
    ),
    "recursive view": (
        "a.gpkg",
        lambda f: geopackage(
            f, VIEW, *(f"UPDATE {t} SET table_name = 'v'" for t in ("gpkg_contents",))
        ),
        "view",
    ),
    "recursive catalogue": (
        "a.gpkg",
        lambda f: geopackage(f, "DROP TABLE gpkg_geometry_columns", HIDDEN),
        "far longer",
    ),
    "metres without a system": (
        "a.geojson",
        lambda _: collection(
            '{"type":"Polygon","coordinates":[[[5e5,9e6],[5e5,8e6],[6e5,9e6],[5e5,9e6]]]}'
        ),
        "coordinate system",
    ),
    "not at all": ("a.parquet", lambda _: os.urandom(2000), "Parquet"),
    "no workbook": ("a.xlsx", lambda _: os.urandom(2000), "workbook"),
    "sheet bomb, ods": (
        "a.ods",
        lambda _: zipped({"content.xml": bytes(200_000_000)}),
        "unpacks to too much",
    ),
    "repeated rows, ods": (
        "a.ods",
        lambda _: zipped({"content.xml": ODS_BOMB}),
        "more than 300000 rows",
    ),
    "entities, ods": (
        "a.ods",
        lambda _: zipped({"content.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        "XML entities",
    ),
    "macro sheet bomb": (
        "a.xlsm",
        lambda _: zipped({"[Content_Types].xml": b"x", "xl/vbaProject.bin": bytes(200_000_000)}),
        "unpacks to too much",
    ),
    "kmz bomb": ("a.kmz", lambda _: zipped({"doc.kml": bytes(200_000_000)}), "unpacks to too much"),
    "entities, kml": (
        "a.kml",
        lambda _: kml(
            "<name>&b;</name>", '<!DOCTYPE kml [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
        ),
        "XML entities",
    ),
    "network link": (
        "a.kml",
        lambda _: kml("<NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink>"),
        "links to another file",
    ),
    "vrt named kml": ("a.kml", lambda _: VRT.encode(), "not KML"),
    "vrt in a comment of kml": (
        "a.kml",
        lambda _: kml("<Placemark/>", f"<!-- {VRT} -->"),
        "code|geometry|column|heading|empty",
    ),
    "vrt named fgb": ("a.fgb", lambda _: VRT.encode(), "cannot be read"),
    "vertices, fgb": ("a.fgb", large_flatgeobuf, "simplify"),
    "lying header": ("a.fgb", lambda f: flatgeobuf(f, lying), "cannot be read|memory|no layer"),
    "cut short, fgb": (
        "a.fgb",
        lambda f: flatgeobuf(f, lambda content: content.__delitem__(slice(-40, None))),
        "cannot be read|breaks|damaged",
    ),
    "no excel": (
        "a.xls",
        lambda _: bytes.fromhex("d0cf11e0a1b11ae1") + os.urandom(20_000),
        "workbook",
    ),
    "cut short": ("a.gpkg", lambda f: geopackage(f)[:20_000], "damaged"),
}


def _seconds_of_readers() -> float:
    """Processor time of the reading processes that have ended, their start of a second included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_quickly(name: str, tmp_path: Path) -> None:
    file, make, words = HOSTILE[name]
    path = tmp_path / file
    path.write_bytes(make(tmp_path))
    home = Home.resolve(tmp_path / "home")
    kind = "places" if file.startswith("a.csv") else "boundaries"
    before = _seconds_of_readers()
    with pytest.raises(DataFileError, match=words) as refused:
        dry_run(path, kind, home)
    assert _seconds_of_readers() - before < 4.0
    assert "\n" not in str(refused.value)
    assert not home.imports.exists()


def test_the_reading_process_stays_within_its_memory(tmp_path: Path) -> None:
    """Measured from a process of its own: peak memory of the child that reads the worst files."""
    measure = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from geo.errors import DataFileError\n"
        "from geo.imports.service import dry_run\n"
        "from geo.paths import Home\n"
        "try:\n"
        "    dry_run(Path(sys.argv[1]), 'boundaries', Home.resolve(sys.argv[2]))\n"
        "except DataFileError as error:\n"
        "    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, error)\n"
    )
    for name in ("vertices", "vertices, parquet", "vertices, fgb", "zip bomb", "deep"):
        file, make, _ = HOSTILE[name]
        path = tmp_path / file
        path.write_bytes(make(tmp_path))
        done = subprocess.run(
            [sys.executable, "-c", measure, str(path), str(tmp_path / "home")],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        kilobytes = int(done.stdout.split()[0])
        assert kilobytes <= 512 * 1024, (name, kilobytes)


def test_numbers_that_are_none_are_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        HEAD + b"53.02.01.1001,Soe,NaN,124\n53.02.01.1002,b,1e309,124\n53.02.01.1003,c,-9.8,-inf\n"
    )
    report = dry_run(path, "places", Home.resolve(tmp_path))
    assert (report.accepted, report.refused) == (0, 3)
    assert [(i.line, i.column, i.outcome) for i in report.issues] == [
        (2, "lat", "refused"),
        (3, "lat", "refused"),
        (4, "lon", "refused"),
    ]


def test_an_honest_shapefile_and_geopackage_are_read(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    for name, content in (("b.zip", shapefile(tmp_path)), ("b.gpkg", geopackage(tmp_path))):
        (tmp_path / name).write_bytes(content)
        report = dry_run(tmp_path / name, "boundaries", home)
        assert (report.read, report.accepted, report.matched) == (1, 1, 1)


def codes(report: Report) -> set[str]:
    return {note.code for note in report.notes}


def test_systems_and_axes_are_put_right(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    frame().to_crs(32751).to_file(tmp_path / "utm.gpkg")
    report = dry_run(tmp_path / "utm.gpkg", "boundaries", home)
    assert "import_note.crs_transformed" in codes(report)
    turned = shapely.transform(BOX, lambda points: points[:, ::-1])
    frame(turned).to_file(tmp_path / "turned.geojson")
    report = dry_run(tmp_path / "turned.geojson", "boundaries", home)
    assert "import_note.axes_swapped" in codes(report)
    assert report.accepted == 1
    wrong = frame().set_crs(32751, allow_override=True)
    wrong.to_file(tmp_path / "wrong.gpkg")
    report = dry_run(tmp_path / "wrong.gpkg", "boundaries", home)
    assert "import_note.crs_degrees" in codes(report)
    (tmp_path / "r.json").write_text(json.dumps({"type": "Feature"}))
    with pytest.raises(DataFileError, match="FeatureCollection"):
        dry_run(tmp_path / "r.json", "boundaries", home)


def test_gdal_has_no_driver_but_those_named() -> None:
    """A new driver of a newer GDAL has to be left out by name."""
    code = "import pyogrio; print(*sorted(pyogrio.list_drivers()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | GDAL_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["FlatGeobuf", "GPKG", "LIBKML"]
