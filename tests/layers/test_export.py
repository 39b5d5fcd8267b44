"""Exports: five formats that read back to the same rows, safe for spreadsheets, never half."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest

from geo.errors import EnvironmentProblem, InputError, UnknownNameError
from layers.exports.export import EXPORT_EXTENSIONS, export_layer
from layers.registry import fields_for, layers_for
from layers.release.release import Release
from layers.schema import TIERS


def _columns(layer: str, tier: str) -> list[str]:
    return [f.name for f in fields_for(layers_for(tier)[layer], tier)]


def _read(path: Path) -> pd.DataFrame:
    match path.suffix:
        case ".gpkg" | ".geojson":
            return pd.DataFrame(gpd.read_file(path, layer=pyogrio.list_layers(path)[0, 0]))
        case ".parquet":
            return pd.DataFrame(gpd.read_parquet(path))
        case ".csv":
            return pd.read_csv(path, dtype=str)
        case _:
            return pd.read_excel(path, sheet_name="Data", dtype=str)


@pytest.mark.slow
@pytest.mark.parametrize("extension", EXPORT_EXTENSIONS)
@pytest.mark.parametrize("tier", TIERS)
def test_every_layer_round_trips(
    extension: str, tier: str, release: Release, tmp_path: Path
) -> None:
    for name, layer in layers_for(tier).items():
        path = tmp_path / f"{name}{extension}"
        rows = export_layer(release, name, path, tier=tier, province="53")
        page = release.features(name, tier, province="53", limit=10_000)
        frame = _read(path)
        assert rows == page.matched == len(frame)
        assert [c for c in frame.columns if c in _columns(name, tier)] == _columns(name, tier)
        keys = [str(k).removeprefix("'") for k in frame[layer.id_field]]
        assert keys == [f["id"] for f in page.features]
        for f in fields_for(layer, tier):
            if f.type == "number":
                wanted = [p["properties"][f.name] for p in page.features]
                got = pd.to_numeric(frame[f.name]).tolist()
                assert got == pytest.approx(
                    [float("nan") if v is None else v for v in wanted], nan_ok=True
                )
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        f"{name}{extension}" for name in layers_for(tier)
    )


def test_codes_stay_text_in_a_spreadsheet(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "areas.xlsx"
    export_layer(release, "areas", path, tier="police")
    sheet = openpyxl.load_workbook(path)["Data"]
    codes = [row[0] for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
    assert "53.01" in codes
    assert all(isinstance(code, str) for code in codes)


def test_formulas_are_text(release: Release, tmp_path: Path) -> None:
    for extension in (".csv", ".xlsx"):
        export_layer(release, "settlements", tmp_path / f"s{extension}", tier="police")
    with (tmp_path / "s.csv").open(newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    assert "'=Komodo" in names
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx")["Data"]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows(max_col=2) for cell in row}
    assert cells["=Komodo"] == "s"


def test_caveats_travel_along(release: Release, tmp_path: Path) -> None:
    for extension in (".xlsx", ".geojson", ".parquet"):
        export_layer(release, "areas", tmp_path / f"a{extension}", tier="public")
    about = openpyxl.load_workbook(tmp_path / "a.xlsx")["Keterangan"]
    text = "\n".join(str(c) for row in about.iter_rows(values_only=True) for c in row)
    assert "Catatan penting" in text
    assert "GeoNames" in text
    assert release.tier_id("public") in text
    assert release.id not in text
    collection: dict[str, Any] = json.loads((tmp_path / "a.geojson").read_text())
    assert collection["caveats"]
    assert collection["release"] == release.tier_id("public")
    assert b"caveats" in pq.read_schema(tmp_path / "a.parquet").metadata[b"PANDAS_ATTRS"]


def test_json_fields_are_nested_in_geojson(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "c.geojson"
    export_layer(release, "corridors", path, tier="police")
    feature = json.loads(path.read_text())["features"][0]
    assert feature["properties"]["origins"][0]["code"] == "53.01"
    assert feature == release.feature("corridors", "police", "c1")


def test_unknown_extension_layer_and_hidden_layer(release: Release, tmp_path: Path) -> None:
    for name in ("areas.shp", "areas", "areas.gpkg.zip"):
        with pytest.raises(InputError, match=r"\.gpkg, \.geojson, \.parquet, \.csv, \.xlsx"):
            export_layer(release, "areas", tmp_path / name, tier="police")
    for layer in ("posts", "nonsense"):
        with pytest.raises(UnknownNameError):
            export_layer(release, layer, tmp_path / "x.csv", tier="public")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("extension", EXPORT_EXTENSIONS)
def test_an_existing_file_is_replaced_whole_or_not_at_all(
    extension: str, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"areas{extension}"
    path.write_text("old")
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr("geo.files.fsync", fail)
        with pytest.raises(EnvironmentProblem, match="the disk is full"):
            export_layer(release, "areas", path, tier="police")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    export_layer(release, "areas", path, tier="police")
    assert len(_read(path)) == 9


def test_a_place_that_cannot_be_written_is_one_line(release: Release, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    for extension in EXPORT_EXTENSIONS:
        with pytest.raises(EnvironmentProblem) as error:
            export_layer(release, "areas", blocked / f"a{extension}", tier="police")
        assert "\n" not in str(error.value)
