"""Departures of every province, fitted to what is counted where its people land again.

One posterior for the departures a year ``D_p`` of each province and the share ``pi_p(R)`` of each
region of destination, given the streams that no post and no unofficial landing has a part in:

    ln D_p          = ln population_p + ln 4e-4 + mu + b x_p + s u_p
    pi_p            = softmax(ln prior_p + 0.6 z_p)
    F_pR            = D_p pi_p(R)
    landings        ~ NegBin(delta_R sum_p F_pR, kappa)    persons deported from R in a year
    split of them   ~ DirichletMultinomial(C F_pR / sum_p F_pR)
    sent            ~ NegBin(0.5 w D_p, 8)                 women sent out, by an office's estimate

with standard normal ``mu, u, z``, ``b ~ N(0.5, 0.25)``, ``ln s ~ N(ln 0.8, 0.15)``, ``ln delta_R =
ln 0.15 + 0.5 d + 0.35 d_R`` and ``ln w ~ N(ln 0.35, 0.6)``. ``x_p`` is the logarithm of registered
placements a head over the nation's: they are not departures, but where hardly anybody leaves by the
book, hardly anybody knows a recruiter, and of most such provinces no landing says anything.
Deportees are a stock that comes back: ``delta`` is persons landed a year for each who departs in a
year, and no more is known of it than its prior, so the level of the nation is known within a factor
of about 1.5 each way and the mix of provinces much better. A landing counts people who came off the
same few ships: a split has at most :data:`SPLIT_PERSONS` persons' weight (overdispersion). The mode
is found by L-BFGS with the gradient by hand, the posterior approximated by a normal at it (Laplace;
Tierney and Kadane 1986).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import ModelError
from routes.demand.likelihoods import dirichlet_multinomial, laplace_draws, negative_binomial
from routes.estimator import Estimator

__all__ = [
    "SPLIT_PERSONS",
    "LandingSplit",
    "LandingTotal",
    "ProvinceFit",
    "ProvincePosterior",
    "SentOut",
]

Floats = NDArray[np.float64]

SPLIT_PERSONS = 200.0
"""Largest weight of one table of landings by province, persons."""

_RATE, _RATE_SD = 4e-4, 1.0
_BETWEEN, _BETWEEN_SD = 0.8, 0.15
_SLOPE, _SLOPE_SD = 0.5, 0.25
_SHARE_SD = 0.6
_RETURNED, _RETURNED_SD, _REGION_SD = 0.15, 0.5, 0.35
_CONCENTRATION = 100.0
_WOMEN, _WOMEN_SD, _SENT_KAPPA = 0.35, 0.6, 8.0
_SENT_SEEN = 0.5


@dataclass(frozen=True)
class LandingTotal:
    """Persons deported from a region of destination in a year, scaled to twelve months.

    ``kappa`` is the size of the negative binomial: 18 for a full count of one landing place, less
    where the figure is a sum over places of different years.
    """

    region: str
    persons: float
    kappa: float = 18.0


@dataclass(frozen=True)
class LandingSplit:
    """Deportees from one region by province of origin; a key may name several (``"32,33"``)."""

    region: str
    persons: Mapping[str, float]


@dataclass(frozen=True)
class SentOut:
    """Women of a province sent out a year by an office's estimate, scaled to twelve months."""

    province: str
    persons: float


@dataclass(frozen=True, eq=False)
class _Layout:
    """Positions of the parameters in one vector of standard normal variables."""

    provinces: int
    regions: int
    landed: int

    @property
    def size(self) -> int:
        return 4 + self.provinces * (1 + self.regions) + 1 + self.landed

    def split(self, x: Floats) -> tuple[float, float, float, float, Floats, Floats, float, Floats]:
        p, r = self.provinces, self.regions
        u, rest = x[4 : 4 + p], x[4 + p :]
        shares, rest = rest[: p * r].reshape(p, r), rest[p * r :]
        return (x[0], x[1], x[2], x[3], u, shares, rest[0], rest[1:])


