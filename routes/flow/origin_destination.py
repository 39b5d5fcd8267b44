"""Origin-destination flows: persons a year from each regency to each destination."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Node

__all__ = ["regency_destination_pairs"]


def regency_destination_pairs(
    model: FlowModel,
    *,
    regency: pd.Series,
    vulnerability: Floats,
    unofficial: NDArray[np.bool_],
    hazard: Floats,
    destination: Mapping[Node, str | None],
) -> pd.DataFrame:
    """Flows between regencies and destinations with the components of their risk.

    Persons of origin o who end at d: ``r_o N_od exp(a_d) / z_o``; the official ones are those
    whose walk never leaves an unofficial terminal.

    Parameters
    ----------
    model : FlowModel, fitted
    regency : Series
        Regency code by origin node.
    vulnerability, hazard : arrays, shape (n,)
        Index at origins and hazard at destinations, 0-10.
    unofficial : bool array, shape (n,)
    destination : mapping
        Destination that each absorbing node stands for, in one or several layers.

    Returns
    -------
    DataFrame
        ``code, destination_id, persons_mean, vulnerability, unofficial_share, hazard``; pairs
        without anyone are left out.
    """
    network, kernel = model.network_, model.kernel_
    ends = np.flatnonzero(network.destination)
    position = pd.Index(network.nodes).get_indexer(regency.index)
    everyone = model.demand_by_destination_[position]
    official = model.demand_by_destination(kernel.thinned(np.where(unofficial, 0.0, 1.0)))[position]
    hidden = everyone - np.minimum(official, everyone)
    codes = regency.to_numpy()
    ids = [str(destination[network.nodes[i]]) for i in ends]

    def by_regency(values: Floats) -> pd.Series:
        by_end = pd.DataFrame(values.T, index=ids).groupby(level=0, sort=False).sum().T
        return by_end.groupby(codes).sum().stack()

    persons = by_regency(everyone)
    index = by_regency(everyone * vulnerability[position][:, None])
    frame = pd.DataFrame(
        {
            "persons_mean": persons,
            "vulnerability": index / persons,
            "unofficial_share": by_regency(hidden) / persons,
        }
    )[persons > 0]
    frame = frame.rename_axis(["code", "destination_id"]).reset_index()
    frame["hazard"] = frame["destination_id"].map(dict(zip(ids, hazard[ends], strict=True)))
    return frame
