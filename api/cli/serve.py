"""``petajaga serve``: the map and the API, from the current release and the register."""

from __future__ import annotations

import sys

import click

from api.cli.options import Session, command
from api.cli.output import headings, print_table

__all__ = ["serve_command"]


@command(
    "serve",
    click.option("--host"),
    click.option("--port", type=click.IntRange(0, 65535)),
    click.option("--demo/--no-demo", default=True),
)
def serve_command(session: Session, *, host: str | None, port: int | None, demo: bool) -> None:
    """Serve the map and the API from the current release, until Ctrl-C.

    The first time, it makes one demo sign-in for each desk and shows the passwords once.
    """
    from api.cli.settings import service_settings
    from api.server import run

    settings = service_settings(session, host=host, port=port)

    def ready(address: str) -> None:
        # Only now: with a taken port, the passwords would have been shown for nothing.
        if demo:
            _show_demo_accounts(settings.register_url, session)
        click.echo(session.text("cli.serving", address=address))
        click.echo(session.text("cli.press_ctrl_c"))
        sys.stdout.flush()

    run(settings, on_ready=ready)


def _show_demo_accounts(register_url: str, session: Session) -> None:
    from api.auth.accounts import create_demo_accounts
    from api.register.database import open_register

    register = open_register(register_url)
    try:
        made = create_demo_accounts(register)
    finally:
        register.close()
    if not made:
        return
    click.echo(session.text("cli.demo_accounts"))
    names = ("account", "password", "desk", "tier", "province")
    columns = headings(session.lang, *names)
    rows = [
        (
            new.account.name,
            new.password,
            session.text(f"desk.{new.account.desk}"),
            session.text(f"tier.{new.account.tier}"),
            new.account.province_code or "-",
        )
        for new in made
    ]
    print_table(columns, rows)
    click.echo()
