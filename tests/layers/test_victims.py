"""Small cells of victims: an attacker with a solver narrows none that is not shown.

The attacker knows which places report, the totals of every place that publishes them or shows both
sexes, everything else the layer shows, that no victim is outside the regencies that report, and the
rules but for what follows from a family not being shown. Every count that is not shown must still
be able to be 0, and to be 10 or as many as its place has victims.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.disclosure import protected_counts
from layers.release import victims
from layers.release.victims import ATTRIBUTES, LEAST_PERSONS, YEARS, victim_families

_REGENCIES = ("53.01", "53.04", "53.71")
_FIRST = 2022
_AREAS = pd.DataFrame(
    [(code, code, -9.0, 124.0) for code in ("53", *_REGENCIES)],
    columns=["code", "name", "lat", "lon"],
)
_LARGE = 10_000


def _dataset(rng: np.random.Generator) -> pd.DataFrame:
    """Victims by attribute in some regencies, with totals of some of them and of the province."""
    rows: list[tuple[str, int, str, float]] = []
    sums: dict[tuple[int, str], int] = {}
    reporting = rng.choice(_REGENCIES, int(rng.integers(1, 4)), replace=False)
    scale = float(rng.choice([2, 6, 15, 60]))
    small = rng.random(len(reporting)) < 0.3
    totals = rng.random(len(reporting)) < 0.6
    forms = rng.choice(ATTRIBUTES["form"], int(rng.integers(1, 4)), replace=False).tolist()
    shares = rng.dirichlet(np.full(len(forms) + 1, 2.0))  # the last are of no form
    for code, is_small, has_total in zip(reporting, small, totals, strict=True):
        for year in range(_FIRST, _FIRST + YEARS):
            people = int(rng.poisson(2.0 if is_small else scale))
            male = int(rng.binomial(people, 0.4))
            child = int(rng.binomial(people, float(rng.choice([0.05, 0.5]))))
            counts = {"victims_male": male, "victims_female": people - male, "child_victims": child}
            counts |= dict(zip(forms, rng.multinomial(people, shares).tolist(), strict=False))
            for measure, value in counts.items():
                rows.append((code, year, measure, float(value)))
                sums[year, measure] = sums.get((year, measure), 0) + value
            if has_total:
                rows.append((code, year, "tppo_victims", float(people)))
            sums[year, "tppo_victims"] = sums.get((year, "tppo_victims"), 0) + people
    if rng.random() < 0.5:
        rows += [("53", year, measure, float(value)) for (year, measure), value in sums.items()]
    return pd.DataFrame(rows, columns=["place_code", "year", "measure", "value"])


def _narrowest(cells: pd.DataFrame) -> list[tuple[str, str, float, float, float]]:
    """Place, measure, bounds and what the total alone allows, of every count not shown."""
    shown = victim_families(cells, _AREAS)
    values = {(row.area_code, row.measure): row.value for row in shown.itertuples()}
    by_place = cells.groupby(["place_code", "measure"])["value"].sum()
    reporting = sorted(set(cells["place_code"]) - {"53"})
    published = {p: by_place[p, "tppo_victims"] for p in {*reporting, "53"}
                 if (p, "tppo_victims") in by_place.index}  # fmt: skip
    sexes = {p: sum(values.get((p, m), np.nan) for m in ATTRIBUTES["sex"]) for p in reporting}
    published = {p: n for p, n in sexes.items() if not np.isnan(n)} | published
    for (place, measure), value in values.items():
        if measure == "child_victims" and place in published:
            adults = published[place] - value
            assert adults == 0 or adults >= LEAST_PERSONS, (place, adults)
    out = []
    for attribute in ATTRIBUTES:
        measures = [*(m for m in ATTRIBUTES[attribute] if (cells["measure"] == m).any()), "rest"]
        column = {(p, m): k for k, (p, m) in enumerate(
            (p, m) for p in (*reporting, "53") for m in measures)}  # fmt: skip
        rows: list[tuple[dict[tuple[str, str], float], float, float]] = [
            ({("53", m): 1.0} | {(p, m): -1.0 for p in reporting}, 0, 0) for m in measures
        ]
        for place in (*reporting, "53"):
            if place in published:
                whole = float(published[place])
                rows.append(({(place, m): 1.0 for m in measures}, whole, whole))
        rows += [({key: 1.0}, value, value) for key, value in values.items() if key in column]
        if "sex" in attribute:
            rows += [({(p, "rest"): 1.0}, 0, 0) for p in (*reporting, "53") if p not in published]
        matrix = np.zeros((len(rows), len(column)))
        for n, (terms, _, _) in enumerate(rows):
            for key, weight in terms.items():
                matrix[n, column[key]] = weight
        limits = LinearConstraint(matrix, [row[1] for row in rows], [row[2] for row in rows])
        for place in reporting:
            for measure in measures[:-1]:
                if (place, measure) in values:
                    continue
                ends = []
                for sign in (1.0, -1.0):
                    aim = np.zeros(len(column))
                    aim[column[place, measure]] = sign
                    solved = milp(aim, integrality=np.ones(len(column)), constraints=limits,
                                  bounds=Bounds(0, _LARGE))  # fmt: skip
                    assert solved.status == 0, solved.message
                    ends.append(float(round(solved.x[column[place, measure]])))
                others = sum(published.get(p, 0.0) for p in reporting if p != place)
                people = published.get(place, published.get("53", _LARGE) - others)
                least = min(LEAST_PERSONS - 1, people)
                out.append((place, measure, ends[0], ends[1], float(least)))
    return out


def _narrowed(counts: list[tuple[str, str, float, float, float]]) -> list[Any]:
    return [count for count in counts if count[2] > 0 or count[3] < count[4]]


@pytest.mark.parametrize("batch", range(4))
def test_no_count_that_is_not_shown_is_narrowed(batch: int) -> None:
    hidden, families = 0, 0
    for seed in range(30 * batch, 30 * (batch + 1)):
        cells = _dataset(np.random.default_rng(seed))
        counts = _narrowest(cells)
        assert _narrowed(counts) == [], seed
        hidden += len(counts)
        families += len(victim_families(cells, _AREAS))
    assert hidden > 40
    assert families > 40


@pytest.mark.parametrize("leak", ["bounds of a regency", "each regency by itself"])
def test_the_attacker_finds_families_without_their_rule(
    leak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if leak == "bounds of a regency":
        monkeypatch.setattr(victims, "_is_free", lambda *_: True)
    else:  # what is left of the province is the others'
        monkeypatch.setattr(
            victims, "_unplaced", lambda _province, regencies: _only_safe(regencies)
        )
    found = 0
    for seed in range(60):
        found += bool(_narrowed(_narrowest(_dataset(np.random.default_rng(seed)))))
        if found > 3:
            return
    pytest.fail(f"{leak}: {found} found")


def _only_safe(regencies: dict[str, Any]) -> list[float]:
    for code in [code for code, family in regencies.items() if not family.is_safe]:
        del regencies[code]
    return []


def _rows(place: str, **counts: tuple[int, int, int]) -> list[tuple[str, int, str, float]]:
    return [
        (place, _FIRST + n, measure, float(value))
        for measure, values in counts.items()
        for n, value in enumerate(values)
    ]


def _ids(*rows: list[tuple[str, int, str, float]]) -> list[str]:
    cells = pd.DataFrame(list(chain(*rows)), columns=["place_code", "year", "measure", "value"])
    return victim_families(cells, _AREAS)["id"].tolist()


def test_a_family_is_shown_whole_or_not_at_all() -> None:
    large = {"victims_male": (4, 4, 4), "victims_female": (9, 0, 20)}
    assert _ids(_rows("53.01", **large)) == [
        f"{code}-2022-victims_{sex}" for code in ("53", "53.01") for sex in ("female", "male")
    ]
    assert _ids(_rows("53.01", victims_male=(4, 4, 2), victims_female=(9, 0, 20))) == []
    # children who are all but three of the victims
    children = {"child_victims": (10, 10, 10)}
    assert _ids(_rows("53.01", **children, tppo_victims=(11, 11, 11))) == []
    assert _ids(_rows("53.01", **children, tppo_victims=(20, 20, 20))) != []
    sexes = {"victims_male": (5, 5, 5), "victims_female": (6, 6, 6)}
    shown = _ids(_rows("53.01", **children, **sexes))
    assert {key.rpartition("-")[2] for key in shown} == set(sexes), "three adults would be known"


def test_a_regency_with_few_hides_the_others_and_a_year_that_is_missing_all() -> None:
    large = {"victims_male": (9, 9, 9), "victims_female": (9, 9, 9)}
    few = {"victims_male": (1, 0, 0), "victims_female": (0, 1, 0)}
    assert {key[:5] for key in _ids(_rows("53.01", **large), _rows("53.04", **few))} == {"53-20"}
    cells = _rows("53.01", **large)
    assert _ids([row for row in cells if row[1] != _FIRST + 1]) == []


def test_measures_of_two_attributes_are_never_shown() -> None:
    assert all("child_victims_" not in measure for m in ATTRIBUTES.values() for measure in m)
    assert _ids(_rows("53.01", child_victims_male=(50, 50, 50))) == []


def _held(rng: np.random.Generator) -> pd.DataFrame:
    """Held counts of two regencies and the province's published totals."""
    scale = float(rng.choice([2, 6, 15]))
    rows = [
        (code, year, measure, float(1 + rng.poisson(scale)), True)
        for year in range(_FIRST, _FIRST + YEARS)
        for code in _REGENCIES[:2]
        for measure in ("victims_male", "victims_female")
    ]
    return _counts(rows)


