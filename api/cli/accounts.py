"""``petajaga accounts``: who may sign in. Passwords are made here, shown once, kept nowhere."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Group, Session, command
from api.cli.output import headings, note, print_json, print_table
from api.cli.settings import operator_register, record_operator
from geo.errors import InputError

if TYPE_CHECKING:
    from api.auth.accounts import Account, NewAccount

__all__ = ["accounts_command"]

PASSWORD_STDIN = click.option("--password-stdin", is_flag=True)


@click.group("accounts", cls=Group)
def accounts_command() -> None:
    """Add, list, reset and remove the accounts of the desks, and name administrators."""


def _piped_password(from_stdin: bool) -> str | None:
    if not from_stdin:
        return None
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InputError("cli.no_password", field="password")
    return password


def _as_dict(account: Account) -> dict[str, Any]:
    return {key: value for key, value in asdict(account).items() if key != "id"}


def _show_new(new: NewAccount, session: Session, *, as_json: bool) -> None:
    if as_json:
        return print_json({**_as_dict(new.account), "password": new.password})
    row = (new.account.name, new.password)
    print_table(headings(session.lang, "account", "password"), [row])
    return note(session.text("cli.password_once"))


def _list(session: Session, *, as_json: bool) -> None:
    """List the accounts (never a password)."""
    from api.auth.accounts import list_accounts
    from layers.visibility import RIGHTS

    with operator_register(session) as register:
        accounts = list_accounts(register)
    if as_json:
        return print_json([_as_dict(account) for account in accounts])
    national = session.text("answer.national")
    rows = [
        (
            account.name,
            session.text(f"desk.{account.desk}"),
            session.text(f"tier.{account.tier}"),
            account.province_code or (national if RIGHTS[account.tier].posts else "-"),
            session.text("answer.yes") if account.administrator else "-",
            account.created_at,
        )
        for account in accounts
    ]
    names = ("account", "desk", "tier", "province", "administrator", "created")
    return print_table(headings(session.lang, *names), rows)


def _add(
    session: Session,
    *,
    name: str,
    desk: str,
    tier: str,
    province: str | None,
    administrator: bool,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add an account and show its password once."""
    from api.auth.accounts import add_account

    password = _piped_password(password_stdin)
    with operator_register(session) as register:
        new = add_account(
            register, name=name, desk=desk, tier=tier, province_code=province,
            password=password, language=session.lang, administrator=administrator,
        )  # fmt: skip
        record_operator(register, "accounts.add", new.account.name)
    _show_new(new, session, as_json=as_json)


def _reset(session: Session, *, name: str, password_stdin: bool, as_json: bool) -> None:
    """Give an account a new password, show it once, and end its sign-ins."""
    from api.auth.accounts import set_password

    password = _piped_password(password_stdin)
    with operator_register(session) as register:
        new = set_password(register, name, password)
        record_operator(register, "accounts.reset", new.account.name)
    _show_new(new, session, as_json=as_json)


def _remove(session: Session, *, name: str) -> None:
    """Remove an account and end its sign-ins; its audit rows stay."""
    from api.auth.accounts import remove_account

    with operator_register(session) as register:
        remove_account(register, name)
        record_operator(register, "accounts.remove", name)
    click.echo(session.text("cli.account_removed", name=name))


def _administrator(session: Session, *, name: str, off: bool) -> None:
    """Let an account start builds from the page, or no longer."""
    from api.auth.accounts import set_administrator

    with operator_register(session) as register:
        set_administrator(register, name, administrator=not off)
        record_operator(register, f"accounts.administrator{'.off' if off else ''}", name)
    key = "cli.no_administrator" if off else "cli.administrator"
    click.echo(session.text(key, name=name))


_NAME = click.argument("name")
accounts_command.add_command(command("list", JSON)(_list))
accounts_command.add_command(
    command(
        "add",
        _NAME,
        click.option("--desk", required=True),
        click.option("--tier", required=True),
        click.option("--province", metavar="CODE"),
        click.option("--administrator", is_flag=True),
        PASSWORD_STDIN,
        JSON,
    )(_add)
)
accounts_command.add_command(command("reset", _NAME, PASSWORD_STDIN, JSON)(_reset))
accounts_command.add_command(command("remove", _NAME)(_remove))
accounts_command.add_command(
    command("administrator", _NAME, click.option("--off", is_flag=True))(_administrator)
)
