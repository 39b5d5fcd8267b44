"""The registry: one table, the tiers nested, the release's columns exactly its fields."""

from __future__ import annotations

import itertools
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from geo.errors import UnknownNameError
from geo.i18n import has, languages
from layers.registry import COMPONENTS, LAYERS, fields_for, layer_for, layers_for
from layers.release.release import Release
from layers.schema import TIERS
from routes.corridors import risk

NOT_PUBLIC = (
    "load", "flow", "departures_mean", "departures_per_100k", "persons", "score", "staffed_by",
    "watched", "detection", "unofficial", "post", "choke", "intercept", "waypoints",
)  # fmt: skip


def test_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        LAYERS["extra"] = LAYERS["areas"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        LAYERS["areas"].fields[0].tiers = frozenset(TIERS)  # type: ignore[misc]


def test_every_layer_has_texts_in_every_language_and_unique_fields() -> None:
    for name, layer in LAYERS.items():
        assert layer.name == name
        for language in languages():
            assert layer.title(language)
            assert layer.description(language)
        names = [f.name for f in layer.fields]
        assert len(names) == len(set(names))
        assert layer.id_field in names
        for f in layer.fields:
            assert all(layer.field_title(f, language) for language in languages())
            assert not f.unit or has(f"unit.{re.sub('[^a-z0-9]+', '_', f.unit.lower())}"), f.unit
            assert f.tiers <= layer.tiers
            assert f.unit or f.type != "number", f"{name}.{f.name} has no unit"


def test_a_tier_has_the_layers_and_fields_of_those_below_but_for_what_paths_replace() -> None:
    for lower, higher in itertools.pairwise(TIERS):
        assert set(layers_for(lower)) <= set(layers_for(higher))
        for name, layer in layers_for(lower).items():
            lost = set(fields_for(layer, lower)) - set(fields_for(layer, higher))
            assert not lost or (name, higher) == ("corridors", "police")


def test_the_components_of_a_corridor_s_score_are_those_of_the_risk_formula() -> None:
    assert COMPONENTS == risk.COMPONENTS


def test_public_fields_name_nothing_hidden() -> None:
    assert set(layers_for("public")) == {
        "areas", "corridors", "counts", "coverage", "destinations", "legs", "services",
        "settlements", "terminals", "victims",
    }  # fmt: skip
    for layer in layers_for("public").values():
        for f in fields_for(layer, "public"):
            assert not any(word in f.name for word in NOT_PUBLIC), f"{layer.name}.{f.name}"
    names = {f.name for f in fields_for(LAYERS["settlements"], "public")}
    assert names == {"id", "name", "kind", "precision", "province_code", "regency_code"}


def test_persons_per_year_below_police_are_departures_of_areas_of_the_own_province() -> None:
    persons = {
        (tier, layer.name, field.name, field.own_province)
        for tier in ("public", "partner")
        for layer in layers_for(tier).values()
        for field in fields_for(layer, tier)
        if field.unit == "persons/year"
    }
    ends = ("mean", "p05", "p95")
    assert persons == {("partner", "areas", f"departures_{end}", True) for end in ends}


def test_own_province_rules_have_their_column() -> None:
    for layer in layers_for("partner").values():
        names = {f.name for f in fields_for(layer, "partner")}
        if layer.partner_rows != "all" or any(f.own_province for f in layer.fields):
            assert "province_code" in names, layer.name


@pytest.mark.parametrize("tier", TIERS)
def test_hidden_and_missing_layers_answer_alike(tier: str) -> None:
    with pytest.raises(UnknownNameError) as missing:
        layer_for("nonsense", tier)
    assert "posts" in str(missing.value) or tier != "police"
    if tier != "police":
        with pytest.raises(UnknownNameError) as hidden:
            layer_for("posts", tier)
        assert str(hidden.value) == str(missing.value).replace("nonsense", "posts")
        assert "posts" not in hidden.value.matches


def test_files_hold_exactly_the_fields_of_the_tier(release: Release) -> None:
    for tier in TIERS:
        with closing(sqlite3.connect(release.file(tier))) as db:
            held = {row[0] for row in db.execute("SELECT table_name FROM gpkg_contents")}
            assert held == {*layers_for(tier), "layer_styles"}
            for name, layer in layers_for(tier).items():
                columns: list[Any] = [row[1] for row in db.execute(f'PRAGMA table_info("{name}")')]
                assert columns == ["fid", "geom", *(f.name for f in fields_for(layer, tier))]
