"""Whether a text names a shelter, whose place is never stored or published.

The one filter: imports, texts of scenarios and publication use it. Case, punctuation, plural and
abbreviations with dots make no difference. A village office or a hospital is no shelter, nor is an
organisation that runs one (Rumah Perempuan). *Penampungan* alone is no shelter either: it is also
what newspapers call the place where recruiters hold people, and a reservoir or a landfill.
"""

from __future__ import annotations

import re

from geo.names import unaccented

__all__ = ["INVISIBLE", "names_shelter"]

_S = r"[\W_]{0,3}"  # bounded, so that the search stays linear
_SHELTER = re.compile(
    rf"(?<![^\W_])(?:"
    rf"rumah[\d\W_]{{0,3}}(?:aman|singgah|antara|per?lindungan|penampungan)"
    rf"|sh?elter(?:s|nya)?"
    rf"|safe{_S}houses?|women'?s{_S}refuges?"
    rf"|r{_S}p{_S}(?:t{_S}c|s{_S}a|s{_S}w)"
    rf"|trauma{_S}cent(?:er|re)s?"
    rf"|balai{_S}(?:rehabilitasi|per?lindungan){_S}sosial"
    rf"|tempat{_S}per?lindungan{_S}sementara"
    rf"|tempat{_S}penampungan(?!{_S}(?:air|ikan|sampah|limbah|minyak|bbm)(?![^\W_]))"
    rf"|panti{_S}sosial"
    rf")(?![^\W_])",
    re.IGNORECASE,
)
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters without a width, which hide a word or a number from a search."""


def names_shelter(text: str) -> bool:
    """Whether ``text`` names a shelter.

    >>> names_shelter("R.P.T.C. Kupang"), names_shelter("UPTD PPA Provinsi NTT")
    (True, False)
    """
    if not text.isascii():
        text = unaccented(INVISIBLE.sub("", text))
    return _SHELTER.search(text) is not None
