"""Words of headings and titles: measures and indicators as offices call them, technical columns.

The columns of a kind have their own words in :mod:`geo.imports.kinds`. Headings are compared folded
(:func:`fold`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from geo.names import unaccented

__all__ = [
    "DICTIONARY_SHEET",
    "EXPLOITATION_FORMS",
    "INDICATOR_WORDS",
    "NUMBERING",
    "SHARES",
    "TECHNICAL",
    "TOTALS",
    "UNIT_WORDS",
    "fold",
    "indicator_of",
    "is_technical",
    "measure_of",
    "subject_of",
]

DICTIONARY_SHEET = "petajaga"
"""Hidden sheet of an exported workbook: heading, column, word, value; one row each."""

NUMBERING = frozenset({"", "no", "nomor", "no_urut", "nomor_urut", "urut", "nr", "num", "rank"})
"""Headings of a column that numbers the rows (``#`` folds to nothing)."""

TOTALS = frozenset(
    {
        *("jumlah", "jml", "total", "jumlah_total", "total_jumlah", "grand_total", "sub_total"),
        *("subtotal", "jumlah_seluruhnya", "total_keseluruhan", "jumlah_keseluruhan", "sum"),
        *("rata_rata", "average", "rerata", "jumlah_akhir", "total_akhir", "jml_total"),
    }
)
"""Headings of sums of other columns, and names of rows that are sums of other rows."""

SHARES = frozenset({"persen", "percent", "persentase", "prosentase", "share", "proporsi"})
"""Headings of a column with the share of a row in the total (``%`` folds to nothing)."""

TECHNICAL = frozenset(
    {
        # KoboToolbox and ODK
        *("start", "end", "today", "deviceid", "simserial", "subscriberid", "uuid", "index"),
        *("submission_time", "version", "validation_status", "status_kobo", "xform_id_string"),
        *("notes_kobo", "submitted_by", "attachments", "parent_table_name", "parent_index"),
        *("meta_instanceid", "instanceid", "meta_instancename", "meta_rootuuid", "formhub_uuid"),
        *("tags", "root_uuid", "submission_id", "submission_uuid", "submission_submission_time"),
        # DHIS2
        *("categoryoptioncombo", "attributeoptioncombo", "storedby", "lastupdated", "comment"),
        *("followup", "deleted", "created", "categoryoptioncomboid", "attributeoptioncomboid"),
        *("category_option_combo", "attribute_option_combo", "last_updated", "stored_by"),
        *("dataset", "orgunitlevel", "organisationunitcode", "organisationunitdescription"),
        # geographic information systems, and the fields of Badan Informasi Geospasial
        *("shape_area", "shape_leng", "shape_length", "objectid", "fid", "ogc_fid", "gid"),
        *("globalid", "namobj", "remark", "metadata", "srs_id", "fcode", "lcode", "uupp"),
        *("tipadm", "luaswh", "wiadpr", "wiadkk", "wiadkc", "wiadkd", "kdbbps", "kdcbps"),
        *("kdebps", "kdpbps", "adm0_en", "adm0_pcode", "adm0_name", "validon", "validto"),
        "file_classification",  # of the exports of Petajaga
    }
)
"""Headings of columns that a program adds; left out, which the report says."""

_UNDERSCORED = frozenset({"id", "status", "notes", "tags", "version"})
"""More of them where the heading begins with an underscore (KoboToolbox)."""

UNIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("%", "persen", "per cent", "percent", "persentase"), "percent"),
        **dict.fromkeys(("orang", "jiwa", "person", "people", "persons"), "persons"),
        **dict.fromkeys(("indeks", "poin", "points", "index"), "index"),
        **dict.fromkeys(("tahun", "year", "years"), "years"),
        "ribu rupiah/orang/tahun": "thousand IDR/person/year",
        "rupiah/kapita/bulan": "IDR/capita/month",
    }
)
"""Unit of an indicator by the words of a file."""

