"""A report in Indonesian: every common reason has its sentence, and none loses a figure."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from geo.imports import rows
from geo.imports.words import INDONESIAN, indonesian

FOLDER = Path(rows.__file__).parent


@pytest.mark.parametrize("text", INDONESIAN)
def test_no_figure_is_lost(text: str) -> None:
    count = text.count("{}")
    assert INDONESIAN[text].count("{}") == count
    given = [f"x{k}" for k in range(count)]
    assert indonesian(text.format(*given)) == INDONESIAN[text].format(*given)


def test_real_messages() -> None:
    assert indonesian("no area has the code '99'") == "tidak ada wilayah dengan kode '99'"
    assert indonesian("something nobody has put into words") == (
        "something nobody has put into words"
    )
    fast = (
        "214 km in 0.01 hours is 21403 km/h; ferry reaches at most 40 km/h, so at least 5.4 hours"
    )
    assert indonesian(fast).startswith("214 km dalam 0.01 jam berarti 21403 km/jam; ferry paling")
    assert indonesian("-10.1, 3 does not lie in Indonesia").endswith("tidak berada di Indonesia")


def test_a_cell_cannot_make_a_format_of_its_own() -> None:
    assert indonesian("no area has the code '{0.__class__}{}'") == (
        "tidak ada wilayah dengan kode '{0.__class__}{}'"
    )


def messages(file: str) -> set[str]:
    """Texts of the errors of a cell in a module, ``{}`` for what is put in."""
    found = set()
    for node in ast.walk(ast.parse((FOLDER / file).read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CellError":
            text = ast.unparse(node.args[0]) if node.args else ""
            if isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
            elif isinstance(node.args[0], ast.JoinedStr) and "if" not in text:
                parts = node.args[0].values
                found.add("".join(p.value if isinstance(p, ast.Constant) else "{}" for p in parts))  # type: ignore[misc]
    return found


@pytest.mark.parametrize("file", ["values.py", "rows.py", "derive.py", "plausible.py"])
def test_every_reason_of_a_row_has_its_sentence(file: str) -> None:
    found = messages(file)
    assert len(found) >= 4
    missing = {text for text in found if indonesian(text) == text}
    rare = re.compile("lone surrogates|IATA|letters and digits")
    assert {text for text in missing if not rare.search(text)} == set()
