"""Importing: what is read, matched, repaired and refused; applied whole, laid over, taken back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.dataset import Dataset, load_dataset
from geo.disclosure import protected_counts
from geo.errors import DataFileError, InputError, StateError, UnknownNameError
from geo.imports.kinds import KINDS, kind_named, template
from geo.imports.options import Options
from geo.imports.overlay import overlay_tables
from geo.imports.service import confirm, dry_run, import_file, propose
from geo.imports.store import entries, undo
from geo.paths import Home
from routes.graph.origins import origin_points
from tests.geo.agreements import registered

Write = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.resolve(tmp_path / "home")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(text: str, name: str = "data.csv") -> Path:
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return make


INDICATORS = "area_code,indicator,year,value,unit,source\n"
PLACES = "code,name,lat,lon,population\n"
SOE = "53.02.01.1001,Soe,-9.86071,124.28395,40190\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.columns])
def test_every_template_can_be_imported(name: str, home: Home, write: Write) -> None:
    report = dry_run(write(template(kind_named(name))), name, home)
    assert (report.read, report.accepted, report.refused) == (1, 1, 0)
    assert not home.root.exists()


def village_frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": ["53.02.01.1001"], "name": ["Soe"], "population": [40190]},
        geometry=[shapely.Point(124.28395, -9.86071)],
        crs=4326,
    )


@pytest.mark.slow
@pytest.mark.parametrize("end", ["csv", "csv.gz", "xlsx", "geojson", "gpkg", "parquet"])
def test_formats_say_the_same(end: str, home: Home, tmp_path: Path) -> None:
    path = tmp_path / f"villages.{end}"
    frame = village_frame()
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(lat=-9.86071, lon=124.28395)
    if end.startswith("csv"):
        table.to_csv(path, index=False)
    elif end == "xlsx":
        table.to_excel(path, index=False)
    elif end == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    report, entry, _ = import_file(path, "places", home, by="me")
    assert (report.accepted, report.matched, report.new) == (1, 1, 1)
    assert entry.path(home).read_text().splitlines()[1] == (
        "53.02.01.1001,Soe,-9.86071,124.28395,40190,surveyed"
    )


def test_repairs_have_line_and_column(home: Home, write: Write) -> None:
    report = dry_run(
        write(
            INDICATORS + "11.1,poverty_rate,2023,12.5,percent,BPS\n"
            '53.02,Poverty Rate,45000,"21,5",%,BPS\n'
            "5302,poverty_rate,2023,1,percent,BPS\n"
            "99.99,poverty_rate,2023,1,percent,BPS\n"
            "53.03,poverty_rate,2023,101,percent,BPS\n"
            "53.04,poverty_rate,,1,percent,BPS\n"
            "53.02,poverty_rate,2023,1,percent,BPS\n"
        ),
        "indicators",
        home,
    )
    assert (report.read, report.accepted, report.repaired, report.refused) == (7, 2, 2, 5)
    messages = {(i.line, i.column, i.outcome): str(i.message) for i in report.issues}
    assert "11.10" in messages[2, "area_code", "repaired"]
    assert "2023" in messages[3, "year", "repaired"]
    assert "serial" in messages[3, "year", "repaired"]
    assert "decimal comma" in messages[3, "value", "repaired"]
    assert "BPS code" in messages[4, "area_code", "refused"]
    assert "no area" in messages[5, "area_code", "refused"]
    assert "percentage" in messages[6, "value", "refused"]
    assert messages[7, "year", "refused"] == "the cell is empty"
    assert "the same" in messages[8, "area_code", "refused"]


def test_a_spreadsheet_with_numbers_for_codes_and_dates(home: Home, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["area_code", "indicator", "year", "value", "unit", "source", "as_of"])
    page.append([11.1, "poverty_rate", 2023.0, 12.5, "percent", "BPS", 45000])
    page.append([53.0, "poverty_rate", 2023, 19, "percent", "BPS", None])
    book.save(tmp_path / "a.xlsx")
    report, entry, _ = import_file(tmp_path / "a.xlsx", "indicators", home, by="me")
    rows = pd.read_csv(entry.path(home), dtype=str)
    assert list(rows["area_code"]) == ["11.10", "53"]
    assert rows["as_of"][0] == "2023-03-15"
    assert {i.line for i in report.issues} == {2}


def test_former_codes_of_areas_are_put_right(home: Home, write: Write) -> None:
    row = "{},poverty_rate,2019,10,percent,BPS\n"
    codes = ("64.05", "91.01", "91.02.68", "91.02.68.2001", "91.02.99")
    report = dry_run(write(INDICATORS + "".join(row.format(c) for c in codes)), "indicators", home)
    assert (report.accepted, report.repaired, report.refused) == (3, 3, 2)
    messages = {issue.line: str(issue.message) for issue in report.issues}
    assert messages[2] == "the former code 64.05 (65.03)"
    assert messages[4] == "the former code 91.02.68 (95.01.40)"
    assert "91.02.68 is 95.01.40 now" in messages[5]
    assert "91.02 is 95.01 now" in messages[6]


def test_hxl_tags_name_columns_whatever_their_headings(home: Home, write: Write) -> None:
    text = (
        "Kode Kab,Apa,Kapan,Berapa,Satuannya,Asal\n"
        "#adm2+code,#indicator+code,#date+year,#indicator+value+num,#value+unit,#meta+source\n"
        "53.02,poverty_rate,2023,21.5,percent,BPS\n"
    )
    assert dry_run(write(text), "indicators", home).accepted == 1


def test_unknown_columns_are_refused_by_name(home: Home, write: Write) -> None:
    with pytest.raises(DataFileError, match="unknown column colour"):
        dry_run(write("code,name,lat,lon,colour\n53.02.01.1001,a,-9.8,124,red\n"), "places", home)


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        (PLACES + "53.02.01.1001,5302014107900001,-9.8,124,1\n", "places", "line 2, column 2"),
        (PLACES + SOE + "53.02.01.1002,081234567890,-9.8,124,1\n", "places", "line 3, column 2"),
        (INDICATORS + "53.02,a,2023,1,x,A1234567\n", "indicators", "line 2, column 6"),
        ("code,name,lat,lon,nama_korban\n53.02.01.1001,a,-9.8,124,Budi\n", "places", "column 5"),
        (
            "name,kind,lat,lon\nRumah Aman Kupang,seaport,-10.1,123.6\n",
            "terminals",
            "line 2, column 1 names a shelter",
        ),
    ],
)
def test_people_and_shelters_refuse_the_file(
    text: str, kind: str, position: str, home: Home, write: Write
) -> None:
    with pytest.raises(DataFileError, match=position) as refused:
        import_file(write(text), kind, home, by="me")
    for secret in ("5302014107900001", "081234567890", "A1234567", "Budi", "Kupang"):
        assert secret not in str(refused.value)
    assert entries(home) == []


def test_swapped_axes_and_points_far_from_their_regency(home: Home, write: Write) -> None:
    report = dry_run(
        write(
            PLACES + "53.02.01.1001,Soe,124.28395,-9.86071,1\n"
            "53.02.01.1002,Far,3.5,98.6,1\n53.02.01.1003,Out,50.1,8.6,1\n"
        ),
        "places",
        home,
    )
    outcomes = {(i.line, i.outcome): str(i.message) for i in report.issues}
    assert "swapped" in outcomes[2, "repaired"]
    assert "km from 53.02.01.1002" in outcomes[3, "refused"]
    assert "not lie in Indonesia" in outcomes[4, "refused"]


@pytest.mark.parametrize(
    ("word", "kept"), [("Tinggi", "high"), ("sedang", "medium"), ("low", "low")]
)
def test_confidence_is_said_in_either_language(
    word: str, kept: str, home: Home, write: Write
) -> None:
    head = "Kode,indicator,Tahun,value,unit,Sumber,Tingkat Keyakinan\n"
    text = f"{head}53.02,poverty_rate,2024,24.7,percent,a,{word}\n"
    report = dry_run(write(text), "indicators", home)
    assert (report.accepted, report.refused) == (1, 0)
    assert report.preview[0]["confidence"] == kept


def test_a_quay_far_from_its_regency_is_refused(home: Home, write: Write) -> None:
    head = "id,name,kind,lat,lon,area_code,confidence\n"
    rows = "alor,A,ferry,-8.22,124.52,53.05,tinggi\nlaut,B,ferry,-8.9,123.2,53.05,rendah\n"
    report = dry_run(write(head + rows), "terminals", home)
    refused = [(i.line, i.column, str(i.message)) for i in report.issues if i.outcome == "refused"]
    assert report.accepted == 1
    assert [(line, column) for line, column, _ in refused] == [(3, "lat")]
    km = int(re.search(r"lies (\d+) km from 53.05 Kabupaten Alor", refused[0][2])[1])  # type: ignore[index]
    assert 80 < km < 95  # Pantar ends near 123.83 E, 8.4 S: hypot(0.63, 0.5) degrees of 111 km


@pytest.mark.slow
def test_applied_once_and_taken_back(home: Home, write: Write, dataset: Dataset) -> None:
    path = write(PLACES + SOE)
    _, first, changed = import_file(path, "places", home, by="me")
    _, again, more = import_file(path, "places", home, by="me")
    assert (changed, more, again) == (True, False, first)
    about = json.loads((home.imports / "places" / first.id / "meta.json").read_text())
    assert about["rows"] == 1
    assert about["by"] == "me"
    assert len(about["sha256"]) == 64
    loaded = load_dataset(home)
    assert loaded.digest != dataset.digest
    undo(home, first.id, by="me")
    assert entries(home) == []
    assert not (home.imports / "places" / first.id).exists()
    assert load_dataset(home).digest == dataset.digest
    with pytest.raises(UnknownNameError):
        undo(home, first.id, by="me")


@pytest.mark.slow
def test_villages_become_origins(home: Home, write: Write, dataset: Dataset) -> None:
    """Most of a regency replaces the gazetteer's settlements there; a few stand beside them."""
    villages = dataset.areas[dataset.areas["level"] == "village"]
    soppeng = villages[villages["code"].str.startswith("73.12")]  # beyond the pilot provinces
    rows = "".join(
        f"{c},{n},-4.35,119.9,100\n" for c, n in zip(soppeng["code"], soppeng["name"], strict=True)
    )
    import_file(write(PLACES + rows + SOE), "places", home, by="me")
    loaded = load_dataset(home)
    settlements = loaded.settlements[loaded.settlements["regency_code"] == "73.12"]
    assert set(settlements["decided_by"]) == {"imported"}
    assert list(settlements["village_code"]) == sorted(soppeng["code"])
    tts = loaded.settlements[loaded.settlements["regency_code"] == "53.02"]
    assert (tts["decided_by"] == "imported").sum() == 1
    before = (dataset.settlements["regency_code"] == "53.02").sum()
    assert len(tts) == before  # the gazetteer's Soe has gone, the official one has come
    origins = origin_points(loaded)
    assert set(origins.loc[origins["regency_code"] == "73.12", "node"]) == set(
        "v:" + soppeng["code"]
    )
    assert "r:73.12" not in set(origins["node"])


