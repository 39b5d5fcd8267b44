"""An area in sentences, in every language, from the fields a tier has and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo.classes import NOT_ASSESSED
from geo.i18n import Message, languages

__all__ = ["area_summary"]

Row = Mapping[str, Any]


def area_summary(
    area: Row, counts: Sequence[Row], services: Sequence[Row], caveats: Sequence[Mapping[str, str]]
) -> dict[str, list[str]]:
    """Sentences about one area.

    Parameters
    ----------
    area
        Properties of the area as the tier sees them.
    counts, services
        Rows of those layers in the area.
    caveats
        The release's, a text by language each.

    Returns
    -------
    dict
        A list by language, sentence by sentence the same.
    """
    reason = {language: area.get(f"reason_{language}") for language in languages()}
    headline = (*_departures(area), _class(area), *_score(area))
    sentences: list[Mapping[str, Any]] = [message.as_dict() for message in headline]
    if reason["en"]:
        sentences.append(reason)
    sentences.append(_counts(counts).as_dict())
    code = "area_summary.services" if services else "area_summary.no_services"
    sentences.append(Message(code, {"count": len(services)} if services else {}).as_dict())
    sentences += caveats
    return {
        language: [str(sentence.get(language) or sentence["en"]) for sentence in sentences]
        for language in languages()
    }


def _class(area: Row) -> Message:
    params: dict[str, Any] = {"name": area["name"]}
    slug = str(area["class"] or NOT_ASSESSED)
    if slug == NOT_ASSESSED:
        return Message("area_summary.not_assessed", params)
    return Message("area_summary.class", {**params, "class_": Message(f"class.{slug}")})


def _departures(area: Row) -> list[Message]:
    """Departures with their interval and rate, where the tier has them and they are known."""
    params: dict[str, Any] = {
        name: area.get(f"departures_{end}")
        for name, end in (("mean", "mean"), ("low", "p05"), ("high", "p95"),
                          ("rate", "per_100k_mean"))
    }  # fmt: skip
    if None in params.values():
        return []
    # two significant digits: from ten on they are whole persons
    whole = {name: int(value) if value >= 10 else value for name, value in params.items()}
    return [Message("area_summary.departures", whole)]


def _score(area: Row) -> list[Message]:
    """Score, rank and probability, as far as the tier has them."""
    messages = []
    for code, fields in (
        ("area_summary.score", {"mean": "score_mean", "low": "score_p05", "high": "score_p95"}),
        ("area_summary.rank", {"low": "rank_p05", "high": "rank_p95"}),
        ("area_summary.top_decile", {"probability": "p_top_decile"}),
    ):
        params = {name: area.get(field) for name, field in fields.items()}
        if None not in params.values():
            messages.append(Message(code, params))
    return messages


def _counts(counts: Sequence[Row]) -> Message:
    cells = [row for row in counts if row.get("value") is not None]
    if not cells:
        return Message("area_summary.no_counts")
    years = sorted({int(row["year"]) for row in cells if row.get("year") is not None})
    span = "-".join(str(year) for year in dict.fromkeys((*years[:1], *years[-1:])))
    return Message("area_summary.counts", {"count": len(cells), "years": span or "?"})
