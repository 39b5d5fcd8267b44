"""Who sees what and who may do what: the one place with a rule about a tier.

The registry says, layer by layer and field by field, which tiers have it and which rows a partner
sees; everything else that depends on a tier is a line of :data:`RIGHTS`. Tables, queries, plans,
documents, imports and the service read it; no other module compares tiers (a test looks).

* public: regency and province class, coverage of provinces; names and points of villages; official
  terminals, services and legs; corridors as pairs of provinces in three classes; rounded counts.
  Nothing about posts exists at this tier.
* partner: the same, and in the *own* province the score and the departures of areas, the class of
  villages, that of departures without papers per coast, and corridors as pairs of regencies; plans
  there, in shares of a regency or more.
* police: everything, where the account is of a national office. The police of a province have its
  posts, landings, loads, and the legs and corridors that touch it, and plan and import posts there;
  all else, scenarios too, as its partners do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from geo.codes import CODE_LENGTHS
from geo.errors import InputError
from layers.desks import DESKS
from layers.schema import TIERS, Field, Layer, Tier

__all__ = [
    "ALL_PROVINCES",
    "ANONYMOUS",
    "EXISTING_ROWS",
    "OPERATOR",
    "PERSONS_OF_PLANS",
    "PLANNING_PATHS",
    "PROVINCE_PARTS",
    "PROVINCE_SHARE_STEP",
    "RIGHTS",
    "SCENARIO_PARTS",
    "SHARE_STEP",
    "Limit",
    "Rights",
    "below_regency",
    "coarse_share",
    "desk_page",
    "import_kinds",
    "path_exists",
    "province_limit",
    "query_limit",
    "rights_of",
    "sees_intervention",
    "tier_of_layer",
    "tier_of_tiles",
]

ANONYMOUS: Tier = "public"
"""Tier of a request without an account."""
OPERATOR: Tier = "police"
"""Tier of the command line, which sees everything unless ``--tier`` says otherwise."""
ALL_PROVINCES = "*"
"""In place of a partner's province: every row. For the operator's command line only."""

SCENARIO_PARTS = ("posts", "legs", "indicators", "demand", "services")
"""What a scenario can change."""
PROVINCE_PARTS = ("indicators", "demand", "services")
"""What a scenario of one province can change: posts and legs are not a province's own."""
PERSONS_OF_PLANS = frozenset({
    "persons", "persons_reachable", "persons_covered", "cost_per_person", "departures_per_100k",
})  # fmt: skip
"""Fields of an outreach plan that hold persons; without the right to numbers there are shares."""
SHARE_STEP, PROVINCE_SHARE_STEP = 0.05, 0.01
"""Steps of the shares of a regency, and of a province, in plans without the right to numbers: what
one village or district adds is lost in them, where digits would tell its departures."""
EXISTING_ROWS = frozenset({"new", "replaced"})
"""Fields of an import's report that tell whether a row was there already."""

