"""A scenario file to start from: one example of each kind of change, on places that exist."""

from __future__ import annotations

__all__ = ["TEMPLATE"]

TEMPLATE = """\
# A scenario: what would change where, if what stands here were different.
# Keep what you need, remove the rest, then: petajaga scenario FILE.toml
# Ids of terminals: the "terminals" layer of the map. Codes of areas: petajaga areas.

name = "Contoh skenario"
note = "Nobody's name, telephone or address, and no shelter, in any text."

# A post. change: "add" (if nothing is said), "remove" or "restaff" one that is known.
# hours_per_week from 0 to 168; or deterrence_h (hours by which it deters) and detection (0 to 1).
[[posts]]
terminal = "el-tari"
hours_per_week = 84

[[posts]]
terminal = "tenau"
change = "restaff"
deterrence_h = 24
detection = 0.2

# A crossing, both ways. change: "sailings" (if nothing is said) needs departures_per_week;
# mode only where several modes join the two terminals.
[[legs]]
from = "larantuka"
to = "tenau"
mode = "ferry"
departures_per_week = 7

[[legs]]
from = "waingapu"
to = "ippi"
mode = "passenger_ship"
change = "close"

# What opens needs mode, hours and departures_per_week; fare_idr if it is known.
[[legs]]
from = "waingapu"
to = "ende"
mode = "fast_boat"
change = "open"
hours = 6
departures_per_week = 3
fare_idr = 150_000

# An indicator of the vulnerability index in a regency or province, by so much of its unit
# (here three percentage points fewer). A partner changes the own province's areas only.
[[indicators]]
area = "53.02"
indicator = "poverty_rate"
change = -3.0

# Those who set out from an area, times a factor.
[[demand]]
area = "53.04"
factor = 1.2

# A task force or service that is added. Where reduces_departures is left out, 10 % of departures
# no longer happen (assumed, confidence low). An unknown kind is answered with the known ones.
[[services]]
area = "53.07"
kind = "village_task_force"

[[services]]
area = "53.01"
kind = "task_force"
reduces_departures = 0.05
"""
