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

from geo.errors import ModelError
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Network

__all__ = ["ShareTarget", "fit_utilities", "modelled_shares"]

_LONGEST = 20.0
"""Nats by which one step may move a utility."""

_HALVINGS = 10
"""How often a step that leads nowhere is halved."""

_SMALLEST = 1e-9
"""Shares below this need only be met as well as it is: a drawn share may be as good as none."""


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
    return RandomWalkSums(
        network.with_costs(utility=np.zeros_like(network.utility)), theta
    ).forking_odds()


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of the targets that have people and a way out, in logarithms.

    Attributes
    ----------
    log_odds : array, shape (rows, d)
        Minus infinity where no way leads.
    people : array, shape (rows,)
        Part of all weighted people who start there; sums to the weights of the targets.
    """

    log_odds: Floats
    people: Floats

    @classmethod
    def of(cls, odds: Floats, demand: Floats, weight: float) -> _Rows:
        """Rows of odds, shape (k, d), with the persons a year gathered there, shape (k,)."""
        rows = np.flatnonzero((demand > 0) & odds.any(axis=1))
        with np.errstate(divide="ignore"):
            log_odds: Floats = np.log(odds[rows])
        return cls(log_odds, weight * demand[rows] / max(demand[rows].sum(), 1e-300))

    def shares(self, utility: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the modelled shares, and how the shares answer to the utilities.

        Shapes (d,) and (d, d). In logarithms a share of 1e-200, met on the way to a fit, still says
        in which direction to go. Summed without threads, so that a draw has the same bits wherever
        it is computed.
        """
        log_choice = self.log_odds + utility
        log_choice = log_choice - log_choice.max(axis=1, keepdims=True)
        choice = np.exp(log_choice)
        total = choice.sum(axis=1, keepdims=True)
        choice /= total
        part = log_choice - np.log(total / self.people[:, None])
        most = part.max(axis=0)
        mean = most + np.log(np.exp(part - most).sum(axis=0))
        spread = np.diag(np.exp(mean)) - np.einsum(
            "od,oe->de", choice * self.people[:, None], choice
        )
        return mean, spread

    def first_guess(self, share: Floats) -> Floats:
        """Utilities that would give the shares if everybody stood at the mean log odds."""
        reaches = np.isfinite(self.log_odds)
        people = reaches * self.people[:, None]
        odds = np.where(reaches, self.log_odds, 0.0)
        guess: Floats = np.log(share) - (people * odds).sum(axis=0) / people.sum(axis=0)
        return guess


def modelled_shares(network: Network, theta: float, demand: Floats) -> Floats:
    """Share of each destination among the people of ``demand``, shape (d,)."""
    rows = _Rows.of(_odds(network, theta), network.structure.gathered(demand), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = np.exp(rows.shares(network.utility[network.destination])[0])
    return np.nan_to_num(shares)


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
        If nobody can leave, a destination with a share cannot be reached, or the iteration does not
        settle.
    """
    gathered = {name: network.structure.gathered(t.demand) for name, t in targets.items()}
    starts = np.flatnonzero(sum(gathered.values(), np.zeros(len(network.nodes))) > 0)
    odds = _odds(network, theta)[starts]
    people = {name: demand[starts] for name, demand in gathered.items()}
    leaving = odds.any(axis=1)
    # A group nobody of which can leave says nothing about where the others end up.
    present = {name: t for name, t in targets.items() if people[name][leaving].any()}
    if not present:
        raise ModelError("utilities.no_origin")
    total = sum(target.weight for target in present.values())
    wanted = sum((t.share * t.weight / total for t in present.values()), np.zeros(odds.shape[1]))
    used = wanted > 0
    ends = np.flatnonzero(network.destination)
    everyone = sum((people[name] for name in present), np.zeros(len(odds)))
    reach = (odds[everyone > 0] > 0).any(axis=0)
    if lost := [str(network.nodes[i]) for i in ends[used & ~reach]]:
        raise ModelError("utilities.unreachable", destination=lost[0])
    odds = odds[:, used]
    parts = [_Rows.of(odds, people[name], t.weight / total) for name, t in present.items()]
    rows = _Rows(
        np.vstack([part.log_odds for part in parts]),
        np.concatenate([part.people for part in parts]),
    )
    begin = rows.first_guess(wanted[used]) if start is None else start[ends][used]
    settled = _settle(rows, wanted[used], begin, tolerance, iterations)
    finite = np.full(len(ends), settled.min() - 12.0)
    finite[used] = settled
    fitted = np.zeros(len(network.nodes))
    fitted[ends] = finite - finite.max()
    return fitted


def _settle(
    rows: _Rows, target: Floats, begin: Floats, tolerance: float, iterations: int
) -> Floats:
    """Utilities at which modelled and wanted shares agree: a damped Newton's method."""
    wanted: Floats = np.log(target)
    utility: Floats = begin - begin.mean()
    share, response = rows.shares(utility)
    for _ in range(iterations):
        error = wanted - share
        if (np.abs(error) * np.minimum(1.0, target / _SMALLEST) < tolerance).all():
            return utility
        # The step for the logarithms of the shares, in units in which even a share of 1e-9 has
        # weight; a constant added to all utilities changes nothing, and `root` takes it out.
        root = np.exp(np.maximum(share, -600.0) / 2)
        scaled = response / np.outer(root, root) + np.outer(root, root)
        step = np.linalg.solve(scaled + 1e-12 * np.eye(len(root)), root * error) / root
        step -= step.mean()
        # Far off the whole step may overshoot, and two overshoots may answer each other for ever;
        # some part of it always lessens the sum of squares, of which it is a way down.
        part = min(1.0, _LONGEST / max(float(np.abs(step).max()), 1e-300))
        for _ in range(_HALVINGS):
            trial, again = rows.shares(utility + part * step)
            if ((wanted - trial) ** 2).sum() < (1 - 1e-4 * part) * (error**2).sum():
                utility = utility + part * step
                break
            part /= 2
        else:
            # Where rounding hides that way: the balancing step (Furness 1965) never does harm.
            utility = utility + error
            trial, again = rows.shares(utility)
        share, response = trial, again
    raise ModelError("utilities.not_settled")
