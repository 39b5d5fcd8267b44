"""The model: graph, vulnerability, demand, flow, calibration, ensemble, corridors.

Start with :func:`routes.build.build_model` and :func:`routes.flow.load_model`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routes.build import Build, build_model, load_build
    from routes.corridors import describe_corridor
    from routes.flow import FlowModel, Interception, Post, load_model
    from routes.graph import build_graph
    from routes.vulnerability import VulnerabilityIndex

__all__ = [
    "Build",
    "FlowModel",
    "Interception",
    "Post",
    "VulnerabilityIndex",
    "build_graph",
    "build_model",
    "describe_corridor",
    "load_build",
    "load_model",
]

_HOMES = {
    "Build": "routes.build",
    "FlowModel": "routes.flow",
    "Interception": "routes.flow",
    "Post": "routes.flow",
    "VulnerabilityIndex": "routes.vulnerability",
    "build_graph": "routes.graph",
    "build_model": "routes.build",
    "describe_corridor": "routes.corridors",
    "load_build": "routes.build",
    "load_model": "routes.flow",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command line must not wait for SciPy to print its help."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'routes' has no attribute {name!r}")
