"""Changes of a dataset that neither public nor partner may notice.

Each takes the dataset and a random generator and gives another dataset. Only secrets differ:
unofficial landings and everything about them, hidden legs, posts, effort, and held counts as far as
the protected ones stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.disclosure import BASE, pooled_counts, protected_counts

__all__ = ["CHANGES", "SECRET", "changed", "with_held_counts"]

SECRET = bytes(range(32))
"""Rounding secret of the homes that are compared."""

Change = Callable[[Dataset, np.random.Generator], Dataset]


def changed(dataset: Dataset, rng: np.random.Generator) -> tuple[Dataset, list[str]]:
    """One to four changes, each drawn at random; their names."""
    names = list(rng.choice(list(CHANGES), int(rng.integers(1, 5)), replace=False))
    for name in names:
        dataset = CHANGES[name](dataset, rng)
    return replace(dataset, digest=f"{rng.integers(16**15):064x}"), names


def _landings(dataset: Dataset, *, home: bool = True) -> pd.DataFrame:
    terminals = dataset.terminals
    at_home = (terminals["country"] == "ID") == home
    return terminals[(terminals["kind"] == "unofficial") & at_home]


def _words(rng: np.random.Generator, count: int) -> list[str]:
    return ["".join(rng.choice(list("abcdefgh"), 9)) for _ in range(count)]


def _inserted(rows: pd.DataFrame, more: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    at = int(rng.integers(0, len(rows) + 1))
    return pd.concat([rows.iloc[:at], more, rows.iloc[at:]], ignore_index=True)


def other_timetables(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Departures, hours and fares of the legs of one to three landings."""
    landings = rng.choice(_landings(dataset)["id"], int(rng.integers(1, 4)), replace=False)
    legs = dataset.legs.copy()
    rows = (
        legs["from_id"].isin(landings) | legs["to_id"].isin(landings)
    ) & (legs["official"] == "no")  # fmt: skip
    factor = float(10 ** rng.uniform(-2, 2))
    columns = ["departures_per_week", "departures_per_week_low", "departures_per_week_high"]
    if rng.random() < 0.5:
        columns = ["hours", "hours_low", "hours_high"]
    legs.loc[rows, columns] = legs.loc[rows, columns] * factor
    legs.loc[rows, "fare_idr"] = float(rng.integers(1, 40)) * 1e5
    legs.loc[rows, ["source", "note", "as_of", "operator", "line"]] = _words(rng, 5)
    return replace(dataset, legs=legs)


