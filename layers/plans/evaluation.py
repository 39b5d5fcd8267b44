"""Did an intervention change what is counted: effect, power, placebos, and one honest sentence.

Answers are made of the layer ``counts`` as the reader has it. A count of single events is none of
its year; one of a part of a year stands for the whole by its months, from three on. Counts of
unlike class in law or unit are never added up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.codes import COUNTRY
from geo.errors import UnknownNameError
from geo.i18n import Message, languages
from geo.interventions import Aim, ByLanguage, Intervention
from geo.interventions import months_of as months
from geo.paths import DATA
from geo.sources import joined_sources, publishers
from geo.tables import read_table
from layers.release.counts import EVENTS
from layers.visibility import Rights, province_limit, sees_intervention
from routes.evaluation.effect import (
    Effect,
    Panel,
    estimate_effect,
    placebo_in_time,
    placebos_in_place,
)

if TYPE_CHECKING:
    from layers.plans.service import PlanService

__all__ = [
    "evaluate_intervention", "interventions_answer", "interventions_list", "model_expects",
    "sentence_for",
]  # fmt: skip

Row = Mapping[str, Any]
_YEARS = 5
"""Years before its start and after it that an intervention is judged by."""
_LEAST_MONTHS, _YEAR = 3, 12
_DIFFERENT = ("more", "fewer")
"""Verdicts of an outcome outside its interval of no change."""
_MOVES, _LEAST_MOVE = 5, 1.0
"""Regencies named where flow moves, and the least persons a year."""
_HUGE = 100.0
"""A change that no record of years needs statistics for."""


@dataclass(frozen=True)
class _Count:
    """A count of a place that can stand for its year."""

    area: str
    year: int
    period: str
    value: float
    after: float
    cells: int

    @property
    def months(self) -> int:
        """How many months were counted."""
        first, last = months(self.year, self.period)
        return last - first + 1

    def as_row(self, *, treated: bool) -> tuple[str, float, float, float, bool, float]:
        """Its row of a :class:`~routes.evaluation.effect.Panel`."""
        first, last = months(self.year, self.period)
        return (
            self.area, self.value, self.months / _YEAR, self.after, treated,
            (first + last + 1) / 2 / _YEAR,
        )  # fmt: skip


@dataclass(frozen=True)
class _Judged:
    """One aim of an intervention on the record."""

    aim: Aim
    panel: Panel
    effect: Effect
    treated: tuple[_Count, ...]
    compared: tuple[_Count, ...]
    left_out: int


def interventions_answer(
    rows: Sequence[Row], interventions: Iterable[Intervention], id: str | None = None, *,  # noqa: A002
    rights: Rights, province: str | None = None,
    open_service: Callable[[], PlanService] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What every door answers: ``interventions`` that the reader may know of, or the whole of one.

    Parameters
    ----------
    rows : sequence of mapping
        The layer ``counts`` as the reader has it.
    interventions : iterable of Intervention
    id : str, optional
        The one that is asked for.
    rights, province
        Of the reader.
    open_service : callable, optional
        Opens the model; called for an intervention of posts alone.

    Raises
    ------
    UnknownNameError
        The reader knows of none with this id.
    """
    known = [
        one for one in interventions
        if sees_intervention(rights, province, posts=one.secret, office=one.office,
                             areas=one.area_codes)
    ]  # fmt: skip
    if id is None:
        return {"interventions": interventions_list(rows, known)}
    named = {one.id: one for one in known}
    if id not in named:
        raise UnknownNameError("intervention.unknown", name=id, matches=sorted(named))
    one = named[id]
    effort = expected = None
    if rights.posts and sees_intervention(
        rights, province, posts=True, office=False, areas=one.area_codes
    ):
        effort = read_table("effort", DATA).to_dict("records")
        # its persons and the regencies where flow moves are the nation's
        whole = rights.numbers and province_limit(rights, province) is None
        if one.terminal_ids and open_service is not None and whole:
            expected = model_expects(open_service(), one.terminal_ids)
    found = evaluate_intervention(rows, one, known, effort=effort, expected=expected)
    return {**found, "source": joined_sources([one.source])} if rights.page_links else found


