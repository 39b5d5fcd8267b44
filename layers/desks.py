"""The desks: one row each. A desk's page is ``api/web/desks/<slug>/desk.js``.

Its name is ``desk.<slug>`` of the catalogue, its own texts are ``web_<slug>.*``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from layers.schema import Tier

__all__ = ["DEMO_PROVINCE", "DESKS", "Desk"]

DEMO_PROVINCE = "53"
"""Province of the demo accounts that have one: Nusa Tenggara Timur, the pilot."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One desk.

    Attributes
    ----------
    slug : str
        Name in accounts, and folder of its page.
    tier : str
        Tier whose rights its page needs. Accounts of that tier whose desk has no page there open
        the page of the tier's first desk.
    tiers : tuple of str
        Tiers that its accounts may have.
    import_kinds : frozenset of str, optional
        Kinds of import that it may send; by default every kind of its account's tier.
    tabs : tuple of str
        Tabs of the page that come first, in this order; the page's own order has the others.
    demo_account : str, optional
        Name of its account in a new register.
    """

    slug: str
    tier: Tier
    tiers: tuple[Tier, ...]
    import_kinds: frozenset[str] | None = None
    tabs: tuple[str, ...] = ()
    demo_account: str | None = None


DESKS: Mapping[str, Desk] = MappingProxyType(
    {
        desk.slug: desk
        for desk in (
            Desk(
                slug="planner",
                tier="partner",
                tiers=("public", "partner"),
                demo_account="perencana",
            ),
            Desk(
                slug="police",
                tier="police",
                tiers=("police",),
                tabs=("ports",),
                demo_account="polisi",
            ),
            Desk(
                slug="ngo",
                tier="partner",
                tiers=("public", "partner"),
                tabs=("work", "areas"),
                demo_account="lsm",
                import_kinds=frozenset({"places", "outreach"}),
            ),
        )
    }
)
"""Every desk by its slug; immutable."""
