"""The words of the tables in both languages: (Bahasa Indonesia, English)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["COMPONENTS", "LEVELS", "TEXTS", "say"]

Pair = tuple[str, str]

COMPONENTS: Mapping[str, Pair] = MappingProxyType(
    {
        "volume": ("arus", "volume"),
        "vulnerability": ("kerentanan asal", "vulnerability of origins"),
        "unofficial_share": ("bagian lewat pelabuhan tikus", "share through unofficial landings"),
        "hazard": ("bahaya di tujuan", "hazard at the destination"),
    }
)
LEVELS: Mapping[str, Pair] = MappingProxyType(
    {
        "province": ("provinsi", "province"),
        "regency": ("kabupaten/kota", "regency"),
        "district": ("kecamatan", "district"),
        "village": ("desa/kelurahan", "village"),
    }
)
TEXTS: Mapping[str, Pair] = MappingProxyType(
    {
        "persons": ("Orang berisiko per tahun", "Persons at risk per year"),
        "score": ("Skor risiko 0-10", "Risk score 0-10"),
        "class": ("Kelas", "Class"),
        "components": ("Unsur skor", "Components"),
        "origins": ("Asal terbanyak", "Main origins"),
        "release": ("Rilis", "Release"),
        "no release": ("belum dirilis (petajaga publish)", "not published yet (petajaga publish)"),
        "code": ("Kode", "Code"),
        "name": ("Nama", "Name"),
        "level": ("Tingkat", "Level"),
        "share": ("Bagian", "Share"),
        "corridor": ("Koridor", "Corridor"),
        "from origin": ("Dari asal", "From origin"),
        "rank": ("Peringkat 90 %", "Rank 90 %"),
        "top decile": ("P(10 % teratas)", "P(top 10 %)"),
        "index": ("Skor kerentanan 0-10", "Vulnerability score 0-10"),
        "known": ("Bobot dari data sendiri", "Weight from own data"),
        "alike": ("Wilayah serupa", "Areas alike"),
        "indicator": ("Indikator", "Indicator"),
        "effect": ("Pengaruh", "Effect"),
        "basis": ("Dasar", "Basis"),
        "own": ("data sendiri", "own data"),
        "unclear": ("tidak ada perubahan yang jelas", "no clear change"),
        "against": ("Pengaruh: terhadap nilai tengah", "Effect: against the median of"),
        "interval": (
            "Dalam kurung: rentang 90 %. Perkiraan model, bukan jumlah kasus.",
            "In brackets: 90 % interval. Estimates of a model, not counts of cases.",
        ),
        "none": ("Tidak ada yang cocok.", "Nothing fits."),
        "account": ("Akun", "Account"),
        "desk": ("Meja", "Desk"),
        "tier": ("Tingkat akses", "Tier"),
        "province": ("Provinsi", "Province"),
        "created": ("Dibuat", "Created"),
        "password": ("Kata sandi", "Password"),
        "once": (
            "Kata sandi hanya ditampilkan sekali ini.",
            "The password is shown only this once.",
        ),
        "demo": (
            "Akun contoh untuk tiga meja (kata sandi hanya ditampilkan sekali ini):",
            "Demo sign-ins for the three desks (passwords are shown only this once):",
        ),
        "address": ("Petajaga berjalan di", "Petajaga answers at"),
        "stop": ("Tekan Ctrl-C untuk berhenti.", "Press Ctrl-C to stop."),
        "check": ("Pemeriksaan", "Check"),
        "state": ("Hasil", "Result"),
        "detail": ("Keterangan", "Detail"),
        "built": ("Model dibuat:", "Model built:"),
        "build fresh": ("Model tidak berubah:", "Model unchanged:"),
        "published": ("Rilis diterbitkan:", "Release published:"),
        "release fresh": ("Rilis tidak berubah:", "Release unchanged:"),
        "removed": ("Akun dihapus:", "Account removed:"),
        "written": ("Ditulis:", "Written:"),
    }
)


def say(key: str, lang: str) -> str:
    """Return one text in the reader's language."""
    return TEXTS[key][0 if lang == "id" else 1]
