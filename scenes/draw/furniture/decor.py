"""Plants, pictures, rugs, radiators and other small things."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.draw.finishes import (
    BLACK,
    CUSHION,
    DARK_METAL,
    DARK_WOOD,
    GREY,
    LEAF,
    METAL,
    PAPER,
    RED,
    SOIL,
    STONE,
    TERRACOTTA,
    WHITE,
    WOOD,
)
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, lathe, picture, prism, rod, shifted, tube, turned
from scenes.draw.textures import jpeg


def plant(rng: np.random.Generator, height: float = 110.0, *, leaves: int = 14, pot: Finish = TERRACOTTA) -> DrawnModel:
    """A pot with long leaves that hang outwards; a leaf is seen from both sides."""
    r = 0.13 * height + 4
    outside = [(0.0, 0.0), (0.7 * r, 0.0), (r, 1.7 * r), (1.06 * r, 1.95 * r), (0.93 * r, 1.95 * r), (0.9 * r, 1.7 * r)]
    parts: list[Mould] = [
        lathe(outside, pot, sides=10),
        lathe([(0.9 * r, 1.7 * r), (0, 1.72 * r)], SOIL, sides=10),
    ]
    rise = height - 1.75 * r
    points: list[npt.NDArray[np.float64]] = []
    faces: list[tuple[int, ...]] = []
    for k in range(leaves):
        turn = 2.399963 * k + float(rng.uniform(-0.3, 0.3))
        up, out = rise * float(rng.uniform(0.45, 1.0)), height * float(rng.uniform(0.16, 0.36))
        blade = _leaf(turn, up, out, width=0.035 * height + 1.5) + [0, 1.75 * r, 0]
        first = sum(len(p) for p in points)
        front = [(0, 2, 1), (1, 2, 4, 3), (3, 4, 5)]
        faces += [tuple(first + i for i in face) for face in front]
        faces += [tuple(first + i for i in reversed(face)) for face in front]
        points.append(blade)
    parts.append(Mould(np.concatenate(points), faces, LEAF))
    return DrawnModel("plant", parts)


def _leaf(turn: float, up: float, out: float, width: float) -> npt.NDArray[np.float64]:
    """Six points of a leaf that rises and bends outwards: its foot, two pairs of edge points, its tip."""
    share = np.array([0.0, 0.5, 0.85, 1.0])
    along = np.stack([out * share**2, up * np.sin(share * 1.75) / np.sin(1.75), np.zeros(4)], axis=1)
    half = np.array([0.0, 1.0, 0.7, 0.0]) * width
    found = [along[0]]
    for k in (1, 2):
        found += [along[k] - [0, 0, half[k]], along[k] + [0, 0, half[k]]]
    found.append(along[3])
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array(found) @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]).T


def bin_(height: float = 32.0, radius: float = 14.0, *, finish: Finish = DARK_METAL) -> DrawnModel:
    """A waste-paper basket."""
    profile = [(0, 0), (0.75 * radius, 0), (radius, height), (0.95 * radius, height), (0, 2)]
    return DrawnModel("bin", [lathe(profile, finish, sides=7)])


def rug(
    width: float = 170.0, depth: float = 120.0, *, finish: Finish = CUSHION, border: Finish = DARK_WOOD
) -> DrawnModel:
    """A rug with a border."""
    x, z = width / 2, depth / 2
    parts = [box((-x, 0, -z), (x, 0.8, z), border), box((-x + 9, 0.8, -z + 9), (x - 9, 1.2, z - 9), finish)]
    return DrawnModel("rug", parts)


def round_rug(diameter: float = 180.0, *, finish: Finish = CUSHION, border: Finish = DARK_WOOD) -> DrawnModel:
    """A round rug with a border."""
    r = diameter / 2
    parts = [
        lathe([(0, 0), (r, 0), (r, 0.8), (0, 0.8)], border, sides=16),
        lathe([(0, 0.8), (r - 10, 0.8), (r - 10, 1.2), (0, 1.2)], finish, sides=16),
    ]
    return DrawnModel("round-rug", parts)


def picture_frame(
    image: npt.NDArray[np.uint8], width: float = 60.0, height: float = 45.0, *, frame: Finish = DARK_WOOD
) -> DrawnModel:
    """A framed picture for a wall behind it. `image`: (H, W, 3)."""
    x, edge = width / 2, 2.5
    art = Finish("art", (1.0, 1.0, 1.0), image=jpeg(image))
    parts = [
        box((-x, 0, -1.5), (x, height, 1.0), frame),
        picture((-x + edge, edge, 1.1), (x - edge, height - edge, 1.1), art),
    ]
    return DrawnModel("picture", parts)


def notice_board(
    rng: np.random.Generator, width: float = 130.0, height: float = 90.0, *, frame: Finish = WOOD
) -> DrawnModel:
    """A cork board with notes on it, for a wall behind it."""
    x = width / 2
    cork = Finish("cork", (0.72, 0.55, 0.38))
    parts: list[Mould] = [
        box((-x, 0, -1.5), (x, height, 0), frame),
        box((-x + 3, 3, 0), (x - 3, height - 3, 0.6), cork),
    ]
    colors = [(0.97, 0.96, 0.90), (0.98, 0.90, 0.45), (0.62, 0.82, 0.92), (0.95, 0.66, 0.60), (0.72, 0.88, 0.62)]
    columns, rows = max(2, int(width // 26)), max(2, int(height // 32))
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.22:
                continue
            at = -x + 7 + (column + float(rng.uniform(0.02, 0.2))) * (width - 14) / columns
            low = 6 + (row + float(rng.uniform(0.02, 0.2))) * (height - 12) / rows
            wide, tall = float(rng.uniform(13, 20)), float(rng.uniform(15, 25))
            number = int(rng.integers(len(colors)))
            note = Finish(f"note-{number}", colors[number])
            parts.append(picture((at, low, 0.9), (at + wide, low + tall, 0.9), note))
    return DrawnModel("notice-board", parts)


def radiator(width: float = 100.0, height: float = 58.0, depth: float = 11.0, *, finish: Finish = WHITE) -> DrawnModel:
    """A ribbed radiator on feet, with its valve at the right."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [box((-x, 12, -z + 1), (x - 5, height, z - 3), finish)]
    ribs = max(4, round(width / 18))
    one = (width - 7) / ribs
    parts += [
        box((-x + 1 + k * one, 15, z - 3), (-x + 1 + (k + 0.6) * one, height - 3, z), finish) for k in range(ribs)
    ]
    parts += [box((sx * (x - 14) - 1.5, 0, -1.5), (sx * (x - 14) + 1.5, 12, 1.5), finish) for sx in (-1, 1)]
    parts.append(rod((x - 3, 12, 0), (x - 3, 26, 0), 2.0, METAL, sides=6))
    return DrawnModel("radiator", parts)


