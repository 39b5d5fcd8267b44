"""Values that JSON can hold, from whatever the model computes with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

__all__ = ["json_values"]


def json_values(value: Any) -> Any:
    """Dictionaries, lists, texts, numbers and None only; a number that is not finite is None.

    Takes mappings, sequences, dataclasses, and NumPy arrays and scalars, nested.

    Examples
    --------
    >>> json_values({"share": float("nan"), "posts": ("tenau",)})
    {'share': None, 'posts': ['tenau']}
    """
    # Most are plain already: asking for exact classes first is ten times quicker.
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): json_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_values(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy, which this module does not import: it starts the CLI
        return json_values(value.tolist())
    if is_dataclass(value):
        return {field.name: json_values(getattr(value, field.name)) for field in fields(value)}
    return None if isinstance(value, float) and not math.isfinite(value) else value
