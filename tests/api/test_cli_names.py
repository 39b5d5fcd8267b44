"""Names of areas, folders and files as the command line takes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layers.registry import LAYERS

Run = Callable[..., Any]
Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "code"),
    [("Kab. Malaka", "53.21"), ("TTS", "53.02"), ("NTT", "53"), ("5371", "53.71")],
)
def test_areas_by_any_usual_name(ask: Ask, name: str, code: str) -> None:
    assert ask("areas", name)["code"] == code


def test_a_village_by_name_has_the_class_of_its_regency_and_no_number(ask: Ask) -> None:
    village, regency = ask("areas", "Penfui Timur"), ask("areas", "Kab. Kupang")
    assert (village["code"], village["level"]) == ("53.01.08.2011", "village")
    assert village["class"] == regency["class"]
    assert "Kabupaten Kupang" in village["reason"]["en"]
    for name in ("departures", "departures_per_100k", "rank", "score", "p_top_decile"):
        assert village[name] is None
        assert name == "score" or regency[name] is not None


def test_options_take_the_same_names(ask: Ask) -> None:
    for words in (
        ("corridors", "--origin"),
        ("areas", "--level", "district", "--within"),
    ):
        assert ask(*words, "NTT") == ask(*words, "53") != []
    by_name, by_code = (
        ask("plan", "outreach", "--villages", "2", "--within", area) for area in ("TTS", "53.02")
    )
    assert by_name["villages"] == by_code["villages"] != []


def test_a_regency_as_a_waypoint(ask: Ask) -> None:
    answer = ask("corridor", "Kab. Malaka", "Melaka")
    assert [point["id"] for point in answer["waypoints"]] == ["53.21", "place:melaka"]


def test_an_ambiguous_area_is_refused_with_both(petajaga: Run, built_home: Path) -> None:
    done = petajaga("areas", "Kupang", "--lang", "en", home=built_home)
    assert done.code == 2
    assert "53.01 Kabupaten Kupang, 53.71 Kota Kupang" in done.err


@pytest.mark.parametrize("language", ["id", "en"])
def test_help_of_export_lists_the_layers_there_are(petajaga: Run, language: str) -> None:
    words = petajaga("export", "--help", "--lang", language).out.replace(",", " ").replace(";", " ")
    assert set(LAYERS) <= set(words.split())
    assert "interceptions" not in words


@pytest.mark.parametrize(
    "words", [("export", "areas"), ("map",), ("areas",), ("plan", "outreach", "--villages", "2")]
)
def test_a_missing_folder_is_refused_and_not_made(
    petajaga: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "none"
    done = petajaga(*words, "-o", str(folder / "x.html"), home=tmp_path)
    assert done.code == 2
    assert str(folder) in done.err
    assert not folder.exists()


@pytest.mark.parametrize("words", [("scenario",), ("import", "places")])
def test_a_missing_file_is_wrong_use(petajaga: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = petajaga(*words, str(tmp_path / "none.toml"), home=tmp_path)
    assert done.code == 2
    assert "none.toml" in done.err
