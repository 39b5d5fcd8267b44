"""Line lists in the styles of five offices are refused; tables of totals pass.

All content is invented and numbers are made at test time.
"""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path

import pytest

from geo.errors import DataFileError
from geo.imports.kinds import KINDS
from geo.imports.person_check import refuse_person_columns, refuse_persons
from geo.imports.service import dry_run
from geo.imports.sheet import Sheet
from geo.paths import Home

PLACES = ("Kabupaten Kupang", "Kabupaten Belu", "Kabupaten Timor Tengah Selatan", "Kota Kupang")
DICE = random.Random(8)


def number(size: int) -> str:
    return DICE.choice("123456789") + "".join(DICE.choices("0123456789", k=size - 1))


def table(text: str) -> tuple[list[str], list[list[str]]]:
    headings, *rows = [line.strip().split("|") for line in text.strip().splitlines()]
    return headings, rows


def check(text: str) -> None:
    headings, rows = table(text)
    refuse_person_columns(headings, rows, places=PLACES, lines=True)
    sheet = Sheet("csv", "line", headings, rows, list(range(2, len(rows) + 2)))
    refuse_persons(sheet, KINDS["counts"], {}, headings)


LINE_LISTS = {
    "Polda: reports by day": """
        No LP|Tgl Laporan|Kabupaten|Pasal|Jumlah
        LP/B/12/I/2023|12/01/2023|Kupang|UU 21/2007|1
        LP/B/45/II/2023|03/02/2023|Belu|UU 21/2007|1
        LP/B/77/III/2023|28/03/2023|TTS|UU 18/2017|1""",
    "Polda: suspects": """
        No|Inisial Tersangka|Kabupaten|Tahun|Jumlah
        1|MN|Kupang|2023|1
        2|YT|Belu|2023|1""",
    "Polda: victims with ages": """
        kode|tahun|umur korban|jenis kelamin|jumlah
        53.01|2023|17|P|1
        53.02|2023|23|P|1
        53.04|2023|31|L|1""",
    "Polda: course of events": """
        kode|tahun|kronologi|jumlah
        53.01|2023|dijemput di terminal lalu dibawa ke pelabuhan|1
        53.02|2023|diajak tetangga bekerja di kebun sawit|1
        53.04|2023|ditemukan di kapal tanpa dokumen resmi|1""",
    "BP3MI: returns by day": """
        No|Tanggal Kepulangan|Kab. Asal|Negara|Debarkasi
        1|2024-02-03|Flores Timur|Malaysia|Nunukan
        2|2024-02-03|Lembata|Malaysia|Nunukan
        3|2024-02-17|Sikka|Malaysia|Parepare""",
    "BP3MI: deferred, with features": """
        No|Kab|Desa Asal|JK|Pendidikan|Jumlah|Tahun
        1|Kupang|Oebelo|P|SD|1|2023
        2|TTS|Biloto|P|SMP|1|2023
        3|Belu|Silawan|L|SD|1|2023""",
    "BP3MI: bodies sent home": """
        kode|tahun|tgl_kedatangan|penyebab|jumlah
        53.01|2023|4 Januari 2023|sakit|1
        53.02|2023|17 Februari 2023|sakit|1
        53.04|2023|2 Maret 2023|kecelakaan|1""",
    "BP3MI: names": """
        No|Nama CPMI|Kab. Asal|Tahun
        1|Fulana Satu|Kupang|2023
        2|Fulana Dua|Belu|2023""",
    "Nakertrans: passports": f"""
        No|No. Paspor|Kabupaten|Jumlah
        1|A{number(7)}|Kupang|1
        2|B{number(7)}|Belu|1""",
    "Nakertrans: register of workers": """
        NO|NAMA|L/P|UMUR|DESA|P3MI
        1|Fulana Satu|P|24|Oebelo|PT Contoh
        2|Fulan Dua|L|31|Noelbaki|PT Contoh""",
    "Nakertrans: features, no counts": """
        Kabupaten|Jenis Kelamin|Pendidikan|Pekerjaan|Negara Tujuan
        Kupang|P|SD|Tani|Malaysia
        Belu|L|SMP|Buruh|Malaysia
        TTS|P|SD|Tani|Singapura""",
    "Nakertrans: each placed worker": """
        No|Kode|Tahun|Negara|Jumlah
        1|53.01|2023|Malaysia|1
        2|53.01|2023|Malaysia|1
        3|53.01|2023|Malaysia|1
        4|53.02|2023|Singapura|1
        5|53.02|2023|Singapura|1""",
    "Imigrasi: refusals by day": """
        tanggal_penolakan|kantor|kab_asal|alasan
        2024-01-04 09:12:00|Kupang|53.01|terindikasi nonprosedural
        2024-01-05 10:40:00|Kupang|53.02|terindikasi nonprosedural
        2024-01-09 08:55:00|Atambua|53.04|terindikasi nonprosedural""",
    "Imigrasi: serial days": """
        Tgl|Kode|Jumlah
        45310|53.01|1
        45311|53.02|1
        45318|53.04|1""",
    "Imigrasi: identity numbers in the notes": f"""
        kode|tahun|jumlah|keterangan
        53.01|2023|1|pemohon NIK 530105120790{number(4)} ditunda
        53.02|2023|2|530201 520195 {number(4)}""",
    "Imigrasi: telephones": f"""
        kode|tahun|jumlah|no hp
        53.01|2023|1|0812{number(7)}
        53.02|2023|1|0813{number(7)}""",
    "NGO: accompanied survivors": """
        kode|tahun|jumlah|catatan
        53.01|2023|1|korban M.N. (19 th) sudah dipulangkan
        53.02|2023|1|korban Y.T. (22 th) masih di Medan""",
    "NGO: each case a note": """
        lokasi|tahun|kasus|catatan pendamping
        Kupang|2023|1|perempuan muda dijanjikan kerja di restoran
        Belu|2023|1|dua kali berangkat lewat laut tanpa paspor
        TTS|2023|1|keluarga melapor ke posko desa""",
    "NGO: form of one person": """
        Formulir|Pendampingan
        Nama korban|Fulana Satu
        Umur|19""",
    "NGO: victims columns of ones by day": """
        Waktu kejadian|Desa|Korban L|Korban P
        12-Mar-24|Oebelo|0|1
        19-Mar-24|Biloto|1|0
        02-Apr-24|Silawan|0|1""",
}
TOTALS = {
    "regency and year": """
        kode|tahun|jumlah
        53.01|2023|12
        53.02|2023|1
        53.04|2023|1""",
    "months": """
        kode|bulan|jumlah
        53.01|2023-01|1
        53.02|2023-01|4
        53.04|2023-02|1""",
    "sex as a category": """
        Kabupaten|Jenis Kelamin|Tahun|Jumlah
        Kupang|L|2023|4
        Kupang|P|2023|11
        Belu|P|2023|1""",
    "sex and age groups": """
        Kab|Jenis kelamin|Kelompok umur|Jumlah
        Kupang|P|0-17|3
        Kupang|P|18-24|9
        Belu|L|60+|1""",
    "wide victims": """
        Kabupaten|Korban L|Korban P|Korban anak|Jumlah
        Kupang|3|12|2|15
        Belu|0|1|0|1
        TTS|1|6|1|7""",
    "years as columns": """
        No|Kabupaten Asal|2021|2022|2023
        1|Kupang|60|38|49
        2|Flotim|17|1|0""",
    "families": """
        kode_desa|nama_desa|JML KK|Jumlah penduduk
        53.01.01.2001|Oebelo|312|1204
        53.01.01.2002|Noelbaki|87|401""",
    "large counts by day": """
        kode|tanggal|nilai|catatan
        53.71|2023-03-04|37|satu kapal di pelabuhan Tenau
        53.71|2023-05-19|52|dua kapal di pelabuhan Tenau""",
    "source with a day": """
        kode|tahun|jumlah|as_of|sumber
        53.01|2023|1|2024-01-15|Polda NTT, rekap tahunan 2023
        53.02|2023|1|2024-01-15|Polda NTT, rekap tahunan 2023
        53.04|2023|0|2024-01-15|Polda NTT, rekap tahunan 2023""",
    "ships": """
        Nama kapal|Tahun|Nama pelabuhan|Jumlah
        KM Bukit Siguntang|2023|Tenau|61
        KM Umsini|2023|Maumere|1""",
    "quarters": """
        kode|periode|kasus
        53.01|2023-Q1|1
        53.02|2023-Q1|2
        53.01|2023-Q2|1""",
    "destinations": """
        Kabupaten|Negara tujuan|2022|2023
        Kupang|Malaysia|120|88
        Kupang|Singapura|1|1""",
    "shares": """
        kode|tahun|persentase|indeks
        53.01|2023|24,68|0,7
        53.02|2023|21,10|1""",
    "schooling": """
        Kabupaten|Pendidikan|Jenis kelamin|Jumlah
        Kupang|SD|P|31
        Kupang|SMP|P|12
        Kupang|SMA|L|1""",
    "names of regencies": """
        kode|nama|tahun|nilai
        53.01|Kabupaten Kupang|2023|12
        53.02|Kabupaten Timor Tengah Selatan|2023|1""",
    "dead mothers": """
        Kabupaten|Kematian ibu|Kematian bayi|Ibu kota
        Kupang|11|54|Oelamasi
        Belu|9|31|Atambua""",
    "small counts, few notes": """
        kode|tahun|jumlah|catatan
        53.01|2023|1|
        53.02|2023|1|angka sementara dari Polda
        53.04|2023|3|
        53.05|2023|1|
        53.06|2023|1|""",
    "aggregated DHIS2": """
        dataelement|period|orgunit|value|lastupdated|comment
        persons_stopped|2024|53.02|12|2024-08-01T00:00:00.000+0000|
        persons_stopped|2024|53.04|1|2024-08-01T00:00:00.000+0000|""",
    "two small places": """
        kode|tahun|jumlah
        53.01|2023|1
        53.02|2023|1""",
    "modes of recruitment": """
        Kabupaten|Modus|Jumlah korban
        Kupang|Bujuk rayu|14
        Belu|Jeratan utang|1
        TTS|Penipuan lowongan kerja|6""",
}


