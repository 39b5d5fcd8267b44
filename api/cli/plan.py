"""``petajaga plan posts`` and ``outreach``: from risk to a plan, with its effect."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.adopted import adopt_command, adopted_command, tick_command
from api.cli.options import JSON, Group, Session, check_ending, command, output_option
from api.cli.output import (
    headings,
    note,
    number,
    persons,
    persons_interval,
    print_json,
    print_table,
    progress,
)
from api.cli.state import done_before, open_plan_service, planned_before, release_id_of
from api.cli.two_columns import two_columns
from api.cli.watch import watch_command
from geo.codes import CODE_LENGTHS
from geo.i18n import text
from geo.i18n.catalogue import label
from routes.posts.request import STAFFED_HOURS

if TYPE_CHECKING:
    from layers.plans.service import OutreachOutcome

__all__ = ["plan_command"]


@command(
    "posts",
    click.option("-k", "k", type=int),
    click.option("--fixed", multiple=True, metavar="ID"),
    click.option("--forbidden", multiple=True, metavar="ID"),
    click.option("--budget", type=float),
    click.option("--costs", type=click.Path(path_type=Path), metavar="FILE.csv"),
    click.option("--within", metavar="CODE"),
    click.option("--hours", "hours_per_week", type=float, default=STAFFED_HOURS, show_default=True),
    click.option("--draws", type=click.IntRange(0), default=30, show_default=True),
    click.option("--cvar", type=float, default=0.9, show_default=True),
    JSON,
)
def posts_command(session: Session, *, costs: Path | None, as_json: bool, **fields: Any) -> None:
    """Choose the terminals where posts intercept most once people react."""
    from layers.plans.requests import PostPlanRequest

    with progress("posts", session.lang) as report:
        service = open_plan_service(session, target=fields["within"] or "")
        prices: dict[Hashable, float] | None = None
        if costs is not None:
            prices = dict(
                two_columns(costs, "id", "cost", float, field="costs", wrong="cli.costs_columns")
            )
        request = PostPlanRequest.of(costs=prices, **fields)
        answer = service.posts(request, done=done_before(session, "posts"), progress=report).answer
    if as_json:
        release = release_id_of(service.build.id, session.home)
        return print_json({**answer, "release": release})
    return _print_posts(answer, session.lang)


def _print_posts(answer: dict[str, Any], lang: str) -> None:
    rows = [
        (
            post["id"],
            post["name"],
            text(f"kind.{post['kind']}", lang),
            persons(post["added_persons"], lang=lang),
            ", ".join(label("staff", code, lang) for code in post["staffed_by"])
            or text("cli.staff_unknown", lang),
        )
        for post in answer["posts"]
    ]
    names = ("terminal", "name", "kind", "added_persons", "staff")
    print_table(headings(lang, *names), rows, right=(3,))
    click.echo(text("web_police.posts_list_help", lang))
    interception, blind = answer["interception"], answer["blind"]

    def percent(share: float) -> str:
        return number(100 * share, lang=lang)

    stopped = persons_interval(interception["persons"], lang=lang)
    click.echo()
    click.echo(text("cli.intercepted", lang, persons=stopped, share=percent(interception["share"])))
    if answer["cvar"] is not None:
        click.echo(text("cli.cvar", lang, persons=persons(answer["cvar"], lang=lang)))
    promised, delivered = (percent(blind[f"{part}_share"]) for part in ("promised", "delivered"))
    click.echo(text("cli.blind", lang, promised=promised, delivered=delivered))
    for at in answer["regret"]:
        share = percent(1.0 - at["regret_share"])
        click.echo(text("regret.line", lang, hours=at["deterrence_h"], share=share))
    for said in (*answer["regret_said"], *answer["displacement_said"]):
        click.echo(said[lang])
    if answer["in_force"]:
        click.echo(f"\n{text('posts.in_force_title', lang)}")
        standing = [
            (
                post["id"],
                post["name"],
                post["since"] or text("posts.start_unknown", lang),
                number(post["deterrence_h"], lang=lang),
                percent(post["detection"]),
            )
            for post in answer["in_force"]
        ]
        columns = headings(lang, "terminal", "name", "since", "deterrence_h", "detection_percent")
        print_table(columns, standing, right=(3, 4))
    if answer["alternatives"]:
        click.echo(f"\n{text('cli.alternatives', lang)}")
        others = [
            (
                label("post_action", plan["action"], lang),
                persons(plan["persons"], lang=lang),
                persons(plan["cvar"], lang=lang),
                ", ".join(post["name"] for post in plan["posts"]),
            )
            for plan in answer["alternatives"]
        ]
        columns = headings(lang, "action", "persons_a_year", "cvar", "posts")
        print_table(columns, others, right=(1, 2))
    click.echo(f"\n{text('cli.displacement', lang)}")
    shifts = [
        (shift["name"], *(number(shift[end], lang=lang) for end in ("before", "after")))
        for shift in answer["displacement"]
    ]
    print_table(headings(lang, "terminal", "before", "after"), shifts, right=(1, 2))
    note(answer["assumption"][lang])


@command(
    "outreach",
    click.option("--villages", "number", type=int),
    click.option("--budget", type=float),
    click.option("--days", type=float),
    click.option("--within", multiple=True, metavar="CODE"),
    click.option("--per-regency", type=int),
    click.option("--radius-km", type=float),
    click.option("--radius-hours", type=float),
    click.option("--floor", type=float, default=0.0, show_default=True),
    click.option("--must", multiple=True, metavar="VILLAGE"),
    click.option("--forbidden", multiple=True, metavar="VILLAGE"),
    click.option("--cost-per-village", type=float),
    click.option("--cost-per-day", type=float, default=0.0),
    click.option("--base", metavar="PLACE"),
    click.option("--with-towns", is_flag=True),
    output_option("FILE.xlsx|.html"),
    JSON,
)
def outreach_command(
    session: Session, *, output: Path | None, as_json: bool, **fields: Any
) -> None:
    """Choose villages so that most at-risk departures are within reach of a visit."""
    from layers.plans.adopted import with_plans
    from layers.plans.requests import OutreachPlanRequest

    check_ending(output, ".xlsx", ".html")
    with progress("outreach", session.lang) as report:
        service = open_plan_service(session)
        request = OutreachPlanRequest.of(**fields)
        done = done_before(session, "outreach")
        outcome = service.outreach(request, done=done, progress=report)
        outcome = replace(outcome, answer=with_plans(outcome.answer, planned_before(session)))
        if output is not None:
            _write_outreach(output, outcome, session)
    if as_json:
        release = release_id_of(service.build.id, session.home)
        return print_json({**outcome.answer, "release": release})
    _print_outreach(outcome.answer, session.lang)
    if any(message.code.startswith("note.villages_unplaced") for message in outcome.plan.notes):
        note(session.text("cli.load_village_points"))
    if output is not None:
        note(session.text("cli.written", file=output))
    return None


def _write_outreach(output: Path, outcome: OutreachOutcome, session: Session) -> None:
    from api.cli.settings import confirmed_contacts, file_marking
    from layers.plans.xlsx import write_outreach
    from layers.release.release import open_release
    from layers.visibility import ALL_PROVINCES, OPERATOR

    sheet = output.suffix.lower() == ".xlsx"
    tier = OPERATOR if sheet else "partner"
    with open_release(session.home) as release:
        marking = file_marking(session, release, tier, request=f"plan outreach {output.name}")
        if sheet:
            area = outcome.area
            return write_outreach(output, outcome.answer, marking, session.lang, area=area)
        from layers.documents import Contents, find_subject, write_pack

        contents = Contents(release, tier, ALL_PROVINCES, confirmed_contacts(session))
        regencies = {code[: CODE_LENGTHS["regency"]] for code in outcome.codes}
        provinces = {code[: CODE_LENGTHS["province"]] for code in outcome.codes}
        common = next((codes for codes in (regencies, provinces) if len(codes) == 1), {None})
        subject = find_subject(contents, common.pop())
        return write_pack(output, contents, subject, marking, outreach=outcome)


def _print_outreach(answer: dict[str, Any], lang: str) -> None:
    rows = [
        (
            str(row["rank"]),
            row["id"],
            row["name"],
            row["regency"],
            persons(row["persons_covered"], lang=lang),
            number(row["travel_hours"], lang=lang),
            _why(row, lang),
        )
        for row in answer["villages"]
    ]
    names = ("number", "village", "regency", "persons_a_year", "hours", "reason")
    first, *others = headings(lang, *names)
    print_table([first, "Id", *others], rows, right=(0, 4, 5))
    reached = persons_interval(answer["persons_covered"], lang=lang)
    gap = number(100 * answer["gap"], digits=2, lang=lang)
    click.echo()
    click.echo(text("cli.reached", lang, persons=reached, gap=gap))
    for message in (answer["assumption"], *answer["notes"]):
        note(message[lang])


def _why(row: dict[str, Any], lang: str) -> str:
    """Why a village is chosen, and in which open plan it is already."""
    reason = row.get(f"reason_{lang}", row["reason"])
    return f"{reason} {row['in_plans_said'][lang]}" if row["in_plans_said"] else str(reason)


plan_command = Group(
    "plan",
    commands={
        "posts": posts_command,
        "outreach": outreach_command,
        "watch": watch_command,
        "adopt": adopt_command,
        "adopted": adopted_command,
        "tick": tick_command,
    },
)
