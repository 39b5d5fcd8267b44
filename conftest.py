"""Nothing may pass unseen in CI: with ``CI=true`` a skipped test, or a run of no test, fails."""

from __future__ import annotations

import os
from typing import Any

import pytest

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _skipped(config: pytest.Config) -> list[Any]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return list(reporter.stats.get("skipped", ())) if reporter is not None else []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a green run with skips, or with nothing run, into a failed one (CI only)."""
    if not IN_CI or exitstatus != pytest.ExitCode.OK or session.config.option.collectonly:
        return
    if _skipped(session.config) or session.testscollected == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Say why a run without failures failed."""
    del exitstatus
    skipped = len(_skipped(config))
    if IN_CI and skipped:
        terminalreporter.write_line(
            f"CI: {skipped} skipped; nothing may skip here (reasons above)", red=True
        )
