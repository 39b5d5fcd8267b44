"""The brief of an adopted plan: planned, done, late and next, whole however long the plan is."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest

from layers.plans.adopted_brief import adopted_brief, adopted_brief_content
from layers.release.marking import Marking

MARKING = Marking(tier="partner", release="0f3a", day="2026-11-30", code="pjm-abcdefghijkl")
EFFECT = [{"measure": "deaths_abroad", "before": {"year": 2025, "value": 12},
           "after": {"year": 2027, "value": 9}}]  # fmt: skip


def step(name: str, planned: str, done: str | None = None, area: str = "53.04") -> dict[str, Any]:
    regency = {"53.04": "Kabupaten Belu", "53.21": "Kabupaten Malaka", "": ""}[area]
    return {
        "place": f"{area}.{name}", "name": name, "area": area, "area_name": regency,
        "planned": planned, "done": done, "effect": EFFECT if area == "53.04" else [],
    }  # fmt: skip


STEPS = [
    step("Fulur", "2026-10", "2026-11"),
    step("Lakan", "2026-10"),
    step("Asumanu", "2026-10"),
    step("Dubesi", "2026-11"),
    step("Besikama", "2026-12", area="53.21"),
]


def plan(steps: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {
        "id": "p", "kind": "outreach", "area": "Kabupaten Belu", "period": "2026-Q4",
        "organisation": "Gugus Tugas TPPO NTT", "owner": "sekretaris", "adopted_on": "2026-10",
        "state": "open", "planned": len(steps), "done": sum(bool(s["done"]) for s in steps),
        "steps": steps, **changes,
    }  # fmt: skip


def words(document: bytes) -> tuple[int, str]:
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return len(pages), " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_what_is_late_is_what_its_month_is_over_for() -> None:
    content = adopted_brief_content(plan(STEPS), MARKING, "en")
    assert content["value"] == "1 of 5"
    assert content["share"] == pytest.approx(0.2)
    assert (
        "By the start of November 2026, 3 steps were to be done; 2 of these are not."
        in (content["lines"])
    )
    belu = " (Kabupaten Belu)"
    assert content["late"] == [f"October 2026: Asumanu{belu}, Lakan{belu}"], (
        "by name, never by rank"
    )
    assert content["next"] == [
        f"November 2026: Dubesi{belu}", "December 2026: Besikama (Kabupaten Malaka)",
    ]  # fmt: skip
    assert content["finished"] == [f"November 2026: Fulur{belu}"]
    assert content["table"] == [
        ["Kabupaten Belu", "4", "1", "3", "deaths abroad: 12 (2025), 9 (2027)"],
        ["Kabupaten Malaka", "1", "0", "1", "cannot be judged yet"],
    ]


@pytest.mark.parametrize(("language", "said", "not_said"), [
    ("id", ("Rencana kerja penjangkauan: Kabupaten Belu", "1 dari 5",
            "Bulannya sudah lewat, belum terlaksana", "Gugus Tugas TPPO NTT",
            "Ditetapkan Oktober 2026", "bukan bukti dampak"), "Done"),
    ("en", ("Plan of action, outreach: Kabupaten Belu", "1 of 5", "Month over, not done",
            "prove no effect"), "Terlaksana"),
])  # fmt: skip
def test_one_page_in_one_language(language: str, said: tuple[str, ...], not_said: str) -> None:
    count, page = words(adopted_brief(plan(STEPS), MARKING, language))
    assert count == 1
    for sentence in (*said, MARKING.text(language)):
        assert sentence in page
    assert not_said not in page
    assert "sekretaris" not in page, "an organisation's plan names no account"


def test_a_long_plan_takes_two_pages_and_says_what_it_leaves_out() -> None:
    steps = [
        step(f"Desa Dengan Nama Panjang {n}", f"2026-1{n % 3}", "2026-11" if n % 2 else None)
        for n in range(400)
    ]
    count, page = words(adopted_brief(plan(steps), MARKING, "en"))
    assert count <= 2
    assert "200 of 400" in page
    assert "all are in the table for the meeting (XLSX)" in page


def test_without_steps_and_with_a_closed_plan_it_stands() -> None:
    count, page = words(adopted_brief(plan([], state="closed", area=""), MARKING, "en"))
    assert count == 1
    assert "0 of 0" in page
    assert "None." in page
    assert "closed" in page


def test_markup_in_a_name_stays_text() -> None:
    evil = "#let x = [*Desa*] $ \\ <b>"
    _, page = words(adopted_brief(plan([step(evil, "2026-12")]), MARKING, "id"))
    assert evil in page
