"""An offline pack: one HTML file of an area or corridor for a phone with no network.

Map, offices, what to do and the villages by name, in every language of the catalogue, with
everything inside the file; a Content-Security-Policy forbids every request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jinja2
import shapely
from shapely.geometry import box

from geo.classes import CLASSES, NOT_ASSESSED
from geo.codes import CODE_LENGTHS
from geo.contacts import MONTHS_SHOWN
from geo.files import write_bytes
from geo.guide import departure_papers, hotlines
from geo.i18n import Message, languages
from geo.names import official_names
from layers.documents.drawing import (
    COUNTRY,
    Box,
    colour_of,
    fill_of,
    is_unsure,
    land_within,
    roads_within,
    window_around,
)
from layers.documents.facts import class_said, gather_facts
from layers.documents.leaflet import load_leaflet
from layers.documents.multilingual import (
    html_label,
    html_of,
    html_text,
    language_button,
    language_style,
)
from layers.documents.referral import ReferralStep, referral
from layers.documents.safe_ways import line_said, ways_of
from layers.documents.subject import Contents, Row, Subject
from layers.palette import (
    BASE,
    MAIN_ROADS,
    PLACE_SIGN,
    POST_SIGN,
    SERVICE_SIGN,
    SIGNS,
    VISIT_SIGN,
    Sign,
)
from layers.query.area_names import inside
from layers.release.marking import Marking

__all__ = ["STEPS", "pack_page", "write_pack"]

_HERE = Path(__file__).parent
STEPS = tuple(
    Message(f"document.step_{step}") for step in ("ask", "check", "refer", "danger", "record")
)
"""What somebody who hears of an offer of work does, in order."""
_SIGNS: Mapping[str, Sign] = {
    **SIGNS,
    "service": SERVICE_SIGN,
    "post": POST_SIGN,
    "visit": VISIT_SIGN,
    "base": SIGNS["destination"],
}
_VILLAGE, _BORDER = "village", "border_post"
_STEPS_ACROSS = 1200
"""Steps of the coordinate grid across the window: what a screen shows of it."""
_MOST_ROAD_POINTS = 10_000
"""Points of roads: about 200 kB of the page."""
_WIDE_DEG = 8.0
"""Width of a window from which signs are drawn small."""
Texts = Mapping[str, str]


def write_pack(
    path: Path,
    contents: Contents,
    subject: Subject,
    marking: Marking,
    *,
    outreach: Any = None,
) -> None:
    """Write the pack of a subject to ``path`` (.html), at once or not at all.

    Parameters
    ----------
    contents : Contents
        The release as the reader's tier has it.
    subject : Subject
        An area or corridor.
    marking : Marking
        Classification, release, date, licence and mark of the file.
    outreach : layers.plans.service.OutreachOutcome, optional
        A plan whose villages and bases the pack is for; they are listed by name.

    Raises
    ------
    EnvironmentProblem
        Leaflet is not installed, or the file cannot be written.
    """
    write_bytes(Path(path), pack_page(contents, subject, marking, outreach=outreach).encode())


def pack_page(
    contents: Contents, subject: Subject, marking: Marking, *, outreach: Any = None
) -> str:
    """The pack's HTML; parameters as :func:`write_pack`."""
    return _Pack(contents, subject, marking, outreach).page()


