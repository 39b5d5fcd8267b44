"""An attacker with a solver, who sees all that any tier sees of held counts, narrows no cell.

The attacker knows the code, which cells there are, what contains what and that counts only grow
from one release to the next; sees the rows of every tier and release, and has inverted the model's
fits exactly, so knows what plans and departures rest on (:func:`geo.disclosure.pooled_counts`).
Unknown are the true counts and the secret. Each true count is bounded by two mixed-integer programs
(HiGHS): no fewer than five values (least to largest at least 4) may be left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.disclosure import BASE, pooled_counts, protected_counts
from layers.query.conditions import Compare
from layers.release.counts import published_counts
from layers.release.release import Release
from layers.schema import TIERS

NARROWEST = 4
_LARGE = 10_000
_CELL = ["place_code", "origin_code", "year", "kind"]
_PLACES = ("53.01", "53.04")
_ORIGINS = ("", "53.04", "53.71", "35")

Key = tuple[str, str, float, str]
Sum = tuple[list[tuple[int, Key]], float, float]
"""Cells by number of the release, and bounds of the sum of their true counts."""


def _areas() -> pd.DataFrame:
    rows = [{"code": c, "name": c, "lat": -9.0, "lon": 124.0} for c in ("53", *_PLACES)]
    return pd.DataFrame(rows)


def _dataset(rng: np.random.Generator) -> pd.DataFrame:
    """Held counts of one measure: stops by origin, checkpoints' and the province's own sums."""
    row = {"measure": "persons_stopped", "unit": "person", "legal_class": "unknown", "held": True}
    row |= {"source": "", "period": "", "terminal_id": "t"}
    rows = []
    for year in (2022.0, 2023.0, 2024.0):
        province = 0
        for place in _PLACES:
            chosen = rng.choice(_ORIGINS, size=rng.integers(1, 3), replace=False)
            values = rng.choice([0, 1, 2, 3, 4, 5, 6, 9, 13], size=len(chosen))
            rows += [
                {**row, "place_code": place, "origin_code": origin, "year": year,
                 "kind": "interception", "value": float(value)}
                for origin, value in zip(chosen, values, strict=True)
            ]  # fmt: skip
            place_sum = int(values.sum()) + int(rng.choice([0, 0, 1, 7]))
            if rng.random() < 0.4:
                rows.append({**row, "place_code": place, "origin_code": "", "year": year,
                             "kind": "total", "value": float(place_sum)})  # fmt: skip
            province += place_sum
        if rng.random() < 0.5:
            value = float(province + rng.choice([0, 2, 11]))
            own = {"place_code": "53", "origin_code": "", "year": year, "kind": "total"}
            rows.append({**row, **own, "value": value})
    return pd.DataFrame(rows)


def _later(counts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A count corrected upwards and a new one; sums that contain them grow with them."""
    table = counts.copy()
    changed = table.loc[rng.choice(table.index[table["kind"] == "interception"])]
    table.loc[table.index == changed.name, "value"] += 1.0
    inside = (table["kind"] == "total") & (table["year"] == changed["year"])
    inside &= table["place_code"].map(changed["place_code"].startswith)
    table.loc[inside, "value"] += 1.0
    new = changed.to_dict() | {"origin_code": "21", "year": 2025.0, "value": 3.0}
    return pd.concat([table, pd.DataFrame([new])], ignore_index=True)


