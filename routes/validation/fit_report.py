"""The section of docs/VALIDATION.md on the likelihood of counts, and its chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.build.model import Build
from routes.validation.backtest import DETERRENCE_H
from routes.validation.count_fit import (
    PRIORS,
    ReportedCounts,
    passages_by_theta,
    profile,
    reported_counts,
)
from routes.validation.likelihood import CountFit
from routes.validation.recovery import recover
from routes.validation.report_table import markdown_table

__all__ = ["chart", "fitted", "likelihood_section", "recovery_section"]

_EFFORT = PRIORS.effort_median
_WITH_EFFORT = f", if effort had been recorded ({_EFFORT})"
_DETERRED = f"all origins, posts deter by {DETERRENCE_H:.0f} h (assumed)"
_STEPS = np.linspace(-2.0, 2.0, 33)
_TITLE = "Relative posterior of theta and relative profile likelihood of level and detection"

_READING = """
What this says:

- The interval of theta holds the 0.10 of the build, and its highest point is close to it. theta
  therefore **stays at {theta:.2f}** with its spread of a factor 1.35 in the ensemble: people of all
  origins hardly move it, people of NTT alone say next to nothing. The value was chosen with the
  ranks of the same interceptions, so this is agreement, not a second proof.
- **Demand and detection are not identified apart.** Their logarithms are correlated by
  {corr:.2f}; only the product is learnt. The profile of either alone is flat as long as the other
  may answer (chart, full lines), and sharp once the other is held (broken lines). The level of
  demand comes from landings of deportees (docs/METHOD.md, section 3), detection is assumed.
- **Detection by post** is learnt to {low:.0f}-{high:.0f} % of its prior's spread: a few groups a
  post and no effort. The posts' own values are for the police desk and not printed here.
- **Effort** is not on record anywhere; its prior is what comes out.
- If every post on record had deterred by 36 h from the year it began, theta would have to be
  {deterred:.3f} for so many to be stopped there still: either posts deter less than supposed, or
  far more is checked at them than at other terminals. The counts cannot say which.
