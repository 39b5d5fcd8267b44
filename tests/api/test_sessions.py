"""Signing in and out: cookies, expiry, throttling, what is kept and what never is."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

import api.auth.accounts
import api.auth.sessions
from api.auth import audit
from api.auth.accounts import (
    add_account,
    create_demo_accounts,
    get_account,
    list_accounts,
    remove_account,
    set_administrator,
    set_password,
    verify,
)
from api.auth.purposes import PURPOSES
from api.auth.rate_limit import SignInLimiter
from api.errors import TooManyRequestsError
from api.register import database as db
from api.register.database import Register, open_register
from api.settings import Settings
from geo.errors import EnvironmentProblem, InputError, UnknownNameError
from geo.i18n.catalogue import has
from tests.api.conftest import DATABASES, Service, databases

database_of = pytest.fixture(params=DATABASES)(databases)


def test_demo_accounts_are_made_once(fresh: Callable[..., Service]) -> None:
    service = fresh()
    register = service.app.state.register
    assert set(service.passwords) == {"perencana", "polisi", "lsm"}
    assert create_demo_accounts(register) == []
    seen = {a.name: (a.desk, a.tier, a.province_code) for a in list_accounts(register)}
    assert seen == {
        "perencana": ("planner", "partner", "53"),
        "polisi": ("police", "police", None),
        "lsm": ("ngo", "partner", "53"),
    }
    assert len(set(service.passwords.values())) == 3


def test_signing_in_sets_a_strict_cookie(service: Service) -> None:
    client = service.client()
    given = {"name": "lsm", "password": service.passwords["lsm"]}
    answer = client.post("/v1/session", json=given)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("petajaga_session=")
    for part in ("httponly", "samesite=strict", "path=/", "max-age=43200"):
        assert part in cookie
    assert "secure" not in cookie  # plain http on loopback
    assert answer.headers["cache-control"] == "private, no-store"
    body = answer.json()
    assert (body["tier"], body["province"], body["desk"]) == ("partner", "53", "ngo")
    assert client.get("/v1/session").json()["name"] == "lsm"
    bearer = {"Authorization": f"Bearer {body['token']}"}
    assert service.client().get("/v1/session", headers=bearer).json()["name"] == "lsm"


def test_the_cookie_is_secure_over_https(service: Service) -> None:
    client = service.client()
    client.base_url = "https://testserver"
    given = {"name": "lsm", "password": service.passwords["lsm"]}
    assert "secure" in client.post("/v1/session", json=given).headers["set-cookie"].lower()


def test_anonymous_is_public(public: object, service: Service) -> None:
    body = service.client().get("/v1/session").json()
    assert body == {
        "tier": "public", "name": None, "province": None, "desk": None,
        "desk_page": None, "tabs": [], "language": "id", "administrator": False, "oidc": False,
        "expires": None,
    }  # fmt: skip


def test_signing_out_ends_the_session_everywhere(service: Service) -> None:
    client = service.client("polisi")
    token = client.cookies["petajaga_session"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert service.client().get("/v1/session", headers=bearer).status_code == 200
    answer = client.delete("/v1/session")
    assert answer.status_code == 204
    assert 'petajaga_session=""' in answer.headers["set-cookie"]
    assert client.get("/v1/session").json()["tier"] == "public"
    refused = service.client().get("/v1/session", headers=bearer)
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert "www-authenticate" in refused.headers


def test_a_session_expires(fresh: Callable[..., Service]) -> None:
    service = fresh()
    sessions = service.app.state.sessions
    sessions.lifetime = timedelta(seconds=0.4)
    token = sessions.start(get_account(service.app.state.register, "polisi")).token
    client = service.client()
    client.cookies.set("petajaga_session", token)
    assert client.get("/ogc/collections/posts").status_code == 200
    time.sleep(0.5)
    assert client.get("/ogc/collections/posts").status_code == 404
    assert sessions.find(token) is None
    sessions.lifetime = timedelta(hours=1)
    service.client("lsm")  # clears what has expired
    with service.app.state.register.begin() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(db.sessions)).scalar() == 1


def _look_ups(register: Register) -> list[str]:
    """Statements that look a sign-in up, from now on."""
    seen: list[str] = []

    @sa.event.listens_for(register.engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "JOIN sessions" in statement:
            seen.append(statement)

    return seen


def test_who_is_signed_in_is_looked_up_once_in_a_while(
    fresh: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = fresh()
    client, looked_up = service.client("polisi"), _look_ups(service.app.state.register)
    for _ in range(5):
        assert client.get("/v1/session").json()["tier"] == "police"
    assert len(looked_up) == 1
    monkeypatch.setattr(api.auth.sessions, "_REMEMBERED_SECONDS", 0.2)
    client = service.client("polisi")
    assert client.get("/v1/session").json()["tier"] == "police"
    with closing(open_register(_url(service))) as elsewhere:  # another process
        remove_account(elsewhere, "polisi")
    time.sleep(0.25)
    assert client.get("/v1/session").json()["tier"] == "public"


def _url(service: Service) -> str:
    url: sa.URL = service.app.state.register.engine.url
    return url.render_as_string(hide_password=False)


def test_what_this_process_ends_has_ended_at_once(fresh: Callable[..., Service]) -> None:
    service = fresh()
    register = service.app.state.register
    client, other = service.client("polisi"), service.client()
    other.cookies.set("petajaga_session", client.cookies["petajaga_session"])
    for change, expected in (
        (lambda: set_administrator(register, "polisi", administrator=False), False),
        (lambda: set_administrator(register, "polisi", administrator=True), True),
    ):
        assert client.get("/v1/session").json()["administrator"] is not expected
        change()
        assert client.get("/v1/session").json()["administrator"] is expected
    assert other.delete("/v1/session").status_code == 204
    assert client.get("/v1/session").json()["tier"] == "public"
    for end in (set_password, remove_account):
        new = set_password(register, "lsm")
        service.passwords["lsm"] = new.password
        client = service.client("lsm")
        assert client.get("/v1/session").json()["tier"] == "partner"
        end(register, "lsm")
        assert client.get("/v1/session").json()["tier"] == "public"


def test_a_stale_cookie_is_anonymous(service: Service) -> None:
    client = service.client()
    client.cookies.set("petajaga_session", "nothing-of-ours")
    assert client.get("/v1/session").json()["tier"] == "public"


def test_wrong_name_and_wrong_password_answer_alike(fresh: Callable[..., Service]) -> None:
    client = fresh().client()
    bodies = []
    for name in ("polisi", "siapa"):
        answer = client.post("/v1/session", json={"name": name, "password": "salah salah"})
        assert answer.status_code == 401
        bodies.append(answer.content)
    assert bodies[0] == bodies[1]


def test_an_unknown_name_costs_the_same_hashing_as_a_wrong_password(
    fresh: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: the same hasher is given a hash of the same cost in both cases."""
    register = fresh().app.state.register
    costs: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, stored: str | bytes, password: str | bytes) -> bool:
            costs.append(str(stored).rpartition("$")[0].rpartition("$")[0])
            return super().verify(stored, password)

    monkeypatch.setattr(api.auth.accounts, "_hasher", Counting(time_cost=1, memory_cost=64))
    assert verify(register, name="polisi", password="salah salah") is None
    assert verify(register, name="siapa", password="salah salah") is None
    assert len(costs) == 2
    assert costs[0] == costs[1]


