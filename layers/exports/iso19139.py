"""Metadata of a layer by SNI ISO 19115, in the XML of ISO 19139, for Ina-Geoportal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import shapely

from geo.i18n import languages, text
from layers.release.editions import Edition
from layers.release.layer_table import Table
from layers.release.marking import Marking

__all__ = ["iso_metadata"]

_TEMPLATE = Path(__file__).with_name("iso19139.xml.jinja")
_ISO_639_2: Mapping[str, str] = {"id": "ind", "en": "eng"}
_KEYWORDS = (
    "pencegahan perdagangan orang", "TPPO", "pekerja migran Indonesia", "human trafficking",
    "prevention", "Indonesia",
)  # fmt: skip


def iso_metadata(
    table: Table, heading: Marking, manifest: Mapping[str, Any], language: str,
    edition: Edition | None = None,
) -> str:  # fmt: skip
    """The metadata record of a layer.

    Parameters
    ----------
    table : Table
        Its rows give the extent, its fields their description.
    heading : Marking
    manifest : mapping
        The release's, as the tier has it: caveats.
    language : str
        Of the texts; title and abstract are given in every other one too.
    edition : Edition, optional
        Its date is that of publication; the office that approved it answers for it.
    """
    layer = table.layer
    shapes = table.geometry[[shape is not None for shape in table.geometry]]
    bounds = np.round(shapely.total_bounds(shapes), 4).tolist() if len(shapes) else None
    fields = "; ".join(
        f"{field.name}: {layer.field_title(field, language)}"
        + (f" ({unit})" if (unit := field.unit_text(language)) else "")
        for field in table.fields
    )
    lineage = [*layer.source_texts(language), layer.resolution_text(heading.tier, language)]
    approval = edition.approval if edition is not None else None
    number = f"{text('heading.edition', language)} {edition.number}, " if edition else ""
    return _template().render(
        identifier=f"petajaga-{layer.name}-{heading.tier}-{heading.release}",
        language=language,
        others=[name for name in languages() if name != language],
        language3={name: _ISO_639_2.get(name, name) for name in languages()},
        owner=approval.office if approval else "Petajaga",
        day=heading.day,
        published=edition.date if edition else heading.day,
        titles={name: f"Petajaga: {layer.title(name)}" for name in languages()},
        edition=f"{number}{heading.release}",
        abstracts={name: layer.description(name) for name in languages()},
        sources=layer.source_texts(language),
        keywords=_KEYWORDS,
        classification=heading.classification.in_language(language),
        caveats=[caveat[language] for caveat in manifest["caveats"]],
        licence=heading.licence.in_language(language),
        bounds=bounds,
        fields=fields,
        lineage=" ".join(lineage),
    )


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_TEMPLATE.parent)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(_TEMPLATE.name)
