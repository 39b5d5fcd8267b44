"""A scenario file to start from: an example of each kind of change, with real places."""

from __future__ import annotations

import textwrap

from geo.i18n import text

__all__ = ["template"]

_EXAMPLES = {
    "post": """\
[[posts]]
terminal = "maumere"
hours_per_week = 84

[[posts]]
terminal = "tenau"
change = "restaff"
deterrence_h = 24
detection = 0.2
""",
    "leg": """\
[[legs]]
from = "larantuka"
to = "tenau"
mode = "ferry"
departures_per_week = 7

[[legs]]
from = "waingapu"
to = "ippi"
mode = "passenger_ship"
change = "close"
""",
    "open_leg": """\
[[legs]]
from = "waingapu"
to = "ende"
mode = "fast_boat"
change = "open"
hours = 6
departures_per_week = 3
fare_idr = 150_000
""",
    "indicator": """\
[[indicators]]
area = "53.02"
indicator = "poverty_rate"
change = -3.0
""",
    "demand": """\
[[demand]]
area = "53.04"
factor = 1.2
""",
    "service": """\
[[services]]
area = "53.07"
kind = "village_task_force"

[[services]]
area = "53.01"
kind = "task_force"
reduces_departures = 0.05
""",
}


def template(language: str) -> str:
    """The TOML file with its comments in one language.

    Examples
    --------
    >>> template("en").splitlines()[0]
    '# A scenario: what would change where, if the changes in this file were made. Keep what you'
    """
    texts = {
        name: text(f"scenario_template.{name}", language)
        for name in ("head", "name", "note", *_EXAMPLES)
    }
    title = f'\nname = "{texts["name"]}"\nnote = "{texts["note"]}"\n'
    return "\n".join(
        textwrap.fill(texts[name], 96, initial_indent="# ", subsequent_indent="# ") + "\n" + entries
        for name, entries in {"head": title, **_EXAMPLES}.items()
    )
