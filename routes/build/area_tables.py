"""The areas, settlements, hot spots and trends of a build, with intervals and explanations."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import rankdata

from geo.classes import (
    NOT_ASSESSED,
    class_probability,
    classify_rates,
    classify_within,
    is_stated,
    significant,
)
from geo.coast import load_coast
from geo.codes import CODE_LENGTHS
from geo.dataset import Dataset
from geo.i18n import languages
from geo.imports.overlay import IMPORTED
from geo.names import plain
from routes.demand.departures import departures_without_papers
from routes.demand.origins import OriginModel
from routes.graph.arrays import Floats
from routes.graph.origins import settlement_districts
from routes.graph.roads import distances_km
from routes.vulnerability.explanation import Explainer, Explanation
from routes.vulnerability.framework import Framework
from routes.vulnerability.hotspots import find_hotspots
from routes.vulnerability.index import VulnerabilityIndex
from routes.vulnerability.trend import NO_CLEAR_CHANGE, trends

__all__ = [
    "area_frame", "hotspot_frame", "population_years", "settlement_frame", "with_interval",
]  # fmt: skip

_ENDS = ("mean", "p05", "p95")
_SAME_PLACE_KM = 10.0
"""A settlement this near to the point of a village of its name and regency is that village."""
_COAST_KM = 5.0
"""A village has a coast if its point, the middle of its area, is this near to the sea."""
_PLACE_COLUMNS = (
    "id", "node", "name", "kind", "lat", "lon", "precision", "decided_by", "province_code",
    "regency_code", "population", "district_code", "district_basis",
)  # fmt: skip
_KEYS = {"province": "province_code", "regency": "regency_code", "district": "district_code"}


def with_interval(frame: pd.DataFrame, stem: str, drawn: Floats) -> pd.DataFrame:
    """Add ``<stem>_mean, _p05, _p95`` from draws of shape (draws, rows)."""
    p05, p95 = np.percentile(drawn, [5, 95], axis=0)
    columns = {f"{stem}_mean": drawn.mean(axis=0), f"{stem}_p05": p05, f"{stem}_p95": p95}
    return frame.assign(**columns)


def population_years(indicators: pd.DataFrame) -> pd.Series:
    """Year of the inhabitants of each regency, and of a province the oldest of its regencies'.

    Examples
    --------
    >>> rows = [("53.01", 2020), ("53.01", 2024), ("53.02", 2022), ("53", 2025)]
    >>> table = pd.DataFrame(rows, columns=["area_code", "year"]).assign(indicator="population")
    >>> population_years(table).to_dict()
    {'53.01': 2024, '53.02': 2022, '53': 2022}
    """
    counted = indicators[indicators["indicator"] == "population"]
    counted = counted[counted["area_code"].str.len() == CODE_LENGTHS["regency"]]
    years = counted.groupby("area_code")["year"].max()
    return pd.concat([years, years.groupby(years.index.str[: CODE_LENGTHS["province"]]).min()])


def area_frame(dataset: Dataset, model: OriginModel, drawn: Floats) -> pd.DataFrame:
    """Provinces, regencies and districts.

    Parameters
    ----------
    dataset : Dataset
        With protected counts.
    model : OriginModel
    drawn : array (draws, origins)
        Departures in each row of their posterior, in the order of ``model.table``; an area's are
        the sum of those of its origins, so that every level adds up to the one above.
    """
    names = dict(zip(dataset.areas["code"], dataset.areas["name"], strict=True))
    changes = trends(dataset.indicators, model.levels.framework)
    trends_of = {str(code): rows for code, rows in changes.groupby("code")}
    years = population_years(dataset.indicators)
    frames: list[pd.DataFrame] = []
    for level, key in _KEYS.items():
        if level not in model.levels.indices:
            continue
        index, table = model.levels.indices[level], model.levels.tables[level]
        areas = dataset.areas.set_index("code").loc[index.score_.index, ["name", "level", "parent"]]
        frame = areas.rename_axis("code").reset_index()
        frame["province_code"] = frame["code"].str[:2]
        frame[["lat", "lon"]] = _middles(dataset, model, level).reindex(frame["code"]).to_numpy()
        people = model.table.groupby(key)["population"].sum(min_count=1)
        # the people of a district are not known: its regency's were dealt out over its places
        frame["population"] = np.nan if level == "district" else frame["code"].map(people)
        frame["population_year"] = frame["code"].map(years)
        frame = _scored(frame, index)
        frame = _explained(frame, Explainer(index, table, names), model.levels.framework, trends_of)
        totals = drawn @ _members(model.table[key], frame["code"])
        frame = _with_departures(frame, totals, frame["code"].map(people).to_numpy(float))
        frame = with_interval(frame, "demand", totals)
        empty = ~frame["code"].isin(set(model.table[key]))
        frame.loc[empty, ["demand_mean", "demand_p05", "demand_p95"]] = np.nan
        if level == "district":
            frame = _of_regency(frame, frame["code"].str[:5], frames[-1])
        if level == "regency":
            frame["unofficial_landings_class"] = _landings_class(frame, dataset, model)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def settlement_frame(
    dataset: Dataset, model: OriginModel, *, pilots: Collection[str], regencies: pd.DataFrame
) -> pd.DataFrame:
    """Villages with a point and settlements of the pilot provinces, and imported villages.

    A settlement that is one of these villages is not listed beside it. Each has the class of its
    regency and no number: a regency's departures are dealt out over its places by a rule.
    """
    places = dataset.settlements
    imported = places[places["decided_by"] == IMPORTED].set_index("village_code")
    villages = dataset.villages.assign(province_code=lambda table: table["code"].str[:2])
    is_imported = villages["code"].isin(imported.index)
    villages = villages[villages["province_code"].isin(pilots) | is_imported]
    code = villages["code"]
    villages = villages.assign(
        id="v" + code, node="v:" + code, kind="village",
        precision=code.map(imported["precision"]).astype(object).fillna("approximate"),
        decided_by=is_imported.map({True: IMPORTED, False: "village_point"}),
        district_code=code.str[:8], district_basis="own",
    )  # fmt: skip
    settlements = places[places["province_code"].isin(pilots)]
    settlements = settlements[~_among(settlements, villages)]
    settlements = settlements.assign(
        node="s:" + settlements["id"], kind="settlement", **settlement_districts(settlements)
    )
    frame = pd.concat([villages, settlements], ignore_index=True)[list(_PLACE_COLUMNS)]
    frame = _scored(frame.rename(columns={"node": "code"}), model.levels.indices.get("place"))
    return _of_regency(frame, frame["regency_code"], regencies).drop(columns="code")


def _among(settlements: pd.DataFrame, villages: pd.DataFrame) -> NDArray[np.bool_]:
    """Which settlements are villages of the list: by code, or near one of their name."""
    same = settlements["village_code"].isin(villages["code"]).to_numpy(copy=True)
    named = [
        table.assign(
            key=table["regency_code"] + table["name"].map(plain), row=np.arange(len(table))
        )
        for table in (settlements, villages)
    ]
    pairs = named[0].merge(named[1], on="key", suffixes=("", "_village"))
    ends = [
        pairs[["lat", "lon"]],
        pairs[["lat_village", "lon_village"]].set_axis(["lat", "lon"], axis=1),
    ]
    same[pairs.loc[distances_km(*ends) <= _SAME_PLACE_KM, "row"]] = True
    return np.asarray(same)


def hotspot_frame(
    dataset: Dataset, model: OriginModel, departures: pd.Series, *, seed: int
) -> pd.DataFrame:
    """Clusters of districts (:func:`routes.vulnerability.hotspots.find_hotspots`) on expected
    departures.
    """
    table = model.table.assign(persons=departures.to_numpy())
    table = table[table["district_code"] != ""]
    group = table.groupby("district_code")
    names = dataset.areas.set_index("code")["name"]
    districts = pd.DataFrame(
        {
            "lat": group["lat"].mean(), "lon": group["lon"].mean(),
            "persons": group["persons"].sum(), "people": group["population"].sum(),
        }
    ).rename_axis("code").reset_index()  # fmt: skip
    districts.insert(1, "name", districts["code"].map(names))
    return find_hotspots(districts, model.regency_records, rng=np.random.default_rng(seed))


def _members(code: pd.Series, wanted: pd.Series) -> csr_array:
    """Which origin belongs to which area, shape (origins, areas)."""
    place = pd.Index(wanted).get_indexer(code)
    inside = np.flatnonzero(place >= 0)
    return csr_array(
        (np.ones(inside.size), (inside, place[inside])), shape=(len(code), len(wanted))
    )


def _with_departures(frame: pd.DataFrame, persons: Floats, people: Floats) -> pd.DataFrame:
    """Departures and their rate per 100,000 people, class and ranks by the rate.

    Areas of one level, persons of shape (draws, areas). Ranks are among the areas of the nation,
    and (``_in_province``) among those of the same province, where the class is by rank too. What
    cannot be stated (:func:`geo.classes.is_stated`) has no number, no rank, and no class, unless
    the departures of the whole province can, when the area has the class of its mean rate.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = np.where(people > 0, persons * 1e5 / people, np.nan)
    frame = with_interval(frame, "departures", persons)
    frame = with_interval(frame, "departures_per_100k", rates)
    low, high = frame["departures_per_100k_p05"], frame["departures_per_100k_p95"]
    known = is_stated(low, high)
    shown = [f"departures{rate}_{end}" for rate in ("", "_per_100k") for end in _ENDS]
    rounded = frame[shown].map(significant).to_numpy(float)
    frame[shown] = np.where(known[:, None], rounded, np.nan)
    # provinces are compared with each other whatever the scope
    nation = np.full(len(frame), "")
    of_provinces = "level" in frame and frame["level"].eq("province").all()
    province = nation if of_provinces else frame["province_code"].to_numpy(str)
    classed = known | (_known_province(frame, persons) & np.isfinite(rates).all(axis=0))
    top_share = np.full(len(frame), np.nan)
    for suffix, scope in (("", nation), ("_in_province", province)):
        ends = np.full((len(frame), 2), np.nan)
        classes = np.full(len(frame), NOT_ASSESSED, dtype=object)
        for code in np.unique(scope[classed]):
            rows = np.flatnonzero(classed & (scope == code))
            mean = rates[:, rows].mean(axis=0)
            classes[rows] = classify_within(mean) if suffix else classify_rates(mean)
        for code in np.unique(scope[known]):
            rows = np.flatnonzero(known & (scope == code))
            ranks = rankdata(-rates[:, rows], axis=1, method="min")
            ends[rows] = np.percentile(ranks, [5, 95], axis=0).T
            if not suffix:
                top_share[rows] = (ranks <= np.ceil(len(rows) / 10)).mean(axis=0)
        frame[f"class{suffix}"] = classes
        frame[[f"rank{suffix}_p05", f"rank{suffix}_p95"]] = ends
    return frame.assign(
        p_top_decile=top_share, class_probability=class_probability(rates, frame["class"])
    )


