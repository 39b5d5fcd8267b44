"""Agreements under which offices hand over held data: reading, checking and their limits.

An agreement is a TOML file, or a text with one TOML block (the filled-in template). Data that count
persons are applied under one alone; :mod:`geo.imports.store` keeps them.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from geo.codes import CODE_LENGTHS
from geo.disclosure import COUNT_INDICATORS
from geo.errors import DataFileError, InputError, os_reason
from geo.i18n.catalogue import DEFAULT_LANGUAGE, text
from geo.imports.personal import find_personal
from geo.tiers import TIERS, Tier

__all__ = [
    "HELD_KINDS", "PURPOSES", "Agreement", "agreement_template", "is_held", "read_agreement",
]  # fmt: skip

PURPOSES = ("model", "layers", "outreach", "posts")
"""Uses that an agreement may allow: fitting departures, showing counts, planning outreach, and
learning what posts see."""
HELD_KINDS = ("counts", "indicators", "outreach", "checks")
"""Kinds of import that may count persons."""
_OPEN = frozenset({"model", "layers", "posts"})
_EVERYWHERE = "ID"
_MOST_BYTES = 65_536
_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "purpose": PURPOSES,
        "tiers": TIERS,
        "finest_level": tuple(CODE_LENGTHS),
        "kinds": HELD_KINDS,
    }
)
_LISTS = ("purpose", "tiers", "kinds", "places")
_DATES = ("date", "retain_until")
_BLOCK = re.compile(r"^```toml\s*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_OFFICE = re.compile(
    r"\b(?:badan|bagian|balai|bidang|biro|bp3mi|dinas|direktorat|gugus tugas|kantor|kementerian"
    r"|kepolisian|lembaga|pol(?:da|res|sek)|pusat|satuan|sekretariat|seksi|sub ?bag\w*|uptd?"
    r"|yayasan|office|division|unit|section|secretariat|department|foundation)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:bapak|bpk|ibu(?! kota)|sdri?|saudara|saudari|tuan|nyonya|mr|mrs|ms|dra?|drs|prof|nip|nrp"
    r"|kombes|akbp|kompol|akp|ipda|iptu|ai[pb]tu|bripka|brigadir|a\.n)\b"
    r"|\bS\.\s?(?:H|E|Sos|Kom|Pd|IP|Si|Kep|Psi)\b|\bM\.\s?(?:H|Si|Pd|Kes|Hum|M)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One agreement: who owns the data, what they may be used for, by whom, and for how long.

    Attributes
    ----------
    owner, legal_basis, number : str
        ``number`` identifies the agreement; it is never used again.
    date, retain_until : str
        ISO dates; rows count until the day of ``retain_until``.
    purpose : tuple of str
        Some of :data:`PURPOSES`.
    tiers : tuple of str
        Tiers that may see the rows: one of :data:`geo.tiers.TIERS` and all above it.
    finest_level : str
        Level of area below which nothing is used.
    contact : str
        The office to notify, never a person.
    kinds, places : tuple of str
        Kinds of import and codes of areas (``ID``: the whole country) that it covers.
    sha256, registered_at, by, withdrawn_at, withdrawn_by : str
        Digest of the file, and when and by whom it was registered and withdrawn.
    """

    owner: str
    legal_basis: str
    number: str
    date: str
    purpose: tuple[str, ...]
    tiers: tuple[str, ...]
    finest_level: str
    retain_until: str
    contact: str
    kinds: tuple[str, ...]
    places: tuple[str, ...]
    sha256: str = ""
    registered_at: str = ""
    by: str = ""
    withdrawn_at: str = ""
    withdrawn_by: str = ""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The agreement of a stored document; :class:`TypeError` or :class:`KeyError` if none."""
        lists = {name: tuple(document[name]) for name in _LISTS}
        return cls(**{**document, **lists})

    @property
    def tier(self) -> Tier:
        """The lowest tier that may see the rows."""
        return next(tier for tier in TIERS if tier in self.tiers)

    @property
    def is_open(self) -> bool:
        """Whether its rows may be seen by everyone and used for everything that counts are."""
        return self.tier == TIERS[0] and set(self.purpose) >= _OPEN

    @property
    def plans_visits(self) -> bool:
        """Whether visits may be used to plan visits, which is done at the partners' tier."""
        return "outreach" in self.purpose and "partner" in self.tiers

    @property
    def shows_terminals(self) -> bool:
        """Whether checks may be shown, each terminal by itself: to the police, in any case."""
        return "layers" in self.purpose and self.finest_level == "village"

    def has_ended(self, day: str) -> bool:
        """Whether its rows may no longer be kept on an ISO day."""
        return self.retain_until < day

    def covers(self, code: str) -> bool:
        """Whether an area lies in its places."""
        return any(
            place in (_EVERYWHERE, code) or code.startswith(f"{place}.") for place in self.places
        )

    def document(self) -> dict[str, Any]:
        """Its terms, as a reader may see them: without the office to notify."""
        kept = {field.name for field in fields(self)} - {"contact", "sha256", "by", "withdrawn_by"}
        return {name: value for name, value in asdict(self).items() if name in kept}

    def refuse_unfit(self, kind: str, rows: Iterable[Mapping[str, str]], day: str) -> None:
        """Refuse to apply rows of a kind under it.

        Raises
        ------
        InputError
            It is withdrawn or ended, or covers another kind or other places.
        """
        params = {"number": self.number, "field": "under"}
        if self.withdrawn_at:
            raise InputError("agreement.withdrawn", **params)
        if self.has_ended(day):
            raise InputError("agreement.ended", until=self.retain_until, **params)
        if kind not in self.kinds:
            raise InputError("agreement.other_kind", kind=kind, kinds=list(self.kinds), **params)
        for row in rows:
            code = row.get("place_code") or row.get("area_code") or ""
            if not self.covers(code):
                places = list(self.places)
                raise InputError("agreement.other_place", code=code, places=places, **params)


