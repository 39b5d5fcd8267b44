"""Places, terminals and destinations as people name the waypoints of a corridor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from geo.names import NamedThing, place_id, plain
from routes.graph.checkpoints import ORIGIN_OR_HUB

if TYPE_CHECKING:
    import networkx as nx

    from routes.graph.arrays import Node

__all__ = ["calls_aboard", "named_waypoints", "place_nodes", "waypoint"]


def waypoint(graph: nx.DiGraph, name: str) -> frozenset[Node]:
    """All nodes of a place in all layers of a graph, for :meth:`routes.flow.FlowModel.corridor`.

    Terminals of the place (node attribute ``place``), else terminals and destinations of that
    ``name`` or ``destination``, else the node itself; and the nodes aboard vessels
    (``kind='aboard'``) whose ``calls_at``, a node or a place or several, names any of them. Not
    origins, hubs or coasts.

    Raises
    ------
    InputError
        ``names.unknown_place``

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("tenau", kind="seaport", name="Pelabuhan Tenau", place="Kupang")
    >>> graph.add_node("on KM Siguntang", kind="aboard", line="KM Siguntang", calls_at="tenau")
    >>> sorted(waypoint(graph, "kupang"))
    ['on KM Siguntang', 'tenau']
    """
    folded = plain(name)
    stops = [
        (node, attributes)
        for node, attributes in graph.nodes(data=True)
        if attributes.get("kind") not in {*ORIGIN_OR_HUB, "aboard", "coast"}
    ]
    for attribute in ("place", "name", "destination", None):
        nodes = {
            node
            for node, attributes in stops
            if plain(str(node if attribute is None else attributes.get(attribute) or "")) == folded
        }
        if nodes:
            break
    else:
        raise InputError("names.unknown_place", name=name, field="waypoints")
    aboard = {
        node
        for node, attributes in graph.nodes(data=True)
        if attributes.get("kind") == "aboard"
        for call in _calls(attributes.get("calls_at"))
        if call in nodes or plain(str(call)) == folded
    }
    return frozenset(nodes | aboard)


def _calls(calls_at: Any) -> Iterable[Any]:
    several = isinstance(calls_at, (list, tuple, Set))
    return calls_at if several else () if calls_at is None else (calls_at,)


def calls_aboard(ports: Iterable[tuple[str, object]]) -> Mapping[str, frozenset[str]]:
    """Nodes aboard a ship that has called at a terminal, by terminal.

    Parameters
    ----------
    ports : iterable of pairs
        Each node with its ``calls_at``; whatever is no text stands for a node that is no ship.

    Examples
    --------
    >>> calls_aboard([("tenau", None), ("line:awu:out:0", "tenau")])
    {'tenau': frozenset({'line:awu:out:0'})}
    """
    nodes: defaultdict[str, set[str]] = defaultdict(set)
    for node, port in ports:
        if isinstance(port, str) and port:
            nodes[port].add(node)
    return {port: frozenset(aboard) for port, aboard in nodes.items()}


def place_nodes(
    terminals: Iterable[tuple[str, str]], calls: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Nodes of each place: its terminals, and the ships that have called there.

    Parameters
    ----------
    terminals : iterable of pairs
        Id and place of each.
    calls : mapping
        Of :func:`calls_aboard`.

    Examples
    --------
    >>> nodes = place_nodes([("tenau", "Kupang")], {"tenau": frozenset({"line:awu:out:0"})})
    >>> sorted(nodes["Kupang"])
    ['line:awu:out:0', 'tenau']
    """
    nodes: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for terminal, place in terminals:
        nodes[place] |= {terminal} | calls.get(terminal, frozenset())
    return dict(nodes)


def named_waypoints(
    terminals: Iterable[Mapping[str, Any]],
    destinations: Iterable[Mapping[str, Any]],
    areas: Mapping[str, str] = MappingProxyType({}),
    *,
    calls: Mapping[str, frozenset[str]] = MappingProxyType({}),
    layers: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> list[NamedThing]:
    """Places (towns and islands), terminals, destinations and areas, in that precedence.

    Parameters
    ----------
    terminals : rows with ``id, name, kind, place, aliases, area_code``
    destinations : rows with ``id, name, name_en, aliases``
    areas : mapping
        Names of provinces and regencies by code; those with terminals may be named.
    calls : mapping
        Nodes aboard by terminal (:func:`calls_aboard`): whoever stays aboard a ship that calls
        there passes it too.
    layers : mapping
        Nodes of a destination, where it stands in the graph once for each way.
    """
    terminals = list(terminals)
    members = place_nodes(((row["id"], row["place"]) for row in terminals), calls)
    area_members: defaultdict[str, set[str]] = defaultdict(set)
    for row in terminals:
        for code in {row["area_code"][:2], row["area_code"][:5]} & areas.keys():
            area_members[code] |= {row["id"], *calls.get(row["id"], ())}
    places = [
        NamedThing(place_id(place), place, "place", ids) for place, ids in sorted(members.items())
    ]
    ports = [
        NamedThing(
            row["id"],
            row["name"],
            row["kind"],
            frozenset({row["id"], *calls.get(row["id"], ())}),
            _split(row["aliases"]),
        )
        for row in terminals
    ]
    ends = [
        NamedThing(
            row["id"], row["name"], "destination",
            layers.get(row["id"], frozenset({row["id"]})),
            (row["name_en"], *_split(row["aliases"])),
        )
        for row in destinations
    ]  # fmt: skip
    regions = [
        NamedThing(code, areas[code], "area", frozenset(ids))
        for code, ids in sorted(area_members.items())
    ]
    return [*places, *ports, *ends, *regions]


def _split(aliases: str) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in aliases.split(";") if alias.strip())
