"""The sheet of one shift of a watch plan, from a release: its ships, warnings and offices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.errors import InputError
from layers.documents.shift_sheet import shift_sheet, shift_sheet_content
from layers.documents.subject import Contents
from layers.plans.early_warning import early_warnings
from layers.release.marking import Marking

__all__ = ["one_shift_sheet"]


def one_shift_sheet(
    contents: Contents, plan: Mapping[str, Any], number: int, marking: Marking, language: str
) -> bytes:
    """The sheet of shift ``number`` as PDF/A.

    Raises
    ------
    InputError
        The roster has no such shift.
    """
    roster = plan["roster"]
    shift = next((row for row in roster if row["number"] == number), None)
    if shift is None:
        raise InputError("cli.watch_no_shift", number=number, most=len(roster), field="shift")
    found = early_warnings(row for row, _ in contents.rows("counts"))["warnings"]
    return shift_sheet(shift_sheet_content(contents, shift, plan, found, marking, language))
