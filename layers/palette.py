"""Colours and signs of the map: the one place that the page, files, tiles and documents read.

Ramps go steadily from light to dark, so that they hold in grey print and with any colour vision;
each kind of point has a shape of its own, so that colour is never the only difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "AREA_COLOURS", "BASE", "CHANGE_COLOURS", "CHANGE_CUTS", "CORRIDOR_COLOURS", "DARK",
    "FLOW_COLOURS", "HOTSPOT_SIGNS",
    "LEG_COLOURS", "MAIN_ROADS", "NOT_ASSESSED_FILL", "PLACE_SIGN", "POST_SIGN", "SERVICE_SIGN",
    "SIGNS", "VISIT_SIGN", "Sign",
]  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """How a kind of point is drawn.

    Attributes
    ----------
    colour : str
        Of the shape, ``#rrggbb``: of its outline where it is hollow.
    path : str
        Outline as an SVG path in a box of 24 by 24.
    marker : str
        The nearest simple marker of QGIS.
    mark : str
        SVG path drawn on the shape in white.
    hollow : bool
        The shape is white with an outline in the colour, not filled.
    dark : str
        The colour on the dark screen, where another is needed.

    Examples
    --------
    >>> SIGNS["ferry"].fill, SIGNS["unofficial"].outline
    ('#ffffff', '#ffffff')
    """

    colour: str
    path: str
    marker: str
    mark: str = ""
    hollow: bool = False
    dark: str = ""

    @property
    def fill(self) -> str:
        """Colour inside the shape, on paper and the light screen."""
        return "#ffffff" if self.hollow else self.colour

    @property
    def outline(self) -> str:
        """Colour of its outline there."""
        return self.colour if self.hollow else "#ffffff"


AREA_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "very_low": "#fbeecb", "low": "#f5cd85", "medium": "#e59d52", "high": "#c2642f",
        "very_high": "#87341d",
    }
)  # fmt: skip
"""Fill of an area by class; neighbours differ by at least 9.6 (OKLab, 100 from black to white) in
normal, protan, deutan and tritan vision."""
NOT_ASSESSED_FILL = "#efede8"
"""Fill of an area whose class is not assessed; dotted where that can be drawn."""
CORRIDOR_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "very_low": "#93b3cf", "low": "#5f8dbd", "medium": "#655fae", "high": "#822c8b",
        "very_high": "#6f003e", "not_assessed": "#7d878b",
    }
)  # fmt: skip
"""Line of a corridor by class: violet, so that it stands apart from the ochre of areas."""
CHANGE_CUTS = (0.01, 0.05, 0.15)
"""Changes, as a share of what there was, from which one is slight, clear or strong; a change below
the first, or whose interval holds 0, has the neutral colour."""
CHANGE_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "strong_less": "#542788", "less": "#8570b8", "slight_less": "#bdb4de",
        "none": "#ecebe8",
        "slight_more": "#f6c07c", "more": "#d57f22", "strong_more": "#8f4200",
    }
)  # fmt: skip
"""Purple where a scenario leaves fewer, orange where more: told apart in any colour vision."""
FLOW_COLOURS: Mapping[str, str] = MappingProxyType({"surface": "#3d2b8f", "air": "#2c6fa6"})
"""Arrows of flow over land and sea, and dashed lines of what flies."""
LEG_COLOURS: Mapping[str, str] = MappingProxyType(
    {"sea": "#2f6f8f", "air": "#6c5f96", "land": "#7a6a4f"}
)
"""Line of a leg by its medium; air is dashed, land dotted."""
BASE: Mapping[str, str] = MappingProxyType(
    {
        "sea": "#d9e5ea", "land": "#f7f5ef", "neighbour": "#e9e7e1", "coast": "#9fb2bb",
        "border": "#b4aea4", "river": "#bdd3dd", "road": "#d8cfbf", "grid": "#cbdae1",
        "frame": "#9fb0b8", "text": "#1d2a30", "second": "#4b5b63", "seaText": "#3d647b",
        "halo": "#ffffff", "notAssessed": NOT_ASSESSED_FILL,
    }
)  # fmt: skip
"""Colours of the base map and of the lettering."""
DARK: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "BASE": {
            "sea": "#0f1a21", "land": "#232b30", "neighbour": "#1a2227", "coast": "#3d4c55",
            "border": "#4a5860", "river": "#17252e", "road": "#3d4448", "grid": "#1b2a33",
            "frame": "#3d4c55", "text": "#e6ecef", "second": "#a9b8c0", "seaText": "#6f93a8",
            "halo": "#0f1a21", "notAssessed": "#2a3338",
        },
        "AREA_COLOURS": {
            "very_low": "#3d362c", "low": "#6b5130", "medium": "#a37031", "high": "#dca04c",
            "very_high": "#ffe0a3",
        },
        "CHANGE_COLOURS": {
            "strong_less": "#c4b2ff", "less": "#8d7cc8", "slight_less": "#5c4f92",
            "none": "#343c42",
            "slight_more": "#7a5426", "more": "#bf7f33", "strong_more": "#ffbd6b",
        },
        "CORRIDOR_COLOURS": {
            "very_low": "#466282", "low": "#6585b8", "medium": "#9490dd", "high": "#c79be6",
            "very_high": "#f6c3ee", "not_assessed": "#8b979c",
        },
        "FLOW_COLOURS": {"surface": "#a99bff", "air": "#7fb3d9"},
        "LEG_COLOURS": {"sea": "#7fa9c4", "air": "#a99bd0", "land": "#b9a784"},
    }
)  # fmt: skip
"""The same names on the dark screen, where more is brighter; paper and files are light."""
MAIN_ROADS = ("motorway", "trunk", "primary")
"""Classes of road that are drawn wider and, from afar, alone."""

_DISC = "M12 2.5A9.5 9.5 0 1 1 11.99 2.5Z"
_RING = "M12 3.5A8.5 8.5 0 1 1 11.99 3.5Z"
_INK, _PALE = BASE["text"], DARK["BASE"]["text"]
SIGNS: Mapping[str, Sign] = MappingProxyType(
    {
        "seaport": Sign(_INK, _RING, "circle", hollow=True, dark=_PALE),
        "ferry": Sign(_INK, "M4 4H20V20H4Z", "square", hollow=True, dark=_PALE),
        "airport": Sign(_INK, "M12 3 21.5 20H2.5Z", "triangle", hollow=True, dark=_PALE),
        "border_post": Sign(
            _INK, "M7 3.3H17L22 12 17 20.7H7L2 12Z", "hexagon", hollow=True, dark=_PALE
        ),
        "unofficial": Sign(
            "#b0125b", "M12 1.5 22.5 12 12 22.5 1.5 12Z", "diamond",
            mark="M12 10.7A1.3 1.3 0 1 1 11.99 10.7Z", dark="#ff86bd",
        ),
        "destination": Sign(_INK, _DISC, "octagon", dark=_PALE),
    }
)  # fmt: skip
"""Sign of a terminal by its kind, and of a destination."""
PLACE_SIGN = Sign("#54606a", "M12 6.5A5.5 5.5 0 1 1 11.99 6.5Z", "circle", dark="#a9b8c0")
SERVICE_SIGN = Sign("#4d5b61", "M9 3H15V9H21V15H15V21H9V15H3V9H9Z", "cross_fill", dark="#a9b8c0")
VISIT_SIGN = Sign("#0b4f5c", _DISC, "circle")
"""A village that a plan of outreach visits."""
POST_SIGN = Sign(
    "#00695c", "M12 2 20 5V11C20 16.5 16.5 20.5 12 22 7.5 20.5 4 16.5 4 11V5Z", "pentagon",
    mark="M8 12 11 15 16 9", dark="#62d9c6",
)  # fmt: skip
"""A post; in no file of a tier that has none."""
COVERAGE_SIGNS: Mapping[str, Sign] = MappingProxyType(
    {
        "listed": Sign("#2f6b4f", _DISC, "circle", mark="M7 12 11 16 17 8"),
        "not_listed": Sign("#5c666b", "M12 6.5A5.5 5.5 0 1 1 11.99 6.5Z", "circle", hollow=True),
    }
)
"""Somebody is listed as working there, or nobody is, which does not mean that there is none."""
HOTSPOT_SIGNS: Mapping[str, Sign] = MappingProxyType(
    {
        "hot": Sign("#9b1c1c", _DISC, "circle", mark="M12 7V17M7 12H17"),
        "cold": Sign("#23639b", _DISC, "circle", mark="M7 12H17"),
        "not_significant": Sign("#767d80", "M12 8A4 4 0 1 1 11.99 8Z", "circle"),
        "not_assessed": Sign("#767d80", "M12 5.5 18.5 18.5H5.5Z", "triangle", hollow=True),
    }
)
"""More departures in the neighbourhood than chance, fewer, no different, not assessed."""
