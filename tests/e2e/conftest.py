"""A real service on a free port, and pages that may talk to it and to nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

from api.auth.accounts import add_account, create_demo_accounts
from api.bootstrap import find_browser
from api.register.database import open_register
from geo.paths import Home
from tests.e2e.pages import ROOT, Service, Watch, go, is_driver_noise, settled

FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu-rasterization",  # else text in software waits for frames of the map
]
START_SECONDS = 60
expect.set_options(timeout=20_000)  # other tests run beside these on the same two cores
# The software renderer's cost is its pixels and its frames: a small map, a camera that jumps.
WIDTH, HEIGHT = 1040, 660
HOME = {"at": "-2,118,3.6", "lang": "id", "tab": "corridors", "top": "20"}


@pytest.fixture(scope="session")
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """``petajaga serve`` on a copy of the published release (or of the one in the environment's
    ``PETAJAGA_E2E_HOME``, to measure it), with a register of its own.
    """
    published = os.environ.get("PETAJAGA_E2E_HOME") or request.getfixturevalue("built_home")
    # What commands of other tests have put there is of another register.
    left = shutil.ignore_patterns("audit.key", "register.sqlite*")
    home = shutil.copytree(published, tmp_path_factory.mktemp("served") / "home", ignore=left)
    register_url = f"sqlite:///{tmp_path_factory.mktemp('e2e') / 'register.sqlite'}"
    register = open_register(register_url)
    try:
        made = create_demo_accounts(register)
        second = add_account(register, name="polisi-dua", desk="police", tier="police")
    finally:
        register.close()
    accounts = {new.account.desk: (new.account.name, new.password) for new in made}
    accounts["second"] = (second.account.name, second.password)
    environment = {
        **os.environ,
        "PETAJAGA_HOME": str(home),
        "PETAJAGA_DATABASE_URL": register_url,
        "PETAJAGA_HOST": "127.0.0.1",
        "PETAJAGA_PORT": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "api"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines = []
        address = None
        while address is None:
            line = process.stdout.readline()
            assert line, "the service did not start: " + "".join(lines)
            lines.append(line)
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
        yield Service(address.group(), accounts, Home.resolve(home))
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; where there is none the tests say so and skip."""
    path = find_browser() or shutil.which("chromium")
    if path is None:
        pytest.skip(
            "no chromium here: `make test` installs it where it may (apt-get install chromium)"
        )
    return path


@pytest.fixture(scope="session")
def engine() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(engine: Playwright, chromium: str) -> Iterator[Browser]:
    running = engine.chromium.launch(executable_path=chromium, args=FLAGS)
    yield running
    running.close()


@pytest.fixture(scope="session")
def session_watch() -> Watch:
    return Watch()


@pytest.fixture(autouse=True)
def watch(session_watch: Watch) -> Iterator[Watch]:
    """What the pages did during this test; at its end they must have behaved."""
    yield session_watch
    try:
        session_watch.assert_clean()
    finally:
        session_watch.clear()


@pytest.fixture(scope="session")
def new_page(browser: Browser, service: Service, session_watch: Watch) -> Callable[..., Page]:
    """A page in a context of its own: signed in at a desk, and with or without a map."""

    @cache
    def cookies(desk: str) -> Any:
        name, password = service.accounts[desk]
        context = browser.new_context()
        request = {"name": name, "password": password, "purpose": "training"}
        assert context.request.post(f"{service.url}/v1/session", data=request).ok
        state = context.storage_state()
        context.close()
        return state

    def guard(route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in ("data", "blob") or parts.netloc == urlsplit(service.url).netloc:
            route.continue_()
        else:
            session_watch.outside.append(route.request.url)
            route.abort()

    def new(
        hash_: str = "", *, desk: str | None = None, with_map: bool = True, wait: bool = True,
        width: int = WIDTH, height: int = HEIGHT, script: str | None = None, **more: Any,
    ) -> Page:  # fmt: skip
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="id-ID",
            storage_state=cookies(desk) if desk else None,
            **{"reduced_motion": "reduce", "service_workers": "block", **more},
        )
        context.route("**/*", guard)
        if not with_map:
            context.route("**/maplibre-gl.js", lambda route: route.fulfill(body="", status=200))
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: session_watch.errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                session_watch.errors.append(f"{message.text} {message.location}")
                if message.type in ("error", "warning") and not is_driver_noise(message.text)
                else None
            ),
        )
        page.goto(f"{service.url}/{hash_}")
        if wait:
            settled(page)
        return page

    return new


@pytest.fixture
def open_page(new_page: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Open a page for this test alone, which may sign in, reload, and change what is stored."""
    contexts: list[BrowserContext] = []

    def open_at(hash_: str = "", **more: Any) -> Page:
        page = new_page(hash_, **more)
        contexts.append(page.context)
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def shared_page(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """The one page of a desk (or of the public) for tests that only look, brought to a hash."""
    pages: dict[str | None, Page] = {}

    def page_at(hash_: str = "", *, desk: str | None = None) -> Page:
        parts = HOME | dict(part.split("=", 1) for part in hash_.split("&") if part)
        address = "#" + "&".join(f"{name}={value}" for name, value in parts.items())
        if desk in pages:
            pages[desk].evaluate("document.activeElement.blur()")
            go(pages[desk], address)
        else:
            pages[desk] = new_page(address, desk=desk)
        return pages[desk]

    return page_at
