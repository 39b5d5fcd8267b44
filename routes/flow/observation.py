"""What is seen: persons a year by role at each terminal, and expected interceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from geo.errors import InputError, ModelError
from routes.flow.results import GroupFlow
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Network, Node
from routes.graph.checkpoints import EVERYONE

__all__ = ["expected_interceptions", "role_loads"]


def role_loads(
    network: Network, kernel: RandomWalkSums, groups: Iterable[GroupFlow]
) -> dict[tuple[Any, str], Floats]:
    """Persons a year who pass each terminal in Indonesia, by group of origins and role.

    Roles are of one passage in one journey, and disjoint:

    - ``exit``: the last terminal in Indonesia that the journey passes: it then leaves the
      country, or comes to the door of a destination at home, passing none any more;
    - ``first``: the first one it passes, unless that is its exit too;
    - ``transit``: every other passage. The three add up to the load.

    A terminal is a node where people board, alight or change
    (:func:`routes.graph.checkpoints.is_home_terminal`): not an origin, hub, destination, or
    node aboard a vessel that calls. Equation: with W' the legs that leave no such terminal,
    first passages are ``y' z`` with ``(I - W')' y' = r / z``, exits ``y_j sum_k W_jk z'_k``
    with ``(I - W') z' = b``.

    Returns
    -------
    dict (group, role) -> array, shape (n,); 0 at other nodes
    """
    terminal = network.home_terminal
    if terminal is None:
        raise ModelError("observation.missing")
    onward = kernel.thinned(np.where(terminal, 0.0, 1.0))
    loads = {}
    for group in groups:
        value = network.destination.astype(float) if group.value is None else group.value
        ahead = onward.reach(value)
        # Legs of the whole kernel: those that leave terminals are cut in `onward`.
        further = kernel.weight * ahead[kernel.head]
        leaving = np.bincount(kernel.tail, further, minlength=len(ahead))
        first = np.where(terminal, onward.spread(group.start), 0.0)
        last = np.where(terminal, group.visits * leaving, 0.0)
        load = np.where(terminal, group.visits * group.z, 0.0)
        first = np.maximum(first * (group.z - leaving), 0.0)
        loads[group.name, "first"], loads[group.name, "exit"] = first, last
        loads[group.name, "transit"] = np.maximum(load - first - last, 0.0)
    return loads


def expected_interceptions(
    network: Network,
    loads: Callable[[], Mapping[tuple[Any, str], Floats]],
    years: int | Iterable[int] | None,
) -> dict[Any, float]:
    """:meth:`routes.flow.model.FlowModel.expected_interceptions`, from loads by role."""
    watch = network.watch
    if not watch:
        raise ModelError("observation.missing")
    recorded = sorted({key[2] for rates in watch.values() for key in rates if len(key) == 3})
    wanted = [years] if isinstance(years, int) else recorded if years is None else list(years)
    for year in wanted:
        if recorded and year not in recorded:
            raise InputError("observation.year", year=year, field="years")
    by_role = loads()
    expected = {}
    for node, rates in watch.items():
        i = network.position(node)
        expected[node] = sum(
            float(load[i]) * _mean_rate(rates, group, role, wanted)
            for (group, role), load in by_role.items()
        )
    return expected


def _mean_rate(
    rates: Mapping[tuple[Any, ...], float], group: Node, role: str, years: Sequence[int]
) -> float:
    """Rate a person of a group in a role, the mean over years."""

    def rate(year: int | None) -> float:
        keys = [(g, role, *end) for g in (group, EVERYONE) for end in ((year,), ())]
        return next((rates[key] for key in keys if key in rates), 0.0)

    return float(np.mean([rate(year) for year in years] or [rate(None)]))
