"""Words of the OGC pages in both languages."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TEXTS"]

TEXTS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "title": "Petajaga: lapisan data",
        "description": (
            "Lapisan peta pencegahan tindak pidana perdagangan orang (TPPO) di Indonesia: "
            "wilayah, simpul, ruas, koridor dan layanan."
        ),
        "home": "Beranda data",
        "map": "Peta",
        "conformance": "Kesesuaian standar",
        "definition": "Definisi antarmuka (OpenAPI)",
        "documentation": "Dokumentasi antarmuka",
        "collections": "Koleksi",
        "items": "Data",
        "queryables": "Bidang penyaring",
        "collection": "Koleksi",
        "next": "Halaman berikut",
        "prev": "Halaman sebelumnya",
        "matched": "cocok",
        "shown": "ditampilkan",
        "field": "Bidang",
        "value": "Nilai",
        "type": "Jenis",
        "unit": "Satuan",
        "unknown": "tidak diketahui",
        "geometry": "Letak",
        "release": "Rilis",
        "other_language": "English",
        "as_json": "Sebagai JSON",
        "rows": "baris",
        "none": "Tidak ada data.",
        "yes": "ya",
        "no": "tidak",
    },
    "en": {
        "title": "Petajaga: data layers",
        "description": (
            "Map layers for preventing trafficking in persons in Indonesia: areas, terminals, "
            "legs, corridors and services."
        ),
        "home": "Data home",
        "map": "Map",
        "conformance": "Conformance",
        "definition": "Interface definition (OpenAPI)",
        "documentation": "Interface documentation",
        "collections": "Collections",
        "items": "Data",
        "queryables": "Fields to filter by",
        "collection": "Collection",
        "next": "Next page",
        "prev": "Previous page",
        "matched": "match",
        "shown": "shown",
        "field": "Field",
        "value": "Value",
        "type": "Type",
        "unit": "Unit",
        "unknown": "unknown",
        "geometry": "Location",
        "release": "Release",
        "other_language": "Bahasa Indonesia",
        "as_json": "As JSON",
        "rows": "rows",
        "none": "There are no data.",
        "yes": "yes",
        "no": "no",
    },
}
