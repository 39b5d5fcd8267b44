"""All public layers as one Frictionless data package, as a Satu Data (CKAN) portal takes it.

``datapackage.json`` describes a CSV a layer, with types, units and titles, and has the members that
CKAN reads (``title``, ``notes``, ``license_id``, ``tags``, ``extras``). GeoJSON and ISO 19139 of
each layer lie beside. Public tier only. Its files bear the date of the release, so that the same
release gives the same bytes on any day.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.i18n import languages, text
from layers.exports.export import FileForm, export_layer
from layers.registry import layers_for
from layers.release.atomic import replacing
from layers.release.editions import Edition, edition_of
from layers.release.marking import Marking
from layers.release.release import Release
from layers.schema import Field
from layers.visibility import ANONYMOUS

__all__ = ["write_data_package"]

_TYPES = {"json": "string", "text": "string", "boolean": "boolean", "integer": "integer",
          "number": "number"}  # fmt: skip
_STAMP = (1980, 1, 1, 0, 0, 0)
_LICENCE_ID = "odc-odbl"
"""CKAN's name of the Open Database License."""


def write_data_package(release: Release, path: Path, *, language: str) -> dict[str, int]:
    """Write the package to ``path`` (.zip), at once or not at all; rows by layer.

    Raises
    ------
    EnvironmentProblem
        The file cannot be written.
    """
    heading, form = Marking.of(release, ANONYMOUS), FileForm(language=language)
    if edition := edition_of(release.folder):
        heading = replace(heading, day=edition.date)
    rows: dict[str, int] = {}
    resources = []
    with tempfile.TemporaryDirectory() as scratch, replacing(path) as temporary:
        folder = Path(scratch)
        for name, layer in layers_for(ANONYMOUS).items():
            for ending in (".csv", ".geojson", ".xml"):
                rows[name] = export_layer(
                    release, name, folder / f"{name}{ending}", tier=ANONYMOUS, heading=heading,
                    form=form,
                )  # fmt: skip
            with (folder / f"{name}.csv").open(encoding="utf-8") as stream:
                header = stream.readline().rstrip("\r\n").split(",")
            fields = {f.name: f for f in layer.fields}
            resources.append(
                {
                    "name": name, "profile": "tabular-data-resource", "path": f"{name}.csv",
                    "format": "csv", "encoding": "utf-8", "mediatype": "text/csv",
                    "title": layer.title(language),
                    "description": layer.description(language),
                    "schema": {
                        "fields": [_described(layer, name, fields, language) for name in header],
                        "primaryKey": layer.id_field, "missingValues": [""],
                    },
                    "sources": [{"title": source} for source in layer.source_texts(language)],
                }
            )  # fmt: skip
        package = _package(release, heading, edition, resources, language)
        (folder / "datapackage.json").write_text(_dump(package), "utf-8")
        for code in languages():
            (folder / f"README.{code}.md").write_text(
                _readme(release, heading, rows, code), "utf-8"
            )
        with zipfile.ZipFile(temporary, "w") as archive:
            for file in sorted(folder.iterdir()):
                entry = zipfile.ZipInfo(file.name, _STAMP)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, file.read_bytes())
    return rows


def _title(language: str) -> str:
    return f"Petajaga: {text('web.tagline', language)}"


def _described(layer: Any, column: str, fields: dict[str, Field], language: str) -> dict[str, Any]:
    if column not in fields:
        kind = "number" if column.endswith(("lon", "lat")) else "string"
        return {"name": column, "type": kind}
    field = fields[column]
    described = {
        "name": column, "type": _TYPES[field.type], "title": layer.field_title(field, language),
    }  # fmt: skip
    if unit := field.unit_text(language):
        described["unit"] = unit
    return described


def _package(
    release: Release, heading: Marking, edition: Edition | None, resources: list[dict[str, Any]],
    language: str,
) -> dict[str, Any]:  # fmt: skip
    manifest = release.manifest(ANONYMOUS)
    notes = " ".join(caveat[language] for caveat in manifest["caveats"])
    approval = edition.approval if edition else None
    extras = {
        "edition": str(heading.edition or ""), "release": heading.release,
        "classification": heading.classification.in_language(language),
        "approved_by": approval.office if approval else "",
        "approval": approval.basis if approval else "",
    }  # fmt: skip
    return {
        "profile": "tabular-data-package",
        "name": "petajaga",
        "id": heading.release,
        "title": _title(language),
        "description": notes,
        "notes": notes,
        "version": str(heading.edition or heading.release),
        "created": f"{heading.day}T00:00:00Z",
        "license_id": _LICENCE_ID,
        "licenses": [{"name": "ODbL-1.0", "title": heading.licence.in_language(language)}],
        "keywords": ["tppo", "pekerja-migran-indonesia", "pencegahan"],
        "tags": [{"name": name} for name in ("tppo", "pekerja-migran-indonesia", "pencegahan")],
        "extras": [{"key": key, "value": value} for key, value in extras.items() if value],
        "sources": [{"title": source[language]} for source in manifest["attribution"]],
        "resources": resources,
    }


def _readme(release: Release, heading: Marking, rows: dict[str, int], language: str) -> str:
    manifest = release.manifest(ANONYMOUS)
    layers = [
        f"- `{name}`: {layers_for(ANONYMOUS)[name].title(language)} ({count})"
        for name, count in rows.items()
    ]
    parts = [
        f"# {_title(language)}", heading.text(language), "\n".join(layers),
        f"## {text('heading.caveats', language)}",
        "\n".join(f"- {caveat[language]}" for caveat in manifest["caveats"]),
        f"## {text('heading.sources', language)}",
        "\n".join(f"- {source[language]}" for source in manifest["attribution"]),
        f"## {text('heading.licence', language)}", heading.licence.in_language(language),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
