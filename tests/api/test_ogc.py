"""OGC API Features: pages, links, boxes, filters, languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pandas as pd
import pyogrio
import pytest
import shapely
from fastapi.routing import iter_route_contexts
from pyproj import Transformer
from shapely.geometry import shape
from starlette.testclient import TestClient

from api.endpoints.ogc import ROUTERS
from geo.i18n import languages
from layers.registry import LAYERS as LAYER_TABLE

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LAYERS = [
    "areas",
    "corridors",
    "counts",
    "coverage",
    "destinations",
    "legs",
    "services",
    "settlements",
    "terminals",
    "victims",
]


def _items(client: TestClient, name: str, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/ogc/collections/{name}/items?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    body: dict[str, Any] = answer.json()
    assert body["numberReturned"] == len(body["features"])
    return body


def _ids(client: TestClient, name: str, query: str = "") -> list[str]:
    return [feature["id"] for feature in _items(client, name, query)["features"]]


def test_collections_by_tier(public: TestClient, partner: TestClient, police: TestClient) -> None:
    for client, names in (
        (public, LAYERS), (partner, sorted([*LAYERS, "hotspots", "outreach", "ports"])),
        (police, sorted([*LAYERS, "hotspots", "outreach", "ports", "posts"])),
    ):  # fmt: skip
        body = client.get("/ogc/collections").json()
        assert [item["id"] for item in body["collections"]] == names
        for item in body["collections"]:
            assert item["itemType"] == "feature"
            assert len(item["extent"]["spatial"]["bbox"][0]) == 4
            assert ("temporal" in item["extent"]) is (LAYER_TABLE[item["id"]].years is not None)


@pytest.mark.slow
def test_every_link_of_every_page_leads_somewhere(public: TestClient) -> None:
    """Walk all links from the landing page; what a link says it is, it is."""
    waiting = ["http://testserver/ogc?f=json"]
    seen: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        answer = public.get(address)
        assert answer.status_code == 200, address
        seen[address] = answer.headers["content-type"]
        if "json" not in seen[address] or "/items/" in address:
            continue
        body = answer.json()
        links = [*body.get("links", [])]
        for item in body.get("collections", []):
            links += item["links"]
        for link in links:
            assert urlsplit(link["href"]).netloc == "testserver"
            assert link["title"]
            if "templated" in link:
                continue
            if link["href"] not in seen:
                waiting.append(link["href"])
                seen[link["href"]] = ""
            answer = public.get(link["href"])
            assert answer.headers["content-type"].split("; charset")[0] == link["type"], link
    assert len(seen) >= 50


def test_landing_has_the_relations_the_standard_asks_for(public: TestClient) -> None:
    body = public.get("/ogc").json()
    relations = {link["rel"] for link in body["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= relations
    conformance = public.get("/ogc/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conformance
    api = public.get("/ogc/api")
    assert api.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert api.json()["openapi"].startswith("3.0")


def test_pages_follow_each_other_and_cover_everything(public: TestClient) -> None:
    whole = _ids(public, "terminals", "limit=1000")
    found: list[str] = []
    address = "/ogc/collections/terminals/items?limit=2"
    for _ in range(10):
        body = public.get(address).json()
        assert body["numberMatched"] == len(whole)
        assert body["timeStamp"].endswith("Z")
        found += [feature["id"] for feature in body["features"]]
        links = {link["rel"]: link["href"] for link in body["links"]}
        assert ("prev" in links) == (len(found) > 2)
        if "next" not in links:
            break
        address = links["next"]
    assert found == whole
    assert len(set(found)) == len(found) == 5
    assert "offset" not in links["prev"]
    before = public.get(links["prev"]).json()
    assert [feature["id"] for feature in before["features"]] == whole[2:4]
    assert [link["rel"] for link in before["links"]].count("next") == 1


@pytest.mark.parametrize("order", ["name", "-name", "+level,-code", "-score_mean", "class,-level"])
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_follow_each_other_in_any_order_both_ways(
    order: str, limit: int, partner: TestClient
) -> None:
    """Among them a field that is null in most of a partner's rows."""
    whole = _items(partner, "areas", "limit=1000")["features"]
    for term in reversed(order.split(",")):
        field = term.strip("+-")
        whole.sort(
            key=lambda f, field=field: (f["properties"][field] is not None,
                                        f["properties"][field] or 0),
            reverse=term.startswith("-"),
        )  # fmt: skip
    wanted = [feature["id"] for feature in whole]
    for direction, first in (("next", ""), ("prev", f"&before={wanted[-1]}")):
        found: list[str] = []
        following = f"/ogc/collections/areas/items?limit={limit}&sortby={quote(order)}{first}"
        while following:
            body = partner.get(following).json()
            assert body["numberMatched"] == len(wanted)
            ids = [feature["id"] for feature in body["features"]]
            found = found + ids if direction == "next" else ids + found
            links = {link["rel"]: link["href"] for link in body["links"]}
            following = links.get(direction, "")
        assert found == (wanted if direction == "next" else wanted[:-1])


