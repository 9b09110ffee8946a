"""Kitchen and laundry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.draw.finishes import BLACK, DARK_METAL, GLASS, METAL, RED, SCREEN, STONE, WHITE
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, inside_out, lathe, loft, picture, rod, shifted, tube, turned


def kitchen_counter(
    width: float = 120.0,
    depth: float = 62.0,
    height: float = 91.0,
    *,
    sink: bool = False,
    top: Finish = STONE,
    body: Finish = WHITE,
) -> DrawnModel:
    """Base cupboards under a worktop, 60 cm each, with or without a sink."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [
        box((-x, 10, -z), (x, height - (18 if sink else 4), z - 4), body),
        box((-x, 0, -z + 2), (x, 10, z - 10), DARK_METAL),
    ]
    doors = max(1, round(width / 60))
    one = width / doors
    for k in range(doors):
        left = -x + k * one
        parts.append(box((left + 0.3, 10.5, z - 4), (left + one - 0.3, height - 4.5, z - 2), body))
        parts.append(
            picture((left + one / 2 - 8, height - 9, z - 1.9), (left + one / 2 + 8, height - 7.6, z - 1.9), METAL)
        )
    if not sink:
        parts.append(box((-x, height - 4, -z), (x, height, z), top))
        return DrawnModel("kitchen-counter", parts)
    parts += _sink((x, z), height, top, body)
    return DrawnModel("kitchen-sink", parts)


def _sink(half: tuple[float, float], height: float, top: Finish, side: Finish) -> list[Mould]:
    """A worktop of that half width and depth with a basin in it, the cupboard's upper edge around it, and a tap."""
    square = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])

    def ring(x: float, z: float, y: float, back: float = 0.0) -> npt.NDArray[np.float64]:
        corners = square * [x, z]
        return np.stack([corners[:, 0], np.full(4, y), corners[:, 1] + back], axis=1)

    x, z = half
    basin = [ring(24, 18, height, 2), ring(23, 17, height - 16, 2), np.array([[0.0, height - 16, 2.0]])]
    tap = [(0.0, height, -20.0), (0.0, height + 26, -20.0), (0.0, height + 30, -15.0), (0.0, height + 26, -6.0)]
    return [
        loft([ring(x, z - 4, height - 18, -4), ring(x, z - 4, height - 4, -4)], side),
        loft([ring(x, z, height - 4), ring(x, z, height), ring(24, 18, height, 2)], top),
        *inside_out([loft(basin, METAL)]),
        tube(tap, 1.3, METAL, sides=5),
    ]


def wall_cupboard(
    width: float = 120.0, depth: float = 34.0, height: float = 68.0, *, body: Finish = WHITE
) -> DrawnModel:
    """Cupboards to hang over a counter."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [box((-x, 0, -z), (x, height, z - 2), body)]
    doors = max(1, round(width / 50))
    one = width / doors
    for k in range(doors):
        left = -x + k * one
        parts.append(box((left + 0.3, 0.3, z - 2), (left + one - 0.3, height - 0.3, z), body))
        knob = left + (one - 5 if k % 2 == 0 else 5)
        parts.append(box((knob - 0.6, 5, z), (knob + 0.6, 17, z + 1.6), METAL))
    return DrawnModel("wall-cupboard", parts)


def stove(width: float = 60.0, depth: float = 63.0, height: float = 91.0, *, body: Finish = WHITE) -> DrawnModel:
    """A cooker with four plates and an oven."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [
        box((-x, 6, -z), (x, height - 2, z - 3), body),
        box((-x + 2, 0, -z + 2), (x - 2, 6, z - 8), DARK_METAL),
        box((-x, height - 2, -z), (x, height, z - 3), BLACK, bevel=0.4),
        box((-x + 2, 22, z - 3), (x - 2, height - 18, z - 1), body, bevel=0.6),
        box((-x + 9, 32, z - 1), (x - 9, height - 28, z - 0.6), SCREEN),
        rod((-x + 8, height - 22, z + 1), (x - 8, height - 22, z + 1), 1.0, METAL, sides=6),
        box((-x, height, -z), (x, height + 4, -z + 4), body),
    ]
    for at_x, at_z, r in ((-15, -14, 9), (15, -14, 7.5), (-15, 12, 7.5), (15, 12, 9)):
        parts.append(lathe([(r, height), (r, height + 0.8), (0, height + 0.8)], DARK_METAL, at=(at_x, at_z), sides=10))
    knob = lathe([(2.4, 0), (2.0, 2.2), (0, 2.2)], METAL, sides=6)
    for k in range(4):
        parts += shifted(turned([knob], 90, "x"), x=-18 + 12 * k, y=height - 9, z=z - 3)
    return DrawnModel("stove", parts)


