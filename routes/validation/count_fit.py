"""The likelihood of counts (:mod:`routes.validation.likelihood`) on the interceptions on record.

What is on record is thin: persons stopped by terminal and year, with no effort beside them, and
only where somebody wrote of it. People are stopped by the boat or the party, so what is counted
here is *groups* (events on record), not persons: forty on one boat are one draw. A place and year
without a row says nothing (nobody was stopped, nobody watched or nobody wrote), so the likelihood
is that of a listed count, one group or more, and the effort at each is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.build.model import Build
from routes.flow.utilities import ShareTarget, fit_utilities
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats
from routes.validation.likelihood import CountFit, CountPriors, PostCounts, fit_counts, theta_grid
from routes.validation.posterior import ConditionalPosterior

__all__ = ["GRID", "PRIORS", "ReportedCounts", "bound_of_theta", "passages_by_theta", "profile",
           "reported_counts"]  # fmt: skip

PRIORS = CountPriors(theta=0.1, theta_spread=0.7)
"""theta is somewhere between 0.03 and 0.3 a hour: the value of the build, before any count."""

GRID = theta_grid(PRIORS, size=17, reach=2.2)
"""0.021 to 0.47 a hour. Beyond, some destinations with a share are out of everybody's reach."""

_EVENTS = r"^(\d+) events"
"""How the note of a row says of how many events it is the sum; else it is one."""


@dataclass(frozen=True, eq=False)
class ReportedCounts:
    """Interceptions by terminal and year, and what the model expects to pass there.

    Attributes
    ----------
    counts : PostCounts
        Groups stopped; a terminal and year is listed from one group on.
    persons : float
        Stopped in all.
    terminals : tuple of str
        Names of the posts by their number.
    years : int array, shape (k,)
    passages : array, shape (len(GRID), k)
        Groups a year (persons over the mean size of the groups stopped), utilities fitted anew
        for each theta.
    """

    counts: PostCounts
    persons: float
    terminals: tuple[str, ...]
    years: np.ndarray[tuple[int], np.dtype[np.int64]]
    passages: Floats

    def fit(self, priors: CountPriors = PRIORS) -> CountFit:
        """Fit theta and the rest."""
        return fit_counts(self.counts, self.passages, grid=GRID, priors=priors)

    def with_effort(self, share: float) -> ReportedCounts:
        """The same counts as if this effort had been recorded at each."""
        known = np.full(len(self.counts.count), share)
        return replace(self, counts=replace(self.counts, effort=known))


def reported_counts(
    build: Build,
    dataset: Dataset,
    targets: Mapping[str, ShareTarget],
    *,
    origin: str | None = None,
    deterrence_h: float = 0.0,
) -> ReportedCounts:
    """Counts of ``counts.csv`` beside modelled passages.

    Parameters
    ----------
    origin : str, optional
        Province whose people are counted; default all, of known and unknown origin.
    deterrence_h : float
        Hours by which each post on record deters from the year it began (assumed).
    """
    rows = dataset.counts
    rows = rows[(rows["kind"] == "interception") & (rows["terminal_id"] != "")]
    if origin is not None:
        rows = rows[rows["origin_code"] == origin]
    events = rows["note"].str.extract(_EVENTS, expand=False).astype(float).fillna(1.0)
    effort = pd.to_numeric(rows["effort"], errors="coerce")
    rows = rows.assign(events=events, effort=effort)
    # One event whose people came from several provinces stands in several rows.
    keys = ["terminal_id", "year"]
    events = rows.groupby([*keys, "source", "period"])["events"].max().groupby(level=keys).sum()
    table = rows.groupby(keys).agg(persons=("value", "sum"), effort=("effort", "mean"))
    table = table.assign(groups=events).reset_index()
    terminals, post = np.unique(table["terminal_id"].to_numpy(str), return_inverse=True)
    years = table["year"].to_numpy(np.int64)
    since = dataset.posts.set_index("terminal_id")["since"] if deterrence_h else pd.Series()
    begun = pd.to_numeric(since, errors="coerce").dropna()
    passages = np.empty((len(GRID), len(table)))
    for year in np.unique(years) if deterrence_h else [0]:
        mine = years == year if deterrence_h else np.ones(len(years), bool)
        posts = {str(t): deterrence_h for t in begun.index[begun <= year]}
        at = passages_by_theta(build, targets, terminals, origin=origin, deterrence_h=posts)
        passages[:, mine] = at[:, post[mine]]
    effort = table["effort"].where((table["effort"] > 0) & (table["effort"] <= 1))
    groups, persons = table["groups"].to_numpy(float), float(table["persons"].sum())
    counts = PostCounts(groups, post.astype(np.intp), effort.to_numpy(float), least=1)
    passages *= groups.sum() / persons
    return ReportedCounts(counts, persons, tuple(terminals.tolist()), years, passages)


