"""What the browser tests share: waiting, signing in, pictures, and the colours of pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from playwright.sync_api import Locator, Page

from geo.paths import Home
from layers.palette import BASE

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = Path(__file__).resolve().parent / "screenshots"


def script(name: str) -> str:
    """A function to run in the page."""
    return (Path(__file__).resolve().parent / f"{name}.js").read_text("utf-8")


@dataclass(frozen=True)
class Service:
    """Where the service answers, each desk's demo account with its password, and the home."""

    url: str
    accounts: dict[str, tuple[str, str]]
    home: Home


@dataclass
class Watch:
    """What a page did that it must not: requests elsewhere, errors on its console."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def clear(self) -> None:
        for noted in (self.outside, self.errors, self.expected):
            noted.clear()

    def expect_error(self, part: str) -> None:
        """Let a test provoke errors; the browser reports each failed request, often afterwards."""
        self.expected.append(part)

    def assert_clean(self) -> None:
        assert self.outside == [], f"requests left the server: {self.outside}"
        errors = [one for one in self.errors if not any(part in one for part in self.expected)]
        assert errors == [], f"the console has errors: {errors}"


def is_driver_noise(text: str) -> bool:
    """The software renderer says that reading pixels is slow; the tests do it on purpose. Where
    they let no service worker in, the driver says so.
    """
    noise = ("GPU stall due to ReadPixels", "willReadFrequently", "Service Worker registration")
    return any(part in text for part in noise)


def settled(page: Page) -> None:
    """Wait until the layers of the session have arrived and the map, if there is one, is still."""
    page.wait_for_selector("html[data-data=ready]")
    page.evaluate(script("settled"))


def go(page: Page, hash_: str) -> None:
    """Follow a shared address within the open page."""
    page.evaluate(
        """(hash) => new Promise((done) => {
          if (location.hash === hash) return done();
          addEventListener('hashchange', () => setTimeout(done), { once: true });
          location.hash = hash;
        })""",
        hash_,
    )
    settled(page)


def sign_in(page: Page, service: Service, desk: str, watch: Watch) -> None:
    """Sign in as the desk's demo account, through the dialog, which may be open already."""
    name, password = service.accounts[desk]
    if not page.locator("#sign-in").is_visible():
        page.click("#sign")
    page.fill("#sign-in-name", name)
    page.fill("#sign-in-password", password)
    page.click("#sign-in button[type=submit]")
    if desk == "police":
        page.select_option("#sign-in-purpose", "training")
        page.click("#sign-in button[type=submit]")
        watch.expect_error("400")  # the purpose was missing
    page.wait_for_selector("#sign[data-i18n='web.sign_out']")
    settled(page)


def shoot(page: Page, name: str) -> None:
    """Keep a picture for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def take_picture(part: Locator, name: str) -> None:
    """Make a picture of a guide: a part of the page, in few colours, so that it is small."""
    page = part.page
    page.wait_for_timeout(1000)  # what the page still draws
    page.evaluate("document.activeElement.blur()")
    before = page.viewport_size
    assert before is not None
    height = int(part.evaluate("(part) => part.getBoundingClientRect().height"))
    page.set_viewport_size({"width": before["width"], "height": height + 400})
    picture = Image.open(io.BytesIO(part.screenshot()))
    page.set_viewport_size(before)
    path = ROOT / "docs" / "images" / f"{name}.png"
    ImageOps.expand(picture.convert("RGB"), 12, "white").quantize(48).save(path, optimize=True)


def rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def palette() -> dict[str, str]:
    """The base map's colours."""
    return dict(BASE)


Colour = str | list[int]


def pixels(page: Page, *colours: Colour, of: str = "#map canvas") -> dict[str, Any]:
    """What a canvas shows: ``shares`` of its pixels that each colour covers (``#rrggbb``, or red,
    green, blue and slack), the number of ``distinct`` colours, and the colour of its ``centre``.
    """
    wanted = [rgb(colour) if isinstance(colour, str) else colour for colour in colours]
    answer: dict[str, Any] = page.evaluate(script("pixels"), [wanted, of])
    return answer


def shares(page: Page, *colours: Colour) -> list[float]:
    """Share of the map that each colour covers."""
    answer: list[float] = pixels(page, *colours)["shares"]
    return answer
