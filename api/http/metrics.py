"""Counts and durations of answers for Prometheus, by route, method and status; nobody's data.

A route is its template (``/v1/areas/{code}``), never the address that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.types import Scope

__all__ = ["Metrics", "route_of"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """Template of the route that answered; else "none", "static" (files) or a name."""
    if "endpoint" not in scope:
        return "none"
    name = getattr(scope["endpoint"], "__name__", "static")
    return str(getattr(scope.get("route"), "path", name))


class Metrics:
    """The metrics of one service: answers, unfinished jobs, and memory and time of the process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._answers = Histogram(
            "petajaga_http_request_duration_seconds", "Answers and how long they took",
            ("method", "route", "status"), registry=self._registry, buckets=_SECONDS,
        )  # fmt: skip
        self._jobs = Gauge(
            "petajaga_jobs", "Jobs that are not over", ("state",), registry=self._registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        known = method if method in _METHODS else "other"
        self._answers.labels(known, route, status).observe(seconds)

    def exposition(self, jobs: Mapping[str, int]) -> bytes:
        """The text that Prometheus reads; ``jobs`` are unfinished jobs by state."""
        for state in ("queued", "running"):
            self._jobs.labels(state).set(jobs.get(state, 0))
        return generate_latest(self._registry)