def test_the_root_answers_with_a_slash_too(public: TestClient) -> None:
    assert public.get("/ogc/").json() == public.get("/ogc").json()


def test_geojson_is_a_name_of_the_json_form(public: TestClient) -> None:
    assert _ids(public, "terminals", "f=geojson") == _ids(public, "terminals", "f=json")


def test_chosen_properties_and_their_order(public: TestClient) -> None:
    body = _items(public, "areas", "properties=class,code&sortby=-code&limit=2")
    assert [feature["properties"] for feature in body["features"]] == [
        {"code": "65.04", "class": "not_assessed"}, {"code": "65", "class": "medium"}
    ]  # fmt: skip
    apart = _items(public, "areas", "properties=class&properties=code&sortby=-code&limit=2")
    assert apart["features"] == body["features"]
    page = public.get("/ogc/collections/areas/items?properties=class,code&f=html&lang=en")
    assert page.text.count('<th scope="col">') == 2


@pytest.mark.parametrize("name", ["areas", "terminals"])
def test_without_shapes_features_have_the_boxes_around_them(name: str, public: TestClient) -> None:
    drawn, plain = (
        {f["id"]: f for f in _items(public, name, f"limit=1000&skipGeometry={flag}")["features"]}
        for flag in ("false", "true")
    )
    assert plain.keys() == drawn.keys()
    for key, feature in plain.items():
        geometry, box = drawn[key]["geometry"], feature.get("bbox")
        assert (feature["geometry"], box is None) == (None, geometry is None)
        if geometry:
            assert box == pytest.approx(shape(geometry).bounds, abs=1e-5)
        assert feature["properties"] == drawn[key]["properties"]


@pytest.mark.parametrize("name", ["after", "before"])
def test_a_hidden_row_to_go_on_from_is_answered_as_a_missing_one(
    name: str, public: TestClient, police: TestClient
) -> None:
    assert _items(police, "terminals", f"{name}=rahasia")
    for key in ("rahasia", "nonsense"):
        answer = public.get(f"/ogc/collections/terminals/items?{name}={key}")
        assert (answer.status_code, answer.json()["code"]) == (400, "query.no_feature")


CRS = "http://www.opengis.net/def/crs/"
SYSTEMS = ["OGC/1.3/CRS84", "EPSG/0/4326", "EPSG/0/4755", "EPSG/0/3857", "EPSG/0/32651",
           "EPSG/0/32748"]  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_reference_systems(system: str, public: TestClient) -> None:
    """Coordinates as PROJ computes them, in the order of the authority's axes; boxes in them."""
    authority, _, code = system.split("/")
    project = Transformer.from_crs("OGC:CRS84", f"{authority}:{code}").transform
    uri = f"{CRS}{system}"
    plain = _items(public, "terminals", "limit=100")
    answer = public.get(f"/ogc/collections/terminals/items?limit=100&crs={uri}")
    assert answer.headers["content-crs"] == f"<{uri}>"
    for before, after in zip(plain["features"], answer.json()["features"], strict=True):
        wanted = project(*before["geometry"]["coordinates"])
        assert after["geometry"]["coordinates"] == pytest.approx(wanted, abs=2e-3)
        one = public.get(f"/ogc/collections/terminals/items/{after['id']}?crs={uri}")
        assert one.json()["geometry"] == after["geometry"]
        assert one.headers["content-crs"] == f"<{uri}>"
        low, high = [value - 1e-3 for value in wanted], [value + 1e-3 for value in wanted]
        box = ",".join(map(repr, [*low, *high]))
        assert _ids(public, "terminals", f"bbox={box}&bbox-crs={uri}") == [after["id"]]
    (areas,) = (c for c in public.get("/ogc/collections").json()["collections"]
                if c["id"] == "areas")  # fmt: skip
    assert uri in areas["crs"]
    assert areas["storageCrs"] == f"{CRS}OGC/1.3/CRS84"


