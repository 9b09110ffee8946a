"""Computers, television, office machines."""

from __future__ import annotations

from scenes.draw.finishes import BLACK, DARK_WOOD, GREY, METAL, PAPER, SCREEN, WHITE
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.draw.solids import box, lathe, rod


def computer(*, screen: Finish = SCREEN, case: Finish = BLACK) -> DrawnModel:
    """A monitor, its keyboard and a mouse, for a desk."""
    parts: list[Mould] = [
        box((-27, 11, -8), (27, 45, -5), case),
        box((-25.5, 13, -5), (25.5, 43.5, -4.7), screen),
        box((-3, 1, -11), (3, 16, -8), case),
        box((-12, 0, -15), (12, 1.4, 3), case),
        box((-22, 0, 9), (22, 1.8, 22), GREY),
        box((-20.5, 1.8, 10.5), (13, 2.2, 20.5), WHITE),
        box((27, 0, 11), (33, 2.6, 20), GREY),
    ]
    return DrawnModel("computer", parts)


def laptop(*, screen: Finish = SCREEN, case: Finish = METAL) -> DrawnModel:
    """An open laptop."""
    parts: list[Mould] = [
        box((-17, 0, -11), (17, 1.8, 12), case),
        box((-14.5, 1.8, -7), (14.5, 2.0, 3), BLACK),
        box((-17, 1.5, -12.5), (17, 24, -11.3), case),
        box((-15.5, 3.5, -11.3), (15.5, 22.5, -11.1), screen),
    ]
    return DrawnModel("laptop", parts)


def television(width: float = 145.0, *, stand: Finish = DARK_WOOD, screen: Finish = SCREEN) -> DrawnModel:
    """A television on a low cupboard."""
    x = width / 2
    panel = 0.5 * width
    tall = 0.56 * width
    parts: list[Mould] = [
        box((-x, 6, -20), (x, 46, 19), stand),
        box((-x + 4, 0, -17), (x - 4, 6, 14), BLACK),
        box((-x + 2, 9, 19), (-0.8, 43, 20.5), stand),
        box((0.8, 9, 19), (x - 2, 43, 20.5), stand),
        lathe([(17, 46), (3, 48), (3, 58)], BLACK, at=(0, -6), sides=10),
        box((-panel * 0.86, 54, -8), (panel * 0.86, 54 + tall * 0.86, -4), BLACK),
        box((-panel * 0.84, 56, -4), (panel * 0.84, 52.5 + tall * 0.86, -3.7), screen),
    ]
    return DrawnModel("television", parts)


def copier(width: float = 62.0, depth: float = 60.0, height: float = 108.0) -> DrawnModel:
    """An office copier with its paper trays."""
    x, z = width / 2, depth / 2
    parts: list[Mould] = [
        box((-x, 6, -z), (x, height - 22, z - 3), WHITE, bevel=1.0),
        box((-x + 3, 0, -z + 4), (x - 3, 6, z - 8), BLACK),
        box((-x, height - 18, -z), (x, height - 9, z - 2), WHITE, bevel=1.0),
        box((-x, height - 9, -z), (x - 4, height, z - 4), GREY, bevel=1.5),
        box((-x + 4, height - 22, -z + 4), (x - 10, height - 18, z - 8), BLACK),
        box((-x + 8, height - 22, -z + 10), (x - 16, height - 20, z - 8), PAPER),
        box((x - 14, height - 16, z - 2), (x - 1, height - 10, z), SCREEN),
    ]
    parts += [box((-x + 1.5, 10 + 18 * k, z - 3), (x - 1.5, 26 + 18 * k, z - 1.4), GREY) for k in range(3)]
    return DrawnModel("copier", parts)


def water_dispenser(height: float = 130.0) -> DrawnModel:
    """A stand with a water bottle on it."""
    bottle = Finish("bottle", (0.55, 0.75, 0.92), alpha=0.5, shininess=90, specular=0.4)
    top = height - 38
    parts: list[Mould] = [
        box((-15, 0, -15), (15, top, 12), WHITE, bevel=1.2),
        box((-12, top - 34, 12), (12, top - 12, 12.4), GREY),
        rod((-5, top - 16, 12), (-5, top - 16, 15.5), 1.2, BLACK, sides=6),
        rod((5, top - 16, 12), (5, top - 16, 15.5), 1.2, BLACK, sides=6),
        lathe(
            [(0, top), (5, top), (5, top + 4), (13, top + 9), (13, height - 2), (11, height), (0, height)],
            bottle,
            sides=14,
        ),
    ]
    return DrawnModel("water-dispenser", parts)
