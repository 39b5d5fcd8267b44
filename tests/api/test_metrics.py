"""``/metrics``: right numbers, of routes and nobody, for those who may; for others no address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.settings import Settings
from geo.errors import InputError
from tests.api.conftest import Service
from tests.api.test_hidden_addresses import METHODS, fingerprint

Fresh = Callable[..., Service]


def _client(service: Service, address: str, **headers: str) -> TestClient:
    return TestClient(service.app, client=(address, 50000), headers=headers)


def _samples(text: str, name: str) -> Mapping[tuple[str, ...], float]:
    """Values of the samples called ``name`` by their labels, as Prometheus' own parser reads."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def test_answers_are_counted_by_route_and_status(fresh: Fresh) -> None:
    service = fresh()
    client = _client(service, "127.0.0.1")
    for path in ("/v1/areas/53", "/v1/areas/53.71", "/v1/areas/99", "/nothing", "/v1/plans/x"):
        client.get(path, headers={"X-Request": "budi"})
    client.head("/v1/areas/53")
    client.request("BREW", "/v1/areas/53")
    client.get("/static/app/main.js")
    client.get("/v1/plans/posts")
    service.client("polisi")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"].startswith("text/plain; version=")
    counted = _samples(answer.text, "petajaga_http_request_duration_seconds_count")
    areas = "/v1/areas/{code}"
    assert counted[("GET", areas, "200")] == 2
    assert counted[("GET", areas, "404")] == 1
    assert counted[("HEAD", areas, "200")] == 1
    assert counted[("other", areas, "405")] == 1
    assert counted[("GET", "none", "404")] == 2
    assert counted[("GET", "static", "200")] == 1
    assert counted[("GET", "other_method", "404")] == 1
    assert counted[("POST", "/v1/session", "200")] == 1
    took = _samples(answer.text, "petajaga_http_request_duration_seconds_sum")
    assert all(0 < seconds < 60 for seconds in took.values())
    assert _samples(answer.text, "petajaga_jobs") == {("queued",): 0, ("running",): 0}
    assert _samples(answer.text, "process_resident_memory_bytes")[()] > 10e6
    for word in ("polisi", "99", "budi", "127.0.0.1"):
        assert f'"{word}"' not in answer.text


HIDDEN: list[tuple[dict[str, Any], str, dict[str, str]]] = [
    ({}, "203.0.113.9", {}),
    ({}, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),  # through a proxy nobody named
    ({}, "127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
    ({"trusted_proxies": "127.0.0.1"}, "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
    ({"trusted_proxies": "127.0.0.1"}, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
    ({"public_url": "https://peta.test"}, "127.0.0.1", {}),
    ({"root_path": "/petajaga"}, "127.0.0.1", {}),
    ({"metrics_from": ""}, "127.0.0.1", {}),
    ({"metrics_from": "10.0.0.0/8"}, "127.0.0.1", {}),
]


@pytest.mark.parametrize(("settings", "address", "headers"), HIDDEN)
def test_for_others_there_is_no_such_address(
    fresh: Fresh, settings: dict[str, Any], address: str, headers: dict[str, str]
) -> None:
    client = _client(fresh(**settings), address, **headers)
    for method in METHODS:
        nothing = fingerprint(client, method, "/nothing")
        assert nothing[0] == 404
        assert fingerprint(client, method, "/metrics") == nothing, method


@pytest.mark.parametrize(
    ("settings", "address", "headers"),
    [
        ({}, "::1", {}),
        ({"metrics_from": "10.0.0.5"}, "10.0.0.5", {}),
        ({"metrics_from": "127.0.0.1", "public_url": "https://peta.test"}, "127.0.0.1", {}),
        (
            {"metrics_from": "10.0.0.0/8", "trusted_proxies": "127.0.0.1"},
            "127.0.0.1", {"X-Forwarded-For": "10.0.0.5"},
        ),
    ],
)  # fmt: skip
def test_who_may_read(
    fresh: Fresh, settings: dict[str, Any], address: str, headers: dict[str, str]
) -> None:
    client = _client(fresh(**settings), address, **headers)
    assert client.get("/metrics").status_code == 200
    assert client.head("/metrics").status_code == 200
    assert client.post("/metrics").status_code == 404
    assert "/metrics" not in client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("name", ["metrics_from", "trusted_proxies"])
def test_networks_that_are_none_are_refused(name: str) -> None:
    for value in ("proxy", "10.0.0.5/8", "10.0.0.1,x"):
        with pytest.raises(InputError, match=f"PETAJAGA_{name.upper()} cannot be used"):
            Settings.read(**{name: value})
    Settings.read(**{name: " 10.0.0.1 , fd00::/8"})
