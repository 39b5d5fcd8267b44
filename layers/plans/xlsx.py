"""Plans as spreadsheets for print: one language, landscape A4, headings on every page.

They are written from the answer (:mod:`layers.plans.serialize`), so that a sheet holds only what
its reader may see: shares where the reader has no right to persons. The list of villages travels:
it is alphabetical by regency, district and village, and has neither persons, nor an order among
villages, nor reasons, which speak of how many leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo.files import write_bytes
from geo.i18n import Message, interval, label
from geo.periods import month_name, period_of
from layers.exports.print_book import PrintBook
from layers.plans.adopted import effect_text
from layers.release.marking import Marking

__all__ = ["adopted_book", "outreach_book", "posts_book", "write_outreach"]

_VILLAGES = (
    ("regency", "regency", 26), ("district", "district", 20), ("village", "name", 22),
    ("code", "code", 15), ("places", "places_covered", 9), ("base", "base", 20),
    ("hours_one_way", "travel_hours", 11), ("days", "travel_days", 8), ("cost", "cost", 14),
    ("visited_on", None, 16), ("notes", None, 40),
)  # fmt: skip
_REGENCIES = (
    ("code", "code", 14), ("regency", "name", 34), ("persons_a_year", "persons", 18),
    ("reachable", "persons_reachable", 18), ("reached", "persons_covered", 18),
    ("share", "share_covered", 12), ("villages", "villages", 14),
)  # fmt: skip
_POSTS = (
    ("number", "rank", 5), ("terminal", "name", 34), ("identifier", "id", 22), ("kind", "kind", 14),
    ("added_persons", "added_persons", 16), ("staff", "staff", 34), ("notes", None, 34),
)  # fmt: skip
_MOVES = (
    ("terminal", "name", 34), ("identifier", "id", 22), ("before", "before", 18),
    ("after", "after", 18),
)  # fmt: skip
_STEPS = (
    ("regency", "area_name", 26), ("step", "name", 30), ("code", "place", 18),
    ("planned", "planned", 16), ("done", "done", 16), ("on_record_beside", "effect", 60),
    ("notes", None, 40),
)  # fmt: skip


def write_outreach(
    path: Path, answer: Mapping[str, Any], heading: Marking, language: str, *, area: str
) -> None:
    """Write :func:`outreach_book` to a file, at once or not at all.

    Raises
    ------
    EnvironmentProblem
        If the file cannot be written; what was there stays.
    """
    write_bytes(path, outreach_book(answer, heading, language, area=area))


def outreach_book(
    answer: Mapping[str, Any], heading: Marking, language: str, *, area: str
) -> bytes:
    """An outreach plan: villages by regency, district and name, regencies, what numbers mean.

    Parameters
    ----------
    answer : mapping
        :func:`layers.plans.serialize.outreach_answer`.
    heading : Marking
        Classification, release, date and mark; the plan and its release are of one tier.
    language : str
    area : str
        Name of the area, for the title.
    """
    book = PrintBook(heading, language)
    share = answer["share"]
    reached: Message | str = (
        "" if share is None else Message("sheet.share_reached", {"share": share})
    )
    if "persons_covered" in answer:
        reached = Message("sheet.persons_a_year", {"persons": interval(answer["persons_covered"])})
    levels = ("regency", "district", "name", "code")
    villages = sorted(answer["villages"], key=lambda row: [str(row.get(at) or "") for at in levels])
    book.add_list(
        "sheet.plan", _VILLAGES, villages,
        title=Message("sheet.outreach_title", {"area": area}),
        under=Message("sheet.outreach_reached", {"reached": reached, "gap": answer["gap"],
                      "radius": answer["radius_km"]}),
    )  # fmt: skip
    book.add_table("sheet.regencies", _REGENCIES, answer["regencies"])
    return book.with_notes(
        Message("note.model_estimates"),
        answer["assumption"],
        Message("note.served_left_out", {"villages": answer["excluded_served"]}),
        Message("note.travel_days", {"days": answer["travel_days"]}),
        *answer["notes"],
        *_costs("note.cost_per_person_reached", answer.get("cost_per_person")),
    )


def posts_book(answer: Mapping[str, Any], heading: Marking, language: str) -> bytes:
    """A post plan: the posts and who staffs them, where flow moves, and what it rests on.

    Parameters
    ----------
    answer : mapping
        :func:`layers.plans.serialize.posts_answer`.
    heading, language
        As in :func:`outreach_book`.
    """
    book = PrintBook(heading, language)
    share, blind = answer["interception"]["share"], answer["blind"]
    persons = interval(answer["interception"]["persons"])
    rows = [
        {
            **post, "rank": k, "kind": label("kind", post["kind"], language),
            "staff": ", ".join(label("staff", name, language) for name in post["staffed_by"]),
        }
        for k, post in enumerate(answer["posts"], 1)
    ]  # fmt: skip
    book.add_list(
        "sheet.posts", _POSTS, rows, title=Message("sheet.posts_title"),
        under=Message("sheet.posts_intercepted", {"persons": persons, "share": share}),
    )  # fmt: skip
    book.add_table("sheet.displacement", _MOVES, answer["displacement"])
    promise = {"promised": blind["promised_share"], "delivered": blind["delivered_share"]}
    alternatives = (
        {"posts": [post["name"] for post in plan["posts"]], "share": plan["share"],
         "action": Message(f"post_action.{plan['action']}")}
        for plan in answer["alternatives"]
    )  # fmt: skip
    standing = [post["name"] for post in answer["in_force"]]
    regret = (
        {"hours": at["deterrence_h"], "share": f"{100 * (1 - at['regret_share']):.0f}"}
        for at in answer["regret"]
    )
    return book.with_notes(
        Message("note.model_estimates"),
        Message("note.police_desk_only"),
        Message("web_police.posts_list_help"),
        Message("note.blind_plan", promise),
        *([Message("note.in_force", {"posts": standing})] if standing else []),
        *(Message("note.alternative", plan) for plan in alternatives),
        *(Message("regret.line", at) for at in regret),
        answer["assumption"],
        *_costs("note.cost", answer["cost"]),
        *_costs("note.cost_per_person_intercepted", answer["cost_per_person"]),
    )


def adopted_book(plan: Mapping[str, Any], heading: Marking, language: str) -> bytes:
    """An adopted plan for the meeting: planned, done, and what is on record before and after.

    Parameters
    ----------
    plan : mapping
        :meth:`api.state.adopted_plans.AdoptedPlan.document`.
    heading, language
        As in :func:`outreach_book`.
    """
    book = PrintBook(heading, language)
    rows = [
        {
            **step,
            "planned": month_name(step["planned"], language),
            "done": step["done"] and month_name(step["done"], language),
            "effect": effect_text(step["effect"], language),
        }
        for step in plan["steps"]
    ]
    about = {
        "kind": Message(f"plan_kind.{plan['kind']}"),
        "period": period_of(plan["period"]).name, "area": plan["area"] or "-",
    }  # fmt: skip
    book.add_list(
        "sheet.adopted", _STEPS, rows,
        title=Message("sheet.adopted_title", about),
        under=Message("sheet.adopted_done", {"done": plan["done"], "planned": plan["planned"]}),
    )  # fmt: skip
    return book.with_notes(Message("adopted.no_effect"))


def _costs(code: str, cost: float | None) -> list[Message]:
    return [] if cost is None else [Message(code, {"cost": cost})]
