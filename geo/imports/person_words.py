"""Words of persons: in headings, in the columns under them, and beside a name in a text.

A heading that counts persons ("Jumlah korban", "JML KK", "Kematian ibu") or names a place, a ship
or an organisation ("nama_desa", "Nama kapal") is no heading of persons. Words such as *korban* or
*ibu* alone may stand over counts or over persons, so the cells decide.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from geo.imports.numbers import is_missing
from geo.imports.words import fold

__all__ = [
    "is_label", "names_office", "names_one", "names_person", "personal_column", "personal_heading",
]  # fmt: skip

_PERSONS = "personal.persons"
_NAMES = "personal.names"
_PERSON = "personal.person"

_IDENTIFIERS = frozenset(
    {
        *("nik", "ktp", "nokk", "noktp", "npwp", "telepon", "telp", "tlp", "phone", "telephone"),
        *("hp", "nohp", "handphone", "ponsel", "wa", "nowa", "whatsapp", "email", "surel"),
        *("alamat", "address", "rekening", "identitas", "biodata", "ttl", "dob", "birthdate"),
        *("inisial", "initial", "initials", "alias", "kontak", "contact", "fullname"),
        *("firstname", "lastname", "surname", "nickname", "no_paspor", "nomor_paspor"),
        *("passport_no", "passport_number", "no_visa", "nomor_induk", "no_kk", "nomor_kk"),
        *("tgl_lahir", "tanggal_lahir", "tempat_lahir", "tanggal_kelahiran", "date_of_birth"),
        *("birth_date", "place_of_birth", "atas_nama", "tanda_tangan", "nomor_identitas"),
    }
)
"""What tells a person from others."""
_ROLES = frozenset(
    {
        *("korban", "victim", "victims", "penyintas", "survivor", "survivors", "pelapor"),
        *("terlapor", "tersangka", "suspect", "pelaku", "terdakwa", "terpidana", "saksi"),
        *("witness", "ibu", "ayah", "bapak", "suami", "istri", "anak", "wali", "orang", "person"),
        *("persons", "cpmi", "pmi", "tki", "tkw", "deportan", "penumpang", "klien", "client"),
        *("pasien", "perekrut", "sponsor", "calo", "agen", "majikan", "kk", "keluarga", "paspor"),
        *("passport", "visa", "responden", "respondent", "petugas", "enumerator", "pewawancara"),
        *("kepala", "ketua", "pimpinan", "direktur", "nakhoda", "penyidik", "pendamping", "pic"),
        *("penanggung", "warga", "mother", "father", "husband", "wife", "child", "parent"),
        *("recruiter", "employer", "passenger", "migrant", "tua", "lengkap", "panggilan"),
    }
)
"""Who a person is; over numbers these are counts."""
_AGES = frozenset({"umur", "usia", "age", "ages"})
_SEXES = frozenset({"kelamin", "gender", "sex", "jk"})
_NAME = frozenset({"nama", "name", "names"})
_THINGS = frozenset(
    {
        *("desa", "kelurahan", "kecamatan", "kabupaten", "kota", "provinsi", "wilayah", "daerah"),
        *("kel", "kec", "kab", "prov"),
        *("tempat", "lokasi", "dusun", "pulau", "negara", "tujuan", "asal", "pelabuhan"),
        *("bandara", "dermaga", "terminal", "simpul", "kapal", "perahu", "pesawat", "maskapai"),
        *("trayek", "jalur", "rute", "operator", "perusahaan", "p3mi", "organisasi", "lembaga"),
        *("instansi", "dinas", "kantor", "posko", "pos", "layanan", "sekolah", "puskesmas"),
        *("rumah", "sakit", "pasar", "indikator", "variabel", "data", "dataset", "tabel", "berkas"),
        *("file", "layer", "kategori", "satuan", "kolom", "unit", "satker", "obyek", "objek"),
        *(
            "unsur",
            "program",
            "kegiatan",
            "sumber",
            "survei",
            "bulan",
            "tahun",
            "jenis",
            "kelompok",
        ),
        *("village", "district", "regency", "province", "city", "country", "place", "location"),
        *("area", "port", "airport", "station", "ship", "vessel", "airline", "line", "route"),
        *("organisation", "organization", "agency", "company", "office", "facility", "indicator"),
        *("variable", "measure", "region", "admin", "adm", "island", "school", "service", "post"),
        *("en", "id", "resmi", "umum", "lokal", "local", "official", "alt", "latin"),
        *("ngo", "lsm", "yayasan", "obj", "distrik", "kampung", "nagari", "gampong", "komunitas"),
    }
)
"""What has a name and is no person; a field cut to ten characters has the beginning of one."""
_COUNTING = frozenset(
    {
        *("jumlah", "jml", "jlh", "juml", "banyak", "banyaknya", "total", "angka", "persen"),
        *("persentase", "pct", "percent", "percentage", "rasio", "ratio", "rata", "rerata"),
        *("average", "mean", "median", "tingkat", "proporsi", "prevalensi", "indeks", "index"),
        *("rate", "share", "number_of", "count", "counts", "num", "kelompok", "golongan", "group"),
        *("groups", "kategori", "category", "harapan", "expectancy", "kematian", "mortality"),
        *("kelahiran", "births", "cakupan", "coverage", "penduduk", "population", "rekap"),
        *("rekapitulasi", "statistik", "sebaran", "distribusi", "kasus", "cases", "jiwa"),
    }
)
_PHRASES = re.compile(
    r"(?<![^_])(?:ibu_?kota|ibu_hamil|ibu_menyusui|ibu_bersalin|kepala_(?:keluarga|rumah_tangga)_(?:"
    r"miskin|perempuan)|usia_(?:kerja|produktif|sekolah|dini|subur)|lahir_hidup|akta_lahir|"
    r"birth_(?:rate|certificate)|anak_buah_kapal|orang_asing)(?![^_])"
)
"""Set phrases in which a word of persons means a group or a place."""
_CATEGORIES = frozenset(
    {
        *("l", "p", "lk", "pr", "laki", "laki_laki", "perempuan", "pria", "wanita", "male"),
        *("female", "m", "f", "men", "women", "boys", "girls", "dewasa", "anak", "anak_anak"),
        *("adult", "child", "children", "lansia", "remaja", "balita", "total", "jumlah", "semua"),
        *("tidak_diketahui", "unknown", "ya", "tidak", "yes", "no", "lainnya", "other"),
    }
)
_NO_NAMES = _THINGS | _COUNTING | _ROLES | _AGES | _SEXES | _CATEGORIES
_RANGE = re.compile(
    r"(?:[<>≤≥]=?|kurang dari|di bawah|di atas)\s*\d{1,3}.*"
    r"|\d{1,3}\s*(?:-|–|s\.?/?d\.?|sampai|to)\s*\d{1,3}.*|\d{1,3}\s*(?:\+|(?:tahun |th )?ke ?atas)",
    re.IGNORECASE,
)
_AGE = re.compile(r"(?:\d|[1-9]\d)(?:\.0)?\s*(?:th|thn|tahun|years?)?", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[\d.,\s]*\d\s*%?|\d+[.,]?\d*[eE][-+]?\d+")


def personal_heading(heading: str) -> str | None:
    """Kind of personal data that a heading names whatever stands below it, or None.

    Examples
    --------
    >>> personal_heading("Nama Korban"), personal_heading("Korban L"), personal_heading("JML KK")
    ('personal.names', None, None)
    """
    words = _words(heading)
    named = bool(_NAME & set(words)) or any(re.match(r"nama[a-z]", word) for word in words)
    if named:
        if _ROLES & set(words):
            return _NAMES
        others = [word for word in words if word not in _NAME]
        return None if not others or any(map(_is_thing, others)) else _NAMES
    runs = {"_".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, len(words) + 1)}
    identifier = bool(runs & _IDENTIFIERS) or "".join(words) in _IDENTIFIERS
    if not identifier or _COUNTING & runs:
        return None
    office = any(map(_is_thing, words)) and not _ROLES & set(words)
    return None if office and not {"nik", "ktp", "lahir"} & set(words) else _PERSONS


def personal_column(
    heading: str, cells: Sequence[str], *, places: Iterable[str] = ()
) -> str | None:
    """Kind of personal data that a column seems to hold by its heading and cells, or None.

    Parameters
    ----------
    places : iterable of str
        Names of areas, which are no names of persons.
    """
    if content := personal_heading(heading):
        return content
    words = set(_words(heading))
    texts = [text for text in cells if text and not is_missing(text)]
    if not texts:
        return None
    numbers = all(map(_NUMBER.fullmatch, texts))
    if words and words <= _NAME:
        areas = {_bare(fold(place)) for place in places}
        folded = [fold(text) for text in texts]
        named = sum(
            _bare(name) in areas or _is_official(name) or bool(_THINGS & set(name.split("_")))
            for name in folded
        )
        return None if numbers or 2 * named >= len(texts) else _NAMES
    if words & _COUNTING or any(map(_is_thing, words)):
        return None
    categories = all(fold(text) in _CATEGORIES or _RANGE.fullmatch(text) for text in texts)
    if words & _AGES and not words - _AGES - _ROLES:
        return _PERSONS if not categories and all(map(_AGE.fullmatch, texts)) else None
    if words & _ROLES and not words & _SEXES:
        return None if numbers or categories else _PERSONS
    return None


def is_label(label: str, value: str) -> bool:
    """Whether a cell is the label of a person's field and the cell beside it a name.

    >>> is_label("Korban:", "Fulana"), is_label("Nama instansi", "Polda NTT")
    (True, False)
    """
    words = set(_words(label.rstrip(": ")))
    if not words or len(words) > 3 or any(map(_is_thing, words)) or words & _COUNTING:
        return False
    of_person = words & (_ROLES | _NAME | {"inisial", "alias"}) and words <= (
        _ROLES | _NAME | {"inisial", "alias", "dan", "lengkap"}
    )
    thing = bool(_NO_NAMES & set(_words(value))) or _is_official(fold(value))
    return bool(of_person) and not thing and _NAME_LIKE.fullmatch(value) is not None


def _words(heading: str) -> list[str]:
    return [word for word in _PHRASES.sub("", fold(heading)).split("_") if word]


def _is_thing(word: str) -> bool:
    """Whether a word, or the beginning of one that was cut, names a thing."""
    word = re.sub(r"^nama(?=[a-z])|\d+$", "", word)
    return word in _THINGS or (len(word) >= 4 and any(thing.startswith(word) for thing in _THINGS))


def _is_official(folded: str) -> bool:
    first = folded.partition("_")[0]
    return first in {"kab", "kabupaten", "kota", "prov", "provinsi", "kec", "kecamatan", "desa"}


def _bare(folded: str) -> str:
    return re.sub(
        r"^(?:kab|kabupaten|kota|prov|provinsi|kec|kecamatan|desa|kelurahan)_", "", folded
    )


_ADDRESS = r"(?:[Ii]bu|[Bb]apak|[Bb]pk|[Ss]dri?|[Ss]audar[ai]|Ny|Nn|Tn|Mrs?|Ms)"
_RANK = (
    r"(?:Bharad[au]|Bharaka|Abrip(?:da|tu)?|Brip(?:da|tu|ka)|Brigpol|Aip(?:da|tu)|Ipda|Iptu|AKP|AKBP|"
    r"Kompol|Kombes(?:pol)?|Ser(?:da|tu|ka|ma)|Pel(?:da|tu)|Kop(?:da|tu|ka)|Pra(?:da|tu|ka))"
)
"""Ranks of the police and of sailors and soldiers that no street or ship is named by."""
_ROLE = (
    r"(?:[Kk]orban|[Tt]ersangka|[Pp]elaku|[Pp]elapor|[Ss]aksi|[Pp]enyintas|[Vv]ictim|[Ss]urvivor)"
)
_NOT_NAMES = (
    r"(?:Kota|Hamil|Menyusui|Bersalin|Balita|Rumah|Kepala|Camat|Bupati|Gubernur|Desa|Lurah|Anak|TPPO|"
    r"KDRT|PMI|CPMI|TKI|Laki|Perempuan|Wanita|Pria|Dewasa|Total|Jumlah|Tahun|Menurut|Per|Yang|Dan|"
    r"Kabupaten|Kecamatan|Provinsi|NTT|Melahirkan|Nifas|Tunggal|Pekerja|Migran|Muda|Usia|Sakit|Utara|Selatan|Barat|Timur|Tengah|Data|Asal|Di|Dari|Ke|L|P|Male|Female|Adult|Child|Trafficking)"
)
_WORD = rf"(?!{_NOT_NAMES}\b)[A-Z][\w'’]+"
_INITIALS = r"(?:[A-Z]\.\s?){2,4}|[A-Z]{1,3}(?=\s*[,(]\s*\d{1,2}\s*(?:th|thn|tahun)\b)"
_NAME_LIKE = re.compile(rf"{_WORD}(?:\s(?:{_WORD}|[A-Z]\.?)){{0,4}}|(?:[A-Z]\.?\s?){{2,4}}")
_LINK = re.compile(r"https?://\S+")
_NAMED = re.compile(
    rf"\b{_ADDRESS}\b\.?\s+{_WORD}"
    rf"|(?<!Jl\.\s)(?<!Jalan\s)\b(?:{_RANK}|{_RANK.upper()})\b(?:\s(?:[Pp]ol|POL))?\.?\s+{_WORD}"
    rf"|\b{_ROLE}\b\s*(?:[:=]\s*{_WORD}(?:\s(?:{_WORD}|[A-Z]\.?)){{0,3}}\s*(?:$|[,(;])|[:=]?\s*(?:{_INITIALS}))"
    rf"|\b(?:[Bb]er)?[Ii]nisial\b\W{{0,3}}[A-Z]{{1,4}}\b"
    rf"|\b(?:bernama|[Aa]lias|[Aa]tas nama|[Aa]\.?n\.|A/N|a/n)\W{{0,3}}{_WORD}"
    rf"|\b{_WORD}(?:\s{_WORD}){{0,3}}\s*[,(]\s*\d{{1,2}}\s*(?:th|thn|tahun)\b"
    rf"|\b(?:[Nn]ama|NAMA)\s*[:=]\s*{_WORD}"
)


_OFFICES = frozenset(
    {
        *("polri", "polda", "polres", "polresta", "polrestabes", "polsek", "polsubsektor", "kp3"),
        *("polair", "polairud", "satpolair", "satpolairud", "ditpolair", "ditpolairud", "polisi"),
        *("reskrim", "reskrimum", "satreskrim", "ditreskrimum", "ditreskrimsus", "bareskrim"),
        *("ppa", "ppo", "intelkam", "samapta", "binmas", "kepolisian", "brimob", "tni", "lanal"),
        *("lantamal", "posal", "koramil", "kodim", "korem", "lanud", "marinir", "bakamla", "kplp"),
        *("psdkp", "ksop", "kupp", "upp", "kso", "syahbandar", "kesyahbandaran", "pelabuhan"),
        *("imigrasi", "kanim", "keimigrasian", "bp3mi", "p4mi", "bp2mi", "kp2mi", "beacukai"),
        *("cukai", "bc", "karantina", "bkk", "kkp", "dinas", "disnaker", "disnakertrans", "dp3a"),
        *("dp3ap2kb", "dishub", "dinsos", "uptd", "uptd_ppa", "kantor", "badan", "balai", "satgas"),
        *("gugus", "satuan", "satpol", "basarnas", "sar", "bnn", "bnnp", "bnnk", "bnpp", "plbn"),
        *("stasiun", "pos", "posko", "bandara", "avsec", "otoritas", "otban", "kementerian"),
        *("pemda", "pemkab", "pemkot", "pemprov", "kecamatan", "kelurahan", "desa", "unit"),
        *("yayasan", "lsm", "lembaga", "forum", "jaringan", "perkumpulan", "tim", "regu"),
        *("office", "police", "immigration", "navy", "customs", "harbour", "port", "agency"),
        *("team", "task", "force", "post", "service", "coast", "guard", "ngo"),
    }
)
"""Words one of which the name of an office that stands watch has."""


def names_office(text: str) -> bool:
    """Whether a text has a word of an office, and so is no name of a person alone.

    Examples
    --------
    >>> names_office("Polda NTT"), names_office("Bea Cukai Kupang"), names_office("Yohanes Lado")
    (True, True, False)
    """
    return bool(_OFFICES & set(fold(text).split("_")))


def names_person(text: str) -> bool:
    """Whether a text has a word of persons beside a name, initials or an age.

    Examples
    --------
    >>> names_person("korban M.N. (19 th)"), names_person("Korban TPPO menurut kabupaten")
    (True, False)
    >>> names_person("Bripka Fulan"), names_person("Polsek KP3 Laut")
    (True, False)
    """
    return _NAMED.search(_LINK.sub(" ", text)) is not None


_GROUPS = _NO_NAMES | frozenset(
    {
        *("aman", "akses", "adat", "agama", "aksi", "anggota", "aparat", "aparatur", "asing"),
        *("balita", "bagi", "bakti", "baru", "bencana", "berbasis", "berencana", "berisiko"),
        *("bersama", "bina", "bidang", "buruh", "calon", "camat", "cpmi", "dalam", "dan", "dari"),
        *("dengan", "di", "difabel", "disabilitas", "dokumen", "dunia", "edukasi", "eksploitasi"),
        *("ekonomi", "fasilitas", "forum", "gereja", "gender", "gugus", "guru", "hak", "harapan"),
        *("hukum", "informasi", "inti", "jaringan", "jasa", "kader", "kampanye", "kapasitas"),
        *("kasih", "kdrt", "kejahatan", "kekerasan", "kerja", "kesehatan", "kesejahteraan"),
        *("ketahanan", "ketenagakerjaan", "koordinasi", "kota", "kurang", "lanjut", "lanjutan"),
        *("langka", "layanan", "lembaga", "lingkungan", "luar", "lurah", "mahasiswa", "mampu"),
        *("masyarakat", "media", "meninggal", "migran", "miskin", "negeri", "nelayan", "nifas"),
        *("ntt", "orang", "pada", "pariwisata", "paud", "pekerja", "pelajar", "pelaksanaan"),
        *("pelaku", "pelatihan", "pelayanan", "pelindungan", "pemberdayaan", "pemerintah"),
        *("pemerintahan", "pemuda", "pemulangan", "pemulihan", "penanganan", "pencegahan"),
        *("pendamping", "pendampingan", "pendidikan", "penegak", "penegakan", "penerima"),
        *("pengasuhan", "penyandang", "perangkat", "peradilan", "perdagangan", "perempuan"),
        *("perkotaan", "perlindungan", "pernikahan", "pertanian", "pesisir", "petani", "pidana"),
        *("pkh", "pkk", "pmi", "polri", "polisi", "pra", "prasejahtera", "program", "psikologis"),
        *("psikososial", "publik", "rawan", "reintegrasi", "rehabilitasi", "remaja", "rentan"),
        *("resiko", "risiko", "satuan", "sejahtera", "seksual", "selama", "siswa", "sosial"),
        *("sosialisasi", "swasta", "tangga", "tahap", "tenaga", "terdampak", "terlantar"),
        *("tindak", "tokoh", "tppo", "trafficking", "tki", "transit", "tugas", "umkm", "umum"),
        *("untuk", "usaha", "wanita", "warga", "yang", "yatim", "aparatur", "sipil", "negara"),
        *("poa", "rencana", "kegiatan", "sistem", "aplikasi", "monitoring", "evaluasi", "rapat"),
        *("gizi", "stunting", "pangan", "air", "sehat", "hidup", "besar", "kecil", "menengah"),
        *("nasional", "daerah", "indonesia", "republik", "timor", "flores", "sumba", "alor"),
        *("satu", "dua", "tiga", "seluruh", "semua", "para", "setiap", "tiap", "semester"),
        *("januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus"),
        *("september", "oktober", "november", "desember", "victims", "support", "services"),
    }
)
"""Words of groups, offices and work: what follows *korban*, *keluarga* or *untuk* in a budget."""
_ACRONYM = 6
_AGED = re.compile(
    r"\b(?:(?:ber)?(?:umur|usia)|aged?)\b\s*[:=]?\s*\d{1,2}\b(?P<rest>.{0,24})", re.IGNORECASE
)
_SPAN = re.compile(
    r"\s*(?:(?:th|thn|tahun|years?)\.?\s*)?(?:-|–|\+|s\.?\s?/?d\b|sampai|hingga|to\b|dan\b|and\b|ke\s?(?:"
    r"atas|bawah)|or\s(?:over|under|older))",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"(?:bawah|atas|kurang dari|lebih dari|minimal|maksimal|sampai|hingga|under|over)\s*$"
)
_AFTER = re.compile(
    r"\b(?:[Kk]orban|[Kk]eluarga|[Uu]ntuk)\s+(?P<first>[A-Z][\w'’]+)\s+(?P<second>[A-Z][\w'’]+)"
)


def names_one(text: str, places: Collection[str] = ()) -> bool:
    """Whether words of a plan or a budget are of one person: an age, or two capitalised words after
    *korban*, *keluarga* or *untuk* that are no place and no words of groups or offices.

    It cannot tell a name of one word, nor one that is a place or a word of work.

    Parameters
    ----------
    places : collection of str
        Names of areas, folded (:func:`geo.imports.words.fold`).

    Examples
    --------
    >>> names_one("Pemulihan korban Maria Bere"), names_one("Pemulihan korban usia 15 tahun")
    (True, True)
    >>> names_one("Pemulihan Korban Tindak Pidana"), names_one("Remaja usia 15-18 tahun")
    (False, False)
    """
    for found in _AGED.finditer(text):
        if not (_SPAN.match(found["rest"]) or _LIMIT.search(text[: found.start()].lower())):
            return True
    if text.isupper():
        text = text.title()
    for found in _AFTER.finditer(text):
        first, second = fold(found["first"]), fold(found["second"])
        is_place = first in places or f"{first}_{second}" in places
        short = found["first"].isupper() and len(first) <= _ACRONYM
        if not (is_place or short or {first, second} & _GROUPS):
            return True
    return False
