"""The model in a release, from which plans and scenarios are computed, as plain files.

``<release>/model/`` is the police desk's and never handed out; only results of
:mod:`layers.plans.service` are. It holds no counts and no office, and no origin's name that the
release does not hold elsewhere. Its hashes are in the manifest, so a release with another model is
another release for the police; public and partner ids do not depend on it.

Beside the tables stand the files that a corridor named by its places is answered from. They are
large, plans do not need them and a release of an older version does not have them, so they are
read and checked for such an answer alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import BrokenReleaseError
from layers.release.manifest import file_digest
from layers.release.verify import check_file

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["MODEL_FOLDER", "ModelParts", "check_model", "model_entry", "read_parts", "write_parts"]

MODEL_FOLDER = "model"
_FORMAT = 1
_ABOUT, _DRAWS = "model.json", "draws.npz"
_TABLES = (
    "areas", "bases", "corridors", "drivers_province", "drivers_regency", "edges", "legs", "nodes",
    "official_edges", "posts", "settlements", "terminals", "villages",
)  # fmt: skip
_FILES = (_ABOUT, _DRAWS, *(f"{name}.parquet" for name in _TABLES))


@dataclass(frozen=True, eq=False)
class ModelParts:
    """Contents of the folder.

    Attributes
    ----------
    about : dict
        ``build`` and ``parameters``; plain values.
    tables : dict name -> DataFrame
        One for each name of the format.
    draws : dict name -> array
    write_corridors : callable, optional
        Writes the files of corridors named by their places into the folder.
    """

    about: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    draws: dict[str, NDArray[Any]]
    write_corridors: Callable[[Path], None] | None = None


def write_parts(folder: Path, parts: ModelParts) -> None:
    """Write a new folder; the same parts give the same bytes.

    Raises
    ------
    OSError
        The folder is there already, or the disk is full.
    """
    import numpy as np

    folder.mkdir()
    for name in _TABLES:
        parts.tables[name].to_parquet(folder / f"{name}.parquet", index=False)
    np.savez_compressed(folder / _DRAWS, **parts.draws)  # type: ignore[arg-type]
    if parts.write_corridors is not None:
        parts.write_corridors(folder)
    about = {**parts.about, "format": _FORMAT}
    (folder / _ABOUT).write_text(json.dumps(about, sort_keys=True, indent=1) + "\n", "utf-8")


def read_parts(folder: Path) -> ModelParts:
    """Read a folder that was checked.

    Raises
    ------
    BrokenReleaseError
        A file cannot be read, or is of another version.
    """
    import numpy as np
    import pandas as pd

    try:
        about = json.loads((folder / _ABOUT).read_text("utf-8"))
        if about["format"] != _FORMAT:
            raise BrokenReleaseError("release.model_version", folder=folder)
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in _TABLES}
        with np.load(folder / _DRAWS) as stored:
            draws = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenReleaseError(
            "release.model_unreadable", folder=folder, reason=type(error).__name__
        ) from error
    return ModelParts(about, tables, draws)


def model_entry(folder: Path) -> dict[str, Any]:
    """The manifest's entry of the model in a release folder: each file's hash and size."""
    return {
        "files": {
            f"{MODEL_FOLDER}/{path.name}": {
                "sha256": file_digest(path),
                "bytes": path.stat().st_size,
            }
            for path in sorted((folder / MODEL_FOLDER).iterdir())
        }
    }


def check_model(folder: Path, manifest: Mapping[str, Any], *, for_corridors: bool = False) -> Path:
    """Check the model of a release against its manifest; unchanged files are not read again.

    Those that plans are computed from, or those of corridors named by their places.

    Returns
    -------
    Path
        The model folder, whole.

    Raises
    ------
    BrokenReleaseError
        The release was published without a model, or a file is missing or not what it should be.
    """
    entry = manifest.get("model")
    if entry is None:
        raise BrokenReleaseError("release.no_model", release=folder.name)
    try:
        of_plans = [f"{MODEL_FOLDER}/{name}" for name in _FILES]
        of_corridors = [name for name in entry["files"] if name not in of_plans]
        for name in of_corridors if for_corridors else of_plans:
            check_file(folder / name, str(entry["files"][name]["sha256"]))
    except (KeyError, TypeError) as error:
        raise BrokenReleaseError("release.model_version", folder=folder.name) from error
    if for_corridors and not of_corridors:
        raise BrokenReleaseError("release.model_version", folder=folder.name)
    return folder / MODEL_FOLDER
