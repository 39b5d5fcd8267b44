"""The command ``petajaga`` itself: its options and where each subcommand lives.

A subcommand's module is imported only when it is run, so that ``petajaga --help`` and the
quick commands do not wait for the libraries of the slow ones.
"""

from __future__ import annotations

import dataclasses
import importlib
import tomllib
from collections.abc import Mapping
from types import MappingProxyType

import click

from api.bootstrap import ROOT
from api.cli.options import HOME, LANG, Group

__all__ = ["COMMANDS", "application"]

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "build": "api.cli.build",
        "publish": "api.cli.build",
        "releases": "api.cli.releases",
        "serve": "api.cli.serve",
        "corridor": "api.cli.corridors",
        "corridors": "api.cli.corridors",
        "ports": "api.cli.ports",
        "areas": "api.cli.areas",
        "counts": "api.cli.counts",
        "coverage": "api.cli.coverage",
        "warn": "api.cli.warn",
        "evaluate": "api.cli.evaluate",
        "pretexts": "api.cli.pretexts",
        "import": "api.cli.imports",
        "plan": "api.cli.plan",
        "report": "api.cli.reports",
        "scenario": "api.cli.scenario",
        "export": "api.cli.export",
        "map": "api.cli.documents",
        "brief": "api.cli.documents",
        "contacts": "api.cli.contacts",
        "accounts": "api.cli.accounts",
        "audit": "api.cli.audit",
        "backup": "api.cli.backup",
        "restore": "api.cli.backup",
        "doctor": "api.cli.doctor",
    }
)
"""Each command and the module of its function."""


def _version() -> str:
    """Version of the checkout, which need not be installed."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


class _Commands(Group):
    """A group that imports a subcommand's module on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name])
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command


@click.command(
    "petajaga",
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@HOME
@LANG
@click.version_option(_version(), message="petajaga %(version)s")
@click.pass_context
def application(context: click.Context, /, *, home: str | None) -> None:
    """Map and guard: origins, ports and corridors, so that trafficking in persons is prevented."""
    context.obj = dataclasses.replace(context.obj, home=home)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
