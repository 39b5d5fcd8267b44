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
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from geo.errors import UnknownNameError

__all__ = [
    "CLASSES",
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

Tier = Literal["public", "partner", "police"]
FieldType = Literal["text", "integer", "number", "boolean", "json"]
Geometry = Literal["Point", "MultiPolygon", "MultiLineString", "None"]

TIERS: tuple[Tier, ...] = ("public", "partner", "police")
CLASSES = ("very low", "low", "medium", "high", "very high", "unknown")
CLASS_RANK: Mapping[str, int] = MappingProxyType(
    {name: rank for rank, name in enumerate(CLASSES[:-1])}
)
PUBLIC_CORRIDOR_CLASSES = ("low", "medium", "high")

ALL: frozenset[Tier] = frozenset(TIERS)
PARTNER_UP: frozenset[Tier] = frozenset({"partner", "police"})
PUBLIC_DOWN: frozenset[Tier] = frozenset({"public", "partner"})
POLICE: frozenset[Tier] = frozenset({"police"})
PARTNER: frozenset[Tier] = frozenset({"partner"})


@dataclass(frozen=True)
class Field:
    """One column of a layer.

    ``own_province`` marks a value that a partner gets only in rows of the own province (null
    elsewhere). ``decimals`` is how many digits of a number are published. ``json`` fields hold a
    JSON text in the file and nested JSON in GeoJSON; they cannot be filtered or sorted.
    """

    name: str
    type: FieldType
    unit: str
    title_id: str
    title_en: str
    tiers: frozenset[Tier]
    decimals: int = 2
    own_province: bool = False

    @property
    def queryable(self) -> bool:
        """Whether a filter or a sort may name this field."""
        return self.type != "json"


@dataclass(frozen=True)
class Layer:
    """One layer of the release: names, geometry, fields and the partner's row rule.

    ``partner_rows`` says which rows a partner sees: ``all``; ``own`` (rows whose
    ``province_code`` is the own province); ``own_below_regency`` (provinces and regencies of the
    whole country, districts and villages of the own province).
    """

    name: str
    title_id: str
    title_en: str
    description_id: str
    description_en: str
    geometry: Geometry
    fields: tuple[Field, ...]
    id_field: str = "id"
    partner_rows: Literal["all", "own", "own_below_regency"] = "all"
    tiers: frozenset[Tier] = field(default=ALL)


def _t(name: str, title_id: str, title_en: str, tiers: frozenset[Tier] = ALL) -> Field:
    return Field(name, "text", "", title_id, title_en, tiers)


def _n(
    name: str,
    unit: str,
    title_id: str,
    title_en: str,
    tiers: frozenset[Tier],
    *,
    decimals: int = 2,
    own: bool = False,
) -> Field:
    return Field(name, "number", unit, title_id, title_en, tiers, decimals, own)


def _i(name: str, unit: str, title_id: str, title_en: str, tiers: frozenset[Tier] = ALL) -> Field:
    return Field(name, "integer", unit, title_id, title_en, tiers)


def _interval(
    stem: str,
    unit: str,
    title_id: str,
    title_en: str,
    tiers: frozenset[Tier],
    *,
    decimals: int = 2,
    own: bool = False,
) -> tuple[Field, ...]:
    """Mean and the ends of the 90 % interval of one quantity."""
    ends = (("mean", "", ""), ("p05", ", batas bawah 90 %", ", 5th percentile"))
    ends += (("p95", ", batas atas 90 %", ", 95th percentile"),)
    return tuple(
        _n(f"{stem}_{e}", unit, title_id + i, title_en + n, tiers, decimals=decimals, own=own)
        for e, i, n in ends
    )


# Free text and sources of nodes and legs stay with the police: a note, or the title of the report
# a row rests on, can name what a lower tier may not know of.
_PROVENANCE = (
    _t("as_of", "Per tanggal", "As of"),
    _t("confidence", "Keyakinan (high/medium/low)", "Confidence (high/medium/low)"),
    _t("source", "Sumber", "Source", POLICE),
    _t("note", "Catatan", "Note", POLICE),
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
        _t("code", "Kode Kemendagri", "Kemendagri code"),
        _t("name", "Nama", "Name"),
        _t("level", "Tingkat (province/regency/district/village)", "Level"),
        _t("parent", "Kode wilayah induk", "Code of the parent area"),
        _t("province_code", "Kode provinsi", "Province code"),
        _n("lat", "deg", "Lintang pusat", "Latitude of the seat", ALL, decimals=5),
        _n("lon", "deg", "Bujur pusat", "Longitude of the seat", ALL, decimals=5),
        _n("population", "persons", "Penduduk", "Population", ALL, decimals=0),
        _t("class", "Kelas kerentanan", "Vulnerability class"),
        _t("boundary", "Asal batas wilayah", "Where the boundary comes from"),
        *_interval("score", "0-10", "Skor kerentanan", "Vulnerability score", PARTNER_UP, own=True),
        _n("rank_p05", "rank", "Peringkat, batas bawah 90 %", "Rank, 5th percentile", PARTNER_UP,
           decimals=0, own=True),
        _n("rank_p95", "rank", "Peringkat, batas atas 90 %", "Rank, 95th percentile", PARTNER_UP,
           decimals=0, own=True),
        _n("p_top_decile", "probability", "Peluang masuk sepersepuluh teratas",
           "Probability of the top decile", PARTNER_UP, decimals=3, own=True),
        Field("unofficial_landings_class", "text", "",
              "Kelas pelabuhan tikus yang diketahui", "Class of known unofficial landings",
              PARTNER_UP, own_province=True),
        *_interval("demand", _PERSONS_EN, "Arus asal (orang/tahun)", "Demand", POLICE, decimals=1),
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
        _t("id", "Pengenal", "Identifier"),
        _t("name", "Nama", "Name"),
        _t("kind", "Jenis", "Kind"),
        _t("precision", "Ketelitian koordinat", "Precision of the coordinate"),
        _t("province_code", "Kode provinsi", "Province code", PARTNER_UP),
        _t("regency_code", "Kode kabupaten/kota", "Regency code", PARTNER_UP),
        _n("population", "persons", "Penduduk", "Population", PARTNER_UP, decimals=0),
        *_interval("score", "0-10", "Skor kerentanan", "Vulnerability score", PARTNER_UP),
        _t("class", "Kelas kerentanan", "Vulnerability class", PARTNER_UP),
        _t("score_basis", "Dasar skor (settlement/regency)",
           "What the score rests on (settlement/regency)", PARTNER_UP),
        _t("decided_by", "Cara menentukan wilayah", "How the area was decided", POLICE),
        *_interval("demand", _PERSONS_EN, "Arus asal (orang/tahun)", "Demand", POLICE, decimals=2),
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
        _t("id", "Pengenal", "Identifier"),
        _t("name", "Nama", "Name"),
        _t("place", "Kota atau pulau", "Town or island"),
        _t("kind", "Jenis", "Kind"),
        _t("country", "Negara (ISO 3166)", "Country (ISO 3166)"),
        _t("area_code", "Kode kabupaten/kota", "Regency code"),
        _t("province_code", "Kode provinsi", "Province code"),
        _t("iata", "Kode IATA", "IATA code"),
        _t("precision", "Ketelitian koordinat", "Precision of the coordinate"),
        _t("aliases", "Nama lain", "Other names", POLICE),
        Field("official", "boolean", "", "Resmi", "Official", POLICE),
        _t("staffed_by", "Siapa bertugas", "Who is there", POLICE),
        *_interval("load", _PERSONS_EN, "Arus melalui simpul (orang/tahun)",
                   "Flow through the terminal", POLICE, decimals=1),
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
        _t("id", "Pengenal", "Identifier"),
        _t("leg_id", "Pengenal ruas", "Identifier of the leg"),
        _t("from_id", "Dari (pengenal)", "From (identifier)"),
        _t("to_id", "Ke (pengenal)", "To (identifier)"),
        _t("from_name", "Dari", "From"),
        _t("to_name", "Ke", "To"),
        _t("mode", "Moda", "Mode"),
        _t("operator", "Operator", "Operator"),
        _t("line", "Trayek", "Line"),
        _n("length_km", "km", "Panjang (km)", "Length", ALL, decimals=1),
        _n("hours", "h", "Waktu tempuh (jam)", "Travel time", ALL),
        _t("hours_basis", "Dasar waktu tempuh", "Basis of the travel time"),
        _n("departures_per_week", "1/week", "Keberangkatan per minggu", "Departures a week", ALL),
        _t("departures_basis", "Dasar frekuensi", "Basis of the departures"),
        _n("fare_idr", "IDR", "Tarif (Rp)", "Fare", ALL, decimals=0),
        _n("fare_year", "year", "Tahun tarif", "Year of the fare", ALL, decimals=0),
        Field("assumed", "boolean", "", "Diasumsikan", "Assumed", ALL),
        Field("official", "boolean", "", "Resmi", "Official", POLICE),
        _n("generalised_hours", "h", "Biaya umum (jam)", "Generalised cost", POLICE),
        *_interval("flow", _PERSONS_EN, "Arus (orang/tahun)", "Flow", POLICE, decimals=1),
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
        _t("id", "Pengenal", "Identifier"),
        _t("name", "Nama", "Name"),
        _t("class", "Kelas risiko", "Risk class"),
        _t("origin_code", "Kode asal", "Origin code", PUBLIC_DOWN),
        _t("origin_name", "Asal", "Origin", PUBLIC_DOWN),
        _t("province_code", "Kode provinsi asal", "Province code of the origin", PUBLIC_DOWN),
        _t("destination_code", "Kode tujuan (kode wilayah atau negara)",
           "Destination code (area or country)", PUBLIC_DOWN),
        _t("destination_name", "Tujuan", "Destination"),
        _t("destination_id", "Pengenal tujuan", "Identifier of the destination", POLICE),
        _t("destination_area", "Wilayah tujuan", "Area of the destination", POLICE),
        Field("waypoints", "json", "", "Simpul yang dilalui", "Waypoints", POLICE),
        *_interval("persons", _PERSONS_EN, "Arus (orang/tahun)", "Flow", POLICE, decimals=1),
        *_interval("score", "0-10", "Skor risiko", "Risk score", POLICE),
        _n("volume", "0-10", "Komponen: volume", "Component: volume", POLICE),
        _n("vulnerability", "0-10", "Komponen: kerentanan asal",
           "Component: vulnerability of the origins", POLICE),
        _n("unofficial_share", "share", "Komponen: bagian lewat simpul tak resmi",
           "Component: share through unofficial terminals", POLICE, decimals=4),
        _n("hazard", "0-10", "Komponen: bahaya di tujuan", "Component: hazard at the destination",
           POLICE),
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
        _t("id", "Pengenal", "Identifier"),
        _t("kind", "Jenis", "Kind"),
        _t("name", "Nama", "Name"),
        _t("area_code", "Kode wilayah", "Area code"),
        _t("province_code", "Kode provinsi", "Province code"),
        _t("place", "Kota", "Town"),
        _t("jurisdiction", "Wilayah kerja", "Jurisdiction"),
        _t("precision", "Ketelitian koordinat", "Precision of the coordinate"),
        _t("as_of", "Per tanggal", "As of"),
        _t("confidence", "Keyakinan (high/medium/low)", "Confidence (high/medium/low)"),
        _t("source", "Sumber", "Source"),
        _t("note", "Catatan", "Note", POLICE),
    ),
)

