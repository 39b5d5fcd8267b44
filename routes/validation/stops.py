"""Stops on record against the modelled load of the same terminal.

Nobody is stopped where nobody passes: a modelled load whose upper bound is below the persons
stopped there in a year is a fault of the model or of the data, whatever the effort was.
"""

from __future__ import annotations

import pandas as pd

from geo.counts import described_counts
from routes.build.model import Build

__all__ = ["loads_below_stops", "stops_and_loads"]

_MEASURES = ("persons_stopped", "prevented")


def stops_and_loads(build: Build, counts: pd.DataFrame) -> pd.DataFrame:
    """Persons stopped by terminal and year beside the persons a year who pass by the model.

    Parameters
    ----------
    build : Build
    counts : DataFrame
        ``terminal_id, year, measure, legal_class, value`` as in ``counts.csv``. A total and the
        events that it contains are one figure, the larger; so are figures of unlike class.

    Returns
    -------
    DataFrame
        ``terminal_id, name, year, stopped, load_p05, load_mean, load_p95, enough``, most stopped
        first.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.build import load_build
    >>> table = stops_and_loads(load_build("var"), load_dataset().counts)  # doctest: +SKIP
    """
    counts = described_counts(counts)
    rows = counts[counts["measure"].isin(_MEASURES) & (counts["terminal_id"] != "")]
    by = ["terminal_id", "year", "measure", "legal_class"]
    stopped = rows.groupby(by)["value"].sum().groupby(["terminal_id", "year"]).max()
    table = stopped.rename("stopped").reset_index()
    loads = build.terminals.set_index("id")[["name", "load_p05", "load_mean", "load_p95"]]
    table = table.join(loads, on="terminal_id").dropna(subset="load_p95")
    table["year"] = table["year"].astype(int)
    table["enough"] = table["load_p95"] >= table["stopped"]
    columns = ["terminal_id", "name", "year", "stopped", "load_p05", "load_mean", "load_p95",
               "enough"]  # fmt: skip
    return table.sort_values("stopped", ascending=False)[columns].reset_index(drop=True)


def loads_below_stops(build: Build, counts: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`stops_and_loads` with fewer modelled than stopped.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.build import load_build
    >>> loads_below_stops(load_build("var"), load_dataset().counts)  # doctest: +SKIP
    """
    table = stops_and_loads(build, counts)
    return table[~table["enough"]].reset_index(drop=True)
