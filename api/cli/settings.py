"""Settings and register of the service on the command line: options over the environment."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import click

from api.cli.options import Session

if TYPE_CHECKING:
    from api.register.database import Register
    from api.settings import Settings
    from geo.contacts import Confirmations
    from layers.release.marking import Marking
    from layers.release.release import Release

__all__ = [
    "confirmed_contacts",
    "file_marking",
    "has_register",
    "operator_register",
    "record_operator",
    "record_read",
    "service_settings",
]


def service_settings(
    session: Session, *, host: str | None = None, port: int | None = None
) -> Settings:
    """Return the settings of this home; errors as :meth:`Settings.read`."""
    from api.settings import Settings

    return Settings.read(home=session.home.root, host=host, port=port)


def operator_register(session: Session) -> closing[Register]:
    """Open the register of this home, for a ``with`` statement."""
    from api.register.opening import register_of

    return closing(register_of(service_settings(session)))


def has_register(session: Session) -> bool:
    """Whether this home has a register: one that serves nobody has none."""
    return session.home.register.exists() or "PETAJAGA_DATABASE_URL" in os.environ


def confirmed_contacts(session: Session) -> Confirmations:
    """The numbers of offices that an administrator has confirmed; none without a register."""
    if not has_register(session):
        return {}
    from api.state.contact_checks import ContactChecks

    with operator_register(session) as register:
        return ContactChecks(register).current()


def record_operator(register: Register, action: str, target: str) -> None:
    """As :func:`api.auth.audit.record_operator`, which takes long to import."""
    from api.auth import audit

    audit.record_operator(register, action, target)


def record_read(session: Session, target: str = "") -> None:
    """Add to the audit that the operator uses the command that runs (``areas``, ``plan.posts``).

    A home without a register serves nobody and has no audit.
    """
    if has_register(session):
        words = click.get_current_context().command_path.split()[1:]
        with operator_register(session) as register:
            record_operator(register, ".".join(words), target)


def file_marking(session: Session, release: Release, tier: str, *, request: str) -> Marking:
    """Heading and mark of a file the operator makes from a release; above the public tier audited.

    Parameters
    ----------
    request : str
        What is written, for the audit: ``export areas kabupaten.xlsx``.

    Raises
    ------
    EnvironmentProblem
        The audit cannot be written; then no file may be.
    """
    from api.auth.audit import OPERATOR_NAME, record_operator
    from layers.release.marking import marking

    heading = marking(release, tier, home=session.home, account=OPERATOR_NAME)
    if heading.code:
        with operator_register(session) as register:
            record_operator(register, "file", f"{heading.code} {tier} {request}")
    return heading
