"""Merge applied imports into the embedded tables; later imports override earlier ones."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.coast import GEOD
from geo.codes import CODE_LENGTHS
from geo.counts import described_counts
from geo.disclosure import coarse_counts
from geo.files import translate_os_errors, write_bytes
from geo.imports.agreements import HELD_KINDS, Agreement
from geo.imports.days import has_closed, has_opened
from geo.imports.kinds import CHECKS, COUNTS, OUTREACH
from geo.imports.store import Imports
from geo.modes import mode_values
from geo.paths import DATA, Home
from geo.tables import TABLES, read_table
from geo.tiers import TIERS, Tier

__all__ = [
    "CHECK_COLUMNS",
    "IMPORTED",
    "OUTREACH_COLUMNS",
    "held_counts",
    "merged_cells",
    "overlay_tables",
    "permitted_rows",
]

IMPORTED = "imported"
"""``decided_by`` of an imported village: an origin wherever it lies."""
BY_BOUNDARY = "imported_boundary"
"""``decided_by`` of a settlement within an imported polygon."""
OUTREACH_COLUMNS = ("area_code", "organisation", "year", "month", "source", "note")
"""What builds read of visits: not how many people one reached, so that no release can show it."""

CHECK_COLUMNS = CHECKS.kept
"""What builds read of checks at terminals."""

HELD_KEYS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "indicators": TABLES["indicators"].key,
        "counts": COUNTS.replaces,
        "outreach": OUTREACH.key,
    }
)
"""Columns whose equality makes an imported row replace another, by kind."""
_COVERED = 0.5
"""From this share of its official villages on, an import covers a whole regency and replaces the
gazetteer's settlements there; below it both are kept."""
_DRAWN_DEGREES = 0.003  # boundaries are drawn, and shown, to about 300 m

Tables = MutableMapping[str, pd.DataFrame]


def overlay_tables(
    tables: Tables, imports: Imports, day: str, agreements: Mapping[str, Agreement]
) -> list[str]:
    """Add and replace rows of ``tables`` in place; ``legs`` must have its ``length_km``.

    Returns
    -------
    list of str
        Offices and posts that do not stand on ``day``: kept in their imports, not in the tables.

    Raises
    ------
    DataFileError
        Through the caller's checks of references; imports were checked when they were applied.
    """
    tables["outreach"] = pd.DataFrame({name: pd.Series(dtype=str) for name in OUTREACH_COLUMNS})
    by_kind: dict[str, list[bytes]] = {}
    tables["checks"] = pd.DataFrame({name: pd.Series(dtype=str) for name in CHECKS.kept})
    for entry, content in imports:
        if entry.kind == CHECKS.name:
            _put_checks(tables, content, agreements.get(entry.under))
        elif entry.kind in HELD_KINDS:
            _put_held(tables, entry.kind, content, agreements.get(entry.under))
        else:
            by_kind.setdefault(entry.kind, []).append(content)
    for content in by_kind.get("terminals", ()):
        rows = _read(content, tables["terminals"])
        tables["terminals"] = _put(tables["terminals"], rows, TABLES["terminals"].key)
    for content in by_kind.get("legs", ()):
        tables["legs"] = _put_legs(tables["legs"], _read(content, tables["legs"]), tables)
    closed = []
    for kind, key in (("services", ("kind", "name", "area_code")), ("posts", ("terminal_id",))):
        for content in by_kind.get(kind, ()):
            rows = _read(content, tables[kind])
            stands = [_stands(kind, row, day) for row in rows.to_dict("records")]
            closed += [
                f"{kind}|{'|'.join(row)}" for row in rows.loc[~np.array(stands), list(key)].values
            ]
            tables[kind] = _put(tables[kind], rows[stands], key)
    if "boundaries" in by_kind:
        tables["settlements"] = _assign(tables["settlements"], _shapes(by_kind["boundaries"]))
    if "places" in by_kind:
        _put_places(tables, by_kind["places"])
    return closed


