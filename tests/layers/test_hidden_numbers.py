"""Numbers of offices that nobody has checked for twelve months leave by no door of a release."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from layers.documents import Contents
from layers.exports.export import EXPORT_EXTENSIONS, export_layer
from layers.query.conditions import Compare, Like
from layers.release.release import Release
from layers.schema import TIERS, Tier

OFFICE, NUMBER = "uptd-ppa-ntt", "0380100100"
LAST_DAY, FIRST_HIDDEN = "2021-01-31", "2021-02-01"
"""Of a number that was checked in January 2020."""


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest) -> Tier:
    found: Tier = request.param
    return found


def _province(tier: str) -> str | None:
    return "53" if tier == "partner" else None


def _rows(release: Release, tier: str, **options: Any) -> list[dict[str, Any]]:
    page = release.features("services", tier, province=_province(tier), **options)
    return [feature["properties"] for feature in page.features]


def _on(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setattr("layers.query.sqlite_pool.today", lambda: day)


def _content(path: Path) -> bytes:
    """The bytes of a file, those inside of one that is packed."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as packed:
            return b"".join(map(packed.read, packed.namelist()))
    return path.read_bytes()


def test_no_question_to_the_layer_gives_an_unchecked_number(release: Release, tier: Tier) -> None:
    """Nor whether it is the one that somebody tries."""
    province = _province(tier)
    row = next(row for row in _rows(release, tier) if row["id"] == OFFICE)
    assert (row["phone"], row["phone_as_of"]) == (None, "2020-01"), "since when, not which"
    one = release.feature("services", tier, OFFICE, province=province)
    assert one["properties"]["phone"] is None
    assert set(release.table("services", tier, province=province).columns["phone"]) == {None}
    assert release.values("services", tier, "phone", province=province) == frozenset()
    for tried in (Compare("phone", "=", NUMBER), Like("phone", "0380%"), Compare("phone", ">", "")):
        assert _rows(release, tier, where=tried) == []
    assert _rows(release, tier, filters={"phone": NUMBER}) == []


@pytest.mark.parametrize("ending", EXPORT_EXTENSIONS)
def test_no_file_of_the_layer_has_it(
    release: Release, tier: Tier, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last day has passed; on it the very same file has it, so that the test can fail."""
    for day, has_it in ((FIRST_HIDDEN, False), (LAST_DAY, True)):
        _on(monkeypatch, day)
        path = tmp_path / f"services-{day}{ending}"
        export_layer(release, "services", path, tier=tier, province=_province(tier))
        if ending == ".parquet":  # its columns are packed
            import pandas as pd

            assert (NUMBER in set(pd.read_parquet(path)["phone"])) is has_it
        else:
            assert (NUMBER.encode() in _content(path)) is has_it


def test_it_goes_with_the_month_while_a_release_is_open(
    release: Release, tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Compare("phone", "=", NUMBER)
    for day, matched in ((LAST_DAY, 1), (FIRST_HIDDEN, 0), (LAST_DAY, 1)):
        _on(monkeypatch, day)
        found = release.features("services", tier, province=_province(tier), where=where)
        assert found.matched == matched, "no count of another day is kept"


def test_tiles_have_no_number_at_all(release: Release, tier: Tier) -> None:
    layers = release.tile_metadata(tier, province=_province(tier))["vector_layers"]
    (services,) = (layer for layer in layers if layer["id"] == "services")
    assert "kind" in services["fields"]
    assert not [name for name in services["fields"] if name.startswith("phone")]


def test_a_number_of_an_import_is_never_given_whatever_its_date(
    small_build: Any, publish_in: Callable[[Any, str], Release], tier: Tier
) -> None:
    services = small_build.services.copy()
    services.loc[services["id"] == OFFICE, ["phone_as_of", "phone_confidence"]] = ["2999-01", ""]
    release = publish_in(replace(small_build, services=services), "imported")
    assert {row["phone"] for row in _rows(release, tier)} == {None}


def test_two_releases_that_differ_in_a_hidden_number_give_the_same(
    small_build: Any, release: Release, publish_in: Callable[[Any, str], Release], tier: Tier
) -> None:
    services = small_build.services.copy()
    services.loc[services["id"] == OFFICE, "phone"] = "0380200200"
    other = publish_in(replace(small_build, services=services), "other-number")
    assert _rows(other, tier) == _rows(release, tier)
    one, two = (r.table("services", tier, province=_province(tier)) for r in (release, other))
    assert one.columns == two.columns
    # what knows of confirmations decides itself, and has them to decide by
    kept = [
        {row["phone"] for row, _ in Contents(r, tier, _province(tier)).rows("services")}
        for r in (release, other)
    ]
    assert kept[0] - kept[1] == {NUMBER}
