"""People stay out: generated numbers are caught, coordinates raise no alarm."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.kinds import KINDS
from geo.imports.person_check import refuse_persons
from geo.imports.person_words import personal_heading
from geo.imports.personal import find_personal
from geo.imports.reference import read_rows
from geo.imports.sheet import Sheet
from geo.paths import DATA


def test_any_run_of_sixteen_digits_is_caught() -> None:
    dice = random.Random(2)
    runs = ["".join(dice.choices("0123456789", k=16)) for _ in range(5000)]
    assert sum(find_personal(run) is not None for run in runs) >= 0.999 * 5000


def test_coordinates_and_wkt_raise_no_alarm() -> None:
    dice = np.random.default_rng(4)
    lons, lats = dice.uniform(94, 142, 5000), dice.uniform(-11, 7, 5000)
    texts = [repr(float(x)) for x in (*lons, *lats)]
    texts += [f"{x:.{d}f}" for x, d in zip(lats, dice.integers(2, 15, 5000), strict=True)]
    texts += [f"{b:.6f}, {a:.6f}" for a, b in zip(lons, lats, strict=True)]
    texts += [f"POINT ({float(a)!r} {float(b)!r})" for a, b in zip(lons, lats, strict=True)]
    texts += [
        "POLYGON (("
        + ", ".join(
            f"{a:.8f} {b:.8f}" for a, b in zip(lons[k : k + 9], lats[k : k + 9], strict=True)
        )
        + "))"
        for k in range(0, 4980, 5)
    ]
    alarms = [text for text in texts if find_personal(text)]
    assert len(alarms) <= 0.001 * len(texts), alarms[:5]


def test_official_names_and_codes_raise_no_alarm() -> None:
    rows = list(read_rows(DATA / "areas.csv.gz"))
    alarms = [r for r in rows if find_personal(r["name"]) or find_personal(r["code"], code=True)]
    assert alarms == []


@pytest.mark.parametrize(
    "text", ["A1234567", "no. B7654321", "AB 123456", "x@example.org", "NIK: -", "Nama korban: X"]
)
def test_other_marks_of_a_person_are_caught(text: str) -> None:
    assert find_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2023-07-15",
            "15/07/2023",
            "2023-07-15 10:30:00",
            "53.02.01.1001",
            "2019-2020-2021-2022",
        ),
        *("https://example.org/read/2022/12/14/183097351/kapal", "Permen 12/2020", "KM 37", "1250"),
    ],
)
def test_what_only_looks_alike_is_let_in(text: str) -> None:
    assert find_personal(text) is None


@pytest.mark.parametrize(
    ("heading", "caught"),
    [
        *(("nama_korban", True), ("no_hp", True), ("nik", True), ("nama_lengkap", True)),
        *(("tanggal_lahir", True), ("full_name", True), ("passport_no", True), ("foo", False)),
    ],
)
def test_headings_that_speak_of_persons(heading: str, caught: bool) -> None:
    assert (personal_heading(heading) is not None) is caught


@pytest.mark.parametrize(
    ("part", "times"), [("a", 1_000_000), ("1" * 15 + ".", 8_000), ("8 ", 50_000), ("1.", 100_000)]
)
def test_the_time_for_a_long_cell_grows_with_its_length_alone(part: str, times: int) -> None:
    def seconds(times: int) -> float:
        waits = []
        for _ in range(3):
            started = time.thread_time()
            find_personal(part * times)
            waits.append(time.thread_time() - started)
        return min(waits)

    assert seconds(times) < 8 * seconds(times // 4)  # the square of the length would be 16


@pytest.mark.parametrize(
    "position",
    [
        Message("position.sheet_name", {"number": 2}),
        Message("position.comment", {"number": 3, "column": 2}),
        Message("position.property", {"name": "title"}),
        Message("position.metadata", {"table": "gpkg_metadata"}),
    ],
)
def test_texts_outside_the_cells_are_checked(position: Message) -> None:
    number = "".join(random.Random(5).choices("123456789", k=16))
    sheet = Sheet("xlsx", "row", ["code", "name"], [["53.02.01.1001", "Soe"]], [2])
    sheet.about.append((position, f"kontak {number}"))
    with pytest.raises(DataFileError) as refused:
        refuse_persons(sheet, KINDS["places"], {"code": 0, "name": 1}, sheet.headings)
    assert refused.value.params["position"] == position
    assert number not in str(refused.value)
