"""How far the assumed hours and frequency of a leg may be off, and legs that contradict themselves.

A range holds nine in ten of what the value may be: the middle of its logarithm is the best guess,
which for the hours of ships is more than the modelled value (rule and figures in docs/DATA.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from geo.i18n import Message
from geo.modes import mode_values

__all__ = ["OLD_YEARS", "RANGES", "leg_faults", "with_ranges"]

OLD_YEARS = 10
"""What a page states is assumed once it is older than this, against the newest row of the table."""

RANGES = ("hours_low", "hours_high", "departures_per_week_low", "departures_per_week_high")

_STATED: Mapping[str, tuple[str, ...]] = {
    "hours": ("stated", "computed"),
    "departures_per_week": ("stated", "cycle"),
}
_SUM = re.compile(r"sum of ([^;]*)")
_SHIP = re.compile(r"(?:KM )?(.+?) ([\d.]+)(?: \(\d{4}\))?")


def with_ranges(legs: pd.DataFrame) -> pd.DataFrame:
    """Legs with the columns :data:`RANGES`; missing (NaN) where the value is stated.

    A span that the page states is kept. Hours that are modelled, or of an old page, and departures
    that are assumed have the factors of their mode (:class:`geo.modes.Mode`).

    Parameters
    ----------
    legs : DataFrame
        ``mode, hours, hours_basis, departures_per_week, departures_basis, as_of``.

    Examples
    --------
    >>> leg = {"mode": "ferry", "hours": 4.0, "hours_basis": "modelled", "as_of": "2025"}
    >>> leg |= {"departures_per_week": 2.0, "departures_basis": "stated"}
    >>> with_ranges(pd.DataFrame([leg]))[list(RANGES)].round(2).values.tolist()
    [[3.8, 6.6, nan, nan]]
    """
    old, mode, columns = _old(legs), legs["mode"], {}
    for name, factors, assumed in (
        ("hours", "hours_range", old | ~legs["hours_basis"].isin(_STATED["hours"])),
        ("departures_per_week", "departures_range", legs["departures_basis"] == "assumed"),
    ):
        value = legs[name]
        if name == "departures_per_week":
            value = value.where(value > 0, mode_values(mode, name))
        by_rule = mode_values(mode, factors) * value.to_numpy()[:, None]
        for side, column in enumerate((f"{name}_low", f"{name}_high")):
            stated = legs.get(column, pd.Series(float("nan"), legs.index))
            columns[column] = stated.where(stated.notna() | ~assumed, by_rule[:, side])
    return legs.assign(**columns)


def leg_faults(legs: pd.DataFrame) -> Iterator[Message]:
    """Legs that contradict themselves or rest on too little, as messages that name the leg.

    An assumed value without a range around it; a stated frequency, or hours without a range, of a
    page older than :data:`OLD_YEARS`; a list of ships other than the one its note adds up.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> legs = load_dataset().legs
    >>> next(leg_faults(legs.assign(as_of="2010").iloc[[0]].assign(line="KM Awu"))).code
    'data_fault.ships'
    """
    legs = legs[~legs["id"].str.endswith("-r")]
    for leg in legs.to_dict("records"):
        if (summed := _SUM.search(leg["note"])) and (fault := _unlike_ships(leg, summed[1])):
            yield fault
    old = _old(legs)
    for name, stated in _STATED.items():
        low, high = legs[f"{name}_low"], legs[f"{name}_high"]
        value = legs[name].fillna(low)  # unknown: the range is that of the mode
        around = (low <= value) & (value <= high)
        basis = legs[f"{name.partition('_')[0]}_basis"]
        unranged = ~around & ~basis.isin(stated)
        unranged |= (low.notna() | high.notna()) & ~around
        for leg in legs.loc[unranged, "id"]:
            yield Message("data_fault.range", {"id": leg, "column": name})
        stale = old & basis.isin(stated) & (~around if name == "hours" else True)
        for row in legs[stale].to_dict("records"):
            params = {"id": row["id"], "column": name, "as_of": row["as_of"]}
            yield Message("data_fault.old_page", params)


def _old(legs: pd.DataFrame) -> pd.Series[bool]:
    year = pd.to_numeric(legs["as_of"].str[:4], errors="coerce")
    return year < year.max() - OLD_YEARS


def _unlike_ships(leg: Mapping[str, object], summed: str) -> Message | None:
    parts = {
        part[1]: float(part[2]) for text in summed.split(", ") if (part := _SHIP.fullmatch(text))
    }
    names = {name.removeprefix("KM ") for name in str(leg["line"]).split("; ")}
    ships = {name for name in names if f"KM {name}" in str(leg["line"])} or set(parts)
    total = sum(parts.values())
    if ships == set(parts) and abs(total - float(str(leg["departures_per_week"]))) < 0.011:
        return None
    unlike = ", ".join(sorted(ships ^ set(parts))) or f"{total:g}"
    return Message("data_fault.ships", {"id": leg["id"], "unlike": unlike})
