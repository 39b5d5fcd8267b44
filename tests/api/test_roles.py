"""Who has which address, layer and field: every role at every route that the application has.

A new route fails here until it is in :data:`ROUTES`.
"""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.auth.accounts import add_account
from api.http.serializers import nest
from geo.paths import Home
from layers.registry import LAYERS, fields_for
from layers.visibility import tier_of_layer
from tests.api.conftest import Service, close_service, make_service
from tests.api.test_hidden_addresses import fingerprint

ROLES: dict[str, dict[str, Any]] = {
    "anyone": {},
    "public": {"desk": "ngo", "tier": "public"},
    "ngo": {"desk": "ngo", "tier": "partner", "province_code": "53"},
    "planner": {"desk": "planner", "tier": "partner", "province_code": "53"},
    "polda": {"desk": "police", "tier": "police", "province_code": "53", "administrator": True},
    "mabes": {"desk": "police", "tier": "police"},
    "administrator": {"desk": "police", "tier": "police", "administrator": True},
}
NATIONAL = {"mabes", "administrator"}
POLICE = {*NATIONAL, "polda"}
DESKS = {*POLICE, "planner", "ngo"}
EVERYBODY = set(ROLES)

ROUTES = {
    path: roles
    for roles, paths in (
        (EVERYBODY, """
            / /service-worker.js
            /health /ready /metrics /openapi.json /docs /docs/start.js /docs/{name}
            /ogc /ogc/ /ogc/api /ogc/conformance /ogc-pages.css
            /ogc/collections /ogc/collections/{collection_id}
            /ogc/collections/{collection_id}/queryables /ogc/collections/{collection_id}/sortables
            /ogc/collections/{collection_id}/schema
            /ogc/collections/{collection_id}/items
            /ogc/collections/{collection_id}/items/{feature_id}
            /ogc/collections/{collection_id}/tiles
            /ogc/collections/{collection_id}/tiles/WebMercatorQuad
            /ogc/collections/{collection_id}/tiles/WebMercatorQuad/{tile_matrix}/{tile_row}/{tile_col}
            /ogc/tiles /ogc/tiles/WebMercatorQuad
            /ogc/tiles/WebMercatorQuad/{tile_matrix}/{tile_row}/{tile_col}
            /ogc/tileMatrixSets /ogc/tileMatrixSets/WebMercatorQuad
            /ogc/styles /ogc/styles/{collection_id}
            /static/basemap.geojson /static/basemap.json /static/basemap/{z}/{x}/{y}
            /static/map/palette.js /static/i18n/{language}.json /static/{name}
            /desk/{folder}/{language}.json /desk/{folder}/signs.js /desk/{folder}/{name}
            /v1/areas /v1/areas/{code} /v1/areas/{code}/referral
            /v1/corridors /v1/corridors/{corridor_id} /v1/search /v1/guide /v1/counts /v1/coverage
            /v1/pretexts
            /v1/warnings /v1/warnings.atom /v1/interventions /v1/interventions/{id}
            /v1/terminals /v1/terminals/{terminal_id} /v1/terminals/{terminal_id}/referral
            /v1/releases /v1/releases/current /v1/exports/{layer} /v1/packs/{code}
            /v1/documents/briefs/{subject} /v1/documents/referrals/{subject}
            /v1/session /v1/session/second-factor /v1/session/second-factor/confirmation
            /v1/session/second-factor/removal /v1/keys /v1/keys/{key_id}
            """),
        (DESKS, """
            /v1/imports /v1/imports/kinds /v1/imports/template /v1/imports/{import_id}
            /v1/imports/{import_id}/confirm /v1/imports/agreements /v1/imports/agreements/template
            /v1/rebuild /v1/plans/outreach /v1/plans/adopted /v1/plans/adopted/{plan_id}
            /v1/plans/adopted/{plan_id}/steps/{place} /v1/plans/adopted/{plan_id}/table.xlsx
            /v1/plans/adopted/{plan_id}/brief.pdf
            /v1/jobs /v1/jobs/{job_id} /v1/jobs/{job_id}/events /v1/jobs/{job_id}/result.xlsx
            /v1/reports/{area} /v1/reports/{area}/report.docx /v1/reports/{area}/report.xlsx
            /v1/reports/{area}/proposal /v1/reports/{area}/proposal.xlsx
            /v1/reports/{area}/proposal.tsv
            /v1/scenarios /v1/scenarios/options /v1/scenarios/compare /v1/scenarios/{scenario_id}
            """),
        (POLICE, "/v1/plans/posts /v1/plans/watch /v1/jobs/{job_id}/consent "
                 "/v1/jobs/{job_id}/displacement /v1/jobs/{job_id}/shift.pdf"),
        (NATIONAL, "/v1/scenarios/{scenario_id}/displacement"),
        ({"administrator"}, """
            /v1/accounts /v1/accounts/{name} /v1/accounts/{name}/password /v1/audit
            /v1/contacts /v1/contacts/{service_id}
            """),
    )
    for path in paths.split()
}  # fmt: skip
"""For whom each address exists; what is at it is more or less by tier."""
LISTS = {"areas": "areas", "corridors": "corridors", "terminals": "ports"}
"""Lists of ``/v1`` by layer: the name that the rows have there."""


