"""docs/API.md, from the docstrings of what the packages give at their top.

``python -m tests.api_reference`` writes it; a test holds it to the code. What is public is what a
package lists in its ``__init__.pyi``; docstrings are NumPy's, read by their own sections.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGES = ("geo", "routes", "layers")
FILE = Path(__file__).resolve().parents[1] / "docs" / "API.md"
_SECTION = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}$", re.MULTILINE)
_ROLE = re.compile(r":(?:func|class|meth|mod|data|attr|exc):`~?([^`]+)`")
_MADE = re.compile(r" = (<.*>|PosixPath\(.*\))$")
"""A default that is made anew, or is of this machine."""
_HEAD = """# API of the packages

<!-- made by python -m tests.api_reference: do not edit -->

For notebooks and programs: what `geo`, `routes` and `layers` give at their top, from their
docstrings. The rest of the packages may change without notice. The examples run in the tests. Which
package knows what: [ARCHITECTURE.md](ARCHITECTURE.md); what the numbers mean:
[METHOD.md](METHOD.md).
"""


def reference() -> str:
    """The whole document."""
    parts = [_HEAD]
    for package in map(importlib.import_module, PACKAGES):
        names = sorted(package.__all__, key=str.casefold)
        links = ", ".join(f"[`{name}`](#{_anchor(package.__name__, name)})" for name in names)
        parts.append(f"## {package.__name__}\n\n{_text(package.__doc__)}\n\n{links}\n")
        for name in names:
            thing = getattr(package, name)  # a cached function is the function in it
            parts += _entry(package.__name__, name, getattr(thing, "__wrapped__", thing))
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _anchor(package: str, name: str) -> str:
    return f"{package}{name}".lower()


def _entry(package: str, name: str, thing: Any) -> Iterator[str]:
    yield f"### {package}.{name}\n"
    if inspect.isclass(thing) or inspect.isfunction(thing):
        yield f"`from {package} import {name}`: {_kind(thing)}\n"
        yield f"```python\n{_signature(name, thing)}\n```\n"
        yield _doc(thing)
    else:
        yield f"`from {package} import {name}`: {_value(thing)}\n"
    if inspect.isclass(thing):
        for member, value in vars(thing).items():
            if member.startswith("_") or not _documented(value):
                continue
            yield f"#### {name}.{member}\n"
            if isinstance(value, property):
                yield _doc(value)
                continue
            function = getattr(value, "__func__", value)
            yield f"```python\n{_signature(member, function)}\n```\n"
            yield _doc(function)


def _kind(thing: Any) -> str:
    return "class" if inspect.isclass(thing) else "function"


def _value(thing: Any) -> str:
    if isinstance(thing, tuple) and all(isinstance(one, str) for one in thing):
        return "one of " + ", ".join(f"`{one}`" for one in thing)
    if hasattr(thing, "__args__"):  # a type that lists its values
        return "type, one of " + ", ".join(f"`{one}`" for one in thing.__args__)
    return "a mapping of " + ", ".join(f"`{one}`" for one in thing)


def _documented(value: Any) -> bool:
    function = getattr(value, "__func__", value)
    return bool(inspect.isfunction(function) or isinstance(value, property)) and bool(
        function.__doc__
    )


def _signature(name: str, thing: Any) -> str:
    """As it is called, a parameter a line where they are many."""
    given = inspect.signature(thing)
    taken = [one for one in given.parameters.values() if one.name not in {"self", "cls"}]
    shown = [_MADE.sub(" = ...", _bare(str(_ordered(one)), one.annotation)) for one in taken]
    starred = [one.kind is one.KEYWORD_ONLY for one in taken]
    if True in starred and not any(one.startswith("*") for one in shown):
        shown.insert(starred.index(True), "*")
    end = ")"
    returned = given.return_annotation
    if returned is not inspect.Signature.empty and not inspect.isclass(thing):
        end = f") -> {_bare(inspect.formatannotation(returned), returned)}"
    line = f"{name}({', '.join(shown)}{end}"
    return line if len(line) <= 90 else f"{name}(\n    " + ",\n    ".join(shown) + f",\n{end}"


def _ordered(parameter: inspect.Parameter) -> inspect.Parameter:
    """With a default that is a set in an order of its own, the same in every run."""
    if not isinstance(parameter.default, frozenset):
        return parameter
    return parameter.replace(default=tuple(sorted(parameter.default)))


def _bare(text: str, annotation: Any) -> str:
    """Without the quotes of an annotation that is kept as text."""
    return text.replace(repr(annotation), annotation) if isinstance(annotation, str) else text


def _doc(thing: Any) -> str:
    """A docstring as Markdown: NumPy's sections as bold headings, items as lists."""
    text = inspect.getdoc(thing) or ""
    first, *rest = _SECTION.split(text)
    parts = [_text(first)]
    bodies = (body.strip("\n") for body in rest[1::2])
    for title, body in zip(rest[::2], bodies, strict=True):
        if title == "Examples":
            parts.append(f"**{title}**\n\n```pycon\n{body}\n```")
        elif title in {"Notes", "References"}:
            parts.append(f"**{title}**\n\n{_text(body)}")
        else:
            parts.append(f"**{title}**\n\n" + "\n".join(_items(body)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _items(body: str) -> Iterator[str]:
    """``name : type`` and the indented lines under it, as one item of a list."""
    item: list[str] = []
    for line in [*body.split("\n"), "end"]:
        if line and not line[0].isspace() and item:
            head, *described = item
            name, _, kind = head.partition(" : ")
            kind = f" ({kind})" if kind else ""
            words = _text(" ".join(described)).replace("\n", " ")
            yield f"- `{name}`{kind}" + (f": {words}" if words else "")
            item = []
        if line.strip():
            item.append(line.strip())


def _text(text: str | None) -> str:
    """A paragraph without roles of reStructuredText."""
    plain = _ROLE.sub(lambda role: f"`{role[1]}`", inspect.cleandoc(text or ""))
    return plain.replace("``", "`").strip()


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
