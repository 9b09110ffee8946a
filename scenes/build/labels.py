"""Labels that are visible in 3D: a picture of the text, lying on its level or tilted up.

The program's own picture depends on the fonts that Java finds; this one uses Pillow's built-in font at the same size.
"""

from __future__ import annotations

import functools
import io
import math

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from scenes.build.frames import to_world
from scenes.build.levels import Levels
from scenes.build.palette import WHITE, Palette, rgb
from scenes.build.pieces import turn
from scenes.build.surface import Surface
from scenes.home.fields import Color
from scenes.home.plan import Label
from scenes.mesh import concatenate, flat

HEIGHT_PER_FONT_SIZE = 48.0 / 40.0
"""Height of a line, cm, per unit of font size; and the share of it that lies below the label's point (measured)."""
BELOW = 10.87 / 48.0
DEFAULT_FONT_SIZE = 18.0
_LINE_PIXELS, _WIDEST_PIXELS = 64, 2048
"""A line is so many pixels high; less in a text that would be wider, or higher, than so many."""
_MAX_CHARACTERS = 500


def label_surface(label: Label, levels: Levels, palette: Palette) -> Surface | None:
    """The picture of a label, seen from both sides; None if it is for the plan only."""
    text = label.text.strip()[:_MAX_CHARACTERS]
    if label.pitch is None or not text:
        return None
    picture, aspect = _picture(text, label.color if label.color is not None else Color(0xFF000000))
    lines = text.count("\n") + 1
    height = (label.style.font_size if label.style else DEFAULT_FONT_SIZE) * HEIGHT_PER_FONT_SIZE * lines
    width = height * aspect
    up = np.array([-BELOW / lines, 1 - BELOW / lines]) * height
    corners = np.array([[-width / 2, up[0]], [width / 2, up[0]], [width / 2, up[1]], [-width / 2, up[1]]])
    offset = np.stack([corners[:, 0], -corners[:, 1] * math.cos(label.pitch)], axis=1)
    plan = offset @ turn(label.angle).T + [label.x, label.y]
    ground = levels.elevation_cm(levels.get(label.level)) + label.elevation
    points = to_world(plan, ground + corners[:, 1] * math.sin(label.pitch))
    halves = [[0, 1, 2], [0, 2, 3]]
    uvs = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    front = flat(points[halves], uvs[halves])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    texture = palette.add_image(buffer.getvalue(), f"label {text!r}")
    return Surface(concatenate([front, front.turned()]), palette.material("label", WHITE, texture=texture))


def _picture(text: str, color: Color) -> tuple[PIL.Image.Image, float]:
    """The text in its colour on nothing, cropped in width, and its width in heights (a small picture's is rounded)."""
    lines = text.count("\n") + 1
    line_pixels = _LINE_PIXELS
    left, right, font = _extent(text, line_pixels)
    aspect = max(1, math.ceil(right - left)) / (line_pixels * lines)
    shrink = max((right - left) / _WIDEST_PIXELS, line_pixels * lines / _WIDEST_PIXELS)
    if shrink > 1:
        line_pixels = max(1, int(line_pixels / shrink))
        left, right, font = _extent(text, line_pixels)
    size = (max(1, math.ceil(right - left)), line_pixels * lines)
    red, green, blue = (round(255 * channel) for channel in rgb(color))
    image = PIL.Image.new("RGBA", size, (red, green, blue, 0))
    PIL.ImageDraw.Draw(image).multiline_text((-left, 0), text, font=font, fill=(red, green, blue, 255), align="center")
    return image, aspect


@functools.cache
def _font(size: float) -> PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont:
    return PIL.ImageFont.load_default(size)


def _extent(text: str, line_pixels: int) -> tuple[float, float, PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont]:
    """The left and right ends, pixels, of a text in lines so high, and its font."""
    font = _font(line_pixels * 0.75)
    board = PIL.ImageDraw.Draw(PIL.Image.new("RGBA", (1, 1)))
    left, _, right, _ = board.multiline_textbbox((0, 0), text, font=font)
    return left, right, font
