"""``petajaga accounts``: who may sign in. Passwords are made here, shown once, kept nowhere."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Group, Session, command
from api.cli.output import headings, note, print_json, print_table
from api.cli.settings import operator_register, record_operator, service_settings
from geo.errors import InputError

if TYPE_CHECKING:
    from api.auth.accounts import Account, NewAccount

__all__ = ["accounts_command"]

PASSWORD_STDIN = click.option("--password-stdin", is_flag=True)


@click.group("accounts", cls=Group)
def accounts_command() -> None:
    """Accounts of the desks: add, list, reset, remove; their second factors and keys."""


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
            account.organisation or "-",
            session.text("answer.yes") if account.administrator else "-",
            account.created_at,
        )
        for account in accounts
    ]
    names = (
        "account", "desk", "tier", "province", "organisation", "administrator", "created",
    )  # fmt: skip
    return print_table(headings(session.lang, *names), rows)


def _add(
    session: Session,
    *,
    name: str,
    desk: str,
    tier: str,
    province: str | None,
    administrator: bool,
    organisation: str | None,
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
            organisation=organisation,
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


def _second_factor(session: Session, *, name: str, reset: bool) -> None:
    """Say whether an account has a second factor, or remove it."""
    from api.auth.accounts import get_account
    from api.auth.second_factor import reset_second_factor, state_of

    with operator_register(session) as register:
        account = get_account(register, name)
        if reset:
            reset_second_factor(register, account)
            record_operator(register, "accounts.second_factor", account.name)
        state = state_of(register, account)
    form = "on" if state.active else "off"
    click.echo(
        session.text(f"cli.second_factor_{form}", name=account.name, count=state.recovery_codes)
    )


def _keys(session: Session, *, name: str, revoke: str | None, as_json: bool) -> None:
    """List the keys of an account's programs, or revoke one."""
    from api.auth.accounts import get_account
    from api.auth.keys import keys_of, revoke_key

    with operator_register(session) as register:
        account = get_account(register, name)
        if revoke is not None:
            revoke_key(register, account, revoke)
            record_operator(register, "accounts.revoke_key", f"{account.name} {revoke}")
        keys = keys_of(register, account)
    if as_json:
        return print_json([asdict(key) for key in keys])
    rows = [
        (key.id, key.purpose, key.created_at[:10], key.expires_at[:10], key.last_used or "-")
        for key in keys
    ]
    return print_table(
        headings(session.lang, "key", "purpose", "created", "expires", "last_used"), rows
    )


def _link(session: Session, *, name: str, subject: str | None, remove: bool) -> None:
    """Link an account to a subject of the agency's own sign-in service, or end that."""
    from api.auth.accounts import get_account
    from api.auth.identities import link_subject, subjects_of, unlink_subject

    issuer = service_settings(session).oidc_issuer
    if issuer is None:
        raise InputError("accounts.no_issuer", field="subject")
    with operator_register(session) as register:
        account = get_account(register, name)
        if subject is not None:
            change = unlink_subject if remove else link_subject
            change(register, account, issuer=issuer, subject=subject)
            record_operator(register, f"accounts.{'unlink' if remove else 'link'}", account.name)
        subjects = subjects_of(register, account, issuer=issuer)
    rows = [(account.name, linked, issuer) for linked in subjects]
    print_table(headings(session.lang, "account", "subject", "issuer"), rows)


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
        click.option("--organisation", metavar="TEXT"),
        PASSWORD_STDIN,
        JSON,
    )(_add)
)
accounts_command.add_command(command("reset", _NAME, PASSWORD_STDIN, JSON)(_reset))
accounts_command.add_command(command("remove", _NAME)(_remove))
accounts_command.add_command(
    command("second-factor", _NAME, click.option("--reset", is_flag=True))(_second_factor)
)
accounts_command.add_command(
    command("keys", _NAME, click.option("--revoke", metavar="ID"), JSON)(_keys)
)
accounts_command.add_command(
    command(
        "link",
        _NAME,
        click.option("--subject", metavar="TEXT"),
        click.option("--remove", is_flag=True),
    )(_link)
)
accounts_command.add_command(
    command("administrator", _NAME, click.option("--off", is_flag=True))(_administrator)
)
