"""Answers over HTTP do not depend on secrets of the dataset: byte for byte, headers too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.auth.accounts import add_account
from geo.dataset import Dataset
from layers.plans.service import model_writer
from layers.registry import LAYERS
from layers.release.publish import publish
from tests.api.conftest import Service, close_service, make_service, wait_for
from tests.layers.conftest import make_home
from tests.layers.hidden_changes import CHANGES, with_held_counts
from tests.layers.small_dataset import build_of, small_dataset

_LANDINGS = ("moved_landings", "more_landings", "other_timetables")
_PARTNER = "mitra"
_ADDRESSES = (
    "/health", "/ready", "/metrics", "/", "/docs", "/openapi.json", "/static/basemap.geojson",
    "/static/basemap.json", "/static/basemap/5/26/15", "/v1/releases",
    "/v1/releases/current", "/v1/session", "/v1/areas", "/v1/areas?within=65", "/v1/areas/65.03",
    "/v1/areas/65.3", "/v1/packs/65.03", "/v1/corridors", "/v1/corridors?origin=65",
    "/v1/corridors/65-MY-sabah", "/v1/corridors/Nunukan~Tawau", "/v1/terminals",
    "/v1/terminals?within=65", "/v1/scenarios", "/v1/scenarios/options",
    "/v1/imports", "/v1/imports/kinds", "/v1/jobs", "/ogc", "/ogc/conformance", "/ogc/api",
    "/ogc/collections", "/ogc/tiles", "/ogc/tiles/WebMercatorQuad", "/ogc/styles",
    "/ogc/tiles/WebMercatorQuad?f=tilejson",
    *(f"/ogc/tiles/WebMercatorQuad/{place}" for place in ("4/7/13", "6/31/50", "8/126/201",
                                                            "9/254/404", "9/250/422")),
    *(f"/ogc/styles/{name}" for name in LAYERS),
    *(f"/ogc/collections/{name}{rest}" for name in LAYERS
      for rest in ("", "/queryables", "/items?limit=10000", "/items?bbox=103,0,105,2&limit=1000",
                   "/items?filter=S_INTERSECTS(geometry,BBOX(103,0,105,2))&limit=1000",
                   "/tiles", "/tiles/WebMercatorQuad", "/tiles/WebMercatorQuad/6/31/50")),
)  # fmt: skip
_VOLATILE = {"date", "set-cookie", "server-timing", "x-request-id", "content-length"}
"""Headers of a moment; the length is that of the packed body, which has a time stamp in it."""
_TIME_STAMP = re.compile(rb'"(timeStamp|expires)":"[^"]*"')


@dataclass(frozen=True)
class Pair:
    """Services on the release of a dataset and of one with other secrets."""

    one: Service
    other: Service
    hidden: tuple[str, ...]


def _service(dataset: Dataset, folder: Path) -> Service:
    home, build = make_home(folder), build_of(dataset)
    publish(build, home, model=model_writer(build, dataset)).close()
    running = make_service(home)
    account = add_account(
        running.app.state.register, name=_PARTNER, desk="ngo", tier="partner", province_code="65"
    )
    running.passwords[_PARTNER] = account.password
    return running


@pytest.fixture(scope="module")
def pair(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("hidden")
    small = with_held_counts(small_dataset(dataset, folder))
    other, rng = small, np.random.default_rng(11)
    for name in (*_LANDINGS, "other_posts", "other_effort", "other_held_counts"):
        other = CHANGES[name](other, rng)
    landings = other.terminals[other.terminals["kind"] == "unofficial"]
    hidden = (*landings["id"], *landings["name"], *small.posts["terminal_id"])
    services = [_service(small, folder / "one"), _service(other, folder / "other")]
    yield Pair(services[0], services[1], tuple(map(str, hidden)))
    for service in services:
        close_service(service)


def _answer(client: TestClient, address: str) -> tuple[int, dict[str, str], bytes]:
    answer = client.get(address)
    headers = {name: text for name, text in answer.headers.items() if name not in _VOLATILE}
    return answer.status_code, headers, _TIME_STAMP.sub(b"", answer.content)


@pytest.mark.parametrize("account", [None, _PARTNER])
def test_addresses_answer_the_same(account: str | None, pair: Pair) -> None:
    one, other = (service.client(account) for service in (pair.one, pair.other))
    assert pair.one.client("polisi").get("/v1/releases/current").content != (
        pair.other.client("polisi").get("/v1/releases/current").content
    )
    probes = [
        path.format(name)
        for name in pair.hidden[:: max(1, len(pair.hidden) // 25)]
        for path in ("/v1/terminals/{}", "/ogc/collections/terminals/items/{}",
                     "/v1/corridors?origin={}", "/v1/terminals?within={}")
    ]  # fmt: skip
    listed = one.get("/v1/terminals").json()["ports"]
    probes += [f"/v1/terminals/{port['id']}" for port in listed[:10]]
    answered = 0
    for address in (*_ADDRESSES, *probes):
        answer = _answer(one, address)
        assert answer == _answer(other, address), address
        answered += answer[0] == 200
    assert answered > 20


def test_plans_and_what_ifs_of_a_partner_are_the_same(pair: Pair) -> None:
    clients = [service.client(_PARTNER) for service in (pair.one, pair.other)]
    results = []
    for client in clients:
        made = client.post("/v1/plans/outreach", json={"villages": 3, "radius_km": 8})
        job = wait_for(client, made.json()["job"])
        changes = {"demand": [{"area": "65.04", "factor": 1.5}]}
        what_if = client.post("/v1/scenarios", json=changes)
        results.append((job["result"], what_if.status_code, what_if.json()))
    assert results[0][0]["villages"]
    for part in ("areas", "assumptions", "notes"):
        assert results[0][2].get(part) == results[1][2].get(part)
    assert results[0][:2] == results[1][:2]
