"""Data quality: coverage, precision, confidence and age per table and province.

``petajaga doctor --data`` prints it, and ``python -m geo.quality`` writes the same tables into
``docs/DATA.md`` between two marks, so that the page always agrees with the data.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from geo.codes import CODE_LENGTHS
from geo.counts import count_faults
from geo.dataset import Dataset, load_dataset
from geo.errors import DataFileError, PetajagaError
from geo.i18n import Message, text
from geo.leg_ranges import leg_faults
from geo.modes import mode_values
from geo.paths import DATA
from geo.posts import post_faults
from geo.second_lists import jumps, misplaced_airports, outside_regency

__all__ = [
    "ABROAD",
    "ALL",
    "COLUMNS",
    "compact",
    "data_faults",
    "data_quality",
    "headings",
    "indicator_coverage",
    "main",
    "page",
]

ALL = "ID"
"""In place of a province code: the whole table."""
ABROAD = "LN"
"""In place of a province code: rows abroad (luar negeri)."""
COLUMNS = (
    *("table", "province", "name", "rows", "regencies", "of_regencies"),
    *("surveyed", "gazetteer", "matched", "approximate", "no_point"),
    *("high", "medium", "low", "assumed", "oldest", "median_year", "newest"),
)
PAGE = DATA.parents[1] / "docs" / "DATA.md"
_OPEN = "<!-- made by python -m geo.quality: do not edit below -->"
_CLOSE = "<!-- end of what python -m geo.quality makes -->"
_PRECISION = ("surveyed", "gazetteer", "matched", "approximate")
_CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True)
class _Rows:
    """One table to measure, with the area codes of each row."""

    name: str
    frame: pd.DataFrame
    codes: pd.Series[str]
    """Kemendagri codes of each row, separated by ``;``; empty: abroad."""
    year: str = "as_of"


def data_quality(dataset: Dataset) -> pd.DataFrame:
    """Measure every table, as a whole and per province.

    A row about two provinces (a leg, an office with a wide jurisdiction) counts in each. A row
    that covers the whole country counts in the whole only.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`, sorted by table and province; ``province`` is :data:`ALL` for the
        whole table and :data:`ABROAD` for rows outside Indonesia. ``regencies`` is how many
        regencies of the province have a row of their own, of ``of_regencies``. Precision and
        confidence are numbers of rows, missing (NA) where the table has no such column;
        ``no_point`` are rows with the column but without a point. Years are of ``as_of``, or of
        what is measured where the table has a year.
    """
    names = {**dataset.areas.set_index("code")["name"], ALL: "Indonesia", ABROAD: "abroad"}
    regencies = dataset.areas.loc[dataset.areas["level"] == "regency", "code"]
    rows: list[dict[str, object]] = []
    for table in _tables(dataset):
        codes = table.codes.str.split(";").explode()
        covered = pd.Series(codes[codes.str.len() >= 5].str[:5].unique(), dtype=str)
        provinces = codes[codes != ALL].str[:2].replace("", ABROAD)
        groups = {ALL: table.frame.index}
        groups |= {str(key): part.index.unique() for key, part in provinces.groupby(provinces)}
        for province, index in groups.items():
            prefix = "" if province == ALL else province
            rows.append(
                {
                    "table": table.name,
                    "province": province,
                    "name": names.get(province, province),
                    **_measure(table, index),
                    "regencies": covered.str.startswith(prefix).sum(),
                    "of_regencies": regencies.str.startswith(prefix).sum(),
                }
            )
    numbers = dict.fromkeys(COLUMNS[3:], "Int64")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(numbers)


def indicator_coverage(dataset: Dataset) -> pd.DataFrame:
    """Count the regencies and provinces with a value of each indicator, and its years.

    Returns
    -------
    DataFrame
        Columns ``indicator``, ``unit``, ``regencies``, ``provinces``, ``oldest``, ``newest``.
    """
    table = dataset.indicators.assign(year=dataset.indicators["year"].astype(int))
    coverage = [
        {
            "indicator": str(indicator),
            "unit": str(rows["unit"].iloc[0]),
            "regencies": rows.loc[rows["area_code"].str.len() == 5, "area_code"].nunique(),
            "provinces": rows.loc[rows["area_code"].str.len() == 2, "area_code"].nunique(),
            "oldest": int(rows["year"].min()),
            "newest": int(rows["year"].max()),
        }
        for indicator, rows in table.groupby("indicator")
    ]
    return pd.DataFrame(coverage).sort_values(["regencies", "indicator"], ascending=[False, True])


def data_faults(dataset: Dataset) -> list[Message]:
    """Rows that contradict themselves or another table; none in the embedded data.

    Examples
    --------
    >>> data_faults(load_dataset())
    []
    """
    return [
        *count_faults(dataset.counts),
        *post_faults(dataset.posts, dataset.counts),
        *leg_faults(dataset.legs),
        *_sea_legs_without_route(dataset),
        *_misplaced(dataset),
        *jumps(dataset.indicators),
    ]


def _misplaced(dataset: Dataset) -> Iterator[Message]:
    """Terminals, seats and offices whose point a second list puts elsewhere."""
    airports = pd.read_csv(dataset.folder / "airports.csv", dtype={"iata": str}).dropna()
    yield from misplaced_airports(dataset.terminals, airports)
    for name, frame, code in (
        ("terminals", dataset.terminals, "area_code"),
        ("seats", dataset.seats.assign(id=dataset.seats["code"]), "code"),
        ("services", dataset.services, "area_code"),
    ):
        placed = frame[frame["lat"].notna() & (frame[code].str.len() >= CODE_LENGTHS["regency"])]
        regency = placed[code].str[: CODE_LENGTHS["regency"]]
        yield from outside_regency(name, placed, regency, dataset.villages)


def _sea_legs_without_route(dataset: Dataset) -> list[Message]:
    """Legs at sea that are drawn as great circles: imported ones, or a terminal was moved."""
    legs = dataset.legs[(dataset.legs["route"] == "") & ~dataset.legs["id"].str.endswith("-r")]
    at_sea = mode_values(legs["mode"], "medium") == "sea"
    return [
        Message("legs.without_route", {"leg": leg, "start": start, "end": end})
        for leg, start, end in legs.loc[at_sea, ["id", "from_id", "to_id"]].itertuples(index=False)
    ]


def _tables(dataset: Dataset) -> list[_Rows]:
    # A leg in both directions has two rows, the way back as "S001-r".
    legs = dataset.legs[~dataset.legs["id"].str.endswith("-r")]
    where = dataset.terminals.set_index("id")["area_code"]
    ends = legs["from_id"].map(where).fillna("") + ";" + legs["to_id"].map(where).fillna("")

    def area_of_terminal(frame: pd.DataFrame) -> pd.Series[str]:
        return frame["terminal_id"].map(where).fillna("")

    services = dataset.services
    # a consulate serves destinations, which are no areas of the country
    at_home = (services["jurisdiction"] != "") & (services["kind"] != "consulate")
    offices = services["area_code"].mask(
        at_home, services["area_code"] + ";" + services["jurisdiction"]
    )
    settlements = dataset.settlements
    placed = settlements["regency_code"].where(
        settlements["regency_code"] != "", settlements["province_code"]
    )
    shares = dataset.destination_shares
    return [
        _Rows("settlements", settlements, placed),
        _Rows("seats", dataset.seats, dataset.seats["code"]),
        _Rows("terminals", dataset.terminals, dataset.terminals["area_code"]),
        _Rows("legs", legs, ends),
        _Rows("destinations", dataset.destinations, dataset.destinations["area_code"]),
        _Rows("destination_access", dataset.access, area_of_terminal(dataset.access)),
        _Rows("destination_shares", shares, shares["origin_code"]),
        _Rows("indicators", dataset.indicators, dataset.indicators["area_code"], "year"),
        _Rows("counts", dataset.counts, dataset.counts["place_code"], "year"),
        _Rows("services", services, offices),
        _Rows("posts", dataset.posts, area_of_terminal(dataset.posts)),
        _Rows("effort", dataset.effort, dataset.effort["area_code"]),
        _Rows("task_forces", dataset.task_forces, dataset.task_forces["area_code"], "year"),
    ]


def _measure(table: _Rows, index: pd.Index[int]) -> dict[str, object]:
    rows = table.frame.loc[index]
    measures: dict[str, object] = {"rows": len(rows)}
    for column, values in (("precision", _PRECISION), ("confidence", _CONFIDENCE)):
        if column in rows:
            measures |= {value: int((rows[column] == value).sum()) for value in values}
    if "precision" in rows:
        measures["no_point"] = int(rows["lat"].isna().sum())
    if "assumed" in rows:
        measures["assumed"] = int((rows["assumed"] == "yes").sum())
    elif table.name == "destination_access":
        measures["assumed"] = int((rows["source"] == "assumption").sum())
    if table.year in rows:
        years = rows[table.year].astype(str).str.extract(r"^(\d{4})")[0].dropna().astype(int)
        if len(years):
            measures["oldest"], measures["newest"] = int(years.min()), int(years.max())
            # The lower of two middle years: a year, not a half.
            measures["median_year"] = int(years.quantile(0.5, interpolation="lower"))
    return measures


def compact(quality: pd.DataFrame, language: str) -> list[tuple[str, ...]]:
    """Each row of :func:`data_quality` in few cells, in the order of :func:`headings`."""

    def cells(row: pd.Series[int], columns: Sequence[str]) -> str:
        if row[list(columns)].isna().all():
            return "-"
        return " / ".join("-" if pd.isna(row[c]) else str(row[c]) for c in columns)

    rows: list[tuple[str, ...]] = []
    for _, row in quality.iterrows():
        counts = {"count": int(row["regencies"]), "total": int(row["of_regencies"])}
        abroad = row["province"] == ABROAD
        rows.append(
            (
                *(str(row[c]) for c in ("table", "province")),
                text("quality.abroad", language) if abroad else str(row["name"]),
                str(row["rows"]),
                text("quality.regencies_of", language, **counts) if counts["total"] else "-",
                cells(row, _PRECISION),
                cells(row, _CONFIDENCE),
                cells(row, ("assumed",)),
                cells(row, ("oldest", "median_year", "newest")),
            )
        )
    return rows


def headings(language: str) -> tuple[str, ...]:
    """The headings of :func:`compact`."""
    names = ("table", "code", "province", "rows", "regencies", "point", "confidence")
    return tuple(text(f"quality.{name}", language) for name in (*names, "assumed", "years"))


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def page(dataset: Dataset, *, before: str) -> str:
    """The text of the page: its hand-written part, and the tables rendered again.

    Raises
    ------
    DataFileError
        If the page lacks the two marks.
    """
    if before.count(_OPEN) != 1 or before.count(_CLOSE) != 1:
        raise DataFileError("quality.page_marks", file=PAGE.name, start=_OPEN, end=_CLOSE)
    head, rest = before.split(_OPEN)
    tail = rest.split(_CLOSE)[1]
    quality = data_quality(dataset)
    whole = quality[quality["province"] == ALL]
    lines = ["", "## Tables as a whole", "", *_markdown(headings("en"), compact(whole, "en"))]
    lines += ["", "## Indicators", ""]
    coverage = indicator_coverage(dataset).astype(str)
    lines += _markdown(list(coverage), coverage.to_numpy().tolist())
    for name in whole["table"]:
        parts = quality[(quality["table"] == name) & (quality["province"] != ALL)]
        rows = [row[1:] for row in compact(parts, "en")]
        lines += ["", f"## {name} by province", "", *_markdown(headings("en")[1:], rows)]
    return head + _OPEN + "\n".join(["", *lines, "", ""]) + _CLOSE + tail


def main(argv: Sequence[str] | None = None) -> int:
    """Render ``docs/DATA.md`` from the embedded data; ``--check`` only tests if it is stale."""
    parser = argparse.ArgumentParser(prog="python -m geo.quality", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it differs")
    options = parser.parse_args(argv)
    try:
        with tempfile.TemporaryDirectory() as nothing_imported:
            dataset = load_dataset(nothing_imported)
        before = PAGE.read_text("utf-8")
        after = page(dataset, before=before)
    except (PetajagaError, OSError) as error:
        sys.stderr.write(f"geo.quality: {error}\n")
        return 1
    if not options.check:
        PAGE.write_text(after, "utf-8")
        return 0
    if before != after:
        sys.stderr.write("geo.quality: docs/DATA.md is stale; run: python -m geo.quality\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
