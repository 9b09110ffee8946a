"""Materials of OBJ models: the table of names that need no MTL, and the MTL dialect that the program reads."""

from __future__ import annotations

import functools
import json
from importlib import resources

from scenes.limits import limits, require_within
from scenes.models.model import RGB, ModelMaterial
from scenes.models.text import keyword_and_value, text_lines

DEFAULT_NAME = "default"


@functools.cache
def default_materials() -> dict[str, ModelMaterial]:
    """The materials that OBJ files may use by name without an MTL."""
    text = resources.files("assets").joinpath("materials/default_materials.json").read_text("utf-8")
    return {name: _from_values(name, values) for name, values in json.loads(text).items()}


def parse_mtl(data: bytes) -> dict[str, ModelMaterial]:
    """Materials of an MTL by name; `image` is the value of the map as written. What is malformed keeps its default.

    A name that comes again begins a new material. `Tr` is not used, as in the program, since its two readings exclude
    each other.

    Raises:
        HomeError: over the limit of materials.
    """
    most = limits().model_materials
    found: dict[str, dict[str, object]] = {}
    values: dict[str, object] = {}
    for line in text_lines(data):
        key, value = keyword_and_value(line)
        if key == "newmtl":
            values = found[value] = {}
            if len(found) > most:
                require_within("model_materials", len(found), "the material file")
        elif key in ("Ka", "Kd", "Ks"):
            numbers = _numbers(value.split()[:3])
            values[key] = numbers * 3 if len(numbers) == 1 else numbers
        elif key in ("Ns", "d", "illum"):
            numbers = _numbers(value.split()[:1])
            values[key] = numbers[0] if numbers else None
        elif key == "map_Kd":
            values[key] = value
    return {name: _from_values(name, values) for name, values in found.items()}


def _numbers(words: list[str]) -> list[float]:
    try:
        return [float(word) for word in words]
    except ValueError:
        return []


def _from_values(name: str, values: dict[str, object]) -> ModelMaterial:
    image = values.get("map_Kd")
    lit = values.get("illum") not in (0, 1, 0.0, 1.0)
    shininess, alpha = values.get("Ns", 64.0), values.get("d")
    return ModelMaterial(
        name=name,
        diffuse=_color(values.get("Kd"), (1.0, 1.0, 1.0)),
        specular=_color(values.get("Ks"), (1.0, 1.0, 1.0)) if lit else (0.0, 0.0, 0.0),
        shininess=min(128.0, max(1.0, shininess)) if lit and isinstance(shininess, float | int) else 1.0,
        alpha=min(1.0, max(0.0, float(alpha))) if isinstance(alpha, float | int) else 1.0,
        image=str(image) if image else None,
    )


def _color(value: object, otherwise: RGB) -> RGB:
    if isinstance(value, list) and len(value) == 3:
        red, green, blue = (min(1.0, max(0.0, float(v))) for v in value)
        return red, green, blue
    return otherwise
