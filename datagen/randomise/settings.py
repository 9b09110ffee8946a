"""What may be randomised, how, and when: the part `randomise` of a configuration.

Each setting has a schedule, `when`: "never", "episode" (drawn once per episode), or a number N (anew every N steps).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from datagen.randomise.values import NameChoice, Number, Strict, Uniform, number_range
from sim.light.presets import PRESETS

When: TypeAlias = Literal["never", "episode"] | Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Surface: TypeAlias = Literal["wall", "floor", "ceiling"]
LIGHTS = ("none", *PRESETS)
PATTERNS = ("plain", "plaster", "brick", "tiles", "stripes", "planks", "carpet", "concrete", "checks", "linoleum")


class RandomSetting(Strict):
    """A number that varies by a schedule."""

    value: Number
    when: When = "episode"


class RandomName(Strict):
    """A name that varies by a schedule."""

    value: NameChoice
    when: When = "episode"


class Paint(Strict):
    """New textures and colours of surfaces.

    Attributes:
        surfaces: categories that are painted.
        share: of their surfaces (a side of a wall, a room's floor or ceiling) that get a new paint.
        patterns: that a paint may have, "plain" or one of the procedural textures of `scenes.draw`.
        brightness: HSV value of the colours.
        saturation: likewise; hues are all alike.
    """

    surfaces: tuple[Surface, ...] = ("wall", "floor", "ceiling")
    share: Share = 1.0
    patterns: tuple[str, ...] = PATTERNS
    brightness: Number = Uniform(uniform=(0.35, 1.0))
    saturation: Number = Uniform(uniform=(0.0, 0.6))
    when: When = "episode"

    @model_validator(mode="after")
    def _known(self) -> Paint:
        unknown = sorted(set(self.patterns) - set(PATTERNS))
        if unknown or not self.patterns:
            raise ValueError(f"patterns {unknown or 'are none'}; there are {', '.join(PATTERNS)}")
        _within("brightness", self.brightness, 0.0, 1.0)
        _within("saturation", self.saturation, 0.0, 1.0)
        return self


class Furniture(Strict):
    """Pieces that stand on a floor, moved, swapped or taken away within their rooms.

    Doors and connectors stay free, and the ways between a room's doors stay open.

    Attributes:
        layouts: how many arrangements of each home there are to draw from; graphs and baked light are kept for each.
        moved, swapped, removed: shares of the pieces that are.
        reach_m: pieces are moved by this much along either axis at most.
    """

    layouts: Annotated[int, Field(ge=1)] = 8
    moved: Share = 0.5
    swapped: Share = 0.2
    removed: Share = 0.1
    reach_m: Annotated[float, Field(gt=0.0, le=20.0)] = 2.0
    when: When = "episode"


class Randomise(Strict):
    """All that may be randomised.

    Attributes:
        paint: of walls, floors, ceilings.
        light: preset of baked light, or "none".
        furniture: where it stands.
        height_m: added to the camera's height.
        tilt_deg: the camera leans up by this.
        fov_factor: the tangent of half the field of view times this.
        noise: sensor noise in text form (docs/noise.md), "" for none.
    """

    paint: Paint | None = None
    light: RandomName | None = None
    furniture: Furniture | None = None
    height_m: RandomSetting | None = None
    tilt_deg: RandomSetting | None = None
    fov_factor: RandomSetting | None = None
    noise: RandomName | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Randomise:
        for name, low, high in (("height_m", -1.0, 1.0), ("tilt_deg", -45.0, 45.0), ("fov_factor", 0.2, 5.0)):
            setting: RandomSetting | None = getattr(self, name)
            if setting is not None:
                _within(name, setting.value, low, high)
        if self.light is not None and (unknown := sorted(set(self.light.value.choice) - set(LIGHTS))):
            raise ValueError(f"no light {unknown[0]!r}; there are {', '.join(LIGHTS)}")
        if self.noise is not None:
            check_noise(self.noise.value.choice)
        return self


def check_noise(texts: tuple[str, ...]) -> None:
    """Makes sure that each text is empty or names a sensor noise.

    Raises:
        ValueError: one does not.
    """
    from scenes.errors import HomeError
    from sim.sensors import parse_noise

    for text in texts:
        try:
            if text:
                parse_noise(text)
        except HomeError as error:
            raise ValueError(str(error)) from error


def _within(name: str, value: Number, low: float, high: float) -> None:
    least, most = number_range(value)
    if least < low or most > high:
        raise ValueError(f"{name} would be from {least:g} to {most:g}; keep it within {low:g} to {high:g}")
