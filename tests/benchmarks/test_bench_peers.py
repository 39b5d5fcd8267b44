"""Requests a second beside pygeoapi and tipg: the same rows, one worker each, one run.

They have no sign-in, so the police's answers, which are audited, stand beside their anonymous ones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from shapely.geometry import shape

from api.auth.accounts import add_account
from api.register.database import open_register
from api.settings import Settings
from geo.paths import Home
from layers.exports.postgis import export_to_database
from layers.registry import layers_for
from layers.release.marking import Marking
from layers.release.release import open_release
from tests.benchmarks.peers import load, pygeoapi, serving, tipg
from tests.postgres import running_postgres

pytestmark = [pytest.mark.bench, pytest.mark.peers, pytest.mark.postgis]

_LAYER, _ID = "areas", "code"
_Z, _ROW, _COLUMN = 6, 33, 53
"""A tile with most of Nusa Tenggara Timur."""


@pytest.fixture(scope="module")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.resolve(tmp_path_factory.mktemp("peers"))
    home.releases.symlink_to(Home.resolve(built_home).releases)
    return home


@pytest.fixture(scope="module")
def database(home: Home) -> Iterator[str]:
    """The public layers in a PostGIS, as tipg and pygeoapi read them."""
    with running_postgres() as server:
        address = server.new_database().replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")
        with open_release(home) as release:
            export_to_database(
                release, list(layers_for("public")), address, tier="public", province=None,
                heading=Marking.of(release, "public"), language="id",
            )  # fmt: skip
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        yield address


@pytest.fixture(scope="module")
def ours(home: Home) -> Iterator[str]:
    environment = {"PETAJAGA_HOME": str(home.root)}
    words = [sys.executable, "-m", "api.cli", "serve", "--no-demo"]
    with serving(words, "/ready", environment) as address:
        yield address


@pytest.fixture(scope="module")
def police(ours: str, home: Home) -> dict[str, str]:
    """Headers of a police account."""
    register = open_register(Settings.read(home=home.root).register_url)
    new = add_account(register, name="beban", desk="police", tier="police")
    register.close()
    account = {"name": "beban", "password": new.password, "purpose": "training"}
    answer = httpx.post(f"{ours}/v1/session", json=account)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_beside_tipg_and_pygeoapi(
    ours: str, police: dict[str, str], database: str, tmp_path: Path, ledger: Any
) -> None:
    python = os.environ["PETAJAGA_PEERS"]
    asked = {"items, limit=100": f"{_LAYER}/items?limit=100",
             "one feature": f"{_LAYER}/items/53.06",
             "one collection": _LAYER}  # fmt: skip
    own = f"{ours}/ogc/collections/"
    rates: dict[str, dict[str, float]] = {}
    for what, path in asked.items():
        rates[what] = {
            "public": load(own + path).per_second,
            "police": load(own + path, headers=police).per_second,
        }
    with tipg(python, database) as beginning:
        _same(own, beginning)
        for what, path in asked.items():
            rates[what]["tipg"] = load(beginning + path).per_second
    with pygeoapi(python, database, {_LAYER: _ID}, tmp_path) as beginning:
        _same(own, beginning)
        for what, path in asked.items():
            rates[what]["pygeoapi"] = load(f"{beginning}{path}").per_second
    for what, rate in rates.items():
        for peer, least in (("tipg", 3.0), ("pygeoapi", 5.0)):
            for reader in ("public", "police"):
                target: float | None = least if what.startswith("items") else 1.0
                if (what, reader, peer) == ("one collection", "police", "pygeoapi"):
                    target = None  # 8 answers wait for one row on the disk; theirs write nothing
                ledger.add(
                    f"{what}, {reader} against {peer}", rate[reader] / rate[peer], "times",
                    at_least=target,
                    note=f"{rate[reader]:.0f} and {rate[peer]:.0f} requests/s",
                )  # fmt: skip


def test_tiles_beside_tipg(ours: str, police: dict[str, str], database: str, ledger: Any) -> None:
    own = f"{ours}/ogc/collections/{_LAYER}/tiles/WebMercatorQuad/{_Z}/{_ROW}/{_COLUMN}"
    public, signed_in = load(own), load(own, headers=police)
    with tipg(os.environ["PETAJAGA_PEERS"], database) as beginning:
        theirs = load(f"{beginning}{_LAYER}/tiles/WebMercatorQuad/{_Z}/{_COLUMN}/{_ROW}")
    for reader, mine in (("public", public), ("police", signed_in)):
        ledger.add(
            f"tiles, {reader} against tipg", mine.per_second / theirs.per_second, "times",
            at_least=2.0, note=f"{mine.per_second:.0f} and {theirs.per_second:.0f} requests/s",
        )  # fmt: skip
        ledger.add(f"tiles, {reader}, 95 of 100", mine.p95_ms / 1000, "s", at_most=0.02,
                   note="8 connections that ask without a pause")  # fmt: skip


def _same(own: str, beginning: str) -> None:
    """Both have the same features in the same shapes."""
    found = []
    for address in (own, beginning):
        page = httpx.get(f"{address}{_LAYER}/items?limit=1000", timeout=60).json()
        found.append(
            {
                feature["properties"]["name"]: shape(feature["geometry"]).area
                for feature in page["features"]
                if feature["geometry"]
            }
        )
    assert found[0].keys() == found[1].keys()
    assert found[0] == pytest.approx(found[1], rel=1e-6)
