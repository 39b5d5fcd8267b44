"""The kinds of import: columns, their aliases and HXL tags, and an example row."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from geo.checks import CHECK_FIELDS
from geo.counts import COUNT_CHOICES, COUNT_SERIES
from geo.errors import InputError
from geo.i18n.catalogue import DEFAULT_LANGUAGE, text
from geo.imports.columns import Column, Kind
from geo.leg_ranges import RANGES
from geo.modes import MODES

__all__ = [
    "ACTION_PLAN",
    "BUDGET",
    "COUNTS",
    "KINDS",
    "PLANNING_CALENDAR",
    "kind_named",
    "template",
]


_YES = ("yes", "no")
_LEVELS = ("high", "medium", "low")
_PROVENANCE = (
    Column("source", aliases=("sumber",), hxl=("#meta+source",), example="BPS, Susenas 2024"),
    Column("as_of", "date", aliases=("per", "tanggal_data"), hxl=("#date+reported",)),
    Column(
        "confidence",
        "choice",
        aliases=("keyakinan", "tingkat_keyakinan"),
        choices=_LEVELS,
        default="medium",
    ),
    Column("note", aliases=("catatan", "keterangan", "ket"), hxl=("#description",)),
)
_KEPT = ("source", "as_of", "confidence", "note")
_PRECISIONS = ("surveyed", "gazetteer", "matched", "approximate")
_CODE = ("kode", "kode_wilayah", "kode_kemendagri", "area_code", "pcode", "code")
_LAT = Column(
    "lat", "lat", aliases=("latitude", "lintang", "y"), hxl=("#geo+lat",), example="-9.86071",
)  # fmt: skip
_LON = Column(
    "lon", "lon", aliases=("long", "lng", "longitude", "bujur", "x"), hxl=("#geo+lon",),
    example="124.28395",
)  # fmt: skip
_GEOMETRY = Column("geometry", "geometry", aliases=("wkt", "geom", "the_geom", "geometry_wkt"))
_YEAR = Column(
    "year", "year", required=True,
    aliases=("tahun", "thn", "th", "period", "periodid", "periodname", "tahun_data"),
    hxl=("#date+year", "#date"), example="2024",
)  # fmt: skip
_AREA = Column(
    "area_code", "place_code", required=True,
    aliases=("code", "kode", "kode_wilayah", "kode_kemendagri", "pcode", "orgunit", "orgunitid",
             "organisationunitid", "kode_daerah", "kdkemendagri"),
    hxl=("#adm1+code", "#adm2+code", "#adm3+code", "#adm4+code", "#loc+code"), example="53.02",
)  # fmt: skip


def _unused(name: str, *aliases: str) -> Column:
    return Column(name, "unused", aliases=aliases)


def _part(level: str, codes: str, names: str) -> tuple[Column, Column]:
    return (
        Column(f"{level}_code", "part_code", aliases=tuple(codes.split())),
        Column(f"{level}_name", "part_name", aliases=tuple(names.split())),
    )


_PARTS = (
    *_part(
        "village",
        "kode_desa kode_kelurahan kode_desa_kelurahan kdepum adm4_pcode "
        "kemendagri_kode_desa_kelurahan",
        "nama_desa desa nama_kelurahan kelurahan desa_kelurahan nama_desa_kelurahan wadmkd village "
        "adm4_en adm4_id kemendagri_nama_desa_kelurahan",
    ),
    *_part(
        "district",
        "kode_kecamatan kec_code kode_kec kdcpum adm3_pcode kemendagri_kode_kecamatan",
        "nama_kecamatan kecamatan kec nama_kec kec_name wadmkc district adm3_en adm3_id "
        "kemendagri_nama_kecamatan",
    ),
    *_part(
        "regency",
        "kab_code kode_kabupaten kode_kab kdpkab adm2_pcode kode_kabupaten_kota kode_kabkota "
        "kode_kab_kota kemendagri_kode_kabupaten_kota id_kabupaten",
        "kabupaten_kota kabupaten kab kab_kota kabkota nama_kabupaten nama_kabupaten_kota nama_kab "
        "nama_kabkota nama_kab_kota kab_name kabupaten_asal kab_asal kabupaten_kota_asal "
        "asal_kabupaten wadmkk regency kota nama_kota adm2_en adm2_id "
        "kemendagri_nama_kabupaten_kota bps_nama_kabupaten_kota daerah_asal",
    ),
    *_part(
        "province",
        "prov_code kode_provinsi kode_prov kdppum adm1_pcode kemendagri_kode_provinsi",
        "provinsi nama_provinsi prov nama_prov prov_name wadmpr province propinsi adm1_en adm1_id "
        "bps_nama_provinsi kemendagri_nama_provinsi",
    ),
    *_part(
        "bps",
        "kode_bps bps_kode_kabupaten_kota bps_kode_provinsi kode_wilayah_bps",
        "nama_bps",
    )[:1],
    Column(
        "area_name", "part_name",
        aliases=("nama_wilayah", "wilayah", "daerah", "nama_daerah", "nama", "name", "area",
                 "lokasi", "organisationunitname", "orgunitname", "bps_nama"),
    ),
)  # fmt: skip
"""Codes and names of areas level by level: the finest of them say where a row is, and names check
the code. ``nama_desa`` and ``wadmkk`` are of Satu Data, Badan Informasi Geospasial and HDX."""
_UNUSED = (
    _unused("area_km2", "luas_km2", "luas"),
    _unused("source", "sumber"),
)
"""Columns that files of areas often have beside those that are read."""

PLACES = Kind(
    name="places",
    key=("code",),
    geometry="point",
    columns=(
        Column(
            "code", "place_code", required=True,
            aliases=(*_CODE[:3], "pcode", "kode"),
            hxl=("#adm4+code", "#loc+code"), example="53.02.01.1001",
        ),
        Column(
            "name", required=True,
            aliases=("nama", "village_name", "village", "desa", "nama_desa", "nama_kelurahan",
                     "kelurahan", "desa_kelurahan", "nama_desa_kelurahan", "wadmkd"),
            hxl=("#adm4+name", "#loc+name"), example="Soe",
        ),
        _LAT,
        _LON,
        Column(
            "population", "count",
            aliases=("penduduk", "jumlah_penduduk", "jml_penduduk", "pop", "jumlah_jiwa"),
            hxl=("#population",), high=1e6, example="40190",
        ),
        Column("precision", "choice", choices=_PRECISIONS, default="surveyed"),
        _GEOMETRY,
        *_PARTS,
        *_UNUSED,
        _unused("pt"),
        _unused("as_of", "tanggal_data"),
        _unused("note", "catatan", "keterangan"),
    ),
    kept=("code", "name", "lat", "lon", "population", "precision"),
)  # fmt: skip
BOUNDARIES = Kind(
    name="boundaries",
    key=("code",),
    geometry="polygon",
    columns=(
        Column(
            "code", "place_code", required=True,
            aliases=(*_CODE[:3], "pcode"),
            hxl=("#adm2+code", "#adm3+code", "#adm4+code", "#loc+code"), example="53.02",
        ),
        Column(
            "name", aliases=("nama",),
            hxl=("#adm2+name", "#adm3+name", "#adm4+name", "#loc+name"),
            example="Kabupaten Timor Tengah Selatan",
        ),
        Column(
            "geometry", "geometry", required=True, aliases=_GEOMETRY.aliases,
            example="POLYGON ((124 -10, 125 -10, 125 -9, 124 -9, 124 -10))",
        ),
        *_PARTS,
        *_UNUSED,
        _unused("population", "penduduk", "jumlah_penduduk"),
    ),
    kept=("code", "name", "geometry"),
)  # fmt: skip
INDICATORS = Kind(
    name="indicators",
    key=("area_code", "indicator", "year"),
    columns=(
        _AREA,
        Column(
            "indicator", "slug", required=True,
            aliases=("indikator", "nama_indikator", "dataelement", "dataelementid"),
            hxl=("#indicator+code", "#indicator+name"), example="poverty_rate",
        ),
        _YEAR,
        Column(
            "value", "number", required=True, aliases=("nilai",),
            hxl=("#indicator+value", "#value"), low=-1e15, high=1e15, example="24.68",
        ),
        Column(
            "unit", required=True, aliases=("satuan",), hxl=("#indicator+unit", "#value+unit"),
            example="percent",
        ),
        Column(
            "source", required=True, aliases=("sumber",), hxl=("#meta+source",),
            example="BPS, Susenas 2024",
        ),
        Column("table", aliases=("tabel",)),
        *_PROVENANCE[1:],
        *_PARTS,
    ),
    kept=("area_code", "indicator", "year", "value", "unit", "source", "table", *_KEPT[1:]),
)  # fmt: skip
COUNTS = Kind(
    name="counts",
    key=(*COUNT_SERIES, "period", "legal_class", "unit"),
    replaces=(*COUNT_SERIES, "legal_class", "unit"),
    columns=(
        Column(
            "place_code", "place_code", required=True, aliases=(*_AREA.aliases, "area_code"),
            hxl=_AREA.hxl, example="53.71",
        ),
        _YEAR,
        Column(
            "measure", "slug", required=True,
            aliases=("ukuran", "dataelement", "dataelementid", "jenis_data"),
            hxl=("#indicator+code", "#indicator+name"), example="persons_stopped",
        ),
        Column(
            "value", "count", required=True, aliases=("nilai", "jumlah", "banyaknya"),
            hxl=("#indicator+value", "#affected", "#value"), high=1e7, example="0",
        ),
        Column("unit", aliases=("satuan",), hxl=("#value+unit",)),
        Column("legal_class", "choice", aliases=("kelas_hukum",),
               choices=COUNT_CHOICES["legal_class"]),
        Column("status", "choice", choices=COUNT_CHOICES["status"], default="unknown"),
        Column("how", "choice", aliases=("cara_diketahui",), choices=COUNT_CHOICES["how"],
               default="unknown"),
        Column("terminal_id", "slug", aliases=("simpul",)),
        Column("period", "date", aliases=("periode",), hxl=("#date+period",)),
        Column("kind", "slug", aliases=("jenis",)),
        Column("origin_code", "place_code", aliases=("kode_asal",)),
        Column("effort", "number", low=0.0, high=1e9),
        Column("contains"),
        Column("may_contain", aliases=("overlaps",)),
        *_PROVENANCE,
        *_PARTS,
    ),
    kept=(
        *("id", "place_code", "terminal_id", "year", "period", "measure", "kind", "value", "unit"),
        *("legal_class", "status", "how", "origin_code", "effort", "contains", "may_contain"),
        *_KEPT,
    ),
)  # fmt: skip
TERMINALS = Kind(
    name="terminals",
    key=("id",),
    geometry="point",
    columns=(
        Column("id", "slug", aliases=("kode_simpul",), example="tenau"),
        Column(
            "name", required=True, aliases=("nama",), hxl=("#loc+name",), example="Pelabuhan Tenau",
        ),
        Column(
            "kind", "choice", required=True, aliases=("jenis",),
            choices=("seaport", "ferry", "airport", "border_post", "unofficial"),
            hxl=("#loc+type",), example="seaport",
        ),
        replace(_LAT, example="-10.1934"),
        replace(_LON, example="123.52689"),
        Column("aliases", aliases=("alias",)),
        Column("place", aliases=("tempat", "kota")),
        Column("country", "country", aliases=("negara",), default="ID"),
        Column(
            "area_code", "place_code", aliases=("kode", "kode_wilayah", "kab_code", "regency_code"),
            hxl=("#adm2+code",), example="53.71",
        ),
        Column("precision", "choice", choices=_PRECISIONS, default="approximate"),
        Column("iata"),
        Column("staffed_by"),
        _GEOMETRY,
        *_PROVENANCE,
    ),
    kept=(
        *("id", "name", "aliases", "place", "kind", "country", "area_code", "lat", "lon"),
        *("precision", "iata", "staffed_by", *_KEPT),
    ),
)  # fmt: skip
LEGS = Kind(
    name="legs",
    key=("id",),
    replaces=("from_id", "to_id", "mode"),
    columns=(
        Column("id", "slug"),
        Column("from_id", "slug", required=True, aliases=("from", "dari"), example="tenau"),
        Column("to_id", "slug", required=True, aliases=("to", "ke"), example="larantuka"),
        Column(
            "mode", "choice", required=True, aliases=("moda",), choices=tuple(MODES),
            example="ferry",
        ),
        Column("operator"),
        Column("line", aliases=("trayek",)),
        Column("hours", "number", aliases=("jam",), low=0.01, high=1000, example="12.5"),
        Column("departures_per_week", "number", low=0.001, high=5000, example="2"),
        *(Column(name, "number", low=0.001, high=5000) for name in RANGES),
        Column("fare_idr", "rupiah", aliases=("tarif",), low=0.0, high=1e8),
        Column("fare_year", "year"),
        Column("length_km", "number", low=0.01, high=20_000),
        Column("both_ways", "choice", choices=_YES, default="yes"),
        Column("official", "choice", choices=_YES, default="yes"),
        Column("assumed", "choice", choices=_YES, default="no"),
        *_PROVENANCE,
    ),
    kept=(
        *("id", "from_id", "to_id", "mode", "operator", "line", "hours", "hours_basis"),
        *("departures_per_week", "departures_basis", "fare_idr", "fare_year", "both_ways", *RANGES),
        *("official", "assumed", *_KEPT, "length_km"),
    ),
)  # fmt: skip
OUTREACH = Kind(
    name="outreach",
    key=("area_code", "organisation", "year", "month"),
    columns=(
        Column(
            "area_code", "place_code", required=True, aliases=_AREA.aliases,
            hxl=_AREA.hxl, example="53.02.01.1001",
        ),
        Column(
            "organisation", required=True, aliases=("organization", "organisasi", "lembaga"),
            hxl=("#org", "#org+name"), example="Rumah Perempuan",
        ),
        _YEAR,
        Column(
            "month", "month",
            aliases=("bulan", "bulan_kunjungan", "tanggal", "tanggal_kunjungan", "tgl",
                     "tgl_kunjungan", "date", "visit_month", "visit_date"),
            hxl=("#date+month",), example="2024-07",
        ),
        Column(
            "people", "count",
            aliases=("peserta", "jumlah_peserta", "orang", "jumlah_orang", "orang_dijangkau",
                     "jumlah_orang_dijangkau", "people_reached", "participants"),
            hxl=("#reached",), high=100_000.0, example="35",
        ),
        _PROVENANCE[0],
        _PROVENANCE[3],
        *_PARTS,
    ),
    kept=("area_code", "organisation", "year", "month", "people", "source", "note"),
)  # fmt: skip
_STANDS = (
    Column("status", "choice", aliases=("keadaan",), hxl=("#status",), default="open",
           choices=("open", "planned", "buka", "rencana")),
    Column("since", "date", aliases=("sejak", "mulai", "tanggal_buka", "tmt"),
           hxl=("#date+start",), example="2024-03"),
    Column("until", "date", aliases=("sampai", "hingga", "tanggal_tutup"), hxl=("#date+end",)),
)  # fmt: skip
SERVICES = Kind(
    name="services",
    key=("kind", "name", "area_code"),
    geometry="point_if_known",
    columns=(
        Column("id", "slug"),
        Column(
            "kind", required=True, aliases=("jenis", "jenis_layanan"), hxl=("#service+type",),
            example="uptd_ppa",
        ),
        Column(
            "name", required=True, aliases=("nama", "nama_kantor"), hxl=("#loc+name", "#org+name"),
            example="UPTD PPA Kabupaten Timor Tengah Selatan",
        ),
        _AREA,
        Column("place", aliases=("tempat", "kota"), example="Soe"),
        Column("jurisdiction", aliases=("wilayah_kerja",)),
        _LAT,
        _LON,
        Column("precision", "choice", choices=_PRECISIONS, default="approximate"),
        *_STANDS,
        Column(
            "phone", "phone",
            aliases=("telepon", "nomor_telepon", "no_telepon", "telepon_kantor", "hotline"),
            hxl=("#contact+phone",), example="129",
        ),
        Column("phone_as_of", "date", aliases=("telepon_per", "telepon_diperiksa"),
               example="2026-11"),
        Column("phone_source", aliases=("sumber_telepon",)),
        _GEOMETRY,
        *_PROVENANCE,
    ),
    kept=(
        *("id", "kind", "name", "area_code", "place", "jurisdiction", "lat", "lon", "precision"),
        *("status", "since", "until", "phone", "phone_as_of", "phone_source", *_KEPT),
    ),
)  # fmt: skip
POSTS = Kind(
    name="posts",
    key=("terminal_id",),
    columns=(
        Column("terminal_id", "slug", required=True, aliases=("simpul", "id_simpul"),
               example="tenau"),
        Column(
            "name", required=True, aliases=("nama", "nama_pos"), hxl=("#loc+name", "#org+name"),
            example="Pos terpadu Pelabuhan Tenau",
        ),
        *_STANDS,
        Column("evidence_from", "date", aliases=("bukti_sejak",)),
        Column("hours", "number", aliases=("jam_jaga", "jam"), low=0.0, high=24.0, example="24"),
        Column("officers", "count", aliases=("petugas", "jumlah_petugas"), high=10_000.0,
               example="6"),
        Column("duties", aliases=("tugas",)),
        *_PROVENANCE,
    ),
    kept=(
        *("terminal_id", "name", "status", "since", "until", "evidence_from", "hours", "officers"),
        *("duties", *_KEPT),
    ),
)  # fmt: skip
_CHECKED = {
    "sailings": ("pelayaran", "pelayaran_dijaga", "kapal_dijaga"),
    "passengers_seen": ("penumpang", "penumpang_terlihat", "jumlah_penumpang"),
    "checked": ("diperiksa", "dokumen_diperiksa"),
    "interviewed": ("ditanyai", "diwawancarai"),
    "deferred": ("ditunda", "penundaan"),
    "released": ("berangkat", "diberangkatkan"),
    "referred": ("dirujuk", "rujukan"),
    "wrongful_deferrals": ("penundaan_keliru", "keliru_ditunda"),
}
"""Other headings of the numbers of checks."""
_EXAMPLES = dict(zip(CHECK_FIELDS, ("8", "1240", "310", "42", "0", "0", "0", "0"), strict=True))
CHECKS = Kind(
    name="checks",
    key=("terminal_id", "month", "organisation"),
    columns=(
        Column("terminal_id", "slug", required=True, aliases=("simpul", "id_simpul"),
               example="tenau"),
        Column("month", "month", required=True, aliases=("bulan",), hxl=("#date+month",),
               example="2026-07"),
        Column("organisation", required=True, example="Polres Kupang Kota",
               aliases=("organization", "organisasi", "lembaga", "instansi", "kantor", "satuan")),
        *(
            Column(name, "count", required=name != "wrongful_deferrals", default="0",
                   aliases=_CHECKED[name], high=1e7, example=_EXAMPLES[name])
            for name in CHECK_FIELDS
        ),
    ),
    kept=("terminal_id", "area_code", "year", "month", "organisation", *CHECK_FIELDS),
)  # fmt: skip
NETWORK = Kind(name="network", columns=(), key=())

_OFFICE = Column(
    "office", aliases=("perangkat_daerah", "opd", "skpd", "instansi", "penanggung_jawab",
                       "instansi_penanggung_jawab", "pelaksana", "organisasi_perangkat_daerah"),
    example="Dinas Pemberdayaan Perempuan dan Perlindungan Anak",
)  # fmt: skip
_INDICATOR_CODE = ("kode_indikator", "no_indikator", "nomor_indikator", "indicator")
ACTION_PLAN = Kind(
    name="action_plan",
    key=("area_code", "version", "indicator_code", "year"),
    columns=(
        Column(
            "version", required=True,
            aliases=("versi", "rencana", "nama_rencana", "rencana_aksi", "dokumen", "plan"),
            example="RAD PPTPPO 2025-2029",
        ),
        Column("first_year", "year", required=True, example="2025",
               aliases=("tahun_awal", "tahun_mulai", "mulai", "dari_tahun")),
        Column("last_year", "year", required=True, example="2029",
               aliases=("tahun_akhir", "tahun_selesai", "sampai", "sampai_tahun")),
        replace(_AREA, example="53"),
        Column(
            "task_force", required=True,
            aliases=("sub_gugus_tugas", "subgugus", "sub_gugus", "gugus_tugas", "sub_gt",
                     "sub_task_force"),
            example="Sub Gugus Tugas Pencegahan",
        ),
        Column("indicator_code", required=True, aliases=_INDICATOR_CODE,
               example="1.1"),
        Column("indicator", required=True, example="Jumlah desa yang menerima sosialisasi",
               aliases=("indikator", "nama_indikator", "indikator_kinerja", "uraian_indikator")),
        Column("unit", required=True, aliases=("satuan",), example="desa"),
        replace(_YEAR, example="2026"),
        Column("target", "number", aliases=("sasaran", "target_capaian", "target_kinerja"),
               low=0.0, high=1e12, example="40"),
        _OFFICE,
        Column("measure", aliases=("ukuran", "ukuran_petajaga", "diisi_dari", "sumber_capaian"),
               example="villages_visited"),
        *(column for column in _PARTS if column.name != "area_name"),
        _unused("note", "catatan", "keterangan", "ket"),
        _unused("source", "sumber"),
    ),
    kept=(
        *("version", "first_year", "last_year", "area_code", "task_force", "indicator_code"),
        *("indicator", "unit", "year", "target", "office", "measure"),
    ),
    by_year="target",
    built=False,
    of_country=True,
)  # fmt: skip
BUDGET = Kind(
    name="budget",
    key=("year", "sub_activity_code", "area_code", "indicator_code"),
    columns=(
        replace(_YEAR, example="2026", aliases=(*_YEAR.aliases, "tahun_anggaran", "ta")),
        Column("sub_activity_code", required=True, example="KODE-SUB-KEGIATAN",
               aliases=("kode_sub_kegiatan", "kode_subkegiatan", "kode_rekening", "kode_kegiatan")),
        Column("name", required=True, example="Sosialisasi pencegahan TPPO di desa",
               aliases=("sub_kegiatan", "nama_sub_kegiatan", "subkegiatan", "uraian",
                        "nama_kegiatan", "kegiatan")),
        Column("indicator_code", required=True, aliases=_INDICATOR_CODE, example="1.1"),
        replace(_AREA, example="53"),
        Column("target_group", aliases=("kelompok_sasaran", "penerima_manfaat"),
               example="Warga desa"),
        Column("target", "number", aliases=("target_kinerja", "volume", "sasaran"),
               low=0.0, high=1e12, example="40"),
        Column("unit", aliases=("satuan",), example="desa"),
        Column("unit_cost_idr", "rupiah", low=0.0, high=1e15,
               aliases=("biaya_satuan", "harga_satuan", "satuan_biaya", "unit_cost")),
        Column("ceiling_idr", "rupiah", required=True, low=0.0, high=1e15, example="Rp 200.000.000",
               aliases=("pagu", "pagu_anggaran", "pagu_indikatif", "anggaran", "alokasi")),
        Column("spent_idr", "rupiah", low=0.0, high=1e15, example="Rp 0",
               aliases=("realisasi", "realisasi_anggaran", "terserap", "serapan")),
        Column("source_of_funds", aliases=("sumber_dana", "sumber_pendanaan", "dana"),
               example="APBD Provinsi"),
        _OFFICE,
        *_PARTS,
        _unused("note", "catatan", "keterangan", "ket"),
        _unused("source", "sumber"),
        _unused("share_spent", "persentase", "persen", "capaian"),
    ),
    kept=(
        *("year", "sub_activity_code", "name", "indicator_code", "area_code", "target_group"),
        *("target", "unit", "unit_cost_idr", "ceiling_idr", "spent_idr", "source_of_funds"),
        "office",
    ),
    built=False,
    of_country=True,
)  # fmt: skip
PLANNING_CALENDAR = Kind(
    name="planning_calendar",
    key=("area_code", "year", "step"),
    columns=(
        replace(_AREA, example="53"),
        replace(_YEAR, example="2027", aliases=(*_YEAR.aliases, "tahun_rencana", "ta")),
        Column("step", required=True, aliases=("tahap", "tahapan", "langkah"), example="rkpd"),
        Column("starts", "date", aliases=("mulai", "tanggal_mulai", "tgl_mulai", "dari")),
        Column("until", "date", required=True, example="2026-06-30",
               aliases=("sampai", "tanggal_selesai", "tgl_selesai", "batas_waktu", "tenggat",
                        "paling_lambat")),
        Column("source", required=True, aliases=("sumber", "dasar", "dasar_hukum"),
               example="SK jadwal perencanaan"),
        *_PARTS,
        _unused("note", "catatan", "keterangan", "ket"),
    ),
    kept=("area_code", "year", "step", "starts", "until", "source"),
    built=False,
)  # fmt: skip

_EXPORTED = {
    "boundaries": (
        "level parent lat lon class class_probability class_in_province boundary score_mean "
        "score_p05 score_p95 rank_p05 rank_p95 rank_in_province_p05 rank_in_province_p95 "
        "p_top_decile unofficial_landings_class known_share gaps reason_id reason_en "
        "contributions alike trend departures_mean departures_p05 departures_p95 "
        "departures_per_100k_mean departures_per_100k_p05 departures_per_100k_p95 "
        "ltsa_id ltsa_hours"
    ),
    "terminals": "province_code official coast_landings load_mean load_p05 load_p95 checks watched",
    "legs": (
        "leg_id from_name to_name medium over_water hours_basis departures_basis "
        "generalised_hours flow_mean flow_p05 flow_p95 geometry_wkt"
    ),
    "counts": (
        "id level total cells lat lon per_100k_mean per_100k_p05 per_100k_p95 population_year"
    ),
    "services": "province_code phone_confidence",
    "posts": "id terminal_name load_mean load_p05 load_p95 lat lon",
}
"""Columns that the export of a layer has beside those of the kind that reads it again."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: replace(
            kind,
            columns=(*kind.columns, *map(_unused, _EXPORTED.get(kind.name, "").split())),
        )
        for kind in (
            *(PLACES, BOUNDARIES, INDICATORS, COUNTS, TERMINALS, LEGS, NETWORK, OUTREACH),
            *(SERVICES, POSTS, CHECKS, ACTION_PLAN, BUDGET, PLANNING_CALENDAR),
        )
    }
)
"""Every kind by its name."""


def kind_named(name: str, kinds: Collection[str] = tuple(KINDS)) -> Kind:
    """The kind of that name among ``kinds``; :class:`InputError` if there is none.

    >>> kind_named("outreach").key
    ('area_code', 'organisation', 'year', 'month')
    """
    if name not in kinds:
        listed = [kind for kind in KINDS if kind in kinds]
        raise InputError("imports.unknown_kind", field="kind", kind=name, kinds=listed)
    return KINDS[name]


def template(kind: Kind, language: str = DEFAULT_LANGUAGE) -> str:
    """A CSV with the headings of a kind, their HXL tags and one example row; else a guide."""
    if not kind.columns:
        return text(f"import_guide.{kind.name}", language) + "\n"
    wanted = [column for column in kind.named if column.required or column.name != "geometry"]

    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(
        [
            [column.name for column in wanted],
            [column.hxl[0] if column.hxl else "" for column in wanted],
            [column.example or column.default for column in wanted],
        ]
    )
    return table.getvalue()
