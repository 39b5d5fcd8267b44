"""``petajaga export`` and ``petajaga map``: the current release as files for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.options import Session, command
from api.cli.output import note, progress
from api.cli.texts import say
from geo.errors import InputError

__all__ = ["export_command", "map_command"]

_TIER = click.option(
    "--tier",
    type=click.Choice(["public", "partner", "police"]),
    default="police",
    show_default=True,
    help="Whose view to write.",
)
_PROVINCE = click.option(
    "--province", metavar="CODE", help="With --tier partner: the own province; else all of them."
)


def _province(tier: str, province: str | None) -> str | None:
    from layers.registry import check_tier
    from layers.visibility import ALL_PROVINCES, RIGHTS

    if not RIGHTS[check_tier(tier)].own_province:
        if province is not None:
            raise click.UsageError("--province goes with --tier partner")
        return None
    return province or ALL_PROVINCES


@command(
    "export",
    click.argument("layer"),
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        type=click.Path(path_type=Path),
        help="The name's end is the format: .gpkg .geojson .parquet .csv .xlsx.",
    ),
    _TIER,
    _PROVINCE,
)
def export_command(
    session: Session, *, layer: str, output: Path, tier: str, province: str | None
) -> None:
    """Write a LAYER of the current release to a file.

    Layers: areas, settlements, terminals, legs, corridors, services, and for the police posts and
    interceptions.
    """
    from layers.exports.export import export_layer
    from layers.release.release import open_release

    own = _province(tier, province)
    with progress(layer), open_release(session.home) as release:
        rows = export_layer(release, layer, output, tier=tier, province=own)
    note(f"{say('written', session.lang)} {output} ({rows})")


@command(
    "map",
    click.option(
        "-o",
        "--output",
        metavar="FILE.html",
        required=True,
        type=click.Path(path_type=Path),
        help="Where to write the map.",
    ),
    _TIER,
    _PROVINCE,
)
def map_command(session: Session, *, output: Path, tier: str, province: str | None) -> None:
    """Write one self-contained HTML map; it makes no network request."""
    from layers.documents.web_map import write_map
    from layers.release.release import open_release

    if output.suffix.lower() not in {".html", ".htm"}:
        raise InputError(f"{output.name}: the name must end in .html", field="output")
    own = _province(tier, province)
    with progress("map"), open_release(session.home) as release:
        write_map(release, output, tier=tier, province=own)
    note(f"{say('written', session.lang)} {output}")
