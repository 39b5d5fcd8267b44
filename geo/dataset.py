"""The dataset: every table that the model uses, read, checked and joined once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geo.codes import CODE_LENGTHS, COUNTRY
from geo.errors import DataFileError
from geo.imports.agreements import Agreement
from geo.imports.days import today
from geo.imports.overlay import (
    CHECK_COLUMNS,
    IMPORTED,
    OUTREACH_COLUMNS,
    merged_cells,
    overlay_tables,
    permitted_rows,
)
from geo.imports.store import Imports, agreements, build_day, imported_roads, verified
from geo.leg_ranges import with_ranges
from geo.modes import mode_of, mode_values
from geo.paths import DATA, Home
from geo.road_network import RoadNetwork
from geo.tables import POINT_TABLES, TABLES, UNBUILT_TABLES, read_table
from geo.tiers import TIERS, Tier

__all__ = ["Dataset", "load_dataset"]

KM_PER_NAUTICAL_MILE = 1.852
ROUTE_END_DEG = 0.001
"""A route ends this close to the terminals of its leg, else it is that of an earlier position."""


@dataclass(frozen=True)
class Dataset:
    """All tables, with the columns of ``geo/data/README.md``; treat the frames as read-only.

    ``legs`` has one row per direction, with ``length_km`` and ``route`` joined in: the line over
    water as WKT from its first terminal, empty where none is known; ``digest`` is the SHA-256 over
    the bytes of every file read, so that the same data give the same build. Imported villages are
    ``settlements`` whose ``decided_by`` is ``imported``; ``outreach`` and ``checks`` have only
    imported rows, and ``roads`` is empty until a network is imported. ``imports`` are those laid
    over the embedded tables, each with the bytes of its table, and ``agreements`` those they are
    held under, by number; of imported offices and posts those that stand on ``day`` are there.
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
    regency_cells: Path
    basemap: Path
    basemap_layers: Path
    land: Path
    digest: str
    outreach: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=OUTREACH_COLUMNS))
    checks: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CHECK_COLUMNS))
    roads: RoadNetwork = field(default_factory=RoadNetwork.empty)
    folder: Path = DATA
    imports: Imports = ()
    day: str = ""
    agreements: Mapping[str, Agreement] = field(default_factory=dict)

    @property
    def holds_counts(self) -> bool:
        """Whether any count, indicator or check is held, and so rounded with the key of the home.

        Examples
        --------
        >>> load_dataset().holds_counts
        False
        """
        held = self.counts["held"].any() or self.indicators["held"].any()
        return bool(held or len(self.checks))

    def permitted(self, purpose: str, tier: Tier = TIERS[-1]) -> Dataset:
        """The dataset without rows that their agreements do not allow for a purpose at a tier.

        Examples
        --------
        >>> dataset = load_dataset()
        >>> dataset.permitted("layers", "public") is dataset
        True
        """
        if all(agreement.is_open for agreement in self.agreements.values()):
            return self
        tables = {
            kind: permitted_rows(getattr(self, kind), kind, self.agreements, purpose, tier)
            for kind in ("counts", "indicators")
        }
        return replace(self, **tables)

    @cached_property
    def official(self) -> Dataset:
        """What anyone may know of the network: no unofficial landing, no leg or line of one, no
        post and no watch.

        Whatever public or partner get is computed from this, so that nothing else can show in it.

        Examples
        --------
        >>> official = load_dataset().official
        >>> sorted(set(official.legs["official"])), len(official.posts)
        (['yes'], 0)
        """
        terminals = self.terminals[self.terminals["kind"] != "unofficial"]
        ids = terminals["id"]
        legs = self.legs[self.legs["official"] == "yes"]
        legs = legs[legs["from_id"].isin(ids) & legs["to_id"].isin(ids)]
        sailed = set(legs["id"])
        lines = [sailed.issuperset(legs.split(";")) for legs in self.lines["legs"]]
        return replace(
            self,
            terminals=terminals.reset_index(drop=True),
            legs=legs.reset_index(drop=True),
            lines=self.lines[lines].reset_index(drop=True),
            access=self.access[self.access["terminal_id"].isin(ids)].reset_index(drop=True),
            posts=self.posts.iloc[:0],
            effort=self.effort.iloc[:0],
        )

    @cached_property
    def villages(self) -> pd.DataFrame:
        """Villages with a point: ``code, name, regency_code, lat, lon, population``.

        Points are middles of areas (not settlements), or those of imported places, which alone
        have a population; NaN means not known.

        Examples
        --------
        >>> villages = load_dataset().villages.set_index("code")
        >>> villages.loc["53.01.08.2011", ["name", "lat", "lon"]].tolist()
        ['Penfui Timur', -10.1635, 123.6909]
        """
        places = self.settlements[self.settlements["decided_by"] == IMPORTED]
        places = places[places["village_code"] != ""].drop(columns="regency_code")
        places = places.rename(columns={"village_code": "code"})
        points = self._area_points("villages").assign(population=np.nan)
        points = points[~points["code"].isin(places["code"])]
        table = pd.concat([points, places[list(points.columns)]], ignore_index=True)
        table.insert(2, "regency_code", table["code"].str[: CODE_LENGTHS["regency"]])
        return table.sort_values("code", ignore_index=True)

    @cached_property
    def interventions(self) -> pd.DataFrame:
        """Dated interventions on record (:mod:`geo.interventions`); no build reads them.

        Examples
        --------
        >>> load_dataset().interventions["kind"].tolist()
        ['task_force', 'moratorium', 'post', 'drive']
        """
        table = read_table("interventions", self.folder)
        _check_listed(table, "area_codes", {*self.areas["code"], COUNTRY})
        _check_listed(table, "terminal_ids", {*self.terminals["id"]})
        return table

    @property
    def village_task_forces(self) -> pd.DataFrame:
        """Rows of ``task_forces`` that say of one village that it is served.

        The row of a province or a town does not say which of its villages is; proposals do not
        count.

        Examples
        --------
        >>> len(load_dataset().village_task_forces)
        77
        """
        return self.task_forces[self.task_forces["scope"] == "village"]

    @cached_property
    def districts(self) -> pd.DataFrame:
        """Middles of districts: ``code, name, lat, lon``."""
        return self._area_points("districts")

    def _area_points(self, name: str) -> pd.DataFrame:
        """Points of a table of :data:`geo.tables.POINT_TABLES`, with official names."""
        if not all((self.folder / file).exists() for file in TABLES[name].files):
            empty = pd.DataFrame({"code": [], "name": [], "lat": [], "lon": []})
            return empty.astype({"code": str, "name": str})
        points = read_table(name, self.folder)
        points.insert(1, "name", points["code"].map(self.areas.set_index("code")["name"]))
        return points

    def area_name(self, code: str) -> str:
        """Official name of an area; the code itself where it is unknown."""
        return self._area_names.get(code, code)

    @cached_property
    def _area_names(self) -> dict[str, str]:
        return dict(zip(self.areas["code"], self.areas["name"], strict=True))