def _put_held(tables: Tables, kind: str, content: bytes, agreement: Agreement | None) -> None:
    """Put rows that may count persons into their table, within the limits of their agreement.

    Rows that not everyone may see or not every purpose may use stand beside those they replace:
    :func:`permitted_rows` puts them in their place for those who may.
    """
    rows, key = _read(content, tables[kind]), HELD_KEYS[kind]
    if kind == "counts":  # imported before counts had a class
        rows = described_counts(rows)
    if kind != "outreach":
        rows["held"] = True  # whatever the source says: geo.disclosure
        rows["agreement"] = agreement.number if agreement else ""
    if agreement is None:
        tables[kind] = _put(tables[kind], rows, key)
        return
    if kind == "outreach" and not agreement.plans_visits:
        return
    rows = _as_coarse(rows, kind, CODE_LENGTHS[agreement.finest_level])
    if kind == "outreach" or agreement.is_open:
        tables[kind] = _put(tables[kind], rows, key)
        return
    beside = tables[kind]["agreement"] != agreement.number
    own = _put(tables[kind][~beside], rows, key)
    tables[kind] = pd.concat([tables[kind][beside], own], ignore_index=True)


def _put_checks(tables: Tables, content: bytes, agreement: Agreement | None) -> None:
    """Put checks into their table as far as their agreement lets them be shown, by terminal."""
    if agreement is None or agreement.shows_terminals:
        rows = _read(content, tables["checks"])
        tables["checks"] = _put(tables["checks"], rows, CHECKS.key).fillna("")


def _as_coarse(rows: pd.DataFrame, kind: str, length: int) -> pd.DataFrame:
    """Rows no finer than codes of a length: counts are added up to it, other rows left out.

    Nothing finer than a regency is used of counts anyway (:mod:`geo.disclosure`).
    """
    if kind != "counts":
        return rows[rows["area_code"].str.len() <= length]
    if length >= CODE_LENGTHS["regency"]:
        return rows
    regencies = coarse_counts(rows, place="53.04", origin="53.04")
    return coarse_counts(regencies, place="53", origin="53").assign(terminal_id="")


def permitted_rows(
    table: pd.DataFrame, kind: str, agreements: Mapping[str, Agreement], purpose: str, tier: Tier
) -> pd.DataFrame:
    """Rows of a table that its agreements allow for a purpose at a tier."""
    limited = {number for number, agreement in agreements.items() if not agreement.is_open}
    of_limited = table["agreement"].isin(limited)
    rows = table[~of_limited]
    for number, restricted in table[of_limited].groupby("agreement", sort=False):
        agreement = agreements[str(number)]
        if purpose in agreement.purpose and tier in agreement.tiers:
            rows = _put(rows, restricted, HELD_KEYS[kind])
    return rows.reset_index(drop=True)


def held_counts(
    imports: Imports, agreements: Mapping[str, Agreement], purpose: str, tier: Tier = TIERS[-1]
) -> pd.DataFrame:
    """The counts of some imports alone, as far as their agreements allow a purpose at a tier."""
    tables: Tables = {
        "counts": read_table("counts", DATA).iloc[:0].assign(held=False, agreement="")
    }
    for entry, content in imports:
        if entry.kind == "counts":
            _put_held(tables, entry.kind, content, agreements.get(entry.under))
    return permitted_rows(tables["counts"], "counts", agreements, purpose, tier)


def _stands(kind: str, row: dict[str, str], day: str) -> bool:
    """Whether a row counts on a day; a post that has ended is still part of the record."""
    return has_opened(row, day) and (kind == "posts" or not has_closed(row, day))


def _read(content: bytes, like: pd.DataFrame) -> pd.DataFrame:
    """A normalised table with the column types of the embedded one; a blank number is NaN."""
    frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    for name in frame.columns:
        if name in like and like[name].dtype == np.float64:
            frame[name] = pd.to_numeric(frame[name].replace("", None)).astype(float)
    return frame


