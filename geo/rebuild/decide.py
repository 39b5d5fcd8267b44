"""Classify settlements that have only coordinates and a province by regency and district.

Two kinds of evidence are combined by mean-field updates on district labels, province by province:

* names: a settlement may be in any district that has the name, or a village of that name, or in any
  district of the regency whose seat has that name;
* neighbours: settlements nearby, and official islands (whose regency is known) nearby, lie in the
  same district or regency more often than not; neighbours across water count for less.

``q_i(D) ~ (e + M_i(D))^A  (e_d + s_i(D))^B  (e_r + S_i(reg D))^C`` where ``M`` is the name
evidence, ``s`` and ``S`` the distance-weighted shares of the neighbours' labels by district and by
regency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.sphere import EARTH_KM, on_sphere

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Weights:
    """Strength of the evidence; chosen on NTT, Bali and West Java, then kept for the nation.

    Attributes:
        name, district, regency: exponents A, B, C of the formula above.
        range_km: e-folding distance of a neighbour's vote.
        neighbours, islets: how many nearest settlements and official islands vote.
        across_water: factor on the vote of a neighbour on another island.
        islet: factor on the vote of an official island.
        same_islet: further factor where settlement and island point share a small island.
        seat: further factor where the point is the stated seat of a regency, not an islet.
        rounds: mean-field updates.
    """

    name: float = 2.5
    district: float = 1.0
    regency: float = 3.0
    range_km: float = 9.0
    neighbours: int = 25
    islets: int = 4
    across_water: float = 0.1
    islet: float = 0.5
    same_islet: float = 4.0
    seat: float = 16.0
    rounds: int = 12


@dataclass(frozen=True)
class Province:
    """Data of one province; n settlements, d districts, r regencies.

    Attributes:
        lat, lon: degrees, shape (n,).
        island: index of the land polygon under each settlement, -1 none, shape (n,).
        small: whether that polygon is a small island, shape (n,).
        names: name evidence, 0 none, 1 equal name, shape (n, d).
        regency_of: regency index of each district, shape (d,).
        pinned: index of the regency whose seat a settlement certainly is, else -1, shape (n,).
        islet_lat, islet_lon, islet_island, islet_regency: official islands, shape (m,).
        islet_seat: whether the point is the stated seat of a regency, shape (m,).
    """

    lat: Floats
    lon: Floats
    island: Ints
    small: NDArray[np.bool_]
    names: Floats
    regency_of: Ints
    pinned: Ints
    islet_lat: Floats
    islet_lon: Floats
    islet_island: Ints
    islet_regency: Ints
    islet_seat: NDArray[np.bool_]


def to_xyz(lat: Floats, lon: Floats) -> Floats:
    """Return positions on the sphere in km, shape (n, 3); chords equal arcs at these ranges."""
    return EARTH_KM * on_sphere(lat, lon)


def nearest(points: Floats, queries: Floats, count: int) -> tuple[Floats, Ints]:
    """Return distances (km) and indices of the ``count`` nearest, both shape (q, count)."""
    distance, index = cKDTree(points).query(queries, k=count)
    shape = (len(queries), count)
    return np.reshape(distance, shape), np.reshape(index, shape).astype(np.int64)


def _islet_votes(province: Province, weights: Weights, regencies: int) -> Floats:
    votes = np.zeros((len(province.lat), regencies))
    count = min(weights.islets, len(province.islet_lat))
    if count == 0:
        return votes
    distance, index = nearest(
        to_xyz(province.islet_lat, province.islet_lon), to_xyz(province.lat, province.lon), count
    )
    vote = np.exp(-distance / weights.range_km) * weights.islet
    shared = (province.islet_island[index] == province.island[:, None]) & province.small[:, None]
    vote = np.where(shared, vote * weights.same_islet, vote)
    vote = np.where(province.islet_seat[index], vote * weights.seat, vote)
    rows = np.repeat(np.arange(len(province.lat)), count)
    np.add.at(votes, (rows, province.islet_regency[index].ravel()), vote.ravel())
    return votes


def decide(province: Province, weights: Weights | None = None) -> Floats:
    """Return the probability of each district, shape (n, d); rows sum to 1."""
    weights = weights or Weights()
    n, d = province.names.shape
    r = int(province.regency_of.max()) + 1
    member = np.zeros((d, r))
    member[np.arange(d), province.regency_of] = 1.0
    xyz = to_xyz(province.lat, province.lon)
    count = min(weights.neighbours, n - 1)
    distance, index = nearest(xyz, xyz, count + 1)
    distance, index = distance[:, 1:], index[:, 1:]
    same_island = province.island[index] == province.island[:, None]
    vote = np.exp(-distance / weights.range_km) * np.where(same_island, 1.0, weights.across_water)
    islets = _islet_votes(province, weights, r)

    closed = (province.pinned[:, None] >= 0) & (province.pinned[:, None] != province.regency_of)
    matched = province.names.max(axis=1) > 0
    ambiguity = np.sqrt(np.maximum((province.names > 0).sum(axis=1), 1))
    log_names = np.log(0.02 + province.names)
    q = province.names + 1e-6
    q /= q.sum(axis=1, keepdims=True)
    # At first only settlements with a name match vote, the ambiguous ones with less weight.
    trust = np.where(matched, np.minimum(province.names.max(axis=1), 1.0) / ambiguity, 0.0)
    for turn in range(weights.rounds):
        district_votes = q * trust[:, None]
        by_district = np.zeros((n, d))
        by_regency = islets.copy()
        regency_votes = district_votes @ member
        for k in range(count):
            by_district += vote[:, k, None] * district_votes[index[:, k]]
            by_regency += vote[:, k, None] * regency_votes[index[:, k]]
        by_district /= by_district.sum(axis=1, keepdims=True) + 0.05
        by_regency /= by_regency.sum(axis=1, keepdims=True) + 0.02
        log_q = (
            weights.name * log_names
            + weights.district * np.log(0.01 / d + by_district)
            + weights.regency * np.log(0.01 / r + by_regency[:, province.regency_of])
        )
        log_q[closed] = -1e9
        log_q -= log_q.max(axis=1, keepdims=True)
        q = np.exp(log_q)
        q /= q.sum(axis=1, keepdims=True)
        unmatched = 0.1 if turn == 0 else 0.5
        trust = np.where(matched, 0.6 + 0.4 * q.max(axis=1), unmatched)
    return q
