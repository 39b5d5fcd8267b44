"""What a build reads of held rows follows the purposes of their agreement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo.dataset import Dataset, load_dataset
from geo.imports.service import import_file
from geo.paths import Home
from routes.build import assemble as assembling
from routes.build.parameters import ModelParameters
from routes.vulnerability.framework import Framework
from tests.geo.agreements import registered

pytestmark = pytest.mark.slow

COUNTS = "place_code,year,measure,value\n53.71,2024,prevented,400\n"


class _EnoughRead(Exception):
    """Raised once the fits have been given their data."""


@pytest.mark.parametrize("purpose", ["model", "posts"])
def test_the_fit_of_departures_and_that_of_posts_read_their_own_rows(
    purpose: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.resolve(tmp_path / "home")
    (tmp_path / "a.csv").write_text(COUNTS, "utf-8")
    under = registered(home, purpose=[purpose])
    import_file(tmp_path / "a.csv", "counts", home, by="me", under=under)
    pooled: dict[str, bool] = {}
    fit_origins = assembling.fit_origins

    def of_departures(dataset: Dataset, *rest: Any, **more: Any) -> Any:
        pooled["model"] = bool((dataset.counts["years"] > 0).any())
        return fit_origins(dataset, *rest, **more)

    def of_exits(dataset: Dataset, *_: Any) -> Any:
        pooled["posts"] = bool((dataset.counts["years"] > 0).any())
        raise _EnoughRead

    monkeypatch.setattr(assembling, "fit_origins", of_departures)
    monkeypatch.setattr(assembling, "_with_exits", of_exits)
    with pytest.raises(_EnoughRead):
        assembling.assemble(
            load_dataset(home), ModelParameters(origins="seat", pilots=()),
            framework=Framework.load(), secret=bytes(32), name="test", seed=1, draws=2, workers=1,
            cluster=None, progress=lambda *_: None,
        )  # fmt: skip
    assert pooled == {"model": purpose == "model", "posts": purpose == "posts"}