@pytest.mark.slow
def test_boundaries_replace_cells_and_place_settlements(
    home: Home, tmp_path: Path, dataset: Dataset
) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["53.02"], "name": ["TTS"]},
        geometry=[shapely.box(124, -10, 124.8, -9.3)],
        crs=4326,
    )
    frame.to_file(tmp_path / "b.geojson")
    import_file(tmp_path / "b.geojson", "boundaries", home, by="me")
    loaded = load_dataset(home)
    cells = gpd.read_file(f"/vsigzip/{loaded.regency_cells}").set_index("code")
    assert len(cells) == 514
    assert not cells.loc["53.02", "approximate"]
    assert cells["mismatch"].notna().sum() > 500
    official, others = frame.geometry[0], cells.drop("53.02").geometry.to_numpy()
    assert cells.loc["53.02", "geometry"].symmetric_difference(official).area < 1e-6
    assert shapely.area(shapely.intersection(others, official)).sum() < 1e-3  # square degrees
    points = gpd.points_from_xy(dataset.settlements["lon"], dataset.settlements["lat"])
    inside = points.within(frame.geometry[0])
    assert inside.sum() > 20
    assert set(loaded.settlements.loc[inside, "regency_code"]) == {"53.02"}
    outside = dataset.settlements.loc[~inside, "regency_code"]
    assert loaded.settlements.loc[~inside, "regency_code"].equals(outside)


