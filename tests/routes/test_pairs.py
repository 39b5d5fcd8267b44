"""Flows from regency to destination: sums against departures, shares against the evidence."""

from __future__ import annotations

import pytest

from routes.build.model import Build


def test_pairs_add_up_to_the_departures(build: Build) -> None:
    regencies = build.areas[build.areas["level"] == "regency"].set_index("code")["demand_mean"]
    pairs = build.pairs.groupby("code")["persons_mean"].sum()
    # the mean of the posterior against that of a hundred draws
    assert pairs.sum() == pytest.approx(regencies.sum(), rel=0.25)
    assert pairs["53.21"] == pytest.approx(regencies["53.21"], rel=0.3)


def test_pairs_are_what_the_evidence_says_of_the_province(build: Build) -> None:
    """Shares that no network can bend: orders of magnitude from DESTINATION_SHARES.md."""
    pairs = build.pairs.assign(province=build.pairs["code"].str[:2])
    persons = pairs.pivot_table(
        index="province", columns="destination_id", values="persons_mean", aggfunc="sum"
    )
    shares = persons.div(persons.sum(axis=1), axis=0)
    assert 0.1 < shares.loc["52", "to-saudi"] < 0.3, "NTB: 18 % stopped on the way to Saudi Arabia"
    assert shares.loc["53", "to-saudi"] < 0.02
    assert shares.loc["35", ["to-hong-kong", "to-taiwan"]].sum() > 0.08, "East Java"
    assert shares.loc["73", ["to-tawau", "to-kota-kinabalu"]].sum() > 0.4, "South Sulawesi: Sabah"
    assert shares.loc["12", "to-medan"] < 0.1, "people of North Sumatra do not set out for Medan"


def test_every_pair_has_the_parts_of_its_score(build: Build) -> None:
    """Hazard of the destination, index of the regency; nothing of the network."""
    pairs = build.pairs
    assert not pairs.duplicated(["code", "destination_id"]).any()
    assert pairs[["vulnerability", "hazard"]].stack().between(0, 10).all()
    hazard = build.destinations.set_index("id")["hazard"]
    assert (pairs["hazard"] == pairs["destination_id"].map(hazard)).all()
    assert (pairs.groupby("code")["vulnerability"].nunique() == 1).all()
