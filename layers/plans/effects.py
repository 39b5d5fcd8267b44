"""What a plan is expected to do for the subject of a brief, in one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from geo.classes import NOT_ASSESSED
from geo.errors import InfeasibleError, InputError
from geo.i18n import Message, interval
from geo.interventions import embedded_interventions
from layers.documents.subject import Contents, Subject
from layers.plans.evaluation import sentence_for
from layers.plans.requests import STAFFED_HOURS, OutreachPlanRequest
from layers.plans.service import PlanService
from layers.visibility import ALL_PROVINCES, Rights, rights_of
from routes.posts.plan import staffed_post

__all__ = ["corridor_effect", "effects_on", "outreach_effect", "post_effect"]

_VILLAGES = 10


def effects_on(
    contents: Contents, subject: Subject, open_service: Callable[[], PlanService]
) -> Sequence[Message]:
    """What a plan would do for the subject, and whether what was done in an area helped, as far
    as the reader may know and the release has it.

    Parameters
    ----------
    contents : Contents
        The release as the reader has it.
    subject : Subject
    open_service : callable
        Opens the model of the release; called only where it is needed.
    """
    rights = rights_of(contents.tier, contents.province)
    at_home = contents.province in (None, ALL_PROVINCES, subject.area[:2])
    if not rights.plans or not at_home or not contents.release.has_model:
        return ()
    if subject.kind == "area":
        told = sentence_for(
            [row for row, _ in contents.rows("counts")], embedded_interventions().values(),
            subject.id,
        )  # fmt: skip
        effect = outreach_effect(open_service(), subject.row, rights=rights)
        return (effect,) if told is None else (effect, told)
    if subject.kind == "port" and rights.posts:
        return (post_effect(open_service(), subject.id),)
    # A corridor leads out of a province, and so may what is best on it.
    if subject.kind == "corridor" and rights.posts and not rights.own_province:
        return (corridor_effect(open_service(), subject.row["waypoints"]),)
    return ()


def outreach_effect(service: PlanService, area: Mapping[str, Any], *, rights: Rights) -> Message:
    """Share of the area's departures within reach of visits to ten villages chosen best, by name.

    Parameters
    ----------
    area : mapping
        Its row of the layer as the reader has it. Persons are named where the rights have numbers
        and its departures are known; where they are not assessed nothing is computed.
    """
    if (area["class"] or NOT_ASSESSED) == NOT_ASSESSED:
        return Message("document.effect_unassessed")
    request = OutreachPlanRequest.of(number=_VILLAGES, within=area["code"])
    try:
        answer = service.outreach(request, rights=rights, province=area["province_code"]).answer
    except (InfeasibleError, InputError) as error:
        return Message("document.effect_none", {"reason": Message(error.code, error.params)})
    names = [_village(row, area["code"]) for row in answer["villages"]]
    values = {"count": len(names), "villages": names, "radius": float(answer["radius_km"])}
    if all(row["uncertain"] for row in answer["regencies"]):
        return Message("document.effect_outreach_uncertain", values)
    values["share"] = float(answer["share"] or 0.0)
    if rights.numbers and area["departures_mean"] is not None:
        persons = interval(answer["persons_covered"])
        return Message("document.effect_outreach_persons", {**values, "persons": persons})
    return Message("document.effect_outreach", values)


def _village(row: Mapping[str, Any], area: str) -> str:
    """Name of a village, with its regency where the area has several."""
    return str(row["name"]) if row["regency_code"] == area else f"{row['name']} ({row['regency']})"


def post_effect(service: PlanService, terminal: str) -> Message:
    """Persons a year whom a staffed post at a terminal would stop beyond those in force.

    One evaluation of the mean model after people react; for readers who may know of posts.
    """
    if terminal in service.build.network.posts:
        return Message("document.effect_post_stands")
    return Message("document.effect_post", {"persons": _added(service, [terminal])[terminal]})


def corridor_effect(service: PlanService, waypoints: Iterable[Mapping[str, Any]]) -> Message:
    """The terminal of a corridor's places at home where a staffed post would stop most, as
    :func:`post_effect`, all who pass it counted.

    Parameters
    ----------
    waypoints : iterable of mapping
        ``id, name``; a terminal by its id, a place by its name.
    """
    terminals = service.build.terminals
    names = {key for stop in waypoints for key in (stop["id"], stop["name"])}
    passed = terminals["id"].isin(names) | terminals["place"].isin(names)
    at_home = terminals[passed & (terminals["country"] == "ID")].set_index("id")["name"]
    free = [terminal for terminal in at_home.index if terminal not in service.build.network.posts]
    if not free:
        return Message("document.effect_corridor_stands")
    added = _added(service, free)
    best = max(sorted(added), key=added.__getitem__)
    return Message("document.effect_corridor", {"name": at_home[best], "persons": added[best]})


def _added(service: PlanService, terminals: Iterable[str]) -> dict[str, float]:
    """Persons a year, to two digits, whom one more post at each terminal alone would stop."""
    kinds = dict(zip(service.build.terminals["id"], service.build.terminals["kind"], strict=True))
    model = service.build.flow_model()
    standing = model.intercept({}).persons
    added = {}
    for terminal in terminals:
        post = staffed_post(STAFFED_HOURS, kinds[terminal])
        persons = model.intercept({terminal: post}).persons - standing
        added[terminal] = max(float(f"{persons:.2g}"), 0.0)
    return added
