"""What is said of a village that a plan chose, and of what is not known around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.classes import CLASSES
from geo.i18n import text

__all__ = ["point_notes", "reason"]

_MANY = 2.0
"""Villages for each known point from which the reason and a note speak of it."""
_NAMED = 5
_HERE_HOURS = 0.05
"""Hours that would be written as 0.0."""


def reason(row: Mapping[Any, Any], radius: float, *, persons_told: bool = True) -> tuple[str, str]:
    """Why a village was chosen, in Bahasa Indonesia and English.

    Parameters
    ----------
    row : mapping
        A row of :attr:`routes.outreach.plan.OutreachPlan.villages`.
    radius : float
        In km.
    persons_told : bool
        Whether the number of persons may be named.
    """
    persons, places = float(row["persons_covered"]), int(row["places_covered"])
    number = f"{persons:,.1f}"
    angka = number.translate(str.maketrans(",.", ".,"))
    jarak = f"{radius:.3g}".replace(".", ",")
    who, whom = f"{angka} orang berisiko setahun di ", f"{number} persons at risk a year in "
    if not persons_told:
        who = whom = ""
    noun = "place" if places == 1 else "places"
    first = f"Menjangkau {who}{places} tempat dalam {jarak} km"
    other = f"Reaches {whom}{places} {noun} within {radius:.3g} km"
    if (many := _villages_of(row)) >= _MANY:
        first += f"; titik ini mewakili sekitar {many:.0f} desa yang letaknya belum diketahui"
        other += f"; this point stands for about {many:.0f} villages whose places are not known"
    if (name := row.get("class")) in CLASSES:
        first += f"; kerentanan {text(f'class.{name}', 'id')}"
        other += f"; vulnerability {text(f'class.{name}', 'en')}"
    hours = row.get("travel_hours")
    if hours is not None and np.isfinite(hours):
        base = row.get("base") or ""
        if hours < _HERE_HOURS:
            first += f"; di {base or 'pangkalan'}"
            other += f"; in {base}" if base else "; at the base"
        else:
            jam = f"{hours:.1f}".replace(".", ",")
            first += f"; {jam} jam dari {base or 'pangkalan'}"
            other += f"; {hours:.1f} h from {base or 'the base'}"
    return f"{first}; tidak diketahui ada gugus tugas.", f"{other}; no task force known."


def point_notes(regencies: pd.DataFrame) -> list[tuple[str, str]]:
    """Regencies where most people are of villages whose places are not known, most of them first.

    Parameters
    ----------
    regencies : DataFrame
        :attr:`routes.outreach.plan.OutreachPlan.regencies`.
    """
    part = regencies["unplaced"] >= (1 - 1 / _MANY) * regencies["persons"]
    rows = regencies[part & (regencies["unplaced"] > 0)]
    names = rows.sort_values("unplaced", ascending=False, kind="stable")["regency"].tolist()
    if not names:
        return []
    where_id = where_en = ", ".join(names[:_NAMED])
    if (rest := len(names) - _NAMED) > 0:
        where_id += f" dan {rest} kabupaten/kota lain"
        where_en += f" and {rest} other regencies" if rest > 1 else " and 1 other regency"
    return [
        (
            f"Letak desa di {where_id} belum diketahui: satu kunjungan dihitung menjangkau satu "
            "desa dari semua yang diwakili titiknya; impor titik desa (petajaga import places).",
            f"Where the villages of {where_en} are is not known: a visit counts as reaching one "
            "village of all that its point stands for; import village points (petajaga import "
            "places).",
        )
    ]


def _villages_of(row: Mapping[Any, Any]) -> float:
    share = float(row.get("visit_share", 1.0))
    return 1.0 / share if share > 0 else 1.0
