"""The feed of early warnings: valid Atom (RFC 4287), of what its reader sees, with stable ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from starlette.testclient import TestClient

from layers.exports.warnings_feed import FeedSource, warnings_feed
from tests.api.conftest import Service
from tests.api.test_keys import basic, make_key

NO_GUILT = "A warning does not say that an area is to blame."
ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="feed"><ref name="language"/><interleave>
    <ref name="id"/><ref name="title"/><ref name="updated"/>
    <element name="author"><element name="name"><ref name="words"/></element></element>
    <optional><element name="subtitle"><text/></element></optional>
    <oneOrMore><ref name="link"/></oneOrMore>
    <zeroOrMore><element name="entry"><interleave>
      <ref name="id"/><ref name="title"/><ref name="updated"/>
      <zeroOrMore><ref name="link"/></zeroOrMore>
      <zeroOrMore><element name="category"><attribute name="term"><ref name="words"/></attribute>
        <optional><attribute name="label"/></optional></element></zeroOrMore>
      <element name="content"><attribute name="type"><value>text</value></attribute>
        <ref name="words"/></element>
    </interleave></element></zeroOrMore>
  </interleave></element></start>
  <define name="language"><attribute name="xml:lang"><data type="language"/></attribute></define>
  <define name="words"><data type="string"><param name="minLength">1</param></data></define>
  <define name="id"><element name="id"><data type="string"><param name="pattern"
    >tag:[a-z0-9.-]+,2026:[A-Za-z0-9./_-]+</param></data></element></define>
  <define name="title"><element name="title"><ref name="words"/></element></define>
  <define name="updated"><element name="updated"><data type="dateTime"><param name="pattern"
    >.+(Z|[+-][0-9]{2}:[0-9]{2})</param></data></element></define>
  <define name="link"><element name="link">
    <attribute name="rel"><choice><value>self</value><value>alternate</value></choice></attribute>
    <attribute name="type"/><attribute name="href"><data type="anyURI"/></attribute>
  </element></define>
</grammar>
"""
"""What RFC 4287 asks of the elements that a feed of ours has (its appendix B, no more)."""


