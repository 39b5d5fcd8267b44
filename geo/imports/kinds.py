"""The kinds of import: columns, their aliases and HXL tags, and an example row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from geo.errors import InputError
from geo.i18n.catalogue import DEFAULT_LANGUAGE, text
from geo.imports.columns import Column, Kind
from geo.modes import MODES

__all__ = ["COUNTS", "KINDS", "kind_named", "template"]


_YES = ("yes", "no")
_LEVELS = ("high", "medium", "low")
_PROVENANCE = (
    Column(
        name="source",
        aliases=("sumber",),
        hxl=("#meta+source",),
        example="BPS, Susenas 2024",
    ),
    Column(name="as_of", role="date", aliases=("per", "tanggal_data"), hxl=("#date+reported",)),
    Column(name="confidence", role="choice", choices=_LEVELS, default="medium"),
    Column(name="note", aliases=("catatan", "keterangan"), hxl=("#description",)),
)
_KEPT = ("source", "as_of", "confidence", "note")
_PRECISIONS = ("surveyed", "gazetteer", "matched", "approximate")
_CODE = ("kode", "kode_wilayah", "kode_kemendagri", "area_code", "pcode", "code")
_LAT = Column(
    name="lat",
    role="lat",
    aliases=("latitude", "lintang", "y"),
    hxl=("#geo+lat",),
    example="-9.86071",
)
_LON = Column(
    name="lon",
    role="lon",
    aliases=("long", "lng", "longitude", "bujur", "x"),
    hxl=("#geo+lon",),
    example="124.28395",
)
_GEOMETRY = Column(name="geometry", role="geometry", aliases=("wkt", "geom", "the_geom"))
_YEAR = Column(
    name="year",
    role="year",
    required=True,
    aliases=("tahun",),
    hxl=("#date+year", "#date"),
    example="2024",
)
_AREA = Column(
    name="area_code",
    role="place_code",
    required=True,
    aliases=("code", "kode", "kode_wilayah", "kode_kemendagri", "pcode"),
    hxl=("#adm1+code", "#adm2+code", "#adm3+code", "#adm4+code", "#loc+code"),
    example="53.02",
)


def _unused(name: str, *aliases: str) -> Column:
    return Column(name=name, role="unused", aliases=aliases)


PLACES = Kind(
    name="places",
    key=("code",),
    geometry="point",
    columns=(
        Column(
            name="code",
            role="place_code",
            required=True,
            aliases=(*_CODE[:3], "kode_desa", "village_code", "pcode"),
            hxl=("#adm4+code", "#loc+code"),
            example="53.02.01.1001",
        ),
        Column(
            name="name",
            required=True,
            aliases=("nama", "nama_desa", "desa", "village_name", "village"),
            hxl=("#adm4+name", "#loc+name"),
            example="Soe",
        ),
        _LAT,
        _LON,
        Column(
            name="population",
            role="count",
            aliases=("penduduk", "jumlah_penduduk", "pop"),
            hxl=("#population",),
            high=1e6,
            example="40190",
        ),
        Column(name="precision", role="choice", choices=_PRECISIONS, default="surveyed"),
        _GEOMETRY,
        _unused("area_km2", "luas_km2", "luas"),
        _unused("prov_code", "province_code", "kode_provinsi"),
        _unused("kab_code", "regency_code", "kode_kabupaten"),
        _unused("kec_code", "district_code", "kode_kecamatan"),
        _unused("bps_code", "kode_bps"),
        _unused("pt"),
        _unused("source", "sumber"),
        _unused("as_of", "tanggal_data"),
        _unused("note", "catatan", "keterangan"),
    ),
    kept=("code", "name", "lat", "lon", "population", "precision"),
)
BOUNDARIES = Kind(
    name="boundaries",
    key=("code",),
    geometry="polygon",
    columns=(
        Column(
            name="code",
            role="place_code",
            required=True,
            aliases=(*_CODE[:3], "kab_code", "kode_kabupaten", "regency_code", "pcode"),
            hxl=("#adm2+code", "#adm3+code", "#adm4+code", "#loc+code"),
            example="53.02",
        ),
        Column(
            name="name",
            aliases=("nama", "nama_kabupaten", "kabupaten", "regency"),
            hxl=("#adm2+name", "#adm3+name", "#adm4+name", "#loc+name"),
            example="Kabupaten Timor Tengah Selatan",
        ),
        Column(
            name="geometry",
            role="geometry",
            required=True,
            aliases=_GEOMETRY.aliases,
            example="POLYGON ((124 -10, 125 -10, 125 -9, 124 -9, 124 -10))",
        ),
        _unused("prov_code", "province_code", "kode_provinsi"),
        _unused("kec_code", "district_code", "kode_kecamatan"),
        _unused("bps_code", "kode_bps"),
        _unused("area_km2", "luas_km2", "luas", "shape_area"),
        _unused("shape_leng", "shape_length"),
        _unused("objectid", "fid", "ogc_fid"),
        _unused("source", "sumber"),
    ),
    kept=("code", "name", "geometry"),
)
INDICATORS = Kind(
    name="indicators",
    key=("area_code", "indicator", "year"),
    columns=(
        _AREA,
        Column(
            name="indicator",
            role="slug",
            required=True,
            aliases=("indikator",),
            hxl=("#indicator+code", "#indicator+name"),
            example="poverty_rate",
        ),
        _YEAR,
        Column(
            name="value",
            role="number",
            required=True,
            aliases=("nilai",),
            hxl=("#indicator+value", "#value"),
            low=-1e15,
            high=1e15,
            example="24.68",
        ),
        Column(
            name="unit",
            required=True,
            aliases=("satuan",),
            hxl=("#indicator+unit", "#value+unit"),
            example="percent",
        ),
        Column(
            name="source",
            required=True,
            aliases=("sumber",),
            hxl=("#meta+source",),
            example="BPS, Susenas 2024",
        ),
        Column(name="table", aliases=("tabel",)),
        *_PROVENANCE[1:],
    ),
    kept=("area_code", "indicator", "year", "value", "unit", "source", "table", *_KEPT[1:]),
)
COUNTS = Kind(
    name="counts",
    key=("place_code", "terminal_id", "year", "period", "measure", "origin_code"),
    replaces=("place_code", "terminal_id", "year", "measure", "origin_code"),
    columns=(
        Column(
            name="place_code",
            role="place_code",
            required=True,
            aliases=(*_AREA.aliases, "area_code"),
            hxl=_AREA.hxl,
            example="53.71",
        ),
        _YEAR,
        Column(
            name="measure",
            role="slug",
            required=True,
            aliases=("ukuran",),
            hxl=("#indicator+code", "#indicator+name"),
            example="persons_stopped",
        ),
        Column(
            name="value",
            role="count",
            required=True,
            aliases=("nilai", "jumlah"),
            hxl=("#indicator+value", "#affected", "#value"),
            high=1e7,
            example="0",
        ),
        Column(name="unit", aliases=("satuan",), hxl=("#value+unit",), default="persons"),
        Column(name="terminal_id", role="slug", aliases=("simpul",)),
        Column(name="period", role="date", aliases=("periode",), hxl=("#date+period",)),
        Column(name="kind", role="slug", aliases=("jenis",)),
        Column(name="origin_code", role="place_code", aliases=("kode_asal",)),
        Column(name="effort", role="number", low=0.0, high=1e9),
        Column(name="overlaps"),
        *_PROVENANCE,
    ),
    kept=(
        *("id", "place_code", "terminal_id", "year", "period", "measure", "kind", "value", "unit"),
        *("origin_code", "effort", "overlaps", *_KEPT),
    ),
)
TERMINALS = Kind(
    name="terminals",
    key=("id",),
    geometry="point",
    columns=(
        Column(name="id", role="slug", aliases=("kode_simpul",), example="tenau"),
        Column(
            name="name",
            required=True,
            aliases=("nama",),
            hxl=("#loc+name",),
            example="Pelabuhan Tenau",
        ),
        Column(
            name="kind",
            role="choice",
            required=True,
            aliases=("jenis",),
            choices=("seaport", "ferry", "airport", "border_post", "unofficial"),
            hxl=("#loc+type",),
            example="seaport",
        ),
        replace(_LAT, example="-10.1934"),
        replace(_LON, example="123.52689"),
        Column(name="aliases", aliases=("alias",)),
        Column(name="place", aliases=("tempat", "kota")),
        Column(name="country", role="country", aliases=("negara",), default="ID"),
        Column(
            name="area_code",
            role="place_code",
            aliases=("kode", "kode_wilayah", "kab_code", "regency_code"),
            hxl=("#adm2+code",),
            example="53.71",
        ),
        Column(name="precision", role="choice", choices=_PRECISIONS, default="approximate"),
        Column(name="iata"),
        Column(name="staffed_by"),
        _GEOMETRY,
        *_PROVENANCE,
    ),
    kept=(
        *("id", "name", "aliases", "place", "kind", "country", "area_code", "lat", "lon"),
        *("precision", "iata", "staffed_by", *_KEPT),
    ),
)
LEGS = Kind(
    name="legs",
    key=("id",),
    replaces=("from_id", "to_id", "mode"),
    columns=(
        Column(name="id", role="slug"),
        Column(
            name="from_id", role="slug", required=True, aliases=("from", "dari"), example="tenau"
        ),
        Column(name="to_id", role="slug", required=True, aliases=("to", "ke"), example="larantuka"),
        Column(
            name="mode",
            role="choice",
            required=True,
            aliases=("moda",),
            choices=tuple(MODES),
            example="ferry",
        ),
        Column(name="operator"),
        Column(name="line", aliases=("trayek",)),
        Column(name="hours", role="number", aliases=("jam",), low=0.01, high=1000, example="12.5"),
        Column(name="departures_per_week", role="number", low=0.001, high=5000, example="2"),
        Column(name="fare_idr", role="number", aliases=("tarif",), low=0.0, high=1e8),
        Column(name="fare_year", role="year"),
        Column(name="length_km", role="number", low=0.01, high=20_000),
        Column(name="both_ways", role="choice", choices=_YES, default="yes"),
        Column(name="official", role="choice", choices=_YES, default="yes"),
        Column(name="assumed", role="choice", choices=_YES, default="no"),
        *_PROVENANCE,
    ),
    kept=(
        *("id", "from_id", "to_id", "mode", "operator", "line", "hours", "hours_basis"),
        *("departures_per_week", "departures_basis", "fare_idr", "fare_year", "both_ways"),
        *("official", "assumed", *_KEPT, "length_km"),
    ),
)
OUTREACH = Kind(
    name="outreach",
    key=("area_code", "organisation", "year"),
    columns=(
        Column(
            name="area_code",
            role="place_code",
            required=True,
            aliases=(*_AREA.aliases, "kode_desa"),
            hxl=_AREA.hxl,
            example="53.02.01.1001",
        ),
        Column(
            name="organisation",
            required=True,
            aliases=("organization", "organisasi", "lembaga"),
            hxl=("#org", "#org+name"),
            example="Rumah Perempuan",
        ),
        _YEAR,
        _PROVENANCE[0],
        _PROVENANCE[3],
    ),
    kept=("area_code", "organisation", "year", "source", "note"),
)
NETWORK = Kind(name="network", columns=(), key=())

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (PLACES, BOUNDARIES, INDICATORS, COUNTS, TERMINALS, LEGS, NETWORK, OUTREACH)
    }
)
"""Every kind by its name."""


def kind_named(name: str) -> Kind:
    """The kind of that name; :class:`InputError` if there is none."""
    if name not in KINDS:
        raise InputError("imports.unknown_kind", field="kind", kind=name, kinds=list(KINDS))
    return KINDS[name]


def template(kind: Kind, language: str = DEFAULT_LANGUAGE) -> str:
    """A CSV with the headings of a kind, their HXL tags and one example row; else a guide."""
    if not kind.columns:
        return text(f"import_guide.{kind.name}", language) + "\n"
    wanted = [
        column
        for column in kind.columns
        if column.role != "unused" and (column.required or column.name != "geometry")
    ]

    def quoted(cell: str) -> str:
        return f'"{cell}"' if "," in cell else cell

    rows = (
        [column.name for column in wanted],
        [column.hxl[0] if column.hxl else "" for column in wanted],
        [quoted(column.example or column.default) for column in wanted],
    )
    return "".join(",".join(row) + "\n" for row in rows)
