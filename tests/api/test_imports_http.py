"""``/v1/imports``: tried, confirmed, listed, undone; nothing there for other desks and sites."""

from __future__ import annotations

import csv
import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from starlette.testclient import TestClient

import api.endpoints.imports as endpoint
from api.auth import audit
from api.auth.accounts import add_account
from geo.imports.kinds import KINDS
from geo.imports.store import entries
from tests.api.conftest import Service
from tests.geo.agreements import registered
from tests.geo.synthetic_roads import write_osm

pytestmark = pytest.mark.slow

PLACES = "code,name,lat,lon\n53.02.01.1001,Soe,-9.86071,124.28395\n"


@pytest.fixture
def loading(fresh: Callable[..., Service]) -> Service:
    return fresh()


def send(client: TestClient, text: str | bytes, kind: str = "places", **more: object) -> object:
    return client.post(
        "/v1/imports", data={"kind": kind}, files={"file": ("data.csv", text)}, **more
    )


def test_tried_confirmed_listed_and_undone(loading: Service) -> None:
    client = loading.client("perencana")
    tried = send(client, PLACES)
    assert tried.status_code == 200, tried.text
    body = tried.json()
    assert (body["state"], body["read"], body["accepted"], body["refused"]) == ("waiting", 1, 1, 0)
    assert tried.headers["cache-control"] == "private, no-store"
    assert entries(loading.home) == []
    done = client.post(f"/v1/imports/{body['id']}/confirm")
    assert (done.status_code, done.json()["changed"]) == (200, True)
    assert done.json()["import"]["by"] == "perencana"
    assert [entry.id for entry in entries(loading.home)] == [body["id"]]
    again = send(client, PLACES).json()["id"]
    assert client.post(f"/v1/imports/{again}/confirm").json()["changed"] is False
    listed = client.get("/v1/imports").json()
    assert [one["id"] for one in listed["imports"]] == listed["waiting"] == [body["id"]]
    assert client.delete(f"/v1/imports/{body['id']}").status_code == 200
    listed = client.get("/v1/imports").json()
    assert (listed["imports"], listed["waiting"], listed["undone"]) == ([], [], [])
    assert [(row["id"], row["undone_by"]) for row in listed["history"]] == [
        (body["id"], "perencana")
    ]
    actions = {row["action"] for row in audit.entries(loading.app.state.register)}
    assert {"try_import", "confirm_import", "undo_import"} <= actions


def test_proposals_are_swept_by_a_request_and_by_the_service_itself(loading: Service) -> None:
    client = loading.client("perencana")

    def aged() -> Path:
        place = next(loading.home.imports.glob(f"pending/*/{send(client, PLACES).json()['id']}"))
        os.utime(place, (time.time() - 3300,) * 2)
        return place

    place = aged()
    assert client.get("/v1/imports").status_code == 200
    assert not place.exists()
    place, until = aged(), time.monotonic() + 30
    with TestClient(loading.app):  # which starts and ends the service
        while place.exists() and time.monotonic() < until:
            time.sleep(0.05)
    assert not place.exists()


def test_the_file_may_be_the_body(loading: Service) -> None:
    client = loading.client("polisi")
    answer = client.post("/v1/imports?kind=places&name=a.csv", content=PLACES.encode())
    assert answer.json()["accepted"] == 1


@pytest.mark.parametrize("name", ["desa.xlsx", "data", "salah.csv"])
def test_a_workbook_comes_as_one_whatever_its_name(loading: Service, name: str) -> None:
    book = openpyxl.Workbook()
    for row in csv.reader(PLACES.splitlines()):
        book.active.append(row)
    book.copy_worksheet(book.active).title = "Lain"
    content = io.BytesIO()
    book.save(content)
    client = loading.client("perencana")
    file = {"file": (name, content.getvalue())}
    refused = client.post("/v1/imports", data={"kind": "places"}, files=file)
    assert (refused.status_code, refused.json()["code"]) == (400, "imports.several_sheets")
    tried = client.post("/v1/imports", data={"kind": "places", "sheet": "Lain"}, files=file)
    assert (tried.status_code, tried.json()["accepted"]) == (200, 1)
    query = {"kind": "places", "name": name, "sheet": "Lain"}
    same = client.post("/v1/imports", params=query, content=content.getvalue())
    assert same.json()["id"] == tried.json()["id"]


