"""The release: which layer and field each tier sees, protection of counts, files, exports, map."""

from __future__ import annotations

from layers.export import EXPORT_EXTENSIONS, export_layer
from layers.protect import protect_count, release_secret
from layers.publish import publish
from layers.registry import LAYERS, TIERS, Field, Layer, Tier, fields_for, layer_for, layers_for
from layers.release import ALL_PROVINCES, LayerInfo, Page, Release, open_release
from layers.web_map import write_map

__all__ = [
    "ALL_PROVINCES",
    "EXPORT_EXTENSIONS",
    "LAYERS",
    "TIERS",
    "Field",
    "Layer",
    "LayerInfo",
    "Page",
    "Release",
    "Tier",
    "export_layer",
    "fields_for",
    "layer_for",
    "layers_for",
    "open_release",
    "protect_count",
    "publish",
    "release_secret",
    "write_map",
]