def parsed(content: bytes) -> Any:
    """The feed, checked against the schema; ids occur once."""
    feed = etree.fromstring(content)
    etree.RelaxNG(etree.fromstring(SCHEMA)).assertValid(feed)
    ids = [found.text for found in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    return feed


def texts(feed: Any, path: str) -> list[str]:
    return [found.text for found in feed.findall("/".join(ATOM + part for part in path.split("/")))]


@pytest.mark.parametrize("reader", ["public", "partner", "police"])
def test_the_feed_says_what_the_list_says(reader: str, request: pytest.FixtureRequest) -> None:
    client: TestClient = request.getfixturevalue(reader)
    answer = client.get("/v1/warnings.atom")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml"
    private = reader != "public"
    assert answer.headers["cache-control"] == (
        "private, no-store" if private else "public, max-age=300"
    )
    feed = parsed(answer.content)
    listed = client.get("/v1/warnings").json()
    assert len(texts(feed, "entry/id")) == len(listed["warnings"]) + len(listed["silent"])
    (link,) = feed.xpath("a:link[@rel='self']/@href", namespaces={"a": ATOM[1:-1]})
    assert link == "http://testserver/v1/warnings.atom"
    assert texts(feed, "id")[0].startswith(f"tag:petajaga.invalid,2026:warnings/{reader}/")
    release = client.get("/v1/releases/current").json()
    assert texts(feed, "updated") == [f"{release['edition']['date']}T00:00:00+09:00"]
    assert client.get(
        "/v1/warnings.atom", headers={"If-None-Match": answer.headers["etag"]}
    ).status_code == 304  # fmt: skip


def test_the_language_is_the_readers(public: TestClient) -> None:
    english, own = (parsed(public.get(f"/v1/warnings.atom{q}").content) for q in ("", "?lang=id"))
    assert [feed.get("{http://www.w3.org/XML/1998/namespace}lang") for feed in (english, own)] == [
        "en", "id"
    ]  # fmt: skip
    assert texts(own, "title") == ["Petajaga: peringatan dini"]
    ids = [texts(feed, "id") + texts(feed, "entry/id") for feed in (english, own)]
    assert not set(ids[0]) & set(ids[1]), "a text in another language is another entry"
    assert [one.replace("/public/en", "/public/id") for one in ids[0]] == ids[1]
    assert public.get("/v1/warnings.atom?tier=police").status_code == 400


def test_a_program_reads_it_with_a_key(fresh: Callable[..., Service]) -> None:
    service = fresh()
    key = make_key(service.client("polisi"))["key"]
    answer = service.client().get("/v1/warnings.atom", headers=basic("polisi", key))
    assert answer.status_code == 200
    assert "warnings/police" in texts(parsed(answer.content), "id")[0]


def test_ids_are_of_the_operators_address_and_not_of_the_visitors(
    fresh: Callable[..., Service],
) -> None:
    for settings, host in (
        ({}, "petajaga.invalid"), ({"public_url": "https://Peta.test:8443/x"}, "peta.test"),
    ):  # fmt: skip
        answer = (
            fresh(**settings).client().get("/v1/warnings.atom", headers={"Host": "evil.example"})
        )
        feed = parsed(answer.content)
        ids = [*texts(feed, "id"), *texts(feed, "entry/id")]
        assert {one.partition(",")[0] for one in ids} == {f"tag:{host}"}


def test_an_id_is_of_what_is_counted_whatever_the_count() -> None:
    source = FeedSource(
        address="https://peta.example/v1/warnings.atom", page="https://peta.example/",
        host="peta.example", scope=("partner", "53"), updated="2026-11-30T00:00:00+09:00",
        language="en",
    )  # fmt: skip
    row = {
        "area_code": "53.21", "area_name": "Malaka <&>", "measure": "tppo_cases", "year": 2025,
        "legal_class": "unknown", "unit": "case", "why": {"en": "why"}, "check": {"en": "check"},
    }  # fmt: skip
    ended = {**row, "area_name": "Karimun", "measure": "interceptions", "last": 2024}
    first, second = (
        parsed(warnings_feed({"warnings": [{**row, "count": count}], "silent": [ended]}, source))
        for count in (45, 50)
    )
    assert texts(first, "entry/id") == texts(second, "entry/id") == [
        "tag:peta.example,2026:warnings/partner/53/en/53.21/tppo_cases/unknown/case/2025",
        "tag:peta.example,2026:warnings/partner/53/en/53.21/interceptions/unknown/case/silent/2024",
    ]  # fmt: skip
    assert texts(first, "entry/title") == [
        "Malaka <&>: trafficking cases 2025: 45, above what is expected",
        "Karimun: interceptions: nothing on record after 2024",
    ]
    above, silent = texts(first, "entry/content")
    assert above.splitlines()[1:] == ["why", "check", NO_GUILT]
    assert silent.splitlines()[1:] == [
        "Check first: ask the reporter why the record ended. Not on record is not zero.", NO_GUILT
    ]  # fmt: skip


def test_an_entry_that_did_not_change_is_not_updated_by_an_edition() -> None:
    row = {
        "area_code": "53.21", "area_name": "Malaka", "measure": "tppo_cases", "legal_class": "tppo",
        "unit": "case", "why": {"en": "why"}, "check": {"en": "check"}, "count": 45,
    }  # fmt: skip
    answer = {"warnings": [{**row, "year": 2025}, {**row, "year": 2026}],
              "silent": [{**row, "last": 2024}]}  # fmt: skip
    updated = {}
    for edition in ("2026-05-31T00:00:00+09:00", "2026-11-30T12:00:00+00:00"):
        source = FeedSource(
            address="https://peta.example/v1/warnings.atom", page="https://peta.example/",
            host="peta.example", scope=("public",), updated=edition, language="en",
        )  # fmt: skip
        feed = parsed(warnings_feed(answer, source))
        assert texts(feed, "updated") == [edition]
        updated[edition] = texts(feed, "entry/updated")
    for edition, (before, running, ended) in updated.items():
        assert before == "2025-12-31T00:00:00+09:00"
        assert ended == "2024-12-31T00:00:00+09:00"
        assert running == edition, "its year is not over: the count still grows"
