"""Entry points of an import: dry run, apply, propose and confirm.

Nothing changes but by :func:`import_file`, :func:`confirm` and :func:`geo.imports.store.undo`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from geo.errors import DataFileError, UnknownNameError
from geo.files import private_folder, translate_os_errors, write_bytes
from geo.imports.kinds import kind_named
from geo.imports.options import Options
from geo.imports.personal import find_personal
from geo.imports.report import Report, from_json, to_json
from geo.imports.sandbox import read_apart
from geo.imports.store import Entry, applied_tables, apply_table, remembered_columns
from geo.paths import Home

__all__ = ["confirm", "dry_run", "import_file", "propose"]

_PENDING = "pending"
_MOST_PENDING = 5
_PENDING_SECONDS = 24 * 3600.0


def dry_run(
    path: Path,
    kind: str,
    home: Home,
    *,
    file: str = "",
    province: str | None = None,
    part: str | None = None,
    options: Options | None = None,
) -> Report:
    """Read a file and report; change nothing.

    Parameters
    ----------
    file : str
        The file's name at the user's, if it is not that of ``path``.
    province : str, optional
        Rows of other provinces are refused.
    part : str, optional
        Name of the sheet or layer to read, of a file with several.
    options : Options, optional
        What the user decided on the file.

    Raises
    ------
    DataFileError, InputError
        The file as a whole is refused.
    """
    with tempfile.TemporaryDirectory(prefix="petajaga-import-") as folder:
        return _read(
            path, kind, home, Path(folder), file=file, province=province, part=part, options=options
        )[0]


def import_file(
    path: Path,
    kind: str,
    home: Home,
    *,
    by: str,
    part: str | None = None,
    options: Options | None = None,
    under: str = "",
) -> tuple[Report, Entry, bool]:
    """Read a file and apply what was accepted, in one transaction.

    Returns
    -------
    Report, Entry, bool
        The report, the import, and whether anything changed.
    """
    with tempfile.TemporaryDirectory(prefix="petajaga-import-") as folder:
        report, table = _read(path, kind, home, Path(folder), part=part, options=options)
        return report, *apply_table(home, report, table, by=by, under=under)


def propose(
    path: Path,
    kind: str,
    home: Home,
    *,
    file: str,
    by: str,
    province: str | None = None,
    part: str | None = None,
    options: Options | None = None,
) -> Report:
    """Read a file and keep what was accepted until ``by`` confirms it, for a day at most."""
    proposals = _proposals(home, by)
    with translate_os_errors(home.imports):
        private_folder(proposals)
        _drop_old(proposals)
        with tempfile.TemporaryDirectory(prefix=".reading-", dir=proposals) as folder:
            report, table = _read(
                path,
                kind,
                home,
                Path(folder),
                file=file,
                province=province,
                part=part,
                options=options,
            )
            if report.accepted:
                place = proposals / report.id
                shutil.rmtree(place, ignore_errors=True)
                fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=proposals))
                shutil.move(table, fresh / table.name)
                (fresh / table.name).chmod(0o600)
                write_bytes(fresh / "report.json", to_json(report).encode(), private=True)
                fresh.rename(place)
            return report


def confirm(home: Home, name: str, *, by: str, under: str = "") -> tuple[Entry, bool]:
    """Apply what ``by`` proposed before, under an agreement if it counts persons.

    Raises
    ------
    UnknownNameError
        ``by`` has no proposal of this id, or it is older than a day.
    """
    place = _proposals(home, by) / name
    if not re.fullmatch(r"[0-9a-f]{12}", name) or not (place / "report.json").exists():
        raise UnknownNameError("imports.no_proposal", id=name)
    report = Report.from_dict(from_json((place / "report.json").read_text("utf-8")))
    table = next(path for path in place.iterdir() if path.name.startswith("table."))
    entry, changed = apply_table(home, report, table, by=by, under=under)
    shutil.rmtree(place, ignore_errors=True)
    return entry, changed


def _read(
    path: Path,
    kind: str,
    home: Home,
    folder: Path,
    *,
    file: str = "",
    province: str | None = None,
    part: str | None = None,
    options: Options | None = None,
) -> tuple[Report, Path]:
    """Report and normalised table of a file, read over the imports applied so far."""
    return read_apart(
        *(path, kind_named(kind).name, folder),
        file=_safe_name(file or path.name),
        applied=applied_tables(home),
        province=province,
        part=part,
        options=replace(options or Options(), remembered=remembered_columns(home)),
    )


def _proposals(home: Home, by: str) -> Path:
    return home.imports / _PENDING / hashlib.sha256(by.encode()).hexdigest()[:16]


def _drop_old(proposals: Path) -> None:
    """Drop proposals that are old, and the oldest beyond a few."""
    now = time.time()
    ages = sorted(((now - path.stat().st_mtime), path) for path in proposals.iterdir())
    for k, (age, path) in enumerate(ages):
        if age > _PENDING_SECONDS or (k >= _MOST_PENDING - 1 and age > 600.0):
            shutil.rmtree(path, ignore_errors=True)


def _safe_name(file: str) -> str:
    """The last part of a file's name, as it may be kept and shown.

    Raises
    ------
    DataFileError
        If the name itself holds personal data.
    """
    name = re.split(r"[/\\]", file)[-1]
    name = "".join(c if c.isprintable() else "_" for c in name)[-120:]
    name = name.encode("utf-8", "replace").decode("utf-8")
    stem = name.partition(".")[0]
    if find_personal(stem) or re.search(r"\d{16}", name):
        raise DataFileError("imports.personal_file_name")
    return name
