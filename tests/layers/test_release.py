"""Reading a release: pages, filters, the tier's own fields and rows, and nothing else."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from geo.errors import BrokenReleaseError, InputError, UnknownNameError
from geo.paths import Home
from layers.query.conditions import And, Compare, Like, Or
from layers.query.ports import ports
from layers.registry import LAYERS, fields_for, layers_for
from layers.release.release import Release, open_release
from layers.schema import CLASS_RANK, TIERS, Field, Layer
from layers.visibility import ALL_PROVINCES


def _ids(release: Release, layer: str, tier: str = "police", **options: Any) -> list[str]:
    return [f["id"] for f in release.features(layer, tier, **options).features]


@pytest.mark.parametrize("tier", TIERS)
def test_features_have_exactly_the_tier_s_properties(tier: str, release: Release) -> None:
    for name, layer in layers_for(tier).items():
        page = release.features(name, tier, province="53" if tier == "partner" else None)
        assert page.matched == len(page.features) > 0
        for feature in page.features:
            assert list(feature["properties"]) == [f.name for f in fields_for(layer, tier)]
            assert feature["id"] == feature["properties"][layer.id_field]
            if feature["geometry"] is not None:
                assert shape(feature["geometry"]).geom_type == layer.geometry


def test_values_keep_their_kind(release: Release) -> None:
    corridor = release.feature("corridors", "police", "c1")["properties"]
    assert corridor["waypoints"][1] == {
        "id": "labuan-bajo", "name": "Labuan Bajo", "kind": "seaport"
    }  # fmt: skip
    assert corridor["origins"][0] == {"code": "53.01", "name": "Kabupaten Kupang", "share": 0.66}
    assert corridor["name"] == "Kupang - Labuan Bajo - Nunukan"
    terminal = release.feature("terminals", "police", "rahasia")["properties"]
    assert terminal["official"] is False
    area = release.feature("areas", "police", "65.04")["properties"]
    assert area["score_mean"] is None
    assert area["class"] == "not_assessed"
    assert area["population"] == 199000
    assert isinstance(area["population"], int)
    settlement = release.feature("settlements", "police", "g2")["properties"]
    assert settlement["population"] is None
    assert settlement["score_basis"] == "regency"


def test_corridor_line_goes_through_its_waypoints_to_the_destination(release: Release) -> None:
    line = shape(release.feature("corridors", "police", "c1")["geometry"])
    points = list(line.geoms[0].coords)
    assert points[0] == (123.526, -10.199)
    assert (119.877, -8.491) in points
    assert points[-1] == (117.891, 4.245)
    assert len(points) > 15


def test_legs_at_sea_follow_their_route_and_others_an_arc(release: Release) -> None:
    legs = {f["properties"]["leg_id"]: f for f in release.features("legs", "police").features
            if not f["id"].endswith((".tenau", ".rahasia"))}  # fmt: skip
    assert {leg: legs[leg]["properties"]["over_water"] for leg in ("S001", "S003", "A001")} == {
        "S001": True, "S003": True, "A001": None
    }  # fmt: skip
    line = shape(legs["S001"]["geometry"]).geoms[0]
    assert list(line.coords) == [(123.526, -10.199), (119.81, -8.77), (119.877, -8.491)]
    back = release.feature("legs", "police", "S001.labuan-bajo.tenau")
    assert back["properties"]["over_water"] is False
    assert len(shape(back["geometry"]).geoms[0].coords) > 3


def test_the_route_of_a_hidden_landing_is_in_no_lower_tier(release: Release) -> None:
    for tier in ("public", "partner"):
        for feature in release.features("legs", tier, province="21").features:
            assert "104.0777" not in json.dumps(feature["geometry"])
            assert feature["properties"]["leg_id"] != "S003"


def test_public_corridors_are_pairs_in_three_classes(release: Release) -> None:
    public = {f["id"]: f["properties"] for f in release.features("corridors", "public").features}
    assert {key: p["class"] for key, p in public.items()} == {
        "53-MY-sabah": "high", "53-21": "low", "21-MY-peninsular_malaysia": "medium",
    }  # fmt: skip
    assert public["53-MY-sabah"]["name"] == "Nusa Tenggara Timur - Sabah"
    partner = release.features("corridors", "partner", province="21").features
    assert [(f["id"], f["properties"]["class"]) for f in partner] == [("21.71-to-johor", "medium")]


def test_partner_sees_own_province_and_classes_of_all(release: Release) -> None:
    areas = {f["id"]: f["properties"] for f in release.features(
        "areas", "partner", province="53").features}  # fmt: skip
    assert areas["53.04"]["score_mean"] == 8.1
    assert areas["21.71"]["score_mean"] is None
    assert areas["21.71"]["class"] == "low"
    assert areas["21.71"]["unofficial_landings_class"] is None
    batam = release.feature("areas", "partner", "21.71", province="21")["properties"]
    assert batam["unofficial_landings_class"] == "low"
    assert batam["score_mean"] == 4.0
    assert _ids(release, "settlements", "partner", province="53")[:3] == ["g0", "g1", "g2"]
    with pytest.raises(UnknownNameError):
        release.feature("settlements", "partner", "g4", province="53")
    # a filter cannot find out what the row does not show
    hidden = release.features(
        "areas", "partner", province="53", where=Compare("score_mean", "<", 5)
    )
    assert [f["id"] for f in hidden.features] == ["53.71"]
    order = _ids(release, "areas", "partner", province="53", sort=[("score_mean", True)])
    assert order[:3] == ["53.04", "53.01", "53"]


def test_partner_without_province_is_refused(release: Release) -> None:
    for layer in ("areas", "settlements", "corridors"):
        with pytest.raises(InputError, match="province"):
            release.features(layer, "partner")
    assert len(_ids(release, "settlements", "partner", province=ALL_PROVINCES)) == 6
    assert _ids(release, "settlements", "partner", province="' OR 1=1 --") == []


def test_pages_cover_everything_once(release: Release) -> None:
    everything = _ids(release, "areas")
    pages = [_ids(release, "areas", limit=2, offset=n) for n in range(0, 12, 2)]
    assert [i for page in pages for i in page] == everything == sorted(everything)
    assert release.features("areas", "police", limit=0).matched == 9
    with pytest.raises(InputError):
        release.features("areas", "police", limit=-1)


def test_bbox_returns_whole_features(release: Release) -> None:
    inside = (124.8, -9.2, 124.85, -9.15)
    found = release.features("areas", "public", bbox=inside).features
    assert [f["id"] for f in found] == ["53", "53.04"]
    assert found[1] == release.feature("areas", "public", "53.04")
    assert _ids(release, "areas", bbox=(0.0, 0.0, 1.0, 1.0)) == []
    assert len(_ids(release, "terminals", bbox=(100.0, -20.0, -170.0, 20.0))) == 6
    assert _ids(release, "terminals", bbox=(170.0, -20.0, 100.0, 20.0)) == []
    # what has no place is in no box
    assert _ids(release, "services", bbox=(-180.0, -90.0, 180.0, 90.0)) == ["uptd-ppa-ntt"]
    for bad in ((0.0, 1.0, 1.0, 0.0), (float("nan"), 0.0, 1.0, 1.0)):
        with pytest.raises(InputError, match="bbox"):
            release.features("areas", "public", bbox=bad)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Compare("class", "=", "high"), ["53", "53.01"]),
        (Compare("score_mean", ">", "7"), ["53.01", "53.04"]),
        (Like("name", "Kota%"), ["21.71", "53.71"]),
        (And((Compare("province_code", "=", "65"), Compare("score_mean", ">", 0))), ["65"]),
        (Or((Compare("code", "=", "21"), Compare("code", "=", "53"))), ["21", "53"]),
        (And(()), ["21", "21.71", "53", "53.01", "53.04", "53.15", "53.71", "65", "65.04"]),
        (Or(()), []),
    ],
)
def test_conditions(condition: Any, expected: list[str], release: Release) -> None:
    page = release.features("areas", "police", where=condition)
    assert [f["id"] for f in page.features] == expected
    assert page.matched == len(expected)


def test_filters_of_booleans_and_numbers(release: Release) -> None:
    assert _ids(release, "terminals", filters={"official": "false"}) == ["rahasia"]
    assert _ids(release, "counts", filters={"year": "2017"}) == ["53-2017-interceptions"]
    with pytest.raises(InputError, match="number"):
        release.features("areas", "police", filters={"score_mean": "many"})
    with pytest.raises(InputError, match="boolean"):
        release.features("terminals", "police", filters={"official": "perhaps"})


def test_a_hidden_field_answers_like_a_missing_one(release: Release) -> None:
    hidden = [
        (layer.name, f.name)
        for layer in layers_for("public").values()
        for f in layer.fields
        if "public" not in f.tiers
    ]
    assert ("terminals", "load_mean") in hidden
    for name, field in hidden:
        for options in (
            {"filters": {field: 1}},
            {"where": Compare(field, ">", 1)},
            {"sort": [(field, True)]},
            {"fields": [field]},
        ):
            messages = []
            for asked in (field, "nonsense"):
                changed = json.loads(json.dumps(options, default=lambda _: None).replace(
                    field, asked)) if "where" not in options else {
                    "where": Compare(asked, ">", 1)}  # fmt: skip
                with pytest.raises(UnknownNameError) as error:
                    release.features(name, "public", **changed)
                known = {f.name for f in fields_for(LAYERS[name], "public")}
                assert set(error.value.matches) <= known
                messages.append(str(error.value).replace(repr(asked), "?"))
            assert messages[0] == messages[1]


def test_hidden_rows_and_layers_answer_like_missing_ones(release: Release) -> None:
    for key in ("rahasia", "nonsense"):
        with pytest.raises(UnknownNameError, match=f"layer terminals has no id '{key}'"):
            release.feature("terminals", "public", key)
    for call in (release.features, release.layer, release.table):
        with pytest.raises(UnknownNameError, match="no layer 'posts'"):
            call("posts", "public")
    with pytest.raises(UnknownNameError):
        release.features("areas", "admin")


def test_chosen_properties(release: Release) -> None:
    (feature,) = release.features(
        "areas", "public", fields=["class", "code"], filters={"code": "53"}
    ).features
    assert feature["properties"] == {"code": "53", "class": "high"}


@given(text=st.text(max_size=20))
def test_any_text_is_only_a_value(text: str, release: Release) -> None:
    page = release.features("areas", "public", filters={"name": text})
    assert page.matched == sum(row[1] == text for row in _names(release))
    assert release.features("areas", "public", where=Like("code", text)).matched <= 9


def _names(release: Release) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(release.file("public"))) as db:
        return db.execute("SELECT code, name FROM areas").fetchall()


def test_manifest_below_police_has_no_hint(release: Release) -> None:
    for tier in ("public", "partner"):
        text = json.dumps(release.manifest(tier)).lower()
        for word in ("post", '"pos"', "police", "choke", "rahasia", release.id, "abcdef012345"):
            assert word not in text, word
        assert release.manifest(tier)["id"] == release.tier_id(tier) != release.id
    assert release.manifest("police")["release"] == release.id
    # what is handed out is a copy
    release.manifest("public")["layers"].clear()
    assert release.manifest("public")["layers"]


def test_many_threads_read_at_once(release: Release) -> None:
    def read(number: int) -> tuple[str, ...]:
        return release.features("legs", "police", limit=3, offset=number % 5).texts

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(read, range(200)))
    assert all(answers[n] == answers[n % 5] for n in range(200))


def test_a_file_that_turns_bad_while_open_is_named(published: Release) -> None:
    path = published.file("public")
    path.write_bytes(b"\0" * 100_000)
    with pytest.raises(BrokenReleaseError, match=r"petajaga publish"):
        published.features("areas", "public")
    published.close()


def test_ports_are_the_terminals_of_the_country_by_load(release: Release) -> None:
    rows = [page["properties"] for page in release.features("ports", "police").features]
    listed = ports(
        [page["properties"] for page in release.features("terminals", "police").features]
    )
    assert {row["id"]: (row["rank"], row["class"], row["load_mean"]) for row in rows} == {
        port["id"]: (port["rank"], port["class"], port["persons_per_year"]["mean"])
        for port in listed
    }
    with pytest.raises(UnknownNameError):
        release.features("ports", "public")


def test_partners_have_the_class_of_official_ports_in_the_official_network(
    release: Release,
) -> None:
    page = release.features("ports", "partner", province="53")
    rows = {feature["id"]: feature["properties"] for feature in page.features}
    assert set(rows) == {"tenau", "el-tari", "labuan-bajo"}
    assert not any(word in name for row in rows.values() for name in row
                   for word in ("load_mean", "rank", "p05", "p95"))  # fmt: skip
    # loads of five: labuan-bajo 101, batam-centre 102, nunukan and el-tari 97, tenau 95
    assert rows["tenau"]["load_class"] == "very_low"
    assert rows["labuan-bajo"]["load_class"] == "high"
    assert {feature["properties"]["load_class"]
            for feature in release.features("ports", "police").features
            if feature["id"] == "rahasia"} == {None}  # fmt: skip


def test_partners_know_how_certain_the_class_of_a_pair_is(release: Release) -> None:
    rows = [
        f["properties"] for f in release.features("corridors", "partner", province="53").features
    ]
    ranks = [[CLASS_RANK[row[f"class{end}"]] for end in ("_low", "", "_high")] for row in rows]
    assert all(low <= middle <= high for low, middle, high in ranks)
    assert any(low < high for low, _, high in ranks)
    for tier in ("public", "police"):
        fields = release.features("corridors", tier, limit=1).features[0]["properties"]
        assert not {"class_low", "class_high"} & set(fields)


def test_what_older_code_did_not_write_has_no_value(
    released_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quoted name that is no column is a string to SQLite: 'phone' was told as a number."""

    def newer(layer: Layer, tier: str) -> tuple[Field, ...]:
        known = fields_for(layer, tier)
        phone, number, kind = (replace(known[0], name=f"later_{n}") for n in "abc")
        number, kind = replace(number, type="json"), replace(kind, type="boolean")
        return (*known, phone, number, kind) if layer.name == "services" else known

    monkeypatch.setattr("layers.release.release.fields_for", newer)
    with open_release(released_home) as release:
        rows = [row["properties"] for row in release.features("services", "public").features]
        assert rows
        assert {row[f"later_{n}"] for row in rows for n in "abc"} == {None}
        assert all(row["name"] for row in rows)
        assert set(release.table("services", "public").columns["later_a"]) == {None}
        assert release.values("services", "public", "later_a") == frozenset()
        where = Compare("later_a", "=", "later_a")
        assert _ids(release, "services", "public", where=where) == []
