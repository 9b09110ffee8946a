"""Diffuse light, baked per vertex by ray casting: `load_lit` and `bake`, lit by one of the `PRESETS`."""

from sim.light.bake import LitScene, bake
from sim.light.cache import load_lit
from sim.light.presets import PRESETS, Preset, find_preset

__all__ = ["PRESETS", "LitScene", "Preset", "bake", "find_preset", "load_lit"]