def load_dataset(
    home: Home | str | Path | None = None, *, data: Path | None = None, day: str | None = None
) -> Dataset:
    """Read the embedded tables and whatever was imported under ``home``.

    Parameters
    ----------
    home : path, optional
        Home folder; default ``$PETAJAGA_HOME`` or ``./var``. That of
        :attr:`geo.paths.Home.build_inputs` gives the data the current build was made from.
    data : path, optional
        Another folder of embedded tables (tests).
    day : str, optional
        ISO date on which imported offices and posts count or not; default that of the build, of
        its own imports, else today.

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
    day = day or build_day(home) or today()
    imports = tuple(verified(home, day))
    stored = agreements(home)
    under = {entry.under: stored[entry.under] for entry, _ in imports if entry.under}
    folder = DATA if data is None else data
    built = [name for name in TABLES if name not in UNBUILT_TABLES]
    tables = {name: read_table(name, folder) for name in built if name not in POINT_TABLES}
    lengths, routes = tables.pop("leg_lengths"), tables.pop("sea_routes")
    tables["legs"] = _along_the_water(_with_lengths(tables["legs"], lengths))
    for name in ("counts", "indicators"):
        # embedded rows rest on public pages and facts
        tables[name] = tables[name].assign(held=False, agreement="")
    closed = overlay_tables(tables, imports, day, under)
    tables["legs"] = _both_directions(with_ranges(tables["legs"]))
    _check_references(tables)
    tables["legs"] = _with_routes(tables["legs"], routes, tables["terminals"])
    digest = hashlib.sha256()
    regencies, basemap, basemap_layers, land = snapshots = [
        folder / f"{name}.geojson.gz" for name in ("regencies", "basemap", "basemap_layers", "land")
    ]
    optional = {folder / file for name in POINT_TABLES for file in TABLES[name].files}
    for path in sorted({*(folder / f for name in built for f in TABLES[name].files), *snapshots}):
        if not path.exists():
            if path in optional:
                continue
            raise DataFileError("tables.missing", file=path.name, folder=str(path.parent))
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for entry, content in imports:
        digest.update(entry.kind.encode() + b"\0" + content)
    limits = (f"{a.number}|{a.purpose}|{a.tiers}|{a.finest_level}" for a in under.values())
    digest.update("\0".join([*closed, *limits]).encode())
    return Dataset(
        **tables,
        regency_cells=merged_cells(regencies, imports, home, name=digest.hexdigest()[:12]),
        basemap=basemap,
        basemap_layers=basemap_layers,
        land=land,
        roads=imported_roads(imports),
        digest=digest.hexdigest(),
        folder=folder,
        imports=imports,
        day=day,
        agreements=under,
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


def _along_the_water(legs: pd.DataFrame) -> pd.DataFrame:
    """Correct modelled hours at sea from the distance in the leg's note to its length over water.

    The note has the speed too, and its distance is rounded to a kilometre; what else the hours
    hold, such as a stay in port, is kept.
    """
    noted = legs["note"].str.extract(r"hours from ([\d.]+) km of sea at ([\d.]+) knots")
    km, knots = noted[0].astype(float), noted[1].astype(float)
    longer_km = legs["length_km"] - km
    longer_km = longer_km.where((legs["hours_basis"] == "modelled") & (longer_km.abs() > 0.5))
    longer_h = (longer_km / (knots * KM_PER_NAUTICAL_MILE)).fillna(0.0)
    return legs.assign(hours=(legs["hours"] + longer_h).round(2))


def _with_routes(legs: pd.DataFrame, routes: pd.DataFrame, terminals: pd.DataFrame) -> pd.DataFrame:
    """Join the route of each sea leg in its direction; none where a terminal has been moved."""
    lines = shapely.from_wkt(routes["route"].to_numpy())
    pairs = routes[["from_id", "to_id"]].to_numpy()
    index = pd.MultiIndex.from_arrays(np.concatenate([pairs, pairs[:, ::-1]]).T)
    known = pd.Series(np.concatenate([lines, shapely.reverse(lines)]), index, dtype=object)
    line = known.reindex(pd.MultiIndex.from_frame(legs[["from_id", "to_id"]])).to_numpy()
    at_sea = mode_values(legs["mode"], "medium") == "sea"
    line = np.where(at_sea & shapely.is_geometry(line), line, None)
    at = terminals.drop_duplicates("id").set_index("id")[["lon", "lat"]]
    gaps = [
        shapely.distance(shapely.get_point(line, end), shapely.points(at.loc[terminal].to_numpy()))
        for end, terminal in ((0, legs["from_id"]), (-1, legs["to_id"]))
    ]
    joins = np.maximum(*gaps) <= ROUTE_END_DEG
    return legs.assign(route=np.where(joins, shapely.to_wkt(line, rounding_precision=5), ""))


def length_method(mode: str) -> str:
    """How a leg of this mode is measured: over ``water``, along a ``geodesic``, or by ``road``."""
    return {"sea": "water", "air": "geodesic", "land": "road"}[mode_of(mode).medium]


def _both_directions(legs: pd.DataFrame) -> pd.DataFrame:
    """One row per direction; the way back keeps the id with ``-r``."""
    back = legs[legs["both_ways"] == "yes"].copy()
    back["id"] = back["id"] + "-r"
    back[["from_id", "to_id"]] = back[["to_id", "from_id"]].to_numpy()
    return pd.concat([legs, back], ignore_index=True)


def _check_listed(table: pd.DataFrame, column: str, allowed: set[str]) -> None:
    """Refuse a name of a list that is of nothing; ``interventions`` alone has lists."""
    for value in (name for names in table[column] for name in names.split(";") if name):
        if value not in allowed:
            raise DataFileError(
                "tables.unknown_reference", file=TABLES["interventions"].files[0], column=column,
                value=value,
            )  # fmt: skip


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
