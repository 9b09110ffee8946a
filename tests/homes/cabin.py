"""A cabin of two rooms on two half levels: walls, a door, a window, a box, textures. For cameras and renderers."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image

from scenes.draw import Drawing, DrawnModel
from scenes.draw.model import Finish, Mould

WIDTH_CM, DEPTH_CM, HEIGHT_CM = 600.0, 400.0, 250.0
BOX_CM = (80.0, 60.0, 70.0)
BOX_AT_CM = (150.0, 200.0)


def box(
    name: str = "box", size: tuple[float, float, float] = BOX_CM, color: tuple[float, float, float] = (0.8, 0.2, 0.1)
) -> DrawnModel:
    """A closed box, width x depth x height cm, its origin in the middle of its foot."""
    width, depth, height = size
    x, y, z = np.meshgrid([-width / 2, width / 2], [0.0, height], [-depth / 2, depth / 2], indexing="ij")
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return DrawnModel(name, [Mould(points, faces, Finish("paint", color))])


def arrow_image() -> bytes:
    """A PNG whose upper half is red and lower half blue, so that what is upside down shows."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:32, :, 0] = 255
    pixels[32:, :, 2] = 255
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def cabin() -> Drawing:
    """The drawing."""
    home = Drawing("cabin", wall_height=HEIGHT_CM)
    low = home.level("Low", elevation=0, height=HEIGHT_CM)
    flag = home.texture("flag", arrow_image(), width=HEIGHT_CM, height=HEIGHT_CM)
    outline = [(0.0, 0.0), (WIDTH_CM, 0.0), (WIDTH_CM, DEPTH_CM), (0.0, DEPTH_CM)]
    low.walls(outline, closed=True, thickness=20, left=0xDDDDDD, right=flag)
    low.walls([(300, 0), (300, DEPTH_CM)], thickness=10)
    low.room("West", [(10, 10), (295, 10), (295, 390), (10, 390)], floor=0x886644)
    low.place(box(), *BOX_AT_CM, name="Box")
    low.door(box("door", (90, 10, 205), (0.5, 0.3, 0.1)), 300, 200, angle=np.pi / 2, name="Door")
    low.door(box("window", (100, 20, 120), (0.6, 0.7, 0.9)), 150, 0, elevation=90, name="Window")
    high = home.level("High", elevation=50, height=200, floor_thickness=50)
    high.room("East", [(305, 10), (590, 10), (590, 390), (305, 390)], floor=0x446688)
    return home
