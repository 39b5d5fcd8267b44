"""The index at every level on the embedded data: from the map, from above, adding up, protected."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.disclosure import CELL_MEASURES, COUNT_INDICATORS, protect_count
from geo.errors import InputError
from routes.build.model import Build
from routes.demand.model import DemandParameters
from routes.demand.origins import OriginModel, fit_origins
from routes.graph.build import GraphFrames, official_frames
from routes.graph.costs import CostParameters
from routes.inputs.protected_inputs import protected_inputs
from routes.vulnerability.accessibility import OFFICES, TRAVEL, aggregate
from routes.vulnerability.explanation import Explainer
from routes.vulnerability.framework import Framework
from tests.routes.held import held_copy

SECRET = bytes(range(32))


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def frames(dataset: Dataset) -> GraphFrames:
    return official_frames(dataset)


def _fit(dataset: Dataset, frames: GraphFrames, secret: bytes = SECRET) -> OriginModel:
    return fit_origins(
        protected_inputs(dataset, secret), frames, Framework.load(), demand=DemandParameters(),
        costs=CostParameters(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def model(dataset: Dataset, frames: GraphFrames) -> OriginModel:
    return _fit(dataset, frames)


class TestGeography:
    def test_hours_are_hours(self, model: OriginModel) -> None:
        hours = model.levels.places[list(TRAVEL)]
        assert (hours.min() >= 0).all()
        assert (hours.max() <= 240).all()

    def test_near_and_far(self, model: OriginModel) -> None:
        places = model.levels.places
        # Soe lies some 110 km of road from Kupang; Kupang has every office
        assert 1.5 < places.loc["r:53.02", "hours_to_bp3mi"] < 5.0
        assert places.loc["r:53.71", list(OFFICES)].max() < 1.0
        # Sabu and Alor are reached by ship or plane alone
        assert places.loc["r:53.20", "island_remoteness"] > 4.0
        assert places.loc["r:53.05", "island_remoteness"] > 4.0
        assert places.loc["r:53.08", "island_remoteness"] == 0.0
        assert (places["hours_to_town"][places.index.str.startswith("r:")] == 0).all()

    def test_where_offices_are_not_listed_the_time_is_unknown(self, model: OriginModel) -> None:
        java = model.levels.places[model.levels.places["province_code"] == "35"]
        assert java[list(OFFICES)].isna().all(axis=None)
        kaltara = model.levels.places[model.levels.places["province_code"] == "65"]
        assert kaltara["hours_to_uptd_ppa"].isna().all()
        kepri = model.levels.places[model.levels.places["province_code"] == "21"]
        assert kepri["hours_to_immigration"].notna().mean() > 0.9

    def test_a_direct_road_is_never_beaten_by_more_than_it_should(
        self, model: OriginModel, frames: GraphFrames, dataset: Dataset
    ) -> None:
        """Against plain Dijkstra over the graph's terminals, for a few settlements."""
        kupang = dataset.services[dataset.services["kind"] == "uptd_ppa"]
        assert len(kupang) >= 1
        for node in ("r:53.05", "r:53.20"):
            hours = model.levels.places.loc[node, "hours_to_uptd_ppa"]
            graph = frames.graph()
            home = [n for n, c in graph.nodes(data="country") if c == "ID"]
            near = nx.single_source_dijkstra_path_length(
                graph.subgraph(home), node if node in graph else "tenau", weight="time_h"
            )
            if node in graph:
                assert hours <= near["tenau"] + 2.0
        assert model.levels.places.loc["r:53.20", "hours_to_uptd_ppa"] > 3.0

    def test_means_are_weighted_and_keep_to_what_is_known(self) -> None:
        places = pd.DataFrame({c: [1.0, 3.0, np.nan] for c in TRAVEL}, index=list("abc"))
        group = pd.Series(["x", "x", "x"], index=list("abc"))
        people = pd.Series([300.0, 100.0, 50.0], index=list("abc"))
        assert np.allclose(aggregate(places, group, people), 1.5)
        assert np.allclose(aggregate(places, group), 2.0)


class TestLevels:
    def test_every_level_is_there(self, model: OriginModel) -> None:
        sizes = {level: len(i.score_) for level, i in model.levels.indices.items()}
        assert sizes["province"] == 38
        assert sizes["regency"] == 514
        assert sizes["district"] == 450
        assert sizes["place"] == 4253  # the villages of the pilot provinces

    def test_what_a_district_inherits_is_flagged(self, model: OriginModel) -> None:
        district = model.levels.indices["district"]
        flags = district.imputed_["poverty_rate"]
        flags = flags[flags.index.str.startswith("53.")]
        assert (flags == "from " + flags.index.str[:5]).all()
        assert (district.known_share_ < 0.4).all()

    def test_rank_correlation_with_poverty_alone(self, model: OriginModel) -> None:
        index, table = model.levels.indices["regency"], model.levels.tables["regency"]
        poverty = table["poverty_rate"]
        rho = index.score_.corr(poverty, method="spearman")
        print(f"rank correlation with poverty alone: {rho:.3f} over {poverty.notna().sum()}")
        assert 0.4 < rho < 0.95

    def test_every_regency_has_an_index_and_no_district_inherits_one(
        self, model: OriginModel
    ) -> None:
        """At most 150 regencies may be without; what a district has of its own is too little."""
        regency, district = model.levels.indices["regency"], model.levels.indices["district"]
        print(f"regencies without an index: {regency.score_.isna().sum()}")
        assert regency.score_.isna().sum() <= 150
        assert (regency.score_.isna() == (regency.known_share_ < 0.5 - 1e-9)).all()
        assert district.score_.isna().all()


