"""``petajaga plan adopt``, ``adopted`` and ``tick``: plans of action, up to their table."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, WrongUse, check_ending, command, output_option
from api.cli.output import headings, note, number, print_json, print_table
from geo.checks import PERSON_FIELDS
from geo.codes import CODE_LENGTHS
from geo.errors import EnvironmentProblem, InputError, StateError, UnknownNameError, os_reason
from geo.i18n import text
from geo.imports.days import today
from geo.periods import month_name, period_of

if TYPE_CHECKING:
    from api.state.adopted_plans import AdoptedPlan, AdoptedPlans

__all__ = ["adopt_command", "adopted_command", "tick_command"]


@command(
    "adopt",
    click.argument("file", type=click.Path(path_type=Path), metavar="FILE.json"),
    click.option("--period", required=True, metavar="TEXT"),
    JSON,
)
def adopt_command(session: Session, *, file: Path, period: str, as_json: bool) -> None:
    """Adopt the plan of a FILE that ``plan outreach``, ``posts`` or ``watch`` wrote as JSON."""
    from layers.plans.adopted import steps_of

    found, answer = period_of(period), _answer(file)
    kind, listed = next(
        (kind, listed) for listed, kind in _LISTS.items() if listed in answer or kind == "outreach"
    )
    with _plans(session, places=True) as (plans, released):
        if kind == "watch":
            rows = [_checked_shift(row, released) for row in answer[listed]]
        else:
            rows = [_checked(row, released) for row in answer[listed]]
        regencies = {str(row.get("regency") or "") for row in rows}
        # digits alone: an id that begins with a dash would be read as an option
        plan = plans.add(
            None, secrets.token_hex(8), kind=kind, period=found,
            area=regencies.pop() if len(regencies) == 1 else "",
            release=_line(answer, "release", 32, required=False),
            steps=steps_of({listed: rows}, found, released.areas_of_terminals, day=today()),
        )  # fmt: skip
    if as_json:
        return print_json(released.document(plan))
    return note(session.text("cli.plan_adopted", id=plan.id, count=len(plan.steps)))


_LISTS = {"roster": "watch", "posts": "posts", "villages": "outreach"}
"""What each kind of plan lists; a roster has places of its own beside its shifts."""


def _answer(file: Path) -> dict[str, Any]:
    try:
        answer = json.loads(file.read_text("utf-8"))
        if "roster" in answer:
            rows = [shift["terminal"] for shift in answer["roster"]]
            weeks = [date.fromisoformat(shift["week"]) for shift in answer["roster"]]
            answer["roster"] = [
                {**row, "week": week.isoformat()} for row, week in zip(rows, weeks, strict=True)
            ]
        else:
            rows = answer["posts"] if "posts" in answer else answer["villages"]
        if not rows or not all({"id", "name"} <= row.keys() for row in rows):
            raise KeyError
    except OSError as error:
        raise EnvironmentProblem("cli.cannot_read", file=file, reason=os_reason(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError("cli.not_a_plan", field="file", file=file.name) from None
    return dict(answer)


def _checked(row: dict[str, Any], released: _Released) -> dict[str, str]:
    """A row of a file with the names that the release has of its place; others hold no person."""
    code = _line(row, "code", 16, required=False)
    place, regency = _line(row, "id", 64), code[: CODE_LENGTHS["regency"]]
    return {
        "id": place,
        "code": code,
        "name": released.places.get(place) or _line(row, "name", 120),
        "regency": released.names.get(regency) or _line(row, "regency", 120, required=False),
    }


def _checked_shift(row: dict[str, Any], released: _Released) -> dict[str, Any]:
    """A shift of a file at a terminal that the release has, with its name there."""
    place = _line(row, "id", 48)
    if place not in released.areas_of_terminals:
        raise InputError("cli.no_port", field="file", name=place, matches=())
    return {"week": row["week"], "terminal": {"id": place, "name": released.places[place]}}


def _line(row: dict[str, Any], name: str, most: int, *, required: bool = True) -> str:
    from api.state.scenario_store import stored_line

    value = row.get(name)
    return stored_line("" if value is None else str(value), name, most, required=required)


@command(
    "adopted",
    click.argument("name", required=False, metavar="ID"),
    click.option("--close", is_flag=True),
    output_option("FILE.xlsx"),
    click.option("--brief", type=click.Path(path_type=Path), metavar="FILE.pdf"),
    JSON,
)
def adopted_command(
    session: Session,
    *,
    name: str | None,
    close: bool,
    output: Path | None,
    brief: Path | None,
    as_json: bool,
) -> None:
    """List the adopted plans, or show one: planned, done and what is on record beside it."""
    check_ending(output, ".xlsx")
    check_ending(brief, ".pdf")
    for option, given in (("--close", close), ("--output", output), ("--brief", brief)):
        if given and name is None:
            raise WrongUse("cli.goes_with", option=option, other="ID")
    with _plans(session) as (plans, released):
        if name is None:
            listed = plans.all_for(None)
        else:
            listed = [_found(plans, name)]
            if close:
                listed = [plans.close(None, listed[0].id)]
        documents = [released.document(plan) for plan in listed]
    for file in filter(None, (output, brief)):
        _write(session, documents[0], file)
    if as_json:
        return print_json({"plans": documents} if name is None else documents[0])
    if name is None:
        return _print_plans(documents, session.lang)
    _print_steps(documents[0], session.lang)
    for file in filter(None, (output, brief)):
        note(session.text("cli.written", file=file))
    return None


@command(
    "tick",
    click.argument("name", metavar="ID"),
    click.argument("place"),
    click.argument("month", required=False),
    click.option("--under", default="", metavar="NUMBER"),
    JSON,
)
def tick_command(
    session: Session, *, name: str, place: str, month: str | None, under: str, as_json: bool
) -> None:
    """Say in which MONTH the step at PLACE was done; without a month, that it was not."""
    from api.errors import NotFoundError

    with _plans(session) as (plans, released):
        plan = _found(plans, name)
        try:
            plan = plans.tick(None, plan.id, place, month, under=under)
        except NotFoundError:
            known = tuple(step.place for step in plan.steps)
            raise UnknownNameError("cli.no_step", place=place, matches=known[:5]) from None
        document = released.document(plan)
    (step,) = (step for step in plan.steps if step.place == place)
    if month and step.done and step.done < month:
        words = {
            "done": month_name(step.done, session.lang),
            "month": month_name(month, session.lang),
        }
        note(session.text("adopted.earlier", name=step.name, **words))
    if as_json:
        return print_json(document)
    return _print_steps(document, session.lang)


def _found(plans: AdoptedPlans, name: str) -> AdoptedPlan:
    listed = plans.all_for(None)
    for plan in listed:
        if plan.id == name:
            return plan
    known = tuple(plan.id for plan in listed)
    raise UnknownNameError("cli.no_adopted_plan", name=name, matches=known[:5])


class _Released:
    """What the current release says beside a plan; without a release nothing."""

    def __init__(self, session: Session, *, places: bool) -> None:
        from layers.release.release import open_release
        from layers.visibility import ALL_PROVINCES, OPERATOR

        def rows(layer: str, **options: Any) -> list[dict[str, Any]]:
            page = release.features(
                layer, OPERATOR, province=ALL_PROVINCES, limit=1_000_000, shapes=False, **options
            )
            return [feature["properties"] for feature in page.features]

        self.places: dict[str, str] = {}
        """Names of villages and terminals by id, with ``places``."""
        self.counts: list[dict[str, Any]] = []
        self.names: dict[str, str] = {}
        self.areas_of_terminals: dict[str, str] = {}
        try:
            with open_release(session.home) as release:
                self.counts = rows("counts", filters={"level": "regency"})
                self.names = {row["code"]: row["name"] for row in rows("areas")}
                terminals = rows("terminals")
                self.areas_of_terminals = {row["id"]: row["area_code"] or "" for row in terminals}
                if places:
                    named = [*rows("settlements"), *terminals]
                    self.places = {row["id"]: row["name"] for row in named}
        except StateError:
            return

    def document(self, plan: AdoptedPlan) -> dict[str, Any]:
        return plan.document(self.counts, self.names)


@contextmanager
def _plans(session: Session, *, places: bool = False) -> Iterator[tuple[AdoptedPlans, _Released]]:
    from api.cli.settings import operator_register, record_operator
    from api.state.adopted_plans import AdoptedPlans

    released = _Released(session, places=places)
    with operator_register(session) as register:
        words = click.get_current_context().command_path.split()[1:]
        record_operator(register, ".".join(words), "")
        yield AdoptedPlans(register, session.home), released


def _write(session: Session, document: dict[str, Any], output: Path) -> None:
    from api.cli.settings import file_marking
    from geo.files import write_bytes
    from layers.plans.adopted_brief import adopted_brief
    from layers.plans.xlsx import adopted_book
    from layers.release.release import open_release
    from layers.visibility import OPERATOR

    with open_release(session.home) as release:
        request = f"adopted plan {output.name}"
        heading = file_marking(session, release, OPERATOR, request=request)
    made = adopted_brief if output.suffix.lower() == ".pdf" else adopted_book
    write_bytes(output, made(document, heading, session.lang))


def _print_plans(documents: list[dict[str, Any]], lang: str) -> None:
    rows = [
        (
            plan["id"],
            text(f"plan_kind.{plan['kind']}", lang),
            plan["area"] or "-",
            period_of(plan["period"]).name.in_language(lang),
            plan["organisation"] or plan["owner"] or "-",
            str(plan["planned"]),
            str(plan["done"]),
            text(f"plan_state.{plan['state']}", lang),
        )
        for plan in documents
    ]
    names = ("kind", "plan_area", "when", "owner", "planned", "done", "plan_state")
    print_table(["Id", *headings(lang, *names)], rows, right=(5, 6))


def _print_steps(document: dict[str, Any], lang: str) -> None:
    from layers.plans.adopted import effect_text

    done = {name: document[name] for name in ("done", "planned")}
    if document["kind"] == "watch":
        _print_shifts(document, lang)
        click.echo(text("sheet.adopted_kept", lang, **done))
        note(text("watch.checks_note", lang))
        return note(text("adopted.no_effect", lang))
    rows = [
        (
            step["place"],
            step["name"],
            step["area_name"] or "-",
            month_name(step["planned"], lang),
            month_name(step["done"], lang) if step["done"] else "-",
            effect_text(step["effect"], lang),
        )
        for step in document["steps"]
    ]
    names = ("code", "step", "regency", "planned", "done", "on_record_beside")
    print_table(headings(lang, *names), rows)
    click.echo(text("sheet.adopted_done", lang, **done))
    return note(text("adopted.no_effect", lang))


def _print_shifts(document: dict[str, Any], lang: str) -> None:
    from layers.plans.adopted import effect_text

    def said(value: int | None) -> str:
        return "-" if value is None else number(value, digits=0, lang=lang)

    rows = [
        (
            month_name(step["planned"], lang), step["name"], step["area_name"] or "-",
            str(step["shifts"]), said(step["kept"]),
            *(said((step["checks"] or {}).get(name)) for name in PERSON_FIELDS),
            effect_text(step["effect"], lang),
        )
        for step in document["steps"]
    ]  # fmt: skip
    names = ("month", "terminal", "regency", "shifts", "kept", *PERSON_FIELDS, "on_record_beside")
    print_table(headings(lang, *names), rows, right=tuple(range(3, 5 + len(PERSON_FIELDS))))
