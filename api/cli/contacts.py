"""``petajaga contacts``: numbers of offices, which of them are shown, and when each was checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Group, Session, command
from api.cli.output import headings, note, print_json, print_table
from api.cli.settings import confirmed_contacts, operator_register, record_operator
from geo.errors import UnknownNameError
from geo.i18n import text
from geo.imports.days import today
from geo.periods import month_name

if TYPE_CHECKING:
    from geo.contacts import Confirmations

__all__ = ["contacts_command", "listed_offices"]


@click.group("contacts", cls=Group)
def contacts_command() -> None:
    """Numbers of offices: list those to be checked first, confirm one."""


@command("offices", click.option("--to-check", is_flag=True), JSON)
def offices_command(session: Session, *, to_check: bool, as_json: bool) -> None:
    """List offices with a number, those whose check is too old to show it first."""
    rows = [row for row in listed_offices(session) if not (to_check and row["shown"])]
    if as_json:
        return print_json({"contacts": rows})
    _print(rows, session.lang)
    return note(session.text("cli.contacts_shown", count=sum(row["shown"] for row in rows)))


@command(
    "confirm",
    click.argument("name", metavar="ID"),
    click.option("--checked", metavar="MONTH"),
    click.option("--undo", is_flag=True),
    JSON,
)
def confirm_command(
    session: Session, *, name: str, checked: str | None, undo: bool, as_json: bool
) -> None:
    """Say in which MONTH the office with this ID confirmed its number; --undo takes it back."""
    from api.cli.options import WrongUse
    from api.errors import NotFoundError
    from api.state.contact_checks import ContactChecks

    if undo == (checked is not None):
        raise WrongUse("cli.checked_or_undo")
    services = _services(session)
    row = next((row for row in services if row["id"] == name), None)
    if row is None:
        known = tuple(one["id"] for one in services if one.get("phone"))
        raise UnknownNameError("cli.no_office", name=name, matches=known[:5])
    with operator_register(session) as register:
        checks = ContactChecks(register)
        if undo:
            try:
                checks.withdraw(name)
            except NotFoundError:
                raise UnknownNameError("cli.no_check", name=name, matches=()) from None
            record_operator(register, "contacts.withdraw", name)
        else:
            checks.confirm(row, str(checked), day=today())
            record_operator(register, "contacts.confirm", name)
        rows = _listed([row], checks.current())
    return print_json(rows[0]) if as_json else _print(rows, session.lang)


def listed_offices(session: Session) -> list[dict[str, Any]]:
    """Offices of the current release with a number, as administrators see them."""
    return _listed(_services(session), confirmed_contacts(session))


def _services(session: Session) -> list[dict[str, Any]]:
    """The offices of the current release, as the operator sees them."""
    from layers.release.release import open_release
    from layers.visibility import ALL_PROVINCES, OPERATOR

    with open_release(session.home) as release:
        page = release.features(
            "services",
            OPERATOR,
            province=ALL_PROVINCES,
            limit=1_000_000,
            shapes=False,
            unchecked=True,
        )
        return [feature["properties"] for feature in page.features]


def _listed(services: Sequence[dict[str, Any]], confirmed: Confirmations) -> list[dict[str, Any]]:
    from api.state.contact_checks import contact_list

    return contact_list(services, confirmed, day=today())


def _print(rows: Sequence[dict[str, Any]], lang: str) -> None:
    cells = [
        (
            row["id"],
            row["name"],
            row["phone"],
            month_name(row["checked"][:7], lang),
            text("answer.yes" if row["shown"] else "contact.to_check", lang),
        )
        for row in rows
    ]
    print_table(["Id", *headings(lang, "name", "phone", "last_checked", "shown")], cells)


contacts_command.add_command(offices_command)
contacts_command.add_command(confirm_command)
