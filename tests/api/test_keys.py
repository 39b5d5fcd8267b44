"""Keys of programs: they read what the account reads, until they expire; nothing else."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from starlette.testclient import TestClient

from api.auth import audit
from api.auth.accounts import remove_account, set_password
from api.register import database as db
from tests.api.conftest import Service

BY_PEOPLE_ALONE = ("/v1/session", "/v1/keys", "/v1/imports", "/v1/rebuild", "/v1/plans",
                   "/v1/jobs", "/v1/scenarios", "/v1/accounts", "/v1/audit", "/v1/search",
                   "/v1/guide", "/v1/documents", "/v1/packs", "/v1/contacts",
                   "/v1/reports")  # fmt: skip


def make_key(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/keys", json={"purpose": "QGIS di laptop kantor", **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def basic(name: str, key: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{key}'.encode()).decode()}"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_reads_what_its_account_reads(fresh: Callable[..., Service]) -> None:
    service = fresh()
    client = service.client("polisi")
    made = make_key(client)
    assert made["key"].startswith(f"pj_{made['id']}_")
    program = service.client()
    address = "/ogc/collections/posts/items?f=json"
    seen = client.get(address).json()["features"]
    assert seen
    for headers in (
        bearer(made["key"]),
        basic("polisi", made["key"]),
        basic("POLISI", made["key"]),
    ):
        answer = program.get(address, headers=headers)
        assert answer.status_code == 200
        assert answer.json()["features"] == seen
        assert answer.headers["cache-control"] == "private, no-store"
    assert program.get(address).status_code == 404
    listed = client.get("/v1/keys").json()["keys"]
    today = datetime.now(UTC).date().isoformat()
    assert [(key["id"], key["purpose"], key["last_used"]) for key in listed] == [
        (made["id"], "QGIS di laptop kantor", today)
    ]
    assert made["key"] not in client.get("/v1/keys").text
    rows = audit.entries(service.app.state.register, account="polisi", action="ogc_items")
    assert [row["parameters"] for row in rows[:4]] == [f"f,key:{made['id']}"] * 3 + ["f"]


def test_what_is_no_key_is_refused(fresh: Callable[..., Service]) -> None:
    service = fresh()
    key = make_key(service.client("polisi"))["key"]
    program = service.client()
    password = service.passwords["polisi"]
    wrong = f"{key[:-1]}{'A' if key[-1] != 'A' else 'B'}"
    for headers in (
        bearer(wrong), bearer("pj_"), bearer("pj_00_x"), bearer(f"{key}é"), basic("lsm", key),
        basic("polisi", wrong), basic("polisi", password), basic("", key),
        {"Authorization": "Basic ###"}, {"Authorization": "Basic"},
    ):  # fmt: skip
        sent = {name: value.encode() for name, value in headers.items()}
        answer = program.get("/ogc/collections/areas/items", headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (401, "session.invalid_token")


def test_a_key_does_nothing_but_read(fresh: Callable[..., Service]) -> None:
    """Over every route of the service: one that a key may read is a GET of the map's data."""
    service = fresh()
    client = service.client("polisi")
    made = make_key(client)
    program = service.client()
    program.headers.update(bearer(made["key"]))
    routes = [
        (method.upper(), re.sub(r"\{\w+\}", "x", path))
        for path, item in service.client("polisi").get("/openapi.json").json()["paths"].items()
        for method in item
    ]
    assert len(routes) > 40
    for method, path in routes:
        if not path.startswith(("/v1/", "/ogc")) or (method, path) == ("POST", "/v1/session"):
            continue  # the last asks for a password, whoever sends it
        readable = method == "GET" and not path.startswith(BY_PEOPLE_ALONE)
        answer = program.request(method, path, json={})
        if readable:
            assert answer.status_code in {200, 400, 404}, path
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "keys.reads_only"), path
    assert [key["id"] for key in client.get("/v1/keys").json()["keys"]] == [made["id"]]
    for method in ("PUT", "PROPFIND", "OPTIONS"):
        for path in ("/ogc/collections", "/v1/plans/posts", "/v1/nothing"):
            assert program.request(method, path).status_code == 403
    refused = audit.entries(service.app.state.register, account="polisi", action="make_key")
    assert [(row["status"], row["parameters"]) for row in refused] == [
        (403, f"key:{made['id']}"), (201, "")
    ]  # fmt: skip


def test_a_key_expires(fresh: Callable[..., Service]) -> None:
    service = fresh()
    client = service.client("polisi")
    for days, status in ((0, 400), (401, 400), (400, 201)):
        body = {"purpose": "uji", "days": days}
        assert client.post("/v1/keys", json=body).status_code == status
    made = make_key(client)
    until = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < until <= timedelta(days=90)
    program = service.client()
    address = "/ogc/collections/posts"
    assert program.get(address, headers=bearer(made["key"])).status_code == 200
    register = service.app.state.register
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="seconds")
    with register.begin() as connection:
        connection.execute(db.api_keys.update().values(expires_at=past))
    assert program.get(address, headers=bearer(made["key"])).status_code == 401
    make_key(client)
    assert len(client.get("/v1/keys").json()["keys"]) == 1, "expired ones are cleared"


