"""Line lists: tables with one row a person or an event, in place of totals by place and period.

Even without names such a row describes somebody. A table is one where its counts are all 0 or 1
(or it has none) and its rows have days, or notes of their own, or features of a person, or repeat
each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from geo.errors import DataFileError
from geo.imports.numbers import is_missing
from geo.imports.words import fold

__all__ = ["refuse_line_list"]

_FEWEST_ROWS = 3
"""Fewer rows of ones are a small table as likely as a list."""
_DAY = re.compile(
    r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?"
    r"|\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ](?:(?:19|20)\d\d|\d\d)(?: \d.*)?"
)
_SERIAL_DAY = re.compile(r"4[0-9]\d{3}(?:\.\d+)?")
_DAY_WORDS = frozenset({"tgl", "tanggal", "date", "hari", "waktu", "day"})
_OF_THE_FILE = re.compile(
    r"as_of|per|source|sumber|submi|updated?|created?|start|end|today|mulai|selesai|since|until|"
    r"sejak|hingga|tanggal_data|rilis|terbit|publi|unduh|akses|access|retrieved|input|entri|entry"
)
"""Dates of the data or of the form, not of what is counted."""
_NO_COUNT = re.compile(
    r"(?:no|nomor|num|nr|urut|id|index|kode|code|bps|pcode|prov|kab|kec|kdp\w*|kde\w*|tahun|year|"
    r"thn|bulan|month|bln|tgl|tanggal|date|triwulan|quarter|semester|periode|period|lat|latitude|"
    r"lintang|lon|long|lng|longitude|bujur|x|y|umur|usia|age|fid|objectid|geometry|wkt|hari|day)"
    r"(?:_.*)?"
)
"""Headings of numbers that count nothing."""
_COUNT = re.compile(r"(?:value|nilai|jumlah|jml|jlh|total|count)(?:_.*)?")
_FEATURES = {
    "sex": re.compile(r"(?:jenis_)?kelamin|jk|l_p|p_l|sex|gender"),
    "age": re.compile(r"(?:umur|usia|age)(?:_.*)?|(?:kelompok|golongan)_(?:umur|usia)|age_group"),
    "schooling": re.compile(r"(?:tingkat_|riwayat_)?pendidikan(?:_.*)?|education|ijazah"),
    "work": re.compile(r"pekerjaan(?:_.*)?|profesi|occupation|jabatan"),
    "family": re.compile(r"status_(?:kawin|perkawinan|pernikahan|nikah)|marital(?:_status)?"),
    "faith": re.compile(r"agama|suku|religion|ethnicity|kewarganegaraan|nationality"),
    "home": re.compile(r"(?:desa|kampung|dusun|rt_rw)(?:_asal)?|asal_desa|desa_kelurahan"),
    "way": re.compile(
        r"modus(?:_.*)?|kronologis?|perekrut(?:_.*)?|sponsor|majikan|kondisi(?:_.*)?"
    ),
}
"""Headings of what is known of one person."""
_PERSON_NOTE = re.compile(
    r"\b(?:ber)?(?:umur|usia|aged?)\s*\d{1,2}\b"
    r"(?!\s*(?:[-–+]|s\.?d|sampai|tahun ke ?atas|ke ?atas))"
    r"|\b\d{1,2}\s*(?:th|thn)\b",
    re.IGNORECASE,
)


def refuse_line_list(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Refuse a table that has one row a person or an event.

    Parameters
    ----------
    headings : sequence of str
    rows : sequence of sequence of str
        The records alone: no totals, no footers.

    Raises
    ------
    DataFileError
        With the column that gave it away, never its content.
    """
    columns = _Columns(headings, rows)
    if not rows or not columns.lists_ones:
        return
    if at := columns.with_days():
        raise DataFileError("imports.line_list_days", column=at)
    if at := columns.with_notes():
        raise DataFileError("imports.line_list_notes", column=at)
    if columns.with_features() or columns.repeats():
        raise DataFileError("imports.line_list")