@pytest.fixture(scope="module")
def held(dataset: Dataset) -> Dataset:
    """The embedded data as if an agency held them all."""
    return held_copy(dataset)


class TestProtection:
    def test_scores_cannot_tell_what_the_rounding_hides(
        self, held: Dataset, frames: GraphFrames
    ) -> None:
        """Deaths that are rounded to the same number give the very same scores."""
        rows = held.indicators
        other = rows.copy()
        changed = 0
        for k, row in rows[rows["indicator"] == "migrant_deaths"].iterrows():
            cell = {
                "place": row["area_code"], "year": int(row["year"]),
                "measure": CELL_MEASURES["migrant_deaths"], "secret": SECRET,
            }  # fmt: skip
            shown = protect_count(int(row["value"]), **cell)
            for value in range(max(shown - 4, 0), shown + 5):
                if value != row["value"] and protect_count(value, **cell) == shown:
                    other.loc[k, "value"] = float(value)
                    changed += 1
                    break
        assert changed > 60
        model, again = _fit(held, frames), _fit(replace(held, indicators=other), frames)
        for level, index in model.levels.indices.items():
            pd.testing.assert_series_equal(index.score_, again.levels.indices[level].score_)
            pd.testing.assert_frame_equal(
                index.rank_interval_, again.levels.indices[level].rank_interval_
            )
        pd.testing.assert_series_equal(model.sampler.departures(), again.sampler.departures())

    def test_the_test_can_fail(self, held: Dataset) -> None:
        rows = held.indicators
        more = rows["value"] + 10.0 * (rows["indicator"] == "migrant_deaths")
        one = protected_inputs(held, SECRET).indicators["value"]
        two = protected_inputs(
            replace(held, indicators=rows.assign(value=more)), SECRET
        ).indicators["value"]
        assert not one.equals(two)

    def test_a_new_count_is_rounded(self, held: Dataset) -> None:
        rows = held.indicators
        victims = rows[rows["indicator"] == "migrant_deaths"].assign(indicator="victims", value=7.0)
        with_victims = replace(held, indicators=pd.concat([rows, victims]))
        item = replace(
            Framework.load().indicators[0], slug="victims_rate", take="victims", counts_persons=True
        )
        framework = Framework(indicators=(item,))
        shown = protected_inputs(with_victims, SECRET, framework.person_counts).indicators
        assert set(shown.loc[shown["indicator"] == "victims", "value"]) == {5.0, 10.0}

    @pytest.mark.parametrize("change", [{"per": "population"}, {"unit": "persons"}])
    def test_a_new_count_that_does_not_say_so_is_refused(self, change: dict[str, str]) -> None:
        plain = {"slug": "victims", "take": "", "per": "", "counts_persons": None}
        with pytest.raises(InputError, match="count persons"):
            replace(Framework.load().indicators[0], **{**plain, **change})

    def test_ours_says_which_of_its_columns_count_persons(self) -> None:
        ours = Framework.load()
        assert ours.person_counts == frozenset()

    def test_percentages_are_left_alone(self, held: Dataset) -> None:
        rows = held.indicators
        rest = ~rows["indicator"].isin(COUNT_INDICATORS)
        shown = protected_inputs(held, SECRET).indicators
        pd.testing.assert_series_equal(rows.loc[rest, "value"], shown.loc[rest, "value"])
        counted = shown.loc[~rest, "value"].dropna()
        assert (counted % 5 == 0).all()


class TestExplanation:
    def test_parts_add_up_and_come_heaviest_first(self, model: OriginModel) -> None:
        index, table = model.levels.indices["regency"], model.levels.tables["regency"]
        found = Explainer(index, table, {"53.02": "Timor Tengah Selatan"}).explain("53.02")
        points = [part.log_points for part in found.parts]
        assert points == sorted(points, reverse=True)
        ours = index.score_.index.str.startswith("53.")
        logs = index.log_values_
        gap = (logs.loc["53.02"] - logs[ours].median()) * index.weights_
        assert sum(points) == pytest.approx(gap.sum())
        assert "Timor Tengah Selatan" in found.reason.in_language("id")
        assert "Timor Tengah Selatan" in found.reason.in_language("en")
        assert len(found.alike) == 3
        assert "53.02" not in found.alike

    def test_unknown_is_said(self) -> None:
        from routes.vulnerability.framework import Indicator
        from routes.vulnerability.index import VulnerabilityIndex

        one = Indicator(
            slug="a", direction="up", category="c", dimension="coping", weight=1.0, unit="u",
            range=(0.0, 9.0), titles={"id": "Contoh", "en": "Example"},
        )  # fmt: skip
        table = pd.DataFrame({"a": [1.0, 5.0, np.nan]}, index=["53.01", "53.02", "21.01"])
        index = VulnerabilityIndex(Framework(indicators=(one,)), draws=0).fit(table)
        found = Explainer(index, table, {}).explain("21.01")
        assert index.class_["21.01"] == "not_assessed"
        assert "belum dinilai" in found.reason.in_language("id")
        assert found.parts == ()


