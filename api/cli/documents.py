"""``petajaga map`` and ``petajaga brief``: documents on a place, for a phone and for paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import Session, check_ending, command, output_option
from api.cli.output import note, progress
from api.cli.settings import confirmed_contacts, file_marking, has_register, operator_register
from api.cli.tier_options import FILE_TIER, PROVINCE, province_of

if TYPE_CHECKING:
    from geo.i18n import Message
    from layers.documents import Contents, Subject
    from layers.release.marking import Marking

__all__ = ["brief_command", "map_command"]


@command(
    "map",
    output_option("FILE.html", required=True),
    click.option("--within", metavar="AREA|CORRIDOR"),
    FILE_TIER,
    PROVINCE,
)
def map_command(
    session: Session, *, output: Path, within: str | None, tier: str, province: str | None
) -> None:
    """Write an offline pack: map, offices and villages in one HTML file without any request."""
    from layers.documents import write_pack

    check_ending(output, ".html", ".htm")
    with _document(session, "map", within, output, tier, province) as parts:
        write_pack(output, *parts)
    note(session.text("cli.written", file=output))


@command(
    "brief",
    click.argument("subject", metavar="AREA|PORT|CORRIDOR"),
    click.option("--referral", is_flag=True),
    output_option("FILE.pdf", required=True),
    FILE_TIER,
    PROVINCE,
)
def brief_command(
    session: Session,
    *,
    subject: str,
    referral: bool,
    output: Path,
    tier: str,
    province: str | None,
) -> None:
    """Write a two-page brief on an area, a port or a corridor, in the language of --lang."""
    from layers.documents import write_brief
    from layers.documents.referral_card import write_referral_card
    from layers.plans.effects import effects_on
    from layers.plans.service import PlanService

    check_ending(output, ".pdf")
    with _document(session, "brief", subject, output, tier, province) as parts:
        if referral:
            write_referral_card(output, *parts, language=session.lang)
            return note(session.text("cli.written", file=output))
        contents, about, _marking = parts
        release = contents.release
        effects = effects_on(contents, about, lambda: PlanService.open(release.model_folder()))
        planned = _planned(session, contents, about)
        write_brief(output, *parts, language=session.lang, effects=effects, planned=planned)
    return note(session.text("cli.written", file=output))


def _planned(session: Session, contents: Contents, about: Subject) -> Message | None:
    """What was planned and done in this quarter, in a file of the operator's tier alone."""
    from layers.visibility import OPERATOR

    if about.kind != "area" or contents.tier != OPERATOR or not has_register(session):
        return None
    from api.state.planned_coverage import PlannedCoverage
    from geo.imports.days import today
    from geo.periods import quarter_of
    from layers.query.planned_coverage import planned_sentence

    period = quarter_of(today())
    rows, areas = ([row for row, _ in contents.rows(name)] for name in ("coverage", "areas"))
    with operator_register(session) as register:
        planned = PlannedCoverage(register, session.home, None)
        answer = planned.of_area(about.id, period, rows, areas, {})
    return None if answer is None else planned_sentence(answer["total"], period)


@contextmanager
def _document(
    session: Session, name: str, subject: str | None, output: Path, tier: str, province: str | None
) -> Iterator[tuple[Contents, Subject, Marking]]:
    """The current release as the tier has it, the subject in it, and the marking of the file."""
    from layers.documents import Contents, find_subject
    from layers.registry import check_tier
    from layers.release.release import open_release

    limit = province_of(tier, province)
    with progress(name, session.lang), open_release(session.home) as release:
        contents = Contents(release, check_tier(tier), limit, confirmed_contacts(session))
        found = find_subject(contents, subject, _describe(session, tier))
        request = " ".join(filter(None, (name, found.id, output.name)))
        yield contents, found, file_marking(session, release, tier, request=request)


def _describe(session: Session, tier: str) -> Callable[[Sequence[str]], dict[str, Any]] | None:
    """How a corridor is computed from its places, for the tier that sees numbers."""
    from layers.registry import check_tier
    from layers.visibility import RIGHTS

    if not RIGHTS[check_tier(tier)].numbers:
        return None

    def describe(places: Sequence[str]) -> dict[str, Any]:
        from api.cli.state import open_build
        from routes.build.corridor_answer import describe_corridor

        return describe_corridor(open_build(session.home), list(places)).as_dict()

    return describe
