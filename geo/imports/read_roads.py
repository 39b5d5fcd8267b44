"""Read a road network in the reading process: from the file to report and graph."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.limits import MOST_ROAD_BYTES, allow_more, seconds_for
from geo.imports.read_osm import Ways, read_ways
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.road_graph import Edges, contracted, stretches, without_stubs
from geo.imports.road_shapes import shapes_of
from geo.imports.road_tags import CLASSES
from geo.road_network import RoadNetwork, RoadShapes
from geo.sphere import on_sphere

__all__ = ["read_roads"]

_ENDS = ((".osm.pbf", "pbf"), (".pbf", "pbf"), (".osm", "osm"))
_MOST_NAMED = 12
_SECONDS, _NODES_PER_SECOND = 20, 200_000
"""CPU time for the graph: twenty seconds (the coast alone takes one), more for many points."""


def read_roads(path: Path, reference: ReferenceData, report: Report) -> RoadNetwork:
    """Read a road network and fill in its report.

    Parameters
    ----------
    report : Report
        Receives counts of ways and ``figures``.

    Raises
    ------
    DataFileError
        If the file as a whole is refused.
    """
    form = _form(path, report.file.lower())
    size = path.stat().st_size
    # Counted from here, because loading the libraries takes a second; all of an extract of roads is
    # worked on.
    allow_more(seconds_for(size // 2))
    ways = read_ways(path, form=form)
    allow_more(_SECONDS + len(ways.refs) // _NODES_PER_SECOND)
    edges, cut = stretches(ways)
    if not len(edges):
        raise DataFileError("imports.roads_without_length")
    code, lat, lon = reference.places
    edges, anchors, away = without_stubs(edges, ways, on_sphere(lat, lon))
    if not len(edges):
        raise DataFileError("imports.roads_dead_ends")
    report.format = "OpenStreetMap PBF" if form == "pbf" else "OpenStreetMap XML"
    report.unit = "way"
    report.read, report.refused = ways.ways_read, sum(ways.refused.values())
    report.accepted = report.new = len(ways.class_)
    report.repaired = cut
    for reason, count in ways.refused.most_common():
        report.count("refused", reason, count)
    if cut:
        report.count("repaired", "repair.way_cut", cut)
    kilometres = np.bincount(edges.class_, edges.km, minlength=len(CLASSES))
    joined, whole = contracted(edges, anchors)
    network = _network(ways, joined, shapes_of(ways, edges, joined, whole))
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
    _note_figures(report, reference, network)
    return network


def _form(path: Path, name: str) -> str:
    """The format of a file, by its content; a file of another format is refused by its name."""
    if path.stat().st_size > MOST_ROAD_BYTES:
        raise DataFileError("imports.network_too_large", megabytes=MOST_ROAD_BYTES // 2**20)
    with path.open("rb") as stream:
        head = stream.read(4096)
    if b"OSMHeader" in head[:64]:
        return "pbf"
    if b"<osm" in head:
        return "osm"
    form = next((form for end, form in _ENDS if name.endswith(end)), None)
    wrong = {"pbf": "imports.no_pbf", "osm": "imports.no_osm_xml", None: "imports.network_ending"}
    raise DataFileError(wrong[form])


def _network(ways: Ways, edges: Edges, shapes: RoadShapes) -> RoadNetwork:
    used, ends = np.unique(np.concatenate([edges.tail, edges.head]), return_inverse=True)
    lon, lat = ways.degrees(used)
    return RoadNetwork(
        ids=ways.ids[used],
        lat=lat,
        lon=lon,
        tail=ends[: len(edges)].astype(np.int32),
        head=ends[len(edges) :].astype(np.int32),
        # Two points at one location give a stretch of no length, which no path search accepts.
        km=np.maximum(edges.km, 1e-4).astype(np.float32),
        hours=np.maximum(edges.hours, 1e-6).astype(np.float32),
        oneway=edges.oneway,
        shapes=shapes,
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
    islands = np.flatnonzero(km >= 0.1)
    names: dict[str, float] = {}
    for k in islands[np.argsort(-km[islands], kind="stable")]:
        name = coast.names[k] or coast.island_ids[k]
        names[name] = round(names.get(name, 0.0) + float(km[k]), 1)
    return names


def _settled(code: list[str], near: Any) -> dict[str, dict[str, int]]:
    """Settlements of each province that the roads reach: all, and within 2 km of a road."""
    everywhere = Counter(code)
    reached = Counter(c for c, is_near in zip(code, near, strict=True) if is_near)
    return {
        province: {"all": everywhere[province], "near": reached[province]}
        for province in sorted(reached)
    }


def _note_figures(report: Report, reference: ReferenceData, network: RoadNetwork) -> None:
    figures = report.figures
    report.note(
        "import_note.roads_read",
        nodes=figures["nodes_read"],
        ways=figures["ways_read"],
        kept=figures["ways_kept"],
        length_km=figures["km"],
        junctions=figures["junctions"],
        stretches=figures["stretches"],
    )
    classes = [_length(name, km) for name, km in figures["km_by_class"].items()]
    report.note("import_note.roads_by_class", classes=classes)
    report.note(
        "import_note.roads_connected",
        parts=figures["components"],
        share=figures["largest_component_share"],
    )
    islands = [_length(name, km) for name, km in figures["islands"].items()]
    if len(islands) > _MOST_NAMED:
        more = Message("import_note.more_islands", {"count": len(islands) - _MOST_NAMED})
        islands = [*islands[:_MOST_NAMED], more]
    report.note("import_note.roads_by_island", islands=islands or [Message("import_note.none")])
    settlements = [
        Message(
            "import_note.settlements",
            {
                "province": reference.areas.get(code, code),
                **counts,
                "share": counts["near"] / counts["all"],
            },
        )
        for code, counts in figures["settlements"].items()
    ]
    report.note("import_note.roads_near", provinces=settlements or [Message("import_note.none")])
    for name, ids in reference.junctions():
        same = int(np.isin(network.ids, ids, assume_unique=True).sum())
        if same:
            report.note("import_note.roads_overlap", junctions=same, id=name)
    report.note("import_note.roads_licence")


def _length(name: str, km: float) -> Message:
    return Message("import_note.length", {"name": name, "length_km": km})
