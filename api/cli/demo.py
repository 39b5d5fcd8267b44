"""What the first ``petajaga serve`` sets up to be tried: sign-ins, visits and checks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from api.auth.accounts import NewAccount, create_demo_accounts
from api.cli.options import Session
from api.cli.settings import operator_register
from geo.imports.agreements import read_agreement
from geo.imports.store import agreements, register
from geo.paths import Home
from layers.desks import DEMO_PROVINCE

__all__ = ["DEMO_AGREEMENTS", "demo_accounts", "register_demo_agreements"]

DEMO_AGREEMENTS: Mapping[str, Mapping[str, object]] = MappingProxyType({
    "CONTOH-1": {"kinds": ["outreach"], "purpose": ["outreach"], "tiers": ["partner", "police"]},
    "CONTOH-2": {"kinds": ["checks"], "purpose": ["layers"], "tiers": ["police"]},
})  # fmt: skip
"""By number: under which visits, and checks at terminals, can be tried."""
_TRIED_FOR = timedelta(days=365)


def demo_accounts(session: Session) -> Sequence[NewAccount]:
    """The demo accounts, made, and what they try agreed, where there is no account yet."""
    with operator_register(session) as accounts:
        made = create_demo_accounts(accounts)
    if made:
        register_demo_agreements(session.home, datetime.now(UTC).date())
    return made


def register_demo_agreements(home: Home, today: date) -> None:
    """Allow visits and checks in the demo province for a year, where nothing is agreed yet.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     home = Home.resolve(Path(folder))
    ...     register_demo_agreements(home, date(2026, 11, 30))
    ...     [(a.number, a.kinds, a.tier) for a in agreements(home).values()]
    [('CONTOH-1', ('outreach',), 'partner'), ('CONTOH-2', ('checks',), 'police')]
    """
    if agreements(home):
        return
    for number, limits in DEMO_AGREEMENTS.items():
        terms = {
            "owner": "Contoh lembaga", "legal_basis": "contoh", "number": number,
            "date": today.isoformat(), "finest_level": "village",
            "retain_until": (today + _TRIED_FOR).isoformat(),
            "contact": "Kantor pengelola Petajaga", "places": [DEMO_PROVINCE], **limits,
        }  # fmt: skip
        with TemporaryDirectory() as folder:
            path = Path(folder) / "agreement.toml"
            path.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in terms.items()), "utf-8")
            register(home, read_agreement(path), path.read_bytes(), by="demo")
