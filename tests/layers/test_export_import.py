"""What Petajaga exports it imports again: each layer that a kind of import knows, each format."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from geo.errors import DataFileError
from geo.i18n import languages
from geo.imports.service import import_file
from geo.paths import Home
from layers.exports.export import EXPORT_EXTENSIONS, FileForm, export_layer
from layers.registry import LAYERS
from layers.release.release import Release
from tests.geo.agreements import registered

pytestmark = pytest.mark.slow

KINDS = {
    "areas": ("boundaries", ("code", "name")),
    "terminals": ("terminals", ("id", "name", "place", "kind", "country", "area_code", "source")),
    "legs": ("legs", ("from_id", "to_id", "mode", "as_of", "confidence", "source")),
    "counts": ("counts", ("year", "measure", "value", "unit", "legal_class", "status", "how")),
    "services": (
        "services",
        ("id", "kind", "name", "area_code", "place", "jurisdiction", "source"),
    ),
    "posts": ("posts", ("terminal_id", "name", "since", "evidence_from", "duties", "source")),
}
"""Kind of import of a layer, and columns that come back as they went."""
NO_KIND = {
    "settlements",
    "corridors",
    "coverage",
    "destinations",
    "hotspots",
    "outreach",
    "ports",
    "victims",
}
"""Places of a gazetteer without a village's code, and results of the model."""
REFUSED = {
    "areas": {"cell.province_boundary", "cell.name_differs"},
    "legs": {"cell.not_terminal", "cell.too_fast"},
    "terminals": {"cell.outside_area"},
    "counts": {"cell.not_allowed_near"},
}
"""Why rows stay out: a province is the sum of its regencies and ``interceptions`` one of several
measures; the small build has an area under another's code, a fast ship, a terminal of its
own and one under another regency's code."""


def test_every_layer_has_a_kind_or_none() -> None:
    assert KINDS.keys() | NO_KIND == LAYERS.keys()


def stored(path: Path, kind: str, home: Home) -> tuple[list[dict[str, Any]], set[str]]:
    """The normalised table of an exported file, and why rows of it were refused."""
    under = registered(home) if kind == "counts" else ""
    report, entry, _ = import_file(path, kind, home, by="me", under=under)
    table = entry.path(home)
    reasons = set(report.reasons.get("refused", {}))
    if table.suffix == ".geojson":
        frame = gpd.read_file(table)
        return [
            {**row, "geometry": row["geometry"].wkt} for row in frame.to_dict("records")
        ], reasons
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream)), reasons


@pytest.mark.parametrize("layer", KINDS)
def test_an_export_is_imported_again(layer: str, release: Release, tmp_path: Path) -> None:
    kind, columns = KINDS[layer]
    tables = {}
    for extension in EXPORT_EXTENSIONS:
        path = tmp_path / f"{layer}{extension}"
        rows = export_layer(release, layer, path, tier="police")
        home = Home.resolve(tmp_path / f"home{extension}")
        if (layer, extension) == ("areas", ".xlsx"):
            with pytest.raises(DataFileError, match="geometry"):  # a sheet has no room for it
                import_file(path, kind, home, by="me")
            continue
        tables[extension], reasons = stored(path, kind, home)
        assert reasons <= REFUSED.get(layer, set())
        assert len(tables[extension]) == rows or reasons
    with (tmp_path / f"{layer}.csv").open(encoding="utf-8", newline="") as stream:
        exported = {tuple(row[name] for name in columns) for row in csv.DictReader(stream)}
    first = sorted(tables[".gpkg"], key=str)
    assert first
    assert {tuple(row[name] for name in columns) for row in first} <= exported
    for extension, table in tables.items():
        assert sorted(table, key=str) == first, extension


@pytest.mark.parametrize("language", languages())
def test_a_csv_in_words_says_what_to_import_instead(
    language: str, release: Release, tmp_path: Path
) -> None:
    path = tmp_path / "terminals-excel.csv"
    form = FileForm(language=language, excel_id=True)
    export_layer(release, "terminals", path, tier="police", form=form)
    with pytest.raises(DataFileError, match="download the layer as XLSX or CSV"):
        import_file(path, "terminals", Home.resolve(tmp_path / "home"), by="me")
