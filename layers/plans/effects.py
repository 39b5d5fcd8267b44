"""What a plan is expected to do for the subject of a brief, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.classes import NOT_ASSESSED
from geo.errors import InfeasibleError, InputError
from geo.i18n import Message, interval
from layers.plans.requests import STAFFED_HOURS, OutreachPlanRequest
from layers.plans.service import PlanService
from layers.visibility import Rights
from routes.posts.plan import staffed_post

__all__ = ["outreach_effect", "post_effect"]

_VILLAGES = 10


def outreach_effect(service: PlanService, area: Mapping[str, Any], *, rights: Rights) -> Message:
    """Share of the area's departures within reach of visits to ten villages chosen best.

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
    values = {"count": len(answer["villages"]), "share": float(answer["share"] or 0.0),
              "radius": float(answer["radius_km"])}  # fmt: skip
    if rights.numbers and area["departures_mean"] is not None:
        persons = interval(answer["persons_covered"])
        return Message("document.effect_outreach_persons", {**values, "persons": persons})
    return Message("document.effect_outreach", values)


def post_effect(service: PlanService, terminal: str) -> Message:
    """Persons a year whom a staffed post at a terminal would stop beyond those in force.

    One evaluation of the mean model after people react; for readers who may know of posts.
    """
    kinds = dict(zip(service.build.terminals["id"], service.build.terminals["kind"], strict=True))
    model = service.build.flow_model()
    post = staffed_post(STAFFED_HOURS, kinds[terminal])
    added = model.intercept({terminal: post}).persons - model.intercept({}).persons
    if terminal in service.build.network.posts:
        return Message("document.effect_post_stands")
    return Message("document.effect_post", {"persons": max(float(f"{added:.2g}"), 0.0)})