def test_rows_are_added_or_replaced_by_key(home: Home, write: Write, dataset: Dataset) -> None:
    old = dataset.indicators.iloc[0]
    key = f"{old['area_code']},{old['indicator']},{old['year']:.0f}"
    text = INDICATORS + f"{key},99.5,percent,BPS\n53.02,new_rate,2024,1,percent,BPS\n"
    options = Options(new_measures=("new_rate",))
    report, _, _ = import_file(write(text), "indicators", home, by="me", options=options)
    assert (report.new, report.replaced) == (1, 1)
    loaded = load_dataset(home).indicators
    assert len(loaded) == len(dataset.indicators) + 1
    same = loaded[
        (loaded["area_code"] == old["area_code"])
        & (loaded["indicator"] == old["indicator"])
        & (loaded["year"] == old["year"])
    ]
    assert list(same["value"]) == [99.5]


@pytest.mark.slow
def test_terminals_then_legs(home: Home, write: Write) -> None:
    legs = "from_id,to_id,mode\nuji,tenau,ferry\n"
    assert dry_run(write(legs, "l.csv"), "legs", home).refused == 1
    terminals = "id,name,kind,lat,lon\nuji,Dermaga Uji,ferry,-9.9,124.9\n"
    report, made, _ = import_file(write(terminals, "t.csv"), "terminals", home, by="me")
    assert report.issues[0].message.code == "repair.code_of_point"
    _, lines, _ = import_file(write(legs, "l.csv"), "legs", home, by="me")
    loaded = load_dataset(home)
    both = loaded.legs[loaded.legs["id"].str.startswith("I-uji")]
    assert list(both["id"]) == ["I-uji-tenau-ferry", "I-uji-tenau-ferry-r"]
    assert both["length_km"].between(150 * 1.25, 156 * 1.25).all()
    assert both["hours"].iloc[0] == pytest.approx(both["length_km"].iloc[0] / 18.0)
    with pytest.raises(InputError, match=lines.id):
        undo(home, made.id, by="me")
    undo(home, lines.id, by="me")
    undo(home, made.id, by="me")
    assert "uji" not in set(load_dataset(home).terminals["id"])


