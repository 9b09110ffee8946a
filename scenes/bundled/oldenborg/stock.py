"""The furniture of the building: each model is made once and placed many times."""

from __future__ import annotations

import functools

import numpy as np

from scenes.draw import furniture
from scenes.draw.finishes import DARK_METAL, DARK_WOOD, WOOD, colored
from scenes.draw.model import DrawnModel

DOOR_WOOD = colored(WOOD, (0.52, 0.35, 0.22))


class Stock:
    """Models by what they are; those that are all different are made with the generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._openings()

    def _openings(self) -> None:
        self.door = furniture.door(leaf=DOOR_WOOD)
        self.narrow_door = furniture.door(92, leaf=DOOR_WOOD)
        self.thin_door = furniture.door(92, wall=10, leaf=DOOR_WOOD)
        self.wall_door = furniture.door(wall=26, leaf=DOOR_WOOD)
        self.outer_door = furniture.door(100, 218, 26, leaf=DARK_METAL, frame=DARK_METAL, glazed=True)
        self.glazed_doors = furniture.double_door(190, 230, 26, leaf=DARK_METAL, frame=DARK_METAL, glazed=True)
        self.entrance_door = furniture.double_door(200, 230, 16, leaf=DARK_METAL, frame=DARK_METAL, glazed=True)
        self.window = furniture.window(120, 130, 26)
        self.wide_window = furniture.window(180, 140, 26, sashes=3)
        self.small_window = furniture.window(70, 60, 26, sashes=1)
        self.inner_window = furniture.window(120, 120, 16)
        self.foyer_opening = self.opening(186)
        self.wide_opening = self.opening(170)
        self.well_stairs = furniture.u_staircase(width=248)
        self.bench = furniture.bench()

    @functools.cache  # noqa: B019
    def opening(self, width_cm: float) -> DrawnModel:
        """A cased opening of that width."""
        return furniture.cased_opening(round(width_cm, 1), 232, 16, frame=DARK_WOOD)
