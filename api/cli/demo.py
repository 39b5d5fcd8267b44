"""What the first ``petajaga serve`` sets up to be tried: a sign-in for each desk, and visits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from api.auth.accounts import NewAccount, create_demo_accounts
from api.cli.options import Session
from api.cli.settings import operator_register
from geo.imports.agreements import read_agreement
from geo.imports.store import agreements, register
from geo.paths import Home
from layers.desks import DEMO_PROVINCE

__all__ = ["DEMO_AGREEMENT", "demo_accounts", "register_demo_agreement"]

DEMO_AGREEMENT = "CONTOH-1"
"""Number of the agreement under which visits can be tried."""
_TRIED_FOR = timedelta(days=365)


def demo_accounts(session: Session) -> Sequence[NewAccount]:
    """The demo accounts, made and with their visits agreed where there is no account yet."""
    with operator_register(session) as accounts:
        made = create_demo_accounts(accounts)
    if made:
        register_demo_agreement(session.home, datetime.now(UTC).date())
    return made


def register_demo_agreement(home: Home, today: date) -> None:
    """Allow visits of the demo province for a year, for outreach alone, where nothing is agreed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     home = Home.resolve(Path(folder))
    ...     register_demo_agreement(home, date(2026, 11, 30))
    ...     [(a.number, a.kinds, a.purpose) for a in agreements(home).values()]
    [('CONTOH-1', ('outreach',), ('outreach',))]
    """
    if agreements(home):
        return
    terms = {
        "owner": "Contoh lembaga", "legal_basis": "contoh", "number": DEMO_AGREEMENT,
        "date": today.isoformat(), "purpose": ["outreach"], "tiers": ["partner", "police"],
        "finest_level": "village", "retain_until": (today + _TRIED_FOR).isoformat(),
        "contact": "Kantor pengelola Petajaga", "kinds": ["outreach"], "places": [DEMO_PROVINCE],
    }  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "agreement.toml"
        path.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in terms.items()), "utf-8")
        register(home, read_agreement(path), path.read_bytes(), by="demo")
