"""Debian's GDAL (3.6, older than ours) reads every file that is exported, without a complaint."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from layers.exports.export import FileForm, export_layer
from layers.registry import fields_for, layers_for
from layers.release.release import Release
from layers.schema import TIERS, Layer

pytestmark = [pytest.mark.gdal, pytest.mark.slow]

_ENDINGS = (".gpkg", ".fgb", ".geojson", ".csv", ".xlsx")


_FIELD = re.compile(r"^(\w+): (?:String|Integer|Real|Date)", re.MULTILINE)
_RANKS = re.compile(r"(score|departures(_per_100k)?)_(mean|p05|p95)")
"""Fields that no file of villages carries."""


def _fields(layer: Layer, tier: str) -> set[str]:
    names = {field.name for field in fields_for(layer, tier)}
    if layer.resolution[-1] != "village":
        return names
    return {name for name in names if not _RANKS.fullmatch(name)}


def _added(layer: Layer, ending: str) -> set[str]:
    """What a table without geometry has in its place, its heading; a GeoJSON feature's id."""
    if ending != ".csv":
        return {"id"} if ending == ".geojson" else set()
    if layer.geometry != "Point":
        return {"geometry_wkt", "file_classification"}
    own = {field.name for field in layer.fields}
    names = {f"geometry_{axis}" if axis in own else axis for axis in ("lon", "lat")}
    return {*names, "file_classification"}


def _ogr(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("tier", TIERS)
def test_every_layer_of_every_tier(
    tier: str, ending: str, release: Release, tmp_path: Path
) -> None:
    province = "53" if tier == "partner" else None
    for name, layer in layers_for(tier).items():
        file = tmp_path / f"{name}{ending}"
        rows = export_layer(release, name, file, tier=tier, province=province)
        sheet = {".xlsx": "Data"}.get(ending, name)
        words = ["-so", "-al" if ending == ".csv" else "-ro"]
        # of sheets with text alone GDAL takes the heading for a row
        config = ["--config", "OGR_XLSX_HEADERS", "FORCE"]
        seen = _ogr("ogrinfo", *words, *config, str(file), sheet)
        assert f"Feature Count: {rows}\n" in seen, name
        if ending != ".xlsx" and (rows or ending != ".geojson"):
            columns = set(_FIELD.findall(seen))
            assert columns == _fields(layer, tier) | _added(layer, ending), name
        if ending in (".gpkg", ".fgb", ".geojson") and rows:
            assert 'ID["EPSG",4326]' in seen or 'ID["OGC","CRS84"]' in seen, name


def test_ogr2ogr_translates_and_loses_nothing(release: Release, tmp_path: Path) -> None:
    rows = export_layer(release, "areas", tmp_path / "areas.gpkg", tier="public")
    _ogr(
        "ogr2ogr", "-t_srs", "EPSG:3857", str(tmp_path / "a.geojson"),
        str(tmp_path / "areas.gpkg"), "areas",
    )  # fmt: skip
    features = json.loads((tmp_path / "a.geojson").read_text())["features"]
    assert len(features) == rows
    assert all(abs(feature["geometry"]["coordinates"][0][0][0][0]) > 1e6 for feature in features
               if feature["geometry"])  # fmt: skip


def test_the_csv_of_indonesian_spreadsheets(release: Release, tmp_path: Path) -> None:
    form = FileForm(language="id", excel_id=True)
    rows = export_layer(release, "areas", tmp_path / "areas.csv", tier="public", form=form)
    seen = _ogr("ogrinfo", "-so", "-al", str(tmp_path / "areas.csv"))
    assert f"Feature Count: {rows}" in seen
    assert "code: String" in seen
