"""Filters in CQL2: the compiler against plain Python, the reader against another, and limits."""

from __future__ import annotations

import json
import re
import threading
import time
from contextlib import suppress
from typing import Any

import cql2
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError, UnknownNameError
from layers.query.cql2 import filter_condition
from layers.query.cql2_text import MOST_CHARACTERS, parse_cql2_text
from layers.query.crs import CRS_URIS, code_of, from_crs84
from layers.registry import LAYERS, fields_for
from layers.release.release import Release

LAYER = "areas"
NUMBERS = ("population", "score_mean", "lat")
TEXTS = ("name", "class", "level", "code")
SOME_TEXTS = ["", "53", "Kota Batam", "kota batam", "KABUPATEN Belu", "high", "regency", "O'Hara"]
SOME_NUMBERS = [0.0, 4.0, 4.4, -8.66, 7.4, 366000.0, 1e6, -1e9]
WORDS = st.one_of(st.sampled_from(SOME_TEXTS), st.text(max_size=4))
FIGURES = st.one_of(st.sampled_from(SOME_NUMBERS), st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))
PATTERNS = st.lists(
    st.sampled_from(["%", "_", "K", "kota", "a", "\\%", "\\_", "*", "[", "?", "\\\\"]), max_size=5
).map("".join)
DEGREES = st.tuples(
    st.floats(100, 130).map(lambda x: round(x, 2)), st.floats(-12, 6).map(lambda x: round(x, 2))
)


def prop(name: str) -> dict[str, Any]:
    return {"property": name}


def lower(node: Any) -> dict[str, Any]:
    return {"op": "casei", "args": [node]}


def _box(corners: tuple[tuple[float, float], tuple[float, float]]) -> dict[str, Any]:
    (a, b), (c, d) = corners
    return {"bbox": [min(a, c), min(b, d), max(a, c), max(b, d)]}


OPERATORS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
PREDICATES = st.one_of(
    st.builds(lambda op, n, v: {"op": op, "args": [prop(n), v]}, OPERATORS,
              st.sampled_from(NUMBERS), FIGURES),
    st.builds(lambda op, n, v: {"op": op, "args": [v, prop(n)]}, OPERATORS,
              st.sampled_from(TEXTS), WORDS),
    st.builds(lambda op, n, v: {"op": op, "args": [lower(prop(n)), lower(v)]}, OPERATORS,
              st.sampled_from(TEXTS), WORDS),
    st.builds(lambda n, v: {"op": "like", "args": [prop(n), v]}, st.sampled_from(TEXTS), PATTERNS),
    st.builds(lambda n, v: {"op": "like", "args": [lower(prop(n)), lower(v)]},
              st.sampled_from(TEXTS), PATTERNS),
    st.builds(lambda n, a, b: {"op": "between", "args": [prop(n), a, b]},
              st.sampled_from(NUMBERS), FIGURES, FIGURES),
    st.builds(lambda n, v: {"op": "in", "args": [prop(n), v]}, st.sampled_from(TEXTS),
              st.lists(WORDS, min_size=1, max_size=3)),
    st.builds(lambda n: {"op": "isNull", "args": [prop(n)]}, st.sampled_from(NUMBERS + TEXTS)),
    st.builds(lambda box: {"op": "s_intersects", "args": [prop("geometry"), _box(box)]},
              st.tuples(DEGREES, DEGREES)),
    st.builds(
        lambda points: {"op": "s_intersects", "args": [
            prop("geometry"), json.loads(shapely.to_geojson(shapely.convex_hull(
                shapely.multipoints(points)).buffer(0.1, quad_segs=1)))]},
        st.lists(DEGREES, min_size=3, max_size=5),
    ),
)  # fmt: skip
FILTERS = st.recursive(
    PREDICATES,
    lambda inner: st.one_of(
        st.builds(lambda op, parts: {"op": op, "args": parts}, st.sampled_from(["and", "or"]),
                  st.lists(inner, min_size=2, max_size=3)),
        inner.map(lambda part: {"op": "not", "args": [part]}),
    ),
    max_leaves=6,
)  # fmt: skip


