r"""What share of the departures that leave a terminal its post in force detects.

Of the posts p of a regency r those stopped in a year say it together, since most sources count all
checkpoints of an office or task force:

    stopped_ry ~ NegBin(sum_p q_p load_p, 2.5),   logit q_p = logit q0_k(p) + 0.7 z_r

``z_r`` ~ N(0, 1); ``load`` persons a year who leave by the terminal, ``q0`` the share by how
people leave (:data:`routes.graph.checkpoints.DETECTION`). The mode of ``z`` is taken; where nobody
was counted it is 0. The record since the pandemic holds where there is one, else that since the
post stood.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from geo.posts import post_start
from routes.graph.checkpoints import DETECTION, exit_kind
from routes.observation.exits import KAPPA, SINCE, deferrals_on_record

__all__ = ["post_detection"]

_LOGIT_SD = 0.7
_FARTHEST = 4.0
"""Standard deviations from the prior within which the mode is looked for."""


def post_detection(
    posts: pd.DataFrame, counts: pd.DataFrame, terminals: pd.DataFrame, load: pd.Series
) -> pd.Series:
    """Detection of each post, by terminal.

    Parameters
    ----------
    posts : DataFrame
        ``terminal_id, since, evidence_from`` of those in force.
    counts, terminals : DataFrame
        Of the dataset.
    load : Series
        Persons a year who leave by each terminal.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> dataset = load_dataset()
    >>> posts = dataset.posts[dataset.posts["terminal_id"].isin(["el-tari", "tenau", "waingapu"])]
    >>> load = pd.Series({"el-tari": 2000.0, "tenau": 2000.0, "waingapu": 50.0})
    >>> post_detection(posts, dataset.counts, dataset.terminals, load).round(2).to_dict()
    {'el-tari': 0.15, 'tenau': 0.22, 'waingapu': 0.12}
    """
    table = terminals.set_index("id").loc[posts["terminal_id"], ["kind", "area_code"]]
    table["prior"] = logit(table["kind"].map(exit_kind).map(DETECTION).astype(float))
    table["start"] = post_start(posts).to_numpy()
    stopped = deferrals_on_record(counts, terminals, since=0)
    detection = pd.Series(expit(table["prior"]), table.index)
    for code, members in table.groupby("area_code"):
        years = stopped[(stopped["exit"] == code) & (stopped["year"] >= members["start"].min())]
        recent = years[years["year"] >= SINCE]
        persons = (recent if len(recent) else years)["persons"].to_numpy(float)
        if len(persons):
            args = (persons, members["prior"].to_numpy(), load.loc[members.index].to_numpy(float))
            z = minimize_scalar(
                _loss, bounds=(-_FARTHEST, _FARTHEST), args=args, method="bounded"
            ).x
            detection[members.index] = expit(members["prior"] + _LOGIT_SD * z)
    return detection


def _loss(z: float, persons: np.ndarray, prior: np.ndarray, load: np.ndarray) -> float:
    """Negative log-posterior of ``z``, without what does not depend on it."""
    mean = max(float(expit(prior + _LOGIT_SD * z) @ load), 1e-9)
    likelihood = persons * np.log(mean) - (persons + KAPPA) * np.log(mean + KAPPA)
    return float(0.5 * z * z - likelihood.sum())
