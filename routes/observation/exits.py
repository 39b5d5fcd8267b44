r"""How much of the flow each official exit carries, from the departures that immigration deferred.

Costs alone do not know where agents and ferries are. The persons deferred at the exits e of a
regency in a year say it roughly:

    deferred_ey ~ NegBin(q_k(e) exp(0.5 v_e) load_e(c), 2.5),   c_e ~ N(0, 0.7),   v_e ~ N(0, 1)

``load`` persons a year who leave the country there, which falls with every leg abroad made dearer
by ``-c_e / theta`` hours; ``q`` the share deferred at ferries and ports, airports and land borders,
with logit normal priors at 0.12, 0.08 and 0.08 (spread 0.65). What draws people to a town, its
agents and boats, draws them to the coasts around it: a coast gains what the official exits of its
regency do, or of the nearest one on record in its province (:func:`coast_hubs`). ``v_e`` is one
for all years, so that what a post begun in between stops would be read as more people:
counts from its first month on are left out where the exit has counts from before it. Departures and
shares of destinations are held: what one exit gains the others lose. What patrols stop on a coast
is not read, or the map would send them where they have been. The size of the negative binomial is
held, since a free one would make every count uninformative. The mode is found by Gauss-Newton, each
load computed on the network with its utilities fitted again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit, logit

from geo.errors import ModelError
from geo.posts import new_posts
from routes.demand.streams import row_months
from routes.graph.checkpoints import DETECTION, exit_kind

__all__ = ["CONSTANT_SD", "KAPPA", "SINCE", "ExitFit", "coast_hubs", "deferrals_on_record"]

Floats = NDArray[np.float64]

SINCE = 2022
"""First year after the pandemic; deferrals before it were by other rules."""
_SHORTEST_MONTHS = 3.0
_AT_PORTS = r"\b(?:exits|ports)\b"
"""Pattern in the note of what a task force stopped at all its ports."""
_LOGIT_SD, _EFFORT_SD = 0.65, 0.5
CONSTANT_SD = 0.7
"""Standard deviation of what an exit draws beyond what costs say, nats (assumed)."""
KAPPA = 2.5
"""Size of the negative binomial of persons stopped in a year."""
_FAINTEST = 0.5
"""Persons a year: an exit that no modelled walk uses is held at this load."""


def deferrals_on_record(
    counts: pd.DataFrame, terminals: pd.DataFrame, *, since: int = SINCE,
    posts: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Departures deferred a year by regency of the exit, since 2022.

    Of an exit's own rows and those for all checkpoints of its immigration office, or of a task
    force at its ports, the larger is taken, since the first may leave some out; what other offices
    stopped is no deferral at an exit. Held rows are those of the office that gave them.

    Parameters
    ----------
    counts, terminals : DataFrame
        Of the dataset.
    since : int
    posts : DataFrame, optional
        ``terminal_id, since, evidence_from``. With them, counts that end in the first month of a
        new post (:func:`geo.posts.new_posts`) or later are left out in its regency, if it has
        counts from before: these are of another effort, which nobody recorded.

    Returns
    -------
    DataFrame
        ``exit`` (code of the regency), ``year, persons`` (scaled to twelve months) and ``kind`` of
        the exit.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> dataset = load_dataset()
    >>> table = deferrals_on_record(dataset.counts, dataset.terminals)
    >>> float(table.set_index(["exit", "year"]).loc[("21.71", 2023), "persons"])
    8243.0
    """
    rows = counts[(counts["measure"] == "prevented") & (counts["year"] >= since)]
    rows = rows[(rows["origin_code"] == "") & (rows["place_code"].str.len() == 5)]
    length = row_months(rows)
    rows = rows.assign(persons=rows["value"] * 12.0 / length)[length >= _SHORTEST_MONTHS]
    kind = terminals.set_index("id")["kind"]
    at_exit = rows["terminal_id"].map(kind).fillna("unofficial") != "unofficial"
    by_office = (rows["source"] + rows["note"]).str.contains("imigrasi", case=False)
    by_office |= rows["note"].str.contains(_AT_PORTS)
    if "years" in rows:
        by_office |= rows["years"] > 0  # held by the office itself, pooled without its words
    by_office &= rows["terminal_id"] == ""
    if posts is not None:
        counted = at_exit | by_office
        kept = _before_new_posts(rows, counted, posts, terminals)
        rows, at_exit, by_office = rows[kept], at_exit[kept], by_office[kept]
    keys = ["place_code", "year"]
    exits = rows[at_exit].groupby(keys)["persons"].sum()
    offices = rows[by_office].groupby(keys)["persons"].max()
    yearly = pd.concat([exits, offices]).groupby(level=keys).max()
    official = terminals[(terminals["country"] == "ID") & (terminals["kind"] != "unofficial")]
    ways = official["kind"].map(exit_kind)
    place = official["area_code"]
    # Of a regency's exits those by sea count, where it has any.
    usual = ways.groupby(place).agg(lambda column: max(column, key=("land", "air", "sea").index))
    table = yearly.rename("persons").reset_index().rename(columns={"place_code": "exit"})
    own = rows[at_exit].groupby("place_code")["terminal_id"].first().map(kind).map(exit_kind)
    kinds = table["exit"].map(own.astype(object))
    return table.assign(kind=kinds.where(kinds.notna(), table["exit"].map(usual)))


