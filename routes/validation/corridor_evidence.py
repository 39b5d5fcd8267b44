"""On what the largest corridors of the pilot provinces rest: stops, landings, pages of legs."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from geo.dataset import Dataset
from geo.leg_ranges import OLD_YEARS
from geo.names import corridor_name
from routes.build.model import Build
from routes.demand.streams import LANDING_REGION
from routes.observation.record import stops_on_record
from routes.validation.report_table import markdown_table

__all__ = ["corridor_evidence", "evidence_section"]

_LANDED = ("deported", "deported_counted_landings", "persons_returning", "died_abroad")
_SHOWN = 20
_PILOTS = {"53": "East Nusa Tenggara", "21": "Kepulauan Riau", "65": "Kalimantan Utara"}


def corridor_evidence(build: Build, dataset: Dataset, province: str) -> pd.DataFrame:
    """The largest corridors of a province's people and the rows that support them.

    Returns
    -------
    DataFrame
        ``corridor, persons`` (of the province), ``stops`` (events on record at its places of the
        province's people), ``stops of all`` (of anyone), ``landed`` (persons of the province on
        record as returned from its region), ``oldest leg`` (year of the oldest page that alone
        states one of its legs; 0 where none rests on a single page) and ``rests on``.
    """
    parts = build.corridor_origins
    persons = parts[parts["province_code"] == province].groupby("corridor_id")["persons_mean"].sum()
    rows = build.corridors.set_index("id")
    listed = rows[rows["listed_for"].map(lambda codes: province in codes)].index
    largest = persons[persons.index.isin(listed)].sort_values(ascending=False).head(_SHOWN)
    place = dataset.terminals.set_index("id")["place"]
    events = stops_on_record(dataset.counts)
    events = events.assign(place=events["terminal_id"].map(place))
    landed = _landed(dataset, province)
    region = dataset.destinations.set_index("id")["region"]
    own_shares = province in set(dataset.destination_shares["origin_code"])
    table = []
    for name, number in largest.items():
        corridor = rows.loc[name]
        places = list(corridor["waypoint_names"])[:-1]
        there = events[events["place"].isin(places)]
        own = float(there.loc[there["origin_code"] == province, "events"].sum())
        returned = float(landed.get(region[corridor["destination_id"]], 0.0))
        table.append(
            {
                "corridor": corridor_name(corridor["waypoint_names"]),
                "persons": number,
                "stops": own,
                "stops of all": float(there["events"].sum()),
                "landed": returned,
                "oldest leg": _oldest_leg(dataset, place, places),
                "rests on": _rests_on(own, returned, own_shares=own_shares),
            }
        )
    return pd.DataFrame(table)


def _landed(dataset: Dataset, province: str) -> pd.Series:
    """Persons of the province on record as returned, by region of destination."""
    counts = dataset.counts
    rows = counts[counts["measure"].isin(_LANDED) & (counts["origin_code"] == province)]
    return rows.groupby(rows["place_code"].map(LANDING_REGION))["value"].sum()


def _oldest_leg(dataset: Dataset, place: pd.Series, places: list[str]) -> int:
    """Year of the oldest page that alone states how two of the places are joined."""
    legs = dataset.legs
    start, end = legs["from_id"].map(place), legs["to_id"].map(place)
    years = []
    for before, after in pairwise(places):
        between = legs[(start == before) & (end == after)]
        if len(between) == 1 and ";" not in between["source"].iloc[0]:
            years.append(int(between["as_of"].str[:4].max()))
    return min(years, default=0)


def _rests_on(stops: float, landed: float, *, own_shares: bool) -> str:
    if stops and landed:
        return "stops and landings of its people"
    if stops:
        return "stops of its people"
    if landed:
        return "landings of its people from that region; the way by costs"
    return "its province's shares, the way by costs" if own_shares else "assumed shares and costs"


def evidence_section(build: Build, dataset: Dataset) -> str:
    """The section of docs/VALIDATION.md."""
    parts = [
        "## On what the largest corridors rest\n",
        "`stops`: events on record at its places, of the province's people and of all. `landed`: "
        "persons of the province on record as returned from that region. `oldest leg`: the year of "
        "the oldest page that alone states one of its legs (0: none does). A corridor rests on a "
        f"single page older than {OLD_YEARS} years where that is so long ago.\n",
    ]
    for province, name in _PILOTS.items():
        table = corridor_evidence(build, dataset, province)
        figures = ["stops", "stops of all", "landed"]
        table[figures] = table[figures].astype(int)
        table["persons"] = [float(f"{value:.2g}") for value in table["persons"]]
        parts += [f"{name}:\n", markdown_table(table)]
    return "\n".join(parts)
