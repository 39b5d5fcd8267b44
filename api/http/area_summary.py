"""An area in plain words, in both languages, from the fields the tier has and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo.classes import NOT_ASSESSED
from geo.i18n import text

__all__ = ["explain_area"]


def explain_area(
    area: Mapping[str, Any],
    counts: Sequence[Mapping[str, Any]],
    services: Sequence[Mapping[str, Any]],
    caveats: Sequence[Mapping[str, str]],
) -> dict[str, list[str]]:
    """Sentences about one area.

    Parameters
    ----------
    area
        Properties of the area as the tier sees them.
    counts, services
        Rows of those layers in the area.
    caveats
        The release's, ``{"id", "en"}`` each.

    Returns
    -------
    dict
        ``{"id": [...], "en": [...]}``, sentence by sentence the same.
    """
    indonesian: list[str] = []
    english: list[str] = []

    def say(in_indonesian: str, in_english: str) -> None:
        indonesian.append(in_indonesian)
        english.append(in_english)

    name, label = area["name"], str(area["class"] or NOT_ASSESSED)
    if label == NOT_ASSESSED:
        say(
            f"Kerentanan {name} belum diketahui: data untuk menghitungnya belum ada.",
            f"The vulnerability of {name} is unknown: there are no data to compute it from.",
        )
    else:
        say(
            f"Kelas kerentanan {name}: {text(f'class.{label}', 'id')}.",
            f"Vulnerability class of {name}: {text(f'class.{label}', 'en')}.",
        )
    if area.get("reason_id") and area.get("reason_en"):
        say(str(area["reason_id"]), str(area["reason_en"]))
    mean, low, high = (area.get(f"score_{end}") for end in ("mean", "p05", "p95"))
    if mean is not None and low is not None and high is not None:
        say(
            f"Skor {_id(mean)} dari 10; dengan peluang 90 % antara {_id(low)} dan {_id(high)}.",
            f"Score {mean:.1f} of 10; with 90 % probability between {low:.1f} and {high:.1f}.",
        )
    low, high = area.get("rank_p05"), area.get("rank_p95")
    if low is not None and high is not None:
        say(
            f"Peringkatnya antara {low:.0f} dan {high:.0f} (90 %); satu angka peringkat saja "
            "tidak dapat dipercaya.",
            f"It ranks between {low:.0f} and {high:.0f} (90 %); a single rank cannot be trusted.",
        )
    top = area.get("p_top_decile")
    if top is not None:
        say(
            f"Peluang masuk sepersepuluh paling rentan: {100 * top:.0f} %.",
            f"Probability of being among the most vulnerable tenth: {100 * top:.0f} %.",
        )
    cells = [row for row in counts if row.get("value") is not None]
    if cells:
        years = sorted({int(row["year"]) for row in cells if row.get("year") is not None})
        span = f"{years[0]}-{years[-1]}" if len(years) > 1 else f"{years[0]}" if years else "?"
        say(
            f"Ada {len(cells)} angka tercatat ({span}), dibulatkan; angka itu mencerminkan "
            "penegakan sekaligus arus.",
            f"{len(cells)} counts are on record ({span}), rounded; they measure enforcement as "
            "well as flow.",
        )
    else:
        say(
            "Tidak ada angka kasus tercatat; itu tidak berarti tidak ada kasus.",
            "No counts are on record; that does not mean there are no cases.",
        )
    if services:
        say(
            f"Ada {len(services)} kantor layanan di wilayah ini.",
            f"There are {len(services)} service offices in this area.",
        )
    else:
        say(
            "Belum ada kantor layanan yang tercatat di wilayah ini.",
            "No service office is on record in this area.",
        )
    for caveat in caveats:
        say(caveat["id"], caveat["en"])
    return {"id": indonesian, "en": english}


def _id(value: float) -> str:
    """A number with one decimal as written in Indonesian."""
    return f"{value:.1f}".replace(".", ",")
