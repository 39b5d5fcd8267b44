"""Long-lived worker process of the service: corridors, scenarios, checks of plans, documents.

Its one thread makes and frees all factorisations: SuperLU leaks what one thread makes and another
frees (docs/decisions/0025). Lines of JSON in, one line of JSON out for each; it ends with its
input.

Input: ``{"kind", "folder", "tier", "province"}`` and what the kind needs (:data:`_ANSWERS`).
Output: ``{"answer"}`` or ``{"error"}`` (:mod:`layers.plans.worker`).
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from geo.imports.days import today
from geo.paths import Home
from geo.periods import period_of
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest, WatchPlanRequest
from layers.plans.service import CorridorService, PlanService
from layers.plans.worker import outcome_of, send, start_quietly
from layers.release.marking import Marking
from layers.release.release import Release
from layers.schema import Tier
from layers.visibility import rights_of

__all__ = ["main"]

Task = Mapping[str, Any]


def main() -> int:
    """Answer the tasks on standard input until it ends; return the exit code."""
    out = start_quietly()
    for line in sys.stdin:
        send(out, outcome_of(partial(_answer, json.loads(line))))
    return 0


def _answer(task: Task) -> dict[str, Any]:
    return {"answer": _ANSWERS[task["kind"]](task)}


@lru_cache(maxsize=1)
def _service(folder: str) -> PlanService:
    return PlanService.open(Path(folder))


def _reader(task: Task) -> dict[str, Any]:
    province = task["province"]
    return {"rights": rights_of(task["tier"], province), "province": province}


@lru_cache(maxsize=1)
def _corridors(folder: str) -> CorridorService:
    return CorridorService(Path(folder))


@lru_cache(maxsize=64)
def _corridor_through(folder: str, *places: str) -> dict[str, Any]:
    return _corridors(folder).answer(places)


def _corridor(task: Task) -> dict[str, Any]:
    return _corridor_through(task["folder"], *task["places"])


@lru_cache(maxsize=4)
def _ways(folder: str, tier: Tier, province: str | None) -> Any:
    from layers.documents import Contents
    from layers.release.leg_paths import way_finder

    with Release(Path(folder)) as release:
        contents = Contents(release, tier, province)
        return way_finder(contents.rows("terminals"), contents.rows("legs"))


def _corridor_line(task: Task) -> dict[str, Any] | None:
    """The way of a corridor along the legs that the reader sees, as GeoJSON."""
    from shapely.geometry import mapping

    find = _ways(task["folder"], task["tier"], task["province"])
    line = find(task["waypoints"])
    return None if line is None else dict(mapping(line))


def _check_posts(task: Task) -> None:
    request = PostPlanRequest.of(**task["request"])
    _service(task["folder"]).check_posts(request, done=task["done"], **_reader(task))


def _check_outreach(task: Task) -> None:
    request = OutreachPlanRequest.of(**task["request"])
    _service(task["folder"]).check_outreach(request, **_reader(task))


def _check_watch(task: Task) -> None:
    request = WatchPlanRequest.of(**task["request"])
    _service(task["folder"]).check_watch(request, **_reader(task))


def _options(task: Task) -> dict[str, Any]:
    return _service(task["folder"]).options()


def _scenario(task: Task) -> dict[str, Any]:
    service, reader = _service(task["folder"]), _reader(task)
    scenario = service.parse(task["entries"], **reader)
    return service.scenario_document(scenario, **task["options"], **reader)


def _comparison(task: Task) -> dict[str, Any]:
    service, reader = _service(task["folder"]), _reader(task)
    return service.compare(task["changes"], **task["options"], **reader)


def _displacement(task: Task) -> dict[str, Any]:
    service = _service(task["folder"])
    result = service.scenario(service.parse(task["entries"], **_reader(task)), **task["options"])
    return service.scenario_map(result)


def _brief(task: Task) -> str:
    """A brief as PDF, in base64."""
    # What draws and sets type is loaded when a brief is first asked for.
    from layers.documents import Contents, find_subject
    from layers.documents.brief import brief_content, typeset_brief
    from layers.plans.effects import effects_on
    from layers.query.planned_coverage import planned_sentence

    planned = task["planned"]
    told = planned and planned_sentence(planned["total"], period_of(planned["period"]))
    with Release(Path(task["folder"])) as release:
        contents = Contents(release, task["tier"], task["province"], task["confirmed"])
        subject = find_subject(contents, task["subject"])
        effects = effects_on(contents, subject, lambda: _service(str(release.model_folder())))
        marking = Marking(**task["marking"])
        content = brief_content(contents, subject, marking, task["language"], effects, told)
    return b64encode(typeset_brief(content)).decode()


def _referral_card(task: Task) -> str:
    """A referral card as PDF, in base64."""
    from layers.documents import Contents, find_subject
    from layers.documents.referral_card import referral_card_content, typeset_referral_card

    with Release(Path(task["folder"])) as release:
        contents = Contents(release, task["tier"], task["province"], task["confirmed"])
        subject = find_subject(contents, task["subject"])
        marking = Marking(**task["marking"])
        content = referral_card_content(contents, subject, marking, task["language"])
    return b64encode(typeset_referral_card(content)).decode()


def _shift_sheet(task: Task) -> str:
    """The sheet of a shift as PDF, in base64."""
    from layers.documents import Contents
    from layers.plans.shift_sheets import one_shift_sheet

    with Release(Path(task["folder"])) as release:
        contents = Contents(release, task["tier"], task["province"], task["confirmed"])
        marking = Marking(**task["marking"])
        sheet = one_shift_sheet(contents, task["plan"], task["shift"], marking, task["language"])
    return b64encode(sheet).decode()


def _adopted_brief(task: Task) -> str:
    """The brief of an adopted plan as PDF, in base64."""
    from layers.plans.adopted_brief import adopted_brief

    brief = adopted_brief(task["plan"], Marking(**task["marking"]), task["language"])
    return b64encode(brief).decode()


def _warnings(task: Task) -> dict[str, Any]:
    """Counts above what is expected, of what the reader sees; of months, of what it imported."""
    from layers.documents import Contents
    from layers.plans.early_warning import early_warnings
    from layers.plans.monthly_warning import monthly_warnings, months_of_account

    account, months = task["account"], None
    own = account and months_of_account(Home(Path(task["home"])), account, task["tier"])
    with Release(Path(task["folder"])) as release:
        contents = Contents(release, task["tier"], task["province"])
        if own:
            day = date.fromisoformat(today())
            months = monthly_warnings(own, contents.area_names, today=day)
        return {**early_warnings(row for row, _ in contents.rows("counts")), "months": months}


def _interventions(task: Task) -> dict[str, Any]:
    """Interventions that the reader may know of, or the whole of the one that is named."""
    from geo.interventions import Intervention, embedded_interventions
    from layers.documents import Contents
    from layers.plans.evaluation import interventions_answer

    rights = rights_of(task["tier"], task["province"])
    own = [Intervention.of(row, office=True) for row in task["own"]]
    with Release(Path(task["folder"])) as release:
        contents = Contents(release, task["tier"], task["province"])
        return interventions_answer(
            [row for row, _ in contents.rows("counts")],
            [*embedded_interventions().values(), *own], task["id"],
            rights=rights, province=task["province"],
            open_service=(lambda: _service(str(release.model_folder())))
            if release.has_model else None,
        )  # fmt: skip


def _pack(task: Task) -> str:
    """An offline pack as HTML."""
    from layers.documents import Contents, find_subject
    from layers.documents.pack import pack_page

    with Release(Path(task["folder"])) as release:
        contents = Contents(release, task["tier"], task["province"], task["confirmed"])
        subject = find_subject(contents, task["subject"])
        return pack_page(contents, subject, Marking(**task["marking"]))


_ANSWERS: Mapping[str, Callable[[Task], dict[str, Any] | str | None]] = {
    "corridor": _corridor,
    "corridor_line": _corridor_line,
    "check_posts": _check_posts,
    "check_outreach": _check_outreach,
    "check_watch": _check_watch,
    "options": _options,
    "scenario": _scenario,
    "comparison": _comparison,
    "displacement": _displacement,
    "adopted_brief": _adopted_brief,
    "brief": _brief,
    "referral_card": _referral_card,
    "shift_sheet": _shift_sheet,
    "pack": _pack,
    "warnings": _warnings,
    "interventions": _interventions,
}


if __name__ == "__main__":
    sys.exit(main())
