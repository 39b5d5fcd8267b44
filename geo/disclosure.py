"""Disclosure control of held counts: deterministic random rounding to base 5, before any use.

Counts are of two kinds. The embedded ones are *published*: used and shown as they stand, so a build
of the embedded data is the same under every key. Every imported one is *held*, an agency's own,
whatever its source says (an address may be that of a register on an inner network): it is never
used or shown unrounded.

A cell is a place (regency, province or ``ID``), a year, a measure with its class in law and unit
(unlike ones are never added up) and, where a source splits by where the people come from, their
regency or province. Each held cell is rounded once; model and release use the same rounded cells.
Terminals, hours of watch and notes are no coordinates and are left out. A release adds the origins
up (:func:`protected_counts`), the model the years (:func:`pooled_counts`). Rounding such a sum anew
would be a second look at the same persons: with both, an attacker narrows a cell to fewer than five
values.

A value ``v`` becomes ``5 floor((v + s) / 5)`` with the shift ``s = (S + 2 year) mod 5``, where
``S`` in 0 .. 4 comes from ``HMAC-SHA256(secret, place, origin and measure)``. Over secrets ``s`` is
uniform, so the expectation is ``v``: unbiased. Five years in a row have five different shifts
(systematic sampling), so that the errors of a sum over years largely cancel, while any published
value still fits nine true values (five of them if ``S`` were known) and those of other years say
nothing about which. The same cell always has the same shift, and a count whose class or unit is
corrected keeps it: a repeated query or publication discloses nothing new; that is why the secret is
made once for a home and never changed. Totals are sums of rounded cells, never rounded sums.
(Random rounding: Fellegi 1975; Cox & Ernst 1982.)

A count that contains others (a checkpoint's yearly sum, a province's) is not below them: if both
were rounded freely, 5 for the whole and 10 for a part of it would leave 6 to 9 for both. So a whole
is raised to the sum of its parts, and held parts of a published whole are lowered to it
(:func:`_consistent`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import stat
from collections.abc import Collection, Iterable, Mapping
from itertools import repeat
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.counts import UNSTATED, class_and_unit, described_counts, is_of_event
from geo.errors import EnvironmentProblem, InputError, StateError, os_reason
from geo.files import create_once, write_bytes
from geo.paths import Home
from geo.sources import joined_sources

__all__ = [
    "BASE",
    "CELL_MEASURES",
    "COUNT_INDICATORS",
    "FINGERPRINTS_FILE",
    "KEY_FILE",
    "ROUNDING_VARIANCE",
    "SPLIT_BY_ORIGIN",
    "cell_measure",
    "coarse_counts",
    "key_fingerprint",
    "key_fingerprints",
    "new_secret",
    "pooled_counts",
    "protect_count",
    "protected_counts",
    "protected_indicators",
    "release_secret",
]

BASE = 5
KEY_FILE = "disclosure.key"
FINGERPRINTS_FILE = "key-fingerprints.txt"
"""Fingerprints of the keys of a home, one a line, the present one last."""
_SECRET_BYTES = 32

_YEAR_STEP = 2
"""Shift from one year to the next: prime to the base, so that five years have all five shifts."""

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

COUNT_INDICATORS = frozenset({"migrant_deaths", "returned_migrants", "prevented_by_origin"})
"""Indicators that count persons; so do those a framework names (``counts_persons``)."""

_SUBJECT = ["measure", "legal_class", "unit"]
_REGENCY = len("53.04")
_CELL_COLUMNS = ["place_code", "origin_code", "year", "kind", *_SUBJECT, "held"]
_DESCRIPTIONS = ["status", "how"]


def _held(table: pd.DataFrame) -> pd.Series:
    """The column ``held``; a table without it is held as a whole."""
    held = table["held"] if "held" in table else pd.Series(data=True, index=table.index)
    return held.astype(bool)


def release_secret(home: Home) -> bytes:
    """The home's rounding secret, made on first use (mode 0600) and never changed afterwards.

    Raises
    ------
    StateError
        It is lost, damaged or another than the home's. A new key would round every published cell
        again and so disclose; it must come back from a backup, or be replaced on purpose
        (:func:`new_secret`).
    EnvironmentProblem
        It cannot be written, or other users can read it.
    """
    path = home.root / KEY_FILE
    fingerprints = key_fingerprints(home)
    try:
        if not path.exists():
            if fingerprints:
                raise StateError("disclosure.secret_lost", path=str(path), key=fingerprints[-1])
            create_once(path, _new_key())
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
    fingerprint = key_fingerprint(key)
    if not fingerprints:
        _write_fingerprints(home, [fingerprint])
    elif fingerprint != fingerprints[-1]:
        raise StateError(
            "disclosure.secret_other", path=str(path), key=fingerprints[-1], other=fingerprint
        )
    return key


def key_fingerprint(secret: bytes) -> str:
    """Name of a key that does not give it away: 16 hex digits of an HMAC.

    Examples
    --------
    >>> key_fingerprint(bytes(32))
    '2c3767eca98640cc'
    """
    return hmac.new(secret, b"fingerprint", hashlib.sha256).hexdigest()[:16]


def new_secret(home: Home) -> str:
    """Replace the home's key on purpose and return the fingerprint of the new one.

    Every held cell is rounded anew, and who has seen it under both keys narrows it
    (docs/decisions/0018-the-key-and-editions.md has the figures). The old key is deleted.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     home = Home.resolve(folder)
    ...     before = key_fingerprint(release_secret(home))
    ...     new_secret(home) == before
    False
    """
    path = home.root / KEY_FILE
    fingerprints = key_fingerprints(home)
    path.unlink(missing_ok=True)
    create_once(path, _new_key())
    fingerprint = key_fingerprint(bytes.fromhex(path.read_text(encoding="ascii")))
    _write_fingerprints(home, [*fingerprints, fingerprint])
    return fingerprint


def key_fingerprints(home: Home) -> list[str]:
    """Fingerprints of the keys that the home has had, the present one last.

    Examples
    --------
    >>> key_fingerprints(Home.resolve("/no/such/home"))
    []
    """
    path = home.root / FINGERPRINTS_FILE
    try:
        return path.read_text(encoding="ascii").split() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(
            "disclosure.secret_unwritable", path=str(path), reason=str(error)
        ) from error


def _write_fingerprints(home: Home, fingerprints: list[str]) -> None:
    content = "".join(f"{line}\n" for line in fingerprints).encode()
    write_bytes(home.root / FINGERPRINTS_FILE, content, private=True)


def _new_key() -> bytes:
    return f"{secrets.token_hex(_SECRET_BYTES)}\n".encode()


def cell_measure(row: Mapping[str, str]) -> str:
    """Name of what the cell of a count counts: its measure, with class and unit where stated.

    Examples
    --------
    >>> cell_measure({"measure": "prevented", "legal_class": "tppo", "unit": "person"})
    'interceptions-tppo'
    """
    return "-".join((CELL_MEASURES.get(row["measure"], row["measure"]), *class_and_unit(row)))


def protect_count(
    value: int, *, place: str, year: int, measure: str, secret: bytes, origin: str = ""
) -> int:
    """Round one count to a multiple of 5, up or down at random but always the same way.

    Parameters
    ----------
    value : int
        The true count, >= 0.
    place, year, measure, origin
        The cell's coordinates on the lattice; ``origin`` where the cell is split by it.
    secret : bytes
        From :func:`release_secret`.

    Examples
    --------
    >>> [
    ...     protect_count(13, place="53.71", year=year, measure="interceptions", secret=bytes(32))
    ...     for year in range(2020, 2025)
    ... ]
    [10, 15, 10, 15, 15]
    """
    if value < 0:
        raise InputError(
            "disclosure.negative_count", value=value, place=place, year=year, measure=measure
        )
    cell = f"{place}/{origin}|{measure}"
    digest = hmac.new(secret, cell.encode(), hashlib.sha256).digest()
    shift = (int.from_bytes(digest[:8], "big") + _YEAR_STEP * year) % BASE
    return BASE * ((value + shift) // BASE)


def protected_counts(counts: pd.DataFrame, *, secret: bytes) -> pd.DataFrame:
    """Gather the dataset's counts into the cells of the lattice and round the held ones.

    Parameters
    ----------
    counts : DataFrame
        ``place_code, origin_code, year, period, measure, kind, value, unit, legal_class, status,
        how, source`` as in ``counts.csv``, and ``held`` (all are, where it is missing); rows
        without a value or year are left out.
    secret : bytes
        From :func:`release_secret`.

    Returns
    -------
    DataFrame
        One row a cell, measure and kind with the same columns, in the order of the cells; held
        and published rows are cells of their own.
        Where rows were added up, ``period`` is empty, ``source`` names those of all (none where
        they are held), and ``status`` and ``how`` are ``unknown`` where they differ.

    Examples
    --------
    >>> row = {"place_code": "53.71.01", "origin_code": "53", "year": 2024.0, "value": 13.0}
    >>> row |= {"kind": "deportation", "measure": "deported", "unit": "person", "source": "BP3MI"}
    >>> counts = pd.DataFrame([{**row, "period": "2024-01"}, {**row, "period": "2024-02"}])
    >>> protected_counts(counts, secret=bytes(32))[["place_code", "value"]].values.tolist()
    [['53.71', 25.0]]
    """
    rows = coarse_counts(_rounded_cells(counts, secret), place="53.04", origin="53")
    return _gathered(rows)


def _rounded_cells(counts: pd.DataFrame, secret: bytes) -> pd.DataFrame:
    """One row a cell, place and origin as fine as a regency; held ones rounded."""
    cells = _gathered(coarse_counts(counts, place="53.04", origin="53.04"))
    rows = cells[cells["held"]]
    if rows.empty:
        return cells
    split = rows["kind"].isin(SPLIT_BY_ORIGIN) | (rows["origin_code"].str.len() == _REGENCY)
    rounded = _rounded(
        rows["place_code"], rows["year"], rows["measure"], rows["value"], secret,
        origins=rows["origin_code"].where(split, ""),
    )  # fmt: skip
    true = cells["value"].round()
    cells = cells.assign(value=cells["value"].where(~cells["held"], pd.Series(rounded, rows.index)))
    return _consistent(cells, true)


def _consistent(cells: pd.DataFrame, true: pd.Series) -> pd.DataFrame:
    """Raise held wholes to the sum of their parts, lower held parts of a published whole to it.

    A whole that truly is the sum of its parts gets exactly theirs. Wholes are cells that do not
    add up, parts those of the same year, measure, class and unit within their place and origin.
    """
    cells = cells.copy()
    family = cells["measure"].map(CELL_MEASURES).fillna(cells["measure"])
    wholes = cells.index[~cells["kind"].isin(_ADDITIVE)]
    groups = cells.groupby([cells["year"], family, cells["legal_class"], cells["unit"]]).groups
    group_of = {index: rows for rows in groups.values() for index in rows if len(rows) > 1}
    finest_first = sorted(
        (index for index in wholes if index in group_of),
        key=lambda i: (-len(cells.at[i, "place_code"]), -len(cells.at[i, "origin_code"]), i),
    )
    for index in finest_first:
        whole = cells.loc[index]
        near = cells.loc[group_of[index].drop(index)]
        near = near[
            near["place_code"].str.startswith(whole["place_code"])
            & near["origin_code"].str.startswith(whole["origin_code"])
        ]
        finer = near[["place_code", "origin_code"]].ne(whole[["place_code", "origin_code"]])
        near = near[near["kind"].isin(_ADDITIVE) | finer.any(axis=1)]
        if near.empty or not (whole["held"] or near["held"].any()):
            continue
        shown, actual = _sum_of_parts(near), _sum_of_parts(near.assign(value=true[near.index]))
        if true[index] < actual:
            continue  # the sources contradict each other: it does not contain them
        if whole["held"]:
            least = BASE * np.ceil(shown / BASE)
            equal = true[index] == actual
            cells.loc[index, "value"] = least if equal else max(whole["value"], least)
            continue
        excess = shown - whole["value"]
        for part in near[near["held"]].sort_values("value", ascending=False).index:
            while excess > 0 and cells.at[part, "value"] > 0:
                cells.loc[part, "value"] -= BASE
                excess -= BASE
    return cells


def _sum_of_parts(parts: pd.DataFrame) -> float:
    """What disjoint parts come to: by place the larger of its sum and counts that contain it."""
    added = parts["kind"].isin(_ADDITIVE)
    sums = parts[added].groupby("place_code")["value"].sum()
    inside = parts[~added].groupby(["place_code", "origin_code"])["value"].max()
    by_origin = inside[inside.index.get_level_values("origin_code") != ""]
    whole = inside[inside.index.get_level_values("origin_code") == ""].droplevel("origin_code")
    split = by_origin.groupby("place_code").sum()
    return float(pd.concat([sums, whole, split], axis=1).max(axis=1).sum())


def _gathered(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a cell: the sum of those that add up, of others the largest."""
    groups = rows.groupby(_CELL_COLUMNS)["value"]
    columns = [*_CELL_COLUMNS, *_DESCRIPTIONS, "period", "value", "source"]
    cells = rows.loc[groups.idxmax(), columns]
    added = cells["kind"].isin(_ADDITIVE) & (groups.transform("size") > 1)[cells.index]
    for name in _DESCRIPTIONS:
        unlike = rows.groupby(_CELL_COLUMNS)[name].nunique().to_numpy() > 1
        cells.loc[added & unlike, name] = UNSTATED[name]
    events = rows.assign(event=rows["period"].map(is_of_event)).groupby(_CELL_COLUMNS)["event"]
    cells.loc[added & ~events.all().to_numpy(), "period"] = ""
    named = rows.assign(source=rows["source"].fillna("").where(~rows["held"], ""))
    sources = named.groupby(_CELL_COLUMNS)["source"].agg(joined_sources).to_numpy()
    cells.loc[added, "source"] = sources[added.to_numpy()]
    cells["value"] = np.where(added, groups.sum(), groups.max())
    return cells.reset_index(drop=True)