EXPLOITATION_FORMS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "victims_sexual_exploitation": (
            "Sexual exploitation",
            ("eksploitasi seksual", "pelacuran", "prostitusi", "prostitution"),
        ),
        "victims_forced_labour": (
            "Forced labour or services",
            ("kerja paksa", "pelayanan paksa", "eksploitasi ekonomi", "eksploitasi tenaga kerja",
             "labour exploitation", "labor exploitation", "forced labor", "forced labour"),
        ),
        "victims_slavery": (
            "Slavery, servitude or similar practices",
            ("perbudakan", "penghambaan", "slavery", "servitude"),
        ),
        "victims_organ_removal": (
            "Removal of organs",
            ("pengambilan organ", "transplantasi organ", "penjualan organ", "organ removal"),
        ),
        "victims_forced_begging": (
            "Forced begging", ("pengemisan", "mengemis", "begging"),
        ),
        "victims_forced_criminality": (
            "Forced criminality",
            ("kejahatan paksa", "penipuan daring", "scam", "forced crime"),
        ),
        "victims_forced_marriage": (
            "Forced marriage",
            ("kawin paksa", "perkawinan paksa", "pengantin pesanan", "pernikahan paksa"),
        ),
        "victims_illegal_adoption": (
            "Illegal adoption",
            ("adopsi ilegal", "pengangkatan anak ilegal", "penjualan bayi"),
        ),
        "victims_other_exploitation": (
            "Other forms of exploitation", ("eksploitasi lainnya", "bentuk lain"),
        ),
    }
)  # fmt: skip
"""Form of exploitation by measure: the category of the International Classification Standard for
Administrative Data on Trafficking in Persons (ICS-TIP; IOM and UNODC 2023), and words of offices.
A heading with the category is read as the measure; an export names the category of a measure."""

_SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        word: meaning
        for meaning, words in {
            "male": "l lk laki male pria",
            "female": "p pr perempuan female wanita",
            "child": "anak child children",
            "victims": "korban victim victims penyintas",
            "cases": "kasus case cases perkara",
            "prevented": (
                "dicegah tercegah pencegahan prevented ditunda penundaan digagalkan penggagalan"
            ),
            "migrants": "pmi cpmi tki ctki migran migrant migrants pekerja",
            "nonprocedural": "nonprosedural unprosedural nonprocedural",
            "refused": "ditolak penolakan refused ditangguhkan penangguhan rejected",
            "passports": "paspor passport passports",
            "deported": "deportasi dideportasi deported deportan",
            "died": "meninggal died kematian deaths wafat",
            "bodies": "jenazah bodies",
            "returned": "pemulangan dipulangkan kepulangan returned returning pulang purna",
            "registered": "terdaftar register registrasi tercatat pendataan registered",
            "reports": "laporan reports lp",
            "police": "polisi police polres polda",
            "tppo": "tppo trafficking perdagangan tip",
            "violence": "kekerasan violence",
            "home": "asal origin home",
            "exploitation": "eksploitasi exploitation",
        }.items()
        for word in words.split()
    }
)
_FILLERS = frozenset(
    {
        *("jumlah", "jml", "total", "banyaknya", "banyak", "data", "orang", "yang", "di", "ke"),
        *("dari", "dan", "per", "menurut", "jiwa", "number", "of", "the", "in", "luar", "negeri"),
        *("permohonan", "indonesia", "kabupaten", "kota", "perempuan_dan", "tindak", "pidana"),
        *("abroad", "desa", "warga", "penduduk", "non", "prosedural", "buku", "applications"),
        *("ditangani", "tahun"),
    }
)
_MEASURES: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (slug, frozenset(words.split()))
    for slug, words in (
        ("tppo_cases", "tppo cases"),
        ("tppo_victims", "tppo victims"),
        ("victims_male", "tppo victims male"),
        ("victims_female", "tppo victims female"),
        ("child_victims", "tppo victims child"),
        ("child_victims_male", "tppo victims child male"),
        ("child_victims_female", "tppo victims child female"),
        ("police_reports", "tppo police reports"),
        ("prevented_by_home_regency", "prevented home"),
        ("returned_by_home_regency", "returned home"),
        ("prevented", "prevented"),
        ("passports_refused", "passports refused"),
        ("deported", "deported"),
        ("died_abroad", "died"),
        ("bodies_returned", "bodies returned"),
        ("bodies_returned", "bodies"),
        ("returned", "returned"),
        ("migrants_registered", "registered"),
        ("migrants_registered_male", "registered male"),
        ("migrants_registered_female", "registered female"),
        ("migrants_registered_nonprocedural", "registered nonprocedural"),
    )
)
"""Measures by the whole set of words that means them."""
_IMPLIED = frozenset({"migrants", "nonprocedural", "reports", "exploitation"})
"""Words that change nothing where the measure is not by them."""

