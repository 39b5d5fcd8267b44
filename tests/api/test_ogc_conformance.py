"""The conformance classes that the service declares: each is asked for its requirements.

After the abstract tests of OGC 17-069r4 (Features), 18-058r1 (Part 2), 19-079r2 (Part 3), 21-065r2
(CQL2) and 20-057 (Tiles). Addresses are found by links from the landing page, as a client would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import shape
from starlette.testclient import TestClient

from api.endpoints.ogc.landing import CONFORMANCE

ROOT = "/ogc/"
SPEC = "http://www.opengis.net/spec/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
HTML = {"Accept": "text/html"}
CHECKS: dict[str, Callable[[Ogc], None]] = {}


class Ogc:
    """A client that knows the address of the landing page."""

    def __init__(self, client: TestClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.landing = self.get(ROOT)

    def get(self, address: str, **params: Any) -> dict[str, Any]:
        answer = self.client.get(address, params=params or None)
        assert answer.status_code == 200, (address, params, answer.text)
        body: dict[str, Any] = answer.json()
        return body

    def status(self, address: str, **params: Any) -> int:
        return int(self.client.get(address, params=params).status_code)

    def follow(self, document: dict[str, Any], rel: str) -> str:
        return next(
            link["href"]
            for link in document["links"]
            if link["rel"] == rel and "html" not in link["type"]
        )

    @property
    def collections(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.get(self.follow(self.landing, "data"))["collections"]
        return listed

    def items(self, name: str) -> str:
        (found,) = (c for c in self.collections if c["id"] == name)
        return self.follow(found, "items").partition("?")[0]

    def ids(self, name: str, /, **params: Any) -> list[str]:
        body = self.get(self.items(name), limit=1000, **params)
        assert body["numberMatched"] == body["numberReturned"] == len(body["features"])
        return [feature["id"] for feature in body["features"]]

    def features(self, name: str) -> list[dict[str, Any]]:
        features: list[dict[str, Any]] = self.get(self.items(name), limit=1000)["features"]
        return features

    @property
    def definition(self) -> dict[str, Any]:
        return self.get(self.follow(self.landing, "service-desc"))


def requires(*classes: str) -> Callable[[Callable[[Ogc], None]], Callable[[Ogc], None]]:
    def register(check: Callable[[Ogc], None]) -> Callable[[Ogc], None]:
        CHECKS.update({SPEC + name: check for name in classes})
        return check

    return register


@pytest.fixture(scope="module")
def ogc(public: TestClient, tmp_path_factory: pytest.TempPathFactory) -> Ogc:
    return Ogc(public, tmp_path_factory.mktemp("ogc"))


def test_what_is_declared_is_what_is_checked(ogc: Ogc) -> None:
    declared = ogc.get(ogc.follow(ogc.landing, "conformance"))["conformsTo"]
    assert sorted(declared) == sorted(CHECKS)


@pytest.mark.parametrize("uri", CONFORMANCE)
def test_class(uri: str, ogc: Ogc) -> None:
    CHECKS[uri](ogc)


# -- Features, Part 1 ------------------------------------------------------------------------------


@requires("ogcapi-features-1/1.0/conf/core")
def core(ogc: Ogc) -> None:
    relations = {link["rel"] for link in ogc.landing["links"]}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= relations
    listed = ogc.get(ogc.follow(ogc.landing, "data"))
    assert {"self", "alternate"} <= {link["rel"] for link in listed["links"]}
    parameters = ogc.definition["components"]["parameters"]
    assert parameters["limit"]["schema"]["minimum"] == 1
    limits = parameters["limit"]["schema"]
    assert limits["default"] <= limits["maximum"]
    assert (parameters["bbox"]["style"], parameters["bbox"]["explode"]) == ("form", False)
    for collection in listed["collections"]:
        alone = ogc.get(f"{ogc.follow(listed, 'self').partition('?')[0]}/{collection['id']}")
        for name in ("id", "title", "description", "extent", "crs", "itemType"):
            assert alone[name] == collection[name]
        assert {"self", "alternate", "items"} <= {link["rel"] for link in alone["links"]}
        items = ogc.items(collection["id"])
        page = ogc.get(items, limit=2)
        assert page["numberReturned"] == len(page["features"]) <= 2
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", page["timeStamp"])
        assert {"self", "alternate"} <= {link["rel"] for link in page["links"]}
        assert len(ogc.get(items)["features"]) <= limits["default"]
        every = ogc.features(collection["id"])
        assert list(_pages(ogc, items)) == [feature["id"] for feature in every]
        for feature in every[:2]:
            one = ogc.get(f"{items}/{feature['id']}")
            assert one["properties"] == feature["properties"]
            assert {"self", "alternate", "collection"} <= {link["rel"] for link in one["links"]}
        west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
        middle = ((west + east) / 2, (south + north) / 2)
        for box in ((west, south, *middle), (*middle, east, north), (west, south, east, north)):
            chosen = {f["id"] for f in every if f["geometry"]
                      and shape(f["geometry"]).intersects(shapely.box(*box))}  # fmt: skip
            assert set(ogc.ids(collection["id"], bbox=",".join(map(str, box)))) == chosen
        assert ogc.status(items, unknown=1) == ogc.status(items, limit="x") == 400
        assert ogc.status(items, bbox="1,2,3") == ogc.status(items, datetime="x") == 400
        assert ogc.status(f"{items}/nonsense") == 404
    years = ogc.get(ogc.items("counts"), datetime="2018-05-05T00:00:00Z", limit=1000)["features"]
    assert {feature["properties"]["year"] for feature in years} == {2018}
    assert ogc.status(ROOT + "collections/nonsense") == 404


def _pages(ogc: Ogc, items: str) -> Iterator[str]:
    address = f"{items}?limit=3"
    while address:
        page = ogc.get(address)
        yield from (feature["id"] for feature in page["features"])
        address = next((k["href"] for k in page["links"] if k["rel"] == "next"), "")


@requires("ogcapi-features-1/1.0/conf/oas30", "ogcapi-tiles-1/1.0/conf/oas30")
def openapi(ogc: Ogc) -> None:
    document = ogc.definition
    assert document["openapi"].startswith("3.0.")
    text = json.dumps(document)
    for _, part, name in re.findall(r'"\$ref": "(#/components/(\w+)/(\w+|[\w-]+))"', text):
        assert name in document["components"][part]
    for collection in ogc.collections:
        root = f"/collections/{collection['id']}"
        for path in ("", "/items", "/items/{featureId}", "/queryables", "/tiles/WebMercatorQuad",
                     "/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}"):  # fmt: skip
            operation = document["paths"][root + path]["get"]
            assert "200" in operation["responses"]
            given = {p["name"] for p in operation["parameters"] if p.get("in") == "path"}
            assert given == set(re.findall(r"{(\w+)}", path))


@requires("ogcapi-features-1/1.0/conf/html")
def html(ogc: Ogc) -> None:
    items = ogc.items("terminals")
    for address in (ROOT, ogc.follow(ogc.landing, "conformance").partition("?")[0],
                    ogc.follow(ogc.landing, "data").partition("?")[0], items,
                    f"{items}/tenau"):  # fmt: skip
        page = ogc.client.get(address, headers=HTML)
        assert page.headers["content-type"].startswith("text/html")
        assert page.text.startswith("<!doctype html>")


@requires("ogcapi-features-1/1.0/conf/geojson")
def geojson(ogc: Ogc) -> None:
    for collection in ogc.collections:
        answer = ogc.client.get(ogc.items(collection["id"]))
        assert answer.headers["content-type"] == "application/geo+json"
        assert answer.json()["type"] == "FeatureCollection"
        for feature in answer.json()["features"]:
            assert feature["type"] == "Feature"
            assert feature["geometry"] is None or shape(feature["geometry"]).is_valid


# -- Part 2: reference systems ---------------------------------------------------------------------


@requires("ogcapi-features-2/1.0/conf/crs")
def reference_systems(ogc: Ogc) -> None:
    default = ogc.client.get(ogc.items("terminals"))
    assert default.headers["content-crs"] == f"<{CRS84}>"
    for collection in ogc.collections:
        assert collection["crs"][0] == CRS84
        assert collection["storageCrs"] in collection["crs"]
    items = ogc.items("terminals")
    tenau = ogc.get(f"{items}/tenau")["geometry"]["coordinates"]
    for uri in [*ogc.collections[0]["crs"][:4], *ogc.collections[0]["crs"][4::6]]:
        authority, code = uri.split("/")[-3::2]
        wanted = Transformer.from_crs("OGC:CRS84", f"{authority}:{code}").transform(*tenau)
        for address in (items, f"{items}/tenau"):
            assert ogc.client.get(address, params={"crs": uri}).headers["content-crs"] == f"<{uri}>"
        one = ogc.get(f"{items}/tenau", crs=uri)["geometry"]["coordinates"]
        assert one == pytest.approx(wanted, abs=2e-3)
        box = ",".join(str(v + d) for d in (-0.01, 0.01) for v in wanted)
        assert ogc.ids("terminals", **{"bbox": box, "bbox-crs": uri, "crs": uri}) == ["tenau"]
    for name in ("crs", "bbox-crs"):
        assert ogc.status(items, **{name: "http://www.opengis.net/def/crs/EPSG/0/1"}) == 400


# -- Part 3: filters -------------------------------------------------------------------------------


@requires("ogcapi-features-3/1.0/conf/queryables",
          "ogcapi-features-3/1.0/conf/queryables-query-parameters")  # fmt: skip
def queryables(ogc: Ogc) -> None:
    for collection in ogc.collections:
        address = ogc.follow(collection, REL + "queryables")
        answer = ogc.client.get(address)
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        assert schema["type"] == "object"
        assert schema["$id"] == address.partition("?")[0]
        assert not schema["additionalProperties"]
        roles = [field.get("x-ogc-role") for field in schema["properties"].values()]
        assert roles.count("primary-geometry") == 1
        features = ogc.features(collection["id"])
        for name, field in schema["properties"].items():
            values = {f["properties"].get(name) for f in features} - {None}
            if "type" in field and values:
                value = min(values)
                asked = str(value).lower() if isinstance(value, bool) else value
                assert ogc.ids(collection["id"], **{name: asked}) == [
                    f["id"] for f in features if f["properties"][name] == value
                ]
        assert ogc.status(ogc.items(collection["id"]), nonsense="1") == 400


@requires("ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter",
          "cql2/1.0/conf/cql2-text")  # fmt: skip
def filters(ogc: Ogc) -> None:
    items, text = ogc.items("terminals"), "kind = 'seaport'"
    wanted = [f["id"] for f in ogc.features("terminals") if f["properties"]["kind"] == "seaport"]
    assert ogc.ids("terminals", filter=text) == wanted != []
    assert ogc.ids("terminals", **{"filter": text, "filter-lang": "cql2-text"}) == wanted
    assert ogc.ids("terminals", filter=text, bbox="119,-9,120,-8") == ["labuan-bajo"]
    assert ogc.ids("terminals", filter=text, province_code="65") == ["nunukan"]
    lat_lon = "http://www.opengis.net/def/crs/EPSG/0/4326"
    spot = {"filter": "S_INTERSECTS(geometry, POINT(-10.199 123.526))", "filter-crs": lat_lon}
    assert ogc.ids("terminals", **spot) == ["tenau"]
    for wrong in ({"filter": "kind ="}, {"filter": "nonsense = 1"}, {"filter-lang": "sql"},
                  {"filter": text, "filter-crs": "x"}):  # fmt: skip
        assert ogc.status(items, **wrong) == 400
    definition = ogc.definition["components"]["parameters"]
    assert definition["filter-lang"]["schema"]["default"] == "cql2-text"
    assert definition["filter-crs"]["schema"]["default"] == CRS84


@requires("cql2/1.0/conf/cql2-json")
def filters_in_json(ogc: Ogc) -> None:
    node = {"op": "=", "args": [{"property": "kind"}, "seaport"]}
    asked = {"filter": json.dumps(node), "filter-lang": "cql2-json"}
    assert ogc.ids("terminals", **asked) == ogc.ids("terminals", filter="kind = 'seaport'")


def _agree(ogc: Ogc, name: str, cases: dict[str, Callable[[dict[str, Any]], bool]]) -> None:
    features = ogc.features(name)
    for text, holds in cases.items():
        wanted = [f["id"] for f in features if holds(f["properties"])]
        assert ogc.ids(name, filter=text) == wanted, text


@requires("cql2/1.0/conf/basic-cql2")
def basic(ogc: Ogc) -> None:
    _agree(ogc, "areas", {
        "population = 366000": lambda p: p["population"] == 366000,
        "population <> 366000": lambda p: p["population"] != 366000,
        "population < 366000": lambda p: p["population"] < 366000,
        "population <= 366000": lambda p: p["population"] <= 366000,
        "population > 366000": lambda p: p["population"] > 366000,
        "population >= 366000": lambda p: p["population"] >= 366000,
        "name > 'Kota'": lambda p: p["name"] > "Kota",
        "parent IS NULL": lambda p: p["parent"] is None,
        "parent IS NOT NULL": lambda p: p["parent"] is not None,
        "level='regency' AND population>3e5 OR NOT lat<0":
            lambda p: (p["level"] == "regency" and p["population"] > 3e5) or p["lat"] >= 0,
        "level='regency' AND (population>3e5 OR lat>=0)":
            lambda p: p["level"] == "regency" and (p["population"] > 3e5 or p["lat"] >= 0),
        "TRUE": lambda _: True, "FALSE": lambda _: False,
    })  # fmt: skip
    _agree(ogc, "legs", {"over_water = TRUE": lambda p: p["over_water"] is True,
                         "over_water = false": lambda p: p["over_water"] is False,
                         "over_water": lambda p: p["over_water"] is True})  # fmt: skip


@requires("cql2/1.0/conf/advanced-comparison-operators")
def advanced(ogc: Ogc) -> None:
    _agree(ogc, "areas", {
        "name LIKE 'Kota%'": lambda p: p["name"].startswith("Kota"),
        "name LIKE 'kota%'": lambda _: False,
        "name NOT LIKE '%u__ng'": lambda p: re.search(r"u..ng$", p["name"]) is None,
        "code LIKE '53._1'": lambda p: re.fullmatch(r"53\..1", p["code"]) is not None,
        "population BETWEEN 200000 AND 366000": lambda p: 200000 <= p["population"] <= 366000,
        "lat NOT BETWEEN -9 AND 0": lambda p: not -9 <= p["lat"] <= 0,
        "class IN ('high', 'low')": lambda p: p["class"] in ("high", "low"),
        "population NOT IN (366000, 442000)": lambda p: p["population"] not in (366000, 442000),
    })  # fmt: skip


@requires("cql2/1.0/conf/case-insensitive-comparison")
def ignoring_case(ogc: Ogc) -> None:
    _agree(ogc, "areas", {
        "CASEI(name) = CASEI('KOTA batam')": lambda p: p["name"] == "Kota Batam",
        "CASEI(name) LIKE CASEI('KOTA%')": lambda p: p["name"].startswith("Kota"),
        "CASEI(name) IN (CASEI('kota kupang'))": lambda p: p["name"] == "Kota Kupang",
    })  # fmt: skip


@requires("cql2/1.0/conf/basic-spatial-functions", "cql2/1.0/conf/basic-spatial-functions-plus")
def spatial(ogc: Ogc) -> None:
    shapes = [
        "POINT(123.526 -10.199)",
        "MULTIPOINT((123.526 -10.199),(104.056 1.13))",
        "LINESTRING(123.526 -10.199, 117.667 4.14)",
        "MULTILINESTRING((123 -10, 124 -11),(104.056 1.13, 105 1))",
        "POLYGON((119 -11, 125 -11, 125 -8, 119 -8, 119 -11))",
        "MULTIPOLYGON(((119 -11, 125 -11, 125 -8, 119 -11)),((104 1, 105 1, 105 2, 104 1)))",
        "GEOMETRYCOLLECTION(POINT(104.056 1.13),POLYGON((119 -9, 120 -9, 120 -8, 119 -9)))",
    ]
    for name in ("terminals", "areas", "legs"):
        features = ogc.features(name)
        for text in [*shapes, "BBOX(119,-11,125,-8)"]:
            other = (shapely.from_wkt(text) if text in shapes
                     else shapely.box(119, -11, 125, -8))  # fmt: skip
            wanted = [f["id"] for f in features
                      if f["geometry"] and shape(f["geometry"]).intersects(other)]  # fmt: skip
            assert ogc.ids(name, filter=f"S_INTERSECTS(geometry, {text})") == wanted, text


# -- Tiles -----------------------------------------------------------------------------------------


def _tilesets(ogc: Ogc, document: dict[str, Any]) -> list[dict[str, Any]]:
    listed = ogc.get(ogc.follow(document, REL + "tilesets-vector"))
    return [ogc.get(ogc.follow(item, "self")) for item in listed["tilesets"]]


def _template(ogc: Ogc, tileset: dict[str, Any]) -> str:
    (item,) = (link for link in tileset["links"] if link["rel"] == "item")
    assert item["templated"]
    assert item["type"] == "application/vnd.mapbox-vector-tile"
    return str(item["href"])


def _at(template: str, z: Any, row: Any, column: Any) -> str:
    names = {"tileMatrix": z, "tileRow": row, "tileCol": column}
    return re.sub(r"{(\w+)}", lambda match: str(names[match[1]]), template)


KUPANG = (6, 33, 53)
"""Level, row, column."""


@requires("ogcapi-tiles-1/1.0/conf/core", "ogcapi-tiles-1/1.0/conf/mvt",
          "ogcapi-tiles-1/1.0/conf/dataset-tilesets",
          "ogcapi-tiles-1/1.0/conf/geodata-tilesets")  # fmt: skip
def tiles(ogc: Ogc) -> None:
    for document in (ogc.landing, *ogc.collections):
        for tileset in _tilesets(ogc, document):
            template = _template(ogc, tileset)
            answer = ogc.client.get(_at(template, *KUPANG))
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
            file = ogc.folder / "tile.mvt"
            file.write_bytes(answer.content)
            found = {name for name, _ in pyogrio.list_layers(file)} if answer.content else set()
            listed = {layer["id"] for layer in tileset["layers"]}
            assert found <= listed <= {c["id"] for c in ogc.collections}
            if document is ogc.landing:
                assert "areas" in found
            else:
                assert listed <= {document["id"]}
            for place in ((25, 0, 0), (3, 8, 0), (3, 0, 8), ("x", 0, 0), (3, -1, 0)):
                assert ogc.status(_at(template, *place)) == 404, place
            plain = ogc.client.get(_at(template, *KUPANG), headers={"Accept-Encoding": "identity"})
            assert "content-encoding" not in plain.headers
            assert plain.content == answer.content


@requires("ogcapi-tiles-1/1.0/conf/tileset", "ogcapi-tiles-1/1.0/conf/tilesets-list")
def tileset_metadata(ogc: Ogc) -> None:
    scheme = ogc.get(ogc.follow(ogc.landing, REL + "tiling-schemes"))["tileMatrixSets"][0]
    matrices = ogc.get(ogc.follow(scheme, "self"))["tileMatrices"]
    for level, matrix in enumerate(matrices):
        assert matrix["id"] == str(level)
        assert matrix["matrixWidth"] * matrix["tileWidth"] * matrix["cellSize"] == (
            pytest.approx(2 * 20037508.3427892)
        )
    for document in (ogc.landing, *ogc.collections):
        for tileset in _tilesets(ogc, document):
            assert tileset["dataType"] == "vector"
            assert tileset["crs"] == scheme["crs"]
            assert tileset["tileMatrixSetURI"] == scheme["uri"]
            assert ogc.get(ogc.follow(tileset, REL + "tiling-scheme"))["id"] == scheme["id"]
            tilejson = ogc.get(ogc.follow(tileset, "describedby"))
            assert tilejson["tilejson"] == "3.0.0"
            (address,) = tilejson["tiles"]
            assert address == _template(ogc, tileset).replace("{tileMatrix}/{tileRow}/{tileCol}",
                                                              "{z}/{y}/{x}")  # fmt: skip
            assert {layer["id"] for layer in tilejson["vector_layers"]} == {
                layer["id"] for layer in tileset["layers"]
            }
