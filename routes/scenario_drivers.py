"""The indicators behind departures, by regency and province, for scenarios that change one."""

from __future__ import annotations

import networkx as nx
import pandas as pd

from geo.dataset import Dataset
from routes.framework import Framework
from routes.geography import aggregate, place_indicators, task_force_share
from routes.indicator_table import indicator_table
from routes.scenario import Drivers

__all__ = ["load_drivers"]

_OUTCOME = "outcome"


def load_drivers(dataset: Dataset, graph: nx.DiGraph) -> Drivers:
    """Indicators of the index without its outcomes, published ones and those from the map.

    Parameters
    ----------
    graph : networkx.DiGraph
        The build's graph: travel times are measured on it.
    """
    framework = Framework.load().without(_OUTCOME)
    places = place_indicators(dataset, graph)
    tables = {}
    for level in ("province", "regency"):
        areas = dataset.areas[dataset.areas["level"] == level]
        codes = [str(code) for code in areas["code"]]
        published = indicator_table(dataset.indicators, framework, codes=codes)
        share = task_force_share(dataset, level).rename("village_task_force_share")
        travel = aggregate(places, places[f"{level}_code"])
        computed = travel.join(share, how="outer").reindex(codes)
        whole: pd.DataFrame = published.combine_first(computed)
        tables[level] = whole[[c for c in framework.columns if c in whole]]
    return Drivers(tables["regency"], tables["province"])
