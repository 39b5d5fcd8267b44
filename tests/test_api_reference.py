"""The reference of the packages is that of the code, complete and of no machine."""

from __future__ import annotations

import importlib
import inspect

from tests.api_reference import FILE, PACKAGES, reference


def test_the_reference_is_that_of_the_code() -> None:
    made = reference()
    assert FILE.read_text("utf-8") == made, "run: python -m tests.api_reference"
    assert "PosixPath" not in made
    assert " at 0x" not in made


def test_every_public_name_is_in_it_and_documented() -> None:
    text = reference()
    for package in map(importlib.import_module, PACKAGES):
        assert package.__all__
        for name in package.__all__:
            assert f"\n### {package.__name__}.{name}\n" in text
            thing = inspect.unwrap(getattr(package, name))
            if inspect.isfunction(thing) or inspect.isclass(thing):
                assert inspect.getdoc(thing), name


def test_sections_of_a_docstring_become_markdown() -> None:
    from tests.api_reference import _doc, _signature

    def posts(k: int, *, seed: int = 7) -> list[str]:
        """Where to stand; see :func:`routes.plan`.

        Parameters
        ----------
        k : int
            How many,
            at least one.
        seed : int, optional

        Examples
        --------
        >>> posts(1)
        ['tenau']
        """
        return ["tenau"] * k * seed

    assert _signature("posts", posts) == "posts(k: int, *, seed: int = 7) -> list[str]"
    assert _doc(posts) == (
        "Where to stand; see `routes.plan`.\n\n**Parameters**\n\n"
        "- `k` (int): How many, at least one.\n- `seed` (int, optional)\n\n"
        "**Examples**\n\n```pycon\n>>> posts(1)\n['tenau']\n```\n"
    )
