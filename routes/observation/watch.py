r"""Rates at which people who pass a terminal are stopped, by the terminal's role in their journey.

At place j in year t the events on record of people of group g are Poisson with mean

    m_gjt = e_p exp(b w_jt) sum_k q_gk x_gjk
    ln e_p = a_p,    ln q_gk ~ N(ln q0_gk, 1),    b ~ N(ln 3, 0.7)

``x`` persons a year by group and class k (role, and how people leave: land or sea, air,
unofficial), ``e_p`` the effort of the place's province against the nation's, ``a_p`` standard
normal, ``w`` 1 where somebody is on record as watching the place in that year
(:func:`geo.posts.watched_years`), else 0. ``q0`` is the group's events a person of the first and
last terminals, a tenth of it in transit, and at an exit by air what a post there detects against
one at sea (:data:`routes.graph.checkpoints.DETECTION`). The spread of the effort is that at which
places left out are foretold best. Only the product of effort and flow is in the counts: a
place where nobody looks has no events, and its flow is not known from them. The mode is found by
L-BFGS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from geo.errors import ModelError
from routes.estimator import Estimator
from routes.graph.checkpoints import DETECTION, EVERYONE
from routes.observation.record import terminal_places

__all__ = ["CLASSES", "OWN_RATES", "WatchFit", "class_loads", "role_class"]

Floats = NDArray[np.float64]

CLASSES = (
    "first:land", "first:air", "exit:unofficial", "exit:air", "exit:official",
    "transit:land", "transit:air",
)  # fmt: skip
"""Role of a terminal, and how people leave it."""

OWN_RATES = "53"
"""Province whose people have rates of their own: a third of the events and a thirtieth of the
departures are NTT's, whose stops have been counted since 2009."""

_IN_TRANSIT = 0.1
"""Rate in transit over that at the first and last terminals, before any count."""
_EFFORT_SD = 1.0
_RATE_SD = 1.0
_WATCHED, _WATCHED_SD = np.log(3.0), 0.7
"""Logarithm of the factor of a watch on record, before any count (assumed), and its spread."""


def role_class(role: str, kind: str) -> str:
    """Class of a role at a terminal of this kind.

    Examples
    --------
    >>> role_class("exit", "unofficial"), role_class("transit", "seaport")
    ('exit:unofficial', 'transit:land')
    """
    if role == "exit":
        way = {"unofficial": "unofficial", "airport": "air"}.get(kind, "official")
    else:
        way = "air" if kind == "airport" else "land"
    return f"{role}:{way}"


def _usual_part(name: str) -> float:
    """Rate of a class over that of an exit by sea, before any count."""
    if name.startswith("transit"):
        return _IN_TRANSIT
    return DETECTION["air"] / DETECTION["sea"] if name == "exit:air" else 1.0


def class_loads(
    loads: Mapping[tuple[object, str], pd.Series], kinds: pd.Series, own: str
) -> dict[str, pd.DataFrame]:
    """Persons a year by terminal and class, of one group's people and of all others.

    Parameters
    ----------
    loads : mapping (group, role) -> Series by node
        As of :func:`routes.flow.observation.role_loads`.
    kinds : Series
        Kind by terminal.
    own : str
        The group that has rates of its own.

    Returns
    -------
    dict
        ``own`` and ``*``, each terminals by :data:`CLASSES`.
    """
    tables = {name: pd.DataFrame(0.0, kinds.index, CLASSES) for name in (own, EVERYONE)}
    for (group, role), load in loads.items():
        table = tables[own if group == own else EVERYONE]
        names = kinds.map(lambda kind, role=role: role_class(role, kind))
        at_terminals = load.reindex(kinds.index).fillna(0.0)
        for name in names.unique():
            here = names == name
            table.loc[here, name] += at_terminals[here]
    return tables


