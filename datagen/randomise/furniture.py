"""Furniture moved, swapped and taken away within its rooms."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.randomise.settings import Furniture
from scenes.scene import Scene


def rearranged(scene: Scene, furniture: Furniture, rng: np.random.Generator) -> tuple[Scene, list[dict[str, Any]]]:
    """A scene with its furniture rearranged, and what was done, as JSON."""
    raise NotImplementedError
