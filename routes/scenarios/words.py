"""What the answer to a scenario rests on, told in both languages."""

from __future__ import annotations

from routes.posts.plan import POST
from routes.scenarios.file import Scenario

__all__ = ["assumptions_of"]


def assumptions_of(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """What an answer to a scenario rests on most, in Bahasa Indonesia and English."""
    told = []
    if scenario.posts:
        told.append(
            (
                f"Pos penuh waktu menahan {POST.deterrence_h:g} jam dan menemukan "
                f"{POST.detection:.0%} (asumsi); orang beralih jalan sebagaimana model biaya.",
                f"A post staffed day and night deters by {POST.deterrence_h:g} h and finds "
                f"{POST.detection:.0%} (assumed); people react as the cost model says.",
            )
        )
    if any(assumed for *_, assumed in scenario.services):
        told.append(
            (
                "Gugus tugas atau layanan baru mencegah 10 % keberangkatan berisiko, dalam selang "
                "2 sampai 23 % (keduanya asumsi, keyakinan rendah).",
                "A new task force or service prevents 10 % of at-risk departures, in the interval "
                "2 to 23 % (both assumed, confidence low).",
            )
        )
    if scenario.indicators:
        told.append(
            (
                "Keberangkatan berubah sebanding dengan indeks kerentanan (elastisitas 1, dalam "
                "selang 0,66 sampai 1,51; keduanya asumsi).",
                "Departures change in proportion to the vulnerability index (elasticity 1, in the "
                "interval 0.66 to 1.51; both assumed).",
            )
        )
    if scenario.demand or any(not assumed for *_, assumed in scenario.services):
        told.append(
            (
                "Faktor permintaan dan bagian yang dicegah yang Anda tulis dipakai apa adanya: "
                "selang tidak memuat keraguan tentangnya.",
                "A demand factor or a prevented share that you write is taken as it is: the "
                "interval holds no doubt about it.",
            )
        )
    if scenario.legs:
        told.append(
            (
                "Biaya ruas dihitung dari waktu, tunggu (paling lama 24 jam) dan tarif; jumlah "
                "yang berangkat tetap.",
                "The cost of a leg is time, wait (at most 24 h, so that fewer than 3.5 departures "
                "a week cost no more) and fare; the number who set out stays.",
            )
        )
    return tuple(told)
