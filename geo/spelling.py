"""Match keys: equal for a GeoNames spelling and an official name of the same place.

GeoNames has colonial spellings (Oedjoenggading, Tjibadak) beside modern ones. The exact key
normalises them to the 1972 spelling without spaces and accents; the loose key also ignores
variation in spelling of local languages (doubled letters, w/u, y/i, final h or k).
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["exact_key", "loose_key", "plain"]

# Order matters: dj before j, and oe before the loose key folds u.
_OLD_SPELLING = (("oe", "u"), ("tj", "c"), ("dj", "j"), ("nj", "ny"), ("sj", "sy"), ("ch", "kh"))
_PREFIXES = re.compile(
    r"^(?:desa|kelurahan|kampung|kampong|kampoeng|kp|dusun|kota|kabupaten|kecamatan|kec"
    r"|adat|nagari|gampong|administrasi)\s+(?=\S)"
)
_NUMBERS = {
    "i": "satu", "ii": "dua", "iii": "tiga", "iv": "empat", "v": "lima",
    "1": "satu", "2": "dua", "3": "tiga", "4": "empat", "5": "lima",
}  # fmt: skip


def plain(name: str) -> str:
    """Lower case, no accents, only letters, digits and single spaces."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", text.replace("'", "").replace("`", "")).strip()


def exact_key(name: str) -> str:
    """Return the key for equal names in modern spelling, without spaces."""
    text = plain(name)
    while (shorter := _PREFIXES.sub("", text)) != text:
        text = shorter
    words = text.split()
    if len(words) > 1:
        words = [_NUMBERS.get(word, word) for word in words]
    text = "".join(words)
    for old, new in _OLD_SPELLING:
        text = text.replace(old, new)
    return text


def loose_key(name: str) -> str:
    """Return the key for names that may differ by a variant spelling."""
    text = exact_key(name)
    for a, b in (("y", "i"), ("w", "u"), ("v", "f"), ("e", "a"), ("z", "s"), ("q", "k")):
        text = text.replace(a, b)
    text = re.sub(r"(.)\1+", r"\1", text)
    return re.sub(r"(?<=[aiou])[hk]$", "", text)
