"""Areas as people name them: by code, by name, without case or accents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from geo.errors import AmbiguousNameError, UnknownNameError
from geo.names import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["area_code", "inside"]


def inside(codes: Iterable[str], area: str) -> list[bool]:
    """Whether each code is that of ``area`` or of a part of it."""
    return [f"{code}.".startswith(f"{area}.") for code in codes]


def area_code(areas: pd.DataFrame | Mapping[str, Sequence[str]], text: str) -> str:
    """Resolve an area named by code or by name, without case or accents.

    Parameters
    ----------
    areas : columns ``code`` and ``name``

    Raises
    ------
    UnknownNameError, AmbiguousNameError
        With the nearest or the several areas.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame(
    ...     {"code": ["53.02", "53.71"], "name": ["Kabupaten Timor Tengah Selatan", "Kota Kupang"]}
    ... )
    >>> area_code(areas, "timor tengah selatan")
    '53.02'
    """
    names = dict(zip(areas["code"], areas["name"], strict=True))
    if text in names:
        return text
    folded = plain(text)
    codes = [code for code, name in names.items() if plain(name) == folded]
    # "Timor Tengah Selatan" is the regency's everyday name.
    codes = codes or [
        code
        for code, name in names.items()
        if plain(name).removeprefix("kabupaten ").removeprefix("kota ") == folded
    ]
    if len(codes) == 1:
        return str(codes[0])
    if codes:
        choices = tuple(f"{code} {names[code]}" for code in codes)
        raise AmbiguousNameError("names.ambiguous_area", name=text, matches=choices)
    from rapidfuzz import process

    close = process.extract(folded, {code: plain(name) for code, name in names.items()}, limit=3)
    nearest = tuple(f"{code} {names[code]}" for _, score, code in close if score >= 60)
    raise UnknownNameError("names.unknown_area", name=text, matches=nearest)
