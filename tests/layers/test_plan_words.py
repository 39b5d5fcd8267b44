"""What a post plan says in words follows its own numbers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from geo.i18n import languages
from layers.plans.serialize import moved_past, regret_said
from routes.graph.checkpoints import Post
from routes.posts.result import Move, Regret

HOURS = (6.0, 12.0, 18.0, 36.0, 72.0)


def regrets(*lost: float) -> list[Regret]:
    """The set found best stops 100 persons; the plan so many fewer."""
    return [
        Regret(hours, 100.0 - 100.0 * part, 100.0) for hours, part in zip(HOURS, lost, strict=True)
    ]


@pytest.mark.parametrize("language", languages())
def test_a_plan_that_loses_a_third_is_not_called_good(language: str) -> None:
    (said,) = regret_said(regrets(0.01, 0.0, 0.02, 0.11, 0.343))
    line = said.in_language(language)
    assert "72" in line
    assert "34%" in line
    assert "baik" not in line.replace("terbaik", "")
    assert "good" not in line


@pytest.mark.parametrize(("lost", "good"), [(0.1, True), (0.101, False)])
def test_good_is_said_up_to_a_stated_bound(lost: float, good: bool) -> None:
    (said,) = regret_said(regrets(0.0, lost, 0.0, 0.0, 0.0))
    line = said.in_language("id")
    assert ("tetap baik" in line) == good
    assert "12 jam" in line
    assert "10%" in line
    assert regret_said([]) == []


def test_people_who_move_past_a_place_where_nobody_stands_are_told() -> None:
    """Posts of the plan and those in force stand; few persons, and fewer persons, are not told."""
    moves = (
        Move("say", 100.0, 460.0), Move("maumere", 50.0, 500.0), Move("tenau", 10.0, 400.0),
        Move("ende", 400.0, 30.0), Move("wini", 20.0, 29.0), Move("kalabahi", 0.0, 40.0),
    )  # fmt: skip
    plan = SimpleNamespace(
        posts=("maumere",), in_force={"tenau": Post(deterrence_h=12.0, detection=0.5)}, moves=moves
    )
    assert [move.node for move in moved_past(plan)] == ["say", "kalabahi"]
