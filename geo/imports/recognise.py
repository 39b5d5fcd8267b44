"""From the sheet as an office made it to a table of one row a record, under Petajaga's headings.

Title rows, headings of several rows, column numbers, totals and footers are told from the data;
years and measures that stand as columns become rows. Nothing is guessed in silence: the report has
the meaning of each column and every row that is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from geo.counts import count_unit
from geo.errors import DataFileError
from geo.i18n import Message, languages, text
from geo.imports.columns import Kind
from geo.imports.headings import (
    Meaning,
    Vocabulary,
    is_tags,
    same_unit,
    shape_of,
)
from geo.imports.numbers import CellError, Typed, is_missing, read_number
from geo.imports.options import Options
from geo.imports.person_check import refuse_person_columns
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.sheet import Sheet, check_size
from geo.imports.words import TOTALS, fold
from geo.names import area_codes

__all__ = ["Table", "recognise"]

_HEADING_ROWS = 30
"""Rows in which headings are looked for."""
_MOST_HEIGHT = 3
_SOURCE = re.compile(r"^\W*(?:sumber(?: data)?|source)\s*[:;]\s*(.+)$", re.IGNORECASE | re.DOTALL)
_FOOTER = re.compile(
    r"^\s*(?:\W*(?:sumber|source|catatan|keterangan|ket|notes?|cat)\b\s*(?:data\s*)?[.:;]"
    r"|[*\u2020\u00b9\u00b2\u00b3]|[r\d]\)|\()",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TITLE_UNIT = re.compile(
    r"\b(persen|persentase|jiwa|orang|ribu rupiah/orang/tahun)\b", re.IGNORECASE
)
_LEVELS = ("village", "district", "regency", "province")
_CODE_COLUMNS = (
    ("village", "village_code"),
    ("district", "district_code"),
    ("regency", "regency_code"),
    ("regency", "bps_code"),
    ("province", "province_code"),
)
"""Columns of codes by level, the finest first; BPS codes are of regencies where there are any."""
_FEWEST_OTHERS = 3
"""Rows below which a sum is no sign of a total."""

Grid = list[list[str]]


@dataclass
class Table:
    """The records of a file.

    Attributes
    ----------
    sheet : Sheet
        One row a record; its headings are columns of the kind.
    mapping : dict of str to int
        Position of each column.
    source_mapping : dict of str to int
        Position of each column in the file.
    source_headings : list of str
        Heading of each column in the file.
    title : str
        Lines above the headings.
    left_out : list of (int, Message)
        Position of each row that is no record, and why.
    """

    sheet: Sheet
    mapping: dict[str, int]
    source_mapping: dict[str, int]
    source_headings: list[str]
    title: str = ""
    left_out: list[tuple[int, Message]] = field(default_factory=list)


@dataclass
class _Page:
    """One table of the grid: a sheet of a workbook, or the whole file."""

    rows: range
    year: str = ""
    headings: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    body: range = field(default_factory=lambda: range(0))


def recognise(
    sheet: Sheet, kind: Kind, reference: ReferenceData, options: Options, report: Report
) -> Table:
    """The table of a sheet; the report gets the meaning of each column.

    Raises
    ------
    DataFileError
        No rows, headings of personal data, unknown or missing columns.
    """
    if not sheet.headings and not sheet.rows:
        raise DataFileError("imports.empty")
    for k, typed in enumerate(sheet.typed):
        if typed:
            cells = sheet.rows[k]
            sheet.rows[k] = [Typed(c) if typed >> j & 1 else c for j, c in enumerate(cells)]
    pages = _pages(sheet)
    for page in pages:
        _find_headings(page, sheet, Vocabulary(kind, reference, options, _early_title(page, sheet)))
    first = pages[0]
    if first.tags:
        sheet.notes.append(Message("import_note.hxl_tags"))
    report.shape = shape_of(kind.name, first.headings)
    if not options.columns and (columns := options.remembered.get(report.shape)):
        options = replace(options, columns=columns)
        stated = [f"{heading} = {meaning}" for heading, meaning in columns.items()]
        report.note("import_note.remembered", columns=stated)
    report.mapping = dict(options.columns)
    vocabulary = Vocabulary(kind, reference, options, "\n".join(first.title))
    return _Reading(sheet, vocabulary, pages, report).table()


def _pages(sheet: Sheet) -> list[_Page]:
    if sheet.headings:
        body = range(len(sheet.rows))
        headings = [heading.strip() for heading in sheet.headings]
        tags: list[str] = []
        if sheet.rows and is_tags(sheet.rows[0]):
            tags, body = sheet.rows[0], body[1:]
        return [_Page(range(len(sheet.rows)), headings=headings, tags=tags, body=body)]
    if not sheet.paged:
        return [_Page(range(len(sheet.rows)))]
    pages: list[_Page] = []
    for k, row in enumerate(sheet.rows):
        if pages and pages[-1].year == row[0]:
            pages[-1].rows = range(pages[-1].rows.start, k + 1)
        else:
            pages.append(_Page(range(k, k + 1), row[0]))
    return pages


def _cells(sheet: Sheet, k: int) -> list[str]:
    """The cells of a row, without the year of its page."""
    return sheet.rows[k][1:] if sheet.paged else sheet.rows[k]


def _early_title(page: _Page, sheet: Sheet) -> str:
    """Lines at the top with one or two cells: titles, as far as can be told before the headings."""
    lines = []
    for k in page.rows[:15]:
        texts = [cell for cell in _cells(sheet, k) if cell]
        if len(texts) <= 2:
            lines.append(" ".join(texts))
    return "\n".join(lines)


def _find_headings(page: _Page, sheet: Sheet, vocabulary: Vocabulary) -> None:
    """Find the headings of a page: the rows in which most headings are recognised."""
    if page.headings:
        return
    best, found = 0, (page.rows.start, 1)
    for start in page.rows[:_HEADING_ROWS]:
        for height in range(1, _MOST_HEIGHT + 1):
            if start + height > page.rows.stop:
                break
            headings = _joined(sheet, start, height)
            names = {heading for heading in headings if heading}
            score = sum(map(vocabulary.is_heading, names))
            if 3 * score - len(names) > best:
                best, found = 3 * score - len(names), (start, height)
    if best < 2:
        found = (_first_wide_row(page, sheet), 1)
    start, height = found
    body = start + height
    page.headings = _joined(sheet, start, height)
    if body < page.rows.stop and is_tags(_cells(sheet, body)):
        page.tags, body = _cells(sheet, body), body + 1
    elif is_tags(page.headings):
        page.tags = page.headings
        above = _cells(sheet, start - 1) if start > page.rows.start else []
        if sum(map(bool, above)) > 1:
            page.headings, start = above, start - 1
    page.title = [" ".join(filter(None, _cells(sheet, k))) for k in range(page.rows.start, start)]
    if body < page.rows.stop and _are_column_numbers(_cells(sheet, body)):
        body += 1
    page.body = range(body, page.rows.stop)


def _first_wide_row(page: _Page, sheet: Sheet) -> int:
    wide = [k for k in page.rows[:_HEADING_ROWS] if sum(map(bool, _cells(sheet, k))) > 1]
    return wide[0] if wide else page.rows.start


def _are_column_numbers(cells: Sequence[str]) -> bool:
    """Whether a row numbers the columns: (1) (2) (3)."""
    numbers = [cell.strip("()") for cell in cells if cell]
    return len(numbers) > 2 and numbers == [str(k) for k in range(1, len(numbers) + 1)]


def _joined(sheet: Sheet, start: int, height: int) -> list[str]:
    """Headings of ``height`` rows, each column's parts joined; a group's name goes to all of it."""
    rows = [list(_cells(sheet, k)) for k in range(start, start + height)]
    shift = int(sheet.paged)
    merged = [area for area in sheet.merged if start <= area[0] < start + height]
    for top, left, _, right in merged:
        cells = rows[top - start]
        for k in range(left - shift + 1, min(right - shift + 1, len(cells))):
            cells[k] = cells[left - shift]
    for upper, lower in pairwise(rows):
        group = ""
        for k, cell in enumerate(upper):
            group = cell or (group if lower[k] and not merged else "")
            upper[k] = group
    parts = [list(dict.fromkeys(filter(None, column))) for column in zip(*rows, strict=True)]
    return [" ".join(" ".join(names).split()) for names in parts]


@cache
def _headings_in_words() -> frozenset[str]:
    """The heading by which an export for reading in a spreadsheet is known: its words have no
    hidden sheet that says which codes they stand for.
    """
    key = "field.file_classification"
    return frozenset(fold(text(key, language)) for language in languages())


class _Reading:
    """Turns the pages of a sheet into one table."""

    def __init__(
        self, sheet: Sheet, vocabulary: Vocabulary, pages: list[_Page], report: Report
    ) -> None:
        self.sheet, self.vocabulary, self.pages, self.report = sheet, vocabulary, pages, report
        self.kind, self.reference = vocabulary.kind, vocabulary.reference
        self.headings = pages[0].headings
        while self.headings and not self.headings[-1]:
            self.headings.pop()
        if any(fold(heading) in _headings_in_words() for heading in self.headings):
            raise DataFileError("imports.in_words")
        check_size(self.headings, len(sheet.rows))
        self.shift = int(sheet.paged)
        self.left_out: list[tuple[int, Message]] = []
        self.constants: dict[str, str] = {}
        self.meanings = self._meanings(pages[0].tags)
        self.columns: dict[str, int] = {}
        for at, meaning in self.meanings.items():
            if meaning.column and not (meaning.series or meaning.year):
                self.columns.setdefault(meaning.column, at)
        self.values = [
            at for at, meaning in self.meanings.items() if meaning.series or meaning.year
        ]

    def table(self) -> Table:
        """The table of all pages."""
        self._choose_code()
        body = [(page, k) for page in self.pages for k in self._records(page)]
        self._complete()
        self._require()
        self._describe()
        if not body:
            raise DataFileError("imports.no_rows")
        self.sheet.refuse_formulas(k for _, k in body)
        self._refuse_wide(k for _, k in body)
        titles = [line for page in self.pages for line in page.title]
        source = {name: at + self.shift for name, at in self.columns.items()}
        tidy = self._unpivoted(body) if self.values else self._plain(body)
        mapping = {name: at for at, name in enumerate(tidy.headings)}
        headings = ["", *self.headings] if self.shift else self.headings
        return Table(tidy, mapping, source, headings, "\n".join(titles), self.left_out)

    def _refuse_wide(self, rows: Iterable[int]) -> None:
        """Refuse a row that has more cells than there are headings.

        Raises
        ------
        DataFileError
        """
        width = len(self.headings)
        for k in rows:
            cells = _cells(self.sheet, k)
            if any(cells[width:]):
                raise DataFileError(
                    "imports.too_many_cells",
                    position=self.sheet.at(self.sheet.positions[k]),
                    cells=max(at for at, cell in enumerate(cells, start=1) if cell),
                    headings=width,
                )

    def _meanings(self, tags: Sequence[str]) -> dict[int, Meaning]:
        """The meaning of each column, by its position.

        Raises
        ------
        DataFileError
        """
        all_meanings: dict[int, Meaning | None] = {}
        for at, heading in enumerate(self.headings):
            tag = tags[at] if at < len(tags) else ""
            if heading or tag or self._has_cells(at):
                all_meanings[at] = self.vocabulary.meaning(heading, tag)
        self._refuse_persons(all_meanings)
        unknown = [at for at, meaning in all_meanings.items() if meaning is None]
        if unknown:
            self._refuse_records_as_headings(all_meanings)
            raise DataFileError(
                "imports.unknown_columns",
                count=len(unknown),
                columns=[self._offer(at) for at in unknown[:10]],
                headings=[self.headings[at] for at in unknown if self.headings[at]],
                nearest=[
                    (self.vocabulary.near(self.headings[at]) or [""])[0]
                    for at in unknown
                    if self.headings[at]
                ],
                kind=self.kind.name,
                allowed=[column.name for column in self.kind.named],
            )
        meanings = {at: meaning for at, meaning in all_meanings.items() if meaning is not None}
        return self._without_doubles(meanings)

    def _refuse_persons(self, meanings: Mapping[int, Meaning | None]) -> None:
        """Refuse columns of persons, also those that the user leaves out, and line lists.

        Raises
        ------
        DataFileError
        """
        width = len(self.headings)
        rows = [
            [*cells[:width], page.year]
            for page in self.pages
            for k in page.body
            if _may_be_record(cells := _cells(self.sheet, k))
        ]
        texts = {
            at
            for at, meaning in meanings.items()
            if meaning and meaning.column and not meaning.series and meaning.reason != "stated"
            if self.kind.column(meaning.column).role not in {"count", "number"}
        }
        texts |= {at for at, meaning in meanings.items() if meaning and meaning.reason == "unused"}
        refuse_person_columns(
            [*self.headings, "year"],
            rows,
            recognised=texts,
            places=self.reference.areas.values(),
            lines=self.kind.name == "counts",
        )

    def _refuse_records_as_headings(self, meanings: Mapping[int, Meaning | None]) -> None:
        """Refuse a file without headings before an error would quote its first record.

        Raises
        ------
        DataFileError
        """
        named = any(meaning and (meaning.column or meaning.series) for meaning in meanings.values())
        numbers = [text for text in self.headings if re.search(r"\d", text) and _is_number(text)]
        if not named or any(not _YEAR.fullmatch(text) for text in numbers):
            raise DataFileError(
                "imports.no_headings",
                kind=self.kind.name,
                allowed=[column.name for column in self.kind.named],
            )

    def _has_cells(self, at: int) -> bool:
        rows = (_cells(self.sheet, k) for page in self.pages for k in page.body)
        return any(row[at] for row in rows if at < len(row))

    def _offer(self, at: int) -> str | Message:
        heading = self.headings[at].strip()[:40]
        if not heading:
            return Message("position.unnamed_column", {"number": at + 1})
        near = self.vocabulary.near(heading)
        return f"{heading} ({near[0]}?)" if near else heading

    def _without_doubles(self, meanings: dict[int, Meaning]) -> dict[int, Meaning]:
        """Each column of the kind once: by its own name before an alias.

        Raises
        ------
        DataFileError
            Two columns of the file have the same meaning.
        """
        wide = any(meaning.series or meaning.year for meaning in meanings.values())
        places: dict[tuple[str, str, str], int] = {}
        for at, meaning in list(meanings.items()):
            if (
                wide
                and meaning.column == self.vocabulary.value
                and not (meaning.series or meaning.year)
            ):
                meanings[at] = Meaning(reason="sum")
                continue
            key = (meaning.column, meaning.series, meaning.year)
            if not meaning.column or key not in places:
                places[key] = at
                continue
            first = places[key]
            exact = [fold(self.headings[k]) == meaning.column for k in (first, at)]
            role = self.kind.column(meaning.column).role
            if exact == [False, True]:
                meanings[first], places[key] = Meaning(reason="double"), at
            elif exact[0] or role in {"part_code", "part_name"}:
                meanings[at] = Meaning(reason="double")
            else:
                raise DataFileError(
                    "imports.same_columns",
                    first=first + 1,
                    second=at + 1,
                    column=meaning.series or meaning.column,
                )
        return meanings

    def _choose_code(self) -> None:
        """Take the finest column of codes of a level where the file has no other codes."""
        place = self.kind.place
        if not place or place in self.columns:
            return
        levels = [level for level in _LEVELS if f"{level}_name" in self.columns]
        for level, name in _CODE_COLUMNS:
            if name not in self.columns:
                continue
            if levels and _LEVELS.index(levels[0]) < _LEVELS.index(level):
                return  # names say more exactly where a row is
            self.columns[place] = self.columns.pop(name)
            self.report.codes = "bps" if name == "bps_code" else ""
            return

    def _records(self, page: _Page) -> list[int]:
        """The rows of a page that hold data; the others are left out, with the reason."""
        keys = [
            at
            for name, at in self.columns.items()
            if name in self.kind.key
            or self.kind.column(name).role in {"place_code", "part_code", "part_name"}
        ] or list(self.columns.values())
        rows = []
        heading = [fold(text) for text in self.headings]
        last = max((k for k in page.body if any(self._at(k, at) for at in keys)), default=-1)
        for k in page.body:
            cells = _cells(self.sheet, k)
            reason = self._reason(k, cells, keys, after=k > last)
            repeated = bool(cells) and fold(cells[0]) == heading[0]
            if not reason and repeated and [fold(c) for c in cells[: len(heading)]] == heading:
                reason = "row.headings"
            if reason:
                self.left_out.append((self.sheet.positions[k], Message(reason)))
            else:
                rows.append(k)
        for k in [k for k in rows if self._is_sum_of(k, rows, keys)]:
            self.left_out.append((self.sheet.positions[k], Message("row.sum")))
            rows.remove(k)
        return rows

    def _at(self, k: int, at: int) -> str:
        cells = _cells(self.sheet, k)
        return cells[at] if at < len(cells) else ""

    def _reason(self, k: int, cells: list[str], keys: list[int], *, after: bool) -> str:
        """Why a row is no record: a total, a footer; empty if it is one."""
        texts = [cell for cell in cells if cell]
        if not texts:
            return "row.empty"
        if match := _SOURCE.match(texts[0]):
            self.constants.setdefault("source", " ".join(match[1].split())[:200])
            return "row.footer"
        lead = next((cells[at] for at in sorted(keys) if at < len(cells) and cells[at]), texts[0])
        if len(texts) > 1 and {fold(lead), fold(texts[0])} & TOTALS:
            return "row.total"
        if len(texts) == 1 and _FOOTER.match(texts[0]):
            return "row.footer"
        value = self.values or [
            at for name, at in self.columns.items() if name == self.vocabulary.value
        ]
        numbers = any(_is_number(cells[at]) for at in value if at < len(cells))
        if after and not numbers and len(texts) <= 3:
            return "row.footer"
        return ""

    def _is_sum_of(self, k: int, rows: list[int], keys: list[int]) -> bool:
        """Whether a row without a place, or of a province, is the sum of all others."""
        if self.kind.name != "counts" or not self.values or len(rows) <= _FEWEST_OTHERS:
            return False
        names = [cell for at in keys if (cell := self._at(k, at))]
        provinces = self.reference.by_level["province"]
        if any(not area_codes(provinces, name) for name in names):
            return False
        try:
            for at in self.values:
                cells = [(row, self._at(row, at)) for row in rows]
                numbers = {
                    row: read_number(cell, whole=True).value
                    for row, cell in cells
                    if cell and not is_missing(cell)
                }
                if 2 * numbers.get(k, 0.0) != sum(numbers.values()):
                    return False
        except CellError:
            return False
        return True

    def _complete(self) -> None:
        """What the file says outside its columns: title, footer, unit of a heading, the user."""
        title = "\n".join(self.pages[0].title)
        stated = {
            fold(heading): meaning
            for heading, meaning in self.vocabulary.options.columns.items()
            if fold(heading) in {column.name for column in self.kind.named}
            and fold(heading) not in self.columns
        }
        years = set(_YEAR.findall(title))
        names = {column.name for column in self.kind.columns}
        if "year" in names and len(years) == 1 and not self.sheet.paged:
            self.constants.setdefault("year", years.pop())
        unnamed = any(not self.meanings[at].series for at in self.values) or not self.values
        if self.vocabulary.wide not in {"", "year"} and unnamed:
            self.constants.setdefault(self.vocabulary.wide, self.vocabulary.title_series)
        if "unit" in names and (match := _TITLE_UNIT.search(title)) and self.kind.name != "counts":
            self.constants.setdefault("unit", match[1])
        if "legal_class" in names:
            for word, of_word in (("tppo", "tppo"), ("nonprocedural", "nonprocedural")):
                if word in self.vocabulary.subject and not {"tppo", "nonprocedural"} <= set(
                    self.vocabulary.subject
                ):
                    self.constants.setdefault("legal_class", of_word)
        self.constants = {
            name: value
            for name, value in (self.constants | stated).items()
            if value and name in names and name not in self.columns
        }
        value = self.columns.get(self.vocabulary.value)
        if value is not None and (unit := self.meanings[value].unit) and "unit" in names:
            self.constants.setdefault("unit", unit)

    def _require(self) -> None:
        """Refuse a file that lacks a required column.

        Raises
        ------
        DataFileError
        """
        kind, wide = self.kind, self.vocabulary.wide
        given = set(self.columns) | set(self.constants)
        roles = {kind.column(name).role for name in self.columns}
        if kind.place and "part_name" in roles:
            given.add(kind.place)
        if self.values:
            given.add(self.vocabulary.value)
            given |= {wide} if all(self.meanings[at].series for at in self.values) else set()
            given |= {"year"} if all(self.meanings[at].year for at in self.values) else set()
        if self.sheet.paged or not self.columns.keys().isdisjoint({"period", "month"}):
            given.add("year")
        if kind.name == "indicators":
            given.add("unit")  # that of the indicator, unless it is new
        has_shape = "geometry" in given or (
            self.sheet.shapes is not None and any(self.sheet.shapes)
        )
        missing = [
            column.name
            for column in kind.columns
            if column.required and column.name not in given and column.role != "geometry"
        ]
        if kind.geometry == "point" and not has_shape:
            missing += [name for name in ("lat", "lon") if name not in given]
        if kind.geometry == "polygon" and not has_shape:
            missing.append("geometry")
        if missing:
            raise DataFileError(
                "imports.missing_columns", count=len(missing), columns=missing, kind=kind.name
            )

    def _describe(self) -> None:
        """Put the meaning of each column into the report."""
        self.report.columns = [
            {
                "heading": self.headings[at][:60],
                "column": meaning.column,
                "series": meaning.series,
                "year": meaning.year,
                "reason": meaning.reason,
            }
            for at, meaning in self.meanings.items()
        ] + [
            {"heading": "", "column": name, "series": "", "year": "", "reason": "constant",
             "value": value}
            for name, value in sorted(self.constants.items())
        ]  # fmt: skip

    def _plain(self, body: list[tuple[_Page, int]]) -> Sheet:
        names = list(self.columns)
        constants = dict(self.constants)
        if self.sheet.paged and "year" not in names:
            constants.pop("year", None)
        order = [
            *names,
            *constants,
            *(["year"] if self.sheet.paged and "year" not in names else []),
        ]
        rows = []
        for page, k in body:
            row = [self._at(k, self.columns[name]) for name in names]
            row += [constants[name] for name in constants]
            if len(order) > len(row):
                row.append(page.year)
            rows.append(row)
        return self._sheet(order, rows, [k for _, k in body])

    def _unpivoted(self, body: list[tuple[_Page, int]]) -> Sheet:
        """One record for each row and column of values."""
        wide = self.vocabulary.wide
        names = list(self.columns)
        extra = [name for name in self.constants if name not in {wide, "year", "unit"}]
        value = self.vocabulary.value
        wanted = dict.fromkeys((wide, "year", "unit", value))
        added = [name for name in wanted if name not in names]
        rows, origin = [], []
        for page, k in body:
            base = [self._at(k, self.columns[name]) for name in names]
            base += [self.constants[name] for name in extra]
            for at in self.values:
                meaning = self.meanings[at]
                cells = {
                    wide: meaning.series or self.constants.get(wide, ""),
                    "year": meaning.year or page.year or self.constants.get("year", ""),
                    "unit": self._unit(meaning),
                    value: self._at(k, at) or "-",
                }
                rows.append([*base, *(cells[name] for name in added)])
                origin.append(k)
        return self._sheet([*names, *extra, *added], rows, origin)

    def _unit(self, meaning: Meaning) -> str:
        unit = meaning.unit or self.constants.get("unit", "")
        if self.kind.name == "counts":
            return unit if count_unit(unit) != unit.strip().lower() else ""
        return same_unit(unit) if unit else ""

    def _sheet(self, headings: list[str], rows: Grid, origin: Sequence[int]) -> Sheet:
        sheet = self.sheet
        shapes = None if sheet.shapes is None else [sheet.shapes[k] for k in origin]
        positions = [sheet.positions[k] for k in origin]
        return replace(
            sheet, headings=headings, rows=rows, positions=positions, shapes=shapes,
            merged=[], typed=[], paged=False,
        )  # fmt: skip


def _is_number(text: str) -> bool:
    try:
        read_number(text, whole=True)
    except CellError:
        return False
    return True


def _may_be_record(cells: Sequence[str]) -> bool:
    """Whether a row is neither a line of text nor one of totals or formulas."""
    texts = [cell for cell in cells if cell]
    formula = any(text.startswith("=") for text in texts)
    return len(texts) > 1 and not formula and fold(texts[0]) not in TOTALS
