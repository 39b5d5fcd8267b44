"""Two-step verification: set up, asked for, each code once, recovered, reset; what is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.auth import audit
from api.auth.accounts import get_account, remove_account
from api.auth.second_factor import reset_second_factor, state_of
from api.auth.vault import Vault
from api.register import database as db
from geo.errors import StateError
from tests.api.conftest import DATABASES, Service, databases

database_of = pytest.fixture(params=DATABASES)(databases)

FACTOR = "/v1/session/second-factor"
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


def code_of(secret: str, at: float, *, digits: int = 6) -> str:
    """RFC 6238 with SHA-1, written from the document."""
    counter = struct.pack(">Q", int(at) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


@pytest.mark.parametrize(
    ("at", "code"), [(59, "94287082"), (1111111109, "07081804"), (20000000000, "65353130")]
)
def test_the_codes_of_these_tests_are_those_of_the_standard(at: int, code: str) -> None:
    assert code_of(RFC_SECRET, at, digits=8) == code


class Person:
    """Somebody with an account, a phone and a clock that the test moves."""

    def __init__(self, service: Service, name: str = "polisi") -> None:
        self.service, self.name = service, name
        self.now = time.time()
        service.app.state.second_factors._clock = lambda: self.now
        self.client = service.client(name)
        self.secret = ""
        self.recovery: list[str] = []

    def code(self) -> str:
        return code_of(self.secret, self.now)

    def enrol(self) -> None:
        begun = self.client.post(FACTOR)
        assert begun.status_code == 200, begun.text
        self.secret = begun.json()["secret"]
        done = self.client.post(f"{FACTOR}/confirmation", json={"code": self.code()})
        assert done.status_code == 200, done.text
        self.recovery = done.json()["recovery_codes"]
        self.now += 30

    def sign_in(self, code: str | None = None, *, client: TestClient | None = None) -> str:
        """The problem's code, or ``ok``."""
        password = self.service.passwords[self.name]
        given = {"name": self.name, "password": password, "purpose": "training"}
        answer = (client or self.service.client()).post(
            "/v1/session", json=given if code is None else {**given, "code": code}
        )
        return "ok" if answer.status_code == 200 else str(answer.json()["code"])


def test_it_is_asked_for_once_its_first_code_was_right(fresh: Callable[..., Service]) -> None:
    person = Person(fresh())
    assert person.client.get(FACTOR).json() == {"active": False, "recovery_codes": 0}
    begun = person.client.post(FACTOR).json()
    assert person.sign_in() == "ok", "not in force yet"
    wrong = person.client.post(f"{FACTOR}/confirmation", json={"code": "000 000"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "second_factor.wrong_code")

    address = urlsplit(begun["address"])
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/Petajaga:polisi"
    assert parse_qs(address.query)["secret"] == [begun["secret"]]
    assert begun["picture"].startswith("data:image/svg+xml")

    person.enrol()
    assert person.client.get(FACTOR).json() == {"active": True, "recovery_codes": 10}
    assert person.client.post(FACTOR).json()["code"] == "second_factor.active"
    assert person.sign_in() == "session.code_needed"
    assert person.sign_in("123456") == "session.wrong_code"
    assert person.sign_in(person.code()) == "ok"
    # the wrong password tells nothing of the second factor
    answer = person.service.client().post(
        "/v1/session", json={"name": "polisi", "password": "salah salah", "code": "123456"}
    )
    assert answer.json()["code"] == "session.wrong_password"
    accounts = [
        (row["account"], row["action"], row["status"])
        for row in audit.entries(person.service.app.state.register)
    ]
    assert accounts.count(("polisi", "sign_in", 401)) == 3


def test_a_code_is_taken_once_and_near_its_time(fresh: Callable[..., Service]) -> None:
    person = Person(fresh())
    person.enrol()
    before, now = code_of(person.secret, person.now - 30), person.code()
    spaced = f"{now[:3]} {now[3:]}"
    assert person.sign_in(spaced) == "ok"
    assert person.sign_in(now) == "session.wrong_code"
    assert person.sign_in(before) == "session.wrong_code", "older than the last one taken"
    person.now += 30
    assert person.sign_in(code_of(person.secret, person.now + 30)) == "ok", "a fast clock"
    person.now += 300
    assert person.sign_in(code_of(person.secret, person.now - 60)) == "session.wrong_code"


def test_of_many_with_one_code_one_gets_in(fresh: Callable[..., Service]) -> None:
    person = Person(fresh())
    person.enrol()
    factors, code = person.service.app.state.second_factors, person.code()
    factors._limiter.per_pair = 100
    account = get_account(person.service.app.state.register, "polisi")

    def sign_in(_: int) -> bool:
        try:
            factors.require(account, code)
        except Exception:  # noqa: BLE001
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(sign_in, range(24)))[True] == 1


