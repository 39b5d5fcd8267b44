"""``petajaga doctor``: check what an installation needs and say what to mend.

Each check looks and changes nothing. "warn" is something not done yet or only missed by some
uses; "fail" is something broken, and makes the exit code 1.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import click

from api.bootstrap import LOCKS, OLDEST_PYTHON, ROOT, environment_state, find_browser
from api.cli.options import JSON, Session, command
from api.cli.output import headings, print_json, print_table, progress
from api.cli.runner import FAILED, describe
from geo.errors import BrokenReleaseError, PetajagaError, StateError, os_reason
from geo.i18n import Message
from geo.progress import ProgressCallback

__all__ = ["CHECKS", "Finding", "doctor_command", "examine", "lock_differences"]

State = Literal["ok", "warn", "fail"]
ALERT_DAYS = 7
"""How long an alert is shown."""
BACKUP_DAYS = 7
"""Age of the newest backup from which it is too old."""


@dataclass(frozen=True)
class Finding:
    """Result of one check."""

    check: str
    state: State
    detail: str


Result = tuple[State, Message]
Check = Callable[[Session], Result]


def _python(_session: Session) -> Result:
    version = sys.version.split()[0]
    if sys.version_info[:2] < OLDEST_PYTHON:
        return "fail", Message("doctor.old_python", {"version": version})
    return "ok", Message("doctor.value", {"value": version})


def lock_differences(lock: str, *, installed: Callable[[str], str]) -> list[Message]:
    """List the packages of the text ``lock`` that are missing or of another version.

    ``installed`` gives the version of a package or raises
    :class:`importlib.metadata.PackageNotFoundError`.
    """
    different = []
    # A requirement with a marker may rightly be absent on this machine.
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\$", lock, re.MULTILINE):
        try:
            installed_version = installed(name)
        except importlib.metadata.PackageNotFoundError:
            different.append(Message("doctor.package_missing", {"name": name}))
            continue
        if installed_version != version:
            versions = {"name": name, "installed": installed_version, "locked": version}
            different.append(Message("doctor.package_version", versions))
    return different


def _environment(_session: Session) -> Result:
    lock = (ROOT / LOCKS["runtime"]).read_text("utf-8")
    different = lock_differences(lock, installed=importlib.metadata.version)
    if different:
        params = {"packages": different[:3], "more": max(0, len(different) - 3)}
        code = "doctor.packages_differ" if len(different) <= 3 else "doctor.many_packages_differ"
        return "fail", Message(code, params)
    state = environment_state(Path(sys.prefix))
    if state == "old":
        return "fail", Message("doctor.old_environment")
    if state == "unmanaged":
        return "warn", Message("doctor.other_environment", {"folder": sys.prefix})
    return "ok", Message("doctor.environment_fits", {"folder": sys.prefix})


def _home(session: Session) -> Result:
    from geo.files import write_probe

    root = session.home.root
    existing = next(path for path in (root, *root.parents) if path.exists())
    try:
        write_probe(existing)
    except OSError as error:
        return "fail", os_reason(error)
    space = os.statvfs(existing)
    free_mb = space.f_bavail * space.f_frsize // 2**20
    if free_mb < 500:
        return "warn", Message("doctor.little_space", {"folder": root, "megabytes": free_mb})
    return "ok", Message("doctor.space", {"folder": root, "gigabytes": free_mb / 1024})


def _dataset(session: Session) -> Result:
    from geo.dataset import load_dataset
    from geo.disclosure import COUNT_INDICATORS

    data = load_dataset(session.home.root)
    sizes = {name: len(getattr(data, name)) for name in ("settlements", "terminals", "legs")}
    indicators = data.indicators[data.indicators["indicator"].isin(COUNT_INDICATORS)]
    held = int(data.counts["held"].sum() + indicators["held"].sum())
    return "ok", Message("doctor.dataset", {**sizes, "held": held})


def _build(session: Session) -> Result:
    from api.cli.state import open_build
    from geo.dataset import load_dataset
    from routes.build.parameters import ModelParameters
    from routes.build.run import build_id

    if not session.home.model.exists():
        return "warn", Message("doctor.not_built")
    build = open_build(session.home)
    chosen = build.parameters
    parameters = ModelParameters(origins=chosen["origins"], pilots=tuple(chosen["pilots"]))
    now = build_id(
        load_dataset(session.home.root), session.home,
        seed=chosen["seed"], draws=chosen["draws"], parameters=parameters,
    )  # fmt: skip
    if build.id != now:
        return "warn", Message("doctor.old_build", {"build": build.id})
    return "ok", Message("doctor.value", {"value": build.id})


def _imports(session: Session) -> Result:
    from geo.imports.store import changed_since_build

    changes = changed_since_build(session.home).messages
    if not changes:
        return "ok", Message("doctor.imports_built")
    return "warn", Message("doctor.imports_changed", {"changes": changes})


def _agreements(session: Session) -> Result:
    from geo.imports.store import agreements, ended_agreements, refuse_unpublishable

    refuse_unpublishable(session.home)
    if ended := ended_agreements(session.home):
        return "warn", Message("doctor.agreements_ended", {"agreements": ended})
    in_force = [a for a in agreements(session.home).values() if not a.withdrawn_at]
    return "ok", Message("doctor.agreements", {"count": len(in_force)})


def _loads(session: Session) -> Result:
    from api.cli.state import open_build
    from geo.dataset import load_dataset
    from routes.validation.stops import stops_and_loads

    if not session.home.model.exists():
        return "warn", Message("doctor.not_built")
    table = stops_and_loads(
        open_build(session.home), load_dataset(session.home.build_inputs).counts
    )
    low = table[~table["enough"]]
    if len(low):
        return "fail", Message(
            "doctor.loads_below_stops",
            {"count": len(low), "terminals": sorted(set(low["name"]))[:5]},
        )
    return "ok", Message("doctor.loads_above_stops", {"count": len(table)})


def _release(session: Session) -> Result:
    from api.cli.state import current_build_id
    from layers.release.release import open_release
    from layers.visibility import OPERATOR

    try:
        with open_release(session.home) as release:
            made_from = str(release.manifest(OPERATOR)["created_from"])
            name = release.id
            # Plans and named corridors need it; without it the rest is served.
            release.model_folder()
            release.model_folder(for_corridors=True)
    except BrokenReleaseError:
        raise
    except StateError:
        return "warn", Message("doctor.not_published")
    if made_from != current_build_id(session.home):
        return "warn", Message("doctor.release_of_other_build", {"release": name})
    return "ok", Message("doctor.release_whole", {"release": name})


def _contacts(session: Session) -> Result:
    from api.cli.contacts import listed_offices

    try:
        rows = listed_offices(session)
    except BrokenReleaseError:
        raise
    except StateError:
        return "warn", Message("doctor.not_published")
    waiting = sum(not row["shown"] for row in rows)
    params = {"count": len(rows), "waiting": waiting}
    return ("warn" if waiting else "ok"), Message("doctor.contacts", params)


def _private(session: Session) -> Result:
    from geo.files import exposed_files

    root = session.home.root
    if exposed := exposed_files(root):
        return "fail", Message("doctor.exposed", {"count": len(exposed), "folder": root})
    return "ok", Message("doctor.private")


def _key(session: Session) -> Result:
    from geo.disclosure import KEY_FILE, key_fingerprint, key_fingerprints, release_secret
    from layers.release.editions import editions

    home = session.home
    kept = [edition.key for edition in editions(home.releases) if edition.key]
    if not ((home.root / KEY_FILE).exists() or key_fingerprints(home) or kept):
        return "warn", Message("doctor.no_key")
    if kept and not (home.root / KEY_FILE).exists():
        raise StateError("disclosure.secret_lost", path=home.root / KEY_FILE, key=kept[-1])
    key = key_fingerprint(release_secret(home))
    if kept and kept[-1] not in {key, *key_fingerprints(home)}:
        raise StateError("release.key_of_edition", edition=kept[-1], key=key)
    return "ok", Message("doctor.key", {"key": key})


def _approval(session: Session) -> Result:
    from layers.release.editions import find_edition

    try:
        edition = find_edition(session.home, None)
    except PetajagaError:
        return "warn", Message("doctor.not_published")
    params: dict[str, Any] = {"number": edition.number, "release": edition.release}
    if edition.served_to_others:
        return "ok", Message("doctor.approved", params)
    if edition.approval:
        day = edition.approval.embargo
        return "warn", Message("cli.release_embargoed", params | {"day": day})
    return "warn", Message("doctor.not_approved", params)


def _no_register(session: Session) -> bool:
    from api.cli.settings import service_settings

    return service_settings(session).database_url is None and not session.home.register.exists()


def _register(session: Session) -> Result:
    from api.auth.accounts import list_accounts
    from api.cli.settings import operator_register

    if _no_register(session):
        return "warn", Message("doctor.no_register")
    with operator_register(session) as register:
        register.check_pages(whole=True)
        count = len(list_accounts(register))
    return ("ok" if count else "warn"), Message("doctor.accounts", {"count": count})


def _register_disk(session: Session) -> Result:
    from sqlalchemy.engine import make_url

    from api.cli.settings import service_settings
    from geo.files import network_share

    url = make_url(service_settings(session).register_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return "ok", Message("doctor.value", {"value": url.get_backend_name()})
    folder = Path(url.database).absolute().parent
    folder = next(path for path in (folder, *folder.parents) if path.exists())
    if kind := network_share(folder):
        return "warn", Message("doctor.network_share", {"folder": folder, "kind": kind})
    return "ok", Message("doctor.own_disk", {"folder": folder})


def _audit(session: Session) -> Result:
    from api.cli.settings import operator_register
    from api.register.audit_chain import verify

    if _no_register(session):
        return "warn", Message("doctor.no_register")
    with operator_register(session) as register:
        end = verify(register)
    return "ok", Message("doctor.audit", {"count": end.rows + end.before})


def _alerts(session: Session) -> Result:
    from api.auth.audit import ALERT, entries
    from api.cli.settings import operator_register

    if _no_register(session):
        return "ok", Message("doctor.no_alerts", {"days": ALERT_DAYS})
    since = (datetime.now(UTC) - timedelta(days=ALERT_DAYS)).isoformat()
    with operator_register(session) as register:
        rows = [row for row in entries(register, action=ALERT) if row["at"] >= since]
    if not rows:
        return "ok", Message("doctor.no_alerts", {"days": ALERT_DAYS})
    accounts = ", ".join(sorted({str(row["account"]) for row in rows}))
    return "warn", Message("doctor.alerts", {"days": ALERT_DAYS, "accounts": accounts})


def _backup(session: Session) -> Result:
    from api.auth.audit import entries
    from api.cli.settings import operator_register

    if _no_register(session):
        return "warn", Message("doctor.no_backup")
    with operator_register(session) as register:
        newest = entries(register, action="backup", limit=1)
    if not newest:
        return "warn", Message("doctor.no_backup")
    age = datetime.now(UTC) - datetime.fromisoformat(newest[0]["at"])
    state: State = "ok" if age.days < BACKUP_DAYS else "warn"
    return state, Message("doctor.backup", {"day": newest[0]["at"][:10], "days": BACKUP_DAYS})


def _port(session: Session) -> Result:
    from api.cli.settings import service_settings
    from api.settings import netloc

    settings = service_settings(session)
    address = netloc(settings.host, settings.port)
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        params = {"address": address, "reason": os_reason(error)}
        return "warn", Message("doctor.port_taken", params)
    return "ok", Message("doctor.port_free", {"address": address})


def _browser(_session: Session) -> Result:
    if browser := find_browser():
        return "ok", Message("doctor.value", {"value": browser})
    return "warn", Message("doctor.no_browser")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", _python),
    ("environment", _environment),
    ("home", _home),
    ("dataset", _dataset),
    ("build", _build),
    ("imports", _imports),
    ("agreements", _agreements),
    ("loads", _loads),
    ("release", _release),
    ("approval", _approval),
    ("key", _key),
    ("contacts", _contacts),
    ("private", _private),
    ("register", _register),
    ("register_disk", _register_disk),
    ("audit", _audit),
    ("alerts", _alerts),
    ("backup", _backup),
    ("port", _port),
    ("chromium", _browser),
)


def examine(session: Session, *, report: ProgressCallback | None = None) -> list[Finding]:
    """Run every check; one that cannot be carried out fails with the reason."""
    findings = []
    for done, (name, check) in enumerate(CHECKS):
        if report is not None:
            report(session.text(f"check.{name}"), done, len(CHECKS))
        try:
            state, message = check(session)
            detail = message.in_language(session.lang)
        except (PetajagaError, OSError, ImportError) as error:
            state, detail = "fail", describe(error, session.lang)[0]
        findings.append(Finding(name, state, detail))
    return findings


def _print_data(session: Session, *, as_json: bool) -> None:
    """Print how good the data are, per table and province, and rows that cannot be right."""
    from geo.dataset import load_dataset
    from geo.quality import compact, data_faults, data_quality, indicator_coverage
    from geo.quality import headings as data_headings

    dataset = load_dataset(session.home.root)
    quality = data_quality(dataset)
    faults = data_faults(dataset)
    if as_json:
        tables = quality.astype(object).where(quality.notna(), None).to_dict("records")
        indicators = indicator_coverage(dataset).to_dict("records")
        fault_rows = [{"code": fault.code, **fault.as_dict()} for fault in faults]
        print_json({"tables": tables, "indicators": indicators, "faults": fault_rows})
    else:
        print_table(data_headings(session.lang), compact(quality, session.lang), right=(3,))
        for fault in faults:
            click.echo(fault.in_language(session.lang))


@command("doctor", click.option("--data", is_flag=True), JSON)
def doctor_command(session: Session, *, data: bool, as_json: bool) -> int:
    """Check this installation, exit code 1 if anything is broken; or report the data's quality."""
    if data:
        _print_data(session, as_json=as_json)
        return 0
    with progress("doctor", session.lang) as report:
        findings = examine(session, report=report)
    broken = any(finding.state == "fail" for finding in findings)
    if as_json:
        print_json({"ok": not broken, "checks": [asdict(finding) for finding in findings]})
    else:
        rows = [
            (session.text(f"check.{f.check}"), session.text(f"check_state.{f.state}"), f.detail)
            for f in findings
        ]
        print_table(headings(session.lang, "check", "state", "detail"), rows)
    if broken:
        click.get_current_context().exit(FAILED)
    return 0
