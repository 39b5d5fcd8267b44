"""The process that opens a foreign file: ``python -m geo.imports.worker FOLDER``.

It sets its resource limits before it reads anything. ``FOLDER/job.json`` is the job; the result is
``answer.json`` (a report, or the code and parameters of an error) and the normalised table.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from geo.errors import DataFileError, InputError, os_reason
from geo.i18n import Message
from geo.imports.limits import MOST_BYTES, allow_beyond, confine, memory_for
from geo.imports.report import Report, to_json
from geo.imports.sheet import Sheet
from geo.road_network import ROADS_FILE

__all__ = ["TABLE", "main"]

TABLE = {"boundaries": "table.geojson", "network": ROADS_FILE}
"""Name of the normalised table of a kind; ``table.csv`` for the others."""


_REFERENCE_SECONDS = 6
"""CPU time for our own modules and tables, which no file causes: 1.3 s, thrice that when busy."""


def main(folder: Path) -> None:
    """Do the job of ``folder``."""
    job = json.loads((folder / "job.json").read_text("utf-8"))
    memory = memory_for(job["kind"])
    if job["kind"] == "network":
        import geo.imports.read_roads  # noqa: F401 (large libraries, loaded before the clock runs)
    confine(memory_bytes=memory)
    sys.setrecursionlimit(2000)
    answer: dict[str, Any]
    try:
        answer = {"report": _work(job, folder)}
    except InputError as error:
        answer = {"error": Message(error.code, error.params)}
    except RecursionError:
        answer = {"error": Message("imports.nested_too_deeply")}
    except MemoryError:
        answer = {"error": Message("imports.memory", {"megabytes": memory // 2**20})}
    except OSError as error:
        answer = {"error": Message("imports.unreadable", {"reason": os_reason(error)})}
    (folder / "answer.json").write_text(to_json(answer), "utf-8")


def _work(job: dict[str, Any], folder: Path) -> Report:
    from geo.imports.kinds import kind_named

    kind = kind_named(job["kind"])
    path = Path(job["path"])
    if not path.is_file():
        raise DataFileError("imports.no_file", file=job["file"])
    if path.stat().st_size > MOST_BYTES and kind.name != "network":
        raise DataFileError("imports.too_large", megabytes=MOST_BYTES // 2**20)
    if path.stat().st_size == 0:
        raise DataFileError("imports.empty")
    sheet = None if kind.name == "network" else _table(path, job)

    from geo.imports.options import Options
    from geo.imports.read_geo import journals
    from geo.imports.reference import ReferenceData

    report = Report(kind=kind.name, file=job["file"])
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    for log in journals(path):
        digest.update(log.read_bytes())
    report.sha256 = digest.hexdigest()
    options = Options(**job["options"])
    decided = filter(None, [job["part"], options.digest])
    about = "\n".join([kind.name, report.sha256, *decided])
    report.id = hashlib.sha256(about.encode()).hexdigest()[:12]
    reference = ReferenceData([(name, Path(table)) for name, table in job["applied"]])
    if sheet is None:
        from geo.imports.read_roads import read_roads

        network = read_roads(path, reference, report)
        (folder / ROADS_FILE).write_bytes(network.to_bytes())
        return report

    from geo.imports.rows import normalise

    allow_beyond(_REFERENCE_SECONDS)
    rows = normalise(sheet, kind, reference, report, province=job["province"], options=options)
    if rows:
        _write(folder / TABLE.get(kind.name, "table.csv"), kind.kept, rows)
    return report


def _table(path: Path, job: dict[str, Any]) -> Sheet:
    """The sheet of a file, its text put right."""
    from geo.imports.encoding import mend_mojibake
    from geo.imports.formats import read_sheet

    sheet = read_sheet(path, job["file"], job["part"])
    mend_mojibake(sheet)
    return sheet


def _write(path: Path, names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return
    import shapely

    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type":"FeatureCollection","features":[\n')
        for k, row in enumerate(sorted(rows, key=lambda row: str(row["code"]))):
            about = json.dumps({name: row[name] for name in names if name != "geometry"})
            shape = shapely.to_geojson(row["geometry"])
            comma = ",\n" if k else ""
            stream.write(f'{comma}{{"type":"Feature","properties":{about},"geometry":{shape}}}')
        stream.write("\n]}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