def interventions_list(
    rows: Sequence[Row], interventions: Iterable[Intervention]
) -> list[dict[str, Any]]:
    """Each intervention with its verdict and sentence, the newest first.

    Parameters
    ----------
    rows : sequence of mapping
        The layer ``counts`` as the reader has it.
    interventions : iterable of Intervention
        Those that the reader may know of.

    Returns
    -------
    list of dict
        ``id, name, kind, area_codes, start, until, measure, verdict, effect, detectable,
        sentence`` (texts by language), and ``differs``: the other outcomes that were more or fewer
        than the usual ups and downs, each with its sentence.
    """
    listed = sorted(interventions, key=lambda one: (one.begins, one.id), reverse=True)
    return [_card(one, _judge(rows, one, one.aims[0]), rows) for one in listed]


def evaluate_intervention(
    rows: Sequence[Row], one: Intervention, others: Iterable[Intervention] = (), *,
    effort: Sequence[Row] | None = None, expected: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The whole answer about one intervention.

    Parameters
    ----------
    rows, one
        As :func:`interventions_list`.
    others : iterable of Intervention
        Others that the reader may know of: those that overlap are named.
    effort : sequence of mapping, optional
        Rows of ``effort.csv``, where the reader may know how places are watched.
    expected : mapping, optional
        What the flow model expects of its posts (:func:`model_expects`).

    Returns
    -------
    dict
        That of the list and ``power`` (said before anything else), ``years`` (counts, and what the
        places of comparison lead to expect), ``before`` (treated over comparison by year),
        ``placebos`` in place, ``rank`` among them, ``placebo_in_time``, ``paired`` outcomes that do
        not follow the watching, ``effort``, ``expected``, ``overlapping``, ``ask`` and provenance.
    """
    judged = _judge(rows, one, one.aims[0])
    names = {row["area_code"]: row["area_name"] for row in rows}
    effect = judged.effect
    placebos = {
        code: other for code, other in placebos_in_place(judged.panel).items()
        if bool(other.compared) == bool(effect.compared)  # else it is another quantity
    }  # fmt: skip
    return {
        **_card(one, judged, rows),
        "power": _power(judged.effect).as_dict(),
        "years": _by_year(judged),
        "before": _before(judged),
        "placebos": [
            {"area_code": code, "area_name": names.get(code, code), "effect": _interval(effect)}
            for code, effect in placebos.items()
        ],
        "rank": _rank(judged.effect, placebos),
        "placebo_in_time": _earlier(judged),
        "paired": [
            {**_outcome(paired), "years": _by_year(paired),
             "sentence": _joined(_said(one, paired, rows))}
            for paired in _paired(one, rows)
        ],
        "effort": None if effort is None else _watched(one, effort),
        "expected": expected,
        "overlapping": [
            {"id": other.id, "name": _texts(other.name), "start": other.start}
            for other in others if _overlap(one, other)
        ],
        "ask": [message.as_dict() for message in _to_ask(judged)],
        "as_of": one.as_of, "source": publishers([one.source])[0],
        "confidence": one.confidence, "note": one.note,
    }  # fmt: skip


def sentence_for(
    rows: Sequence[Row], interventions: Iterable[Intervention], code: str
) -> Message | None:
    """One short sentence on the latest intervention in an area, for a brief; None without any."""
    of_area = [one for one in interventions if code in one.area_codes and not one.secret]
    if not of_area:
        return None
    one = max(of_area, key=lambda found: found.begins)
    effect, aim = _judge(rows, one, one.aims[0]).effect, one.aims[0]
    values = {
        "name": one.name, "start": one.begins, "measure": Message(f"measure.{aim.measure}"),
        "verdict": Message(f"verdict.{effect.verdict}"),
    }  # fmt: skip
    if effect.verdict == "too_few":
        return Message("evaluation.brief_too_few", values)
    ends = {"ratio": effect.ratio, "low": effect.low, "high": effect.high}
    values |= {name: _times(value) for name, value in ends.items()}
    values["than"] = _than(effect)
    kind = "effort" if aim.follows_effort else "outcome"
    return Message(f"evaluation.brief_{kind}", values)


def model_expects(
    service: PlanService, terminals: Sequence[str], sentence: str = "evaluation.expected"
) -> dict[str, Any] | None:
    """Persons a year whom the flow model expects to be stopped with posts at terminals and without,
    and how many pass each regency more or fewer; None where the model has none of the terminals.

    Where a landing gains is not said: regencies are as fine as it goes.
    """
    from layers.plans.requests import STAFFED_HOURS
    from routes.posts.plan import staffed_post

    table = service.build.terminals.set_index("id")
    there = [terminal for terminal in terminals if terminal in table.index]
    if not there:
        return None
    model, standing = service.build.flow_model(), service.build.network.posts
    posts = {
        terminal: standing.get(terminal) or staffed_post(STAFFED_HOURS, table.at[terminal, "kind"])
        for terminal in there
    }
    nothing = type(next(iter(posts.values())))()
    without, with_posts = (model.intercept(p) for p in (dict.fromkeys(there, nothing), posts))
    share = dict(zip(service.build.network.nodes, service.build.boarding.tolist(), strict=True))
    moved: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    at_home = table[table["country"] == "ID"]
    for terminal, code in zip(at_home.index, at_home["area_code"], strict=True):
        for side, load in enumerate((without.load, with_posts.load)):
            moved[code][side] += share[terminal] * load[terminal]
    most = sorted(moved.items(), key=lambda item: -abs(item[1][1] - item[1][0]))[:_MOVES]
    names = service.build.regency_names
    moves = [
        {"area_code": code, "area_name": names.get(code, code), "without": _two(ends[0]),
         "change": _two(ends[1] - ends[0])}
        for code, ends in most if abs(ends[1] - ends[0]) >= _LEAST_MOVE
    ]  # fmt: skip
    stopped = _two(with_posts.persons - without.persons)
    return {
        "persons": stopped, "moves": moves,
        "sentence": Message(sentence, {"persons": stopped}).as_dict(),
    }  # fmt: skip


# -- the record ------------------------------------------------------------------------------------


def _judge(rows: Sequence[Row], one: Intervention, aim: Aim) -> _Judged:
    treated, compared, left_out = _record(rows, one, aim)
    if treated:
        years = [count.year for count in treated]
        compared = [c for c in compared if min(years) <= c.year <= max(years)]
    panel = Panel.of(
        [count.as_row(treated=True) for count in treated]
        + [count.as_row(treated=False) for count in compared]
    )
    effect = estimate_effect(panel)
    beside = tuple(count for count in compared if count.area in effect.compared)
    return _Judged(aim, panel, effect, tuple(treated), beside, left_out)


def _record(
    rows: Sequence[Row], one: Intervention, aim: Aim
) -> tuple[list[_Count], list[_Count], int]:
    """Counts of the treated places and of those of their level beside them, and how many of the
    treated are no count of a year.
    """
    treated: list[_Count] = []
    compared: list[_Count] = []
    left_out = 0
    first = one.begins.number // _YEAR
    # a province's sum is of other regencies each year: the country is its regencies
    whole = one.area_codes == (COUNTRY,)
    lengths = set() if whole else {len(code) for code in one.area_codes}
    for row in rows:
        code, year = str(row["area_code"]), int(row["year"])
        if (row["measure"], row["legal_class"]) != (aim.measure, aim.legal_class):
            continue
        if row.get("value") is None or abs(year - first) > _YEARS:
            continue
        inside = code in one.area_codes or (whole and "." in code)
        if not inside and (
            len(code) not in lengths
            or any(code.startswith(own) or own.startswith(code) for own in one.area_codes)
        ):
            continue
        period = str(row.get("period") or "")
        usable = period != EVENTS
        count = _Count(
            code, year, period if usable else "", float(row["value"]),
            one.share_of(year, period if usable else ""), int(row.get("cells") or 0),
        )  # fmt: skip
        if not usable or count.months < _LEAST_MONTHS:
            left_out += inside
        elif inside:
            treated.append(count)
        else:
            compared.append(count)
    return sorted(treated, key=_order), sorted(compared, key=_order), left_out


def _order(count: _Count) -> tuple[str, int]:
    return count.area, count.year


def _watched(one: Intervention, effort: Sequence[Row]) -> list[dict[str, Any]]:
    fields = ("terminal_id", "area_code", "body", "from_date", "until_date", "measure", "value",
              "unit", "source")  # fmt: skip
    return [
        {name: _plain(row[name]) for name in fields}
        for row in effort
        if row["measure"] in one.effort
        and (not one.terminal_ids or row["terminal_id"] in one.terminal_ids)
        and (
            one.area_codes == (COUNTRY,)
            or any(str(row["area_code"]).startswith(code) for code in one.area_codes)
        )
    ]


def _overlap(one: Intervention, other: Intervention) -> bool:
    """Whether another began in the years by which one is judged, in one of its places."""
    if one.id == other.id or abs(one.begins.number - other.begins.number) > _YEARS * _YEAR:
        return False
    if COUNTRY in (one.area_codes + other.area_codes):
        return True
    return any(a.startswith(b) or b.startswith(a) for a in one.area_codes for b in other.area_codes)


# -- the answer ------------------------------------------------------------------------------------


def _card(one: Intervention, judged: _Judged, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "id": one.id, "name": _texts(one.name), "kind": one.kind,
        "area_codes": list(one.area_codes), "area_name": _place(one, rows).as_dict(),
        "terminal_ids": list(one.terminal_ids), "start": one.start, "until": one.until or None,
        "office": one.office, **_outcome(judged), "sentence": _joined(_said(one, judged, rows)),
        "differs": [
            {**_outcome(other), "sentence": _joined(_said_of_other(other))}
            for other in _paired(one, rows) if other.effect.verdict in _DIFFERENT
        ],
    }  # fmt: skip


def _paired(one: Intervention, rows: Sequence[Row]) -> list[_Judged]:
    """Outcomes beside the first that do not follow the watching."""
    return [_judge(rows, one, aim) for aim in one.aims[1:] if not aim.follows_effort]


def _outcome(judged: _Judged) -> dict[str, Any]:
    effect = judged.effect
    return {
        "measure": judged.aim.measure, "legal_class": judged.aim.legal_class,
        "aim": judged.aim.direction, "verdict": effect.verdict, "effect": _interval(effect),
        "detectable": None if math.isnan(effect.detectable) else effect.detectable,
        "counts": effect.counts, "compared": len(effect.compared), "left_out": judged.left_out,
    }  # fmt: skip


def _interval(effect: Effect) -> dict[str, float] | None:
    if effect.verdict == "too_few":
        return None
    return {"mean": effect.ratio, "p05": effect.low, "p95": effect.high}


def _by_year(judged: _Judged) -> list[dict[str, Any]]:
    """Counts of the treated places by year, and what those of comparison lead to expect."""
    expected = _scaled(judged)
    years: dict[int, list[_Count]] = defaultdict(list)
    for count in judged.treated:
        years[count.year].append(count)
    return [
        {
            "year": year, "count": sum(count.value for count in counts), "places": len(counts),
            "months": counts[0].months if len(counts) == 1 else None,
            "period": counts[0].period if len(counts) == 1 else "",
            "as_a_year": sum(count.value * _YEAR / count.months for count in counts),
            "after": sum(count.after for count in counts) / len(counts),
            "comparison": expected.get(year),
        }
        for year, counts in sorted(years.items())
    ]  # fmt: skip


def _scaled(judged: _Judged) -> dict[int, float]:
    """By year the counts of the treated places had they moved from before as those of comparison.

    Each place is measured by its own mean before; only places that have one are used.
    """
    base = _rates(count for count in (*judged.treated, *judged.compared) if count.after == 0)
    index: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for count in judged.compared:
        if base.get(count.area, 0) > 0:
            index[count.year].append((count.value, base[count.area] * count.months / _YEAR))
    moved = {year: sum(v for v, _ in p) / sum(e for _, e in p) for year, p in index.items()}
    expected: dict[int, float] = defaultdict(float)
    for count in judged.treated:
        if count.year in moved and base.get(count.area, 0) > 0:
            expected[count.year] += moved[count.year] * base[count.area] * count.months / _YEAR
    return dict(expected)


def _rates(counts: Iterable[_Count]) -> dict[str, float]:
    """Counts a year of each place."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for count in counts:
        sums[count.area][0] += count.value
        sums[count.area][1] += count.months / _YEAR
    return {area: value / years for area, (value, years) in sums.items()}


def _before(judged: _Judged) -> list[dict[str, float]]:
    """Treated over comparison in each year before the start, 1 on the whole."""
    return [
        {"year": row["year"], "ratio": row["count"] / row["comparison"]}
        for row in _by_year(judged)
        if row["after"] == 0 and row["comparison"]
    ]


def _rank(effect: Effect, placebos: Mapping[str, Effect]) -> dict[str, int] | None:
    """Where the effect stands among those of places that nothing was done in, the greatest 1."""
    if effect.verdict == "too_few" or not placebos:
        return None
    size = abs(math.log(effect.ratio))
    greater = sum(abs(math.log(other.ratio)) >= size for other in placebos.values())
    return {"rank": 1 + greater, "of": 1 + len(placebos)}


def _earlier(judged: _Judged) -> dict[str, Any] | None:
    found = placebo_in_time(judged.panel)
    if found is None or bool(found[1].compared) != bool(judged.effect.compared):
        return None
    return {
        "year": math.floor(found[0]),
        "verdict": found[1].verdict,
        "effect": _interval(found[1]),
    }


# -- in words --------------------------------------------------------------------------------------


def _said(one: Intervention, judged: _Judged, rows: Sequence[Row]) -> list[Message]:
    """What can be said, the sentence first."""
    effect, aim = judged.effect, judged.aim
    common = {
        "name": one.name, "start": one.begins, "place": _place(one, rows),
        "measure": Message(f"measure.{aim.measure}"),
    }  # fmt: skip
    if effect.verdict == "too_few":
        why = Message(f"evaluation.why_{effect.why}", {"count": effect.counts})
        return [Message("evaluation.too_few", {**common, "why": why})]
    ends = {"ratio": effect.ratio, "low": effect.low, "high": effect.high}
    values = {**common, **{name: _times(value) for name, value in ends.items()}}
    values["than"] = _than(effect)
    said = [Message(f"evaluation.{effect.verdict}", values)]
    said.append(
        Message("evaluation.compared", {"count": len(effect.compared)})
        if effect.compared else Message("evaluation.alone")
    )  # fmt: skip
    if parts := sum(count.months < _YEAR for count in judged.treated):
        said.append(Message("evaluation.parts", {"count": parts, "all": len(judged.treated)}))
    cells = [count.cells for count in judged.treated if count.cells]
    if cells and min(cells) != max(cells):
        said.append(Message("evaluation.reporters", {"least": min(cells), "most": max(cells)}))
    if aim.follows_effort:
        kind = "stops" if aim.measure == "interceptions" else "reports"
        said.append(Message(f"evaluation.effort_{kind}"))
    return said


def _said_of_other(judged: _Judged) -> list[Message]:
    """What may be said of an outcome that differs, and no more than that."""
    effect, aim = judged.effect, judged.aim
    ends = {"ratio": effect.ratio, "low": effect.low, "high": effect.high}
    values = {
        "measure": Message(f"measure.{aim.measure}"), "than": _than(effect),
        "verdict": Message(f"verdict.{effect.verdict}"),
        **{name: _times(value) for name, value in ends.items()},
    }  # fmt: skip
    said = [Message("evaluation.differs", values)]
    if effect.verdict != aim.direction:
        said.append(Message("evaluation.differs_against"))
    why_not = "chance" if effect.compared else "alone"
    return [*said, Message(f"evaluation.differs_{why_not}")]


def _than(effect: Effect) -> Message:
    """What a count is set against: what was expected without it, or only what was before."""
    return Message(f"evaluation.than_{'expected' if effect.compared else 'before'}")


def _power(effect: Effect) -> Message:
    if effect.verdict == "too_few":
        return Message("evaluation.power_none")
    if effect.detectable >= _HUGE:
        return Message("evaluation.power_huge")
    return Message(
        "evaluation.power",
        {"ratio": _times(effect.detectable), "below": _times(1 / effect.detectable)},
    )


def _to_ask(judged: _Judged) -> list[Message]:
    asks = [Message("evaluation.ask_effort")] if judged.aim.follows_effort else []
    if judged.effect.verdict == "too_few" or judged.left_out:
        asks.append(Message("evaluation.ask_register"))
    if any(count.months < _YEAR for count in judged.treated) or judged.effect.verdict == "noise":
        asks.append(Message("evaluation.ask_months"))
    if not judged.effect.compared:
        asks.append(Message("evaluation.ask_comparison"))
    asks.append(Message("evaluation.ask_outcome"))
    return asks


def _times(ratio: float) -> Message:
    if ratio >= _HUGE:
        return Message("evaluation.ratio_huge", {"ratio": _HUGE})
    if ratio < 1 / _HUGE:
        return Message("evaluation.ratio_tiny", {"ratio": 1 / _HUGE})
    return Message("evaluation.ratio", {"ratio": float(f"{ratio:.2g}")})


def _place(one: Intervention, rows: Sequence[Row]) -> Message:
    """The places of an intervention by name."""
    if one.area_codes == (COUNTRY,):
        return Message("evaluation.country")
    names = {row["area_code"]: row["area_name"] for row in rows}
    listed = [names.get(code, code) for code in one.area_codes]
    return Message("evaluation.places", {"places": listed})


def _joined(messages: Sequence[Message]) -> dict[str, str]:
    """Sentences one after the other, by language."""
    said = [message.as_dict() for message in messages]
    return {language: " ".join(text[language] for text in said) for language in said[0]}


def _texts(name: ByLanguage) -> dict[str, str]:
    return {language: name.in_language(language) for language in languages()}


def _two(persons: float) -> float:
    """To two digits."""
    return float(f"{persons:.2g}")


def _plain(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else float(value)
    return value or None
