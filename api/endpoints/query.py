"""Query parameters of ``/v1``: typed and bounded; an unknown one is refused."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from typing import Annotated, Any, Literal, get_origin

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo.errors import InputError

__all__ = [
    "AreasQuery", "Code", "CorridorsQuery", "CoverageQuery", "FileQuery", "Name", "NoQuery",
    "PortsQuery", "PretextsQuery", "SearchQuery", "StrictQuery", "note_repeated",
]  # fmt: skip

Code = Annotated[str, Field(pattern=r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$", examples=["53"])]
"""A Kemendagri code: province, regency, district or village."""


_repeated: ContextVar[frozenset[str]] = ContextVar("repeated_parameters", default=frozenset())


async def note_repeated(request: Request) -> None:
    """Dependency of every route: which parameters are given more than once.

    The framework hands on the last of them alone. They are refused by :class:`StrictQuery` and not
    here, where who asks is not known yet: an address that is hidden answers 404 to any query.
    """
    given = Counter(name for name, _ in request.query_params.multi_items())
    _repeated.set(frozenset(name for name, times in given.items() if times > 1))


class StrictQuery(BaseModel):
    """Query parameters; one that is not listed is refused, and one given twice that is no list."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _once(cls, values: Any) -> Any:
        for field, info in cls.model_fields.items():
            name = info.alias or field
            if name in _repeated.get() and get_origin(info.annotation) is not list:
                raise InputError("http.repeated_parameter", field=name, name=name)
        return values


NoQuery = Annotated[StrictQuery, Query()]
"""Declare ``_query: NoQuery`` in an endpoint that takes no query parameter."""


class FileQuery(StrictQuery):
    """Language of a file that a link fetches: it has no headers of its own."""

    lang: str | None = Field(default=None, pattern=r"^[a-z]{2}$")


class ShiftQuery(FileQuery):
    """Of the sheet of a shift also its number."""

    shift: int = Field(ge=1, le=100_000)


class BriefQuery(FileQuery):
    """Of a brief also whether it is the one that anybody has: to hand on."""

    public: bool = False


class AreasQuery(StrictQuery):
    """Which areas, and which page of them."""

    level: Literal["province", "regency", "district"] | None = None
    within: Code | None = None
    limit: int = Field(default=100, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
"""An id, a code or a kind."""


class CorridorsQuery(StrictQuery):
    """From which province or regency, where to, by which place, of which class; and how many."""

    origin: Code | None = None
    destination: Name | None = Field(default=None, examples=["MY"])
    waypoint: Name | None = Field(default=None, examples=["nunukan"])
    class_name: Name | None = Field(default=None, alias="class", examples=["high"])
    limit: int = Field(default=20, ge=1, le=1000)


class PortsQuery(StrictQuery):
    """In which province or regency, of which kind and class, and how many."""

    within: Code | None = None
    kind: Name | None = Field(default=None, examples=["seaport"])
    class_name: Name | None = Field(default=None, alias="class", examples=["high"])
    limit: int = Field(default=100, ge=1, le=1000)


class WithinQuery(StrictQuery):
    """In which province or regency."""

    within: Code | None = None


class CoverageQuery(WithinQuery):
    """In which province or regency, and of which period what was planned and done there."""

    period: str | None = Field(default=None, max_length=8, examples=["2026-Q4", "2026-H2", "2026"])


_Id = Annotated[str, Field(min_length=1, max_length=200)]


class PretextsQuery(StrictQuery):
    """One place at most: an area's code, or the id of a terminal, a corridor or an office."""

    area: Code | None = None
    terminal: _Id | None = Field(default=None, examples=["el-tari"])
    corridor: _Id | None = Field(default=None, examples=["53-MY-sabah"])
    office: _Id | None = None


class CountsQuery(WithinQuery):
    """Which counts on record: where, of what and of which year."""

    measure: str | None = Field(default=None, max_length=40, examples=["deaths_abroad"])
    year: int | None = Field(default=None, ge=1900, le=2200)


class SearchQuery(StrictQuery):
    """What is looked for, and how many hits."""

    q: str = Field(min_length=2, max_length=80, examples=["NTT"])
    limit: int = Field(default=12, ge=1, le=50)
