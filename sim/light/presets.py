"""The light of a time of day: what shines, how strongly, and how bright the picture is to be.

Strengths are relative: 1 is what a free horizontal surface gets from the sky by day.
"""

from __future__ import annotations

from dataclasses import dataclass

from scenes.errors import HomeError
from scenes.scene import RGB


@dataclass(frozen=True)
class Preset:
    """A time of day.

    Attributes:
        hour: mean solar time at the home on `sun.DAY`, a day with equal night, on which the sun rises at 6 everywhere.
        sun: linear RGB on a surface that faces the sun; none while it is below the horizon.
        sky: linear RGB, times the tint of the home's own sky.
        lamps: factor of the home's lamps and glowing materials; rooms without a lamp get one. By day a little of it
            lets rooms without windows be seen, as eyes do that get used to the dark.
        exposure: how bright the median of the indoor surfaces comes out, before the tone curve.
        sky_shown: sRGB, times the home's sky colour: how the sky itself looks in the picture.
    """

    name: str
    hour: float
    sun: RGB
    sky: RGB
    lamps: float
    exposure: float
    sky_shown: RGB


PRESETS = {
    preset.name: preset
    for preset in (
        #       name      hour  sun                  sky                    lamps exposure sky_shown
        Preset("day", 10.5, (1.60, 1.48, 1.30), (1.000, 1.000, 1.000), 0.1, 1.0, (1.0, 1.0, 1.0)),
        Preset("evening", 17.4, (0.20, 0.13, 0.07), (0.030, 0.026, 0.0275), 1.0, 0.6, (0.80, 0.66, 0.62)),
        Preset("night", 23.0, (0.00, 0.00, 0.00), (0.0006, 0.0008, 0.0013), 1.0, 0.22, (0.05, 0.06, 0.10)),
    )
}


def find_preset(name: str) -> Preset:
    """The preset of a name.

    Raises:
        HomeError: there is none.
    """
    if name not in PRESETS:
        raise HomeError(f"no light {name!r}; there are none, {', '.join(PRESETS)}")
    return PRESETS[name]
