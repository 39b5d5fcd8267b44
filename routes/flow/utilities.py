"""Calibration of destination utilities to the destination shares of each group of origins.

Geography alone sends everyone to the nearest destination. The utilities ``a_gd`` of a group make
its modelled shares those of the evidence:

    P_g(d | a_g) = share_g(d)   for every destination d

which is the minimum of a convex function of the utilities (the expected log-sum of the group less
the targets), found by Newton's method. Origins whose way first forks at the same hub share a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.errors import ModelError
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Network

__all__ = ["fit_utilities"]

_LONGEST = 20.0
"""Largest step of a utility, in nats."""

_ITERATIONS = 200

_HALVINGS = 10
"""Halvings of a step that does not reduce the error."""

_SHORTEST = 1e-6
"""Part of a step below which the Jacobian is singular and its direction is noise."""

_SMALLEST = 1e-9
"""Smaller shares are held to this one's tolerance: a drawn share may be practically zero."""


def _odds(network: Network, theta: float) -> Floats:
    """Weight of all walks from each node to each destination at equal utilities, shape (n, d).

    Rows are scaled (by the potential), which cancels in shares; rows without a fork are 0.
    """
    return RandomWalkSums(
        network.with_costs(utility=np.zeros_like(network.utility)), theta
    ).forking_odds()


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of one group that have people and a way out, in logarithms.

    Attributes
    ----------
    log_odds : array, shape (rows, d)
        Minus infinity where no way leads.
    people : array, shape (rows,)
        Part of the group who start there; sums to 1.
    """

    log_odds: Floats
    people: Floats

    @classmethod
    def of(cls, odds: Floats, demand: Floats) -> _Rows:
        """Rows of odds, shape (rows, d), with the persons a year gathered there."""
        with np.errstate(divide="ignore"):
            return cls(np.log(odds), demand / demand.sum())

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


def fit_utilities(
    network: Network,
    theta: float,
    demand: Floats,
    shares: Floats,
    *,
    tolerance: float = 1e-8,
    start: Floats | None = None,
) -> Floats:
    """Find the utilities at which each group's modelled shares are the given ones.

    Nobody of a group goes to a destination without a share (utility minus infinity), however near
    it is; who reaches no other is stranded. What nobody of the group can reach has no share either,
    and its part goes to the others.

    Parameters
    ----------
    demand : array, shape (n,)
        Persons a year who set out from each node; groups are the network's.
    shares : array, shape (groups, d)
        Share of each destination, in the order of the network's groups and destinations; each row
        is normalised, and read only for groups with people who can leave.
    tolerance : float
        Largest error of the logarithm of a share.
    start : array, shape (groups, n), optional
        Initial utilities, such as those of a similar model.

    Returns
    -------
    array, shape (groups, n)
        Utility in nats at destinations (the largest of a group is 0), 0 at other nodes; NaN at the
        destinations of a group without people.

    Raises
    ------
    ModelError
        If nobody can leave, nobody of any group reaches a destination with a share, nobody of a
        group reaches any, or the iteration does not converge.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_nodes_from(["Johor", "Tawau"], kind="destination")
    >>> graph.add_edge("village", "Johor", hours=50.0)
    >>> graph.add_edge("village", "Tawau", hours=40.0)
    >>> network = Network.from_graph(graph)
    >>> demand = network.vector({"village": 100.0})
    >>> fit_utilities(network, 0.1, demand, np.array([[0.5, 0.5]])).round(6).tolist()
    [[0.0, -1.0, 0.0]]
    """
    group = np.zeros(len(network.nodes), np.intp) if network.group is None else network.group
    odds = _odds(network, theta)
    leaves = odds.any(axis=1)
    ends = np.flatnonzero(network.destination)
    names = [network.nodes[i] for i in ends]
    wanted, reached = np.zeros((2, len(ends)), bool)
    utility = np.zeros((len(network.groups), len(network.nodes)))
    utility[:, ends] = np.nan
    for k in np.unique(group[demand > 0]).tolist():
        people = network.structure.gathered(np.where(group == k, demand, 0.0))
        rows = np.flatnonzero((people > 0) & leaves)
        if not len(rows):
            continue
        target = np.where(odds[rows].any(axis=0), shares[k], 0.0)
        used = target > 0
        wanted |= shares[k] > 0
        reached |= used
        rows = rows[odds[np.ix_(rows, used)].any(axis=1)]
        if not len(rows):
            raise ModelError("utilities.unreachable", destination=names[int(shares[k].argmax())])
        part = _Rows.of(odds[np.ix_(rows, used)], people[rows])
        target = target[used] / target[used].sum()
        initial = part.first_guess(target)
        if start is not None:
            near = start[k, ends[used]]
            initial = np.where(np.isfinite(near), near, initial)
        fitted = _newton(part, target, initial, tolerance)
        utility[k, ends] = -np.inf
        utility[k, ends[used]] = fitted - fitted.max()
    if np.isnan(utility[:, ends]).all():
        raise ModelError("utilities.no_origin")
    if (missed := wanted & ~reached).any():
        raise ModelError("utilities.unreachable", destination=names[int(missed.argmax())])
    return utility


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
        for _ in range(_HALVINGS if part > _SHORTEST else 0):
            share, jacobian = rows.shares(utility + part * step)
            if ((log_target - share) ** 2).sum() < (1 - 1e-4 * part) * (error**2).sum():
                utility = utility + part * step
                break
            part /= 2
        else:
            # Where rounding hides that direction, or the step is cut to nothing: the balancing step
            # (Furness 1965) does no harm.
            utility = utility + error
            share, jacobian = rows.shares(utility)
    raise ModelError("utilities.not_settled")
