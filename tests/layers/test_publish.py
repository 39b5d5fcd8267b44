"""Publishing: same build same bytes, all or nothing, and whatever is broken is refused."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import pyogrio
import pytest

from geo.errors import BrokenReleaseError, DataFileError, EnvironmentProblem, StateError
from geo.paths import Home
from layers.registry import fields_for, layers_for
from layers.release import manifest as manifest_module
from layers.release.attribution import ROADS
from layers.release.manifest import release_files
from layers.release.publish import publish
from layers.release.release import Release, open_release
from layers.release.tier_tables import TierTables
from layers.schema import TIERS
from tests.layers.conftest import make_build

KEPT = (".lock", "current", "editions.json")
"""Files beside the releases of a home."""


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_same_build_same_id_and_same_bytes(
    small_build: Any, publish_in: Callable[[Any, str], Release]
) -> None:
    one, two = publish_in(small_build, "one"), publish_in(small_build, "two")
    assert one.id == two.id == one.folder.name
    assert _files(one.folder) == _files(two.folder)
    assert set(_files(one.folder)) == {
        "public.gpkg", "partner.gpkg", "police.gpkg", "basemap.geojson", "manifest.json",
        "public.pmtiles", "partner.pmtiles", "police.pmtiles", "basemap.pmtiles",
    }  # fmt: skip


@pytest.mark.slow
def test_publishing_again_changes_nothing(small_build: Any, home: Home, published: Release) -> None:
    before = {p: p.stat().st_mtime_ns for p in published.folder.iterdir()}
    again = publish(small_build, home)
    assert again.id == published.id
    assert {p: p.stat().st_mtime_ns for p in again.folder.iterdir()} == before
    assert sorted(p.name for p in home.releases.iterdir()) == sorted([published.id, *KEPT])


@pytest.mark.slow
def test_progress_is_reported_to_the_end(small_build: Any, home: Home) -> None:
    told: list[tuple[str, int, int]] = []
    publish(small_build, home, progress=lambda *step: told.append(step))
    done = [step[1] for step in told]
    assert done == sorted(done)
    assert done[-1] == told[-1][2]
    assert max(done) <= told[0][2]


def test_gdal_reads_every_layer_as_the_registry_says(release: Release) -> None:
    kinds = {"text": "str", "json": "str", "number": "float64", "integer": "int64"}
    for tier in TIERS:
        path = release.file(tier)
        listed = {name for name, kind in pyogrio.list_layers(path) if kind is not None}
        assert listed == set(layers_for(tier))
        for name, layer in layers_for(tier).items():
            info = pyogrio.read_info(path, layer=name)
            assert info["geometry_type"] == layer.geometry
            assert info["crs"] == "EPSG:4326"
            assert info["capabilities"]["fast_spatial_filter"]
            frame = gpd.read_file(path, layer=name)
            assert len(frame) == release.manifest(tier)["layers"][name]["rows"]
            types = dict(zip(info["fields"], info["dtypes"], strict=True))
            for f in fields_for(layer, tier):
                if f.type in kinds:
                    assert str(types[f.name]).replace("object", "str") == kinds[f.type]
            shapes = frame.geometry.dropna()
            assert shapes.is_valid.all()


def test_geopackage_is_the_old_version_with_the_required_tables(release: Release) -> None:
    with closing(sqlite3.connect(release.file("police"))) as db:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        assert application == int.from_bytes(b"GPKG", "big")
        assert version == 10200
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        extensions = {row[0] for row in db.execute("SELECT extension_name FROM gpkg_extensions")}
        assert extensions == {"gpkg_rtree_index"}


def test_manifest_states_hashes_rows_and_caveats(release: Release) -> None:
    whole = json.loads((release.folder / "manifest.json").read_bytes())
    assert whole["created_from"] == "abcdef012345"
    for name, entry in whole["files"].items():
        assert entry["sha256"] == manifest_module.file_digest(release.folder / name)
    assert release.manifest("police")["layers"]["posts"]["rows"] == 1
    assert whole["attribution"]
    assert whole["tiers"]["public"]["caveats"]


@pytest.mark.slow
def test_a_network_of_openstreetmap_is_named_in_every_tier(small_build: Any, home: Home) -> None:
    named = replace(small_build, on_osm_roads=True)
    with publish(small_build, home) as before, publish(named, home) as after:
        for tier in TIERS:
            old, new = (release.manifest(tier)["attribution"] for release in (before, after))
            assert [line for line in new if line not in old] == [ROADS.as_dict()]
            assert "© OpenStreetMap contributors, ODbL" in str(ROADS)


@pytest.mark.parametrize("name", release_files())
def test_a_changed_cut_or_missing_file_is_refused(
    name: str, published: Release, home: Home
) -> None:
    path = published.folder / name
    data = path.read_bytes()
    for broken in (data[:-1], data[:-1] + bytes([data[-1] ^ 1])):
        path.write_bytes(broken)
        with pytest.raises(BrokenReleaseError, match=r"petajaga publish"):
            open_release(home)
    path.unlink()
    with pytest.raises(BrokenReleaseError, match=name):
        open_release(home)
    path.write_bytes(data)
    assert open_release(home).id == published.id


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["tiers"]["public"]["caveats"].pop(),
        lambda m: m["tiers"]["police"].pop("layers"),
        lambda m: m.pop("files"),
        lambda m: m.update(format=99),
        lambda m: m.update(id="0" * 12),
        lambda m: m["tiers"]["public"].update(id="0" * 12),
    ],
)
def test_a_changed_manifest_is_refused(
    change: Callable[[dict[str, Any]], Any], published: Release, home: Home
) -> None:
    path = published.folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(BrokenReleaseError):
        open_release(home)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_manifest_that_is_no_manifest_is_refused(
    content: bytes, published: Release, home: Home
) -> None:
    (published.folder / "manifest.json").write_bytes(content)
    with pytest.raises(BrokenReleaseError):
        open_release(home)


def test_no_release_yet_and_a_pointer_to_nowhere(home: Home) -> None:
    with pytest.raises(StateError, match="petajaga publish"):
        open_release(home)
    home.releases.mkdir(parents=True)
    for text in ("", "../../etc", "0123456789ab"):
        (home.releases / "current").write_text(text)
        with pytest.raises(BrokenReleaseError):
            open_release(home)


def test_publishing_mends_a_broken_folder_of_the_same_id(
    small_build: Any, published: Release, home: Home
) -> None:
    (published.folder / "public.gpkg").write_bytes(b"no")
    assert publish(small_build, home).id == published.id
    assert open_release(home).features("areas", "public").matched > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "step", ["write_geopackage", "write_tiles", "_copy_basemap", "_manifest", "_install"]
)
def test_an_error_midway_leaves_no_folder_and_the_old_release(
    step: str, small_build: Any, published: Release, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(importlib.import_module("layers.release.publish"), step, fail)
    with pytest.raises(EnvironmentProblem, match="the disk is full"):
        publish(replace(small_build, id="another"), home)
    assert sorted(p.name for p in home.releases.iterdir()) == sorted([published.id, *KEPT])
    assert open_release(home).id == published.id


_CHILD = """
import importlib.util, os, resource, signal, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("small", sys.argv[1])
small = importlib.util.module_from_spec(spec)
sys.modules["small"] = small
spec.loader.exec_module(small)
from geo.errors import EnvironmentProblem
from geo.paths import Home
from layers.release.publish import publish
work, mode = Path(sys.argv[2]), sys.argv[3]
build = small.make_build(work)
home = Home.resolve(work / "home")
if mode == "kill":
    def progress(step, done, total):
        if step == "basemap":
            os.kill(os.getpid(), signal.SIGKILL)
