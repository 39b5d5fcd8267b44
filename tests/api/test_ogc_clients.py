"""Programs that nobody here wrote read the OGC API: GDAL (ours, Debian's), OWSLib, QGIS 3.22."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyogrio
import pytest
from owslib.ogcapi.features import Features
from pyproj import Transformer
from starlette.testclient import TestClient

from geo.paths import Home
from layers.registry import LAYERS
from tests.serving import serving


@pytest.fixture(scope="module")
def root(released_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the landing page of a service on loopback."""
    home = shutil.copytree(released_home.root, tmp_path_factory.mktemp("clients") / "home")
    with serving(Home.resolve(home)) as address:
        yield f"{address}/ogc"


TENAU = (123.526, -10.199)


@pytest.mark.parametrize("crs", ["OGC:CRS84", "EPSG:4755", "EPSG:3857", "EPSG:32751"])
def test_gdal_reads_every_reference_system(crs: str, root: str) -> None:
    frame = pyogrio.read_dataframe(
        f"OAPIF:{root}", layer="terminals", CRS=crs, where="kind = 'seaport' AND place = 'Kupang'"
    )
    (point,) = frame.geometry
    east_first = Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(*TENAU)
    assert frame.crs == crs
    assert (point.x, point.y) == pytest.approx(east_first, abs=2e-3)


def test_gdal_follows_pages_and_boxes(root: str, public: TestClient) -> None:
    """Two features a page: the links lead through all of them, once each."""
    whole = public.get("/ogc/collections/areas/items?limit=1000").json()["features"]
    frame = pyogrio.read_dataframe(f"OAPIF:{root}", layer="areas", PAGE_SIZE="2")
    assert list(frame["code"]) == [feature["id"] for feature in whole]
    near = pyogrio.read_dataframe(
        f"OAPIF:{root}", layer="terminals", bbox=(123.5, -10.3, 123.6, -10.1)
    )
    assert list(near["id"]) == ["tenau"]


def test_gdal_has_the_types_of_the_schema(root: str, public: TestClient) -> None:
    """Also of fields that the first features leave empty, which GDAL would take for text."""
    kinds = {"string": "OFTString", "number": "OFTReal", "integer": "OFTInteger",
             "boolean": "OFTInteger"}  # fmt: skip
    layers = [one["id"] for one in public.get("/ogc/collections").json()["collections"]]
    for layer in layers:
        links = public.get(f"/ogc/collections/{layer}").json()["links"]
        address = next(link["href"] for link in links if link["rel"] == "describedby")
        schema = public.get(address).json()["properties"]["properties"]["properties"]
        info = pyogrio.read_info(f"OAPIF:{root}", layer=layer)
        types = dict(zip(info["fields"], info["ogr_types"], strict=True))
        expected = {name: kinds[field["type"]] for name, field in schema.items()}
        assert {name: types.get(name) for name in expected} == expected


