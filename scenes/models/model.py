"""A model as read: named shapes, each with one material."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.mesh import Floats, Mesh

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class ModelMaterial:
    """A material of a model. Colours are sRGB, 0..1; `image` is the reference of its texture in the home's contents."""

    name: str
    diffuse: RGB
    specular: RGB = (0.0, 0.0, 0.0)
    shininess: float = 1.0
    alpha: float = 1.0
    image: str | None = None


@dataclass(frozen=True)
class Shape:
    """A part of a model: faces of the group `name` that share a material."""

    name: str
    material: ModelMaterial
    mesh: Mesh
    has_uvs: bool


@dataclass(frozen=True)
class Model:
    """Shapes in the model's own frame (y up) and units. `line_points` (N, 3) count for the size but are not drawn.

    `left_out`: what the file holds beyond that, in words that follow on "holds"; `warnings`: what else is wrong.
    """

    shapes: tuple[Shape, ...]
    line_points: Floats
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def points(self) -> Floats:
        """All points that faces or lines use, (N, 3)."""
        return np.concatenate([self.line_points, *(shape.mesh.positions for shape in self.shapes)])


def counted(count: int, what: str) -> str:
    """Return a number of things in words, the first of `what` in the plural: `1 line`, `2 instances of a node`."""
    noun, blank, rest = what.partition(" ")
    plural = "" if count == 1 or noun.endswith(">") else "s"
    return f"{count} {noun}{plural}{blank}{rest}"
