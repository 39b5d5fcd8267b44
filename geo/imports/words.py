"""What a report says of rows and files, in Bahasa Indonesia.

Messages are made in English where the fault is found; here is the same sentence in Indonesian, by a
template whose ``{}`` stand for what belongs to the row. What has no template stays English: an
error of the whole file that ends the command, and the figures of a road network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

__all__ = ["INDONESIAN", "indonesian"]

INDONESIAN: Mapping[str, str] = MappingProxyType(
    {
        # cells
        "is empty": "kosong",
        "{} is no finite number": "{} bukan angka",
        "{} lies outside {} to {}": "{} di luar rentang {} sampai {}",
        "{} is no whole number; write it without points or commas, e.g. 3352": (
            "{} bukan bilangan bulat; tulis tanpa titik atau koma, mis. 3352"
        ),
        "{} is negative": "{} bernilai negatif",
        "{} is no year, e.g. 2023": "{} bukan tahun, mis. 2023",
        "{} is no date; write it 2023-07-15": "{} bukan tanggal; tulis 2023-07-15",
        "{} is none of {}": "{} bukan salah satu dari {}",
        "{} is no short name of letters, digits, - and _": (
            "{} bukan nama pendek dari huruf, angka, - dan _"
        ),
        "{} is no country code of two letters, e.g. ID, MY": (
            "{} bukan kode negara dua huruf, mis. ID, MY"
        ),
        "the text is longer than {} signs": "teks lebih panjang dari {} tanda",
        "the cell holds control signs, not text": "sel berisi tanda kendali, bukan teks",
        "the text starts like a formula; write it without the sign": (
            "teks diawali seperti rumus; tulis tanpa tanda itu"
        ),
        # codes and coordinates
        "{} has no dots and may be a BPS code; write the Kemendagri code, e.g. 53.02.01.2001": (
            "{} tanpa titik, mungkin kode BPS; tulis kode Kemendagri, mis. 53.02.01.2001"
        ),
        "no area has the code {}": "tidak ada wilayah dengan kode {}",
        "{} is a former code: {} is {} now, and numbers below it may have changed": (
            "{} kode lama: {} kini {}, dan nomor di bawahnya mungkin berubah"
        ),
        "{} does not lie in Indonesia": "{} tidak berada di Indonesia",
        "does not lie in Indonesia": "tidak berada di Indonesia",
        "the point lies {} km from the seat of its regency {}; check code and coordinates": (
            "titik berjarak {} km dari ibu kota kabupatennya {}; periksa kode dan koordinat"
        ),
        "has no readable shape": "bentuk tidak terbaca",
        "the shape is no polygon": "bentuk bukan poligon",
        "lies outside your province {}": "di luar provinsi Anda {}",
        "counts at a terminal are imported by the police desk": (
            "hitungan pada simpul diimpor oleh meja kepolisian"
        ),
        "the same {} as line {}": "{} sama dengan baris {}",
        # across a row
        "{} is the code of a {}; places are villages": "{} kode {}; tempat adalah desa/kelurahan",
        "provinces are made of their regencies; give those": (
            "provinsi tersusun dari kabupatennya; berikan kabupaten"
        ),
        "outreach is by village or district": "penjangkauan dicatat per desa atau kecamatan",
        "no terminal {}": "tidak ada simpul {}",
        "{} {} is no terminal; import terminals first": (
            "{} {} bukan simpul; impor terminals lebih dahulu"
        ),
        "leads to where it starts": "berakhir di tempat berangkat",
        "lies in no regency; give its area_code": (
            "tidak berada di kabupaten mana pun; isi area_code"
        ),
        "{} km in {} hours is {} km/h; {} reaches at most {} km/h, so at least {} hours": (
            "{} km dalam {} jam berarti {} km/jam; {} paling cepat {} km/jam, jadi minimal {} jam"
        ),
        "{} is yet to come; give what was counted or measured": (
            "{} belum tiba; berikan yang sudah dihitung atau diukur"
        ),
        "no {} {}, nearest: {}; use one of {}": (
            "tidak ada {} {}, terdekat: {}; pakai salah satu dari {}"
        ),
        "no {} {}; use one of {}": "tidak ada {} {}; pakai salah satu dari {}",
        "no indicator {}; did you mean {}?": "tidak ada indikator {}; maksud Anda {}?",
        "{} is in {}, not in {}": "{} bersatuan {}, bukan {}",
        "{} is no percentage": "{} bukan persentase",
        "{} persons is no whole number": "{} orang bukan bilangan bulat",
        "{} runs from {} to {} {}; {} lies outside, perhaps written as a share of 1": (
            "{} berkisar {} sampai {} {}; {} di luarnya, mungkin ditulis sebagai bagian dari 1"
        ),
        "{} runs from {} to {} {}; {} lies outside": "{} berkisar {} sampai {} {}; {} di luarnya",
        # repairs
        "decimal comma read as a point": "koma desimal dibaca sebagai titik",
        "thousands' points taken out": "titik ribuan dihapus",
        "thousands' commas taken out": "koma ribuan dihapus",
        "the year taken out of a date ({})": "tahun diambil dari tanggal ({})",
        "a date as a spreadsheet's serial number ({})": (
            "tanggal berupa nomor seri lembar kerja ({})"
        ),
        "a date read as day/month/year ({})": "tanggal dibaca hari/bulan/tahun ({})",
        "written with small letters and _": "ditulis dengan huruf kecil dan _",
        "written as {}": "ditulis {}",
        "the former code {}": "kode lama {}",
        "dots put for commas ({})": "koma diganti titik ({})",
        "a province code read as a number ({})": "kode provinsi terbaca sebagai angka ({})",
        "a lost trailing zero put back ({})": "nol di akhir yang hilang dikembalikan ({})",
        "latitude and longitude were swapped; put right": (
            "lintang dan bujur tertukar; sudah dibetulkan"
        ),
        "a polygon that crosses itself made valid": "poligon yang memotong dirinya dibetulkan",
        "found from the coordinates ({})": "ditemukan dari koordinat ({})",
        "not stated; modelled from length and mode": (
            "tidak disebut; dimodelkan dari panjang dan moda"
        ),
        # the whole file
        "indicator {} is not in the index; nearest: {} ({} rows)": (
            "indikator {} tidak ada dalam indeks; terdekat: {} ({} baris)"
        ),
        "indicator {} is not in the index; nearest: {} ({} row)": (
            "indikator {} tidak ada dalam indeks; terdekat: {} ({} baris)"
        ),
        "indicator {} is not in the index ({} rows)": (
            "indikator {} tidak ada dalam indeks ({} baris)"
        ),
        "indicator {} is not in the index ({} row)": (
            "indikator {} tidak ada dalam indeks ({} baris)"
        ),
        "{} names differ from the official list; the file's are kept": (
            "{} nama berbeda dari daftar resmi; nama dari berkas dipertahankan"
        ),
        # ways of a road network
        "not for vehicles, or no through road (foot, cycle, service, planned)": (
            "bukan untuk kendaraan, atau bukan jalan tembus (kaki, sepeda, servis, rencana)"
        ),
        "a square, not a road": "lapangan, bukan jalan",
        "a ferry: sea legs are in their own table": "feri: lintasan laut punya tabel sendiri",
        "closed to the public (access)": "tertutup bagi umum (access)",
        "impassable": "tidak dapat dilalui",
    }
)
"""Indonesian by English sentence; the ``{}`` of both stand in the same order."""


def indonesian(message: str) -> str:
    """The message in Indonesian; as it is where there is no template for it."""
    if message in INDONESIAN:
        return INDONESIAN[message]
    for pattern, words in _patterns():
        if found := pattern.fullmatch(message):
            return words.format(*found.groups())
    return message


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Templates with blanks, those with the most words of their own first."""
    blanks = sorted((text for text in INDONESIAN if "{}" in text), key=_own_length, reverse=True)
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, text.split("{}")))), INDONESIAN[text])
        for text in blanks
    )


def _own_length(text: str) -> int:
    return len(text.replace("{}", ""))