def coarse_counts(counts: pd.DataFrame, *, place: str, origin: str) -> pd.DataFrame:
    """Rows with a value and year, by place and origin as fine as codes like those given.

    Nothing finer than a regency is ever used or published. Villages, and homes within a province,
    are disjoint: their rows are added up. Of the rows of the whole and that sum the larger contains
    the other, as everywhere but where all rows add up (:data:`_ADDITIVE`).

    Examples
    --------
    >>> row = {"origin_code": "", "year": 2024.0, "kind": "tppo_victims", "unit": "person"}
    >>> row |= {"measure": "tppo_victims", "value": 3.0, "period": ""}
    >>> rows = pd.DataFrame([{**row, "place_code": code} for code in ("53.02", "53.04")])
    >>> coarse_counts(rows, place="53", origin="53")[["place_code", "value"]].values.tolist()
    [['53', 6.0]]
    """
    rows = counts[np.isfinite(counts["value"]) & np.isfinite(counts["year"])]
    rows = described_counts(rows.assign(held=_held(rows)))
    widths = {"place_code": len(place), "origin_code": len(origin)}
    finer = pd.concat([rows[name].str.len() > width for name, width in widths.items()], axis=1)
    parts = rows[finer.any(axis=1) & ~rows["kind"].isin(_ADDITIVE)]
    rows, parts_whole = (
        table.assign(**{name: table[name].str[:width] for name, width in widths.items()})
        for table in (rows, parts)
    )
    if parts.empty:
        return rows
    largest = parts.groupby(_CELL_COLUMNS)["value"].idxmax()
    parts_whole = parts_whole.loc[largest]
    sums = parts_whole.groupby(_CELL_COLUMNS)["value"].transform("sum")
    sums = parts_whole.assign(value=sums, period="").drop_duplicates(_CELL_COLUMNS)
    return pd.concat([rows.drop(index=parts.index), sums], ignore_index=True)


