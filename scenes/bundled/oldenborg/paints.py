"""What covers walls, floors and the ground, all made by code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenes.draw import textures
from scenes.draw.drawing import Drawing
from scenes.draw.model import RGB
from scenes.draw.textures import Image, jpeg
from scenes.home.basics import Texture

ROOM_COLORS: tuple[RGB, ...] = (
    (0.93, 0.91, 0.86), (0.80, 0.86, 0.88), (0.90, 0.84, 0.72), (0.83, 0.88, 0.79), (0.91, 0.80, 0.75),
)  # fmt: skip
CARPET_COLORS: tuple[RGB, ...] = ((0.36, 0.40, 0.50), (0.45, 0.33, 0.30), (0.38, 0.44, 0.36))


class Paints:
    """The textures of the building."""

    def __init__(self, drawing: Drawing, rng: np.random.Generator) -> None:
        self._drawing = drawing
        self.rooms: Sequence[Texture] = [
            self._add(f"plaster {k}", textures.plaster(rng, color), 150) for k, color in enumerate(ROOM_COLORS)
        ]
        self.plaster = self.rooms[0]
        self.corridor = self._add("corridor plaster", textures.plaster(rng, (0.88, 0.84, 0.72)), 150)
        self.stripes = self._add("wallpaper", textures.stripes(rng), 90)
        self.brick = self._add("brick", textures.brick(rng), 90)
        self.wall_tiles = self._add("wall tiles", textures.tiles(rng, count=6), 90)
        self.floor_tiles = self._add("floor tiles", textures.tiles(rng, (0.62, 0.68, 0.70), (0.42, 0.44, 0.45), 6), 120)
        self.planks = self._add("planks", textures.planks(rng), 120)
        self.dark_planks = self._add("dark planks", textures.planks(rng, (0.47, 0.31, 0.20)), 120)
        self.carpets: Sequence[Texture] = [
            self._add(f"carpet {k}", textures.carpet(rng, color), 100) for k, color in enumerate(CARPET_COLORS)
        ]
        self.runner = self._add("corridor carpet", textures.carpet(rng, (0.52, 0.30, 0.25), (0.78, 0.66, 0.42)), 100)
        self.linoleum = self._add("linoleum", textures.linoleum(rng), 150)
        self.checks = self._add("linoleum squares", textures.checks(rng), 120)
        self.concrete = self._add("concrete", textures.concrete(rng), 200)
        self.paving = self._add("paving", textures.paving(rng), 120)
        self.grass = self._add("grass", textures.grass(rng), 400)

    def _add(self, name: str, image: Image, size_cm: float) -> Texture:
        return self._drawing.texture(name, jpeg(image), width=size_cm, height=size_cm)
