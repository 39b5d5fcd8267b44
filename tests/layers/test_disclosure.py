"""Random rounding: unbiased, repeatable, additive; the secret is made once."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.dataset import load_dataset
from geo.disclosure import (
    BASE,
    COUNT_INDICATORS,
    FINGERPRINTS_FILE,
    KEY_FILE,
    protect_count,
    protected_counts,
    release_secret,
)
from geo.errors import DataFileError, EnvironmentProblem, InputError, StateError
from geo.paths import Home
from layers.registry import layers_for
from layers.release.counts import PUBLISHED_MEASURES, published_counts
from layers.release.release import Release
from layers.release.tier_tables import TierTables
from routes.build.store import load_build
from routes.inputs.protected_inputs import protected_inputs

KEY = bytes(range(32))


@pytest.mark.slow
@given(st.integers(0, 10**6), st.text(max_size=8), st.integers(1990, 2050), st.binary(min_size=32))
def test_rounds_to_a_neighbouring_multiple_and_always_the_same(
    value: int, place: str, year: int, secret: bytes
) -> None:
    first = protect_count(value, place=place, year=year, measure="cases", secret=secret)
    assert first % BASE == 0
    assert abs(first - value) < BASE
    assert first == protect_count(value, place=place, year=year, measure="cases", secret=secret)
    if value % BASE == 0:
        assert first == value


@pytest.mark.parametrize("value", [1, 2, 3, 4, 13, 41])
def test_unbiased_over_cells(value: int) -> None:
    places = 20_000
    rounded = [
        protect_count(value, place=f"p{n}", year=2018, measure="cases", secret=KEY)
        for n in range(places)
    ]
    share = (value % BASE) / BASE
    error = BASE * np.sqrt(share * (1 - share) / places)
    assert abs(np.mean(rounded) - value) < 4 * error


def test_a_growing_count_never_falls() -> None:
    for place in map(str, range(50)):
        rounded = [
            protect_count(v, place=place, year=2018, measure="cases", secret=KEY) for v in range(40)
        ]
        assert rounded == sorted(rounded)


def test_place_year_and_measure_all_matter() -> None:
    draws = {
        (place, year, measure): protect_count(
            2, place=place, year=year, measure=measure, secret=KEY
        )
        for place in "abcdefgh"
        for year in range(2000, 2010)
        for measure in ("cases", "deaths")
    }
    assert set(draws.values()) == {0, 5}


def test_negative_is_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        protect_count(-1, place="a", year=2018, measure="cases", secret=KEY)


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    first = release_secret(home)
    path = home.root / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) == 32
    assert release_secret(home) == first
    assert sorted(home.root.iterdir()) == [path, home.root / FINGERPRINTS_FILE]
    assert release_secret(Home.resolve(tmp_path / "other")) != first


def test_damaged_or_shared_secret_is_refused_not_replaced(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    release_secret(home)
    path = home.root / KEY_FILE
    path.chmod(0o644)
    with pytest.raises(EnvironmentProblem, match="chmod 600"):
        release_secret(home)
    path.chmod(0o600)
    path.write_text("")
    with pytest.raises(StateError, match="backup"):
        release_secret(home)
    assert path.read_text() == ""


def _counts(rows: list[tuple[str, int, str, str, float]]) -> pd.DataFrame:
    columns = ["place_code", "year", "measure", "kind", "value"]
    raw = pd.DataFrame(rows, columns=columns)
    return raw.assign(unit="person", terminal_id="t", origin_code="", period="", source="")


def _published(raw: pd.DataFrame) -> pd.DataFrame:
    return published_counts(protected_counts(raw, secret=KEY), _areas())


def _areas() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"code": c, "name": f"n{c}", "lat": -9.0, "lon": 124.0} for c in ("53", "53.01", "53.04")
    ]
    return pd.DataFrame(rows)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 500)), min_size=1, max_size=12))
def test_totals_are_sums_of_rounded_cells(parts: list[tuple[int, int]]) -> None:
    raw = _counts([(f"53.0{n}", 2018, "persons_stopped", "interception", v) for n, v in parts])
    out = _published(raw)
    regencies = out[out["level"] == "regency"]
    (total,) = out.loc[out["level"] == "province", "value"]
    assert total == regencies["value"].sum()
    assert set(regencies["area_code"]) == {f"53.0{n}" for n, _ in parts}


def _values(rows: list[tuple[str, int, str, str, float]]) -> dict[tuple[str, int], int]:
    out = _published(_counts(rows))
    values = out.set_index(["area_code", "year"])["value"].to_dict()
    return {(str(code), int(year)): int(value) for (code, year), value in values.items()}


def test_a_reported_sum_contains_the_events_of_its_place() -> None:
    assert _values(
        [
            ("53.01", 2018, "persons_stopped", "interception", 10),
            ("53.01", 2018, "persons_stopped", "interception", 20),
            ("53.01", 2018, "prevented", "total", 100),
            ("53.04", 2018, "persons_stopped", "interception", 50),
            ("53.04", 2018, "prevented", "total", 25),
        ]
    ) == {("53.01", 2018): 100, ("53.04", 2018): 50, ("53", 2018): 150}


def test_what_a_province_reports_beyond_its_regencies_is_one_more_cell() -> None:
    assert _values(
        [
            ("53.01", 2018, "persons_stopped", "interception", 10),
            ("53", 2018, "prevented", "total", 1380),
            ("53.01", 2017, "persons_stopped", "interception", 40),
            ("53", 2017, "prevented", "total", 20),
            ("53", 2016, "prevented", "total", 445),
        ]
    ) == {
        ("53.01", 2018): 10, ("53", 2018): 1380, ("53.01", 2017): 40, ("53", 2017): 40,
        ("53", 2016): 445,
    }  # fmt: skip


def test_yearly_figures_of_one_place_are_not_added_up() -> None:
    assert _values(
        [
            ("53.01", 2018, "tppo_cases", "tppo_cases", 10),
            ("53.04", 2018, "tppo_cases", "tppo_cases", 20),
            ("53.04", 2019, "tppo_cases", "tppo_cases", 20),
            ("53", 2018, "tppo_cases", "tppo_cases", 25),
        ]
    ) == {("53.01", 2018): 10, ("53.04", 2018): 20, ("53.04", 2019): 20, ("53", 2018): 25}


def test_the_rest_is_kept_back_and_nothing_is_finer_than_a_regency() -> None:
    assert _values(
        [
            ("ID", 2018, "prevented", "total", 9999),
            ("", 2018, "prevented", "total", 9999),
            ("53.01", 2018, "victims_female", "total", 95),
            ("53.01", 2018, "never decided", "event", 5),
            ("53.01.07.2001", 2015, "persons_stopped", "interception", 5),
        ]
    ) == {("53.01", 2015): 5, ("53", 2015): 5}


def test_rows_of_one_cell_are_added_before_rounding() -> None:
    rows = [("53.04", 2018, "persons_stopped", "interception", value) for value in (2, 2, 3, 3)]
    (whole,) = protected_counts(_counts(rows), secret=KEY)["value"]
    assert whole == 10


def test_origins_of_an_event_are_cells_and_homes_are_not() -> None:
    rows = [
        ("53.04", 2018, "persons_stopped", "interception", 11),
        ("53.04", 2018, "persons_stopped", "interception", 12),
        ("53.04", 2018, "died_abroad", "deaths", 13),
    ]
    cells = protected_counts(_counts(rows).assign(origin_code=["53", "", "53"]), secret=KEY)
    rounded = [
        protect_count(value, place="53.04", year=2018, measure=measure, origin=origin, secret=KEY)
        for value, origin, measure in (
            (12, "", "interceptions"), (13, "", "deaths_abroad"), (11, "53", "interceptions"),
        )
    ]  # fmt: skip
    assert cells["value"].tolist() == rounded


def test_counts_that_were_never_rounded_are_not_published() -> None:
    raw = _counts([("53.04", 2018, "persons_stopped", "interception", 12)])
    with pytest.raises(StateError, match="never rounded"):
        published_counts(raw, _areas())


def test_unlike_classes_and_units_are_cells_of_their_own() -> None:
    """Victims of TPPO, people stopped without a class and cases in one place: never one figure."""
    raw = _counts([("53.01", 2018, "persons_stopped", "interception", 13)] * 3)
    raw = raw.assign(legal_class=["tppo", "unknown", "tppo"], how=["reported", "", "discovered"])
    raw = raw.assign(unit=["person", "person", "case"], status="suspected")
    cells = protected_counts(raw, secret=KEY)
    assert len(cells) == 3
    out = published_counts(cells, _areas())
    regency = out[out["level"] == "regency"].set_index("id")
    assert set(regency.index) == {
        "53.01-2018-interceptions",
        "53.01-2018-interceptions-tppo",
        "53.01-2018-interceptions-tppo-case",
    }
    assert regency["how"].tolist().count("unknown") == 1
    assert (regency["status"] == "suspected").all()
    totals = out[out["total"]].set_index(["legal_class", "unit"])["value"]
    assert totals.to_dict() == regency.set_index(["legal_class", "unit"])["value"].to_dict()
    # a count whose class is corrected in a later release keeps its rounding
    for n in range(40):
        assert protected_counts(raw, secret=bytes([n]) * 32)["value"].nunique() == 1


def _periods(rows: list[tuple[Any, ...]]) -> dict[str, dict[int, str]]:
    """Periods of the published counts of persons, by area and year."""
    columns = ["place_code", "year", "measure", "kind", "value", "period", "held"]
    out = published_counts(pd.DataFrame(rows, columns=columns).assign(unit="person"), _areas())
    return {
        code: dict(zip(part["year"], part["period"], strict=True))
        for code, part in out.groupby("area_code")
    }


def test_a_count_of_a_part_of_its_year_says_which() -> None:
    """A province's own sum rules over events below; a whole year and a held row say none."""
    rows = [
        ("53", 2019, "prevented", "total", 684, "2019-01/2019-07-31", False),
        ("53.01", 2019, "persons_stopped", "interception", 10, "2019-03-02", False),
        ("53", 2018, "prevented", "total", 900, "2018", False),
        ("53.01", 2017, "prevented", "total", 80, "2017-01/2017-04", False),
        ("53.04", 2017, "prevented", "total", 30, "2017-01-01/2017-10-02", False),
        ("53.01", 2016, "prevented", "total", 15, "2016-01/2016-04", True),
    ]
    periods = _periods(rows)
    assert periods["53"] == {2019: "2019-01/2019-07", 2018: "", 2017: "2017-01/2017-10", 2016: ""}
    assert periods["53.01"] == {2019: "events", 2017: "2017-01/2017-04", 2016: ""}


