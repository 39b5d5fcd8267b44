"""Words of persons: what names a person is refused, what counts persons or names a place is not."""

from __future__ import annotations

import pytest

from geo.imports.person_words import names_one, names_person, personal_column, personal_heading
from geo.imports.words import fold

PERSONAL = (
    *("Nama korban", "nama_korban", "NAMA LENGKAP", "Nama Ibu Kandung", "nama ayah", "Nama KK"),
    *("Nama Kepala Keluarga", "nama kepala desa", "Nama Petugas", "nama_pewawancara", "Nama CPMI"),
    *("nama pelapor", "Nama Tersangka", "victim_name", "full_name", "First name", "surname"),
    *("NIK", "No. NIK", "Nomor KK", "No KTP", "no_hp", "No. HP/WA", "telepon", "Phone number"),
    *("E-mail", "alamat", "Alamat Rumah Korban", "Tempat Lahir", "tgl_lahir", "Tanggal lahir"),
    *("TTL", "inisial", "Inisial Korban", "alias", "Kontak", "No. Paspor", "Passport No.", "DOB"),
    *("identitas", "nama_responden", "grup/nama_korban", "a/nama_lengkap", "Nama dan umur"),
)
NOT_PERSONAL = (
    *("Korban L", "Korban P", "Korban perempuan", "korban_laki_laki", "Jumlah korban", "JML KK"),
    *("Jumlah KK", "KK", "Jml. Kepala Keluarga", "nama_desa", "Nama Kabupaten/Kota", "nama_kabup"),
    *("lokasi/nama_desa", "Nama Kapal", "nama pelabuhan", "Nama Organisasi", "Nama P3MI", "NAMOBJ"),
    *("namaobj", "nama_simpul", "village_name", "Name of organisation", "Kematian ibu", "ibu_kota"),
    *("Angka kematian ibu", "Angka Harapan Hidup", "Umur harapan hidup", "Ibu kota kabupaten"),
    *("Kelompok umur", "Penduduk usia 15 tahun ke atas", "Jumlah ibu hamil", "Usia produktif"),
    *("Jumlah penduduk (orang)", "Jumlah orang", "Cakupan akta kelahiran", "Rata-rata usia kawin"),
    *("Persentase rumah tangga dengan telepon", "Jumlah anak", "Number of victims", "Penolakan"),
    *("Angka kelahiran", "Indeks", "Kasus", "Tahun", "Anak perempuan", "foo", "Alamat kantor"),
    *("Jumlah penolakan paspor", "Jenis kelamin", "Satuan", "Sumber data", "kode_desa", "Modus"),
    *("kab_name", "prov_name", "nama kec.", "Kel name"),
)


@pytest.mark.parametrize("heading", PERSONAL)
def test_headings_of_persons(heading: str) -> None:
    assert personal_heading(fold(heading))


@pytest.mark.parametrize("heading", NOT_PERSONAL)
def test_headings_of_counts_and_places(heading: str) -> None:
    assert personal_heading(fold(heading)) is None


@pytest.mark.parametrize(
    ("heading", "cells", "personal"),
    [
        ("korban", ["3", "12", "-", "0"], False),
        ("korban", ["Maria Y", "Yohana T"], True),
        ("korban", ["perempuan", "laki-laki"], False),
        ("ibu", ["Maria", "Ana"], True),
        ("ibu", ["12", "9", "1.200"], False),
        ("Umur", ["17", "23", "19"], True),
        ("Umur", ["17 th", "23 th"], True),
        ("Umur korban", ["17", "23"], True),
        ("umur", ["0-17", "18-24", "60+"], False),
        ("usia", ["< 18", "18 tahun ke atas", "Dewasa"], False),
        ("Umur harapan hidup", ["66", "67"], False),
        ("Rata-rata umur", ["23", "24"], False),
        ("jenis kelamin", ["L", "P"], False),
        ("KK", ["312", "87"], False),
        ("KK", ["Yusuf", "Markus"], True),
        ("pelapor", ["Markus N", "Ana"], True),
        ("orang", ["12", "1"], False),
        ("paspor", ["12", "31"], False),
        ("nama", ["Kupang", "Kab. TTS", "Kota Kupang"], False),
        ("nama", ["Maria Yohana", "Ana T", "Markus"], True),
        ("Nama", ["Kabupaten Kupang", "Kabupaten Belu"], False),
        ("nama_desa", ["Oebelo", "Maria"], False),
        ("nama", ["Pelabuhan Tenau", "Bandara El Tari"], False),
        ("Ibu kota", ["SoE", "Kefamenanu"], False),
        ("Jumlah korban", ["3", "rahasia"], False),
        ("keterangan", ["pantai", ""], False),
    ],
)
def test_columns_of_persons(heading: str, cells: list[str], personal: bool) -> None:
    content = personal_column(fold(heading), cells, places=["kupang", "tts", "belu"])
    assert (content is not None) is personal


