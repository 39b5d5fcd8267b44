"""Answers about interventions: the record of the country, who knows of which, words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from geo.dataset import load_dataset
from geo.errors import InputError, UnknownNameError
from geo.i18n import languages
from geo.interventions import AIMS, Intervention, embedded_interventions
from layers.plans.evaluation import evaluate_intervention, interventions_answer, sentence_for
from layers.release.counts import PUBLISHED_MEASURES
from layers.visibility import RIGHTS, rights_of

ROW = {
    "id": "kampanye-contoh", "name": "kampanye contoh", "name_en": "a campaign",
    "kind": "campaign", "area_codes": "53", "start": "2018-01",
    "aim": "interceptions:nonprocedural:more", "source": "contoh",
}  # fmt: skip


def row(code: str, year: int, value: float, **more: object) -> dict[str, Any]:
    return {
        "area_code": code, "area_name": code, "year": year, "value": value, "period": None,
        "measure": "interceptions", "legal_class": "nonprocedural", "unit": "person", **more,
    }  # fmt: skip


def record(**after: float) -> list[dict[str, Any]]:
    """Three provinces at 100 a year, the first at 400 from 2018 on."""
    rows = [
        row(code, year, 100 + 3 * (year % 3) + n)
        for n, code in enumerate(("21", "52", "65"))
        for year in range(2014, 2022)
    ]
    return [*rows, *(row("53", y, 100 + y % 2 if y < 2018 else 400) for y in range(2014, 2022))]


def known(rows: list[dict[str, Any]], tier: str, province: str | None = None) -> list[str]:
    found = interventions_answer(
        rows, embedded_interventions().values(), rights=rights_of(tier, province),
        province=province,
    )  # fmt: skip
    return [one["id"] for one in found["interventions"]]


def test_the_embedded_table_is_of_areas_and_terminals_and_says_what_may_be_published() -> None:
    assert set(load_dataset().interventions["id"]) == set(embedded_interventions())
    assert set(AIMS) <= set(PUBLISHED_MEASURES)
    for one in embedded_interventions().values():
        assert set(one.name.texts) == set(languages())


@pytest.mark.parametrize(
    ("field", "value"),
    [("start", "2018-01-05"), ("kind", "raid"), ("area_codes", "53.04.01"), ("until", "2017"),
     ("aim", "interceptions"), ("terminal_ids", "tenau"), ("id", "Kampanye A"), ("source", "")],
)  # fmt: skip
def test_what_is_finer_than_a_month_or_unknown_is_refused(field: str, value: str) -> None:
    with pytest.raises(InputError) as refused:
        Intervention.of({**ROW, field: value})
    assert refused.value.field == field


def test_a_fourfold_count_is_told_with_power_and_placebos() -> None:
    one = Intervention.of(ROW)
    found = evaluate_intervention(record(), one, [one])
    assert found["verdict"] == "more"
    assert found["effect"]["p05"] > found["detectable"] > 1
    assert (found["compared"], found["left_out"]) == (3, 0)
    assert [p["area_code"] for p in found["placebos"]] == ["21", "52", "65"]
    assert found["rank"] == {"rank": 1, "of": 4}
    years = {year["year"]: year for year in found["years"]}
    assert years[2018]["count"] == 400
    assert years[2018]["comparison"] == pytest.approx(100, rel=0.1)
    assert [b["year"] for b in found["before"]] == [2014, 2015, 2016, 2017]
    assert all(0.9 < b["ratio"] < 1.1 for b in found["before"])
    assert found["effort"] is None
    assert found["expected"] is None


def test_another_outcome_that_differs_stands_in_the_line_and_claims_nothing() -> None:
    aims = ";".join((
        "interceptions:nonprocedural:more", "deaths_abroad:nonprocedural:fewer",
        "deportations:nonprocedural:fewer",
    ))  # fmt: skip
    one = Intervention.of({**ROW, "aim": aims})
    stops = [row("53", year, 100 + 9 * (year % 2)) for year in range(2014, 2022)]
    deaths = [
        row("53", year, (50 if year < 2018 else 100) + year % 2, measure="deaths_abroad")
        for year in range(2014, 2022)
    ]
    steady = [row("53", year, 70 + year % 3, measure="deportations") for year in range(2014, 2022)]
    (listed,) = interventions_answer([*stops, *deaths, *steady], [one], rights=RIGHTS["police"])[
        "interventions"
    ]
    assert listed["verdict"] == "noise"
    (other,) = listed["differs"]
    assert (other["measure"], other["verdict"], other["compared"]) == ("deaths_abroad", "more", 0)
    assert other["effect"]["mean"] == pytest.approx(2, rel=0.05)
    assert other["sentence"]["id"].endswith(
        "Arahnya berlawanan dengan yang dituju. "
        "Tanpa wilayah pembanding ini bukan bukti bahwa kegiatan itu sebabnya."
    )
    assert "no evidence that what was done is the cause" in other["sentence"]["en"]
    beside = [
        row(code, year, 50 + n + year % 2, measure="deaths_abroad")
        for n, code in enumerate(("21", "52", "65"))
        for year in range(2014, 2022)
    ]
    (listed,) = interventions_answer([*stops, *deaths, *beside], [one], rights=RIGHTS["police"])[
        "interventions"
    ]
    (other,) = listed["differs"]
    assert other["compared"] == 3
    assert "by chance" in other["sentence"]["en"]
    assert "no evidence" not in other["sentence"]["en"]


def test_parts_of_years_are_set_to_whole_ones_and_events_and_short_ones_left_out() -> None:
    rows = [r for r in record() if (r["area_code"], r["year"]) != ("53", 2019)]
    rows += [
        row("53", 2019, 200, period="2019-01/2019-06"),
        row("53", 2022, 9000, period="events"),
        row("53", 2023, 9000, period="2023-06/2023-07"),
    ]
    found = evaluate_intervention(rows, Intervention.of(ROW))
    assert found["left_out"] == 2
    assert found["effect"]["mean"] == pytest.approx(
        evaluate_intervention(record(), Intervention.of(ROW))["effect"]["mean"], rel=0.01
    )
    assert "1 of 8 counts covers part" in found["sentence"]["en"]


def test_classes_in_law_are_never_added_up() -> None:
    others = [row("53", year, 5000, legal_class="tppo") for year in range(2018, 2022)]
    plain, mixed = (
        evaluate_intervention(rows, Intervention.of(ROW)) for rows in (record(), record() + others)
    )
    assert mixed == plain


def test_posts_are_known_to_those_alone_who_know_of_posts_there() -> None:
    posts = "posts-sebatik-2022"
    assert posts in known([], "police")
    assert posts in known([], "police", "65")
    assert posts not in known([], "police", "53")
    for tier, province in (("public", None), ("partner", "65")):
        assert posts not in known([], tier, province)
        with pytest.raises(UnknownNameError) as refused:
            interventions_answer(
                [], embedded_interventions().values(), posts, rights=rights_of(tier, province),
                province=province,
            )  # fmt: skip
        assert posts not in refused.value.params["matches"]


def test_below_the_police_no_answer_says_how_places_are_watched() -> None:
    every = embedded_interventions().values()
    for one in ("gugus-tugas-ntt-2016", "drive-2023", "moratorium-ntt-2018"):
        found = interventions_answer(record(), every, one, rights=RIGHTS["public"])
        assert found["effort"] is None
        assert {o["id"] for o in found["overlapping"]} <= {*embedded_interventions()} - {
            "posts-sebatik-2022"
        }
    told = interventions_answer(record(), every, one, rights=RIGHTS["police"])
    assert told["effort"]


def test_an_offices_own_is_for_who_plans_there() -> None:
    own = Intervention.of(ROW, office=True)
    seen = {
        (tier, province): bool(
            interventions_answer(
                [], [own], rights=rights_of(tier, province), province=province
            )["interventions"]
        )
        for tier, province in (
            ("public", None), ("partner", "53"), ("partner", "52"), ("police", None),
        )
    }  # fmt: skip
    assert list(seen.values()) == [False, True, False, True]


def test_sentences_say_that_stops_are_watching_and_no_success() -> None:
    every = embedded_interventions()
    for lang, effort in (("id", "bukan keberhasilan"), ("en", "no success")):
        sentence = evaluate_intervention(record(), Intervention.of(ROW))["sentence"][lang]
        assert effort in sentence
        assert not re.search(r"\b(p|p-value|signifikan|significant|nan)\b", sentence)
    found = evaluate_intervention([], every["moratorium-ntt-2018"])
    assert found["verdict"] == "too_few"
    assert "three months" in found["sentence"]["en"]
    message = sentence_for(record(), every.values(), "53")
    assert message is not None
    assert "moratorium" in message.in_language("id")
    assert sentence_for(record(), every.values(), "65.03") is None, "posts are in no brief"
