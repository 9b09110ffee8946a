"""Maps of drives: the ways that were taken, over the floors of the home."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sim.camera import Floats
from sim.nav.graph import NavGraph
from sim.nav.map import RGB, level_map
from sim.nav.sight import places_at
from train.driving.drive import Drive
from train.driving.endings import Ending
from train.driving.sets import DriveSet

REACHED: RGB = (0, 120, 70)
FAILED: RGB = (205, 0, 60)
TARGET: RGB = (20, 70, 200)
TEXT: RGB = (40, 40, 40)
_LEAST_WIDTH_PX = 900
_MARGIN_M = 1.0
_CAPTION_PX = 16


def path_map(graph: NavGraph, drive_set: DriveSet, drives: Sequence[Drive]) -> npt.NDArray[np.uint8]:
    """The levels that were driven on, the top one first, as one image (H, W, 3).

    Ways that ended where they should are green, others red, with a cross at their end. Blue are the targets: for a
    route its crossings, in turn.
    """
    from PIL import Image, ImageDraw

    chart = _Chart(graph, [drive.position for drive in drives])
    pictures = []
    for level in chart.levels:
        picture = Image.fromarray(chart.floor(level))
        draw = ImageDraw.Draw(picture)
        for drive in sorted(drives, key=lambda drive: drive.ending != Ending.REACHED):
            color = REACHED if drive.ending == Ending.REACHED else FAILED
            for run in chart.runs(level, drive.position):
                draw.line(chart.pixels(run), fill=color, width=2)
            if color == FAILED and chart.is_on(level, drive.position[-1:]).all():
                x, y = chart.pixels(drive.position[-1:])[0]
                for way in (-4, 4):
                    draw.line([(x - 4, y - way), (x + 4, y + way)], fill=color, width=2)
        for target, point in enumerate(_targets(drive_set), 1):
            if chart.is_on(level, point[None]).all():
                x, y = chart.pixels(point[None])[0]
                draw.ellipse([x - 4, y - 4, x + 4, y + 4], outline=TARGET, width=2)
                if drive_set.kind == "route":
                    draw.text((x + 6, y - 6), str(target), fill=TARGET)
        draw.text((4, 2), graph.scene.levels[level].name, fill=TEXT)
        pictures.append(np.asarray(picture))
    return np.concatenate(pictures)


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """An image (H, W, 3) as a PNG file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _targets(drive_set: DriveSet) -> list[Floats]:
    """A route's crossings, or all goals."""
    routes = drive_set.episodes[:1] if drive_set.kind == "route" else drive_set.episodes
    return [np.array(target) for episode in routes for target in episode.targets]


class _Chart:
    """From metres to pixels: the part of the home that some ways (K, 3) are in, enlarged where that is small."""

    def __init__(self, graph: NavGraph, ways: Sequence[Floats]) -> None:
        self._graph, grid = graph, graph.ground.grid
        points = np.concatenate(ways)
        self.levels = sorted(set(self._level(points).tolist()) - {-1}, reverse=True)
        rooms = [np.array(room.polygon) for room in graph.scene.rooms if room.level in self.levels and room.polygon]
        around = np.concatenate([points[:, :2], *rooms])
        cells = (around - np.array(grid.origin_m)) / grid.cell_m
        margin = _MARGIN_M / grid.cell_m
        self._low = np.maximum(np.floor(cells.min(axis=0) - margin), 0).astype(int)
        self._high = np.minimum(np.ceil(cells.max(axis=0) + margin), grid.shape).astype(int)
        self._scale = math.ceil(_LEAST_WIDTH_PX / (self._high - self._low)[0])

    def floor(self, level: int) -> npt.NDArray[np.uint8]:
        """The map of a level, with room for its name above."""
        whole = level_map(self._graph, self._graph.scene.levels[level].name)[::-1]
        part = whole[self._low[1] : self._high[1], self._low[0] : self._high[0]][::-1]
        large = part.repeat(self._scale, axis=0).repeat(self._scale, axis=1)
        return np.pad(large, [(_CAPTION_PX, 0), (0, 0), (0, 0)], constant_values=255)

    def pixels(self, points: Floats) -> list[tuple[float, float]]:
        """Where points (K, 2 or 3) are on the map."""
        grid = self._graph.ground.grid
        cells = (points[:, :2] - np.array(grid.origin_m)) / grid.cell_m
        x, y = ((cells - self._low) * self._scale).T
        below = (self._high - self._low)[1] * self._scale + _CAPTION_PX
        return list(zip(x.tolist(), (below - y).tolist(), strict=True))

    def is_on(self, level: int, points: Floats) -> npt.NDArray[np.bool_]:
        """Which points (K, 3) are on a level."""
        return self._level(points) == level

    def runs(self, level: int, way: Floats) -> Iterator[Floats]:
        """The parts of a way (K, 3) that are on a level, each with a point more where it goes on elsewhere."""
        here = np.flatnonzero(self.is_on(level, way))
        for run in np.split(here, np.flatnonzero(np.diff(here) > 1) + 1):
            if len(run):
                yield way[max(run[0] - 1, 0) : run[-1] + 2]

    def _level(self, points: Floats) -> npt.NDArray[np.int64]:
        ground = self._graph.ground
        places = places_at(ground, points[:, :2], points[:, 2])
        return np.where(places >= 0, ground.level[places], -1)
