"""A further language is one more catalogue: Tetum with three texts, in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geo.i18n.catalogue import CATALOGUES

_TETUM = """\
msgid ""
msgstr ""
"Language: tet\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "language.name"
msgstr "Tetun"

msgid "class.very_low"
msgstr "ki'ik liu"

msgid "level.regency"
msgstr "munisípiu"
"""
_TEXTS = """\
import json
from geo.i18n import Message, languages, text
amount = Message("reason.amount", {"value": 1234.5, "unit": Message("class.very_low")})
print(json.dumps([languages(), text("class.very_low", "tet"), text("class.low", "tet"),
                  Message("level.regency").as_dict(), amount.in_language("tet")]))
"""
_PAGE = """\
from layers.documents.multilingual import html_label, language_button, language_style
print(html_label("class", "very_low"), language_button(), language_style())
"""
_COMMAND = """\
from api.cli import main
raise SystemExit(main({words!r}))
"""
_SERVICE = """\
import json
from pathlib import Path
from starlette.testclient import TestClient
from api.app import create_app
from api.auth.accounts import add_account
from api.settings import Settings
home = Path({home!r})
(home / "release").symlink_to({releases!r})
app = create_app(Settings(home=home))
new = add_account(app.state.register, name="lia", desk="planner", tier="partner",
                  province_code="53", language="tet")
client = TestClient(app)
page = client.get("/ogc?f=html").text
address = "/ogc/collections/areas?lang="
titles = [client.get(address + code).json()["title"] for code in ("en", "tet")]
definition = client.get("/ogc/api").json()
client.post("/v1/session", json={{"name": "lia", "password": new.password}})
session = client.get("/v1/session")
areas = client.get("/ogc/collections/areas/items?lang=tet")
options = client.get("/v1/scenarios/options").json()
print(json.dumps([
    page, titles, definition["components"]["parameters"]["lang"]["schema"]["enum"],
    [session.json()["language"], client.get("/v1/none").headers["content-language"]],
    areas.status_code,
    options["indicators"][0]["title"],
]))
"""


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogues")
    for path in CATALOGUES.glob("*.po"):
        shutil.copy(path, folder)
    (folder / "tet.po").write_text(_TETUM, encoding="utf-8")
    return folder


def _run(catalogues: Path, code: str) -> str:
    """What the code prints where the catalogues are those of the folder."""
    head = (
        "from pathlib import Path\n"
        "from geo.i18n import catalogue\n"
        f"catalogue.CATALOGUES = Path({str(catalogues)!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, timeout=120,
        cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_it_lacks_is_english(catalogues: Path) -> None:
    known, very_low, low, regency, amount = json.loads(_run(catalogues, _TEXTS))

    assert known == ["id", "en", "tet"]
    assert (very_low, low) == ("ki'ik liu", "low")
    assert regency == {"id": "kabupaten/kota", "en": "regency", "tet": "munisípiu"}
    assert amount == "1,234.5 ki'ik liu"


def test_a_page_without_network_has_it(catalogues: Path) -> None:
    page = _run(catalogues, _PAGE)

    assert '<span class="t" lang="tet">ki&#x27;ik liu</span>' in page
    assert '<span class="t" lang="en"><span lang="tet">Tetun</span></span>' in page
    assert 'html:not([lang="tet"]) .t[lang="tet"]' in page


def test_a_command_speaks_it(catalogues: Path, built_home: Path) -> None:
    words = ["areas", "--lang", "tet", "--within", "53", "--home", str(built_home)]

    assert "ki'ik liu" in _run(catalogues, _COMMAND.format(words=words))


def test_the_service_offers_it(catalogues: Path, built_home: Path, tmp_path: Path) -> None:
    page, titles, languages, account, reasons, indicator = json.loads(
        _run(catalogues, _SERVICE.format(releases=str(built_home / "release"), home=str(tmp_path)))
    )

    assert 'hreflang="tet" lang="tet">Tetun</a>' in page
    assert titles == ["Areas", "Areas"]  # not in Tetum, so in English
    assert languages == ["id", "en", "tet"]
    assert account == ["tet", "tet"]
    assert reasons == 200
    # from the process of the model, whose catalogues are those of the checkout
    assert indicator["en"] != indicator["id"]
