"""The section of docs/VALIDATION.md on outreach plans: floors, gap, time, a plan read aloud."""

from __future__ import annotations

import time

import pandas as pd

from geo.dataset import Dataset
from routes.build.model import Build
from routes.outreach.candidates import every_village, pick_villages
from routes.outreach.plan import plan_outreach
from routes.validation.report_table import markdown_table

__all__ = ["outreach_section"]

_AREAS = (("Indonesia", (), 600), ("NTT", ("53",), 60))
"""Name, codes and number of visits."""
_READ = 12


def outreach_section(build: Build, dataset: Dataset) -> str:
    """Floors of 2 and 5 % within 10 and 20 km, and a plan of twelve visits in NTT, as Markdown."""
    every = every_village(build, dataset)
    rows = []
    for name, codes, number in _AREAS:
        table = pick_villages(build, every, within=codes)
        for radius_km in (10.0, 20.0):
            for floor in (0.02, 0.05):
                start = time.process_time()
                plan = plan_outreach(
                    table.villages, number=number, radius_km=radius_km, floor=floor,
                    served=table.served,
                )  # fmt: skip
                seconds = time.process_time() - start
                regencies = plan.regencies[plan.regencies["coverable"] > 0]
                met = regencies["covered"] >= floor * regencies["coverable"] * (1 - 1e-9)
                rows.append(
                    {
                        "area": name,
                        "points": len(table.villages),
                        "visits": number,
                        "km": f"{radius_km:g}",
                        "floor": f"{floor:.0%}",
                        "floors met": f"{met.sum()} of {len(regencies)}",
                        "gap": f"{plan.gap:.2%}",
                        "processor s": f"{seconds:.1f}",
                    }
                )
    ntt = pick_villages(build, every, within=["53"])
    plan = plan_outreach(ntt.villages, number=_READ, radius_km=10.0, served=ntt.served)
    beside = plan.regencies.sort_values("persons", ascending=False).head(_READ)
    return "\n".join(
        [
            "## Outreach plans\n",
            "Towns left out. A regency that no point can reach has no floor.\n",
            markdown_table(pd.DataFrame(rows)),
            f"{_READ} visits in NTT within 10 km, beside what the regencies send from villages "
            "(a year):\n",
            markdown_table(
                pd.DataFrame(
                    {
                        "regency": beside["regency"],
                        "departures": beside["persons"].round().astype(int),
                        "per 100,000": beside["departures_per_100k"].round().astype(int),
                        "of villages without a place": beside["unplaced"].round().astype(int),
                        "visits": beside["villages"],
                        "reached": beside["covered"].round().astype(int),
                    }
                )
            ),
        ]
    )
