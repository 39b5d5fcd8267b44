"""Files that only whoever holds a key can read, in the age format (https://age-encryption.org/v1).

The service never holds the key that opens them: the police make it with ``age-keygen`` and hand out
its public half, ``age1...``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyrage

from geo.errors import InputError
from geo.files import replacing

__all__ = ["encrypted"]

_ENDING = ".age"


@contextmanager
def encrypted(path: Path, keys: Sequence[str]) -> Iterator[tuple[Path, Path]]:
    """Where to write a file, and where it is in the end: encrypted to each of ``keys``.

    Without keys both are ``path``. What is written in between is readable by its owner alone, in
    the folder for temporary files, and removed.

    Raises
    ------
    InputError
        A key is not the public one of a key pair; ``field`` is ``encrypt_to``.
    EnvironmentProblem
        The file cannot be written.

    Examples
    --------
    >>> key = pyrage.x25519.Identity.generate()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "posts.csv"
    ...     with encrypted(file, [str(key.to_public())]) as (where, final):
    ...         written = where.write_text("id")
    ...     final.name, pyrage.decrypt(final.read_bytes(), [key])
    ('posts.csv.age', b'id')
    """
    if not keys:
        yield path, path
        return
    recipients = [_recipient(key) for key in keys]
    final = path.with_name(path.name + _ENDING)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        yield plain, final
        with replacing(final) as temporary:
            temporary.write_bytes(pyrage.encrypt(plain.read_bytes(), recipients))


def _recipient(key: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(key.strip())
    except pyrage.RecipientError:
        raise InputError("export.no_public_key", key=key[:80], field="encrypt_to") from None
