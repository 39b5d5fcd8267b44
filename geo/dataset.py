"""The dataset: every table that the model uses, read, checked and joined once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import DataFileError
from geo.imports.overlay import OUTREACH_COLUMNS, merged_cells, overlay_tables
from geo.imports.store import verified
from geo.modes import mode_of
from geo.paths import DATA, Home
from geo.road_network import RoadNetwork, merged_roads
from geo.tables import TABLES, read_table

__all__ = ["Dataset", "load_dataset"]


@dataclass(frozen=True)
class Dataset:
    """All tables, with the columns of ``geo/data/README.md``; treat the frames as read-only.

    ``legs`` has ``length_km`` joined in and one row per direction; ``digest`` is the SHA-256 over
    the bytes of every file read, so that the same data give the same build. Imported villages are
    ``settlements`` whose ``decided_by`` is ``imported``; ``outreach`` has only imported rows, and
    ``roads`` is empty until a network is imported.
    """

    areas: pd.DataFrame
    seats: pd.DataFrame
    settlements: pd.DataFrame
    terminals: pd.DataFrame
    legs: pd.DataFrame
    lines: pd.DataFrame
    bridges: pd.DataFrame
    destinations: pd.DataFrame
    access: pd.DataFrame
    destination_shares: pd.DataFrame
    region_shares: pd.DataFrame
    without_papers: pd.DataFrame
    indicators: pd.DataFrame
    counts: pd.DataFrame
    services: pd.DataFrame
    posts: pd.DataFrame
    effort: pd.DataFrame
    task_forces: pd.DataFrame
    pretexts: pd.DataFrame
    regency_cells: Path
    basemap: Path
    land: Path
    digest: str
    outreach: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=OUTREACH_COLUMNS))
    roads: RoadNetwork = field(default_factory=RoadNetwork.empty)

    def area_name(self, code: str) -> str:
        """Official name of an area; the code itself where it is unknown."""
        names: pd.Series[str] = self.areas.set_index("code")["name"]
        return str(names.get(code, code))


def load_dataset(home: Home | str | Path | None = None, *, data: Path | None = None) -> Dataset:
    """Read the embedded tables and whatever was imported under ``home``.

    Parameters
    ----------
    home : path, optional
        Home folder; default ``$PETAJAGA_HOME`` or ``./var``.
    data : path, optional
        Another folder of embedded tables (tests).

    Raises
    ------
    DataFileError
        If a table is missing or malformed, or refers to an unknown terminal or destination.
    StateError
        If an import is damaged; the error has its id.

    Examples
    --------
    >>> dataset = load_dataset()
    >>> dataset.area_name("53.71")
    'Kota Kupang'
    >>> int((dataset.areas["level"] == "regency").sum())
    514
    """
    home = Home.resolve(home)
    imports = list(verified(home))
    folder = DATA if data is None else data
    tables = {name: read_table(name, folder) for name in TABLES}
    lengths = tables.pop("leg_lengths")
    tables["legs"] = _with_lengths(tables["legs"], lengths)
    for name in ("counts", "indicators"):
        tables[name]["held"] = False  # embedded rows rest on public pages and facts
    overlay_tables(tables, imports)
    tables["legs"] = _both_directions(tables["legs"])
    _check_references(tables)
    digest = hashlib.sha256()
    regencies, basemap, land = snapshots = [
        folder / f"{name}.geojson.gz" for name in ("regencies", "basemap", "land")
    ]
    for path in sorted({*(folder / f for t in TABLES.values() for f in t.files), *snapshots}):
        if not path.exists():
            raise DataFileError("tables.missing", file=path.name, folder=str(path.parent))
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for entry, content in imports:
        digest.update(entry.kind.encode() + b"\0" + content)
    return Dataset(
        **tables,
        regency_cells=merged_cells(regencies, imports, home, name=digest.hexdigest()[:12]),
        basemap=basemap,
        land=land,
        roads=merged_roads(
            [RoadNetwork.from_bytes(table) for entry, table in imports if entry.kind == "network"]
        ),
        digest=digest.hexdigest(),
    )


def _with_lengths(legs: pd.DataFrame, lengths: pd.DataFrame) -> pd.DataFrame:
    """Join the measured length of each pair; a pair is measured once for both directions."""
    # ``geodesic_x1.4`` is a road: the straight line times a detour factor.
    methods = lengths["method"].str.replace(r"^geodesic_x.*", "road", regex=True)
    outward = lengths.assign(method=methods).set_index(["from_id", "to_id", "method"])["length_km"]
    back = outward.swaplevel(0, 1).rename_axis(outward.index.names)
    by_pair = pd.concat([back, outward])
    by_pair = by_pair[~by_pair.index.duplicated(keep="last")]
    pairs = pd.MultiIndex.from_arrays(
        [legs["from_id"], legs["to_id"], legs["mode"].map(length_method)]
    )
    length_km = by_pair.reindex(pairs).to_numpy()
    if np.isnan(length_km).any():
        raise DataFileError("tables.no_length", leg=legs["id"].iloc[np.isnan(length_km).argmax()])
    return legs.assign(length_km=length_km)


def length_method(mode: str) -> str:
    """How a leg of this mode is measured: over ``water``, along a ``geodesic``, or by ``road``."""
    return {"sea": "water", "air": "geodesic", "land": "road"}[mode_of(mode).medium]


def _both_directions(legs: pd.DataFrame) -> pd.DataFrame:
    """One row per direction; the way back keeps the id with ``-r``."""
    back = legs[legs["both_ways"] == "yes"].copy()
    back["id"] = back["id"] + "-r"
    back[["from_id", "to_id"]] = back[["to_id", "from_id"]].to_numpy()
    return pd.concat([legs, back], ignore_index=True)


def _check_references(tables: dict[str, pd.DataFrame]) -> None:
    terminals = set(tables["terminals"]["id"])
    destinations = set(tables["destinations"]["id"])
    for name, column, allowed in (
        ("legs", "from_id", terminals),
        ("legs", "to_id", terminals),
        ("lines", "start_id", terminals),
        ("access", "terminal_id", terminals),
        ("access", "destination_id", destinations),
        ("destination_shares", "destination_id", destinations),
        ("posts", "terminal_id", terminals),
        ("effort", "terminal_id", terminals | {""}),
        ("counts", "terminal_id", terminals | {""}),
    ):
        unknown = tables[name].loc[~tables[name][column].isin(allowed), column]
        if len(unknown):
            raise DataFileError(
                "tables.unknown_reference",
                file=TABLES[name].files[0],
                column=column,
                value=str(unknown.iloc[0]),
            )
