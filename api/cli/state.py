"""Build and release of a home, and whether they are up to date with data and code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geo.errors import BrokenReleaseError, StateError
from geo.files import private_folder, translate_os_errors, write_probe
from geo.names import area_code as code_of
from geo.paths import Home
from geo.source_digest import RELEASE_SOURCES, source_digest

if TYPE_CHECKING:
    import pandas as pd

    from api.cli.options import Session
    from api.state.adopted_plans import AdoptedPlans
    from layers.plans.service import PlanService
    from routes.build.model import Build

__all__ = [
    "area_code",
    "current_build_id",
    "done_before",
    "open_build",
    "open_plan_service",
    "planned_before",
    "read_build",
    "release_id_of",
    "release_is_fresh",
    "remember_publisher",
    "require_writable",
]

_PUBLISHER = "published-by.json"


def area_code(
    areas: Mapping[str, Sequence[str]] | pd.DataFrame,
    text: str,
    villages: Callable[[], Mapping[str, str]] = dict,
) -> str:
    """Resolve an area in columns ``code`` and ``name``, or a village beyond them.

    Errors as :func:`geo.names.area_code`.
    """
    return code_of(dict(zip(areas["code"], areas["name"], strict=True)), text, villages)


def require_writable(home: Home) -> None:
    """Check before a long task that its result can be stored; else :class:`EnvironmentProblem`."""
    with translate_os_errors(home.root):
        private_folder(home.root)
        write_probe(home.root)


def open_build(home: Home) -> Build:
    """Read the current build.

    Raises
    ------
    StateError
        Nothing has been built, or the build is damaged; the message names the command.
    """
    from routes.build import store

    if not home.model.exists():
        raise StateError("cli.no_model")
    return store.open_build(home)


def read_build(session: Session, *, target: str = "") -> Build:
    """The current build for a command that answers from it; the audit keeps that, with ``target``.

    Errors as :func:`open_build`, and that the audit cannot be written.
    """
    from api.cli.settings import record_read

    build = open_build(session.home)
    record_read(session, target)
    return build


def open_plan_service(session: Session, *, target: str = "") -> PlanService:
    """The planner of the current build; audit and errors as :func:`read_build`."""
    from geo.dataset import load_dataset
    from layers.plans.service import PlanService

    build = read_build(session, target=target)
    return PlanService.of_build(build, load_dataset(session.home.build_inputs))


def done_before(session: Session, kind: str) -> list[str]:
    """What the next plan of a kind leaves out (:meth:`AdoptedPlans.done`).

    A home without a register has adopted no plan.
    """
    if kind == "outreach":
        from geo.imports.visits import visited_villages

        return visited_villages(session.home)
    if kind == "watch":
        from api.state.adopted_plans import recent_watches

        return recent_watches(session.home)
    return _of_plans(session, lambda plans: plans.done(None, kind))


def planned_before(session: Session) -> list[dict[str, Any]]:
    """Villages that open plans have and nobody visited yet (:meth:`AdoptedPlans.waiting`)."""
    return _of_plans(session, lambda plans: plans.waiting(None))


def _of_plans(session: Session, ask: Callable[[AdoptedPlans], list[Any]]) -> list[Any]:
    """What the adopted plans answer; nothing where there is no register."""
    if not (session.home.register.exists() or "PETAJAGA_DATABASE_URL" in os.environ):
        return []
    from api.cli.settings import operator_register
    from api.state.adopted_plans import AdoptedPlans

    with operator_register(session) as register:
        return ask(AdoptedPlans(register, session.home))


def current_build_id(home: Home) -> str | None:
    """Return the id of the current build, or None without a complete one."""
    try:
        return open_build(home).id
    except StateError:
        return None


def release_id_of(build_id: str, home: Home) -> str | None:
    """Return the id of the current release if it was made from this build, else None.

    Raises
    ------
    BrokenReleaseError
        The current release is not whole.
    """
    from layers.release.verify import current_folder, verify

    try:
        manifest = verify(current_folder(home))
    except BrokenReleaseError:
        raise
    except StateError:
        return None
    return str(manifest["id"]) if manifest["created_from"] == build_id else None


def release_is_fresh(build_id: str, home: Home) -> bool:
    """Whether the current release is complete, of this build, and written by the present code."""
    from layers.release.release import open_release

    try:
        name = release_id_of(build_id, home)
        if name is not None:
            with open_release(home) as release:
                release.model_folder()
    except BrokenReleaseError:
        return False
    try:
        publisher = json.loads((home.releases / _PUBLISHER).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return name is not None and publisher == _publisher(name)


def remember_publisher(release: str, home: Home) -> None:
    """Store which code wrote the release, so that newer code publishes again."""
    from geo.files import write_bytes

    line = json.dumps(_publisher(release)) + "\n"
    write_bytes(home.releases / _PUBLISHER, line.encode(), private=True)


def _publisher(release: str) -> dict[str, str]:
    return {"release": release, "code": source_digest(RELEASE_SOURCES)}
