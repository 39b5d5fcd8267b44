"""The register that the settings name, with the key of its audit from the home.

The key is made with the beginning of the first chain, once. Losing it, or beginning anew with
another one, is for the operator to say (:func:`restart_audit`): otherwise whoever can write to the
database could empty the audit and have it begun again.
"""

from __future__ import annotations

import secrets
from contextlib import closing
from pathlib import Path

from api.register.audit_chain import begin, check
from api.register.database import Register, open_register
from api.settings import Settings
from geo.errors import StateError
from geo.files import create_once, translate_os_errors, write_bytes

__all__ = ["register_of", "restart_audit"]

_KEY_BYTES = 32


def register_of(settings: Settings) -> Register:
    """Open the register, ready to add to its audit.

    Raises
    ------
    EnvironmentProblem
        It cannot be opened, or the key not be made.
    StateError
        The home's key is lost or damaged, or not that of the audit.
    """
    path = settings.resolved_home.audit_key
    register = open_register(settings.register_url)
    try:
        if not path.exists():
            register.key = secrets.token_bytes(_KEY_BYTES)
            begin(register, on_begun=lambda: _keep(path, register.key))
        register.key = _kept(path)
        check(register)
    except BaseException:
        register.close()
        raise
    return register


def restart_audit(settings: Settings) -> None:
    """Begin a new chain after the last row, with a new key; rows stay, and are in it as a whole."""
    path = settings.resolved_home.audit_key
    with closing(open_register(settings.register_url)) as register:
        register.key = secrets.token_bytes(_KEY_BYTES)
        line = f"{register.key.hex()}\n".encode()
        begin(register, again=True, on_begun=lambda: write_bytes(path, line, private=True))


def _keep(path: Path, key: bytes) -> None:
    with translate_os_errors(path):
        if not create_once(path, f"{key.hex()}\n".encode()):
            raise StateError("audit.other_key")  # of another register, at the same moment


def _kept(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise StateError("audit.key_unusable", path=path)
    return key