def test_single_events_are_no_count_of_a_year() -> None:
    """One raid in Tenau in 2023 is not what Kota Kupang stopped that year."""
    rows = [
        ("53.71", 2023, "persons_stopped", "interception", 23, "2023-07-08", False),
        ("53.71", 2018, "persons_stopped", "interception", 26, "2018-03-01", False),
        ("53.71", 2018, "prevented", "total", 938, "2018-01-01/2018-11-12", False),
        ("53.01", 2018, "persons_stopped", "interception", 5, "2018", False),
        ("53.01", 2023, "persons_stopped", "interception", 5, "2023", True),
    ]
    periods = _periods(rows)
    assert periods["53"] == periods["53.71"] == {2018: "2018-01/2018-11", 2023: "events"}
    assert periods["53.01"] == {2018: "events", 2023: ""}


def test_a_province_s_count_is_of_the_months_that_most_of_it_is_of() -> None:
    rows = [
        ("53", 2016, "prevented", "total", 443, "2016"),
        ("53.71", 2016, "prevented", "total", 529, "2016-07/2016-12"),  # more than its province
        ("53.71", 2017, "prevented", "total", 838, "2017-01/2017-10"),
        ("53.01", 2017, "prevented", "total", 37, "2017"),
        ("53.71", 2018, "prevented", "total", 30, "2018-01/2018-02"),
        ("53.01", 2018, "prevented", "total", 37, "2018"),
    ]
    columns = ["place_code", "year", "measure", "kind", "value", "period"]
    cells = pd.DataFrame(rows, columns=columns).assign(unit="person", held=False)
    province = published_counts(cells, _areas()).query("area_code == '53'").set_index("year")
    assert province["value"].to_dict() == {2016: 529, 2017: 875, 2018: 67}
    assert province["period"].to_dict() == {
        2016: "2016-07/2016-12", 2017: "2017-01/2017-10", 2018: "",
    }  # fmt: skip


