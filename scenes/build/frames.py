"""From the program's frames to ours.

Plan: x right, y down, cm. Home frame of the program and of its models: x right, y up, z = plan y, cm.
World: x right, y up the plan, z up, m.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.mesh import Floats

CM = 0.01

WORLD_FROM_HOME: Floats = np.array([[CM, 0, 0, 0], [0, 0, -CM, 0], [0, CM, 0, 0], [0, 0, 0, 1.0]])
"""4x4: home frame, cm -> world, m. A rotation and a scale, so triangles keep their turn."""


def to_world(plan: npt.ArrayLike, elevation_cm: npt.ArrayLike) -> Floats:
    """Points (..., 3) in the world of plan points (..., 2) and their elevations (...), cm."""
    xy = np.asarray(plan, np.float64)
    z = np.broadcast_to(np.asarray(elevation_cm, np.float64), xy.shape[:-1])
    return np.stack([xy[..., 0] * CM, xy[..., 1] * -CM, z * CM], axis=-1)
