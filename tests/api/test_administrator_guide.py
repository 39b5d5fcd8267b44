"""The addresses that the administrator's guide names answer, for whom it says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.conftest import Service
from tests.guide import Command, parts

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("language", ["en", "id"])
def test_its_addresses_answer(fresh: Callable[..., Service], language: str) -> None:
    text = (DOCS / f"administrator-guide.{language}.md").read_text("utf-8")
    public = fresh().client()
    table = text.partition("\n## 6. ")[2].partition("\n## 7. ")[0]
    named = re.findall(r"`(/[^`]+)`", table)
    assert len(named) == 10
    for address in named:
        answer = public.get(address.format(z=5, y=16, x=26))
        assert answer.status_code in {200, 204}, (address, answer.text)


@pytest.mark.parametrize("language", ["en", "id"])
def test_its_intervention_is_taken_asked_and_taken_out(
    fresh: Callable[..., Service], language: str
) -> None:
    text = (DOCS / f"administrator-guide.{language}.md").read_text("utf-8")
    (entry,) = [
        part[1] for part in parts(text)
        if not isinstance(part, Command) and part[0] == "intervensi.json"
    ]  # fmt: skip
    asked = re.findall(r"`(POST|GET|DELETE) (/v1/interventions[^`]*)`", text)
    assert [method for method, _ in asked] == ["POST", "GET", "DELETE"]
    administrator = fresh().client("polisi")
    codes = [
        administrator.request(
            method, address, json=json.loads(entry) if method == "POST" else None
        ).status_code
        for method, address in [*asked, asked[1]]
    ]
    assert codes == [201, 200, 204, 404]
