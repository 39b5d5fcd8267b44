"""Title, legend, language switch and styles of the one-file map of a release."""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from geo.classes import ALL_CLASSES
from layers.registry import PUBLIC_CORRIDOR_CLASSES
from layers.words import VALUE_WORDS

__all__ = [
    "CLASS_COLOURS",
    "CORRIDOR_COLOURS",
    "KIND_COLOURS",
    "LANGUAGE_BUTTON",
    "both",
    "page_parts",
]

# ColorBrewer YlOrBr, five classes: told apart by every form of colour blindness and in grey print
CLASS_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "very_low": "#ffffd4", "low": "#fed98e", "medium": "#fe9929", "high": "#d95f0e",
        "very_high": "#993404", "not_assessed": "#d0d0d0",
    }
)  # fmt: skip
# blue to red purple, apart from the browns of the areas below the lines
CORRIDOR_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "very_low": "#9ebcda", "low": "#4575b4", "medium": "#7b3294", "high": "#c51b7d",
        "very_high": "#67001f",
    }
)  # fmt: skip
# Okabe-Ito
KIND_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "seaport": "#0072b2", "ferry": "#56b4e9", "airport": "#009e73",
        "border_post": "#f0e442", "unofficial": "#d55e00",
    }
)  # fmt: skip

_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; }
.folium-map { background: #dce8ef; }
body:not(.en) .e { display: none; }
body.en .i { display: none; }
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


LANGUAGE_BUTTON = (
    '<button id="pj-language" type="button" onclick="'
    "var en = document.body.classList.toggle('en');"
    "document.documentElement.lang = en ? 'en' : 'id';\">"
    '<span class="i" lang="en">English</span><span class="e" lang="id">Bahasa Indonesia</span>'
    "</button>"
)
"""Switches the whole page between the languages."""


def both(text_id: str, text_en: str) -> str:
    """Both languages, one of them shown."""
    return (
        f'<span class="i">{html.escape(text_id)}</span>'
        f'<span class="e" lang="en">{html.escape(text_en)}</span>'
    )


def page_parts(manifest: Mapping[str, Any], *, tier: str) -> dict[str, str]:
    """HTML of the parts around the map: ``style`` for the head, the rest for the body."""
    kinds = [k for k in KIND_COLOURS if tier == "police" or k != "unofficial"]
    classes = "".join(_key(CLASS_COLOURS[c], c) for c in ALL_CLASSES)
    dots = "".join(_key(KIND_COLOURS[k], k, dot=True) for k in kinds)
    risks = PUBLIC_CORRIDOR_CLASSES if tier == "public" else tuple(CORRIDOR_COLOURS)
    lines = "".join(_key(CORRIDOR_COLOURS[c], c) for c in risks)
    notes = "".join(f"<li>{both(c['id'], c['en'])}</li>" for c in manifest["caveats"])
    sources = "".join(f"<li>{html.escape(text)}</li>" for text in manifest["attribution"])
    weight = (
        both("Tebal garis: arus (orang/tahun)", "Line width: flow (persons/year)")
        if tier == "police"
        else both("Tebal garis: kelas risiko", "Line width: risk class")
    )
    panel = (
        '<section id="pj-panel" aria-label="Petajaga"><h1>Petajaga</h1>'
        f"<p>{both('Peta pencegahan perdagangan orang', 'Map to prevent trafficking in persons')}"
        f"<br><small>{both('Rilis', 'Release')} {html.escape(str(manifest['id']))}</small></p>"
        f"<b>{both('Kelas kerentanan', 'Vulnerability class')}</b><ul>{classes}</ul>"
        f"<b>{both('Simpul', 'Terminals')}</b><ul>{dots}</ul>"
        f"<b>{both('Koridor: kelas risiko', 'Corridors: risk class')}</b><ul>{lines}</ul>"
        f"<small>{weight}</small>"
        f"<details><summary>{both('Catatan dan sumber', 'Caveats and sources')}</summary>"
        f'<ul class="notes">{notes}</ul><ul class="notes">{sources}</ul></details></section>'
    )
    return {"style": f"<title>Petajaga</title><style>{_STYLE}</style>",
            "panel": panel, "button": LANGUAGE_BUTTON}  # fmt: skip


def _key(colour: str, value: str, *, dot: bool = False) -> str:
    extra = " pj-dot" if dot else ""
    return (
        f'<li><span class="pj-key{extra}" style="background:{colour}"></span>'
        f"{both(*VALUE_WORDS[value])}</li>"
    )
