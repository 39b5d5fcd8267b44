"""The address that a client used: prefixes, host, scheme, and who is believed about them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.auth.principal import Principal
from api.settings import Settings
from api.state.jobs import Jobs
from geo.errors import InputError
from geo.i18n import languages
from tests.api.conftest import Service

Fresh = Callable[..., Service]
PREFIX = "/petajaga"


def _self(client: TestClient, path: str = "/ogc", **headers: str) -> str:
    """The address by which the landing page names itself."""
    document = client.get(f"{path}?f=json", headers=headers).json()
    return str(document["links"][0]["href"]).partition("/ogc?")[0]


def _client(service: Service, address: str = "127.0.0.1") -> TestClient:
    english = {"Accept-Language": "en"}
    return TestClient(service.app, client=(address, 50000), headers=english)


def test_a_prefix_is_believed_from_a_named_proxy_alone(fresh: Fresh) -> None:
    service = fresh(trusted_proxies="10.0.0.0/8,::1")
    for address, believed in (("10.1.2.3", True), ("::1", True), ("203.0.113.9", False)):
        client = _client(service, address)
        for path in ("/ogc", f"{PREFIX}/ogc") if believed else ("/ogc",):  # taken off, and not
            seen = _self(client, path, **{"X-Forwarded-Prefix": f"{PREFIX}/"})
            assert seen == f"http://testserver{PREFIX if believed else ''}"
    proxy = _client(service, "10.1.2.3")
    for bad in (
        "//evil.test",
        "evil.test",
        "/a//b",
        "/a?b",
        "/a\\b",
        "/a b",
        "/%2e",
        "/a, /b",
        "/é",
    ):
        given = {"X-Forwarded-Prefix": bad.encode("latin-1")}
        assert _self(proxy, **given) == "http://testserver", bad  # type: ignore[arg-type]
    assert _self(proxy, **{"X-Forwarded-Proto": "https"}) == "https://testserver"
    assert _self(proxy, **{"X-Forwarded-Host": "evil.test"}) == "http://testserver"


@pytest.mark.parametrize(
    "settings",
    [
        {"root_path": "/petajaga/"},
        {"public_url": "https://peta.test:443/petajaga/"},
        {"public_url": "https://peta.test", "root_path": "/petajaga"},
    ],
)
def test_a_prefix_of_the_settings(fresh: Fresh, settings: dict[str, Any]) -> None:
    client = _client(fresh(**settings, trusted_proxies="127.0.0.1"))
    host = "https://peta.test" if "public_url" in settings else "http://testserver"
    for path in ("/ogc", f"{PREFIX}/ogc"):
        assert _self(client, path, **{"X-Forwarded-Prefix": "/other"}) == f"{host}{PREFIX}"
    assert client.get(f"{PREFIX}/static/app/main.js").status_code == 200
    assert client.get(f"{PREFIX}/v1/nothing").json()["instance"] == f"{PREFIX}/v1/nothing"
    assert client.get("/petajagab/v1/areas").status_code == 404
    assert client.get(f"{PREFIX}{PREFIX}/v1/areas").status_code == 404
    for at in ("", PREFIX):  # a bad token is checked alike at what is and what is not
        codes = {
            client.get(f"{at}{path}", headers={"Authorization": "Bearer z"}).status_code
            for path in ("/v1/nothing", "/v1/plans/posts")
        }
        assert codes == {401}


def test_the_problem_of_a_job_is_under_the_prefix() -> None:
    police, jobs = Principal(tier="police", name="p"), Jobs(worker="tests.no_such_worker")
    made = jobs.submit(police, "posts", {}, release="", request={}, prefix=PREFIX)
    until = time.monotonic() + 30
    while (document := jobs.document(police, made["job"], "en"))["state"] != "failed":
        assert time.monotonic() < until
        time.sleep(0.05)
    jobs.close()
    assert document["problem"]["instance"] == f"{PREFIX}/v1/jobs/{made['job']}"


def test_the_answer_to_another_prefix_is_another(fresh: Fresh) -> None:
    proxy = _client(fresh(trusted_proxies="127.0.0.1"))
    tags = {
        proxy.get("/ogc/collections", headers={"X-Forwarded-Prefix": prefix}).headers["etag"]
        for prefix in ("", "/a", "/b")
    }
    assert len(tags) == 3


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, None),
        ({"Origin": "http://testserver"}, None),
        ({"Origin": "http://peta.test"}, "http.other_origin"),
        ({"Origin": "null"}, "http.other_origin"),
        ({"Origin": "http://peta.test", "Sec-Fetch-Site": "same-origin"}, None),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, "http.cross_site"),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"}, "http.cross_site"),
    ],
)
def test_who_may_write(service: Service, headers: dict[str, str], code: str | None) -> None:
    answer = service.client().delete("/v1/session", headers=headers)
    assert answer.status_code == (204 if code is None else 403)
    if code is not None:
        assert answer.json()["code"] == code


def test_a_refused_write_names_the_mend_and_the_mend_mends(fresh: Fresh) -> None:
    """A page at another address than Host, in a browser that sends no Sec-Fetch-Site."""
    page = {"Origin": "http://peta.test", "Host": "127.0.0.1:8000"}
    client = fresh().client()
    for language in languages():
        refused = client.delete("/v1/session", headers={**page, "Accept-Language": language})
        assert "PETAJAGA_PUBLIC_URL" in refused.json()["detail"]
        assert "http://peta.test" in refused.json()["detail"]
        assert f"proxy-guide.{language}.md" in refused.json()["detail"]
    mended = fresh(public_url="http://peta.test").client()
    assert mended.delete("/v1/session", headers=page).status_code == 204
    other = {**page, "Origin": "http://evil.test"}
    assert mended.delete("/v1/session", headers=other).status_code == 403


def test_a_session_over_https_is_no_session_over_http(service: Service) -> None:
    client = service.client()
    client.base_url = "https://testserver"
    given = {"name": "lsm", "password": service.passwords["lsm"]}
    answer = client.post("/v1/session", json=given)
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert client.get("/v1/session").json()["name"] == "lsm"
    token = answer.json()["token"]
    for planted in ("petajaga_session", "__Secure-petajaga_session"):  # by another host, say
        stranger = service.client()
        stranger.base_url = "https://testserver"
        header = {"Cookie": f"{planted}={token}"}
        assert stranger.get("/v1/session", headers=header).json()["tier"] == "public"
    plain = service.client().get("/v1/session")
    assert "strict-transport-security" not in plain.headers


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("root_path", "petajaga", "/petajaga"),
        ("root_path", "//evil.test", "/petajaga"),
        ("root_path", "/a?b", "/petajaga"),
        ("public_url", "peta.test", "https://peta"),
        ("public_url", "ftp://peta.test", "https://peta"),
        ("public_url", "https://u:p@peta.test", "https://peta"),
        ("public_url", "https://peta.test/?a=1", "https://peta"),
    ],
)
def test_an_address_that_cannot_be_used(name: str, value: str, form: str) -> None:
    for language in languages():
        with pytest.raises(InputError) as refused:
            Settings.read(**{name: value})
        said = refused.value.in_language(language)
        assert f"PETAJAGA_{name.upper()}" in said
        assert form in said
