"""Reads what Java's ObjectOutputStream wrote, as far as files of Sweet Home 3D need it.

Java Object Serialization Specification, version 1.8, chapter 6. No class is loaded and nothing is run: an object comes
out as the values of its fields by name. Objects nest as deep as walls are joined to walls, so reading one inside of
another is a stack of generators, not recursion; what a stream may hold is limited by `limits().java_objects`.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scenes.errors import HomeError, reading
from scenes.limits import MIB, limits, require_within

MAGIC = b"\xac\xed\x00\x05"
_FIRST_HANDLE = 0x7E0000
_NULL, _REFERENCE, _CLASS_DESC, _OBJECT, _STRING, _ARRAY, _CLASS, _BLOCK_DATA = range(0x70, 0x78)
_END_BLOCK_DATA, _RESET, _BLOCK_DATA_LONG, _LONG_STRING, _ENUM = 0x78, 0x79, 0x7A, 0x7C, 0x7E
_WRITE_METHOD, _SERIALIZABLE, _EXTERNALIZABLE, _BLOCK_MODE = 0x01, 0x02, 0x04, 0x08
_PRIMITIVES = {code: struct.Struct(f">{form}") for code, form in zip("BCDFIJSZ", "bHdfiqh?", strict=True)}
_PRIMITIVE_ARRAYS = dict(zip("BCDFIJSZ", (">i1", ">u2", ">f8", ">f4", ">i4", ">i8", ">i2", "?"), strict=True))
_LISTS = {"ArrayList", "LinkedList", "Vector", "CopyOnWriteArrayList", "HashSet", "LinkedHashSet"}
_MAPS = {"HashMap", "LinkedHashMap", "TreeMap", "Hashtable", "Properties"}

Reading = Generator[Any, Any, Any]
"""A step of reading: yields the reading of what it holds, is sent the value, returns its own."""


@dataclass(eq=False, repr=False)
class JavaObject:
    """An object: the values of its fields, its superclasses' included, and what its classes wrote beside them.

    A value is a number, a bool, a str, None, a list (from an array of objects), an array of numpy's (from one of
    primitives), a `JavaEnum` or a `JavaObject`.
    """

    class_name: str
    fields: dict[str, Any] = field(default_factory=dict)
    written: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class JavaEnum:
    """A constant of an enum."""

    class_name: str
    constant: str = ""


def list_of(value: Any) -> list[Any]:
    """Return the items of an array, or of a `java.util` list or set, immutable wrappers included; [] of anything else.

    Raises:
        HomeError: lists that wrap one another without an end.
    """
    value = _unwrapped(value, _LISTS, ("list", "c", "a"))
    if isinstance(value, JavaObject):
        single = value.fields.get("element")
        return value.written if single is None else [single]
    return list(value) if isinstance(value, list | np.ndarray) else []


def pairs_of(value: Any) -> dict[str, Any]:
    """Return the pairs of a `java.util` map whose keys are text, a wrapper included; {} of anything else.

    Raises:
        HomeError: maps that wrap one another without an end.
    """
    value = _unwrapped(value, _MAPS, ("m",))
    if not isinstance(value, JavaObject):
        return {}
    pairs = zip(value.written[::2], value.written[1::2], strict=False)
    single = value.fields.get("k")
    return {key: held for key, held in pairs if isinstance(key, str)} | (
        {single: value.fields.get("v")} if isinstance(single, str) else {}
    )


def _unwrapped(value: Any, classes: set[str], wrapped_in: tuple[str, ...]) -> Any:
    """The object of one of `classes` inside of its wrappers, or what is no wrapper."""
    for depth in itertools.count(1):
        if not isinstance(value, JavaObject) or value.class_name.rpartition(".")[2] in classes:
            return value
        inner = [value.fields[name] for name in wrapped_in if value.fields.get(name) is not None]
        if not inner:
            return value
        value = inner[0]
        require_within("nesting", depth, "the Java object")
    raise AssertionError


def read_java_object(data: bytes) -> Any:
    """Return the first object of a stream.

    Raises:
        HomeError: not a Java stream, damaged, or over a limit.
    """
    if not data.startswith(MAGIC):
        raise HomeError("not a Java object")
    require_within("java_mib", len(data) / MIB, "the Java object")
    with reading("the Java object is damaged"):
        return _Stream(data).run()


def decode_utf(data: bytes) -> str:
    """Return the text of bytes in Java's modified UTF-8: NUL as C0 80, and each half of a surrogate pair by itself.

    A half without its other half, which no text file can hold, becomes U+FFFD.

    Raises:
        UnicodeDecodeError: not such bytes.
    """
    halves = data.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(eq=False)
class _ClassDesc:
    """A class as the stream describes it. `fields`: type code and name."""

    name: str
    flags: int
    fields: list[tuple[str, str]]
    parent: _ClassDesc | None = None

    def lineage(self) -> list[_ClassDesc]:
        """This class and its ancestors, the eldest first."""
        found: list[_ClassDesc] = []
        at: _ClassDesc | None = self
        while at is not None:
            found.append(at)
            require_within("nesting", len(found), "the Java object")
            at = at.parent
        return found[::-1]


_END = object()


class _Stream:
    """One pass over a stream. `handles`: what later parts refer to by number."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = len(MAGIC)
        self.handles: list[Any] = []
        self.left = limits().java_objects

    def run(self) -> Any:
        """Return the first content; each generator of the stack waits for the value of the one above it."""
        stack = [self.content()]
        value: Any = None
        while stack:
            try:
                stack.append(stack[-1].send(value))
                value = None
            except StopIteration as done:
                stack.pop()
                value = done.value
        return value

    def take(self, form: struct.Struct) -> Any:
        (value,) = form.unpack_from(self.data, self.at)
        self.at += form.size
        return value

    def take_bytes(self, size: int) -> bytes:
        if not 0 <= size <= len(self.data) - self.at:
            raise HomeError("the Java object is damaged: it ends early")
        self.at += size
        return self.data[self.at - size : self.at]

    def text(self) -> str:
        return decode_utf(self.take_bytes(self.take(_UNSIGNED_SHORT)))

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            require_within("java_objects", limits().java_objects + 1, "the Java object")

    def keep(self, value: Any) -> Any:
        self.handles.append(value)
        return value

    def content(self, *, may_end: bool = False) -> Reading:
        """The next object, string, array, enum, class or null; `_END` where the written part of an object ends."""
        code = self.take(_BYTE)
        while code in (_BLOCK_DATA, _BLOCK_DATA_LONG) or (code == _RESET and not self.handles):
            self.spend(1)
            if code != _RESET:
                self.take_bytes(self.take(_BYTE if code == _BLOCK_DATA else _INT))
            code = self.take(_BYTE)
        self.spend(1)
        if code == _NULL:
            return None
        if code == _END_BLOCK_DATA and may_end:
            return _END
        if code == _REFERENCE:
            handle = self.take(_INT) - _FIRST_HANDLE
            if handle < 0:
                raise HomeError("the Java object is damaged: a reference to nothing")
            return self.handles[handle]
        if code == _STRING:
            return self.keep(self.text())
        if code == _LONG_STRING:
            return self.keep(decode_utf(self.take_bytes(self.take(_LONG))))
        parts = {_OBJECT: self.object, _ARRAY: self.array, _ENUM: self.enum, _CLASS_DESC: self.class_desc}
        if code in parts:
            return (yield parts[code]())
        if code == _CLASS:
            return self.keep((yield self.described()))
        raise HomeError(f"the Java object is damaged: no content begins with {code:#x}")

    def described(self) -> Reading:
        """The class of what follows."""
        desc = yield self.content()
        if not isinstance(desc, _ClassDesc):
            raise HomeError("the Java object is damaged: something without a class")
        return desc

    def class_desc(self) -> Reading:
        name = self.text()
        self.take(_LONG)
        desc = self.keep(_ClassDesc(name, 0, []))
        desc.flags = self.take(_BYTE)
        for _ in range(self.take(_UNSIGNED_SHORT)):
            code, field_name = chr(self.take(_BYTE)), self.text()
            if code in "[L":
                yield self.content()
            elif code not in _PRIMITIVES:
                raise HomeError(f"the Java object is damaged: no type has the code {code!r}")
            desc.fields.append((code, field_name))
        yield self.written()
        parent = yield self.content()
        if parent is not None and not isinstance(parent, _ClassDesc):
            raise HomeError(f"the Java object is damaged: the parent of {name} is not a class")
        desc.parent = parent
        return desc

    def object(self) -> Reading:
        desc = yield self.described()
        made = self.keep(JavaObject(desc.name))
        for cls in desc.lineage():
            if cls.flags & _EXTERNALIZABLE and not cls.flags & _BLOCK_MODE:
                raise HomeError(f"objects of class {cls.name} are written in a way that only Java reads")
            if cls.flags & _SERIALIZABLE:
                self.spend(len(cls.fields))
                for code, name in cls.fields:
                    made.fields[name] = (yield self.content()) if code in "[L" else self.primitive(code)
            if cls.flags & (_WRITE_METHOD | _EXTERNALIZABLE):
                made.written += yield self.written()
        return made

    def primitive(self, code: str) -> Any:
        value = self.take(_PRIMITIVES[code])
        return chr(value) if code == "C" else value

    def written(self) -> Reading:
        """What a class wrote by a method of its own, its raw bytes left out."""
        found = []
        while (value := (yield self.content(may_end=True))) is not _END:
            found.append(value)
        return found

    def array(self) -> Reading:
        desc = yield self.described()
        size, code = self.take(_INT), desc.name[1:2]
        if code in _PRIMITIVE_ARRAYS:
            kind = np.dtype(_PRIMITIVE_ARRAYS[code])
            return self.keep(np.frombuffer(self.take_bytes(size * kind.itemsize), kind))
        items: list[Any] = self.keep([])
        while len(items) < size:
            items.append((yield self.content()))
        return items

    def enum(self) -> Reading:
        desc = yield self.described()
        made = self.keep(JavaEnum(desc.name))
        constant = yield self.content()
        if not isinstance(constant, str):
            raise HomeError("the Java object is damaged: an enum without a name")
        made.constant = constant
        return made


_BYTE, _UNSIGNED_SHORT, _INT, _LONG = (struct.Struct(f">{form}") for form in "BHiq")
