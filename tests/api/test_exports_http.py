"""``/v1/exports``: files in the tier's detail, marked, never more than a few at a time."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyogrio
import pytest
from starlette.testclient import TestClient

from api.auth import audit
from api.endpoints import exports
from layers.registry import fields_for, layers_for
from layers.release.marking import marks_in
from tests.api.conftest import Service
from tests.api.test_plans_http import assert_problem

FORMATS = ("gpkg", "fgb", "geojson", "parquet", "csv", "csv-excel-id", "xlsx")


def _rows(content: bytes, kind: str, folder: Path) -> int:
    file = folder / f"a.{kind.partition('-')[0]}"
    file.write_bytes(content)
    if kind == "parquet":
        return len(pd.read_parquet(file))
    if kind.startswith("csv"):
        return len(pd.read_csv(file, sep=";" if "-" in kind else ",", dtype=str))
    if kind == "xlsx":
        return openpyxl.load_workbook(io.BytesIO(content))["Data"].max_row - 1
    return len(pyogrio.read_dataframe(file, layer="terminals"))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_holds_the_rows_of_the_tier(
    kind: str, public: TestClient, police: TestClient, tmp_path: Path
) -> None:
    counts = []
    for client in (public, police):
        answer = client.get(f"/v1/exports/terminals?format={kind}&lang=id")
        assert answer.status_code == 200
        ending = kind.partition("-")[0]
        assert f'filename="petajaga-terminals.{ending}"' in answer.headers["content-disposition"]
        counts.append(_rows(answer.content, kind, tmp_path))
        matched = client.get("/ogc/collections/terminals/items?limit=1").json()["numberMatched"]
        assert counts[-1] == matched
    assert counts[0] < counts[1], "the public has no unofficial landing"


def test_fields_and_rows_are_those_of_the_tier(public: TestClient, partner: TestClient) -> None:
    for client, tier in ((public, "public"), (partner, "partner")):
        for name, layer in layers_for(tier).items():
            body = client.get(f"/v1/exports/{name}?format=geojson").json()
            allowed = {field.name for field in fields_for(layer, tier)}
            for feature in body["features"]:
                assert set(feature["properties"]) <= allowed
    villages = partner.get("/v1/exports/settlements?format=geojson").json()["features"]
    assert villages
    assert {row["properties"]["province_code"] for row in villages} == {"53"}


@pytest.mark.parametrize("hidden", ["posts", "ports", "outreach"])
def test_a_hidden_layer_answers_like_none(hidden: str, public: TestClient) -> None:
    names = (hidden, "qqqqq")
    answers = [public.get(f"/v1/exports/{name}?format=csv") for name in names]
    bodies = [
        answer.text.replace(f"exports/{name}", "exports/NAME")
        for answer, name in zip(answers, names, strict=True)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert bodies[0] == bodies[1]


def test_files_of_the_police_are_marked_and_audited(service: Service, tmp_path: Path) -> None:
    client = service.client("polisi")
    (tmp_path / "a.gpkg").write_bytes(client.get("/v1/exports/areas").content)
    (mark,) = marks_in(tmp_path / "a.gpkg")
    rows = [row for row in audit.entries(service.app.state.register) if row["action"] == "file"]
    assert rows[0]["account"] == "polisi"
    assert rows[0]["target"].startswith(f"{mark} police export petajaga-areas.gpkg")
    (tmp_path / "b.gpkg").write_bytes(service.client().get("/v1/exports/areas").content)
    assert marks_in(tmp_path / "b.gpkg") == []


@pytest.mark.parametrize("layer", ["areas", "posts"])
def test_a_workbook_says_over_http_what_that_of_the_command_says(
    layer: str, service: Service, petajaga: Callable[..., Any], tmp_path: Path
) -> None:
    answer = service.client("polisi").get(f"/v1/exports/{layer}?format=xlsx&lang=id")
    assert answer.status_code == 200
    home = shutil.copytree(service.app.state.home.root, tmp_path / "home")
    file = tmp_path / f"petajaga-{layer}.xlsx"
    done = petajaga("--lang", "id", "export", layer, "-o", str(file), "--tier", "police", home=home)
    assert done.code == 0, done.err
    served, written = said_by(answer.content), said_by(file.read_bytes())
    assert served["classification"].startswith("TERBATAS - Kepolisian")
    assert re.fullmatch("pjm-[a-z2-7]{12}", served["mark"])
    assert served.pop("mark") != written.pop("mark"), "of different accounts"
    assert served == written


def said_by(content: bytes) -> dict[str, str]:
    """What a workbook says of itself: its properties, and its cover sheet but for the columns."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    properties = {p.name: str(p.value) for p in book.custom_doc_props.props}
    cover = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    return properties | {"cover": "\n".join(cover)}


def test_only_a_few_are_made_at_a_time(public: TestClient) -> None:
    for _ in range(2):
        assert exports._turns.acquire(blocking=False)
    try:
        answer = public.get("/v1/exports/areas")
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert public.get("/v1/areas").status_code == 200
    finally:
        for _ in range(2):
            exports._turns.release()
    assert public.get("/v1/exports/areas").status_code == 200


def test_wrong_requests_name_the_field(public: TestClient) -> None:
    assert_problem(public.get("/v1/exports/areas?format=zip"), 400, "format")
    assert_problem(public.get("/v1/exports/areas?foo=1"), 400, "foo")


def test_the_pack_of_an_area_is_marked_and_audited_as_files_are(service: Service) -> None:
    partner, public = service.client("lsm"), service.client()
    (area,) = partner.get("/v1/areas?within=53&level=regency&limit=1").json()["areas"]
    address = f"/v1/packs/{area['code']}"
    answer = partner.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'filename="petajaga-{area["code"]}.html"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert "TERBATAS" in answer.text
    assert area["name"] in answer.text
    (mark,) = marks_in_text(answer.text)
    rows = audit.entries(service.app.state.register, account="lsm")
    assert f"{mark} partner pack {area['code']}" in {row["target"] for row in rows}
    assert ("get_pack", address) in {(row["action"], row["target"]) for row in rows}
    everybodys = public.get(address).text
    assert "TERBATAS" not in everybodys
    assert not marks_in_text(everybodys)
    assert public.get("/v1/packs/99.99").status_code == 404


def marks_in_text(text: str) -> set[str]:
    return set(re.findall(r"pjm-[a-z2-7]{12}", text))
