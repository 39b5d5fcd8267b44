"""``petajaga serve``: the map and the API, from the current release and the register."""

from __future__ import annotations

import sys

import click

from api.cli.options import Session, command
from api.cli.output import print_table
from api.cli.texts import say

__all__ = ["serve_command"]


@command(
    "serve",
    click.option("--host", help="Address to listen on; else $PETAJAGA_HOST, else 127.0.0.1."),
    click.option(
        "--port", type=click.IntRange(0, 65535), help="Else $PETAJAGA_PORT, else 8000; 0: any free."
    ),
    click.option(
        "--demo/--no-demo",
        default=True,
        help="Make the three demo sign-ins in a register without accounts (default: yes).",
    ),
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
            _show_demo_accounts(settings.register_url, session.lang)
        click.echo(f"{say('address', session.lang)} {address}")
        click.echo(say("stop", session.lang))
        sys.stdout.flush()

    run(settings, on_ready=ready)


def _show_demo_accounts(register_url: str, lang: str) -> None:
    from api.auth.accounts import create_demo_accounts
    from api.register.database import open_register

    register = open_register(register_url)
    try:
        made = create_demo_accounts(register)
    finally:
        register.close()
    if not made:
        return
    click.echo(say("demo", lang))
    columns = [say(key, lang) for key in ("account", "password", "desk", "tier", "province")]
    rows = [
        (
            new.account.name,
            new.password,
            new.account.desk,
            new.account.tier,
            new.account.province_code or "-",
        )
        for new in made
    ]
    print_table(columns, rows)
    click.echo()
