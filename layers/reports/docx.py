"""A report as a document of Word, which the office goes on writing in: A4, landscape."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from geo.i18n import Message, text
from geo.i18n.catalogue import localised
from layers.release.marking import Marking
from layers.reports.values import Report, Row
from layers.reports.xlsx import done_text, report_title, version_line, where_from

__all__ = ["Paper", "add_report", "report_document"]

_COLUMNS = (
    ("code", 12, False), ("indicator", 38, False), ("unit", 18, False), ("target_year", 15, True),
    ("achieved", 18, True), ("ceiling_year", 25, True), ("spent_year", 25, True),
    ("where_from", 39, False), ("obstacle", 27, False), ("follow_up", 26, False),
    ("responsible", 24, False),
)  # fmt: skip
"""Heading, width in mm, and whether it holds numbers."""
_UNPLANNED = (
    ("indicator_code", 24, False), ("sub_activity_code", 40, False), ("sub_activity", 90, False),
    ("ceiling_year", 32, True), ("spent_year", 32, True), ("office", 49, False),
)  # fmt: skip
_HEAD, _TEXT = "1F4E5F", RGBColor(0xFF, 0xFF, 0xFF)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def report_document(report: Report, heading: Marking, language: str) -> bytes:
    """A report with a table a sub task force; blank cells where only the office knows, and the
    office of the plan as who.

    The same report and heading give the same bytes.

    Parameters
    ----------
    report : Report
    heading : Marking
        Classification, release, date and mark of the file.
    language : str
    """
    paper = Paper(heading, language)
    paper.title(report_title(report))
    paper.line(version_line(report), heading.line)
    add_report(paper, report, language)
    paper.heading(text("report.sources", language))
    for note in report.notes:
        paper.bullet(note)
    if (coming := report.next_step_line) is not None:
        paper.bullet(coming)
    return paper.closed()


def add_report(paper: Paper, report: Report, language: str) -> None:
    """What is missing, a table a sub task force, budget outside the plan, what is on record."""
    for missing in report.missing:
        paper.bullet(missing)
    for section in report.sections:
        paper.heading(section.name)
        paper.table(_COLUMNS, [_cells(row, language) for row in section.rows])
    if report.unplanned:
        paper.heading(text("report.unplanned", language))
        paper.table(
            _UNPLANNED,
            [
                (line.indicator, line.code, line.name, _rupiah(line.ceiling, language),
                 _rupiah(line.spent, language), line.office)
                for line in report.unplanned
            ],
        )  # fmt: skip
    if report.recorded:
        paper.heading(text("report.recorded_title", language))
    for recorded in report.recorded:
        paper.bullet(recorded)


class Paper:
    """A document of one language under one heading."""

    def __init__(self, heading: Marking, language: str) -> None:
        self._language, self._licence = language, heading.licence
        self._document: Any = Document()
        section = self._document.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        for side in ("left", "right", "top", "bottom"):
            setattr(section, f"{side}_margin", Mm(15))
        style = self._document.styles["Normal"]
        style.font.name, style.font.size = "Arial", Pt(9)
        style.paragraph_format.space_after = Pt(3)
        fonts = style.element.rPr.rFonts
        for script in ("w:eastAsia", "w:cs"):
            fonts.set(qn(script), "Arial")
        spoken = OxmlElement("w:lang")
        spoken.set(qn("w:val"), {"id": "id-ID", "en": "en-GB"}.get(language, language))
        style.element.rPr.append(spoken)
        about, day = self._document.core_properties, datetime.fromisoformat(heading.day)
        about.author, about.created, about.modified = "Petajaga", day, day
        about.last_modified_by, about.language = "Petajaga", language
        about.comments = heading.licence.in_language(language)
        about.subject, about.identifier = heading.text(language), heading.code
        foot = section.footer.paragraphs[0]
        foot.text = f"{heading.text(language)}   "
        _field(foot, "PAGE")
        foot.add_run(" / ")
        _field(foot, "NUMPAGES")
        for run in foot.runs:
            run.font.size = Pt(8)

    def _words(self, words: Message | str) -> str:
        plain = words if isinstance(words, str) else words.in_language(self._language)
        return str(ILLEGAL_CHARACTERS_RE.sub("", plain))

    def title(self, words: Message) -> None:
        """The title of the document, as its heading and its property."""
        self._document.core_properties.title = self._words(words)
        paragraph = self._document.add_paragraph()
        run = paragraph.add_run(self._words(words))
        run.bold, run.font.size = True, Pt(15)

    def line(self, *parts: Message) -> None:
        """Paragraphs, one a part."""
        for part in parts:
            self._document.add_paragraph(self._words(part))

    def heading(self, words: str) -> None:
        """A heading of the second level."""
        paragraph = self._document.add_heading(level=2)
        run = paragraph.add_run(self._words(words))
        run.font.name, run.font.size = "Arial", Pt(11)
        run.font.color.rgb = RGBColor(0x1F, 0x4E, 0x5F)

    def bullet(self, words: Message | str) -> None:
        """An item of a list."""
        self._document.add_paragraph(self._words(words), style="List Bullet")

    def table(
        self, columns: Sequence[tuple[str, int, bool]], rows: Iterable[Sequence[str]]
    ) -> None:
        """A lined table; its headings stand on every page, no row is broken between two."""
        table = self._document.add_table(rows=1, cols=len(columns))
        table.style, table.autofit = "Table Grid", False
        for cell, (name, _, _) in zip(table.rows[0].cells, columns, strict=True):
            run = cell.paragraphs[0].add_run(text(f"heading.{name}", self._language))
            run.bold, run.font.size, run.font.color.rgb = True, Pt(8), _TEXT
        for values in rows:
            for cell, value, (_, _, number) in zip(
                table.add_row().cells, values, columns, strict=True
            ):
                paragraph = cell.paragraphs[0]
                paragraph.add_run(self._words(value)).font.size = Pt(8)
                if number:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for column, (_, width, _) in zip(table.columns, columns, strict=True):
            column.width = Mm(width)
            for cell in column.cells:
                cell.width = Mm(width)
        drawn = self._document.element.body.tbl_lst[-1]
        for k, line in enumerate(drawn.tr_lst):
            name = "w:cantSplit" if k else "w:tblHeader"
            line.get_or_add_trPr().append(OxmlElement(name))
        for cell in drawn.tr_lst[0].tc_lst:
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), _HEAD)
            cell.get_or_add_tcPr().append(shade)

    def closed(self) -> bytes:
        """The file with what stands under each; its parts have no time of their own."""
        for message in (Message("note.no_names_in_file"), self._licence):
            self.bullet(message)
        stream = io.BytesIO()
        self._document.save(stream)
        out = io.BytesIO()
        with zipfile.ZipFile(stream) as made, zipfile.ZipFile(out, "w") as fixed:
            for part in made.infolist():
                about = zipfile.ZipInfo(part.filename, _EPOCH)
                about.compress_type = zipfile.ZIP_DEFLATED
                fixed.writestr(about, made.read(part))
        return out.getvalue()


def _field(paragraph: Any, name: str) -> None:
    """A field that Word fills in: the number of the page, or of pages."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    paragraph._p.append(field)  # noqa: SLF001 (python-docx has no fields)
    run = OxmlElement("w:r")
    words = OxmlElement("w:t")
    words.text = "1"
    run.append(words)
    field.append(run)


def _cells(row: Row, language: str) -> tuple[str, ...]:
    return (
        row.code, row.indicator, row.unit, _number(row.target, language),
        done_text(row, language), _rupiah(row.ceiling, language), _rupiah(row.spent, language),
        where_from(row, language), "", "", row.office,
    )  # fmt: skip


def _number(value: float | None, language: str) -> str:
    return "" if value is None else localised(f"{value:,.15g}", language)


def _rupiah(value: float | None, language: str) -> str:
    return "" if value is None else localised(f"{value:,.0f}", language)