@pytest.mark.parametrize("name", LINE_LISTS)
def test_line_lists_are_refused(name: str) -> None:
    with pytest.raises(DataFileError) as refused:
        check(LINE_LISTS[name])
    assert refused.value.code.startswith(("imports.line_list", "imports.personal"))
    _, rows = table(LINE_LISTS[name])
    long = {cell for row in rows for cell in row if len(cell) > 6}
    assert not [cell for cell in long if cell in str(refused.value)]


@pytest.mark.slow
@pytest.mark.parametrize("name", LINE_LISTS)
def test_line_lists_are_refused_as_files(name: str, tmp_path: Path) -> None:
    headings, rows = table(LINE_LISTS[name])
    with (tmp_path / "data.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([headings, *rows])
    with pytest.raises(DataFileError) as refused:
        dry_run(tmp_path / "data.csv", "counts", Home.resolve(tmp_path / "home"))
    assert re.match(r"imports\.(line_list|personal|no_headings)", refused.value.code)
    assert not [
        cell for row in rows for cell in row if len(cell) > 6 and cell in str(refused.value)
    ]


@pytest.mark.parametrize("name", TOTALS)
def test_totals_pass(name: str) -> None:
    check(TOTALS[name])


@pytest.mark.parametrize(
    "text",
    ["1,Fulana Satu,17,Kupang\n2,Fulana Dua,19,Belu\n", "Fulana Satu,Oebelo\nFulana Dua,Biloto\n"],
)
def test_records_without_headings_are_never_quoted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(DataFileError) as refused:
        dry_run(path, "counts", Home.resolve(tmp_path / "home"))
    assert refused.value.code == "imports.no_headings"
    assert "Fulana" not in str(refused.value)
