"""What is built and published in a home, and whether it is still what data and code would give."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from typing import TYPE_CHECKING

from api.bootstrap import ROOT
from geo.errors import AmbiguousNameError, BrokenReleaseError, StateError, UnknownNameError
from geo.names import plain
from geo.paths import Home

if TYPE_CHECKING:
    import pandas as pd

    from routes.build import Build

__all__ = [
    "area_code",
    "current_build_id",
    "open_build",
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
    from routes.build import load_build

    if not home.model.exists():
        raise StateError("no model yet; run: petajaga build")
    return load_build(home)


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
    from layers.release import open_release

    try:
        with open_release(home) as release:
            made_from = release.manifest("police")["created_from"]
            return release.id if made_from == build_id else None
    except BrokenReleaseError:
        raise
    except StateError:
        return None


def release_is_fresh(build_id: str, home: Home) -> bool:
    """Whether the current release is whole, of this build, and written by this very code."""
    try:
        name = release_id_of(build_id, home)
    except BrokenReleaseError:
        return False
    try:
        noted = json.loads((home.releases / _PUBLISHER).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return name is not None and noted == {"release": name, "code": _layers_digest()}


def remember_publisher(release: str, home: Home) -> None:
    """Note which code wrote the release, so that newer code publishes again."""
    from layers.atomic import write_bytes

    noted = {"release": release, "code": _layers_digest()}
    write_bytes(home.releases / _PUBLISHER, (json.dumps(noted) + "\n").encode())


def _layers_digest() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "layers").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def area_code(areas: pd.DataFrame, text: str) -> str:
    """Resolve an area named by code or by name, without case or accents.

    Raises
    ------
    UnknownNameError, AmbiguousNameError
        With the nearest or the several areas.
    """
    names = dict(zip(areas["code"], areas["name"], strict=True))
    if text in names:
        return text
    wanted = plain(text)
    found = [code for code, name in names.items() if plain(name) == wanted]
    # "Timor Tengah Selatan" is the regency's everyday name.
    found = found or [
        code
        for code, name in names.items()
        if plain(name).removeprefix("kabupaten ").removeprefix("kota ") == wanted
    ]
    if len(found) == 1:
        return str(found[0])
    if found:
        choices = tuple(f"{code} {names[code]}" for code in found)
        raise AmbiguousNameError(
            f"{text!r} may be any of {', '.join(choices)}; give the code", matches=choices
        )
    from rapidfuzz import process

    close = process.extract(wanted, {code: plain(name) for code, name in names.items()}, limit=3)
    nearest = tuple(f"{code} {names[code]}" for _, score, code in close if score >= 60)
    raise UnknownNameError(f"no area {text!r}; give a code such as 53, or a name", matches=nearest)
