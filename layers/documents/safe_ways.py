"""Whom to call outside the village, the way to a lawful departure, and whom to call abroad.

The page, the command line, the referral card, the brief and the offline pack all say it from here:
one rule says which offices are named, and whether the number of one is shown on a day
(:mod:`geo.contacts`). What is not shown is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.codes import CODE_LENGTHS
from geo.contacts import MONTHS_SHOWN, checked_month, is_current, is_old_line, share_served
from geo.guide import Hotline, hotlines
from geo.i18n import languages, text
from geo.periods import month_name
from layers.documents.argument import Row, is_working, offices_for
from layers.documents.referral import nearness
from layers.documents.subject import Contents

__all__ = ["OUTSIDE", "Entry", "Section", "line_said", "safe_ways", "ways_of"]

OUTSIDE = ("uptd_ppa", "p2tp2a", "police_ppa", "bp3mi", "p4mi", "ngo")
"""Kinds of office that take up a case and are not the village's, of two as near the first first."""
_CONTACTS, _CONSULATES = 2, 5
_LTSA, _ABROAD = "ltsa", "consulate"
_HERE_HOURS = 0.25
"""Within it an office is in the seat itself: its point is that of the town."""
_ASK = {"consulate": "kemlu", "ltsa": "kp2mi", "bp3mi": "kp2mi", "p4mi": "kp2mi"}
"""Line of ``hotlines.csv`` to ask where no number of an office is shown, by its kind; else 129."""
_YEAR = 4
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """One office, or what is said in its place.

    Attributes
    ----------
    name : mapping
        A text by language.
    phone : str
        As dialled; '' where none is known, or its check is too old.
    checked : str
        ISO month of the last check of ``phone``; '' without one.
    said : mapping
        When the number was checked, or why none is shown and whom to ask.
    later : mapping
        The same for a file that is opened when the check has become too old; empty without number.
    """

    name: Texts
    phone: str
    checked: str
    said: Texts
    later: Texts

    def line(self, language: str) -> str:
        """The office, its number and when that was checked, in one line."""
        said = self.said[language]
        if self.phone:
            said = f"{self.phone} ({said})"
        return f"{self.name[language]}: {said}" if said else self.name[language]


@dataclass(frozen=True)
class Section:
    """Entries under one title; ``note`` is what is to be said of them all, or None."""

    id: str
    title: Texts
    entries: tuple[Entry, ...]
    note: Texts | None = None

    def lines(self, language: str) -> list[str]:
        """The entries and the note, one a line; those without a number that need the same said
        stand together.
        """
        alike: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries:
            apart = bool(entry.phone) or not entry.said[language]
            key = (entry.said[language], entry.line(language) if apart else "")
            alike.setdefault(key, []).append(entry)
        note = [self.note[language]] if self.note else []
        return [*(_together(entries, language) for entries in alike.values()), *note]


def _together(entries: Sequence[Entry], language: str) -> str:
    names = ", ".join(entry.name[language] for entry in entries[:-1])
    last = entries[-1].line(language)
    return f"{names}, {last}" if names else last


def safe_ways(
    services: Iterable[Row],
    area: str,
    names: Mapping[str, str],
    *,
    day: str,
    areas: Iterable[Row] = (),
) -> tuple[Section, ...]:
    """Two contacts outside the village government, the nearest LTSA that works, the regency's
    offices of manpower and social affairs, and the consulates of where people leave for.

    Parameters
    ----------
    services : iterable of rows
        The layer ``services``, with what was confirmed (:func:`geo.contacts.with_confirmation`).
    area : str
        Code of an area; '' for none, where there is nothing to say.
    names : mapping
        Names of provinces and regencies by code.
    day : str
        ISO day on which it is shown.
    areas : iterable of rows
        Of the layer ``areas``: the one of the regency says which LTSA is nearest.

    Examples
    --------
    >>> office = {"id": "V118", "kind": "uptd_ppa", "name": "UPTD PPA Kota Batam", "place": "Batam"}
    >>> office |= {"area_code": "21.71", "jurisdiction": "", "as_of": "2026"}
    >>> office |= {"phone": "085136863321", "phone_as_of": "2024-10-17"}
    >>> first, *_ = safe_ways([office], "21.71", {}, day="2025-10-31")
    >>> first.entries[0].line("en")
    'UPTD PPA Kota Batam: 085136863321 (checked October 2024)'
    >>> first, *_ = safe_ways([office], "21.71", {}, day="2025-11-01")
    >>> first.entries[0].phone, first.entries[0].said["id"]
    ('', 'nomor kantor ini belum diperiksa sejak Oktober 2024; tanyakan ke 129')
    """
    if not area:
        return ()
    rows = list(services)
    near = [row for row in offices_for(rows, area) if is_working(row)]
    regency = area[: CODE_LENGTHS["regency"]]
    own = next((row for row in areas if row["code"] == regency), None)
    sections = [
        _contacts(near, area, day),
        _ltsa(rows, near, own, day),
        _offices(names.get(regency, names.get(area[:2], ""))),
        _consulates(rows, area[:2], day),
    ]
    return tuple(section for section in sections if section.entries or section.note)