INDICATOR_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "poverty_rate": (
            "persentase penduduk miskin", "poverty rate", "tingkat kemiskinan",
            "angka kemiskinan", "persentase kemiskinan", "kemiskinan",
        ),
        "number_of_poor": ("jumlah penduduk miskin", "number of poor", "penduduk miskin"),
        "population": ("jumlah penduduk", "population", "penduduk"),
        "unemployment_rate": (
            "tingkat pengangguran terbuka", "unemployment rate", "tpt", "angka pengangguran",
        ),
        "labour_force": ("jumlah angkatan kerja", "labour force", "angkatan kerja"),
        "labour_force_participation": (
            "tingkat partisipasi angkatan kerja", "labour force participation", "tpak",
        ),
        "unemployed": ("jumlah pengangguran", "unemployed", "pengangguran"),
        "poverty_line": ("garis kemiskinan", "poverty line"),
        "stunting_rate": ("prevalensi stunting", "stunting rate", "stunting", "angka stunting"),
        "mean_years_school": ("rata rata lama sekolah", "mean years of schooling", "rls"),
        "expected_years_school": (
            "harapan lama sekolah", "expected years of schooling", "hls",
        ),
        "child_marriage_rate": (
            "perkawinan anak", "child marriage rate", "angka perkawinan anak",
        ),
        "extreme_poverty_rate": (
            "persentase penduduk miskin ekstrem", "extreme poverty rate", "kemiskinan ekstrem",
        ),
        "placements": ("penempatan pmi", "placements", "penempatan"),
        "women": ("penduduk perempuan", "women"),
    }
)  # fmt: skip
"""Indicators by the words of offices; the first two name it in Indonesian and in English. Series
of the human development index differ by census and are named by slug only."""


def fold(heading: str) -> str:
    """A heading in lower case, without accents, words joined by ``_``.

    >>> fold(" Kode Wilayah ")
    'kode_wilayah'
    """
    return re.sub(r"[^a-z0-9]+", "_", unaccented(heading).casefold()).strip("_")


def _words(folded: str) -> set[str]:
    text = folded.replace("non_prosedural", "nonprosedural").replace("laki_laki", "laki")
    return {_SYNONYMS.get(word, word) for word in text.split("_")}


def subject_of(folded: str) -> frozenset[str]:
    """What a title is about, of the words that tell measures apart.

    >>> sorted(subject_of("rekapitulasi_korban_tppo_tahun_2022"))
    ['tppo', 'victims']
    """
    return frozenset(_words(folded) & set(_SYNONYMS.values()))


def measure_of(folded: str, subject: Iterable[str] = ()) -> str:
    """The measure that a heading names, under a title about ``subject``; empty if none.

    Cases and victims are measures only where the heading or the title says that they are of
    trafficking: an office that counts violence against children has columns of the same names.

    >>> measure_of("korban_l", {"tppo"}), measure_of("korban_l"), measure_of("dicegah")
    ('victims_male', '', 'prevented')
    """
    for slug, (category, phrases) in EXPLOITATION_FORMS.items():
        if folded.removeprefix("jumlah_").removeprefix("korban_") in map(
            fold, (category, *phrases)
        ):
            return slug
    words = _words(folded) - _FILLERS
    title = set(subject)
    if "exploitation" in title and folded in {"lainnya", "lain_lain", "other"}:
        return "victims_other_exploitation"
    if words & {"male", "female", "child"} and not words & {"victims", "registered", "cases"}:
        words |= {"victims"} if "child" in words else title & {"victims", "registered"}
    if words & {"cases", "victims", "reports"} and "violence" not in words | title:
        words |= title & {"tppo"}
    if words & {"prevented"}:
        words |= title & {"home"}
    by_words = {needed: slug for slug, needed in _MEASURES}
    return by_words.get(frozenset(words)) or by_words.get(frozenset(words - _IMPLIED), "")


def indicator_of(folded: str) -> str:
    """The indicator that a heading names; empty if none.

    >>> indicator_of("persentase_penduduk_miskin")
    'poverty_rate'
    """
    text = folded.replace("_", " ")
    return next((slug for slug, phrases in INDICATOR_WORDS.items() if text in phrases), "")


def is_technical(heading: str, folded: str) -> bool:
    """Whether a program adds the column of this heading.

    >>> is_technical("_id", "id"), is_technical("id", "id")
    (True, False)
    """
    return folded in TECHNICAL or (heading.startswith("_") and folded in _UNDERSCORED)
