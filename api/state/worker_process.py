"""Processes that this service starts for its computing, and what they say."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import geo.errors
from api.bootstrap import ROOT
from geo.errors import PetajagaError
from geo.i18n import Message
from layers.plans.requests import BODY_FIELDS

__all__ = ["close_worker", "start_worker", "stop_worker", "worker_error"]

_GRACE_SECONDS = 2.0


def start_worker(module: str) -> subprocess.Popen[str]:
    """Start the module ``module``, which reads and writes lines of JSON.

    In a session of its own: Ctrl-C is for the service, which ends it then.
    """
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    return subprocess.Popen(
        [sys.executable, "-m", module], cwd=ROOT, env={**os.environ, **threads},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        start_new_session=True,
    )  # fmt: skip


def stop_worker(process: subprocess.Popen[str] | None) -> None:
    """End a process that this service started, by its id, and wait until it is gone."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def close_worker(process: subprocess.Popen[str]) -> None:
    """As :func:`stop_worker`, and close its streams; nobody may be reading or writing them."""
    stop_worker(process)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def worker_error(document: Mapping[str, Any]) -> PetajagaError:
    """A worker's error (:mod:`layers.plans.worker`); it names the field as the HTTP body does."""
    kind = getattr(geo.errors, str(document["class"]), PetajagaError)
    field = BODY_FIELDS.get(document["field"], document["field"])
    params = {name: _parameter(value) for name, value in document["params"].items()}
    error: PetajagaError = kind(document["code"], field=field, **params)
    return error


def _parameter(value: Any) -> Any:
    """A parameter as the worker writes it; a text of the catalogue is read back as one."""
    if isinstance(value, dict) and value.keys() == {"message", "params"}:
        return Message(value["message"], {k: _parameter(v) for k, v in value["params"].items()})
    return [_parameter(item) for item in value] if isinstance(value, list) else value
