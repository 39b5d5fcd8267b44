"""Styles inside a GeoPackage: every layer coloured by what it holds, and nothing a tier lacks."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest

from geo.i18n import languages
from layers.exports.export import export_layer
from layers.palette import BASE
from layers.registry import LAYERS, fields_for, layers_for
from layers.release.release import Release
from layers.schema import TIERS


def styles(path: Path) -> dict[tuple[str, str], ElementTree.Element]:
    """The style documents of a GeoPackage by layer and name."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT f_table_name, styleName, styleQML FROM layer_styles").fetchall()
    return {(layer, name): ElementTree.fromstring(text) for layer, name, text in rows}


@pytest.mark.parametrize("tier", TIERS)
def test_each_layer_has_one_default_style_and_one_a_language(tier: str, release: Release) -> None:
    found = styles(release.file(tier))
    assert set(found) == {
        (name, f"Petajaga ({code})") for name in layers_for(tier) for code in languages()
    }
    with closing(sqlite3.connect(release.file(tier))) as db:
        default = db.execute("SELECT f_table_name FROM layer_styles WHERE useAsDefault").fetchall()
    assert sorted(name for (name,) in default) == sorted(layers_for(tier))


@pytest.mark.parametrize("tier", TIERS)
def test_the_legend_has_the_values_of_the_rows_and_no_other(tier: str, release: Release) -> None:
    for (name, _), style in styles(release.file(tier)).items():
        field = LAYERS[name].style.field
        categories = [item.get("value") for item in style.iter("category")]
        if not categories:
            continue
        rows = release.table(name, tier, province="*").columns[field]
        assert set(categories) - {"outline"} == set(rows)
        symbols = {item.get("name") for item in style.iter("symbol")}
        assert {item.get("symbol") for item in style.iter("category")} == symbols


@pytest.mark.parametrize("tier", TIERS)
def test_titles_are_those_of_the_tier_s_columns(tier: str, release: Release) -> None:
    for (name, _), style in styles(release.file(tier)).items():
        aliases = [item.get("field") for item in style.iter("alias")]
        assert aliases == [f.name for f in fields_for(LAYERS[name], tier)]


def test_styles_of_one_layer_are_in_its_export_and_give_the_same_bytes(
    release: Release, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.gpkg", tmp_path / "second.gpkg"
    for path in (first, second):
        export_layer(release, "terminals", path, tier="police")
    assert first.read_bytes() == second.read_bytes()
    assert {layer for layer, _ in styles(first)} == {"terminals"}


_DRAW = """
import os
import sys
from qgis.core import (QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle,
    QgsVectorLayer)
from qgis.PyQt.QtCore import QSize
application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorLayer(f"{sys.argv[1]}|layername={sys.argv[2]}", "", "ogr")
assert layer.loadDefaultStyle()[1], "no default style"
settings = QgsMapSettings()
settings.setLayers([layer])
settings.setOutputSize(QSize(300, 200))
settings.setDestinationCrs(layer.crs())
settings.setExtent(layer.extent().buffered(0.1))
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
colours = {image.pixelColor(x, y).name() for x in range(300) for y in range(200)}
print(layer.renderer().type(), layer.labelsEnabled(), layer.attributeDisplayName(1), *colours,
      sep="\\n", flush=True)
os._exit(0)  # QGIS 3.22 crashes when Python takes its objects apart
"""


@pytest.mark.qgis
def test_qgis_draws_the_colours_of_the_registry(release: Release) -> None:
    done = subprocess.run(
        ["/usr/bin/python3", "-c", _DRAW, release.file("public"), "areas"],
        capture_output=True, text=True, timeout=120, env={"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kind, labelled, title, *colours = done.stdout.splitlines()
    assert (kind, labelled, title) == ("categorizedSymbol", "True", "Kode Kemendagri")
    drawn = {value for value in release.table("areas", "public").columns["class"] if value}
    assert {LAYERS["areas"].style.colours[value] for value in drawn} & set(colours)


_DRAW_TILES = """
import json
import os
import sys
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsFillSymbol, QgsLineSymbol,
    QgsMapRendererSequentialJob, QgsMapSettings, QgsRectangle, QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle, QgsVectorTileLayer, QgsWkbTypes)
from qgis.PyQt.QtCore import QSize
application = QgsApplication([], False)
application.initQgis()
url, colours, land, bounds, picture = sys.argv[1], json.loads(sys.argv[2]), *sys.argv[3:4], (
    json.loads(sys.argv[4])), sys.argv[5]


def styled(name, source, expression, colour):
    style = QgsVectorTileBasicRendererStyle(name, source, QgsWkbTypes.PolygonGeometry)
    style.setSymbol(QgsFillSymbol.createSimple({"color": colour, "outline_style": "no"}))
    style.setFilterExpression(expression)
    return style


def tiles(place, finest, styles):
    source = f"type=xyz&url={url}/{place}/{{z}}/{{x}}/{{y}}&zmin=3&zmax={finest}"
    layer = QgsVectorTileLayer(source, place)
    assert layer.isValid()
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles(styles)
    layer.setRenderer(renderer)
    return layer


areas = [styled(c, "areas", f"\\"class\\" = '{c}'", colour) for c, colour in colours.items()]
layers = [tiles("public", 9, areas), tiles("basemap", 9, [styled("land", "land", "", land)])]
settings = QgsMapSettings()
settings.setLayers(layers)
settings.setOutputSize(QSize(600, 400))
settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
settings.setExtent(QgsRectangle(*bounds))
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
image.save(picture)
print(*{image.pixelColor(x, y).name() for x in range(600) for y in range(400)}, flush=True)
os._exit(0)
"""


@pytest.fixture
def tile_server(release: Release) -> Iterator[str]:
    """The public tiles and the base map on loopback, as a service will give them."""

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, place, z, x, y = self.path.split("/")
            at = (int(z), int(x), int(y))
            tile = (
                release.basemap_tiles.tile(*at)
                if place == "basemap"
                else release.tile("public", *at)
            )
            self.send_response(404 if tile is None else 200)
            self.end_headers()
            if tile is not None:
                self.wfile.write(gzip.decompress(tile))

        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tiles) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.qgis
def test_qgis_draws_the_tiles_in_the_colours_of_the_registry(
    release: Release, tile_server: str, tmp_path: Path
) -> None:
    """QGIS 3.22 reads tiles from a service, not from the file (docs/decisions/0017)."""
    colours, land = LAYERS["areas"].style.colours, BASE["land"]
    bounds = [13_600_000, -1_220_000, 13_950_000, -970_000]  # Timor
    done = subprocess.run(
        ["/usr/bin/python3", "-c", _DRAW_TILES, tile_server, json.dumps(dict(colours)), land,
         json.dumps(bounds), str(tmp_path / "tiles.png")],
        capture_output=True, text=True, timeout=120, env={"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    drawn = set(done.stdout.split())
    classes = {value for value in release.table("areas", "public").columns["class"] if value}
    assert {colours[value] for value in classes} & drawn
    assert land in drawn
