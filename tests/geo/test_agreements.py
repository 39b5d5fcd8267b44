"""Data that count persons are applied under an agreement, whose limits are obeyed until it ends."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.dataset import Dataset, load_dataset
from geo.disclosure import protected_counts
from geo.errors import InputError, StateError, UnknownNameError
from geo.imports.agreements import agreement_template, read_agreement
from geo.imports.service import confirm, import_file, propose
from geo.imports.store import (
    Entry,
    agreements,
    changed_since_build,
    ended_agreements,
    entries,
    forget_visits,
    keep_copy,
    refuse_unpublishable,
    register,
    undone_entries,
    withdraw,
)
from geo.paths import Home
from tests.geo.agreements import OPEN, agreement_file, registered

COUNTS = "place_code,year,measure,value\n"
VICTIMS = f"{COUNTS}53.02,2024,tppo_victims,30\n53.04,2024,tppo_victims,20\n"
KEY = bytes(32)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.resolve(tmp_path / "home")


def _apply(home: Home, text: str = VICTIMS, kind: str = "counts", **terms: Any) -> Entry:
    under = registered(home, **terms)
    path = home.root.parent / f"{kind}.csv"
    path.write_text(text, "utf-8")
    return import_file(path, kind, home, by="me", under=under)[1]


def _built(home: Home) -> Dataset:
    """The data of a build made now, whose imports are kept with it."""
    dataset = load_dataset(home)
    keep_copy(home.build_inputs, dataset.imports, dataset.day, dataset.agreements)
    return dataset


def _later(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    for module in ("geo.dataset", "geo.imports.store"):
        monkeypatch.setattr(f"{module}.today", lambda: day)


# -- registering -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_template_is_filled_in_and_registered(language: str, home: Home) -> None:
    text = agreement_template(language)
    assert "```toml" in text
    assert len(text.splitlines()) > 50
    empty = home.root.parent / "empty.md"
    empty.write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        read_agreement(empty)
    assert refused.value.code == "agreement.entry_empty"
    for name, value in OPEN.items():
        words = str(value).replace("'", '"') if isinstance(value, list) else f'"{value}"'
        text = re.sub(rf'^{name} = (""|\[\])', f"{name} = {words}", text, flags=re.MULTILINE)
    filled = home.root.parent / "filled.md"
    filled.write_text(text, "utf-8")
    agreement, changed = register(home, read_agreement(filled), filled.read_bytes(), by="me")
    assert changed
    assert agreement.number == OPEN["number"]
    assert agreements(home) == {agreement.number: agreement}
    (kept,) = (home.imports / "agreements").iterdir()
    assert kept.read_text("utf-8") == text
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert register(home, read_agreement(filled), filled.read_bytes(), by="me")[1] is False


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"owner": None}, "agreement.entry_empty"),
        ({"surprise": "x"}, "agreement.entry_unknown"),
        ({"purpose": ["police"]}, "agreement.entry_choice"),
        ({"purpose": "model"}, "agreement.entry_list"),
        ({"tiers": ["public", "police"]}, "agreement.entry_tiers"),
        ({"finest_level": "hamlet"}, "agreement.entry_choice"),
        ({"retain_until": "soon"}, "agreement.entry_date"),
        ({"retain_until": "2020-01-01"}, "agreement.entry_ends_before"),
        ({"places": ["NTT"]}, "agreement.entry_place"),
        ({"owner": "Dinas P3A, 5302014107900001"}, "agreement.entry_text"),
        ({"contact": "Maria Contoh"}, "agreement.entry_contact"),
        ({"contact": "Ibu Maria, Dinas P3A"}, "agreement.entry_contact"),
        ({"contact": "Bidang Data, Maria Contoh, S.Sos"}, "agreement.entry_contact"),
        ({"contact": "Dinas P3A, 0812 3456 7890"}, "agreement.entry_text"),
        ({"contact": "Dinas P3A, maria@example.go.id"}, "agreement.entry_text"),
    ],
)
def test_entries_that_are_not_allowed_are_named(
    changes: dict[str, Any], code: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refused:
        read_agreement(agreement_file(tmp_path, **changes))
    assert refused.value.code == code
    assert refused.value.params["entry"] in {*changes, "tiers"}


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for content in (b"owner = ", b"\xff\xfe", b"x" * 70_000):
        (tmp_path / "a.toml").write_bytes(content)
        with pytest.raises(InputError) as refused:
            read_agreement(tmp_path / "a.toml")
        assert refused.value.code == "agreement.not_toml"


def test_a_number_is_of_one_agreement(home: Home) -> None:
    number = registered(home)
    with pytest.raises(InputError, match="that of another agreement"):
        registered(home, owner="Dinas Sosial")
    withdraw(home, number, by="me")
    with pytest.raises(InputError, match="or of one withdrawn"):
        registered(home)


# -- applying --------------------------------------------------------------------------------------

HELD = {
    "counts": VICTIMS,
    "outreach": "area_code,organisation,year\n53.02.01.1001,Rumah Perempuan,2024\n",
    "indicators": "area_code,indicator,year,value,unit,source\n"
    "53.02,returned_migrants,2024,7,persons,BP3MI\n",
}


@pytest.mark.parametrize("kind", HELD)
def test_data_that_count_persons_need_an_agreement(kind: str, home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HELD[kind], "utf-8")
    with pytest.raises(InputError) as refused:
        import_file(tmp_path / "a.csv", kind, home, by="me")
    assert refused.value.code == "agreement.needed"
    assert refused.value.field == "under"
    assert entries(home) == []
    entry = import_file(tmp_path / "a.csv", kind, home, by="me", under=registered(home))[1]
    assert entry.under == OPEN["number"]


def test_indicators_that_count_nobody_need_none(home: Home, tmp_path: Path) -> None:
    text = "area_code,indicator,year,value,unit,source\n53.02,poverty_rate,2024,24,percent,BPS\n"
    (tmp_path / "a.csv").write_text(text, "utf-8")
    assert import_file(tmp_path / "a.csv", "indicators", home, by="me")[2]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"kinds": ["outreach"]}, "agreement.other_kind"),
        ({"places": ["53.02", "65"]}, "agreement.other_place"),
        ({"retain_until": "2026-02-01"}, "agreement.ended"),
    ],
)
def test_an_agreement_that_does_not_fit_is_refused(
    terms: dict[str, Any], code: str, home: Home
) -> None:
    with pytest.raises(InputError) as refused:
        _apply(home, **terms)
    assert refused.value.code == code
    assert entries(home) == []


def test_a_proposal_is_confirmed_under_an_agreement(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(VICTIMS, "utf-8")
    name = propose(tmp_path / "a.csv", "counts", home, file="a.csv", by="ani").id
    for under, code in (("", "agreement.needed"), ("none", "agreement.unknown")):
        with pytest.raises(InputError) as refused:
            confirm(home, name, by="ani", under=under)
        assert refused.value.code == code
    assert confirm(home, name, by="ani", under=registered(home))[0].under == OPEN["number"]


# -- limits ----------------------------------------------------------------------------------------


def _values(dataset: Dataset, purpose: str, tier: Any = "police") -> list[float]:
    rows = dataset.permitted(purpose, tier).counts
    return rows[rows["held"]].sort_values("place_code")["value"].tolist()


@pytest.mark.parametrize("purpose", ["model", "layers", "posts"])
def test_rows_serve_the_purposes_of_their_agreement_alone(purpose: str, home: Home) -> None:
    _apply(home, purpose=[purpose])
    dataset = load_dataset(home)
    for other in ("model", "layers", "posts"):
        assert _values(dataset, other) == ([30.0, 20.0] if other == purpose else [])


@pytest.mark.parametrize(
    ("tiers", "seen"),
    [
        (["public", "partner", "police"], {"public", "partner", "police"}),
        (["partner", "police"], {"partner", "police"}),
        (["police"], {"police"}),
    ],
)
def test_rows_are_seen_at_the_tiers_of_their_agreement(
    tiers: list[str], seen: set[str], home: Home
) -> None:
    _apply(home, tiers=tiers)
    dataset = load_dataset(home)
    assert {
        tier for tier in ("public", "partner", "police") if _values(dataset, "layers", tier)
    } == seen


def test_a_limited_row_takes_the_place_of_another_only_for_those_who_may(home: Home) -> None:
    """The public still sees the open figure, not that another exists."""
    _apply(home, f"{COUNTS}53.02,2024,tppo_victims,30\n")
    text = f"{COUNTS}53.02,2024,tppo_victims,45\n"
    (home.root.parent / "b.csv").write_text(text, "utf-8")
    under = registered(home, number="UJI/2/2026", tiers=["police"])
    import_file(home.root.parent / "b.csv", "counts", home, by="me", under=under)
    dataset = load_dataset(home)
    assert _values(dataset, "layers", "public") == [30.0]
    assert _values(dataset, "layers", "police") == [45.0]
    withdraw(home, under, by="me")
    assert _values(load_dataset(home), "layers", "police") == [30.0]


def test_nothing_finer_than_the_finest_level_is_left(home: Home) -> None:
    """Counts of two regencies become one of their province; single ones cannot be told apart."""
    _apply(home, finest_level="province")
    rows = load_dataset(home).counts
    held = rows[rows["held"]]
    assert held[["place_code", "value"]].to_numpy().tolist() == [["53", 50.0]]
    cells = protected_counts(rows, secret=KEY)
    assert cells[cells["held"]]["place_code"].tolist() == ["53"]


def test_indicators_and_visits_finer_than_the_level_are_left_out(home: Home) -> None:
    _apply(home, HELD["outreach"], "outreach", finest_level="district")
    assert load_dataset(home).outreach.empty
    _apply(
        home, HELD["indicators"], "indicators", number="UJI/2/2026", finest_level="province"
    )  # fmt: skip
    assert not load_dataset(home).indicators["held"].any()


def test_visits_go_when_the_newest_of_their_file_is_too_old(home: Home) -> None:
    header = "area_code,organisation,year\n"
    for number, years in (("UJI/1/2026", (2019, 2020)), ("UJI/2/2026", (2019, 2024))):
        rows = [f"53.02.01.1001,Rumah Perempuan,{year}\n" for year in years]
        _apply(home, header + "".join(rows), "outreach", number=number)
    old, newer = entries(home)
    assert forget_visits(home, before=2020, by="operator") == []
    assert forget_visits(home, before=2021, by="operator") == [old]
    assert entries(home) == [newer]
    assert not old.path(home).parent.exists()
    assert [(entry.id, how["undone_by"]) for entry, how in undone_entries(home)] == [
        (old.id, "operator")
    ]


@pytest.mark.parametrize(
    ("terms", "used"),
    [
        ({}, True),
        ({"purpose": ["outreach"]}, True),
        ({"purpose": ["model", "layers", "posts"]}, False),
        ({"tiers": ["police"]}, False),
    ],
)
def test_visits_serve_outreach_if_their_agreement_says_so(
    terms: dict[str, Any], used: bool, home: Home
) -> None:
    _apply(home, HELD["outreach"], "outreach", **terms)
    assert (len(load_dataset(home).outreach) == 1) is used


def test_other_terms_make_another_build(tmp_path: Path) -> None:
    digests = set()
    for k, terms in enumerate(({}, {"purpose": ["model"]}, {"tiers": ["police"]})):
        home = Home.resolve(tmp_path / str(k) / "home")
        _apply(home, **terms)
        digests.add(load_dataset(home).digest)
    assert len(digests) == 3


# -- end and withdrawal ----------------------------------------------------------------------------


def test_rows_are_left_out_after_the_day_they_are_kept_until(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    _apply(home, retain_until="2027-03-31")
    built = _built(home)
    refuse_unpublishable(home)
    _later(monkeypatch, "2027-03-31")
    assert _values(load_dataset(home), "model") == [30.0, 20.0]
    _later(monkeypatch, "2027-04-01")
    assert _values(load_dataset(home), "model") == []
    assert load_dataset(home.build_inputs).digest == built.digest
    (said,) = ended_agreements(home)
    assert said.in_language("en") == (
        "agreement UJI/1/2026 ended on 2027-03-31; left out of builds: counts.csv"
    )
    assert changed_since_build(home).messages == []
    with pytest.raises(StateError, match="ended on 2027-03-31; build again: petajaga build"):
        refuse_unpublishable(home)
    _rebuilt(home)
    refuse_unpublishable(home)


def _rebuilt(home: Home) -> None:
    for path in sorted(home.model.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    _built(home)


def test_what_was_handed_over_under_a_withdrawn_agreement_no_longer_counts(home: Home) -> None:
    entry = _apply(home)
    _built(home)
    assert withdraw(home, entry.under, by="me") == [entry]
    assert entries(home) == []
    assert not entry.path(home).exists()
    assert _values(load_dataset(home), "model") == []
    assert agreements(home)[entry.under].withdrawn_by == "me"
    with pytest.raises(StateError, match="has been withdrawn; build again: petajaga build"):
        refuse_unpublishable(home)
    _rebuilt(home)
    refuse_unpublishable(home)
    with pytest.raises(UnknownNameError):
        withdraw(home, entry.under, by="me")
    with pytest.raises(InputError) as refused:
        import_file(home.root.parent / "counts.csv", "counts", home, by="me", under=entry.under)
    assert refused.value.code == "agreement.withdrawn"


def test_a_build_with_held_data_of_before_agreements_is_not_published(home: Home) -> None:
    entry = _apply(home)
    index = home.imports / "index.json"
    index.write_text(index.read_text("utf-8").replace(f'"under": "{entry.under}"', '"under": ""'))
    _built(home)
    with pytest.raises(StateError, match="loaded without an agreement"):
        refuse_unpublishable(home)


def test_terms_are_shown_without_the_office_to_notify(home: Home) -> None:
    registered(home)
    (agreement,) = agreements(home).values()
    assert str(OPEN["contact"]) not in str(agreement.document())
    assert agreement.document()["owner"] == OPEN["owner"]


def test_the_command_line_registers_lists_and_withdraws(
    petajaga: Callable[..., Any], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    file = agreement_file(tmp_path)
    printed = petajaga("import", "--agreement", "--lang", "id")
    assert printed.code == 0
    assert "PERJANJIAN" in printed.out
    tried = petajaga("import", "--agreement", str(file), home=home)
    assert "Dry run" in tried.err
    assert not home.exists()
    done = petajaga("import", "--agreement", str(file), "--apply", home=home)
    assert "is registered" in done.out
    (tmp_path / "c.csv").write_text(VICTIMS, "utf-8")
    words = ("import", "counts", str(tmp_path / "c.csv"), "--apply")
    assert petajaga(*words, home=home).code == 2
    assert petajaga(*words, "--under", OPEN["number"], home=home).code == 0
    listed = petajaga("import", "--agreements", "--json", home=home)
    assert OPEN["owner"] in listed.out
    assert OPEN["contact"] not in listed.out
    gone = petajaga("import", "--withdraw", OPEN["number"], home=home)
    assert "1 import no longer counts" in gone.out
    assert petajaga("import", "--withdraw", OPEN["number"], home=home).code == 2
