"""``/v1/documents``: the brief of the command line over HTTP, in the tier's detail, marked."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from starlette.testclient import TestClient

from api.auth import audit
from layers.release.marking import marks_in
from tests.api.conftest import Service
from tests.api.test_hidden_addresses import fingerprint


def said(content: bytes) -> list[str]:
    """Text of each page, blanks and line breaks as single blanks."""
    sheets = pypdf.PdfReader(io.BytesIO(content)).pages
    return [" ".join(sheet.extract_text().split()) for sheet in sheets]


@pytest.mark.parametrize(("client", "marking"), [("public", "PUBLIC"), ("police", "RESTRICTED")])
def test_two_pages_as_a_file(client: str, marking: str, request: pytest.FixtureRequest) -> None:
    reader: TestClient = request.getfixturevalue(client)
    answer = reader.get("/v1/documents/briefs/53.04?lang=en")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert 'filename="petajaga-53.04.pdf"' in answer.headers["content-disposition"]
    first, _second = said(answer.content)
    assert first.startswith(marking)
    assert "Kabupaten Belu" in first
    (other, _) = said(reader.get("/v1/documents/briefs/53.04?lang=id").content)
    assert "Wilayah" in other or "wilayah" in other


@pytest.mark.parametrize(("name", "tier"), [(None, "public"), ("polisi", "police")])
def test_a_brief_says_what_that_of_the_command_says(
    name: str | None, tier: str, planning: Service, petajaga: Callable[..., Any], tmp_path: Path
) -> None:
    answer = planning.client(name).get("/v1/documents/briefs/tenau?lang=id")
    home = shutil.copytree(planning.app.state.home.root, tmp_path / "home")
    file = tmp_path / "brief.pdf"
    done = petajaga("--lang", "id", "brief", "tenau", "-o", str(file), "--tier", tier, home=home)
    assert done.code == 0, done.err
    assert said(answer.content) == said(file.read_bytes())
    assert (answer.content == file.read_bytes()) == (name is None), "marked by account"


def test_a_restricted_brief_is_marked_and_audited(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(service.client("polisi").get("/v1/documents/briefs/tenau").content)
    (mark,) = marks_in(file)
    rows = [row for row in audit.entries(service.app.state.register) if row["action"] == "file"]
    assert rows[0]["account"] == "polisi"
    assert rows[0]["target"] == f"{mark} police brief tenau"
    assert re.fullmatch("pjm-[a-z2-7]{12}", mark)


def test_the_brief_to_hand_on_is_that_of_anybody(service: Service) -> None:
    public = service.client().get("/v1/documents/briefs/53.04?lang=id").content
    before = [row for row in audit.entries(service.app.state.register) if row["action"] == "file"]
    for account in ("polisi", "lsm"):
        client = service.client(account)
        shared = client.get("/v1/documents/briefs/53.04?lang=id&public=true")
        assert shared.content == public
        assert "petajaga-53.04-publik.pdf" in shared.headers["content-disposition"]
        assert client.get("/v1/documents/briefs/53.04?lang=id").content != public
    landing = service.client("polisi").get("/v1/terminals?kind=unofficial&limit=1").json()["ports"]
    asked = f"/v1/documents/briefs/{landing[0]['id']}?public=true"
    assert service.client("polisi").get(asked).status_code == 404
    rows = [row for row in audit.entries(service.app.state.register) if row["action"] == "file"]
    assert len(rows) == len(before) + 2, "what may be handed on has no mark"


def test_what_a_tier_has_not_is_nothing(service: Service, police: TestClient) -> None:
    ports = police.get("/v1/terminals?kind=unofficial&limit=1").json()["ports"]
    names = [ports[0]["id"], "Belu", "53.99", "53.04.01", "nothing", "Indonesia"]
    for client in (service.client(), service.client("lsm")):
        nothing = fingerprint(client, "GET", "/v1/documents/briefs/nothing")
        assert nothing[0] == 404
        for name in names:
            assert fingerprint(client, "GET", f"/v1/documents/briefs/{name}") == nothing, name
    assert police.get(f"/v1/documents/briefs/{ports[0]['id']}").status_code == 200


def test_a_referral_card_is_one_page_and_hides_like_a_brief(
    public: TestClient, police: TestClient
) -> None:
    answer = public.get("/v1/documents/referrals/53.04?lang=id")
    assert answer.status_code == 200, answer.text
    assert 'filename="petajaga-referral-53.04.pdf"' in answer.headers["content-disposition"]
    (page,) = said(answer.content)
    assert "Kabupaten Belu" in page
    ports = police.get("/v1/terminals?kind=unofficial&limit=1").json()["ports"]
    nothing = fingerprint(public, "GET", "/v1/documents/referrals/nothing")
    assert fingerprint(public, "GET", f"/v1/documents/referrals/{ports[0]['id']}") == nothing
