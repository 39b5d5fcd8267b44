"""Click in the reader's language: commands and options whose help is in the catalogue.

The help of a command is ``cli.help.<command>`` (``cli.help.<group>.<command>`` where two groups
have one of its name), that of an option ``cli.help.<command>.<option>``, or ``cli.help.<option>``
where several commands share it.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from geo.errors import InputError
from geo.i18n import Message, has, languages, text
from geo.paths import Home

__all__ = [
    "HOME",
    "JSON",
    "LANG",
    "Choices",
    "Group",
    "Session",
    "WrongUse",
    "check_ending",
    "command",
    "language_of",
    "output_option",
    "parameter_name",
]

_DEFAULT_LANGUAGE = languages()[0]


@dataclass(frozen=True)
class Choices:
    """Options given before the subcommand, whose own ``--home`` goes first, and the language."""

    home: str | None = None
    lang: str = _DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Session:
    """What a command runs with: home folder and language of its answer."""

    home: Home
    lang: str

    def text(self, key: str, **params: Any) -> str:
        """A text of the catalogue in this language."""
        return text(key, self.lang, **params)


class WrongUse(click.UsageError):
    """Options that do not go together, or too few of them; carries a text of the catalogue."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, click.get_current_context(silent=True))
        self.text = Message(code, params)


def language_of(arguments: Sequence[str]) -> str:
    """The language of answers, help and errors: ``--lang``, else PETAJAGA_LANG, else the default.

    Read before Click reads the rest, since its errors are to be in that language too; a ``--lang``
    that is no language is Click's to refuse.

    Raises
    ------
    InputError
        PETAJAGA_LANG is no language.
    """
    language = None
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            language = value if equals else "".join(arguments[position + 1 : position + 2])
    if language is None:
        language = os.environ.get("PETAJAGA_LANG") or _DEFAULT_LANGUAGE
        if language not in languages():
            raise InputError("cli.unknown_language", name=language, languages=languages())
    return language if language in languages() else _DEFAULT_LANGUAGE


def parameter_name(parameter: click.Parameter, context: click.Context) -> str:
    """A parameter as the user types it: ``-o / --output``, or the placeholder of an argument."""
    if isinstance(parameter, click.Option):
        return " / ".join(parameter.opts)
    return _placeholders(parameter.make_metavar(context), context)


def _language(context: click.Context) -> str:
    return (context.find_object(Choices) or Choices()).lang


def _placeholders(usage: str, context: click.Context) -> str:
    """Placeholders of values, such as FILE, in the reader's language."""

    def placeholder(match: re.Match[str]) -> str:
        key = f"cli.metavar.{match[0].lower()}"
        return text(key, _language(context)) if has(key) else match[0]

    return re.sub("[A-Z]{2,}", placeholder, re.sub("INTEGER RANGE|INTEGER|FLOAT", "N", usage))


def _help_record(option: click.Option, context: click.Context) -> tuple[str, str] | None:
    """Names of an option and its help, with default and range."""
    record = option.get_help_record(context)
    if record is None:
        return None
    language, extra = _language(context), option.get_help_extra(context)
    limits = [extra["range"]] if "range" in extra else []
    if "default" in extra:
        limits.insert(0, text("cli.default", language, value=extra["default"]))
    if "required" in extra:
        limits.append(text("cli.required", language))
    slug = max(option.opts, key=len).lstrip("-").replace("-", "_")
    specific = f"cli.help.{context.command.name}.{slug}"
    help_text = text(specific if has(specific) else f"cli.help.{slug}", language)
    if limits:
        help_text += f"  [{'; '.join(limits)}]"
    return _placeholders(record[0], context), help_text


def _said_of(family: str, name: str | None, group: str | None) -> str:
    """Key of what is said of a command: its own in its group, else that of all of this name."""
    own = f"cli.{family}.{group}.{name}"
    return own if has(own) else f"cli.{family}.{name}"


class _Localised(click.Command):
    """Help in the reader's language; every heading and text is in the catalogue."""

    help_values: Callable[[], Mapping[str, Any]] = dict
    """Values of the placeholders in the text of the help."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(
            ctx.command_path, _placeholders(pieces, ctx), f"{text('cli.usage', _language(ctx))}: "
        )

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            group = ctx.parent.command.name if ctx.parent else None
            key = _said_of("help", self.name, group)
            help_text = text(key, _language(ctx), **self.help_values())
            formatter.write_text(help_text)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [option for option in self.get_params(ctx) if isinstance(option, click.Option)]
        records = [record for option in options if (record := _help_record(option, ctx))]
        with formatter.section(text("cli.options", _language(ctx))):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)


class Group(_Localised, click.Group):
    """Commands under one name; their lines in its help are ``cli.short.<command>``."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, in the reader's language."""
        language = _language(ctx)
        names = [(name, text(_said_of("short", name, self.name), language))
                 for name in self.list_commands(ctx)]  # fmt: skip
        with formatter.section(text("cli.commands", language)):
            formatter.write_dl(names)


HOME = click.option("--home", metavar="FOLDER")
LANG = click.option("--lang", type=click.Choice(languages()), expose_value=False)
JSON = click.option("--json", "as_json", is_flag=True)


def output_option(metavar: str = "FILE", *, required: bool = False) -> Callable[..., Any]:
    """The option ``-o``: the file to write, in a folder that exists."""
    return click.option(
        "-o", "--output", metavar=metavar, required=required, type=click.Path(path_type=Path),
        callback=_in_a_folder,
    )  # fmt: skip


def _in_a_folder(
    _context: click.Context, _parameter: click.Parameter, output: Path | None
) -> Path | None:
    return None if output is None else in_a_folder(output)


def in_a_folder(output: Path) -> Path:
    """The file to write, if its folder exists; else :class:`InputError`."""
    if not output.parent.is_dir():
        raise InputError("cli.no_folder", field="output", folder=output.parent)
    return output


def check_ending(output: Path | None, *endings: str) -> None:
    """Refuse an output file of another ending than ``endings``, before any work."""
    if output is not None and output.suffix.lower() not in endings:
        raise InputError("cli.file_ending", field="output", file=output.name, endings=endings)


def command(
    name: str,
    *options: Callable[..., Any],
    help_values: Callable[[], Mapping[str, Any]] = dict,
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a click command whose function gets a :class:`Session` first.

    Parameters
    ----------
    name : str
        What the user types.
    options
        Click decorators, in the order of the help; ``--home`` and ``--lang`` are added.
    help_values
        Returns the values of the placeholders in the text of the help.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def call(*, home: str | None, **values: Any) -> Any:
            choices = click.get_current_context().find_object(Choices) or Choices()
            return function(Session(Home.resolve(home or choices.home), choices.lang), **values)

        wrapped: Callable[..., Any] = call
        for decorator in reversed((*options, HOME, LANG)):
            wrapped = decorator(wrapped)
        made: _Localised = click.command(name, cls=_Localised)(wrapped)
        made.help_values = help_values
        return made

    return decorate