FORMATS = (
    *("csv", "csv.gz", "tsv", "xlsx", "xlsm", "ods", "geojson", "geojsonl", "gpkg", "fgb", "kml"),
    *("kmz", "parquet", "zip"),
)


def village(folder: Path, end: str) -> bytes:
    """The village of ``PLACES`` in a format."""
    frame = gpd.GeoDataFrame(
        {"code": ["53.02.01.1001"], "name": ["Soe"]},
        geometry=[shapely.Point(124.28395, -9.86071)],
        crs=4326,
    )
    path = folder / f"desa.{end}"
    table = pd.read_csv(io.StringIO(PLACES), dtype={"code": str})
    if end in {"csv", "csv.gz", "tsv"}:
        table.to_csv(path, index=False, sep="\t" if end == "tsv" else ",")
    elif end in {"xlsx", "xlsm"}:
        table.to_excel(folder / "desa.xlsx", index=False)
        (folder / "desa.xlsx").rename(path)
    elif end == "ods":
        pyogrio.write_dataframe(table, path, driver="ODS")
    elif end == "parquet":
        frame.to_parquet(path)
    elif end in {"kmz", "zip"}:
        inner = folder / "inner"
        inner.mkdir()
        if end == "kmz":
            frame.to_file(inner / "doc.kml", driver="LIBKML")
        else:
            frame.to_file(inner / "desa.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in inner.iterdir():
                archive.write(part, part.name)
    else:
        frame.to_file(path, driver="LIBKML" if end == "kml" else None)
    return path.read_bytes()


@pytest.mark.parametrize("end", FORMATS)
def test_every_format_comes_through_http(loading: Service, end: str, tmp_path: Path) -> None:
    file = {"file": (f"desa.{end}", village(tmp_path, end))}
    client = loading.client("perencana")
    tried = client.post("/v1/imports", data={"kind": "places"}, files=file)
    assert tried.status_code == 200, tried.text
    assert (tried.json()["state"], tried.json()["accepted"]) == ("waiting", 1)
    done = client.post(f"/v1/imports/{tried.json()['id']}/confirm")
    assert done.json()["changed"] is True
    (entry,) = entries(loading.home)
    assert (
        entry.path(loading.home)
        .read_text("utf-8")
        .splitlines()[1]
        .startswith("53.02.01.1001,Soe,-9.86071,124.28395,")
    )


def test_nothing_is_there_without_a_desk(service: Service) -> None:
    client = service.client()
    missing = client.get("/v1/nothing")
    for answer in (
        client.get("/v1/imports"),
        send(client, PLACES),
        client.post("/v1/imports/0123456789ab/confirm"),
        client.delete("/v1/imports/0123456789ab"),
        client.get("/v1/rebuild"),
        client.post("/v1/rebuild"),
        client.delete("/v1/rebuild"),
    ):
        assert answer.status_code == 404
        assert answer.json()["detail"] == missing.json()["detail"]


def test_one_desk_cannot_confirm_or_undo_what_another_sent(loading: Service) -> None:
    planner, police = loading.client("perencana"), loading.client("polisi")
    name = send(police, PLACES).json()["id"]
    assert planner.post(f"/v1/imports/{name}/confirm").status_code == 404
    assert police.post(f"/v1/imports/{name}/confirm").status_code == 200
    assert not any(planner.get("/v1/imports").json().values())
    assert planner.delete(f"/v1/imports/{name}").status_code == 404
    assert police.delete(f"/v1/imports/{name}").status_code == 200


def test_a_planner_loads_the_own_province_and_no_terminals(loading: Service) -> None:
    client = loading.client("perencana")
    other = send(client, PLACES + "73.12.01.1001,Soppeng,-4.35,119.9\n").json()
    assert (other["accepted"], other["refused"]) == (1, 1)
    assert "replaced" not in other
    terminals = "name,kind,lat,lon\nDermaga Uji,ferry,-9.9,124.9\n"
    assert send(client, terminals, "terminals").status_code == 400
    assert send(loading.client("polisi"), terminals, "terminals").json()["accepted"] == 1


def test_an_ngo_loads_its_visits_and_villages_of_the_own_province(loading: Service) -> None:
    client = loading.client("lsm")
    assert send(client, PLACES).json()["accepted"] == 1
    head = "area_code,organisation,year\n"
    visits = f"{head}53.02.01.1001,Rumah Perempuan,2024\n73.12.01.1001,Rumah Perempuan,2024\n"
    tried = send(client, visits, "outreach").json()
    assert (tried["accepted"], tried["refused"]) == (1, 1)
    under = registered(loading.home, number="LSM-1")
    done = client.post(f"/v1/imports/{tried['id']}/confirm?under={under}")
    assert done.json()["changed"] is True
    months = "area_code,organisation,month,people\n53.02.01.1001,Rumah Perempuan,{},35\n"
    tried = send(client, months.format("2024-07"), "outreach").json()
    assert (tried["preview"][0]["month"], tried["preview"][0]["people"]) == ("2024-07", "35")
    (issue,) = send(client, months.format("2024-07-15"), "outreach").json()["issues"]
    assert "2024-07-15" in issue["message"]
    assert issue["message"].endswith("2024-07")
    refused = send(client, "place_code,year,measure,value\n53.71,2024,tppo_cases,1\n", "counts")
    assert (refused.status_code, refused.json()["code"]) == (400, "import_http.other_desk")
    assert refused.json()["params"]["kinds"] == ["outreach", "places"]


def test_columns_codes_and_decimals_are_decided_in_the_form_or_the_query(loading: Service) -> None:
    client = loading.client("perencana")
    text = 'kode,nama,tahun,Miskin,x\n5304,Timor Tengah Selatan,2024,"24,5",1\n'
    refused = send(client, text, "indicators").json()
    assert refused["code"] == "imports.unknown_columns"
    assert refused["params"]["headings"] == ["Miskin", "x"]
    assert refused["params"]["nearest"][0] == "poverty_rate"
    columns = ["Miskin=poverty_rate", "x=ignore", "source=BPS"]
    decided = {"map": columns, "codes": "bps", "decimal": "comma"}
    file = {"file": ("data.csv", text)}
    tried = client.post("/v1/imports", data={"kind": "indicators", **decided}, files=file)
    assert (tried.status_code, tried.json()["accepted"]) == (200, 1), tried.text
    (row,) = tried.json()["preview"]
    assert (row["area_code"], row["indicator"], row["value"]) == ("53.02", "poverty_rate", "24.5")
    assert tried.json()["mapping"] == {"Miskin": "poverty_rate", "x": "ignore", "source": "BPS"}
    query = {"kind": "indicators", "name": "data.csv", **decided}
    same = client.post("/v1/imports", params=query, content=text.encode())
    assert same.json()["id"] == tried.json()["id"]
    for wrong in ({"codes": "dagri"}, {"decimal": "."}, {"map": ["no pair"]}):
        data = {"kind": "indicators", **wrong}
        assert client.post("/v1/imports", data=data, files=file).status_code == 400


def test_each_desk_gets_the_words_for_its_kinds_and_an_example_that_can_be_read(
    loading: Service,
) -> None:
    for name, others in (("lsm", {"counts", "posts"}), ("perencana", {"posts", "legs"})):
        client = loading.client(name)
        kinds = {row["kind"]: row for row in client.get("/v1/imports/kinds").json()["kinds"]}
        assert others.isdisjoint(kinds)
        assert all(kind["title"] and kind["help"] for kind in kinds.values())
        for kind in others:
            assert client.get(f"/v1/imports/template?kind={kind}").status_code == 400
    police = loading.client("polisi")
    kinds = {row["kind"]: row for row in police.get("/v1/imports/kinds").json()["kinds"]}
    assert set(kinds) == set(KINDS)
    assert {"slug": "tppo_victims", "label": "trafficking victims"} in kinds["counts"]["series"]
    labels = {column["name"]: column["label"] for column in kinds["counts"]["columns"]}
    assert (labels["value"], labels["year"]) == ("Value", "Year")
    unlabelled = [
        column["name"]
        for kind in kinds.values()
        for column in kind["columns"]
        if not column["label"][:1].isupper()
    ]
    assert unlabelled == []
    example = police.get("/v1/imports/template?kind=outreach")
    assert example.headers["content-disposition"] == 'attachment; filename="outreach.csv"'
    assert send(police, example.text, "outreach").json()["accepted"] == 1


def test_the_police_desk_loads_a_road_network(loading: Service, tmp_path: Path) -> None:
    points = [(1, 123.6, -10.2), (2, 123.7, -10.1), (3, 123.8, -10.0)]
    path = write_osm(tmp_path / "a.osm.pbf", points, [(1, [1, 2, 3], {"highway": "primary"})])
    client = loading.client("polisi")
    file = {"file": ("nusa-tenggara.osm.pbf", path.read_bytes())}
    planner = loading.client("perencana")
    assert planner.post("/v1/imports", data={"kind": "network"}, files=file).status_code == 400
    tried = client.post("/v1/imports", data={"kind": "network"}, files=file)
    assert tried.status_code == 200, tried.text
    body = tried.json()
    assert (body["state"], body["read"], body["accepted"]) == ("waiting", 1, 1)
    assert body["figures"]["km_by_class"] == {"primary": 31.1}
    assert client.post(f"/v1/imports/{body['id']}/confirm").json()["changed"] is True
    assert [entry.kind for entry in entries(loading.home)] == ["network"]
    assert client.delete(f"/v1/imports/{body['id']}").status_code == 200
    cut = {"file": ("a.osm.pbf", path.read_bytes()[:-30])}
    broken = client.post("/v1/imports", data={"kind": "network"}, files=cut)
    assert broken.status_code == 400
    assert "damaged" in broken.json()["detail"]
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code,name,lat,lon\n53.02.01.1001,5302014107900001,-9.8,124\n", "line 2, column 2"),
        ("code,name,lat,lon\n53.02.01.1001,Rumah Aman,-9.8,124\n", "shelter"),
        ("code,name,lat,lon,hue\n53.02.01.1001,a,-9.8,124,1\n", "unknown column hue"),
        (b"\x00\x01\x02", "zero bytes"),
        ("", "empty"),
    ],
)
def test_refused_files_answer_400_and_the_service_goes_on(
    loading: Service, text: str | bytes, words: str
) -> None:
    client = loading.client("polisi")
    answer = send(client, text)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert "5302014107900001" not in answer.text
    assert client.get("/health").status_code == 200


