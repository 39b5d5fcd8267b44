r"""Rates at which people who pass a terminal are stopped, by the terminal's role in their journey.

At place j the events on record of people of group g are Poisson with mean

    m_gj = Y e_p sum_k q_gk x_gjk,    ln e_p = 0.7 a_p,    ln q_gk ~ N(ln q0_gk, 1)

``x`` persons a year by group and class k (role, and how people leave: land or sea, air,
unofficial), ``e_p`` the effort of the place's province against the nation's, ``a_p`` standard
normal, ``Y`` the years of the record. ``q0`` is the group's events a person of the first and last
terminals, a tenth of it in transit. Only the product of effort and flow is in the counts: a place
where nobody looks has no events, and its flow is not known from them. The mode is found by L-BFGS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from geo.errors import ModelError
from routes.estimator import Estimator
from routes.graph.checkpoints import EVERYONE
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
_EFFORT_SD = 0.7
_RATE_SD = 1.0


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
    years : float
        Years of the record.

    Attributes
    ----------
    rates_ : DataFrame, groups by classes
        Events a year a person who passes, at the nation's effort.
    effort_ : Series by province
        Factor on the rates.

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
    >>> events = pd.DataFrame({"terminal_id": ["tenau"], "origin_code": ["53"], "events": [20.0]})
    >>> fit = WatchFit(years=10.0).fit({"53": loads, "*": loads}, terminals, events)
    >>> bool(fit.rates_.loc["53", "first:land"] > fit.rates_.loc["53", "exit:official"])
    True
    """

    years: float
    rates_: pd.DataFrame = field(init=False, repr=False)
    effort_: pd.Series = field(init=False, repr=False)

    def fit(
        self,
        loads: Mapping[str, pd.DataFrame],
        terminals: pd.DataFrame,
        events: pd.DataFrame,
        *,
        left_out: NDArray[np.bool_] | None = None,
    ) -> WatchFit:
        """Fit to events.

        Parameters
        ----------
        loads : mapping group -> DataFrame
            Of :func:`class_loads`; ``*`` is everyone without rates of their own.
        terminals : DataFrame
            ``id, kind, area_code, lat, lon`` of the terminals in Indonesia.
        events : DataFrame
            ``terminal_id, origin_code, events``
            (:func:`routes.observation.record.stops_on_record`).
        left_out : bool array, shape (places,), optional
            Places (:func:`routes.observation.record.terminal_places`) whose events are not used.

        Raises
        ------
        ModelError
            If no mode is found.
        """
        place = terminal_places(terminals)
        size = int(place.max()) + 1
        first = terminals.groupby(place.reindex(terminals["id"]).to_numpy())["area_code"].first()
        provinces, at = np.unique(first.str[:2].to_numpy(str), return_inverse=True)
        kept = np.ones(size, bool) if left_out is None else ~left_out
        groups = list(loads)
        x = np.zeros((len(groups), size, len(CLASSES)))
        y = np.zeros((len(groups), size))
        of_group = events["origin_code"].where(events["origin_code"].isin(groups), EVERYONE)
        for g, group in enumerate(groups):
            np.add.at(x[g], place.to_numpy(), loads[group].loc[place.index].to_numpy())
            mine = events[(of_group == group) & events["terminal_id"].isin(place.index)]
            np.add.at(y[g], place[mine["terminal_id"]].to_numpy(), mine["events"].to_numpy())
        ends = [k for k, name in enumerate(CLASSES) if not name.startswith("transit")]
        persons = self.years * x[:, kept][:, :, ends].sum(axis=(1, 2))
        usual = (y[:, kept].sum(axis=1) + 0.5) / np.maximum(persons, 1.0)
        part = np.where(np.isin(np.arange(len(CLASSES)), ends), 1.0, _IN_TRANSIT)
        centre = np.log(usual[:, None] * part)
        many = centre.size

        def loss(parameters: Floats) -> tuple[float, Floats]:
            z, a = parameters[:many].reshape(centre.shape), parameters[many:]
            effort = np.exp(_EFFORT_SD * a)[at]
            parts = self.years * x * np.exp(centre + _RATE_SD * z)[:, None, :]
            parts *= effort[None, :, None]
            mean = parts.sum(axis=2) + 1e-6
            slope = np.where(kept, 1.0 - y / mean, 0.0)
            value = np.where(kept, mean - y * np.log(mean), 0.0).sum()
            gradient = np.concatenate(
                [
                    _RATE_SD * np.einsum("gj,gjk->gk", slope, parts).ravel(),
                    _EFFORT_SD
                    * np.bincount(at, (slope * parts.sum(axis=2)).sum(axis=0), len(provinces)),
                ]
            )
            value += 0.5 * float(parameters @ parameters)
            return value, gradient + parameters

        best = minimize(loss, np.zeros(many + len(provinces)), jac=True, method="L-BFGS-B",
                        options={"maxiter": 2000, "ftol": 1e-12})  # fmt: skip
        if not np.abs(best.jac).max() < 0.1:
            raise ModelError("observation.not_settled")
        z, a = best.x[:many].reshape(centre.shape), best.x[many:]
        self.rates_ = pd.DataFrame(np.exp(centre + _RATE_SD * z), groups, CLASSES)
        self.effort_ = pd.Series(np.exp(_EFFORT_SD * a), provinces)
        return self

    def watch(self, terminals: pd.DataFrame) -> dict[str, dict[tuple[str, str], float]]:
        """Node attribute ``watch`` of each terminal: ``{(group, role): events a year a person}``.

        Parameters
        ----------
        terminals : DataFrame
            ``id, kind, area_code``.
        """
        effort = terminals["area_code"].str[:2].map(self.effort_).fillna(1.0)
        return {
            str(row.id): {
                (group, role): float(factor * self.rates_.loc[group, role_class(role, row.kind)])
                for group in self.rates_.index
                for role in ("first", "exit", "transit")
            }
            for row, factor in zip(terminals.itertuples(index=False), effort, strict=True)
        }
