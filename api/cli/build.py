"""``petajaga build`` and ``petajaga publish``: from the data to a release; repeated, a no-op."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import note, print_json, progress
from geo.errors import PetajagaError
from geo.paths import Home
from geo.progress import ProgressCallback
from routes.graph.origins import ORIGIN_LEVELS, OriginLevel, pilot_provinces

if TYPE_CHECKING:
    from geo.dataset import Dataset
    from routes.build.parameters import ModelParameters

__all__ = ["build_command", "make_build", "publish_build", "publish_command"]

_FORCE = click.option("--force", is_flag=True)


@command(
    "build",
    click.option("--draws", type=click.IntRange(2, 100_000)),
    click.option("--seed", type=click.IntRange(0)),
    click.option("--origins", type=click.Choice(ORIGIN_LEVELS), default="village",
                 show_default=True),
    click.option("--pilot", "pilots", metavar="CODE", multiple=True),
    click.option("--framework", metavar="FILE"),
    click.option("--workers", type=click.IntRange(1, 1_024)),
    click.option("--cluster", metavar="tcp://HOST:PORT"),
    click.option("--new-key", is_flag=True),
    _FORCE,
    JSON,
)  # fmt: skip
def build_command(
    session: Session,
    *,
    draws: int | None,
    seed: int | None,
    origins: OriginLevel,
    pilots: Sequence[str],
    framework: str | None,
    workers: int | None,
    cluster: str | None,
    new_key: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Build dataset and model, unless data, parameters and code are those of the present build."""
    from geo.dataset import load_dataset
    from routes.build.parameters import DRAWS, SEED, ModelParameters

    started = time.monotonic()
    if workers is not None and cluster is not None:
        raise WrongUse("cli.one_of", options=["--workers", "--cluster"])
    if new_key:
        _replace_key(session)
    if framework is not None:
        _keep_framework(session, framework)
    seed, draws = SEED if seed is None else seed, DRAWS if draws is None else draws
    pilots_before = _pilots(session.home)
    with progress("build", session.lang) as report:
        dataset = load_dataset(session.home.root)
        parameters = ModelParameters(origins=origins, pilots=pilot_provinces(dataset, pilots))
        build, changed = make_build(
            dataset, session.home, seed=seed, draws=draws, parameters=parameters,
            workers=workers, cluster=cluster, force=force, report=report,
        )  # fmt: skip
    result = {"build": build, "changed": changed, "seconds": round(time.monotonic() - started, 1)}
    if left := sorted(pilots_before - set(parameters.pilots)):
        options = " ".join(f"--pilot {code}" for code in left)
        note(session.text("cli.pilots_left", codes=left, options=options))
    if as_json:
        return print_json(result)
    return note(session.text("cli.built" if changed else "cli.build_unchanged", **result))


def _pilots(home: Home) -> set[str]:
    """Pilot provinces of the build that is there."""
    from routes.build.store import open_build

    try:
        return set(open_build(home).parameters["pilots"])
    except PetajagaError:
        return set()


def make_build(
    dataset: Dataset,
    home: Home,
    *,
    seed: int,
    draws: int,
    parameters: ModelParameters,
    report: ProgressCallback,
    workers: int | None = None,
    cluster: str | None = None,
    force: bool = False,
) -> tuple[str, bool]:
    """Id of the build of these data and parameters, and whether it had to be made."""
    from api.cli.state import current_build_id, require_writable
    from routes.build.run import build_id, build_model

    build = build_id(dataset, home, seed=seed, draws=draws, parameters=parameters)
    if not force and current_build_id(home) == build:
        return build, False
    require_writable(home)
    build_model(
        dataset, home, seed=seed, draws=draws, parameters=parameters, workers=workers,
        cluster=cluster, progress=report,
    )  # fmt: skip
    return build, True


def _replace_key(session: Session) -> None:
    from api.cli.state import require_writable
    from geo.disclosure import new_secret

    require_writable(session.home)
    note(session.text("cli.new_key", fingerprint=new_secret(session.home)))


def _keep_framework(session: Session, name: str) -> None:
    """Check a planner's framework and store it in the home, or remove it (``default``)."""
    from api.cli.state import require_writable
    from geo.files import write_bytes
    from routes.vulnerability.framework import FRAMEWORK_FILE, Framework

    path = session.home.root / FRAMEWORK_FILE
    if name == "default":
        path.unlink(missing_ok=True)
        return
    Framework.load(name)
    require_writable(session.home)
    write_bytes(path, Path(name).read_bytes(), private=True)


@command("publish", _FORCE, JSON)
def publish_command(session: Session, *, force: bool, as_json: bool) -> None:
    """Publish the build as a release, unless the current one is complete and of this build."""
    from geo.imports.store import changed_since_build, ended_agreements, undrawn_roads

    started = time.monotonic()
    with progress("publish", session.lang) as report:
        name, build, changed = publish_build(session.home, force=force, report=report)
    changes = changed_since_build(session.home)
    result = {
        "release": name, "build": build, "changed": changed, **changes.as_dict(),
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    if as_json:
        return print_json(result)
    note(session.text("cli.published" if changed else "cli.release_unchanged", **result))
    home = session.home
    for message in [*changes.messages, *ended_agreements(home), *undrawn_roads(home)]:
        note(message.in_language(session.lang))
    return None


def publish_build(
    home: Home, *, report: ProgressCallback, force: bool = False
) -> tuple[str, str, bool]:
    """Ids of the current release and of its build, and whether it had to be published."""
    from api.cli.state import open_build, release_is_fresh, remember_publisher
    from geo.dataset import load_dataset
    from geo.imports.store import refuse_unpublishable
    from layers.plans.service import model_writer
    from layers.release.publish import publish
    from layers.release.release import open_release

    build = open_build(home)
    refuse_unpublishable(home)
    changed = force or not release_is_fresh(build.id, home)
    if changed:
        model = model_writer(build, load_dataset(home.build_inputs))
        release = publish(build, home, model=model, progress=report)
    else:
        release = open_release(home)
    with release:
        name = release.id
    if changed:
        remember_publisher(name, home)
    return name, build.id, changed