def passages_by_theta(
    build: Build,
    targets: Mapping[str, ShareTarget],
    terminals: Sequence[str] | np.ndarray[tuple[int], np.dtype[np.str_]],
    *,
    origin: str | None = None,
    deterrence_h: Mapping[str, float] | None = None,
    grid: Floats = GRID,
) -> Floats:
    """Persons a year through terminals for each theta, shape (grid, terminals).

    The destination utilities are fitted anew to the shares for each theta, without posts: theta
    then stands for what cost alone does, and is harder to tell than with utilities held fast.
    """
    network = build.network
    demand = build.flow_model().demand_array
    if origin is not None:
        areas = [str(build.graph.nodes[n].get("area_code", ""))[:2] for n in network.nodes]
        demand = np.where(np.array(areas) == origin, demand, 0.0)
    extra = np.zeros(len(network.nodes))
    for node, hours in (deterrence_h or {}).items():
        extra[network.position(node)] = hours
    at = np.array([network.position(str(terminal)) for terminal in terminals])
    rows, utility = [], None
    for theta in grid.tolist():
        utility = fit_utilities(network, theta, targets, tolerance=1e-4, start=utility)
        kernel = RandomWalkSums(network.with_costs(utility=utility), theta, extra_hours=extra)
        rows.append((kernel.visits(demand) * kernel.z)[at])
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
    """Least standard deviation that an estimate of ``ln theta`` can have (Cramer and Rao).

    From the Fisher information of negative binomial counts with known effort of which ``persons``
    are expected in all,

        I = X' diag(m kappa / (m + kappa)) X + R,    X = d ln m / d(ln theta, level, mu, h_p)

    with R the priors of all but theta (van Trees); the bound is the root of the first diagonal of
    its inverse. The scatter kappa has no information in common with the mean.

    Parameters
    ----------
    table : array, shape (len(grid), k)
        Passages at each observation by theta.
    counts : PostCounts
        Post and effort of each observation; its counts are not looked at.
    """
    logs, log_table = np.log(grid), np.log(np.maximum(table, 1e-300))
    here = np.array([np.interp(np.log(theta), logs, column) for column in log_table.T])
    slope = np.gradient(log_table, logs, axis=0)
    slope = np.array([np.interp(np.log(theta), logs, column) for column in slope.T])
    q = priors.detection
    mean = counts.effort * np.exp(here)
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
    priors: CountPriors = PRIORS,
) -> Floats:
    """Profile log likelihood of the level of demand or of detection, 0 at its highest.

    The priors of both are left out; what else is unknown (posts, effort, scatter) is at its best.

    Parameters
    ----------
    which : {"level", "detection"}
    steps : floats
        Values, in prior spreads from the prior's centre.
    hold_other : bool
        Keep the other one of the two at its prior's centre, as if somebody had measured it.
    """
    near = int(np.argmin(np.abs(np.log(GRID / theta))))
    row = ConditionalPosterior(
        reported.counts, priors, np.log(np.maximum(reported.passages[near], 1e-12)),
        without_prior=(0, 1),
    )  # fmt: skip
    mine = {"level": 0, "detection": 1}[which]
    fixed = (0, 1) if hold_other else (mine,)
    found, begin = [], row.begin()
    for step in steps:
        start = begin.copy()
        start[mine] = step
        begin, value, _ = row.newton(start, fixed=fixed)
        found.append(value)
    curve = np.array(found)
    return np.asarray(curve - curve.max(), float)
