"""Binary glTF 2.0 files (GLB): triangles, materials, images and lights as one piece of bytes.

The format's description is Khronos' glTF 2.0 specification; lights are its extension KHR_lights_punctual.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Json = dict[str, Any]
Floats32 = npt.NDArray[np.float32]

LIGHTS = "KHR_lights_punctual"
_FLOAT, _UINT32 = 5126, 5125
_VERTICES, _INDICES = 34962, 34963
_REPEAT, _LINEAR, _MIPMAPS = 10497, 9729, 9987
_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


@dataclass(frozen=True)
class Primitive:
    """Triangles of one material, in glTF's frame.

    positions, normals: (V, 3), normals of length 1; uvs: (V, 2), v down in the image, or None without a texture;
    triangles: (T, 3), indices of vertices, counter-clockwise from outside; material: index.
    """

    positions: Floats32
    normals: Floats32
    uvs: Floats32 | None
    triangles: npt.NDArray[np.uint32]
    material: int


@dataclass
class GlbWriter:
    """A GLB file while it is put together: each method adds something and returns its index."""

    _json: dict[str, list[Json]] = field(default_factory=dict)
    _lights: list[Json] = field(default_factory=list)
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0

    def image(self, data: bytes, media_type: str) -> int:
        """Add a PNG or JPEG file, and a texture of it that repeats in both directions."""
        view = self._view(data)
        source = self._add("images", {"bufferView": view, "mimeType": media_type})
        if not self._json.get("samplers"):
            filters = {"magFilter": _LINEAR, "minFilter": _MIPMAPS}
            self._add("samplers", {"wrapS": _REPEAT, "wrapT": _REPEAT} | filters)
        return self._add("textures", {"source": source, "sampler": 0})

    def material(self, material: Json) -> int:
        """Add a material as the format's JSON has it."""
        return self._add("materials", material)

    def mesh(self, name: str, primitive: Primitive) -> int:
        """Add a mesh of one primitive."""
        attributes = {
            "POSITION": self._accessor(primitive.positions, "VEC3", _VERTICES, bounds=True),
            "NORMAL": self._accessor(primitive.normals, "VEC3", _VERTICES),
        }
        if primitive.uvs is not None:
            attributes["TEXCOORD_0"] = self._accessor(primitive.uvs, "VEC2", _VERTICES)
        indices = self._accessor(primitive.triangles.reshape(-1), "SCALAR", _INDICES)
        told = {"attributes": attributes, "indices": indices, "material": primitive.material}
        return self._add("meshes", {"name": name, "primitives": [told]})

    def light(self, light: Json) -> int:
        """Add a light as the extension's JSON has it."""
        self._lights.append(light)
        return len(self._lights) - 1

    def node(
        self,
        name: str,
        parent: int | None,
        *,
        mesh: int | None = None,
        light: int | None = None,
        translation: npt.NDArray[np.float64] | None = None,
        extras: Mapping[str, Any] | None = None,
    ) -> int:
        """Add a node under another one; under none it is the root of the scene."""
        node: Json = {"name": name}
        if mesh is not None:
            node["mesh"] = mesh
        if translation is not None:
            node["translation"] = translation.tolist()
        if light is not None:
            node["extensions"] = {LIGHTS: {"light": light}}
        if extras:
            node["extras"] = dict(extras)
        index = self._add("nodes", node)
        if parent is not None:
            self._json["nodes"][parent].setdefault("children", []).append(index)
        return index

    def to_bytes(self) -> bytes:
        """Return the file. The first node is the scene's root."""
        buffer = b"".join(self._chunks)
        document: Json = {"asset": {"version": "2.0", "generator": "Stairwell"}, "scene": 0, "scenes": [{"nodes": [0]}]}
        if self._lights:
            document |= {"extensionsUsed": [LIGHTS], "extensions": {LIGHTS: {"lights": self._lights}}}
        document |= self._json | {"buffers": [{"byteLength": len(buffer)}]}
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        chunks = _chunk(b"JSON", text, b" ") + _chunk(b"BIN\0", buffer, b"\0")
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks

    def _add(self, kind: str, item: Json) -> int:
        items = self._json.setdefault(kind, [])
        items.append(item)
        return len(items) - 1

    def _view(self, data: bytes, target: int | None = None) -> int:
        view: Json = {"buffer": 0, "byteOffset": self._size, "byteLength": len(data)}
        padded = data + bytes(-len(data) % 4)
        self._chunks.append(padded)
        self._size += len(padded)
        return self._add("bufferViews", view if target is None else view | {"target": target})

    def _accessor(self, values: npt.NDArray[Any], kind: str, target: int, *, bounds: bool = False) -> int:
        component = _UINT32 if target == _INDICES else _FLOAT
        data = np.ascontiguousarray(values, "<u4" if target == _INDICES else "<f4")
        accessor: Json = {
            "bufferView": self._view(data.tobytes(), target),
            "componentType": component,
            "count": data.size // _COMPONENTS[kind],
            "type": kind,
        }
        if bounds:
            accessor |= {"min": data.min(axis=0).tolist(), "max": data.max(axis=0).tolist()}
        return self._add("accessors", accessor)


def _chunk(kind: bytes, data: bytes, padding: bytes) -> bytes:
    data += padding * (-len(data) % 4)
    return struct.pack("<I4s", len(data), kind) + data
