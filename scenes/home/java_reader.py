"""`Home`, the Java-serialised object in files saved before version 5.3, -> `Home`.

`java_stream` reads the objects; this module maps them to our elements with the tables that the XML reader uses, because
 the program's classes name their fields as its XML names its attributes. What differs stands in `_OTHER_NAMES`
and in the few functions below it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scenes.errors import HomeError, reading
from scenes.home.basics import Element, Point, Property
from scenes.home.fields import Attribute, Child, FieldError, camel_case, layout
from scenes.home.furniture import FULL_SQUARE, DoorOrWindow, LightSourceMaterial
from scenes.home.home import Camera, FurnitureVisibleProperty, Home
from scenes.home.java_stream import JavaEnum, JavaObject, list_of, pairs_of, read_java_object
from scenes.home.tags import CLASSES, TAGS
from scenes.limits import require_within

_CLASS_OF: dict[str, type[Element]] = {"Home" + tag[:1].upper() + tag[1:]: cls for tag, cls in CLASSES.items()} | {
    tag[:1].upper() + tag[1:]: cls for tag, cls in CLASSES.items()
}

_OTHER_NAMES = {
    "materials": "modelMaterials",
    "transformations": "modelTransformations",
    "light_source_materials": "lightSourceMaterialNames",
    "members": "furniture",
}
"""Children whose field in Java has another name than ours has in camelCase."""

_BY_NAME = {
    "lightSourceMaterial": LightSourceMaterial,
    "furnitureVisibleProperty": FurnitureVisibleProperty,
}
"""Children that are mere names in Java."""

_REFERENCES = {"level", "wallAtStart", "wallAtEnd", "selectedLevel"}
_CONTENTS = {"image", "model", "icon", "planIcon"}
_NAMED = {"timeZone": "ID", "pattern": "name"}
"""Attributes that are objects in Java: which field of the object is the attribute's text."""


def parse_java_home(data: bytes) -> tuple[Home, list[str]]:
    """Reads the bytes of the entry `Home`. Walls and levels that carry no id get `wall[3]`, `level[0]`.

    Raises:
        HomeError: the stream is damaged, or is not a home.
    """
    root = read_java_object(data)
    if not isinstance(root, JavaObject) or _class_name(root) != "Home":
        raise HomeError("the entry 'Home' holds no home")
    reader = _Reader()
    with reading("the Java object in entry 'Home' is not laid out as a home is"):
        home = reader.home(dict(root.fields))
    return home, reader.warnings


def _class_name(instance: JavaObject) -> str:
    """`com.eteks.sweethome3d.model.Wall` -> `Wall`."""
    return instance.class_name.rsplit(".", 1)[-1]


