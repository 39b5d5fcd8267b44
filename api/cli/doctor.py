"""``petajaga doctor``: look at everything an installation needs and say what to mend.

Each check looks and changes nothing. "warn" is something not done yet or only missed by some
uses; "fail" is something broken, and makes the exit code 1.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click

from api.bootstrap import LOCKS, OLDEST_PYTHON, ROOT, environment_state, find_browser
from api.cli.options import JSON, Session, command
from api.cli.output import print_json, print_table, progress
from api.cli.runner import FAILED, describe
from api.cli.texts import say
from geo.errors import BrokenReleaseError, PetajagaError, StateError
from geo.progress import ProgressCallback

__all__ = ["CHECKS", "Finding", "doctor_command", "examine", "lock_differences"]

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    detail: str


Check = Callable[[Session], tuple[State, str]]


def _python(_session: Session) -> tuple[State, str]:
    version = sys.version.split()[0]
    if sys.version_info[:2] < OLDEST_PYTHON:
        return "fail", f"{version} is too old; install Python 3.11 or newer"
    return "ok", version


def lock_differences(lock: str, *, installed: Callable[[str], str]) -> list[str]:
    """List the packages of a lock file that are missing or there in another version.

    Parameters
    ----------
    lock : str
        Text of the lock file.
    installed : callable
        Version of a package, or :class:`importlib.metadata.PackageNotFoundError`.
    """
    different = []
    # A requirement with a marker may rightly be absent on this machine.
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\$", lock, re.MULTILINE):
        try:
            found = installed(name)
        except importlib.metadata.PackageNotFoundError:
            different.append(f"{name} is missing")
            continue
        if found != version:
            different.append(f"{name} is {found}, not {version}")
    return different


def _environment(_session: Session) -> tuple[State, str]:
    lock = (ROOT / LOCKS["runtime"]).read_text("utf-8")
    different = lock_differences(lock, installed=importlib.metadata.version)
    if different:
        more = f" and {len(different) - 3} more" if len(different) > 3 else ""
        return "fail", f"{', '.join(different[:3])}{more}; run: make setup"
    state = environment_state(Path(sys.prefix))
    if state == "old":
        return "fail", "it is older than requirements.lock; run: make setup"
    if state == "unmanaged":
        return "warn", f"{sys.prefix} fits the lock, but make did not make it"
    return "ok", f"{sys.prefix} fits requirements.lock"


def _home(session: Session) -> tuple[State, str]:
    root = session.home.root
    existing = next(path for path in (root, *root.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as probe:
            probe.write(b"petajaga")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return "fail", describe(error)[0]
    space = os.statvfs(existing)
    free_mb = space.f_bavail * space.f_frsize // 2**20
    if free_mb < 500:
        return "warn", f"{root}: only {free_mb} MB free; 500 MB are comfortable"
    return "ok", f"{root}: can be written, {free_mb / 1024:.1f} GB free"


def _dataset(session: Session) -> tuple[State, str]:
    from geo.dataset import load_dataset

    data = load_dataset(session.home.root)
    return "ok", (
        f"{len(data.settlements)} settlements, {len(data.terminals)} terminals, "
        f"{len(data.legs)} legs"
    )


def _build(session: Session) -> tuple[State, str]:
    from api.cli.state import open_build
    from geo.dataset import load_dataset
    from routes.build.run import build_id

    if not session.home.model.exists():
        return "warn", "nothing built yet; run: petajaga build"
    current = open_build(session.home).id
    if current != build_id(load_dataset(session.home.root), session.home):
        return "warn", f"{current} is not of these data and this code; run: petajaga build"
    return "ok", current


def _release(session: Session) -> tuple[State, str]:
    from api.cli.state import current_build_id
    from layers.release.release import open_release
    from layers.visibility import OPERATOR

    try:
        with open_release(session.home) as release:
            made_from = str(release.manifest(OPERATOR)["created_from"])
            name = release.id
            release.model_folder()  # plans need it; without it the rest is served
    except BrokenReleaseError:
        raise
    except StateError:
        return "warn", "nothing published yet; run: petajaga publish"
    if made_from != current_build_id(session.home):
        return "warn", f"{name} is whole, but of another build; run: petajaga publish"
    return "ok", f"{name} is whole"


def _register(session: Session) -> tuple[State, str]:
    from api.auth.accounts import list_accounts
    from api.cli.settings import service_settings
    from api.register.database import open_register

    settings = service_settings(session)
    if settings.database_url is None and not session.home.register.exists():
        return "warn", "no accounts yet; petajaga serve makes the demo ones"
    register = open_register(settings.register_url)
    try:
        count = len(list_accounts(register))
    finally:
        register.close()
    return ("ok", f"{count} accounts") if count else ("warn", "no accounts yet")


def _port(session: Session) -> tuple[State, str]:
    from api.cli.settings import service_settings

    settings = service_settings(session)
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return "warn", f"{where}: {error.strerror}; stop what uses it, or petajaga serve --port"
    return "ok", f"{where} is free"


def _browser(_session: Session) -> tuple[State, str]:
    found = find_browser()
    if found:
        return "ok", found
    return "warn", "no chromium (only the browser tests need it); make test installs it as root"


CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", _python),
    ("environment", _environment),
    ("home", _home),
    ("dataset", _dataset),
    ("build", _build),
    ("release", _release),
    ("register", _register),
    ("port", _port),
    ("chromium", _browser),
)


def examine(session: Session, *, report: ProgressCallback | None = None) -> list[Finding]:
    """Run every check; one that cannot be carried out is a "fail" that says why."""
    findings = []
    for done, (name, check) in enumerate(CHECKS):
        if report is not None:
            report(name, done, len(CHECKS))
        try:
            state, detail = check(session)
        except (PetajagaError, OSError, ImportError) as error:
            state, detail = "fail", describe(error)[0]
        findings.append(Finding(name, state, detail))
    return findings


def _print_data(session: Session, *, as_json: bool) -> None:
    """Print how good the data are, embedded and imported, per table and province."""
    from geo.dataset import load_dataset
    from geo.quality import compact, data_quality, headings, indicator_coverage

    dataset = load_dataset(session.home.root)
    quality = data_quality(dataset)
    if as_json:
        tables = quality.astype(object).where(quality.notna(), None).to_dict("records")
        indicators = indicator_coverage(dataset).to_dict("records")
        print_json({"tables": tables, "indicators": indicators})
    else:
        print_table(headings(session.lang), compact(quality, session.lang), right=(3,))


DATA = click.option(
    "--data", is_flag=True, help="Coverage, precision, confidence and age of the data instead."
)


@command("doctor", DATA, JSON)
def doctor_command(session: Session, *, data: bool, as_json: bool) -> int:
    """Check this installation: Python, environment, home, data, build, release, port, chromium.

    Exit code 1 if anything is broken. It changes nothing. With --data it says instead how good
    the data are, per table and province.
    """
    if data:
        _print_data(session, as_json=as_json)
        return 0
    with progress("doctor") as report:
        findings = examine(session, report=report)
    broken = any(finding.state == "fail" for finding in findings)
    if as_json:
        print_json({"ok": not broken, "checks": [asdict(finding) for finding in findings]})
    else:
        columns = [say(key, session.lang) for key in ("check", "state", "detail")]
        print_table(columns, [(f.check, f.state, f.detail) for f in findings])
    if broken:
        click.get_current_context().exit(FAILED)
    return 0
