"""Which assumption of the index matters: Sobol indices of the shift in ranking, by group.

The answer that is decomposed is the mean shift in rank over the areas of interest between one run
of the assumptions and the central one (Saisana, Saltelli and Tarantola 2005, eq. 4). The groups:

========== ==================================================================================
weights    Dirichlet around the framework's weights, as in the intervals
errors     the error of the values that are the area's own
imputation the spread of what is filled from above or beside
scaling    the share cut off at either end before rescaling, 0 to 5 %
averaging  the exponent of the power mean, from 0 (geometric) to 1 (arithmetic)
outcomes   with the indicators of deaths and returns, or without
========== ==================================================================================

A group of very many inputs (the error of every value) is one factor that names the realisation, as
in that paper; the decomposition of variance holds for any function of independent factors. Sampled
and estimated by SALib (Saltelli 2010 and Jansen 1999), with bootstrap intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv

from geo.errors import InputError
from routes.framework import Framework
from routes.vulnerability import VulnerabilityIndex

__all__ = ["GROUPS", "Sensitivity", "draw_chart", "sobol_indices"]

GROUPS = ("weights", "errors", "imputation", "scaling", "averaging", "outcomes")
_TEXTS = {
    "weights": ("bobot", "weights"),
    "errors": ("galat data", "errors of the data"),
    "imputation": ("pengisian data kosong", "filling of gaps"),
    "scaling": ("pemotongan ujung skala", "ends of the scale"),
    "averaging": ("cara merata-rata", "way of averaging"),
    "outcomes": ("kematian dan pemulangan", "deaths and returns"),
}
_CUTS = np.linspace(0.0, 0.05, 11)
_SAMPLES = 512

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sensitivity:
    """Sobol indices by group.

    Attributes
    ----------
    table : DataFrame
        Index: group; ``first, first_half_width, total, total_half_width`` (95 % bootstrap).
    mean_shift : float
        Mean shift in rank over all runs, in places.
    areas : int
        Areas whose shift is averaged.
    runs : int
    """

    table: pd.DataFrame
    mean_shift: float
    areas: int
    runs: int


def sobol_indices(
    framework: Framework,
    table: pd.DataFrame,
    *,
    coarser: pd.DataFrame | None = None,
    errors: pd.DataFrame | None = None,
    within: str = "",
    samples: int = _SAMPLES,
    seed: int = 1,
) -> Sensitivity:
    """Decompose the variance of the mean shift in rank.

    Parameters
    ----------
    framework, table, coarser, errors
        As for :meth:`routes.vulnerability.VulnerabilityIndex.fit`.
    within : str
        Code of the area whose parts are looked at; the ranking is among them.
    samples : int
        Base sample N, a power of two; ``N (groups + 2)`` runs.

    Raises
    ------
    InputError
        Fewer than three areas, or a sample that is not a power of two.
    """
    # an import of a second that only this question needs
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    if samples < 2 or samples & (samples - 1):
        raise InputError("samples must be a power of two, such as 512", field="samples")
    runs, size, weights = _runner(framework, table, coarser, errors, within)
    names = [f"w{k}" for k in range(weights)] + list(GROUPS[1:])
    problem = {
        "num_vars": len(names),
        "names": names,
        "bounds": [[0.0, 1.0]] * len(names),
        "groups": ["weights"] * weights + list(GROUPS[1:]),
    }
    drawn = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    shift = np.array([runs(row) for row in drawn])
    found = analysis.analyze(problem, shift, calc_second_order=False, seed=seed)
    columns = {
        "first": found["S1"],
        "first_half_width": found["S1_conf"],
        "total": found["ST"],
        "total_half_width": found["ST_conf"],
    }
    return Sensitivity(
        pd.DataFrame(columns, index=pd.Index(GROUPS, name="group")),
        float(shift.mean()),
        size,
        len(drawn),
    )


def _runner(
    framework: Framework,
    table: pd.DataFrame,
    coarser: pd.DataFrame | None,
    errors: pd.DataFrame | None,
    within: str,
) -> tuple[Callable[[Floats], float], int, int]:
    """The function of the unit cube, the number of areas, and of weights."""
    fits = [
        VulnerabilityIndex(replace(framework, winsor=(cut, 1.0 - cut)), draws=0).fit(
            table, coarser=coarser, errors=errors
        )
        for cut in _CUTS
    ]
    central = VulnerabilityIndex(framework, draws=0).fit(table, coarser=coarser, errors=errors)
    score = central.score_
    keep = score.notna().to_numpy() & (
        score.index.str.startswith(f"{within}.") if within else np.ones(len(score), bool)
    )
    if keep.sum() < 3:
        raise InputError(f"fewer than three areas with a score within {within or 'the table'}")
    slugs = list(central.used_)
    fits = [f for f in fits if list(f.used_) == slugs]  # a cut may leave a column without spread
    logs = [f.log_values_.to_numpy()[keep] for f in fits]
    sd = [f.log_spread_.to_numpy()[keep] for f in fits]
    own = central.imputed_.to_numpy()[keep] == ""
    there = np.isfinite(logs[0])
    category = {i.slug: i.category for i in framework.indicators}
    outcome = np.array([category[slug] == "outcome" for slug in slugs])
    alpha = framework.alpha * central.weights_.to_numpy()
    rank0 = _ranks(np.nan_to_num(score.to_numpy()[keep]))

    def run(u: Floats) -> float:
        w = gammaincinv(alpha, np.clip(u[: alpha.size], 1e-12, 1 - 1e-12))
        error, gap, scale, power, drop = u[alpha.size :]
        which = min(int(scale * len(logs)), len(logs) - 1)
        noise = np.where(own, _normals(error, own.shape), _normals(gap, own.shape))
        values = np.clip(logs[which] + noise * sd[which], 0.0, np.log(10.0))
        mass = np.where(there, w * np.where(outcome & (drop < 0.5), 0.0, 1.0), 0.0)
        mass /= mass.sum(axis=1, keepdims=True)
        values = np.where(there, values, 0.0)
        if power < 1e-3:
            mean = (mass * values).sum(axis=1)
        else:
            mean = np.log((mass * np.exp(power * values)).sum(axis=1)) / power
        return float(np.abs(_ranks(mean) - rank0).mean())

    return run, int(keep.sum()), alpha.size


def _normals(u: float, shape: tuple[int, ...]) -> Floats:
    """The realisation that a factor names."""
    return np.random.default_rng(int(u * 2**52)).standard_normal(shape)


def _ranks(values: Floats) -> Floats:
    order = np.argsort(-values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1.0, len(values) + 1)
    return ranks


def draw_chart(found: Sensitivity, path: Path, *, lang: str = "id") -> None:
    """Draw the indices as bars with their bootstrap intervals; PNG, SVG or PDF by extension."""
    from matplotlib.figure import Figure

    word = 0 if lang == "id" else 1
    table = found.table.sort_values("total")
    figure = Figure(figsize=(8.0, 4.2), layout="constrained")
    axes = figure.subplots()
    place = np.arange(len(table))
    labels = (("pengaruh sendiri", "own effect"), ("dengan interaksi", "with interactions"))
    for column, shift, colour, label in (
        ("total", 0.2, "#b0c4de", labels[1][word]),
        ("first", -0.2, "#1f4e79", labels[0][word]),
    ):
        axes.barh(
            place + shift, table[column].clip(lower=0.0), height=0.38, color=colour, label=label,
            xerr=table[f"{column}_half_width"], error_kw={"elinewidth": 1.0, "capsize": 2.0},
        )  # fmt: skip
    axes.set_yticks(place, [_TEXTS[str(name)][word] for name in table.index])
    axes.set_xlim(left=0.0)
    axes.set_xlabel(
        ("bagian ragam pergeseran peringkat (indeks Sobol)",
         "share of the variance of the shift in rank (Sobol index)")[word]
    )  # fmt: skip
    places = f"{found.mean_shift:.1f}"
    axes.set_title(
        (f"Asumsi mana yang menentukan?\nPergeseran rata-rata {places.replace('.', ',')} peringkat "
         f"dari {found.areas} wilayah",
         f"Which assumption matters?\nMean shift {places} ranks of {found.areas} areas")[word],
        fontsize=10,
    )  # fmt: skip
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(path, dpi=150, metadata=_no_date(path))


def _no_date(path: Path) -> dict[str, None] | None:
    """The same chart is the same file."""
    return {"Date": None} if path.suffix.lower() == ".svg" else None
