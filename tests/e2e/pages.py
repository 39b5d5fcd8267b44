"""What the browser tests share: waiting, signing in, pictures, and the colours of pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = Path(__file__).resolve().parent / "screenshots"


def script(name: str) -> str:
    """A function to run in the page."""
    return (Path(__file__).resolve().parent / f"{name}.js").read_text("utf-8")


@dataclass(frozen=True)
class Service:
    """Where the service answers, and the password of each tier's demo account by its name."""

    url: str
    accounts: dict[str, tuple[str, str]]


@dataclass
class Watch:
    """What a page did that it must not: requests elsewhere, errors on its console."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def assert_clean(self) -> None:
        assert self.outside == [], f"requests left the server: {self.outside}"
        assert self.errors == [], f"the console has errors: {self.errors}"


def is_driver_noise(text: str) -> bool:
    """The software renderer says that reading pixels is slow; the tests do it on purpose."""
    return "GPU stall due to ReadPixels" in text or "willReadFrequently" in text


def settled(page: Page) -> None:
    """Wait until the map stands and the session's layers have arrived and are drawn."""
    page.wait_for_selector("html[data-map=ready]")
    page.wait_for_selector("html[data-data=ready]")
    page.wait_for_timeout(1200)


def sign_in(page: Page, service: Service, tier: str) -> None:
    """Sign in through the dialog as the tier's demo account."""
    name, password = service.accounts[tier]
    page.click("#sign")
    page.fill("#sign-in-name", name)
    page.fill("#sign-in-password", password)
    page.click("#sign-in button[type=submit]")
    page.wait_for_selector(f"html[data-tier={tier}]")
    settled(page)


def shoot(page: Page, name: str) -> None:
    """Keep a picture for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


PIXELS = script("pixels")


def rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def palette() -> dict[str, str]:
    """The base map's colours, read from the page's own palette."""
    text = (ROOT / "api" / "web" / "map" / "palette.js").read_text("utf-8")
    block = text.split("export const BASE = {")[1].split("}")[0]
    return dict(re.findall(r'(\w+): "(#[0-9a-f]{6})"', block))