def _counts(rows: list[tuple[str, int, str, float, bool]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["place_code", "year", "measure", "value", "held"])
    about = {"origin_code": "", "period": "", "kind": "statistics", "unit": "person"}
    about |= {"legal_class": "tppo", "status": "identified", "how": "reported", "source": "x"}
    return frame.assign(**about)


def _protected(counts: pd.DataFrame, secret: int) -> dict[str, float]:
    cells = protected_counts(counts, secret=secret.to_bytes(32))
    shown = victim_families(cells, _AREAS)
    return dict(zip(shown["id"], shown["value"], strict=True))


def test_held_counts_that_are_shown_are_of_eleven_persons_at_least() -> None:
    """Three years of one person each may be rounded to five each."""
    shown_in = 0
    for seed in range(20):
        counts = _held(np.random.default_rng(seed))
        true = counts.groupby(["place_code", "measure"])["value"].sum()
        shown = _protected(counts, seed)
        shown_in += bool(shown)
        for key in shown:
            code, _, measure = key.split("-")
            people = true[code, measure] if len(code) > 2 else true.xs(measure, level=1).sum()
            assert people >= LEAST_PERSONS, (seed, key)
    assert 2 < shown_in < 20


def test_two_releases_leave_a_held_count_among_five_or_more() -> None:
    """Between them an office reports one more regency, of few or of many, or corrects it.

    Everything else is known, and the same in both; only the key is not. Whatever the two releases
    show, at least five counts of the regency give the same for some key.
    """
    names = ("victims_male", "victims_female", "victims_sexual_exploitation")
    years = range(_FIRST, _FIRST + YEARS)
    late = _REGENCIES[2]
    first = [(code, year, name, 40.0, False)
             for code in _REGENCIES[:2] for year in years for name in names]  # fmt: skip
    secrets, most = range(2), 14
    before = [_protected(_counts(first), secret) for secret in secrets]
    for measure, elsewhere in (("victims_male", 40.0), ("victims_sexual_exploitation", 3.0)):
        unknown = (late, _FIRST, measure)
        others = [(late, year, name, elsewhere if name == measure else 40.0, True)
                  for year in years for name in names
                  if (late, year, name) != unknown]  # fmt: skip
        meant: dict[str, set[int]] = {}
        for persons in range(most):
            counts = _counts([*first, *others, (*unknown, float(persons), True)])
            for secret in secrets:
                seen = repr((before[secret], _protected(counts, secret)))
                meant.setdefault(seen, set()).add(persons)
        inside = [c for c in meant.values() if min(c) > 0 and max(c) < most - 1]
        assert inside
        assert all(max(counts) - min(counts) >= 4 for counts in inside), measure