def ways_of(contents: Contents, area: str, day: str) -> tuple[Section, ...]:
    """:func:`safe_ways` of an area with what a release has of it for its reader."""
    services = [row for row, _ in contents.rows("services")]
    areas = (row for row, _ in contents.rows("areas"))
    return safe_ways(services, area, contents.area_names, day=day, areas=areas)


def line_said(line: Hotline, day: str) -> Texts:
    """When a national line was stated, by language; of an old page that it was not checked since.

    Examples
    --------
    >>> from geo.guide import hotlines
    >>> lines = {line.id: line for line in hotlines()}
    >>> line_said(lines["lpsk"], "2026-11-30")["id"]
    'belum diperiksa sejak Maret 2020'
    >>> line_said(lines["sapa"], "2026-11-30")["en"]
    'checked January 2026'
    """
    key = "contact.line_old" if is_old_line(line.as_of, day) else "contact.checked"
    return _by_month(key, checked_month(line.as_of))


def _contacts(near: Sequence[Row], area: str, day: str) -> Section:
    """Offices with a number that may be shown first, then one of each kind, the nearest first."""
    known = sorted(
        (row for row in near if row["kind"] in OUTSIDE),
        key=lambda row: (not _shown(row, day), -nearness(row, area), OUTSIDE.index(row["kind"])),
    )
    earlier: Counter[tuple[bool, str]] = Counter()
    order = []
    for row in known:
        group = (not _shown(row, day), str(row["kind"]))
        order.append((group[0], earlier[group]))
        earlier[group] += 1
    ranked = [row for _, row in sorted(zip(order, known, strict=True), key=lambda item: item[0])]
    chosen = ranked[:_CONTACTS]
    count = sum(_shown(row, day) for row in chosen)
    note = None
    if not chosen:
        note = _each("safe.none")
    elif count < _CONTACTS:
        note = _each("safe.short", count=count, most=_CONTACTS, months=MONTHS_SHOWN)
    entries = tuple(_entry(row, day) for row in chosen)
    return Section("contacts", _each("safe.contacts"), entries, note)


def _ltsa(rows: Sequence[Row], near: Sequence[Row], own: Row | None, day: str) -> Section:
    """The LTSA that is nearest by travel time, else the first that names the area as its own."""
    nearest = str(own.get("ltsa_id") or "") if own else ""
    found = [row for row in rows if row["id"] == nearest and is_working(row)]
    hours = own.get("ltsa_hours") if own and found else None
    found = found or [row for row in near if row["kind"] == _LTSA]
    title = _each("safe.ltsa")
    if not found:
        return Section(_LTSA, title, (), _each("safe.no_ltsa"))
    note = _each("safe.ltsa_sure")
    if hours is not None and hours == hours:  # not known: NaN in a build
        here = hours < _HERE_HOURS
        note = _each("safe.ltsa_here") if here else _each("safe.ltsa_hours", hours=float(hours))
    return Section(_LTSA, title, (_entry(found[0], day),), note)


def _offices(area: str) -> Section:
    """Those that every regency and province has by law, by the area's name."""
    entries = [
        Entry(_each(f"safe.{duty}", area=area), "", "", _empty(), {})
        for duty in ("manpower", "social")
    ]
    return Section("offices", _each("safe.offices"), tuple(entries) if area else ())


def _consulates(rows: Iterable[Row], province: str, day: str) -> Section:
    """Those of most of the people who leave the province, by where they are thought to go."""
    missions = (row for row in rows if row["kind"] == _ABROAD and is_working(row))
    serving = [(share, row) for row in missions if (share := share_served(row, province)) > 0]
    chosen = sorted(serving, key=lambda item: -item[0])[:_CONSULATES]
    entries = tuple(_entry(row, day) for _, row in chosen)
    return Section("consulates", _each("safe.consulates"), entries)


def _shown(row: Row, day: str) -> bool:
    return bool(row.get("phone")) and is_current(str(row.get("phone_as_of") or ""), day)


def _entry(row: Row, day: str) -> Entry:
    lines = {line.id: line.number for line in hotlines()}
    ask = lines[_ASK.get(str(row["kind"]), "sapa")]
    place = str(row["place"] or "")
    known = [place if place not in row["name"] else "", str(row["as_of"] or "")[:_YEAR]]
    if row["kind"] != _LTSA:  # its year says whether it may still be at work
        known.pop()
    where = ", ".join(filter(None, known))
    name = dict.fromkeys(languages(), f"{row['name']} ({where})" if where else str(row["name"]))
    if not row.get("phone"):
        return Entry(name, "", "", _each("contact.none", ask=ask), {})
    checked = str(row.get("phone_as_of") or "")
    month = checked_month(checked)
    if not month:
        return Entry(name, "", "", _each("contact.unconfirmed", ask=ask), {})
    stated = checked if len(checked) <= _YEAR else month
    old = _by_month("contact.old", stated, ask=ask)
    if not _shown(row, day):
        return Entry(name, "", "", old, {})
    return Entry(name, str(row["phone"]), month, _by_month("contact.checked", stated), old)


def _each(key: str, **params: Any) -> Texts:
    return {language: text(key, language, **params) for language in languages()}


def _by_month(key: str, month: str, **params: Any) -> Texts:
    return {
        language: text(key, language, month=month_name(month, language), **params)
        for language in languages()
    }


def _empty() -> Texts:
    return dict.fromkeys(languages(), "")