_COUNTS = Layer(
    "counts",
    "Kasus dan pencegahan keberangkatan",
    "Cases and interceptions",
    "Jumlah per wilayah dan tahun, dibulatkan acak ke kelipatan 5; total adalah jumlah sel yang "
    "sudah dibulatkan. Mencerminkan penegakan sekaligus arus.",
    "Counts by area and year, randomly rounded to base 5; totals are sums of rounded cells. They "
    "measure enforcement as well as flow.",
    "Point",
    (
        _t("id", "Pengenal", "Identifier"),
        _t("area_code", "Kode wilayah", "Area code"),
        _t("area_name", "Wilayah", "Area"),
        _t("level", "Tingkat (regency/province)", "Level (regency/province)"),
        _t("province_code", "Kode provinsi", "Province code"),
        _i("year", "year", "Tahun", "Year"),
        _t("measure", "Ukuran", "Measure"),
        _t("unit", "Satuan", "Unit"),
        _i("value", "count", "Jumlah (dibulatkan)", "Count (rounded)"),
        Field("total", "boolean", "", "Total dari sel", "Sum of cells", ALL),
        _i("cells", "count", "Banyaknya sel", "Number of cells"),
    ),
)

_POSTS = Layer(
    "posts",
    "Pos",
    "Posts",
    "Pos pemeriksaan pada simpul.",
    "Staffed checkpoints at terminals.",
    "Point",
    (
        _t("id", "Pengenal", "Identifier", POLICE),
        _t("terminal_id", "Simpul", "Terminal", POLICE),
        _t("terminal_name", "Nama simpul", "Name of the terminal", POLICE),
        _t("name", "Nama", "Name", POLICE),
        _t("since", "Sejak", "Since", POLICE),
        _t("duties", "Tugas", "Duties", POLICE),
        *_interval("load", _PERSONS_EN, "Arus melalui simpul (orang/tahun)",
                   "Flow through the terminal", POLICE, decimals=1),
        _t("as_of", "Per tanggal", "As of", POLICE),
        _t("confidence", "Keyakinan (high/medium/low)", "Confidence (high/medium/low)", POLICE),
        _t("source", "Sumber", "Source", POLICE),
        _t("note", "Catatan", "Note", POLICE),
    ),
    tiers=POLICE,
)

LAYERS: Mapping[str, Layer] = MappingProxyType(
    {
        layer.name: layer
        for layer in (
            _AREAS, _CORRIDORS, _COUNTS, _LEGS, _POSTS, _SERVICES, _SETTLEMENTS, _TERMINALS
        )
    }
)
"""Every layer of a release by name; immutable."""


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
