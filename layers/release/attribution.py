"""Sources and caveats that go with every copy of a release."""

from __future__ import annotations

from geo.i18n import Message
from layers.schema import Tier
from layers.visibility import RIGHTS

__all__ = ["ATTRIBUTION", "ROADS", "attribution_of", "caveats_for"]

ATTRIBUTION = tuple(
    Message(f"attribution.{source}")
    for source in (
        "settlements", "areas", "villages", "ports", "landings", "coast", "airports", "indicators",
        "petajaga",
    )
)  # fmt: skip

ROADS = Message("attribution.roads")
"""Attribution that the licence of an imported road network requires."""

_CAVEATS = tuple(
    Message(f"caveat.{name}")
    for name in ("prevention", "enforcement", "rounded", "estimates", "boundaries", "arcs")
)
_FLOW_CAVEATS = (Message("caveat.flows"), Message("caveat.confidential"))


def attribution_of(*, osm_roads: bool) -> tuple[Message, ...]:
    """Sources of the data of a release, one line each; ``osm_roads``: it uses or draws them."""
    return (*ATTRIBUTION, ROADS) if osm_roads else ATTRIBUTION


def caveats_for(tier: Tier) -> tuple[Message, ...]:
    """The caveats of what ``tier`` sees."""
    return (*_CAVEATS, *_FLOW_CAVEATS) if RIGHTS[tier].numbers else _CAVEATS
