"""The options that every command shares: ``--home``, ``--lang`` and ``--json``."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from geo.paths import Home

__all__ = ["HOME", "JSON", "LANG", "Choices", "Session", "command"]

HOME = click.option(
    "--home", metavar="FOLDER", help="Where state lives; else $PETAJAGA_HOME, else ./var."
)
LANG = click.option(
    "--lang",
    type=click.Choice(["id", "en"]),
    help="Language of tables: Bahasa Indonesia (id, the default) or English (en).",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@dataclass(frozen=True)
class Choices:
    """What was said before the subcommand; the subcommand's own options come first."""

    home: str | None = None
    lang: str | None = None


@dataclass(frozen=True)
class Session:
    """What a command runs with."""

    home: Home
    lang: str


def command(
    name: str, *options: Callable[..., Any], **attributes: Any
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a click command whose function gets a :class:`Session` first.

    Parameters
    ----------
    name : str
        What the user types.
    options
        Click decorators, in the order of the help; ``--home`` and ``--lang`` are added.
    attributes
        Passed to :func:`click.command`.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def call(*, home: str | None, lang: str | None, **given: Any) -> Any:
            before = click.get_current_context().find_object(Choices) or Choices()
            language = lang or before.lang or os.environ.get("PETAJAGA_LANG") or "id"
            if language not in {"id", "en"}:
                raise click.UsageError(f"PETAJAGA_LANG is {language!r}; use id or en")
            return function(Session(Home.resolve(home or before.home), language), **given)

        wrapped: Callable[..., Any] = call
        for option in reversed((*options, HOME, LANG)):
            wrapped = option(wrapped)
        make: Callable[[Callable[..., Any]], click.Command] = click.command(name, **attributes)
        return make(wrapped)

    return decorate