else:
    progress = None
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
try:
    publish(build, home, progress=progress)
except EnvironmentProblem as problem:
    print("one line:", problem)
    sys.exit(3)
"""


def _child(work: Path, mode: str) -> subprocess.CompletedProcess[str]:
    fixture = Path(__file__).with_name("conftest.py")
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", _CHILD, str(fixture), str(work), mode],
        capture_output=True, text=True, cwd=root, timeout=60,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip


@pytest.mark.slow
def test_a_killed_publish_leaves_nothing_named_and_the_next_one_sweeps(
    tmp_path: Path, small_build: Any
) -> None:
    child = _child(tmp_path, "kill")
    assert child.returncode == -signal.SIGKILL, child.stderr
    home = Home.resolve(tmp_path / "home")
    (left,) = home.releases.iterdir()
    assert left.name.startswith(".new.")
    with pytest.raises(StateError):
        open_release(home)
    release = publish(small_build, home)
    assert sorted(p.name for p in home.releases.iterdir()) == sorted([release.id, *KEPT])


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_nothing_half_written(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    child = _child(tmp_path, "full")
    assert child.returncode == 3, child.stderr
    lines = [line for line in child.stdout.splitlines() if line.startswith("one line:")]
    assert len(lines) == 1
    assert "free some" in lines[0]
    assert "Traceback" not in child.stderr
    assert list((tmp_path / "home" / "release").iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(small_build: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(EnvironmentProblem, match="PETAJAGA_HOME"):
        publish(small_build, Home.resolve(blocked / "home"))


def test_a_shelter_is_never_published(small_build: Any, home: Home) -> None:
    services = small_build.services.copy()
    services.loc[0, "name"] = "Rumah Aman Contoh"
    with pytest.raises(DataFileError, match="shelter"):
        publish(replace(small_build, services=services), home)
    assert not (home.releases / "current").exists()


def test_a_build_of_another_version_is_named(small_build: Any, home: Home) -> None:
    with pytest.raises(StateError, match=r"iata.*petajaga build"):
        publish(replace(small_build, terminals=small_build.terminals.drop(columns="iata")), home)
    double = small_build.terminals.assign(id="tenau")
    with pytest.raises(StateError, match="twice"):
        publish(replace(small_build, terminals=double), home)


def test_empty_tables_make_empty_layers(small_build: Any, home: Home) -> None:
    empty = {
        name: getattr(small_build, name).iloc[:0]
        for name in (
            "posts",
            "counts",
            "corridors",
            "corridor_origins",
            "pairs",
            "services",
            "legs",
        )
    }
    release = publish(replace(small_build, **empty), home)
    for name in ("posts", "counts", "corridors", "services", "legs"):
        assert release.features(name, "police").matched == 0
        assert len(gpd.read_file(release.file("police"), layer=name)) == 0


def test_an_outline_says_how_far_to_believe_it(tmp_path: Path) -> None:
    build = make_build(tmp_path)
    build.regency_cells["approximate"] = [True, True, True, True, False, True]
    build.regency_cells["mismatch"] = [0.05, 0.2, 0.4, None, None, 0.149]
    areas = TierTables(cast("Any", build)).table("areas", "public").columns
    boundary = dict(zip(areas["code"], areas["boundary"], strict=True))
    assert {code: boundary[code] for code in build.regency_cells["code"]} == {
        "53.01": "approximate", "53.04": "rough", "53.15": "unreliable", "53.71": "approximate",
        "65.04": "official", "21.71": "approximate",
    }  # fmt: skip
