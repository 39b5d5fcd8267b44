"""Accounts and the audit over HTTP: an administrator's alone, and what raises an alert."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.auth import audit
from api.auth.accounts import add_account, get_account, set_administrator
from geo.errors import UnknownNameError
from tests.api.conftest import Service
from tests.api.test_hidden_addresses import METHODS, fingerprint

PATHS = ("/v1/accounts", "/v1/accounts/lsm", "/v1/accounts/lsm/password", "/v1/audit")
NEW = {"name": "polda-ntt", "desk": "police", "tier": "police", "province_code": "53"}


@pytest.mark.parametrize("method", METHODS)
def test_for_others_the_addresses_do_not_exist(fresh: Callable[..., Service], method: str) -> None:
    service = fresh()
    register = service.app.state.register
    # neither the flag without the office nor the office without the flag
    set_administrator(register, "perencana", administrator=True)
    for name, province, flag in (("polisi-dua", None, False), ("polda", "53", True)):
        new = add_account(register, name=name, desk="police", tier="police",
                          province_code=province, administrator=flag)  # fmt: skip
        service.passwords[name] = new.password
    for name in (None, "lsm", "perencana", "polisi-dua", "polda"):
        client = service.client(name)
        nothing = fingerprint(client, method, "/v1/plans/nothing")
        assert nothing[0] == 404
        for path in PATHS:
            assert fingerprint(client, method, path) == nothing, (name, path)
    assert get_account(register, "lsm")


def test_an_account_is_added_signs_in_is_reset_and_removed(fresh: Callable[..., Service]) -> None:
    service = fresh()
    register = service.app.state.register
    admin = service.client("polisi")
    made = admin.post("/v1/accounts", json={**NEW, "organisation": " Polda  NTT "})
    assert made.status_code == 201, made.text
    service.passwords["polda-ntt"] = made.json()["password"]
    polda = service.client("polda-ntt")
    assert polda.get("/v1/session").json()["province"] == "53"
    rows = {row["name"]: row for row in admin.get("/v1/accounts").json()["accounts"]}
    assert rows["polda-ntt"]["province_code"] == "53"
    assert rows["polda-ntt"]["organisation"] == "Polda NTT"
    assert rows["polisi"]["organisation"] is None
    assert not rows["polda-ntt"]["administrator"]
    second = {**NEW, "name": "mabes", "province_code": None, "administrator": True}
    service.passwords["mabes"] = admin.post("/v1/accounts", json=second).json()["password"]
    assert service.client("mabes").delete("/v1/accounts/mabes").status_code == 409
    assert admin.delete("/v1/accounts/mabes").status_code == 204
    odd = admin.post("/v1/accounts", json={**NEW, "name": "x", "administrator": "yes"})
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (400, "administrator")
    assert [name for name, row in rows.items() if row["whole_country"]] == ["polisi"]
    assert "password" not in str(rows)
    again = admin.post("/v1/accounts", json=NEW)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "name")
    wrong = admin.post("/v1/accounts", json={**NEW, "name": "x", "desk": "ngo"})
    assert wrong.json()["code"] == "accounts.desk_tier"
    reset = admin.post("/v1/accounts/polda-ntt/password").json()
    assert reset["password"] != service.passwords["polda-ntt"]
    assert polda.get("/v1/session").json()["tier"] == "public", "its sign-ins ended"
    assert admin.delete("/v1/accounts/polisi").status_code == 409
    assert admin.delete("/v1/accounts/polda-ntt").status_code == 204
    assert admin.delete("/v1/accounts/polda-ntt").status_code == 404
    with pytest.raises(UnknownNameError):
        get_account(register, "polda-ntt")
    done = [row for row in audit.entries(register) if row["action"].startswith("accounts.")]
    assert {(row["account"], row["action"], row["target"]) for row in done} == {
        *(("polisi", f"accounts.{what}", "polda-ntt") for what in ("add", "reset", "remove")),
        *(("polisi", f"accounts.{what}", "mabes") for what in ("add", "remove")),
    }
    listed = admin.get("/v1/audit?account=polisi&action=accounts.add").json()["rows"]
    assert [row["target"] for row in listed] == ["mabes", "polda-ntt"]
    for secret in (made.json()["password"], reset["password"]):
        assert secret not in admin.get("/v1/audit?limit=1000").text


def _take(client: TestClient, times: int) -> None:
    for _ in range(times):
        assert client.get("/ogc/collections/areas/items?limit=1").status_code == 200


def test_much_in_a_day_raises_one_alert(fresh: Callable[..., Service], petajaga: Any) -> None:
    service = fresh(bulk_alert=5)
    register = service.app.state.register
    polisi, lsm = service.client("polisi"), service.client("lsm")
    _take(polisi, 4)
    assert polisi.get("/v1/exports/areas?format=csv").status_code == 200
    assert polisi.get("/ogc/collections/nothing/items").status_code == 404
    assert audit.entries(register, action=audit.ALERT) == []
    _take(lsm, 5)
    _take(polisi, 4)
    (row,) = audit.entries(register, action=audit.ALERT)
    assert (row["account"], row["target"]) == ("polisi", "> 5")
    shown = polisi.get("/v1/audit?action=alert.bulk").json()["rows"]
    assert [alert["account"] for alert in shown] == ["polisi"]
    found = petajaga("doctor", "--json", home=service.home.root)
    (finding,) = [f for f in json.loads(found.out)["checks"] if f["check"] == "alerts"]
    assert finding["state"] == "warn"
    assert "polisi" in finding["detail"]
    # a service that starts again counts on, and repeats nothing
    writer = audit.AuditWriter(register, bulk=5)
    mine = audit.audit_row(account="polisi", tier="police", action="ogc_items", status=200)
    theirs = audit.audit_row(account="lsm", tier="partner", action="ogc_items", status=200)
    alerts = writer._alerts([mine, theirs])
    assert [alert["account"] for alert in alerts] == ["lsm"]
