"""Offices and posts as imports: laid over the curated tables; what is planned counts later."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo.contacts import is_current, with_confirmation
from geo.dataset import Dataset, load_dataset
from geo.errors import DataFileError
from geo.imports.days import today
from geo.imports.report import Report
from geo.imports.service import dry_run, import_file
from geo.paths import Home
from geo.posts import standing_posts
from layers.visibility import RIGHTS
from routes.graph.build import build_graph, official_frames
from routes.graph.origins import origin_points
from routes.vulnerability.accessibility import nearest_office, place_indicators

pytestmark = pytest.mark.slow

YEAR = int(today()[:4])
SERVICES = "kind,name,area_code,lat,lon,status,since,until\n"
POSTS = "simpul,nama_pos,status,sejak,sampai,jam_jaga,petugas,as_of\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.resolve(tmp_path / "home")


def _apply(home: Home, kind: str, text: str) -> Report:
    file = home.root.parent / f"{kind}.csv"
    file.write_text(text, "utf-8")
    return import_file(file, kind, home, by="me")[0]


def _row(table: pd.DataFrame, column: str, value: str) -> dict[str, object]:
    (row,) = table[table[column] == value].to_dict("records")
    return row


def _hours_to_uptd_ppa(dataset: Dataset, regency: str) -> float:
    origins = origin_points(dataset, level="seat", pilots=())
    table = place_indicators(dataset, official_frames(dataset, origins=origins))
    return float(table[table["regency_code"] == regency]["hours_to_uptd_ppa"].min())


def test_a_post_is_in_force_from_its_date_on(home: Home, dataset: Dataset) -> None:
    terminal = "wini"
    assert terminal not in set(standing_posts(dataset.posts)["terminal_id"])
    report = _apply(
        home, "posts",
        f"{POSTS}{terminal},Pos terpadu,buka,{YEAR - 1}-03,,24,6,\n"
        f"tenau,Pos kapal,rencana,{YEAR + 1}-02-01,,24,6,\n",
    )  # fmt: skip
    assert (report.accepted, report.new, report.replaced) == (2, 1, 1)
    assert "import_note.planned" in {note.code for note in report.notes}
    loaded = load_dataset(home)
    post = _row(loaded.posts, "terminal_id", terminal)
    assert (post["since"], post["hours"], post["officers"]) == (f"{YEAR - 1}-03", 24.0, 6.0)
    assert terminal in set(standing_posts(loaded.posts)["terminal_id"])
    assert "post" in build_graph(loaded).nodes[terminal]
    assert "post" not in build_graph(dataset).nodes[terminal]
    # the planned one changes nothing before its day, and replaces the present one on it
    tenau = _row(dataset.posts, "terminal_id", "tenau")
    assert _row(loaded.posts, "terminal_id", "tenau")["name"] == tenau["name"]
    later = load_dataset(home, day=f"{YEAR + 1}-02-01")
    assert _row(later.posts, "terminal_id", "tenau")["name"] == "Pos kapal"
    assert later.digest != loaded.digest


def test_a_planned_office_is_no_office_until_it_opens(home: Home, dataset: Dataset) -> None:
    name = "UPTD PPA Kabupaten Malaka"
    report = _apply(
        home, "services",
        f"{SERVICES}UPTD PPA,{name},53.21,-9.55,124.9,planned,{YEAR + 1},\n"
        f"uptd_ppa,UPTD PPA Belu,53.04,,,planned,,\n"
        f"uptd_ppa,UPTD PPA Rote,53.14,,,buka,,\n"
        f"p4mi,P4MI lama,53.04,,,open,2015,2019\n",
    )  # fmt: skip
    assert (report.accepted, report.new, report.repaired) == (4, 4, 2), report.issues
    loaded = load_dataset(home)
    fresh = loaded.services[~loaded.services["id"].isin(dataset.services["id"])]
    assert fresh["name"].tolist() == ["UPTD PPA Rote"]
    seat = _row(dataset.seats, "code", "53.14")
    assert fresh[["lat", "lon"]].to_numpy().tolist() == [[seat["lat"], seat["lon"]]]
    assert fresh["precision"].tolist() == ["approximate"]
    assert _hours_to_uptd_ppa(loaded, "53.14") < 1.0 < 3.0 < _hours_to_uptd_ppa(dataset, "53.14")
    assert _hours_to_uptd_ppa(loaded, "53.21") == _hours_to_uptd_ppa(dataset, "53.21") > 1.0
    later = load_dataset(home, day=f"{YEAR + 1}-01-01")
    assert set(later.services["name"]) - set(loaded.services["name"]) == {name}
    assert later.digest != loaded.digest


def test_an_office_with_the_id_of_a_curated_one_replaces_it(home: Home, dataset: Dataset) -> None:
    row = _row(dataset.services, "id", "V004")
    text = f"id,kind,name,area_code,lat,lon\nV004,{row['kind']},BP3MI NTT,53.71,-10.18,123.6\n"
    _apply(home, "services", text)
    loaded = load_dataset(home).services
    assert len(loaded) == len(dataset.services)
    assert _row(loaded, "id", "V004")["name"] == "BP3MI NTT"


@pytest.mark.parametrize(
    ("kind", "row", "code"),
    [
        ("services", "uptd_ppa,UPTD,53.04,,,planned,2020,", "cell.planned_past"),
        ("services", "uptd_ppa,UPTD,53.04,,,open,2020,2019", "cell.ends_before"),
        ("services", "warung,UPTD,53.04,,,open,,", "cell.not_allowed"),
        ("posts", "tenau,Pos,open,,,24,,", "cell.post_without_date"),
        ("posts", "bulan,Pos,open,2020,,24,,", "cell.not_terminal"),
        ("posts", "tenau,Pos,open,2020,,25,,", "cell.out_of_range"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(
    kind: str, row: str, code: str, home: Home, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text({"services": SERVICES, "posts": POSTS}[kind] + row, "utf-8")
    report = dry_run(tmp_path / "a.csv", kind, home)
    assert [issue.message.code for issue in report.issues] == [code]


def test_a_shelter_is_no_service(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{SERVICES}uptd_ppa,Rumah Aman,53.04,,,open,,", "utf-8")
    with pytest.raises(Exception, match="shelter"):
        dry_run(tmp_path / "a.csv", "services", home)


def test_posts_are_the_police_desks() -> None:
    assert "services" in RIGHTS["partner"].import_kinds
    assert "posts" not in RIGHTS["partner"].known_kinds
    assert "posts" in RIGHTS["police"].import_kinds


def test_the_line_of_an_office_comes_with_an_import(home: Home) -> None:
    """As dialled, with its date; a file of services is no file of persons for it."""
    head = "kind,name,area_code,telepon,telepon_per,as_of,sumber\n"
    report = _apply(
        home, "services",
        f"{head}uptd_ppa,UPTD PPA Kabupaten Sikka,53.07,(0382) 100-100,{YEAR}-01,,situs kabupaten\n"
        f"p4mi,P4MI Larantuka,53.06,0383100100,,{YEAR}-01,situs kabupaten\n"
        f"bp3mi,BP3MI Contoh,53.71,lewat ketua,{YEAR}-01,,x\n"
        f"ngo,LSM Contoh,53.07,0382100200,,,x\n"
        f"ltsa,LTSA Contoh,53.07,0382100300,{YEAR + 1}-12,,x\n",
    )  # fmt: skip
    assert (report.accepted, report.refused) == (2, 3)
    assert set(report.reasons["refused"]) == {
        "cell.not_phone", "cell.phone_without_date", "cell.future",
    }  # fmt: skip
    services = load_dataset(home).services
    row = _row(services, "name", "UPTD PPA Kabupaten Sikka")
    assert (row["phone"], row["phone_as_of"]) == ("0382100100", f"{YEAR}-01")
    assert row["phone_source"] == "situs kabupaten"
    assert _row(services, "name", "P4MI Larantuka")["phone_as_of"] == f"{YEAR}-01"


def test_an_imported_number_waits_and_a_changed_one_is_named(home: Home) -> None:
    head = "kind,name,area_code,telepon,telepon_per,as_of,sumber\n"
    old, new = "0382100100", "0382100999"
    rows = [f"uptd_ppa,UPTD PPA Contoh,53.07,{phone},{today()[:7]},,x\n" for phone in (old, new)]
    first, second = (_apply(home, "services", head + row) for row in rows)
    said = {note.code: note.params for note in second.notes}
    assert said["import_note.phone_changed"]["old"] == old
    assert said["import_note.phone_changed"]["new"] == new
    assert "import_note.phone_unconfirmed" in said
    assert "import_note.phone_changed" not in {note.code for note in first.notes}
    row = _row(load_dataset(home).services, "name", "UPTD PPA Contoh")
    hidden = with_confirmation(row, {})
    assert not is_current(str(hidden["phone_as_of"]), today())
    told = {str(row["id"]): {"phone": new, "checked": today()[:7]}}
    assert is_current(str(with_confirmation(row, told)["phone_as_of"]), today())


def test_a_number_elsewhere_in_the_file_is_still_refused(home: Home) -> None:
    head = "kind,name,area_code,phone,phone_as_of,note\n"
    text = f"{head}uptd_ppa,UPTD PPA Contoh,53.07,129,{YEAR}-01,hubungi 081234567890\n"
    with pytest.raises(DataFileError, match=r"personal|telepon|telephone"):
        _apply(home, "services", text)


def test_the_nearest_ltsa_is_one_that_works(dataset: Dataset) -> None:
    """Sikka has its own; Sumba Barat Daya's does not run, and is not counted as if it did."""
    points = origin_points(dataset, level="seat", pilots=())
    frames = official_frames(dataset, origins=points)
    nearest = nearest_office(dataset, frames, "ltsa")
    working = {"V042": "53.07", "V044": "53.71", "V045": "65.03"}
    for office, regency in working.items():
        assert nearest.loc[regency, "id"] == office
        assert nearest.loc[regency, "hours"] < 0.25
    found = nearest[nearest["id"] != ""]
    assert set(found["id"]) == set(working)
    assert set(found.index.str[:2]) == {"53", "65"}, "elsewhere the list is not complete"
    sumba = nearest.loc["53.18"]
    assert sumba["hours"] > 5.0, "a ship or a flight to another island"
    assert nearest.loc[nearest["id"] == "", "hours"].isna().all()
    # no travel is shorter than that to any office for migrant workers
    places = place_indicators(dataset, frames)
    any_office = places.loc["r:" + found.index, "hours_to_bp3mi"].to_numpy()
    assert (found["hours"].to_numpy() >= any_office - 1e-6).all()
