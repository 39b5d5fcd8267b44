"""Write docs/VALIDATION.md from a build: ``python -m routes.validation.report``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from geo.dataset import Dataset, load_dataset
from routes.build.model import Build
from routes.build.store import load_build
from routes.corridors.search import CorridorFinder
from routes.demand.streams import read_streams
from routes.inputs.protected_inputs import protected_inputs
from routes.validation.backtest import (
    SHIFTS,
    Candidate,
    candidate_loads,
    interceptions,
    leave_one_out,
    named_before_others,
    origin_demand,
    rank_agreement,
    shift_table,
    yearly_totals,
)
from routes.validation.corridor_evidence import evidence_section
from routes.validation.coverage import event_coverage, simulated_coverage
from routes.validation.fit_report import chart, fitted, likelihood_section, recovery_section
from routes.validation.information_gain import gain_table
from routes.validation.outcomes import outcome_gain
from routes.validation.outreach import outreach_section
from routes.validation.rank_agreement import (
    baseline_loads,
    held_out_baselines,
    split_half,
)
from routes.validation.report_table import markdown_table
from routes.validation.statements import statements_section
from routes.validation.stops import stops_and_loads

__all__ = ["report"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "VALIDATION.md"
CHART = "images/likelihood.svg"

_INTRODUCTION = """# How far the model agrees with what was reported

Made by `python -m routes.validation.report` from a build of the embedded data. Interceptions follow
enforcement and the press as well as flow: these numbers can show that costs and destinations are
nonsense, they cannot prove the flow. Fitted to interceptions and deferrals are theta, the constants
of exits and coasts, and the rates of interception; departures, destinations and ways come from
elsewhere.
Docs on the method: docs/METHOD.md, section 7.
"""

_TOTALS = """Whoever predicts a total from flow alone, this model or any of the baselines, must say
the mean of the other years: none knows how many watched when, and the watch at El Tari and Tenau
grew in these very years.
"""

_STOPS_SHOWN = 15
_ROUNDS = 100
"""Rounds of the simulation, half a second each: coverage of the nation is known to 3 %."""

_READING = """## What to make of it

- **Where people are stopped** is told by the persons who pass and by the rates of the terminals'
  roles together: the gain is above that of connections, gravity and departures by place and forward
  in time, for NTT and for all, also with the rates fitted without the places or years scored. It is
  a check on where flow goes, not on how much: effort and flow are only seen as a product.
- **The record itself** agrees little with itself by rank (its two halves with 0.2 or less), so
  differences of 0.1 in a rank correlation mean nothing. Ranks over places where somebody was
  stopped leave out the places where nobody was; the information gain counts them.
- **Single years** cannot be predicted: most have people stopped at one to four terminals, because
  a year's reports show where the police looked that year.
- **Exits** carry what their deferrals say within a factor of three, and Batam more than costs alone
  would give it (1.1 nats): agents, ferries and people who know the way are there. Exits without a
  count, such as Labuan Bajo's flights to Singapore and Kuala Lumpur, rest on costs alone; what the
  model sends there (some 500 people of NTT a year) nobody has reported. Kualanamu defers
  more than the model sends there: North Sumatra's departures, or the part that flies, are too low.
- **Coasts** carry the share without papers of their region's people; which landing of a coast is
  not known and drawn at random. Bintan's coast has less than the boats lost off it suggest.
- **Kupang** (F032): ways around the posts lead to Nunukan, Makassar and Labuan Bajo as the sources
  say, and barely to Surabaya, but not to Sumba, Bali and Medan, because those who go there today go
  through El Tari.
  Deterrence is not identified: the fall of the
  stops at Kupang is less watching or more going around, the counts cannot say which.
- **Provinces of origin** (F034): seven of the eight are among the first twelve; Lampung comes just
  after them, since no landing names it. The intervals of Banten and Lampung span more than a factor
  of ten, so that their numbers are not shown.
- **Intervals** hold what they should nine times in ten, by simulation and at places left out. Those
  of single landings, small exits and rare corridors are wide because the network is drawn too.
- **Peninsular Malaysia**: the deportees landed at Dumai, Tanjungpinang and Kualanamu are from North
  Sumatra and East Java more than the model's people, whose West Java, Banten and Central Java no
  landing table lists.
- **Batam to Tanjungpinang** comes out well by the ways around the posts and not by total load,
  since people of Bintan leave by Batam; **Dumai to Batam** by both. What was stopped where before
  and after is not on record, so sizes cannot be judged.
- **Yearly totals** of NTT triple within two years with an effort nobody recorded. 2018 lies outside
  what the other three years lead one to expect: that is the task force at work, not the flow.
