"""Values of a release in words: Bahasa Indonesia first, English second."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["VALUE_WORDS"]

VALUE_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "very_low": ("sangat rendah", "very low"),
        "low": ("rendah", "low"),
        "medium": ("sedang", "medium"),
        "high": ("tinggi", "high"),
        "very_high": ("sangat tinggi", "very high"),
        "not_assessed": ("belum dinilai", "not assessed"),
        "seaport": ("pelabuhan laut", "seaport"),
        "ferry": ("pelabuhan penyeberangan", "ferry landing"),
        "airport": ("bandar udara", "airport"),
        "border_post": ("pos lintas batas negara", "land border crossing"),
        "unofficial": ("pelabuhan tikus", "unofficial landing"),
        "settlement": ("permukiman", "settlement"),
        "province": ("provinsi", "province"),
        "regency": ("kabupaten/kota", "regency"),
        "district": ("kecamatan", "district"),
        "village": ("desa/kelurahan", "village"),
        "passenger_ship": ("kapal penumpang", "passenger ship"),
        "fast_boat": ("kapal cepat", "fast boat"),
        "small_boat": ("perahu kecil", "small boat"),
        "air": ("udara", "air"),
        "bus": ("bus", "bus"),
        "road": ("jalan darat", "road"),
        "walk": ("jalan kaki", "on foot"),
        "approximate": ("pendekatan", "approximate"),
        "gazetteer": ("gazeter", "gazetteer"),
        "matched": ("dicocokkan", "matched"),
        "surveyed": ("disurvei", "surveyed"),
        "official": ("resmi", "official"),
    }
)
