"""Files of a command: rows as they are, or two columns of them, what and a number of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from geo.errors import EnvironmentProblem, InputError, os_reason

__all__ = ["csv_rows", "two_columns"]

Number = TypeVar("Number", int, float)


def csv_rows(path: Path, *, field: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and row of a CSV file; ``field`` is the option.

    Raises
    ------
    InputError
        The file is not UTF-8.
    EnvironmentProblem
        It cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from enumerate(csv.DictReader(stream), 2)
    except UnicodeDecodeError as error:
        raise InputError("cli.not_utf8", field=field, file=path.name) from error
    except OSError as error:
        raise EnvironmentProblem("cli.cannot_read", file=path, reason=os_reason(error)) from error


def two_columns(
    path: Path, what: str, amount: str, number: Callable[[str], Number], *, field: str, wrong: str
) -> Iterator[tuple[str, Number]]:
    """Name and number of each row; ``field`` is the option, ``wrong`` the text on a wrong row.

    Raises
    ------
    InputError
        The file is not UTF-8, lacks a column, or has a row without a number; it names the line.
    EnvironmentProblem
        It cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "costs.csv"
    ...     _ = path.write_text("id,cost" + chr(10) + "tenau,1500", "utf-8")
    ...     dict(two_columns(path, "id", "cost", float, field="costs", wrong="cli.costs_columns"))
    {'tenau': 1500.0}
    """
    for line, row in csv_rows(path, field=field):
        try:
            yield str(row[what]), number(row[amount])
        except (KeyError, TypeError, ValueError):
            raise InputError(wrong, field=field, file=path.name, line=line) from None