def _of_regency(frame: pd.DataFrame, code: pd.Series, regencies: pd.DataFrame) -> pd.DataFrame:
    """Class of each place's regency, without number or rank.

    A regency's departures are dealt out over its places by a rule, so a place has no number of its
    own, and ranks by it would be those of the rule.
    """
    table = regencies.drop_duplicates("code").set_index("code")
    columns: dict[str, object] = {
        f"{stem}_{end}": np.nan for stem in ("departures", "departures_per_100k") for end in _ENDS
    }
    for suffix in ("", "_in_province"):
        columns[f"class{suffix}"] = code.map(table[f"class{suffix}"]).fillna(NOT_ASSESSED)
        columns |= {f"rank{suffix}_{end}": np.nan for end in ("p05", "p95")}
    columns["p_top_decile"] = np.nan
    columns["class_probability"] = code.map(table["class_probability"])
    return frame.assign(**columns)


def _known_province(frame: pd.DataFrame, persons: Floats) -> NDArray[np.bool_]:
    """Whether the departures of each area's whole province are known, shape (areas,)."""
    codes, place = np.unique(frame["province_code"].to_numpy(str), return_inverse=True)
    sums = _members(pd.Series(codes[place]), pd.Series(codes))
    low, high = np.percentile(np.nan_to_num(persons) @ sums, [5, 95], axis=0)
    return is_stated(low, high)[place]


