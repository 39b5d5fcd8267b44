"""``petajaga plan posts`` and ``petajaga plan outreach``: from risk to a plan, with its effect."""

from __future__ import annotations

import csv
import re
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import interval, note, number, print_json, print_table, progress
from api.cli.state import open_plan_service, release_id_of
from geo.errors import EnvironmentProblem, InfeasibleError, InputError

if TYPE_CHECKING:
    from layers.plans.service import OutreachOutcome, PlanService

__all__ = ["plan_command"]

_LIMITS = re.compile(r"\b(relax|or|raise) (floor|villages|budget|days)\b")
"""What is to be relaxed, before it is named as the option it is."""


@command(
    "posts",
    click.option("-k", "count", type=int, help="How many posts; with --budget, at most so many."),
    click.option("--fixed", multiple=True, metavar="ID", help="A terminal to staff."),
    click.option("--forbidden", multiple=True, metavar="ID", help="A terminal to leave."),
    click.option("--budget", type=float, help="Money instead of a number; needs --costs."),
    click.option(
        "--costs", type=click.Path(path_type=Path), metavar="FILE.csv", help="Columns id,cost."
    ),
    click.option("--within", metavar="CODE", help="Only in this area (code or name), e.g. 53."),
    click.option(
        "--hours", type=float, default=168.0, show_default=True, help="Staffed hours a week."
    ),
    click.option(
        "--draws", type=click.IntRange(0), default=30, show_default=True,
        help="Draws behind interval and CVaR; 0 plans on the central model alone.",
    ),
    click.option(
        "--cvar", type=float, default=0.9, show_default=True,
        help="Plan for the mean of the worst 1 - CVAR of the draws; 0 for the mean of all.",
    ),
    JSON,
)  # fmt: skip
def posts_command(
    session: Session,
    *,
    count: int | None,
    fixed: tuple[str, ...],
    forbidden: tuple[str, ...],
    budget: float | None,
    costs: Path | None,
    within: str | None,
    hours: float,
    draws: int,
    cvar: float,
    as_json: bool,
) -> None:
    """Choose the terminals where posts intercept most once people react."""
    from layers.plans.requests import PostPlanRequest

    with progress("posts") as report:
        service = open_plan_service(session.home)
        request = PostPlanRequest.of(
            k=count, budget=budget, fixed=fixed, forbidden=forbidden,
            costs=None if costs is None else _costs(costs), within=within,
            hours_per_week=hours, draws=draws, cvar=cvar,
        )  # fmt: skip
        answer = service.posts(request, progress=report).answer
    if as_json:
        release = release_id_of(service.build.id, session.home)
        return print_json({**answer, "release": release})
    return _print_posts(answer, session.lang)


