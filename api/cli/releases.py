"""``petajaga releases``: list, approve, compare and prune what was published."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Group, Session, command
from api.cli.output import headings, note, number, print_json, print_table

if TYPE_CHECKING:
    from geo.paths import Home
    from layers.release.editions import Edition

__all__ = ["releases_command"]

_DAY = click.DateTime(["%Y-%m-%d"])


class _ListedByDefault(Group):
    """``releases`` alone, or with options alone, is ``releases list``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("releases", cls=_ListedByDefault)
def releases_command() -> None:
    """List, approve, compare and prune releases."""


@dataclass(frozen=True)
class _Kept:
    edition: Edition
    folder: Path
    current: bool

    @property
    def megabytes(self) -> float:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files) / 2**20

    def as_dict(self) -> dict[str, Any]:
        size = round(self.megabytes, 1)
        return {**self.edition.as_dict(whole=True), "current": self.current, "megabytes": size}


def _kept(home: Home) -> list[_Kept]:
    """Releases whose folder is there, newest edition first."""
    from layers.release.editions import editions
    from layers.release.verify import current_folder

    kept = [(edition, home.releases / edition.release) for edition in editions(home.releases)]
    current = current_folder(home)
    return [
        _Kept(edition, folder, folder == current)
        for edition, folder in sorted(kept, key=lambda item: -item[0].number)
        if folder.is_dir()
    ]


def _list(session: Session, *, as_json: bool) -> None:
    """List the releases with edition, date, approval and size."""
    kept = _kept(session.home)
    if as_json:
        return print_json([release.as_dict() for release in kept])
    rows = []
    for release in kept:
        edition, approval = release.edition, release.edition.approval
        rows.append((
            str(edition.number), edition.date, edition.release,
            session.text("answer.yes") if release.current else "-",
            f"{approval.office}, {approval.basis}, {approval.date}" if approval else "-",
            (approval.embargo if approval else "") or "-",
            number(release.megabytes, lang=session.lang),
        ))  # fmt: skip
    names = ("edition", "date", "release", "current", "approval", "embargo", "megabytes")
    return print_table(headings(session.lang, *names), rows, right=(0, 6))


def _approve(
    session: Session,
    *,
    release: str | None,
    office: str,
    basis: str,
    date: Any,
    embargo: Any,
) -> None:
    """Record who approved a release for others than its maker."""
    from layers.release.editions import Approval, approve

    approval = Approval(
        office=office, basis=basis, date=date.date().isoformat(),
        embargo=embargo.date().isoformat() if embargo else "",
    )  # fmt: skip
    edition = approve(session.home, release, approval)
    params: dict[str, Any] = {"number": edition.number, "release": edition.release}
    if approval.embargo:
        return note(session.text("cli.release_embargoed", **params, day=approval.embargo))
    return note(session.text("cli.release_approved", **params))


def _compare(session: Session, *, before: str, after: str, as_json: bool) -> None:
    """What changed between two releases, and why."""
    from layers.release.compare import compare_releases
    from layers.release.editions import find_edition

    one, two = (find_edition(session.home, name) for name in (before, after))
    root = session.home.releases
    difference = compare_releases(root / one.release, root / two.release)
    if as_json:
        whole = {"before": one.as_dict(whole=True), "after": two.as_dict(whole=True)}
        return print_json(whole | difference)
    names = ("parameter", "before", "after")
    rows = [(name, _said(pair["before"]), _said(pair["after"]))
            for name, pair in difference["parameters"].items()]  # fmt: skip
    print_table(headings(session.lang, *names), rows)
    layers = [(session.text(f"layer.{name}.title"), *(str(count) for count in counts.values()))
              for name, counts in difference["layers"].items()]  # fmt: skip
    click.echo()
    print_table(headings(session.lang, "layer", "added", "removed", "changed"), layers,
                right=(1, 2, 3))  # fmt: skip
    click.echo()
    areas = [(row["name"], *(session.text(f"class.{row[end]}") for end in ("before", "after")))
             for row in difference["areas"]]  # fmt: skip
    return print_table(headings(session.lang, "area", "before", "after"), areas)


def _said(value: Any) -> str:
    """A parameter in a cell of a table: one that is a list, such as of agreements, by its parts."""
    if isinstance(value, list):
        return "; ".join(map(_said, value)) or "-"
    if isinstance(value, dict):
        return ", ".join(map(_said, value.values()))
    return "-" if value is None else str(value)


def _prune(session: Session, *, keep: int, as_json: bool) -> None:
    """Remove old releases.

    The current one stays, the newest approved one, those in embargo, and those that a saved
    scenario refers to.
    """
    from geo.imports.days import today
    from layers.release.publish import remove_release

    kept = _kept(session.home)
    referred = _referred(session, kept)
    served = next((release for release in kept if release.edition.served_to_others), None)
    removed, in_scenarios = [], 0
    for release in kept[keep:]:
        approval = release.edition.approval
        in_embargo = approval is not None and approval.waits(today())
        if release.current or release is served or in_embargo:
            continue
        if release in referred:
            in_scenarios += 1
            continue
        remove_release(release.folder)
        removed.append(release.edition)
    if as_json:
        return print_json([edition.as_dict(whole=True) for edition in removed])
    note(session.text("cli.releases_pruned", count=len(removed)))
    if in_scenarios:
        note(session.text("cli.releases_kept", count=in_scenarios))
    return None


def _referred(session: Session, kept: list[_Kept]) -> list[_Kept]:
    """Releases that saved scenarios name; of several alike for a tier the newest."""
    from api.cli.settings import operator_register, service_settings
    from api.state.scenario_store import ScenarioStore
    from layers.release.manifest import MANIFEST_FILE

    if service_settings(session).database_url is None and not session.home.register.exists():
        return []
    with operator_register(session) as register:
        names = ScenarioStore(register).releases()
    newest: dict[str, _Kept] = {}
    for release in kept:
        with contextlib.suppress(OSError, ValueError, KeyError):  # a damaged one has no name
            manifest = json.loads((release.folder / MANIFEST_FILE).read_bytes())
            for part in (manifest, *manifest["tiers"].values()):
                newest.setdefault(part["id"], release)
    return [release for name, release in newest.items() if name in names]


def _add(name: str, function: Any, *options: Any) -> None:
    releases_command.add_command(command(name, *options)(function))


_add("list", _list, JSON)
_add(
    "approve", _approve, click.argument("release", required=False),
    click.option("--office", required=True), click.option("--basis", required=True),
    click.option("--date", required=True, type=_DAY, metavar="YYYY-MM-DD"),
    click.option("--embargo", type=_DAY, metavar="YYYY-MM-DD"),
)  # fmt: skip
_add("compare", _compare, click.argument("before"), click.argument("after"), JSON)
_add("prune", _prune, click.option("--keep", type=click.IntRange(1), required=True), JSON)