def pooled_counts(counts: pd.DataFrame, *, secret: bytes) -> pd.DataFrame:
    """Counts as the model uses them: published rows as they stand, held cells pooled over years.

    Parameters
    ----------
    counts : DataFrame
        As of :func:`protected_counts`.
    secret : bytes
        From :func:`release_secret`.

    Returns
    -------
    DataFrame
        The same columns, ``years`` (how many a row adds up; 0 for a published row, whose period
        stands) and ``variance``, what rounding added at most, persons squared. A pooled row has
        the last of its years and no period, terminal or note.

    Examples
    --------
    >>> row = {"place_code": "53.04", "origin_code": "", "kind": "deaths", "unit": "person"}
    >>> row |= {"measure": "died_abroad", "source": "register", "period": "", "held": True}
    >>> counts = pd.DataFrame([{**row, "year": 2019.0 + k, "value": 3.0} for k in range(5)])
    >>> pooled_counts(counts, secret=bytes(32))[["value", "years", "variance"]].values.tolist()
    [[15.0, 5.0, 20.0]]
    """
    rows = coarse_counts(counts, place="53.04", origin="53.04")
    published = rows[~rows["held"]].assign(years=0, variance=0.0)
    held = rows[rows["held"]]
    if held.empty:
        return published.reset_index(drop=True)
    cell = [name for name in _CELL_COLUMNS if name != "year"]
    pooled = _rounded_cells(held, secret).groupby(cell).agg(
        value=("value", "sum"), years=("year", "nunique"), year=("year", "max")
    ).reset_index()  # fmt: skip
    pooled["variance"] = ROUNDING_VARIANCE * pooled["years"]
    text = dict.fromkeys(rows.columns.difference(pooled.columns), "")
    pooled = described_counts(pooled.assign(**text))
    return pd.concat([published, pooled[published.columns]], ignore_index=True)


def protected_indicators(
    indicators: pd.DataFrame, *, secret: bytes, person_counts: Collection[str] = ()
) -> pd.DataFrame:
    """The table of indicators with held ones that count persons rounded, year by year.

    Those are :data:`COUNT_INDICATORS` and ``person_counts``. ``variance`` is what rounding added.
    """
    table = indicators.assign(value=indicators["value"].astype(np.float64))
    counted = (
        table["indicator"].isin(COUNT_INDICATORS.union(person_counts))
        & table["value"].notna()
        & _held(table)
    )
    table["variance"] = np.where(counted, ROUNDING_VARIANCE, 0.0)
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
    origins: Iterable[str] | None = None,
) -> list[float]:
    return [
        float(
            protect_count(
                round(value),
                place=place,
                year=int(year),
                measure=CELL_MEASURES.get(measure, measure),
                secret=secret,
                origin=origin,
            )
        )
        for place, year, measure, value, origin in zip(
            *(places, years, measures, values),
            repeat("") if origins is None else origins,
            strict=origins is not None,
        )
    ]
