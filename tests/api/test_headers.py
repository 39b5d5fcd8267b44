"""What every answer carries: security headers, caching by tier, ETag, compression, HEAD."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from starlette.testclient import TestClient

from layers.palette import AREA_COLOURS, POST_SIGN, SIGNS
from layers.release.release import open_release
from tests.api.conftest import Service

ADDRESSES = ["/", "/health", "/docs", "/v1/areas", "/ogc", "/ogc/collections/areas/items",
             "/static/basemap.geojson", "/openapi.json", "/nowhere", "/v1/session"]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_security_headers_everywhere(public: TestClient, address: str) -> None:
    headers = public.get(address).headers
    policy = headers["content-security-policy"]
    for rule in ("default-src 'self'", "worker-src 'self' blob:", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("address", ["/static/app/main.js", "/static/style.css"])
def test_parts_of_a_page_have_the_headers_that_are_heeded_of_them(
    public: TestClient, address: str
) -> None:
    page, worker, part = (public.get(path).headers for path in ("/", "/service-worker.js", address))
    of_documents = {
        "content-security-policy", "x-frame-options", "cross-origin-opener-policy",
        "permissions-policy",
    }  # fmt: skip
    assert of_documents <= set(page)
    assert of_documents <= set(worker)  # what a worker may do is said by its own script
    assert not of_documents & set(part)
    kept = {"x-content-type-options", "referrer-policy", "cross-origin-resource-policy"}
    assert kept <= set(part)


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_get_without_a_body(public: TestClient, address: str) -> None:
    get, head = public.get(address), public.head(address)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]


DATA = ["/v1/areas", "/v1/areas/53", "/v1/corridors", "/ogc/collections",
        "/ogc/collections/areas/items?limit=3", "/v1/releases/current"]  # fmt: skip


@pytest.mark.parametrize("address", DATA)
def test_caching_by_tier(public: TestClient, police: TestClient, address: str) -> None:
    open_, closed = public.get(address), police.get(address)
    assert open_.headers["cache-control"].startswith("public, max-age=")
    assert closed.headers["cache-control"] == "private, no-store"
    assert open_.headers["etag"] != closed.headers["etag"]
    assert "Cookie" in open_.headers["vary"]
    assert "Authorization" in open_.headers["vary"]
    assert open_.headers["petajaga-release"]
    again = public.get(address, headers={"If-None-Match": open_.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == open_.headers["etag"]
    for other in ('"x"', closed.headers["etag"]):
        assert public.get(address, headers={"If-None-Match": other}).status_code == 200
    several = f'"a", {open_.headers["etag"]}, W/"b"'
    assert public.get(address, headers={"If-None-Match": several}).status_code == 304


def test_texts_of_the_page(public: TestClient, partner: TestClient, police: TestClient) -> None:
    texts = public.get("/static/i18n/en.json")
    assert texts.headers["cache-control"] == "no-cache"
    assert texts.json()["languages"] == {"id": "Bahasa Indonesia", "en": "English"}
    assert texts.json()["messages"]["web.sign_in"] == "Sign in"
    etag = texts.headers["etag"]
    address = "/static/i18n/en.json"
    assert public.get(address, headers={"If-None-Match": f'"a", {etag}'}).status_code == 304
    assert public.get("/static/i18n/xx.json").status_code == 404

    desk = police.get("/desk/police/en.json")
    assert desk.headers["cache-control"] == "private, no-store"
    assert desk.json()["messages"]["web_police.posts_plan"] == "Posts"
    page = partner.get("/v1/session").json()["desk_page"]
    own = partner.get(f"/desk/{page}/en.json").json()["messages"]
    assert not [key for key in own if key.startswith(("web_police.", "staff."))]
    hidden = {(partner, "police"), (partner, "common"), (public, page), (public, "police")}
    assert {client.get(f"/desk/{folder}/en.json").status_code for client, folder in hidden} == {404}


def test_etags_differ_by_address_and_form(public: TestClient) -> None:
    base = "/ogc/collections/areas/items"
    tags = {
        public.get(f"{base}?limit=3").headers["etag"],
        public.get(f"{base}?limit=4").headers["etag"],
        public.get(f"{base}?limit=3", headers={"Accept": "text/html"}).headers["etag"],
        public.get(f"{base}?limit=3&lang=en").headers["etag"],
    }
    assert len(tags) == 4


def test_a_partner_of_another_province_has_another_etag(partner: TestClient, service) -> None:  # type: ignore[no-untyped-def]
    from api.auth.accounts import add_account

    made = add_account(
        service.app.state.register, name="kepri", desk="planner", tier="partner", province_code="21"
    )
    service.passwords["kepri"] = made.password
    other = service.client("kepri")
    mine, theirs = partner.get("/v1/areas"), other.get("/v1/areas")
    assert mine.headers["etag"] != theirs.headers["etag"]
    assert mine.json()["areas"] != theirs.json()["areas"]


def test_missing_things_are_not_cached(public: TestClient) -> None:
    answer = public.get("/v1/terminals/nothing", headers={"If-None-Match": "*"})
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_large_answers_are_compressed(public: TestClient) -> None:
    address = "/ogc/collections/areas/items?limit=1000"
    packed = public.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    plain = public.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert packed.json()["features"] == plain.json()["features"]


def test_documentation_works_from_this_machine_alone(public: TestClient) -> None:
    page = public.get("/docs").text
    assert "http" not in page.replace("http-equiv", "")
    script = public.get("/docs/swagger-ui-bundle.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) > 500_000
    assert public.get("/docs/swagger-ui.css").headers["content-type"].startswith("text/css")
    paths = public.get("/openapi.json").json()["paths"]
    assert {"/v1/areas", "/v1/corridors", "/v1/session", "/ogc/collections/areas/items"} <= set(
        paths
    )


def test_basemap_comes_from_the_release(public: TestClient) -> None:
    answer = public.get("/static/basemap.geojson")
    assert answer.json()["type"] == "FeatureCollection"
    tag = {"If-None-Match": answer.headers["etag"]}
    assert public.get("/static/basemap.geojson", headers=tag).status_code == 304


def test_tiles_of_the_base_map_are_those_of_the_release(service: Service) -> None:
    client = service.client()
    with open_release(service.app.state.home) as release:
        tiles = release.basemap_tiles
        assert client.get("/static/basemap.json").json() == tiles.metadata
        place = next((z, x, y) for z in range(10) for x in range(2**z) for y in range(2**z)
                     if tiles.tile(z, x, y))  # fmt: skip
        stored = gzip.decompress(tiles.tile(*place) or b"")
    address = "/static/basemap/{}/{}/{}"
    for encoding in ("gzip", "identity"):
        answer = client.get(address.format(*place), headers={"Accept-Encoding": encoding})
        assert answer.content == stored
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get(address.format(*place), headers=tag).status_code == 304
    for nowhere in ((9, 0, 0), (40, 1, 1), (2, -1, 0)):
        assert client.get(address.format(*nowhere)).status_code == 204


def test_the_page_has_the_palette_and_not_the_sign_of_a_post(public: TestClient) -> None:
    answer = public.get("/static/map/palette.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    values = dict(re.findall(r"export const (\w+) = (.*);", answer.text))
    assert json.loads(values["AREA_COLOURS"]) == dict(AREA_COLOURS)
    assert json.loads(values["SIGNS"])["ferry"]["path"] == SIGNS["ferry"].path
    assert POST_SIGN.path not in answer.text
    again = public.get("/static/map/palette.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
