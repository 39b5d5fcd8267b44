"""What is hidden from a caller answers as what does not exist: any method, any token."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Service

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
           "CONNECT", "BREW")  # fmt: skip
FOR_POLICE = ("/v1/plans/posts", "/v1/plans/watch", "/v1/jobs/x/displacement",
              "/v1/jobs/x/shift.pdf", "/v1/scenarios/x/displacement")  # fmt: skip
FOR_PLANNERS = ("/v1/plans/outreach", "/v1/jobs", "/v1/jobs/x", "/v1/jobs/x/result.xlsx",
                "/v1/scenarios", "/v1/scenarios/options", "/v1/scenarios/compare",
                "/v1/scenarios/x")  # fmt: skip

FOR_IMPORTERS = ("/v1/imports", "/v1/imports/kinds", "/v1/imports/agreements", "/v1/imports/x",
                 "/v1/imports/x/confirm", "/v1/rebuild")  # fmt: skip


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
    for client, paths in (
        (public, FOR_POLICE + FOR_PLANNERS + FOR_IMPORTERS),
        (partner, FOR_POLICE),
    ):
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
    for path in FOR_POLICE + FOR_PLANNERS + FOR_IMPORTERS:
        assert fingerprint(client, method, path, **bad) == nothing, path


def test_an_allowed_principal_gets_the_methods(police: TestClient, partner: TestClient) -> None:
    for client, path, takes in (
        (police, "/v1/plans/posts", "POST"),
        (partner, "/v1/plans/outreach", "POST"),
        (partner, "/v1/scenarios", "GET, POST"),
        (partner, "/v1/imports", "GET, POST"),
        (partner, "/v1/rebuild", "DELETE, GET, POST"),
    ):
        for method in ("OPTIONS", "PROPFIND", "PUT"):
            answer = client.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, takes)


def test_the_document_of_the_public_names_no_hidden_address(
    public: TestClient, partner: TestClient
) -> None:
    """Neither among the addresses nor by the schemas that only they use."""
    for client, hidden in ((public, True), (partner, False)):
        document = client.get("/openapi.json").json()
        names = {*document["paths"], *document["components"]["schemas"]}
        found = [one for one in names if re.search("(?i)import|rebuild|agreement", one)]
        assert bool(found) is not hidden, found
    used = set(re.findall('"#/components/schemas/([^"]+)"', public.get("/openapi.json").text))
    assert used == set(public.get("/openapi.json").json()["components"]["schemas"])