def _put(old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Rows of ``new`` after those of ``old`` whose key is not in ``new``."""
    names = list(key)
    taken = pd.MultiIndex.from_frame(old[names].astype(str)).isin(
        pd.MultiIndex.from_frame(new.reindex(columns=names, fill_value="").astype(str))
    )
    if "id" in old and "id" in new:
        taken |= old["id"].isin(new["id"]).to_numpy()
    # A count that another counts a part of keeps its id only if it stays.
    for name in old.columns.difference(new.columns):
        new[name] = "" if old[name].dtype != np.float64 else np.nan
    return pd.concat([old[~taken], new[list(old.columns)]], ignore_index=True)


def _put_legs(old: pd.DataFrame, new: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    points = tables["terminals"].set_index("id")[["lon", "lat"]]
    ends = [points.loc[new[end]].to_numpy() for end in ("from_id", "to_id")]
    straight = GEOD.inv(*ends[0].T, *ends[1].T)[2] / 1000.0
    length = new["length_km"].astype(float).fillna(_lengths_over_water(old, new))
    # Never shorter than the straight line, whatever the file says.
    modelled_km = pd.Series(straight * mode_values(new["mode"], "detour"))
    new["length_km"] = np.maximum(length.fillna(modelled_km), straight)
    modelled = new["length_km"] / mode_values(new["mode"], "speed_kmh")
    new["hours"] = new["hours"].astype(float).fillna(modelled)

    def pair(frame: pd.DataFrame) -> pd.Series:
        ends = np.sort(frame[["from_id", "to_id"]].to_numpy(dtype=str), axis=1)
        return pd.Series([f"{a}|{b}|{m}" for (a, b), m in zip(ends, frame["mode"], strict=True)])

    kept = old[~(pair(old).isin(set(pair(new))).to_numpy() | old["id"].isin(new["id"]).to_numpy())]
    return pd.concat([kept, new.reindex(columns=old.columns)], ignore_index=True)


def _lengths_over_water(old: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """Length of each new leg at sea whose terminals a leg at sea joins already; else missing."""
    old = old[mode_values(old["mode"], "medium") == "sea"]
    at_sea = mode_values(new["mode"], "medium") == "sea"
    ends = ["from_id", "to_id"]
    lengths = pd.concat(
        [old.set_index(ends)["length_km"], old.set_index(ends[::-1])["length_km"].rename_axis(ends)]
    )
    lengths = lengths[~lengths.index.duplicated()]
    return lengths.reindex(pd.MultiIndex.from_frame(new[ends])).set_axis(new.index).where(at_sea)


def _put_places(tables: Tables, contents: Iterable[bytes]) -> None:
    settlements, areas = tables["settlements"], tables["areas"]
    villages = pd.concat([_read(c, settlements) for c in contents], ignore_index=True)
    villages = villages.drop_duplicates("code", keep="last").sort_values("code")
    code = villages["code"]
    codes = {f"{level}_code": code.str[:length] for level, length in CODE_LENGTHS.items()}
    rows = villages.assign(id="v" + code, decided_by=IMPORTED, **codes)
    official = areas.loc[areas["level"] == "village", "code"].str[:5].value_counts()
    share = (code.str[:5].value_counts() / official).dropna()
    covered = share.index[share >= _COVERED]
    gone = settlements["regency_code"].isin(covered) | settlements["village_code"].isin(code)
    kept = settlements[~gone]
    tables["settlements"] = pd.concat([kept, rows[list(settlements.columns)]], ignore_index=True)
    fresh = villages[~code.isin(areas["code"])]
    if len(fresh):
        added = fresh.assign(level="village", parent=fresh["code"].str[:8], bps_code="")
        tables["areas"] = pd.concat([areas, added[list(areas.columns)]], ignore_index=True)


def _shapes(contents: Iterable[bytes]) -> dict[str, tuple[str, Any]]:
    """Name and polygon by code, the newest of each."""
    shapes: dict[str, tuple[str, Any]] = {}
    for content in contents:
        for feature in json.loads(content)["features"]:
            about = feature["properties"]
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            shapes[about["code"]] = (about["name"], shape)
    return shapes


def _assign(settlements: pd.DataFrame, shapes: dict[str, tuple[str, Any]]) -> pd.DataFrame:
    """Give each settlement the area whose imported polygon contains it, level by level."""
    frame = settlements.copy()
    points = shapely.points(frame["lon"], frame["lat"])
    for size in (5, 8, 13):
        codes = [code for code in shapes if len(code) == size]
        if not codes:
            continue
        tree = shapely.STRtree([shapes[code][1] for code in codes])
        point, area = tree.query(points, predicate="within")
        inside = pd.Series(np.array(codes, object)[area], index=point, dtype=str)
        inside = inside[~inside.index.duplicated()].sort_index()
        rows = inside.index
        for name, length in CODE_LENGTHS.items():
            column = frame.columns.get_loc(f"{name}_code")
            old = frame.iloc[rows, column].to_numpy(dtype=object)
            if length <= size:
                frame.iloc[rows, column] = inside.str[:length].to_numpy(dtype=object)
            else:  # codes of lower levels hold only within the same area
                same = [
                    str(value).startswith(code) for value, code in zip(old, inside, strict=True)
                ]
                frame.iloc[rows, column] = np.where(same, old, "")
        frame.iloc[rows, frame.columns.get_loc("decided_by")] = BY_BOUNDARY
    return frame


def merged_cells(embedded: Path, imports: Imports, home: Home, *, name: str) -> Path:
    """The regencies as GeoJSON: imported boundaries over the approximate cells.

    Returns
    -------
    Path
        ``embedded`` where no boundary of a regency is imported, else a file in the home that is
        made once for each state of the imports.

    Raises
    ------
    EnvironmentProblem
        If the home cannot be written.
    """
    shapes = _shapes(content for entry, content in imports if entry.kind == "boundaries")
    shapes = {code: shape for code, shape in shapes.items() if len(code) == 5}
    if not shapes:
        return embedded
    path = home.imports / f"regencies-{name}.geojson.gz"
    if path.exists():
        return path
    features = json.loads(gzip.decompress(embedded.read_bytes()))["features"]
    # Fine shapes cut the approximate cells beside them, so that no place lies in two regencies.
    tree = shapely.STRtree([shape for _, shape in shapes.values()])
    official = [shape for _, shape in shapes.values()]
    out = []
    for feature in features:
        about = feature["properties"]
        if about["code"] in shapes:
            continue
        cell = shapely.geometry.shape(feature["geometry"])
        near = tree.query(cell, predicate="intersects")
        if len(near):
            rest = shapely.difference(
                shapely.make_valid(cell), shapely.union_all([official[k] for k in near])
            )
            parts = [p for p in shapely.get_parts(rest) if p.geom_type == "Polygon"]
            cell = shapely.MultiPolygon(parts) if parts else cell
        out.append(_feature(about, cell))
    for code, (title, shape) in shapes.items():
        drawn = shapely.simplify(shape, _DRAWN_DEGREES, preserve_topology=True)
        drawn = drawn if drawn.geom_type == "MultiPolygon" else shapely.MultiPolygon([drawn])
        about = {"code": code, "name": title, "approximate": False, "mismatch": None}
        out.append(_feature(about, drawn))
    out.sort(key=lambda feature: str(feature["properties"]["code"]))
    whole = {"type": "FeatureCollection", "name": "regencies", "features": out}
    packed = gzip.compress(json.dumps(whole, separators=(",", ":")).encode(), mtime=0)
    write_bytes(path, packed, private=True)
    with translate_os_errors(path):
        for previous in set(home.imports.glob("regencies-*.geojson.gz")) - {path}:
            previous.unlink(missing_ok=True)
    return path


def _feature(about: dict[str, Any], shape: Any) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda points: np.round(points, 4))
    shape = rounded if shapely.is_valid(rounded) else shape
    return {
        "type": "Feature",
        "properties": about,
        "geometry": json.loads(shapely.to_geojson(shape)),
    }
