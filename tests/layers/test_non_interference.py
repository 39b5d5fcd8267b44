"""The decisive test: what a tier may not know cannot be seen in what it gets.

Two builds that differ only in things hidden from a tier give that tier the same file, byte for
byte, the same manifest and the same id.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.classes import CLASSES
from geo.disclosure import CELL_MEASURES, protect_count, protected_counts
from geo.i18n import languages
from layers.documents.brief import brief_content
from layers.documents.pack import pack_page
from layers.documents.referral_card import referral_card_content
from layers.documents.subject import Contents, find_subject
from layers.release.manifest import release_files
from layers.release.marking import Marking
from layers.release.release import Release

_EXAMPLES = 6
_SUBJECTS = ("53.04", "21.71", "tenau", "batam-centre", None)
_SECRET = bytes(range(32))  # that of the small build


def _scaled(frame: pd.DataFrame, stems: tuple[str, ...], factor: float) -> pd.DataFrame:
    columns = [f"{stem}_{end}" for stem in stems for end in ("mean", "p05", "p95")]
    return frame.assign(**{c: frame[c] * factor for c in columns})


def _words(rng: np.random.Generator, count: int) -> list[str]:
    return ["".join(rng.choice(list("abcdefgh <>'\""), 12)) for _ in range(count)]


def _moved_landings(terminals: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    hidden = ~terminals["official"].astype(bool)
    n = int(hidden.sum())
    out = terminals.copy()
    out.loc[hidden, "lat"] += rng.uniform(-0.2, 0.2, n)
    out.loc[hidden, "lon"] += rng.uniform(-0.2, 0.2, n)
    out.loc[hidden, "name"] = _words(rng, n)
    out.loc[hidden, "precision"] = "approximate"
    for column in ("staffed_by", "note", "source", "aliases"):
        out[column] = _words(rng, len(out))
    out["watched"] = [json.dumps([{"body": body}]) for body in _words(rng, len(out))]
    return _scaled(out, ("load",), float(rng.uniform(0.1, 10)))


def _other_posts(build: Any, rng: np.random.Generator) -> pd.DataFrame:
    n = int(rng.integers(0, 5))
    return pd.DataFrame(
        {
            "terminal_id": rng.choice(build.terminals["id"], n),
            **{c: _words(rng, n) for c in ("name", "since", "until", "evidence_from")},
            **{c: _words(rng, n) for c in ("duties", "source", "note")},
            "hours": rng.uniform(0, 24, n),
            "officers": rng.integers(1, 99, n),
            "as_of": "2024",
            "confidence": "low",
        }
    )


def _other_counts(raw: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Protected cells of other raw counts that round to the same; other terminals and notes."""
    counts = raw.copy()
    counts["value"] = counts["value"].astype(float)
    single = counts["measure"].isin(["persons_stopped", "prevented", "tppo_cases"])
    for n, row in counts[single & (counts["place_code"] != "53.71")].iterrows():
        cell = {"place": row["place_code"], "year": int(row["year"]),
                "measure": CELL_MEASURES.get(row["measure"], row["measure"])}  # fmt: skip
        shown = protect_count(int(row["value"]), secret=_SECRET, **cell)
        same = [
            v for v in range(max(1, shown - 5), shown + 5)
            if protect_count(v, secret=_SECRET, **cell) == shown
        ]  # fmt: skip
        counts.loc[n, "value"] = float(rng.choice(same))
    # one cell of two rows: the same sum, split otherwise between its posts
    rows = counts["place_code"] == "53.71"
    part = float(rng.integers(0, 63))
    counts.loc[rows, "value"] = [part, 63 - part]
    # measures that are kept back
    kept = counts["measure"].isin(["secret_measure", "prevented_of_one_origin"])
    counts.loc[kept, "value"] = rng.integers(100, 5000, int(kept.sum())).astype(float)
    for column in ("terminal_id", "effort", "source", "note", "id"):
        counts[column] = _words(rng, len(counts))
    return protected_counts(counts, secret=_SECRET)


