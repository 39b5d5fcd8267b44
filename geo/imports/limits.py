"""Limits of size of a file, a table and a shape, and of resources of the reading process."""

from __future__ import annotations

import os
import resource

__all__ = [
    "MEMORY_BYTES",
    "MOST_BYTES",
    "MOST_CELL",
    "MOST_COLUMNS",
    "MOST_RATIO",
    "MOST_ROAD_BYTES",
    "MOST_ROAD_NODES",
    "MOST_ROWS",
    "MOST_UNPACKED",
    "MOST_VERTICES",
    "ROAD_MEMORY_BYTES",
    "allow_beyond",
    "allow_library",
    "allow_more",
    "allow_seconds",
    "confine",
    "memory_for",
    "seconds_for",
]

MOST_BYTES = 128 * 1024 * 1024
"""Bytes of a file on the disk."""
MOST_UNPACKED = 160 * 1024 * 1024
"""Bytes of its unpacked content."""
MOST_ROWS = 300_000
MOST_COLUMNS = 100
MOST_CELL = 1000
"""Characters of a cell that is kept."""
MOST_VERTICES = 2_000_000
"""Points of all shapes of one file together."""
MOST_RATIO = 150
"""Unpacked over packed size; texts and sheets reach 40, a zip bomb 1,000."""

MOST_ROAD_BYTES = 192 * 1024 * 1024
"""Bytes of an OpenStreetMap file: a province's extract has 20 to 150 MB."""
MOST_ROAD_NODES = 10_000_000
"""Points along the roads of one file together."""

MEMORY_BYTES = 512 * 1024 * 1024
"""Address space of the reading process."""
ROAD_MEMORY_BYTES = 1024 * 1024 * 1024
"""The same for a road network: ten million points of road take 900 MB, a million 350 MB."""
_LIBRARY_MEMORY_BYTES = 1024 * 1024 * 1024
_LIBRARY_DATA_BYTES = 360 * 1024 * 1024
"""Address space and data of a process with GDAL, whose code alone takes 300 MB of addresses."""
_CPU_SECONDS = 2
_LONGEST_SECONDS = 150


def memory_for(kind: str) -> int:
    """Bytes of address space for reading a file of this kind."""
    return ROAD_MEMORY_BYTES if kind == "network" else MEMORY_BYTES


def seconds_for(unpacked_bytes: int) -> int:
    """CPU seconds an honest file of this size may take: two, and eight more per megabyte.

    A megabyte holds about 20,000 villages, whose cells are checked one by one.
    """
    return min(_CPU_SECONDS + 8 * unpacked_bytes // 1_000_000, _LONGEST_SECONDS)


def _used() -> int:
    """Whole CPU seconds that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime)


def allow_more(seconds: int) -> None:
    """Allow this process so many CPU seconds from now on, for work with a limit of its own."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(_used() + 1 + seconds, hard), hard))


def allow_beyond(seconds: int) -> None:
    """Allow this process so many CPU seconds more than now, for work that no file causes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft + seconds, hard), hard))


def confine(*, memory_bytes: int = MEMORY_BYTES) -> None:
    """Limit this process: memory, CPU, files, no core. To be called before anything is read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = max(memory_bytes, _LIBRARY_MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS + _used(), _LONGEST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_UNPACKED, MOST_UNPACKED))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.nice(5)


def allow_library() -> None:
    """Limit the data of this process instead of its addresses, before a large library is loaded."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_DATA, (_LIBRARY_DATA_BYTES, _LIBRARY_DATA_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def allow_seconds(unpacked_bytes: int) -> None:
    """Give an honest file the time its size needs, once its outside has been checked."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(seconds_for(unpacked_bytes), hard), hard))