def fire_extinguisher(height: float = 52.0) -> DrawnModel:
    """A fire extinguisher on its bracket, for a wall behind it."""
    parts = [
        lathe([(0, 0), (8, 0), (8, height - 16), (5, height - 10), (0, height - 8)], RED, sides=8),
        box((-1.5, height - 8, -1.5), (1.5, height - 3, 1.5), BLACK),
        box((-1.5, height - 4, -3), (1.5, height, 8), BLACK),
        tube([(2, height - 5, 0), (9, height - 12, 3), (8.5, height - 34, 4)], 1.0, BLACK, sides=4),
        box((-4, height - 24, -9), (4, height - 18, -7), METAL),
    ]
    return DrawnModel("fire-extinguisher", parts)


def wall_clock(diameter: float = 32.0, *, rim: Finish = DARK_METAL) -> DrawnModel:
    """A round clock for a wall behind it; it shows ten past ten."""
    r = diameter / 2
    disc = lathe([(r, 0), (r, 4), (r - 1.6, 4), (r - 1.6, 2.9)], rim, sides=16)
    face = lathe([(r - 1.6, 2.9), (0, 2.9)], PAPER, sides=16)
    parts = shifted(turned([disc, face], 90, "x"), z=-2)
    for angle, length in ((55.0, 0.5), (-62.0, 0.75)):
        parts += turned([box((-0.7, -1, 1.0), (0.7, length * r, 1.4), BLACK)], -angle, "z")
    marks = [turned([box((-0.5, r - 4.4, 1.0), (0.5, r - 2.4, 1.2), BLACK)], 90.0 * k, "z") for k in range(4)]
    return DrawnModel("wall-clock", shifted([*parts, *(mark for pair in marks for mark in pair)], y=r))


def cardboard_box(width: float = 45.0, depth: float = 35.0, height: float = 32.0) -> DrawnModel:
    """A closed box with tape."""
    x, z = width / 2, depth / 2
    card = Finish("card", (0.70, 0.55, 0.38))
    parts = [
        box((-x, 0, -z), (x, height, z), card),
        box((-x - 0.1, height * 0.75, -3), (x + 0.1, height + 0.2, 3), Finish("tape", (0.82, 0.72, 0.52))),
    ]
    return DrawnModel("cardboard-box", parts)


def pillar(side: float = 32.0, height: float = 244.0, *, finish: Finish = STONE) -> DrawnModel:
    """A square pillar with a foot and a head."""
    s = side / 2
    parts = [
        box((-s - 2, 0, -s - 2), (s + 2, 14, s + 2), finish, bevel=1.0),
        box((-s, 14, -s), (s, height - 12, s), finish, bevel=1.5),
        box((-s - 2, height - 12, -s - 2), (s + 2, height, s + 2), finish, bevel=1.0),
    ]
    return DrawnModel("pillar", parts)


def whiteboard(width: float = 150.0, height: float = 95.0) -> DrawnModel:
    """A white board with a tray for pens, for a wall behind it."""
    x = width / 2
    parts: list[Mould] = [
        box((-x, 0, -2), (x, height, -0.6), METAL),
        box((-x + 2, 2, -0.6), (x - 2, height - 2, -0.2), WHITE),
        box((-0.4 * x, 0, -2), (0.4 * x, 2, 5), GREY),
    ]
    for k, color in enumerate(((0.1, 0.2, 0.6), (0.7, 0.1, 0.1), (0.1, 0.4, 0.15))):
        parts.append(rod((-14 + 12 * k, 2.7, 2), (-4 + 12 * k, 2.7, 2), 0.7, Finish(f"pen-{k}", color), sides=5))
    return DrawnModel("whiteboard", parts)


def curtains(
    width: float = 150.0, height: float = 150.0, *, fabric: Finish = CUSHION, drawn_cm: float = 28.0
) -> DrawnModel:
    """Two curtains pushed aside under a rod, for a window in the wall behind them."""
    x = width / 2
    parts: list[Mould] = [rod((-x, height - 2, 0), (x, height - 2, 0), 1.2, METAL, sides=4)]
    folds = 2
    for sx in (-1, 1):
        step = drawn_cm / (2 * folds)
        front = [(sx * (x - 2 - k * step), 3.0 if k % 2 else -1.0) for k in range(2 * folds + 1)]
        back = [(px, pz - 1.2) for px, pz in reversed(front)]
        outline = front + back
        parts.append(prism(outline, 0, height - 3, fabric, axis="y"))
    return DrawnModel("curtains", parts)
