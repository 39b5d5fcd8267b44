"""Texts of geo: every code is in both catalogues, and a report is wholly in one language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import geo.errors
from geo.errors import InputError, PetajagaError
from geo.i18n import Message, languages, messages
from geo.imports.kinds import kind_named, template
from geo.imports.numbers import CellError
from geo.imports.report import Report, from_json, to_json
from geo.imports.service import dry_run
from geo.paths import Home
from tests.geo.synthetic_roads import write_osm

GEO = Path(geo.errors.__file__).parent
FAMILIES = (
    *("cell.", "coast.", "disclosure.", "import_guide.", "import_note.", "imports.", "names."),
    *("os.", "personal.", "position.", "quality.", "rebuild.", "repair.", "sea.", "tables."),
    "way.",
)
"""Families of keys that code under geo/ uses."""
KEY = re.compile(rf"(?!disclosure.key\b)(?:{'|'.join(map(re.escape, FAMILIES))})[a-z0-9_]+")
CALLS = {"CellError", "Message", "Refused", "text"}
TELLTALE = {
    "id": re.compile(
        r"\b(adalah|atau|bukan|dalam|dan|dari|dengan|di|hanya|harus|ini|itu|ke|kolom|lebih|memuat|"
        r"misalnya|pada|sampai|sebagai|satu|sel|tanpa|tetapi|tidak|untuk|yang)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(an|and|are|as|at|be|by|cannot|file|for|from|has|have|in|is|it|its|lies|must|not|of|"
        r"on|or|than|that|the|this|to|was|were|which|with|without)\b",
        re.IGNORECASE,
    ),
}
"""Function words of a language, which a text of the other one does not have."""
OTHER = {"id": "en", "en": "id"}


def codes_of(node: ast.expr) -> Iterator[str]:
    """The keys that an expression may be; ``family.`` where the rest is computed."""
    match node:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp(body=body, orelse=orelse):
            yield from codes_of(body)
            yield from codes_of(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(code)), *_]):
            yield code
        case ast.JoinedStr():
            yield ast.unparse(node)


def raised() -> list[Any]:
    """Place and code of each error, message and note under geo/, and of any other key there."""
    places = []
    for path in sorted(GEO.rglob("*.py")):
        if path.is_relative_to(GEO / "i18n"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and KEY.fullmatch(str(node.value)):
                places.append((f"{path.relative_to(GEO)}:{node.lineno}", str(node.value)))
            if not isinstance(node, ast.Call) or not node.args:
                continue
            method = getattr(node.func, "attr", "")
            name = getattr(node.func, "id", "")
            if hasattr(geo.errors, name) or name in CALLS or method == "note":
                where = f"{path.relative_to(GEO)}:{node.lineno}"
                places += [(where, code) for code in codes_of(node.args[0])]
    return places


def test_every_code_is_in_both_catalogues() -> None:
    places = [(where, code) for where, code in raised() if code]
    assert len(places) > 180
    for language in languages():
        texts = messages(language, "")
        missing = [
            (where, code)
            for where, code in places
            if code not in texts
            and not (code.endswith(".") and any(key.startswith(code) for key in texts))
        ]
        assert missing == []


def test_no_text_is_unused() -> None:
    rooms = (GEO.parent / room for room in ("geo", "routes", "layers", "api"))
    source = "\n".join(path.read_text("utf-8") for room in rooms for path in room.rglob("*.py"))
    computed = ("quality.", "position.", "import_guide.", "os.", "names.")
    unused = [key for key in messages("en", *FAMILIES) if f'"{key}"' not in source]
    assert [key for key in unused if not key.startswith(computed)] == []


@pytest.mark.parametrize("language", ["id", "en"])
def test_texts_are_in_their_language(language: str) -> None:
    """Apart from placeholders and the name of a file."""
    wrong = {}
    for key, forms in messages(language, *FAMILIES).items():
        for form in [forms] if isinstance(forms, str) else forms:
            if words := TELLTALE[OTHER[language]].findall(re.sub(r"\{.*?\}|\S+\.in\b", "", form)):
                wrong[key] = words
    assert wrong == {}


BAD_INDICATORS = """\
area_code,indicator,year,value,unit,source
53.02,poverty_rate,2023,12.5,percent,BPS
11.1,Poverty Rate,45000,"21,5",%,BPS
5302,poverty_rate,2023,1,percent,BPS
99.99,poverty_rate,2023,1,percent,BPS
53.03,poverty_rate,2023,101,percent,BPS
53.04,poverty_rate,,1,percent,BPS
53.02,poverty_rate,2023,1,percent,BPS
53.05,poverty_rate,2023,0.2,percent,BPS
53.05,poverty_rat,2023,20,percent,BPS
53.05,population,2023,20.5,persons,BPS
53.05,poverty_rate,2923,abc,percent,BPS
53.05,poverty_rate,2099,20,percent,BPS
53.05,wells,2023,20,index,BPS
91.02.99,poverty_rate,2019,10,percent,=SUM(A1)
"""
BAD_LEGS = """\
from_id;to_id;mode;hours;departures_per_week
tenau;larantuka;ferry;0.01;2
tenau;nowhere;ferry;;2
tenau;tenau;ferry;;2
tenau;larantuka;rocket;;2
tenau;larantuka;ferry;;2.000.000,5
larantuka;tenau;ferry;;2
"""
BAD_PLACES = """\
code,name,lat,lon,population
53.02.01.1001,Soe,124.28395,-9.86071,40190
53.02.01.1002,Far,3.5,98.6,1
53.02.01.1003,Out,50.1,8.6,1
53.02.01,District,-9.8,124.2,-3
"""


def texts(report: Report, language: str) -> list[str]:
    """All prose of a report."""
    values = report.in_language(language)
    return [item["message"] for item in (*values["notes"], *values["issues"])]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "content", "least"),
    [("indicators", BAD_INDICATORS, 15), ("legs", BAD_LEGS, 7), ("places", BAD_PLACES, 4)],
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_report_of_a_bad_file_is_in_one_language(
    kind: str, content: str, least: int, language: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content, "utf-8")
    report = dry_run(path, kind, Home.resolve(tmp_path / "home"))
    prose = texts(report, language)
    assert len(prose) >= least
    assert [text for text in prose if TELLTALE[OTHER[language]].search(text)] == []
    assert sum(bool(TELLTALE[language].search(text)) for text in prose) > len(prose) / 2
    refused = report.reasons["refused"]
    assert sum(refused.values()) == report.refused
    assert set(refused) <= set(messages("id", ""))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_report_of_a_road_network_is_in_one_language(language: str, tmp_path: Path) -> None:
    points = [(1, 123.6, -10.2), (2, 123.7, -10.1), (3, 123.8, -10.0)]
    lines = [(1, [1, 2, 3], {"highway": "primary"}), (2, [1, 3], {"highway": "footway"})]
    path = write_osm(tmp_path / "a.osm.pbf", points, lines)
    report = dry_run(path, "network", Home.resolve(tmp_path / "home"))
    prose = texts(report, language)
    assert len(prose) == 6
    assert [text for text in prose if TELLTALE[OTHER[language]].search(text)] == []
    assert report.reasons == {"refused": {"way.not_for_vehicles": 1}}
    length = {"id": "31,1", "en": "31.1"}[language]
    assert any(f"primary {length.partition(',')[0][:2]}" in text for text in prose)
    guide = template(kind_named("network"), language)
    assert not TELLTALE[OTHER[language]].search(guide)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "code,name,lat,lon,colour,hue\n53.02.01.1001,a,-9.8,124,red,1\n"),
        ("a.csv", "code,name\n53.02.01.1001,a\n"),
        ("a.csv", "code,name,lat,lon\n53.02.01.1001,5302014107900001,-9.8,124\n"),
        ("a.csv", "code,name,lat,lon\n53.02.01.1001,Rumah Aman,-9.8,124\n"),
        ("a.csv", "code,name,lat,lon,nama_korban\n53.02.01.1001,a,-9.8,124,Budi\n"),
        ("a.geojson", '{"type": "FeatureCollection", "features": [NaN]}'),
        ("a.doc", "x"),
        ("a.zip", "x"),
    ],
)
def test_a_refused_file_has_one_line_in_each_language(
    name: str, content: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InputError) as refused:
        dry_run(tmp_path / name, "places", Home.resolve(tmp_path / "home"))
    for language in ("id", "en"):
        line = refused.value.in_language(language)
        assert "\n" not in line
        assert not TELLTALE[OTHER[language]].search(line)
        assert TELLTALE[language].search(line)


def test_a_report_survives_json() -> None:
    report = Report(kind="places", file="a.csv", figures={"km": 3.5})
    report.note("import_note.roads_by_class", classes=[Message("import_note.none")])
    report.add(2, "code", "refused", Message("cell.unknown_code", {"value": "'{0.__class__}{}'"}))
    copy = Report.from_dict(from_json(to_json(report)))
    assert copy == report
    assert copy.in_language("id")["issues"] == [
        {
            "line": 2,
            "column": "code",
            "outcome": "refused",
            "code": "cell.unknown_code",
            "params": {"value": "'{0.__class__}{}'"},
            "message": "tidak ada wilayah dengan kode '{0.__class__}{}'",
        }
    ]


def test_errors_of_a_cell_are_errors_of_input() -> None:
    error = CellError("cell.not_number", field="value", value="'x'")
    assert isinstance(error, PetajagaError)
    assert (error.field, str(error)) == ("value", "'x' is not a finite number")