class TestBuild:
    def test_departures_add_up_to_the_last_person(self, build: Build) -> None:
        level = {name: rows.set_index("code") for name, rows in build.areas.groupby("level")}
        regency = level["regency"]["demand_mean"]
        up = regency.groupby(regency.index.str[:2]).sum()
        assert np.allclose(up, level["province"]["demand_mean"].reindex(up.index), rtol=1e-12)
        district = level["district"]["demand_mean"].dropna()
        sums = district.groupby(district.index.str[:5]).sum()
        assert len(sums) == 34  # every regency of the pilot provinces
        assert np.allclose(sums, regency.reindex(sums.index), rtol=1e-12)

    def test_more_leave_than_are_stopped(self, build: Build) -> None:
        """One task force stopped 1,379 in 2018; deportees and deaths tell of more."""
        province = build.areas.set_index("code").loc["53"]
        assert 1_379 < province["demand_p05"] < 9_600 < province["demand_p95"] < 40_000

    def test_a_reason_says_on_which_side_the_value_lies(self, build: Build) -> None:
        """Poverty never makes anything better: fewer poor people do."""
        more = r"lebih (?:banyak|tinggi|lama(?! bersekolah)|panjang)|lebih lama bersekolah"
        pattern = re.compile(
            rf"(?:({more})|lebih [^(;:]+) \(([\d.]+(?:,\d+)?) ([^;]+); "
            r"nilai tengah ([\d.]+(?:,\d+)?) ([^;)]+)"
        )
        found = [m for reason in build.areas["reason_id"] for m in pattern.finditer(reason)]
        assert len(found) > 100
        for match in found:
            value, median = (
                float(text.replace(".", "").replace(",", ".")) / (60 if unit == "menit" else 1)
                for text, unit in zip(match.groups()[1::2], match.groups()[2::2], strict=True)
            )
            assert (value > median) == bool(match[1]) or value == median, match[0]
        poor = build.areas.set_index("code").loc["53.21", "reason_id"]
        worse, better = poor.split("Yang lebih baik")
        assert "penduduk miskin lebih sedikit" in better
        assert "penduduk miskin" not in worse

    def test_reasons_rest_on_whole_lists_alone(self, build: Build, dataset: Dataset) -> None:
        """Every regency of the pilot provinces has its police resort on record; others may not."""
        served = dataset.services[dataset.services["kind"] == "polres"]
        police = set(served["area_code"]).union(*served["jurisdiction"].str.split(";"))
        areas = build.areas
        pilots = areas[
            (areas["level"] == "regency") & areas["province_code"].isin(["21", "53", "65"])
        ]
        assert set(pilots["code"]) <= police
        given = {
            part["indicator"]
            for parts in areas["contributions"]
            for part in json.loads(parts)
            if "reads" in part
        }
        assert {"poverty_rate", "stunting_rate", "hours_to_police"} <= given
        assert not given & {
            "hours_to_immigration", "hours_to_uptd_ppa", "hours_to_bp3mi",
            "village_task_force_share",
        }  # fmt: skip

    def test_explanations_and_trends_are_in_the_areas(self, build: Build) -> None:
        areas = build.areas
        assert (areas["reason_id"].str.len() > 20).all()
        assert areas["reason_id"].str.contains(r"\b\d{1,2}\.\d{3} ribu rupiah").any()
        assert not areas["reason_id"].str.contains(r"\d{4},\d").any()
        parts = json.loads(areas.set_index("code").loc["53.21", "contributions"])
        assert {"indicator", "id", "en", "log_points", "basis", "basis_area", "reads"} == set(
            parts[0]
        )
        told = [c for text in areas["trend"] for c in json.loads(text)]
        assert told
        for change in told:
            shown = "change" in change
            assert shown == (change["direction"] != "no clear change")
            assert not shown or change["p05"] * change["p95"] > 0

    def test_hot_spots_rest_on_records(self, build: Build) -> None:
        found = build.hotspots
        assert set(found["class"]) <= {"hot", "cold", "not_significant", "not_assessed"}
        tested = found[found["class"] != "not_assessed"]
        assert set(tested["province_code"]) == {"53"}
        assert (tested["q_value"] >= tested["p_value"] - 1e-12).all()
