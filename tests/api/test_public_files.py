"""No file that the public can fetch speaks of landings that are in no list of ports."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from api.endpoints import site
from geo.i18n import languages
from layers.palette import SIGNS
from tests.api.conftest import Service

OF_LANDINGS = re.compile(r"(?i)unofficial|tikus|tidak[_ ]resmi|(?<!ferry )\blandings\b")
ADDRESSES = [
    "/", "/openapi.json", "/docs", "/docs/start.js", "/ogc-pages.css", "/static/map/palette.js",
    *(f"/static/i18n/{language}.json" for language in languages()),
    *(
        f"/static/{path.relative_to(site.WEB)}"
        for folder in (*site._STATIC, ".")
        for path in sorted((site.WEB / folder).glob("*"))
        if path.is_file() and path.name != "index.html"
    ),
]  # fmt: skip
PAGES = [f"/ogc{path}?f={form}&lang={language}"
         for path in ("/collections", "/collections/terminals/queryables", "/collections/areas")
         for form in ("json", "html") for language in languages()]  # fmt: skip


@pytest.mark.parametrize("address", [*ADDRESSES, *PAGES])
def test_the_public_reads_of_no_landing(public: TestClient, address: str) -> None:
    answer = public.get(address)
    assert answer.status_code in {200, 404}, address
    found = OF_LANDINGS.search(answer.text)
    assert found is None, answer.text[max(0, found.start() - 60) : found.end() + 20]


def test_there_are_files_to_look_at(public: TestClient) -> None:
    answered = [address for address in ADDRESSES if public.get(address).status_code == 200]
    assert len(answered) > 30
    assert "/static/panel/detail.js" in answered
    assert "/static/map/legend.js" in answered


def test_signs_of_a_desk_are_its_own(service: Service) -> None:
    police = service.client("polisi").get("/desk/police/signs.js")
    assert police.headers["content-type"].startswith("text/javascript")
    assert police.headers["cache-control"] == "private, no-store"
    assert SIGNS["unofficial"].path in police.text
    nothing = service.client().get("/desk/police/nothing.js").json()
    for name, folder in (
        (None, "police"), ("lsm", "police"), ("lsm", "ngo"), ("polisi", "ngo"),
        ("polisi", "common"),
    ):  # fmt: skip
        answer = service.client(name).get(f"/desk/{folder}/signs.js")
        assert answer.status_code == 404, (name, folder)
        assert answer.json()["detail"] == nothing["detail"]
    texts = {name: service.client(name).get(f"/desk/{folder}/en.json").json()["messages"]
             for name, folder in (("lsm", "ngo"), ("polisi", "police"))}  # fmt: skip
    assert "kind.unofficial" in texts["polisi"]
    assert "kind.unofficial" not in texts["lsm"]
