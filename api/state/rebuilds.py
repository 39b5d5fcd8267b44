"""Rebuilds of the home that is served: one at a time, seen by every desk that imports."""

from __future__ import annotations

from typing import Any

from api.auth.principal import Principal
from api.errors import ConflictError, TooManyRequestsError
from api.state.jobs import Jobs
from geo.paths import Home
from layers.visibility import OPERATOR

__all__ = ["Rebuilds"]

_SERVICE = Principal(tier=OPERATOR, name="rebuild")
"""Whose the jobs are: nobody's own. The answer is cut down for who reads it."""
_WORKER = "api.cli.rebuild"


class Rebuilds:
    """The rebuild that runs, or the last one.

    Parameters
    ----------
    run_seconds : float
        How long one may run; a national build takes ten minutes.
    """

    def __init__(self, home: Home, *, run_seconds: float = 3 * 3600.0) -> None:
        self._home = home
        self._jobs = Jobs(
            most_of_one=1, most_of_tier=1, most_finished=1, keep_seconds=30 * 86_400.0,
            run_seconds=run_seconds, worker=_WORKER,
        )  # fmt: skip

    def start(self, principal: Principal, language: str) -> dict[str, Any]:
        """Start a rebuild and return its document.

        Raises
        ------
        ConflictError
            One is running.
        """
        try:
            self._jobs.submit(
                _SERVICE, "rebuild", {"home": str(self._home.root)}, release="",
                request={"by": principal.name},
            )  # fmt: skip
        except TooManyRequestsError:
            raise ConflictError("rebuild.running") from None
        document = self.document(principal, language)
        assert document is not None
        return document

    def document(self, principal: Principal, language: str) -> dict[str, Any] | None:
        """The newest rebuild as ``principal`` may see it; None if there was none since the start.

        Without the right to numbers these are the areas whose class changed.
        """
        if (newest := self._newest(language)) is None:
            return None
        document = self._jobs.document(_SERVICE, newest, language)
        document["by"] = document.pop("request")["by"]
        if (result := document["result"]) and not principal.rights.numbers:
            areas = [
                {name: area[name] for name in ("code", "name", "class")}
                for area in result["areas"]
                if area["class"]["before"] != area["class"]["after"]
            ]
            document["result"] = {"changed": result["changed"], "areas": areas}
        return document

    def cancel(self, principal: Principal, language: str) -> dict[str, Any] | None:
        """End the rebuild that runs, or forget the last one; return its document."""
        document = self.document(principal, language)
        if document is not None:
            self._jobs.cancel(_SERVICE, document["id"], language)
        return self.document(principal, language)

    def close(self) -> None:
        """End a rebuild that runs and take no more."""
        self._jobs.close()

    def _newest(self, language: str) -> str | None:
        documents = self._jobs.documents(_SERVICE, language)
        return str(documents[0]["id"]) if documents else None
