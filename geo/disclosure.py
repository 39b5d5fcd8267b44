"""Disclosure control of counts: deterministic random rounding, once, at publication.

A cell is (place, year, measure) on one fixed lattice. Its value ``v = 5 q + r`` becomes
``5 (q + 1)`` when ``u < r / 5`` and ``5 q`` otherwise, where ``u`` in [0, 1) comes from
``HMAC-SHA256(secret, "place|year|measure")``. The expectation over secrets is ``v``: unbiased. The
same cell is always rounded with the same ``u``, so asking again, or publishing again, tells
nothing new; that is why the secret is made once for a home and never changed. Totals are sums of
rounded cells, never rounded sums. (Random rounding: Fellegi 1975; Cox & Ernst 1982.)
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from geo.errors import EnvironmentProblem, InputError, StateError
from geo.paths import Home

__all__ = ["BASE", "KEY_FILE", "protect_cells", "protect_count", "release_secret"]

BASE = 5
KEY_FILE = "disclosure.key"
_SECRET_BYTES = 32


def release_secret(home: Home) -> bytes:
    """The home's rounding secret, made on first use (mode 0600) and never changed afterwards.

    Raises
    ------
    StateError
        The file is there but damaged. A new key would round every published cell again and so
        disclose; it must come back from a backup.
    EnvironmentProblem
        It cannot be written, or other users can read it.
    """
    path = home.root / KEY_FILE
    try:
        if not path.exists():
            _create_once(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise EnvironmentProblem(
            f"Cannot keep the rounding secret {path}: {error.strerror}; give write access there "
            "or set PETAJAGA_HOME to another folder."
        ) from error
    if mode & 0o077:
        raise EnvironmentProblem(
            f"Other users can read the rounding secret {path}; run: chmod 600 {path}"
        )
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _SECRET_BYTES:
        raise StateError(
            f"The rounding secret {path} is damaged; restore it from a backup (a new one would "
            "weaken the protection of what is already published)."
        )
    return key


def _create_once(path: Path) -> None:
    """Write a whole key under a temporary name, then link it: never half a key, never two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_SECRET_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        # if another process was first, its key is the key
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def protect_count(value: int, *, place: str, year: int, measure: str, secret: bytes) -> int:
    """Round one count to a multiple of 5, up or down at random but always the same way.

    Parameters
    ----------
    value : int
        The true count, >= 0.
    place, year, measure
        The cell's coordinates on the lattice.
    secret : bytes
        From :func:`release_secret`.
    """
    if value < 0:
        raise InputError(f"A count cannot be negative: {value} at {place}, {year}, {measure}.")
    quotient, remainder = divmod(value, BASE)
    if remainder == 0:
        return value
    cell = f"{place}|{year}|{measure}".encode()
    draw = int.from_bytes(hmac.new(secret, cell, hashlib.sha256).digest()[:8], "big")
    up = draw * BASE < remainder << 64
    return BASE * (quotient + 1) if up else BASE * quotient


def protect_cells(
    cells: Mapping[tuple[str, int, str], int], *, secret: bytes
) -> dict[tuple[str, int, str], int]:
    """Round every (place, year, measure) cell; sums of the result are the published totals."""
    return {
        (place, year, measure): protect_count(
            value, place=place, year=year, measure=measure, secret=secret
        )
        for (place, year, measure), value in cells.items()
    }