@dataclass
class _Reader:
    """One home. `ids` names the objects that others refer to; `elements` counts what was made, shared objects twice."""

    ids: dict[int, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    path: list[int] = field(default_factory=list)
    elements: int = 0

    def home(self, raw: dict[str, Any]) -> Home:
        for kind, key in (("level", "levels"), ("wall", "walls")):
            for index, instance in enumerate(list_of(raw.get(key))):
                self.ids[id(instance)] = _text(instance.fields.get("id")) or f"{kind}[{index}]"
        raw["furniture"] = next(
            (raw[key] for key in ("furnitureWithGroups", "furnitureWithDoorsAndWindows", "furniture") if raw.get(key)),
            None,
        )
        environment = raw["environment"].fields if raw.get("environment") is not None else {}
        raw["environment"] = self.element(CLASSES["environment"], _environment(environment, raw))
        raw["furnitureVisibleProperties"] = raw.get("furnitureVisiblePropertyNames")
        raw["cameras"] = None
        raw["camera"] = None
        home = self.element(Home, raw)
        cameras: list[Camera] = []
        for role, instances in (
            ("topCamera", [raw.get("topCamera")]),
            ("observerCamera", [raw.get("observerCamera")]),
            ("storedCamera", list_of(raw.get("storedCameras"))),
        ):
            cameras += self.made(instances, Child("cameras", ("camera", "observerCamera"), role, many=True))
        return dataclasses.replace(home, cameras=tuple(cameras))

    def element(self, cls: type[Element], raw: dict[str, Any]) -> Any:
        """The element of class `cls` that the fields of a Java object say; FieldError names what is wrong with it."""
        self.elements += 1
        if self.elements % 1000 == 0:
            require_within("elements", self.elements, "the home")
        values: dict[str, Any] = {}
        table = layout(cls)
        for entry in table.attributes.values():
            try:
                value = self.attribute(entry, raw)
            except FieldError as error:
                if entry.required:
                    raise FieldError(f"{_describe(cls, raw)}: {entry.name} {error}") from None
                self.warnings.append(f"{_describe(cls, raw)}: {entry.name} {error}; ignored")
                continue
            if value is not None:
                values[entry.key] = value
        missing = [entry.name for entry in table.attributes.values() if entry.required and entry.key not in values]
        if missing:
            raise FieldError(f"{_describe(cls, raw)}: {' and '.join(missing)} missing")
        for slot in table.children:
            values[slot.key] = self.children(slot, raw)
        if table.text:
            values[table.text] = _text(raw.get(table.text)) or ""
        return cls(**values)

    def attribute(self, entry: Attribute, raw: dict[str, Any]) -> Any:
        value = raw.get(entry.name)
        if value is None and (name := raw.get(f"{entry.name}Name")) is not None:
            value = name
        if entry.name == "visible" and "invisible" in raw:
            value = not raw["invisible"]
        if value is None:
            return None
        if entry.name in _REFERENCES:
            return self.ids.get(id(value))
        if entry.name in _CONTENTS:
            return self.content(value)
        if entry.name in _NAMED:
            return _text(value.fields.get(_NAMED[entry.name])) if isinstance(value, JavaObject) else _text(value)
        return _plain(value, entry)

    def content(self, value: Any) -> str | None:
        """The entry that a URLContent names: `jar:file:temp!/12/name.obj`."""
        url = value.fields.get("url") if isinstance(value, JavaObject) else None
        file = _text(url.fields.get("file")) if isinstance(url, JavaObject) else None
        return file.partition("!/")[2] if file and "!/" in file else file

    def children(self, slot: Child, raw: dict[str, Any]) -> Any:
        name = _OTHER_NAMES.get(slot.key) or camel_case(slot.key)
        value = raw.get(name)
        if not slot.many:
            return next(iter(self.made([value], slot)), None)
        if slot.key == "properties":
            return tuple(Property(name=name, value=_text(held)) for name, held in pairs_of(value).items())
        if slot.key == "points":
            return tuple(Point(x=_finite(float(x)), y=_finite(float(y))) for x, y in list_of(value))
        return tuple(self.made(list_of(value), slot))

    def made(self, values: Iterable[Any], slot: Child) -> Iterator[Any]:
        """The elements of these objects; one that is no such element is left out, with a warning."""
        for value in values:
            if value is not None:
                try:
                    yield self.child(value, slot)
                except FieldError as error:
                    self.warnings.append(f"left out {error}")

    def child(self, value: Any, slot: Child) -> Any:
        if isinstance(value, Element):
            return value
        if isinstance(value, str | JavaEnum) and slot.tags[0] in _BY_NAME:
            return _BY_NAME[slot.tags[0]](name=_text(value) or "")
        if id(value) in self.path:
            raise HomeError("a group of furniture contains itself; the file is damaged")
        require_within("nesting", len(self.path), "the home")
        cls = _class_of(value, slot)
        raw = dict(value.fields)
        if id(value) in self.ids:
            raw["id"] = self.ids[id(value)]
        if issubclass(cls, Camera):
            raw["attribute"] = slot.role
        if cls is DoorOrWindow:  # before version 4 the class had no such field, and cut its rectangle
            raw.setdefault("cutOutShape", FULL_SQUARE)
        self.path.append(id(value))
        try:
            return self.element(cls, raw)
        finally:
            self.path.pop()


def _environment(environment: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    """The environment's fields. `Home` has some of its own; up to version 3400 the ground was drawn darker."""
    names = ("groundColor", "groundTexture", "skyColor", "lightColor", "wallsAlpha")
    found = {name: raw[name] for name in names if raw.get(name) is not None}
    if raw.get("version", 0) <= 3400 and "groundColor" in found:
        color = found["groundColor"]
        found["groundColor"] = sum((((color >> shift) & 0xFF) * 3 // 4) << shift for shift in (16, 8, 0))
    return environment | found | {"ceillingLightColor": environment.get("ceilingLightColor")}


def _class_of(value: Any, slot: Child) -> type[Element]:
    """The element class of an object, one of those that may stand here."""
    cls = _CLASS_OF.get(_class_name(value)) if isinstance(value, JavaObject) else None
    if cls is None or TAGS[cls] not in slot.tags:
        raise FieldError(f"{_class_name(value) if isinstance(value, JavaObject) else value!r}: no {slot.tags[0]}")
    return cls


def _plain(value: Any, entry: Attribute) -> Any:
    """A Java value as the Python value of an attribute; None where it has none (then the default holds)."""
    if isinstance(value, JavaObject):
        value = value.fields.get("value")
    if isinstance(value, JavaEnum):
        value = value.constant
    if isinstance(value, list | np.ndarray):
        value = tuple(_finite(float(x)) for row in value for x in (row if isinstance(row, np.ndarray) else [row]))
    elif isinstance(value, float):
        value = _finite(value)
    if value is None or isinstance(value, JavaObject):
        return None
    if _is_color(entry) or entry.parse is int:
        value = int(value) & 0xFFFFFFFF if _is_color(entry) else int(value)
    return entry.parse(entry.format(value))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise FieldError("is not a finite number")
    return value


def _is_color(entry: Attribute) -> bool:
    return entry.name.lower().endswith("color")


def _describe(cls: type[Element], raw: dict[str, Any]) -> str:
    """`wall 'wall[3]'`, as the XML reader names an element."""
    label = _text(raw.get("name")) or _text(raw.get("id"))
    return f"{TAGS[cls]} {label!r}" if label else TAGS[cls]


def _text(value: Any) -> str | None:
    if isinstance(value, JavaEnum):
        return value.constant
    return None if value is None else str(value)
