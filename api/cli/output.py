"""What commands print: aligned tables, numbers as people read them, JSON, progress bars."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from geo.i18n import has, text
from geo.i18n.catalogue import localised
from geo.json_values import json_values
from geo.progress import ProgressCallback

__all__ = [
    "headings", "interval", "note", "number", "persons", "persons_interval", "print_json",
    "print_table", "progress",
]  # fmt: skip

_WIDE = 400
"""Columns of a table that is not written to a terminal: nothing is cut off in a pipe."""
_LEAST_PERSONS = 0.1
"""Fewer persons a year are not told apart, as on the page."""


def print_json(value: Any) -> None:
    """Write a value as JSON; a number that is not finite becomes null."""
    click.echo(json.dumps(json_values(value), ensure_ascii=False, indent=2, allow_nan=False))


def number(value: float | None, *, digits: int = 1, lang: str) -> str:
    """Write a number with the language's separators; unknown is a dash."""
    if value is None or not math.isfinite(value):
        return "-"
    smallest = 10.0**-digits
    if 0 < abs(value) < smallest / 2:  # not nothing, and shown as such
        return f"<{number(smallest, digits=digits, lang=lang)}"
    return localised(f"{value:,.{digits}f}", lang)


def interval(value: Mapping[str, float | None] | None, *, digits: int = 1, lang: str) -> str:
    """Write mean and 90 % interval: ``12,3 (4,5 - 30,1)``."""
    if value is None:
        return "-"
    smallest = 10.0**-digits
    if all(0 < (value[key] or 0.0) < smallest / 2 for key in _ENDS):
        return text("unit.less_than", lang, value=number(smallest, digits=digits, lang=lang))
    mean, low, high = (number(value[key], digits=digits, lang=lang) for key in _ENDS)
    return f"{mean} ({low} - {high})" if low != "-" else mean


_ENDS = ("mean", "p05", "p95")


def persons(value: float | None, *, lang: str) -> str:
    """Write persons a year at two significant digits, as the page does: ``15.000``, ``< 0,1``."""
    from geo.classes import significant  # numpy, which help and errors do without

    if value is None or not math.isfinite(value):
        return "-"
    if 0 < value < _LEAST_PERSONS:
        return f"< {number(_LEAST_PERSONS, lang=lang)}"
    return localised(f"{significant(value):,.15g}", lang)


def persons_interval(value: Mapping[str, float | None] | None, *, lang: str) -> str:
    """Write mean and 90 % interval of persons a year: ``15.000 (2.500 - 37.000)``."""
    if value is None:
        return "-"
    mean, low, high = (persons(value[key], lang=lang) for key in _ENDS)
    return f"{mean} ({low} - {high})" if low != "-" else mean


def headings(lang: str, *names: str) -> list[str]:
    """Headings of a table's columns: the texts ``heading.<name>``."""
    return [text(f"heading.{name}", lang) for name in names]


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> None:
    """Print rows aligned under their headings; ``right`` are the columns of numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for position, heading in enumerate(columns):
        numeric = position in right
        table.add_column(
            heading, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold"
        )
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout, width=None if terminal else _WIDE, highlight=False, markup=False
    )
    with console.capture() as capture:
        console.print(table)
    # A table fills its lines with blanks; nobody who pipes it wants them.
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _plain(cell: str) -> str:
    """Keep control characters of a name out of the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in cell)


def note(text: str) -> None:
    """Print a line beside the answer, on stderr."""
    click.echo(text, err=True)


@contextmanager
def progress(title: str, lang: str) -> Iterator[ProgressCallback]:
    """Show a bar on stderr, if that is a terminal, and yield ``report(step, done, total)``.

    ``title`` is the command's name; a step is shown by its text ``step.<step>``.
    """
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    console = Console(file=sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[step]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None, step="")

        def report(step: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None, step=_step(step, lang))

        yield report


def _step(step: str, lang: str) -> str:
    return text(f"step.{step}", lang) if has(f"step.{step}") else step
