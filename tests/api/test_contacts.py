"""Numbers of offices: an administrator confirms one, and every door shows it from then on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from api.auth.accounts import set_administrator
from api.state.contact_checks import ContactChecks, contact_list
from geo.imports.days import today
from tests.api.conftest import Service

OFFICE, NUMBER = "uptd-ppa-ntt", "0380100100"
MONTH = today()[:7]
ROW = {
    "id": OFFICE, "kind": "uptd_ppa", "name": "UPTD PPA Provinsi NTT", "area_code": "53.71",
    "place": "Kupang", "phone": NUMBER, "phone_as_of": "2020-01", "phone_source": "contoh",
    "phone_confidence": "low",
}  # fmt: skip


@pytest.fixture
def service(fresh: Callable[..., Service]) -> Service:
    running = fresh()
    set_administrator(running.app.state.register, "polisi", administrator=True)
    return running


def test_a_confirmed_number_is_shown_to_everybody_and_taken_back(service: Service) -> None:
    police, partner, public = (service.client(name) for name in ("polisi", "lsm", None))
    before = public.get("/v1/areas/53.04/referral")
    assert NUMBER not in before.text
    assert "belum diperiksa sejak Januari 2020; tanyakan ke 129" in before.text
    (listed,) = police.get("/v1/contacts").json()["contacts"]
    assert (listed["id"], listed["checked"], listed["shown"]) == (OFFICE, "2020-01", False)

    told = police.put(f"/v1/contacts/{OFFICE}", json={"checked": MONTH})
    assert told.status_code == 200, told.text
    assert (told.json()["checked"], told.json()["shown"]) == (MONTH, True)
    for client in (public, partner, police):
        for address in ("/v1/areas/53.04/referral", "/v1/areas/53.04"):
            body = client.get(address).json()
            contacts = (body.get("card") or body)["safe_ways"][0]
            assert contacts["id"] == "contacts"
            assert contacts["entries"][0]["phone"] == NUMBER
            assert contacts["entries"][0]["checked"] == MONTH
    after = public.get("/v1/areas/53.04/referral")
    assert after.headers["etag"] != before.headers["etag"], "an old copy is not kept"
    assert f"tel:{NUMBER}" in public.get("/v1/packs/53.04").text

    assert police.delete(f"/v1/contacts/{OFFICE}").status_code == 204
    assert police.delete(f"/v1/contacts/{OFFICE}").status_code == 404
    assert public.get("/v1/areas/53.04/referral").text == before.text
    actions = [row["action"] for row in police.get("/v1/audit?limit=1000").json()["rows"]]
    assert {"contacts.confirm", "contacts.withdraw"} <= set(actions)


@pytest.mark.parametrize("reader", ["polisi", "lsm", "perencana", None])
def test_doors_that_know_of_no_confirmation_give_no_old_number(
    service: Service, reader: str | None
) -> None:
    """Neither before the confirmation nor after it: hidden sooner, never shown longer."""
    client, administrator = service.client(reader), service.client("polisi")
    items = "/ogc/collections/services/items"
    doors = (
        items, f"{items}/{OFFICE}", f"{items}?f=html", f"{items}?phone={NUMBER}",
        f"{items}?filter=phone%20LIKE%20'0380%25'", "/v1/areas/53.71", "/v1/search?q=UPTD",
        *(f"/v1/exports/services?format={form}" for form in ("geojson", "csv", "gpkg", "fgb")),
    )  # fmt: skip
    for month in (None, MONTH):
        if month:
            told = administrator.put(f"/v1/contacts/{OFFICE}", json={"checked": month})
            assert told.status_code == 200
        for door in doors:
            answer = client.get(door)
            assert answer.status_code == 200, (door, answer.text)
            content = answer.content
            if door == "/v1/areas/53.71":  # its card alone knows
                body = answer.json()
                (office,) = (row for row in body["services"] if row["id"] == OFFICE)
                assert office["phone"] is None
                content = repr({**body, "card": None}).encode()
            if f"phone={NUMBER}" in door or "filter" in door:
                assert answer.json()["numberMatched"] == 0, "nor is a number tried"
                content = repr(answer.json()["features"]).encode()
            assert NUMBER.encode() not in content, door


def test_a_check_that_cannot_be_is_refused_and_changes_nothing(service: Service) -> None:
    police = service.client("polisi")
    for month, code in (
        ("2020-01", "contact.too_old"),
        ("2099-01", "contact.yet_to_come"),
        ("kemarin", "contact.not_a_month"),
    ):
        answer = police.put(f"/v1/contacts/{OFFICE}", json={"checked": month})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    answer = police.put("/v1/contacts/bp3mi-kaltara", json={"checked": MONTH})
    assert (answer.status_code, answer.json()["code"]) == (409, "contact.no_phone")
    assert police.put("/v1/contacts/nothing", json={"checked": MONTH}).status_code == 404
    (listed,) = police.get("/v1/contacts").json()["contacts"]
    assert not listed["confirmed"]


def test_only_an_administrator_has_the_list(service: Service) -> None:
    for name in ("lsm", None):
        client = service.client(name)
        for answer in (
            client.get("/v1/contacts"),
            client.put(f"/v1/contacts/{OFFICE}", json={"checked": MONTH}),
        ):
            assert answer.status_code == 404
            assert NUMBER not in answer.text
        assert "/v1/contacts" not in client.get("/openapi.json").text
    listed = service.client("polisi").get("/openapi.json").json()["paths"]
    assert {"/v1/contacts", "/v1/contacts/{service_id}"} <= set(listed)


def test_what_another_process_confirms_is_read_soon(service: Service) -> None:
    now = 0.0
    register = service.app.state.register
    here, there = ContactChecks(register, lambda: now), ContactChecks(register)
    assert here.current() == {}
    there.confirm(ROW, MONTH, day=today())
    assert here.current() == {}
    now = 6.0
    assert here.current() == {OFFICE: {"phone": NUMBER, "checked": MONTH}}


def test_a_register_that_cannot_be_read_hides_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = ContactChecks(None)  # type: ignore[arg-type]

    def fails() -> None:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(checks, "_read", fails)
    assert checks.current() == {}


def test_those_to_be_checked_stand_first() -> None:
    rows = [
        {**ROW, "id": "new", "phone_as_of": "2026-10"},
        {**ROW, "id": "none", "phone": None},
        {**ROW, "id": "older", "phone_as_of": "2019"},
        {**ROW, "id": "old", "phone_as_of": "2025-06-26"},
    ]
    listed = contact_list(rows, {}, day="2026-11-30")
    assert [(one["id"], one["shown"]) for one in listed] == [
        ("older", False), ("old", False), ("new", True),
    ]  # fmt: skip


def test_an_imported_number_is_not_shown_before_it_is_confirmed() -> None:
    row = {**ROW, "phone_confidence": "", "phone_as_of": MONTH}
    (before,) = contact_list([row], {}, day=today())
    assert (before["shown"], before["checked"], before["confirmed"]) == (False, "", False)
    assert before["announced"] == MONTH
    told = {OFFICE: {"phone": NUMBER, "checked": MONTH}}
    (after,) = contact_list([row], told, day=today())
    assert (after["shown"], after["checked"], after["confirmed"]) == (True, MONTH, True)
    other = {OFFICE: {"phone": "0380999999", "checked": MONTH}}
    assert not contact_list([row], other, day=today())[0]["shown"], "another was confirmed"
