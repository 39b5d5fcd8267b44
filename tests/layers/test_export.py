"""Exports: six formats that read back to the same rows, safe for spreadsheets, never half."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest

from geo.errors import EnvironmentProblem, InputError, UnknownNameError
from geo.i18n import languages
from layers.exports.export import EXPORT_EXTENSIONS, FileForm, export_layer
from layers.registry import fields_for, layers_for
from layers.release.release import Release
from layers.schema import TIERS, Field


def _fields(layer: str, tier: str) -> list[Field]:
    """The fields that a file has: of villages none that would rank them."""
    fields = fields_for(layers_for(tier)[layer], tier)
    if layer != "settlements":
        return list(fields)
    return [f for f in fields if not f.name.startswith(("score_m", "score_p", "departures"))]


def _columns(layer: str, tier: str, *, nested: bool = True) -> list[str]:
    return [f.name for f in _fields(layer, tier) if nested or f.type != "json"]


def _read_book(path: Path) -> pd.DataFrame:
    """The data of a workbook under the columns that its hidden sheet gives for the headings."""
    rows = openpyxl.load_workbook(path)["petajaga"].iter_rows(max_col=2, values_only=True)
    return pd.read_excel(path, sheet_name="Data", dtype=str).rename(columns=dict(rows))


def _read(path: Path) -> pd.DataFrame:
    match path.suffix:
        case ".gpkg" | ".geojson" | ".fgb":
            return pd.DataFrame(gpd.read_file(path, layer=pyogrio.list_layers(path)[0, 0]))
        case ".parquet":
            return pd.DataFrame(gpd.read_parquet(path))
        case ".csv":
            return pd.read_csv(path, dtype=str)
        case _:
            return _read_book(path)


@pytest.mark.slow
@pytest.mark.parametrize("extension", EXPORT_EXTENSIONS)
@pytest.mark.parametrize("tier", TIERS)
def test_every_layer_round_trips(
    extension: str, tier: str, release: Release, tmp_path: Path
) -> None:
    for name, layer in layers_for(tier).items():
        path = tmp_path / f"{name}{extension}"
        province = "53" if tier == "partner" else None
        rows = export_layer(release, name, path, tier=tier, province=province)
        page = release.features(name, tier, province=province, limit=10_000)
        frame = _read(path)
        assert rows == page.matched == len(frame)
        columns = [c for c in frame.columns if c in _columns(name, tier)]
        if extension == ".xlsx":  # nested values without words stay out of it
            columns = [c for c in columns if c in _columns(name, tier, nested=False)]
        assert columns == _columns(name, tier, nested=extension != ".xlsx")
        keys = [str(k).removeprefix("'") for k in frame[layer.id_field]]
        features = {f["id"]: f for f in page.features}
        assert sorted(keys) == sorted(features)
        if extension != ".fgb" and layer.resolution[-1] != "village":  # by place, and by name
            assert keys == list(features)
        for f in _fields(name, tier):
            if f.type == "number":
                wanted = [features[key]["properties"][f.name] for key in keys]
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


@pytest.mark.parametrize("language", languages())
def test_a_workbook_is_in_the_words_of_one_language(
    language: str, release: Release, tmp_path: Path
) -> None:
    for name in layers_for("police"):
        path = tmp_path / f"{name}.xlsx"
        export_layer(release, name, path, tier="police", form=FileForm(language=language))
        book = openpyxl.load_workbook(path)
        assert book.active is not None
        assert book.active.title == {"id": "Keterangan", "en": "About"}[language]
        data = book["Data"]
        assert (data.freeze_panes, data.auto_filter.ref) == ("A2", data.dimensions)
        head, *rows = data.iter_rows(values_only=True)
        assert len(set(head)) == len(head)
        by_heading = dict(zip(head, zip(*rows, strict=True), strict=True))
        layer = layers_for("police")[name]
        for f in fields_for(layer, "police"):
            if f.labels:
                codes = {v for v in release.table(name, "police").columns[f.name] if v}
                words = {v for v in by_heading[layer.field_title(f, language)] if v}
                assert words == {f.value_text(code, language) for code in codes}
                assert not {v for v in words if re.search("[a-z]_[a-z]", v)}


@pytest.mark.parametrize(
    ("language", "title", "word"), [("id", "Tingkat", "kabupaten/kota"), ("en", "Level", "regency")]
)
def test_a_geopackage_says_what_columns_and_codes_mean(
    release: Release, tmp_path: Path, language: str, title: str, word: str
) -> None:
    path = tmp_path / "areas.gpkg"
    export_layer(release, "areas", path, tier="police", form=FileForm(language=language))
    with contextlib.closing(sqlite3.connect(path)) as db:
        columns = {row[1]: row for row in db.execute("SELECT * FROM gpkg_data_columns")}
        words = dict(db.execute(
            "SELECT value, description FROM gpkg_data_column_constraints "
            "WHERE constraint_name = 'areas_level'"
        ).fetchall())  # fmt: skip
        (fitting,) = db.execute(
            "SELECT COUNT(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'"
        ).fetchone()
    names = [field.name for field in fields_for(layers_for("police")["areas"], "police")]
    assert sorted(columns) == sorted(names), "the columns keep their names"
    assert columns["level"][2] == title
    assert columns["level"][6] == "areas_level"
    assert words["regency"] == word
    assert f"regency = {word}" in columns["level"][4]
    assert fitting == 2
    assert set(pyogrio.read_info(path, layer="areas")["fields"]) == set(names), (
        "other programs read them too"
    )


def test_nobody_is_ranked_in_a_list_of_villages(release: Release, tmp_path: Path) -> None:
    for extension in EXPORT_EXTENSIONS:
        path = tmp_path / f"v{extension}"
        export_layer(release, "settlements", path, tier="police")
        frame = _read(path)
        assert not [c for c in frame.columns if re.match("score_[mp]|departures|rank", c)]
        names = [name.removeprefix("'") for name in frame["name"]]
        if extension != ".fgb":
            assert names == sorted(names)


def test_csv_for_excel_in_indonesian(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    export_layer(release, "areas", path, tier="public", form=FileForm(excel_id=True))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["code"]: row for row in csv.DictReader(stream, delimiter=";")}
    row = rows['="53.04"']
    assert row["Nama"] == "Kabupaten Belu"
    assert row["Tingkat"] == "kabupaten/kota"
    assert row["Lintang pusat (derajat)"] == "-9,1"
    assert "regency" not in row.values()
    export_layer(release, "areas", tmp_path / "plain.csv", tier="public")
    with (tmp_path / "plain.csv").open(encoding="utf-8", newline="") as stream:
        plain = {row["code"]: row for row in csv.DictReader(stream)}
    assert (plain["53.04"]["level"], plain["53.04"]["lat"]) == ("regency", "-9.1"), "as it was"
    with pytest.raises(InputError, match="excel-id"):
        export_layer(
            release, "areas", tmp_path / "a.gpkg", tier="public", form=FileForm(excel_id=True)
        )


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("layer", ["areas", "terminals", "counts", "services"])
def test_a_csv_for_excel_has_the_words_of_the_workbook(
    layer: str, language: str, release: Release, tmp_path: Path
) -> None:
    """Headings and values are those of the sheet, but codes and ids keep their columns' names."""
    form = FileForm(language=language)
    export_layer(release, layer, tmp_path / "a.xlsx", tier="police", form=form)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    names = dict(book["petajaga"].iter_rows(max_col=2, values_only=True))
    head, *rows = book["Data"].iter_rows(values_only=True)
    path = tmp_path / "a.csv"
    excel = FileForm(language=language, excel_id=True)
    export_layer(release, layer, path, tier="police", form=excel)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        headings, *lines = csv.reader(stream, delimiter=";")
    keys = {"id", "code", "area_code", "province_code", "ltsa_id"}
    wanted = [names[title] if names[title] in keys else title for title in head]
    assert headings[:-1] == wanted
    assert keys & set(headings)
    assert "reason_id" not in headings, "a text in Indonesian is no id"
    assert len(lines) == len(rows)
    for at, title in enumerate(head):
        codes = layers_for("police")[layer].fields
        if any(f.name == names[title] and f.labels for f in codes):
            assert [line[at] for line in lines] == [row[at] or "" for row in rows], title


def test_caveats_travel_along(release: Release, tmp_path: Path) -> None:
    for extension in (".xlsx", ".geojson", ".parquet"):
        export_layer(release, "areas", tmp_path / f"a{extension}", tier="public")
    about = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert about.title == "Keterangan"
    text = "\n".join(str(c) for row in about.iter_rows(values_only=True) for c in row)
    assert "Catatan penting" in text
    assert "GSHHG" in text
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
        with pytest.raises(InputError, match=r"\.gpkg, \.fgb, \.geojson, \.parquet, \.csv, \.xlsx"):
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