def test_a_count_names_the_sources_that_it_rests_on_and_no_held_one() -> None:
    rows = [
        ("53", 2016, "total", 443, "province.id", False),  # less than its place's: not used
        ("53.71", 2016, "total", 529, "kota.id; kompas.com", False),
        ("53.71", 2017, "total", 838, "kota.id", False),
        ("53.01", 2017, "total", 35, "an agency", True),
        ("53.01", 2018, "interception", 10, "raid.id", False),
        ("53.01", 2018, "total", 30, "whole.id", False),
    ]
    columns = ["place_code", "year", "kind", "value", "source", "held"]
    cells = pd.DataFrame(rows, columns=columns).assign(unit="person", measure="prevented")
    out = published_counts(cells, _areas()).set_index(["area_code", "year"])["source"]
    assert out.to_dict() == {
        ("53.71", 2016): "kompas.com; kota.id", ("53", 2016): "kompas.com; kota.id",
        ("53.71", 2017): "kota.id", ("53.01", 2017): "", ("53", 2017): "kota.id",
        ("53.01", 2018): "whole.id", ("53", 2018): "whole.id",
    }  # fmt: skip


def test_a_count_is_described_by_what_it_rests_on() -> None:
    """A checkpoint's yearly sum is discovered, whatever few raids lie in it."""
    raw = _counts(
        [
            ("53.01", 2018, "persons_stopped", "interception", 10),
            ("53.01", 2018, "prevented", "total", 100),
            ("53.04", 2018, "persons_stopped", "interception", 50),
            ("53.04", 2018, "prevented", "total", 25),
        ]
    ).assign(status="suspected", how=["unknown", "discovered", "reported", "discovered"])
    out = _published(raw).set_index("area_code")
    assert out["how"].to_dict() == {"53.01": "discovered", "53.04": "reported", "53": "unknown"}
    assert set(out["status"]) == {"suspected"}


