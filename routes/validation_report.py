"""Write docs/VALIDATION.md from a build: ``python -m routes.validation_report``."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from geo.dataset import Dataset, load_dataset
from routes.build import Build, load_build
from routes.calibration import ShareTarget
from routes.validation import (
    SHIFTS,
    Candidate,
    build_targets,
    candidate_loads,
    interceptions,
    leave_one_out,
    named_before_others,
    rank_agreement,
    shift_table,
    yearly_totals,
)

__all__ = ["report"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "VALIDATION.md"

_INTRODUCTION = """# How far the model agrees with what was reported

Made by `python -m routes.validation_report` from a build of the embedded data. Interceptions follow
enforcement and the press as well as flow: these numbers can show that costs and destinations are
nonsense, they cannot prove the flow. Parameters chosen by interceptions are three (theta and what
papers weigh on flights, at home and abroad); demand and destination utilities come from elsewhere.
"""

_READING = """## What to make of it

- **In sample** the ranking of NTT's terminals is fair, and the fifth of terminals with most load
  holds nearly all who were stopped. For all origins it is weaker: one set of destination utilities
  serves them all, and it is fitted to NTT first.
- **Single years** cannot be predicted: most have people stopped at one to four terminals, because
  a year's reports show where the police looked that year. Where a rank correlation can be computed
  it is low and sometimes negative.
- **Places left out** do better: a terminal whose own interceptions were not used still ranks high.
- **Kupang**: ways around the posts rise at every place the sources name, but places that were
  reached *through* El Tari (Surabaya, Denpasar, Medan) lose more of that flow than they gain, so by
  total load the named places are no better than chance, and a baseline that simply spreads the lost
  flow in proportion to load ranks them better, since they are large. The model says Larantuka,
  Maumere and Bolok would gain most; F032 does not name them.
- **Batam to Tanjungpinang** and **Dumai to Batam** come out well, the second with a very small
  flow. What was stopped where before and after is not on record, so sizes cannot be judged.
- **Yearly totals** of NTT triple within two years with an effort nobody recorded. 2018 lies outside
  what the other three years lead one to expect: that is the task force at work, not the flow, and
  the model, which knows no effort, cannot tell the two apart.
"""


def report(build: Build, dataset: Dataset) -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    targets = build_targets(build, dataset)
    for origin, whom in (("53", "people of NTT"), (None, "people of all origins")):
        parts.append(_agreement(build, dataset, targets, origin, whom))
    parts.append("## Displacements on record\n")
    parts.append(
        "How often a place the sources name changes more than one they do not (0.5 is chance).\n"
        "`around` counts those who pass without leaving a posted terminal.\n"
    )
    scores = {shift.name: named_before_others(shift_table(build, shift)) for shift in SHIFTS}
    parts.append(_table(pd.DataFrame(scores).T.round(2).reset_index(names="shift")))
    kupang = shift_table(build, SHIFTS[0]).query("named").drop(columns="named").round(1)
    parts.append("Change in persons a year at the places named for Kupang (F032):\n")
    parts.append(_table(kupang.reset_index()))
    parts.append("## Yearly totals of NTT (F007-F010), each against the other years\n")
    totals = yearly_totals(dataset.counts, area="53", measure="prevented").round(0)
    parts.append(_table(totals.astype(int)))
    parts.append(_READING)
    return "\n".join(parts)


def _agreement(
    build: Build,
    dataset: Dataset,
    targets: dict[str, ShareTarget],
    origin: str | None,
    whom: str,
) -> str:
    loads = candidate_loads(build, targets, origin=origin)
    stopped = interceptions(dataset.counts, origin=origin)
    used = next(c for c in loads.columns if c == Candidate(build.flow_model().theta, 0.0, 0.0))
    whole = rank_agreement(loads[used], stopped.sum(axis=1))
    legs = pd.concat([dataset.legs["from_id"], dataset.legs["to_id"]]).value_counts()
    simple = rank_agreement(legs.reindex(loads.index).fillna(0.0), stopped.sum(axis=1))
    years = leave_one_out(loads, stopped, by="year")
    places = leave_one_out(loads, stopped, by="place").dropna(subset="percentile")
    weight = places["persons"] / places["persons"].sum()
    shown = years.drop(columns="candidate").round(2).astype({"year": int})
    return "\n".join(
        [
            f"## Terminals where {whom} were stopped\n",
            f"In sample: Spearman {whole['spearman']:.2f} over {whole['terminals']:.0f} terminals, "
            f"top fifth {100 * whole['top_fifth']:.0f} % of {stopped.to_numpy().sum():.0f} people; "
            f"number of connections alone {simple['spearman']:.2f} and "
            f"{100 * simple['top_fifth']:.0f} %.\n",
            f"Leaving one place out: mean percentile {100 * places['percentile'].mean():.0f} "
            f"(weighted by people {100 * (places['percentile'] * weight).sum():.0f}; 50 is chance)."
            "\n\nLeaving one year out:\n",
            _table(shown),
        ]
    )


def _table(frame: pd.DataFrame) -> str:
    head = " | ".join(map(str, frame.columns))
    rule = " | ".join("---" for _ in frame.columns)
    rows = [
        " | ".join("" if pd.isna(value) else str(value) for value in row)
        for row in frame.astype(object).to_numpy().tolist()
    ]
    return "\n".join(f"| {line} |" for line in (head, rule, *rows)) + "\n"


if __name__ == "__main__":
    PAGE.write_text(report(load_build(), load_dataset()), "utf-8")
    sys.stderr.write(f"{PAGE} written\n")
