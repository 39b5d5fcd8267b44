"""``python -m api`` serves the current release with the settings of the environment."""

from __future__ import annotations

import sys

from pydantic import ValidationError

from api.server import run
from api.settings import Settings
from geo.errors import PetajagaError


def main() -> int:
    """Serve until interrupted; return the exit code."""
    try:
        run(Settings(), on_ready=lambda url: print(f"Petajaga answers at {url}", flush=True))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]).upper()
        print(f"petajaga: PETAJAGA_{name} cannot be used: {first['msg']}", file=sys.stderr)
        return 1
    except PetajagaError as error:
        print(f"petajaga: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
