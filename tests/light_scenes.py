"""Scenes of a few rectangles whose light is known in closed form, for the tests of baked light."""

import numpy as np

from scenes.scene import Instance, Light, Material, Part, Scene, Surroundings
from sim.light.sources import Lamp, Sources

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
DARK = np.zeros(3, np.float32)


def quad(corner, along, across, *, color=BLACK, category="wall", alpha=1.0, glows=False, steps=1):
    """A rectangle from its corner and two edges, which faces along their cross product, in steps x steps pieces."""
    return (np.array([corner, along, across], float), color, category, alpha, glows, steps)


def floor(low, high, z=0.0, **kwargs):
    """A level rectangle that faces up."""
    size = np.subtract(high, low)
    return quad((*low, z), (size[0], 0, 0), (0, size[1], 0), **({"category": "floor"} | kwargs))


def closed_box(size, *, steps=1, color=WHITE):
    """Six rectangles that face inwards, from the origin to `size`."""
    x, y, z = np.diag(np.array(size, float))
    sides = [(0 * x, x, y), (z, y, x), (0 * x, z, x), (y, x, z), (0 * x, y, z), (x, z, y)]
    return [quad(*side, color=color, steps=steps) for side in sides]


def scene_of(quads, lights=()):
    """A scene with one instance, part and material for each rectangle."""
    parts, instances, materials, vertices, normals, uvs, triangles = [], [], [], [], [], [], []
    for index, ((corner, along, across), color, category, alpha, glows, steps) in enumerate(quads):
        grid = np.linspace(0, 1, steps + 1)
        u, v = (one.reshape(-1, 1) for one in np.meshgrid(grid, grid, indexing="ij"))
        here = corner + u * along + v * across
        first = np.array([i * (steps + 1) + j for i in range(steps) for j in range(steps)])
        ends = first + steps + 1
        faces = np.concatenate([np.stack([first, ends, ends + 1], 1), np.stack([first, ends + 1, first + 1], 1)])
        start = sum(map(len, vertices))
        parts.append(Part(index + 1, index, start, len(here), sum(map(len, triangles)), len(faces), ""))
        bounds = (tuple(here.min(axis=0).tolist()), tuple(here.max(axis=0).tolist()))
        instances.append(Instance(index + 1, f"quad-{index}", "quad", category, 0, None, bounds, len(faces)))
        materials.append(Material(f"m{index}", color, BLACK, 0.0, alpha, -1, glows))
        vertices.append(here)
        normal = np.cross(along, across)
        normals.append(np.repeat((normal / np.linalg.norm(normal))[None], len(here), axis=0))
        uvs.append(np.concatenate([u, v], axis=1))
        triangles.append(faces + start)
    surroundings = Surroundings(WHITE, (0.8, 0.9, 1.0), WHITE, -1, 0.0, 48.0, 9.0)
    arrays = [np.ascontiguousarray(np.concatenate(some), np.float32) for some in (vertices, normals, uvs)]
    return Scene(
        "quads", (), (), tuple(instances), tuple(parts), tuple(materials), (), tuple(lights), (), surroundings, (),
        *arrays, np.concatenate(triangles).astype(np.int32),
    )  # fmt: skip


def sources(*, sky=DARK, ground=DARK, sun=DARK, sun_direction=(0.0, 0.0, 1.0), lamps=(), glow=0.0):
    """Only what is given shines."""
    sky, ground, sun = (np.array(one, np.float32) for one in (sky, ground, sun))
    return Sources(sky, ground, sun, sun_direction, tuple(lamps), glow)


def lamp(position, strength=1.0):
    return Lamp(position, (strength,) * 3, 0.05)


def light_of_piece(position, instance):
    """A lamp as a home has it."""
    return Light(position, WHITE, 0.5, 0.1, instance)
