"""``petajaga scenario FILE``: what changes where if some things were different; saved, compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import note, number, print_json, print_table, progress
from api.cli.state import open_plan_service, release_id_of
from geo.errors import AmbiguousNameError, UnknownNameError

if TYPE_CHECKING:
    from api.state.scenario_store import ScenarioStore, StoredScenario

__all__ = ["scenario_command"]

_SHOWN = 12
_MOST = 4
_PARTS = ("posts", "legs", "indicators", "demand", "services")
_TITLES = {
    "total": ("Seluruhnya", "In all"),
    "areas": ("Wilayah asal (orang/tahun yang tidak tercegat)",
              "Areas of origin (persons/year not intercepted)"),
    "terminals": ("Arus berpindah (orang/tahun)", "Flow moves (persons/year)"),
    "corridors": ("Koridor (orang/tahun)", "Corridors (persons/year)"),
}  # fmt: skip


@command(
    "scenario",
    click.argument("words", nargs=-1, metavar="FILE.toml"),
    click.option(
        "--draws", type=click.IntRange(0), default=30, show_default=True, help="For intervals."
    ),
    click.option(
        "--corridors", type=click.IntRange(0), default=10, show_default=True,
        help="Compare so many of the largest corridors.",
    ),
    click.option("--template", is_flag=True, help="Print a file to start from."),
    click.option("--save", metavar="NAME", help="Keep the changes of FILE under a name."),
    click.option("--share", is_flag=True, help="With --save: the police desk may read it."),
    click.option("--list", "list_them", is_flag=True, help="List what is saved."),
    click.option("--show", metavar="ID", help="Evaluate one that is saved (id or name)."),
    click.option("--compare", is_flag=True, help="Compare two to four: --compare ID ID."),
    click.option("--remove", metavar="ID", help="Remove one that is saved."),
    JSON,
    short_help="Compare with and without the changes a file lists; save and compare scenarios.",
)  # fmt: skip
def scenario_command(
    session: Session,
    *,
    words: tuple[str, ...],
    draws: int,
    corridors: int,
    template: bool,
    save: str | None,
    share: bool,
    list_them: bool,
    show: str | None,
    compare: bool,
    remove: str | None,
    as_json: bool,
) -> None:
    """Compare the model with and without the changes a FILE lists.

    The file is TOML: [[posts]], [[legs]], [[indicators]], [[demand]], [[services]]. Start from
    petajaga scenario --template > FILE.toml, which has an example of each. Saved scenarios are
    those of every desk; what is saved here is the operator's.
    """
    chosen = [list_them, show is not None, compare, remove is not None, template]
    if sum(chosen) > 1 or (any(chosen) and (save is not None or share)):
        raise click.UsageError(
            "use only one of --save, --list, --show, --compare, --remove, --template"
        )
    if share and save is None:
        raise click.UsageError("--share goes with --save")
    if words and any(chosen) and not compare:
        raise click.UsageError(
            "a file is not read together with --list, --show, --remove or --template"
        )
    if template:
        from routes.scenarios.template import template as scenario_template

        return click.echo(scenario_template(session.lang), nl=False)
    if list_them:
        return _list(session, as_json=as_json)
    if remove is not None:
        return _remove(session, remove, as_json=as_json)
    if compare:
        if not 2 <= len(words) <= _MOST:
            raise click.UsageError("name two to four saved scenarios after --compare")
        return _compare(session, words, draws, corridors, as_json=as_json)
    if show is not None:
        with _store(session) as store:
            saved = _find(store, show)
        said = {"name": saved.name, "note": saved.note, **saved.changes}
    elif len(words) == 1:
        from routes.scenarios.file import read_changes

        said = read_changes(Path(words[0]))
        said = said if save is None else {**said, "name": save}
    else:
        raise click.UsageError("name one file, or use --list, --show or --compare")
    with progress("scenario"):
        service = open_plan_service(session.home)
        answer = service.scenario_told(service.parse(said), draws=draws, corridors=corridors)
    release = release_id_of(service.build.id, session.home)
    kept = None
    if save is not None:
        changes = {part: said[part] for part in _PARTS if part in said}
        with _store(session) as store:
            kept = store.add(
                None, name=save, note=str(answer["note"]), changes=changes,
                release=release or "", shared=share,
            ).id  # fmt: skip
    if as_json:
        return print_json({"id": kept, **answer, "release": release})
    _print(answer, session.lang)
    if kept is not None:
        note(f"{'Disimpan' if session.lang == 'id' else 'Saved'}: {kept}")
    return None


# -- what is saved ---------------------------------------------------------------------------------


@contextmanager
def _store(session: Session) -> Iterator[ScenarioStore]:
    from api.cli.settings import service_settings
    from api.register.database import open_register
    from api.state.scenario_store import ScenarioStore

    register = open_register(service_settings(session).register_url)
    try:
        yield ScenarioStore(register)
    finally:
        register.close()


def _find(store: ScenarioStore, text: str) -> StoredScenario:
    """One by its id, or by its name if only one bears it."""
    every = store.all_for(None)
    found = [one for one in every if one.id == text] or [one for one in every if one.name == text]
    if len(found) == 1:
        return found[0]
    if found:
        ids = tuple(one.id for one in found)
        raise AmbiguousNameError(
            f"{len(found)} scenarios are called {text!r}: {', '.join(ids)}; give the id",
            matches=ids,
        )
    raise UnknownNameError(
        f"no saved scenario {text!r}; see petajaga scenario --list",
        matches=tuple(one.name for one in every[:3]),
    )


def _list(session: Session, *, as_json: bool) -> None:
    with _store(session) as store:
        every = store.all_for(None)
    if as_json:
        names = ("id", "owner", "tier", "province_code", "name", "note", "shared", "release",
                 "created_at", "updated_at", "changes")  # fmt: skip
        return print_json([{name: getattr(one, name) for name in names} for one in every])
    id_ = session.lang == "id"
    if not every:
        return note("Belum ada skenario tersimpan." if id_ else "No scenario is saved yet.")
    heads = ["ID", "Nama", "Pemilik", "Tingkat", "Dibagikan", "Rilis"] if id_ else [
        "ID", "Name", "Owner", "Tier", "Shared", "Release"]  # fmt: skip
    yes, no = ("ya", "tidak") if id_ else ("yes", "no")
    return print_table(
        heads,
        [(s.id, s.name, s.owner, s.tier, yes if s.shared else no, s.release or "-") for s in every],
    )


def _remove(session: Session, text: str, *, as_json: bool) -> None:
    with _store(session) as store:
        found = _find(store, text)
        store.remove(None, found.id)
    if as_json:
        return print_json({"removed": found.id})
    return click.echo(f"{'Dihapus' if session.lang == 'id' else 'Removed'}: {found.id}")


def _compare(
    session: Session, words: Sequence[str], draws: int, corridors: int, *, as_json: bool
) -> None:
    with _store(session) as store:
        saved = [_find(store, text) for text in words]
    if len({one.id for one in saved}) < len(saved):
        raise click.UsageError("name each scenario once")
    with progress("scenario"):
        service = open_plan_service(session.home)
        told = service.compare([one.changes for one in saved], draws=draws, corridors=corridors)
    if as_json:
        release = release_id_of(service.build.id, session.home)
        named = [{"id": one.id, "name": one.name} for one in saved]
        return print_json({"release": release, "scenarios": named, **told})
    return _print_comparison(told, [one.name for one in saved], session.lang)


# -- tables ----------------------------------------------------------------------------------------


def _label(item: Mapping[str, Any], lang: str) -> str:
    words = {"departures": "berangkat", "intercepted": "tercegat"} if lang == "id" else {}
    return str(item.get("name") or words.get(item["measure"], item["measure"]))


def _shift(change: Mapping[str, Any], lang: str) -> str:
    mean, low, high = (number(change[e], lang=lang) for e in ("mean", "p05", "p95"))
    return f"{mean} ({low} - {high})"


def _print_comparison(told: Mapping[str, Any], names: Sequence[str], lang: str) -> None:
    for part, title in _TITLES.items():
        if not told[part]:
            continue
        click.echo(title[0 if lang == "id" else 1])
        rows = [
            (
                _label(item, lang),
                number(item["base"], lang=lang),
                *(_shift(value["change"], lang) for value in item["values"]),
            )
            for item in told[part][:_SHOWN]
        ]
        heads = ["", "Tanpa perubahan" if lang == "id" else "No change", *names]
        print_table(heads, rows, right=tuple(range(1, len(heads))))
        click.echo()


def _print(answer: Mapping[str, Any], lang: str) -> None:
    id_ = lang == "id"
    heads = ["", "Sebelum", "Sesudah", "Perubahan"] if id_ else ["", "Before", "After", "Change"]
    for part, title in _TITLES.items():
        if not answer[part]:
            continue
        click.echo(title[0 if id_ else 1])
        rows = [
            (
                _label(item, lang),
                number(item["before"], lang=lang),
                number(item["after"], lang=lang),
                _shift(item["change"], lang),
            )
            for item in answer[part][:_SHOWN]
        ]
        print_table(heads, rows, right=(1, 2, 3))
        click.echo()
    for told in (*answer["assumptions"], *answer["notes"]):
        note(told[lang])
