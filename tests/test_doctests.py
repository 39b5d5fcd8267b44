"""The examples in docstrings run, and every public function of the model has one."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("geo", "routes", "layers")
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL | doctest.ELLIPSIS


def modules_with_examples(room: str) -> list[str]:
    package = importlib.import_module(room)
    names = [room, *(m.name for m in pkgutil.walk_packages(package.__path__, f"{room}."))]
    files = {name: ROOT / Path(*name.split(".")) for name in names}
    return [
        name
        for name, path in files.items()
        for file in (path.with_suffix(".py"), path / "__init__.py")
        if file.is_file() and ">>>" in file.read_text("utf-8")
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_examples_give_what_they_say(room: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = modules_with_examples(room)
    assert names
    failed = {
        name: doctest.testmod(importlib.import_module(name), optionflags=OPTIONS).failed
        for name in names
    }
    wrong = {name: count for name, count in failed.items() if count}
    assert not wrong, capsys.readouterr().out


def test_every_public_function_of_the_model_has_an_example() -> None:
    without = []
    for stub in sorted([*ROOT.glob("geo/**/__init__.pyi"), *ROOT.glob("routes/*/__init__.pyi")]):
        package = importlib.import_module(".".join(stub.parent.relative_to(ROOT).parts))
        for node in ast.walk(ast.parse(stub.read_text("utf-8"))):
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                thing = inspect.unwrap(getattr(package, alias.name))
                if inspect.isfunction(thing) and ">>>" not in (thing.__doc__ or ""):
                    without.append(f"{package.__name__}.{alias.name}")
    assert not without