"""


def fitted(build: Build, dataset: Dataset) -> dict[str, tuple[ReportedCounts, CountFit]]:
    """The likelihood fitted to the counts on record, by assumption."""
    nation = reported_counts(build, dataset)
    ntt = reported_counts(build, dataset, origin="53")
    deterred = reported_counts(build, dataset, deterrence_h=DETERRENCE_H)
    cases = {
        "all origins": nation,
        f"all origins{_WITH_EFFORT}": nation.with_effort(_EFFORT),
        _DETERRED: deterred,
        "people of NTT": ntt,
        f"people of NTT{_WITH_EFFORT}": ntt.with_effort(_EFFORT),
    }
    return {name: (reported, reported.fit()) for name, reported in cases.items()}


def likelihood_section(
    build: Build, fits: Mapping[str, tuple[ReportedCounts, CountFit]], *, image: str
) -> str:
    """Markdown: maximum and interval of each parameter, and what is not identified."""
    reported, fit = fits["all origins"]
    rows, learnt, widths = [], {}, {}
    for name, (_, case) in fits.items():
        low, high = case.interval()
        widths[name] = np.log(high / low)
        rows.append(
            {
                "counts": name,
                "theta (MAP)": f"{case.theta_map:.3f}",
                "90 % interval": f"{low:.3f} - {high:.3f}",
                "level": f"{case.mode['level']:.2f}",
                "detection": f"{case.mode['detection']:.2f}",
                "kappa": f"{case.mode['kappa']:.1f}",
                "theta learnt": f"{100 * case.contraction['theta']:.0f} %",
            }
        )
        if "effort" in case.contraction:
            learnt[name] = {
                "theta": case.contraction["theta"],
                "level of demand": case.contraction["level"],
                "detection, typical post": case.contraction["detection"],
                "level x detection": case.product_contraction,
                "detection, single posts (median)": float(np.median(case.post_contraction)),
                "scatter kappa": case.contraction["kappa"],
                "effort (mean)": case.contraction["effort"],
            }
    shrunk = (100 * pd.DataFrame(learnt)).round(0).astype(int)
    shrunk = shrunk.reset_index(names="learnt, % of prior spread")
    post = 100 * fit.post_contraction
    return "\n".join(
        [
            "## What the counts on record say of the parameters\n",
            f"{reported.counts.count.sum():.0f} groups ({reported.persons:.0f} persons) at "
            f"{len(reported.terminals)} terminals, {len(reported.years)} terminals and years, "
            "none with its effort. The likelihood is a negative binomial of groups, given that a "
            "terminal and year is listed at all (docs/METHOD.md, section 7); the priors are "
            f"theta {PRIORS.theta} (factor {np.exp(PRIORS.theta_spread):.1f}), level 1 (factor "
            f"{np.exp(PRIORS.level_spread):.1f}), detection {PRIORS.detection}, effort "
            f"{PRIORS.effort_median} (factor {np.exp(PRIORS.effort_spread):.1f}), kappa "
            f"{PRIORS.kappa:.0f}. `level` is true over modelled demand.\n",
            markdown_table(pd.DataFrame(rows)),
            "**Counts with no effort recorded widen the interval** of theta "
            f"{widths['all origins'] / widths['all origins' + _WITH_EFFORT]:.2f} times (all "
            f"origins) and {widths['people of NTT'] / widths['people of NTT' + _WITH_EFFORT]:.2f} "
            "times (NTT), on the "
            "log scale: little, because so few groups leave it wide in any case. With 300 "
            "interceptions the price is larger (next section).\n",
            "How much narrower than its prior each parameter has become (0 %: nothing learnt):\n",
            markdown_table(shrunk),
            f"![Prior and posterior of theta; profiles of level and detection]({image})\n",
            "Not identified, in the words of the fit to all origins: "
            + "; ".join(fit.not_identified)
            + ".",
            _READING.format(
                theta=build.flow_model().theta,
                corr=fit.level_detection,
                low=post.min(),
                high=post.max(),
                deterred=fits[_DETERRED][1].theta_map,
            ),
        ]
    )


def recovery_section(build: Build, terminals: Sequence[str]) -> str:
    """Markdown: theta from 300 simulated interceptions, beside the least error possible."""
    table = passages_by_theta(build, terminals)
    rows = []
    for theta in (0.07, 0.1, 0.13):
        recovery = recover(table, theta, rng=np.random.default_rng(1), replications=200)
        lower, middle, upper = recovery.quartiles
        rows.append(
            {
                "theta": theta,
                "quartiles of estimate / truth": f"{lower:.2f} {middle:.2f} {upper:.2f}",
                "interquartile range": f"{recovery.range:.2f}",
                "least possible": f"{recovery.bound:.2f}",
                "90 % intervals that hold it": f"{100 * recovery.coverage:.0f} %",
                "wider without effort": f"{recovery.widening:.2f} times",
            }
        )
    return "\n".join(
        [
            "## What 300 interceptions with known effort could say\n",
            f"Simulated on the embedded network at the {len(terminals)} terminals where "
            "interceptions are on record, three years, 300 interceptions in all, 200 replications; "
            "level, detection at each post and scatter unknown to the fit, utilities refitted "
            "for each theta. *Least possible* is the bound by Cramer and Rao for an unbiased "
            "estimator (the prior of theta may bring it lower).\n",
            markdown_table(pd.DataFrame(rows)),
            "The bed is this network and not a small one because the number of ports decides: with "
            "eight ports of unknown detection the least possible range is 0.34 to 0.41 whatever "
            "the estimator (tests/routes/test_calibration_recovery.py prints it beside its 0.31 to "
            "0.35), so 300 interceptions there cannot give theta within a quarter.\n",
        ]
    )


_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#777777"


def chart(fits: Mapping[str, tuple[ReportedCounts, CountFit]]) -> str:
    """Three panels as SVG: theta before and after the counts; profiles of level and detection."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    reported, fit = fits["all origins"]
    density = fits["people of NTT"][1].density
    prior = np.exp(-0.5 * (np.log(fit.grid / PRIORS.theta) / PRIORS.theta_spread) ** 2)
    # the same fits give the same bytes
    with rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "likelihood", "path.simplify_threshold": 1.0}
    ):
        figure = Figure(figsize=(9.0, 2.8), layout="constrained")
        first, *profiles = figure.subplots(1, 3)
        first.plot(fit.grid, prior / prior.max(), ":", color=_GREY, label="prior")
        first.plot(fit.grid, fit.density / fit.density.max(), color=_BLUE, label="all origins")
        first.plot(fit.grid, density / density.max(), "--", color=_ORANGE, label="NTT")
        first.set_xlabel("theta, 1/hour")
        titles = {"level": "demand over the model's", "detection": "odds of detection"}
        spreads = {"level": PRIORS.level_spread, "detection": PRIORS.detection_spread}
        for axes, which in zip(profiles, titles, strict=True):
            for fixed, line, name in ((False, "-", "other free"), (True, "--", "other held")):
                curve = np.exp(profile(reported, fit.theta_map, which, _STEPS, hold_other=fixed))
                axes.plot(np.exp(_STEPS * spreads[which]), curve, line, color=_BLUE, label=name)
            axes.set_xlabel(titles[which])
        for axes, marks in zip(
            (first, *profiles), ((0.03, 0.1, 0.3), *2 * [(0.3, 1, 3)]), strict=True
        ):
            axes.set_xscale("log")
            axes.set_xticks(marks, [f"{mark:g}" for mark in marks], minor=False)
            axes.set_xticks([], minor=True)
            axes.set_yticks([])
            axes.legend(
                frameon=False, fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3
            )
        page = StringIO()
        figure.savefig(page, format="svg", metadata={"Date": None, "Title": _TITLE})
    return page.getvalue()