"""


def report(build: Build, dataset: Dataset) -> tuple[str, str]:
    """The page as Markdown, and its chart as SVG."""
    parts = [_INTRODUCTION]
    for origin, people in (("53", "people of NTT"), (None, "people of all origins")):
        parts.append(_agreement(build, dataset, origin, people))
    parts.append(_gain(build, dataset))
    parts.append(_outcomes(dataset))
    parts.append(_stops(build, dataset))
    parts.append(_coverage(build, dataset))
    parts.append(evidence_section(build, dataset))
    parts.append(statements_section(build, dataset))
    parts.append("## Displacements on record\n")
    parts.append(
        "How often a place the sources name changes more than one they do not (0.5 is chance).\n"
        "`around` counts those who pass without leaving a posted terminal; `top_flow` spreads what "
        "the posts\nlose over the others in proportion to their load.\n"
    )
    tables = {shift.name: shift_table(build, shift) for shift in SHIFTS}
    scores = {name: named_before_others(table) for name, table in tables.items()}
    parts.append(markdown_table(pd.DataFrame(scores).T.round(2).reset_index(names="shift")))
    parts.append("Change in persons a year at the places named:\n")
    changes = pd.concat(
        {
            name.split(",")[0]: table.query("named").drop(columns="named").round(1)
            for name, table in tables.items()
        },
        names=["shift"],
    )
    parts.append(markdown_table(changes.reset_index()))
    parts.append("## Yearly totals of NTT (F007-F010), each against the other years\n")
    totals = yearly_totals(dataset.counts, area="53", measure="prevented").round(0)
    parts.append(markdown_table(totals.astype(int, errors="ignore")))
    parts.append(_TOTALS)
    fits = fitted(build, dataset)
    parts.append(likelihood_section(build, fits, image=CHART))
    terminals = interceptions(dataset.counts).index.to_list()
    parts.append(recovery_section(build, terminals))
    parts.append(_corridors(build))
    parts.append(outreach_section(build, dataset))
    parts.append(_READING)
    return "\n".join(parts), chart(fits)


def _agreement(
    build: Build,
    dataset: Dataset,
    origin: str | None,
    group: str,
) -> str:
    loads = candidate_loads(build, origin=origin)
    stopped = interceptions(dataset.counts, origin=origin)
    of_build = next(c for c in loads.columns if c == Candidate(build.flow_model().theta, 0.0, 0.0))
    baselines = baseline_loads(build, dataset, origin=origin)
    people = stopped.sum(axis=1)
    rows = []
    for name, load in {"model": loads[of_build], **dict(baselines.items())}.items():
        agreement = rank_agreement(load, people)
        percentile = load.rank(pct=True).reindex(people.index).mean()
        rows.append(
            {
                "ranked by": name,
                "Spearman": round(agreement["spearman"], 2),
                "top fifth holds": f"{100 * agreement['top_fifth']:.0f} %",
                "mean percentile": round(100 * percentile),
            }
        )
    years = leave_one_out(loads, stopped, by="year")
    places = leave_one_out(loads, stopped, by="place").dropna(subset="percentile")
    weight = places["persons"] / places["persons"].sum()
    pooled = spearmanr(places["percentile"], places["persons"]).statistic
    of_baselines = held_out_baselines(baselines, stopped)
    by_year = years.drop(columns="candidate").merge(of_baselines, on="year")
    by_year = by_year.round(2).astype({"year": int, "persons": int, "terminals": int})
    reliability = split_half(stopped, rng=np.random.default_rng(1))
    return "\n".join(
        [
            f"## Terminals where {group} were stopped\n",
            f"In sample: {people.sum():.0f} people at {len(people)} terminals. `top_flow` ranks by "
            "scheduled departures a week.\n",
            markdown_table(pd.DataFrame(rows)),
            f"Leaving one place out: mean percentile {100 * places['percentile'].mean():.0f} "
            f"(weighted by people {100 * (places['percentile'] * weight).sum():.0f}; 50 is chance);"
            f" Spearman of the places left out {pooled:.2f}. The baselines choose nothing by "
            "interceptions, so theirs are those above.\n",
            "How far the record agrees with itself: people stopped in a random half of the years "
            f"rank the terminals of the other half with Spearman {reliability:.2f}.\n",
            "Leaving one year out (Spearman of the model, then of the baselines and of the people "
            "stopped in the other years):\n",
            markdown_table(by_year),
            f"Mean of the years with a rank: {_means(by_year)}.\n",
        ]
    )


def _gain(build: Build, dataset: Dataset) -> str:
    return "\n".join(
        [
            '## Information gain over "anywhere"\n',
            "Nats an event; events are rows of persons stopped, places are terminals within 35 km "
            "(`routes/validation/information_gain.py`). *By place* leaves a tenth of the places "
            "out of the fit of two numbers at a time; *forward* fits them to events up to 2021 "
            "and scores the later ones. *Model, persons* ranks by the persons who pass, to whom "
            "no event is fitted; *model, observed* by expected interceptions, whose rates are "
            "fitted to all these events; *refitted* fits the rates again without the places, or "
            "the years, that are scored (docs/METHOD.md).\n",
            markdown_table(gain_table(build, dataset)),
        ]
    )


def _stops(build: Build, dataset: Dataset) -> str:
    table = stops_and_loads(build, dataset.counts)
    shown = table.head(_STOPS_SHOWN).drop(columns=["terminal_id", "enough"])
    figures = ["stopped", "load_p05", "load_mean", "load_p95"]
    shown[figures] = shown[figures].round(-1).astype(int)
    return "\n".join(
        [
            "## Loads and stops\n",
            f"Of {len(table)} terminals and years with stops on record, the upper bound of the "
            f"modelled load is below the stops at {(~table['enough']).sum()}. The {_STOPS_SHOWN} "
            "with most stops:\n",
            markdown_table(shown),
        ]
    )


def _coverage(build: Build, dataset: Dataset) -> str:
    streams = read_streams(protected_inputs(dataset, bytes(32)))
    return "\n".join(
        [
            "## Coverage of the 90 % intervals\n",
            f"By simulation, {_ROUNDS} rounds: departures drawn from the prior, streams counted "
            "again and fitted again (`routes/validation/coverage.py`). `ratio` is the median of "
            "p95 / p05.\n",
            markdown_table(simulated_coverage(streams, rounds=_ROUNDS)),
            "Events on record at places left out of the fit of the rates, a tenth of them at a "
            "time:\n",
            markdown_table(event_coverage(build, dataset)),
        ]
    )


def _outcomes(dataset: Dataset) -> str:
    streams = read_streams(protected_inputs(dataset, bytes(32)))
    return "\n".join(
        [
            "## Outcomes that no post makes\n",
            "Home regencies of East Nusa Tenggara's dead and returned, each table left out of the "
            "fit and foretold from the others (`routes/validation/outcomes.py`): nats a person "
            "over the population's shares; `stops alone` from tables of people stopped. Hotline "
            "and UPTD PPA reports are on record by province only.\n",
            markdown_table(outcome_gain(streams, province="53")),
        ]
    )


def _means(years: pd.DataFrame) -> str:
    ranked = years.drop(columns=["year", "persons", "top_fifth", "terminals"]).dropna()
    means = ranked.rename(columns={"spearman": "model"}).mean().round(2)
    return ", ".join(f"{name} {value:.2f}" for name, value in means.items())


def _corridors(build: Build) -> str:
    finder = CorridorFinder(build.flow_model(), build.graph)
    rows = []
    for group, origin in (("all origins", None), ("NTT", "53")):
        corridors = finder.find(demand=origin_demand(build, origin))
        rows.append(
            {
                "origins": group,
                "corridors": len(corridors),
                "share of the flow they carry": f"{100 * corridors[-1].carried_share:.1f} %",
                "the first 20": f"{100 * corridors[19].carried_share:.0f} %",
            }
        )
    return "\n".join(
        [
            "## Corridors that carry the flow\n",
            "A corridor carries every journey that changes at its places in their order, with or "
            "without further changes between (docs/METHOD.md, section 7).\n",
            markdown_table(pd.DataFrame(rows)),
        ]
    )


def with_sections_kept(page: str, before: str) -> str:
    r"""A new page with the sections of the one before that it does not write, at its end: they are
    others' (of interventions, of warnings).

    Examples
    --------
    >>> with_sections_kept("## One\nnew\n", "## One\nold\n\n## Two\nkept\n")
    '## One\nnew\n\n## Two\nkept\n'
    """
    written = set(re.findall(r"(?m)^## .*$", page))
    sections = re.split(r"(?m)^(?=## )", before)[1:]
    kept = [text for text in sections if text.partition("\n")[0] not in written]
    return "\n".join([page.rstrip("\n") + "\n", *kept]) if kept else page


if __name__ == "__main__":
    page, svg = report(load_build(), load_dataset())
    PAGE.write_text(with_sections_kept(page, PAGE.read_text("utf-8")), "utf-8")
    (PAGE.parent / CHART).write_text(svg, "utf-8")
    sys.stderr.write(f"{PAGE} written\n")
