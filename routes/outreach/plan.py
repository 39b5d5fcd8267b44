"""The outreach plan: villages to visit so that most at-risk departures are within reach.

:func:`plan_outreach` chooses under a number of villages, a sum of money or a number of travel
days, with a floor for each regency and at most so many villages of one, and excludes villages
served by a task force. It is a maximal
covering problem solved to a stated gap (:mod:`routes.outreach.covering`). Persons *reached* set out
within the radius of a visited village of their regency; it is not a number of persons protected.

What is maximised is need: each departure reached counts in proportion to how common departure is
among the people of its regency, so that a village where many leave comes before one where many
live. A floor is the same share of need and of departures, since the rate is that of a regency.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InfeasibleError, InputError
from geo.i18n import Message, languages
from routes.graph.arrays import Floats, Integers
from routes.outreach.covering import Chosen, Covering, reach_matrix
from routes.outreach.reasons import outdone_notes, point_notes, reason, uncertain_notes
from routes.outreach.request import OutreachPlanRequest
from routes.outreach.thinning import MOST_CANDIDATES, promising_candidates

__all__ = ["DAY_HOURS", "OutreachPlan", "plan_outreach"]

DAY_HOURS = 8.0
"""Hours of travel in a working day (assumed)."""
_GAP = 1e-3
_COLUMNS = ("id", "name", "regency_code", "lat", "lon", "persons")


@dataclass(frozen=True, eq=False)
class OutreachPlan:
    """Villages to visit and the expected reach.

    Attributes
    ----------
    villages : DataFrame
        The chosen rows, most need first, with ``rank, persons_covered`` (persons a year
        reached by this village and by none of a higher rank), ``places_covered``,
        ``travel_days``, ``cost``, ``relative_rate``, ``must`` and ``reason_<language>``.
    persons_covered : dict
        ``mean, p05, p95``: persons a year reached; no interval without draws.
    share : float
        Of all departures from villages that are not served.
    gap : float
        Upper bound of the relative distance to the optimum, of need.
    method : str
        ``milp``, ``relaxation`` or ``greedy`` (:class:`routes.outreach.covering.Chosen`).
    regencies : DataFrame
        ``regency_code, regency, persons`` (all that are not served), ``unplaced`` (of them, those
        of villages whose place is unknown), ``coverable`` (reached by visits to all candidates),
        ``covered, villages``, ``outdone`` (none chosen: a visit there meets less need than any of
        the plan adds), ``stated`` and, if the villages have it, ``departures_per_100k``.
    excluded : tuple of ids
        Villages served by a task force or visited before.
    cost, travel_days : float
        Of the whole plan; cost is NaN without costs.
    radius_km : float
    per_regency : int, optional
        Villages of one regency that were allowed.
    compared : (int, int)
        Places to visit that were compared, of those possible; the gap is to the best of the first.
    """

    villages: pd.DataFrame
    persons_covered: dict[str, float | None]
    share: float
    gap: float
    method: str
    regencies: pd.DataFrame
    excluded: tuple[str, ...]
    cost: float
    travel_days: float
    radius_km: float
    per_regency: int | None = None
    compared: tuple[int, int] = (0, 0)

    def __repr__(self) -> str:
        persons = self.persons_covered["mean"]
        return (
            f"OutreachPlan({len(self.villages)} villages, {persons:.1f} persons a year, "
            f"share {self.share:.3f}, gap {self.gap:.4f})"
        )

    @property
    def cost_per_person(self) -> float | None:
        """Money for each person a year reached; None without costs."""
        persons = self.persons_covered["mean"]
        return self.cost / persons if persons and np.isfinite(self.cost) else None

    @property
    def notes(self) -> list[Message]:
        """The order, how many of a regency were allowed, which regencies have no number to be
        stated, which of those that many leave have no village, and caveats on places that were
        not compared or are not known.
        """
        most, (compared, places) = self.per_regency, self.compared
        order = [Message("note.order_of_need")] if len(self.villages) > 1 else []
        limit = [] if most is None else [Message("note.per_regency", {"count": most})]
        fewer = Message("note.places_compared", {"compared": compared, "places": places})
        return [
            *order, *limit, *uncertain_notes(self.regencies), *outdone_notes(self.regencies),
            *[fewer] * (compared < places),
            *point_notes(self.regencies),
        ]  # fmt: skip


def plan_outreach(
    villages: pd.DataFrame,
    *,
    number: int | None = None,
    budget: float | None = None,
    days: float | None = None,
    radius_km: float | None = None,
    radius_hours: float | None = None,
    floor: float = 0.0,
    per_regency: int | None = None,
    served: Collection[str] = (),
    must: Collection[str] = (),
    forbidden: Collection[str] = (),
    candidates: Collection[str] | None = None,
    cost_per_village: float | None = None,
    cost_per_day: float = 0.0,
    draws: pd.DataFrame | None = None,
    gap: float = _GAP,
    method: str = "milp",
) -> OutreachPlan:
    """Choose villages to visit.

    Parameters
    ----------
    villages : DataFrame
        ``id, name, regency_code, lat, lon, persons`` (expected at-risk departures a year);
        optionally ``code, regency, land`` (water is not crossed within the radius, nor the border
        of a regency),
        ``travel_hours`` (one way from the base; missing counts as 0), ``visit_share`` (of a point's
        departures, the share that visits can reach: below 1 where it represents several villages),
        ``departures_per_100k`` (of the regency's people; NaN counts as the mean), ``class`` (of
        the regency), ``stated`` (whether the regency's number is certain enough to be stated; the
        choice does not depend on it, what is said does) and ``district``.
    number, budget, days : int, money, days
        Exactly one of them limits the plan. A visit takes one day and the travel both ways, 8 h a
        day.
    radius_km, radius_hours : float
        Exactly one: straight-line distance, or hours by road, to which a visit reaches.
    floor : float
        Least share of each regency's reachable departures, 0 to 1.
    per_regency : int, optional
        Most villages of one regency.
    served, must, forbidden : collections of village ids
        Served villages are neither chosen nor counted as reached by this plan.
    candidates : collection of ids, optional
        Where a visit is possible; by default everywhere.
    cost_per_village, cost_per_day : money
        Needed with ``budget``; a day is a day of ``days``.
    draws : DataFrame, shape (draws, regencies), optional
        Factor on the departures of each regency, by its code, in each draw: for the interval.
    gap : float
        Relative gap at which the solver may stop.
    method : str
        ``milp`` or ``greedy``.

    Raises
    ------
    InputError
        ``field`` names the argument at fault.
    InfeasibleError
        Constraints that exclude each other; the message says which to relax, and by how much.

    Examples
    --------
    >>> villages = pd.DataFrame(
    ...     {
    ...         "id": ["a", "b", "c"],
    ...         "name": ["A", "B", "C"],
    ...         "regency_code": "53.01",
    ...         "lat": [-9.80, -9.81, -10.4],
    ...         "lon": [124.0, 124.0, 124.0],
    ...         "persons": [5.0, 2.0, 6.0],
    ...     }
    ... )
    >>> plan_outreach(villages, number=1, radius_km=5)
    OutreachPlan(1 villages, 7.0 persons a year, share 0.538, gap 0.0000)
    """
    _check_table(villages)
    if radius_km is None and radius_hours is None:
        raise InputError("outreach.one_radius", field="radius_km")
    request = OutreachPlanRequest.of(
        number=number if number is None else operator.index(number), budget=budget, days=days,
        radius_km=radius_km, radius_hours=radius_hours, floor=floor,
        per_regency=per_regency if per_regency is None else operator.index(per_regency),
        must=tuple(must), forbidden=tuple(forbidden), cost_per_village=cost_per_village,
        cost_per_day=cost_per_day,
    )  # fmt: skip
    limit, radius = request.limit, request.reach_km
    if method not in {"milp", "greedy"}:
        raise InputError("outreach.method", method=method, field="method")
    ids = pd.Index(villages["id"].astype(str))
    lists = {"served": served, "must": must, "forbidden": forbidden}
    marks = {name: _marked(names, ids, name) for name, names in lists.items()}
    available = np.ones(len(ids), bool)
    if candidates is not None:
        available = _marked(candidates, ids, "candidates")
    for problem_code, excluded in (
        ("outreach.must_and_served", marks["served"]),
        ("outreach.must_no_candidate", ~available),
    ):
        if (both := marks["must"] & excluded).any():
            raise InputError(problem_code, village=ids[both.argmax()], field="must")
    available &= ~marks["served"]
    possible = np.flatnonzero(available)
    available &= ~marks["forbidden"]
    open_ = np.flatnonzero(available)
    if number is not None and number > len(open_):
        raise InputError(
            "outreach.too_many_villages", number=number, available=len(open_), field="number"
        )
    need = _days(villages)
    price = np.full(len(ids), np.nan)  # NaN without costs
    if cost_per_village is not None or cost_per_day:
        price = (cost_per_village or 0.0) + cost_per_day * need
    spends = {"number": np.ones(len(ids)), "budget": price, "days": need}[limit[0]]
    _check_cheapest(spends[open_], limit)
    problem = _problem(villages, open_, possible, radius, spends, limit[1], floor, marks)
    if per_regency is not None:
        problem = replace(problem, most=per_regency, home=problem.group[open_])
        _check_most(problem, villages, number)
    places = len(open_)
    if places > MOST_CANDIDATES:
        kept = promising_candidates(
            problem.reach, problem.weight, problem.cost, problem.group[open_], problem.must,
            of_point=problem.group, floor=problem.floor, of_group=per_regency or 0,
        )  # fmt: skip
        open_ = open_[kept]
        problem = replace(
            problem, reach=problem.reach[:, kept], cost=problem.cost[kept],
            must=problem.must[kept], home=problem.group[open_],
        )  # fmt: skip
    _check_must(problem, limit)
    chosen = problem.greedy() if method == "greedy" else problem.solve(gap=gap)
    if chosen is None or not problem.meets_floors(chosen.picked):
        raise _floor_error(problem, limit, floor)
    plan = _plan_of(villages, problem, chosen, open_, marks["served"], radius, need, price, draws)
    return replace(plan, compared=(len(open_), places), per_regency=per_regency)


# -- the request -----------------------------------------------------------------------------------


def _check_table(villages: pd.DataFrame) -> None:
    missing = [name for name in _COLUMNS if name not in villages]
    if missing:
        raise InputError("outreach.no_column", column=missing[0], field="villages")
    if not len(villages):
        raise InputError("outreach.no_villages", field="villages")
    if villages["id"].duplicated().any():
        duplicate = villages.loc[villages["id"].duplicated(), "id"].iloc[0]
        raise InputError("outreach.duplicate_village", village=duplicate, field="villages")
    persons = villages["persons"].to_numpy(float)
    if not (np.isfinite(persons).all() and (persons >= 0).all()):
        raise InputError("outreach.negative_persons", field="villages")
    shares = _visit_share(villages)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise InputError("outreach.visit_share", field="villages")


def _marked(names: Collection[str], ids: pd.Index, field: str) -> NDArray[np.bool_]:
    """Which villages are in a list; refuses unknown and repeated ones."""
    listed = Message(f"outreach_list.{field}")
    for village, count in Counter(names).items():
        if village not in ids:
            raise InputError("outreach.unknown_village", name=listed, village=village, field=field)
        if count > 1:
            raise InputError("outreach.named_twice", name=listed, village=village, field=field)
    return np.asarray(ids.isin(list(names)), bool)


def _days(villages: pd.DataFrame) -> Floats:
    if "travel_hours" not in villages:
        return np.ones(len(villages))
    hours = villages["travel_hours"].astype(float).fillna(0.0).to_numpy()
    return np.asarray(1.0 + 2.0 * hours / DAY_HOURS, float)


def _visit_share(villages: pd.DataFrame) -> Floats:
    if "visit_share" not in villages:
        return np.ones(len(villages))
    return np.asarray(villages["visit_share"], float)


def _relative_rate(villages: pd.DataFrame) -> Floats:
    """Departures per head of each regency over the mean of all departures; 1 where not known."""
    if "departures_per_100k" not in villages:
        return np.ones(len(villages))
    by_regency = villages.groupby(villages["regency_code"].astype(str))["departures_per_100k"]
    rate = by_regency.transform("first").astype(float)
    known = rate.notna()
    persons = villages.loc[known, "persons"].astype(float)
    total = float(persons.sum())
    mean = float((rate[known] * persons).sum()) / total if total else 0.0
    return np.asarray((rate / mean).fillna(1.0) if mean > 0 else np.ones(len(villages)), float)


def _reachable(villages: pd.DataFrame) -> Floats:
    """Departures of each point that visits within the radius reach."""
    return np.asarray(villages["persons"].to_numpy(float) * _visit_share(villages), float)


def _problem(
    villages: pd.DataFrame,
    open_: Integers,
    possible: Integers,
    radius: float,
    spends: Floats,
    limit: float,
    floor: float,
    marks: Mapping[str, Any],
) -> Covering:
    at = villages[["lat", "lon"]].to_numpy(float)
    # a visit is for people of its own regency, whose services invite them and follow it up
    area = villages["regency_code"].astype(str)
    if "land" in villages:
        area = area + " " + villages["land"].astype(str)
    within = area.to_numpy()
    reach = reach_matrix(at, at[possible], radius, areas=(within, within[possible]))
    weight = np.where(marks["served"], 0.0, _reachable(villages) * _relative_rate(villages))
    codes, _ = pd.factorize(villages["regency_code"].astype(str))
    group = np.asarray(codes, np.intp)
    # The floor is a share of what all candidates reach, forbidden ones included: else forbidding a
    # village would lower it.
    within_reach = np.diff(reach.indptr) > 0
    floors = floor * np.bincount(group, weight * within_reach)
    return Covering(
        reach=reach[:, np.isin(possible, open_)],
        weight=weight,
        group=group,
        cost=spends[open_],
        budget=limit,
        floor=np.asarray(floors, float),
        must=np.asarray(marks["must"][open_], bool),
    )


def _limit_params(limit: tuple[str, float]) -> dict[str, Any]:
    """Name, unit and size of a limit, for the text of an error."""
    name, size = limit
    option, unit = Message(f"limit.{name}"), Message(f"limit_unit.{name}")
    return {"option": option, "unit": unit, "limit": size}


def _check_cheapest(spends: Floats, limit: tuple[str, float]) -> None:
    if not len(spends):
        raise InfeasibleError("outreach.nothing_left")
    least = float(spends.min())
    if least <= limit[1] * (1 + 1e-9):
        return
    raise InfeasibleError(
        f"outreach.cheapest_over_{limit[0]}", count=_rounded(least, up=True), limit=limit[1]
    )


def _rounded(value: float, *, up: bool) -> float:
    """``value`` rounded up or down to three significant digits (whole above 1000)."""
    if value <= 0:
        return 0.0
    step = min(10.0 ** (np.floor(np.log10(value)) - 2), 1.0)
    steps = value / step
    return float((np.ceil(steps - 1e-6) if up else np.floor(steps + 1e-6)) * step)


def _check_must(problem: Covering, limit: tuple[str, float]) -> None:
    spent = float(problem.cost[problem.must].sum())
    if spent > limit[1] * (1 + 1e-9):
        raise InfeasibleError("outreach.must_over_limit", spent=spent, **_limit_params(limit))


def _check_most(problem: Covering, villages: pd.DataFrame, number: int | None) -> None:
    """Refuse a number of villages, or a list of those to visit, that the most of a regency forbids.

    Each regency gives at most as many as it has: the least value that allows the number is found
    among those counts.
    """
    home, most = np.asarray(problem.home), int(problem.most or 0)
    asked = np.bincount(home, problem.must)
    if asked.max() > most:
        codes = villages["regency_code"].astype(str)
        fullest = problem.group == int(asked.argmax())
        regency = villages.get("regency", codes)[fullest].iloc[0]
        raise InfeasibleError(
            "outreach.must_over_per_regency", field="per_regency", regency=regency,
            count=int(asked.max()), most=most,
        )  # fmt: skip
    there = np.bincount(home)
    available = int(np.minimum(there, most).sum())
    if number is not None and number > available:
        least = next(n for n in range(most, number + 1) if np.minimum(there, n).sum() >= number)
        raise InfeasibleError(
            "outreach.number_over_per_regency", field="per_regency", count=number, most=most,
            available=available, least=least,
        )  # fmt: skip


def _floor_error(problem: Covering, limit: tuple[str, float], floor: float) -> InfeasibleError:
    # In per cent; the solver's gap is a thousandth, and the text shows a little less.
    best = _rounded(100 * problem.fairest() * floor * (1 - 1e-6), up=False)
    params = {"floor": 100 * floor, "best": best, **_limit_params(limit)}
    enough, most = problem.enough(), problem.most
    if enough is not None:
        least, of_regency = enough
        if most is None or of_regency <= most:
            return InfeasibleError("outreach.floor_or_limit", least=least, **params)
        if least <= limit[1]:
            params |= {"least": of_regency, "most": most}
            return InfeasibleError("outreach.floor_or_per_regency", **params)
    return InfeasibleError("outreach.floor_unreachable", **params)


# -- the result ------------------------------------------------------------------------------------


def _plan_of(
    villages: pd.DataFrame,
    problem: Covering,
    chosen: Chosen,
    open_: Integers,
    served: Any,
    radius: float,
    need: Floats,
    price: Floats,
    draws: pd.DataFrame | None,
) -> OutreachPlan:
    reachable = np.where(served, 0.0, _reachable(villages))
    order, reached, places, gains = _ranked(problem, reachable, chosen.picked)
    rows = open_[order]
    table = (
        villages.iloc[rows]
        .reset_index(drop=True)
        .assign(
            rank=np.arange(1, len(rows) + 1),
            persons_covered=reached,
            places_covered=places,
            travel_days=need[rows],
            cost=price[rows],
            relative_rate=_relative_rate(villages)[rows],
            must=problem.must[order],
        )
    )
    reasons = [reason(row, radius) for row in table.to_dict("records")]
    for language in languages():
        table[f"reason_{language}"] = [message.in_language(language) for message in reasons]
    regencies = _regencies(villages, replace(problem, weight=reachable), chosen, rows, served)
    visit = np.zeros(len(regencies))
    np.maximum.at(visit, problem.group[open_], problem.reach.T @ problem.weight)
    regencies["outdone"] = (regencies["villages"] == 0) & (visit < gains.min(initial=np.inf))
    covered = float(regencies["covered"].sum())
    interval: dict[str, float | None] = {"mean": covered, "p05": None, "p95": None}
    if draws is not None and len(draws):
        by_regency = regencies.set_index("regency_code")["covered"]
        by_draw = draws[by_regency.index].to_numpy() @ by_regency.to_numpy()
        low, high = np.percentile(by_draw, [5, 95])
        interval = {"mean": float(by_draw.mean()), "p05": float(low), "p95": float(high)}
    total = float(regencies["persons"].sum())
    return OutreachPlan(
        villages=table,
        persons_covered=interval,
        share=covered / total if total else 0.0,
        gap=chosen.gap,
        method=chosen.method,
        regencies=regencies,
        excluded=tuple(villages.loc[served, "id"].astype(str)),
        cost=float(price[rows].sum()),
        travel_days=float(need[rows].sum()),
        radius_km=radius,
    )


def _ranked(
    problem: Covering, reachable: Floats, picked: Integers
) -> tuple[Integers, Floats, Integers, Floats]:
    """The chosen villages, each next with the largest gain; the gains in persons, places, need."""
    columns = problem.reach[:, picked].tocsc()
    left, waiting = problem.weight.copy(), list(range(len(picked)))
    order, persons, places, needs = [], [], [], []
    while waiting:
        gains = np.asarray(columns.T @ left).ravel()
        best = max(waiting, key=lambda k: (gains[k], -k))
        points = columns.indices[columns.indptr[best] : columns.indptr[best + 1]]
        order.append(int(picked[best]))
        new = points[left[points] > 0]
        persons.append(float(reachable[new].sum()))
        places.append(len(new))
        needs.append(float(gains[best]))
        left[points] = 0.0
        waiting.remove(best)
    return (
        np.array(order, np.intp), np.array(persons, float), np.array(places, np.intp),
        np.array(needs, float),
    )  # fmt: skip


def _regencies(
    villages: pd.DataFrame,
    problem: Covering,
    chosen: Chosen,
    rows: Integers,
    served: NDArray[np.bool_],
) -> pd.DataFrame:
    persons, reachable = villages["persons"].to_numpy(float), _reachable(villages)
    codes = villages["regency_code"].astype(str)
    # Regencies in the order of their groups; served villages count only with what no visit reaches.
    table = pd.DataFrame(
        {
            "regency_code": codes.unique(),
            "regency": villages.get("regency", codes).groupby(problem.group).first(),
            "persons": np.bincount(problem.group, persons - np.where(served, reachable, 0.0)),
            "unplaced": np.bincount(problem.group, persons - reachable),
            "coverable": problem.coverable,
            "covered": problem.covered(chosen.picked),
            "villages": np.bincount(problem.group[rows], minlength=len(problem.floor)),
            "stated": True,
        }
    )
    if "stated" in villages:
        table["stated"] = villages.groupby(problem.group)["stated"].first().astype(bool)
    if "departures_per_100k" in villages:
        rates = villages.groupby(problem.group)["departures_per_100k"].first()
        table["departures_per_100k"] = rates.astype(float)
    return table
