"""Top-down maps of a level: where a body can walk, by island, with rooms, connectors and a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from scenes import overlay
from scenes.connectors import Connector
from scenes.scene import Scene
from sim.nav.graph import NavGraph, Path
from sim.nav.locations import find_level
from sim.nav.sight import places_at

RGB = tuple[int, int, int]

PAPER: RGB = (255, 255, 255)
BLOCKED: RGB = (214, 214, 214)
LINE: RGB = (90, 90, 90)
CONNECTOR: RGB = (200, 110, 0)
PATH: RGB = (200, 0, 60)
STROKES = {"room": (LINE, 1), "connector": (CONNECTOR, 2), "path": (PATH, 3)}
"""Colour and width in cells of the lines of each kind."""
ISLANDS: tuple[RGB, ...] = ((196, 224, 200), (190, 210, 240), (240, 214, 190), (224, 200, 236), (240, 236, 180))


def level_map(
    graph: NavGraph, level: str, path: Path | None = None, connectors: Sequence[Connector] = (), *, scale: int = 1
) -> npt.NDArray[np.uint8]:
    """A map as an image (H, W, 3), `scale` pixels per cell (20 cells per metre); y points up.

    Raises:
        HomeError: no such level.
    """
    from PIL import Image, ImageDraw

    number = find_level(graph.scene, level)
    picture = Image.fromarray(_floor(graph, number).repeat(scale, axis=0).repeat(scale, axis=1))
    draw = ImageDraw.Draw(picture)
    for kind, line in _lines(graph, number, path, connectors):
        color, width = STROKES[kind]
        at = [tuple(point) for point in (cells(graph, line) * scale).tolist()]
        draw.line(at, fill=color, width=width * max(1, scale // 2))
    return np.asarray(picture)


def level_map_svg(graph: NavGraph, level: str, path: Path | None = None, connectors: Sequence[Connector] = ()) -> str:
    """The same map as the text of an SVG file.

    Raises:
        HomeError: no such level.
    """
    number = find_level(graph.scene, level)
    pixels = _floor(graph, number)
    high, wide = pixels.shape[:2]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">',
        f"<title>{escape(graph.scene.name)}: {escape(level)}</title>",
        f'<rect width="{wide}" height="{high}" fill="{css(PAPER)}"/>',
        *_runs(pixels),
    ]
    for kind, line in _lines(graph, number, path, connectors):
        color, width = STROKES[kind]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in cells(graph, line))
        parts.append(f'<polyline class="{kind}" points="{points}" fill="none" stroke="{css(color)}" '
                     f'stroke-width="{width}"/>')  # fmt: skip
    for name, point in room_labels(graph.scene, number):
        x, y = cells(graph, point[None])[0]
        parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="9" text-anchor="middle" font-family="sans-serif">'
            f"{escape(name)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def room_labels(scene: Scene, level: int) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
    """The names of a level's rooms, each with a point (2,) in the middle of it, m."""
    import shapely

    for room in scene.rooms:
        if room.level == level and room.name and len(room.polygon) > 2:
            area = overlay.valid(shapely.Polygon(room.polygon))
            middle = area.centroid if area.covers(area.centroid) else area.representative_point()
            if not middle.is_empty:
                yield room.name, np.array([middle.x, middle.y])


def _floor(graph: NavGraph, level: int) -> npt.NDArray[np.uint8]:
    """The cells of a level as pixels: islands in their colours, the rest of its rooms grey."""
    ground = graph.ground
    colors = np.full((ground.grid.shape[0] * ground.grid.shape[1], 3), PAPER, np.uint8)
    for room in graph.scene.rooms:
        if room.level == level:
            colors[_cells_within(graph, np.array(room.polygon))] = BLOCKED
    own = ground.level == level
    colors[ground.cell[own]] = np.array(ISLANDS, np.uint8)[ground.island[own] % len(ISLANDS)]
    return np.ascontiguousarray(colors.reshape(*ground.grid.shape, 3).transpose(1, 0, 2)[::-1])


def _cells_within(graph: NavGraph, polygon: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    import shapely

    grid = graph.ground.grid
    every = np.arange(grid.shape[0] * grid.shape[1])
    centres = grid.centres(every)
    boxed = ((centres >= polygon.min(axis=0)) & (centres <= polygon.max(axis=0))).all(axis=1)
    area = overlay.valid(shapely.Polygon(polygon))
    shapely.prepare(area)
    candidates = every[boxed]
    return candidates[shapely.contains_xy(area, *centres[boxed].T)]


def _lines(
    graph: NavGraph, level: int, path: Path | None, connectors: Sequence[Connector]
) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
    """What is drawn over the floor: (kind, (K, 2) m)."""
    scene = graph.scene
    for room in scene.rooms:
        if room.level == level and room.polygon:
            yield "room", np.array([*room.polygon, room.polygon[0]])
    for connector in connectors:
        if scene.levels[level].name in connector.levels:
            yield "connector", connector.line[:, :2]
    if path is not None:
        places = places_at(graph.ground, path.points[:, :2], path.points[:, 2])
        here = (places >= 0) & (graph.ground.level[places] == level)
        for run in np.split(np.arange(len(here)), np.flatnonzero(np.diff(here)) + 1):
            if here[run[0]] and len(run) > 1:
                yield "path", path.points[run, :2]


def cells(graph: NavGraph, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where points (K, 2), m, are on a map, in cells from its upper left corner."""
    grid = graph.ground.grid
    at = (points - np.array(grid.origin_m)) / grid.cell_m
    return np.column_stack([at[:, 0], grid.shape[1] - at[:, 1]])


def _runs(pixels: npt.NDArray[np.uint8]) -> Iterator[str]:
    """The pixels that are not paper as rectangles, one per run of a row."""
    for y, row in enumerate(pixels):
        changes = np.flatnonzero((row[1:] != row[:-1]).any(axis=1)) + 1
        for x0, x1 in zip([0, *changes.tolist()], [*changes.tolist(), len(row)], strict=True):
            color: RGB = tuple(row[x0].tolist())
            if color != PAPER:
                yield f'<rect x="{x0}" y="{y}" width="{x1 - x0}" height="1" fill="{css(color)}"/>'


def css(color: RGB) -> str:
    """A colour as CSS and SVG write it."""
    return "#{:02x}{:02x}{:02x}".format(*color)