@pytest.fixture(scope="module")
def service(released_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with an account of each role."""
    root = shutil.copytree(released_home.root, tmp_path_factory.mktemp("roles") / "home")
    running = make_service(Home.resolve(root))
    for role, account in ROLES.items():
        if account:
            new = add_account(running.app.state.register, name=f"role-{role}", **account)
            running.passwords[new.account.name] = new.password
    yield running
    close_service(running)


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(service: Service, role: str) -> TestClient:
    return service.client(f"role-{role}" if ROLES[role] else None)


def _methods(service: Service) -> dict[str, set[str]]:
    """Methods by path of every route of the application; of a folder of files none."""
    found: dict[str, set[str]] = defaultdict(set)
    for context in iter_route_contexts(service.app.routes):
        if not isinstance(context.original_route, Mount):
            found[str(context.path)] |= set(context.methods or ())
    return found


def test_every_route_is_classified(service: Service) -> None:
    assert set(_methods(service)) == set(ROUTES)


def test_what_is_not_a_roles_is_not_there(service: Service, client: TestClient, role: str) -> None:
    for path, methods in _methods(service).items():
        address = re.sub(r"\{\w+\}", "x", path)
        if role in ROUTES[path]:
            if ROUTES[path] != EVERYBODY:
                assert client.request("BREW", address).status_code == 405, path
            continue
        for method in {*methods, "BREW"}:
            nothing = fingerprint(client, method, "/v1/nothing/x")
            assert nothing[0] == 404
            assert fingerprint(client, method, address) == nothing, (method, path)


def _granted(role: str, layer: str) -> set[str] | None:
    """Names of the fields that the registry gives a role; None where it has not the layer."""
    account = ROLES[role]
    tier, province = account.get("tier", "public"), account.get("province_code")
    if tier not in LAYERS[layer].tiers:
        return None
    read = tier_of_layer(LAYERS[layer], tier, province)
    return {field.name for field in fields_for(LAYERS[layer], read)}


def test_features_have_the_fields_of_the_role(client: TestClient, role: str) -> None:
    for layer in LAYERS:
        granted = _granted(role, layer)
        answer = client.get(f"/ogc/collections/{layer}/items")
        export = client.get(f"/v1/exports/{layer}?format=geojson")
        if granted is None:
            assert answer.status_code == export.status_code == 404
            continue
        for features in (answer.json()["features"], export.json()["features"]):
            assert features, layer
            seen = {name for one in features for name in one["properties"]}
            assert seen <= granted, layer  # of some no row of the small release has a value
            assert len(seen) > len(granted) / 2, layer
        queryables = client.get(f"/ogc/collections/{layer}/queryables").json()["properties"]
        assert queryables.keys() - {"geometry"} <= granted
        schema = client.get(f"/ogc/collections/{layer}/schema").json()["properties"]
        assert schema["properties"]["properties"].keys() <= granted


def test_lists_have_no_field_of_another_role(client: TestClient, role: str) -> None:
    for layer, rows in LISTS.items():
        every = set(nest(dict.fromkeys(field.name for field in LAYERS[layer].fields)))
        granted = set(nest(dict.fromkeys(_granted(role, layer) or ())))
        listed = client.get(f"/v1/{layer}").json()[rows]
        seen = {name for row in listed for name in row}
        assert seen & every, layer
        assert seen & every <= granted, layer
