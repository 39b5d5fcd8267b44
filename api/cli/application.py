"""The command ``petajaga`` itself: its options and where each subcommand lives.

A subcommand's module is imported only when it is asked for, so that ``petajaga --help`` and the
quick commands do not wait for the libraries of the slow ones.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from types import MappingProxyType

import click

from api.bootstrap import ROOT
from api.cli.options import HOME, LANG, Choices

__all__ = ["COMMANDS", "application"]

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "build": ("api.cli.build", "Build dataset and model from the data (only if they changed)."),
        "publish": ("api.cli.build", "Publish the build as a release (only if it changed)."),
        "serve": ("api.cli.serve", "Serve the map and the API from the current release."),
        "corridor": ("api.cli.corridors", "Explain one corridor: PLACE PLACE [PLACE...]."),
        "corridors": ("api.cli.corridors", "List the corridors that carry most."),
        "areas": ("api.cli.areas", "List areas by vulnerability, with intervals."),
        "import": ("api.cli.imports", "Load your own data over the embedded ones."),
        "plan": ("api.cli.plan", "Plan posts, or outreach visits, with their expected effect."),
        "scenario": ("api.cli.scenario", "Compare with and without the changes a file lists."),
        "export": ("api.cli.export", "Write a layer of the release to a file."),
        "map": ("api.cli.export", "Write one self-contained HTML map that needs no network."),
        "accounts": ("api.cli.accounts", "Add, list, reset and remove accounts."),
        "doctor": ("api.cli.doctor", "Check this installation and say what to mend."),
    }
)


def _version() -> str:
    """Version of the checkout, which need not be installed."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


class _Commands(click.Group):
    """A group that imports a subcommand's module when it is first asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@HOME
@LANG
@click.version_option(_version(), prog_name="petajaga")
@click.pass_context
def application(context: click.Context, /, *, home: str | None, lang: str | None) -> None:
    """Map and guard: origins, ports and corridors, so that trafficking in persons is prevented."""
    context.obj = Choices(home=home, lang=lang)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