def test_guessing_is_throttled_for_known_and_unknown_names(fresh: Callable[..., Service]) -> None:
    service = fresh()
    for name in ("polisi", "siapa"):
        client = service.client()
        # spaces and capitals do not make another name
        names = [name, f" {name}", f"{name} ", name.upper(), f"{name}\t", name]
        codes = [
            client.post("/v1/session", json={"name": n, "password": "salah salah"}).status_code
            for n in names
        ]
        assert codes == [401] * 5 + [429]
    answer = client.post("/v1/session", json={"name": "siapa", "password": "salah salah"})
    assert int(answer.headers["retry-after"]) > 0
    right = {"name": "polisi", "password": service.passwords["polisi"], "purpose": "training"}
    assert service.client().post("/v1/session", json=right).status_code == 429
    assert service.client("lsm").get("/v1/session").json()["name"] == "lsm"


def test_others_cannot_lock_out_a_device_that_signed_in_before(
    fresh: Callable[..., Service],
) -> None:
    service = fresh()
    own = service.client("polisi")
    right = {"name": "polisi", "password": service.passwords["polisi"], "purpose": "training"}
    wrong = {**right, "password": "salah salah"}
    stranger = service.client()
    assert [stranger.post("/v1/session", json=wrong).status_code for _ in range(7)][-1] == 429
    assert stranger.post("/v1/session", json=right).status_code == 429
    assert own.post("/v1/session", json=right).status_code == 200
    # the device is one of this account alone, and has its own few tries
    assert own.post("/v1/session", json={**wrong, "name": "lsm"}).status_code == 401
    codes = [own.post("/v1/session", json=wrong).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    set_password(service.app.state.register, "polisi", "kata sandi baru yang panjang")
    assert own.post("/v1/session", json=right).status_code == 429, "known no longer"


def test_the_police_say_what_a_sign_in_is_for(fresh: Callable[..., Service]) -> None:
    service = fresh()
    register = service.app.state.register
    given = {"name": "polisi", "password": service.passwords["polisi"]}
    client = service.client()

    def refused(**more: str) -> tuple[int, str]:
        answer = client.post("/v1/session", json={**given, **more})
        assert "set-cookie" not in answer.headers
        return answer.status_code, answer.json()["code"]

    answer = client.post("/v1/session", json=given)
    assert answer.json()["params"]["purposes"] == list(PURPOSES)
    assert refused() == (400, "session.purpose_needed")
    assert refused(purpose="curiosity")[0] == 400
    named = {"purpose": "patrol", "purpose_note": "mencari sdri. Fulana"}
    assert refused(**named) == (400, "session.purpose_personal")
    assert refused(password="salah salah") == (401, "session.wrong_password")
    assert audit.entries(register, action="purpose") == []
    given |= {"purpose": "patrol", "purpose_note": " ST/14/XI/2026  "}
    assert client.post("/v1/session", json=given).status_code == 200
    (row,) = audit.entries(register, action="purpose")
    assert (row["account"], row["target"]) == ("polisi", "patrol: ST/14/XI/2026")
    for account in ("lsm", "perencana"):
        partner = {"name": account, "password": service.passwords[account]}
        assert service.client().post("/v1/session", json=partner).status_code == 200
    for name in PURPOSES:
        assert has(f"session_purpose.{name}")


def test_tries_made_at_once_are_counted_before_they_are_hashed(
    fresh: Callable[..., Service],
) -> None:
    service = fresh()
    given = {"name": "polisi", "password": "salah salah"}

    def guess(_: int) -> int:
        return service.client().post("/v1/session", json=given).status_code

    with ThreadPoolExecutor(16) as pool:
        codes = Counter(pool.map(guess, range(48)))
    assert codes == {401: 5, 429: 43}


def test_the_lockout_ends_with_its_window() -> None:
    now = [0.0]
    limiter = SignInLimiter(per_pair=2, per_name=4, window_seconds=60, clock=lambda: now[0])
    for source in ("x", "x", "y", "y"):
        limiter.attempt(name="a", source=source)
    for source in ("x", "z"):  # the pair has had its tries, and so has the name
        with pytest.raises(TooManyRequestsError) as caught:
            limiter.attempt(name="A", source=source)
        assert caught.value.retry_seconds == 60
    limiter.attempt(name="a", source="z", known_device=True)
    limiter.attempt(name="b", source="x")
    now[0] = 61.0
    limiter.attempt(name="a", source="x")
    limiter.succeeded(name="a", source="x")
    for _ in range(2):
        limiter.attempt(name="a", source="x")


def test_memory_of_tries_is_bounded() -> None:
    limiter = SignInLimiter(per_source=10**6)
    for k in range(12_000):
        limiter.attempt(name=f"n{k}", source="x")
    assert len(limiter._tries) <= 11_003


def test_a_failed_statement_does_not_print_its_values(service: Service) -> None:
    twice = {
        "name": "polisi", "desk": "police", "tier": "police", "password_hash": "rahasia",
        "created_at": "2026-11-28",
    }  # fmt: skip
    with (
        pytest.raises(sa.exc.IntegrityError) as failed,
        service.app.state.register.begin() as connection,
    ):
        connection.execute(db.accounts.insert().values(**twice))
    assert "INSERT INTO accounts" in str(failed.value)
    assert "rahasia" not in str(failed.value)


def test_secrets_are_kept_nowhere(
    fresh: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    service = fresh()
    with caplog.at_level(logging.DEBUG):
        client = service.client("polisi")
        token = client.cookies["petajaga_session"]
        wrong = "rahasia-sekali-1"
        client.post("/v1/session", json={"name": wrong, "password": wrong})
        broken = client.post("/v1/session", json={"name": "polisi", "password": [wrong]})
        assert broken.status_code == 400
        assert wrong not in broken.text
    register = service.app.state.register
    with register.engine.connect() as connection:
        tables = db.METADATA.sorted_tables
        held = str([connection.execute(sa.select(table)).all() for table in tables])
    files = service.home.root.glob("register.sqlite*")
    raw = b"".join(path.read_bytes() for path in files)
    for secret in (service.passwords["polisi"], token, wrong):
        assert secret.encode() not in raw
        assert secret not in held
        assert secret not in caplog.text
    assert "$argon2id$" in held


def test_the_audit_says_who_what_when_and_how_it_ended(fresh: Callable[..., Service]) -> None:
    service = fresh()
    register = service.app.state.register
    client = service.client("polisi")
    client.get("/v1/areas?within=53&limit=3")
    client.get("/v1/terminals/rahasia")
    client.get("/v1/areas/Nama Seseorang")
    client.get("/v1/areas?nama=Seseorang")
    client.delete("/v1/session")
    service.client().get("/v1/areas")
    rows = list(reversed(audit.entries(register)))
    assert [
        (r["account"], r["action"], r["target"], r["parameters"], r["status"]) for r in rows
    ] == [
        ("polisi", "purpose", "training", "", 200),
        ("polisi", "sign_in", "/v1/session", "", 200),
        ("polisi", "list_areas", "/v1/areas", "limit,within", 200),
        ("polisi", "get_terminal", "/v1/terminals/rahasia", "", 200),
        ("polisi", "get_area", "", "", 404),
        ("polisi", "list_areas", "", "", 400),
        ("polisi", "sign_out", "/v1/session", "", 204),
    ]
    assert all(row["tier"] == "police" and row["at"] for row in rows)


def test_failed_sign_ins_are_audited(fresh: Callable[..., Service]) -> None:
    service = fresh()
    client = service.client()
    for name in ("lsm", "mungkin-kata-sandi"):
        client.post("/v1/session", json={"name": name, "password": "salah salah"})
    newest = audit.entries(service.app.state.register)
    assert [(row["account"], row["status"]) for row in newest] == [("-", 401), ("lsm", 401)]


def test_nothing_is_answered_that_cannot_be_audited(fresh: Callable[..., Service]) -> None:
    service = fresh()
    client = service.client("polisi")
    with service.app.state.register.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO elsewhere")
    answer = client.get("/v1/terminals/rahasia")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "rahasia" not in answer.json()["detail"]
    assert service.client().get("/v1/areas").status_code == 200


def test_writing_from_another_site_is_refused(service: Service) -> None:
    client = service.client()
    given = {"name": "lsm", "password": service.passwords["lsm"]}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/v1/session", json=given, headers=headers)
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
    same = client.post("/v1/session", json=given, headers={"Origin": "http://testserver"})
    assert same.status_code == 200


def test_a_large_body_is_refused(service: Service) -> None:
    client = service.client()
    assert client.post("/v1/session", content=b" " * 70_000).status_code == 413

    def pieces() -> object:
        for _ in range(100):
            yield b" " * 1000

    assert client.post("/v1/session", content=pieces()).status_code == 413


def test_accounts_are_checked_and_managed(fresh: Callable[..., Service]) -> None:
    service = fresh()
    register = service.app.state.register
    made = add_account(register, name="Ntb-1", desk="ngo", tier="partner", province_code="52")
    assert made.account.name == "ntb-1"
    assert made.password not in repr(made)
    for wrong in (
        {"name": "ntb-1", "desk": "ngo", "tier": "partner", "province_code": "52"},
        {"name": "x y", "desk": "ngo", "tier": "public"},
        {"name": "x", "desk": "spy", "tier": "public"},
        {"name": "x", "desk": "ngo", "tier": "partner"},
        {"name": "x", "desk": "ngo", "tier": "king"},
        {"name": "x", "desk": "ngo", "tier": "public", "password": "short"},
        {"name": "x", "desk": "ngo", "tier": "public", "password": "rahasia123"},
        {"name": "perencana", "desk": "ngo", "tier": "public", "password": "perencana2026"},
        {"name": "x", "desk": "ngo", "tier": "police"},
        {"name": "x", "desk": "police", "tier": "public"},
    ):
        with pytest.raises(InputError):
            add_account(register, **wrong)
    account = verify(register, name="ntb-1", password=made.password)
    assert account is not None
    session = service.app.state.sessions.start(account)
    again = set_password(register, "ntb-1")
    assert service.app.state.sessions.find(session.token) is None
    assert verify(register, name="ntb-1", password=made.password) is None
    assert verify(register, name="NTB-1 ", password=again.password) is not None
    remove_account(register, "ntb-1")
    with pytest.raises(UnknownNameError):
        remove_account(register, "ntb-1")


def test_a_register_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path
    garbage = folder / "register.sqlite"
    garbage.write_bytes(b"this is no database at all, " * 100)
    for url in (
        f"sqlite:///{garbage}", "nonsense", "nodb://host/x",
        "sqlite:////proc/none/register.sqlite", "postgresql+psycopg://u:topsecret@127.0.0.1:1/x",
    ):  # fmt: skip
        with pytest.raises(EnvironmentProblem) as caught:
            open_register(url)
        assert "\n" not in str(caught.value)
        assert "topsecret" not in str(caught.value)


def test_a_page_that_shows_one_account_gets_nothing_as_another(service: Service) -> None:
    client, header = service.client("lsm"), "Petajaga-Account"
    assert client.get("/v1/areas", headers={header: "lsm"}).status_code == 200
    for shown in ("polisi", "", "LSM"):
        refused = client.get("/v1/areas", headers={header: shown})
        assert (refused.status_code, refused.json()["code"]) == (401, "session.ended")
    client.cookies.clear()
    assert client.get("/v1/areas", headers={header: "lsm"}).status_code == 401
    assert client.get("/v1/areas", headers={header: ""}).status_code == 200


def test_a_session_says_when_it_ends(service: Service) -> None:
    assert service.client().get("/v1/session").json()["expires"] is None
    expires = datetime.fromisoformat(service.client("lsm").get("/v1/session").json()["expires"])
    assert timedelta(0) < expires - datetime.now(UTC) <= Settings().session_lifetime