def _before_new_posts(
    rows: pd.DataFrame, counted: pd.Series[bool], posts: pd.DataFrame, terminals: pd.DataFrame
) -> pd.Series[bool]:
    """Which rows are not of a regency's time under a new post, where it has counts from before."""
    start = new_posts(posts)
    start = start[start >= str(SINCE)]
    area = terminals.set_index("id")["area_code"].str[:5]
    by_regency = start.groupby(area.reindex(start.index).to_numpy()).min()
    begun = rows["place_code"].map(by_regency.to_dict()).astype(object).fillna("9999")
    last = rows["period"].str.split("/").str[-1].str[:7]
    last = last.where(
        last.str.len() == len("2016-07"), rows["year"].astype(int).astype(str) + "-12"
    )
    under = last >= begun
    before = set(rows.loc[counted & ~under, "place_code"])
    return ~(under & rows["place_code"].isin(before))


def coast_hubs(
    regency: pd.Series, points: pd.DataFrame, coasts: pd.Series, on_record: Collection[str]
) -> dict[str, str]:
    """Regency whose exits draw people to each coast.

    Parameters
    ----------
    regency : Series
        Code by terminal in Indonesia.
    points : DataFrame
        ``lat, lon``, by the same index.
    coasts : Series
        Coast of each landing (:func:`routes.graph.coasts.landing_coasts`).
    on_record : collection of str
        Regencies with deferrals on record.

    Returns
    -------
    dict
        By coast: its own regency, else the nearest one of its province; without either it has none.

    Examples
    --------
    >>> regency = pd.Series({"a": "21.01", "b": "21.71", "c": "21.02"})
    >>> points = pd.DataFrame({"lat": [1.1, 1.1, 1.0], "lon": [104.3, 104.0, 103.4]}, list("abc"))
    >>> coast_hubs(regency, points, pd.Series({"a": "coast:21.01:1"}), {"21.71", "21.02"})
    {'coast:21.01:1': '21.71'}
    """
    middle = points.groupby(regency).mean()
    hubs = {}
    for coast, landings in coasts.groupby(coasts):
        own = str(regency[landings.index[0]])
        near = [code for code in sorted(on_record) if code[:2] == own[:2] and code in middle.index]
        if own in near:
            hubs[str(coast)] = own
        elif near:
            # Degrees of longitude are nearly as long as those of latitude so near the equator.
            apart = middle.loc[near] - points.loc[landings.index].mean()
            hubs[str(coast)] = str(np.hypot(apart["lat"], apart["lon"]).idxmin())
    return hubs


