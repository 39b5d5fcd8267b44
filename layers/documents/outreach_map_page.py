"""The list beside the outreach map: it reads, and prints, even where no script runs."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from geo.i18n import Message, interval, languages
from layers.documents.multilingual import html_of, html_text, language_button
from routes.outreach.plan import OutreachPlan

__all__ = ["outreach_parts"]

_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; color: #1c2b30; }
.folium-map { background: #d9e5ea; left: 350px !important; width: calc(100% - 350px) !important; }
.pj-stop { display: grid; place-items: center; border-radius: 50%; background: #0b4f5c;
  color: #fff; border: 2px solid #fff; font: 600 13px/1 system-ui, sans-serif;
  box-shadow: 0 1px 3px rgba(0,0,0,.5); }
.pj-base { background: #f0a202; border: 2px solid #4a3200; box-sizing: border-box; }
.pj-base span { position: absolute; left: 50%; top: 28px; transform: translateX(-50%);
  white-space: nowrap; font: 600 11px/1.4 system-ui, sans-serif; color: #4a3200;
  text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff; }
.leaflet-popup-content h3 { margin: 0 0 6px; font-size: 15px; }
.leaflet-popup-content th { text-align: left; font-weight: 600; padding-right: 8px; }
.leaflet-popup-content th, .leaflet-popup-content td { vertical-align: top; font-size: 12px; }
.leaflet-control-zoom { margin-top: 52px !important; }
#pj-panel { position: fixed; left: 0; top: 0; bottom: 0; z-index: 1000; width: 350px;
  overflow: auto; background: #fff; padding: 10px 14px; box-sizing: border-box;
  box-shadow: 0 0 6px rgba(0,0,0,.4); }
#pj-panel h1 { font-size: 18px; margin: 0 0 2px; }
#pj-panel h2 { font-size: 14px; margin: 12px 0 4px; }
#pj-panel p { margin: 2px 0 6px; }
#pj-stops { list-style: none; margin: 0; padding: 0; }
#pj-stops li { border-top: 1px solid #cdd6d9; padding: 6px 0; break-inside: avoid; }
#pj-stops button { display: flex; gap: 8px; align-items: baseline; width: 100%; padding: 2px 0;
  border: 0; background: none; font: inherit; font-weight: 600; text-align: left; color: inherit;
  cursor: pointer; }
#pj-stops button b { flex: none; min-width: 26px; padding: 2px 4px; border-radius: 13px;
  background: #0b4f5c; color: #fff; text-align: center; }
#pj-stops button:focus-visible { outline: 3px solid #b3480e; }
#pj-stops p { margin: 2px 0 0 36px; font-size: 12.5px; }
#pj-panel small, .notes li { font-size: 12px; }
.notes { margin: 4px 0; padding-left: 16px; }
.pj-key { display: inline-block; width: 14px; height: 14px; margin-right: 6px;
  vertical-align: middle; }
#pj-language { position: fixed; left: 372px; top: 10px; z-index: 1000; font: inherit;
  padding: 4px 10px; background: #fff; border: 2px solid #888; border-radius: 4px; }
@media (max-width: 760px) {
  html, body { height: auto !important; }
  body { display: flex; flex-direction: column; }
  .folium-map { order: -1; height: 60vh !important; left: 0 !important; width: 100% !important; }
  #pj-panel { position: static; width: auto; box-shadow: none; }
  #pj-language { position: absolute; left: 10px; }
}
@media print {
  @page { size: A4 landscape; margin: 10mm; }
  html, body { height: auto !important; }
  body { display: flex; flex-direction: column; }
  .folium-map { order: -1; height: 165mm !important; left: 0 !important; width: 100% !important;
    print-color-adjust: exact; }
  #pj-panel { position: static; width: auto; box-shadow: none; padding: 4mm 0 0; }
  #pj-stops { columns: 2; }
  .pj-stop, .pj-base, #pj-stops button b { print-color-adjust: exact; }
  #pj-language, .leaflet-control-zoom, .leaflet-control-layers { display: none; }
}
"""
_OPEN = """<script>
function pjOpen(number) {
  const stop = (window.pjStops || {})[number];
  if (!stop || !stop._map) return;
  stop._map.setView(stop.getLatLng(), Math.max(stop._map.getZoom(), 9));
  stop.openPopup();
}
</script>"""


def outreach_parts(
    plan: OutreachPlan,
    rows: Sequence[Mapping[Any, Any]],
    *,
    area: str,
    build_id: str,
    approximate: bool,
) -> dict[str, str]:
    """HTML around the map: ``style`` for the head, list and language button for the body."""
    place = html.escape(area)
    stops = "".join(_stop(row) for row in rows)
    panel = (
        '<section id="pj-panel" aria-label="Petajaga">'
        f"<h1>{html_text('web_desk.outreach_heading')}: {place}</h1>{_summary(plan)}"
        f"<p>{_key('#0b4f5c', round_=True)}{html_text('web_desk.outreach_legend_stop')} "
        f"&nbsp;{_key('#f0a202')}{html_text('map.base_of_team')}</p>"
        f'<h2>{html_text("web_desk.outreach_list")}</h2><ol id="pj-stops">{stops}</ol>'
        f"<h2>{html_text('web.caveat_title')}</h2>{_notes(plan, approximate)}"
        f"<p><small>Petajaga &middot; {html_text('step.model')} {html.escape(build_id)}</small></p>"
        f"</section>{_OPEN}"
    )  # fmt: skip
    title = f"<title>Petajaga: {place}</title>"
    return {"style": f"{title}<style>{_STYLE}</style>", "panel": panel, "button": language_button()}


def _key(colour: str, *, round_: bool = False) -> str:
    corner = ";border-radius:50%" if round_ else ""
    return f'<span class="pj-key" style="background:{colour}{corner}"></span>'


def _summary(plan: OutreachPlan) -> str:
    summary = html_text(
        "map.outreach_summary",
        count=len(plan.villages),
        persons=interval(plan.persons_covered),
        radius=plan.radius_km,
        days=plan.travel_days,
    )
    return f"<p>{summary}</p>"


def _stop(row: Mapping[Any, Any]) -> str:
    code = f" <small>{html.escape(str(row['code']))}</small>" if row.get("code") else ""
    persons = html_text("map.persons_per_year", persons=float(row["persons_covered"]))
    where = html.escape(str(row.get("regency") or row["regency_code"]))
    reason = html_of({code: str(row[f"reason_{code}"]) for code in languages()})
    number = int(row["rank"])
    return (
        f'<li><button type="button" onclick="pjOpen({number})"><b>{number}</b>'
        f"<span>{html.escape(str(row['name']))}{code}</span></button>"
        f"<p>{where} &middot; {persons}</p><p>{reason}</p></li>"
    )


def _notes(plan: OutreachPlan, approximate: bool) -> str:
    notes = [
        Message("note.model_estimates"),
        Message("assumption.reached"),
        Message("note.straight_circles"),
        Message("note.village_points"),
        Message("note.no_names_on_map"),
        Message("note.served_left_out", {"villages": len(plan.excluded)}),
        Message("note.outreach_sources"),
        *plan.notes,
    ]
    if approximate:
        notes.append(Message("caveat.approximate_boundaries"))
    items = "".join(f"<li>{html_of(note.as_dict())}</li>" for note in notes)
    return f'<ul class="notes">{items}</ul>'