PLANNING_PATHS = ("/v1/plans", "/v1/jobs", "/v1/scenarios", "/v1/reports")
"""Addresses that exist for those who may plan."""
_CONSENT, _MOVES = "/consent", "/displacement"
_OF_POSTS = ("/v1/plans/posts", "/v1/plans/watch", _CONSENT, _MOVES, "/shift.pdf")
"""Endings of addresses that exist for those who may know of posts."""
_IMPORT_PATHS = ("/v1/imports", "/v1/rebuild")
_ADMINISTRATION = ("/v1/accounts", "/v1/audit", "/v1/contacts")
_DESK_TEXTS = ("web_desk.", "step.", "meaning.", "task_force.", "period.", "adopted.", "verdict.")
_LANDING_TEXTS = (
    "web.terminal_unofficial", "web.components_help", "kind.unofficial",
    "component.unofficial_share",
)  # fmt: skip
_UNOFFICIAL_KINDS = frozenset({"unofficial"})
_POST_TEXTS = (
    "desk.",
    "duty.",
    "effort.",
    "web_police.",
    "staff.",
    "post_action.",
    "measure.intercepted",
    "step.posts",
)
_PLANNERS_KINDS = frozenset(
    {
        *("places", "boundaries", "indicators", "counts", "outreach", "services"),
        *("action_plan", "budget", "planning_calendar"),
    }
)
_NETWORK_KINDS = frozenset({"terminals", "legs", "network"})
_POST_KINDS = frozenset({"posts", "checks"})


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What one tier sees and may do, beside the layers and fields of the registry.

    Attributes
    ----------
    own_province : bool
        Rows and fields that the registry marks, and plans, are those of the account's own province.
        An account of a tier without it may be of one province (:func:`rights_of`).
    area_levels : frozenset of str
        Levels of the rows of the areas layer.
    coverage_levels : frozenset of str
        Levels of the rows of the layer of coverage.
    unofficial : bool
        Unofficial landings and their legs are points and lines of their own.
    corridors : {"province", "regency", "path"}
        Pairs of provinces or regencies with a class, or paths with numbers.
    numbers : bool
        Persons a year, in layers, scenarios and plans.
    page_links : bool
        Addresses of the pages that offices rest on; else their publishers, since news may name a
        person.
    posts : bool
        Posts, post plans, what a scenario displaces, and texts about them exist.
    questions : bool
        Where and when a pretext is on record, and what an officer may ask; else what a family
        checks, by province.
    plans : bool
        Outreach plans, scenarios and the pages of a desk exist.
    scenario_parts : tuple of str
        What a scenario may change.
    import_kinds : frozenset of str
        Kinds of import (:func:`import_kinds`).
    purpose : bool
        A sign-in says what it is for.
    whole_release : bool
        The id, the files and the build of the whole release are shown, and everyone's imports.
    """

    own_province: bool = False
    area_levels: frozenset[str] = frozenset({"province", "regency", "district"})
    coverage_levels: frozenset[str] = frozenset({"province", "regency", "village"})
    unofficial: bool = False
    corridors: Literal["province", "regency", "path"]
    numbers: bool = False
    page_links: bool = False
    posts: bool = False
    questions: bool = False
    plans: bool = False
    scenario_parts: tuple[str, ...] = ()
    import_kinds: frozenset[str] = frozenset()
    purpose: bool = False
    whole_release: bool = False

    @property
    def named_corridors(self) -> bool:
        """Corridors through places that the reader names: who sees their ways and their numbers."""
        return self.numbers and self.corridors == "path"

    @property
    def desk_texts(self) -> tuple[str, ...]:
        """Prefixes of the catalogue's keys that the pages of a desk use."""
        posts, landings = _POST_TEXTS if self.posts else (), _LANDING_TEXTS
        return (*_DESK_TEXTS, *posts, *(landings if self.unofficial else ())) if self.plans else ()

    @property
    def known_kinds(self) -> frozenset[str]:
        """Kinds of import that exist for the tier, those of other desks among them."""
        kinds = _PLANNERS_KINDS | _NETWORK_KINDS
        return kinds | _POST_KINDS if self.posts else kinds

    @property
    def hidden_texts(self) -> tuple[str, ...]:
        """Prefixes of the catalogue's keys that no page of the tier may hold."""
        return (
            *(() if self.posts else _POST_TEXTS),
            *(() if self.unofficial else _LANDING_TEXTS),
        )

    @property
    def hidden_signs(self) -> frozenset[str]:
        """Kinds of terminal whose sign no page of the tier may hold."""
        return frozenset() if self.unofficial else _UNOFFICIAL_KINDS


RIGHTS: Mapping[Tier, Rights] = MappingProxyType(
    {
        "public": Rights(
            area_levels=frozenset({"province", "regency"}),
            coverage_levels=frozenset({"province"}),
            corridors="province",
        ),
        "partner": Rights(
            own_province=True,
            corridors="regency",
            page_links=True,
            questions=True,
            plans=True,
            scenario_parts=PROVINCE_PARTS,
            import_kinds=_PLANNERS_KINDS,
        ),
        "police": Rights(
            unofficial=True,
            corridors="path",
            numbers=True,
            page_links=True,
            posts=True,
            questions=True,
            plans=True,
            scenario_parts=SCENARIO_PARTS,
            import_kinds=_PLANNERS_KINDS | _NETWORK_KINDS | _POST_KINDS,
            purpose=True,
            whole_release=True,
        ),
    }
)
"""The rights of each tier; immutable."""
_JURISDICTION = replace(
    RIGHTS[OPERATOR],
    own_province=True,
    numbers=False,
    scenario_parts=PROVINCE_PARTS,
    import_kinds=_PLANNERS_KINDS | _POST_KINDS,
    whole_release=False,
)
"""Of the police of a province: posts there; without the numbers of the country, as a partner."""
_PARTNER: Tier = "partner"


def rights_of(tier: Tier, province: str | None) -> Rights:
    """The rights of an account of ``tier`` and, where it has one, of a province.

    Examples
    --------
    >>> rights_of("police", None).own_province, rights_of("police", "53").own_province
    (False, True)
    """
    rights = RIGHTS[tier]
    return _JURISDICTION if rights.posts and province not in {None, ALL_PROVINCES} else rights


def province_limit(rights: Rights, province: str | None) -> str | None:
    """The one province that these rights extend to; None for no limit.

    Raises
    ------
    InputError
        The rights are those of a province and none is given.

    Examples
    --------
    >>> province_limit(RIGHTS["partner"], "53")
    '53'
    >>> province_limit(RIGHTS["police"], None) is None
    True
    """
    if not rights.own_province or province == ALL_PROVINCES:
        return None
    if not province:
        raise InputError("query.no_province", field="province")
    return province


