"""``petajaga areas AREA`` explains one area; ``petajaga areas --sensitivity`` the whole index."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import Session
from api.cli.output import class_name, interval, note, number, print_json, print_table, progress
from api.cli.texts import say
from geo.errors import InputError

if TYPE_CHECKING:
    from routes.vulnerability.sensitivity import Sensitivity

__all__ = ["explain", "sensitivity"]

_JSON = ("contributions", "gaps", "alike", "trend")
_CHARTS = (".png", ".svg", ".pdf")
_ARROWS = {"up": "+", "down": "-"}


def explain(session: Session, text: str, *, as_json: bool) -> None:
    """Print why an area has its score."""
    from api.cli.areas import items
    from api.cli.state import area_code, open_build

    with progress("areas"):
        areas = open_build(session.home).areas
    code = area_code(areas, text)
    chosen = areas[areas["code"] == code]
    row = chosen.iloc[0]
    answer: dict[str, Any] = items(chosen)[0]
    answer |= {
        "known_share": round(float(row["known_share"]), 2),
        "reason": {"id": row["reason_id"], "en": row["reason_en"]},
        **{name: json.loads(row[name]) for name in _JSON},
    }
    if as_json:
        return print_json(answer)
    names = dict(zip(areas["code"], areas["name"], strict=True))
    return _print(answer, names, session.lang)


def _print(answer: dict[str, Any], names: dict[str, str], lang: str) -> None:
    rank = answer["rank"]
    rows = [
        (say("code", lang), f"{answer['code']} {answer['name']}"),
        (say("index", lang), interval(answer["score"], lang=lang)),
        (say("class", lang), class_name(answer["class"], lang)),
        (say("rank", lang), f"{rank['p05']} - {rank['p95']}" if rank else "-"),
        (say("top decile", lang), number(answer["p_top_decile"], digits=2, lang=lang)),
        (say("known", lang), f"{number(100 * answer['known_share'], digits=0, lang=lang)} %"),
        (say("alike", lang), ", ".join(names.get(c, c) for c in answer["alike"]) or "-"),
    ]
    click.echo(answer["reason"][lang])
    click.echo()
    print_table(("", ""), rows)
    if answer["contributions"]:
        parts = [
            (
                part[lang],
                f"{'+' if part['log_points'] >= 0 else ''}"
                f"{number(100 * math.expm1(part['log_points']), lang=lang)} %",
                say("own", lang) if part["basis"] == "own" else part["basis"],
            )
            for part in answer["contributions"]
        ]
        print_table(
            (say("indicator", lang), say("effect", lang), say("basis", lang)), parts, right=(1,)
        )
    words = {part["indicator"]: part[lang] for part in answer["contributions"]}
    for change in answer["trend"]:
        told = say("unclear", lang)
        if "change" in change:
            ends = (number(change[end], lang=lang) for end in ("change", "p05", "p95"))
            told = "{} ({} - {})".format(*ends)
        what = words.get(change["indicator"], change["indicator"])
        note(f"{what} {change['from']}-{change['to']}: {told}")
    # A province is set against the country, everything within it against the province.
    whole = names.get(answer["code"][:2], "") if "." in answer["code"] else "Indonesia"
    note(f"{say('against', lang)} {whole}.")


def sensitivity(
    session: Session, *, within: str | None, output: Path | None, as_json: bool
) -> None:
    """Print or draw which group of assumptions moves the ranking of the regencies."""
    from api.cli.state import area_code
    from geo.dataset import load_dataset

    if output is not None and output.suffix.lower() not in _CHARTS:
        raise InputError(
            f"{output.name}: the name must end in {', '.join(_CHARTS)}", field="output"
        )
    with progress("sensitivity"):
        dataset = load_dataset(session.home.root)
        code = "" if within is None else area_code(dataset.areas, within)
        found = _found(session, dataset, code)
    if output is not None:
        _draw(found, output, session.lang)
        note(f"{say('written', session.lang)} {output}")
        if not as_json:
            return None
    if as_json:
        groups = found.table.reset_index().to_dict("records")
        return print_json(
            {"groups": groups, "mean_shift": found.mean_shift, "areas": found.areas,
             "runs": found.runs}
        )  # fmt: skip
    rows = [
        (str(name), *(number(float(row[c]), digits=3, lang=session.lang) for c in found.table))
        for name, row in found.table.iterrows()
    ]
    print_table(("", "S1", "+/-", "ST", "+/-"), rows, right=(1, 2, 3, 4))
    return None


def _found(session: Session, dataset: Any, code: str) -> Sensitivity:
    from geo.disclosure import release_secret
    from routes.build.parameters import ModelParameters
    from routes.demand.origins import fit_origins
    from routes.graph.build import build_graph
    from routes.inputs.disclosure import protected_inputs
    from routes.vulnerability.framework import Framework
    from routes.vulnerability.sensitivity import sobol_indices

    parameters = ModelParameters()
    dataset = protected_inputs(dataset, release_secret(session.home))
    graph = build_graph(dataset, parameters=parameters.costs)
    levels = fit_origins(
        dataset,
        graph,
        Framework.of_home(session.home),
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


def _draw(found: Sensitivity, path: Path, lang: str) -> None:
    from layers.release.atomic import replacing
    from routes.vulnerability.sensitivity import draw_chart

    with replacing(path) as temporary:
        draw_chart(found, temporary, lang=lang)