def _hidden_from_partner(build: Any, raw: pd.DataFrame, rng: np.random.Generator) -> Any:
    factor = float(rng.uniform(0.1, 10))
    legs = _scaled(build.legs, ("flow",), factor)
    hidden = legs["official"] == "no"
    legs.loc[hidden, ["hours", "fare_idr", "length_km"]] = rng.uniform(1, 99)
    legs.loc[hidden, "route"] = f"LINESTRING (110 {rng.uniform(-9, 1)}, 120 1)"
    legs["note"], legs["source"] = _words(rng, len(legs)), _words(rng, len(legs))
    if rng.random() < 0.5:
        legs = legs[~hidden]
    corridors = _scaled(build.corridors, ("persons", "score"), factor)
    for column in ("volume", "vulnerability", "hazard", "unofficial_share"):
        corridors[column] = rng.uniform(0, 10, len(corridors))
    for name in CLASSES:
        corridors[f"p_{name}"] = rng.uniform(0, 1, len(corridors))
    corridors["waypoints"] = [list(reversed(w)) for w in corridors["waypoints"]]
    corridors["waypoint_names"] = [_words(rng, len(w)) for w in corridors["waypoint_names"]]
    corridors["lats"] = [[v + rng.normal() for v in w] for w in corridors["lats"]]
    corridors["id"] = corridors["id"] + f"-{rng.integers(99)}"
    renamed = dict(zip(build.corridors["id"], corridors["id"], strict=True))
    origins = build.corridor_origins.assign(
        corridor_id=build.corridor_origins["corridor_id"].map(renamed),
        persons_mean=build.corridor_origins["persons_mean"] * factor,
        share=rng.uniform(0, 1, len(build.corridor_origins)),
    )
    # the numbers behind a class, as long as they stay within it
    pairs = build.pairs.copy()
    pairs["persons_mean"] *= rng.uniform(0.999, 1.001, len(pairs))
    mixed = rng.permutation(len(corridors))
    return replace(
        build,
        id=f"{rng.integers(16**12):012x}",
        settlements=_scaled(build.settlements, ("departures",), factor).assign(
            decided_by=_words(rng, len(build.settlements))
        ),
        terminals=_moved_landings(build.terminals, rng),
        legs=legs,
        corridors=corridors.iloc[mixed],
        corridor_origins=origins.iloc[rng.permutation(len(origins))],
        pairs=pairs.iloc[rng.permutation(len(pairs))],
        destinations=build.destinations.assign(
            hazard=rng.uniform(0, 10, len(build.destinations)), note=_words(rng, 3)
        ),
        counts=_other_counts(raw, rng),
        posts=_other_posts(build, rng),
        hotspots=build.hotspots.assign(
            rate=rng.uniform(0, 99, len(build.hotspots)), gi_star=rng.normal(),
            p_value=rng.random(), q_value=rng.random(),
        ),
    )  # fmt: skip


def _hidden_from_public(build: Any, raw: pd.DataFrame, rng: np.random.Generator) -> Any:
    other = _hidden_from_partner(build, raw, rng)
    factor = float(rng.uniform(0.5, 1.2))
    terminals = other.terminals
    landing = terminals[~terminals["official"].astype(bool)]
    more = landing.sample(int(rng.integers(0, 4)), replace=True, random_state=7)
    more = more.assign(
        id=[f"extra-{n}" for n in range(len(more))],
        area_code=rng.choice(["53.01", "65.04", "21.71"], len(more)),
    )
    areas = _scaled(other.areas, ("score", "departures", "departures_per_100k"), factor)
    for column in ("rank_p05", "rank_p95", "p_top_decile"):
        areas[column] = rng.uniform(0, 1, len(areas))
    for column in (*(f"reason_{lang}" for lang in languages()), "contributions", "alike", "trend"):
        areas[column] = _words(rng, len(areas))
    # villages and districts are not public
    village = areas.iloc[[1]].assign(code="53.01.07", level="district", name=_words(rng, 1))
    # the regency shares within one pair of provinces are not public
    pairs = other.pairs.copy()
    pairs.loc[pairs["code"] == "53.01", "code"] = "53.15"
    settlements = other.settlements.assign(
        population=rng.uniform(1, 1e5, len(other.settlements)),
    )
    return replace(
        other,
        terminals=pd.concat([terminals, more], ignore_index=True),
        areas=pd.concat([areas, village], ignore_index=True),
        pairs=pairs,
        settlements=settlements,
        hotspots=other.hotspots.iloc[:1].assign(**{"class": "cold"}),
    )


