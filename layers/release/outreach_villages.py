"""Villages that outreach may go to, as a list that travels: no score, no class, no rank.

Those with a point in the pilot provinces, and imported ones, whatever is known of their risk, so
that being in the list says nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from geo.codes import CODE_LENGTHS
from geo.sphere import arc_km, on_sphere

__all__ = ["outreach_villages"]

_FROM = ("regency", "district")


def outreach_villages(
    settlements: pd.DataFrame, areas: pd.DataFrame, coverage: pd.DataFrame, services: pd.DataFrame
) -> pd.DataFrame:
    """Rows of the layer ``outreach``: villages, their services and whether one is listed there.

    ``service_nearest`` is the office with a point that is nearest to the middle of the village,
    ``service_km`` away as the crow flies; ``service_covering`` those that name the village, its
    district or its regency, else its province, as theirs.

    Parameters
    ----------
    settlements, areas, coverage, services : DataFrame
        Tables of a build (:mod:`routes.build.columns`).
    """
    frame = settlements[settlements["kind"] == "village"].reset_index(drop=True)
    frame = frame.assign(code=frame["id"].str.removeprefix("v"))
    names = dict(zip(areas["code"], areas["name"], strict=True))
    for level in _FROM:
        frame[level] = [names.get(code, code) for code in frame[f"{level}_code"]]
    listed = coverage[coverage["level"] == "village"].set_index("code")
    return frame.assign(
        coverage=frame["code"].isin(listed.index).map({True: "listed", False: "not_listed"}),
        kinds=frame["code"].map(listed["kinds"]),
        service_covering=_covering(frame["code"], services),
        **_nearest(frame, services),
    )


def _nearest(frame: pd.DataFrame, services: pd.DataFrame) -> dict[str, object]:
    located = services[services["lat"].notna() & services["lon"].notna()].sort_values("id")
    if located.empty or frame.empty:
        return {"service_nearest": None, "service_km": np.nan}
    points, offices = (
        on_sphere(t["lat"].to_numpy(float), t["lon"].to_numpy(float)) for t in (frame, located)
    )
    away, which = KDTree(offices).query(points)
    return {"service_nearest": located["name"].to_numpy()[which], "service_km": arc_km(away)}


def _covering(codes: pd.Series, services: pd.DataFrame) -> pd.Series:
    served: dict[str, list[str]] = {}
    for row in services.to_dict("records"):
        for code in filter(None, str(row["jurisdiction"] or "").split(";")):
            served.setdefault(code.strip(), []).append(str(row["name"]))
    levels = [CODE_LENGTHS[level] for level in ("village", "district", "regency", "province")]

    def covering(code: str) -> str:
        return "; ".join(
            sorted(next((served[part] for n in levels if (part := code[:n]) in served), []))
        )

    names: pd.Series = codes.map({code: covering(code) for code in codes.unique()})
    return names
