"""Parameters of the demand model."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DemandParameters"]


@dataclass(frozen=True, kw_only=True)
class DemandParameters:
    """Assumptions of the demand model.

    Attributes
    ----------
    draws : int
        Posterior draws of the departures of the regencies (:mod:`routes.demand.departures`).
    seed : int
        Of the posterior draws.
    elasticity : float
        Response of departures to vulnerability in a what-if of indicators (assumed 1,
        proportional). The counts on record do not identify it, so nothing else uses it.
    share_evidence : tuple of (province, persons)
        Effective sample behind the division of a region's share among its destinations
        (DESTINATION_SHARES.md); ``ID`` for the other provinces.

    Examples
    --------
    >>> DemandParameters(elasticity=1.5).elasticity
    1.5
    """

    draws: int = 1000
    seed: int = 53
    elasticity: float = 1.0
    share_evidence: tuple[tuple[str, float], ...] = (
        ("53", 100.0),
        ("52", 50.0),
        ("73", 50.0),
        ("35", 20.0),
        ("ID", 20.0),
    )