@pytest.mark.slow
def test_counts_and_outreach(home: Home, write: Write, dataset: Dataset) -> None:
    counts = "place_code,year,measure,value\n53.02,2024,persons_stopped,4\n53.71,2024,deported,-1\n"
    report, _, _ = import_file(
        write(counts, "c.csv"), "counts", home, by="me", under=registered(home)
    )
    assert (report.accepted, report.refused) == (1, 1)
    held = next(note for note in report.notes if note.code == "import_note.held")
    assert held.params == {"count": 1}
    assert "cannot be marked as published" in str(held)
    outreach = "area_code,organisation,year\n53.02.01.1001,Rumah Perempuan,2024\n"
    import_file(write(outreach, "o.csv"), "outreach", home, by="me", under=registered(home))
    loaded = load_dataset(home)
    row = loaded.counts.iloc[-1]
    assert (row["kind"], row["value"], row["year"]) == ("interception", 4.0, 2024.0)
    assert len(loaded.counts) == len(dataset.counts) + 1
    assert list(loaded.outreach["organisation"]) == ["Rumah Perempuan"]
    assert len(dataset.outreach) == 0


def test_visits_stored_before_they_had_months_count_and_nobody_reads_how_many_were_reached() -> (
    None
):
    visit = "53.02.01.1001,Rumah Perempuan,2024"
    old = f"area_code,organisation,year,source,note\n{visit},,\n".encode()
    new = f"area_code,organisation,year,month,people,source,note\n{visit},2024-07,35,,\n".encode()
    tables: dict[str, pd.DataFrame] = {}
    stored = [(SimpleNamespace(kind="outreach", under=""), content) for content in (old, new, new)]
    overlay_tables(tables, cast("Any", stored), "2026-11-28", {})
    assert list(tables["outreach"]["month"]) == ["", "2024-07"]
    assert "people" not in tables["outreach"]


