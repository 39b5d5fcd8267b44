"""What the sources say of routes, origins, landings and exits, beside what the model says.

Each statement is a row: what is stated, the model's figure, and whether the two agree by a rule
that is written beside it. A row that does not agree says why, as far as it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.build.model import Build
from routes.demand.streams import read_streams
from routes.inputs.protected_inputs import protected_inputs
from routes.observation.exits import deferrals_on_record
from routes.validation.backtest import SHIFTS, home_terminals, shift_table
from routes.validation.report_table import markdown_table

__all__ = ["statements_section", "statements_table"]

_ROUTES = {
    "Kalimantan": ("61", "62", "63", "64", "65"),
    "Batam": ("21.71",),
    "Medan": ("12.71", "12.07"),
    "Sulawesi": ("71", "72", "73", "74", "75", "76"),
}
"""F030, by the areas of the terminals."""

_SENDING = ("32", "35", "33", "53", "52", "61", "36", "18")
"""F034."""

_LANDINGS = {
    "F046": ("nongsa",),
    "F047": ("teluk-mata-ikan",),
    "F048": ("pulau-galang",),
    "F049": ("teluk-sebong",),
    "F050": ("sungai-kecil",),
}
_AROUND = {
    "Sumba": ("Waingapu", "Tambolaka", "Waikelo"),
    "Bali": ("Denpasar", "Benoa"),
    "Medan": ("Medan", "Belawan"),
    "Surabaya": ("Surabaya",),
    "Labuan Bajo": ("Labuan Bajo",),
    "Makassar": ("Makassar",),
    "Nunukan": ("Nunukan", "Sebatik"),
}
"""F032."""

_NOT_KNOWN = 10.0
"""Ratio of the 95th to the 5th percentile above which a province's departures are not known."""

_ENDS = ("p05", "mean", "p95")
_DEMAND = [f"demand_{end}" for end in _ENDS]
_LOAD = [f"load_{end}" for end in _ENDS]

Row = tuple[str, str, str, str]


def statements_table(build: Build, dataset: Dataset) -> pd.DataFrame:
    """Statements of the sources and the model's figures.

    Returns
    -------
    DataFrame
        ``source, it says, model, verdict``.
    """
    rows = [
        *_routes_of_ntt(build),
        *_around_kupang(build),
        *_sending_provinces(build),
        *_landings(build),
        *_through_kepri(build),
        *_deported(build, dataset),
        *_deferred(build, dataset),
    ]
    return pd.DataFrame(rows, columns=["source", "it says", "model", "verdict"])


def _agrees(holds: bool, otherwise: str) -> str:
    return "agrees" if holds else f"does not: {otherwise}"


def _passing(build: Build, terminals: Iterable[str], provinces: Sequence[str]) -> float:
    """Persons a year of some provinces who pass any of the terminals."""
    model = build.flow_model()
    sets = [model.positions(frozenset(terminals))]
    return float(
        sum(
            (group.start * model.kernel_.passing(sets, onward=group.z)).sum()
            for group in model.groups_
            if group.name in provinces
        )
    )


def _terminals_of(build: Build, areas: Sequence[str]) -> list[str]:
    table = build.terminals
    table = table[table["country"] == "ID"]
    return list(table.loc[table["area_code"].str.startswith(tuple(areas)), "id"])


def _departures(build: Build, provinces: Sequence[str]) -> float:
    table = build.areas[build.areas["level"] == "province"].set_index("code")
    return float(table.loc[list(provinces), "demand_mean"].sum())


def _routes_of_ntt(build: Build) -> Iterator[Row]:
    everyone = _departures(build, ["53"])
    for name, areas in _ROUTES.items():
        share = _passing(build, _terminals_of(build, areas), ["53"]) / everyone
        yield (
            "F030 (2019)", f"people of NTT go by {name}", f"{100 * share:.0f} % of them pass",
            _agrees(share >= 0.02, "fewer than 2 % pass"),
        )  # fmt: skip
    share = _passing(build, ["el-tari", "tenau"], ["53"]) / everyone
    yield (
        "F031 (before 2019)", "the way out was Kupang itself",
        f"{100 * share:.0f} % pass El Tari or Tenau without posts",
        _agrees(share >= 0.25, "Flores has ships and flights of its own"),
    )  # fmt: skip


def _around_kupang(build: Build) -> Iterator[Row]:
    table = shift_table(build, SHIFTS[0])
    moved = float(table["around"].clip(lower=0.0).sum())
    for name, places in _AROUND.items():
        gained = float(table.loc[table.index.isin(places), "around"].sum()) / moved
        yield (
            "F032 (by 2019)", f"in place of Kupang: {name}",
            f"{100 * gained:.1f} % of what moves around 36 h posts at El Tari and Tenau",
            _agrees(gained >= 0.01, "it gains less than 1 %"),
        )  # fmt: skip


def _sending_provinces(build: Build) -> Iterator[Row]:
    table = build.areas[build.areas["level"] == "province"].set_index("code")
    rank = table["demand_mean"].rank(ascending=False)
    for code in _SENDING:
        low, mean, high = (
            float(table.loc[code, f"demand_{end}"]) for end in ("p05", "mean", "p95")
        )
        known = high <= _NOT_KNOWN * low
        verdict = _agrees(rank[code] <= 12, "not among the first twelve")
        yield (
            "F034 (2018)", f"{table.loc[code, 'name']} is a main province of origin",
            f"{mean:,.0f} a year ({low:,.0f}-{high:,.0f}), rank {rank[code]:.0f} of {len(table)}",
            verdict if known else f"not known (interval above a factor 10); {verdict}",
        )  # fmt: skip


