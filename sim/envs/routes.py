"""Routes to follow, by their crossings: those of the Oldenborg lab, those kept for bundled homes, else one by rule."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scenes.errors import HomeError
from scenes.files import write_whole
from scenes.scene import Point3
from sim.camera import Floats
from sim.episodes import scene_hash
from sim.nav.graph import NavGraph

PIXEL_M = 0.06017
ORIGIN_M = (-42.937, 26.171)
"""World point of the plan's top left corner."""
_MIRROR_PX = 712.0
"""The east wing mirrors the west wing about this column."""
_FLOOR_M = 0.7
"""Between the heights of the ground floor's parts: the nearest floor to this one is meant."""
_MOST_OFF_M = 1.0
"""A crossing may be moved by this much where a wall or a thing says so."""

WEST_PX = (
    (711, 480), (711, 235), (620, 235), (605, 268), (282, 268), (282, 430), (180, 430), (180, 115), (230, 115),
)  # fmt: skip
"""From the entrance to the north end of the west block, pixels of the plan."""
ROUTES = {"west": WEST_PX, "east": tuple((2 * _MIRROR_PX - x, y) for x, y in WEST_PX)}
FROZEN = "frozen"
"""The route that every home has: "west" in oldenborg, else the one kept in `FOLDER`, else `long_route`."""
NAMES = (FROZEN, *ROUTES)

FOLDER = Path(__file__).parents[2] / "assets" / "routes"
FORMAT = "stairwell route 1"

START_M = 0.25
START_DEG = 8.0
"""An episode starts up to so far from the first crossing, along x and y, and off the way to the second."""

_BEND_M = 0.3
"""Corners of a way that leave the line between their neighbours by less than this are no crossings."""
_STANDS = 64
"""A home without several rooms is measured between so many places, spread over its ground."""


def crossings(graph: NavGraph, route: str | Sequence[Point3]) -> Floats:
    """The points (N, 3), m, of a route: "frozen" in any home, "west" or "east" in oldenborg, else as given.

    Raises:
        HomeError: no such route in this home, or a point where the body does not fit.
    """
    if isinstance(route, str):
        oldenborg = graph.scene.name == "oldenborg"
        if route == FROZEN and not oldenborg:
            return _kept(graph)
        name = "west" if route == FROZEN else route
        if name not in ROUTES or not oldenborg:
            raise HomeError(
                f"{graph.scene.name}: no route {route!r}; oldenborg has {' and '.join(ROUTES)}, every home "
                f"{FROZEN!r}; else give points"
            )
        return snapped(
            graph, [(ORIGIN_M[0] + x * PIXEL_M, ORIGIN_M[1] - y * PIXEL_M, _FLOOR_M) for x, y in ROUTES[name]]
        )
    points = np.array(route, np.float64)
    if points.ndim != 2 or points.shape[1:] != (3,) or len(points) < 2:
        raise HomeError("a route is two or more points (x, y, z), m, or the name of one")
    return points


def snapped(graph: NavGraph, points: Sequence[Point3] | Floats) -> Floats:
    """Crossings (N, 3), m, moved to where the body fits.

    Raises:
        HomeError: one is more than a metre beside any such place.
    """
    wanted = np.array(points, np.float64)
    found = np.array([graph.nearest(point) for point in wanted])
    off_m = np.hypot(*(found - wanted)[:, :2].T)
    if off_m.max() > _MOST_OFF_M:
        raise HomeError(
            f"{graph.scene.name}: crossing {int(off_m.argmax())} of the route is {off_m.max():.1f} m off any place "
            f"for a body of radius {graph.body.radius_m} m"
        )
    return found


def long_route(graph: NavGraph) -> Floats:
    """The crossings (N, 3), m, of the longest of the shortest ways between the middles of two rooms, over all levels.

    The rooms are those that the body can get to from most of the home; a home without several of them is measured
    between places all over it. The same graph has the same route.

    Raises:
        HomeError: there is nowhere to go.
    """
    ends = _middles(graph)
    if len(ends) < 2:
        ends = _stands(graph)
    one, other = np.triu_indices(len(ends), 1)
    lengths = graph.geodesics(ends[one], ends[other])
    if not len(lengths) or lengths.max() <= 2 * START_M:
        raise HomeError(f"{graph.scene.name}: no two places far enough from each other for a route")
    longest = int(lengths.argmax())
    way = graph.path(ends[one[longest]], ends[other[longest]]).points
    return way[_bends(way)]


def route_start(points: Floats, graph: NavGraph, rng: np.random.Generator) -> tuple[Floats, float]:
    """Where an episode on a route (N, 3) starts, (3,), m, and its heading, degrees: near the first crossing."""
    first, second = points[:2]
    off_m, off_deg = rng.uniform(-START_M, START_M, 2), rng.uniform(-START_DEG, START_DEG)
    yaw_deg = math.degrees(math.atan2(second[1] - first[1], second[0] - first[0]))
    return graph.nearest(first + (*off_m, 0.0)), yaw_deg + off_deg


def keep_route(graph: NavGraph) -> Path:
    """Writes the home's long route to `FOLDER`: from then on it is the frozen one, whatever becomes of the rule."""
    points = np.round(long_route(graph), 3).tolist()
    document = {"format": FORMAT, "scene": graph.scene.name, "scene_hash": scene_hash(graph.scene), "points": points}
    path = FOLDER / f"{graph.scene.name}.json"
    write_whole(path, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    return path


def _kept(graph: NavGraph) -> Floats:
    """The route that is kept for this home, unless only its name is the same; else that of the rule."""
    path = FOLDER / f"{graph.scene.name}.json"
    if path.exists():
        document = json.loads(path.read_text("utf-8"))
        if document["scene_hash"] == scene_hash(graph.scene):
            return snapped(graph, document["points"])
    return long_route(graph)


def _middles(graph: NavGraph) -> Floats:
    """The place (K, 3) in each room of the main island that is nearest to the mean of all there."""
    ground = graph.ground
    there = (ground.island == graph.main_island) & (ground.room >= 0)
    found = []
    for room in np.unique(ground.room[there]):
        points = ground.points(np.flatnonzero(there & (ground.room == room)))
        found.append(points[np.linalg.norm(points - points.mean(axis=0), axis=1).argmin()])
    return np.array(found).reshape(-1, 3)


def _stands(graph: NavGraph) -> Floats:
    """Places (K, 3) spread over the main island: over its only room, if there is one."""
    ground = graph.ground
    there = ground.island == graph.main_island
    inside = there & (ground.room >= 0)
    places = np.flatnonzero(inside if inside.any() else there)
    return ground.points(places[np.linspace(0, len(places) - 1, min(_STANDS, len(places))).astype(int)])


def _bends(way: Floats) -> list[int]:
    """The points of a way (K, 3) that it cannot do without: its ends and what bends it (Ramer 1972)."""
    kept, parts = {0, len(way) - 1}, [(0, len(way) - 1)]
    while parts:
        start, end = parts.pop()
        leg = way[end] - way[start]
        between = way[start + 1 : end] - way[start]
        along = np.clip(between @ leg / max(float(leg @ leg), 1e-12), 0, 1)
        off_m = np.linalg.norm(between - along[:, None] * leg, axis=1)
        if len(off_m) and off_m.max() > _BEND_M:
            middle = start + 1 + int(off_m.argmax())
            kept.add(middle)
            parts += [(start, middle), (middle, end)]
    return sorted(kept)
