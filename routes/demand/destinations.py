"""Where the people of each province end up, and by which of the two ways.

The shares of the regions of destination come with the departures
(:class:`routes.demand.departures.Departures`); a region's share is divided among its destinations
as the province's own rows of ``destination_shares.csv`` divide it, else as the national ones
(``ID``), else equally; and a destination abroad among its layers by ``without_papers.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from geo.dataset import Dataset
from routes.graph.layers import NO_PAPERS, PASSPORT, destination_nodes

__all__ = ["DestinationShares"]

Floats = NDArray[np.float64]

_TO_SD = 2.0 * 1.645
"""Standard deviations in a 90 % interval."""


@dataclass(frozen=True, eq=False)
class DestinationShares:
    """Shares of the destinations, given those of the regions.

    Attributes
    ----------
    provinces, nodes : tuple of str
        Rows and columns of the shares: provinces of origin, and nodes of the graph.
    destination : tuple of str
        Destination of each node.
    region : int array, shape (nodes,)
        Region of each node, as a column of the shares by region.
    within : array, shape (provinces, nodes)
        Expected share of the node's destination in its region.
    evidence : array, shape (provinces,)
        Concentration of the Dirichlet from which ``within`` is drawn.
    way : array, shape (nodes,)
        1 where a node is without papers and its destination has a passport's too, -1 where it is
        that one, 0 where there is only one way.
    way_logit, way_spread : arrays, shape (nodes,)
        Logit of the share without papers of the node's region, and its standard deviation.
    """

    provinces: tuple[str, ...]
    nodes: tuple[str, ...]
    destination: tuple[str, ...]
    region: NDArray[np.intp]
    within: Floats
    evidence: Floats
    way: Floats
    way_logit: Floats
    way_spread: Floats

    @classmethod
    def of(cls, dataset: Dataset, regions: pd.DataFrame, evidence: Mapping[str, float]) -> Self:
        """Read the tables.

        Parameters
        ----------
        regions : DataFrame
            Provinces by regions, as of :class:`routes.demand.departures.Departures`.
        evidence : mapping
            Concentration by province, ``ID`` for the others.
        """
        ends = destination_nodes(dataset)
        provinces = [str(code) for code in regions.index]
        listed = dataset.destination_shares.pivot(
            index="origin_code", columns="destination_id", values="share"
        )
        listed = listed.reindex(columns=dataset.destinations["id"]).fillna(0.0)
        region = dataset.destinations.set_index("id")["region"]
        rows = [_within(listed, code, region) for code in provinces]
        layers = ends.groupby("destination")["layer"].transform("nunique") > 1
        sign = ends["layer"].map({NO_PAPERS: 1.0, PASSPORT: -1.0}).fillna(0.0).where(layers, 0.0)
        without = dataset.without_papers.set_index("region").reindex(ends["region"])
        logits = {name: logit(without[name].to_numpy(float)) for name in ("share", "low", "high")}
        # A region without a row has no way without papers, whatever is listed.
        unknown = without["share"].isna().to_numpy()
        return cls(
            provinces=tuple(provinces),
            nodes=tuple(ends["node"]),
            destination=tuple(ends["destination"]),
            region=regions.columns.get_indexer(ends["region"]),
            within=np.array([row[ends["destination"]].to_numpy() for row in rows]),
            evidence=np.array([evidence.get(code, evidence["ID"]) for code in provinces]),
            way=sign.to_numpy(float),
            way_logit=np.where(unknown, -np.inf, logits["share"]),
            way_spread=np.where(unknown, 0.0, (logits["high"] - logits["low"]) / _TO_SD),
        )

    def shares(self, region_shares: Floats, rng: np.random.Generator | None = None) -> Floats:
        """Share of each node, shape (provinces, nodes); rows sum to 1.

        Parameters
        ----------
        region_shares : array, shape (provinces, regions)
        rng : Generator, optional
            To draw the division within regions and the ways; default their expectation.
        """
        first = self._first_nodes
        within, normal = self.within, np.zeros(len(self.nodes))
        if rng is not None:
            drawn = rng.gamma(self.evidence[:, None] * self.within[:, first])
            drawn = np.maximum(drawn, 1e-12 * (self.within[:, first] > 0))
            member = np.zeros((len(first), region_shares.shape[1]))
            member[np.arange(len(first)), self.region[first]] = 1.0
            total = drawn @ member
            by_end = dict(zip((self.destination[k] for k in first), drawn.T, strict=True))
            within = np.array([by_end[end] for end in self.destination]).T / total[:, self.region]
            normal = np.asarray(rng.normal(size=region_shares.shape[1]))[self.region]
        without = expit(self.way_logit + self.way_spread * normal)
        part = np.where(self.way > 0, without, np.where(self.way < 0, 1.0 - without, 1.0))
        return np.asarray(region_shares[:, self.region] * within * part)

    def by_destination(self, region_shares: Floats) -> pd.DataFrame:
        """Expected share of each destination, both ways together: provinces by destinations.

        By region and evidence alone, so that it does not depend on which ways are listed.
        """
        first = self._first_nodes
        shares = region_shares[:, self.region[first]] * self.within[:, first]
        return pd.DataFrame(
            shares, index=self.provinces, columns=[self.destination[k] for k in first]
        )

    @property
    def _first_nodes(self) -> NDArray[np.intp]:
        """Position of the first node of each destination."""
        return np.sort(np.unique(np.array(self.destination), return_index=True)[1])


def _within(listed: pd.DataFrame, province: str, region: pd.Series) -> pd.Series:
    parts = []
    for _, members in region.groupby(region, sort=False):
        for code in (province, "ID"):
            within = listed.loc[code, members.index] if code in listed.index else None
            if within is not None and within.sum() > 0:
                break
        else:
            within = pd.Series(1.0, index=members.index)
        parts.append(within / within.sum())
    return pd.concat(parts)