def test_a_date_that_a_workbook_shows_as_a_month_is_a_month(home: Home, tmp_path: Path) -> None:
    """Excel stores 2026-07 as the first of July and shows the month."""
    for number_format, refused in (("mmm-yy", 0), ("[$-421]mmmm yyyy", 0), ("dd/mm/yyyy", 1)):
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(["kode", "lembaga", "bulan"])
        book.active.append(["53.02.01.1001", "Rumah Perempuan", datetime(2024, 7, 1)])  # noqa: DTZ001
        book.active["C2"].number_format = number_format
        book.save(tmp_path / "visits.xlsx")
        report = dry_run(tmp_path / "visits.xlsx", "outreach", home)
        assert (report.accepted, report.refused) == (1 - refused, refused), number_format


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "register",
        "https://intranet.example.go.id/register",
        "http://10.0.0.5/reg",
        "BPS, https://x.id",
    ],
)
def test_every_imported_count_is_held(source: str, home: Home, write: Write) -> None:
    """An address in the source does not make an agency's own count public."""
    counts = f'place_code,year,measure,value,source\n53.04,2019,died_abroad,3,"{source}"\n'
    import_file(write(counts, "c.csv"), "counts", home, by="me", under=registered(home))
    table = load_dataset(home.root).counts
    assert bool(table.iloc[-1]["held"])
    assert table["held"].sum() == 1
    cells = protected_counts(table, secret=bytes(32))
    (cell,) = cells[cells["held"]]["value"]
    assert cell in {0.0, 5.0}


def test_counts_say_what_they_count(home: Home, write: Write, dataset: Dataset) -> None:
    """Unlike classes stand side by side; without one a row has that of the count it replaces."""
    head = "place_code,year,measure,value,unit,legal_class,how,origin_code\n"
    file = write(
        head + "53,2018,prevented,1380,orang,,,53\n"  # F009, non-procedural
        "53.02,2024,persons_stopped,9,,tppo,reported,\n"
        "53.02,2024,persons_stopped,30,jiwa,,,\n"
        "53.02,2024,police_reports,2,,tppo,,\n"
        "53.02,2024,tppo_victims,2,kg,,,\n"
        "53.02,2024,tppo_victims,2,,perdagangan,,\n",
        "c.csv",
    )
    report, _, _ = import_file(file, "counts", home, by="me", under=registered(home))
    assert (report.replaced, report.new, report.refused) == (1, 3, 2)
    assert {issue.column for issue in report.issues if issue.outcome == "refused"} == {
        "unit", "legal_class",
    }  # fmt: skip
    loaded = load_dataset(home.root).counts
    assert len(loaded) == len(dataset.counts) + 3
    columns = ["value", "unit", "legal_class", "status", "how"]
    rows = loaded[loaded["held"]].set_index("id")[columns]
    assert rows.T.to_dict("list") == {
        "I-53-2018-prevented-53-nonprocedural": [1380, "person", "nonprocedural"] + ["unknown"] * 2,
        "I-53.02-2024-persons_stopped-tppo": [9, "person", "tppo", "unknown", "reported"],
        "I-53.02-2024-persons_stopped": [30, "person"] + ["unknown"] * 3,
        "I-53.02-2024-police_reports-tppo-report": [2, "report", "tppo"] + ["unknown"] * 2,
    }


