"""Run the reading process and take its result; this process never opens the foreign file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from geo.errors import DataFileError, EnvironmentProblem, os_reason
from geo.imports.archives import unpacks_too_much
from geo.imports.limits import memory_for, seconds_for
from geo.imports.options import Options
from geo.imports.read_gdal import GDAL_ENVIRONMENT
from geo.imports.report import Report, from_json
from geo.imports.worker import TABLE

__all__ = ["read_apart"]

_ROOT = Path(__file__).resolve().parents[2]
_ROADS_BYTES = 2_500_000
"""What the graph of a small road network takes, as bytes of a file that take as long."""
_CLOCK_SECONDS = 30.0
"""To begin on a busy machine, where the reading process gives way to all others."""
_LIBRARIES = {
    "LANG": "C.UTF-8",
    "PROJ_NETWORK": "OFF",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    **dict.fromkeys(("ARROW_NUM_THREADS", "OSMIUM_POOL_THREADS"), "1"),
    **dict.fromkeys(("OSMIUM_MAX_WORK_QUEUE_SIZE", "OSMIUM_MAX_INPUT_QUEUE_SIZE"), "4"),
    "OSMIUM_MAX_OSMDATA_QUEUE_SIZE": "4",
    **GDAL_ENVIRONMENT,
}
"""Environment of the reading process: one thread, short queues, no network."""


def read_apart(
    path: Path,
    kind: str,
    folder: Path,
    *,
    file: str,
    applied: Sequence[tuple[str, Path]],
    province: str | None = None,
    part: str | None = None,
    options: Options | None = None,
) -> tuple[Report, Path]:
    """Read ``path`` in a process with limits; return report and normalised table (in ``folder``).

    Parameters
    ----------
    path : Path
        The foreign file.
    kind : str
    folder : Path
        An empty folder for the job.
    file : str
        The file's name at the user's; its ending counts where the content names no format.
    applied : sequence of (kind, table)
        Imports applied so far.
    province : str, optional
        Rows of other provinces are refused.
    part : str, optional
        Name of the sheet or layer to read.
    options : Options, optional
        What the user decided on the file.

    Raises
    ------
    DataFileError
        The file is refused.
    """
    job = {
        "kind": kind,
        "path": str(path.resolve()),
        "file": file,
        "province": province,
        "part": part,
        "options": asdict(options or Options()),
        "applied": [(name, str(table)) for name, table in applied],
    }
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    size = path.stat().st_size if path.is_file() else 0
    # CPU is the limit that counts (the process sets it); the clock is for one that sleeps, or
    # for a machine that is busy with other things.
    packed = 12 if _is_packed(path) else 1
    worth = size // 2 + _ROADS_BYTES if kind == "network" else packed * size
    code = _run(folder, timeout=_CLOCK_SECONDS + 4.0 * seconds_for(worth))
    answer_file = folder / "answer.json"
    if code != 0 or not answer_file.exists():
        raise _refusal(code, folder, kind)
    answer = from_json(answer_file.read_text("utf-8"))
    if "error" in answer:
        raise DataFileError(answer["error"].code, **answer["error"].params)
    return Report.from_dict(answer["report"]), folder / TABLE.get(kind, "table.csv")


def _is_packed(path: Path) -> bool:
    """Whether the first bytes are those of a zip, gzip or Parquet file."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4).startswith((b"PK", b"\x1f\x8b", b"PAR1"))


def _run(folder: Path, *, timeout: float) -> int:
    path = os.environ.get("PATH", "")
    with (folder / "log").open("wb") as log:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "geo.imports.worker", str(folder)],
                cwd=_ROOT,
                env={**_LIBRARIES, "PATH": path, "TMPDIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        except OSError as error:
            raise EnvironmentProblem("imports.no_process", reason=os_reason(error)) from error
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return -signal.SIGXCPU
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _refusal(code: int, folder: Path, kind: str) -> DataFileError:
    """The error for a reading process that ended without an answer."""
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return DataFileError("imports.reading_too_long")
    if code == -signal.SIGXFSZ:
        return unpacks_too_much()
    if b"MemoryError" in (folder / "log").read_bytes()[-20_000:]:
        return DataFileError("imports.memory", megabytes=memory_for(kind) // 2**20)
    return DataFileError("imports.breaks_reader")
