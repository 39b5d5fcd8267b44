"""A real service on a free port, and pages that may talk to it and to nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, sync_playwright

from api.auth.accounts import create_demo_accounts
from api.bootstrap import find_browser
from api.register.database import open_register
from tests.e2e.pages import ROOT, Service, Watch, is_driver_noise, settled

FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
]
START_SECONDS = 60


@pytest.fixture(scope="session")
def service(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """``petajaga serve`` on the published release, with a register of its own."""
    register_url = f"sqlite:///{tmp_path_factory.mktemp('e2e') / 'register.sqlite'}"
    register = open_register(register_url)
    try:
        made = create_demo_accounts(register)
    finally:
        register.close()
    accounts = {str(new.account.tier): (new.account.name, new.password) for new in made}
    environment = {
        **os.environ,
        "PETAJAGA_HOME": str(built_home),
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
        said = []
        address = None
        while address is None:
            line = process.stdout.readline()
            assert line, "the service did not start: " + "".join(said)
            said.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            address = found.group() if found else None
        yield Service(address, accounts)
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


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def open_page(browser: Browser, service: Service, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open the map at a hash, in a context of its own; at the end the page must have behaved."""
    contexts: list[BrowserContext] = []

    def open_at(
        hash_: str = "", *, width: int = 1280, height: int = 800, wait: bool = True, **more: object
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="id-ID", **more
        )
        contexts.append(context)
        home = urlsplit(service.url).netloc

        def guard(route: Route) -> None:
            parts = urlsplit(route.request.url)
            if parts.scheme in ("data", "blob") or parts.netloc == home:
                route.continue_()
            else:
                watch.outside.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                watch.errors.append(f"{message.text} {message.location}")
                if message.type in ("error", "warning") and not is_driver_noise(message.text)
                else None
            ),
        )
        page.goto(f"{service.url}/{hash_}")
        if wait:
            settled(page)
        return page

    yield open_at
    for context in contexts:
        context.close()
    watch.assert_clean()