def test_a_recovery_code_works_once_without_the_phone(fresh: Callable[..., Service]) -> None:
    person = Person(fresh())
    person.enrol()
    assert len(set(person.recovery)) == 10
    first, second = person.recovery[:2]
    assert person.sign_in(first) == "ok"
    assert person.sign_in(first) == "session.wrong_code"
    assert person.sign_in(f" {second.upper().replace('-', '')} ") == "ok", "as people type it"
    assert person.client.get(FACTOR).json()["recovery_codes"] == 8
    other = Person(person.service, "lsm")
    other.enrol()
    assert other.sign_in(person.recovery[2]) == "session.wrong_code"


def test_guesses_are_counted_over_all_addresses_but_not_against_a_known_device(
    fresh: Callable[..., Service],
) -> None:
    person = Person(fresh())
    person.enrol()
    app = person.service.app
    strangers = [
        TestClient(app, headers={"Accept-Language": "en"}, client=(f"10.0.0.{k}", 1))
        for k in range(7)
    ]
    outcomes = [person.sign_in("000000", client=client) for client in strangers]
    assert outcomes == ["session.wrong_code"] * 5 + ["session.too_many_failures"] * 2
    assert person.sign_in(person.code(), client=strangers[6]) == "session.too_many_failures"
    assert person.sign_in(person.code(), client=person.client) == "ok"


def test_removing_it_needs_a_code(fresh: Callable[..., Service]) -> None:
    person = Person(fresh())
    person.enrol()
    wrong = person.client.post(f"{FACTOR}/removal", json={"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "session.wrong_code")
    assert person.client.post(f"{FACTOR}/removal", json={"code": person.code()}).status_code == 204
    assert person.sign_in() == "ok"
    assert person.client.get(FACTOR).json() == {"active": False, "recovery_codes": 0}
    person.enrol()


def test_it_is_for_those_who_are_signed_in(public: TestClient) -> None:
    for method, path in (("GET", ""), ("POST", "")):
        answer = public.request(method, f"{FACTOR}{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "session.needed")


def test_what_is_kept_is_sealed_and_goes_with_the_account(fresh: Callable[..., Service]) -> None:
    person = Person(fresh(secret="a long random text"))
    person.enrol()
    register = person.service.app.state.register
    with register.engine.connect() as connection:
        held = [
            str(connection.execute(sa.select(table)).all())
            for table in (db.second_factors, db.recovery_codes)
        ]
    for secret in (person.secret, *person.recovery):
        assert not any(secret in text for text in held)
        assert not any(secret.replace("-", "") in text for text in held)
    remove_account(register, "polisi")
    with register.engine.connect() as connection:
        for table in (db.second_factors, db.recovery_codes):
            assert connection.execute(sa.select(table)).all() == []


def test_under_another_secret_it_says_how_to_go_on(fresh: Callable[..., Service]) -> None:
    person = Person(fresh(secret="a long random text"))
    person.enrol()
    person.service.app.state.second_factors._vault = Vault(b"another")
    assert person.sign_in(person.code()) == "accounts.other_secret"
    register = person.service.app.state.register
    account = get_account(register, "polisi")
    with pytest.raises(StateError, match="second-factor NAME --reset"):
        person.service.app.state.second_factors.require(account, "000000")
    reset_second_factor(register, account)
    assert person.sign_in() == "ok"


def test_the_operator_resets_it(
    fresh: Callable[..., Service],
    petajaga: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = Person(fresh())
    home, register = person.service.home.root, person.service.app.state.register
    url = register.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("PETAJAGA_DATABASE_URL", url)
    person.enrol()
    said = petajaga("accounts", "second-factor", "polisi", home=home)
    assert re.fullmatch(r"polisi: .* is on, 10 recovery codes left\n", said.out)
    said = petajaga("accounts", "second-factor", "polisi", "--reset", home=home)
    assert said.code == 0
    assert said.out == "polisi: no two-step verification\n"
    assert not state_of(register, get_account(register, "polisi")).active
    assert person.sign_in() == "ok"
    newest = audit.entries(register, account="operator")
    assert [(row["action"], row["target"]) for row in newest] == [
        ("accounts.second_factor", "polisi")
    ]
    assert petajaga("accounts", "second-factor", "nobody", home=home).code == 2
