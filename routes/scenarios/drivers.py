"""The indicators behind departures, by regency and province, for scenarios that change one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from geo.dataset import Dataset
from geo.errors import InputError
from routes.graph.build import GraphFrames
from routes.scenarios.request import IndicatorChange
from routes.vulnerability.accessibility import aggregate, place_indicators, task_force_share
from routes.vulnerability.framework import Framework
from routes.vulnerability.index import VulnerabilityIndex
from routes.vulnerability.indicators import indicator_table

__all__ = ["Drivers", "load_drivers"]


@dataclass(frozen=True, eq=False)
class Drivers:
    """Indicators behind the departures.

    Attributes
    ----------
    table : DataFrame
        Index: regency code; one column an indicator.
    coarser : DataFrame
        The same of provinces.
    """

    table: pd.DataFrame
    coarser: pd.DataFrame

    def scores(self, changes: Sequence[IndicatorChange]) -> pd.DataFrame:
        """Index of each regency ``before`` and ``after`` the changes, on the same scales.

        Raises
        ------
        InputError
            An area or indicator that is not known, or a value that it cannot have.
        """
        table = self.table.copy()
        for i, change in enumerate(changes):
            at, area, name = f"indicators[{i}]", change.area, change.indicator
            if name not in table:
                choices = table.columns.tolist()
                raise InputError(
                    "scenario.unknown_indicator",
                    at=at, name=name, choices=choices, field=f"{at}.indicator",
                )  # fmt: skip
            rows = (table.index == area) | table.index.str.startswith(f"{area}.")
            if not rows.any():
                raise InputError("scenario.no_regency", at=at, area=area, field=f"{at}.area")
            if table.loc[rows, name].isna().all():
                raise InputError(
                    "scenario.indicator_unknown_here",
                    at=at, name=name, area=area, field=f"{at}.indicator",
                )  # fmt: skip
            low, high = self._ranges[name]
            least, most = low - table.loc[rows, name].min(), high - table.loc[rows, name].max()
            if not least <= change.change <= most:
                raise InputError(
                    "scenario.indicator_leaves_range",
                    area=area, least=least, most=most, low=low, high=high, field=f"{at}.change",
                )  # fmt: skip
            table.loc[rows, name] += change.change
        return pd.DataFrame({"before": self._unchanged, "after": self._index(table)})

    @cached_property
    def _ranges(self) -> dict[str, tuple[float, float]]:
        return {item.slug: item.range for item in Framework.load().indicators}

    @cached_property
    def _unchanged(self) -> pd.Series:
        return self._index(self.table)

    def _index(self, values: pd.DataFrame) -> pd.Series:
        index = VulnerabilityIndex(Framework.load(), draws=0)
        fitted = index.fit(values, coarser=self.coarser, reference=self.table)
        return fitted.score_.clip(lower=0.1)


def load_drivers(dataset: Dataset, frames: GraphFrames) -> Drivers:
    """Indicators of the index, published or derived from the map.

    Parameters
    ----------
    frames : GraphFrames
        The build's official network (:attr:`routes.build.model.Build.official_frames`): travel
        times are measured on it.
    """
    framework = Framework.load()
    places = place_indicators(dataset, frames)
    tables = {}
    for level in ("province", "regency"):
        areas = dataset.areas[dataset.areas["level"] == level]
        codes = [str(code) for code in areas["code"]]
        published = indicator_table(dataset.indicators, framework, codes=codes)
        share = task_force_share(dataset, level).rename("village_task_force_share")
        travel = aggregate(places, places[f"{level}_code"])
        computed = travel.join(share, how="outer").reindex(codes)
        table = published.combine_first(computed)
        tables[level] = table[[c for c in framework.columns if c in table]]
    return Drivers(tables["regency"], tables["province"])
