"""``petajaga scenario FILE``: effects of hypothetical changes; stored and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import headings, note, number, print_json, print_table, progress
from api.cli.state import open_plan_service, release_id_of
from geo.errors import AmbiguousNameError, UnknownNameError
from geo.i18n import text
from layers.visibility import SCENARIO_PARTS

if TYPE_CHECKING:
    from api.state.scenario_store import ScenarioStore, StoredScenario
    from layers.plans.requests import EvaluationOptions

__all__ = ["scenario_command"]

_SHOWN = 12
_MOST = 4
_EXCLUSIVE = ("--save", "--list", "--show", "--compare", "--remove", "--template")
_SECTIONS = ("total", "areas", "terminals", "corridors")


@command(
    "scenario",
    click.argument("words", nargs=-1, metavar="FILE.toml"),
    click.option("--draws", type=int, default=30, show_default=True),
    click.option("--corridors", type=int, default=10, show_default=True),
    click.option("--template", is_flag=True),
    click.option("--save", metavar="NAME"),
    click.option("--share", is_flag=True),
    click.option("--list", "list_them", is_flag=True),
    click.option("--show", metavar="ID"),
    click.option("--compare", is_flag=True),
    click.option("--remove", metavar="ID"),
    JSON,
)
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
    """Compare the model with and without the changes of a FILE or a stored scenario."""
    modes = [list_them, show is not None, compare, remove is not None, template]
    if sum(modes) > 1 or (any(modes) and (save is not None or share)):
        raise WrongUse("cli.one_of", options=_EXCLUSIVE)
    if share and save is None:
        raise WrongUse("cli.goes_with", option="--share", other="--save")
    if words and any(modes) and not compare:
        raise WrongUse("cli.scenario_file_alone")
    if template:
        from routes.scenarios.template import template as scenario_template

        return click.echo(scenario_template(session.lang), nl=False)
    if list_them:
        return _list(session, as_json=as_json)
    if remove is not None:
        return _remove(session, remove, as_json=as_json)
    from layers.plans.requests import EvaluationOptions as Options

    options = Options.of(draws=draws, corridors=corridors)
    if compare:
        if not 2 <= len(words) <= _MOST:
            raise WrongUse("cli.compare_count", most=_MOST)
        return _compare(session, words, options, as_json=as_json)
    entries = _entries(session, words, show=show, save=save)
    with progress("scenario", session.lang):
        service = open_plan_service(session)
        answer = service.scenario_document(service.parse(entries), **dict(options))
    release = release_id_of(service.build.id, session.home)
    stored_id = None
    if save is not None:
        changes = {part: entries[part] for part in SCENARIO_PARTS if part in entries}
        with _store(session) as store:
            stored_id = store.add(
                None, name=save, note=str(answer["note"]), changes=changes,
                release=release or "", shared=share,
            ).id  # fmt: skip
    if as_json:
        return print_json({"id": stored_id, **answer, "release": release})
    _print(answer, session.lang)
    if stored_id is not None:
        note(session.text("cli.scenario_saved", id=stored_id))
    return None


def _entries(
    session: Session, words: tuple[str, ...], *, show: str | None, save: str | None
) -> dict[str, Any]:
    """The scenario to evaluate: a stored one, or that of a file."""
    if show is not None:
        with _store(session) as store:
            stored = _find(store, show)
        return {"name": stored.name, "note": stored.note, **stored.changes}
    if len(words) != 1:
        raise WrongUse("cli.scenario_missing")
    from routes.scenarios.file import read_changes

    entries = read_changes(Path(words[0]))
    return entries if save is None else {**entries, "name": save}


@contextmanager
def _store(session: Session) -> Iterator[ScenarioStore]:
    from api.cli.settings import operator_register
    from api.state.scenario_store import ScenarioStore

    with operator_register(session) as register:
        yield ScenarioStore(register)


def _find(store: ScenarioStore, name: str) -> StoredScenario:
    """A stored scenario by its id, or by a name that no other has."""
    scenarios = store.all_for(None)
    by_id = [scenario for scenario in scenarios if scenario.id == name]
    matches = by_id or [scenario for scenario in scenarios if scenario.name == name]
    if len(matches) == 1:
        return matches[0]
    if matches:
        ids = tuple(scenario.id for scenario in matches)
        raise AmbiguousNameError("cli.ambiguous_scenario", name=name, matches=ids)
    nearest = tuple(scenario.name for scenario in scenarios[:3])
    raise UnknownNameError("cli.unknown_scenario", name=name, matches=nearest)


def _list(session: Session, *, as_json: bool) -> None:
    with _store(session) as store:
        scenarios = store.all_for(None)
    if as_json:
        return print_json([asdict(scenario) for scenario in scenarios])
    if not scenarios:
        return note(session.text("cli.no_scenarios"))
    rows = [
        (
            scenario.id,
            scenario.name,
            scenario.owner,
            session.text(f"tier.{scenario.tier}"),
            session.text("answer.yes" if scenario.shared else "answer.no"),
            scenario.release or "-",
        )
        for scenario in scenarios
    ]
    names = ("name", "owner", "tier", "shared", "release")
    return print_table(["Id", *headings(session.lang, *names)], rows)


def _remove(session: Session, name: str, *, as_json: bool) -> None:
    with _store(session) as store:
        scenario = _find(store, name)
        store.remove(None, scenario.id)
    if as_json:
        return print_json({"removed": scenario.id})
    return click.echo(session.text("cli.scenario_removed", id=scenario.id))


def _compare(
    session: Session, words: Sequence[str], options: EvaluationOptions, *, as_json: bool
) -> None:
    with _store(session) as store:
        scenarios = [_find(store, word) for word in words]
    if len({scenario.id for scenario in scenarios}) < len(scenarios):
        raise WrongUse("cli.scenario_twice")
    with progress("scenario", session.lang):
        service = open_plan_service(session)
        changes = [scenario.changes for scenario in scenarios]
        comparison = service.compare(changes, **dict(options))
    if as_json:
        release = release_id_of(service.build.id, session.home)
        names = [{"id": scenario.id, "name": scenario.name} for scenario in scenarios]
        return print_json({"release": release, "scenarios": names, **comparison})
    return _print_comparison(comparison, [scenario.name for scenario in scenarios], session.lang)


def _label(item: Mapping[str, Any], lang: str) -> str:
    return str(item.get("name") or text(f"measure.{item['measure']}", lang))


def _shift(change: Mapping[str, Any], lang: str) -> str:
    mean, low, high = (number(change[e], lang=lang) for e in ("mean", "p05", "p95"))
    return f"{mean} ({low} - {high})"


def _print_sections(
    answer: Mapping[str, Any],
    columns: Sequence[str],
    cells: Callable[[Mapping[str, Any]], Iterable[str]],
    lang: str,
) -> None:
    for section in _SECTIONS:
        if answer[section]:
            click.echo(text(f"cli.section.{section}", lang))
            rows = [(_label(item, lang), *cells(item)) for item in answer[section][:_SHOWN]]
            print_table(["", *columns], rows, right=range(1, len(columns) + 1))
            click.echo()


def _print_comparison(comparison: Mapping[str, Any], names: Sequence[str], lang: str) -> None:
    def cells(item: Mapping[str, Any]) -> Iterable[str]:
        yield number(item["base"], lang=lang)
        yield from (_shift(value["change"], lang) for value in item["values"])

    _print_sections(comparison, [text("heading.no_change", lang), *names], cells, lang)


def _print(answer: Mapping[str, Any], lang: str) -> None:
    def cells(item: Mapping[str, Any]) -> Iterable[str]:
        yield from (number(item[end], lang=lang) for end in ("before", "after"))
        yield _shift(item["change"], lang)

    columns = headings(lang, "before", "after", "change")
    _print_sections(answer, columns, cells, lang)
    for area in answer["areas"]:
        if "why" in area:
            click.echo(f"{area['name']}: {' '.join(reason[lang] for reason in area['why'])}")
    for message in (*answer["assumptions"], *answer["notes"]):
        note(message[lang])