def _costs(path: Path) -> dict[Hashable, float]:
    found: dict[Hashable, float] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for line, row in enumerate(csv.DictReader(stream), 2):
                try:
                    found[str(row["id"])] = float(row["cost"])
                except (KeyError, TypeError, ValueError):
                    raise InputError(
                        f"{path.name}, line {line}: columns id and cost (a number) are needed",
                        field="costs",
                    ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 text", field="costs") from error
    except OSError as error:
        raise EnvironmentProblem(f"cannot read {path}: {error.strerror}") from error
    return found


def _print_posts(answer: dict[str, Any], lang: str) -> None:
    id_ = lang == "id"
    nobody = "belum diketahui" if id_ else "unknown"
    rows = [
        (p["id"], p["name"], p["kind"], number(p["marginal_persons"], lang=lang),
         ", ".join(p["staffed_by"]) or nobody)
        for p in answer["posts"]
    ]  # fmt: skip
    heads = ["Simpul", "Nama", "Jenis", "Nilai tambah (orang/tahun)", "Petugas"] if id_ else [
        "Terminal", "Name", "Kind", "Adds (persons/year)", "Staff"]  # fmt: skip
    print_table(heads, rows, right=(3,))
    told = answer["interception"]
    share = number(100 * told["share"], lang=lang)
    click.echo(f"\n{'Tercegat' if id_ else 'Intercepted'}: {interval(told['persons'], lang=lang)} "
               f"{'orang/tahun' if id_ else 'persons/year'}, {share} %")  # fmt: skip
    if answer["cvar"] is not None:
        worst = number(answer["cvar"], lang=lang)
        click.echo(
            f"Rata-rata pada sampel terburuk (CVaR): {worst} orang/tahun" if id_
            else f"Mean of the worst draws (CVaR): {worst} persons/year"
        )  # fmt: skip
    blind = [number(100 * answer["blind"][k], lang=lang) for k in ("promised_share",
                                                                   "delivered_share")]  # fmt: skip
    click.echo(
        f"Rencana tanpa memperhitungkan perpindahan: janji {blind[0]} %, hasil {blind[1]} %"
        if id_
        else f"A plan blind to displacement: promises {blind[0]} %, delivers {blind[1]} %"
    )
    if answer["alternatives"]:
        click.echo(f"\n{'Pilihan lain' if id_ else 'Alternatives'}")
        others = [
            (
                number(a["persons"], lang=lang),
                "-" if a["cvar"] is None else number(a["cvar"], lang=lang),
                ", ".join(p["name"] for p in a["posts"]),
            )
            for a in answer["alternatives"]
        ]
        heads = ["Orang/tahun", "CVaR", "Pos"] if id_ else ["Persons/year", "CVaR", "Posts"]
        print_table(heads, others, right=(0, 1))
    click.echo(f"\n{'Arus berpindah' if id_ else 'Flow moves'}")
    moved = [
        (m["name"], number(m["before"], lang=lang), number(m["after"], lang=lang))
        for m in answer["displacement"]
    ]
    print_table(
        ["Simpul", "Sebelum", "Sesudah"] if id_ else ["Terminal", "Before", "After"],
        moved, right=(1, 2),
    )  # fmt: skip
    note(answer["assumption"][lang])


@command(
    "outreach",
    click.option("--villages", "count", type=int, help="How many villages."),
    click.option("--budget", type=float, help="Money instead; needs a cost."),
    click.option("--days", type=float, help="Travel days instead."),
    click.option("--within", metavar="CODE", help="Only in this area (code or name), e.g. 53."),
    click.option("--radius-km", type=float, help="How far a visit reaches; 10 if nothing is said."),
    click.option("--radius-hours", type=float, help="The same in hours by road."),
    click.option(
        "--floor", type=float, default=0.0, show_default=True,
        help="Least share of each regency's reachable departures, 0 to 1.",
    ),
    click.option("--must", multiple=True, metavar="VILLAGE",
                 help="A village to visit: id, code or a name no other bears."),
    click.option("--forbidden", multiple=True, metavar="VILLAGE",
                 help="A village to leave out, by the same."),
    click.option("--cost-per-village", type=float, help="Money for each village."),
    click.option("--cost-per-day", type=float, default=0.0, help="Money for each day."),
    click.option("--base", metavar="PLACE", help="Where the team sets out; else each seat."),
    click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE.xlsx|.html",
                 help="Spreadsheet, or a map that opens without a network."),
    JSON,
)  # fmt: skip
def outreach_command(
    session: Session,
    *,
    count: int | None,
    budget: float | None,
    days: float | None,
    within: str | None,
    radius_km: float | None,
    radius_hours: float | None,
    floor: float,
    must: tuple[str, ...],
    forbidden: tuple[str, ...],
    cost_per_village: float | None,
    cost_per_day: float,
    base: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Choose villages so that most at-risk departures are within reach of a visit."""
    from layers.plans.requests import OutreachPlanRequest

    if output is not None and output.suffix.lower() not in {".xlsx", ".html"}:
        raise InputError(f"{output.name}: the name must end in .xlsx or .html", field="output")
    with progress("outreach") as report:
        service = open_plan_service(session.home)
        request = OutreachPlanRequest.of(
            number=count, budget=budget, days=days, within=within, radius_km=radius_km,
            radius_hours=radius_hours, floor=floor, must=must, forbidden=forbidden,
            cost_per_village=cost_per_village, cost_per_day=cost_per_day, base=base,
        )  # fmt: skip
        try:
            outcome = service.outreach(request, progress=report)
        except InfeasibleError as error:
            raise InfeasibleError(_LIMITS.sub(r"\1 --\2", str(error))) from None
        if output is not None:
            _write_outreach(output, outcome, service)
    if as_json:
        release = release_id_of(service.build.id, session.home)
        return print_json({**outcome.answer, "release": release})
    _print_outreach(outcome.answer, session.lang)
    if output is not None:
        note(f"{'Ditulis' if session.lang == 'id' else 'Written'}: {output}")
    return None


def _write_outreach(output: Path, outcome: OutreachOutcome, service: PlanService) -> None:
    build = service.build
    if output.suffix.lower() == ".xlsx":
        from layers.plans.xlsx import write_outreach

        return write_outreach(output, outcome.answer, area=outcome.area, build_id=build.id)
    from layers.documents.outreach_map import write_outreach_map

    return write_outreach_map(
        output,
        outcome.plan,
        area=outcome.area,
        build_id=build.id,
        basemap=build.basemap,
        bases=outcome.bases,
        outlines=build.regency_cells,
    )


def _print_outreach(answer: dict[str, Any], lang: str) -> None:
    id_ = lang == "id"
    rows = [
        (
            str(row["rank"]), row["id"], row["name"], row["regency"],
            number(row["persons_covered"], lang=lang),
            number(row["travel_hours"], lang=lang), row["reason" if id_ else "reason_en"],
        )
        for row in answer["villages"]
    ]  # fmt: skip
    heads = ["No", "Id", "Desa/tempat", "Kabupaten", "Orang/tahun", "Jam", "Alasan"] if id_ else [
        "No", "Id", "Village/place", "Regency", "Persons/year", "Hours", "Reason"]  # fmt: skip
    print_table(heads, rows, right=(0, 4, 5))
    gap = number(100 * answer["gap"], digits=2, lang=lang)
    reached = interval(answer["persons_covered"], lang=lang)
    click.echo(f"\n{'Terjangkau' if id_ else 'Reached'}: {reached} "
               f"{'orang/tahun' if id_ else 'persons/year'}; gap {gap} %")  # fmt: skip
    for said in (answer["assumption"], *answer["notes"]):
        note(said[lang])


plan_command = click.Group(
    "plan",
    help="Plan posts, or outreach visits, with expected effect and alternatives.",
    commands={"posts": posts_command, "outreach": outreach_command},
)