def test_a_damaged_import_is_named(home: Home, write: Write) -> None:
    _, entry, _ = import_file(write(PLACES + SOE), "places", home, by="me")
    entry.path(home).write_text("code\n")
    with pytest.raises(StateError, match=f"undo it with: petajaga import --undo {entry.id}"):
        load_dataset(home)
    undo(home, entry.id, by="me")
    load_dataset(home)


def test_a_proposal_is_confirmed_by_its_maker_only(home: Home, write: Write) -> None:
    report = propose(write(PLACES + SOE), "places", home, file="x.csv", by="ani")
    assert entries(home) == []
    with pytest.raises(UnknownNameError):
        confirm(home, report.id, by="budi")
    for name in ("../../x", "0" * 12, ""):
        with pytest.raises(UnknownNameError):
            confirm(home, name, by="ani")
    entry, changed = confirm(home, report.id, by="ani")
    assert (changed, entry.by, entry.file) == (True, "ani", "x.csv")


def test_rows_of_other_provinces_are_refused(home: Home, write: Write) -> None:
    text = PLACES + SOE + "73.12.01.1001,Soppeng,-4.35,119.9,1\n"
    report = propose(write(text), "places", home, file="x.csv", by="ani", province="53")
    assert (report.accepted, report.refused) == (1, 1)
    assert report.issues[0].message.code == "cell.other_province"


def test_nothing_remains_of_a_write_that_fails(
    home: Home, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import geo.imports.store as store

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_replace_index", fail)
    with pytest.raises(Exception, match="disk is full"):
        import_file(write(PLACES + SOE), "places", home, by="me")
    monkeypatch.undo()
    assert entries(home) == []
    assert not list(home.imports.glob("places/*"))


def test_a_file_named_after_a_person_is_refused(home: Home, write: Write) -> None:
    path = write(PLACES + SOE, "5302014107900001.csv")
    with pytest.raises(DataFileError, match="name of the file"):
        dry_run(path, "places", home)


KILLED = """
import sys, threading, os, time
from pathlib import Path
from geo.imports.options import Options
from geo.imports.service import import_file
from geo.paths import Home
step = int(sys.argv[3])
seen = 0
def count(*_):
    global seen
    seen += 1
    if seen == step:
        os.kill(os.getpid(), 9)
def before(handle, fsync=os.fsync):
    count()
    fsync(handle)
os.fsync = before
import_file(Path(sys.argv[1]), "places", Home.resolve(sys.argv[2]), by="me")
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, 8))
def test_a_kill_leaves_all_or_nothing(step: int, home: Home, write: Write) -> None:
    """Killed before each write: the index names the whole import or none; a new run mends it."""
    path = write(PLACES + SOE)
    words = [sys.executable, "-c", KILLED, str(path), str(home.root), str(step)]
    done = subprocess.run(words, check=False, timeout=60)
    assert done.returncode == -9
    assert len(entries(home)) == int(step == 7)  # the seventh only makes the index durable
    load_dataset(home)
    import_file(path, "places", home, by="me")
    assert len(entries(home)) == 1
    assert len(load_dataset(home).settlements) > 9000
    assert [path.name for path in (home.imports / "places").iterdir()] == [entries(home)[0].id]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "unit", "taken"),
    [
        ("8123456789", "million rupiah", True),
        ("8123456789.5", "index", True),
        ("8123456789", "persons", False),
        ("081234567890", "IDR/capita", True),
        ("5302014107900001", "rupiah", False),
    ],
)
def test_large_amounts_are_no_telephones(
    value: str, unit: str, taken: bool, home: Home, write: Write
) -> None:
    path = write(INDICATORS + f"53.02,grdp,2023,{value},{unit},BPS\n")
    options = Options(new_measures=("grdp",))
    if taken:
        assert dry_run(path, "indicators", home, options=options).accepted == 1
    else:
        with pytest.raises(DataFileError, match="line 2, column 4"):
            dry_run(path, "indicators", home, options=options)
