"""Entry points of an import: dry run, apply, propose and confirm.

Nothing changes but by :func:`import_file`, :func:`confirm` and :func:`geo.imports.store.undo`.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

from geo.errors import DataFileError
from geo.files import translate_os_errors
from geo.imports.kinds import kind_named
from geo.imports.options import Options
from geo.imports.person_check import personal_text
from geo.imports.proposals import keep_proposal, proposal, reading_folder
from geo.imports.report import Report
from geo.imports.sandbox import read_apart
from geo.imports.store import Entry, applied_tables, apply_table, remembered_columns
from geo.paths import Home
from geo.shelters import names_shelter

__all__ = ["confirm", "dry_run", "import_file", "propose"]


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
    """Read a file and keep what was accepted until ``by`` confirms it, for an hour at most."""
    with translate_os_errors(home.imports), reading_folder(home, by) as folder:
        report, table = _read(
            path, kind, home, folder, file=file, province=province, part=part, options=options
        )
        if report.accepted:
            keep_proposal(home, report, table, by=by)
        return report


def confirm(home: Home, name: str, *, by: str, under: str = "") -> tuple[Entry, bool]:
    """Apply what ``by`` proposed before, under an agreement if it counts persons.

    Raises
    ------
    UnknownNameError
        ``by`` has no proposal of this id, or it is older than an hour.
    """
    with proposal(home, name, by=by) as (report, table):
        return apply_table(home, report, table, by=by, under=under)


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


def _safe_name(file: str) -> str:
    """The last part of a file's name, as it may be kept and shown.

    Raises
    ------
    DataFileError
        The name, all of it, has data on a person or names a shelter.
    """
    name = re.split(r"[/\\]", file)[-1]
    words = name.replace("_", " ")
    if personal_text(words) or personal_text(words.title()) or names_shelter(words):
        raise DataFileError("imports.personal_file_name")
    name = "".join(c if c.isprintable() else "_" for c in name)[-120:]
    return name.encode("utf-8", "replace").decode("utf-8")