def test_lines_and_areas_in_metres(public: TestClient) -> None:
    project = Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True).transform
    uri = f"{CRS}EPSG/0/3857"
    for name in ("areas", "legs"):
        plain = _items(public, name)["features"]
        moved = _items(public, name, f"crs={uri}")["features"]
        for before, after in zip(plain, moved, strict=True):
            if before["geometry"] is not None:
                wanted = shapely.transform(shape(before["geometry"]), project, interleaved=False)
                assert shapely.equals_exact(shape(after["geometry"]), wanted, tolerance=2e-3)


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize("value", ["", "x", "EPSG:4326", f"{CRS}EPSG/0/9999"])
def test_unknown_reference_systems_are_400(name: str, value: str, public: TestClient) -> None:
    address = "/ogc/collections/terminals/items"
    answer = public.get(address, params={name: value, "bbox": "1,2,3,4", "filter": "TRUE"})
    assert (answer.status_code, answer.json()["code"]) == (400, "query.crs")


def test_a_box_chooses_what_it_touches_and_not_what_is_near(public: TestClient) -> None:
    """The extent of a bent line touches boxes that the line does not."""
    (line,) = (f for f in _items(public, "legs")["features"] if f["properties"]["leg_id"] == "S001"
               and f["properties"]["from_id"] == "tenau")  # fmt: skip
    west, south, east, north = shape(line["geometry"]).bounds
    corner = f"{west},{south},{west + 0.01},{south + 0.01}"
    assert not shape(line["geometry"]).intersects(shapely.box(*map(float, corner.split(","))))
    assert line["id"] not in _ids(public, "legs", f"bbox={corner}")
    assert line["id"] in _ids(public, "legs", f"bbox={west},{south},{east},{north}")


@pytest.mark.parametrize(
    ("moment", "years"),
    [
        ("2018-06-01T00:00:00Z", {2018}), ("../2017-12-31", {2017}), ("2018-01-01/..", {2018}),
        ("2017-12-31T23:59:59-01:00", {2018}), ("2016-01-01/2017-01-01", {2017}),
        ("2019-01-01/..", set()),
    ],
)  # fmt: skip
def test_counts_of_a_time(moment: str, years: set[int], public: TestClient) -> None:
    found = _items(public, "counts", f"datetime={quote(moment)}&limit=1000")["features"]
    assert {feature["properties"]["year"] for feature in found} == years
    every = _items(public, "counts", "limit=1000")["features"]
    assert len(found) == sum(feature["properties"]["year"] in years for feature in every)


def test_filters_in_both_languages(public: TestClient) -> None:
    text = "kind = 'seaport' AND NOT (province_code = '65')"
    node = json.dumps({"op": "and", "args": [
        {"op": "=", "args": [{"property": "kind"}, "seaport"]},
        {"op": "not", "args": [{"op": "=", "args": [{"property": "province_code"}, "65"]}]},
    ]})  # fmt: skip
    wanted = ["labuan-bajo", "tenau"]
    for query in (f"filter={quote(text)}", f"filter={quote(text)}&filter-lang=cql2-text",
                  f"filter={quote(node)}&filter-lang=cql2-json"):  # fmt: skip
        assert _ids(public, "terminals", query) == wanted
    assert _ids(public, "terminals", f"filter={quote(text)}&limit=1&sortby=-name") == ["tenau"]
    lat_lon = quote("S_INTERSECTS(geometry, BBOX(-10.3, 123.5, -10.1, 123.6))")
    uri = f"{CRS}EPSG/0/4326"
    assert _ids(public, "terminals", f"filter={lat_lon}&filter-crs={uri}") == ["tenau"]
    assert _ids(public, "terminals", f"filter={lat_lon}") == []
    assert _items(public, "terminals", f"filter={quote(text)}&limit=1")["numberMatched"] == 2


