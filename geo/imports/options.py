"""What the user decided on a file: the meaning of columns, code system, decimal separator."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from geo.errors import InputError

__all__ = ["DECIMALS", "SYSTEMS", "Options"]

SYSTEMS = ("kemendagri", "bps")
"""Systems of area codes that a file may use."""
DECIMALS: Mapping[str, str] = {"point": ".", "comma": ","}


@dataclass(frozen=True)
class Options:
    """Decisions on one file; without any, everything is recognised or refused.

    Attributes
    ----------
    columns : dict of str to str
        Meaning by heading: a column of the kind, a measure or indicator, a year, or ``ignore``. A
        column of the kind that the file lacks, on the left, has the value on the right in all rows.
    codes : str
        One of :data:`SYSTEMS`, if stated.
    decimal : str
        The decimal separator, if stated.
    new_measures : list of str
        Measures or indicators that may be new.
    remembered : dict of str to (dict of str to str)
        Columns of earlier files of the kind by their shape, used where ``columns`` is empty.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    codes: str = ""
    decimal: str = ""
    new_measures: tuple[str, ...] | list[str] = ()
    remembered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        mapped: Iterable[str] = (),
        *,
        codes: str | None = None,
        decimal: str | None = None,
        new_measures: Iterable[str] = (),
    ) -> Options:
        """Options as they are typed: ``mapped`` of the form ``heading=meaning``.

        Raises
        ------
        InputError

        Examples
        --------
        >>> Options.of(["Korban P=victims_female"], decimal="comma").columns
        {'Korban P': 'victims_female'}
        """
        columns = {}
        for pair in mapped:
            heading, separator, meaning = pair.rpartition("=")
            if not separator or not heading.strip() or not meaning.strip():
                raise InputError("imports.map_form", field="map", pair=pair[:80])
            columns[heading.strip()] = meaning.strip()
        if codes and codes not in SYSTEMS:
            raise InputError("imports.unknown_system", field="codes", systems=list(SYSTEMS))
        if decimal and decimal not in DECIMALS:
            raise InputError("imports.unknown_decimal", field="decimal", choices=list(DECIMALS))
        separator = DECIMALS[decimal] if decimal else ""
        return cls(columns, codes or "", separator, tuple(new_measures))

    @property
    def digest(self) -> str:
        """Names what was decided, as a part of the id of an import; empty if nothing was."""
        decided: dict[str, Any] = {**asdict(self), "remembered": None}
        if not any(decided.values()):
            return ""
        return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()
