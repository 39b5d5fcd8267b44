"""What plans of action say of themselves: which number fills "done", and the steps of a year."""

from __future__ import annotations

from geo.counts import COUNT_CHOICES
from geo.imports.numbers import CellError, shown
from geo.interventions import AIMS

__all__ = ["CALENDAR_STEPS", "PLAN_MEASURES", "plan_measure"]

PLAN_MEASURES = (
    *("visits", "villages_visited", "people_reached", "villages_covered_share"),
    "plan_steps_done",
)
"""Numbers of Petajaga, beside counts on record, that may fill what was done of an indicator."""
CALENDAR_STEPS = ("musrenbang", "rkpd", "kua_ppas", "apbd", "rkpdes")
"""Steps of the planning year, in their usual order."""


def plan_measure(text: str) -> str:
    """The measure that a plan names: one of :data:`PLAN_MEASURES`, or a count on record, whose
    class in law may follow a colon; empty where it names none.

    Raises
    ------
    CellError
        There is no such measure; with those that there are.

    Examples
    --------
    >>> plan_measure("Villages visited"), plan_measure("interceptions:nonprocedural")
    ('villages_visited', 'interceptions:nonprocedural')
    """
    name = text.strip().lower().replace(" ", "_").removeprefix("counts:")
    measure, _, legal_class = name.partition(":")
    known = [*PLAN_MEASURES, *AIMS]
    if name and (
        measure not in known
        or (legal_class and (measure in PLAN_MEASURES
                             or legal_class not in COUNT_CHOICES["legal_class"]))
    ):  # fmt: skip
        raise CellError("cell.not_choice", field="measure", value=shown(text), choices=known)
    return name
