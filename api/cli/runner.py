"""Run a command and turn whatever goes wrong into one line and an exit code.

0 done, 1 could not, 2 wrong use, 130 interrupted. No traceback is shown unless
``PETAJAGA_DEBUG=1``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from api.bootstrap import ROOT
from api.cli.options import Choices, WrongUse, language_of, parameter_name
from geo.errors import InputError, PetajagaError, os_reason
from geo.i18n import Message, languages

__all__ = ["DONE", "FAILED", "INTERRUPTED", "WRONG_USE", "describe", "run"]

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def one_line(line: str) -> str:
    """Fold a message into one line."""
    return " ".join(line.split())


def describe(error: BaseException, language: str) -> tuple[str, int]:
    """Return the line to show for an error and the exit code that goes with it."""
    message, code = _message(error, language)
    return one_line(message if isinstance(message, str) else message.in_language(language)), code


def _message(error: BaseException, language: str) -> tuple[str | Message | PetajagaError, int]:
    match error:
        case InputError():
            return error, WRONG_USE
        case PetajagaError():
            return error, FAILED
        case click.UsageError():
            return _usage(error), error.exit_code
        case click.Abort() | KeyboardInterrupt():
            return Message("cli.stopped"), INTERRUPTED
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{os_reason(error).in_language(language)}", FAILED
        case ModuleNotFoundError():
            part = (error.name or "").partition(".")[0]
            code = "cli.package_missing" if not (ROOT / part).exists() else "cli.module_missing"
            return Message(code, {"name": error.name}), FAILED
        case MemoryError():
            return Message("cli.no_memory"), FAILED
        case _:
            params = {"name": type(error).__name__, "error": str(error)}
            return Message("cli.unexpected", params), FAILED


def _usage(error: click.UsageError) -> Message:
    """Wrong use, with the command whose help shows the right one."""
    reason = error.text if isinstance(error, WrongUse) else _click_reason(error)
    if error.ctx is None:
        return reason
    return Message("cli.see_help", {"reason": reason, "command": error.ctx.command_path})


def _click_reason(error: click.UsageError) -> Message:
    """A usage error of Click's by its class; its English text is not used."""
    match error:
        case click.NoSuchOption():
            return Message("cli.no_such_option", {"name": error.option_name})
        case click.NoSuchCommand():
            return Message("cli.no_such_command", {"name": error.command_name})
        case click.BadOptionUsage():
            return Message("cli.option_value", {"name": error.option_name})
        case click.BadParameter(param=click.Parameter() as parameter, ctx=click.Context() as ctx):
            name = parameter_name(parameter, ctx)
            if isinstance(error, click.MissingParameter):
                return Message("cli.missing_parameter", {"name": name})
            match parameter.type:
                case click.Choice(choices=choices):
                    return Message("cli.not_one_of", {"name": name, "choices": list(choices)})
                case click.IntRange(min=least, max=most):
                    if most is None:
                        return Message("cli.not_whole_from", {"name": name, "least": least})
                    return Message("cli.not_whole", {"name": name, "least": least, "most": most})
                case click.types.IntParamType() | click.types.FloatParamType():
                    return Message("cli.not_a_number", {"name": name})
                case _:
                    return Message("cli.bad_value", {"name": name})
        case _:
            return Message("cli.bad_arguments")


def run(words: Sequence[str]) -> int:
    """Run ``petajaga`` with these words and return the exit code."""
    debug = os.environ.get("PETAJAGA_DEBUG", "") not in {"", "0"}
    language = languages()[0]
    try:
        language = language_of(words)
        from api.cli.application import application

        answer = application.main(
            list(words), prog_name="petajaga", standalone_mode=False, obj=Choices(lang=language)
        )
        sys.stdout.flush()
    except BrokenPipeError:
        return _close_stdout()
    except SystemExit as error:  # click leaves this way when the reader of a pipe has gone
        _close_stdout()
        return error.code if isinstance(error.code, int) else FAILED
    except (Exception, KeyboardInterrupt) as error:
        if debug and not isinstance(error, (click.ClickException, click.Abort)):
            raise
        line, code = describe(error, language)
        sys.stderr.write(f"petajaga: {line}\n")
        return code
    return answer if isinstance(answer, int) else DONE


def _close_stdout() -> int:
    """Keep the interpreter from complaining again, when it flushes a pipe nobody reads."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
    return FAILED
