"""What is hidden from a caller answers as what does not exist: any method, any token."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Service

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
           "CONNECT", "BREW")  # fmt: skip
FOR_POLICE = ("/v1/plans/posts", "/v1/jobs/x/displacement", "/v1/scenarios/x/displacement")
FOR_PLANNERS = ("/v1/plans/outreach", "/v1/jobs", "/v1/jobs/x", "/v1/jobs/x/result.xlsx",
                "/v1/scenarios", "/v1/scenarios/options", "/v1/scenarios/compare",
                "/v1/scenarios/x")  # fmt: skip


def fingerprint(client: TestClient, method: str, path: str, **headers: str) -> tuple[Any, ...]:
    """Status, headers and body of an answer, but for the path in it."""
    answer = client.request(method, path, headers=headers)
    return answer.status_code, dict(answer.headers) | {"content-length": ""}, answer.text.replace(
        path, "PATH"
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_every_method_answers_as_at_no_address(
    method: str, public: TestClient, partner: TestClient
) -> None:
    for client, paths in ((public, FOR_POLICE + FOR_PLANNERS), (partner, FOR_POLICE)):
        nothing = fingerprint(client, method, "/v1/plans/nothing")
        assert nothing[0] == 404
        for path in paths:
            assert fingerprint(client, method, path) == nothing, path


@pytest.mark.parametrize("method", METHODS)
def test_a_bad_token_answers_as_at_no_address(method: str, service: Service) -> None:
    client = service.client()
    bad = {"authorization": "Bearer zzz"}
    nothing = fingerprint(client, method, "/v1/plans/nothing", **bad)
    assert nothing[0] == 401
    assert fingerprint(client, method, "/ogc/nothing", **bad) == nothing
    for path in FOR_POLICE + FOR_PLANNERS:
        assert fingerprint(client, method, path, **bad) == nothing, path


def test_an_allowed_principal_gets_the_methods(police: TestClient, partner: TestClient) -> None:
    for client, path, takes in (
        (police, "/v1/plans/posts", "POST"),
        (partner, "/v1/plans/outreach", "POST"),
        (partner, "/v1/scenarios", "GET, POST"),
    ):
        for method in ("OPTIONS", "PROPFIND", "PUT"):
            answer = client.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, takes)
