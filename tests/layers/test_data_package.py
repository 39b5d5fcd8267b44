"""The data package and the ISO 19139 record: what portals read, of the public tier alone."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from geo.errors import InputError
from geo.i18n import languages
from layers.exports.data_package import write_data_package
from layers.exports.export import export_layer
from layers.registry import LAYERS, layers_for
from layers.release import marking
from layers.release.marking import Marking
from layers.release.release import Release

_GMD = "{http://www.isotc211.org/2005/gmd}"
_CASTS = {
    "integer": int,
    "number": float,
    "string": str,
    "boolean": {"true": True, "false": False}.get,
}


def test_every_cell_of_the_package_is_of_its_declared_type(
    release: Release, tmp_path: Path
) -> None:
    rows = write_data_package(release, tmp_path / "satu.zip", language="id")
    with zipfile.ZipFile(tmp_path / "satu.zip") as archive:
        package = json.loads(archive.read("datapackage.json"))
        names = set(archive.namelist())
        assert {resource["name"] for resource in package["resources"]} == set(layers_for("public"))
        for resource in package["resources"]:
            text = io.StringIO(archive.read(resource["path"]).decode("utf-8"))
            table = list(csv.DictReader(text))
            assert len(table) == rows[resource["name"]]
            fields = resource["schema"]["fields"]
            header = text.getvalue().splitlines()[0].split(",")
            assert [field["name"] for field in fields] == header
            keys = [row[resource["schema"]["primaryKey"]] for row in table]
            assert len(set(keys)) == len(keys)
            for row in table:
                for field in fields:
                    if value := row[field["name"]]:
                        assert _CASTS[field["type"]](value) is not None
            assert {f"{resource['name']}.geojson", f"{resource['name']}.xml"} <= names
        assert {f"README.{language}.md" for language in languages()} <= names
    assert package["license_id"]
    assert "PUBLIK" in json.dumps(package["extras"])


def test_the_same_release_gives_the_same_package_on_any_day(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, day in (("one.zip", "2027-01-01"), ("two.zip", "2027-01-02")):
        monkeypatch.setattr(marking, "today", lambda day=day: day)
        assert Marking.of(release, "public").day == day
        write_data_package(release, tmp_path / name, language="en")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("layer", list(layers_for("public")))
def test_the_record_has_what_the_standard_demands_in_its_order(
    layer: str, release: Release, tmp_path: Path
) -> None:
    """Order and obligations of the XSD of 2006 (validated against it in full by hand)."""
    export_layer(release, layer, tmp_path / "a.xml", tier="public")
    root = ElementTree.parse(tmp_path / "a.xml").getroot()
    assert [child.tag.removeprefix(_GMD) for child in root] == [
        "fileIdentifier", "language", "characterSet", "hierarchyLevel", "contact", "dateStamp",
        "metadataStandardName", "metadataStandardVersion", "locale", "referenceSystemInfo",
        "identificationInfo", "dataQualityInfo",
    ]  # fmt: skip
    for name, of in (("title", LAYERS[layer].title), ("abstract", LAYERS[layer].description)):
        texts = {
            (part.get("locale") or "#id").removeprefix("#"): part.text or ""
            for element in root.iter(f"{_GMD}{name}")
            for part in element.iter()
            if part.tag.endswith("CharacterString")
        }
        assert {code: text.removeprefix("Petajaga: ") for code, text in texts.items()} == {
            code: of(code) for code in languages()
        }
    words = {element.tag.removeprefix(_GMD): "".join(element.itertext()).strip()
             for element in root.iter()}  # fmt: skip
    for name in ("title", "abstract", "organisationName", "keyword", "useLimitation", "statement"):
        assert words[name], name
    if release.table(layer, "public").geometry.tolist():
        box = [float(words[f"{side}Longitude" if "t" in side[1:5] else f"{side}Latitude"])
               for side in ("westBound", "eastBound")]  # fmt: skip
        assert box[0] <= box[1]


def test_metadata_of_another_tier_are_refused(release: Release, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        export_layer(release, "areas", tmp_path / "a.xml", tier="police")
    assert list(tmp_path.iterdir()) == []