class _Pack:
    """The parts of one page; points are collected as the lists that name them are made."""

    def __init__(
        self, contents: Contents, subject: Subject, marking: Marking, outreach: Any
    ) -> None:
        self.contents, self.subject, self.marking = contents, subject, marking
        self.outreach = outreach
        self.facts = gather_facts(contents, subject)
        self.points: list[dict[str, Any]] = []

    def page(self) -> str:
        offices = {row["id"]: self._service(row) for row in self.facts.services}
        duties = [
            (step, [offices.get(office.id) or asdict(office) for office in step.offices])
            for step in self._referral()
        ]
        parts = [part for part in self._parts() if part["rows"]]
        headline = self.facts.headline
        manifest = self.contents.release.manifest(self.contents.tier)
        shown = {point["sign"] for point in self.points}
        return _template().render(
            languages=languages(),
            t=_markup(html_text),
            l=_markup(html_label),
            of=_markup(_html),
            leaflet=load_leaflet(),
            language_style=language_style(),
            language_button=language_button(),
            style=(_HERE / "pack.css").read_text("utf-8").replace("SEA", BASE["sea"]),
            script=(_HERE / "pack.js").read_text("utf-8"),
            name=self.subject.name,
            national=not self.subject.id,
            map_label=Message("map.title").in_language(languages()[0]),
            marking_line=self.marking.line,
            licence=self.marking.licence,
            mark=self.marking.code,
            intro=self._intro(),
            headline=headline,
            why=self.facts.why,
            headline_colour=colour_of(self.subject.kind, headline.class_name),
            classes=[(name, fill_of(name)) for name in (*reversed(CLASSES), NOT_ASSESSED)],
            signs=[
                (slug, _svg(sign), _sign_label(slug))
                for slug, sign in {**_SIGNS, _VILLAGE: PLACE_SIGN}.items()
                if slug in shown
            ],
            hotlines=hotlines(),
            line_said=lambda line: line_said(line, self.marking.day),
            ways=ways_of(self.contents, self.subject.area, self.marking.day),
            papers=departure_papers() if self.subject.area else (),
            duties=duties,
            pretexts=self.facts.pretexts,
            steps=STEPS,
            parts=parts,
            at_border=_BORDER in shown,
            caveats=[
                *manifest["caveats"],
                *([_at_border()] if _BORDER in shown else []),
                *_plan_caveats(self.outreach),
            ],
            attribution=manifest["attribution"],
            data=json.dumps(self._data(), ensure_ascii=False, separators=(",", ":")).replace(
                "<", "\\u003c"
            ),
        )

    def _intro(self) -> list[Message]:
        """What stands in place of a headline: of a plan, and of the whole country."""
        if self.outreach is not None:
            return _plan_lines(self.outreach)
        return [] if self.subject.id else [Message("map.title")]

    # -- lists -------------------------------------------------------------------------------------

    def _point(self, sign: str, shape: Any, title: str, lines: Sequence[Texts]) -> int | None:
        """Put a point on the map; its number, or None for what has no place inside it."""
        if shape is None or not self._frame.contains(shape):
            return None
        at = [round(shape.y, 4), round(shape.x, 4)]
        texts = [_one_or_each(line) for line in lines]
        self.points.append({"sign": sign, "at": at, "title": title, "lines": texts})
        return len(self.points) - 1

    def _referral(self) -> Sequence[ReferralStep]:
        """Who must be told at each step; of the whole country nobody in particular."""
        services = [row for row, _ in self.contents.rows("services")]
        names = self.contents.area_names
        return referral(services, self.subject.area, names) if self.subject.area else ()

    def _service(self, row: Row) -> dict[str, Any]:
        kind = Message(f"service.{row['kind']}").as_dict()
        stated = Message("document.stated", {"date": str(row["as_of"])}).as_dict()
        place = [_same(row["place"])] if row["place"] else []
        index = self._point("service", row["point"], row["name"], [kind, *place, stated])
        shown = {name: row[name] for name in ("name", "kind", "place", "as_of")}
        return {**shown, "index": index}

    def _parts(self) -> Iterable[dict[str, Any]]:
        facts = self.facts
        if self.outreach is not None:
            yield _part("heading.villages", self._visits(), open_=True, note="document.by_name")
        elif self.subject.kind == "area" and len(self.subject.area) < CODE_LENGTHS["regency"]:
            level = "regency" if self.subject.area else "province"
            yield _part(f"document.parts_{level}", self._areas_of(level))
        yield _part("document.villages", self._villages(), note="document.by_name")
        yield _part("document.ports", self._ports())
        yield _part(facts.corridors_title, [_corridor_item(row) for row in facts.corridors])
        posts = [
            {
                "name": row["name"],
                "detail": _same(row["terminal_name"]),
                "index": self._point("post", shape, row["name"], [_same(row["terminal_name"])]),
            }
            for row, shape in self.contents.rows("posts")
            if row["terminal_id"] in self._terminals
        ]
        yield _part("layer.posts.title", posts)

    def _villages(self) -> list[dict[str, Any]]:
        """Official villages of a regency by name, on the map where the release has their points."""
        area = self.subject.area
        if self.subject.kind != "area" or len(area) < CODE_LENGTHS["regency"]:
            return []
        points = {row["id"]: shape for row, shape in self.contents.rows("settlements")}
        districts = official_names("district")
        names = {c: n for c, n in official_names("village").items() if c.startswith(f"{area}.")}
        middle = Message("document.village_point").as_dict()
        items = []
        for code, name in sorted(names.items(), key=lambda item: (item[1], item[0])):
            district = districts.get(code[: CODE_LENGTHS["district"]], "")
            lines = [Message("document.district", {"name": district}).as_dict(), middle]
            point = None if self.outreach is not None else points.get(f"v{code}")
            index = self._point(_VILLAGE, point, name, lines)
            items.append({"name": name, "detail": _same(district), "index": index})
        return items

    def _visits(self) -> list[dict[str, Any]]:
        """Villages of the plan by name, then the bases of its teams."""
        rows = sorted(
            self.outreach.plan.villages.to_dict("records"), key=lambda row: str(row["name"])
        )
        items = []
        for row in rows:
            where = _same(
                ", ".join(filter(None, (str(row.get("regency") or ""), str(row.get("code") or ""))))
            )
            lines = [where]
            hours = row.get("travel_hours")
            if row.get("base") and hours is not None and hours == hours:
                lines.append(
                    Message(
                        "document.from_base", {"base": str(row["base"]), "hours": float(hours)}
                    ).as_dict()
                )
            index = self._point(
                "visit", shapely.Point(row["lon"], row["lat"]), str(row["name"]), lines
            )
            items.append({"name": str(row["name"]), "detail": lines[-1], "index": index})
        base_label = Message("heading.base").as_dict()
        for name, (lat, lon) in sorted(self.outreach.bases.items()):
            self._point("base", shapely.Point(lon, lat), name, [base_label])
        return items

    def _areas_of(self, level: str) -> list[dict[str, Any]]:
        rows = [
            row
            for row, _ in self.contents.rows("areas")
            if row["level"] == level and row["code"].startswith(self.subject.area)
        ]
        return [
            {"name": row["name"], "detail": _class_texts(row), "index": None}
            for row in sorted(rows, key=lambda row: str(row["name"]))
        ]

    def _ports(self) -> list[dict[str, Any]]:
        """Ports of the subject as a list; on the map also those of its neighbours."""
        listed = {port["id"] for port in self.facts.ports}
        items = []
        for row, shape in self.contents.rows("terminals"):
            if row["id"] not in self._terminals:
                continue
            kind = Message(f"kind.{row['kind']}").as_dict()
            lines = [
                kind,
                *([Message("web.at_border").as_dict()] if row["kind"] == _BORDER else []),
            ]
            index = self._point(row["kind"], shape, row["name"], lines)
            if row["id"] in listed:
                items.append({"name": row["name"], "detail": kind, "index": index})
        return sorted(items, key=lambda item: str(item["name"]))

    # -- map ---------------------------------------------------------------------------------------

    @cached_property
    def _bounds(self) -> Box:
        shapes = [self.subject.shape or COUNTRY]
        if self.subject.kind == "corridor":
            shapes += [
                s for row, s in self.contents.rows("areas") if row["code"] == self.subject.area
            ]
        if self.outreach is not None:
            rows = self.outreach.plan.villages
            shapes = [
                shapely.MultiPoint(rows[["lon", "lat"]].to_numpy(float)),
                *(shapely.Point(lon, lat) for lat, lon in self.outreach.bases.values()),
            ]
        west, south, east, north = shapely.total_bounds([s for s in shapes if s is not None])
        return float(west), float(south), float(east), float(north)

    @cached_property
    def _window(self) -> Box:
        return window_around(self._bounds, ratio=1.0)

    @cached_property
    def _frame(self) -> Any:
        return box(*self._window)

    @cached_property
    def _terminals(self) -> set[str]:
        """Terminals in the window; of a corridor those of its origin and its stops."""
        stops = {stop["name"] for stop in self.subject.row.get("waypoints") or []}
        listed = {port["id"] for port in self.facts.ports}
        return {
            row["id"]
            for row, shape in self.contents.rows("terminals")
            if shape is not None
            and self._frame.contains(shape)
            and (self.subject.kind == "area" or row["id"] in listed or row["place"] in stops)
        }

    def _data(self) -> dict[str, Any]:
        west, south, east, north = self._window
        bounds = self._bounds
        grid = max((east - west) / _STEPS_ACROSS, 1e-4)
        areas, names = self._areas(grid)
        lines = []
        if self.subject.kind == "corridor" and self.subject.shape is not None:
            style = {
                "color": colour_of("corridor", str(self.subject.row["class"])),
                "weight": 5,
                "opacity": 0.9,
            }
            lines = [{"shape": _geojson(self.subject.shape, grid), "style": style}]
        return {
            "languages": languages(),
            "made": self.marking.day,
            "monthsShown": MONTHS_SHOWN,
            "bounds": [[bounds[1], bounds[0]], [bounds[3], bounds[2]]],
            "window": [[south, west], [north, east]],
            "land": _geojson(land_within(self._window, tolerance_deg=grid / 2), grid / 2),
            "landStyle": {
                "color": BASE["coast"],
                "weight": 0.8,
                "fillColor": BASE["neighbour"],
                "fillOpacity": 1,
            },
            "areas": areas,
            "roads": self._roads(grid),
            "names": names,
            "lines": lines,
            "signs": {slug: _svg(sign) for slug, sign in _SIGNS.items()},
            "signSize": 22 if east - west < _WIDE_DEG else 14,
            "closeZoom": 11 if east - west < _WIDE_DEG else 9,
            "dot": {
                "radius": 5,
                "color": "#fff",
                "weight": 1.5,
                "fillColor": PLACE_SIGN.colour,
                "fillOpacity": 1,
            },
            "points": self.points,
        }

    def _roads(self, grid: float) -> list[dict[str, Any]]:
        roads = roads_within(
            self.contents.release, self._window, tolerance_deg=grid, most_points=_MOST_ROAD_POINTS
        )
        return [
            {
                "shape": _geojson(shape, grid),
                "style": {"color": BASE["road"], "weight": 1.2 if name in MAIN_ROADS else 0.6},
            }
            for name, shape in roads.items()
        ]

    def _areas(self, grid: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Regencies in the window by class, the subject's own stronger; names, its own first."""
        frame, area = self._frame, self.subject.area
        filled, names = [], []
        for row, shape in self.contents.rows("areas"):
            if row["level"] != "regency" or shape is None or not shape.intersects(frame):
                continue
            own = inside([row["code"]], area)[0] if area else self.subject.kind == "area"
            if not own and self.subject.kind == "corridor":
                continue
            filled.append(
                {
                    "shape": _geojson(shapely.make_valid(shape).intersection(frame), grid),
                    "style": _area_style(
                        row, own=own, outlined=own and len(area) >= CODE_LENGTHS["regency"]
                    ),
                    "title": row["name"],
                    "lines": [_one_or_each(_class_texts(row))],
                    "own": own,
                    "unsure": is_unsure(row),
                }
            )
            if frame.contains(shapely.Point(row["lon"], row["lat"])):
                middle = shape.intersection(frame).representative_point()
                names.append(
                    {
                        "text": row["name"].removeprefix("Kabupaten "),
                        "own": own,
                        "at": [round(middle.y, 3), round(middle.x, 3)],
                    }
                )
        return sorted(filled, key=lambda a: a["own"]), sorted(names, key=lambda n: not n["own"])


# -- pieces -------


def _area_style(row: Row, *, own: bool, outlined: bool) -> dict[str, Any]:
    """Fill by class; an outline that is no official boundary is dashed, a doubtful one not."""
    doubtful = row["boundary"] in ("rough", "unreliable")
    line: dict[str, Any] = {"color": "#ffffff", "weight": 0 if doubtful else 0.8}
    if outlined:
        line = {
            "color": BASE["text"],
            "weight": 1.5,
            "dashArray": None if row["boundary"] == "official" else "4 4",
        }
    return {**line, "fillColor": fill_of(str(row["class"])), "fillOpacity": 0.85 if own else 0.45}


# ---------------------------------------------------------------------------------------


def _geojson(shape: Any, grid: float) -> Any:
    """A geometry with as much detail as the page shows."""
    decimals = max(3, len(f"{grid:.0e}") and 4 if grid < 1e-3 else 3)
    simple = shapely.simplify(shape, grid)
    return json.loads(shapely.to_geojson(shapely.transform(simple, lambda xy: xy.round(decimals))))


@cache
def _svg(sign: Sign) -> str:
    mark = f'<path d="{sign.mark}" fill="none" stroke="#fff" stroke-width="2.6"/>'
    return (
        '<svg class="sign" viewBox="0 0 24 24" aria-hidden="true">'
        f'<path d="{sign.path}" fill="{sign.fill}" stroke="{sign.outline}" stroke-width="2"/>'
        f"{mark if sign.mark else ''}</svg>"
    )


def _sign_label(slug: str) -> Message:
    keys = {
        "service": "layer.services.title",
        "post": "layer.posts.title",
        "visit": "web_desk.outreach_legend_stop",
        "base": "map.base_of_team",
    }
    return Message(keys.get(slug, f"kind.{slug}"))


def _part(
    title: str | Message, rows: list[dict[str, Any]], *, note: str = "", open_: bool = False
) -> dict[str, Any]:
    return {
        "title": Message(title) if isinstance(title, str) else title,
        "rows": rows,
        "open": open_,
        "note": Message(note) if note else None,
    }


def _corridor_item(row: Row) -> dict[str, Any]:
    return {
        "name": row["name"],
        "detail": Message(f"class.{row['class']}").as_dict(),
        "index": None,
    }


def _class_texts(row: Row) -> dict[str, str]:
    return Message("document.class_line", {"class_": class_said(row)}).as_dict()


def _plan_lines(outreach: Any) -> list[Message]:
    plan = outreach.plan
    return [
        Message(
            "document.plan_summary", {"count": len(plan.villages), "days": float(plan.travel_days)}
        ),
        Message("note.no_names_on_map"),
    ]


def _plan_caveats(outreach: Any) -> list[Message]:
    if outreach is None:
        return []
    # a share of departures with all its digits would tell those of a village
    notes = [note for note in outreach.plan.notes if "share" not in note.params]
    return [Message("assumption.reached"), Message("note.straight_reach"), *notes]


def _at_border() -> dict[str, str]:
    """That the signs of border posts may seem to be abroad."""
    kind = Message(f"kind.{_BORDER}").as_dict()
    said = Message("web.at_border").as_dict()
    return {name: f"{kind[name][0].upper()}{kind[name][1:]}: {said[name]}" for name in said}


def _same(text: str) -> dict[str, str]:
    return dict.fromkeys(languages(), str(text))


def _one_or_each(texts: Texts) -> str | list[str]:
    """One text where the languages agree, else in their order."""
    each = [texts.get(language, texts["en"]) for language in languages()]
    return each[0] if len(set(each)) == 1 else each


def _html(text: Message | Texts) -> str:
    return html_of(text.as_dict() if isinstance(text, Message) else text)


def _markup(function: Callable[..., str]) -> Callable[..., Any]:
    """A function of the template whose answer is HTML already."""
    from markupsafe import Markup

    return lambda *args, **values: Markup(function(*args, **values))  # noqa: S704 - escaped by multilingual


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("pack.html")