@pytest.mark.gdal
def test_debians_gdal_leaves_a_filter_to_the_service(root: str, tmp_path: Path) -> None:
    """GDAL 3.6 looks the fields up in the definition; what it may ask for, it asks for."""
    file = tmp_path / "ports.geojson"
    done = subprocess.run(
        ["ogr2ogr", "--debug", "on", str(file), f"OAPIF:{root}", "terminals",
         "-where", "kind = 'seaport' AND province_code = '53'"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "kind=seaport&province_code=53" in done.stderr
    features = json.loads(file.read_text("utf-8"))["features"]
    assert sorted(f["properties"]["id"] for f in features) == ["labuan-bajo", "tenau"]


def test_owslib_reads_collections_pages_boxes_and_filters(root: str, public: TestClient) -> None:
    client = Features(root)
    names = [one["id"] for one in public.get("/ogc/collections").json()["collections"]]
    assert client.feature_collections() == names
    assert "/collections/areas/items" in client.api()["paths"]
    whole = public.get("/ogc/collections/areas/items?limit=1000").json()
    codes = [feature["id"] for feature in whole["features"]]
    pages = [client.collection_items("areas", limit=2, offset=n) for n in range(0, len(codes), 2)]
    assert [feature["id"] for page in pages for feature in page["features"]] == codes
    assert {page["numberMatched"] for page in pages} == {len(codes)}
    near = client.collection_items("terminals", bbox=[123.5, -10.3, 123.6, -10.1])
    assert [feature["id"] for feature in near["features"]] == ["tenau"]
    assert {"kind", "province_code"} <= client.collection_queryables("terminals")[
        "properties"
    ].keys()
    ports = client.collection_items(
        "terminals", filter="kind = 'seaport' AND province_code = '53'", sortby=("id", "desc")
    )
    assert [feature["id"] for feature in ports["features"]] == ["tenau", "labuan-bajo"]
    tenau = client.collection_item("terminals", "tenau")
    assert tenau["geometry"]["coordinates"] == pytest.approx(TENAU, abs=2e-3)


def test_owslib_reads_which_years_there_are(root: str, public: TestClient) -> None:
    """From the collection; and what it asks for outside of them is not there."""
    client = Features(root)
    for name, first, last in (("counts", "year", "year"), ("victims", "year_from", "year_to")):
        rows = [one["properties"] for one in client.collection_items(name, limit=1000)["features"]]
        years = min(row[first] for row in rows), max(row[last] for row in rows)
        ((start, end),) = client.collection(name)["extent"]["temporal"]["interval"]
        assert (start, end) == (f"{years[0]}-01-01T00:00:00Z", f"{years[1]}-12-31T23:59:59Z")
        inside = client.collection_items(name, datetime_=f"{start}/{end}")
        assert inside["numberMatched"] == len(rows)
        assert client.collection_items(name, datetime_=f"../{years[0] - 1}-12-31")["features"] == []


_QGIS = """
import os
import sys
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsFeatureRequest,
    QgsMapRendererSequentialJob, QgsMapSettings, QgsRectangle, QgsVectorLayer, QgsVectorTileLayer)
from qgis.PyQt.QtCore import QSize
application = QgsApplication([], False)
application.initQgis()
root = sys.argv[1]
layer = QgsVectorLayer(f"url='{root}' typename='terminals' restrictToRequestBBOX='1'", "t", "OAPIF")
box = QgsFeatureRequest().setFilterRect(QgsRectangle(123.5, -10.3, 123.6, -10.1))
print(*[feature["id"] for feature in layer.getFeatures(box)], flush=True)
print(len(list(layer.getFeatures())), flush=True)
place = root + "/tiles/WebMercatorQuad/{z}/{y}/{x}"
tiles = QgsVectorTileLayer(
    f"type=xyz&url={place}&zmin=3&zmax=9&styleUrl={root}/styles/areas", "tiles")
tiles.loadDefaultStyle()
settings = QgsMapSettings()
settings.setLayers([tiles])
settings.setOutputSize(QSize(600, 400))
settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
settings.setExtent(QgsRectangle(13_600_000, -1_220_000, 13_950_000, -970_000))
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
print(*{image.pixelColor(x, y).name() for x in range(600) for y in range(400)}, flush=True)
os._exit(0)  # QGIS 3.22 crashes when Python takes its objects apart
"""


@pytest.mark.qgis
def test_qgis_reads_features_and_draws_tiles_in_their_style(
    root: str, public: TestClient, tmp_path: Path
) -> None:
    done = subprocess.run(
        ["/usr/bin/python3", "-c", _QGIS, root],
        capture_output=True, text=True, timeout=120,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    near, number, colours = done.stdout.splitlines()
    assert (near, number) == ("tenau", "5")
    areas = public.get("/ogc/collections/areas/items").json()["features"]
    classes = {area["properties"]["class"] for area in areas}
    assert {LAYERS["areas"].style.colours[name] for name in classes} & set(colours.split())
