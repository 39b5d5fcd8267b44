"""One table at the end of a benchmark run: what was measured, beside its target."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class Row:
    """A measurement and what it should be."""

    what: str
    value: float
    unit: str
    target: float | None
    at_most: bool
    note: str

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target

    def cells(self) -> list[str]:
        sign = "<=" if self.at_most else ">="
        target = "" if self.target is None else f"{sign} {self.target:g} {self.unit}"
        met = {True: "yes", False: "NO", None: ""}[self.met]
        return [self.what, f"{self.value:.3g} {self.unit}", target, met, self.note]


@dataclass
class Ledger:
    """Collects the rows of one run."""

    rows: list[Row] = field(default_factory=list)

    def add(
        self,
        what: str,
        value: float,
        unit: str,
        *,
        at_most: float | None = None,
        at_least: float | None = None,
        note: str = "",
    ) -> None:
        """Write a row down, and fail the test where the target is missed."""
        target = at_most if at_least is None else at_least
        row = Row(what, value, unit, target, at_least is None, note)
        self.rows.append(row)
        assert row.met is not False, "  ".join(row.cells())


LEDGER = pytest.StashKey[Ledger]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEDGER] = Ledger()


@pytest.fixture(scope="session")
def ledger(pytestconfig: pytest.Config) -> Ledger:
    return pytestconfig.stash.setdefault(LEDGER, Ledger())


@pytest.fixture
def seconds(benchmark: Any) -> Callable[..., float]:
    """Time a call by pytest-benchmark: the best of some rounds, after one to warm up."""

    def run(call: Callable[[], object], *, rounds: int = 5) -> float:
        if benchmark.disabled:
            start = time.perf_counter()
            call()
            return time.perf_counter() - start
        benchmark.pedantic(call, rounds=rounds, iterations=1, warmup_rounds=min(rounds - 1, 1))
        return float(benchmark.stats.stats.min)

    return run


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = [row.cells() for row in config.stash.get(LEDGER, Ledger()).rows]
    if not rows:
        return
    table = [["what", "measured", "target", "met", "how"], *rows]
    widths = [max(len(line[k]) for line in table) for k in range(5)]
    terminalreporter.section("measured against targets")
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        terminalreporter.write_line("  ".join(cells).rstrip())
