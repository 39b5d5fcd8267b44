"""Rank agreement of baselines with interceptions, and split-half reliability of the counts.

A correlation with interceptions means something only compared with that of a simpler model, and
with that of one half of the interceptions with the other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from geo.dataset import Dataset
from routes.build.model import Build
from routes.validation.backtest import home_terminals, origin_demand, rank_agreement
from routes.validation.baselines import all_or_nothing, gravity

__all__ = ["baseline_loads", "held_out_baselines", "split_half"]


def baseline_loads(build: Build, dataset: Dataset, *, origin: str | None = None) -> pd.DataFrame:
    """Load of every Indonesian terminal by the baselines; interceptions are not used.

    Returns
    -------
    DataFrame
        ``all_or_nothing`` and ``gravity`` (persons a year, :mod:`routes.validation.baselines`),
        ``top_flow`` (scheduled departures a week, where most traffic passes) and ``connections``
        (legs).
    """
    network, demand = build.network, origin_demand(build, origin)
    theta = build.flow_model().theta
    terminals = home_terminals(build)
    at = np.array([network.position(node) for node in terminals])
    weekly = dataset.legs["departures_per_week"].fillna(0.0)
    ends = pd.concat([dataset.legs["from_id"], dataset.legs["to_id"]])
    traffic = pd.concat([weekly, weekly]).groupby(ends.to_numpy()).sum()
    return pd.DataFrame(
        {
            "all_or_nothing": all_or_nothing(network, demand, theta=theta).load[at],
            "gravity": gravity(network, demand).load[at],
            "top_flow": traffic.reindex(terminals).fillna(0.0).to_numpy(),
            "connections": ends.value_counts().reindex(terminals).fillna(0.0).to_numpy(),
        },
        index=terminals,
    )


def held_out_baselines(loads: pd.DataFrame, stopped: pd.DataFrame) -> pd.DataFrame:
    """Spearman of each year's people with each baseline, and with those of the other years.

    Parameters
    ----------
    loads : DataFrame
        From :func:`baseline_loads`.
    stopped : DataFrame
        Terminals by years (:func:`routes.validation.backtest.interceptions`).

    Returns
    -------
    DataFrame
        A row a year: Spearman by baseline, and ``other_years``: ranked by people stopped in all
        other years. NaN with fewer than four terminals.
    """
    rows = []
    for year in stopped.columns:
        others = stopped.drop(columns=year).sum(axis=1).reindex(loads.index).fillna(0.0)
        row: dict[str, object] = {"year": year}
        for name, load in {**dict(loads.items()), "other_years": others}.items():
            agreement = rank_agreement(load, stopped[year])
            row[str(name)] = agreement["spearman"] if agreement["terminals"] >= 4 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def split_half(stopped: pd.DataFrame, *, rng: np.random.Generator, splits: int = 400) -> float:
    """Spearman of people stopped in a random half of the years with those of the other half.

    Over the terminals with people in both, mean over splits with at least five such terminals
    (split-half reliability). By attenuation no model can be expected to correlate
    with all years by more than about ``sqrt(2 s / (1 + s))`` (Spearman 1904; Brown 1910).
    """
    correlations = []
    for _ in range(splits):
        half = rng.random(stopped.shape[1]) < 0.5
        first, second = stopped.loc[:, half].sum(axis=1), stopped.loc[:, ~half].sum(axis=1)
        both = (first > 0) & (second > 0)
        if both.sum() >= 5 and first[both].nunique() > 1 and second[both].nunique() > 1:
            correlations.append(spearmanr(first[both], second[both]).statistic)
    return float(np.mean(correlations)) if correlations else float("nan")
