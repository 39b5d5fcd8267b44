"""Schemas of the answers of ``/v1``, for the OpenAPI document.

A field that a tier may not see is absent from its answers, never null for that reason; so most
are optional here.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.auth.keys import DEFAULT_DAYS, MOST_DAYS, MOST_PURPOSE
from api.auth.purposes import MOST_NOTE, PurposeName

__all__ = [
    "PROBLEM",
    "AgreementsAnswer",
    "Area",
    "AreaAnswer",
    "AreasAnswer",
    "CorridorAnswer",
    "CorridorsAnswer",
    "EnrolmentAnswer",
    "GuideAnswer",
    "Health",
    "ImportAnswer",
    "ImportKindsAnswer",
    "ImportReport",
    "ImportsAnswer",
    "Interval",
    "KeyAnswer",
    "KeyBody",
    "KeysAnswer",
    "PortsAnswer",
    "Problem",
    "RebuildAnswer",
    "RecoveryCodes",
    "ReleaseAnswer",
    "ReleasesAnswer",
    "SearchAnswer",
    "SecondFactorAnswer",
    "SecondFactorCode",
    "SessionAnswer",
    "SignIn",
    "SignedIn",
    "StrictBody",
    "TerminalAnswer",
    "WhoAmI",
]  # fmt: skip


Draws = Annotated[int, Field(ge=0, le=100, description="Draws behind the intervals; 0: none.")]
"""Draws of a plan or a scenario; the service's bound, the command line has a larger one."""


class Problem(BaseModel):
    """A problem document (RFC 9457); ``detail`` and messages are in the reader's language."""

    type: str
    title: str
    status: int
    code: str
    params: dict[str, Any]
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None


