"""What every copy of a release says about itself: where it comes from and what it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

from layers.registry import Tier

__all__ = ["ATTRIBUTION", "ROADS", "Caveat", "attribution_of", "caveats_for"]

ATTRIBUTION: tuple[str, ...] = (
    "Permukiman: GeoNames (CC BY 4.0).",
    "Kode dan nama wilayah, pulau: idn-area-data (ODbL 1.0), dari data Kemendagri; kode BPS: BPS.",
    "Pelabuhan: © kontributor OpenStreetMap (ODbL 1.0), melalui ekspor HOT; daftar pelabuhan BMKG.",
    "Titik desa pendaratan: wilayah_boundaries (MIT; hak sumber asalnya belum dipastikan).",
    "Garis pantai: GSHHG (LGPL 3). Negara tetangga: Natural Earth (domain publik), world-atlas.",
    "Bandara: airportsdata (MIT).",
    "Indikator: BPS; jumlah penduduk: Ditjen Dukcapil melalui cahyadsn/wilayah (MIT).",
    "Simpul, ruas, layanan dan jumlah: dihimpun Petajaga dari sumber publik, dicatat per baris.",
)

ROADS = "Jalan: © OpenStreetMap contributors, ODbL 1.0 (jaringan jalan yang diimpor)."
"""What the licence of an imported road network asks for."""


def attribution_of(*, on_osm_roads: bool) -> tuple[str, ...]:
    """Where the data of a release come from, one line each."""
    return (*ATTRIBUTION, ROADS) if on_osm_roads else ATTRIBUTION


@dataclass(frozen=True)
class Caveat:
    """One thing a reader must know, in both languages."""

    id: str
    en: str
    police_only: bool = False


_CAVEATS = (
    Caveat(
        "Alat pencegahan: data hanya jumlah per wilayah dan tahun, tanpa data perorangan dan "
        "tanpa lokasi rumah perlindungan.",
        "For prevention: counts by area and year only, no data on persons and no shelter location.",
    ),
    Caveat(
        "Jumlah kasus dan pencegahan keberangkatan mencerminkan penegakan sekaligus arus; "
        "angka rendah bukan bukti tidak ada masalah.",
        "Counts of cases and interceptions measure enforcement as well as flow; a low number is "
        "no proof that there is no problem.",
    ),
    Caveat(
        "Jumlah dibulatkan acak ke kelipatan 5; total adalah jumlah sel yang sudah dibulatkan.",
        "Counts are randomly rounded to base 5; totals are sums of rounded cells.",
    ),
    Caveat(
        "Kelas dan skor adalah perkiraan model dengan ketidakpastian; 'belum dinilai' tidak "
        "berarti rendah.",
        "Classes and scores are model estimates with uncertainty; 'not assessed' does "
        "not mean low.",
    ),
    Caveat(
        "Batas wilayah adalah sel pendekatan, bukan batas resmi, kecuali dinyatakan lain.",
        "Area boundaries are approximate cells, not official ones, unless stated otherwise.",
    ),
    Caveat(
        "Garis koridor dan ruas digambar sebagai busur lurus, bukan jalur pelayaran sebenarnya.",
        "Corridors and legs are drawn as direct arcs, not as the course really taken.",
    ),
    Caveat(
        "Arus adalah nilai harapan model (orang/tahun) dengan rentang 90 %, bukan hasil hitungan.",
        "Flows are expected values of the model (persons a year) with a 90 % interval, not counts.",
        police_only=True,
    ),
    Caveat(
        "Rahasia: hanya untuk meja kepolisian, pelabuhan dan imigrasi.",
        "Confidential: for the police, port and immigration desk only.",
        police_only=True,
    ),
)


def caveats_for(tier: Tier) -> tuple[Caveat, ...]:
    """The caveats that go with what ``tier`` sees."""
    return tuple(c for c in _CAVEATS if tier == "police" or not c.police_only)
