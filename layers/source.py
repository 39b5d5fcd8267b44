"""What a release is made from: the shape of a build, as this room needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd

__all__ = ["BuildLike"]


class BuildLike(Protocol):
    """The fields of :class:`routes.build.Build` that a release reads (docs/ARCHITECTURE.md)."""

    @property
    def id(self) -> str:
        """Twelve hex digits."""
        ...

    @property
    def areas(self) -> pd.DataFrame:
        """Provinces and regencies (and below) with class, score, demand."""
        ...

    @property
    def settlements(self) -> pd.DataFrame:
        """Populated places with demand."""
        ...

    @property
    def terminals(self) -> pd.DataFrame:
        """Nodes with ``official`` and load."""
        ...

    @property
    def legs(self) -> pd.DataFrame:
        """Movements, one row per direction, with flow."""
        ...

    @property
    def destinations(self) -> pd.DataFrame:
        """Where exploitation is expected."""
        ...

    @property
    def corridors(self) -> pd.DataFrame:
        """Ordered terminals with flow, score and class."""
        ...

    @property
    def corridor_origins(self) -> pd.DataFrame:
        """Shares of each corridor by regency."""
        ...

    @property
    def pairs(self) -> pd.DataFrame:
        """Persons a year from each regency to each destination, with the parts of their risk."""
        ...

    @property
    def counts(self) -> pd.DataFrame:
        """Raw counts; they are rounded before anything is written."""
        ...

    @property
    def services(self) -> pd.DataFrame:
        """Offices."""
        ...

    @property
    def posts(self) -> pd.DataFrame:
        """Checkpoints (police only)."""
        ...

    @property
    def hotspots(self) -> pd.DataFrame:
        """Districts with Gi*, p, q and class."""
        ...

    @property
    def on_osm_roads(self) -> bool:
        """Whether any road link follows an imported OpenStreetMap network."""
        ...

    @property
    def regency_cells(self) -> gpd.GeoDataFrame:
        """``code, geometry`` and, when official, ``boundary``."""
        ...

    @property
    def basemap(self) -> Path:
        """GeoJSON file of the base map."""
        ...
