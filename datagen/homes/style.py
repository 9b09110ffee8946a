"""What a procedural home is made of: paints, doors, windows and furniture, drawn once a home from its generator."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from scenes.draw import Drawing, furniture, textures
from scenes.draw.model import RGB, DrawnModel, Finish
from scenes.draw.textures import Image
from scenes.home.basics import Texture

OUTER_CM, CORRIDOR_WALL_CM, PARTITION_CM = 26.0, 14.0, 10.0

_WALLS: Sequence[RGB] = (
    (0.93, 0.91, 0.86), (0.80, 0.86, 0.88), (0.90, 0.84, 0.72), (0.83, 0.88, 0.79), (0.91, 0.80, 0.75),
    (0.86, 0.83, 0.90), (0.95, 0.93, 0.80), (0.78, 0.82, 0.84),
)  # fmt: skip
_WOODS: Sequence[RGB] = ((0.66, 0.47, 0.30), (0.47, 0.31, 0.20), (0.76, 0.62, 0.45), (0.55, 0.42, 0.33))
_FABRICS = (0x5C738F, 0x8C4A3C, 0x54704E, 0xC29A4C, 0x6B5A7A, 0x3F6E73, 0xA8643C, 0x7B8794, 0xB8617E, 0x3D4A5C)
_TIMBERS = (0xB8875A, 0x8A5C3A, 0xCFA877, 0x6B452C, 0xE3D9C8, 0x4E4A46)


class Style:
    """Paints and models of one home. Models that are asked for again are the same object, so the file keeps one."""

    def __init__(self, drawing: Drawing, rng: np.random.Generator) -> None:
        self._drawing = drawing
        self.rng = rng
        self.walls = [
            self._texture(f"plaster {k}", textures.plaster(rng, _WALLS[int(index)]), 150)
            for k, index in enumerate(rng.permutation(len(_WALLS))[:4])
        ]
        self.walls.append(self._texture("wallpaper", textures.stripes(rng), 90))
        tile = 0.55 + 0.4 * rng.random()
        self.wall_tiles = self._texture("wall tiles", textures.tiles(rng, count=int(rng.choice([4, 6, 8]))), 90)
        self.floor_tiles = self._texture(
            "floor tiles", textures.tiles(rng, (tile, 0.95 * tile, 0.9 * tile), (0.4, 0.4, 0.4), 6), 120
        )
        self.floors = [
            self._texture("planks", textures.planks(rng, _WOODS[int(rng.integers(len(_WOODS)))]), 120),
            self._texture("carpet", textures.carpet(rng, _tone(rng)), 100),
            self._texture("linoleum", textures.linoleum(rng), 150),
        ]
        self.corridor_floor = self._texture("corridor carpet", textures.carpet(rng, _tone(rng)), 100)
        outside = textures.brick(rng) if rng.random() < 0.6 else textures.plaster(rng, (0.85, 0.8, 0.7))
        self.outside = self._texture("outside", outside, 90)
        wood = _WOODS[int(rng.integers(len(_WOODS)))]
        veneer = Finish("veneer", wood, shininess=20, specular=0.08, image=textures.jpeg(textures.wood(rng, wood)))
        self.door = furniture.door(wall=CORRIDOR_WALL_CM, leaf=veneer)
        self.entrance = furniture.door(110, 218, OUTER_CM, leaf=veneer, glazed=bool(rng.random() < 0.5))
        self.timber = int(rng.choice(_TIMBERS))
        self.pictures = [furniture.picture_frame(textures.painting(rng), 60 + 8 * k, 45 + 4 * k) for k in range(3)]
        self.plants = [furniture.plant(rng, 110, leaves=13), furniture.plant(rng, 70, leaves=11)]
        self.bookcases = [furniture.bookcase(rng), furniture.bookcase(rng, height=150, shelves=4)]

    def wall(self) -> Texture:
        """Any paint of a room."""
        return self.walls[int(self.rng.integers(len(self.walls)))]

    def floor(self) -> Texture:
        """Any floor of a dry room."""
        return self.floors[int(self.rng.integers(len(self.floors)))]

    def colors(self) -> dict[str, int]:
        """Colours for wood (one for the home) and cloth (any)."""
        cloth = int(self.rng.choice(_FABRICS))
        return {"wood": self.timber, "fabric": cloth, "cushion": cloth}

    @functools.cache  # noqa: B019 (lives as long as the home is drawn)
    def window(self, width_cm: float, height_cm: float) -> DrawnModel:
        """A window of the outer walls."""
        return furniture.window(width_cm, height_cm, OUTER_CM, sashes=max(1, round(width_cm / 60)))

    @functools.cache  # noqa: B019
    def opening(self, width_cm: float, wall_cm: float) -> DrawnModel:
        """A cased opening."""
        return furniture.cased_opening(width_cm, 226, wall_cm)

    @functools.cache  # noqa: B019
    def piece(self, name: str, *size: float) -> DrawnModel:
        """A piece of `scenes.draw.furniture` by its name, in a size."""
        made: DrawnModel = getattr(furniture, name)(*size)
        return made

    def _texture(self, name: str, image: Image, size_cm: float) -> Texture:
        return self._drawing.texture(name, textures.jpeg(image), width=size_cm, height=size_cm)


def _tone(rng: np.random.Generator) -> RGB:
    """A muted colour."""
    red, green, blue = (0.32 + 0.28 * rng.random(3)).tolist()
    return red, green, blue