@dataclass(eq=False)
class WatchFit(Estimator):
    """Rates of interception fitted to the events on record.

    Parameters
    ----------
    first_year, last_year : int
        Of the record that is fitted.

    Attributes
    ----------
    rates_ : DataFrame, groups by classes
        Events a year a person who passes, at the nation's effort and where no watch is on record.
    effort_ : Series by province
        Factor on the rates.
    watched_ : float
        Factor in the years of a watch on record.

    Examples
    --------
    >>> terminals = pd.DataFrame(
    ...     {
    ...         "id": ["tenau", "batam-centre"],
    ...         "kind": ["seaport", "ferry"],
    ...         "area_code": ["53.71", "21.71"],
    ...         "lat": [-10.19, 1.13],
    ...         "lon": [123.52, 104.05],
    ...     }
    ... )
    >>> loads = pd.DataFrame(0.0, ["tenau", "batam-centre"], CLASSES)
    >>> loads.loc["tenau", "first:land"] = loads.loc["batam-centre", "exit:official"] = 1000.0
    >>> years = range(2016, 2020)
    >>> events = pd.DataFrame({"terminal_id": "tenau", "origin_code": "53", "year": years})
    >>> watched = pd.DataFrame({"terminal_id": ["tenau"], "year": [2018]})
    >>> events["events"] = [2.0, 2.0, 10.0, 2.0]
    >>> fit = WatchFit(first_year=2016, last_year=2019)
    >>> fit = fit.fit({"53": loads, "*": loads}, terminals, events, watched)
    >>> bool(fit.rates_.loc["53", "first:land"] > fit.rates_.loc["53", "exit:official"])
    True
    >>> round(fit.watched_, 1)
    4.1
    """

    first_year: int
    last_year: int
    rates_: pd.DataFrame = field(init=False, repr=False)
    effort_: pd.Series = field(init=False, repr=False)
    watched_: float = field(init=False, repr=False)

    def fit(
        self,
        loads: Mapping[str, pd.DataFrame],
        terminals: pd.DataFrame,
        events: pd.DataFrame,
        watched: pd.DataFrame,
        *,
        left_out: NDArray[np.bool_] | None = None,
    ) -> WatchFit:
        """Fit to the events of the years from ``first_year`` to ``last_year``.

        Parameters
        ----------
        loads : mapping group -> DataFrame
            Of :func:`class_loads`; ``*`` is everyone without rates of their own.
        terminals : DataFrame
            ``id, kind, area_code, lat, lon`` of the terminals in Indonesia.
        events : DataFrame
            ``terminal_id, origin_code, year, events``
            (:func:`routes.observation.record.stops_on_record`).
        watched : DataFrame
            ``terminal_id, year`` (:func:`geo.posts.watched_years`).
        left_out : bool array, shape (places,), optional
            Places (:func:`routes.observation.record.terminal_places`) whose events are not used.

        Raises
        ------
        ModelError
            If no mode is found.
        """
        place = terminal_places(terminals)
        size, years = int(place.max()) + 1, self.last_year - self.first_year + 1
        first = terminals.groupby(place.reindex(terminals["id"]).to_numpy())["area_code"].first()
        provinces, at = np.unique(first.str[:2].to_numpy(str), return_inverse=True)
        kept = np.ones(size, bool) if left_out is None else ~left_out
        groups = list(loads)
        x = np.zeros((len(groups), size, len(CLASSES)))
        y = np.zeros((len(groups), size, years))
        events = self._of_record(events, place)
        of_group = events["origin_code"].where(events["origin_code"].isin(groups), EVERYONE)
        for g, group in enumerate(groups):
            np.add.at(x[g], place.to_numpy(), loads[group].loc[place.index].to_numpy())
            mine = events[of_group == group]
            when = mine["year"].to_numpy(int) - self.first_year
            np.add.at(y[g], (place[mine["terminal_id"]].to_numpy(), when), mine["events"])
        w = np.zeros((size, years))
        watched = self._of_record(watched, place)
        when = watched["year"].to_numpy(int) - self.first_year
        w[place[watched["terminal_id"]].to_numpy(), when] = 1.0
        ends = [k for k, name in enumerate(CLASSES) if not name.startswith("transit")]
        part = np.array([_usual_part(name) for name in CLASSES])
        persons = years * (x * part)[:, kept][:, :, ends].sum(axis=(1, 2))
        usual = (y[:, kept].sum(axis=(1, 2)) + 0.5) / np.maximum(persons, 1.0)
        centre = np.log(usual[:, None] * part)
        many = centre.size

        def loss(parameters: Floats) -> tuple[float, Floats]:
            z, a = parameters[:many].reshape(centre.shape), parameters[many:-1]
            effort = np.exp(_EFFORT_SD * a)[at]
            by_year = np.exp((_WATCHED + _WATCHED_SD * parameters[-1]) * w)
            parts = x * np.exp(centre + _RATE_SD * z)[:, None, :] * effort[None, :, None]
            mean = parts.sum(axis=2)[:, :, None] * by_year + 1e-7
            slope = np.where(kept[:, None], 1.0 - y / mean, 0.0)
            value = np.where(kept[:, None], mean - y * np.log(mean), 0.0).sum()
            weighted = (slope * by_year).sum(axis=2)
            by_place = (weighted * parts.sum(axis=2)).sum(axis=0)
            gradient = np.concatenate(
                [
                    _RATE_SD * np.einsum("gj,gjk->gk", weighted, parts).ravel(),
                    _EFFORT_SD * np.bincount(at, by_place, len(provinces)),
                    [_WATCHED_SD * float((slope * mean * w).sum())],
                ]
            )
            value += 0.5 * float(parameters @ parameters)
            return value, gradient + parameters

        best = minimize(loss, np.zeros(many + len(provinces) + 1), jac=True, method="L-BFGS-B",
                        options={"maxiter": 2000, "ftol": 1e-12})  # fmt: skip
        if not np.abs(best.jac).max() < 0.1:
            raise ModelError("observation.not_settled")
        z, a = best.x[:many].reshape(centre.shape), best.x[many:-1]
        self.rates_ = pd.DataFrame(np.exp(centre + _RATE_SD * z), groups, CLASSES)
        self.effort_ = pd.Series(np.exp(_EFFORT_SD * a), provinces)
        self.watched_ = float(np.exp(_WATCHED + _WATCHED_SD * best.x[-1]))
        return self

    def _of_record(self, rows: pd.DataFrame, place: pd.Series) -> pd.DataFrame:
        inside = rows["year"].between(self.first_year, self.last_year)
        return rows[inside & rows["terminal_id"].isin(place.index)]

    def watch(
        self, terminals: pd.DataFrame, watched: pd.DataFrame, years: Sequence[int]
    ) -> dict[str, dict[tuple[Any, ...], float]]:
        """Node attribute ``watch`` of each terminal: events a year a person.

        ``{(group, role): rate}`` where no watch is on record in any of the years, else by year
        ``{(group, role, year): rate}``. A watch is of all terminals of a place.

        Parameters
        ----------
        terminals : DataFrame
            ``id, kind, area_code, lat, lon``.
        watched : DataFrame
            As fitted.
        years : sequence of int
        """
        place = terminal_places(terminals)
        seen = watched[watched["terminal_id"].isin(place.index) & watched["year"].isin(years)]
        when = seen["year"].groupby(place[seen["terminal_id"]].to_numpy()).agg(set)
        effort = terminals["area_code"].str[:2].map(self.effort_).fillna(1.0)
        attributes = {}
        for row, factor in zip(terminals.itertuples(index=False), effort, strict=True):
            rates = {
                (group, role): float(factor * self.rates_.loc[group, role_class(role, row.kind)])
                for group in self.rates_.index
                for role in ("first", "exit", "transit")
            }
            on_record = when.get(place[str(row.id)], set())
            attributes[str(row.id)] = rates if not on_record else {
                (*key, int(year)): rate * (self.watched_ if year in on_record else 1.0)
                for key, rate in rates.items()
                for year in years
            }  # fmt: skip
        return attributes