def without_landings(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """One to three landings less, with their legs, posts and effort."""
    gone = list(rng.choice(_landings(dataset)["id"], int(rng.integers(1, 4)), replace=False))
    legs, counts = dataset.legs, dataset.counts
    legs = legs[~legs["from_id"].isin(gone) & ~legs["to_id"].isin(gone)]
    at = counts["terminal_id"].isin(gone)
    tables = {
        "terminals": dataset.terminals[~dataset.terminals["id"].isin(gone)],
        "legs": legs,
        "posts": dataset.posts[~dataset.posts["terminal_id"].isin(gone)],
        "effort": dataset.effort[~dataset.effort["terminal_id"].isin(gone)],
        "counts": counts.assign(terminal_id=counts["terminal_id"].mask(at, "")),
    }
    return replace(dataset, **{name: rows.reset_index(drop=True) for name, rows in tables.items()})


def more_landings(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """A landing more somewhere in the dataset's regencies, with the legs of another, anywhere in
    the tables; now and then its boats call at official ports too.
    """
    legs, terminals = dataset.legs, dataset.terminals
    model = _landings(dataset).sample(1, random_state=int(rng.integers(1 << 30)))
    key = "-".join(["zz" if rng.random() < 0.5 else "aa", *_words(rng, 1)])
    near = dataset.seats.sample(1, random_state=int(rng.integers(1 << 30))).iloc[0]
    landing = model.assign(
        id=key, name=key, area_code=near["code"],
        lat=near["lat"] + rng.uniform(-0.1, 0.1), lon=near["lon"] + rng.uniform(-0.1, 0.1),
    )  # fmt: skip
    of_model = legs[legs["from_id"].eq(model["id"].iloc[0]) | legs["to_id"].eq(model["id"].iloc[0])]
    renamed = {model["id"].iloc[0]: key}
    more = of_model.assign(
        id=key + of_model["id"], from_id=of_model["from_id"].replace(renamed),
        to_id=of_model["to_id"].replace(renamed), route="",
    )  # fmt: skip
    if rng.random() < 0.5:
        official = terminals[(terminals["kind"] != "unofficial") & (terminals["country"] == "ID")]
        port = official["id"].iloc[int(rng.integers(len(official)))]
        for way, (start, end) in {"out": (key, port), "back": (port, key)}.items():
            row = more.iloc[:1].assign(id=f"{key}-{way}", from_id=start, to_id=end, hours=0.5)
            more = pd.concat([more, row])
    return replace(
        dataset,
        terminals=_inserted(terminals, landing, rng),
        legs=_inserted(legs, more, rng),
    )


def landings_abroad(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Another hidden shore abroad, and other ways from those there are to the destinations."""
    shores, access, legs = _landings(dataset, home=False), dataset.access, dataset.legs
    key = f"shore-{_words(rng, 1)[0]}"
    model = shores[shores["id"].isin(access["terminal_id"])].iloc[0]
    shore = shores[shores["id"] == model["id"]].assign(id=key, name=key, lat=model["lat"] + 0.05)
    ways = access[access["terminal_id"] == model["id"]].assign(terminal_id=key)
    boats = legs[legs["to_id"] == model["id"]]
    boats = boats.assign(id=key + boats["id"], to_id=key, route="")
    hidden = access["terminal_id"].isin(shores["id"])
    hours = access["hours"].where(~hidden, access["hours"] * float(rng.uniform(0.2, 5)))
    return replace(
        dataset,
        terminals=_inserted(dataset.terminals, shore, rng),
        access=_inserted(access.assign(hours=hours), ways, rng),
        legs=_inserted(legs, boats, rng),
    )


def moved_landings(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Every hidden landing somewhere else, under another name, in another order."""
    terminals = dataset.terminals.copy()
    rows = terminals["kind"] == "unofficial"
    n = int(rows.sum())
    reach = float(rng.choice([0.02, 0.1, 0.3]))
    terminals.loc[rows, "lat"] += rng.uniform(-reach, reach, n)
    terminals.loc[rows, "lon"] += rng.uniform(-reach, reach, n)
    for column in ("name", "aliases", "place", "note", "source", "as_of"):
        terminals.loc[rows, column] = np.array(_words(rng, n), dtype=object)
    order = np.arange(len(terminals))
    order[rows] = rng.permutation(order[rows])
    return replace(dataset, terminals=terminals.iloc[order].reset_index(drop=True))


def hidden_legs(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """A small boat that no office lists between two official ports, quicker than any ship."""
    terminals = dataset.terminals
    ports = terminals[terminals["kind"].isin(["seaport", "ferry"])]
    ports = ports[ports["country"] == "ID"]["id"]
    start, end = rng.choice(ports, 2, replace=False)
    hidden = dataset.legs[dataset.legs["official"] == "no"]
    model = hidden[hidden["mode"] == "small_boat"].iloc[:1]
    key = _words(rng, 1)[0]
    more = [
        model.assign(id=f"{key}{way}", from_id=a, to_id=b, hours=0.3, route="", length_km=20.0)
        for way, a, b in (("", start, end), ("-r", end, start))
    ]
    return replace(dataset, legs=_inserted(dataset.legs, pd.concat(more), rng))


def other_posts(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Posts removed, added at any terminal in Indonesia, and dated otherwise."""
    posts = dataset.posts.sample(
        int(rng.integers(1, len(dataset.posts) + 1)), random_state=int(rng.integers(1 << 30))
    )
    at_home = dataset.terminals.loc[dataset.terminals["country"] == "ID", "id"]
    more = posts.sample(int(rng.integers(0, 4)), replace=True, random_state=3)
    more = more.assign(terminal_id=rng.choice(at_home, len(more)), name=_words(rng, len(more)))
    posts = pd.concat([posts, more], ignore_index=True).drop_duplicates("terminal_id")
    posts = posts.assign(
        since=rng.choice(["2005", "2016-07-01", "2024"], len(posts)),
        until=rng.choice(["", "", "2025"], len(posts)),
        hours=rng.choice([4.0, 24.0, np.nan], len(posts)),
        officers=rng.integers(1, 60, len(posts)).astype(float),
        as_of=rng.choice(["2024", "2026-05"], len(posts)),
    )
    return replace(dataset, posts=posts.reset_index(drop=True))


def other_effort(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Half of what is known of the effort, with other values."""
    effort = dataset.effort.sample(frac=0.5, random_state=int(rng.integers(1 << 30)))
    value = effort["value"] * float(rng.uniform(0.1, 10))
    since = rng.choice(["2010", "2018", "2024-02"], len(effort))
    effort = effort.assign(value=value, from_date=since, until_date="")
    return replace(dataset, effort=effort.reset_index(drop=True))


def other_terminals_of_counts(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Stops on record at other terminals, with other words on who watched: neither is a field."""
    counts = dataset.counts.copy()
    at = np.flatnonzero(counts["terminal_id"] != "")
    terminals = counts["terminal_id"].to_numpy(object, copy=True)
    terminals[at] = rng.permutation(terminals[at])
    return replace(
        dataset, counts=counts.assign(terminal_id=terminals, effort=_words(rng, len(counts)))
    )


def other_held_counts(dataset: Dataset, rng: np.random.Generator) -> Dataset:
    """Other true values of held counts that are rounded to the same, yearly and pooled."""
    is_held = dataset.counts["held"].to_numpy(bool)
    held = dataset.counts[is_held]
    shown = [protected(held) for protected in _PROTECTED]
    for row in rng.permutation(len(held))[:6]:
        value = float(held["value"].iloc[row])
        other = float(rng.integers(max(0, int(value) - BASE + 1), int(value) + BASE))
        trial = held.copy()
        trial.iloc[row, trial.columns.get_loc("value")] = other
        if all(p(trial).equals(s) for p, s in zip(_PROTECTED, shown, strict=True)):
            held = trial
    held = held.assign(note=_words(rng, len(held)), source=_words(rng, len(held)))
    counts = pd.concat([dataset.counts[~is_held], held]).sort_index()
    return replace(dataset, counts=counts)


_PROTECTED: tuple[Callable[[pd.DataFrame], pd.DataFrame], ...] = (
    lambda counts: protected_counts(counts, secret=SECRET).drop(columns="source"),
    lambda counts: pooled_counts(counts, secret=SECRET)[["place_code", "measure", "value"]],
)

CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        change.__name__: change
        for change in (
            other_timetables, without_landings, more_landings, landings_abroad, moved_landings,
            hidden_legs, other_posts, other_effort, other_terminals_of_counts, other_held_counts,
        )
    }
)  # fmt: skip


def with_held_counts(dataset: Dataset) -> Dataset:
    """The dataset with an office's own counts of those deferred and of homes, beside the public."""
    counts: Any = dataset.counts
    rows = counts[
        counts["measure"].isin(["persons_stopped", "prevented", "prevented_by_home_regency"])
    ]
    rows = rows[rows["place_code"].str.len() >= 5].head(40)
    rows = rows.assign(
        id="H-" + rows["id"], held=True, source="register", value=rows["value"] + 3.0
    )
    return replace(dataset, counts=pd.concat([counts, rows], ignore_index=True))