class Attack:
    """What is known of the true counts of some releases, as a mixed-integer program."""

    def __init__(self, releases: Iterable[pd.DataFrame], secret: bytes) -> None:
        self.columns: dict[tuple[Any, ...], int] = {}
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._rows: list[tuple[dict[int, float], float, float]] = []
        self.true: list[dict[Key, float]] = []
        for number, counts in enumerate(releases):
            cells = counts.set_index(_CELL)["value"].to_dict()
            self.true.append(cells)
            for key in cells:
                self._rounding(number, key)
                if number and key in self.true[number - 1]:
                    self._add({("v", number, key): 1, ("v", number - 1, key): -1}, 0, _LARGE)
            rows = published_counts(protected_counts(counts, secret=secret), _areas())
            self._sums(number)
            self._rows_seen(number, rows)
            self._pools_seen(number, pooled_counts(counts, secret=secret))

    def _column(self, name: tuple[Any, ...], low: float = 0, high: float = _LARGE) -> int:
        if name not in self.columns:
            self.columns[name] = len(self.columns)
            self._lower.append(low)
            self._upper.append(high)
        return self.columns[name]

    def _add(self, terms: Mapping[tuple[Any, ...], float], low: float, high: float) -> None:
        row = {self._column(name): weight for name, weight in terms.items()}
        self._rows.append((row, low, high))

    def _rounding(self, number: int, key: Key) -> None:
        """``v + s`` lies in ``5 k .. 5 k + 4``; ``s = S + 2 year - 5 m``. Parts show ``5 k``."""
        place, origin, year, kind = key
        cell = (place, origin if kind == "interception" else "")
        self._column(("S", *cell), 0, BASE - 1)
        self._column(("s", *cell, year), 0, BASE - 1)
        turned = 2 * int(year)
        self._add({("s", *cell, year): 1, ("S", *cell): -1, ("m", *cell, year): BASE},
                  turned, turned)  # fmt: skip
        self._add({("v", number, key): 1, ("s", *cell, year): 1, ("k", number, key): -BASE},
                  0, BASE - 1)  # fmt: skip

    def _parts(self, number: int, whole: Key) -> list[Key]:
        """What a sum contains, without what other sums in it contain."""
        cells = self.true[number]
        inside = [k for k in cells if k[0].startswith(whole[0]) and k[2] == whole[2] and k != whole]
        summed = {k[0] for k in inside if k[3] == "total"}
        return [k for k in inside if k[3] == "total" or k[0] not in summed]

    def _shown(self, number: int, key: Key) -> tuple[tuple[Any, ...], float]:
        """Column of a cell as protected, and the factor of its persons."""
        return (("w", number, key), 1.0) if key[3] == "total" else (("k", number, key), float(BASE))

    def _sums(self, number: int) -> None:
        """A sum contains its parts and shows the larger of both, or exactly theirs if equal."""
        for whole in (k for k in self.true[number] if k[3] == "total"):
            parts = self._parts(number, whole)
            v, w = ("v", number, whole), ("w", number, whole)
            beyond = {v: 1.0} | {("v", number, k): -1.0 for k in parts}
            self._add(beyond, 0, _LARGE)
            above = {w: 1.0} | {name: -f for name, f in (self._shown(number, k) for k in parts)}
            self._add(above, 0, _LARGE)
            free, lower, equal = (("case", n, number, whole) for n in range(3))
            for case in (free, lower, equal):
                self._column(case, 0, 1)
            self._add({free: 1, lower: 1, equal: 1}, 1, 1)
            over = {w: 1.0, ("k", number, whole): -float(BASE)}
            self._add({**over, free: _LARGE}, -_LARGE, _LARGE)  # w = 5 k where free
            self._add({**over, equal: _LARGE}, 0, 2 * _LARGE)  # 5 k <= w but where equal
            self._add({**above, free: -_LARGE}, -_LARGE, 0)  # w = parts where not free
            self._add({**beyond, equal: _LARGE}, 0, _LARGE)  # v = parts where equal

    def _rows_seen(self, number: int, rows: pd.DataFrame) -> None:
        """A place's row is its sum where it has one, else its parts."""
        values = rows.set_index(["area_code", "year"])["value"].to_dict()
        for place, year in {(k[0], k[2]) for k in self.true[number]}:
            cells = [k for k in self.true[number] if (k[0], k[2]) == (place, year)]
            shown = [k for k in cells if k[3] == "total"] or cells
            seen = values[(place, int(year))]
            self._add(dict(self._shown(number, k) for k in shown), seen, seen)

    def _pools_seen(self, number: int, pools: pd.DataFrame) -> None:
        for row in pools.to_dict("records"):
            at = (row["place_code"], row["origin_code"], row["kind"])
            cells = [k for k in self.true[number] if (k[0], k[1], k[3]) == at]
            self._add(dict(self._shown(number, k) for k in cells), row["value"], row["value"])

    def learn(self, sums: Iterable[Sum]) -> None:
        """Add what somebody discloses of sums of true counts."""
        for cells, low, high in sums:
            self._add({("v", number, key): 1.0 for number, key in cells}, low, high)

    def width(self, number: int, key: Key) -> float:
        """Largest less least count that the cell may have."""
        column = self.columns[("v", number, key)]
        size = len(self.columns)
        matrix = np.zeros((len(self._rows), size))
        for n, (row, _, _) in enumerate(self._rows):
            for at, weight in row.items():
                matrix[n, at] += weight
        limits = LinearConstraint(
            matrix, [row[1] for row in self._rows], [row[2] for row in self._rows]
        )
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(size)
            aim[column] = sign
            solved = milp(aim, integrality=np.ones(size), constraints=limits,
                          bounds=Bounds(self._lower, self._upper))  # fmt: skip
            assert solved.status == 0, solved.message
            ends.append(round(solved.x[column]))
        assert ends[0] <= self.true[number][key] <= ends[1], "the attacker's knowledge is true"
        return float(ends[1] - ends[0])


