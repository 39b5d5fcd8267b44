"""Sign-in by the agency's own service, against a real one (npm ``oidc-provider``) on loopback."""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.testclient import TestClient

from api.auth import audit
from api.auth.accounts import get_account, list_accounts, remove_account
from api.auth.identities import account_of_subject, link_subject
from api.auth.oidc import Provider
from api.auth.vault import Vault
from api.errors import SignInError
from api.settings import Settings
from geo.errors import InputError
from tests.api.conftest import Service

FOLDER = Path(__file__).resolve().parents[1] / "data" / "oidc"
SECRET = "rahasia+klien/53%"
BEGIN, CALLBACK = "/v1/session/oidc", "/v1/session/oidc/callback"
ISSUER = "https://masuk.example.go.id"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that runs while the tests of this file do."""
    node = shutil.which("node")
    assert node
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [node, "provider.js", str(port), f"http://testserver{CALLBACK}"],
        cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def agency(fresh: Callable[..., Service], issuer: str) -> Service:
    """A service where ``sub-polisi`` of the provider is linked to the account polisi."""
    service = fresh(oidc_issuer=issuer, oidc_client_secret=SECRET)
    register = service.app.state.register
    account = get_account(register, "polisi")
    link_subject(register, account, issuer=issuer, subject="sub-polisi")
    return service


def sign_in_there(client: TestClient, subject: str, *, query: str = "?purpose=patrol") -> str:
    """As a person does: to the provider, name and consent in its forms; the address of return."""
    begun = client.get(f"{BEGIN}{query}", follow_redirects=False)
    assert begun.status_code == 303
    with httpx.Client(follow_redirects=False, trust_env=False) as browser:
        address = begun.headers["location"]
        for _ in range(12):
            answer = browser.get(address)
            if answer.status_code == 200:
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert prompt, answer.text
                form = {"prompt": prompt[1], "login": subject, "password": "x"}
                action = re.search(r'action="([^"]+)"', answer.text)
                assert action
                answer = browser.post(str(answer.url.join(action[1])), data=form)
            assert answer.status_code in {302, 303}, answer.text
            address = str(answer.url.join(answer.headers["location"]))
            if address.startswith("http://testserver/"):
                return address
    raise AssertionError(address)


def returned(client: TestClient, address: str) -> tuple[int, str]:
    """What the return from the provider is answered with, for a program."""
    answer = client.get(address, headers={"Accept": "application/json"}, follow_redirects=False)
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


@pytest.mark.oidc
def test_a_linked_person_gets_in_by_the_provider(agency: Service) -> None:
    client = agency.client()
    address = sign_in_there(client, "sub-polisi")
    answer = client.get(address, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "http://testserver/")
    seen = client.get("/v1/session").json()
    assert (seen["name"], seen["tier"], seen["oidc"]) == ("polisi", "police", True)
    assert "petajaga_flow" not in client.cookies
    newest = audit.entries(agency.app.state.register, account="polisi")
    assert [(row["action"], row["target"], row["status"]) for row in newest[-2:]] == [
        ("oidc_callback", CALLBACK, 303), ("purpose", "patrol", 200)
    ]  # fmt: skip
    assert returned(client, address) == (401, "session.oidc_refused"), "a code works once"


@pytest.mark.oidc
def test_the_police_say_what_for(agency: Service) -> None:
    client = agency.client()
    address = sign_in_there(client, "sub-polisi", query="")
    assert returned(client, address) == (400, "session.purpose_needed")
    address = sign_in_there(client, "sub-polisi", query="")
    page = client.get(address, headers={"Accept": "text/html"}, follow_redirects=False)
    asked = parse_qs(urlsplit(page.headers["location"]).query)
    assert asked["refused"] == ["purpose_needed"]
    assert "patrol" in asked["purposes"][0].split(",")
    assert client.get("/v1/session").json()["name"] is None
    assert client.get(f"{BEGIN}?purpose=x", follow_redirects=False).status_code == 400


@pytest.mark.oidc
def test_who_is_not_linked_gets_no_account(agency: Service) -> None:
    client = agency.client()
    before = list_accounts(agency.app.state.register)
    address = sign_in_there(client, "sub-siapa")
    page = client.get(address, headers={"Accept": "text/html"}, follow_redirects=False)
    assert page.headers["location"] == "http://testserver/?refused=oidc_not_linked&purposes="
    assert returned(client, sign_in_there(client, "sub-siapa")) == (401, "session.oidc_not_linked")
    assert list_accounts(agency.app.state.register) == before
    assert client.get("/v1/session").json()["name"] is None
    failed = audit.entries(agency.app.state.register, action="sign_in")
    assert [(row["account"], row["status"]) for row in failed] == [("-", 401)] * 2
    remove_account(agency.app.state.register, "polisi")
    address = sign_in_there(client, "sub-polisi")
    assert returned(client, address) == (401, "session.oidc_not_linked"), "the link goes with it"


@pytest.mark.oidc
@pytest.mark.parametrize("what", ["verifier", "nonce"])
def test_another_verifier_or_nonce_is_refused(
    what: str, agency: Service, caplog: pytest.LogCaptureFixture
) -> None:
    client, provider = agency.client(), agency.app.state.oidc
    address = sign_in_there(client, "sub-polisi")
    derived = provider._derived
    provider._derived = lambda flow, use: derived(f"{flow}x" if use == what else flow, use)
    assert returned(client, address) == (401, "session.oidc_refused")
    reason = {"verifier": "HTTPStatusError", "nonce": "InvalidClaimError"}[what]
    assert reason in caplog.text
    provider._derived = derived
    address = sign_in_there(client, "sub-polisi")
    assert returned(client, address) == (303, "")


@pytest.mark.oidc
def test_a_tampered_token_is_refused(agency: Service, caplog: pytest.LogCaptureFixture) -> None:
    client, provider = agency.client(), agency.app.state.oidc
    checked = provider._checked

    def tampered(id_token: str, keys: Any, nonce: str) -> str:
        head, body, signature = id_token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(f"{body}=="))
        claims["sub"] = "sub-polisi"
        return str(checked(f"{head}.{_part(claims)}.{signature}", keys, nonce))

    provider._checked = tampered
    address = sign_in_there(client, "sub-siapa")
    assert returned(client, address) == (401, "session.oidc_refused")
    assert "BadSignatureError" in caplog.text


@pytest.mark.oidc
def test_the_return_needs_the_browser_that_began(agency: Service) -> None:
    client = agency.client()
    address = sign_in_there(client, "sub-polisi")
    assert returned(agency.client(), address) == (401, "session.oidc_refused"), "no cookie"
    other = agency.client()
    other.get(BEGIN, follow_redirects=False)
    assert returned(other, address) == (401, "session.oidc_refused"), "the state of another"
    assert returned(client, f"{CALLBACK}?error=access_denied")[0] == 401
    code = parse_qs(urlsplit(address).query)["code"][0]
    assert returned(client, f"{CALLBACK}?code={code}&state=x")[0] == 401
    assert returned(client, f"{address}&iss=https://elsewhere.example")[0] == 401
    assert returned(client, address)[0] == 429, "five have failed from here"


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(claims: dict[str, Any], *, alg: str = "RS256", key: Any = KEY) -> str:
    """A token made without the library that reads it."""
    text = f"{_part({'alg': alg, 'kid': 'k'})}.{_part(claims)}"
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def jwks() -> dict[str, Any]:
    numbers = KEY.public_key().public_numbers()

    def octets(number: int) -> str:
        data = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    return {"keys": [{"kty": "RSA", "kid": "k", "n": octets(numbers.n), "e": octets(numbers.e)}]}


def test_a_token_is_taken_only_if_all_of_it_is_right() -> None:
    provider = Provider(ISSUER, client_id="petajaga", client_secret=None, vault=Vault())
    now = int(time.time())
    right = {
        "iss": ISSUER,
        "aud": "petajaga",
        "exp": now + 60,
        "iat": now,
        "nonce": "n",
        "sub": "s",
    }
    assert provider._checked(signed(right), jwks(), "n") == "s"
    assert provider._checked(signed({**right, "aud": ["petajaga"]}), jwks(), "n") == "s"
    wrong: list[Any] = [
        signed({**right, **change})
        for change in (
            {"iss": f"{ISSUER}/"}, {"aud": "another"}, {"aud": ["another"]}, {"nonce": "m"},
            {"exp": now - 61}, {"exp": "soon"}, {"iat": now + 3600}, {"azp": "another"},
        )
    ]  # fmt: skip
    wrong += [signed({k: v for k, v in right.items() if k != name}) for name in right]
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrong += [signed(right, key=other), signed(right, alg="HS256"), signed(right, alg="none")]
    wrong += [f"{_part({'alg': 'none'})}.{_part(right)}.", "a.b.c", "", None, 5]
    for token in wrong:
        with pytest.raises(SignInError):
            provider._checked(token, jwks(), "n")
    for keys in ({}, {"keys": []}, {"keys": [{"kty": "?"}]}, {"keys": 5}):
        with pytest.raises(SignInError):
            provider._checked(signed(right), keys, "n")


def test_without_its_settings_there_is_no_such_address(service: Service) -> None:
    client = service.client()
    nothing = client.get("/v1/session/nothing")
    for path in (BEGIN, CALLBACK):
        answer = client.get(path)
        assert answer.status_code == nothing.status_code == 404
        assert answer.text.replace(path, "") == nothing.text.replace("/v1/session/nothing", "")
    assert client.get("/v1/session").json()["oidc"] is False


def test_a_provider_that_is_away_is_a_problem(fresh: Callable[..., Service]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # nobody listens
        client = fresh(oidc_issuer=f"http://127.0.0.1:{free.getsockname()[1]}").client()
        answer = client.get(BEGIN, follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (401, "session.oidc_refused")


def test_the_operator_links_and_unlinks(
    fresh: Callable[..., Service], petajaga: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = fresh()
    home, register = service.home.root, service.app.state.register
    link = ("accounts", "link", "polisi", "--subject", "sub-1")
    refused = petajaga(*link, home=home)
    assert refused.code == 2
    assert "PETAJAGA_OIDC_ISSUER" in refused.err
    monkeypatch.setenv("PETAJAGA_OIDC_ISSUER", ISSUER)
    for _ in range(2):  # and again, which changes nothing
        assert petajaga(*link, home=home).code == 0
    linked = account_of_subject(register, issuer=ISSUER, subject="sub-1")
    assert linked == get_account(register, "polisi")
    assert account_of_subject(register, issuer=f"{ISSUER}/", subject="sub-1") is None
    taken = petajaga("accounts", "link", "lsm", "--subject", "sub-1", home=home)
    assert taken.code == 2
    assert "linked to the account polisi already" in taken.err
    assert "sub-1" in petajaga("accounts", "link", "polisi", home=home).out
    for wrong in ("", "s" * 256):
        assert petajaga(*link[:-1], wrong, home=home).code == 2
    assert (
        petajaga("accounts", "link", "lsm", "--subject", "sub-1", "--remove", home=home).code == 0
    )
    assert account_of_subject(register, issuer=ISSUER, subject="sub-1") == linked, "not its own"
    assert petajaga(*link, "--remove", home=home).code == 0
    assert account_of_subject(register, issuer=ISSUER, subject="sub-1") is None


@pytest.mark.parametrize(
    "issuer",
    ["http://masuk.example.go.id", "ftp://x", "masuk", "https://x/?a=1", "http://localhost.x/"],
)
def test_an_issuer_is_reached_over_https(issuer: str) -> None:
    with pytest.raises(InputError):
        Settings.read(oidc_issuer=issuer)
