"""``petajaga plan posts`` and ``petajaga plan outreach``: from risk to a plan, with its effect."""

from __future__ import annotations

import csv
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import interval, note, number, print_json, print_table, progress
from geo.errors import EnvironmentProblem, InputError

if TYPE_CHECKING:
    from geo.dataset import Dataset
    from routes.build import Build
    from routes.outreach import OutreachPlan

__all__ = ["plan_command"]

_SEED = 2018


@command(
    "posts",
    click.option("-k", "count", type=int, help="How many posts; with --budget, at most so many."),
    click.option("--fixed", multiple=True, metavar="ID", help="A terminal to staff."),
    click.option("--forbidden", multiple=True, metavar="ID", help="A terminal to leave."),
    click.option("--budget", type=float, help="Money instead of a number; needs --costs."),
    click.option(
        "--costs", type=click.Path(path_type=Path), metavar="FILE.csv", help="Columns id,cost."
    ),
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
    hours: float,
    draws: int,
    cvar: float,
    as_json: bool,
) -> None:
    """Choose the terminals where posts intercept most once people react."""
    import numpy as np

    from api.cli.state import open_build
    from routes.posts import plan_posts, staffed_post

    if count is None and budget is None:
        raise click.UsageError("say how many posts with -k, or give --budget and --costs")
    with progress("posts") as report:
        build = open_build(session.home)
        rows = build.terminals[build.terminals["country"] == "ID"]
        models = [m for m, _ in zip(build.drawn_models(), range(draws), strict=False)]
        plan = plan_posts(
            build.flow_model(),
            count,
            rows["id"].tolist(),
            post=staffed_post(hours),
            rng=np.random.default_rng(_SEED),
            fixed=fixed,
            forbidden=forbidden,
            costs=None if costs is None else _costs(costs),
            budget=budget,
            draws=models or None,
            cvar=cvar,
            progress=report,
        )
    answer = posts_answer(build, plan)
    if as_json:
        return print_json(answer)
    return _print_posts(answer, session.lang)


def posts_answer(build: Build, plan: Any) -> dict[str, Any]:
    """A post plan as ``petajaga plan posts --json`` gives it."""
    at = build.terminals.set_index("id")
    nodes = build.graph.nodes

    def named(node: str) -> dict[str, Any]:
        return {"id": node, "name": nodes[node]["name"]}

    return {
        "posts": [
            {
                **named(node),
                "kind": at.loc[node, "kind"],
                "marginal_persons": plan.marginal[node],
                "staffed_by": [who for who in at.loc[node, "staffed_by"].split(";") if who],
            }
            for node in plan.posts
        ],
        "interception": {"persons": plan.interval, "share": plan.interception.share},
        "cvar": plan.cvar,
        "blind": {
            "posts": [named(node) for node in plan.blind.posts],
            "promised_share": plan.blind.promised_share,
            "delivered_share": plan.blind.delivered_share,
        },
        "displacement": [
            {**named(move.node), "before": move.before, "after": move.after} for move in plan.moves
        ],
        "alternatives": [
            {"posts": [named(n) for n in other.posts], "persons": other.persons,
             "share": other.share}
            for other in plan.alternatives
        ],
        "cost": plan.cost,
        "assumption": {
            "id": "Daya cegah dan daya temu sebuah pos adalah asumsi; hasil sebanding dengannya.",
            "en": "How far a post deters and detects is assumed; results go with it.",
        },
    }  # fmt: skip


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
    rows = [
        (p["id"], p["name"], number(p["marginal_persons"], lang=lang), ", ".join(p["staffed_by"]))
        for p in answer["posts"]
    ]
    heads = ["Simpul", "Nama", "Nilai tambah (orang/tahun)", "Petugas"] if id_ else [
        "Terminal", "Name", "Adds (persons/year)", "Staff"]  # fmt: skip
    print_table(heads, rows, right=(2,))
    told = answer["interception"]
    share = number(100 * told["share"], lang=lang)
    click.echo(f"\n{'Tercegat' if id_ else 'Intercepted'}: {interval(told['persons'], lang=lang)} "
               f"{'orang/tahun' if id_ else 'persons/year'}, {share} %")  # fmt: skip
    blind = [number(100 * answer["blind"][k], lang=lang) for k in ("promised_share",
                                                                   "delivered_share")]  # fmt: skip
    click.echo(
        f"Rencana tanpa memperhitungkan perpindahan: janji {blind[0]} %, hasil {blind[1]} %"
        if id_
        else f"A plan blind to displacement: promises {blind[0]} %, delivers {blind[1]} %"
    )
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
    click.option("--must", multiple=True, metavar="ID", help="A village to visit."),
    click.option("--forbidden", multiple=True, metavar="ID", help="A village to leave out."),
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
    from api.cli.state import area_code, open_build
    from geo.dataset import load_dataset
    from routes.outreach import plan_outreach
    from routes.outreach_table import village_table

    if output is not None and output.suffix.lower() not in {".xlsx", ".html"}:
        raise InputError(f"{output.name}: the name must end in .xlsx or .html", field="output")
    with progress("outreach"):
        build = open_build(session.home)
        code = None if within is None else area_code(build.areas, within)
        dataset = load_dataset(session.home.root)
        start = _base(build, base)
        table = village_table(build, dataset, within=code, base=start)
        if not len(table.villages):
            raise InputError(f"no village is known in {within}", field="within")
        plan = plan_outreach(
            table.villages,
            number=count,
            budget=budget,
            days=days,
            radius_km=10.0 if radius_km is None and radius_hours is None else radius_km,
            radius_hours=radius_hours,
            floor=floor,
            served=table.served,
            must=_villages(must, table.villages),
            forbidden=_villages(forbidden, table.villages),
            cost_per_village=cost_per_village,
            cost_per_day=cost_per_day,
            draws=table.draws,
        )
        if output is not None:
            _write_outreach(output, plan, build, dataset, code, start)
    if as_json:
        return print_json(outreach_answer(plan))
    _print_outreach(plan, session.lang)
    if output is not None:
        note(f"{'Ditulis' if session.lang == 'id' else 'Written'}: {output}")
    return None