PROBLEM: dict[str, Any] = {
    "description": "A problem document (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
"""How every route may fail, for the OpenAPI document."""


class Health(BaseModel):
    """That the service answers, and from which release; ``approved`` for others than its maker."""

    status: str
    release: str
    edition: int | None
    date: str | None
    approval: dict[str, str] | None
    approved: bool


class StrictBody(BaseModel):
    """A body of known fields; errors never repeat what was sent."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignIn(StrictBody):
    """Name and password of an account."""

    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)
    purpose: PurposeName | None = Field(
        default=None, description="What the sign-in is for; accounts of the police need one."
    )
    purpose_note: str = Field(
        default="", max_length=MOST_NOTE, description="A few words beside it, naming no person."
    )
    code: str | None = Field(
        default=None, max_length=32,
        description="Of the authenticator, or a recovery code, where a second factor is set up.",
    )  # fmt: skip


class SessionAnswer(BaseModel):
    """Who is signed in; anonymous is the public tier."""

    tier: str
    name: str | None
    province: str | None
    desk: str | None
    desk_page: str | None
    tabs: list[str] = Field(description="Tabs of the map application that come first.")
    language: str
    administrator: bool


class WhoAmI(SessionAnswer):
    """Who is signed in until when, and whether one may by the agency's own service (``oidc``)."""

    oidc: bool
    expires: str | None


class SignedIn(SessionAnswer):
    """A fresh sign-in; the token is also in the cookie."""

    token: str
    expires: str


class SecondFactorAnswer(BaseModel):
    """Whether an account has a second factor in force, and how many recovery codes are left."""

    active: bool
    recovery_codes: int


class EnrolmentAnswer(BaseModel):
    """What an authenticator is set up with; ``picture`` is a QR code in a ``data:`` address."""

    secret: str
    address: str
    picture: str


class SecondFactorCode(StrictBody):
    """A code of the authenticator, or a recovery code."""

    code: str = Field(min_length=1, max_length=32)


class RecoveryCodes(BaseModel):
    """Codes for when the authenticator is lost, each for one sign-in."""

    recovery_codes: list[str]


class KeyBody(StrictBody):
    """What a new key is for, and how long; ``code`` where the account has a second factor."""

    purpose: str = Field(min_length=1, max_length=MOST_PURPOSE)
    days: int = Field(default=DEFAULT_DAYS, ge=1, le=MOST_DAYS)
    code: str | None = Field(default=None, max_length=32)


class KeyRow(BaseModel):
    """A key without its secret part."""

    id: str
    purpose: str
    created_at: str
    expires_at: str
    last_used: str | None


class KeysAnswer(BaseModel):
    """The keys of an account."""

    keys: list[KeyRow]


class KeyAnswer(KeyRow):
    """A new key; ``key`` is shown only now."""

    key: str


class Interval(BaseModel):
    """Mean and 90 % interval."""

    mean: float | None
    p05: float | None
    p95: float | None


class Rank(BaseModel):
    """90 % interval of a rank; 1 is the highest."""

    p05: float | None
    p95: float | None


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Area(_Open):
    """One area; scores only for the desks that may see them, and null where unknown."""

    code: str
    name: str | None
    level: str | None
    class_: str | None = Field(alias="class")
    departures: Interval | None = None
    departures_per_100k: Interval | None = None
    score: Interval | None = None
    rank: Rank | None = None
    p_top_decile: float | None = None


class _Answer(BaseModel):
    release: str


class _PageAnswer(_Answer):
    number_matched: int = Field(alias="numberMatched")
    number_returned: int = Field(alias="numberReturned")


class AreasAnswer(_PageAnswer):
    """A page of areas."""

    areas: list[Area]


class CountsByYear(BaseModel):
    """Series of published counts, those of most years first; classes in law are not added up.

    ``area_code`` is the smallest area around the place that has any.
    """

    area_code: str
    series: list[dict[str, Any]]


class VictimsByAttribute(BaseModel):
    """Victims of ``area_code`` by ``sex``, ``child`` or ``form`` of exploitation, each over the
    years ``year_from`` to ``year_to``: ``persons`` by measure. What is not named is not zero.
    """

    area_code: str
    rows: list[dict[str, Any]]


class PlaceCard(BaseModel):
    """What is said of a place beside its numbers; texts by language.

    ``why`` is empty where the tier has no reasons. ``offices`` are those in the area, then those
    that serve it, one of each kind first; abroad there are none and ``covered`` is null.
    ``referral`` and ``safe_ways`` are those of :class:`ReferralAnswer`, ``departure_papers`` the
    papers of a lawful departure.
    ``pretexts`` are those on record near it (:class:`PretextsAnswer`); ``names`` those of the areas
    that the answer names by code.
    """

    why: list[dict[str, str]]
    covered: dict[str, str] | None
    counts: CountsByYear
    victims: VictimsByAttribute
    offices: list[dict[str, Any]]
    referral: list[dict[str, Any]]
    safe_ways: list[dict[str, Any]]
    departure_papers: list[dict[str, str]]
    pretexts: dict[str, Any]
    hotlines: list[dict[str, Any]]
    names: dict[str, str]


class AreaAnswer(_Answer):
    """One area with its explanation in both languages and what is known there."""

    area: Area
    explanation: dict[str, list[str]]
    counts: list[dict[str, Any]]
    services: list[dict[str, Any]]
    card: PlaceCard


class ReferralAnswer(_Answer):
    """Who must be told at each step, from finding a victim to coming home, and before a departure.

    Of each step: ``duty``, who must answer by rule; ``offices`` on record that serve the place,
    the nearest first, with the areas they name as theirs, whether they are only planned, source and
    date; ``more``, how many are not named; ``gap``, what is said where none works. Texts are by
    language.

    ``safe_ways`` are sections (``contacts`` outside the village government, the nearest ``ltsa``
    that works, ``offices`` of the regency, ``consulates`` where people go), each with ``entries``:
    ``phone`` is empty where none is known or it was last ``checked`` more than twelve months before
    today, which ``said`` tells; ``later`` is for a copy that is read after that.
    """

    place: dict[str, str]
    steps: list[dict[str, Any]]
    safe_ways: list[dict[str, Any]]
    departure_papers: list[dict[str, Any]]
    hotlines: list[dict[str, Any]]


class Corridor(_Open):
    """One corridor in the tier's detail."""

    id: str
    name: str | None
    class_: str | None = Field(alias="class")
    persons_per_year: Interval | None = None
    score: Interval | None = None
    p_class: dict[str, float | None] | None = None
    components: dict[str, float | None] | None = None
    waypoints: list[dict[str, Any]] | None = None
    origins: list[dict[str, Any]] | None = None


class CorridorsAnswer(_PageAnswer):
    """The corridors that carry most, first."""

    corridors: list[Corridor]


class CorridorAnswer(_Answer):
    """One corridor, and the card of the area it starts from."""

    corridor: Corridor
    card: PlaceCard
    posts: list[dict[str, Any]] | None = Field(
        default=None, description="Those at its places, past and in force."
    )


class Port(BaseModel):
    """One port; persons, rank and class only for the desk that may see them."""

    id: str
    name: str
    kind: str
    persons_per_year: Interval | None = None
    rank: int | None = None
    class_: str | None = Field(default=None, alias="class")


class PortsAnswer(_PageAnswer):
    """Ports, those that most persons pass first."""

    ports: list[Port]


class CoverageAnswer(_Answer):
    """Areas with the villages in which prevention is on record, and these by name."""

    areas: list[dict[str, Any]]
    villages: list[dict[str, Any]]
    remote: list[dict[str, Any]] = Field(
        description="Of a regency: villages without anything on record, the farthest from an "
        "office first."
    )
    planned: dict[str, Any] | None = Field(
        default=None, description="With a period: what was planned and done in it."
    )


class CountsAnswer(_Answer):
    """Counts by place and year with their rates, and places of which nothing is on record."""

    counts: list[dict[str, Any]]
    unreported: list[dict[str, Any]]


class WarningsAnswer(_Answer):
    """Counts above what is expected and records that ended, of how many series, and how often that
    errs: false alarms a year and the share of doublings told within one, two and three years, over
    all and by measure. ``months`` is of the months that the account has imported: ``warnings``,
    those that more watching explains (``watched``) and reporters that fell silent; null without.
    """

    warnings: list[dict[str, Any]]
    silent: list[dict[str, Any]]
    streams: int
    false_alarms: float
    detected: list[float]
    rules: list[dict[str, Any]]
    months: dict[str, Any] | None


class InterventionsAnswer(_Answer):
    """Interventions, the newest first, each with verdict, interval and sentence by language."""

    interventions: list[dict[str, Any]]


class InterventionAnswer(_Answer):
    """One intervention: ``power`` first, then sentence, years, placebos and paired outcomes.

    ``verdict`` is ``too_few``, ``noise``, ``more`` or ``fewer``; ``effect`` is a ratio to what was
    expected without it; ``differs`` are other outcomes that were more or fewer.
    """

    id: str
    name: dict[str, str]
    kind: str
    start: str
    until: str | None
    measure: str
    legal_class: str
    aim: str
    verdict: str
    effect: Interval | None
    detectable: float | None
    sentence: dict[str, str]
    differs: list[dict[str, Any]]
    power: dict[str, str]
    years: list[dict[str, Any]]
    before: list[dict[str, Any]]
    placebos: list[dict[str, Any]]
    rank: dict[str, int] | None
    placebo_in_time: dict[str, Any] | None
    paired: list[dict[str, Any]]
    effort: list[dict[str, Any]] | None
    expected: dict[str, Any] | None
    overlapping: list[dict[str, Any]]
    ask: list[dict[str, str]]


class PretextsAnswer(_Answer):
    """Pretexts, each with what is told and what a family checks; texts by language.

    For those who signed in to a desk also ``ask``, a question of an officer and never a ground for
    refusal, ``near``, how near the place it is on record, and ``records`` with date, source and
    confidence, the nearest and newest first. ``said`` are sentences on the list as a whole,
    ``none_near`` that there is none at the port, or from the area itself.
    """

    place: dict[str, str]
    pretexts: list[dict[str, Any]]
    none_near: dict[str, str] | None
    said: list[dict[str, str]]
    sources: list[str]


class GuideAnswer(_Answer):
    """Pretexts to check before somebody leaves, and national telephone lines, in every language."""

    pretexts: list[dict[str, Any]]
    hotlines: list[dict[str, Any]]


class SearchAnswer(_Answer):
    """Hits, the best first: layer, id, name, and what tells each from others of its name; places
    asked for that the corridors among them do not tell apart.
    """

    results: list[dict[str, Any]]
    passed: list[str]


class TerminalAnswer(_Answer):
    """One terminal with its rank among ``ports`` terminals where loads are known, the legs from it
    and to it, and the largest corridors through it.
    """

    terminal: dict[str, Any]
    legs: list[dict[str, Any]]
    arrivals: list[dict[str, Any]]
    corridors: list[dict[str, Any]]
    card: PlaceCard
    posts: list[dict[str, Any]] | None = Field(
        default=None, description="Those on record there, past and in force."
    )


class ReleaseAnswer(_Answer):
    """The manifest as this tier may see it; ``agreements`` are those its held data are under."""

    layers: dict[str, Any]
    edition: dict[str, Any] | None
    agreements: list[dict[str, str]]
    caveats: list[dict[str, str]]
    attribution: list[dict[str, str]]


class ReleasesAnswer(_Answer):
    """Editions, the newest first: those approved and the one served; for the police all."""

    releases: list[dict[str, Any]]


class ImportReport(_Open):
    """What reading a file found; ``state`` is ``waiting`` (for a confirmation) or ``refused``."""

    state: str
    id: str
    kind: str
    file: str
    sha256: str
    read: int
    accepted: int
    matched: int
    repaired: int
    refused: int
    left_out: int
    new: int | None = None
    replaced: int | None = None
    notes: list[dict[str, Any]]
    issues: list[dict[str, Any]]
    reasons: dict[str, dict[str, int]]
    columns: list[dict[str, str]]
    preview: list[dict[str, str]]


class ImportAnswer(BaseModel):
    """One import, and whether anything changed."""

    import_: dict[str, Any] = Field(alias="import")
    changed: bool


class AgreementsAnswer(BaseModel):
    """Agreements that data may be applied under: their terms, without the office to notify."""

    agreements: list[dict[str, Any]]


class ImportsAnswer(BaseModel):
    """The imports that count, oldest first; ids of those not in the build, and no longer.

    ``history`` are those taken back, with ``undone_at`` and ``undone_by``.
    """

    imports: list[dict[str, Any]]
    waiting: list[str]
    undone: list[str]
    history: list[dict[str, Any]]


class ImportKind(BaseModel):
    """A kind in the reader's language: its columns, and the measures or indicators of its values.

    ``series_column`` is the column that names the measure or indicator, null for other kinds.
    ``built`` is whether a build reads it; reports read the others at once.
    """

    kind: str
    title: str
    help: str
    built: bool
    columns: list[dict[str, Any]]
    series_column: str | None
    series: list[dict[str, str]]


class ImportKindsAnswer(BaseModel):
    """The kinds that the account may import."""

    kinds: list[ImportKind]


class RebuildAnswer(BaseModel):
    """The rebuild that runs or the last one; null before the first of this service."""

    rebuild: dict[str, Any] | None
