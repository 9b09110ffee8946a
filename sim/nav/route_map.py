"""A map of one route: the levels that it crosses, the one on top first, with names, start, goal and a legend."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from scenes.connectors import Connector, find_connectors
from sim.nav.graph import NavGraph, Path
from sim.nav.map import BLOCKED, CONNECTOR, ISLANDS, PAPER, PATH, RGB, cells, css, level_map, level_map_svg, room_labels
from sim.nav.sight import places_at

START: RGB = (0, 110, 60)
GOAL: RGB = (20, 70, 200)
TEXT: RGB = (40, 40, 40)
_LEAST_WIDTH_PX = 900
_LINE_PX = 22
_ROW_CELLS = 12
_FONT_PX = 14
_DOT_CELLS = 2.5
_LEGEND: tuple[tuple[RGB, str], ...] = (
    (START, "start"),
    (GOAL, "goal"),
    (PATH, "path taken"),
    (CONNECTOR, "stairs and inclines"),
    (ISLANDS[0], "can be walked on (a colour for each part)"),
    (BLOCKED, "blocked"),
)


class RouteMap:
    """A path (K, 3) over the levels of a home, with what it is called where it begins and ends."""

    def __init__(self, graph: NavGraph, points: npt.NDArray[np.float64], start: str, goal: str) -> None:
        self._graph, self._path = graph, Path(points, 0.0)
        self._ends = (("start", points[0], start, START), ("goal", points[-1], goal, GOAL))
        self._levels = _levels_of(graph, points)
        self._crossed = sorted(set(self._levels[self._levels >= 0].tolist()), reverse=True)
        self._connectors: Sequence[Connector] = find_connectors(graph.scene)

    def png(self) -> bytes:
        """The map as a PNG file. Its letters are Latin ones; an SVG file shows those of all languages."""
        from PIL import Image

        scale = math.ceil(_LEAST_WIDTH_PX / self._graph.ground.grid.shape[0])
        pictures = [self._level_png(level, scale) for level in self._crossed]
        buffer = io.BytesIO()
        Image.fromarray(np.concatenate([*pictures, _legend_png(pictures[0].shape[1])])).save(buffer, "PNG")
        return buffer.getvalue()

    def svg(self) -> str:
        """The map as the text of an SVG file."""
        wide, high = self._graph.ground.grid.shape
        parts = []
        for row, level in enumerate(self._crossed):
            name = self._graph.scene.levels[level].name
            drawing = level_map_svg(self._graph, name, self._path, self._connectors)
            parts.append(drawing.replace("<svg ", f'<svg y="{row * high}" ', 1).replace("</svg>", ""))
            parts += [_text_svg(2, 10, name, TEXT), *self._ends_svg(level), "</svg>\n"]
        below = high * len(self._crossed)
        size = f'width="{wide}" height="{below + _ROW_CELLS * len(_LEGEND)}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n' + "".join(parts) + _legend_svg(below) + "</svg>\n"

    def _level_png(self, level: int, scale: int) -> npt.NDArray[np.uint8]:
        from PIL import Image, ImageDraw, ImageFont

        name = self._graph.scene.levels[level].name
        floor = level_map(self._graph, name, self._path, self._connectors, scale=scale)
        picture = Image.fromarray(np.pad(floor, [(_LINE_PX, 0), (0, 0), (0, 0)], constant_values=255))
        draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_FONT_PX)

        def write(point: npt.NDArray[np.float64], text: str, color: RGB, lift_px: float) -> None:
            x, y = cells(self._graph, point[None, :2])[0] * scale + (0, _LINE_PX - lift_px)
            half = draw.textlength(text, font) / 2
            x = min(max(x, half + 2), max(picture.width - half - 2, half + 2))
            draw.text((x, y), text, fill=color, font=font, anchor="mm", stroke_width=2, stroke_fill=PAPER)

        draw.text((4, 3), name, fill=TEXT, font=font)
        for label, point in room_labels(self._graph.scene, level):
            write(point, label, TEXT, 0)
        for _, point, label, color in self._ends_on(level):
            x, y = cells(self._graph, point[None, :2])[0] * scale + (0, _LINE_PX)
            dot = _DOT_CELLS * scale
            draw.ellipse([x - dot, y - dot, x + dot, y + dot], fill=color, outline=PAPER, width=2)
            write(point, label, color, dot + _FONT_PX * 0.7)
        return np.asarray(picture)

    def _ends_on(self, level: int) -> list[tuple[str, npt.NDArray[np.float64], str, RGB]]:
        """Kind, point, name and colour of the ends that lie on a level."""
        return [end for end, at in zip(self._ends, self._levels[[0, -1]].tolist(), strict=True) if at == level]

    def _ends_svg(self, level: int) -> Iterator[str]:
        for kind, point, label, color in self._ends_on(level):
            x, y = cells(self._graph, point[None, :2])[0]
            yield (
                f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{_DOT_CELLS}" fill="{css(color)}" '
                f'stroke="{css(PAPER)}"/>{_text_svg(x, y - 4, label, color, "middle")}'
            )


def _legend_png(width: int) -> npt.NDArray[np.uint8]:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (width, _LINE_PX * len(_LEGEND)), PAPER)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_FONT_PX)
    for row, (color, text) in enumerate(_LEGEND):
        top = row * _LINE_PX
        draw.rectangle([6, top + 4, 30, top + _LINE_PX - 5], fill=color)
        draw.text((38, top + 2), text, fill=TEXT, font=font)
    return np.asarray(picture)


def _legend_svg(top: int) -> str:
    rows = []
    for row, (color, text) in enumerate(_LEGEND):
        y = top + row * _ROW_CELLS
        rows.append(f'<rect x="2" y="{y + 2}" width="10" height="8" fill="{css(color)}"/>')
        rows.append(_text_svg(16, y + 9, text, TEXT))
    return f'<g class="legend">{"".join(rows)}</g>'


def _text_svg(x: float, y: float, text: str, color: RGB, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="9" text-anchor="{anchor}" font-family="sans-serif" '
        f'fill="{css(color)}">{escape(text)}</text>'
    )


def _levels_of(graph: NavGraph, points: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    places = places_at(graph.ground, points[:, :2], points[:, 2])
    return np.where(places >= 0, graph.ground.level[places], -1)
