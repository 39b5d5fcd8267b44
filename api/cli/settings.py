"""Settings and register of the service on the command line: options over the environment."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from api.cli.options import Session

if TYPE_CHECKING:
    from api.register.database import Register
    from api.settings import Settings

__all__ = ["operator_register", "record_operator", "service_settings"]


def service_settings(
    session: Session, *, host: str | None = None, port: int | None = None
) -> Settings:
    """Return the settings of this home; errors as :meth:`Settings.read`."""
    from api.settings import Settings

    return Settings.read(home=session.home.root, host=host, port=port)


def operator_register(session: Session) -> closing[Register]:
    """Open the register of this home, for a ``with`` statement."""
    from api.register.database import open_register

    return closing(open_register(service_settings(session).register_url))


def record_operator(register: Register, action: str, target: str) -> None:
    """Add what the operator did to the audit."""
    from api.auth.audit import record

    operator = {"account": "operator", "tier": "operator"}
    record(register, **operator, action=action, status=200, target=target)