def test_every_published_count_is_made_of_the_cells_the_model_used(built_home: Path) -> None:
    """One rounding: adding up what the model was fitted to gives what the release publishes."""
    build = load_build(built_home)
    model = protected_inputs(load_dataset(built_home), release_secret(Home.resolve(built_home)))
    published = TierTables(build).table("counts", "public")
    what = ["measure", "legal_class", "unit"]
    rows = pd.DataFrame({name: published.columns[name] for name in
                         ("area_code", "year", *what, "value", "total")})  # fmt: skip
    assert len(rows) > 300
    cells = model.counts.rename(columns={"measure": "raw"})
    cells["measure"] = cells["raw"].replace(
        {
            "persons_stopped": "interceptions", "prevented": "interceptions",
            "deported": "deportations", "deported_counted_landings": "deportations",
            "died_abroad": "deaths_abroad",
        }
    )  # fmt: skip
    kinds = {name: measure.kind for name, measure in PUBLISHED_MEASURES.items()}
    parts = cells[cells["kind"] == cells["measure"].map(kinds)]
    key = ["place_code", "year", *what]
    added = parts.groupby(key)["value"].sum()
    wholes = cells[cells["kind"] == "total"].groupby(key)["value"].max()
    regencies = rows[rows["area_code"].str.len() == 5]
    columns = ["area_code", "year", *what, "value"]
    for code, year, *like, value in regencies[columns].itertuples(index=False):
        at = (code, float(year), *like)
        assert value == max(added.get(at, 0.0), wholes.get(at, 0.0)), at
    for code, year, *like, value in rows.loc[rows["total"], columns].itertuples(index=False):
        same = (regencies["year"] == year) & (regencies[what] == like).all(axis=1)
        below = regencies.loc[same & regencies["area_code"].str.startswith(code), "value"].sum()
        at = (code, float(year), *like)
        assert value == max(below + added.get(at, 0.0), wholes.get(at, 0.0), below), at


