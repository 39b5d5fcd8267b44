"""Destination utilities fitted to where people are known to end up.

Geography alone sends everyone to the nearest destination. The utilities ``a_d`` are what makes
the modelled shares of several groups of origins match the shares that sources give, weighted:

    sum_g w_g P_g(d | a) = sum_g w_g share_g(d)   for every destination d

solved by the balancing iteration ``a_d += ln(target_d / modelled_d)`` (Furness 1965; for one group
it matches exactly, for several it matches their weighted mean).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import ModelError
from routes.kernel import Kernel
from routes.network import Floats, Network

__all__ = ["ShareTarget", "fit_utilities", "modelled_shares"]


@dataclass(frozen=True)
class ShareTarget:
    """Where the people of one group of origins end up.

    Attributes
    ----------
    demand : array, shape (n,)
        Persons a year of this group at each node.
    share : array, shape (d,)
        Share of each destination, in the order of the network's destinations; sums to 1.
    evidence : float
        Effective sample behind the shares: the concentration of the Dirichlet from which the
        ensemble draws them.
    weight : float
        How much the group counts beside the others where not all can be matched.
    """

    demand: Floats
    share: Floats
    evidence: float
    weight: float


def _odds(network: Network, theta: float) -> Floats:
    """Weight of all walks from each node to each destination at equal utilities, shape (n, d).

    Rows are scaled (by the potential), which cancels in shares.
    """
    kernel = Kernel(replace(network, utility=np.zeros_like(network.utility)), theta)
    return kernel.destination_odds()


def _shares(odds: Floats, utility: Floats, demand: Floats) -> Floats:
    weight = odds * np.exp(utility - utility.max())
    total = weight.sum(axis=1, keepdims=True)
    choice = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    arriving: Floats = demand @ choice
    return np.asarray(arriving / arriving.sum())


@dataclass(frozen=True, eq=False)
class _Group:
    """A target cut down to the origins that have people."""

    odds: Floats
    demand: Floats
    share: Floats

    @classmethod
    def of(cls, odds: Floats, target: ShareTarget) -> _Group:
        rows = np.flatnonzero(target.demand > 0)
        return cls(odds[rows], target.demand[rows], target.share)


def modelled_shares(network: Network, theta: float, demand: Floats) -> Floats:
    """Share of each destination among the people of ``demand``, shape (d,)."""
    utility = network.utility[network.destination]
    return _shares(_odds(network, theta), utility, demand)


def fit_utilities(
    network: Network,
    theta: float,
    targets: Mapping[str, ShareTarget],
    *,
    tolerance: float = 1e-8,
    iterations: int = 2_000,
) -> Floats:
    """Find the utilities whose weighted modelled shares equal the weighted targets.

    Destinations that no target gives a share get a utility 12 nats below the lowest fitted one:
    present, but practically unused.

    Returns
    -------
    array, shape (n,)
        Utility in nats at destinations (the largest is 0), 0 at other nodes.

    Raises
    ------
    ModelError
        If a destination with a share cannot be reached, or the iteration does not settle.
    """
    odds = _odds(network, theta)
    groups = [_Group.of(odds, target) for target in targets.values()]
    total = sum(target.weight for target in targets.values())
    weights = [target.weight / total for target in targets.values()]
    wanted = sum(
        (g.share * w for g, w in zip(groups, weights, strict=True)), np.zeros(odds.shape[1])
    )
    used = wanted > 0
    reach = sum((t.demand for t in targets.values()), np.zeros(len(odds))) @ odds > 0
    ends = np.flatnonzero(network.destination)
    if lost := [str(network.nodes[i]) for i in ends[used & ~reach]]:
        raise ModelError(f"no way leads to {lost[0]}, which has a share; add its legs or access")
    utility = np.where(used, 0.0, -np.inf)
    finite = np.where(used, utility, -1e3)
    for _ in range(iterations):
        modelled = np.zeros_like(wanted)
        for group, weight in zip(groups, weights, strict=True):
            modelled += weight * _shares(group.odds, finite, group.demand)
        step = np.log(wanted[used] / np.maximum(modelled[used], 1e-300))
        finite[used] += step
        if np.abs(step).max() < tolerance:
            break
    else:
        raise ModelError("destination utilities do not settle; check destination_shares.csv")
    finite[~used] = finite[used].min() - 12.0
    fitted = np.zeros(len(network.nodes))
    fitted[ends] = finite - finite.max()
    return fitted
