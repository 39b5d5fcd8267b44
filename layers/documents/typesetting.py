"""Typst templates filled with data, as PDF/A."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

from geo.errors import EnvironmentProblem

__all__ = ["typeset"]


def typeset(template: str, content: dict[str, Any]) -> bytes:
    """A template of this folder (``brief.typ``) filled with ``content`` as PDF/A-2b.

    Raises
    ------
    EnvironmentProblem
        The typesetter warns, of a missing font for one: what it then writes is another document.
    """
    import typst

    path = Path(__file__).with_name(template)
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    try:
        compiler = typst.Compiler(
            str(path), root=str(path.parent), ignore_system_fonts=True,
            font_paths=[str(fonts)], sys_inputs={"content": json.dumps(content)},
        )  # fmt: skip
        document, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards="a-2b")
    except typst.TypstError as error:
        raise EnvironmentProblem("document.not_typeset", reason=str(error)) from error
    if warnings or not isinstance(document, bytes):
        raise EnvironmentProblem("document.not_typeset", reason="; ".join(map(str, warnings)))
    return document