class _Columns:
    """The columns of a table, by what a line list has in them."""

    def __init__(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.names = [fold(heading) for heading in headings]
        self.cells = [
            ["" if is_missing(row[at]) else row[at] for row in rows if at < len(row)]
            for at in range(len(self.names))
        ]
        self.rows = len(rows)
        counts = [at for at in range(len(self.names)) if self._counts(at)]
        named = [at for at in counts if _COUNT.fullmatch(self.names[at])]
        self.counts = named or counts

    def _counts(self, at: int) -> bool:
        texts = [text for text in self.cells[at] if text]
        number = re.compile(r"-?\d+(?:[.,]\d+)*\s*%?")
        last = self.names[at].rpartition("_")[2]
        counted = bool(_COUNT.fullmatch(self.names[at]) or _COUNT.fullmatch(last))
        return (counted or not _NO_COUNT.fullmatch(self.names[at])) and (
            bool(texts) and all(map(number.fullmatch, texts))
        )

    @property
    def lists_ones(self) -> bool:
        """Whether at least half of the rows count no more than one, or there are no counts."""
        ones = 0
        for k in range(self.rows):
            values = [self.cells[at][k] for at in self.counts if k < len(self.cells[at])]
            ones += all(re.fullmatch(r"[01]?(?:[.,]0+)?", value) for value in values)
        return 2 * ones >= self.rows

    def with_days(self) -> int:
        """Number of the first column of days, from 1; 0 if there is none."""
        for at, name in enumerate(self.names):
            texts = [text for text in self.cells[at] if text]
            days = sum(
                bool(_DAY.fullmatch(text))
                or bool(_DAY_WORDS & set(name.split("_")) and _SERIAL_DAY.fullmatch(text))
                for text in texts
            )
            if 2 * days > len(texts) and not _OF_THE_FILE.search(name):
                return at + 1
        return 0

    def with_notes(self) -> int:
        """Number of the first column of notes on one person each, from 1; 0 if there is none."""
        for at, name in enumerate(self.names):
            if re.search(r"source|sumber|url|tautan|geometry|wkt", name):
                continue
            texts = [text for text in self.cells[at] if text]
            if any(map(_PERSON_NOTE.search, texts)) and not re.search(r"umur|usia|age", name):
                return at + 1
            free = {text for text in texts if len(text.split()) >= 3 and not _DAY.fullmatch(text)}
            if len(free) >= 2 and 2 * len(free) >= self.rows and not self._named(name):
                return at + 1
        return 0

    @staticmethod
    def _named(name: str) -> bool:
        """Whether a heading is of names of places and things, which have several words too."""
        return bool(
            re.search(
                r"^(?:nama|name|organi[sz]a|lembaga|instansi|kab|kec|prov|desa|kota|wilayah|daerah|"
                r"asal|tujuan|destination|regency|district|village|kapal|pelabuhan|simpul|place)",
                name.rpartition("/")[2],
            )
        )

    def with_features(self) -> bool:
        """Whether two or more columns tell what is known of a person."""
        features = {
            feature
            for name in self.names
            for feature, pattern in _FEATURES.items()
            if pattern.fullmatch(name)
        }
        return len(features) >= 2 and (self.rows >= _FEWEST_ROWS or not self.counts)

    def repeats(self) -> bool:
        """Whether most rows are the same but for their number, one for each of several persons."""
        kept = [
            cells
            for name, cells in zip(self.names, self.cells, strict=True)
            if not re.fullmatch(r"(?:no|nomor|num|nr|id|index|fid)(?:_urut)?|", name)
            and len(cells) == self.rows
        ]
        same = Counter(zip(*kept, strict=True))
        repeated = sum(count for count in same.values() if count > 1)
        return self.rows > _FEWEST_ROWS and 2 * repeated >= self.rows and len(kept) > 1