def _scored(frame: pd.DataFrame, index: VulnerabilityIndex | None) -> pd.DataFrame:
    """Join the index, its interval and the share of own data, by ``code``; NaN without one."""
    code = frame["code"]
    if index is None:
        return frame.assign(
            score_mean=np.nan, score_p05=np.nan, score_p95=np.nan, known_share=np.nan
        )
    return frame.assign(
        score_mean=code.map(index.score_),
        score_p05=code.map(index.interval_["p05"]),
        score_p95=code.map(index.interval_["p95"]),
        known_share=code.map(index.known_share_),
    )


def _explained(
    frame: pd.DataFrame,
    explainer: Explainer,
    framework: Framework,
    trends_of: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Add the reason in every language, and the parts, gaps, likes and changes as JSON."""
    each = [explainer.explain(str(code)) for code in frame["code"]]
    names = {
        indicator.slug: {language: indicator.name(language) for language in languages()}
        for indicator in framework.indicators
    }
    for language in languages():
        frame[f"reason_{language}"] = [e.reason.in_language(language) for e in each]
    return frame.assign(
        contributions=[_json(_parts(e, names)) for e in each],
        gaps=[_json(list(e.gaps)) for e in each],
        alike=[_json(list(e.alike)) for e in each],
        trend=[_json(_changes(trends_of.get(str(code)))) for code in frame["code"]],
    )


def _landings_class(frame: pd.DataFrame, dataset: Dataset, model: OriginModel) -> pd.Series:
    """Class of each regency with a coast by the persons who set out from it without papers; None
    inland. Departures and shares alone: how many landings are listed there does not matter.
    """
    persons = departures_without_papers(model.departures, dataset.without_papers)
    coastal = frame["code"].isin(_coastal_regencies(dataset))
    known = coastal & (frame["class"] != NOT_ASSESSED)
    classes = classify_within(frame["code"].map(persons).where(known))
    return pd.Series(classes, frame.index, dtype=object).where(coastal, None)


def _coastal_regencies(dataset: Dataset) -> set[str]:
    """Regencies with a village point, or without any such point their seat, near the shore."""
    seats = dataset.seats.rename(columns={"code": "regency_code"})
    villages = dataset.villages
    seats = seats[~seats["regency_code"].isin(villages["regency_code"])]
    points = pd.concat([table[["regency_code", "lat", "lon"]] for table in (villages, seats)])
    near = load_coast(dataset.land).near_shore(
        points["lat"].to_numpy(float), points["lon"].to_numpy(float), within_km=_COAST_KM
    )
    return set(points.loc[near, "regency_code"])


def _parts(explanation: Explanation, names: Mapping[str, Mapping[str, str]]) -> list[object]:
    return [
        {
            "indicator": part.slug, **names[part.slug],
            "log_points": round(part.log_points, 4), "basis": part.basis,
            "basis_area": part.basis_area,
            **({"reads": part.reads} if part.reads else {}),
        }
        for part in explanation.parts
    ]  # fmt: skip


def _changes(rows: pd.DataFrame | None) -> list[object]:
    if rows is None:
        return []
    out: list[object] = []
    for row in rows.itertuples(index=False):
        change: dict[str, object] = {
            "indicator": row.indicator, "from": int(row.year_from), "to": int(row.year_to),
            "direction": row.direction,
        }  # fmt: skip
        if row.direction != NO_CLEAR_CHANGE:
            change |= {end: round(float(getattr(row, end)), 2) for end in ("change", "p05", "p95")}
        out.append(change)
    return out


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _middles(dataset: Dataset, model: OriginModel, level: str) -> pd.DataFrame:
    """Point of an area: its seat, of a district the middle of its places."""
    seats = dataset.seats.set_index("code")
    if level == "province":
        seats = seats[seats["province_seat"] == "yes"]
        seats.index = seats.index.str[: CODE_LENGTHS["province"]]
    if level in ("province", "regency"):
        return seats[["lat", "lon"]]
    return model.table.groupby("district_code")[["lat", "lon"]].mean()
