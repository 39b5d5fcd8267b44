"""Requests as frozen Pydantic models, checked once, from HTTP or the command line to the planner.

What is wrong with a field is a text of the catalogue (``validation.<type>``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticKnownError

from geo.errors import InputError
from geo.i18n import Message, has

__all__ = [
    "Money",
    "Name",
    "Names",
    "NodeName",
    "RequestModel",
    "field_of",
    "reason_of",
    "repeated",
]

_PARAMS = frozenset({"expected", "ge", "gt", "le", "lt", "max_length", "min_length", "pattern"})
"""Context values that texts may show: limits of the field, never what was sent."""
_LONGEST_NAME, _MOST_NAMES = 100, 100_000
_Name = TypeVar("_Name", bound=Hashable)


def _name_length(name: Hashable) -> Hashable:
    if isinstance(name, str) and len(name) > _LONGEST_NAME:
        raise PydanticKnownError("string_too_long", {"max_length": _LONGEST_NAME})
    if name == "":
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return name


Name = Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME)]
"""Id, code or name of a place."""
NodeName = Annotated[
    Hashable,
    AfterValidator(_name_length),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME}),
]
"""A node of a graph; over HTTP the id of a terminal."""
Names = Annotated[tuple[Name, ...], Field(max_length=_MOST_NAMES)]
Money = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
"""Rupiah, or any other money: costs and budget only have to agree."""


class RequestModel(BaseModel):
    """A request: immutable, without unknown fields; rules across its fields raise InputError.

    A field may have another name in HTTP bodies (``validation_alias``).
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True
    )

    @classmethod
    def of(cls, **values: Any) -> Self:
        """The request with these values, as Python and the command line give them.

        Raises
        ------
        InputError
            ``field`` is the value at fault.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            fault = error.errors(include_input=False, include_url=False)[0]
            field, *inner = map(str, fault["loc"])
            name = ".".join((cls.body_fields().get(field, field), *inner))
            raise InputError(
                "validation.field", field=field, name=name, reason=reason_of(fault)
            ) from None

    @classmethod
    def body_fields(cls) -> dict[str, str]:
        """Name in HTTP bodies of each field that has another one there."""
        return {
            name: str(field.validation_alias)
            for name, field in cls.model_fields.items()
            if field.validation_alias
        }


def repeated(names: Collection[_Name]) -> _Name | None:
    """The first name that a list has twice."""
    counts = Counter(names)
    return next((name for name in names if counts[name] > 1), None)


def reason_of(error: Mapping[str, Any]) -> Message:
    """What is wrong with a field, by the ``type`` and ``ctx`` of one Pydantic error.

    The input itself is never in it: it may be a password.

    Examples
    --------
    >>> str(reason_of({"type": "greater_than_equal", "ctx": {"ge": 1}}))
    'must be at least 1'
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
