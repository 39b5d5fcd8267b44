"""``petajaga export``: the current release as files for other programs, or in their database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import Session, WrongUse, command, in_a_folder
from api.cli.output import note, progress
from api.cli.settings import file_marking
from api.cli.tier_options import FILE_TIER, PROVINCE, province_of
from geo.errors import InputError

if TYPE_CHECKING:
    from layers.exports.export import FileForm

__all__ = ["export_command"]

_ALL = "all"


def _layer_names() -> dict[str, str]:
    from layers.registry import LAYERS

    return {"layers": ", ".join(LAYERS)}


@command(
    "export",
    click.argument("layer"),
    click.option("-o", "--output", metavar="FILE|DATABASE", required=True),
    click.option("--for", "form", type=click.Choice(["excel-id"])),
    click.option("--encrypt-to", metavar="age1...", multiple=True),
    FILE_TIER,
    PROVINCE,
    help_values=_layer_names,
)
def export_command(
    session: Session,
    *,
    layer: str,
    output: str,
    form: str | None,
    encrypt_to: tuple[str, ...],
    tier: str,
    province: str | None,
) -> None:
    """Write a LAYER of the current release to a file, or all to a database or package."""
    from layers.exports.export import FileForm
    from layers.exports.postgis import is_database

    province = province_of(tier, province)
    if encrypt_to and (is_database(output) or layer == _ALL):
        raise WrongUse("cli.goes_with", option="--encrypt-to", other="LAYER -o FILE")
    if is_database(output):
        return _to_database(session, layer, output, tier=tier, province=province)
    path = in_a_folder(Path(output))
    if layer == _ALL:
        return _to_package(session, path, tier=tier)
    how = FileForm(language=session.lang, excel_id=form is not None)
    return _to_file(session, layer, path, how, encrypt_to, tier=tier, province=province)


def _to_file(
    session: Session, layer: str, output: Path, form: FileForm, keys: Sequence[str], *, tier: str,
    province: str | None,
) -> None:  # fmt: skip
    from layers.exports.encryption import encrypted
    from layers.exports.export import check_export, export_layer
    from layers.registry import layer_for
    from layers.release.release import open_release

    with progress(layer, session.lang), open_release(session.home) as release:
        layer_for(layer, tier)
        check_export(output, form)
        heading = file_marking(session, release, tier, request=f"export {layer} {output.name}")
        with encrypted(output, keys) as (path, final):
            rows = export_layer(
                release, layer, path, tier=tier, province=province, heading=heading, form=form
            )
    note(session.text("cli.written_rows", file=final, rows=rows))


def _to_package(session: Session, output: Path, *, tier: str) -> None:
    """All public layers in one ZIP file."""
    from layers.exports.data_package import write_data_package
    from layers.release.release import open_release
    from layers.visibility import ANONYMOUS

    if output.suffix.lower() != ".zip":
        raise InputError("cli.file_ending", field="output", file=output.name, endings=(".zip",))
    if tier != ANONYMOUS:
        raise InputError("export.package_public", name=output.name, field="tier")
    with progress(_ALL, session.lang), open_release(session.home) as release:
        rows = write_data_package(release, output, language=session.lang)
    note(session.text("cli.written_rows", file=output, rows=sum(rows.values())))


def _to_database(
    session: Session, layer: str, target: str, *, tier: str, province: str | None
) -> None:
    from layers.exports.postgis import (
        check_database,
        database_place,
        export_to_database,
        schema_name,
    )  # fmt: skip
    from layers.registry import layer_for, layers_for
    from layers.release.release import open_release

    place = database_place(target)
    with progress(layer, session.lang), open_release(session.home) as release:
        names = list(layers_for(tier)) if layer == _ALL else [layer_for(layer, tier).name]
        check_database(target)
        heading = file_marking(session, release, tier, request=f"export {layer} {place}")
        rows = export_to_database(
            release, names, target, tier=tier, province=province, heading=heading,
            language=session.lang,
        )  # fmt: skip
    schema = schema_name(tier, province)
    note(session.text("cli.written_database", place=place, schema=schema,
                      tables=len(rows), rows=sum(rows.values())))  # fmt: skip
