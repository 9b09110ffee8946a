"""`Home`, the Java-serialised object in files saved before version 5.3, -> `Home`.

`javaobj-py3` parses the stream; this module maps the objects to our elements with the tables that the XML reader uses,
because the program's classes name their fields as its XML names its attributes. What differs stands in `_OTHER_NAMES`
and in the few functions below it.
"""

from __future__ import annotations

import dataclasses
import io
import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from javaobj.v2.beans import JavaArray, JavaEnum, JavaInstance, JavaString
from javaobj.v2.main import load

from scenes.errors import HomeError
from scenes.home.basics import Element, Point, Property
from scenes.home.fields import Attribute, Child, Color, Numbers, camel_case, layout
from scenes.home.furniture import FULL_SQUARE, DoorOrWindow, LightSourceMaterial
from scenes.home.home import Camera, FurnitureVisibleProperty, Home
from scenes.home.tags import CLASSES
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

_STREAM_MAGIC = b"\xac\xed\x00\x05"
_REFERENCES = {"level", "wallAtStart", "wallAtEnd", "selectedLevel"}
_CONTENTS = {"image", "model", "icon", "planIcon"}
_NAMED = {"timeZone": "ID", "pattern": "name"}
"""Attributes that are objects in Java: which field of the object is the attribute's text."""


def parse_java_home(data: bytes) -> tuple[Home, list[str]]:
    """Reads the bytes of the entry `Home`. Walls and levels that carry no id get `wall[3]`, `level[0]`.

    Raises:
        HomeError: the stream is damaged, or is not a home.
    """
    if not data.startswith(_STREAM_MAGIC):
        raise HomeError("the entry 'Home' is not a Java object")
    try:
        root = load(io.BytesIO(data))
    except (
        ValueError,
        OSError,
        EOFError,
        struct.error,
        TypeError,
        LookupError,
        AttributeError,
        NameError,  # javaobj reads a variable that a damaged stream left unset
        RecursionError,
    ) as error:
        raise HomeError(f"the Java object in entry 'Home' is damaged: {error}") from error
    if not isinstance(root, JavaInstance) or _class_name(root) != "Home":
        raise HomeError("the entry 'Home' holds no home")
    try:
        reader = _Reader()
        home = reader.home(_fields(root))
    except (TypeError, AttributeError, LookupError, ValueError) as error:
        raise HomeError(f"the Java object in entry 'Home' is not laid out as a home is: {error}") from error
    return home, reader.warnings


def _class_name(instance: JavaInstance) -> str:
    """`com.eteks.sweethome3d.model.Wall` -> `Wall`."""
    return (instance.classdesc.name or "").rsplit(".", 1)[-1]


def _fields(instance: JavaInstance) -> dict[str, Any]:
    """All fields of an object, its superclasses' included."""
    return {item.name: value for fields in instance.field_data.values() for item, value in fields.items()}


def _list(value: Any) -> list[Any]:
    """The items of a java.util list or an array; None and the JDK's immutable wrappers included."""
    if value is None:
        return []
    if isinstance(value, JavaInstance) and not isinstance(value, Iterable):
        inner = _fields(value)
        return _list(inner.get("list") or inner.get("c") or inner.get("a"))
    return list(value)


