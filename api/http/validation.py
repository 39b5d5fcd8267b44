"""Pydantic's validation errors as texts of the catalogue (``validation.<type>``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.i18n import Message, has

__all__ = ["field_of", "reason_of"]

_PARAMS = frozenset({"expected", "ge", "gt", "le", "lt", "max_length", "min_length", "pattern"})
"""Context values that texts may show: limits of the field, never what was sent."""


def reason_of(error: Mapping[str, Any]) -> Message:
    """What is wrong with a field, by the ``type`` and ``ctx`` of one Pydantic error.

    The input itself is never in it: it may be a password.

    Examples
    --------
    >>> str(reason_of({"type": "greater_than_equal", "ctx": {"ge": 1}}))
    'it is at least 1'
    """
    params = {name: value for name, value in error.get("ctx", {}).items() if name in _PARAMS}
    if "expected" in params:  # "'a', 'b' or 'c'": the word between depends on the language
        params["expected"] = params["expected"].replace(" or ", ", ").replace("'", "")
    kind = str(error["type"])
    for slug in (kind, kind.partition("_")[0]):  # int_type, int_parsing, int_from_float: all "int"
        if has(code := f"validation.{slug}"):
            return Message(code, params)
    return Message("validation.other")


def field_of(error: Mapping[str, Any]) -> str:
    """Dotted name of the field at fault, without the part of the request it was in."""
    location = [str(part) for part in error["loc"]]
    name = ".".join(location[1:]) or location[0]
    return name.encode("utf-8", "replace").decode("utf-8")[:100]