@dataclass(frozen=True, eq=False)
class ExitFit:
    """Fitted constants of the exits.

    Attributes
    ----------
    constants : Series by exit
        Nats that it gains over what costs say.
    spreads : Series by exit
        Standard deviation of each constant among the others: what all gain together moves nobody,
        since the shares of the destinations are given.
    stopped : DataFrame
        ``exit, year, kind, persons``, and ``load`` and ``expected`` persons stopped by the model.
    detection : Series by kind of exit
        Share of those who leave that is stopped.
    """

    constants: pd.Series
    spreads: pd.Series
    stopped: pd.DataFrame
    detection: pd.Series

    @classmethod
    def of(cls, stopped: pd.DataFrame, loads: Callable[[pd.Series], pd.Series]) -> ExitFit:
        """Fit to what was stopped.

        Parameters
        ----------
        stopped : DataFrame
            From :func:`deferrals_on_record`.
        loads : callable
            Persons a year who leave the country at each exit, given the constants (by exit).

        Raises
        ------
        ModelError
            If no mode is found.
        """
        exits = sorted(stopped["exit"].unique())
        kinds = sorted(DETECTION)
        kind = stopped.groupby("exit")["kind"].first().loc[exits]
        of_kind = np.array([kinds.index(name) for name in kind])
        at = pd.Index(exits).get_indexer(stopped["exit"])
        observed = stopped["persons"].to_numpy(float)
        size = len(exits)
        centre = logit([DETECTION[name] for name in kinds])

        @lru_cache
        def loads_of(constants: tuple[float, ...]) -> Floats:
            load = loads(pd.Series(constants, exits)).reindex(exits).fillna(0.0)
            return np.asarray(np.maximum(load.to_numpy(float), _FAINTEST))

        def expected(x: Floats) -> tuple[Floats, Floats]:
            load = loads_of(tuple((CONSTANT_SD * x[:size]).tolist()))
            share = expit(centre + _LOGIT_SD * x[2 * size :])[of_kind]
            return load, share * np.exp(_EFFORT_SD * x[size : 2 * size]) * load

        def residuals(x: Floats) -> Floats:
            mean = expected(x)[1][at]
            # signed roots of the deviance, whose squares sum to twice the negative log-likelihood
            ratio = (observed + KAPPA) / (mean + KAPPA)
            deviance = 2.0 * (
                observed * np.log(np.maximum(observed, 1e-9) / mean)
                - (observed + KAPPA) * np.log(ratio)
            )
            signed = np.sign(observed - mean) * np.sqrt(np.maximum(deviance, 0.0))
            return np.concatenate([signed, x])

        start = np.zeros(2 * size + len(kinds))
        fit = least_squares(
            residuals, start, jac=lambda x: _jacobian(residuals, x, size), max_nfev=20, ftol=1e-3
        )
        if not fit.success:
            raise ModelError("observation.not_settled")
        best = fit.x
        load, mean = expected(best)
        covariance = np.linalg.inv(fit.jac.T @ fit.jac)[:size, :size]
        among = np.eye(size) - 1.0 / size
        variance = np.diag(among @ covariance @ among)
        return cls(
            constants=pd.Series(CONSTANT_SD * best[:size], exits),
            spreads=pd.Series(CONSTANT_SD * np.sqrt(variance), exits),
            stopped=stopped.assign(load=load[at], expected=mean[at]),
            detection=pd.Series(expit(centre + _LOGIT_SD * best[2 * size :]), kinds),
        )


def _jacobian(residuals: Callable[[Floats], Floats], x: Floats, size: int) -> Floats:
    """Forward differences; wide for the constants, whose loads are fitted to a tolerance."""
    base = residuals(x)
    steps = np.where(np.arange(len(x)) < size, 0.2, 1e-4)
    columns = [
        (residuals(x + step * unit) - base) / step
        for step, unit in zip(steps, np.eye(len(x)), strict=True)
    ]
    return np.stack(columns, axis=1)
