"""``python -m api`` serves the current release with the settings of the environment."""

from __future__ import annotations

import sys

from api.server import run
from api.settings import Settings
from geo.errors import PetajagaError
from geo.i18n import text


def main() -> int:
    """Serve until interrupted; return the exit code."""
    try:
        run(
            Settings.read(),
            on_ready=lambda url: print(text("cli.serving", address=url), flush=True),
        )
    except PetajagaError as error:
        print(f"petajaga: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
