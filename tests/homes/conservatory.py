"""A conservatory: panes of glass, and plants of crossed sheets whose texels are open between the leaves."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image

from scenes.draw import Drawing, DrawnModel
from scenes.draw.model import Finish, Mould
from tests.homes.cabin import box

LEAF_PIXELS = 128
_SIDE_CM = 120.0


def leaves_image() -> bytes:
    """A PNG of round leaves on open ground, about half of it open."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:LEAF_PIXELS, :LEAF_PIXELS]
    pixels = np.zeros((LEAF_PIXELS, LEAF_PIXELS, 4), np.uint8)
    for _ in range(22):
        at, radius = rng.uniform(0, LEAF_PIXELS, 2), rng.uniform(7, 16)
        pixels[(x - at[0]) ** 2 + (y - at[1]) ** 2 < radius**2] = (30, rng.integers(90, 180), 40, 255)
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def sheet(name: str, finish: Finish, *, crossed: bool = False) -> DrawnModel:
    """An upright sheet without thickness; `crossed`: with a second one at right angles."""
    half = _SIDE_CM / 2
    along, up = np.array([-half, half, half, -half]), np.array([0.0, 0.0, _SIDE_CM, _SIDE_CM])
    sheets = [np.stack([along, up, np.zeros(4)], axis=1), np.stack([np.zeros(4), up, along], axis=1)]
    points = np.concatenate(sheets if crossed else sheets[:1])
    faces = [(0, 1, 2, 3), (4, 5, 6, 7)] if crossed else [(0, 1, 2, 3)]
    uvs = [[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]] * len(faces)
    return DrawnModel(name, [Mould(points, faces, finish, uvs=uvs)])


def conservatory() -> Drawing:
    """The drawing."""
    plant = sheet("plant", Finish("leaves", (1.0, 1.0, 1.0), image=leaves_image()), crossed=True)
    pane = sheet("pane", Finish("glass", (0.5, 0.7, 1.0), alpha=0.4))
    home = Drawing("conservatory")
    ground = home.flat()
    outline = [(0.0, 0.0), (500.0, 0.0), (500.0, 500.0), (0.0, 500.0)]
    ground.walls(outline, closed=True, thickness=20)
    ground.room("Conservatory", outline, floor=0x996633)
    for index, (x, y) in enumerate([(120, 130), (380, 120), (250, 260), (120, 390)]):
        ground.place(plant, x, y, name=f"Plant {index}", angle=0.4 * index)
    ground.place(pane, 250, 200, name="Pane", depth=0.1)
    ground.place(pane, 380, 380, name="Turned pane", depth=0.1, angle=0.8)
    ground.place(box(), 250, 80, name="Box")
    return home
