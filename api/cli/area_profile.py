"""``petajaga areas AREA`` explains one area; ``petajaga areas --sensitivity`` the whole index."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import Session, check_ending
from api.cli.output import (
    headings,
    interval,
    note,
    number,
    persons_interval,
    print_json,
    print_table,
    progress,
)
from api.cli.settings import confirmed_contacts
from api.http.serializers import nest
from geo.codes import CODE_LENGTHS
from geo.guide import hotlines
from geo.i18n import languages, text
from geo.i18n.catalogue import label
from geo.imports.days import today
from geo.names import village_names

if TYPE_CHECKING:
    import pandas as pd

    from layers.documents.referral import ReferralStep
    from layers.documents.safe_ways import Section
    from routes.vulnerability.sensitivity import Sensitivity

__all__ = ["CELLS", "area_cells", "area_items", "print_profile", "print_sensitivity"]

CELLS = ("departures", "per_100k", "class", "rank", "top_decile", "index")
"""Headings of :func:`area_cells`."""
_JSON = ("contributions", "gaps", "alike", "trend")
_UNITS_OF_CHANGE = {"percent": "percentage points", "index": "points"}


def area_items(
    table: Mapping[str, Sequence[Any]] | pd.DataFrame, within: str | None = None
) -> list[dict[str, Any]]:
    """Areas in the form of ``--json``, with the very values that the service gives the police."""
    from layers.query.areas import in_scope
    from layers.release.published import published_rows
    from layers.visibility import OPERATOR

    # a settlement's row has the same columns, under the same names
    rows = published_rows("areas", OPERATOR, table)
    return [
        _item(in_scope(nest(row), within), level)
        for row, level in zip(rows, table["level"], strict=True)
    ]


def _item(row: Mapping[str, Any], level: str) -> dict[str, Any]:
    rank = row.get("rank")
    return {
        "code": row["code"],
        "name": row["name"],
        "level": level,
        "departures": row["departures"],
        "departures_per_100k": row["departures_per_100k"],
        "class": row["class"],
        "rank": {end: round(rank[end]) for end in ("p05", "p95")} if rank else None,
        "p_top_decile": row["p_top_decile"],
        "score": row["score"],
    }


def area_cells(item: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    """Departures, their rate, class, rank, probability of the top decile and index, as text."""
    rank = item["rank"]
    return (
        _known(item["departures"], lang),
        _known(item["departures_per_100k"], lang),
        text(f"class.{item['class']}", lang),
        f"{rank['p05']} - {rank['p95']}" if rank else "-",
        number(item["p_top_decile"], digits=2, lang=lang),
        interval(item["score"], lang=lang),
    )


def _known(value: Mapping[str, float] | None, lang: str) -> str:
    """An interval as it is published; in words where not known."""
    return persons_interval(value, lang=lang) if value else text("class.not_assessed", lang)


def print_profile(session: Session, area: str, *, as_json: bool) -> None:
    """Print why an area has its score."""
    from api.cli.state import area_code, read_build
    from geo.contacts import with_confirmation
    from layers.documents.referral import referral
    from layers.documents.safe_ways import safe_ways
    from routes.vulnerability.framework import Framework

    with progress("areas", session.lang):
        build = read_build(session)
        areas = build.areas
    code = area_code(areas, area, village_names)
    table = areas[areas["code"] == code]
    if table.empty:
        table = _village(areas, code)
    row = table.iloc[0]
    answer: dict[str, Any] = area_items(table)[0]
    answer |= {
        "known_share": round(float(row["known_share"]), 2),
        "reason": {code: row[f"reason_{code}"] for code in languages()},
        **{name: json.loads(row[name]) for name in _JSON},
    }
    names = dict(zip(areas["code"], areas["name"], strict=True))
    confirmed = confirmed_contacts(session)
    services = [with_confirmation(one, confirmed) for one in build.services.to_dict("records")]
    steps = referral(services, code, names)
    ways = safe_ways(
        services, code, names, day=today(),
        areas=areas[areas["code"] == code[: CODE_LENGTHS["regency"]]].to_dict("records"),
    )  # fmt: skip
    if as_json:
        more = {
            "referral": [_referral_item(step) for step in steps],
            "safe_ways": [asdict(way) for way in ways],
        }
        return print_json({**answer, **more})
    units = {item.slug: item.unit for item in Framework.of_home(session.home).indicators}
    _print(answer, names, units, session.lang)
    _print_referral(steps, session.lang)
    return _print_ways(ways, session.lang)


def _referral_item(step: ReferralStep) -> dict[str, Any]:
    return {**asdict(step), "gap": step.gap.as_dict() if step.gap else None}


def _print_referral(steps: Sequence[ReferralStep], lang: str) -> None:
    """Who must be told at each step, and where no office is known."""
    click.echo()
    click.echo(text("referral.who", lang))
    rows = [(step.title.in_language(lang), "; ".join(step.answers(lang))) for step in steps]
    print_table(headings(lang, "step", "offices"), rows)


def _print_ways(ways: Sequence[Section], lang: str) -> None:
    """Whom to call: the national lines first, then the offices, and what of them is not known."""
    from layers.documents.safe_ways import line_said

    click.echo()
    click.echo(text("document.whom_to_call", lang))
    lines = [
        (line.number, f"{line.purpose[lang]} ({line_said(line, today())[lang]})")
        for line in hotlines()
    ]
    print_table(("", ""), lines)
    click.echo()
    click.echo(text("safe.title", lang))
    print_table(("", ""), [(way.title[lang], "; ".join(way.lines(lang))) for way in ways])


def _village(areas: pd.DataFrame, code: str) -> pd.DataFrame:
    """A village without a row of its own: the class of its regency, and no number or rank."""
    regency = areas[areas["code"] == code[: CODE_LENGTHS["regency"]]]
    parts = ("departures", "rank", "p_top_decile", "score")
    numbers = {name: math.nan for name in areas if name.startswith(parts)}
    names = {"village": village_names()[code], "regency": regency["name"].iloc[0]}
    reasons = {f"reason_{lang}": text("reason.village", lang, **names) for lang in languages()}
    return regency.assign(
        code=code, name=names["village"], level="village", parent=code[: CODE_LENGTHS["district"]],
        known_share=0.0, **numbers, **reasons, **dict.fromkeys(_JSON, "[]"),
    )  # fmt: skip


def _print(
    answer: dict[str, Any], names: Mapping[str, str], units: Mapping[str, str], lang: str
) -> None:
    columns = ("code", *CELLS, "own_weight", "alike")
    values = [
        f"{answer['code']} {answer['name']}",
        *area_cells(answer, lang),
        f"{number(100 * answer['known_share'], digits=0, lang=lang)}%",
        ", ".join(names.get(code, code) for code in answer["alike"]) or "-",
    ]
    click.echo(answer["reason"][lang])
    print_table(("", ""), list(zip(headings(lang, *columns), values, strict=True)))
    if answer["contributions"]:
        effects = [100 * math.expm1(part["log_points"]) for part in answer["contributions"]]
        parts = [
            (
                part[lang],
                # what rounds to zero has no sign
                f"{'+' if effect >= 0.05 else ''}{number(effect, lang=lang)}%",
                label("basis", part["basis"], lang),
            )
            for part, effect in zip(answer["contributions"], effects, strict=True)
        ]
        click.echo()
        print_table(headings(lang, "indicator", "effect", "basis"), parts, right=(1,))
    labels = {part["indicator"]: part[lang] for part in answer["contributions"]}
    for change in answer["trend"]:
        shift = text("cli.no_clear_change", lang)
        if "change" in change:
            shift = _shift(change, units.get(change["indicator"], ""), lang)
        name = labels.get(change["indicator"], change["indicator"])
        note(f"{name} {change['from']}-{change['to']}: {shift}")
    # A province is set against the country, everything within it against the province.
    whole = names.get(answer["code"][:2], "") if "." in answer["code"] else "Indonesia"
    note(text("cli.against_median", lang, area=whole))
    note(text("document.departures_rest_on", lang))


def _shift(change: Mapping[str, Any], unit: str, lang: str) -> str:
    """Direction, size and unit of a change, and its 90 % interval: ``up 16.3 (10.5 - 22.1)``."""
    low, high = sorted(abs(change[end]) for end in ("p05", "p95"))
    ends = {"change": abs(change["change"]), "low": low, "high": high}
    return text(
        "cli.change_up" if change["change"] > 0 else "cli.change_down",
        lang,
        unit=label("unit", _UNITS_OF_CHANGE.get(unit, unit), lang),
        **{name: number(value, lang=lang) for name, value in ends.items()},
    )


def print_sensitivity(
    session: Session, *, within: str | None, output: Path | None, as_json: bool
) -> None:
    """Print or draw which group of assumptions moves the ranking of the regencies."""
    from api.cli.state import area_code
    from geo.dataset import load_dataset

    check_ending(output, ".png", ".svg", ".pdf")
    with progress("areas", session.lang):
        dataset = load_dataset(session.home.root).permitted("model")
        code = "" if within is None else area_code(dataset.areas, within)
        indices = _sensitivity(session, dataset, code)
    if output is not None:
        _draw(indices, output, session.lang)
        note(session.text("cli.written", file=output))
        if not as_json:
            return None
    if as_json:
        groups = indices.table.reset_index().to_dict("records")
        totals = {name: getattr(indices, name) for name in ("mean_shift", "areas", "runs")}
        return print_json({"groups": groups, **totals})
    rows = [
        (
            session.text(f"assumption_group.{group}"),
            *(number(float(row[c]), digits=3, lang=session.lang) for c in indices.table),
        )
        for group, row in indices.table.iterrows()
    ]
    print_table(("", "S1", "+/-", "ST", "+/-"), rows, right=(1, 2, 3, 4))
    return None


def _sensitivity(session: Session, dataset: Any, code: str) -> Sensitivity:
    from geo.disclosure import release_secret
    from routes.build.parameters import ModelParameters
    from routes.demand.origins import fit_origins
    from routes.graph.build import official_frames
    from routes.inputs.protected_inputs import protected_inputs
    from routes.vulnerability.framework import Framework
    from routes.vulnerability.sensitivity import sobol_indices

    parameters = ModelParameters()
    framework = Framework.of_home(session.home)
    secret = release_secret(session.home)
    dataset = protected_inputs(dataset, secret, framework.person_counts)
    levels = fit_origins(
        dataset,
        official_frames(dataset, parameters=parameters.costs),
        framework,
        demand=parameters.demand,
        costs=parameters.costs,
    ).levels
    return sobol_indices(
        levels.framework,
        levels.tables["regency"],
        coarser=levels.tables["province"],
        errors=levels.errors["regency"],
        within=code,
    )


def _draw(indices: Sensitivity, path: Path, lang: str) -> None:
    from layers.release.atomic import replacing
    from routes.vulnerability.sensitivity import draw_chart

    with replacing(path) as temporary:
        draw_chart(indices, temporary, lang=lang)