def _landings(build: Build) -> Iterator[Row]:
    table = build.terminals.set_index("id")
    for fact, ids in _LANDINGS.items():
        low, mean, high = (
            table.loc[list(ids), f"load_{end}"].sum() for end in ("p05", "mean", "p95")
        )
        yield (
            f"{fact} (2021)", f"{table.loc[ids[0], 'name']} is used",
            f"{mean:.0f} persons a year ({low:.0f}-{high:.0f})",
            _agrees(high >= 30, "less than one boat a year"),
        )  # fmt: skip
    coasts = table[(table["kind"] == "unofficial") & table["area_code"].str.startswith("21")]
    exits = table[(table["kind"] != "unofficial") & table["area_code"].str.startswith("21")]
    legs = build.legs
    abroad = set(build.terminals.loc[build.terminals["country"] != "ID", "id"])
    leaving = legs[legs["from_id"].isin(exits.index) & legs["to_id"].isin(abroad)][
        "flow_mean"
    ].sum()
    hidden = float(coasts["load_mean"].sum())
    yield (
        "F052 (2021)", "from Kepri without papers by boat, and with a visitor's passport",
        f"{hidden:,.0f} and {leaving:,.0f} persons a year",
        _agrees(min(hidden, leaving) >= 0.02 * (hidden + leaving), "one of the two hardly exists"),
    )  # fmt: skip


def _through_kepri(build: Build) -> Iterator[Row]:
    terminals = _terminals_of(build, ["21.71", "21.72", "21.01"])
    for name, digits in (("Java", "3"), ("Sumatra", "1"), ("Kalimantan", "6")):
        codes = [g.name for g in build.flow_model().groups_ if str(g.name).startswith(digits)]
        persons = _passing(build, terminals, [str(code) for code in codes])
        yield (
            "F053 (2023)", f"{name} - Batam or Tanjungpinang - Malaysia or Singapore",
            f"{persons:,.0f} persons a year pass there",
            _agrees(persons >= 500, "fewer than 500"),
        )  # fmt: skip


def _deported(build: Build, dataset: Dataset) -> Iterator[Row]:
    """Provinces of those landed, pooled over years, against the model's flows to the region."""
    names = build.areas[build.areas["level"] == "province"].set_index("code")["name"]
    region = dataset.destinations.set_index("id")["region"]
    pairs = build.pairs.assign(
        province=build.pairs["code"].str[:2], region=build.pairs["destination_id"].map(region)
    )
    flows = pairs.groupby(["region", "province"])["persons_mean"].sum()
    # Embedded counts are published: any key gives the same.
    splits = read_streams(protected_inputs(dataset, bytes(32))).splits
    for name in dict.fromkeys(split.region for split in splits):
        landed = pd.Series(dtype=float)
        for split in splits:
            if split.region == name:
                landed = landed.add(pd.Series(dict(split.persons)), fill_value=0.0)
        landed = landed[landed.index.str.len() == 2]
        shares = landed / landed.sum()
        modelled = flows[name].reindex(shares.index).fillna(0.0)
        modelled = modelled / modelled.sum()
        apart = 0.5 * float(np.abs(shares - modelled).sum())
        most = ", ".join(
            f"{names[code]} {100 * shares[code]:.0f} ({100 * modelled[code]:.0f})"
            for code in shares.nlargest(4).index
        )
        yield (
            "landings of deportees", f"from {name}, % by province (model): {most}",
            f"{100 * apart:.0f} % lie elsewhere",
            _agrees(apart <= 0.25, "more than a quarter lies elsewhere"),
        )  # fmt: skip


def _deferred(build: Build, dataset: Dataset) -> Iterator[Row]:
    """Departures deferred a year at exits, against who leaves there."""
    deferred = deferrals_on_record(dataset.counts, dataset.terminals)
    terminals = build.terminals.set_index("id")
    home = set(home_terminals(build))
    model = build.flow_model()
    network = model.network_
    abroad = np.array([country != "ID" for country in build.nodes["country"]])
    leaves = abroad[network.head] & ~abroad[network.tail]
    at = pd.Series([str(network.nodes[i]) for i in network.tail[leaves]])
    official = at.isin(home) & (at.map(terminals["kind"]) != "unofficial")
    load = pd.Series(model.leg_flow_.values_array[leaves])[official]
    load = load.groupby(at[official].map(terminals["area_code"])).sum()
    areas = build.areas.drop_duplicates("code").set_index("code")["name"]
    for code in ("21.71", "65.03", "61.03", "36.71", "12.07", "35.15", "14.72", "51.03"):
        years = deferred[deferred["exit"] == code]
        low, high = years["persons"].min(), years["persons"].max()
        leaving = float(load.get(code, 0.0))
        share = years["persons"].mean() / leaving if leaving else np.inf
        yield (
            "deferrals since 2022", f"{areas.get(code, code)}: {low:,.0f} to {high:,.0f} a year",
            f"{leaving:,.0f} leave the country there; {100 * share:.0f} % deferred",
            _agrees(0.02 <= share <= 0.5, "the share deferred is not between 2 and 50 %"),
        )  # fmt: skip


def statements_section(build: Build, dataset: Dataset) -> str:
    """Markdown: the table with its introduction."""
    table = statements_table(build, dataset)
    agree = int((table["verdict"] == "agrees").sum())
    return "\n".join(
        [
            "## What the sources say, and the model\n",
            f"{agree} of {len(table)} statements agree, each by the rule in its last column "
            "(`routes/validation/statements.py`).\n",
            markdown_table(table),
        ]
    )