def test_a_deep_file_and_a_broken_form_are_refused(loading: Service) -> None:
    client = loading.client("polisi")
    deep = b'{"type":"FeatureCollection","features":' + b"[" * 100_000
    answer = client.post("/v1/imports?kind=boundaries&name=a.geojson", content=deep)
    assert answer.status_code == 400
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/v1/imports", content=b"--x\r\nbroken", headers=kind).status_code == 400
    assert client.post("/v1/imports", data={"kind": "places"}).status_code == 400
    assert client.post("/v1/imports?kind=people&name=a.csv", content=b"a").status_code == 400
    assert client.post("/v1/imports?kind=places", content=b"a").status_code == 400


@pytest.mark.parametrize(
    ("language", "message"),
    [("id", "tidak ada wilayah dengan kode '99.99'"), ("en", "no area has the code '99.99'")],
)
def test_the_report_is_in_the_language_of_the_reader(
    loading: Service, language: str, message: str
) -> None:
    text = PLACES + "99.99,Nowhere,-9.8,124\n"
    report = send(loading.client("polisi"), text, headers={"Accept-Language": language}).json()
    assert report["issues"] == [
        {
            "line": 3,
            "column": "code",
            "outcome": "refused",
            "code": "cell.unknown_code",
            "params": {"value": "'99.99'"},
            "message": message,
        }
    ]
    assert report["reasons"] == {"refused": {"cell.unknown_code": 1}}