def _assert_same(one: Release, two: Release, tier: str) -> None:
    for subject in _SUBJECTS:
        assert _documents(one, tier, subject) == _documents(two, tier, subject), subject
    assert one.file(tier).read_bytes() == two.file(tier).read_bytes()
    assert one.manifest(tier) == two.manifest(tier)
    assert one.tier_id(tier) == two.tier_id(tier)


def _documents(release: Release, tier: Any, subject: str | None) -> list[Any]:
    """The offline pack, the brief and the referral card as they are given to the typesetter."""
    contents = Contents(release, tier, "53" if tier == "partner" else None)
    about, marking = find_subject(contents, subject), Marking.of(release, tier)
    page = pack_page(contents, about, marking)
    papers = (
        brief_content(contents, about, marking, "id", ()),
        referral_card_content(contents, about, marking, "id"),
    )
    return [page, subject and papers]


@pytest.mark.parametrize("seed", range(_EXAMPLES))
def test_partner_cannot_tell_what_is_hidden_from_partners(
    seed: int,
    small_build: Any,
    raw_counts: pd.DataFrame,
    release: Release,
    publish_in: Callable[[Any, str], Release],
) -> None:
    one = release  # of an equal build, with the same rounding secret
    two = publish_in(
        _hidden_from_partner(small_build, raw_counts, np.random.default_rng(seed)), "other"
    )
    assert one.id != two.id
    assert one.file("police").read_bytes() != two.file("police").read_bytes()
    _assert_same(one, two, "partner")
    _assert_same(one, two, "public")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(_EXAMPLES))
def test_public_cannot_tell_what_is_hidden_from_the_public(
    seed: int,
    small_build: Any,
    raw_counts: pd.DataFrame,
    release: Release,
    publish_in: Callable[[Any, str], Release],
) -> None:
    one = release  # of an equal build, with the same rounding secret
    two = publish_in(
        _hidden_from_public(small_build, raw_counts, np.random.default_rng(seed)), "other"
    )
    assert one.file("partner").read_bytes() != two.file("partner").read_bytes()
    _assert_same(one, two, "public")


def test_the_test_can_fail(
    small_build: Any, release: Release, publish_in: Callable[[Any, str], Release]
) -> None:
    areas = small_build.areas.copy()
    areas.loc[1, "class"] = "low"
    two = publish_in(replace(small_build, areas=areas), "two")
    assert release.file("public").read_bytes() != two.file("public").read_bytes()


@pytest.mark.parametrize("tier", ["public", "partner"])
def test_hidden_words_are_nowhere_in_the_bytes(tier: str, release: Release) -> None:
    hidden = [b"Pos Terpadu", b"Dermaga Rahasia", b"rahasia", b"staffed_by", b"persons_mean",
              b"load_mean", b"kp3", b"detection", b"abcdef012345"]  # fmt: skip
    if tier == "public":
        hidden += [b"score_mean", b"departures_mean", b"unofficial"]
    data = release.file(tier).read_bytes()
    police = release.file("police").read_bytes()
    for word in hidden:
        assert word not in data, word
    for word in (b"Pos Terpadu", b"Dermaga Rahasia", b"staffed_by"):
        assert word in police


def test_folder_holds_nothing_else(release: Release) -> None:
    names = {path.name for path in Path(release.folder).iterdir()}
    assert names == {"manifest.json", *release_files()}