def _write_outreach(
    output: Path,
    plan: OutreachPlan,
    build: Build,
    dataset: Dataset,
    code: str | None,
    start: tuple[str, float, float] | None,
) -> None:
    names = build.areas.set_index("code")["name"]
    area = "Indonesia" if code is None else str(names.get(code, code))
    if output.suffix.lower() == ".xlsx":
        from layers.plan_sheets import write_outreach

        return write_outreach(output, plan, area=area, build_id=build.id)
    from layers.outreach_map import write_outreach_map

    mine = dataset.seats[dataset.seats["code"].isin(plan.villages["regency_code"])]
    seats = mine[["name", "lat", "lon"]].itertuples(index=False, name=None)
    bases = {str(n): (float(lat), float(lon)) for n, lat, lon in ([start] if start else seats)}
    return write_outreach_map(
        output,
        plan,
        area=area,
        build_id=build.id,
        basemap=build.basemap,
        bases=bases,
        outlines=build.regency_cells,
    )


def _base(build: Build, name: str | None) -> tuple[str, float, float] | None:
    if name is None:
        return None
    from geo.names import plain

    for table in (build.settlements, build.terminals):
        named = table["name"].map(lambda text: plain(str(text)) == plain(name)).astype(bool)
        found = table[named | (table["id"] == name)]
        if len(found):
            # Of several places of one name, the one with most people is meant.
            if "population" in found:
                found = found.sort_values("population", ascending=False, na_position="last")
            row = found.iloc[0]
            return str(row["name"]), float(row["lat"]), float(row["lon"])
    raise InputError(f"no place called {name!r} to set out from", field="base")


def _villages(given: Sequence[str], table: Any) -> list[str]:
    """Ids of villages given by id, or by village code."""
    by_code = {code: name for code, name in zip(table["code"], table["id"], strict=True) if code}
    return [by_code.get(text, text) for text in given]


def outreach_answer(plan: OutreachPlan) -> dict[str, Any]:
    """An outreach plan as ``petajaga plan outreach --json`` gives it."""
    rows = plan.villages.to_dict("records")
    return {
        "villages": [
            {
                "code": row["code"] or None,
                "id": row["id"],
                "name": row["name"],
                "regency": row["regency"],
                "persons_covered": row["persons_covered"],
                "reason": row["reason_id"],
                "reason_en": row["reason_en"],
                "base": row["base"],
                "travel_hours": row["travel_hours"],
                "lat": row["lat"],
                "lon": row["lon"],
            }
            for row in rows
        ],
        "persons_covered": plan.persons_covered,
        "share": plan.share,
        "gap": plan.gap,
        "method": plan.method,
        "radius_km": plan.radius_km,
        "travel_days": plan.travel_days,
        "cost": plan.cost,
        "cost_per_person": plan.cost_per_person,
        "excluded_served": len(plan.excluded),
        "assumption": {
            "id": "Terjangkau berarti berangkat dari dalam radius; bukan berarti tercegah.",
            "en": "Reached means setting out within the radius; it does not mean prevented.",
        },
    }


def _print_outreach(plan: OutreachPlan, lang: str) -> None:
    id_ = lang == "id"
    rows = [
        (
            str(row["rank"]), row["name"], row["regency"],
            number(row["persons_covered"], lang=lang),
            number(row["travel_hours"], lang=lang), row[f"reason_{lang}"],
        )
        for row in plan.villages.to_dict("records")
    ]  # fmt: skip
    heads = ["No", "Desa/tempat", "Kabupaten", "Orang/tahun", "Jam", "Alasan"] if id_ else [
        "No", "Village/place", "Regency", "Persons/year", "Hours", "Reason"]  # fmt: skip
    print_table(heads, rows, right=(0, 3, 4))
    gap = number(100 * plan.gap, digits=2, lang=lang)
    reached = interval(plan.persons_covered, lang=lang)
    click.echo(f"\n{'Terjangkau' if id_ else 'Reached'}: {reached} "
               f"{'orang/tahun' if id_ else 'persons/year'}; gap {gap} %")  # fmt: skip
    note(outreach_answer(plan)["assumption"][lang])


plan_command = click.Group(
    "plan",
    help="Plan posts, or outreach visits, with expected effect and alternatives.",
    commands={"posts": posts_command, "outreach": outreach_command},
)