def test_another_site_may_not_send_a_file(service: Service) -> None:
    client = service.client("polisi")
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert send(client, PLACES, headers=headers).status_code == 403


def test_files_have_a_size_limit_and_other_routes_keep_theirs(service: Service) -> None:
    client = service.client("polisi")
    large = b"x" * (endpoint.MOST_BYTES + 2_000_000)
    assert client.post("/v1/imports?kind=places&name=a.csv", content=large).status_code == 413
    assert client.post("/v1/session", content=b"x" * 100_000).status_code == 413


def test_only_the_police_desk_learns_that_posts_can_be_imported(loading: Service) -> None:
    """For a planner the kind does not exist, neither in the answer nor in the documentation."""
    posts = "terminal_id,name,since\ntenau,Pos,2024\n"
    planner, police = loading.client("perencana"), loading.client("polisi")
    hidden, unknown = (send(planner, posts, kind) for kind in ("posts", "people"))
    assert hidden.status_code == unknown.status_code == 400
    assert hidden.json()["detail"].replace("'posts'", "'people'") == unknown.json()["detail"]
    assert "posts" not in unknown.json()["detail"]
    assert "/v1/imports" not in loading.client().get("/openapi.json").json()["paths"]
    document = planner.get("/openapi.json").json()
    form = document["paths"]["/v1/imports"]["post"]["requestBody"]["content"]
    assert "posts" not in str(form)
    answer = send(police, posts, "posts").json()
    assert (answer["accepted"], answer["refused"]) == (1, 0)


