"""Failures: one shape, no trace, and what is hidden looks like what is missing."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.errors import STATUS, status_of
from geo import errors as geo_errors
from tests.api.conftest import Service


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/nowhere", 404),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", "/docs/other.js", 404),
        ("POST", "/v1/areas", 405),
        ("PUT", "/static/map/map.js", 405),
        ("GET", "/v1/areas?limit=x", 400),
        ("GET", "/v1/areas?level=village%00", 400),
        ("GET", "/v1/areas?within=53'--", 400),
        ("GET", "/v1/areas/53?x=1", 400),
        ("GET", "/v1/areas/99.99", 404),
        ("GET", "/ogc/collections/nothing", 404),
        ("POST", "/v1/session", 400),
    ],
)
def test_every_failure_is_a_problem_document(
    public: TestClient, method: str, path: str, status: int
) -> None:
    answer = public.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(body)
    assert "\n" not in body["detail"]
    assert "Traceback" not in answer.text


FAILURES = (
    ("GET", "/v1/nowhere", None),
    ("GET", "/v1/areas?limit=x", None),
    ("GET", "/v1/areas?level=planet&limit=0", None),
    ("GET", "/v1/areas/53?x=1", None),
    ("POST", "/v1/areas", None),
    ("GET", "/ogc/collections/areas/items?bbox=1,2,3", None),
    ("GET", "/ogc/collections/areas/items?limit=x", None),
    ("GET", "/ogc/collections/areas/items?datetime=2024-13-01", None),
    ("GET", "/ogc/collections?f=pdf", None),
    ("POST", "/v1/session", {}),
    ("POST", "/v1/session", {"name": "nobody", "password": "wrong-password-here"}),
)


@pytest.mark.parametrize(("method", "path", "body"), FAILURES)
def test_a_problem_has_one_code_and_a_text_in_each_language(
    service: Service, method: str, path: str, body: dict[str, str] | None
) -> None:
    client = service.client()
    problems = {
        header: client.request(method, path, json=body, headers={"Accept-Language": header}).json()
        for header in ("id", "en-GB, id;q=0.5", "de, *;q=0.1", "")
    }
    indonesian, english, *others = problems.values()
    assert others == [indonesian, indonesian], "without a known language: Bahasa Indonesia"
    for name in ("status", "code", "params", "instance"):
        assert indonesian[name] == english[name]
    assert indonesian["detail"] != english["detail"]
    assert "wrong-password-here" not in str(problems)
    fields = [[(e["field"], e["code"]) for e in p.get("errors", [])] for p in problems.values()]
    assert fields[0] == fields[1]


def test_the_language_of_a_problem_is_that_of_the_header_then_the_account(service: Service) -> None:
    client = service.client("polisi")
    del client.headers["accept-language"]
    assert client.get("/v1/nowhere").headers["content-language"] == "id"
    with service.app.state.register.changing_accounts() as connection:
        connection.exec_driver_sql("UPDATE accounts SET language = 'en' WHERE name = 'polisi'")
    try:
        assert client.get("/v1/nowhere").headers["content-language"] == "en"
        assert client.get("/ogc?lang=id&f=x").headers["content-language"] == "id"
        header = {"Accept-Language": "id;q=0.3, en;q=0.2, xx"}
        assert client.get("/v1/nowhere", headers=header).headers["content-language"] == "id"
    finally:
        with service.app.state.register.changing_accounts() as connection:
            connection.exec_driver_sql("UPDATE accounts SET language = 'id' WHERE name = 'polisi'")


@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        ("/ogc/collections/posts", "/ogc/collections/xxxxx"),
        ("/ogc/collections/posts/items", "/ogc/collections/xxxxx/items"),
        ("/ogc/collections/posts/items?limit=x", "/ogc/collections/xxxxx/items?limit=x"),
        ("/ogc/collections/posts/queryables", "/ogc/collections/xxxxx/queryables"),
        ("/ogc/collections/posts/items/post-tenau", "/ogc/collections/xxxxx/items/post-tenau"),
        ("/ogc/collections/terminals/items/rahasia", "/ogc/collections/terminals/items/xxxxxxx"),
        ("/v1/terminals/rahasia", "/v1/terminals/xxxxxxx"),
        ("/ogc/collections/terminals/items?load_mean=1", "/ogc/collections/terminals/items?x=1"),
        ("/ogc/collections/areas/items?score_mean=1", "/ogc/collections/areas/items?x=1"),
        ("/v1/areas?within=98", "/v1/areas?within=99"),
    ],
)
def test_hidden_looks_like_missing(public: TestClient, hidden: str, missing: str) -> None:
    one, other = public.get(hidden), public.get(missing)
    assert one.status_code == other.status_code
    paths = [address.partition("?")[0].encode() for address in (hidden, missing)]
    assert one.content.replace(paths[0], b"PATH") == other.content.replace(paths[1], b"PATH")
    ignored = {"content-length", "etag"}
    headers = [
        {name: value for name, value in answer.headers.items() if name not in ignored}
        for answer in (one, other)
    ]
    assert headers[0] == headers[1]


def test_a_missing_route_reads_like_a_missing_resource(public: TestClient) -> None:
    route = public.get("/v1/scenarios/abc")
    resource = public.get("/v1/terminals/abc")
    assert route.content.replace(b"scenarios", b"terminals") == resource.content
    assert dict(route.headers) | {"content-length": ""} == dict(resource.headers) | {
        "content-length": ""
    }


def test_the_police_corridor_is_missing_for_others(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    key = police.get("/v1/corridors").json()["corridors"][0]["id"]
    for client in (public, partner):
        hidden = client.get(f"/v1/corridors/{key}")
        missing = client.get("/v1/corridors/xyz")
        assert hidden.status_code == 404
        assert hidden.content.replace(key.encode(), b"xyz") == missing.content


def test_an_unforeseen_failure_shows_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret-detail")

    monkeypatch.setattr("api.endpoints.areas.nest", broken)
    answer = service.client().get("/v1/areas")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret-detail" not in answer.text
    assert "secret-detail" in caplog.text


def test_every_error_on_purpose_has_a_status() -> None:
    kinds = {name: getattr(geo_errors, name) for name in geo_errors.__all__}
    for name, kind in kinds.items():
        if not isinstance(kind, type):
            continue
        status = status_of(kind("x"))
        assert (status == 500) == (kind is geo_errors.PetajagaError), name
    assert len(set(STATUS)) == len(STATUS)
