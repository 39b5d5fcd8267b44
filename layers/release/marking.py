"""What every file that is passed on says of itself, and the hidden mark of who asked for it.

The heading (classification, release, date, licence) is visible; the mark is a short code that only
the home's key can make and only its audit can resolve to an account, so that a file found where it
should not be names who took it out and nobody else. Public files are the same for everybody and
have no mark.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from geo.disclosure import release_secret
from geo.errors import InputError
from geo.i18n import Message
from geo.imports.days import today
from geo.paths import Home
from layers.registry import check_tier
from layers.release.editions import edition_of
from layers.release.release import Release
from layers.schema import Tier
from layers.visibility import ANONYMOUS

__all__ = ["VALID_DAYS", "Marking", "marking", "marks_in"]

VALID_DAYS = 30
"""How long a file above the public tier may be used."""
_MARK = re.compile(rb"pjm-[a-z2-7]{12}")
_MOST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Marking:
    """Heading and mark of one file.

    Attributes
    ----------
    tier : str
    release : str
        Id of the release as the tier knows it.
    edition : int
        Number by which every desk knows the release; 0 where it has none.
    released : bool
        Whether the edition may be shown to others than its maker.
    office, basis, approved_on : str
        Who approved that, with which decree or memo, and the ISO day; empty until ``released``.
    day : str
        Day on which the file was made, ISO.
    code : str
        The mark, ``pjm-`` and 12 letters or digits; empty at the public tier.

    Examples
    --------
    >>> heading = Marking(tier="police", release="0f3a", edition=3, day="2026-11-28")
    >>> heading.text("id")
    'TERBATAS - Kepolisian | edisi 3, rilis 0f3a | 2026-11-28 | berlaku sampai 2026-12-28'
    """

    tier: Tier
    release: str
    edition: int = 0
    released: bool = True
    office: str = ""
    basis: str = ""
    approved_on: str = ""
    day: str
    code: str = ""

    @classmethod
    def of(cls, release: Release, tier: str) -> Self:
        """The heading of a file that nobody in particular asked for."""
        checked = check_tier(tier)
        edition = edition_of(release.folder)
        heading = cls(tier=checked, release=release.tier_id(checked), day=today())
        if edition is None:
            return heading
        heading = replace(heading, edition=edition.number, released=edition.served_to_others)
        approval = edition.approval
        if approval is None or not heading.released:
            return heading
        return replace(
            heading, office=approval.office, basis=approval.basis, approved_on=approval.date
        )

    @property
    def classification(self) -> Message:
        """Who may have the file, to be shown on it."""
        return Message(f"classification.{self.tier}")

    @property
    def until(self) -> str | None:
        """Last day on which a restricted file may be used, ISO; None at the public tier."""
        if self.tier == ANONYMOUS:
            return None
        return (date.fromisoformat(self.day) + timedelta(days=VALID_DAYS)).isoformat()

    @property
    def licence(self) -> Message:
        """What may be done with the file."""
        return Message("licence.public" if self.tier == ANONYMOUS else "licence.restricted")

    def text(self, language: str) -> str:
        """Classification, release and date in one line, for a heading or a footer."""
        return self.line.in_language(language)

    @property
    def line(self) -> Message:
        """:meth:`text` in every language."""
        params = {"tier": self.classification, "release": self.release, "day": self.day}
        line = Message("classification.line", params)
        if self.edition:
            key = "line_edition" if self.released else "line_draft"
            line = Message(f"classification.{key}", params | {"edition": self.edition})
        if self.until is None:
            return line
        return Message("classification.line_until", {"line": line, "until": self.until})

    @property
    def approved(self) -> Message | None:
        """Who approved the edition, by what and when; None while nobody has."""
        if not self.office:
            return None
        params = {"office": self.office, "basis": self.basis, "date": self.approved_on}
        return Message("document.approved", params)

    def items(self, language: str) -> dict[str, str]:
        """Named texts of one language, for the properties of a file."""
        mark = {"mark": self.code} if self.code else {}
        return {"classification": self.text(language),
                "licence": self.licence.in_language(language), **mark}  # fmt: skip

    def as_dict(self) -> dict[str, object]:
        """Members of the file's metadata; texts by language."""
        mark = {"mark": self.code} if self.code else {}
        return {
            "tier": self.tier, "classification": self.classification.as_dict(),
            "release": self.release, "edition": self.edition or None, "date": self.day,
            "licence": self.licence.as_dict(), "valid_until": self.until, **mark,
        }  # fmt: skip


def marking(release: Release, tier: str, *, home: Home, account: str) -> Marking:
    """The marking of a file that ``account`` takes from ``release``.

    The code is HMAC-SHA256 over release, tier, account and day under a key derived from the home's,
    so the same request on the same day gives the same file.

    Raises
    ------
    StateError, EnvironmentProblem
        As :func:`geo.disclosure.release_secret`; never at the public tier, which needs no key.
    """
    heading = Marking.of(release, tier)
    if heading.tier == ANONYMOUS:
        return heading
    key = hmac.digest(release_secret(home), b"mark of a file", hashlib.sha256)
    words = "\n".join((heading.release, heading.tier, account, heading.day)).encode()
    code = base64.b32encode(hmac.digest(key, words, hashlib.sha256))[:12].decode().lower()
    return replace(heading, code=f"pjm-{code}")


def marks_in(path: Path) -> list[str]:
    """The marks in a file of any format that Petajaga writes, its compressed parts included.

    Raises
    ------
    InputError
        It cannot be read, is damaged, or unpacks to more than 512 MB.
    """
    try:
        found = set(_MARK.findall(path.read_bytes()))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES:
                    raise InputError("mark.too_large", file=path.name, field="file")
                for name in archive.namelist():
                    found.update(_MARK.findall(archive.read(name)))
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise InputError("mark.unreadable", file=path.name, field="file") from error
    return sorted(mark.decode() for mark in found)
