"""The likelihood of counts (:mod:`routes.validation.likelihood`) for the interceptions on record.

The record is thin: persons stopped by terminal and year, without effort, and only where a source
reported it. People are stopped by the boat or the party, so the counts are of *groups* (events on
record), not persons: forty on one boat are one draw. A place and year without a row is no evidence
(nobody was stopped, nobody watched or nobody reported), so the likelihood is truncated to one group
or more, and the effort of each count is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.posts import posts_in_force
from routes.build.model import Build
from routes.flow.model import FlowModel
from routes.flow.utilities import fit_utilities
from routes.graph.arrays import Floats
from routes.observation.record import events_of
from routes.validation.backtest import fitted_shares, origin_demand
from routes.validation.likelihood import CountFit, CountPriors, PostCounts, fit_counts, theta_grid
from routes.validation.posterior import ConditionalPosterior

__all__ = ["GRID", "PRIORS", "ReportedCounts", "bound_of_theta", "passages_by_theta", "profile",
           "reported_counts"]  # fmt: skip

PRIORS = CountPriors(theta=0.1, theta_spread=0.7)
"""theta is between 0.03 and 0.3 an hour, around the value of the build, before any count."""

_FAINTEST = 1e-9
"""Persons a year: at the ends of the grid the farthest landings carry practically nobody."""

GRID = theta_grid(PRIORS, size=17, reach=2.2)
"""0.021 to 0.47 an hour. Beyond, some destinations with a share cannot be reached numerically."""


@dataclass(frozen=True, eq=False)
class ReportedCounts:
    """Interceptions by terminal and year, and what the model expects to pass there.

    Attributes
    ----------
    counts : PostCounts
        Groups stopped; a terminal and year is listed from one group on.
    persons : float
        Total number of persons stopped.
    terminals : tuple of str
        Names of the posts by their number.
    years : int array, shape (k,)
    passages : array, shape (len(GRID), k)
        Groups a year (persons over the mean size of the groups stopped), utilities refitted for
        each theta.
    """

    counts: PostCounts
    persons: float
    terminals: tuple[str, ...]
    years: np.ndarray[tuple[int], np.dtype[np.int64]]
    passages: Floats

    def fit(self) -> CountFit:
        """Fit theta and the other parameters."""
        return fit_counts(self.counts, self.passages, grid=GRID, priors=PRIORS)

    def with_effort(self, share: float) -> ReportedCounts:
        """The same counts as if this effort had been recorded at each."""
        effort = np.full(len(self.counts.count), share)
        return replace(self, counts=replace(self.counts, effort=effort))


def reported_counts(
    build: Build,
    dataset: Dataset,
    *,
    origin: str | None = None,
    deterrence_h: float = 0.0,
) -> ReportedCounts:
    """Counts of ``counts.csv`` with modelled passages.

    Parameters
    ----------
    origin : str, optional
        Province whose people are counted; default all, of known and unknown origin.
    deterrence_h : float
        Hours by which each post on record deters in the years it is in force (assumed).
    """
    rows = dataset.counts
    rows = rows[(rows["kind"] == "interception") & (rows["terminal_id"] != "")]
    if origin is not None:
        rows = rows[rows["origin_code"] == origin]
    effort = pd.to_numeric(rows["effort"], errors="coerce")
    rows = rows.assign(events=events_of(rows), effort=effort)
    # An event with people from several provinces has several rows.
    keys = ["terminal_id", "year"]
    events = rows.groupby([*keys, "source", "period"])["events"].max().groupby(level=keys).sum()
    table = rows.groupby(keys).agg(persons=("value", "sum"), effort=("effort", "mean"))
    table = table.assign(groups=events).reset_index()
    terminals, post = np.unique(table["terminal_id"].to_numpy(str), return_inverse=True)
    years = table["year"].to_numpy(np.int64)
    passages = np.empty((len(GRID), len(table)))
    for year in np.unique(years) if deterrence_h else [0]:
        of_year = years == year if deterrence_h else np.ones(len(years), bool)
        standing = dataset.posts.loc[posts_in_force(dataset.posts, year), "terminal_id"]
        posts = dict.fromkeys(standing if deterrence_h else (), deterrence_h)
        at = passages_by_theta(build, terminals, origin=origin, deterrence_h=posts)
        passages[:, of_year] = at[:, post[of_year]]
    effort = table["effort"].where((table["effort"] > 0) & (table["effort"] <= 1))
    groups, persons = table["groups"].to_numpy(float), float(table["persons"].sum())
    counts = PostCounts(groups, post.astype(np.intp), effort.to_numpy(float), least=1)
    passages *= groups.sum() / persons
    return ReportedCounts(counts, persons, tuple(terminals.tolist()), years, passages)


def passages_by_theta(
    build: Build,
    terminals: Sequence[str] | np.ndarray[tuple[int], np.dtype[np.str_]],
    *,
    origin: str | None = None,
    deterrence_h: Mapping[str, float] | None = None,
) -> Floats:
    """Persons a year through terminals for each theta of :data:`GRID`, shape (grid, terminals).

    The destination utilities are refitted to the shares for each theta, without posts: theta then
    represents the effect of cost alone, and is identified less well than with fixed utilities.
    """
    network, demand = build.network.without_posts(), origin_demand(build, origin)
    extra = np.zeros(len(network.nodes))
    for node, hours in (deterrence_h or {}).items():
        extra[network.position(node)] = hours
    at = np.array([network.position(str(terminal)) for terminal in terminals])
    shares = fitted_shares(build)
    posted = network.with_costs(hours=network.hours + extra[network.tail])
    rows, utility = [], None
    for theta in GRID.tolist():
        utility = fit_utilities(network, theta, demand, shares, tolerance=1e-4, start=utility)
        model = FlowModel(theta=theta).fit_network(posted.with_costs(utility=utility), demand)
        rows.append(np.maximum(model.load_array[at], _FAINTEST))
    return np.array(rows)


def bound_of_theta(
    table: Floats,
    theta: float,
    counts: PostCounts,
    *,
    persons: float,
    priors: CountPriors,
    grid: Floats = GRID,
) -> float:
    """Cramer-Rao bound on the standard deviation of an estimate of ``ln theta``.

    From the Fisher information of negative binomial counts with known effort of which ``persons``
    are expected in all,

        I = X' diag(m kappa / (m + kappa)) X + R,    X = d ln m / d(ln theta, level, mu, h_p)

    with R the priors of all but theta (van Trees); the bound is the root of the first diagonal of
    its inverse. The dispersion kappa is orthogonal to the mean.

    Parameters
    ----------
    table : array, shape (len(grid), k)
        Passages at each observation by theta.
    counts : PostCounts
        Post and effort of each observation; the counts are not used.
    """
    logs, log_table = np.log(grid), np.log(np.maximum(table, 1e-300))
    log_passages, slope = (
        np.array([np.interp(np.log(theta), logs, column) for column in values.T])
        for values in (log_table, np.gradient(log_table, logs, axis=0))
    )
    q = priors.detection
    mean = counts.effort * np.exp(log_passages)
    mean *= persons / mean.sum()
    weight = mean * priors.kappa / (mean + priors.kappa)
    posts = np.zeros((len(mean), int(counts.post.max()) + 1))
    posts[np.arange(len(mean)), counts.post] = (1 - q) * priors.post_spread
    ones = np.ones(len(mean))
    x = np.column_stack(
        [slope, ones * priors.level_spread, ones * (1 - q) * priors.detection_spread, posts]
    )
    information = x.T @ (weight[:, None] * x) + np.eye(x.shape[1])
    information[0, 0] -= 1.0
    return float(np.sqrt(np.linalg.inv(information)[0, 0]))


def profile(
    reported: ReportedCounts,
    theta: float,
    which: str,
    steps: Sequence[float] | Floats,
    *,
    hold_other: bool = False,
) -> Floats:
    """Profile log likelihood of the level of demand or of detection, 0 at its highest.

    Without the priors of both; the other unknowns (posts, effort, dispersion) are maximised.

    Parameters
    ----------
    which : {"level", "detection"}
    steps : floats
        Values, in prior spreads from the prior's centre.
    hold_other : bool
        Keep the other of the two at its prior's centre, as if it had been measured.
    """
    nearest = int(np.argmin(np.abs(np.log(GRID / theta))))
    row = ConditionalPosterior(
        reported.counts, PRIORS, np.log(np.maximum(reported.passages[nearest], 1e-12)),
        without_prior=(0, 1),
    )  # fmt: skip
    coordinate = {"level": 0, "detection": 1}[which]
    fixed = (0, 1) if hold_other else (coordinate,)
    x, curve = np.zeros(row.size), np.empty(len(steps))
    for k, step in enumerate(steps):
        x[coordinate] = step
        x, curve[k], _ = row.newton(x, fixed=fixed)
    return np.asarray(curve - curve.max())
