"""How the attributes and children of an element are declared, so that reading and writing share one table.

An element of `Home.xml` is a frozen dataclass. Each field says in its metadata which attribute or child it stands for;
its annotation says the type. `layout(cls)` compiles that into the table that `xml_reader`, `xml_writer` and
`java_reader` walk, so a new attribute is one line in `elements.py`.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from typing import Any, NewType

Color = NewType("Color", int)
"""0xAARRGGBB. The alpha byte has a meaning only in a `Material`, where 0 hides."""

Numbers = NewType("Numbers", tuple[float, ...])
"""Numbers parted by spaces: a 3x3 rotation, a 3x4 matrix, a dash pattern."""


class FieldError(ValueError):
    """The text of an attribute is not of the attribute's type."""


@dataclasses.dataclass(frozen=True)
class Attribute:
    """One XML attribute: `name` in the file, `key` in the dataclass, and the two conversions."""

    key: str
    name: str
    parse: Callable[[str], Any]
    format: Callable[[Any], str]
    default: Any
    required: bool


@dataclasses.dataclass(frozen=True)
class Child:
    """Child elements with one of `tags`; `role` is the value their `attribute` attribute must have."""

    key: str
    tags: tuple[str, ...]
    role: str | None
    many: bool


@dataclasses.dataclass(frozen=True)
class Layout:
    """All that a dataclass says of its element."""

    attributes: dict[str, Attribute]
    children: tuple[Child, ...]
    text: str | None


def attribute(default: Any = dataclasses.MISSING, *, name: str | None = None) -> Any:
    """A field that is an XML attribute; its name is the field's in camelCase unless given."""
    return dataclasses.field(default=default, metadata={"attribute": name or ""})


def child(tag: str, role: str | None = None) -> Any:
    """A field that holds the one child with this tag (and role), or None."""
    return dataclasses.field(default=None, metadata={"child": Child("", (tag,), role, many=False)})


def children(*tags: str, role: str | None = None) -> Any:
    """A field that holds all children with one of these tags, in file order."""
    return dataclasses.field(default=(), metadata={"child": Child("", tags, role, many=True)})


def text_child(tag: str) -> Any:
    """A field that is the text of a child element."""
    return dataclasses.field(default="", metadata={"text": tag})


_LAYOUTS: dict[type, Layout] = {}


def layout(cls: type) -> Layout:
    """The table of an element class, in the order of its fields."""
    if cls not in _LAYOUTS:
        _LAYOUTS[cls] = _compile(cls)
    return _LAYOUTS[cls]


def _compile(cls: type) -> Layout:
    hints = typing.get_type_hints(cls)
    attributes: dict[str, Attribute] = {}
    kids: list[Child] = []
    text = None
    for field in dataclasses.fields(cls):
        if "attribute" in field.metadata:
            name = field.metadata["attribute"] or camel_case(field.name)
            parse, form = _codec(hints[field.name])
            required = field.default is dataclasses.MISSING
            default = None if required else field.default
            attributes[name] = Attribute(field.name, name, parse, form, default, required)
        elif "child" in field.metadata:
            kids.append(dataclasses.replace(field.metadata["child"], key=field.name))
        elif "text" in field.metadata:
            text = field.name
    return Layout(attributes, tuple(kids), text)


def camel_case(name: str) -> str:
    """`x_start` -> `xStart`."""
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def _codec(hint: Any) -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    """The parser and formatter of an annotation; `T | None` is parsed as `T`."""
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    return _CODECS[options[0] if options and hint not in _CODECS else hint]


def _parse_bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise FieldError(f"{text!r} is not true or false")
    return text == "true"


def _parse_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FieldError(f"{text!r} is not a number") from None


def _parse_int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise FieldError(f"{text!r} is not a whole number") from None


def _parse_color(text: str) -> Color:
    try:
        return Color(int(text, 16) & 0xFFFFFFFF)
    except ValueError:
        raise FieldError(f"{text!r} is not a hexadecimal colour") from None


def _parse_numbers(text: str) -> tuple[float, ...]:
    return tuple(_parse_number(word) for word in text.split())


def format_number(value: float) -> str:
    """The shortest text that reads back as the same float."""
    return repr(float(value))


_CODECS: dict[Any, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    str: (str, str),
    float: (_parse_number, format_number),
    int: (_parse_int, str),
    bool: (_parse_bool, lambda value: "true" if value else "false"),
    Color: (_parse_color, lambda value: f"{value:08X}"),
    Numbers: (_parse_numbers, lambda value: " ".join(map(format_number, value))),
}
