"""Logs of the service on stderr: plain lines, or JSON with one line for each answer.

Neither has an account, an address or a query; of an exception JSON keeps where it was raised and
its class, since its message may quote what was sent.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter
from uvicorn.config import LOGGING_CONFIG

from api.settings import LogFormat

__all__ = ["JsonLines", "log_config", "log_requests"]

log_requests = logging.getLogger("petajaga.requests")
"""Gets a line for each answer, with ``method``, ``route``, ``status`` and ``seconds``."""


class JsonLines(JsonFormatter):
    """A record as one line of JSON: ``time``, ``level``, ``logger``, ``message`` and its extras."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            timestamp="time",
        )

    def formatException(  # noqa: N802 (the name is the library's)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | Any
    ) -> str:
        """Where an exception was raised, and its class."""
        return "".join([*traceback.format_tb(ei[2]), ei[0].__name__])


def log_config(form: LogFormat) -> dict[str, Any]:
    """Configuration for :func:`logging.config.dictConfig`."""
    if form == "text":
        return LOGGING_CONFIG
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {log_requests.name: {"level": "INFO"}},
    }
