"""Write snapshot files so that the same rows always give the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from geo.errors import PetajagaError
from geo.files import write_bytes

write_atomic = partial(write_bytes, code="rebuild.unwritable")


def fixed(value: float, *, decimals: int) -> str:
    """Format ``value`` with fixed decimals, trailing zeros dropped and no negative zero."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return "0" if text in {"-0", ""} else text


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return UTF-8 CSV with a header row and Unix line ends."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Return compact UTF-8 JSON in the order the mapping was built."""
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")


def gzip_bytes(raw: bytes) -> bytes:
    """Compress without a name or time stamp, so that equal input gives equal output."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as handle:
        handle.write(raw)
    return buffer.getvalue()


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV or CSV.GZ snapshot as text rows.

    Raises:
        PetajagaError: the file is missing; says which command makes it.
    """
    return list(csv.DictReader(io.StringIO(_read(path).decode("utf-8"), newline="")))


def read_geojson(path: Path) -> dict[str, Any]:
    """Read a GeoJSON or GeoJSON.GZ snapshot.

    Raises:
        PetajagaError: the file is missing; says which command makes it.
    """
    document: dict[str, Any] = json.loads(_read(path))
    return document


def _read(path: Path) -> bytes:
    if not path.exists():
        raise PetajagaError("rebuild.missing", path=str(path))
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content