def test_keys_end_with_revocation_password_and_account(fresh: Callable[..., Service]) -> None:
    service = fresh()
    register = service.app.state.register
    client, other = service.client("polisi"), service.client("lsm")
    program = service.client()

    def works(made: dict[str, Any]) -> bool:
        return program.get("/ogc/collections", headers=bearer(made["key"])).status_code == 200

    made = make_key(client)
    assert works(made)
    assert other.delete(f"/v1/keys/{made['id']}").status_code == 404
    assert works(made)
    assert client.delete(f"/v1/keys/{made['id']}").status_code == 204
    assert client.delete(f"/v1/keys/{made['id']}").status_code == 404
    assert not works(made)
    made = make_key(client)
    set_password(register, "polisi")
    assert not works(made)
    made = make_key(other)
    assert works(made)
    remove_account(register, "lsm")
    assert not works(made)
    with register.engine.connect() as connection:
        assert connection.execute(sa.select(db.api_keys)).all() == []


def test_an_account_has_so_many_keys(fresh: Callable[..., Service]) -> None:
    client = fresh().client("polisi")
    for _ in range(20):
        make_key(client)
    answer = client.post("/v1/keys", json={"purpose": "uji"})
    assert (answer.status_code, answer.json()["code"]) == (409, "keys.too_many")
    assert client.post("/v1/keys", json={"purpose": "  "}).json()["code"] == "keys.purpose"
    assert fresh().client().get("/v1/keys").json()["code"] == "session.needed"


def test_with_a_second_factor_a_key_needs_a_code(fresh: Callable[..., Service]) -> None:
    service = fresh()
    client = service.client("polisi")
    factors = service.app.state.second_factors
    client.post("/v1/session/second-factor")
    factors._step = lambda _secret, code: int(code)
    confirm = {"code": "1"}
    assert client.post("/v1/session/second-factor/confirmation", json=confirm).status_code == 200
    refused = client.post("/v1/keys", json={"purpose": "uji"})
    assert (refused.status_code, refused.json()["code"]) == (401, "session.code_needed")
    make_key(client, code="2")


def test_secrets_of_keys_are_kept_nowhere(fresh: Callable[..., Service]) -> None:
    service = fresh()
    made = make_key(service.client("polisi"))
    secret = made["key"].removeprefix(f"pj_{made['id']}_")
    with service.app.state.register.engine.connect() as connection:
        for table in db.METADATA.sorted_tables:
            assert secret not in str(connection.execute(sa.select(table)).all())


def test_the_operator_lists_and_revokes(
    fresh: Callable[..., Service], petajaga: Callable[..., Any]
) -> None:
    service = fresh()
    made = make_key(service.client("polisi"))
    home = service.home.root
    listed = petajaga("accounts", "keys", "polisi", "--json", home=home)
    assert [key["id"] for key in json.loads(listed.out)] == [made["id"]]
    assert made["key"] not in listed.out
    unknown = petajaga("accounts", "keys", "polisi", "--revoke", "abc", home=home)
    assert unknown.code == 2
    assert "no key abc" in unknown.err
    done = petajaga("accounts", "keys", "polisi", "--revoke", made["id"], "--json", home=home)
    assert (done.code, json.loads(done.out)) == (0, [])
    (row,) = audit.entries(service.app.state.register, account="operator")
    assert (row["action"], row["target"]) == ("accounts.revoke_key", f"polisi {made['id']}")


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The service on a free port of loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(service.app, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.gdal
def test_gdal_reads_with_name_and_key(fresh: Callable[..., Service]) -> None:
    """What QGIS does too: HTTP Basic, sent with every request."""
    service = fresh()
    made = make_key(service.client("polisi"))
    with serving(service) as url:

        def layers(**environment: str) -> str:
            done = subprocess.run(
                ["ogrinfo", "-ro", "-al", "-so", f"OAPIF:{url}/ogc"],
                env={**os.environ, **environment}, capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            return done.stdout

        seen = layers(GDAL_HTTP_USERPWD=f"polisi:{made['key']}")
        public = layers()
        refused = layers(GDAL_HTTP_USERPWD="polisi:pj_00_x")
    assert "Layer name: posts" in seen
    assert "Layer name: areas" in public
    assert "Layer name: posts" not in public
    assert "Layer name:" not in refused


_QGIS = """
import sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
url, key = sys.argv[1:]
login = f"username='polisi' password='{key}'"
layer = QgsVectorLayer(f"url='{url}/ogc' typename='posts' {login}", "posts", "OAPIF")
print(layer.isValid(), sum(1 for _ in layer.getFeatures()))
"""


@pytest.mark.qgis
def test_a_layer_of_qgis_opens_with_name_and_key(fresh: Callable[..., Service]) -> None:
    service = fresh()
    client = service.client("polisi")
    key = make_key(client)["key"]
    rows = client.get("/ogc/collections/posts/items?f=json").json()["numberMatched"]
    with serving(service) as url:
        said = [
            subprocess.run(
                ["/usr/bin/python3", "-c", _QGIS, url, given],
                env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(service.home.root)},
                capture_output=True, text=True, timeout=120,
            ).stdout
            for given in (key, "pj_00_x")
        ]  # fmt: skip
    assert said == [f"True {rows}\n", "False 0\n"]
