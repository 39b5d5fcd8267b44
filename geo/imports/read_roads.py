"""The import of a road network, as the reading process does it: file in, report and graph out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import DataFileError
from geo.imports.limits import MOST_ROAD_BYTES, allow_more, seconds_for
from geo.imports.read_osm import Ways, read_ways
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.road_graph import Edges, contracted, stretches, without_stubs
from geo.imports.road_tags import CLASSES
from geo.road_network import RoadNetwork
from geo.sphere import on_sphere

__all__ = ["read_roads"]

_ENDS = ((".osm.pbf", "pbf"), (".pbf", "pbf"), (".osm", "osm"))
_MOST_NAMED = 12
_SECONDS, _NODES_PER_SECOND = 20, 200_000
"""CPU for the graph: twenty seconds (the coast alone takes one), and more for many points."""


def read_roads(path: Path, known: ReferenceData, report: Report) -> RoadNetwork:
    """Read a road network and fill in its report.

    Parameters
    ----------
    report : Report
        Its ``file`` says the format; gets counts of ways and the ``figures``.

    Raises
    ------
    DataFileError
        If the file as a whole is refused.
    """
    name = report.file.lower()
    form = next((form for end, form in _ENDS if name.endswith(end)), None)
    if form is None:
        raise DataFileError(
            "a road network is an OpenStreetMap extract: the file's name must end in .osm.pbf, "
            ".pbf or .osm"
        )
    size = path.stat().st_size
    _look(path, form)
    # From here on, for loading the libraries has taken one; an extract of roads only is all work.
    allow_more(seconds_for(2 * size))
    ways = read_ways(path, form=form)
    allow_more(_SECONDS + len(ways.refs) // _NODES_PER_SECOND)
    edges, cut = stretches(ways)
    if not len(edges):
        raise DataFileError("no road of the file has two known points; make the extract again")
    code, lat, lon = known.places
    edges, called, away = without_stubs(edges, ways, on_sphere(lat, lon))
    if not len(edges):
        raise DataFileError("the file has only dead ends of small roads; take a larger extract")
    report.format = "OpenStreetMap PBF" if form == "pbf" else "OpenStreetMap XML"
    report.unit = "way"
    report.read, report.refused = ways.ways_read, sum(ways.refused.values())
    report.accepted = report.new = len(ways.class_)
    report.repaired = cut
    for why, count in ways.refused.most_common():
        report.reasons[f"refused: {why}"] = count
    if cut:
        report.reasons["repaired: cut where a point is missing, abroad or far away"] = cut
    kilometres = np.bincount(edges.class_, edges.km, minlength=len(CLASSES))
    network = _network(ways, contracted(edges, called))
    report.figures = {
        "nodes_read": ways.nodes_read,
        "ways_read": ways.ways_read,
        "ways_kept": len(ways.class_),
        "nodes_missing": ways.missing,
        "nodes_abroad": ways.abroad,
        "nodes_twice": ways.twice,
        "km": round(float(kilometres.sum()), 1),
        "km_by_class": {
            name: round(float(km), 1)
            for name, km in zip(CLASSES, kilometres, strict=True)
            if km > 0
        },
        "junctions": len(network.ids),
        "stretches": len(network),
        **_connected(network),
        "islands": _islands(network),
        "settlements": _settled(code, np.isfinite(away)),
    }
    _say(report, known, network)
    return network


def _look(path: Path, form: str) -> None:
    """Refuse what is too large, or plainly something else, before any library opens it."""
    if path.stat().st_size > MOST_ROAD_BYTES:
        raise DataFileError(
            f"the file is larger than {MOST_ROAD_BYTES // 2**20} MB; take the extract of a "
            "province, or keep its roads only: osmium tags-filter FILE w/highway -o roads.osm.pbf"
        )
    with path.open("rb") as stream:
        head = stream.read(4096)
    if form == "pbf" and b"OSMHeader" not in head[:64]:
        raise DataFileError("the file is no OpenStreetMap PBF; download the .osm.pbf again")
    if form == "osm" and b"<osm" not in head:
        raise DataFileError("the file is no OpenStreetMap XML; take the .osm.pbf of the extract")


def _network(ways: Ways, edges: Edges) -> RoadNetwork:
    used, ends = np.unique(np.concatenate([edges.tail, edges.head]), return_inverse=True)
    lon, lat = ways.degrees(used)
    return RoadNetwork(
        ids=ways.ids[used],
        lat=lat,
        lon=lon,
        tail=ends[: len(edges)].astype(np.int32),
        head=ends[len(edges) :].astype(np.int32),
        # Two points at one place are a stretch of no length, which no path search can take.
        km=np.maximum(edges.km, 1e-4).astype(np.float32),
        hours=np.maximum(edges.hours, 1e-6).astype(np.float32),
        oneway=edges.oneway,
    )


def _connected(network: RoadNetwork) -> dict[str, Any]:
    count = len(network.ids)
    ones = np.ones(len(network), np.int8)
    links = coo_array((ones, (network.tail, network.head)), shape=(count, count))
    parts, part = connected_components(links.tocsr(), directed=False)
    km = np.bincount(part[network.tail], network.km, minlength=parts)
    return {
        "components": int(parts),
        "largest_component_share": round(float(km.max() / km.sum()), 4),
    }


def _islands(network: RoadNetwork) -> dict[str, float]:
    """Kilometres of road by island, the longest first; a stretch counts where it starts."""
    from geo.coast import load_coast

    coast = load_coast()
    island = coast.islands_of(network.lat, network.lon)[network.tail]
    km = np.bincount(island + 1, network.km, minlength=len(coast.island_ids) + 1)[1:]
    found = np.flatnonzero(km >= 0.1)
    found = found[np.argsort(-km[found], kind="stable")]
    names: dict[str, float] = {}
    for k in found:
        name = coast.names[k] or coast.island_ids[k]
        names[name] = round(names.get(name, 0.0) + float(km[k]), 1)
    return names


def _settled(code: list[str], near: Any) -> dict[str, dict[str, int]]:
    """Settlements of each province that the roads reach: all, and within 2 km of a road."""
    everywhere = Counter(code)
    reached = Counter(c for c, here in zip(code, near, strict=True) if here)
    return {
        province: {"all": everywhere[province], "near": reached[province]}
        for province in sorted(reached)
    }


def _say(report: Report, known: ReferenceData, network: RoadNetwork) -> None:
    figures = report.figures
    report.note(
        f"{figures['nodes_read']:,} nodes and {figures['ways_read']:,} ways with highway read; "
        f"{figures['ways_kept']:,} ways kept, {figures['km']:,.0f} km of road, "
        f"{figures['junctions']:,} junctions, {figures['stretches']:,} stretches"
    )
    by_class = ", ".join(f"{name} {km:,.0f}" for name, km in figures["km_by_class"].items())
    report.note(f"km by class: {by_class}")
    report.note(
        f"{figures['components']:,} parts that no road joins; the largest has "
        f"{figures['largest_component_share']:.0%} of the length"
    )
    islands = list(figures["islands"].items())
    shown = ", ".join(f"{name} {km:,.0f} km" for name, km in islands[:_MOST_NAMED])
    more = f" and {len(islands) - _MOST_NAMED} more" if len(islands) > _MOST_NAMED else ""
    report.note(f"islands: {shown or 'none'}{more}")
    shares = ", ".join(
        f"{known.areas.get(code, code)} {found['near']}/{found['all']} "
        f"({found['near'] / found['all']:.0%})"
        for code, found in figures["settlements"].items()
    )
    report.note(f"settlements within 2 km of a road: {shares or 'none'}")
    for name, ids in known.junctions():
        same = int(np.isin(network.ids, ids, assume_unique=True).sum())
        if same:
            report.note(
                f"{same:,} of its junctions are in the import {name} already; if this file is a "
                f"newer one of the same area, undo {name}"
            )
    report.note("roads: © OpenStreetMap contributors, ODbL 1.0; every release will say so")