def test_a_filter_names_a_hidden_field_as_one_that_does_not_exist(public: TestClient) -> None:
    for parameter in ("filter={} > 1", "properties={}", "sortby={}"):
        answers = [
            public.get(f"/ogc/collections/areas/items?{parameter.format(name)}")
            for name in ("score_mean", "nonsense")
        ]
        assert [answer.status_code for answer in answers] == [400, 400]
        details = [answer.json()["detail"] for answer in answers]
        assert details[0].replace("score_mean", "nonsense") == details[1]


def test_limits(public: TestClient) -> None:
    assert len(_ids(public, "terminals", "limit=1")) == 1
    assert len(_ids(public, "terminals", "limit=100000")) == 5  # above the most is no error
    assert _ids(public, "terminals", "offset=5000") == []
    assert _items(public, "areas")["numberReturned"] == 9


@pytest.mark.parametrize(
    ("box", "names"),
    [
        ("123.5,-10.3,123.6,-10.1", ["tenau"]),
        ("123.5,-10.3,0,123.7,-10.1,100", ["el-tari", "tenau"]),
        ("119,-9,120,-8", ["labuan-bajo"]),
        ("-180,-90,180,90", ["batam-centre", "el-tari", "labuan-bajo", "nunukan", "tenau"]),
        ("117,-11,-170,5", ["el-tari", "labuan-bajo", "nunukan", "tenau"]),  # across 180 degrees
        ("0,0,1,1", []),
    ],
)
def test_boxes(public: TestClient, box: str, names: list[str]) -> None:
    assert sorted(_ids(public, "terminals", f"bbox={box}")) == names


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3", "bbox=1,2,3,x", "bbox=1,2,3,nan", "bbox=1,2,3,inf", "bbox=10,50,11,40",
        "bbox=10,-100,11,40", "bbox=-190,0,11,40", "bbox=1,2,9,3,4,5", "bbox=", "limit=0",
        "limit=-1", "limit=x", "limit=1.5", "limit=", "offset=-1", "offset=99999999999999999999",
        "foo=1", "load_mean=3", "score=1", "f=xml", "lang=fr", "limit=1&limit=2", "datetime=x",
        "datetime=2024-13-01", "datetime=../..", "datetime=2024-02-01/2024-01-01", "bbox-crs=x",
        "properties=x", "sortby=x", "sortby=name,-name", "filter=x", "filter-lang=x", "after=x",
        "skipGeometry=x",
    ],
)  # fmt: skip
def test_wrong_parameters_are_400(public: TestClient, query: str) -> None:
    answer = public.get(f"/ogc/collections/terminals/items?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "moment",
    ["2024-01-31", "2024-01-31T00:00:00Z", "2024-01-31T00:00:00.5+07:00/..", "/2024-01-31"],
)
def test_layers_without_time_match_every_time(public: TestClient, moment: str) -> None:
    assert len(_ids(public, "terminals", f"datetime={quote(moment)}")) == 5


