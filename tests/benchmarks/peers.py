"""Servers of the same layers beside ours: tipg and pygeoapi, each one worker on one PostGIS."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy.engine import make_url

__all__ = ["Load", "load", "pygeoapi", "serving", "tipg"]

_SCHEMA = "petajaga_public"
_LATENCY = Path(__file__).with_name("latency.lua")


@dataclass(frozen=True)
class Load:
    """What a run of wrk saw."""

    per_second: float
    p95_ms: float


def load(
    url: str, *, headers: Mapping[str, str] | None = None, seconds: int = 6, connections: int = 8
) -> Load:
    """Ask for ``url`` as often as it is answered; every answer must be a good one."""
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_LATENCY)]
    for name, value in (headers or {}).items():
        words += ["-H", f"{name}: {value}"]
    out = subprocess.run([*words, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    assert "Socket errors" not in out, out
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    slow = re.search(r"p95 ([\d.]+) ms", out)
    assert rate is not None, out
    assert slow is not None, out
    return Load(float(rate[1]), float(slow[1]))


@contextlib.contextmanager
def serving(words: Sequence[str], path: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a server that takes ``--port``; gives its address once ``path`` is answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [*words, "--port", str(port)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(240):
            assert process.poll() is None, process.communicate()[1]
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(address + path).status_code == 200:
                    break
            time.sleep(0.25)
        else:
            raise AssertionError(f"{words[0]} does not answer {path}")
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextlib.contextmanager
def tipg(python: str, database: str) -> Iterator[str]:
    """Tipg on the tables of ``database``; gives its address."""
    environment = {
        "DATABASE_URL": database,
        "TIPG_DB_SCHEMAS": f'["{_SCHEMA}"]',
        "TIPG_MAX_FEATURES_PER_QUERY": "10000",
    }
    words = [python, "-m", "uvicorn", "tipg.main:app", "--log-level", "warning"]
    with serving(words, "/collections", environment) as address:
        yield f"{address}/collections/{_SCHEMA}."


@contextlib.contextmanager
def pygeoapi(python: str, database: str, layers: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Pygeoapi on tables of ``database``, each with its id's column; gives its address."""
    url = make_url(database)
    data = {
        "host": url.host, "port": url.port, "dbname": url.database, "user": url.username,
        "password": "", "search_path": [_SCHEMA, "public"],
    }  # fmt: skip
    about = {"title": "t", "description": "t", "keywords": ["t"]}
    box = {"spatial": {"bbox": [90, -15, 145, 10],
                       "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}  # fmt: skip
    configuration = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 5000}, "url": "http://127.0.0.1:5000",
            "mimetype": "application/json; charset=UTF-8", "encoding": "utf-8",
            "languages": ["en-US"], "limits": {"default_items": 10, "max_items": 1000},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**about, "keywords_type": "theme", "terms_of_service": "t",
                               "url": "http://127.0.0.1"},
            "license": {"name": "t", "url": "http://127.0.0.1"},
            "provider": {"name": "t", "url": "http://127.0.0.1"},
            "contact": {"name": "t", "email": "t@localhost"},
        },
        "resources": {
            layer: {
                "type": "collection", **about, "links": [], "extents": box,
                "providers": [{"type": "feature", "name": "PostgreSQL", "data": data,
                               "id_field": id_field, "table": layer, "geom_field": "geom"}],
            }
            for layer, id_field in layers.items()
        },
    }  # fmt: skip
    file, api = folder / "pygeoapi.yml", folder / "openapi.yml"
    file.write_text(json.dumps(configuration), "utf-8")  # JSON is YAML
    environment = {"PYGEOAPI_CONFIG": str(file), "PYGEOAPI_OPENAPI": str(api)}
    command = [str(Path(python).with_name("pygeoapi")), "openapi", "generate", str(file)]
    subprocess.run(
        [*command, "--output-file", str(api)], check=True, env={**os.environ, **environment}
    )
    words = [python, "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--log-level", "warning"]
    with serving(words, "/collections", environment) as address:
        yield f"{address}/collections/"
