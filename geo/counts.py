"""What a count counts: its class in law, unit, status and how it came to be known.

Rows of unlike class or unit are never added up (geo/data/COUNTS.md); :mod:`geo.disclosure` makes
both coordinates of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from geo.i18n import Message

__all__ = [
    "COUNT_CHOICES", "COUNT_SERIES", "OFFICE_MEASURES", "UNSTATED", "class_and_unit",
    "count_faults", "count_unit", "described_counts", "is_of_event",
]  # fmt: skip

COUNT_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "legal_class": ("tppo", "smuggling", "placement_offence", "nonprocedural", "unknown"),
        "unit": ("report", "case", "person"),
        "status": ("suspected", "identified", "unknown"),
        "how": ("reported", "discovered", "unknown"),
    }
)
"""Allowed values of the columns that say what a count counts."""

UNSTATED: Mapping[str, str] = MappingProxyType(
    {"legal_class": "unknown", "unit": "person", "status": "unknown", "how": "unknown"}
)
"""Value where a source says nothing; persons unless the measure is one of cases or reports."""

COUNT_SERIES = ("place_code", "terminal_id", "year", "measure", "origin_code")
"""Columns that name what was counted where; rows of one series may differ in class and unit."""

OFFICE_MEASURES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("victims_male", "victims_female"),
                *("child_victims", "child_victims_male", "child_victims_female"),
                *("victims_sexual_exploitation", "victims_forced_labour", "victims_slavery"),
                *("victims_organ_removal", "victims_forced_begging", "victims_forced_criminality"),
                *("victims_forced_marriage", "victims_illegal_adoption"),
                "victims_other_exploitation",
            ),
            "tppo",
        ),
        "migrants_registered": "unknown",
        "migrants_registered_male": "unknown",
        "migrants_registered_female": "unknown",
        "migrants_registered_nonprocedural": "nonprocedural",
    }
)
"""Class in law by measure, of counts that offices have beside those that are published.

All count persons and are of kind ``total``: parts of ``tppo_victims`` by sex, of children, and by
form of exploitation (:data:`geo.imports.words.EXPLOITATION_FORMS`), each attribute on its own; and
the migrants in a village's register.
"""

_UNIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("persons", "people", "orang", "jiwa"), "person"),
        **dict.fromkeys(("cases", "kasus", "applications", "permohonan"), "case"),
        **dict.fromkeys(("reports", "laporan"), "report"),
    }
)


_STOPPED = ("persons_stopped", "prevented")
_DEPORTED = r"deport"
_ONWARD = r"onward travel"
_SUM = r"cumulative|(?:month|year)ly total"
_SEVERAL_CASES = r"several cases"
_LONGEST_STOP_DAYS = 3
"""Groups of so few days at one place are a stop, not a total (geo/data/COUNTS.md, rule 3)."""


def count_unit(word: str) -> str:
    """The unit that a file's word means; a word that means none is given back.

    Examples
    --------
    >>> count_unit("Orang"), count_unit("kasus"), count_unit("kg")
    ('person', 'case', 'kg')
    """
    folded = word.strip().lower()
    return _UNIT_WORDS.get(folded, folded)


def class_and_unit(row: Mapping[str, str]) -> tuple[str, ...]:
    """Class in law and unit of a count, each only where it differs from :data:`UNSTATED`.

    Examples
    --------
    >>> class_and_unit({"legal_class": "tppo", "unit": "person"})
    ('tppo',)
    """
    return tuple(row[name] for name in ("legal_class", "unit") if row[name] != UNSTATED[name])


def described_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with every column of :data:`COUNT_CHOICES`, blanks as :data:`UNSTATED`.

    Examples
    --------
    >>> described_counts(pd.DataFrame({"unit": ["persons", ""]}))[["unit", "legal_class"]].values
    array([['person', 'unknown'],
           ['person', 'unknown']], dtype=object)
    """
    columns = {}
    for name, unstated in UNSTATED.items():
        values = counts[name] if name in counts else pd.Series("", index=counts.index)
        columns[name] = values.replace("", unstated)
    columns["unit"] = columns["unit"].map(count_unit)
    return counts.assign(**columns)


