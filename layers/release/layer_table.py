"""One layer at one tier as columns, as written to a file or read from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from layers.schema import Field, Layer

__all__ = ["Table"]


@dataclass(frozen=True)
class Table:
    """Rows of one layer at one tier: registry columns, and one geometry (or None) per row."""

    layer: Layer
    fields: tuple[Field, ...]
    columns: Mapping[str, list[Any]]
    geometry: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.geometry)
