"""Landings of one stretch of coast, which share its weight however finely it is listed.

Boats leave from wherever nobody looks, so a coast is chosen first, by how far it is and where it
leads, and the landing on it last: an edge leads from the coast to each of its landings with the
reference weight of an equal part, and from there to every opposite shore of the coast at the
coast's median cost. Two more landings on the list change neither the load of the coast nor that of
any port (docs/METHOD.md). No stop on record moves the parts: who patrols a landing would otherwise
find ever more there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage

from geo.sphere import chord, on_sphere
from routes.graph.costs import TIME_PARTS

__all__ = ["COAST", "COAST_KM", "along_coasts", "coast_terminals", "landing_coasts"]

COAST = "coast"
"""Kind of the node of a coast."""

COAST_KM = 40.0
"""Landings of a regency within this distance of another are on the same coast."""

_TOTALS = ["hours", "time_h", "fare_idr", "length_km"]


def landing_coasts(terminals: pd.DataFrame) -> pd.Series:
    """Node of the coast of each unofficial terminal in Indonesia, by terminal.

    Parameters
    ----------
    terminals : DataFrame
        ``id, kind, country, area_code, lat, lon``.

    Examples
    --------
    >>> landings = pd.DataFrame(
    ...     {
    ...         "id": ["nongsa", "batu-besar", "tenau"],
    ...         "kind": ["unofficial", "unofficial", "seaport"],
    ...         "country": "ID",
    ...         "area_code": ["21.71", "21.71", "53.71"],
    ...         "lat": [1.195, 1.145, -10.19],
    ...         "lon": [104.105, 104.105, 123.52],
    ...     }
    ... )
    >>> landing_coasts(landings).to_dict()
    {'nongsa': 'coast:21.71:1', 'batu-besar': 'coast:21.71:1'}
    """
    landings = terminals[(terminals["kind"] == "unofficial") & (terminals["country"] == "ID")]
    coasts = pd.Series("", index=landings["id"].to_numpy(), dtype=object)
    for regency, rows in landings.groupby("area_code"):
        number = np.ones(len(rows), int)
        if len(rows) > 1:
            points = on_sphere(rows["lat"].to_numpy(float), rows["lon"].to_numpy(float))
            number = fcluster(linkage(points, "single"), chord(COAST_KM), "distance")
        coasts[rows["id"]] = [f"{COAST}:{regency}:{k}" for k in number]
    return coasts


def coast_terminals(terminals: pd.DataFrame, coasts: pd.Series) -> pd.DataFrame:
    """A row for each coast, to be linked like a terminal: in the middle between its outermost
    landings, on the land where most of them are.

    Parameters
    ----------
    terminals : DataFrame
        ``id, lat, lon, island`` and the other columns of terminals.
    coasts : Series
        From :func:`landing_coasts`.
    """
    landings = terminals[terminals["id"].isin(coasts.index)]
    by = landings.groupby(coasts[landings["id"]].to_numpy())
    middle = (by[["lat", "lon"]].min() + by[["lat", "lon"]].max()) / 2.0
    most = by[["island", "area_code", "country", "place"]].agg(lambda column: column.mode().iloc[0])
    rows = middle.join(most).rename_axis("id").reset_index()
    return rows.assign(kind=COAST, name=rows["place"])


def along_coasts(
    edges: pd.DataFrame,
    coasts: pd.Series,
    terminals: pd.DataFrame,
    *,
    value_of_time_idr_h: float,
) -> pd.DataFrame:
    """Edges of legs and access with coasts between landings and everything else.

    What led to a landing leads to its coast; what led from a landing abroad leads from each landing
    of the coast, at the median time and fare of those listed; what led from a landing home is gone.

    Parameters
    ----------
    edges : DataFrame
        ``u, v`` and the attributes of :func:`routes.graph.build.build_graph`.
    terminals : DataFrame
        ``id, country``.
    """
    if coasts.empty:
        return edges
    at_home = terminals.loc[terminals["country"] == "ID", "id"]
    from_landing, to_landing = edges["u"].isin(coasts.index), edges["v"].isin(coasts.index)
    rest = edges[~from_landing]
    rest = rest.assign(v=rest["v"].map(coasts).fillna(rest["v"]))
    abroad = edges[from_landing & ~to_landing & ~edges["v"].isin(at_home)]
    abroad = abroad.assign(coast=abroad["u"].map(coasts))
    medians = [*_TOTALS, *edges.columns.intersection(list(TIME_PARTS))]
    median = abroad.groupby(["coast", "v"])[medians].median().reset_index()
    mode = abroad.groupby(["coast", "v"])["mode"].agg(lambda modes: modes.mode().iloc[0])
    crossings = coasts.rename("coast").rename_axis("u").reset_index().merge(median, on="coast")
    crossings["hours"] = crossings["time_h"] + crossings["fare_idr"] / value_of_time_idr_h
    crossings["mode"] = mode.loc[list(zip(crossings["coast"], crossings["v"], strict=True))].array
    listed = abroad.drop_duplicates(["u", "v"]).set_index(["u", "v"])["leg_id"]
    pairs = pd.MultiIndex.from_frame(crossings[["u", "v"]])
    crossings = crossings.assign(leg_id=listed.reindex(pairs).array, official=False, assumed=True)
    onto = coasts.rename("u").rename_axis("v").reset_index()
    many = onto.groupby("u")["v"].transform("size")
    onto = onto.assign(
        mode="road", official=True, assumed=True, log_weight=-np.log(many), leg_id=np.nan,
        **dict.fromkeys(_TOTALS, 0.0),
    )  # fmt: skip
    crossings = crossings.rename(columns={"coast": "service"})
    return pd.concat([rest, crossings, onto], ignore_index=True)
