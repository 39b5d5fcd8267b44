"""``petajaga export``: the current release as files for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.options import Session, command, output_option
from api.cli.output import note, progress
from api.cli.settings import file_marking
from api.cli.tier_options import FILE_TIER, PROVINCE, province_of

__all__ = ["export_command"]


def _layer_names() -> dict[str, str]:
    from layers.registry import LAYERS

    return {"layers": ", ".join(LAYERS)}


@command(
    "export",
    click.argument("layer"),
    output_option(required=True),
    click.option("--for", "form", type=click.Choice(["excel-id"])),
    FILE_TIER,
    PROVINCE,
    help_values=_layer_names,
)
def export_command(
    session: Session, *, layer: str, output: Path, form: str | None, tier: str, province: str | None
) -> None:
    """Write a LAYER of the current release to a file."""
    from layers.exports.export import FileForm, check_export, export_layer
    from layers.registry import layer_for
    from layers.release.release import open_release

    province = province_of(tier, province)
    with progress(layer, session.lang), open_release(session.home) as release:
        layer_for(layer, tier)
        how = FileForm(language=session.lang, excel_id=form is not None)
        check_export(output, how)
        heading = file_marking(session, release, tier, request=f"export {layer} {output.name}")
        rows = export_layer(
            release, layer, output, tier=tier, province=province, heading=heading, form=how
        )
    note(session.text("cli.written_rows", file=output, rows=rows))