def test_a_planner_imports_offices_of_the_own_province(loading: Service) -> None:
    text = "jenis,nama,kode,status\nuptd_ppa,UPTD Belu,53.04,buka\np4mi,P4MI Nunukan,65.04,buka\n"
    answer = send(loading.client("perencana"), text, "services").json()
    assert (answer["accepted"], answer["refused"]) == (1, 1)


def test_counts_are_confirmed_under_an_agreement_that_fits_the_account(loading: Service) -> None:
    planner, police = loading.client("perencana"), loading.client("polisi")
    form = planner.get("/v1/imports/agreements/template")
    assert form.headers["content-type"].startswith("text/markdown")
    assert "retain_until" in form.text
    registered(loading.home, number="A", tiers=["police"])
    registered(loading.home, number="B", places=["53"])
    registered(loading.home, number="C", places=["65"])
    registered(loading.home, number="D", retain_until="2026-02-01")
    counts = "place_code,year,measure,value\n53.02,2024,persons_stopped,9\n"
    name = send(planner, counts, "counts").json()["id"]
    fitting = planner.get("/v1/imports/agreements").json()["agreements"]
    assert [agreement["number"] for agreement in fitting] == ["B"]
    assert "contact" not in fitting[0]
    everyone = police.get("/v1/imports/agreements").json()["agreements"]
    assert [agreement["number"] for agreement in everyone] == ["A", "B", "C"]
    needed = planner.post(f"/v1/imports/{name}/confirm")
    assert (needed.status_code, needed.json()["code"]) == (400, "agreement.needed")
    hidden, unknown = (
        planner.post(f"/v1/imports/{name}/confirm?under={number}") for number in ("A", "Z")
    )
    assert hidden.status_code == unknown.status_code
    assert hidden.json()["detail"].replace("'A'", "'Z'") == unknown.json()["detail"]
    done = planner.post(f"/v1/imports/{name}/confirm?under=B")
    assert (done.status_code, done.json()["import"]["under"]) == (200, "B")


