"""Hashes and seals under the secret of the service."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from geo.errors import StateError

__all__ = ["Vault"]


class Vault:
    """Hashes and seals under keys derived from ``PETAJAGA_SECRET``, one key a use.

    Without that secret hashes have a fixed key, and nothing is sealed: who copies the register
    then reads what a second factor is made from.

    Examples
    --------
    >>> vault = Vault(b"a long random text")
    >>> vault.open("second factor", vault.seal("second factor", "JBSWY3DP"))
    'JBSWY3DP'
    """

    def __init__(self, secret: bytes = b"") -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Vault(...)"

    def digest(self, use: str, *parts: str) -> str:
        """Keyed hash (HMAC-SHA256, 64 hex digits) of ``parts``, of use for ``use`` alone."""
        data = "\n".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key(use), data, hashlib.sha256).hexdigest()

    def seal(self, use: str, text: str) -> str:
        """``text`` encrypted, so that :meth:`open` reads it again."""
        return (
            f"sealed:{self._cipher(use).encrypt(text.encode()).decode()}" if self._secret else text
        )

    def open(self, use: str, sealed: str) -> str:
        """What was sealed.

        Raises
        ------
        StateError
            It was sealed under another secret.
        """
        text = sealed.removeprefix("sealed:")
        if text == sealed:
            return text
        try:
            return self._cipher(use).decrypt(text.encode()).decode()
        except InvalidToken:
            raise StateError("accounts.other_secret") from None

    def _key(self, use: str) -> bytes:
        return hmac.new(self._secret or b"petajaga", use.encode(), hashlib.sha256).digest()

    def _cipher(self, use: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._key(f"seal {use}")))