def fridge(width: float = 70.0, depth: float = 68.0, height: float = 178.0, *, body: Finish = WHITE) -> DrawnModel:
    """A refrigerator with a freezer above; below 1 m a small one without."""
    x, z = width / 2, depth / 2
    split = 0.68 * height if height > 100 else height
    parts: list[Mould] = [
        box((-x, 3, -z), (x, height, z - 6), body),
        box((-x + 3, 0, -z + 4), (x - 3, 3, z - 9), BLACK),
    ]
    for low, high in ((4.0, split - 0.6), (split + 0.6, height - 0.3))[: 2 if height > 100 else 1]:
        parts.append(box((-x, low, z - 5.5), (x, high, z), body))
        grip = min(high - 4, low + 30) if low > 5 else high - 34
        parts.append(rod((-x + 5, grip, z + 1.5), (-x + 5, min(grip + 28, high - 2), z + 1.5), 1.0, METAL, sides=4))
    return DrawnModel("fridge", parts)


def microwave(width: float = 48.0, depth: float = 36.0, height: float = 28.0, *, body: Finish = WHITE) -> DrawnModel:
    """A microwave oven."""
    x, z = width / 2, depth / 2
    parts = [
        box((-x, 1.5, -z), (x, height, z - 1), body),
        box((-x + 2, 0, -z + 3), (x - 2, 1.5, z - 4), BLACK),
        box((-x + 2, 4, z - 1), (x - 13, height - 2.5, z), SCREEN),
        box((x - 11, 4, z - 1), (x - 2, height - 2.5, z - 0.4), BLACK),
    ]
    return DrawnModel("microwave", parts)


def washing_machine(
    width: float = 60.0, depth: float = 60.0, height: float = 86.0, *, body: Finish = WHITE
) -> DrawnModel:
    """A front loader; on another one, a dryer."""
    x, z = width / 2, depth / 2
    door = [(19, 0), (19, 2), (17, 4), (13, 4), (13, 1.5)]
    parts = [
        box((-x, 0, -z), (x, height, z - 5), body),
        box((-x + 1, height - 14, z - 5), (x - 1, height - 1.5, z - 4), body),
        box((4, height - 11, z - 4), (20, height - 5, z - 3.6), SCREEN),
        *shifted(turned([lathe(door, METAL, sides=12)], 90, "x"), y=0.45 * height, z=z - 5),
        *shifted(
            turned([lathe([(13.4, 0), (9, 2.4), (0, 3.4)], GLASS, sides=12)], 90, "x"),
            y=0.45 * height,
            z=z - 3.6,
        ),
    ]
    return DrawnModel("washing-machine", parts)


def vending_machine(
    width: float = 95.0, depth: float = 80.0, height: float = 183.0, *, body: Finish = RED
) -> DrawnModel:
    """A machine for drinks with rows of cans behind its window."""
    x, z = width / 2, depth / 2
    window = (-x + 6, x - 30, 60.0, height - 12)
    parts: list[Mould] = [
        box((-x, 0, -z), (x, height, z - 14), body, bevel=1.2),
        *shifted(_cabinet_front(x, height, window, body), z=z),
        box((x - 24, 0.5 * height, z - 0.2), (x - 8, 0.5 * height + 34, z + 0.6), BLACK),
        box((window[0], 18, z - 2), (window[1], 40, z + 0.4), BLACK),
    ]
    finishes = [
        Finish("can-a", (0.85, 0.25, 0.15)),
        Finish("can-b", (0.15, 0.35, 0.65)),
        Finish("can-c", (0.25, 0.60, 0.30)),
    ]
    for row in range(3):
        y = window[2] + 4 + row * 34
        parts.append(box((window[0], y - 2, z - 13), (window[1], y, z - 3), METAL))
        for k in range(6):
            at = window[0] + 5 + k * (window[1] - window[0] - 10) / 5
            parts.append(rod((at, y, z - 8), (at, y + 20, z - 8), 3.4, finishes[(k + row) % 3], sides=5))
    return DrawnModel("vending-machine", parts)


def _cabinet_front(x: float, height: float, window: tuple[float, float, float, float], body: Finish) -> list[Mould]:
    """The front of a machine around its window, and the pane."""
    left, right, low, high = window
    ranges = [(-x, left, 0.0, height), (right, x, 0.0, height), (left, right, 0.0, low), (left, right, high, height)]
    parts = [box((a, c, -14), (b, d, 0), body) for a, b, c, d in ranges]
    return [*parts, box((left, low, -2), (right, high, -1.4), GLASS, group="sweethome3d_window_pane")]
