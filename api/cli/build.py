"""``petajaga build`` and ``petajaga publish``: from the data to a release; repeated, a no-op."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import note, print_json, progress
from routes.graph.origins import ORIGIN_LEVELS, OriginLevel, pilot_provinces

__all__ = ["build_command", "publish_command"]

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
    force: bool,
    as_json: bool,
) -> None:
    """Build dataset and model, unless data, parameters and code are those of the present build."""
    from api.cli.state import current_build_id, require_writable
    from geo.dataset import load_dataset
    from routes.build.parameters import DRAWS, SEED, ModelParameters
    from routes.build.run import build_id, build_model

    started = time.monotonic()
    if workers is not None and cluster is not None:
        raise WrongUse("cli.one_of", options=["--workers", "--cluster"])
    if framework is not None:
        _keep_framework(session, framework)
    seed, draws = SEED if seed is None else seed, DRAWS if draws is None else draws
    with progress("build", session.lang) as report:
        dataset = load_dataset(session.home.root)
        parameters = ModelParameters(origins=origins, pilots=pilot_provinces(dataset, pilots))
        build = build_id(dataset, session.home, seed=seed, draws=draws, parameters=parameters)
        changed = force or current_build_id(session.home) != build
        if changed:
            require_writable(session.home)
            build = build_model(
                dataset, session.home, seed=seed, draws=draws, parameters=parameters,
                workers=workers, cluster=cluster, progress=report,
            ).id  # fmt: skip
    result = {"build": build, "changed": changed, "seconds": round(time.monotonic() - started, 1)}
    if as_json:
        return print_json(result)
    return note(session.text("cli.built" if changed else "cli.build_unchanged", **result))


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
    write_bytes(path, Path(name).read_bytes())


@command("publish", _FORCE, JSON)
def publish_command(session: Session, *, force: bool, as_json: bool) -> None:
    """Publish the build as a release, unless the current one is complete and of this build."""
    from api.cli.state import open_build, release_is_fresh, remember_publisher
    from geo.dataset import load_dataset
    from geo.imports.store import changed_since_build
    from layers.plans.service import model_writer
    from layers.release.publish import publish
    from layers.release.release import open_release

    started = time.monotonic()
    with progress("publish", session.lang) as report:
        build = open_build(session.home)
        changed = force or not release_is_fresh(build.id, session.home)
        if changed:
            model = model_writer(build, load_dataset(session.home.build_inputs))
            release = publish(build, session.home, model=model, progress=report)
        else:
            release = open_release(session.home)
        with release:
            name = release.id
        if changed:
            remember_publisher(name, session.home)
    changes = changed_since_build(session.home)
    result = {
        "release": name, "build": build.id, "changed": changed, **changes.as_dict(),
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    if as_json:
        return print_json(result)
    note(session.text("cli.published" if changed else "cli.release_unchanged", **result))
    for change in changes.messages:
        note(change.in_language(session.lang))
    return None
