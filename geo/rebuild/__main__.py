"""Command line: ``python -m geo.rebuild [SNAPSHOT ...] [--out DIR] [--idn-area-data DIR]``."""

from __future__ import annotations

import sys

from geo.rebuild.runner import main

if __name__ == "__main__":
    sys.exit(main())
