"""The material libraries of an OBJ model, and the images that its materials name."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from scenes.errors import HomeError
from scenes.home.archive import entry_name
from scenes.models.materials import parse_mtl
from scenes.models.model import Model, ModelMaterial, Shape
from scenes.models.neighbours import Neighbours


@dataclass
class Libraries:
    """The MTL files beside a model. One that is missing or cannot be read becomes a warning."""

    neighbours: Neighbours
    warnings: list[str] = field(default_factory=list)

    def read(self, value: str) -> dict[str, ModelMaterial]:
        """Return the materials of the files that the value of an `mtllib` names, {} where there are none."""
        materials: dict[str, ModelMaterial] = {}
        model = entry_name(self.neighbours.reference)
        for name, reference in self.neighbours.libraries(value):
            if reference is None:
                self.warnings.append(f"{name!r} is missing beside {model!r}: its materials are grey")
                continue
            try:
                materials |= parse_mtl(self.neighbours.contents.read(reference))
            except HomeError as error:
                self.warnings.append(f"the materials of {name!r} are grey: {error}")
        return materials

    def with_images(self, model: Model) -> Model:
        """Return the model with file names of images made content references.

        One that is missing stays as it is written, to be reported where it is used.
        """
        return dataclasses.replace(model, shapes=tuple(self._with_image(shape) for shape in model.shapes))

    def _with_image(self, shape: Shape) -> Shape:
        value = shape.material.image
        if value is None:
            return shape
        image = self.neighbours.image(value) or value
        return dataclasses.replace(shape, material=dataclasses.replace(shape.material, image=image))