@dataclass
class _Reader:
    """One home; `ids` names the objects that others refer to."""

    ids: dict[int, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    path: list[int] = field(default_factory=list)

    def home(self, raw: dict[str, Any]) -> Home:
        for kind, key in (("level", "levels"), ("wall", "walls")):
            for index, instance in enumerate(_list(raw.get(key))):
                self.ids[id(instance)] = _text(_fields(instance).get("id")) or f"{kind}[{index}]"
        raw["furniture"] = next(
            (raw[key] for key in ("furnitureWithGroups", "furnitureWithDoorsAndWindows", "furniture") if raw.get(key)),
            None,
        )
        environment = _fields(raw["environment"]) if raw.get("environment") is not None else {}
        raw["environment"] = self.element(CLASSES["environment"], _environment(environment, raw))
        raw["furnitureVisibleProperties"] = raw.get("furnitureVisiblePropertyNames")
        raw["cameras"] = None
        raw["camera"] = None
        home = self.element(Home, raw)
        cameras = [
            self.camera(instance, role)
            for role, instances in (
                ("topCamera", [raw.get("topCamera")]),
                ("observerCamera", [raw.get("observerCamera")]),
                ("storedCamera", _list(raw.get("storedCameras"))),
            )
            for instance in instances
            if instance is not None
        ]
        return dataclasses.replace(home, cameras=tuple(cameras))

    def camera(self, instance: JavaInstance, role: str) -> Camera:
        cls = _CLASS_OF[_class_name(instance)]
        return self.element(cls, _fields(instance) | {"attribute": role})

    def element(self, cls: type[Element], raw: dict[str, Any]) -> Any:
        """The element of class `cls` that the fields of a Java object say."""
        values: dict[str, Any] = {}
        table = layout(cls)
        for entry in table.attributes.values():
            value = self.attribute(entry, raw)
            if value is not None:
                values[entry.key] = value
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
            return _text(_fields(value).get(_NAMED[entry.name]))
        return _plain(value, entry)

    def content(self, value: JavaInstance) -> str | None:
        """The entry that a URLContent names: `jar:file:temp!/12/name.obj`."""
        url = _fields(value).get("url")
        file = _text(_fields(url).get("file")) if url is not None else None
        return file.partition("!/")[2] if file and "!/" in file else file

    def children(self, slot: Child, raw: dict[str, Any]) -> Any:
        name = _OTHER_NAMES.get(slot.key) or camel_case(slot.key)
        value = raw.get(name)
        if not slot.many:
            return self.child(value, slot) if value is not None else None
        if slot.key == "properties":
            items = value.items() if isinstance(value, dict) else ()
            return tuple(Property(name=str(k), value=None if v is None else str(v)) for k, v in items)
        if slot.key == "points":
            return tuple(Point(x=float(x), y=float(y)) for x, y in _list(value))
        kept = [self.child(item, slot) for item in _list(value) if item is not None]
        return tuple(kept)

    def child(self, value: Any, slot: Child) -> Any:
        if isinstance(value, Element):
            return value
        if isinstance(value, str | JavaString | JavaEnum):
            named = LightSourceMaterial if slot.key == "light_source_materials" else FurnitureVisibleProperty
            return named(name=_text(value) or "")
        if id(value) in self.path:
            raise HomeError("a group of furniture contains itself; the file is damaged")
        require_within("nesting", len(self.path), "the home")
        cls = _CLASS_OF[_class_name(value)]
        raw = _fields(value)
        if slot.tags[0] == "level" or slot.tags[0] == "wall":
            raw["id"] = self.ids[id(value)]
        if slot.role == "cameraPath":
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


def _plain(value: Any, entry: Attribute) -> Any:
    """A Java value as the Python value of an attribute; None where it has none (then the default holds)."""
    if isinstance(value, JavaArray):
        return Numbers(tuple(float(x) for row in value for x in (row if isinstance(row, JavaArray) else [row])))
    if isinstance(value, JavaInstance) and not isinstance(value, Iterable | JavaString | JavaEnum):
        value = _fields(value).get("value", value)
    if isinstance(value, JavaInstance) and hasattr(value, "value"):
        value = value.value
    if isinstance(value, JavaEnum):
        return str(value.constant)
    if isinstance(value, JavaString):
        return str(value)
    if isinstance(value, bool | str):
        return value
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _number(value, entry)
    return None


def _number(value: float, entry: Attribute) -> Any:
    if not math.isfinite(value):
        raise HomeError(f"{entry.name} is not a finite number")
    text = entry.format(value) if entry.parse is not int else str(int(value))
    return Color(int(value) & 0xFFFFFFFF) if _is_color(entry) else entry.parse(text)


def _is_color(entry: Attribute) -> bool:
    return entry.name.lower().endswith("color")


def _text(value: Any) -> str | None:
    if isinstance(value, JavaEnum):
        return str(value.constant)
    return None if value is None else str(value)
