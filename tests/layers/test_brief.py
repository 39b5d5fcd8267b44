"""The brief: two pages, the tier's numbers and no others, both languages, the same bytes twice."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from geo.errors import EnvironmentProblem
from geo.guide import hotlines, pretexts
from geo.i18n import languages, text
from geo.names import village_names
from geo.paths import Home
from layers.documents import Contents, brief, find_subject, write_brief
from layers.documents.argument import counts_by_year, offices_for, records_of_origin, varied, why
from layers.palette import SIGNS
from layers.query.pretexts import PretextPlace, pretexts_of
from layers.release.marking import Marking, marks_in
from layers.release.release import Release, open_release
from layers.visibility import RIGHTS
from tests.layers.conftest import LANDING_WORD, POST_WORD

_NTT = [f"53.{number:02}" for number in range(1, 22)] + ["53.71"]
Run = Callable[..., Any]


def pages(path: Path) -> list[str]:
    """Text of each page, blanks and line breaks as single blanks."""
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def written(
    release: Release, name: str, folder: Path, *, tier: Any = "public", language: str = "id"
) -> list[str]:
    contents = Contents(release, tier, "53" if tier == "partner" else None)
    path = folder / "brief.pdf"
    marking = Marking.of(release, tier)
    write_brief(path, contents, find_subject(contents, name), marking, language=language)
    return pages(path)


@pytest.mark.parametrize("language", languages())
def test_two_pages_that_say_it_in_one_language(
    release: Release, tmp_path: Path, language: str
) -> None:
    first, second = written(release, "53.04", tmp_path, tier="police", language=language)
    assert first.startswith(text("classification.police", language))
    assert "Kabupaten Belu" in first
    for word in (
        "54",
        text("document.ends", language, low=38, high=76),
        text("document.why", language),
        f"Kabupaten Belu ({language}).",
        text("document.trend", language),
    ):
        assert word in first, word
    for key in (
        "document.covered",
        "document.whom_to_call",
        "document.could_do",
        "caveat.estimates",
        "document.effect_not_computed",
        "heading.sources",
        "licence.restricted",
    ):
        assert text(key, language) in first + second, key
    whom = [all(line.number in page for line in hotlines()) for page in (first, second)]
    assert any(whom), "numbers to call are on one page"
    for page in (first, second):
        assert text("document.not_victims", language) in page
        assert release.tier_id("police") in page
    document = pypdf.PdfReader(tmp_path / "brief.pdf")
    assert document.metadata is not None
    assert document.metadata.title == "Kabupaten Belu"
    assert document.trailer["/Root"]["/Lang"] == language
    fonts = re.findall(rb"/BaseFont/\w+\+([\w-]+)", (tmp_path / "brief.pdf").read_bytes())
    assert all(font.startswith(b"DejaVuSans") for font in fonts)


def test_a_rank_names_the_province_and_how_many_it_is_among(release: Release) -> None:
    contents = Contents(release, "police")
    regencies = [
        ({**row, "class_in_province": "high", "rank_in_province_p05": 2.0,
          "rank_in_province_p95": 3.0}, shape)
        for row, shape in contents.rows("areas") if row["level"] == "regency"
    ]  # fmt: skip
    of_ntt = [row["code"] for row, _ in regencies if row["code"].startswith("53")]
    assert 1 < len(of_ntt) < len(regencies)
    unknown = {**regencies[0][0], "code": "53.99", "rank_in_province_p05": None}
    others = [item for item in contents.rows("areas") if item[0]["level"] != "regency"]
    contents._rows["areas"] = [*others, *regencies, (unknown, None)]
    subject = find_subject(contents, "53.04")
    lines = brief.gather_facts(contents, subject).headline.lines
    assert (
        f"Urutan ke-2 sampai ke-3 dari {len(of_ntt)} kabupaten/kota di Nusa Tenggara Timur "
        "yang angkanya dapat dihitung (90%; ke-1 paling tinggi); "
        "peringkat pastinya tidak dapat ditentukan."
    ) in [line.in_language("id") for line in lines]
    assert "Among the regencies of Nusa Tenggara Timur: high." in [
        line.in_language("en") for line in lines
    ]


@pytest.mark.parametrize("language", languages())
def test_both_pages_name_the_place_and_the_first_who_approved_what_it_rests_on(
    release: Release, tmp_path: Path, language: str
) -> None:
    draft = replace(Marking.of(release, "public"), edition=4, released=False)
    approved = replace(
        draft, released=True, office="Bappeda NTT", basis="ND-1", approved_on="2026-11-02"
    )
    contents, path = Contents(release, "public"), tmp_path / "brief.pdf"
    for marking, said in ((draft, False), (approved, True)):
        write_brief(path, contents, find_subject(contents, "53.04"), marking, language=language)
        both = pages(path)
        assert len(both) == 2
        for page in both:
            assert "Kabupaten Belu" in page
            edition = {"id": "edisi 4", "en": "edition 4"}[language]
            draft_mark = {"id": " (belum disetujui)", "en": " (not approved)"}[language]
            assert (f"{edition}{draft_mark}" in page) != said, "a draft says so wherever it goes"
            assert marking.day in page
        assert ("Bappeda NTT (ND-1), 2026-11-02." in both[0]) == said


def test_a_brief_says_what_its_counts_were_read_in_as_links(
    release: Release, tmp_path: Path
) -> None:
    page = "https://www.kompas.com/read/a-b?page=2"
    for tier, source, url in (
        ("partner", page, page), ("public", "kompas.com", "https://kompas.com"),
    ):  # fmt: skip
        contents = Contents(release, tier, "53" if tier == "partner" else None)
        of_area = [row for row, _ in contents.rows("counts") if row["area_code"] == "53"]
        shape = contents.rows("counts")[0][1]
        years = (2021, 2023)
        contents._rows["counts"] = [
            ({**of_area[0], "year": year, "period": None, "value": 9, "source": cited}, shape)
            for year, cited in zip(years, (f"{source}; Jurnal HAM", source), strict=True)
        ]
        subject = find_subject(contents, "53")
        made = brief.brief_content(contents, subject, Marking.of(release, tier), "id", ())
        assert made["count_sources"] == [
            {"label": "kompas.com (2021, 2023)", "url": url},
            {"label": "Jurnal HAM (2021)", "url": ""},
        ]
        reader = pypdf.PdfReader(io.BytesIO(brief.typeset_brief(made)))
        assert len(reader.pages) == 2
        assert "Sumber angka tercatat: kompas.com (2021, 2023); Jurnal HAM (2021)" in " ".join(
            reader.pages[1].extract_text().split()
        )
        links = [note.get_object()["/A"]["/URI"] for note in reader.pages[1]["/Annots"]]
        assert links == [url]


def test_lower_tiers_have_classes_and_nothing_hidden(release: Release, tmp_path: Path) -> None:
    for tier in ("public", "partner"):
        for name in ("53.04", "21.71", "53.71", "tenau", "53"):
            whole = " ".join(written(release, name, tmp_path, tier=tier))
            for word in (LANDING_WORD, POST_WORD, text("kind.unofficial", "id")):
                assert word not in whole, (tier, name, word)
            assert tier == "partner" or "rentang 90%" not in whole
    assert "Kabupaten Belu (id)." not in written(release, "53.04", tmp_path)[0]
    assert "sangat tinggi" in written(release, "53.04", tmp_path)[0]
    assert "Kabupaten Belu (id)." in written(release, "53.04", tmp_path, tier="partner")[0]


def test_the_brief_says_victims_by_sex_where_they_are_shown(
    release: Release, tmp_path: Path
) -> None:
    """Of Manggarai Barat nine of each sex a year are on record, each year rounded to 5 or 10."""
    found = release.features("victims", "public", filters={"area_code": "53.15"}).features
    shown = {row["properties"]["measure"]: row["properties"]["value"] for row in found}
    assert shown.keys() == {"victims_female", "victims_male"}
    assert all(15 <= value <= 30 for value in shown.values())
    own = written(release, "53.15", tmp_path, language="en")[0]
    assert (
        "Victims on record 2022 to 2024, Kabupaten Manggarai Barat: female victims "
        f"{shown['victims_female']}, male victims {shown['victims_male']}. "
        "What is not named is not zero" in own
    )
    of_province = written(release, "53.04", tmp_path)[0]
    assert "Korban yang tercatat 2022 sampai 2024, Nusa Tenggara Timur: korban" in of_province
    assert "Korban yang tercatat" not in " ".join(written(release, "21.71", tmp_path))


def test_the_public_brief_has_three_checks_of_a_family_and_no_papers() -> None:
    of_ntt = pretexts_of(PretextPlace(("53",)), RIGHTS["public"], {})
    rows = {row.id: row for row in pretexts()}
    assert len(of_ntt["pretexts"]) > 8
    for language in languages():
        listed, *checks = brief._pretexts(of_ntt, language)
        assert listed == text("document.pretexts_listed", language)
        # work that is offered, in the order of the table, each with its own check
        assert checks == [
            f"{rows[id_].text[language]}: {rows[id_].check[language]}"
            for id_ in ("cleaning-service", "domestic-work", "plantation-work")
        ]
    papers = [item for item in of_ntt["pretexts"] if item["kind"] == "papers"]
    grounds = [item for item in of_ntt["pretexts"] if item["kind"] == "ground"]
    few = brief._pretexts({"pretexts": [*papers, grounds[0]], "said": []}, "en")
    assert [line.partition(":")[0] for line in few[1:]] == ["Hajj, umrah or pilgrimage"]
    assert brief._pretexts({"pretexts": papers, "said": []}, "en") == [
        text("document.pretexts_check", "en")
    ], "never an empty list, and never a pass by name"


def test_the_caption_of_the_map_names_the_signs_that_are_drawn() -> None:
    caption = text("document.map_caption", "en")
    words = {"seaport": "seaport", "ferry": "ferry", "airport": "airport",
             "border_post": "border post"}  # fmt: skip
    for kind, word in words.items():
        assert f"{SIGNS[kind].marker} {word}" in caption


def test_a_port_and_a_corridor(release: Release, tmp_path: Path) -> None:
    first, second = written(release, "Tenau", tmp_path, tier="police", language="en")
    assert "120 90% interval: 84\N{EN DASH}170" in first
    assert "Pelabuhan Labuan Bajo" in first
    assert "Kupang - Labuan Bajo - Nunukan" in second
    first, second = written(release, "NTT - Sabah", tmp_path)
    assert text("document.label_corridor_class", "id") in first
    assert "Sabah" in second
    first, _ = written(release, "c1", tmp_path, tier="police")
    assert "210 rentang 90%: 150\N{EN DASH}290" in first
    assert "Kabupaten Kupang (66%)" in first


def test_who_takes_up_a_case_stands_first_and_what_is_only_planned_last() -> None:
    named = [
        ("uptd_ppa", "UPTD PPA Timor Tengah Selatan (rencana)", "53.02"),
        ("police_ppa", "Unit PPA Polres TTS", "53.02"),
        ("uptd_ppa", "UPTD PPA Provinsi NTT", "53.71"),
    ]
    rows = [
        {"kind": kind, "name": name, "area_code": code, "jurisdiction": code[:2]}
        for kind, name, code in named
    ]
    names = [row["name"] for row in offices_for(rows, "53.02")]
    assert names == [named[1][1], named[2][1], named[0][1]], "at home before the province's"


def test_a_short_table_has_an_office_of_every_kind() -> None:
    rows = [{"kind": kind, "name": str(n)} for n, kind in enumerate(["a", "a", "a", "b", "c", "b"])]
    assert [row["name"] for row in varied(rows)] == ["0", "3", "4", "1", "5", "2"]
    care = [("p2tp2a", "Soe", "53.02"), ("uptd_ppa", "Kupang", "53.71")]
    rows = [{"kind": kind, "name": name, "area_code": code} for kind, name, code in care]
    assert [row["name"] for row in varied(rows)] == ["Soe", "Kupang"], "another area's"
    rows[1] |= {"area_code": "53.02", "name": "Soe baru"}
    assert [row["name"] for row in varied(rows)] == ["Soe baru", "Soe"]
    rows[1]["name"] += " (rencana)"
    assert [row["name"] for row in varied(rows)] == ["Soe", "Soe baru (rencana)"]


def test_what_is_on_record_of_an_origin_stands_beside_its_province_s_middle() -> None:
    """Malaka: 80 + 30 of 200,000 in two years; other measures and provinces, a place without
    inhabitants on record and one without a record count for nothing.
    """

    def deaths(code: str, year: int, value: float | None, measure: str = "deaths_abroad") -> Any:
        return {"area_code": code, "year": year, "measure": measure, "value": value}

    counts = [
        deaths("53.21", 2017, 80), deaths("53.21", 2024, 30), deaths("53.21", 2020, None),
        deaths("53.21", 2023, 9, "deported"), deaths("53", 2024, 125), deaths("21.01", 2024, 99),
        deaths("53.01", 2018, 4), deaths("53.02", 2018, 10), deaths("53.03", 2019, 7),
        deaths("53.04", 2019, 500),
    ]  # fmt: skip
    people = {"53": 1e6, "53.21": 2e5, "53.01": 1e5, "53.02": 1e5, "53.03": 1e5, "53.05": 1e5,
              "21.01": 1e5, "53.04": None}  # fmt: skip
    areas = [{"code": code, "population": number} for code, number in people.items()]
    (record,) = records_of_origin(counts, areas, "53.21")
    assert record.params == {
        "persons": 110, "first": 2017, "last": 2024, "rate": 55.0, "recorded": 2,
        "count": 3, "middle": 7.0,
    }  # fmt: skip
    assert "110 people from here died abroad (2017–2024, 2 of these years" in record.in_language(
        "en"
    )
    assert not records_of_origin(counts, areas, "53.05"), "nobody on record"
    assert not records_of_origin(counts, areas, "21.01"), "nothing to compare it with"


def test_a_list_of_homes_says_its_share_beside_the_share_of_inhabitants() -> None:
    """Flores Timur: 47 of 60 came home, where 3 in 10 of the province's people live; lists of other
    years, classes and provinces stand apart, and a list of one place alone compares nothing.
    """

    def listed(code: str, value: float | None, year: int = 2024, measure: str = "returned") -> Any:
        about = {"measure": f"{measure}_by_home_regency", "legal_class": "unknown"}
        return {"area_code": code, "year": year, "value": value, **about}

    counts = [
        listed("53.06", 47), listed("53.01", 13), listed("53", 60), listed("53.02", None),
        listed("52.01", 900), listed("53.06", 8, 2018, "prevented"),
        listed("53.01", 32, 2018, "prevented"), listed("53.06", 5, 2023),
    ]  # fmt: skip
    people = {"53": 1e6, "53.06": 3e5, "53.01": 7e5, "52.01": 1e6}
    areas = [{"code": code, "population": number} for code, number in people.items()]
    came_back, stopped = records_of_origin(counts, areas, "53.06")
    assert came_back.in_language("en") == (
        "List of 2024, migrants who came back, by home regency: 47 of 60 people (78%) are from "
        "here, where 30% of the people of its province live."
    )
    assert (stopped.params["persons"], stopped.params["share"]) == (8, 0.2)
    assert not records_of_origin(counts, areas, "53.02")
    more = listed("53.06", 99, 2018, "prevented")
    reversed_ = [more if row["year"] == 2018 and row["value"] == 8 else row for row in counts]
    first, _ = records_of_origin(reversed_, areas, "53.06")
    assert first.params["year"] == 2024, "78 % to 30 % stands before 76 % to 30 %"


def test_who_died_abroad_need_not_have_passed_the_port_of_their_regency() -> None:
    rows = [
        {
            "area_code": "53.21",
            "year": 2024,
            "measure": measure,
            "legal_class": "unknown",
            "value": 9,
        }
        for measure in ("deaths_abroad", "returned_by_home_regency", "interceptions")
    ]
    assert len(counts_by_year(rows, "53.21")[0]) == 3
    (passing,), _ = counts_by_year(rows, "53.21", of_passers=True)
    assert passing.measure == "interceptions"


def test_a_class_that_may_be_another_says_that_little_is_on_record() -> None:
    """Sumba Tengah is "high" at 25 % with one death on record: the record alone would speak against
    the class.
    """
    row = {"code": "53.17", "class": "high", "class_probability": 0.25}
    rest, thin = why("area", row)
    assert thin["id"].startswith("Catatan menurut asal dari wilayah ini belum cukup")
    assert why("area", {**row, "class_probability": 0.7}) == (rest,)
    assert why("area", {**row, "code": "53.17.01"}) == (rest,), "a district has its regency's class"


def test_markup_in_a_name_stays_text_and_bytes_are_the_same_twice(
    release: Release, tmp_path: Path
) -> None:
    contents = Contents(release, "public")
    evil = '#panic("x") *bold* $x^2$ <script> ]'
    subject = replace(find_subject(contents, "53.71"), name=evil)
    marking = replace(Marking.of(release, "public"), day="2026-11-28")
    files = []
    for n in range(2):
        write_brief(tmp_path / f"{n}.pdf", contents, subject, marking, language="id")
        files.append((tmp_path / f"{n}.pdf").read_bytes())
    assert files[0] == files[1]
    assert evil in pages(tmp_path / "0.pdf")[0]
    assert b"D:20261128" in files[0] or b"2026-11-28" in files[0]
    assert b"<pdfaid:part>2" in files[0]


def test_a_missing_font_is_refused(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = Contents(release, "public")
    content = brief.brief_content(
        contents, find_subject(contents, "53.71"), Marking.of(release, "public"), "id", ()
    )
    assert len(pypdf.PdfReader(io.BytesIO(brief.typeset_brief(content))).pages) == 2
    monkeypatch.setattr("matplotlib.get_data_path", lambda: "/nowhere")
    with pytest.raises(EnvironmentProblem, match="font"):
        brief.typeset_brief(content)


def test_a_folder_that_cannot_be_written(release: Release, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem):
        written(release, "53.04", tmp_path / "file")


# -- the command, on the embedded data -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("tier", "language"), [("public", "id"), ("police", "en")])
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("53.02", "53.71", "53", "94.01", "batam-centre"), id="some"),
        pytest.param((*_NTT, "21", "32", "21.71", "Tenau"), marks=pytest.mark.long, id="pilot"),
    ],
)
def test_every_brief_has_two_pages(
    built_home: Path, tmp_path: Path, tier: str, language: str, names: tuple[str, ...]
) -> None:
    with open_release(Home(built_home)) as release:
        for name in names:
            assert len(written(release, name, tmp_path, tier=tier, language=language)) == 2, name


@pytest.mark.slow
def test_the_command_is_public_by_default_and_computes_effects_for_those_who_plan(
    petajaga: Run, built_home: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(built_home, tmp_path / "home")
    file = tmp_path / "malaka.pdf"

    def run(*words: str) -> str:
        done = petajaga("brief", *words, "-o", str(file), home=home)
        assert done.code == 0, done.err
        assert len(pages(file)) == 2
        return " ".join(pages(file))

    whole = run("Malaka", "--lang", "id")
    assert text("classification.public", "id") in whole
    assert text("document.effect_not_computed", "id") in whole
    assert marks_in(file) == []
    whole = run("Malaka", "--lang", "id", "--tier", "partner", "--province", "53")
    visits = re.search(
        r"mengunjungi 10 desa; [^:]+ bermula \d+% [^:]+: ([^.]+)\. Siapa yang hadir", whole
    )
    assert visits
    assert "orang setahun" not in visits[0]
    malaka = {name for code, name in village_names().items() if code.startswith("53.21.")}
    assert len(set(visits[1].split(", ")) & malaka) == 10
    own = re.search(r"Pemerintah kabupaten/kota: (.*?) belum tercatat di sini", whole)
    asked = re.search(r"dapat diusulkan bila memang belum ada di sini: (.*?)\.", whole)
    assert own
    assert asked
    assert "UPTD PPA" in own[1]
    assert "imigrasi" not in own[1]
    assert "(kepada KP2MI" in asked[1]
    assert "imigrasi" not in asked[1], "that of Kupang names Malaka as its own"
    assert text("web.departures_count", "id") in whole
    assert len(marks_in(file)) == 1
    whole = run("Malaka", "--lang", "en", "--tier", "police")
    assert re.search(r"begin \d+% of expected departures .* persons a year: \w+, ", whole)
    whole = run("21.01", "--lang", "id", "--tier", "partner", "--province", "53")
    assert text("document.effect_not_computed", "id") in whole, "a plan of another province"
    assert text("document.effect_unassessed", "id") in run(
        "94.01", "--lang", "id", "--tier", "police"
    )
    whole = run("batam-centre", "--lang", "en", "--tier", "police")
    assert "post" in whole
    whole = run("Kupang - Labuan Bajo - Nunukan", "--lang", "en", "--tier", "police")
    answer = petajaga("corridor", "Kupang", "Labuan Bajo", "Nunukan", "--json", home=home)
    mean = float(re.search(r'"mean": ([\d.]+)', answer.out)[1])  # type: ignore[index]
    assert f"{float(f'{mean:.2g}'):g} 90% interval:" in whole
    assert re.search(r"One new post at .* more persons a year, of whatever corridor", whole)


def test_wrong_use_is_one_line(petajaga: Run, released_home: Home, tmp_path: Path) -> None:
    home = shutil.copytree(released_home.root, tmp_path / "home")
    for words in (("Xyzzy", "-o", "a.pdf"), ("53", "-o", "a.docx"), ("c1", "-o", "a.pdf")):
        done = petajaga("brief", *words, home=home)
        assert done.code == 2
        assert "\n" not in done.err.strip()


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("id", "Koridor yang dilalui orang dari sini, berangkat dari Kupang"),
        ("en", "Corridors of people from here, starting in Kupang"),
    ],
)
def test_a_regency_is_told_of_corridors_where_its_own_people_start(
    release: Release, language: str, heading: str
) -> None:
    contents = Contents(release, "police")
    (first, shape), *_ = contents.rows("corridors")
    # of Belu 50 start in Maumere and 60 + 50 in Kupang: 50 of 160 are less than a third
    rows = [
        {**first, "id": key, "name": f"{start} - Nunukan", "listed_for": ["53"],
         "persons_mean": persons, "origins": [{"code": "53.04", "name": "Belu", "share": share}],
         "waypoints": [{"id": key, "name": start}, {"id": "nunukan", "name": "Nunukan"}]}
        for key, start, persons, share in [
            ("a", "Maumere", 1000.0, 0.05),
            ("b", "Kupang", 300.0, 0.2),
            ("c", "Kupang", 250.0, 0.2),
        ]
    ]  # fmt: skip
    contents._rows["corridors"] = [(row, shape) for row in rows]
    content = brief.brief_content(
        contents, find_subject(contents, "53.04"), Marking.of(release, "police"), language, ()
    )
    assert content["corridors_title"] == heading
    assert [line.partition(":")[0] for line in content["corridors"]] == ["Kupang - Nunukan"] * 2
    province = brief.brief_content(
        contents, find_subject(contents, "53"), Marking.of(release, "police"), language, ()
    )
    assert "Nusa Tenggara Timur" in province["corridors_title"]
    assert len(province["corridors"]) == 3, "of a province all"
