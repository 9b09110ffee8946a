"""Wardrobes, shelves, cupboards."""

from __future__ import annotations

import numpy as np

from scenes.draw import textures
from scenes.draw.finishes import DARK_METAL, GREY, METAL, PAPER, WOOD
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, pane, picture
from scenes.draw.solids import frame as frame_of


def wardrobe(
    width: float = 110.0, depth: float = 60.0, height: float = 200.0, *, doors: int = 2, body: Finish = WOOD
) -> DrawnModel:
    """A wardrobe with hinged doors on a plinth."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [
        box((-x, 7, -z), (x, height, z - 2.2), body),
        box((-x + 2, 0, -z + 2), (x - 2, 7, z - 6), DARK_METAL),
    ]
    one = width / doors
    for k in range(doors):
        left = -x + k * one
        parts.append(box((left + 0.4, 8, z - 2), (left + one - 0.4, height - 0.6, z), body))
        knob = left + (one - 5 if k % 2 == 0 else 5)
        parts.append(box((knob - 0.7, 0.48 * height, z), (knob + 0.7, 0.48 * height + 16, z + 2), METAL))
    return DrawnModel("wardrobe", parts)


def dresser(
    width: float = 90.0, depth: float = 48.0, height: float = 82.0, *, drawers: int = 3, body: Finish = WOOD
) -> DrawnModel:
    """A chest of drawers."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [
        box((-x, height - 3, -z), (x, height, z), body),
        box((-x + 1.5, 6, -z + 1), (x - 1.5, height - 3, z - 3), body),
        box((-x + 4, 0, -z + 4), (x - 4, 6, z - 6), body),
    ]
    one = (height - 11) / drawers
    for k in range(drawers):
        low = 7.5 + k * one
        parts.append(box((-x + 2.5, low, z - 3), (x - 2.5, low + one - 1.5, z - 1), body))
        y = low + 0.6 * one
        parts += [
            picture((at - 6, y, z - 0.9), (at + 6, y + 1.6, z - 0.9), METAL) for at in (-0.25 * width, 0.25 * width)
        ]
    return DrawnModel("dresser", parts)


def bookcase(
    rng: np.random.Generator,
    width: float = 80.0,
    depth: float = 28.0,
    height: float = 190.0,
    *,
    shelves: int = 5,
    body: Finish = WOOD,
) -> DrawnModel:
    """An open bookcase, each shelf filled from one side or the other with a row of books."""
    x, z, board = width / 2, depth / 2, 2.4
    books = Finish("books", (1.0, 1.0, 1.0), image=textures.jpeg(textures.books(rng)), tile_cm=(60.0, 40.0))
    parts: list[Mould] = [
        frame_of((-x, 0, -z), (x, height, z), board, body),
        pane((-x + board, board, -z), (x - board, height - board, -z + 0.8), body),
    ]
    one = (height - board) / shelves
    for k in range(shelves):
        if k:
            parts.append(box((-x + board, k * one, -z + 0.8), (x - board, k * one + board, z - 0.5), body))
        low, room = k * one + board, one - board
        long = (width - 2 * board) * float(rng.uniform(0.45, 0.98))
        left = -x + board if rng.random() < 0.5 else x - board - long
        tall = room * float(rng.uniform(0.62, 0.88))
        parts.append(box((left, low, -z + 1.5), (left + long, low + tall, z - 3), books))
    return DrawnModel("bookcase", parts)


def shelf_rack(
    width: float = 100.0,
    depth: float = 45.0,
    height: float = 180.0,
    *,
    shelves: int = 4,
    frame: Finish = METAL,
    load: Finish = PAPER,
) -> DrawnModel:
    """A metal rack with boxes on it."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = []
    for sx in (-1, 1):
        parts += [
            box(
                (sx * (x - 1.5) - 1.5, 0, sz * (z - 1.5) - 1.5),
                (sx * (x - 1.5) + 1.5, height, sz * (z - 1.5) + 1.5),
                frame,
            )
            for sz in (-1, 1)
        ]
    one = (height - 15) / (shelves - 1)
    for k in range(shelves):
        low = 10 + k * one
        parts.append(box((-x, low, -z), (x, low + 2, z), frame))
        if k + 1 < shelves:
            split = -x + width * (0.35 + 0.1 * (k % 3))
            parts.append(box((-x + 5, low + 2, -z + 5), (split, low + 0.55 * one, z - 6), load))
            parts.append(box((split + 6, low + 2, -z + 4), (x - 6, low + 0.4 * one, z - 4), load))
    return DrawnModel("shelf-rack", parts)


def filing_cabinet(
    width: float = 46.0, depth: float = 60.0, height: float = 132.0, *, drawers: int = 4, body: Finish = GREY
) -> DrawnModel:
    """A steel cabinet with drawers for files."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [box((-x, 0, -z), (x, height, z - 1.5), body, bevel=0.5)]
    one = (height - 6) / drawers
    for k in range(drawers):
        low = 4 + k * one
        parts.append(box((-x + 1.2, low, z - 1.5), (x - 1.2, low + one - 1.2, z), body))
        parts.append(picture((-6, low + 0.62 * one, z + 0.1), (6, low + 0.62 * one + 2.5, z + 0.1), METAL))
    return DrawnModel("filing-cabinet", parts)


def lockers(
    width: float = 120.0, depth: float = 45.0, height: float = 185.0, *, doors: int = 4, body: Finish = GREY
) -> DrawnModel:
    """A row of steel lockers, two above each other."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [
        box((-x, 6, -z), (x, height, z - 1.5), body),
        box((-x + 2, 0, -z + 2), (x - 2, 6, z - 5), DARK_METAL),
    ]
    one = width / doors
    for k in range(doors):
        left = -x + k * one
        for low, high in ((7.0, 6 + (height - 6) / 2), (6 + (height - 6) / 2, height)):
            parts.append(box((left + 0.6, low + 0.6, z - 1.5), (left + one - 0.6, high - 0.6, z), body))
            middle = (low + high) / 2
            parts.append(picture((left + one - 5, middle - 3, z + 0.1), (left + one - 3, middle + 3, z + 0.1), METAL))
    return DrawnModel("lockers", parts)
