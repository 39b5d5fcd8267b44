"""What is built and published in a home, and whether it is still what data and code would give."""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING

from geo.errors import BrokenReleaseError, StateError
from geo.paths import Home
from geo.source_digest import RELEASE_SOURCES, source_digest
from layers.query.area_names import area_code

if TYPE_CHECKING:
    from layers.plans.service import PlanService
    from routes.build.model import Build

__all__ = [
    "area_code",
    "current_build_id",
    "open_build",
    "open_plan_service",
    "release_id_of",
    "release_is_fresh",
    "remember_publisher",
    "require_writable",
]

_PUBLISHER = "published-by.json"


def require_writable(home: Home) -> None:
    """Find out before a long task, not after it, that its result could not be kept.

    Raises
    ------
    OSError
        The home cannot be made or written.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home.root) as probe:
        probe.write(b"petajaga")
        probe.flush()
        os.fsync(probe.fileno())


def open_build(home: Home) -> Build:
    """Read the current build.

    Raises
    ------
    StateError
        Nothing has been built, or the build is damaged; the message names the command.
    """
    from routes.build import store

    if not home.model.exists():
        raise StateError("cli.no_model")
    return store.open_build(home)


def open_plan_service(home: Home) -> PlanService:
    """What answers plans and scenarios on the current build; errors as :func:`open_build`."""
    from geo.dataset import load_dataset
    from layers.plans.service import PlanService

    return PlanService.of_build(open_build(home), load_dataset(home.root))


def current_build_id(home: Home) -> str | None:
    """Return the id of the build that is there, or None where there is none that is whole."""
    try:
        return open_build(home).id
    except StateError:
        return None


def release_id_of(build_id: str, home: Home) -> str | None:
    """Return the id of the current release if it was made from this build, else None.

    Raises
    ------
    BrokenReleaseError
        The current release is not whole.
    """
    from layers.release.verify import current_folder, verify

    try:
        manifest = verify(current_folder(home))
    except BrokenReleaseError:
        raise
    except StateError:
        return None
    return str(manifest["id"]) if manifest["created_from"] == build_id else None


def release_is_fresh(build_id: str, home: Home) -> bool:
    """Whether the current release is whole, of this build, and written by this very code."""
    from layers.release.release import open_release

    try:
        name = release_id_of(build_id, home)
        if name is not None:
            with open_release(home) as release:
                release.model_folder()
    except BrokenReleaseError:
        return False
    try:
        noted = json.loads((home.releases / _PUBLISHER).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return name is not None and noted == {"release": name, "code": source_digest(RELEASE_SOURCES)}


def remember_publisher(release: str, home: Home) -> None:
    """Note which code wrote the release, so that newer code publishes again."""
    from geo.files import write_bytes

    noted = {"release": release, "code": source_digest(RELEASE_SOURCES)}
    write_bytes(home.releases / _PUBLISHER, (json.dumps(noted) + "\n").encode())
