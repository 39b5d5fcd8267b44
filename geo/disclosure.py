"""Disclosure control of counts: deterministic random rounding to base 5, once, before any use.

The lattice is fixed here, for the model and for publication: a cell is a place (regency, province
or ``ID``), a year, a measure and, for events that are split by where the people come from
(:data:`SPLIT_BY_ORIGIN`), the province of origin. :func:`protected_counts` rounds every cell; the
model is fitted to the result and the release adds up the same numbers, so nothing is learned by
comparing the two. Terminals, hours of watch and notes are no coordinates and are left out.

A value ``v = 5 q + r`` becomes ``5 (q + 1)`` when ``u < r / 5`` and ``5 q`` otherwise, where ``u``
in [0, 1) comes from ``HMAC-SHA256(secret, cell)``. The expectation over secrets is ``v``: unbiased.
The same cell is always rounded with the same ``u``, so a repeated query or publication discloses
nothing new; that is why the secret is made once for a home and never changed. Totals are sums of
rounded cells, never rounded sums. (Random rounding: Fellegi 1975; Cox & Ernst 1982.)
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.errors import EnvironmentProblem, InputError, StateError, os_reason
from geo.paths import Home

__all__ = [
    "BASE",
    "CELL_MEASURES",
    "COUNT_INDICATORS",
    "KEY_FILE",
    "ROUNDING_VARIANCE",
    "SPLIT_BY_ORIGIN",
    "protect_count",
    "protected_counts",
    "protected_indicators",
    "release_secret",
]

BASE = 5
KEY_FILE = "disclosure.key"
_SECRET_BYTES = 32

ROUNDING_VARIANCE = (BASE**2 - 1) / 6
"""Mean variance of random rounding: ``r (base - r)`` over remainders ``r = 0 .. base - 1``."""

CELL_MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "persons_stopped": "interceptions",
        "prevented": "interceptions",
        "deported": "deportations",
        "deported_counted_landings": "deportations",
        "died_abroad": "deaths_abroad",
        "migrant_deaths": "deaths_abroad",
    }
)
"""Measures and indicators that count the same persons, with the measure of their cell; any other
is a cell's measure under its own name."""

SPLIT_BY_ORIGIN = frozenset({"interception", "deportation", "return"})
"""Kinds whose rows are split by province of origin; elsewhere the place is the origin."""

_ADDITIVE = SPLIT_BY_ORIGIN | {"deaths"}
"""Kinds whose rows are disjoint and add up within a cell (geo/data/COUNTS.md); of several rows of
another kind the largest contains the others."""

COUNT_INDICATORS = frozenset(
    {"migrant_deaths", "returned_migrants_problem", "returned_migrants", "prevented_by_origin"}
)
"""Indicators that count persons; so do those a framework names (``counts_persons``)."""

_CELL_COLUMNS = ["place_code", "origin_code", "year", "kind", "measure"]