def test_filters_by_the_own_fields(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    assert sorted(_ids(public, "terminals", "kind=seaport")) == ["labuan-bajo", "nunukan", "tenau"]
    assert _ids(public, "terminals", "kind=seaport&province_code=65") == ["nunukan"]
    assert _ids(public, "terminals", "kind=unofficial") == []
    assert _ids(police, "terminals", "official=false") == ["rahasia"]
    assert public.get("/ogc/collections/terminals/items?official=false").status_code == 400
    assert public.get("/ogc/collections/counts/items?year=x").status_code == 400
    # a value hidden from the partner cannot be found by filtering for it
    assert _ids(police, "areas", "score_mean=4.4") == ["65"]
    assert _ids(partner, "areas", "score_mean=4.4") == []
    body = _items(public, "terminals", "kind=seaport&limit=1")
    following = next(link["href"] for link in body["links"] if link["rel"] == "next")
    assert public.get(following).json()["numberMatched"] == 3


def test_partner_rows(partner: TestClient, police: TestClient) -> None:
    assert len(_ids(police, "settlements")) == 6
    for name in ("settlements", "corridors"):
        for feature in _items(partner, name)["features"]:
            assert feature["properties"]["province_code"] == "53"


def test_one_feature(public: TestClient) -> None:
    answer = public.get("/ogc/collections/terminals/items/tenau")
    body = answer.json()
    assert body["type"] == "Feature"
    assert body["geometry"] == {"type": "Point", "coordinates": [123.526, -10.199]}
    assert {link["rel"] for link in body["links"]} == {"self", "alternate", "collection"}


def test_queryables_are_the_tiers_own(public: TestClient, police: TestClient) -> None:
    mine = public.get("/ogc/collections/areas/queryables")
    assert mine.headers["content-type"] == "application/schema+json"
    assert set(mine.json()["properties"]) < set(
        police.get("/ogc/collections/areas/queryables").json()["properties"]
    )
    assert "score_mean" not in mine.text
    geometry = mine.json()["properties"]["geometry"]
    assert geometry["format"] == "geometry-multipolygon"
    sortable = public.get("/ogc/collections/areas/sortables").json()["properties"]
    properties = {k: v for k, v in mine.json()["properties"].items() if k != "geometry"}
    assert sortable == properties
    for name, field in properties.items():
        value = {"string": "x", "integer": "1", "number": "1.5", "boolean": "true"}[field["type"]]
        assert public.get(f"/ogc/collections/areas/items?{name}={value}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["", "/conformance", "/collections", "/collections/areas", "/collections/areas/queryables",
     "/collections/areas/sortables", "/collections/areas/schema", "/tiles",
     "/tiles/WebMercatorQuad", "/collections/areas/tiles",
     "/collections/areas/tiles/WebMercatorQuad", "/styles", "/tileMatrixSets",
     "/tileMatrixSets/WebMercatorQuad",
     *(f"/collections/{name}/items" for name in LAYERS),
     "/collections/terminals/items/tenau"],
)  # fmt: skip
def test_browsers_get_pages_in_two_languages(public: TestClient, path: str) -> None:
    page = public.get(f"/ogc{path}", headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-language"] == "id"
    assert '<html lang="id">' in page.text
    assert "Beranda data" in page.text
    english = public.get(f"/ogc{path}?lang=en", headers=BROWSER)
    assert '<html lang="en">' in english.text
    assert "Data home" in english.text
    assert (
        public.get(f"/ogc{path}?f=json", headers=BROWSER).headers["content-type"].endswith("json")
    )
    for word in ("<script", "style=", "http://www.", "https://"):
        assert word not in page.text.replace("http://www.opengis.net", "")


def test_the_definition_has_every_route_and_language(public: TestClient) -> None:
    document = public.get("/ogc/api").json()
    layers = [c["id"] for c in public.get("/ogc/collections").json()["collections"]]
    routes = [route for router in ROUTERS for route in router.routes]
    paths = [context.original_route.path for context in iter_route_contexts(routes)]
    paths.remove("/ogc/")  # another way to write /ogc
    assert len(paths) == len(set(paths)) >= 8
    names = {"feature_id": "featureId", "tile_matrix": "tileMatrix", "tile_row": "tileRow",
             "tile_col": "tileCol"}  # fmt: skip
    for given, written in names.items():
        paths = [path.replace(given, written) for path in paths]
    assert set(document["paths"]) == {
        path.replace("{collection_id}", name).removeprefix("/ogc") or "/"
        for path in paths
        for name in layers
    }
    assert document["servers"] == [{"url": "http://testserver/ogc"}]
    operations = [path["get"]["operationId"] for path in document["paths"].values()]
    assert len(set(operations)) == len(operations)
    language = document["components"]["parameters"]["lang"]["schema"]
    assert language["enum"] == list(languages())
    items = document["paths"]["/collections/areas/items"]["get"]
    assert {p.get("name", p.get("$ref", "").rpartition("/")[2]) for p in items["parameters"]} >= {
        "f", "lang", "bbox", "datetime", "limit", "offset", "class", "level"
    }  # fmt: skip


def test_pages_escape_what_they_show(police: TestClient) -> None:
    page = police.get("/ogc/collections/settlements/items?f=html").text
    assert "Nongsa &lt;b&gt;" in page
    assert "Nongsa <b>" not in page


def test_titles_in_both_languages(public: TestClient) -> None:
    assert public.get("/ogc/collections/areas").json()["title"] == "Wilayah"
    assert public.get("/ogc/collections/areas?lang=en").json()["title"] == "Areas"


def test_a_collection_says_its_sources_and_how_fine_it_is(public: TestClient) -> None:
    for language, words in (("id", "idn-area-data"), ("en", "idn-area-data")):
        body = public.get(f"/ogc/collections/areas?lang={language}").json()
        assert words in body["attribution"]
        assert body["x-resolution"]
        page = public.get(f"/ogc/collections/areas?f=html&lang={language}").text
        assert body["x-resolution"] in page


def _tile(client: TestClient, path: str, folder: Path) -> dict[str, pd.DataFrame]:
    """Layers of a tile as GDAL reads them."""
    answer = client.get(f"/ogc/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    file = folder / "tile.mvt"
    file.write_bytes(answer.content)
    return {
        str(name): pyogrio.read_dataframe(file, layer=name, read_geometry=False)
        for name, _ in (pyogrio.list_layers(file) if answer.content else ())
    }


BATAM = "tiles/WebMercatorQuad/6/31/50"


def test_tiles_of_each_tier(
    public: TestClient, partner: TestClient, police: TestClient, tmp_path: Path
) -> None:
    """A partner of NTT sees nothing of Kepulauan Riau's own; only the police see the landing."""
    seen = {name: _tile(client, BATAM, tmp_path)
            for name, client in (("public", public), ("partner", partner),
                                 ("police", police))}  # fmt: skip
    assert "rahasia" in set(seen["police"]["terminals"]["id"])
    for name in ("public", "partner"):
        assert set(seen[name]["terminals"]["id"]) == {"batam-centre"}
    assert "settlements" in seen["public"]
    assert not {"settlements", "ports", "areas_own"} & set(seen["partner"])
    alone = _tile(partner, f"collections/terminals/{BATAM}", tmp_path)
    assert alone.keys() == {"terminals"}
    assert alone["terminals"].equals(seen["partner"]["terminals"])
    own = _tile(partner, "collections/areas/tiles/WebMercatorQuad/6/33/53", tmp_path)
    assert own.keys() == {"areas", "areas_own"}
    listed = partner.get("/ogc/collections/areas/tiles/WebMercatorQuad").json()["layers"]
    assert {layer["id"] for layer in listed} == own.keys()


@pytest.mark.parametrize("path", ["tiles", "tiles/WebMercatorQuad", BATAM])
def test_tiles_of_a_hidden_layer_are_those_of_none(
    path: str, public: TestClient, police: TestClient
) -> None:
    assert police.get(f"/ogc/collections/posts/{path}").status_code == 200
    answers = [public.get(f"/ogc/collections/{name}/{path}") for name in ("posts", "nothing")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace("posts", "nothing") == answers[1].text
    assert answers[0].headers == answers[1].headers | {
        "content-length": answers[0].headers["content-length"]
    }


def test_styles_draw_what_the_registry_says(police: TestClient) -> None:
    """Every layer has one; fields and layers named in it are in its tiles."""
    listed = police.get("/ogc/styles").json()["styles"]
    assert [style["id"] for style in listed] == sorted([*LAYERS, "hotspots", "outreach", "ports",
                                                        "posts"])  # fmt: skip
    for item in listed:
        answer = police.get(item["links"][0]["href"])
        assert answer.headers["content-type"] == "application/vnd.mapbox.style+json"
        style, name = answer.json(), item["id"]
        assert style["version"] == 8
        (source,) = style["sources"].values()
        (address,) = source["tiles"]
        assert address.startswith(f"http://testserver/ogc/collections/{name}/tiles/")
        tilejson = police.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad?f=tilejson").json()
        drawn = LAYER_TABLE[name].style
        colours = drawn.colours or {value: sign.colour for value, sign in drawn.signs.items()}
        rows = _items(police, name, "limit=1000")["features"]
        present = {"", *(row["properties"].get(drawn.field) for row in rows)}
        text = json.dumps(style["layers"])
        for value, colour in colours.items():
            assert (f"{name} {value}".strip() in text) == (value in present), (name, value)
            assert colour in text or value not in present
        for layer in style["layers"][1:]:
            assert layer["source-layer"] == name
            assert layer["minzoom"] == source["minzoom"] or not tilejson["vector_layers"]
        fields = {field for layer in tilejson["vector_layers"] for field in layer["fields"]}
        if fields:
            assert set(re.findall(r'\["get", "(\w+)"\]', text)) <= fields, name
    assert police.get("/ogc/styles/nothing").status_code == 404


def test_a_style_names_no_kind_that_the_reader_sees_none_of(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    assert "unofficial" in police.get("/ogc/styles/terminals").text
    for client in (public, partner):
        style = client.get("/ogc/styles/terminals").text
        assert "seaport" in style
        assert "unofficial" not in style
