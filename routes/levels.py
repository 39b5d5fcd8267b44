"""The index at every level: province, regency, district, and the settlements themselves.

Each level has what is published for it, and from the map what is computed for its places; the
rest comes from the level above, flagged. All levels are scored on the regencies' scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.costs import CostParameters
from routes.framework import Framework
from routes.geography import (
    aggregate,
    place_indicators,
    task_force_share,
    travel_errors,
)
from routes.indicator_table import indicator_errors, indicator_table
from routes.roads import distances_km
from routes.vulnerability import VulnerabilityIndex

__all__ = ["LEVELS", "LevelIndices", "fit_levels", "settlement_districts"]

LEVELS = ("province", "regency", "district", "settlement")
_SHARE = "village_task_force_share"
_OUTCOME = "outcome"


@dataclass(frozen=True, eq=False)
class LevelIndices:
    """The fitted index of each level, with the tables it was fitted to.

    Attributes
    ----------
    framework : Framework
    places : DataFrame
        From :func:`routes.geography.place_indicators`.
    tables, errors : dict of DataFrame
        Indicator values and their standard deviations by level (index: area code, or node name
        of a settlement).
    indices : dict of VulnerabilityIndex
        By level.
    drivers : dict of VulnerabilityIndex
        Levels regency and settlement, without the outcome indicators, for the demand model.
    district : DataFrame
        Index: node name of a settlement; ``district_code, district_basis``
        (:func:`settlement_districts`).
    """

    framework: Framework
    places: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    errors: dict[str, pd.DataFrame]
    indices: dict[str, VulnerabilityIndex]
    drivers: dict[str, VulnerabilityIndex]
    district: pd.DataFrame

    def by_origin(self, origins: pd.DataFrame, *, driver: bool = False) -> pd.DataFrame:
        """Score, its spread, and the regency's spread for each origin (``node, regency_code``).

        Settlements have their own score, seats that of their regency. The spread is the width of
        the 90 % interval over that of a standard normal.
        """
        chosen = self.drivers if driver else self.indices
        regency, code = chosen["regency"], origins["regency_code"]
        score, wide = code.map(regency.score_), code.map(_spread(regency))
        spread = wide
        if "settlement" in chosen:
            own = chosen["settlement"]
            score = origins["node"].map(own.score_).fillna(score)
            spread = origins["node"].map(_spread(own)).fillna(wide)
        return pd.DataFrame({"score": score, "spread": spread, "regency_spread": wide})


def _spread(index: VulnerabilityIndex) -> pd.Series:
    return (index.interval_["p95"] - index.interval_["p05"]) / (2 * 1.645)


def fit_levels(
    dataset: Dataset,
    graph: nx.DiGraph,
    origins: pd.DataFrame,
    framework: Framework,
    *,
    parameters: CostParameters | None = None,
    draws: int = 1000,
) -> LevelIndices:
    """Fit the index at every level.

    Parameters
    ----------
    dataset : Dataset
        With protected counts (:func:`routes.protection.protected_inputs`).
    graph : networkx.DiGraph
        The model's graph.
    origins : DataFrame
        ``node, kind, population, regency_code, province_code``.
    framework : Framework
    """
    places = place_indicators(dataset, graph, parameters=parameters)
    ours = pd.Index(origins.loc[origins["kind"] == "settlement", "node"])
    district = settlement_districts(dataset, ours)
    provinces = set(origins.loc[origins["kind"] == "settlement", "province_code"])
    people = origins.set_index("node")["population"].reindex(places.index)
    tables, errors = {}, {}
    codes = {
        level: _codes(dataset, level, provinces) for level in ("province", "regency", "district")
    }
    groups = {
        "province": places["province_code"],
        "regency": places["regency_code"],
        "district": district["district_code"].reindex(places.index),
    }
    for level, wanted in codes.items():
        published = indicator_table(dataset.indicators, framework, codes=wanted)
        travel = aggregate(places, groups[level], people)
        share = task_force_share(dataset, level).rename(_SHARE)
        computed = travel.join(share, how="outer").reindex(wanted)
        tables[level] = _joined(published, computed, framework)
        counted = indicator_errors(dataset.indicators, framework, codes=wanted)
        rough = travel_errors(places, groups[level]).reindex(wanted)
        errors[level] = _joined(counted, rough, framework)
    own = places.reindex(ours)
    tables["settlement"] = own[[c for c in framework.columns if c in own]]
    errors["settlement"] = pd.DataFrame(index=ours)
    parents = _parents(origins, district, [*codes["regency"], *codes["district"]])

    def fit(chosen: Framework, level: str, *, shown: bool = True) -> VulnerabilityIndex:
        above = [tables[name] for name in LEVELS[: LEVELS.index(level)]]
        return VulnerabilityIndex(chosen, draws=draws, ranks=shown).fit(
            tables[level],
            coarser=pd.concat(above) if above else None,
            parents=parents,
            reference=tables["regency"],
            errors=errors[level],
        )

    quiet = framework.without(_OUTCOME)
    return LevelIndices(
        framework=framework,
        places=places,
        tables=tables,
        errors=errors,
        indices={level: fit(framework, level) for level in LEVELS if len(tables[level])},
        drivers={
            level: fit(quiet, level, shown=False)
            for level in ("regency", "settlement")
            if len(tables[level])
        },
        district=district,
    )


def _codes(dataset: Dataset, level: str, provinces: set[str]) -> list[str]:
    """Areas scored at a level; districts of the provinces that are modelled by settlement."""
    areas = dataset.areas[dataset.areas["level"] == level]
    if level == "district":
        areas = areas[areas["code"].str[:2].isin(provinces)]
    return [str(code) for code in areas["code"]]


def _joined(first: pd.DataFrame, second: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Both sets of columns in the framework's order; a published value goes before a computed."""
    whole = first.combine_first(second.reindex(first.index))
    return whole[[c for c in framework.columns if c in whole]]


def _parents(origins: pd.DataFrame, district: pd.DataFrame, codes: list[str]) -> dict[str, str]:
    """The area above each area and settlement."""
    parents = {code: code.rpartition(".")[0] for code in codes}
    nearest = origins["node"].map(district["district_code"])
    above = nearest.where(nearest.notna() & (nearest != ""), origins["regency_code"])
    parents.update(zip(origins["node"], above, strict=True))
    return parents


def settlement_districts(dataset: Dataset, nodes: pd.Index) -> pd.DataFrame:
    """The district of every settlement that is an origin (``nodes``, ``s:<id>``).

    Where the gazetteer's name did not match a village, the district is that of the nearest
    settlement of the same regency whose district is known: an assumption, marked ``nearest``.

    Returns
    -------
    DataFrame
        Index: ``nodes``; ``district_code`` (empty where no settlement of the regency has one) and
        ``district_basis`` (``own``, ``nearest`` or empty).
    """
    rows = dataset.settlements.set_axis("s:" + dataset.settlements["id"]).loc[nodes]
    code = rows["district_code"].fillna("").copy()
    basis = pd.Series(np.where(code != "", "own", ""), index=rows.index)
    for _, group in rows.groupby("regency_code"):
        known, open_ = group[code[group.index] != ""], group[code[group.index] == ""]
        if known.empty or open_.empty:
            continue
        i, j = np.divmod(np.arange(len(open_) * len(known)), len(known))
        km = distances_km(open_.iloc[i], known.iloc[j]).reshape(len(open_), len(known))
        code.loc[open_.index] = code[known.index].to_numpy()[km.argmin(axis=1)]
        basis.loc[open_.index] = "nearest"
    return pd.DataFrame({"district_code": code, "district_basis": basis})
