"""Publishing a build as a release: temporary folder, hashes, one rename, one pointer.

A reader never sees half a release: the folder appears whole under its id, and only then the
pointer file ``current`` is replaced. The same build gives the same id and the same bytes, and
publishing it again changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely

from geo.disclosure import KEY_FILE, key_fingerprint, key_fingerprints, release_secret
from geo.errors import BrokenReleaseError, StateError
from geo.files import (
    fsync,
    owner_only,
    private_folder,
    seal,
    sweep_temporary,
    temporary_path,
    write_bytes,
)  # fmt: skip
from geo.imports.store import refuse_unpublishable
from geo.paths import Home
from geo.progress import ProgressCallback, silent
from layers.registry import layers_for
from layers.release.atomic import translate_write_errors
from layers.release.attribution import attribution_of, caveats_for
from layers.release.basemap_tiles import write_basemap_tiles
from layers.release.editions import editions, keep_edition
from layers.release.geopackage import write_geopackage
from layers.release.layer_table import Table
from layers.release.manifest import (
    BASEMAP_FILE,
    BASEMAP_TILES,
    FORMAT,
    MANIFEST_FILE,
    dump,
    file_digest,
    release_files,
    release_id,
    tier_file,
    tier_id,
    tile_file,
)
from layers.release.model_folder import MODEL_FOLDER, model_entry
from layers.release.release import Release, open_release
from layers.release.tier_tables import TierTables
from layers.release.tiles import write_tiles
from layers.release.verify import POINTER
from layers.schema import TIERS
from routes.build.model import Build

__all__ = ["publish", "remove_release"]


def publish(
    build: Build,
    home: Home,
    *,
    model: Callable[[Path], None] | None = None,
    progress: ProgressCallback | None = None,
) -> Release:
    """Write the release of ``build`` and make it the current one.

    Parameters
    ----------
    build : Build
        The current build.
    home : Home
        Where releases live.
    model : callable, optional
        Writes the model that plans and scenarios are computed from into a folder it is given
        (:func:`layers.plans.service.model_writer`). A release without it serves the map, and no
        plans.
    progress : callable, optional
        ``progress(step, done, total)``.

    Returns
    -------
    Release
        Opened and verified.

    Raises
    ------
    EnvironmentProblem
        The disk is full, read-only or not ours; nothing is left behind and the old release stays.
    StateError
        The build does not fit this version, or holds data without an agreement in force.
    """
    tell = progress or silent
    steps = sum(len(layers_for(tier)) for tier in TIERS) + len(TIERS) + 3
    done = 0
    root = home.releases
    with translate_write_errors(root):
        private_folder(root)
        sweep_temporary(root)
        sweep_temporary(home.root)
        refuse_unpublishable(home)
        key = _home_key(home, build)
        folder = temporary_path(root / "new")
        folder.mkdir(mode=0o700)
        try:
            with translate_write_errors(root), owner_only():
                tables = TierTables(build)
                tiers: dict[str, Any] = {}
                for tier in TIERS:
                    rows: list[Table] = []
                    for name in layers_for(tier):
                        tell("layers", done, steps)
                        rows.append(tables.table(name, tier))
                        done += 1
                    tell("files", done, steps)
                    write_geopackage(folder / tier_file(tier), rows)
                    write_tiles(folder / tile_file(tier), rows, tier)
                    done += 1
                    tiers[tier] = {t.layer.name: _layer_entry(t) for t in rows}
                tell("basemap", done, steps)
                _copy_basemap(build.basemap, folder / BASEMAP_FILE)
                write_basemap_tiles(folder / BASEMAP_TILES, build.basemap_layers, build.roads)
                if model is not None:
                    tell("model", done + 1, steps)
                    model(folder / MODEL_FOLDER)
                manifest = _manifest(folder, build, tiers, model_written=model is not None)
                (folder / MANIFEST_FILE).write_bytes(dump(manifest))
                seal(folder)
                tell("current", done + 2, steps)
                final = _install(folder, root / str(manifest["id"]))
                keep_edition(home, release=final.name, build=build.id, key=key)
                write_bytes(root / POINTER, (final.name + "\n").encode(), private=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    release = open_release(home)
    tell("current", steps, steps)
    return release


def _home_key(home: Home, build: Build) -> str:
    """Fingerprint of the home's key; a build of held counts must have been rounded with it.

    Raises
    ------
    StateError
        The key is lost or another: than the home's, the build's or that of the last edition.
    """
    if not (home.root / KEY_FILE).exists() and build.key is None and not home.editions.exists():
        return ""
    key = key_fingerprint(release_secret(home))
    last = next((edition.key for edition in reversed(editions(home.releases)) if edition.key), key)
    if build.key not in {None, key}:
        raise StateError("release.key_of_build", build=build.key, key=key)
    if last not in key_fingerprints(home):
        raise StateError("release.key_of_edition", edition=last, key=key)
    return key


def _layer_entry(table: Table) -> dict[str, Any]:
    drawn = [shape for shape in table.geometry if shape is not None]
    bbox = [round(float(v), 5) for v in shapely.total_bounds(drawn)] if drawn else None
    return {"rows": len(table), "geometry": table.layer.geometry, "bbox": bbox}


def _manifest(
    folder: Path, build: Build, tiers: dict[str, Any], *, model_written: bool
) -> dict[str, Any]:
    with_osm_roads = build.on_osm_roads or build.roads.has_shapes
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "created_from": build.id,
        "key": build.key,
        "files": {
            name: {"sha256": file_digest(folder / name), "bytes": (folder / name).stat().st_size}
            for name in release_files()
        },
        "tiers": {
            tier: {
                "file": tier_file(tier),
                "layers": tiers[tier],
                "caveats": [caveat.as_dict() for caveat in caveats_for(tier)],
            }
            for tier in TIERS
        },
        "attribution": [a.as_dict() for a in attribution_of(osm_roads=with_osm_roads)],
    }
    if model_written:
        manifest["model"] = model_entry(folder)
    for agreement in build.agreements:
        named = {name: agreement[name] for name in ("owner", "number")}
        for tier in TIERS[TIERS.index(agreement["tier"]) :]:
            manifest["tiers"][tier].setdefault("agreements", []).append(named)
    for tier in TIERS:
        manifest["tiers"][tier]["id"] = tier_id(manifest, tier)
    manifest["id"] = release_id(manifest)
    return manifest


def _copy_basemap(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StateError("release.no_basemap", path=source)
    shutil.copyfile(source, target)


def _install(folder: Path, final: Path) -> Path:
    """Give the finished folder its name; an equal release that is whole is kept as it is."""
    if final.is_dir():
        try:
            with Release(final) as existing:
                if existing.has_model:
                    existing.model_folder()
                    existing.model_folder(for_corridors=True)
                return final
        except BrokenReleaseError:
            remove_release(final)
    try:
        folder.rename(final)
    except OSError:
        if not final.is_dir():
            raise
        # another publish of the same content was a moment faster
    fsync(final.parent)
    return final


def remove_release(folder: Path) -> None:
    """Remove a release folder, which is whole or not there at any moment.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     (Path(root) / "0123456789ab").mkdir()
    ...     remove_release(Path(root) / "0123456789ab")
    ...     list(Path(root).iterdir())
    []
    """
    doomed = temporary_path(folder)
    folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)
