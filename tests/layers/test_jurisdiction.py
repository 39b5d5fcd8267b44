"""The police of a province have its rows as the police do, and all else as its partners do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from geo.errors import UnknownNameError
from geo.paths import Home
from layers.query.conditions import Compare
from layers.registry import LAYERS, layers_for
from layers.release.release import Release, open_release
from layers.visibility import rights_of

PROVINCES = ("53", "21", "65", "31")
OF_THE_PROVINCE = {"terminals", "ports", "legs", "corridors", "posts"}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def real(built_home: Path) -> Iterator[Release]:
    with open_release(Home.resolve(built_home)) as release:
        yield release


@pytest.fixture(scope="module")
def terminals(real: Release) -> list[Row]:
    """Every terminal, read from the police file without the service's queries."""
    database = sqlite3.connect(real.file("police"))
    database.row_factory = sqlite3.Row
    columns = "id, place, province_code, official"
    return [dict(row) for row in database.execute(f"SELECT {columns} FROM terminals")]


def belongs(name: str, province: str, terminals: list[Row]) -> Callable[[Row], bool]:
    """Whether a row of the police is the province's, from the words of the rule."""
    there = {row["id"] for row in terminals if row["province_code"] == province}
    places = {row["place"] for row in terminals if row["province_code"] == province}

    def corridor(row: Row) -> bool:
        passes = any(point["name"] in places for point in row["waypoints"])
        return passes or row["destination_area"] == province or province in row["listed_for"]

    rules: Mapping[str, Callable[[Row], bool]] = {
        "terminals": lambda row: row["id"] in there,
        "ports": lambda row: row["id"] in there,
        "posts": lambda row: row["terminal_id"] in there,
        "legs": lambda row: bool({row["from_id"], row["to_id"]} & there),
        "corridors": corridor,
    }
    return rules[name]


def every(release: Release, layer: str, tier: str, province: str | None = None) -> dict[str, Row]:
    page = release.features(layer, tier, province=province, limit=1_000_000)
    assert page.matched == len(page.features)
    return {feature["id"]: feature for feature in page.features}


@pytest.mark.parametrize("province", PROVINCES)
@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_rows_and_fields_against_brute_force(
    real: Release, terminals: list[Row], layer: str, province: str
) -> None:
    seen = every(real, layer, "police", province)
    in_partners = layer in layers_for("partner")
    partners = every(real, layer, "partner", province) if in_partners else {}
    if layer not in OF_THE_PROVINCE:
        assert seen == partners
        return
    own = belongs(layer, province, terminals)
    whole = every(real, layer, "police")
    expected = {key: row for key, row in whole.items() if own(row["properties"])}
    if layer in {"terminals", "legs"}:
        for key, row in partners.items():
            names = whole[key]["properties"]
            masked = {name: row["properties"].get(name) for name in names}
            expected.setdefault(key, {**row, "properties": masked})
    assert seen == expected
    assert 0 < len(expected) < len(whole) or layer == "posts"
    assert real.layer(layer, "police", province=province).rows == len(expected)


@pytest.mark.parametrize("layer", sorted(OF_THE_PROVINCE))
def test_a_row_elsewhere_is_like_none(real: Release, layer: str) -> None:
    hidden = set(every(real, layer, "police")) - set(every(real, layer, "police", "53"))
    for key in sorted(hidden)[:20]:
        with pytest.raises(UnknownNameError) as caught:
            real.feature(layer, "police", key, province="53")
        with pytest.raises(UnknownNameError) as nothing:
            real.feature(layer, "police", "nothing", province="53")
        assert str(caught.value).replace(key, "nothing") == str(nothing.value)


@pytest.mark.parametrize(("layer", "field"), [("terminals", "load_mean"), ("legs", "flow_mean")])
def test_hidden_values_are_found_by_no_filter_and_no_order(
    real: Release, layer: str, field: str
) -> None:
    whole, seen = every(real, layer, "police"), every(real, layer, "police", "53")
    elsewhere = {key for key, row in seen.items() if row["properties"]["source"] is None}
    assert elsewhere
    assert all(seen[key]["properties"][field] is None for key in elsewhere)
    known = whole[max(elsewhere, key=lambda key: whole[key]["properties"][field] or 0)]
    found = real.features(
        layer, "police", province="53", where=Compare(field, ">=", 0.0), limit=10_000
    )
    assert not {row["id"] for row in found.features} & elsewhere
    value = known["properties"][field]
    equal = real.features(layer, "police", province="53", filters={field: value}, limit=10_000)
    assert known["id"] not in {row["id"] for row in equal.features}
    ordered = real.features(layer, "police", province="53", sort=[(field, True)], limit=10_000)
    tail = [row["id"] for row in ordered.features if row["properties"][field] is None]
    assert [key for key in tail if key in elsewhere] == [k for k in seen if k in elsewhere]


def test_tables_manifest_and_tiles(real: Release) -> None:
    for name in layers_for("police"):
        table = real.table(name, "police", province="53")
        keys = table.columns[table.layer.id_field]
        assert keys == list(every(real, name, "police", "53")), name
    manifest = json.dumps(real.manifest("police", province="53"))
    assert "files" not in json.loads(manifest)
    rows = json.loads(manifest)["layers"]["posts"]["rows"]
    assert rows == len(every(real, "posts", "police", "53"))
    for z, x, y in ((5, 27, 16), (7, 108, 67), (9, 431, 270)):
        mine = real.tile("police", z, x, y, province="53")
        assert mine == real.tile("partner", z, x, y, province="53")
        assert mine != real.tile("police", z, x, y)
    assert real.tile_metadata("police", province="53") == real.tile_metadata(
        "partner", province="53"
    )


def test_a_province_takes_rights_from_the_police_and_gives_none() -> None:
    whole, own, partner = (
        rights_of("police", None), rights_of("police", "53"), rights_of("partner", "53")
    )  # fmt: skip
    assert own.posts
    assert own.own_province
    assert not own.numbers
    assert not own.whole_release
    assert own.scenario_parts == partner.scenario_parts
    assert own.import_kinds - partner.import_kinds == {"posts", "checks"}
    assert partner.import_kinds < own.import_kinds < whole.import_kinds
    assert rights_of("police", "*") == whole
    assert rights_of("partner", None) == partner
