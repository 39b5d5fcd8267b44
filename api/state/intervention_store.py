"""Dated interventions of offices in the register, as rows of ``geo/data/interventions.csv``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from api.errors import ConflictError, NotFoundError
from api.register import database as db
from api.register.database import Register
from api.state.scenario_store import stored_line
from geo.interventions import Intervention, embedded_interventions

__all__ = ["add_interventions", "own_interventions", "remove_intervention"]

_LINES = {"id": 64, "name": 120, "name_en": 120, "source": 200, "note": 300}
_MOST = 200


def own_interventions(register: Register) -> list[dict[str, Any]]:
    """Rows of the register, by id."""
    query = sa.select(db.interventions.c.entry).order_by(db.interventions.c.id)
    with register.begin() as connection:
        return [json.loads(entry) for entry in connection.scalars(query)]


def add_interventions(
    register: Register, rows: Iterable[Mapping[str, str]]
) -> list[dict[str, str]]:
    """Keep them all, or none; what is kept is given back.

    Raises
    ------
    InputError
        A field is not as it should be, or a text holds data on a person or a shelter.
    ConflictError
        An id is taken, or there are as many as may be.
    """
    entries = [_entry(row) for row in rows]
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    table = db.interventions
    with register.begin() as connection:
        kept = set(connection.scalars(sa.select(table.c.id)))
        for entry in entries:
            if entry["id"] in kept or entry["id"] in embedded_interventions():
                raise ConflictError("intervention.taken", id=entry["id"])
            if len(kept) >= _MOST:
                raise ConflictError("intervention.full", held=len(kept))
            kept.add(entry["id"])
            text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
            connection.execute(table.insert().values(id=entry["id"], entry=text, created_at=now))
    return entries


def _entry(row: Mapping[str, str]) -> dict[str, str]:
    lines = {
        name: stored_line(row.get(name, ""), name, most, required=name in ("id", "name", "source"))
        for name, most in _LINES.items()
    }
    entry = {**row, **lines}
    Intervention.of(entry, office=True)
    return entry


def remove_intervention(register: Register, intervention: str) -> None:
    """Take one out; :class:`NotFoundError` where the register has none of this id."""
    table = db.interventions
    with register.begin() as connection:
        gone = connection.execute(table.delete().where(table.c.id == intervention))
        if not gone.rowcount:
            raise NotFoundError
