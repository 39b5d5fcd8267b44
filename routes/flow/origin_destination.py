"""How many people go from each regency to each destination, whichever way they take."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routes.flow.model import FlowModel
from routes.graph.arrays import Floats

__all__ = ["regency_destination_pairs"]


def regency_destination_pairs(
    model: FlowModel,
    *,
    regency: pd.Series,
    vulnerability: Floats,
    unofficial: NDArray[np.bool_],
    hazard: Floats,
) -> pd.DataFrame:
    """Flows between regencies and destinations with the parts of their risk.

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

    Returns
    -------
    DataFrame
        ``code, destination_id, persons_mean, vulnerability, unofficial_share, hazard``; pairs
        without anyone are left out.
    """
    network, kernel = model.network_, model.kernel_
    ends = np.flatnonzero(network.destination)
    position = pd.Index(network.nodes).get_indexer(regency.index)
    start = model.start_weight[position]
    everyone = start[:, None] * kernel.destination_odds()[position]
    official_odds = kernel.thinned(np.where(unofficial, 0.0, 1.0)).destination_odds()[position]
    hidden = everyone - np.minimum(start[:, None] * official_odds, everyone)
    codes = regency.to_numpy()
    ids = [str(network.nodes[i]) for i in ends]

    def by_regency(values: Floats) -> pd.Series:
        return pd.DataFrame(values, columns=ids).groupby(codes).sum().stack()

    persons = by_regency(everyone)
    index = by_regency(everyone * vulnerability[position][:, None])
    frame = pd.DataFrame({"persons_mean": persons, "index": index, "hidden": by_regency(hidden)})
    frame = frame[frame["persons_mean"] > 0]
    frame = frame.rename_axis(["code", "destination_id"]).reset_index()
    return pd.DataFrame(
        {
            "code": frame["code"],
            "destination_id": frame["destination_id"],
            "persons_mean": frame["persons_mean"],
            "vulnerability": frame["index"] / frame["persons_mean"],
            "unofficial_share": frame["hidden"] / frame["persons_mean"],
            "hazard": frame["destination_id"].map(dict(zip(ids, hazard[ends], strict=True))),
        }
    )
