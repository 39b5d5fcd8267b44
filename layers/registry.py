"""The one table that decides who sees what.

Everything that writes a release, serves it, exports it or draws it reads :data:`LAYERS`; no other
place holds a rule about a tier. A layer or field a tier may not see is, for that tier, a name
that does not exist: :func:`layer_for` and :func:`fields_for` raise the same
:class:`geo.errors.UnknownNameError` for both.

The rules (docs/ARCHITECTURE.md, "layers: the release"):

* public: regency and province class; official terminals, services and legs; corridors as pairs of
  provinces in three classes; rounded counts. Nothing about posts exists at this tier.
* partner: the same, and in the *own* province the score of areas and settlements, the class of
  unofficial landings per regency, and corridors as pairs of regencies.
* police: everything.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from geo.errors import UnknownNameError
from layers.schema import (
    ALL,
    CLASS_RANK,
    PARTNER_UP,
    POLICE,
    PUBLIC_CORRIDOR_CLASSES,
    PUBLIC_DOWN,
    TIERS,
    Field,
    FieldType,
    Geometry,
    Layer,
    Tier,
    integer,
    interval,
    number,
    text,
)

__all__ = [
    "CLASS_RANK",
    "LAYERS",
    "PUBLIC_CORRIDOR_CLASSES",
    "TIERS",
    "Field",
    "FieldType",
    "Geometry",
    "Layer",
    "Tier",
    "check_tier",
    "fields_for",
    "layer_for",
    "layers_for",
]


# A table, so that it can be read as one:
# fmt: off

# Free text and sources of nodes and legs stay with the police: a note, or the title of the report
# a row rests on, can name what a lower tier may not know of.
_PROVENANCE = (
    text("as_of", "Per tanggal", "As of"),
    text("confidence", "Keyakinan (high/medium/low)", "Confidence (high/medium/low)"),
    text("source", "Sumber", "Source", POLICE),
    text("note", "Catatan", "Note", POLICE),
)

_PERSONS_ID, _PERSONS_EN = "orang/tahun", "persons/year"

_AREAS = Layer(
    "areas",
    "Wilayah",
    "Areas",
    "Kerentanan wilayah terhadap TPPO: kelas untuk umum, skor dengan rentang 90 % untuk meja lain.",
    "Vulnerability of areas to trafficking: class for the public, score with a 90 % interval for "
    "the other desks.",
    "MultiPolygon",
    (
        text("code", "Kode Kemendagri", "Kemendagri code"),
        text("name", "Nama", "Name"),
        text("level", "Tingkat (province/regency/district/village)", "Level"),
        text("parent", "Kode wilayah induk", "Code of the parent area"),
        text("province_code", "Kode provinsi", "Province code"),
        number("lat", "deg", "Lintang pusat", "Latitude of the seat", ALL, decimals=5),
        number("lon", "deg", "Bujur pusat", "Longitude of the seat", ALL, decimals=5),
        number("population", "persons", "Penduduk", "Population", ALL, decimals=0),
        text("class", "Kelas kerentanan", "Vulnerability class"),
        text("boundary", "Asal batas wilayah", "Where the boundary comes from"),
        *interval("score", "0-10", "Skor kerentanan", "Vulnerability score", PARTNER_UP, own=True),
        number(
            "rank_p05", "rank", "Peringkat, batas bawah 90 %", "Rank, 5th percentile", PARTNER_UP,
            decimals=0, own=True,
        ),
        number(
            "rank_p95", "rank", "Peringkat, batas atas 90 %", "Rank, 95th percentile", PARTNER_UP,
            decimals=0, own=True,
        ),
        number(
            "p_top_decile", "probability", "Peluang masuk sepersepuluh teratas",
            "Probability of the top decile", PARTNER_UP, decimals=3, own=True,
        ),
        Field(
            "unofficial_landings_class", "text", "", "Kelas pelabuhan tikus yang diketahui",
            "Class of known unofficial landings", PARTNER_UP, own_province=True,
        ),
        number(
            "known_share", "share", "Bagian bobot dari data wilayah sendiri",
            "Share of the weight that rests on the area's own data", ALL,
        ),
        Field(
            "gaps", "json", "", "Indikator tanpa data sendiri", "Indicators without own data", ALL,
        ),
        Field(
            "reason_id", "text", "", "Penjelasan singkat", "Explanation in Indonesian", PARTNER_UP,
            own_province=True,
        ),
        Field(
            "reason_en", "text", "", "Penjelasan singkat (Inggris)", "Explanation", PARTNER_UP,
            own_province=True,
        ),
        Field(
            "contributions", "json", "log points", "Sumbangan tiap indikator",
            "Contribution of each indicator", PARTNER_UP, own_province=True,
        ),
        Field(
            "alike", "json", "", "Wilayah yang serupa", "Areas alike", PARTNER_UP,
            own_province=True,
        ),
        Field(
            "trend", "json", "", "Perubahan antara dua tahun", "Change between two years",
            PARTNER_UP, own_province=True,
        ),
        *interval("demand", _PERSONS_EN, "Arus asal (orang/tahun)", "Demand", POLICE, decimals=1),
    ),
    id_field="code",
    partner_rows="own_below_regency",
)

_SETTLEMENTS = Layer(
    "settlements",
    "Permukiman",
    "Settlements",
    "Tempat berpenduduk dengan koordinat dari gazeter.",
    "Populated places with gazetteer coordinates.",
    "Point",
    (
        text("id", "Pengenal", "Identifier"),
        text("name", "Nama", "Name"),
        text("kind", "Jenis", "Kind"),
        text("precision", "Ketelitian koordinat", "Precision of the coordinate"),
        text("province_code", "Kode provinsi", "Province code", PARTNER_UP),
        text("regency_code", "Kode kabupaten/kota", "Regency code", PARTNER_UP),
        text("district_code", "Kode kecamatan", "District code", PARTNER_UP),
        text(
            "district_basis", "Dasar kecamatan (own/nearest)",
            "What the district rests on (own/nearest)", PARTNER_UP,
        ),
        number("population", "persons", "Penduduk", "Population", PARTNER_UP, decimals=0),
        *interval("score", "0-10", "Skor kerentanan", "Vulnerability score", PARTNER_UP),
        text("class", "Kelas kerentanan", "Vulnerability class", PARTNER_UP),
        text(
            "score_basis", "Dasar skor (settlement/regency)",
            "What the score rests on (settlement/regency)", PARTNER_UP,
        ),
        text("decided_by", "Cara menentukan wilayah", "How the area was decided", POLICE),
        *interval("demand", _PERSONS_EN, "Arus asal (orang/tahun)", "Demand", POLICE, decimals=2),
    ),
    partner_rows="own",
)

_TERMINALS = Layer(
    "terminals",
    "Simpul",
    "Terminals",
    "Pelabuhan, penyeberangan, bandara dan pos lintas batas negara yang resmi.",
    "Official seaports, ferry landings, airports and land border crossings.",
    "Point",
    (
        text("id", "Pengenal", "Identifier"),
        text("name", "Nama", "Name"),
        text("place", "Kota atau pulau", "Town or island"),
        text("kind", "Jenis", "Kind"),
        text("country", "Negara (ISO 3166)", "Country (ISO 3166)"),
        text("area_code", "Kode kabupaten/kota", "Regency code"),
        text("province_code", "Kode provinsi", "Province code"),
        text("iata", "Kode IATA", "IATA code"),
        text("precision", "Ketelitian koordinat", "Precision of the coordinate"),
        text("aliases", "Nama lain", "Other names", POLICE),
        Field("official", "boolean", "", "Resmi", "Official", POLICE),
        text("staffed_by", "Siapa bertugas", "Who is there", POLICE),
        *interval(
            "load", _PERSONS_EN, "Arus melalui simpul (orang/tahun)", "Flow through the terminal",
            POLICE, decimals=1,
        ),
        *_PROVENANCE,
    ),
)

_LEGS = Layer(
    "legs",
    "Ruas",
    "Legs",
    "Perjalanan resmi antara dua simpul: moda, jam, frekuensi dan tarif.",
    "Official movements between two terminals: mode, hours, frequency and fare.",
    "MultiLineString",
    (
        text("id", "Pengenal", "Identifier"),
        text("leg_id", "Pengenal ruas", "Identifier of the leg"),
        text("from_id", "Dari (pengenal)", "From (identifier)"),
        text("to_id", "Ke (pengenal)", "To (identifier)"),
        text("from_name", "Dari", "From"),
        text("to_name", "Ke", "To"),
        text("mode", "Moda", "Mode"),
        text("operator", "Operator", "Operator"),
        text("line", "Trayek", "Line"),
        number("length_km", "km", "Panjang (km)", "Length", ALL, decimals=1),
        number("hours", "h", "Waktu tempuh (jam)", "Travel time", ALL),
        text("hours_basis", "Dasar waktu tempuh", "Basis of the travel time"),
        number(
            "departures_per_week", "1/week", "Keberangkatan per minggu", "Departures a week", ALL
        ),
        text("departures_basis", "Dasar frekuensi", "Basis of the departures"),
        number("fare_idr", "IDR", "Tarif (Rp)", "Fare", ALL, decimals=0),
        number("fare_year", "year", "Tahun tarif", "Year of the fare", ALL, decimals=0),
        Field("assumed", "boolean", "", "Diasumsikan", "Assumed", ALL),
        Field("official", "boolean", "", "Resmi", "Official", POLICE),
        number("generalised_hours", "h", "Biaya umum (jam)", "Generalised cost", POLICE),
        *interval("flow", _PERSONS_EN, "Arus (orang/tahun)", "Flow", POLICE, decimals=1),
        *_PROVENANCE,
    ),
)

_CORRIDORS = Layer(
    "corridors",
    "Koridor",
    "Corridors",
    "Koridor dari asal ke tujuan beserta kelas risikonya.",
    "Corridors from origin to destination with their risk class.",
    "MultiLineString",
    (
        text("id", "Pengenal", "Identifier"),
        text("name", "Nama", "Name"),
        text("class", "Kelas risiko", "Risk class"),
        text("origin_code", "Kode asal", "Origin code", PUBLIC_DOWN),
        text("origin_name", "Asal", "Origin", PUBLIC_DOWN),
        text("province_code", "Kode provinsi asal", "Province code of the origin", PUBLIC_DOWN),
        text(
            "destination_code", "Kode tujuan (kode wilayah atau negara)",
            "Destination code (area or country)", PUBLIC_DOWN,
        ),
        text("destination_name", "Tujuan", "Destination"),
        text("destination_id", "Pengenal tujuan", "Identifier of the destination", POLICE),
        text("destination_area", "Wilayah tujuan", "Area of the destination", POLICE),
        Field("waypoints", "json", "", "Simpul yang dilalui", "Waypoints", POLICE),
        *interval("persons", _PERSONS_EN, "Arus (orang/tahun)", "Flow", POLICE, decimals=1),
        *interval("score", "0-10", "Skor risiko", "Risk score", POLICE),
        number(
            "volume", _PERSONS_EN, "Komponen: arus", "Component: flow", POLICE
        ),
        number(
            "vulnerability", "0-10", "Komponen: kerentanan asal",
            "Component: vulnerability of the origins", POLICE,
        ),
        number(
            "unofficial_share", "share", "Komponen: bagian lewat simpul tak resmi",
            "Component: share through unofficial terminals", POLICE, decimals=4,
        ),
        number(
            "hazard", "0-10", "Komponen: bahaya di tujuan", "Component: hazard at the destination",
            POLICE,
        ),
        Field("origins", "json", "", "Wilayah asal", "Origins", POLICE),
    ),
    partner_rows="own",
)

_SERVICES = Layer(
    "services",
    "Layanan",
    "Services",
    "Kantor layanan pencegahan, perlindungan dan penempatan (alamat kantor).",
    "Offices for prevention, protection and placement (office level).",
    "Point",
    (
        text("id", "Pengenal", "Identifier"),
        text("kind", "Jenis", "Kind"),
        text("name", "Nama", "Name"),
        text("area_code", "Kode wilayah", "Area code"),
        text("province_code", "Kode provinsi", "Province code"),
        text("place", "Kota", "Town"),
        text("jurisdiction", "Wilayah kerja", "Jurisdiction"),
        text("precision", "Ketelitian koordinat", "Precision of the coordinate"),
        text("as_of", "Per tanggal", "As of"),
        text("confidence", "Keyakinan (high/medium/low)", "Confidence (high/medium/low)"),
        text("source", "Sumber", "Source"),
        text("note", "Catatan", "Note", POLICE),
    ),
)

_COUNTS = Layer(
    "counts",
    "Kasus dan pencegahan keberangkatan",
    "Cases and interceptions",
    "Jumlah yang dilaporkan per wilayah dan tahun (kadang sebagian tahun), dibulatkan acak ke "
    "kelipatan 5; total adalah jumlah sel yang sudah dibulatkan. Mencerminkan penegakan sekaligus "
    "arus.",
    "Reported counts by area and year (some of part of the year), randomly rounded to base 5; "
    "totals are sums of rounded cells. They measure enforcement as well as flow.",
    "Point",
    (
        text("id", "Pengenal", "Identifier"),
        text("area_code", "Kode wilayah", "Area code"),
        text("area_name", "Wilayah", "Area"),
        text("level", "Tingkat (regency/province)", "Level (regency/province)"),
        text("province_code", "Kode provinsi", "Province code"),
        integer("year", "year", "Tahun", "Year"),
        text("measure", "Ukuran", "Measure"),
        text("unit", "Satuan", "Unit"),
        integer("value", "count", "Jumlah (dibulatkan)", "Count (rounded)"),
        Field("total", "boolean", "", "Total dari sel", "Sum of cells", ALL),
        integer("cells", "count", "Banyaknya sel", "Number of cells"),
    ),
)

_HOTSPOTS = Layer(
    "hotspots",
    "Titik panas",
    "Hot spots",
    "Kecamatan yang bersama tetangganya memiliki laju arus asal lebih tinggi atau lebih rendah "
    "daripada kebetulan (Getis-Ord Gi*, laju temuan palsu dikendalikan).",
    "Districts whose neighbourhood has a rate of departures beyond chance (Getis-Ord Gi*, with the "
    "false-discovery rate controlled).",
    "Point",
    (
        text("code", "Kode wilayah (Kemendagri)", "Area code (Kemendagri)", PARTNER_UP),
        text("name", "Nama", "Name", PARTNER_UP),
        text("province_code", "Kode provinsi", "Province code", PARTNER_UP),
        text("regency_code", "Kode kabupaten/kota", "Regency code", PARTNER_UP),
        text(
            "class", "Kelas (hot/cold/not_significant/not_assessed)",
            "Class (hot/cold/not_significant/not_assessed)", PARTNER_UP,
        ),
        number(
            "rate", "persons/year/100,000", "Arus asal per 100.000 penduduk per tahun",
            "Expected departures a year per 100,000 people", POLICE, decimals=1,
        ),
        number("gi_star", "z", "Gi* (simpangan baku)", "Gi* (standard deviate)", POLICE),
        number("p_value", "probability", "Nilai p", "p-value", POLICE, decimals=4),
        number(
            "q_value", "probability", "Nilai q (laju temuan palsu)",
            "q-value (false-discovery rate)", POLICE, decimals=4,
        ),
    ),
    id_field="code",
    partner_rows="own",
    tiers=PARTNER_UP,
)

_POSTS = Layer(
    "posts",
    "Pos",
    "Posts",
    "Pos pemeriksaan pada simpul.",
    "Staffed checkpoints at terminals.",
    "Point",
    (
        text("id", "Pengenal", "Identifier", POLICE),
        text("terminal_id", "Simpul", "Terminal", POLICE),
        text("terminal_name", "Nama simpul", "Name of the terminal", POLICE),
        text("name", "Nama", "Name", POLICE),
        text("since", "Sejak", "Since", POLICE),
        text("duties", "Tugas", "Duties", POLICE),
        *interval(
            "load", _PERSONS_EN, "Arus melalui simpul (orang/tahun)", "Flow through the terminal",
            POLICE, decimals=1,
        ),
        text("as_of", "Per tanggal", "As of", POLICE),
        text("confidence", "Keyakinan (high/medium/low)", "Confidence (high/medium/low)", POLICE),
        text("source", "Sumber", "Source", POLICE),
        text("note", "Catatan", "Note", POLICE),
    ),
    tiers=POLICE,
)

LAYERS: Mapping[str, Layer] = MappingProxyType(
    {
        layer.name: layer
        for layer in (
            _AREAS,
            _CORRIDORS,
            _COUNTS,
            _HOTSPOTS,
            _LEGS,
            _POSTS,
            _SERVICES,
            _SETTLEMENTS,
            _TERMINALS,
        )
    }
)
"""Every layer of a release by name; immutable."""

# fmt: on


def check_tier(tier: str) -> Tier:
    """Return ``tier`` if it is one of the three, else raise :class:`UnknownNameError`."""
    for known in TIERS:
        if known == tier:
            return known
    raise UnknownNameError(
        f"No tier {tier!r}; use one of {', '.join(TIERS)}.", matches=TIERS, field="tier"
    )


def layers_for(tier: str) -> Mapping[str, Layer]:
    """The layers that exist for ``tier``, by name, in alphabetical order."""
    known = check_tier(tier)
    return {name: layer for name, layer in sorted(LAYERS.items()) if known in layer.tiers}


def layer_for(name: str, tier: str) -> Layer:
    """The layer called ``name`` at ``tier``.

    Raises
    ------
    UnknownNameError
        No such layer at this tier; the same error whether it is hidden or does not exist, and
        only names the tier may see are suggested.
    """
    known = layers_for(tier)
    if name in known:
        return known[name]
    raise UnknownNameError(
        f"No layer {name!r}; the layers are {', '.join(known)}.",
        matches=difflib.get_close_matches(name, list(known), n=3),
        field="layer",
    )


def fields_for(layer: Layer, tier: str) -> tuple[Field, ...]:
    """The fields of ``layer`` that exist for ``tier``, in the order of the file's columns."""
    known = check_tier(tier)
    return tuple(f for f in layer.fields if known in f.tiers)
