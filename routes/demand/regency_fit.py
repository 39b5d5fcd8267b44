"""Shares of the regencies in the departures of their province, fitted to what names a home.

    share_r = softmax(ln population_r + s v_r),    v_r ~ N(0, 1),  ln s ~ N(ln 0.8, 0.15)

Each table of counts by home regency (stopped, returned, landed, died) is Dirichlet-multinomial
among the regencies it lists; one that does not list a regency says nothing about it. Deaths and
returns show the people who left over ten or twenty years, so tables of a *stock* carry a lasting
effect of the regency beside its share, ``exp(0.5 e_r)`` with ``e_r ~ N(0, 1)``: without it the
deaths alone decide who sends people. Where nothing is counted the share is that of the
population, with an interval that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routes.demand.likelihoods import dirichlet_multinomial, laplace_draws
from routes.estimator import Estimator

__all__ = ["HomeCounts", "RegencyFit", "simulated_homes"]

Floats = NDArray[np.float64]

_BETWEEN, _BETWEEN_SD = 0.8, 0.15
_LASTING_SD = 0.5
_CONCENTRATION = 60.0
_TABLE_PERSONS = 200.0


@dataclass(frozen=True)
class HomeCounts:
    """Persons by code of their home regency; ``stock`` where it shows people who left long ago.

    ``variance`` is what protection of a held count added, persons squared; ``name`` the measure.
    """

    persons: pd.Series
    stock: bool = False
    variance: pd.Series | None = None
    name: str = ""


@dataclass(eq=False)
class RegencyFit(Estimator):
    """Posterior of the regencies' shares within one province.

    Parameters
    ----------
    draws : int
        Posterior draws that are kept.
    seed : int

    Attributes
    ----------
    shares_ : DataFrame, (draws, regencies)
        Each row sums to 1.

    Examples
    --------
    >>> people = pd.Series({"53.01": 4e5, "53.02": 4e5})
    >>> stopped = HomeCounts(pd.Series({"53.01": 94.0, "53.02": 12.0}))
    >>> fit = RegencyFit(draws=100).fit(people, [stopped])
    >>> bool(fit.shares_["53.01"].mean() > 0.6)
    True
    """

    draws: int = 1000
    seed: int = 0
    shares_: pd.DataFrame = field(init=False, repr=False)

    def fit(self, population: pd.Series, tables: Sequence[HomeCounts] = ()) -> RegencyFit:
        """Fit to tables of counts; ``population`` gives the regencies and their persons."""
        codes = list(population.index)
        size = len(codes)
        log_population = np.log(population.to_numpy(float))
        streams = []
        for table in tables:
            persons = table.persons.reindex(codes)
            listed = persons.notna().to_numpy()
            if not persons.sum() > 0:
                continue
            counts = persons.fillna(0.0).to_numpy(float)
            weight = min(1.0, _TABLE_PERSONS / counts.sum())
            concentration = _CONCENTRATION
            if table.variance is not None:
                # the noise of protection is overdispersion: the concentration whose variance is
                # that of the table and of the rounding together
                noise = float(table.variance.reindex(codes).fillna(0.0).sum())
                concentration /= 1.0 + noise * _CONCENTRATION / counts.sum() ** 2
            streams.append((listed, weight * counts, table.stock, concentration))

        def log_shares(x: Floats) -> Floats:
            spread = _BETWEEN * np.exp(_BETWEEN_SD * x[0])
            logits = log_population + spread * x[1 : 1 + size]
            return np.asarray(logits - np.logaddexp.reduce(logits))

        def loss(x: Floats) -> tuple[float, Floats]:
            value, grad = 0.5 * float(x @ x), x.copy()
            spread = _BETWEEN * np.exp(_BETWEEN_SD * x[0])
            deviation, lasting = x[1 : 1 + size], x[1 + size :]
            for listed, counts, stock, concentration in streams:
                logits = log_population + spread * deviation + _LASTING_SD * stock * lasting
                part = np.where(listed, np.exp(logits - logits[listed].max()), 0.0)
                q = part / part.sum()
                loglik, by_share = dirichlet_multinomial(counts[listed], q[listed], concentration)
                slope = np.zeros(size)
                slope[listed] = q[listed] * (by_share - float(by_share @ q[listed]))
                value -= loglik
                grad[0] -= _BETWEEN_SD * spread * float(slope @ deviation)
                grad[1 : 1 + size] -= spread * slope
                grad[1 + size :] -= _LASTING_SD * stock * slope
            return value, grad

        rng = np.random.default_rng(self.seed)
        x = laplace_draws(loss, 1 + 2 * size, self.draws, rng)
        drawn = np.exp(np.array([log_shares(row) for row in x[1:]]))
        self.shares_ = pd.DataFrame(drawn, columns=codes)
        return self


def simulated_homes(
    population: pd.Series, tables: Sequence[HomeCounts], rng: np.random.Generator
) -> tuple[pd.Series, list[HomeCounts]]:
    """Shares drawn from the prior, and what the tables would then count.

    Parameters
    ----------
    population, tables
        As of :meth:`RegencyFit.fit`: the simulated tables list the same regencies, and as many
        persons as have weight.

    Examples
    --------
    >>> people = pd.Series({"53.01": 4e5, "53.02": 4e5})
    >>> stopped = HomeCounts(pd.Series({"53.01": 94.0, "53.02": 12.0}))
    >>> shares, (table,) = simulated_homes(people, [stopped], np.random.default_rng(0))
    >>> round(float(shares.sum()), 9), float(table.persons.sum())
    (1.0, 106.0)
    """
    spread = _BETWEEN * np.exp(_BETWEEN_SD * rng.standard_normal())
    logits = np.log(population) + spread * rng.standard_normal(len(population))
    lasting = _LASTING_SD * rng.standard_normal(len(population))
    shares = np.exp(logits - np.logaddexp.reduce(logits))
    counted = []
    for table in tables:
        persons = table.persons.reindex(population.index)
        listed = persons.notna() & (persons.sum() > 0)
        weights = np.exp(logits + table.stock * lasting)[listed]
        if not len(weights):
            continue
        parts = rng.dirichlet(_CONCENTRATION * weights / weights.sum())
        number = round(min(_TABLE_PERSONS, persons.sum()))
        drawn = pd.Series(rng.multinomial(number, parts).astype(float), weights.index)
        counted.append(HomeCounts(drawn, table.stock))
    return shares, counted
