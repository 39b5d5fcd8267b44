"""Rates of interception and constants of exits come back from simulated records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.inputs.protected_inputs import protected_inputs
from routes.observation.exits import ExitFit, deferrals_on_record
from routes.observation.record import stops_on_record, terminal_places
from routes.observation.watch import CLASSES, WatchFit, role_class


def world(rng: np.random.Generator, places: int) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Terminals far apart in four provinces, and persons a year by class and group."""
    names = [f"t{k}" for k in range(places)]
    kind = rng.choice(["seaport", "airport", "unofficial"], places)
    terminals = pd.DataFrame(
        {
            "id": names,
            "kind": kind,
            "area_code": [f"{51 + k % 4}.01" for k in range(places)],
            "lat": -10.0 + 2.0 * (np.arange(places) % 10),
            "lon": 95.0 + 2.0 * (np.arange(places) // 10),
        }
    )
    loads = {}
    for group in ("53", "*"):
        table = pd.DataFrame(0.0, names, CLASSES)
        for role in ("first", "exit", "transit"):
            for name, what in zip(names, kind, strict=True):
                table.loc[name, role_class(role, what)] += float(rng.gamma(0.5) * 4_000)
        loads[group] = table
    return terminals, loads


NEVER = pd.DataFrame({"terminal_id": [], "year": []}).astype({"year": int})
"""Nobody is on record as watching."""


def test_rates_and_efforts_come_back_from_many_events() -> None:
    rng = np.random.default_rng(5)
    terminals, loads = world(rng, 120)
    rate = pd.Series([2e-3, 5e-4, 4e-3, 1e-3, 8e-4, 1e-4, 3e-5], CLASSES)
    effort = pd.Series([0.5, 1.0, 1.0, 2.5], ["51", "52", "53", "54"])
    factor = terminals.set_index("id")["area_code"].str[:2].map(effort)
    watched = pd.DataFrame({"terminal_id": [f"t{k}" for k in range(0, 120, 3)], "year": 2020})
    rows = []
    for group in loads:
        for year in range(2006, 2026):
            seen = np.where(terminals["id"].isin(watched["terminal_id"]) & (year == 2020), 4.0, 1.0)
            mean = (loads[group] * rate).sum(axis=1).to_numpy() * factor.to_numpy() * seen
            rows.append(
                pd.DataFrame(
                    {
                        "terminal_id": terminals["id"],
                        "origin_code": "53" if group == "53" else "",
                        "year": year,
                        "events": rng.poisson(mean).astype(float),
                    }
                )
            )
    events = pd.concat(rows)
    fit = WatchFit(first_year=2006, last_year=2025).fit(loads, terminals, events, watched)
    common = ["first:land", "exit:unofficial", "exit:air", "exit:official"]
    for group in loads:
        level = np.log(fit.rates_.loc[group, common] / rate[common])
        assert np.ptp(level) < 0.6  # the level is one with the efforts
    assert fit.effort_["54"] / fit.effort_["51"] == pytest.approx(5.0, rel=0.25)
    assert fit.watched_ == pytest.approx(4.0, rel=0.15)
    watch = fit.watch(terminals, watched, range(2019, 2022))
    roles = [(group, role) for group in loads for role in ("first", "exit", "transit")]
    at = terminal_places(terminals)
    alone = next(t for t in terminals["id"] if not at[watched["terminal_id"]].isin([at[t]]).any())
    assert set(watch[alone]) == set(roles)
    assert set(watch["t3"]) == {(*role, year) for role in roles for year in (2019, 2020, 2021)}
    assert watch["t3"]["53", "first", 2020] == pytest.approx(
        fit.watched_ * watch["t3"]["53", "first", 2021]
    )


def test_places_left_out_do_not_enter_the_fit() -> None:
    rng = np.random.default_rng(6)
    terminals, loads = world(rng, 40)
    events = pd.DataFrame(
        {
            "terminal_id": terminals["id"], "origin_code": "", "year": 2020,
            "events": rng.poisson(3.0, 40),
        }
    )  # fmt: skip
    left_out = np.arange(40) % 5 == 0  # by place
    place = terminal_places(terminals)[terminals["id"]].to_numpy()
    other = events.assign(events=np.where(left_out[place], 500, events["events"]))
    fits = [
        WatchFit(first_year=2016, last_year=2025).fit(
            loads, terminals, rows, NEVER, left_out=left_out
        )
        for rows in (events, other)
    ]
    pd.testing.assert_frame_equal(fits[0].rates_, fits[1].rates_, rtol=1e-3)


def test_an_event_with_people_of_two_provinces_is_one_of_each() -> None:
    row = {"kind": "interception", "terminal_id": "t", "year": 2020, "source": "a", "period": "p"}
    rows = pd.DataFrame(
        [
            {**row, "origin_code": "53", "note": "two men"},
            {**row, "origin_code": "52", "note": ""},
            {**row, "origin_code": "53", "note": "3 events", "period": "q"},
            {**row, "kind": "return", "origin_code": "53", "note": ""},
        ]
    )
    table = stops_on_record(rows).set_index("origin_code")["events"]
    assert table.to_dict() == {"52": 1.0, "53": 4.0}


def test_constants_of_exits_follow_what_was_deferred() -> None:
    """Six exits that share 100,000 persons by a logit; deferrals at known shares."""
    rng = np.random.default_rng(8)
    exits = [f"e{k}" for k in range(6)]
    base = pd.Series(rng.normal(0, 1, 6), exits)
    truth = pd.Series([1.2, -0.8, 0.0, 0.5, -0.3, 0.0], exits)

    def loads(constants: pd.Series) -> pd.Series:
        weight = np.exp(base + constants)
        return 100_000.0 * weight / weight.sum()

    kinds = dict(zip(exits, ["sea", "sea", "air", "air", "land", "land"], strict=True))
    detection = {"sea": 0.1, "air": 0.1, "land": 0.1}
    rows = [
        {"exit": e, "year": y, "kind": kinds[e], "persons": detection[kinds[e]] * loads(truth)[e]}
        for e in exits
        for y in (2022, 2023, 2024)
    ]
    fit = ExitFit.of(pd.DataFrame(rows), loads)
    assert np.corrcoef(fit.constants, truth)[0, 1] > 0.9
    fitted, true = loads(fit.constants), loads(truth)
    assert np.abs(np.log(fitted / true)).max() < np.abs(np.log(loads(0 * truth) / true)).max() / 1.5


def test_deferrals_are_of_exits_and_immigration_alone(dataset: Dataset) -> None:
    table = deferrals_on_record(dataset.counts, dataset.terminals)
    assert {"21.71", "65.03", "61.03", "36.71"} <= set(table["exit"])
    batam = table[table["exit"] == "21.71"].set_index("year")["persons"]
    assert batam[2023] == 8243
    assert batam[2025] == 5659
    # What the task force stopped on the coasts of Nunukan is not deferred at its port.
    nunukan = table[table["exit"] == "65.03"].set_index("year")["persons"]
    assert nunukan.max() < 400
    assert set(table["kind"]) <= {"sea", "air", "land"}


def test_a_new_post_takes_its_counts_out_of_the_fit_where_there_are_earlier_ones() -> None:
    """By hand: 100 in 2022, 120 in 2023, a post from July 2024, then 300 and 400."""
    terminals = pd.DataFrame({
        "id": ["port", "beside", "other"], "kind": "ferry", "country": "ID",
        "area_code": ["21.71", "21.71", "65.03"],
    })  # fmt: skip
    row = {"measure": "prevented", "origin_code": "", "source": "x", "note": ""}
    rows = [
        ("21.71", "port", "2022", 100.0), ("21.71", "beside", "2023", 120.0),
        ("21.71", "port", "2024-01/2024-06", 60.0), ("21.71", "port", "2024", 300.0),
        ("21.71", "port", "2025", 400.0), ("65.03", "other", "2025", 80.0),
    ]  # fmt: skip
    counts = pd.DataFrame([
        {**row, "place_code": place, "terminal_id": terminal, "period": period,
         "year": int(period[:4]), "value": value}
        for place, terminal, period, value in rows
    ])  # fmt: skip

    def found(**dates: str) -> dict[tuple[str, int], float]:
        dates = {"since": "", "evidence_from": "", **dates}
        posts = pd.DataFrame([
            {"terminal_id": terminal, **dates} for terminal in ("port", "other")
        ])  # fmt: skip
        table = deferrals_on_record(counts, terminals, posts=posts)
        return table.set_index(["exit", "year"])["persons"].to_dict()

    everything = {
        ("21.71", 2022): 100.0, ("21.71", 2023): 120.0, ("21.71", 2024): 420.0,
        ("21.71", 2025): 400.0, ("65.03", 2025): 80.0,
    }  # fmt: skip
    assert found() == everything, "nobody knows when it began"
    # 60 in the half-year before the post are 120 a year; 65.03 has nothing from before it.
    new = {
        ("21.71", 2022): 100.0, ("21.71", 2023): 120.0, ("21.71", 2024): 120.0,
        ("65.03", 2025): 80.0,
    }  # fmt: skip
    assert found(since="2024-07") == new
    assert found(since="2024-07", evidence_from="2024-07-15") == new
    assert found(since="2024-07", evidence_from="2019") == everything, "it was watched before"
    assert found(since="2016-07") == everything, "effort was the same all along"
    assert found(since="2022") == everything, "all its counts are under the post"


@pytest.mark.parametrize(("more", "seems"), [(2.0, 1.2), (4.0, 1.5)])
def test_a_new_post_is_no_more_flow(more: float, seems: float) -> None:
    """Six alike exits over four years, a post that stops ``more`` times as many at one from the
    third on: with its counts the exit seems to carry more people, without them it does not.
    """
    exits = [f"21.{k:02d}" for k in range(1, 7)]
    terminals = pd.DataFrame(
        {"id": exits, "kind": "ferry", "country": "ID", "area_code": exits}
    )  # fmt: skip
    posts = pd.DataFrame([{"terminal_id": exits[0], "since": "2024-01", "evidence_from": ""}])

    def loads(constants: pd.Series) -> pd.Series:
        weight = np.exp(constants.reindex(exits).fillna(0.0))
        return 60_000.0 * weight / weight.sum()

    bias: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(8):
        rng = np.random.default_rng(seed)
        counts = pd.DataFrame([
            {"measure": "prevented", "origin_code": "", "source": "x", "note": "",
             "place_code": exit_, "terminal_id": exit_, "period": str(year), "year": year,
             "value": float(rng.poisson(1000.0 * (more if exit_ == exits[0] and year > 2023
                                                  else 1.0)))}
            for exit_ in exits
            for year in range(2022, 2026)
        ])  # fmt: skip
        for known in (True, False):
            table = deferrals_on_record(counts, terminals, posts=posts if known else None)
            fit = ExitFit.of(table, loads)
            bias[known].append(float(loads(fit.constants)[exits[0]]) / 10_000.0)
    without, with_rule = np.mean(bias[False]), np.mean(bias[True])
    assert without == pytest.approx(seems, abs=0.07), "its stops were read as people"
    assert with_rule == pytest.approx(1.0, abs=0.02)


def test_twenty_rounds_of_plan_observe_refit_send_nobody_back_to_the_same_landing() -> None:
    """Equal true flows at six landings, patrols each round at the two with most to see.

    The rates are of roles and provinces, so what a patrol finds at one landing raises what is
    expected of all alike; no landing's share rises above 1.2 times.
    """
    rng = np.random.default_rng(20)
    names = [f"l{k}" for k in range(6)]
    terminals = pd.DataFrame(
        {
            "id": names, "kind": "unofficial", "area_code": "21.71",
            "lat": 1.0 + np.arange(6), "lon": 104.0,
        }
    )  # fmt: skip
    loads = {group: pd.DataFrame(0.0, names, CLASSES) for group in ("53", "*")}
    loads["*"]["exit:unofficial"] = 500.0
    patrolled = np.array([0, 1])
    record, patrols = [], []
    for year in range(2026, 2046):
        patrols += [(names[k], year) for k in patrolled]
        effort = np.where(np.isin(np.arange(6), patrolled), 1.0, 0.1)
        record.append(
            pd.DataFrame(
                {
                    "terminal_id": names, "origin_code": "", "year": year,
                    "events": rng.poisson(0.02 * 500.0 * effort),
                }
            )
        )  # fmt: skip
        events = pd.concat(record)
        watched = pd.DataFrame(patrols, columns=["terminal_id", "year"])
        fit = WatchFit(first_year=2026, last_year=year).fit(loads, terminals, events, watched)
        watch = fit.watch(terminals, NEVER, [year])
        expected = np.array([500.0 * watch[name]["*", "exit"] for name in names])
        patrolled = np.argsort(-(expected + rng.normal(0, 1e-9, 6)))[:2]
    assert expected.sum() > 1.0
    assert (expected / expected.sum() <= 1.2 / 6).all()


def test_what_is_stopped_on_a_coast_moves_no_flow(dataset: Dataset) -> None:
    counts = dataset.counts
    found = counts[(counts["kind"] == "interception") & (counts["terminal_id"] == "nongsa")]
    more = pd.concat([counts, *[found.assign(value=500.0)] * 20], ignore_index=True)
    before, after = (deferrals_on_record(rows, dataset.terminals) for rows in (counts, more))
    pd.testing.assert_frame_equal(before, after)


def test_held_counts_are_deferrals_of_a_regency_and_no_events(dataset: Dataset) -> None:
    """Pooled over years and without terminal or note, they say no place and no day."""
    held = replace(dataset, counts=dataset.counts.assign(held=True))
    counts = protected_inputs(held, bytes(32)).counts
    assert stops_on_record(counts).empty
    deferred = deferrals_on_record(counts, dataset.terminals)
    assert set(deferred["kind"]) <= {"sea", "air", "land"}
    batam = deferred.loc[deferred["exit"] == "21.71", "persons"].sum()
    assert 1_000 < batam < 9_000  # a year, pooled over those on record
