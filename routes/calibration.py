"""Destination utilities fitted to where people are known to end up.

Geography alone sends everyone to the nearest destination. The utilities ``a_d`` are what makes
the modelled shares of several groups of origins match the shares that sources give, weighted:

    sum_g w_g P_g(d | a) = sum_g w_g share_g(d)   for every destination d

which is the minimum of a convex function of the utilities (the expected log-sum of the groups less
the targets), found by Newton's method. Origins whose way first forks at the same hub are one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import ModelError
from routes.kernel import Kernel
from routes.network import Floats, Network

__all__ = ["ShareTarget", "fit_utilities", "modelled_shares"]

_LONGEST = 4.0
"""Nats by which one step may move a utility."""


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

    Rows are scaled (by the potential), which cancels in shares; only those where ways fork count.
    """
    return Kernel(network.with_costs(utility=np.zeros_like(network.utility)), theta).forking_odds()


def _choices(odds: Floats, utility: Floats) -> Floats:
    """Share of each destination at every row, shape (rows, d)."""
    weight = odds * np.exp(utility - utility.max())
    total = weight.sum(axis=1, keepdims=True)
    choice: Floats = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    return choice


@dataclass(frozen=True, eq=False)
class _Group:
    """A target cut down to the origins that have people."""

    odds: Floats
    demand: Floats
    share: Floats

    @classmethod
    def of(cls, network: Network, odds: Floats, target: ShareTarget) -> _Group:
        demand = network.structure.gathered(target.demand)
        rows = np.flatnonzero((demand > 0) & (odds.sum(axis=1) > 0))
        reached = demand[rows].sum()
        return cls(odds[rows], demand[rows] / max(reached, 1e-300), target.share)

    def shares(self, utility: Floats) -> tuple[Floats, Floats]:
        """Modelled shares, and how they answer to the utilities: shapes (d,), (d, d).

        Summed without threads, so that a draw has the same bits wherever it is computed.
        """
        choice = _choices(self.odds, utility)
        mean = np.einsum("o,od->d", self.demand, choice)
        spread = np.diag(mean) - np.einsum("od,oe->de", choice * self.demand[:, None], choice)
        return mean, spread


def modelled_shares(network: Network, theta: float, demand: Floats) -> Floats:
    """Share of each destination among the people of ``demand``, shape (d,)."""
    share = np.zeros(int(network.destination.sum()))
    group = _Group.of(network, _odds(network, theta), ShareTarget(demand, share, 1.0, 1.0))
    return group.shares(network.utility[network.destination])[0]


def fit_utilities(
    network: Network,
    theta: float,
    targets: Mapping[str, ShareTarget],
    *,
    tolerance: float = 1e-8,
    iterations: int = 200,
    start: Floats | None = None,
) -> Floats:
    """Find the utilities whose weighted modelled shares equal the weighted targets.

    Destinations that no target gives a share get a utility 12 nats below the lowest fitted one:
    present, but practically unused.

    Parameters
    ----------
    tolerance : float
        Largest error of the logarithm of a share.
    start : array, shape (n,), optional
        Utilities to begin with, such as those of a similar model.

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
    groups = [_Group.of(network, odds, target) for target in targets.values()]
    total = sum(target.weight for target in targets.values())
    weights = [target.weight / total for target in targets.values()]
    wanted = sum(
        (g.share * w for g, w in zip(groups, weights, strict=True)), np.zeros(odds.shape[1])
    )
    used = wanted > 0
    reach = sum((g.demand @ g.odds for g in groups), np.zeros(odds.shape[1])) > 0
    ends = np.flatnonzero(network.destination)
    if lost := [str(network.nodes[i]) for i in ends[used & ~reach]]:
        raise ModelError(f"no way leads to {lost[0]}, which has a share; add its legs or access")
    finite = np.where(used, 0.0 if start is None else start[ends], -1e3)
    finite[used] = _settle(groups, weights, wanted, used, finite, tolerance, iterations)
    finite[~used] = finite[used].min() - 12.0
    fitted = np.zeros(len(network.nodes))
    fitted[ends] = finite - finite.max()
    return fitted


def _settle(
    groups: list[_Group],
    weights: list[float],
    wanted: Floats,
    used: NDArray[np.bool_],
    begin: Floats,
    tolerance: float,
    iterations: int,
) -> Floats:
    """Utilities of the used destinations at which modelled and wanted shares agree."""

    def modelled(utility: Floats) -> tuple[Floats, Floats]:
        mean, spread = np.zeros(used.sum()), np.zeros((used.sum(), used.sum()))
        whole = begin.copy()
        whole[used] = utility
        for group, weight in zip(groups, weights, strict=True):
            share, response = group.shares(whole)
            mean += weight * share[used]
            spread += weight * response[np.ix_(used, used)]
        return np.maximum(mean, 1e-300), spread

    target, utility = wanted[used], begin[used] - begin[used].mean()
    share, response = modelled(utility)
    for _ in range(iterations):
        error = np.log(target / share)
        if np.abs(error).max() < tolerance:
            return np.asarray(utility)
        # Newton's step for the logarithms of the shares, in units in which even a share of 1e-9 has
        # weight; a constant added to all utilities changes nothing, and `root` takes it out.
        root = np.sqrt(share)
        scaled = response / np.outer(root, root) + np.outer(root, root)
        step = np.linalg.solve(scaled + 1e-12 * np.eye(len(root)), root * error) / root
        step = np.clip(step - step.mean(), -_LONGEST, _LONGEST)
        trial, again = modelled(utility + step)
        if np.abs(np.log(target / trial)).max() > np.abs(error).max():
            # Far off it may overshoot; the balancing step (Furness 1965) never does.
            step = error
            trial, again = modelled(utility + step)
        utility, share, response = utility + step, trial, again
    raise ModelError("destination utilities do not settle; check destination_shares.csv")
