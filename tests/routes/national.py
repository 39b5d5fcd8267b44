"""The national graph of 83,403 villages, for the tests that need it at scale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo.dataset import Dataset
from routes.flow.model import FlowModel
from routes.graph.build import GraphFrames

CODES = ("code", "prov_code", "kab_code", "kec_code")


def read_villages(path: Path) -> pd.DataFrame:
    """Origins as :func:`routes.graph.origins.origin_points` lists them, with their district."""
    v = pd.read_csv(path, dtype=dict.fromkeys(CODES, str))
    return pd.DataFrame(
        {
            "node": "v:" + v["code"],
            "name": v["name"],
            "kind": "village",
            "lat": v["lat"],
            "lon": v["lon"],
            "population": np.nan,
            "regency_code": v["kab_code"],
            "province_code": v["prov_code"],
            "district_code": v["kec_code"],
        }
    )


def read_districts(path: Path) -> pd.DataFrame:
    """District points as hubs."""
    hubs = pd.read_csv(path, dtype=dict.fromkeys(CODES[:3], str))
    return hubs.rename(columns={"kab_code": "regency_code"})


def with_port_list(dataset: Dataset, path: Path) -> Dataset:
    """The dataset with 2,882 ports more, each joined to its three nearest by invented boats.

    Invented for load only: the list has no legs, and ports without any are left out of the roads.
    """
    ports = pd.read_csv(path, dtype=str, keep_default_na=False)
    extra = pd.DataFrame(
        {
            "id": [f"port-{k}" for k in range(len(ports))],
            "name": ports["name"],
            "kind": "seaport",
            "lat": ports["lat"].astype(float),
            "lon": ports["lon"].astype(float),
            "place": "",
            "area_code": ports["kab_code"],
            "country": ports["country"],
        }
    )
    points = extra[["lat", "lon"]].to_numpy()
    far, near = cKDTree(points).query(points, k=4)
    ids = extra["id"].to_numpy()
    km = far[:, 1:].ravel() * 111.0
    boats = pd.DataFrame(
        {
            "id": [f"boat-{k}" for k in range(len(km))],
            "from_id": np.repeat(ids, 3),
            "to_id": ids[near[:, 1:].ravel()],
            "mode": "small_boat",
            "hours": km / 15.0 + 0.1,
            "length_km": km,
            "departures_per_week": np.nan,
            "fare_idr": np.nan,
            "fare_year": np.nan,
            "official": "no",
            "assumed": "yes",
        }
    )
    return replace(
        dataset,
        terminals=pd.concat([dataset.terminals, extra], ignore_index=True),
        legs=pd.concat([dataset.legs, boats], ignore_index=True),
    )


def opposing_roads(frames: GraphFrames, model: FlowModel) -> tuple[float, float]:
    """Share of road travel that the opposite direction cancels: of persons, of person-kilometres.

    Of each pair of opposite road legs the smaller flow, on both, over all flow on roads; a person
    counts once for each leg passed.
    """
    network = model.network_
    ends = set(np.array(network.nodes, object)[network.destination])
    edges = frames.edges[~frames.edges["u"].isin(ends)]
    road, km = (edges["mode"] == "road").to_numpy(), edges["length_km"].to_numpy()
    flow = model.leg_flow_.values_array
    size = len(network.nodes)
    order = np.argsort(network.tail * size + network.head)
    key = (network.tail * size + network.head)[order]
    at = np.minimum(np.searchsorted(key, network.head * size + network.tail), len(key) - 1)
    back = np.where(key[at] == network.head * size + network.tail, flow[order][at], 0.0)
    opposing = np.minimum(flow, back)
    return (
        float(opposing[road].sum() / flow[road].sum()),
        float((opposing * km)[road].sum() / (flow * km)[road].sum()),
    )
