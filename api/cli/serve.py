"""``petajaga serve``: the map and the API, from the current release and the register."""

from __future__ import annotations

import sys

import click

from api.cli.options import Session, command
from api.cli.output import headings, print_table
from api.cli.settings import service_settings

__all__ = ["serve_command"]


@command(
    "serve",
    click.option("--host"),
    click.option("--port", type=click.IntRange(0, 65535)),
    click.option("--demo/--no-demo", default=True),
)
def serve_command(session: Session, *, host: str | None, port: int | None, demo: bool) -> None:
    """Serve the map and the API until Ctrl-C; the first time, with a demo account for each desk."""
    from api.server import run

    def ready(address: str) -> None:
        # Only now: with a taken port, the passwords would have been shown for nothing.
        if demo:
            _show_demo_accounts(session)
        click.echo(session.text("cli.serving", address=address))
        click.echo(session.text("cli.press_ctrl_c"))
        sys.stdout.flush()

    run(service_settings(session, host=host, port=port), on_ready=ready)


def _show_demo_accounts(session: Session) -> None:
    from api.cli.demo import DEMO_AGREEMENTS, demo_accounts

    new_accounts = demo_accounts(session)
    if not new_accounts:
        return
    click.echo(session.text("cli.demo_accounts"))
    rows = [
        (
            new.account.name,
            new.password,
            session.text(f"desk.{new.account.desk}"),
            session.text(f"tier.{new.account.tier}"),
            new.account.province_code or "-",
        )
        for new in new_accounts
    ]
    names = ("account", "password", "desk", "tier", "province")
    print_table(headings(session.lang, *names), rows)
    click.echo(session.text("cli.demo_agreement", numbers=list(DEMO_AGREEMENTS)))
    click.echo()
