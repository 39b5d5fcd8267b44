"""What is kept long enough goes: rows of the audit, and imports of visits (docs/SECURITY.md).

Proposals of imports, which stay for an hour, are swept by :mod:`geo.imports.proposals`.
"""

from __future__ import annotations

from datetime import date

from api.auth.audit import OPERATOR_NAME, record_operator
from api.register.audit_chain import prune
from api.register.database import Register
from api.settings import Settings
from geo.imports.days import today
from geo.imports.store import forget_visits

__all__ = ["remove_old"]


def remove_old(settings: Settings, register: Register) -> tuple[int, int]:
    """Remove what is older than ``settings`` keep; a row of the audit says what went.

    Returns
    -------
    int, int
        Rows of the audit and imports of visits that are gone. Visits have years: an import goes
        when its newest is too old.

    Raises
    ------
    StateError
        The audit is not whole: nothing of it is removed.
    EnvironmentProblem
        The register or the home cannot be written.
    """
    day = date.fromisoformat(today())
    first = date(day.year - settings.audit_years, day.month, min(day.day, 28))
    rows = prune(register, before=first.isoformat())
    visits = forget_visits(settings.resolved_home, before=day.year - settings.visits_years,
                           by=OPERATOR_NAME)  # fmt: skip
    for target, count in (("audit", rows), ("visits", len(visits))):
        if count:
            record_operator(register, "retention", f"{target} {count}")
    return rows, len(visits)
