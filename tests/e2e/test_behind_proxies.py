"""Behind real nginx and Caddy, set up by docs/proxy-guide: links, writes, cookies and the page."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from api.auth.accounts import create_demo_accounts
from api.register.opening import register_of
from api.settings import Settings
from geo.i18n import languages
from geo.paths import Home
from tests.e2e.conftest import FLAGS
from tests.e2e.pages import settled
from tests.serving import serving

pytestmark = [pytest.mark.e2e, pytest.mark.proxy]

DOCS = Path(__file__).resolve().parents[2] / "docs"
HOST = "localhost"
EXAMPLE = "peta.example.go.id"
UPSTREAM = "127.0.0.1:8000"
NGINX = """
user root;
daemon off;
pid nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    {server}
}}
"""
CADDY = "{{\n admin off\n auto_https disable_redirects\n}}\n{server}"


def _blocks(language: str) -> dict[str, list[str]]:
    guide = (DOCS / f"proxy-guide.{language}.md").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for kind, block in re.findall(r"```(\w+)\n(.*?)```", guide, flags=re.DOTALL):
        found.setdefault(kind, []).append(block)
    return found


@dataclass(frozen=True)
class Setup:
    """A program, its block of the guide (and for nginx the server around it), the path."""

    program: str
    block: int
    prefix: str
    settings: dict[str, str]


TRUSTED = {"PETAJAGA_TRUSTED_PROXIES": "127.0.0.1"}
SETUPS = {
    "nginx-root": Setup("nginx", 0, "", TRUSTED),
    "nginx-path": Setup("nginx", 1, "/petajaga", TRUSTED),
    "nginx-bare": Setup("nginx", 2, "/petajaga", {}),  # the public URL is known with the port
    "caddy-root": Setup("caddy", 0, "", TRUSTED),
    "caddy-path": Setup("caddy", 1, "/petajaga", TRUSTED),
}


def _configuration(setup: Setup, upstream: str, port: int, folder: Path) -> str:
    """The example of the guide, with the host, port, certificate and service of this test."""
    blocks = _blocks("en")[setup.program]
    text = blocks[setup.block]
    if setup.program == "nginx" and setup.block:
        text = re.sub(r" *location / \{.*?\n    \}\n", text, blocks[0], flags=re.DOTALL)
    here = {
        f"{EXAMPLE} {{": f"https://{HOST}:{port} {{", EXAMPLE: HOST, UPSTREAM: upstream,
        "443": str(port), "/etc/ssl/peta": str(folder / "peta"),
    }  # fmt: skip
    # In one pass: a port that holds "443" is not replaced again.
    text = re.sub("|".join(map(re.escape, here)), lambda said: here[said.group()], text)
    assert text.count(upstream) == 1
    return {"nginx": NGINX, "caddy": CADDY}[setup.program].format(server=text)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _proxy(setup: Setup, service: str, port: int, folder: Path) -> Iterator[None]:
    file = folder / "proxy.conf"
    upstream = service.removeprefix("http://")
    file.write_text(_configuration(setup, upstream, port, folder), encoding="utf-8")
    command = {
        "nginx": ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(file)],
        "caddy": ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"],
    }[setup.program]
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(folder)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(200):
            assert process.poll() is None, (folder / "log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate of this host and its key."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", folder / "peta.key", "-out", folder / "peta.pem"],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    return folder


@dataclass(frozen=True)
class Site:
    """A service behind a proxy: the address people use, its set-up, accounts of police and NGO."""

    url: str
    setup: Setup
    account: tuple[str, str]
    ngo: tuple[str, str]
    certificate: Path

    def client(self, **headers: str) -> httpx.Client:
        """A client that trusts the certificate."""
        trust = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(base_url=f"{self.url}/", headers=headers, verify=trust, timeout=30)


@pytest.fixture(scope="module", params=SETUPS)
def site(
    request: pytest.FixtureRequest, released_home: Home, certificate: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:  # fmt: skip
    setup = SETUPS[request.param]
    folder = tmp_path_factory.mktemp("proxy")
    for file in certificate.iterdir():
        shutil.copy(file, folder)
    home = Home.resolve(shutil.copytree(released_home.root, folder / "home"))
    register = register_of(Settings(home=home.root))
    made = create_demo_accounts(register)
    register.close()
    accounts = {m.account.desk: (m.account.name, m.password) for m in made}
    port = _free_port()
    url = f"https://{HOST}:{port}{setup.prefix}"
    settings = setup.settings or {"PETAJAGA_PUBLIC_URL": url}
    with (
        serving(home, **settings) as service,
        _proxy(setup, service, port, folder),
    ):
        yield Site(url, setup, accounts["police"], accounts["ngo"], folder / "peta.pem")


@pytest.mark.gdal
@pytest.mark.parametrize("site", ["nginx-path"], indirect=True)
def test_gdal_pages_through_it_signed_in(site: Site, tmp_path: Path) -> None:
    name, password = site.account
    with site.client() as client:
        given = {"name": name, "password": password, "purpose": "training"}
        token = client.post("v1/session", json=given).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        layers = ("areas", "posts")
        listed = [
            client.get(f"ogc/collections/{layer}/items", headers=bearer).json()["numberMatched"]
            for layer in layers
        ]
    environment = {
        "PATH": "/usr/bin:/bin",
        "GDAL_HTTP_HEADERS": f"Authorization: Bearer {token}",
        "CURL_CA_BUNDLE": str(site.certificate),
    }
    for layer, count in zip(layers, listed, strict=True):
        file = tmp_path / f"{layer}.geojson"
        done = subprocess.run(
            ["ogr2ogr", "-oo", "PAGE_SIZE=2", file, f"OAPIF:{site.url}/ogc", layer],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert len(json.loads(file.read_text("utf-8"))["features"]) == count > 0, layer


def _addresses(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'(?:href|src)="([^"]+)"', page)]


def test_every_link_leads_back(site: Site) -> None:
    with site.client(**{"X-Forwarded-Prefix": "/mine", "X-Forwarded-Host": "evil.test"}) as client:
        seen = []
        href: str | None = f"{site.url}/ogc/collections/areas/items?limit=3"
        while href:
            page = client.get(href).json()
            assert all(link["href"].startswith(f"{site.url}/ogc") for link in page["links"])
            seen += [feature["id"] for feature in page["features"]]
            href = next((k["href"] for k in page["links"] if k["rel"] == "next"), None)
        assert len(seen) == len(set(seen)) == page["numberMatched"] > 3
        html = client.get("ogc/collections", headers={"Accept": "text/html"}).text
        for address in _addresses(html):
            assert address.startswith(f"{site.url}/"), address
            assert client.get(address).status_code == 200, address
        for address in _addresses(client.get("docs").text):
            assert client.get(address).status_code == 200, address
        assert 'url: "openapi.json"' in client.get("docs/start.js").text
        assert client.get("openapi.json").json()["servers"] == [{"url": site.url}]
        assert client.get("nothing").json()["instance"] == f"{site.setup.prefix}/nothing"


TILE = {"{tileMatrix}": "5", "{tileRow}": "16", "{tileCol}": "26"}
"""A tile over Timor, in place of the variables of a template."""


@pytest.mark.parametrize("site", ["nginx-path"], indirect=True)
def test_a_client_that_follows_every_link_stays_under_the_prefix(site: Site) -> None:
    with site.client() as client:
        todo, seen = [f"{site.url}/ogc?f=json"], set()
        while todo:
            address = todo.pop()
            for variable, value in TILE.items():
                address = address.replace(variable, value)
            if address in seen:
                continue
            seen.add(address)
            answer = client.get(address)
            assert answer.status_code in (200, 204), address
            if "json" in answer.headers.get("content-type", "") and "/items" not in address:
                todo += _hrefs(answer.json())
    assert all(address.startswith(f"{site.url}/") for address in seen)
    assert len(seen) > 30


def _hrefs(document: Any) -> list[str]:
    """Every ``href`` in a document, at any depth."""
    if isinstance(document, list):
        return [href for part in document for href in _hrefs(part)]
    if not isinstance(document, dict):
        return []
    own = document.get("href")
    return [*([own] if isinstance(own, str) else []), *_hrefs(list(document.values()))]


def test_who_may_write_and_which_cookies_are_set(site: Site) -> None:
    name, password = site.account
    given = {"name": name, "password": password, "purpose": "training"}
    own = site.url.removesuffix(site.setup.prefix)
    with site.client(Origin="https://evil.test") as client:
        assert client.post("v1/session", json=given).status_code == 403
    with site.client(Origin=own) as client:
        answer = client.post("v1/session", json=given)
        assert answer.status_code == 200
        cookies = answer.headers.get_list("set-cookie")
        kind = "__Secure-" if site.setup.prefix else "__Host-"
        assert cookies[0].startswith(f"{kind}petajaga_session=")
        assert f"; Path={site.setup.prefix}/;" in cookies[0]
        assert cookies[1].startswith("__Secure-petajaga_device=")
        assert f"; Path={site.setup.prefix}/v1/session;" in cookies[1]
        assert all("; Secure" in cookie for cookie in cookies)
        assert client.get("v1/session").json()["tier"] == "police"
        hsts = answer.headers.get("strict-transport-security")
        assert hsts == (None if site.setup.prefix else "max-age=31536000")
        assert client.delete("v1/session").status_code == 204
        assert client.get("v1/session").json()["tier"] == "public"


@pytest.mark.parametrize("site", ["nginx-path", "caddy-root"], indirect=True)
def test_the_page_draws_signs_in_and_pages(site: Site, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1040, "height": 660})
    page = context.new_page()
    errors: list[str] = []
    outside: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if said.type == "error" else None,
    )
    asked: list[str] = []

    def few(route: Route) -> None:
        """The first page of a layer has three features, so that the page follows links."""
        url = route.request.url
        asked.append(url)
        if not url.startswith((f"{site.url}/", "blob:", "data:")):
            outside.append(url)
        route.continue_(url=url.replace("limit=1000", "limit=3"))

    page.route("**/*", few)
    page.goto(f"{site.url}/#lang=en")
    settled(page)
    page.click("#sign")
    page.fill("#sign-in-name", site.account[0])
    page.fill("#sign-in-password", site.account[1])
    page.click("#sign-in button[type=submit]")
    page.select_option("#sign-in-purpose", "training")
    page.click("#sign-in button[type=submit]")
    page.wait_for_selector("#sign[data-i18n='web.sign_out']")
    settled(page)
    assert page.get_attribute("html", "data-tier") == "police"
    assert page.get_attribute("html", "data-map") == "ready"
    assert page.is_hidden("#banner")
    page.goto(f"{site.url}/docs")
    page.wait_for_selector(".opblock")
    context.close()
    assert [url for url in asked if "/areas/items" in url and "limit=3" in url], "no second page"
    assert outside == []
    # the sign-in whose purpose was missing; a stream that the browser gave up when the proxy closed
    # its connection, seldom: what the page had to have is asserted above
    expected = ("status of 400", "ERR_TOO_MANY_RETRIES")
    assert [error for error in errors if not any(part in error for part in expected)] == []


@pytest.mark.parametrize("site", ["nginx-path", "nginx-bare"], indirect=True)
def test_a_desk_opens_without_a_network_under_the_prefix(
    site: Site, engine: Playwright, chromium: str
) -> None:
    # A service worker is of a certificate that the whole browser takes.
    flags = [*FLAGS, "--ignore-certificate-errors"]
    browser = engine.chromium.launch(executable_path=chromium, args=flags)
    page = browser.new_page(viewport={"width": 360, "height": 740}, locale="id-ID")
    page.goto(f"{site.url}/#lang=id")
    page.click("#sign")
    page.fill("#sign-in-name", site.ngo[0])
    page.fill("#sign-in-password", site.ngo[1])
    page.click("#sign-in button[type=submit]")
    regencies = page.locator("#v-regency")
    expect(regencies).to_be_visible()
    listed = regencies.inner_text()
    scope = page.evaluate("() => navigator.serviceWorker.ready.then(({ scope }) => scope)")
    assert scope == f"{site.url}/"
    asked = """async () => {
      const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
      return (await Promise.all(caches_.map((one) => one.keys()))).flat().map(({ url }) => url);
    }"""
    kept: list[str] = []
    for _ in range(200):
        kept = page.evaluate(asked)
        if any("/outreach/" in address for address in kept):
            break
        page.wait_for_timeout(100)
    assert f"{site.url}/ogc/collections?f=json" in kept
    assert all(address.startswith(f"{site.url}/") for address in kept)
    page.context.set_offline(True)
    page.reload()
    expect(regencies).to_have_text(listed, use_inner_text=True)
    page.goto("about:blank")
    page.goto(f"{site.url}/?from=home#lang=id")
    expect(regencies).to_be_visible()
    browser.close()


def test_both_languages_show_the_same_set_ups() -> None:
    first, *others = [_blocks(language) for language in languages()]
    assert all(blocks == first for blocks in others)
    assert {kind: len(blocks) for kind, blocks in first.items()} == {
        "sh": 3, "nginx": 4, "caddy": 2,
    }  # fmt: skip