def test_an_indicator_that_is_a_count_is_rounded_on_the_count_s_cell(built_home: Path) -> None:
    model = protected_inputs(load_dataset(built_home), KEY)
    deaths = model.indicators[model.indicators["indicator"] == "migrant_deaths"]
    counts = model.counts[model.counts["kind"] == "deaths"]
    counted = counts[counts["measure"] == "died_abroad"].set_index(["place_code", "year"])["value"]
    regency = deaths[deaths["area_code"].str.len() == 5].set_index(["area_code", "year"])["value"]
    assert "migrant_deaths" in COUNT_INDICATORS
    assert len(regency) > 100
    assert regency.to_dict() == {key: counted[key] for key in regency.index}


def test_counts_by_home_regency_and_of_registers_are_published_by_regency() -> None:
    row = {"place_code": "53.11", "origin_code": "", "period": "2024", "year": 2024.0}
    row |= {"kind": "total", "unit": "person", "source": "", "held": True}
    measures = {"prevented_by_home_regency": 62.0, "migrants_registered": 31.0}
    counts = [{**row, "measure": name, "value": value} for name, value in measures.items()]
    villages = {"place_code": "53.11.01.2001", "measure": "migrants_registered", "value": 40.0}
    cells = protected_counts(pd.DataFrame([*counts, {**row, **villages}]), secret=bytes(32))
    areas = pd.DataFrame(
        [{"code": "53.11", "name": "Kabupaten Sumba Timur", "lat": -9.7, "lon": 120.3}]
    )
    table = published_counts(cells, areas).set_index("measure")["value"]
    assert table["prevented_by_home_regency"] in {60, 65}
    assert table["migrants_registered"] == 40


def test_a_whole_is_not_below_its_parts_and_equals_them_where_it_truly_does() -> None:
    rows = [
        ("53.01", 2018, "persons_stopped", "interception", 6),
        ("53.01", 2018, "prevented", "total", 7),
        ("53.04", 2018, "persons_stopped", "interception", 8),
        ("53.04", 2018, "prevented", "total", 8),
    ]
    raw = _counts(rows).assign(origin_code=["53", "", "53", ""])
    for n in range(30):
        cells = protected_counts(raw, secret=bytes([n]) * 32).set_index(["place_code", "kind"])
        part, whole = (cells.loc[("53.01", kind), "value"] for kind in ("interception", "total"))
        assert whole >= part
        parts, equal = (cells.loc[("53.04", kind), "value"] for kind in ("interception", "total"))
        assert parts == equal


def test_held_parts_of_a_published_whole_are_not_above_it() -> None:
    """With 6 published for the whole, 10 for a part would leave exactly 6."""
    raw = _counts(
        [
            ("53.01", 2018, "persons_stopped", "interception", 6),
            ("53.01", 2018, "prevented", "total", 6),
        ]
    ).assign(held=[True, False])
    shown = {protected_counts(raw, secret=bytes([n]) * 32)["value"].min() for n in range(30)}
    assert shown == {5.0}


def test_the_public_tier_links_to_no_page(built_home: Path) -> None:
    """News and verdicts may name a person; an office's own page is found by its publisher."""
    tables = TierTables(load_build(built_home))
    for name in layers_for("public"):
        table = tables.table(name, "public")
        for field, values in table.columns.items():
            assert not any("://" in str(value) for value in values), (name, field)
    sources = tables.table("services", "public").columns["source"]
    assert "kepri.antaranews.com" in sources
    partner = tables.table("services", "partner").columns["source"]
    assert any("://" in str(value) for value in partner)


def test_a_text_about_a_person_is_never_published(
    small_build: Any, publish_in: Callable[[Any, str], Release]
) -> None:
    """Whoever wrote it, in whatever layer; the number is made here and is nobody's."""
    services = small_build.services.copy()
    digits = "".join(str(7 * k % 10) for k in range(1, 5))
    services.loc[0, "note"] = "hubungi 530102" + "150190" + digits
    with pytest.raises(DataFileError, match="services"):
        publish_in(replace(small_build, services=services), "persons")