BY_YEAR = """\
No;Kabupaten Asal;2023;2024;Jumlah;%
1;Kab. TTS;1.200;38;1.238;98,00
2;Kab. Belu;20;-;20;2,00
JUMLAH;;1.220;38;1.258;100,00
"""


def test_a_mapping_is_stated_in_the_form_and_remembered_once_confirmed(loading: Service) -> None:
    client = loading.client("perencana")
    registered(loading.home, number="B", places=["53"])
    refused = send(client, BY_YEAR, "counts")
    assert (refused.status_code, refused.json()["code"]) == (400, "imports.missing_columns")

    def post(text: str, *mapped: str, **more: str) -> dict[str, object]:
        data = {"kind": "counts", "map": list(mapped), **more}
        answer = client.post("/v1/imports", data=data, files={"file": ("data.csv", text)})
        assert answer.status_code == 200, answer.text
        body: dict[str, object] = answer.json()
        return body

    report = post(BY_YEAR, "measure=prevented", "%=ignore")
    assert (report["accepted"], report["left_out"], report["refused"]) == (3, 2, 0)
    headings = {column["heading"]: column["reason"] for column in report["columns"]}
    assert headings["Jumlah"] == "sum"
    assert report["preview"][0]["value"] == "1200"
    next_year = BY_YEAR.replace("2024", "2025")
    assert send(client, next_year, "counts").status_code == 400  # not confirmed yet
    assert client.post(f"/v1/imports/{report['id']}/confirm?under=B").status_code == 200
    later = post(next_year)
    assert later["accepted"] == 3
    assert "import_note.remembered" in {note["code"] for note in later["notes"]}


def test_options_of_a_file_are_checked(loading: Service) -> None:
    client = loading.client("perencana")
    for field, value, code in (
        ("map", "Korban", "imports.map_form"),
        ("codes", "iso", "imports.unknown_system"),
        ("decimal", "dot", "imports.unknown_decimal"),
    ):
        data = {"kind": "counts", field: value}
        answer = client.post("/v1/imports", data=data, files={"file": ("data.csv", BY_YEAR)})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    answer = client.post(
        "/v1/imports?kind=counts&name=a.csv&map=measure%3Dprevented&map=%25%3Dignore",
        content=BY_YEAR.encode(),
    )
    assert answer.json()["accepted"] == 3, answer.text


def test_the_police_of_a_province_load_posts_at_its_terminals(loading: Service) -> None:
    new = add_account(
        loading.app.state.register, name="polda-ntt", desk="police", tier="police",
        province_code="53",
    )  # fmt: skip
    loading.passwords[new.account.name] = new.password
    client = loading.client(new.account.name)
    kinds = {kind["kind"] for kind in client.get("/v1/imports/kinds").json()["kinds"]}
    assert "posts" in kinds
    assert not kinds & {"terminals", "legs", "network"}
    head, _tags, tenau = client.get("/v1/imports/template?kind=posts").text.splitlines()
    rows = [tenau, tenau.replace("tenau", "tunon-taka"), tenau.replace("tenau", "nowhere")]
    tried = send(client, "\n".join([head, *rows]), "posts").json()
    assert (tried["accepted"], tried["refused"]) == (1, 2), tried
    assert {issue["code"] for issue in tried["issues"]} == {"cell.other_province"}
    assert {issue["column"] for issue in tried["issues"]} == {"terminal_id"}
    done = client.post(f"/v1/imports/{tried['id']}/confirm").json()
    (entry,) = entries(loading.home)
    assert (done["changed"], entry.kind, entry.by) == (True, "posts", "polda-ntt")
