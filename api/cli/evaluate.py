"""``petajaga evaluate [ID]``: whether the counts tell that an intervention helped; offices' own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import headings, interval, note, number, print_json, print_table, progress
from api.cli.settings import operator_register, record_operator
from api.cli.two_columns import csv_rows
from geo.errors import InputError, UnknownNameError
from geo.i18n import text
from geo.i18n.catalogue import label

__all__ = ["evaluate_command"]

Answer = Mapping[str, Any]


_FIELDS = (
    "id", "name", "name_en", "kind", "area_codes", "terminal_ids", "start", "until", "aim",
    "effort", "source", "note",
)  # fmt: skip
_NEEDED = frozenset(_FIELDS) - {"name_en", "terminal_ids", "until", "effort", "note"}


@command(
    "evaluate",
    click.argument("id", required=False),
    click.option("--add", type=click.Path(path_type=Path), metavar="FILE.csv"),
    click.option("--remove", is_flag=True),
    JSON,
)
def evaluate_command(
    session: Session,
    *,
    id: str | None,  # noqa: A002
    add: Path | None,
    remove: bool,
    as_json: bool,
) -> None:
    """Say whether the counts tell that an intervention helped, in whole of the one with an ID."""
    if (add is not None and (remove or id is not None)) or (remove and id is None):
        raise WrongUse("cli.add_or_remove")
    if add is not None:
        _add(add, session)
    if remove and id is not None:
        _remove(id, session)
    else:
        _answer(session, id, as_json=as_json)


def _add(path: Path, session: Session) -> None:
    """Keep the rows of a file, all or none, as an administrator's page does."""
    from api.state.intervention_store import add_interventions

    rows = [row for _, row in csv_rows(path, field="add")]
    missing = sorted(_NEEDED - set(rows[0] if rows else ()))
    if missing:
        raise InputError("cli.interventions_columns", field="add", file=path.name, missing=missing)
    with operator_register(session) as register:
        kept = add_interventions(
            register, [{name: (row.get(name) or "").strip() for name in _FIELDS} for row in rows]
        )
        for row in kept:
            record_operator(register, "interventions.add", row["id"])
    note(session.text("cli.interventions_added", count=len(kept)))


def _remove(id: str, session: Session) -> None:  # noqa: A002
    from api.errors import NotFoundError
    from api.state.intervention_store import own_interventions, remove_intervention

    with operator_register(session) as register:
        known = tuple(row["id"] for row in own_interventions(register))
        try:
            remove_intervention(register, id)
        except NotFoundError:
            raise UnknownNameError("cli.no_own_intervention", name=id, matches=known) from None
        record_operator(register, "interventions.remove", id)
    note(session.text("cli.intervention_removed", name=id))


def _answer(session: Session, id: str | None, *, as_json: bool) -> None:  # noqa: A002
    from api.cli.state import open_plan_service, read_build
    from geo.interventions import Intervention, embedded_interventions
    from layers.plans.evaluation import interventions_answer
    from layers.release.counts import published_counts
    from layers.visibility import OPERATOR, RIGHTS

    with progress("evaluate", session.lang):
        build = read_build(session, target=id or "")
        own = [Intervention.of(row, office=True) for row in _own(session)]
        found = interventions_answer(
            published_counts(build.counts, build.areas).to_dict("records"),
            [*embedded_interventions().values(), *own], id, rights=RIGHTS[OPERATOR],
            open_service=lambda: open_plan_service(session, target=id or ""),
        )  # fmt: skip
    if as_json:
        return print_json(found)
    if id is None:
        return _list(found["interventions"], session.lang)
    return _whole(found, session.lang)


def _own(session: Session) -> list[dict[str, Any]]:
    """Those of the register, where this home has one."""
    if not session.home.register.exists():
        return []
    from api.state.intervention_store import own_interventions

    with operator_register(session) as register:
        return own_interventions(register)


def _list(rows: Sequence[Answer], lang: str) -> None:
    print_table(
        headings(lang, "id", "since", "state", "times"),
        [line for row in rows for line in _lines(row, lang)],
        right=(3,),
    )  # fmt: skip
    for row in rows:
        told = " ".join(one["sentence"][lang] for one in (row, *row["differs"]))
        click.echo(f"\n{told}")


def _lines(row: Answer, lang: str) -> list[tuple[str, str, str, str]]:
    """The line of its verdict and one of each other outcome that differs."""
    times = [interval(one["effect"], digits=2, lang=lang) for one in (row, *row["differs"])]
    others = [
        (f"{label('measure', one['measure'], lang)}: {label('verdict', one['verdict'], lang)}", n)
        for one, n in zip(row["differs"], times[1:], strict=True)
    ]
    first = (row["id"], row["start"], label("verdict", row["verdict"], lang), times[0])
    return [first, *(("", "", said, number_) for said, number_ in others)]


def _whole(one: Answer, lang: str) -> None:
    click.echo(one["power"][lang])
    click.echo(one["sentence"][lang])
    _years(one["years"], lang)
    if one["before"]:
        _section("evaluation.before", lang)
        print_table(
            headings(lang, "year", "times"),
            [(str(row["year"]), number(row["ratio"], digits=2, lang=lang))
             for row in one["before"]], right=(1,),
        )  # fmt: skip
    if one["placebos"]:
        _section("evaluation.placebos", lang, **one["rank"])
        print_table(
            headings(lang, "name", "times"),
            [(row["area_name"], interval(row["effect"], digits=2, lang=lang))
             for row in one["placebos"]], right=(1,),
        )  # fmt: skip
    if one["placebo_in_time"]:
        earlier = one["placebo_in_time"]
        times = interval(earlier["effect"], digits=2, lang=lang)
        _section("evaluation.earlier", lang, year=str(earlier["year"]), times=times)
    for paired in one["paired"]:
        click.echo(f"\n{paired['sentence'][lang]}")
        _years(paired["years"], lang)
    if one["effort"]:
        _section("evaluation.watched", lang)
        print_table(
            headings(lang, "since", "until", "terminal", "body", "measure", "value"),
            [(row["from_date"] or "-", row["until_date"] or "-", row["terminal_id"] or "-",
              row["body"] or "-", label("effort", row["measure"], lang),
              number(row["value"], digits=0, lang=lang)) for row in one["effort"]],
        )  # fmt: skip
    if one["expected"]:
        click.echo(f"\n{one['expected']['sentence'][lang]}")
        print_table(
            headings(lang, "name", "persons", "change"),
            [(row["area_name"], number(row["without"], digits=0, lang=lang),
              number(row["change"], digits=0, lang=lang)) for row in one["expected"]["moves"]],
            right=(1, 2),
        )  # fmt: skip
    if one["overlapping"]:
        names = [f"{row['name'][lang]} ({row['start']})" for row in one["overlapping"]]
        _section("evaluation.overlapping", lang, names=names)
    _section("evaluation.ask", lang)
    for question in one["ask"]:
        click.echo(f"- {question[lang]}")


def _years(rows: Sequence[Answer], lang: str) -> None:
    print_table(
        headings(lang, "year", "recorded", "comparison", "months", "as_a_year", "places"),
        [(str(row["year"]), number(row["count"], digits=0, lang=lang),
          number(row["comparison"], digits=0, lang=lang), str(row["months"] or "-"),
          number(row["as_a_year"], digits=0, lang=lang), str(row["places"]))
         for row in rows], right=(1, 2, 3, 4, 5),
    )  # fmt: skip


def _section(key: str, lang: str, **values: Any) -> None:
    click.echo(f"\n{text(key, lang, **values)}")
