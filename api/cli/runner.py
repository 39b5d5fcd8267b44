"""Run a command and turn whatever goes wrong into one line and an exit code.

0 done, 1 could not, 2 wrong use, 130 interrupted. No traceback is shown unless
``PETAJAGA_DEBUG=1``.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import click

from api.bootstrap import ROOT
from geo.errors import AmbiguousNameError, InputError, PetajagaError, UnknownNameError

__all__ = ["DONE", "FAILED", "INTERRUPTED", "WRONG_USE", "describe", "run"]

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

_DISK = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EROFS: "the disk is read-only; choose another folder with --home",
    errno.EACCES: "no right to write or read it; choose another folder with --home",
    errno.EPERM: "no right to write or read it; choose another folder with --home",
    errno.ENOTDIR: "a file is in the way of a folder; choose another with --home",
    errno.EISDIR: "it is a folder, not a file; name a file",
    errno.EEXIST: "a file is in the way of a folder; choose another with --home",
    errno.ENOENT: "there is no such file or folder",
}


def one_line(text: str) -> str:
    """Fold a message into one line."""
    return " ".join(text.split())


def describe(error: BaseException) -> tuple[str, int]:
    """Return the line to show for an error and the exit code that goes with it."""
    match error:
        case UnknownNameError() | AmbiguousNameError():
            line = one_line(str(error))
            missing = [match for match in error.matches if match not in line]
            if missing:
                line = f"{line.rstrip('.')}; nearest: {', '.join(missing)}"
            return line, WRONG_USE
        case InputError():
            return one_line(str(error)), WRONG_USE
        case PetajagaError():
            return one_line(str(error)), FAILED
        case click.ClickException():
            return _describe_click(error), error.exit_code
        case click.Abort() | KeyboardInterrupt():
            return "stopped", INTERRUPTED
        case OSError():
            what = _DISK.get(error.errno or 0, error.strerror or str(error))
            where = f"{error.filename}: " if error.filename else ""
            return one_line(f"{where}{what}"), FAILED
        case ModuleNotFoundError():
            name = (error.name or "").partition(".")[0]
            what = "package" if not (ROOT / name).exists() else "own module"
            return f"the {what} {error.name} is missing; run: make setup", FAILED
        case MemoryError():
            return "not enough memory; close other programs, or lower --draws", FAILED
        case _:
            name = type(error).__name__
            return (
                one_line(f"unexpected {name}: {error}; PETAJAGA_DEBUG=1 shows where it happened"),
                FAILED,
            )


def _describe_click(error: click.ClickException) -> str:
    line = one_line(error.format_message())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        line = f"{line.rstrip('.')}; see: {error.ctx.command_path} --help"
    return line


def run(words: Sequence[str]) -> int:
    """Run ``petajaga`` with these words and return the exit code."""
    debug = os.environ.get("PETAJAGA_DEBUG", "") not in {"", "0"}
    try:
        from api.cli.application import application

        answer = application.main(list(words), prog_name="petajaga", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        return _close_stdout()
    except SystemExit as error:  # click leaves this way when the reader of a pipe has gone
        _close_stdout()
        return error.code if isinstance(error.code, int) else FAILED
    except (Exception, KeyboardInterrupt) as error:
        if debug and not isinstance(error, (click.ClickException, click.Abort)):
            raise
        line, code = describe(error)
        sys.stderr.write(f"petajaga: {line}\n")
        return code
    return answer if isinstance(answer, int) else DONE


def _close_stdout() -> int:
    """Keep the interpreter from complaining again, when it flushes a pipe nobody reads."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
    return FAILED
