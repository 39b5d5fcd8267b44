"""How long the number of an office is shown, and which of two dates counts."""

from __future__ import annotations

import pytest

from geo.contacts import (
    as_dialled,
    destination_weights,
    is_current,
    month_to_confirm,
    with_confirmation,
)
from geo.errors import InputError

ROW = {"id": "V1", "phone": "0380123456", "phone_as_of": "2025-03-14", "phone_confidence": "low"}


@pytest.mark.parametrize(
    ("checked", "day", "shown"),
    [
        ("2025-11-01", "2026-11-30", True),  # the month of the check counts, not its day
        ("2025-11-30", "2026-11-01", True),
        ("2025-11-30", "2026-12-01", False),
        ("2025-11", "2026-11-30", True),
        ("2025-12-31", "2026-12-31", True),
        ("2025-12-31", "2027-01-01", False),
        ("2026", "2027-01-31", True),  # a year alone counts as its January
        ("2026", "2027-02-01", False),
        ("2026-11", "2026-11-30", True),
        ("", "2026-11-30", False),
        ("phone_as_of", "2026-11-30", False),
        ("2026-1", "2026-11-30", False),
    ],
)
def test_a_number_is_shown_for_twelve_months_after_its_check(
    checked: str, day: str, shown: bool
) -> None:
    assert is_current(checked, day) is shown


def test_a_later_check_counts_and_an_earlier_one_does_not() -> None:
    def told(checked: str, phone: str = "0380123456") -> str:
        confirmed = {"V1": {"phone": phone, "checked": checked}}
        return str(with_confirmation(ROW, confirmed)["phone_as_of"])

    assert told("2026-11") == "2026-11"
    assert told("2025-03") == "2025-03-14", "the page is of the same month"
    assert told("2024-12") == "2025-03-14"
    assert told("2026-11", "0380999999") == "2025-03-14", "another number was checked"
    assert with_confirmation({**ROW, "phone": None}, {"V1": {}}) == {**ROW, "phone": None}


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("2026-12", "contact.yet_to_come"),
        ("2025-10", "contact.too_old"),
        ("november", "contact.not_a_month"),
        ("2026-13", "contact.not_a_month"),
        ("2026-11-30", "contact.not_a_month"),
    ],
)
def test_a_check_is_of_one_of_the_last_months(month: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        month_to_confirm(month, "2026-11-30")
    assert caught.value.code == code
    assert month_to_confirm("2025-11", "2026-11-30") == "2025-11"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(0380) 123-456", "0380123456"),
        ("+62 811 1129 129", "+628111129129"),
        ("129", "129"),
        ("12", None),
        ("0811 ibu Ani", None),
        ("62+811", None),
    ],
)
def test_a_number_is_digits(text: str, number: str | None) -> None:
    assert as_dialled(text) == number


def test_whom_a_province_calls_abroad() -> None:
    """NTT by its own shares, the islands of Riau by those of regions, divided evenly."""
    own = destination_weights("53")
    assert max(own, key=lambda name: own[name]) == "to-tawau"
    assert "to-kaltara" not in own, "at home there is no consulate"
    spread = destination_weights("21")
    assert spread["to-singapore"] == pytest.approx(0.2521)
    assert spread["to-johor"] == spread["to-penang"] == pytest.approx(0.6049 / 6)
    assert destination_weights("") == {}
