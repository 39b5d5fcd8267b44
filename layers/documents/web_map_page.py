"""Title, legend, language switch and styles of the one-file map of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.classes import ALL_CLASSES, NOT_ASSESSED
from layers.documents.multilingual import html_label, html_of, html_text, language_button
from layers.palette import AREA_COLOURS, CORRIDOR_COLOURS, NOT_ASSESSED_FILL, SIGNS
from layers.release.marking import Marking
from layers.visibility import RIGHTS

__all__ = ["page_parts"]

_CLASS_COLOURS = {**AREA_COLOURS, NOT_ASSESSED: NOT_ASSESSED_FILL}
_KINDS = ("seaport", "ferry", "airport", "border_post", "unofficial")

_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; }
.folium-map { background: #d9e5ea; }
.leaflet-popup-content h3 { margin: 0 0 6px; font-size: 15px; }
.leaflet-popup-content th { text-align: left; font-weight: 600; padding-right: 8px; }
.leaflet-popup-content th, .leaflet-popup-content td { vertical-align: top; font-size: 12px; }
#pj-panel { position: fixed; left: 10px; bottom: 64px; z-index: 1000; max-width: 300px;
  max-height: 70vh; overflow: auto; background: #fff; padding: 8px 12px; border-radius: 4px;
  box-shadow: 0 1px 5px rgba(0,0,0,.4); }
#pj-panel h1 { font-size: 16px; margin: 0 0 4px; }
#pj-panel ul { list-style: none; margin: 4px 0; padding: 0; }
#pj-panel .notes li { list-style: disc; margin-left: 16px; font-size: 12px; }
.pj-key { display: inline-block; width: 16px; height: 12px; margin-right: 6px;
  border: 1px solid #666; vertical-align: middle; }
.pj-dot { border-radius: 50%; width: 12px; }
#pj-language { position: fixed; left: 60px; top: 10px; z-index: 1000; font: inherit;
  padding: 4px 10px; background: #fff; border: 2px solid #888; border-radius: 4px; }
@media print { #pj-language, .leaflet-control-zoom { display: none; } }
"""


def page_parts(manifest: Mapping[str, Any], heading: Marking) -> dict[str, str]:
    """HTML of the parts around the map: ``style`` for the head, the rest for the body."""
    rights = RIGHTS[heading.tier]
    kinds = [k for k in _KINDS if rights.unofficial or k != "unofficial"]
    classes = "".join(_key(_CLASS_COLOURS[c], html_label("class", c)) for c in ALL_CLASSES)
    dots = "".join(_key(SIGNS[k].colour, html_label("kind", k), dot=True) for k in kinds)
    risks = rights.corridor_classes
    lines = "".join(_key(CORRIDOR_COLOURS[c], html_label("class", c)) for c in risks)
    notes = "".join(f"<li>{html_of(caveat)}</li>" for caveat in manifest["caveats"])
    sources = "".join(f"<li>{html_of(source)}</li>" for source in manifest["attribution"])
    width = html_text("map.width_flow" if rights.numbers else "map.width_class")
    panel = (
        '<section id="pj-panel" aria-label="Petajaga"><h1>Petajaga</h1>'
        f"<p>{html_text('map.title')}"
        f"<br><strong>{html_of(heading.line.as_dict())}</strong></p>"
        f"<b>{html_text('field.class')}</b><ul>{classes}</ul>"
        f"<b>{html_text('layer.terminals.title')}</b><ul>{dots}</ul>"
        f"<b>{html_text('map.corridor_classes')}</b><ul>{lines}</ul>"
        f"<small>{width}</small>"
        f"<details><summary>{html_text('map.caveats_and_sources')}</summary>"
        f'<ul class="notes">{notes}</ul><ul class="notes">{sources}</ul>'
        f"<p>{html_of(heading.licence.as_dict())}</p></details></section>"
    )
    mark = f'<meta name="petajaga-mark" content="{heading.code}">' if heading.code else ""
    return {"style": f"<title>Petajaga</title>{mark}<style>{_STYLE}</style>",
            "panel": panel, "button": language_button()}  # fmt: skip


def _key(colour: str, name: str, *, dot: bool = False) -> str:
    extra = " pj-dot" if dot else ""
    return f'<li><span class="pj-key{extra}" style="background:{colour}"></span>{name}</li>'
