"""Whatever is sent, the answer is one of the service's own: never a 5xx, always its media types."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

TEXT = st.text(max_size=30)
VALUES = st.one_of(
    TEXT,
    st.sampled_from(
        ["", "0", "-1", "1e309", "nan", "53", "53.71", "'", '"', "%", "_", "..", "null", "true",
         "1,2,3,4", "-180,-90,180,90", "9" * 400, "\x00", "../../etc/passwd", "json", "html", "id"]
    ),
    st.floats().map(str),
    st.integers().map(str),
)  # fmt: skip
NAMES = st.one_of(
    TEXT,
    st.sampled_from(
        ["limit", "offset", "bbox", "datetime", "f", "lang", "level", "within", "origin", "kind",
         "bbox-crs", "crs", "filter", "filter-lang", "filter-crs", "sortby", "properties", "after",
         "name", "year", "class", "score_mean", "province_code", "official", "waypoints"]
    ),
)  # fmt: skip
SEGMENTS = st.one_of(
    TEXT,
    st.sampled_from(
        ["v1", "ogc", "areas", "corridors", "collections", "terminals", "items", "queryables",
         "session", "posts", "counts", "static", "docs", "tenau", "53.71", "releases", "current"]
    ),
)  # fmt: skip
KNOWN = [
    "/v1/areas", "/v1/corridors", "/v1/areas/53", "/v1/terminals/tenau", "/v1/session",
    "/v1/terminals",
    "/ogc/collections/areas/items", "/ogc/collections/terminals/items", "/ogc/collections",
    "/ogc/collections/counts/items", "/ogc/collections/corridors/items", "/ogc",
    "/ogc/collections/settlements/items", "/static/basemap.geojson", "/openapi.json",
]  # fmt: skip
ADDRESS = st.one_of(
    st.sampled_from(KNOWN),
    st.lists(SEGMENTS, max_size=6).map(lambda parts: "/" + "/".join(_safe(p) for p in parts)),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40),
        "If-None-Match": st.sampled_from(["*", '"x"', 'W/"', ","]),
        "Authorization": st.sampled_from(["Bearer", "Bearer x", "Basic eDp5", "x"]),
        "Cookie": st.sampled_from(["petajaga_session=x", "petajaga_session=", "=;;="]),
    },
)


def _safe(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _check(answer: Any) -> None:
    assert answer.status_code < 500, (answer.status_code, answer.text)
    if answer.status_code in (204, 304):
        return
    kind = answer.headers["content-type"]
    if answer.status_code >= 400:
        assert kind == "application/problem+json"
    if "json" in kind:
        json.loads(answer.content)


@pytest.mark.slow
@pytest.mark.parametrize("desk", ["public", "police", "partner"])
def test_reading(desk: str, request: pytest.FixtureRequest) -> None:
    client: TestClient = request.getfixturevalue(desk)

    @given(
        address=ADDRESS,
        query=st.lists(st.tuples(NAMES, VALUES), max_size=4),
        headers=HEADERS if desk == "public" else st.just({}),
    )
    def read(address: str, query: list[tuple[str, str]], headers: dict[str, str]) -> None:
        pairs = "&".join(f"{_safe(name)}={_safe(value)}" for name, value in query)
        _check(client.get(f"http://testserver{address}?{pairs}", headers=headers))

    read()


def _check_schemas(
    client: TestClient, document: dict[str, Any], operation: dict[str, Any], path: str
) -> None:
    """Each form of a page of ``/ogc`` that is JSON is as its schema says."""
    forms = next(p for p in operation["parameters"] if p.get("$ref", p.get("name"))[-1:] == "f")
    name = forms.get("$ref", "").rpartition("/")[2]
    schema = document["components"]["parameters"][name]["schema"] if name else forms["schema"]
    for form in schema["enum"]:
        answer = client.get(path, params={"f": form})
        kind = answer.headers["content-type"]
        if answer.status_code != 200 or "json" not in kind:
            continue
        described = operation["responses"]["200"]["content"]
        wanted = described.get(kind) or described.get(kind.partition(";")[0])
        if wanted is not None:
            whole = {**wanted["schema"], "components": document["components"]}
            jsonschema.Draft202012Validator(whole).validate(answer.json())


@pytest.mark.parametrize("desk", ["public", "partner", "police"])
def test_answers_are_of_the_documented_media_types(
    desk: str, request: pytest.FixtureRequest
) -> None:
    client: TestClient = request.getfixturevalue(desk)
    values = {"kind": "places", "format": "csv", "waypoints": "tenau"}
    asked = 0
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        if "{" in path or "get" not in methods:
            continue
        needed = [
            parameter["name"]
            for parameter in methods["get"].get("parameters", ())
            if parameter.get("required")
        ]
        answer = client.get(path, params={name: values.get(name, "1") for name in needed})
        if answer.status_code == 200:
            asked += 1
            content = {
                kind.partition(";")[0] for kind in methods["get"]["responses"]["200"]["content"]
            }
            assert answer.headers["content-type"].partition(";")[0] in content, path
            if path.startswith("/ogc"):
                _check_schemas(client, document, methods["get"], path)
    assert asked > 15


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(
    body=st.one_of(
        st.binary(max_size=60),
        JSON.map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries({"name": JSON, "password": JSON}).map(
            lambda value: json.dumps(value).encode()
        ),
    ),
    method=st.sampled_from(["POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "X"]),
    kind=st.sampled_from(["application/json", "text/plain", "multipart/form-data", ""]),
)
def test_writing(public: TestClient, body: bytes, method: str, kind: str) -> None:
    answer = public.request(
        method, "/v1/session", content=body, headers={"Content-Type": kind} if kind else {}
    )
    _check(answer)
