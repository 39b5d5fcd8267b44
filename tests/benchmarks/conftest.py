"""One table at the end of a benchmark run: what was measured, beside its target."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from geo.dataset import Dataset
from tests.routes.national import with_port_list


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench-report", metavar="FILE", help="Write the table there, as Markdown.")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEDGER] = Ledger()


@pytest.fixture(scope="session")
def ledger(pytestconfig: pytest.Config) -> Ledger:
    return pytestconfig.stash.setdefault(LEDGER, Ledger())


@pytest.fixture(scope="session")
def with_ports(dataset: Dataset, shared_file: Callable[[str], Path]) -> Dataset:
    """The dataset with 2,882 ports more."""
    return with_port_list(dataset, shared_file("data/ports_id_and_neighbours.csv"))


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


HEAD = ["what", "measured", "target", "met", "how"]


def machine() -> str:
    """What was measured on, in words that name no machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "networkx"))
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GB of memory, "
        f"{platform.system()}, Python {platform.python_version()}, {packages}, "
        f"igraph {version('igraph')}"
    )


def report(rows: list[list[str]], load: float) -> str:
    """The table as Markdown."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench REPORT=docs/BENCHMARKS.md`; all rows are measured in one run, the",
        "peers on the very same graph, so ratios compare like with like.",
        "",
        f"Machine: {machine()}. On average {load:.1f} programs wanted its processors in the last",
        "quarter of an hour of the run.",
        "",
        *(
            f"| {' | '.join(cells)} |"
            for cells in [HEAD, ["---"] * len(HEAD), *rows]
        ),
        "",
        "`x`: how many times the peer's time is ours. A target of time is that of a machine with",
        "nothing else to do; where processor time is told, it says what the work itself takes.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = [row.cells() for row in config.stash.get(LEDGER, Ledger()).rows]
    if not rows:
        return
    table = [HEAD, *rows]
    widths = [max(len(line[k]) for line in table) for k in range(5)]
    terminalreporter.section("measured against targets")
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        terminalreporter.write_line("  ".join(cells).rstrip())
    terminalreporter.write_line(machine())
    if file := config.getoption("--bench-report", default=None):
        Path(file).write_text(report(rows, os.getloadavg()[2]), "utf-8")