@dataclass(eq=False)
class ProvinceFit(Estimator):
    """Posterior of departures by province and region of destination.

    Parameters
    ----------
    draws : int
        Posterior draws that are kept.
    seed : int

    Attributes
    ----------
    departures_ : DataFrame, (draws, provinces)
        Persons a year.
    shares_ : array, (draws, provinces, regions)

    Examples
    --------
    >>> fit = ProvinceFit(draws=50).fit(
    ...     pd.Series({"53": 5.4e6, "73": 9.1e6}),
    ...     pd.DataFrame({"Sabah": [0.5, 0.6], "home": [0.5, 0.4]}, index=["53", "73"]),
    ...     totals=[LandingTotal("Sabah", 2_500.0)],
    ...     splits=[LandingSplit("Sabah", {"53": 659.0, "73": 2_348.0})],
    ... )
    >>> bool(fit.departures_["73"].median() > fit.departures_["53"].median())
    True
    """

    draws: int = 1000
    seed: int = 0
    departures_: pd.DataFrame = field(init=False, repr=False)
    shares_: Floats = field(init=False, repr=False)

    def fit(
        self,
        population: pd.Series,
        prior_shares: pd.DataFrame,
        *,
        totals: Sequence[LandingTotal] = (),
        splits: Sequence[LandingSplit] = (),
        sent: Sequence[SentOut] = (),
        placements: pd.Series | None = None,
    ) -> ProvinceFit:
        """Fit to the streams.

        Parameters
        ----------
        population : Series
            Persons by province code.
        prior_shares : DataFrame
            Shares of the regions (columns) by province (rows), positive; rows are normalised.
        placements : Series, optional
            Registered placements a head by province, positive; of one without (NaN) as the
            nation's, and without any all are alike.

        Raises
        ------
        ModelError
            A province or region of a stream is not in the tables, or the mode is not found.
        """
        target = ProvincePosterior(population, prior_shares, totals, splits, sent, placements)
        rng = np.random.default_rng(self.seed)
        x = laplace_draws(target.loss, target.layout.size, self.draws, rng)
        flows = np.exp(np.array([target.log_flow(row) for row in x[1:]]))
        self.departures_ = pd.DataFrame(flows.sum(axis=2), columns=list(population.index))
        self.shares_ = flows / flows.sum(axis=2, keepdims=True)
        return self


