"""Rules about tiers stand in one module, and a higher tier never sees or may do less."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

from geo.i18n.catalogue import has
from geo.imports.kinds import KINDS
from layers.desks import DESKS
from layers.registry import LAYERS, fields_for
from layers.schema import TIERS
from layers.visibility import (
    ALL_PROVINCES,
    PROVINCE_PARTS,
    RIGHTS,
    SCENARIO_PARTS,
    desk_page,
    import_kinds,
    path_exists,
    query_limit,
    rights_of,
    tier_of_layer,
)
from routes.scenarios.request import Scenario

ROOT = Path(__file__).resolve().parents[2]
RULES = {"layers/schema.py", "layers/visibility.py"}
_PAGE_COMPARISON = re.compile(r"""\btier\s*[!=]==?|[!=]==?\s*["'](?:public|partner|police)["']""")


def _comparisons(source: str) -> list[int]:
    """Lines on which a comparison, a membership test or a case names a tier."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare | ast.MatchValue):
            names = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
            if any(name in TIERS for name in names):
                lines.append(node.lineno)
    return lines


def test_a_comparison_with_a_tier_is_found() -> None:
    assert _comparisons('x = tier == "police"\ny = tier in {"partner", "public"}') == [1, 2]
    assert not _comparisons('x = {"tier": "police"}')


@pytest.mark.parametrize("package", ["layers", "api"])
def test_no_other_module_compares_tiers(package: str) -> None:
    places = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in RULES
        for line in _comparisons(path.read_text(encoding="utf-8"))
    ]
    assert not places, f"use layers.visibility.RIGHTS instead of naming a tier: {places}"


def test_the_page_compares_no_tiers() -> None:
    places = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "api" / "web").rglob("*.js"))
        if "vendor" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _PAGE_COMPARISON.search(line)
    ]
    assert not places, f"show what the service's answer holds instead: {places}"


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(TIERS)))
def test_a_higher_tier_has_all_rights_of_the_lower(lower: str, higher: str) -> None:
    less, more = RIGHTS[lower], RIGHTS[higher]  # type: ignore[index]
    for right in fields(less):
        one, other = getattr(less, right.name), getattr(more, right.name)
        if isinstance(one, frozenset | tuple):
            assert set(one) <= set(other), right.name
        elif isinstance(one, bool) and right.name != "own_province":
            assert one <= other, right.name
    assert set(less.hidden_texts) >= set(more.hidden_texts)


def test_the_police_import_every_kind_and_change_every_part() -> None:
    assert RIGHTS["police"].import_kinds == set(KINDS)
    assert set(SCENARIO_PARTS) == set(Scenario.model_fields) - {"name", "note"}
    assert {"posts", "legs"} == set(SCENARIO_PARTS) - set(PROVINCE_PARTS)


def test_each_desk_imports_the_kinds_that_it_has_at_the_tiers_that_may() -> None:
    for tier in TIERS:
        assert import_kinds(RIGHTS[tier], None) == frozenset()
        for desk in ("planner", "police"):
            assert import_kinds(RIGHTS[tier], desk) == RIGHTS[tier].import_kinds
        villages = {"places", "outreach"} if RIGHTS[tier].plans else set()
        assert import_kinds(RIGHTS[tier], "ngo") == villages


@pytest.mark.parametrize(
    ("tier", "desk", "page"),
    [
        ("public", None, None), ("public", "police", None), ("partner", "ngo", "ngo"),
        ("partner", "planner", "planner"), ("partner", "police", "planner"),
        ("police", "police", "police"), ("police", "ngo", "police"),
    ],
)  # fmt: skip
def test_pages_of_a_desk_go_to_that_desk_alone(tier: str, desk: str | None, page: object) -> None:
    assert desk_page(tier, desk) == page  # type: ignore[arg-type]


def test_each_desk_has_a_page_and_texts_and_each_page_a_desk() -> None:
    pages = {path.parent.name for path in (ROOT / "api" / "web" / "desks").glob("*/desk.js")}
    assert pages == set(DESKS)
    assert all(has(f"desk.{slug}") for slug in DESKS)
    for slug, desk in DESKS.items():
        assert desk_page(desk.tier, slug) == slug


@pytest.mark.parametrize(
    ("path", "tiers"),
    [
        ("/v1/areas", "public partner police"),
        ("/v1/scenarios/{scenario_id}", "partner police"),
        ("/v1/plans/outreach", "partner police"),
        ("/v1/plans/posts", "police"),
        ("/v1/plans/watch", "police"),
        ("/v1/jobs/{job_id}/shift.pdf", "police"),
        ("/v1/plans/adopted/{plan_id}", "partner police"),
        ("/v1/imports/{import_id}/confirm", "partner police"),
        ("/v1/rebuild", "partner police"),
        ("/v1/contacts", "police"),
        ("/v1/contacts/{service_id}", "police"),
        ("/v1/scenarios/{scenario_id}/displacement", "police"),
    ],
)
def test_addresses_exist_for_those_who_have_the_right(path: str, tiers: str) -> None:
    assert [tier for tier in TIERS if path_exists(RIGHTS[tier], path)] == tiers.split()
    own = path_exists(rights_of("police", "53"), path)
    national = "scenarios/{scenario_id}/d" in path or "contacts" in path
    assert own == ("police" in tiers.split() and not national)


def test_a_province_limits_the_partner_and_the_police_who_have_one() -> None:
    for layer in LAYERS.values():
        for tier in TIERS:
            columns = fields_for(layer, tier)
            limit = query_limit(layer, columns, tier, "53")
            marked = layer.partner_rows != "all" or any(f.own_province for f in columns)
            limited = marked if tier == "partner" else tier == "police" and bool(layer.jurisdiction)
            if tier_of_layer(layer, tier, "53") == tier:
                assert (limit is not None) == limited, layer.name
            assert limit is None or limit.province == "53"
            assert query_limit(layer, columns, tier, ALL_PROVINCES) is None
    assert query_limit(LAYERS["legs"], fields_for(LAYERS["legs"], "police"), "police", None) is None
