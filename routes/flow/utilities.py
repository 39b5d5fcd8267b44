"""Calibration of destination utilities to observed destination shares.

Geography alone sends everyone to the nearest destination. The utilities ``a_d`` make the modelled
shares of several groups of origins match the shares of the sources, weighted:

    sum_g w_g P_g(d | a) = sum_g w_g share_g(d)   for every destination d

which is the minimum of a convex function of the utilities (the expected log-sum of the groups less
the targets), found by Newton's method. Origins whose way first forks at the same hub share a row.
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
"""Largest step of a utility, in nats."""

_ITERATIONS = 200

_HALVINGS = 10
"""Halvings of a step that does not reduce the error."""

_SMALLEST = 1e-9
"""Smaller shares are held to this one's tolerance: a drawn share may be practically zero."""


@dataclass(frozen=True)
class ShareTarget:
    """Destination shares of one group of origins.

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
        Weight of the group where not all targets can be met.
    """

    demand: Floats
    share: Floats
    evidence: float
    weight: float


def _odds(network: Network, theta: float) -> Floats:
    """Weight of all walks from each node to each destination at equal utilities, shape (n, d).

    Rows are scaled (by the potential), which cancels in shares; rows without a fork are 0.
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
        """Logarithms of the modelled shares, and the Jacobian of the shares by the utilities.

        Shapes (d,) and (d, d). In logarithms a share of 1e-200, met on the way to a fit, still has
        a gradient. Summed without threads, so that a draw has the same bits on every machine.
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
        """Utilities that would give the shares if everybody had the mean log odds."""
        reached = np.isfinite(self.log_odds)
        people = reached * self.people[:, None]
        odds = np.where(reached, self.log_odds, 0.0)
        return np.asarray(np.log(share) - (people * odds).sum(axis=0) / people.sum(axis=0))


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
    start: Floats | None = None,
) -> Floats:
    """Find the utilities whose weighted modelled shares equal the weighted targets.

    Destinations without a share in any target get a utility 12 nats below the lowest fitted one:
    present, but practically unused.

    Parameters
    ----------
    tolerance : float
        Largest error of the logarithm of a share.
    start : array, shape (n,), optional
        Initial utilities, such as those of a similar model.

    Returns
    -------
    array, shape (n,)
        Utility in nats at destinations (the largest is 0), 0 at other nodes.

    Raises
    ------
    ModelError
        If nobody can leave, a destination with a share cannot be reached, or the iteration does not
        converge.
    """
    gathered = {name: network.structure.gathered(t.demand) for name, t in targets.items()}
    starts = np.flatnonzero(sum(gathered.values(), np.zeros(len(network.nodes))) > 0)
    odds = _odds(network, theta)[starts]
    people = {name: demand[starts] for name, demand in gathered.items()}
    leaving = odds.any(axis=1)
    # A group nobody of which can leave carries no information on the utilities.
    present = {name: t for name, t in targets.items() if people[name][leaving].any()}
    if not present:
        raise ModelError("utilities.no_origin")
    total = sum(target.weight for target in present.values())
    target = sum((t.share * t.weight / total for t in present.values()), np.zeros(odds.shape[1]))
    shared = target > 0
    ends = np.flatnonzero(network.destination)
    everyone = sum((people[name] for name in present), np.zeros(len(odds)))
    reach = (odds[everyone > 0] > 0).any(axis=0)
    if unreachable := [str(network.nodes[i]) for i in ends[shared & ~reach]]:
        raise ModelError("utilities.unreachable", destination=unreachable[0])
    odds = odds[:, shared]
    parts = [_Rows.of(odds, people[name], t.weight / total) for name, t in present.items()]
    rows = _Rows(
        np.vstack([part.log_odds for part in parts]),
        np.concatenate([part.people for part in parts]),
    )
    initial = rows.first_guess(target[shared]) if start is None else start[ends][shared]
    solution = _newton(rows, target[shared], initial, tolerance)
    finite = np.full(len(ends), solution.min() - 12.0)
    finite[shared] = solution
    fitted = np.zeros(len(network.nodes))
    fitted[ends] = finite - finite.max()
    return fitted


def _newton(rows: _Rows, target: Floats, initial: Floats, tolerance: float) -> Floats:
    """Utilities at which modelled and target shares agree, by a damped Newton's method."""
    log_target: Floats = np.log(target)
    utility: Floats = initial - initial.mean()
    share, jacobian = rows.shares(utility)
    for _ in range(_ITERATIONS):
        error = log_target - share
        if (np.abs(error) * np.minimum(1.0, target / _SMALLEST) < tolerance).all():
            return utility
        # The step for the logarithms of the shares, in units in which even a share of 1e-9 has
        # weight; a constant added to all utilities changes nothing, and `root` takes it out.
        root = np.exp(np.maximum(share, -600.0) / 2)
        scaled = jacobian / np.outer(root, root) + np.outer(root, root)
        step = np.linalg.solve(scaled + 1e-12 * np.eye(len(root)), root * error) / root
        step -= step.mean()
        # Far from the solution the full step may overshoot and oscillate; some part of it always
        # reduces the sum of squares, of which it is a descent direction.
        part = min(1.0, _LONGEST / max(float(np.abs(step).max()), 1e-300))
        for _ in range(_HALVINGS):
            share, jacobian = rows.shares(utility + part * step)
            if ((log_target - share) ** 2).sum() < (1 - 1e-4 * part) * (error**2).sum():
                utility = utility + part * step
                break
            part /= 2
        else:
            # Where rounding hides that direction: the balancing step (Furness 1965) does no harm.
            utility = utility + error
            share, jacobian = rows.shares(utility)
    raise ModelError("utilities.not_settled")
