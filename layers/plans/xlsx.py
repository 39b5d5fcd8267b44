"""Plans as spreadsheets for print: one language, landscape A4, headings on every page.

They are written from the answer (:mod:`layers.plans.serialize`), so that a sheet holds only what
its reader may see: shares where the reader has no right to persons. The list of villages travels:
it is alphabetical by regency, district and village, and has neither persons, nor an order among
villages, nor reasons, which speak of how many leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date

from geo.checks import CHECK_FIELDS, PERSON_FIELDS
from geo.files import write_bytes
from geo.i18n import Message, interval, label, text
from geo.periods import month_name, period_of
from geo.sources import publishers
from layers.documents.shift_sheet import drawn_day
from layers.exports.print_book import PrintBook
from layers.plans.adopted import effect_text
from layers.release.marking import Marking

__all__ = [
    "adopted_book", "outreach_book", "posts_book", "watch_book", "write_outreach", "write_watch",
]  # fmt: skip

_VILLAGES = (
    ("regency", "regency", 26), ("district", "district", 20), ("village", "name", 22),
    ("code", "code", 15), ("places", "places_covered", 9), ("base", "base", 20),
    ("hours_one_way", "travel_hours", 11), ("days", "travel_days", 8), ("cost", "cost", 14),
    ("in_plans", "already", 34), ("visited_on", None, 16), ("notes", None, 40),
)  # fmt: skip
_REGENCIES = (
    ("code", "code", 14), ("regency", "name", 34), ("persons_a_year", "persons", 18),
    ("reachable", "persons_reachable", 18), ("reached", "persons_covered", 18),
    ("share", "share_covered", 12), ("villages", "villages", 14),
)  # fmt: skip
_PRETEXTS = (
    ("regency", "regency", 26), ("offer", "offer", 30), ("family_checks", "check", 60),
    ("nearness", "near", 32), ("recorded", "said", 44), ("source", "source", 34),
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
_KEPT = (
    ("month", "planned", 16), ("regency", "area_name", 24), ("terminal", "name", 28),
    ("shifts", "shifts", 9), ("kept", "kept", 11), *((name, name, 12) for name in PERSON_FIELDS),
    ("on_record_beside", "effect", 46), ("notes", None, 30),
)  # fmt: skip
_SHIFTS = (
    ("number", "number", 5), ("week_of", "week", 14), ("day", "day", 20), ("terminal", "name", 30),
    ("ship", "ships", 40), ("from_to", "to", 30), ("how_often", "often", 30),
    ("watch_hours", "hours", 8), ("crew", "persons", 9), ("litres", "litres", 9),
    *((name, None, 11) for name in CHECK_FIELDS),
)  # fmt: skip
_WATCHED = (
    ("terminal", "name", 34), ("kind", "kind", 16), ("shifts", "shifts", 10),
    ("hours_per_week", "hours_per_week", 14), ("weeks_watched", "weeks", 12),
    ("watched_today", "watched_today", 12), ("found_per_week", "found", 20),
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

    What travels from village to village has no order of need, nor the note that tells of one.

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
    if all(row["uncertain"] for row in answer["regencies"]):
        reached = Message("web.rate_unsure")
    elif "persons_covered" in answer:
        reached = Message("sheet.persons_a_year", {"persons": interval(answer["persons_covered"])})
    levels = ("regency", "district", "name", "code")
    villages = sorted(answer["villages"], key=lambda row: [str(row.get(at) or "") for at in levels])
    if any(row.get("in_plans") for row in villages):
        villages = [
            {**row, "already": (row["in_plans_said"] or {}).get(language)} for row in villages
        ]  # fmt: skip
    book.add_list(
        "sheet.plan", _VILLAGES, villages,
        title=Message("sheet.outreach_title", {"area": area}),
        under=Message("sheet.outreach_reached", {"reached": reached, "gap": answer["gap"],
                      "radius": answer["radius_km"]}),
    )  # fmt: skip
    unsure = text("web.rate_unsure", language)
    regencies = [
        {**row, "share_covered": unsure} if row["uncertain"] else row for row in answer["regencies"]
    ]
    book.add_table("sheet.regencies", _REGENCIES, regencies)
    book.add_table("sheet.pretexts", _PRETEXTS, _pretexts(answer.get("pretexts", ()), language))
    return book.with_notes(
        Message("note.model_estimates"),
        answer["assumption"],
        Message("document.by_name"),
        Message("pretext.no_order"),
        Message("note.served_left_out", {"villages": answer["excluded_served"]}),
        Message("note.travel_days", {"days": answer["travel_days"]}),
        *(note for note in answer["notes"] if note != Message("note.order_of_need").as_dict()),
        *_costs("note.cost_per_person_reached", answer.get("cost_per_person")),
    )


def _pretexts(regencies: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, str]]:
    """A row for each pretext on record from a regency; one that says so where there is none."""
    rows = []
    for regency in regencies:
        for item in regency["pretexts"]:
            words = {part: item[part][language] for part in ("check", "said")}
            rows.append({
                "regency": regency["name"], "offer": item["text"][language], **words,
                "near": item["near_said"][language], "source": publishers([item["source"]])[0],
            })  # fmt: skip
        if not regency["pretexts"]:
            none = text("pretext.none", language)
            rows.append({"regency": regency["name"], "offer": "-", "check": none, "near": "-",
                         "said": "-", "source": "-"})  # fmt: skip
    return rows


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
        *answer["regret_said"],
        *answer["displacement_said"],
        answer["assumption"],
        *_costs("note.cost", answer["cost"]),
        *_costs("note.cost_per_person_intercepted", answer["cost_per_person"]),
    )


def write_watch(path: Path, answer: Mapping[str, Any], heading: Marking, language: str) -> None:
    """Write :func:`watch_book` to a file; errors as :func:`write_outreach`."""
    write_bytes(path, watch_book(answer, heading, language))


def watch_book(answer: Mapping[str, Any], heading: Marking, language: str) -> bytes:
    """A watch plan: its shifts with room for what is entered after each, and its places.

    Parameters
    ----------
    answer : mapping
        :func:`layers.plans.watch.watch_answer`.
    heading, language
        As in :func:`outreach_book`.
    """
    book = PrintBook(heading, language)
    rows = [
        {
            **shift, "name": shift["terminal"]["name"],
            "day": drawn_day(shift, language) or text("watch.when_asked", language),
            "ships": "; ".join(ship["line"] for ship in shift["services"] if ship["line"]),
            "to": "; ".join(dict.fromkeys(ship["to"] for ship in shift["services"])),
            "often": shift["often"][language],
        }
        for shift in answer["roster"]
    ]  # fmt: skip
    monday = format_date(date.fromisoformat(answer["monday"]), "d MMMM yyyy", locale=language)
    about = {"weeks": answer["weeks"], "monday": monday}
    persons = _found(answer["persons_per_week"])
    book.add_list(
        "sheet.watch", _SHIFTS, rows, title=Message("sheet.watch_title", about),
        under=Message("sheet.watch_found", {"persons": persons}),
    )  # fmt: skip
    places = [
        {
            **place, "kind": label("kind", place["kind"], language),
            "watched_today": text(f"answer.{'yes' if place['watched_today'] else 'no'}", language),
            "found": _found(place["persons_per_week"]).in_language(language),
        }
        for place in answer["terminals"]
    ]  # fmt: skip
    book.add_table("sheet.watch_places", _WATCHED, places)
    return book.with_notes(
        Message("note.model_estimates"), Message("note.police_desk_only"), *answer["notes"],
        answer["assumption"], Message("watch.outcome"), Message("watch.questions_rule"),
        Message("watch.keep"), Message("watch.one_row"),
    )  # fmt: skip


def _found(quantity: Mapping[str, float | None]) -> Message:
    """A few persons with their interval, to one decimal."""
    known = quantity["p05"] is not None
    return Message("watch.persons" if known else "watch.persons_alone", dict(quantity))


def adopted_book(plan: Mapping[str, Any], heading: Marking, language: str) -> bytes:
    """An adopted plan for the meeting: planned, done, and what is on record before and after.

    Villages by regency and name, never by rank: the list travels and brands nobody. Posts stand in
    the order of their plan.

    Parameters
    ----------
    plan : mapping
        :meth:`api.state.adopted_plans.AdoptedPlan.document`.
    heading, language
        As in :func:`outreach_book`.
    """
    book = PrintBook(heading, language)
    steps = plan["steps"]
    if plan["kind"] == "outreach":
        steps = sorted(steps, key=lambda step: (step["area"], step["name"], step["place"]))
    rows = [
        {
            **step,
            "planned": month_name(step["planned"], language),
            "done": step["done"] and month_name(step["done"], language),
            "effect": effect_text(step["effect"], language),
        }
        for step in steps
    ]
    about = {
        "kind": Message(f"plan_kind.{plan['kind']}"),
        "period": period_of(plan["period"]).name, "area": plan["area"] or "-",
    }  # fmt: skip
    watch = plan["kind"] == "watch"
    if watch:
        rows = [{**row, **(row["checks"] or {})} for row in rows]
    done = {"done": plan["done"], "planned": plan["planned"]}
    book.add_list(
        "sheet.adopted", _KEPT if watch else _STEPS, rows,
        title=Message("sheet.adopted_title", about),
        under=Message("sheet.adopted_kept" if watch else "sheet.adopted_done", done),
    )  # fmt: skip
    notes = [Message("adopted.no_effect")]
    return book.with_notes(*([Message("watch.checks_note")] if watch else []), *notes)


def _costs(code: str, cost: float | None) -> list[Message]:
    return [] if cost is None else [Message(code, {"cost": cost})]
