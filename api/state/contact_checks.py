"""Numbers of offices that an administrator has checked with the office, in the register.

A number is shown for :data:`geo.contacts.MONTHS_SHOWN` after the page that announces it; a check
makes that longer. Every process reads the checks again after a few seconds, so that one confirmed
in another is shown soon.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from api.errors import ConflictError, NotFoundError
from api.register import database as db
from api.register.database import Register
from geo.contacts import Confirmations, is_current, month_to_confirm, with_confirmation

__all__ = ["ContactChecks", "contact_list"]

log = logging.getLogger("petajaga.api")

_FRESH_SECONDS = 5.0
_SHOWN = ("id", "kind", "name", "area_code", "place", "phone")


class ContactChecks:
    """The checks of one register.

    Parameters
    ----------
    register : Register
    clock : callable
        Seconds; for tests.
    """

    def __init__(self, register: Register, clock: Callable[[], float] = time.monotonic) -> None:
        self._register, self._clock = register, clock
        self._held: Confirmations = {}
        self._until = float("-inf")

    def current(self) -> Confirmations:
        """What is confirmed, by id of the office; as last read where the register cannot be read:
        then a number is hidden sooner, never shown longer.
        """
        if self._clock() < self._until:
            return self._held
        try:
            self._held = self._read()
        except SQLAlchemyError:
            log.warning("the checks of numbers cannot be read")
        self._until = self._clock() + _FRESH_SECONDS
        return self._held

    def confirm(self, row: Mapping[str, Any], month: str, *, day: str) -> dict[str, Any]:
        """Keep that the number of an office was checked in a month.

        Parameters
        ----------
        row : mapping
            Of the layer ``services``.
        month : str
            ``2026-11``.
        day : str
            ISO day on which it is said.

        Raises
        ------
        ConflictError
            The office has no number on record.
        InputError
            The month is none, is yet to come or too long ago.
        """
        checked = month_to_confirm(month, day)
        if not row.get("phone"):
            raise ConflictError("contact.no_phone")
        table = db.contact_checks
        kept = {"service_id": str(row["id"]), "phone": str(row["phone"]), "checked": checked}
        with self._register.begin() as connection:
            connection.execute(table.delete().where(table.c.service_id == kept["service_id"]))
            connection.execute(table.insert().values(**kept))
        self._until = float("-inf")
        return contact_list([row], self.current(), day=day)[0]

    def withdraw(self, service_id: str) -> None:
        """Take a check back; :class:`NotFoundError` where there is none."""
        table = db.contact_checks
        with self._register.begin() as connection:
            gone = connection.execute(table.delete().where(table.c.service_id == service_id))
            if not gone.rowcount:
                raise NotFoundError
        self._until = float("-inf")

    def _read(self) -> Confirmations:
        with self._register.begin() as connection:
            rows = connection.execute(sa.select(db.contact_checks)).mappings().all()
        return {
            row["service_id"]: {"phone": row["phone"], "checked": row["checked"]} for row in rows
        }


def contact_list(
    services: Iterable[Mapping[str, Any]], confirmed: Confirmations, *, day: str
) -> list[dict[str, Any]]:
    """Offices with a number, those to be checked first: by how long ago that was, then by name.

    Each with ``announced`` (when the page was published), ``checked`` (that, or the later month in
    which it was confirmed; '' for an imported one that never was), ``source``, ``confirmed`` and
    whether it is ``shown`` on a day.
    """
    listed = []
    for row in services:
        if row.get("phone"):
            known = with_confirmation(row, confirmed)
            checked = str(known.get("phone_as_of") or "")
            listed.append({
                **{name: row[name] for name in _SHOWN},
                "announced": row.get("phone_as_of"), "checked": checked,
                "source": row.get("phone_source"), "confirmed": known is not row and bool(checked),
                "shown": is_current(checked, day),
            })  # fmt: skip
    return sorted(listed, key=lambda one: (one["shown"], one["checked"], one["name"]))