class ProvincePosterior:
    """Minus the logarithm of the posterior density, and its gradient; arguments as of
    :meth:`ProvinceFit.fit`.
    """

    def __init__(
        self,
        population: pd.Series,
        prior_shares: pd.DataFrame,
        totals: Sequence[LandingTotal],
        splits: Sequence[LandingSplit],
        sent: Sequence[SentOut],
        placements: pd.Series | None = None,
    ) -> None:
        codes, regions = list(population.index), list(prior_shares.columns)
        self.streams = (totals, splits, sent)
        self.log_population = np.log(population.to_numpy(float))
        self.log_placements = np.zeros(len(codes))
        if placements is not None and placements.reindex(codes).notna().any():
            rates = placements.reindex(codes)
            nation = np.average(rates.dropna(), weights=population[rates.notna()])
            self.log_placements = np.log(rates / nation).fillna(0.0).to_numpy(float)
        prior = prior_shares.reindex(codes).to_numpy(float)
        known = self.log_population + self.log_placements
        if np.isnan(prior).any() or not np.isfinite(known).all():
            raise ModelError("demand.no_prior")
        self.log_prior = np.log(prior / prior.sum(axis=1, keepdims=True))
        landed = sorted({t.region for t in totals})
        self.layout = _Layout(len(codes), len(regions), len(landed))
        places = {*codes, *regions}
        for place in (
            *(t.region for t in totals),
            *(t.region for t in splits),
            *(code for t in splits for key in t.persons for code in key.split(",")),
            *(s.province for s in sent),
        ):
            if place not in places:
                raise ModelError("demand.unknown_place", place=place)
        self.totals = [
            (regions.index(t.region), landed.index(t.region), t.persons, t.kappa) for t in totals
        ]
        self.splits = []
        for table in splits:
            cells = np.array([[c in key.split(",") for c in codes] for key in table.persons], float)
            counts = np.array(list(table.persons.values()), float)
            counts *= min(1.0, SPLIT_PERSONS / counts.sum())
            self.splits.append((regions.index(table.region), cells, counts))
        self.sent = [(codes.index(s.province), s.persons) for s in sent]

    def _logs(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        mu, ls, _, b, u, z, _, _ = self.layout.split(x)
        spread = _BETWEEN * np.exp(_BETWEEN_SD * ls)
        slope = (_SLOPE + _SLOPE_SD * b) * self.log_placements
        log_d = self.log_population + np.log(_RATE) + _RATE_SD * mu + slope + spread * u
        logits = self.log_prior + _SHARE_SD * z
        logits = logits - logits.max(axis=1, keepdims=True)
        log_pi = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return log_d, log_pi, spread * u

    def log_flow(self, x: Floats) -> Floats:
        """``ln F_pR``, shape (provinces, regions)."""
        log_d, log_pi, _ = self._logs(x)
        return np.asarray(log_d[:, None] + log_pi)

    def loss(self, x: Floats) -> tuple[float, Floats]:
        """Minus the logarithm of the posterior density at parameters ``x``, and its gradient."""
        _, _, women, _, _, _, common, by_region = self.layout.split(x)
        log_d, log_pi, deviation = self._logs(x)
        flow = np.exp(log_d[:, None] + log_pi)
        total = flow.sum(axis=0)
        value, grad = 0.5 * float(x @ x), x.copy()
        d_flow = np.zeros_like(flow)  # by ln F
        d_log_d = np.zeros(len(log_d))
        d_common, d_region, d_women = 0.0, np.zeros(len(by_region)), 0.0
        for region, place, persons, kappa in self.totals:
            log_delta = np.log(_RETURNED) + _RETURNED_SD * common + _REGION_SD * by_region[place]
            mean = np.exp(log_delta) * total[region]
            loglik, slope = negative_binomial(persons, mean, kappa)
            value -= loglik
            d_flow[:, region] += slope * flow[:, region] / total[region]
            d_common += slope * _RETURNED_SD
            d_region[place] += slope * _REGION_SD
        for region, cells, counts in self.splits:
            inside = cells.sum(axis=0) > 0
            part = np.where(inside, flow[:, region], 0.0)
            q = part / part.sum()
            loglik, slopes = dirichlet_multinomial(counts, cells @ q, _CONCENTRATION)
            value -= loglik
            by_q = cells.T @ slopes
            d_flow[:, region] += q * (by_q - float(by_q @ q))
        for province, persons in self.sent:
            mean = _SENT_SEEN * _WOMEN * np.exp(_WOMEN_SD * women + log_d[province])
            loglik, slope = negative_binomial(persons, mean, _SENT_KAPPA)
            value -= loglik
            d_log_d[province] += slope
            d_women += slope * _WOMEN_SD
        d_log_d += d_flow.sum(axis=1)
        d_logits = d_flow - np.exp(log_pi) * d_flow.sum(axis=1, keepdims=True)
        p, r = flow.shape
        spread = _BETWEEN * np.exp(_BETWEEN_SD * x[1])
        grad[0] -= _RATE_SD * d_log_d.sum()
        grad[1] -= _BETWEEN_SD * float(d_log_d @ deviation)
        grad[2] -= d_women
        grad[3] -= _SLOPE_SD * float(d_log_d @ self.log_placements)
        grad[4 : 4 + p] -= spread * d_log_d
        grad[4 + p : 4 + p + p * r] -= (_SHARE_SD * d_logits).ravel()
        grad[4 + p + p * r] -= d_common
        grad[5 + p + p * r :] -= d_region
        return value, grad

    def simulated(
        self, rng: np.random.Generator
    ) -> tuple[Floats, list[LandingTotal], list[LandingSplit], list[SentOut]]:
        """Parameters drawn from the prior, and what the streams would then count.

        Returns
        -------
        array, shape (provinces, regions)
            Persons a year.
        lists
            Streams of the same places and, for splits, as many persons as have weight.
        """
        x = rng.standard_normal(self.layout.size)
        _, _, women, _, _, _, common, by_region = self.layout.split(x)
        flow = np.exp(self.log_flow(x))
        totals, splits, sent = self.streams

        def counted(mean: float, kappa: float) -> float:
            return float(rng.poisson(mean * rng.gamma(kappa) / kappa))

        landed = []
        for total, (region, place, _, kappa) in zip(totals, self.totals, strict=True):
            delta = _RETURNED * np.exp(_RETURNED_SD * common + _REGION_SD * by_region[place])
            persons = counted(delta * flow[:, region].sum(), kappa)
            landed.append(LandingTotal(total.region, persons, kappa))
        divided = []
        for split, (region, cells, counts) in zip(splits, self.splits, strict=True):
            part = cells @ flow[:, region]
            shares = rng.dirichlet(_CONCENTRATION * part / part.sum())
            drawn = rng.multinomial(round(counts.sum()), shares)
            by_key = {key: float(number) for key, number in zip(split.persons, drawn, strict=True)}
            divided.append(LandingSplit(split.region, by_key))
        women_sent = []
        for row, (province, _) in zip(sent, self.sent, strict=True):
            mean = _SENT_SEEN * _WOMEN * np.exp(_WOMEN_SD * women) * flow[province].sum()
            women_sent.append(SentOut(row.province, counted(float(mean), _SENT_KAPPA)))
        return flow, landed, divided, women_sent