@pytest.mark.parametrize(
    "text",
    [
        *("korban M.N. (19 th)", "Korban: Maria Yohana", "sdri. Maria dari desa", "Ibu Yohana"),
        *("berinisial MN", "inisial: M", "an. Fulan", "a.n. Fulana", "alias Tete", "A/N Fulan"),
        *("Maria (17 th) diajak ke Malaysia", "bernama Markus", "saksi: Yosef N", "Nama: Maria"),
        *("pelapor Y.T.", "Bpk. Yosef", "korban MN (17 tahun)", "atas nama Fulan", "Mrs. Smith"),
    ],
)
def test_names_beside_words_of_persons(text: str) -> None:
    assert names_person(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Korban TPPO menurut kabupaten", "Ibu Kota Kupang", "Korban: 12"),
        *("Kematian ibu", "Kecamatan Ibu Utara", "https://example.org/an.%20/Rumah"),
        *("PMI NTT", "Korban L"),
        *("Korban P", "Korban Perempuan", "Data korban TPPO 2023", "CPMI Malaysia"),
        *("Angka Harapan Hidup", "Penduduk Usia 15 Tahun ke Atas", "Rumah Perempuan Kupang"),
        *("Kelompok umur 15 tahun", "Desa Ibu", "Pelabuhan Tenau", "KM Bukit Siguntang", "Belu"),
        *("Korban menurut umur (0-17 tahun)", "BPS, Susenas 2024", "Polda NTT (Ditreskrimum)"),
        *("Sumber: Dinas P3A Provinsi NTT", "Jumlah korban anak (orang)", "ibu hamil", "Anak: 3"),
    ],
)  # fmt: skip
def test_names_of_tables_and_places(text: str) -> None:
    assert not names_person(text)


PLACES = {"sumba_timur", "kupang", "nusa_tenggara", "amarasi_barat"}


@pytest.mark.parametrize(
    "words",
    [
        "Pemulihan korban Maria Bere umur 15 dari Bola", "Keluarga Yohanes Lado",
        "Bantuan untuk Maria Bere", "Pendampingan korban Maria Bere", "PEMULIHAN KORBAN MARIA BERE",
        "korban berusia 15 tahun", "anak usia: 9", "Pemulihan korban, umur 15", "victim aged 17",
    ],
)  # fmt: skip
def test_one_person_among_the_words_of_a_budget(words: str) -> None:
    assert names_one(words, PLACES)


@pytest.mark.parametrize(
    "words",
    [
        "Penyediaan Layanan bagi Perempuan Korban Kekerasan Kewenangan Provinsi",
        "Pemulihan Korban Tindak Pidana Perdagangan Orang", "Korban TPPO Asal NTT",
        "Keluarga Penerima Manfaat", "Pembinaan Keluarga Berencana", "Keluarga Pekerja Migran",
        "Sosialisasi untuk Kepala Desa dan Tokoh Agama", "Sosialisasi untuk Sumba Timur",
        "PEMULANGAN KORBAN PERDAGANGAN ORANG", "Pelatihan untuk Kupang Barat",
        "Bantuan untuk Desa Bola", "Remaja usia 15-18 tahun", "Penduduk usia 15 tahun ke atas",
        "Anak di bawah umur 18 tahun", "anak usia 0 s.d. 17 tahun", "umur 15 sampai 24",
        "Pelatihan untuk UPTD PPA", "Rumah tangga, keluarga dan korban", "Warga desa",
        "Keluarga Amarasi Barat", "Bantuan untuk Gugus Tugas", "RAD 2025-2029",
    ],
)  # fmt: skip
def test_groups_places_and_spans_of_age_are_no_person(words: str) -> None:
    assert not names_one(words, PLACES)