def is_held(kind: str, rows: Iterable[Mapping[str, str]]) -> bool:
    """Whether the rows of a normalised table count persons, so that they need an agreement.

    Examples
    --------
    >>> is_held("indicators", [{"indicator": "poverty_rate"}]), is_held("outreach", [])
    (False, True)
    """
    if kind == "indicators":
        return any(row["indicator"] in COUNT_INDICATORS for row in rows)
    return kind in HELD_KINDS


def agreement_template(language: str = DEFAULT_LANGUAGE) -> str:
    """The text of an agreement to fill in, with its TOML block."""
    return text("agreement.template", language) + "\n"


def read_agreement(path: Path) -> Agreement:
    """Read and check the file of an agreement.

    Raises
    ------
    DataFileError
        It cannot be read, or an entry is missing, unknown or not allowed; ``field`` names it.
    """
    try:
        content = path.read_bytes()[: _MOST_BYTES + 1]
    except OSError as error:
        raise DataFileError("imports.unreadable", reason=os_reason(error)) from None
    if len(content) > _MOST_BYTES:
        raise DataFileError("agreement.not_toml", file=path.name)
    try:
        words = content.decode("utf-8-sig").replace("\r\n", "\n")
        block = _BLOCK.search(words)
        document = tomllib.loads(block[1] if block else words)
    except ValueError:
        raise DataFileError("agreement.not_toml", file=path.name) from None
    wanted = [field.name for field in fields(Agreement) if field.default is MISSING]
    for name in document:
        if name not in wanted:
            raise _fault("agreement.entry_unknown", name, entries=wanted)
    values = {name: _value(name, document.get(name)) for name in wanted}
    agreement = replace(Agreement.from_dict(values), sha256=hashlib.sha256(content).hexdigest())
    if agreement.tiers != TIERS[TIERS.index(agreement.tier) :]:
        raise _fault(
            "agreement.entry_tiers", "tiers", wanted=list(TIERS[TIERS.index(agreement.tier) :])
        )
    if agreement.retain_until < agreement.date:
        raise _fault("agreement.entry_ends_before", "retain_until")
    if not _OFFICE.search(agreement.contact) or _PERSON.search(agreement.contact):
        raise _fault("agreement.entry_contact", "contact")
    return agreement


def _value(name: str, value: object) -> Any:
    """An entry as it is kept; :class:`DataFileError` if it is not allowed."""
    if value is None or value in ("", []):
        raise _fault("agreement.entry_empty", name)
    if name in _DATES:
        return _date(name, value)
    if name in _LISTS and not isinstance(value, list):
        raise _fault("agreement.entry_list", name)
    if name not in _LISTS and not isinstance(value, str):
        raise _fault("agreement.entry_text", name)
    values = [value] if isinstance(value, str) else [str(item) for item in value]  # type: ignore[attr-defined]
    for item in values:
        if not item.strip() or len(item) > 300 or not item.isprintable() or find_personal(item):
            raise _fault("agreement.entry_text", name)
        if name in _CHOICES and item not in _CHOICES[name]:
            raise _fault("agreement.entry_choice", name, value=item, choices=list(_CHOICES[name]))
        if name == "places" and not re.fullmatch(r"ID|\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?", item):
            raise _fault("agreement.entry_place", name, value=item)
    if name not in _LISTS:
        return values[0].strip()
    order = _CHOICES.get(name, ())
    return tuple(sorted(set(values), key=lambda item: (order.index(item) if order else 0, item)))


def _date(name: str, value: object) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()[
            :10
        ]
    except ValueError:
        raise _fault("agreement.entry_date", name) from None


def _fault(code: str, name: str, **params: Any) -> DataFileError:
    return DataFileError(code, field=name, entry=name, **params)
