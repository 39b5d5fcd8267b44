"""Worker process of one job, here of a plan: one line of JSON in, lines of JSON out.

The service starts it, reads its progress, and ends it by its process id when the job is cancelled.
When the service itself is gone, the worker's input ends, and the worker with it.

Input: ``{"folder", "kind": "posts" | "outreach" | "watch", "request": {...}, "tier",
"province"}``. Output: ``{"progress": [step, done, total]}``, and last either
``{"answer", "area", "displacement"}`` (of a plan the last two) or
``{"error": {"class", "code", "params", "field"}}``. :mod:`layers.plans.evaluator` speaks the same.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from geo.errors import PetajagaError
from geo.i18n import Message
from geo.progress import ProgressCallback
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest, WatchPlanRequest
from layers.visibility import rights_of

__all__ = ["main", "outcome_of", "send", "start_quietly", "work"]

_OPTIONS = (
    orjson.OPT_SERIALIZE_NUMPY
    | orjson.OPT_NON_STR_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS  # a text of the catalogue is one
    | orjson.OPT_APPEND_NEWLINE
)
_NICE = 5
"""Priority below that of the service, which answers the map."""


def main() -> int:
    """Make the plan that standard input requests; return the exit code."""
    return work(_answer)


def work(answer: Callable[[dict[str, Any], ProgressCallback], dict[str, Any]]) -> int:
    """Answer the one request on standard input by ``answer(task, progress)``."""
    out = start_quietly()
    task = json.loads(sys.stdin.readline())
    threading.Thread(target=_exit_with_service, daemon=True).start()
    send(out, outcome_of(lambda: answer(task, lambda *step: send(out, {"progress": step}))))
    return 0


def start_quietly() -> BinaryIO:
    """Give way to the service; return the stream of the answers, which no library prints into."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(_NICE)
    return out


def outcome_of(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer, or the error raised on purpose as the service reads it."""
    try:
        return answer()
    except PetajagaError as error:
        described = {
            "class": type(error).__name__,
            "code": error.code,
            "params": error.params,
            "field": error.field,
        }
        return {"error": described}


def send(out: BinaryIO, message: dict[str, Any]) -> None:
    """Write one message as a line of JSON; NaN becomes null."""
    out.write(orjson.dumps(message, _plain, _OPTIONS))
    out.flush()


def _answer(task: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
    progress("model", 0, 1)
    from layers.plans.service import PlanService

    service, province = PlanService.open(Path(task["folder"])), task["province"]
    reader: Any = {"rights": rights_of(task["tier"], province), "province": province}
    if task["kind"] == "posts":
        posts = PostPlanRequest.of(**task["request"])
        outcome = service.posts(posts, **reader, done=task["done"], progress=progress)
        return {"answer": outcome.answer, "area": None, "displacement": outcome.displacement}
    if task["kind"] == "watch":
        watch = WatchPlanRequest.of(**task["request"])
        roster = service.watch(watch, **reader, done=task["done"], progress=progress)
        return {"answer": roster, "area": None}
    request = OutreachPlanRequest.of(**task["request"])
    visits = service.outreach(request, **reader, done=task["done"], progress=progress)
    return {"answer": visits.answer, "area": visits.area, "displacement": None}


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": value.code, "params": value.params}
    return str(value)


def _exit_with_service() -> None:
    while sys.stdin.read(4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