def sees_intervention(
    rights: Rights, province: str | None, *, posts: bool, office: bool, areas: Sequence[str]
) -> bool:
    """Whether a reader may know of an intervention: of ``posts`` who sees those of all its areas,
    an ``office``'s own who may plan there, any other everyone.

    Examples
    --------
    >>> own = {"posts": False, "office": True, "areas": ["53.71"]}
    >>> [sees_intervention(RIGHTS[tier], "53", **own) for tier in ("public", "partner")]
    [False, True]
    >>> sees_intervention(RIGHTS["partner"], "53", posts=True, office=False, areas=["53.71"])
    False
    """
    if posts and not rights.posts:
        return False
    if not (posts or office):
        return True
    limit = province_limit(rights, province) if rights.plans else ""
    inside = [limit != "" and area.startswith(limit) for area in areas] if limit is not None else []
    return limit is None or (all(inside) if posts else any(inside))


def below_regency(area: str | None) -> bool:
    """Whether an area is finer than departures are shown without the right to numbers.

    >>> below_regency("53.04.01"), below_regency("53.04"), below_regency(None)
    (True, False, False)
    """
    return area is not None and len(area) > CODE_LENGTHS["regency"]


def coarse_share(share: float, step: float = SHARE_STEP) -> float:
    """A share of departures as it is shown without the right to numbers: down to whole steps.

    >>> coarse_share(0.1234), coarse_share(0.1234, PROVINCE_SHARE_STEP), coarse_share(1.0)
    (0.1, 0.12, 1.0)
    """
    return round(step * math.floor(share / step + 1e-9), 2)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What the reader of one province has of a layer.

    Attributes
    ----------
    province : str
    own : {"province", "terminal", "ends", "places"}
        Which rows are the province's own, as :class:`layers.schema.Layer` says.
    others : {"all", "own", "own_below_regency", "official"}
        Which rows are seen beside those.
    own_fields : frozenset of str
        Fields that have a value in own rows alone.
    """

    province: str
    own: str
    others: str
    own_fields: frozenset[str]


def tier_of_layer(layer: Layer, tier: Tier, province: str | None) -> Tier:
    """The tier whose rows and fields of a layer a reader gets.

    Their own, but for the police of a province where none of the police's rows are a province's.
    """
    limited = RIGHTS[tier].posts and rights_of(tier, province).own_province
    return _PARTNER if limited and not layer.jurisdiction else tier


def tier_of_tiles(tier: Tier, province: str | None) -> Tier:
    """The tier whose vector tiles a reader gets; those of partners alone are cut by province."""
    return _PARTNER if rights_of(tier, province).own_province else tier


def query_limit(
    layer: Layer, fields: tuple[Field, ...], tier: Tier, province: str | None
) -> Limit | None:
    """What limits a tier's rows and fields of a layer to a province; None for nothing.

    A partner's are limited by the layer's ``partner_rows`` and the fields with ``own_province``,
    those of the police of a province by the layer's ``jurisdiction``: of other rows they have what
    partners have.
    """
    rights = rights_of(tier, province)
    limit = province_limit(rights, province)
    if limit is None:
        return None
    if rights.posts:
        hidden = frozenset(f.name for f in fields if _PARTNER not in f.tiers)
        others = "official" if "official" in hidden else "own"
        return Limit(province=limit, own=layer.jurisdiction, others=others, own_fields=hidden)
    marked = frozenset(f.name for f in fields if f.own_province)
    if layer.partner_rows == "all" and not marked:
        return None
    return Limit(province=limit, own="province", others=layer.partner_rows, own_fields=marked)


def desk_page(tier: Tier, desk: str | None) -> str | None:
    """Desk whose pages an account may read, one of :data:`layers.desks.DESKS`; else None.

    Of the highest tier, up to the account's, that has a desk: the account's own, or the first.
    """
    if not RIGHTS[tier].plans:
        return None
    for level in reversed(TIERS[: TIERS.index(tier) + 1]):
        pages = [slug for slug, row in DESKS.items() if row.tier == level]
        if pages:
            return desk if desk in pages else pages[0]
    return None


def import_kinds(rights: Rights, desk: str | None) -> frozenset[str]:
    """Kinds that an account may import: those of its rights, as far as its desk sends them.

    >>> sorted(import_kinds(RIGHTS["partner"], "ngo"))
    ['outreach', 'places']
    """
    if (row := DESKS.get(desk or "")) is None:
        return frozenset()
    kinds = rights.import_kinds
    return kinds if row.import_kinds is None else kinds & row.import_kinds


def path_exists(rights: Rights, path: str) -> bool:
    """Whether an address of ``/v1`` exists for an account of these rights."""
    if path.startswith("/v1/scenarios") and path.endswith(_MOVES):
        return rights.numbers
    if path.endswith(_OF_POSTS):
        return rights.posts
    if path.startswith(_ADMINISTRATION):
        return rights.whole_release
    if path.startswith(_IMPORT_PATHS):
        return bool(rights.import_kinds)
    return rights.plans or not path.startswith(PLANNING_PATHS)