def release_secret(home: Home) -> bytes:
    """The home's rounding secret, made on first use (mode 0600) and never changed afterwards.

    Raises
    ------
    StateError
        The file is there but damaged. A new key would round every published cell again and so
        disclose; it must come back from a backup.
    EnvironmentProblem
        It cannot be written, or other users can read it.
    """
    path = home.root / KEY_FILE
    try:
        if not path.exists():
            _create_once(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise EnvironmentProblem(
            "disclosure.secret_unwritable", path=str(path), reason=os_reason(error)
        ) from error
    if mode & 0o077:
        raise EnvironmentProblem("disclosure.secret_readable", path=str(path))
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _SECRET_BYTES:
        raise StateError("disclosure.secret_damaged", path=str(path))
    return key


def _create_once(path: Path) -> None:
    """Write a whole key under a temporary name, then link it: never half a key, never two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_SECRET_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        # if another process was first, its key is the key
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def protect_count(value: int, *, place: str, year: int, measure: str, secret: bytes) -> int:
    """Round one count to a multiple of 5, up or down at random but always the same way.

    Parameters
    ----------
    value : int
        The true count, >= 0.
    place, year, measure
        The cell's coordinates on the lattice.
    secret : bytes
        From :func:`release_secret`.

    Examples
    --------
    >>> protect_count(13, place="53.71", year=2024, measure="interceptions", secret=bytes(32))
    15
    """
    if value < 0:
        raise InputError(
            "disclosure.negative_count", value=value, place=place, year=year, measure=measure
        )
    quotient, remainder = divmod(value, BASE)
    if remainder == 0:
        return value
    cell = f"{place}|{year}|{measure}".encode()
    draw = int.from_bytes(hmac.new(secret, cell, hashlib.sha256).digest()[:8], "big")
    return BASE * (quotient + (draw * BASE < remainder << 64))


def protected_counts(counts: pd.DataFrame, *, secret: bytes) -> pd.DataFrame:
    """Gather the dataset's counts into the cells of the lattice and round each.

    Parameters
    ----------
    counts : DataFrame
        ``place_code, origin_code, year, period, measure, kind, value, unit, source`` as in
        ``counts.csv``; rows without a value or year are left out.
    secret : bytes
        From :func:`release_secret`.

    Returns
    -------
    DataFrame
        One row a cell, measure and kind with the same columns, in the order of the cells.
        ``period`` and ``source`` are empty where rows were added up.

    Examples
    --------
    >>> row = {"place_code": "53.71.01", "origin_code": "53", "year": 2024.0, "value": 13.0}
    >>> row |= {"kind": "deportation", "measure": "deported", "unit": "persons", "source": "BP3MI"}
    >>> counts = pd.DataFrame([{**row, "period": "2024-01"}, {**row, "period": "2024-02"}])
    >>> protected_counts(counts, secret=bytes(32))[["place_code", "value"]].values.tolist()
    [['53.71', 25.0]]
    """
    rows = counts[np.isfinite(counts["value"]) & np.isfinite(counts["year"])]
    # a district or village count belongs to its regency: nothing finer is ever used or published
    rows = rows.assign(place_code=rows["place_code"].str[:5])
    groups = rows.groupby(_CELL_COLUMNS)["value"]
    cells = rows.loc[groups.idxmax(), [*_CELL_COLUMNS, "period", "value", "unit", "source"]]
    added = cells["kind"].isin(_ADDITIVE)
    cells.loc[added, ["period", "source"]] = ""
    values = np.where(added, groups.sum(), groups.max())
    place = cells["place_code"].where(
        ~cells["kind"].isin(SPLIT_BY_ORIGIN) | (cells["origin_code"] == ""),
        cells["place_code"] + "/" + cells["origin_code"],
    )
    cells["value"] = _rounded(place, cells["year"], cells["measure"], values, secret)
    return cells.reset_index(drop=True)


def protected_indicators(
    indicators: pd.DataFrame, *, secret: bytes, person_counts: Collection[str] = ()
) -> pd.DataFrame:
    """The table of indicators with those of :data:`COUNT_INDICATORS` rounded, cell by cell."""
    table = indicators.assign(value=indicators["value"].astype(np.float64))
    counted = (
        table["indicator"].isin(COUNT_INDICATORS.union(person_counts)) & table["value"].notna()
    )
    rows = table[counted]
    table.loc[counted, "value"] = _rounded(
        rows["area_code"], rows["year"], rows["indicator"], rows["value"], secret
    )
    return table


def _rounded(
    places: Iterable[str],
    years: Iterable[float],
    measures: Iterable[str],
    values: Iterable[float],
    secret: bytes,
) -> list[float]:
    return [
        float(
            protect_count(
                round(value),
                place=place,
                year=int(year),
                measure=CELL_MEASURES.get(measure, measure),
                secret=secret,
            )
        )
        for place, year, measure, value in zip(places, years, measures, values, strict=True)
    ]
