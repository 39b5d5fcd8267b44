"""Read one embedded or imported table and check its columns.

Codes and ids stay text (``53.10`` is not 53.1); numbers become float64 with NaN for blanks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from geo.counts import COUNT_CHOICES
from geo.errors import DataFileError
from geo.interventions import KINDS as INTERVENTION_KINDS
from geo.leg_ranges import RANGES
from geo.posts import EFFORT_UNITS

__all__ = ["POINT_TABLES", "SERVICE_KINDS", "TABLES", "UNBUILT_TABLES", "Table", "read_table"]

SERVICE_KINDS = (
    "bp3mi", "consulate", "immigration_office", "iom", "ltsa", "ngo", "p2tp2a", "p4mi", "polda",
    "police_ppa", "polres", "task_force", "tpi", "uptd_ppa",
)  # fmt: skip
"""Kinds of offices; labels are ``service.<kind>``."""
_PROVENANCE = " source as_of confidence note"


@dataclass(frozen=True)
class Table:
    """Schema of one table.

    Attributes
    ----------
    files : tuple of str
        File names under the data folder, joined in this order.
    text, numbers : tuple of str
        Required columns, by type.
    key : tuple of str
        Columns that together identify a row.
    optional : tuple of str
        Columns, of text or numbers, added empty where a file has none.
    choices : mapping
        Allowed values of text columns that have a vocabulary.
    """

    files: tuple[str, ...]
    text: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _table(files: str, text: str, *, numbers: str = "", key: str = "", optional: str = "") -> Table:
    names = [tuple(words.split()) for words in (files, text, numbers, key, optional)]
    return Table(names[0], names[1], names[2], names[3], names[4])


TABLES: Mapping[str, Table] = {
    "areas": _table("areas.csv.gz", "code name level parent bps_code", key="code"),
    "villages": _table("villages.csv.gz", "code", numbers="lat lon", key="code"),
    "districts": _table("districts.csv.gz", "code", numbers="lat lon", key="code"),
    "seats": _table(
        "regency_seats.csv", "code name precision decided_by province_seat", numbers="lat lon",
        key="code",
    ),
    "settlements": _table(
        "settlements.csv.gz",
        "id name province_code regency_code district_code village_code decided_by precision",
        numbers="lat lon population", key="id",
    ),
    "terminals": _table(
        "terminals_sea.csv terminals_air_land.csv",
        "id name aliases place kind country area_code precision iata staffed_by" + _PROVENANCE,
        numbers="lat lon", key="id",
    ),
    "legs": _table(
        "legs_sea.csv legs_air_land.csv",
        "id from_id to_id mode operator line hours_basis departures_basis both_ways official"
        " assumed" + _PROVENANCE,
        numbers="hours departures_per_week fare_idr fare_year " + " ".join(RANGES), key="id",
        optional=" ".join(RANGES),
    ),
    "lines": _table(
        "lines.csv", "id vessel start_id legs hours" + _PROVENANCE, numbers="departures_per_week",
        key="id",
    ),
    "leg_lengths": _table(
        "leg_lengths.csv", "from_id to_id method", numbers="length_km", key="from_id to_id method",
    ),
    "sea_routes": _table("sea_routes.csv.gz", "from_id to_id route", key="from_id to_id"),
    "bridges": _table(
        "bridges.csv", "id name" + _PROVENANCE, numbers="lat_a lon_a lat_b lon_b", key="id",
    ),
    "destinations": _table(
        "destinations.csv",
        "id name name_en aliases country region area_code precision hazard_note" + _PROVENANCE,
        numbers="lat lon hazard", key="id",
    ),
    "access": _table(
        "destination_access.csv", "terminal_id destination_id mode" + _PROVENANCE,
        numbers="hours fare_idr", key="terminal_id destination_id",
    ),
    "destination_shares": _table(
        "destination_shares.csv", "origin_code destination_id" + _PROVENANCE, numbers="share",
        key="origin_code destination_id",
    ),
    "region_shares": _table(
        "region_shares.csv", "origin_code region" + _PROVENANCE, numbers="share",
        key="origin_code region",
    ),
    "without_papers": _table(
        "without_papers.csv", "region" + _PROVENANCE, numbers="share low high", key="region",
    ),
    "indicators": _table(
        "indicators.csv", "area_code indicator unit table" + _PROVENANCE, numbers="year value",
        key="area_code indicator year",
    ),
    "counts": replace(
        _table(
            "counts.csv",
            "id place_code terminal_id period measure kind unit legal_class status how contains"
            " may_contain" + _PROVENANCE,
            numbers="year value effort", key="id", optional="origin_code",
        ),
        choices=COUNT_CHOICES,
    ),
    "services": replace(
        _table(
            "services.csv", "id kind name area_code place jurisdiction precision" + _PROVENANCE,
            numbers="lat lon", key="id",
            optional="phone phone_as_of phone_source phone_confidence",
        ),
        choices={"kind": SERVICE_KINDS},
    ),
    "posts": _table(
        "posts.csv", "terminal_id name since until evidence_from duties" + _PROVENANCE,
        numbers="hours officers", key="terminal_id",
    ),
    "effort": replace(
        _table(
            "effort.csv",
            "id terminal_id area_code body from_date until_date measure unit" + _PROVENANCE,
            numbers="value", key="id",
        ),
        choices={"measure": tuple(EFFORT_UNITS)},
    ),
    "task_forces": _table(
        "task_forces.csv", "area_code name kind scope" + _PROVENANCE, numbers="year"
    ),
    "interventions": replace(
        _table(
            "interventions.csv",
            "id name name_en kind area_codes terminal_ids start until aim effort" + _PROVENANCE,
            key="id",
        ),
        choices={"kind": INTERVENTION_KINDS},
    ),
    "month_counts": _table(
        "month_counts.csv",
        "id place_code terminal_id month measure unit legal_class" + _PROVENANCE,
        numbers="days value", key="id",
    ),
}  # fmt: skip
"""Every table of the dataset, by the name it has in :class:`geo.dataset.Dataset`."""
POINT_TABLES = ("villages", "districts")
"""Middles of areas: read when they are used, and empty where the rebuild left them out."""
UNBUILT_TABLES = ("interventions", "month_counts")
"""What no build reads: they are no part of its digest."""


def read_table(name: str, folder: Path) -> pd.DataFrame:
    """Read and check one table of ``folder``.

    Raises
    ------
    DataFileError
        If a file is missing, empty or not CSV, lacks a column, has a cell that is no number, or a
        row twice; the parameters name file, line and column.
    """
    table = TABLES[name]
    frame = pd.concat([_read_file(folder / file, table) for file in table.files], ignore_index=True)
    if table.key and (twice := frame.duplicated(list(table.key))).any():
        row = frame.loc[twice.idxmax(), list(table.key)]
        raise DataFileError(
            "tables.duplicate", file=list(table.files), row=" / ".join(map(str, row))
        )
    return frame


def _read_file(path: Path, table: Table) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise DataFileError("tables.missing", file=path.name, folder=str(path.parent)) from None
    except pd.errors.EmptyDataError:
        raise DataFileError("tables.empty", file=path.name) from None
    except (pd.errors.ParserError, UnicodeDecodeError, EOFError, OSError) as error:
        raise DataFileError("tables.unreadable", file=path.name) from error
    for column in table.optional:
        if column not in frame:
            frame[column] = ""
    missing = [c for c in (*table.text, *table.numbers) if c not in frame]
    if missing:
        raise DataFileError("tables.no_column", file=path.name, column=missing[0])
    if frame.empty:
        raise DataFileError("tables.empty", file=path.name)
    for column, choices in table.choices.items():
        if not (allowed := frame[column].isin(choices)).all():
            line = int((~allowed).to_numpy().argmax())
            raise DataFileError(
                "tables.not_choice",
                file=path.name,
                line=line + 2,
                column=column,
                value=str(frame[column].iloc[line]),
                choices=list(choices),
            )
    return _as_numbers(frame, table.numbers, path)


def _as_numbers(frame: pd.DataFrame, columns: Sequence[str], path: Path) -> pd.DataFrame:
    for column in columns:
        values = pd.to_numeric(frame[column].replace("", None), errors="coerce").astype(float)
        wrong = values.isna() & (frame[column] != "")
        if wrong.any():
            line = int(wrong.to_numpy().argmax())
            raise DataFileError(
                "tables.not_number",
                file=path.name,
                line=line + 2,
                column=column,
                value=str(frame[column].iloc[line]),
            )
        frame[column] = values
    return frame