def _pattern(text: str) -> str:
    """A LIKE pattern as a regular expression."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    known = {"%": ".*", "_": "."}
    return "".join(known.get(p, re.escape(p[1:] if len(p) > 1 else p)) for p in parts)


def truth(node: Any, feature: dict[str, Any]) -> bool | None:
    """The value of a filter for a feature, in three-valued logic, as the standard says it."""
    op, args = node["op"], node["args"]
    if op in ("and", "or"):
        values = [truth(part, feature) for part in args]
        decisive = op == "or"
        if decisive in values:
            return decisive
        return None if None in values else not decisive
    if op == "not":
        value = truth(args[0], feature)
        return None if value is None else not value
    if op == "s_intersects":
        if feature["geometry"] is None:
            return None
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        other = (shapely.box(*args[1]["bbox"]) if "bbox" in args[1]
                 else shapely.from_geojson(json.dumps(args[1])))  # fmt: skip
        if "bbox" in args[1] and other.area == 0:
            other = shapely.linestrings([args[1]["bbox"][:2], args[1]["bbox"][2:]])
        return bool(shapely.intersects(shape, other))
    values = [_value(arg, feature) for arg in args]
    if op == "isNull":
        return values[0] is None
    if values[0] is None or values[1] is None:
        return None
    one, two = values[0], values[1]
    match op:
        case "like":
            return re.fullmatch(_pattern(two), one, re.DOTALL) is not None
        case "between":
            return bool(two <= one <= values[2])
        case "in":
            return one in two
    return bool({
        "=": one == two, "<>": one != two, "<": one < two, "<=": one <= two, ">": one > two,
        ">=": one >= two,
    }[op])  # fmt: skip


def _value(node: Any, feature: dict[str, Any]) -> Any:
    match node:
        case {"property": name}:
            return feature["properties"][name]
        case {"op": "casei", "args": [inner]}:
            value = _value(inner, feature)
            return None if value is None else value.casefold()
    return node


@pytest.mark.parametrize(("tier", "province"), [("police", None), ("partner", "53")])
def test_the_compiler_chooses_what_plain_python_chooses(
    tier: str, province: str | None, release: Release
) -> None:
    everything = release.features(LAYER, tier, province=province, limit=1000).features
    assert len(everything) >= 9
    info = release.layer(LAYER, tier)

    @given(FILTERS)
    def compare(node: Any) -> None:
        condition = filter_condition(json.dumps(node), info, language="cql2-json")
        page = release.features(LAYER, tier, province=province, where=condition, limit=1000)
        wanted = [feature["id"] for feature in everything if truth(node, feature)]
        assert [feature["id"] for feature in page.features] == wanted
        assert page.matched == len(wanted)

    compare()


@given(FILTERS)
def test_text_is_read_as_another_reader_does(node: Any) -> None:
    text = cql2.parse_json(json.dumps(node)).to_text()
    if len(text) <= MOST_CHARACTERS:
        assert parse_cql2_text(text) == cql2.parse_text(text).to_json()


@pytest.mark.parametrize(
    "text",
    [
        "name = 'O''Hara' AND lat<>2.5", "NOT (name LIKE 'x%')", "name NOT LIKE 'x'",
        "lat BETWEEN 1 AND 3 or lat NOT BETWEEN -1.5e2 AND 0.3", "name IN ('x','y')",
        "lat NOT IN (1,2)", "lat IS NULL", "lat is not null", "CASEI(name)=casei('kup')",
        "CASEI(name) IN (CASEI('a'),CASEI('b'))", "S_INTERSECTS(geometry,BBOX(1,2,3,4))",
        "S_INTERSECTS(geometry,POLYGON((0 0,1 0,1 1,0 0)))", "S_INTERSECTS(geometry,POINT(1 2))",
        "official = TRUE", "official", "\"class\"='x'", "lat = 1 OR lat = 2 AND NOT lat = 3",
        "NOT NOT lat=1", "1 < lat", "name LIKE 'a\\%b'", "((lat = 1))",
        "S_INTERSECTS(geometry,MULTIPOLYGON(((0 0,1 0,1 1,0 0))))", "name = 'ü'",
    ],
)  # fmt: skip
def test_forms_of_the_language(text: str) -> None:
    assert parse_cql2_text(text) == cql2.parse_text(text).to_json()


@pytest.mark.parametrize(
    "text",
    [
        "", "lat", "lat = ", "= 1", "lat = 1;", "lat = 'x'", "name = 1", "name = TRUE", "lat = lat",
        "lat = 1 +  2", "lat = NULL", "(lat = 1", "lat = 1)", "name = 'x", "lat IN ()", "foo(lat)",
        "lat BETWEEN 1", "NOT", "lat NOT 1", "name LIKE 1", "lat LIKE 'x'", "CASEI(name) = 'x'",
        "CASEI(lat) = CASEI('1')", "S_INTERSECTS(geometry, 1)", "S_INTERSECTS(name, POINT(1 2))",
        "S_INTERSECTS(geometry, POINT(nan 2))", "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))",
        "S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))",
        "S_INTERSECTS(geometry, POINT EMPTY)", "S_INTERSECTS(geometry, BBOX(1,2,3))",
        "S_INTERSECTS(geometry, BBOX(1,4,3,2))", "S_WITHIN(geometry, POINT(1 2))", "DATE('2020')",
        "lat = 1 AND", "geometry = 1", "gaps = 'x'", "\x00", "lat == 1", "name = 'a' 'b'", "'x'",
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(text: str, release: Release) -> None:
    with pytest.raises(InputError):
        release.features(
            LAYER, "police", where=filter_condition(text, release.layer(LAYER, "police"))
        )


@pytest.mark.parametrize(
    "node",
    [
        "",
        "{",
        "[]",
        "null",
        "1",
        "NaN",
        '{"op":"=","args":[{"property":"lat"},NaN]}',
        "{}",
        '{"op":"=","args":[{"property":"lat"}]}',
        '{"op":"=","args":[{"property":["lat"]},1]}',
        '{"op":["="],"args":[{"property":"lat"},1]}',
        '{"op":"and","args":[]}',
        '{"op":"in"}',
        '{"op":"in","args":[{"property":"lat"},[]]}',
        '{"op":"not","args":[1]}',
        '{"op":"=","args":[{"property":"name"},{"date":"2020-01-01"}]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point"}]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":1}]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":["1",2,3,4]}]}',
        '{"op":"=","args":[{"property":"lat"},null]}',
    ],
)
def test_what_is_no_json_filter_is_refused(node: str, release: Release) -> None:
    info = release.layer(LAYER, "police")
    with pytest.raises(InputError):
        release.features(LAYER, "police", where=filter_condition(node, info, language="cql2-json"))


def test_a_hidden_field_is_answered_as_one_that_does_not_exist(release: Release) -> None:
    hidden = {f.name for f in fields_for(LAYERS[LAYER], "police") if f.queryable}
    hidden -= {f.name for f in fields_for(LAYERS[LAYER], "public")}
    assert hidden
    info = release.layer(LAYER, "public")
    for name in hidden:
        answers = []
        for asked in (name, "nonsense"):
            for form in ("{} = 'x'", "{} = 1", "{} IS NULL", "NOT {} > 1", "{} IN ('a')"):
                with pytest.raises(UnknownNameError) as error:
                    release.features(
                        LAYER, "public", where=filter_condition(form.format(asked), info)
                    )
                answers.append(str(error.value).replace(repr(asked), "?"))
        assert len(set(answers)) == 1


def test_a_filter_does_not_see_what_is_hidden_from_a_partner(release: Release) -> None:
    info = release.layer(LAYER, "partner")
    for form in ("score_mean > 0", "NOT score_mean > 0", "score_mean IS NOT NULL"):
        page = release.features(LAYER, "partner", province="53", where=filter_condition(form, info))
        assert {feature["id"][:2] for feature in page.features} <= {"53"}, form


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50 + "lat=", "(" * 2000, "NOT " * 999 + "lat=1", "lat=" + "-" * 3000 + "1",
        "casei(" * 600, "lat IN " + "(" * 3000, "'" * 3999, "lat = " + "[" * 3000,
        "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 200, " AND ".join(["lat=1"] * 490),
        " " * 3999, "a" * 4001, "lat=1 " * 600, "POINT" * 700, "(((lat=1) AND " * 280,
        "name LIKE '" + "%a" * 1900 + "'",
    ],
)  # fmt: skip
def test_no_filter_takes_long_or_breaks_the_process(text: str, release: Release) -> None:
    """In a thread with a small stack, where deep recursion would end the process."""
    taken: list[float] = []

    def read() -> None:
        start = time.process_time()
        with suppress(InputError):
            condition = filter_condition(text, release.layer(LAYER, "public"))
            release.features(LAYER, "public", where=condition)
        taken.append(time.process_time() - start)

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=read)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert taken
    assert taken[0] < 0.5


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InputError):
        parse_cql2_text(text)


@pytest.mark.parametrize("far", ["1e300", "1e308", "1e9"])
@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32751"])
def test_a_box_beyond_the_earth_is_refused(far: str, crs: str, release: Release) -> None:
    info = release.layer(LAYER, "public")
    with pytest.raises(InputError, match="reference system"):
        filter_condition(f"S_INTERSECTS(geometry,BBOX(-{far},-{far},{far},{far}))", info, crs=crs)


@pytest.mark.parametrize("uri", list(CRS_URIS))
def test_shapes_are_asked_for_in_every_reference_system(uri: str, release: Release) -> None:
    info, crs = release.layer(LAYER, "public"), code_of(uri, field="crs")
    around = shapely.box(119, -11, 125, -8).segmentize(1)
    ring = json.loads(shapely.to_geojson(from_crs84(around, crs)))
    node = {"op": "s_intersects", "args": [ring, prop("geometry")]}
    condition = filter_condition(json.dumps(node), info, language="cql2-json", crs=crs)
    found = [f["id"] for f in release.features(LAYER, "public", where=condition).features]
    assert (
        found
        == [f["id"] for f in release.features(LAYER, "public", bbox=(119, -11, 125, -8)).features]
        != []
    )