def _attack(seed: int) -> tuple[Attack, list[tuple[int, Key]]]:
    rng = np.random.default_rng(seed)
    first = _dataset(rng)
    attack = Attack([first, _later(first, rng)], rng.bytes(32))
    targets = [(n, key) for n, cells in enumerate(attack.true) for key in cells]
    return attack, [targets[i] for i in rng.permutation(len(targets))]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_no_cell_is_narrowed(seed: int) -> None:
    attack, targets = _attack(seed)
    widths = {target: attack.width(*target) for target in targets[:4]}
    assert min(widths.values()) >= NARROWEST, widths


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1060))
def test_no_cell_is_narrowed_in_many_datasets(seed: int) -> None:
    attack, targets = _attack(seed)
    assert min(attack.width(*target) for target in targets) >= NARROWEST


def _anew(true: float, rng: np.random.Generator) -> tuple[float, float]:
    """Least and largest count that one more rounding, with a number of its own, leaves."""
    shown = BASE * ((true + rng.integers(BASE)) // BASE)
    return max(shown - 4, 0), shown + 4


@pytest.mark.slow
@pytest.mark.parametrize("leak", ["years pooled before rounding", "another key"])
def test_a_second_rounding_is_a_leak_that_the_attack_finds(leak: str) -> None:
    narrowed = 0
    for seed in range(6):
        attack, targets = _attack(seed)
        rng = np.random.default_rng(seed)
        sums: dict[tuple[Any, ...], list[tuple[int, Key]]] = {}
        for key in attack.true[0]:
            place, origin, _, kind = key
            over = key if leak == "another key" else (place, origin, kind)
            sums.setdefault(over, []).append((0, key))
        attack.learn(
            (cells, *_anew(sum(attack.true[n][key] for n, key in cells), rng))
            for cells in sums.values()
        )
        narrowed += min(attack.width(*target) for target in targets[:4]) < NARROWEST
    assert narrowed >= 3


def _queries(release: Release, rng: np.random.Generator, number: int) -> list[frozenset[Any]]:
    """Rows of answers to questions of any tier: ``(id, year, value)`` each."""
    answers = []
    for _ in range(number):
        filters: dict[str, Any] = {}
        where = None
        if rng.random() < 0.5:
            filters["level"] = str(rng.choice(["regency", "province"]))
        if rng.random() < 0.5:
            where = Compare(
                "year", str(rng.choice(["<", ">=", "="])), int(rng.integers(2022, 2026))
            )
        west, south = rng.uniform(119, 124.5), rng.uniform(-11, -8)
        box = (west, south, west + rng.uniform(0, 4), south + rng.uniform(0, 2))
        page = release.features(
            "counts", str(rng.choice(TIERS)), province="53", limit=1000, filters=filters,
            where=where, bbox=box if rng.random() < 0.7 else None,
        )  # fmt: skip
        rows = (feature["properties"] for feature in page.features)
        answers.append(frozenset((row["id"], row["value"], row["total"]) for row in rows))
    return answers


@pytest.mark.slow
def test_differences_of_answers_recover_no_more_than_a_rounded_cell(
    small_build: Any, publish_in: Callable[[Any, str], Release]
) -> None:
    """50,000 pairs of answers, of one release and of two: what a pair isolates is a rounded cell,
    the same in every pair, so that nothing is gained by asking again.
    """
    rng = np.random.default_rng(2018)
    counts = [_dataset(rng)]
    counts.append(_later(counts[0], rng))
    secret, answers, true = rng.bytes(32), [], []
    for number, table in enumerate(counts):
        cells = protected_counts(table, secret=secret)
        with publish_in(replace(small_build, counts=cells), f"release-{number}") as release:
            answers.append(_queries(release, rng, 400))
        stops = table[table["place_code"] != "53"].groupby(["place_code", "year", "kind"])["value"]
        largest = stops.sum().groupby(level=[0, 1]).max()
        true.append({f"{place}-{int(year)}-interceptions": value
                     for (place, year), value in largest.items()})  # fmt: skip
    isolated: dict[tuple[int, Any], set[int]] = {}
    for _ in range(50_000):
        one, two = (int(n) for n in rng.integers(2, size=2))
        more, less = (answers[n][rng.integers(400)] for n in (one, two))
        difference = sum(row[1] for row in more) - sum(row[1] for row in less)
        assert difference % BASE == 0
        if one == two and less < more and len(more) == len(less) + 1:
            (row,) = more - less
            isolated.setdefault((one, row[0]), set()).add(difference)
    assert len(isolated) >= 8
    for (number, cell), values in isolated.items():
        (value,) = values
        least, largest = max(value - 4, 0), value + 4
        assert largest - least >= NARROWEST
        if cell in true[number]:
            assert value - 4 * 4 <= true[number][cell] <= value + 4 * 4
