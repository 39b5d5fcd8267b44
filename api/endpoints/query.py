"""Query parameters of ``/v1``: typed, bounded, and none that is not known."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AreasQuery", "Code", "CorridorsQuery", "NoQuery"]

Code = Annotated[str, Field(pattern=r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$", examples=["53"])]
"""A Kemendagri code: province, regency, district or village."""


class NoQuery(BaseModel):
    """A route that takes no query parameter."""

    model_config = ConfigDict(extra="forbid")


class AreasQuery(BaseModel):
    """Which areas, and which page of them."""

    model_config = ConfigDict(extra="forbid")

    level: Literal["province", "regency", "district", "village"] | None = None
    within: Code | None = None
    limit: int = Field(default=100, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


class CorridorsQuery(BaseModel):
    """From which province or regency, and how many."""

    model_config = ConfigDict(extra="forbid")

    origin: Code | None = None
    limit: int = Field(default=20, ge=1, le=1000)
