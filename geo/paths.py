"""Paths: everything Petajaga writes is under one home folder.

``PETAJAGA_HOME`` (default ``./var``) may be set per call; two homes are independent.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DATA", "Home"]

DATA = Path(__file__).resolve().parent / "data"
"""The embedded tables and snapshots that ship with the code."""


@dataclass(frozen=True)
class Home:
    """The folder of one installation's state, and the paths in it."""

    root: Path

    @classmethod
    def resolve(cls, home: Home | str | Path | None = None) -> Home:
        """Use ``home`` if given, else ``$PETAJAGA_HOME``, else ``./var``."""
        if isinstance(home, Home):
            return home
        chosen = home if home is not None else os.environ.get("PETAJAGA_HOME") or "var"
        return cls(Path(chosen).expanduser().resolve())

    @property
    def imports(self) -> Path:
        """Applied imports over the embedded data."""
        return self.root / "imports"

    @property
    def build_inputs(self) -> Home:
        """The current build's own copy of the imports it was made from, as a home."""
        return Home(self.model)

    @property
    def model(self) -> Path:
        """The current build: graph, parameters, result tables."""
        return self.root / "model"

    @property
    def releases(self) -> Path:
        """Immutable releases, one folder each, and the pointer file ``current``."""
        return self.root / "release"

    @property
    def editions(self) -> Path:
        """Numbers, dates and approvals of the releases, beside their folders."""
        return self.releases / "editions.json"

    @property
    def register(self) -> Path:
        """The register's SQLite file: accounts, keys, audit."""
        return self.root / "register.sqlite"

    @property
    def audit_key(self) -> Path:
        """The key of the chain of the audit, whichever database the register is in."""
        return self.root / "audit.key"