def count_faults(counts: pd.DataFrame) -> list[Message]:
    """Rows that contradict themselves or what they contain, as messages that name the row.

    Three kinds: a count smaller than what it contains; a kind that does not fit the words of the
    row (note and address of its source); unlike classes or units under one id or in one count.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> count_faults(load_dataset().counts)
    []
    """
    rows = described_counts(counts)
    faults = [*_too_small(rows), *_unfit_kinds(rows), *_unlike(rows)]
    return sorted(faults, key=lambda fault: (fault.code, str(fault.params["id"])))


def _contents(rows: pd.DataFrame) -> Iterator[tuple[pd.Series, pd.DataFrame]]:
    """Each count that contains others, and those of them that are still there."""
    for _, whole in rows[rows["contains"] != ""].iterrows():
        yield whole, rows[rows["id"].isin(whole["contains"].split(" ; "))]


def _too_small(rows: pd.DataFrame) -> Iterator[Message]:
    for whole, parts in _contents(rows):
        nested = parts["contains"].str.split(" ; ").explode()
        outer = parts[~parts["id"].isin(nested)]
        # figures of one series may be of overlapping periods: the largest stands for them
        series = outer.groupby(["measure", "place_code", "terminal_id", "origin_code", "how"])
        least = series["value"].max().groupby("measure").sum().max()
        if least > whole["value"]:
            params = {"id": whole["id"], "value": whole["value"], "least": least}
            yield Message("count_fault.too_small", params)


def _unfit_kinds(rows: pd.DataFrame) -> Iterator[Message]:
    words = (rows["note"] + " " + rows["source"]).str.lower()
    dates = rows["period"].str.split("/", n=1, expand=True).reindex(columns=[0, 1])
    first, last = (pd.to_datetime(dates[n].where(dates[n].str.len() == 10)) for n in (0, 1))
    days = (last.fillna(first) - first).dt.days + 1
    stopped = rows["measure"].isin(_STOPPED)
    onward = words.str.contains(_ONWARD)
    faults = {
        "return": (rows["kind"] == "deportation") & onward,
        "deportation": rows["kind"].isin(["return", "interception"])
        & words.str.contains(_DEPORTED)
        & ~onward,
        "interception": stopped
        & (rows["kind"] == "total")
        & (days <= _LONGEST_STOP_DAYS)
        & ~words.str.contains(_SEVERAL_CASES),
        "total": (rows["kind"] == "interception") & words.str.contains(_SUM),
    }
    for kind, faulty in faults.items():
        for _, row in rows[faulty].iterrows():
            params = {"id": row["id"], "kind": row["kind"], "fitting": kind}
            yield Message("count_fault.kind", params)


def _unlike(rows: pd.DataFrame) -> Iterator[Message]:
    what = ["legal_class", "unit"]
    for name, same in rows.groupby("id"):
        if len(same[what].drop_duplicates()) > 1:
            yield Message("count_fault.unlike", {"id": name, "other": name})
    for whole, parts in _contents(rows):
        classified = parts[
            (parts["legal_class"] != "unknown") & (whole["legal_class"] != "unknown")
        ]
        mismatches = classified[classified["legal_class"] != whole["legal_class"]]
        for name in [*mismatches["id"], *parts.loc[parts["unit"] != whole["unit"], "id"]]:
            yield Message("count_fault.unlike", {"id": whole["id"], "other": name})


def is_of_event(period: object) -> bool:
    """Whether a period is of what happened on days, not of a part of a year that was counted.

    Examples
    --------
    >>> [is_of_event(p) for p in ("2023-07-08", "2024-02-22/2024-07-18", "2018-01-01/2018-11-12")]
    [True, True, False]
    >>> [is_of_event(p) for p in ("2019", "2016-07/2016-12", None)]
    [False, False, False]
    """
    first, _, last = str(period or "").partition("/")
    return len(first) == len("2023-07-08") and not (last and first.endswith("-01"))
