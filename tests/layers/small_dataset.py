"""Two provinces of the embedded data and what sails between them: a dataset that builds quickly.

Kalimantan Utara and Kepulauan Riau have what the tests of disclosure change: unofficial landings at
home and abroad, posts in force, effort, a line of several calls, villages.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely.geometry import box, mapping, shape

from geo.dataset import Dataset
from geo.tables import POINT_TABLES, TABLES
from routes.build.assemble import assemble
from routes.build.model import Build
from routes.build.parameters import ModelParameters
from routes.demand.model import DemandParameters
from routes.vulnerability.framework import Framework
from tests.layers.hidden_changes import SECRET

__all__ = ["PROVINCES", "build_of", "small_dataset"]

PROVINCES = ("65", "21")
_ABROAD = ("MY", "SG")
_LINE = "bukit-siguntang-kupang-nunukan"
_DISTRICTS = ("65.03.0", "21.71.0")
"""Beginnings of the codes of districts whose villages are listed, with a point."""
_SETTLEMENTS = 20


def small_dataset(dataset: Dataset, folder: Path) -> Dataset:
    """The rows of the embedded ``dataset`` that lie in :data:`PROVINCES` or lead abroad from there.

    ``folder`` gets the village points and the outlines.
    """
    areas, places = dataset.areas[_inside(dataset.areas["code"])], dataset.settlements
    terminals, line = dataset.terminals, dataset.lines[dataset.lines["id"] == _LINE]
    sailed = dataset.legs["id"].isin(line["legs"].iloc[0].split(";"))
    calls = dataset.legs.loc[sailed, ["from_id", "to_id"]].to_numpy().ravel()
    terminals = terminals[
        terminals["country"].isin(_ABROAD)
        | _inside(terminals["area_code"])
        | terminals["id"].isin(calls)
    ]
    ids = terminals["id"]
    legs = dataset.legs
    legs = legs[legs["from_id"].isin(ids) & legs["to_id"].isin(ids)]
    ends = dataset.destinations
    ends = ends[ends["country"].isin(_ABROAD) | _inside(ends["area_code"])]
    access, shares = dataset.access, dataset.destination_shares
    access = access[access["terminal_id"].isin(ids) & access["destination_id"].isin(ends["id"])]
    shares = shares[shares["destination_id"].isin(ends["id"])]
    regions = dataset.region_shares
    regions = regions[regions["region"].isin(ends["region"])]
    counts = dataset.counts
    at = counts["terminal_id"].isin([*ids, ""])
    counts = counts[
        at & _inside(counts["place_code"]) & _inside(counts["origin_code"], or_none=True)
    ]
    for name in POINT_TABLES:
        points = pd.read_csv(dataset.folder / TABLES[name].files[0], dtype={"code": str})
        points = points[points["code"].str.startswith(_DISTRICTS)]
        points.to_csv(folder / TABLES[name].files[0], index=False)
    tables = {
        "areas": areas[(areas["level"] != "village") | areas["code"].str.startswith(_DISTRICTS)],
        "seats": dataset.seats[_inside(dataset.seats["code"])],
        "settlements": places[_inside(places["regency_code"])].head(_SETTLEMENTS),
        "terminals": terminals,
        "legs": legs,
        "lines": line,
        "destinations": ends,
        "access": access,
        "destination_shares": shares[
            _inside(shares["origin_code"]) | (shares["origin_code"] == "ID")
        ],
        "region_shares": regions[_inside(regions["origin_code"])],
        "indicators": dataset.indicators[_inside(dataset.indicators["area_code"])],
        "counts": counts,
        "services": dataset.services[_inside(dataset.services["area_code"])],
        "posts": dataset.posts[dataset.posts["terminal_id"].isin(ids)],
        "effort": dataset.effort[dataset.effort["terminal_id"].isin([*ids, ""])],
        "task_forces": dataset.task_forces[_inside(dataset.task_forces["area_code"])],
    }
    tables = {name: table.reset_index(drop=True) for name, table in tables.items()}
    cells = _outlines(dataset.regency_cells, folder)
    return replace(dataset, **tables, folder=folder, regency_cells=cells)


def build_of(dataset: Dataset, *, draws: int = 2) -> Build:
    """A build of a small dataset, in memory; its base map is empty."""
    parameters = ModelParameters(
        pilots=("65",), demand=DemandParameters(draws=20), corridor_limits=(4, 2)
    )
    build = assemble(
        dataset, parameters, framework=Framework.load(), secret=SECRET, name=dataset.digest[-12:],
        seed=1, draws=draws, workers=1, cluster=None, progress=lambda *_: None,
    )  # fmt: skip
    cells = gpd.read_file(f"/vsigzip/{dataset.regency_cells}")
    basemap = dataset.folder / "basemap.geojson"
    basemap.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    return build.with_parts(
        regency_cells=cells, basemap=basemap, basemap_layers=basemap, roads=dataset.roads
    )


def _inside(codes: pd.Series, *, or_none: bool = False) -> pd.Series:
    inside = codes.str[:2].isin(PROVINCES)
    return inside | (codes == "") if or_none else inside


def _outlines(source: Path, folder: Path) -> Path:
    collection = json.loads(gzip.decompress(source.read_bytes()))
    collection["features"] = [
        feature | {"geometry": mapping(box(*shape(feature["geometry"]).bounds))}
        for feature in collection["features"]
        if feature["properties"]["code"].startswith(PROVINCES)
    ]
    target = folder / source.name
    target.write_bytes(gzip.compress(json.dumps(collection).encode(), mtime=0))
    return target
