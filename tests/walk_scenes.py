"""Scenes of plain solids with known measures, for the tests of walking."""

import math

import numpy as np

from scenes.scene import Instance, Level, Part, Room, Scene, Surroundings

FACES = ((0, 2, 1), (0, 3, 2), (4, 5, 6), (4, 6, 7), (0, 1, 5), (0, 5, 4),
         (1, 2, 6), (1, 6, 5), (2, 3, 7), (2, 7, 6), (3, 0, 4), (3, 4, 7))  # fmt: skip
"""Of a solid whose corners 0..3 go around its bottom, counter-clockwise, and 4..7 around its top."""


def box(x0, y0, z0, x1, y1, z1, category="furniture", name="box"):  # noqa: PLR0917
    """A box as (name, category, corners, faces)."""
    plan = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return name, category, [(*p, z) for z in (z0, z1) for p in plan], FACES


def floor(x0, y0, x1, y1, z=0.0):
    """A floor, 5 cm thick, with its top at z."""
    return box(x0, y0, z - 0.05, x1, y1, z, "floor", "floor")


def wall(x0, y0, x1, y1, z0=0.0, z1=2.5):
    """A wall on a rectangle."""
    return box(x0, y0, z0, x1, y1, z1, "wall", "wall")


def flight(steps, rise, going, y0, y1, x=0.0):
    """Solid steps that rise along +x from x; the last one is the floor that they lead to, not drawn."""
    return [
        box(x + n * going, y0, 0.0, x + (steps - 1) * going, y1, (n + 1) * rise, "stair", f"step {n + 1}")
        for n in range(steps - 1)
    ]


def incline(slope_deg, rise, y0, y1, x=0.0):
    """A wedge that rises along +x from x."""
    run = rise / math.tan(math.radians(slope_deg))
    top = [(x, y0, 0.0), (x + run, y0, rise), (x + run, y1, rise), (x, y1, 0.0)]
    return "incline", "ramp", [(x, y0, 0.0), (x + run, y0, 0.0), (x + run, y1, 0.0), (x, y1, 0.0), *top], FACES


def scene_of(*solids, rooms=(), name="test"):
    """A scene with one level. `rooms`: (name, x0, y0, x1, y1)."""
    vertices, triangles, parts, instances = [], [], [], []
    for number, (title, category, corners, faces) in enumerate(solids, 1):
        points = np.array(corners, np.float32)
        parts.append(Part(number, 0, len(vertices), len(points), len(triangles), len(faces), ""))
        bounds = (tuple(map(float, points.min(axis=0))), tuple(map(float, points.max(axis=0))))
        instances.append(Instance(number, f"solid[{number}]", title, category, 0, None, bounds, len(faces)))
        triangles.extend((np.array(faces) + len(vertices)).tolist())
        vertices.extend(points.tolist())
    points = np.array(vertices, np.float32).reshape(-1, 3)
    polygons = {n: ((a, b), (c, b), (c, d), (a, d)) for n, (_, a, b, c, d) in enumerate(rooms)}
    return Scene(
        name=name,
        levels=(Level("Ground floor", 0.0, 5.0, 0.1),),
        rooms=tuple(
            Room(f"room[{n}]", r[0], 0, abs((r[3] - r[1]) * (r[4] - r[2])), polygons[n], True, True)
            for n, r in enumerate(rooms)
        ),
        instances=tuple(instances),
        parts=tuple(parts),
        materials=(),
        textures=(),
        lights=(),
        viewpoints=(),
        surroundings=Surroundings((0.5,) * 3, (0.5,) * 3, (1.0,) * 3, -1, 0.0, 0.0, 0.0),
        warnings=(),
        vertices=points,
        normals=np.zeros_like(points),
        uvs=np.zeros((len(points), 2), np.float32),
        triangles=np.array(triangles, np.int32).reshape(-1, 3),
    )
