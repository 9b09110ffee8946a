"""Built scenes on disk, found by what they were built from.

The key is the hash of the home's bytes and of the code that builds, so that a changed home or a changed Stairwell
builds anew and nothing is ever stale. A scene is one file, renamed into place when it is whole: two processes that
build the same scene at once write the same bytes, and readers see one of them.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import json
import os
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from scenes.errors import HomeError, reading
from scenes.files import write_whole
from scenes.limits import limits
from scenes.scene import (
    CATEGORIES,
    NO_TEXTURE,
    Instance,
    Level,
    Light,
    Material,
    Part,
    Room,
    Scene,
    Surroundings,
    Texture,
    Viewpoint,
)

T = TypeVar("T")

_SEAL_BYTES = hashlib.sha256().digest_size
_ARRAYS = ("vertices", "normals", "uvs", "triangles")
_TABLES: dict[str, type[Any]] = {
    "levels": Level,
    "rooms": Room,
    "instances": Instance,
    "parts": Part,
    "materials": Material,
    "lights": Light,
    "viewpoints": Viewpoint,
}


def cache_folder() -> Path:
    """Where built scenes are kept: `$STAIRWELL_CACHE`, else `stairwell` in the user's cache folder."""
    own = os.environ.get("STAIRWELL_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(own) if own else Path(base) / "stairwell"


def cache_key(source: bytes) -> str:
    """The name under which what is built of these bytes, within the limits that hold, is kept."""
    within = repr(dataclasses.replace(limits(), seconds=1, memory_mib=1)).encode()
    digest = hashlib.sha256(_code_digest() + within)
    digest.update(source)
    return digest.hexdigest()[:32]


def scene_file_name(source: bytes) -> str:
    """The name of the file in which the scene that is built of these bytes is kept."""
    return f"{cache_key(source)}.scene"


def load_cached(name: str) -> Scene | None:
    """The scene in the kept file of this name; None if there is none, or if it is damaged (it will be built again)."""
    return read_kept(cache_folder() / name, from_bytes)


def sealed(name: str, data: bytes) -> bytes:
    """Data behind a hash of them and of the name that they are kept under, by which `unsealed` knows them again."""
    return _seal(name, data) + data


def unsealed(name: str, data: bytes) -> bytes:
    """The reverse of `sealed`.

    Raises:
        HomeError: the data are others than were kept under this name.
    """
    content = data[_SEAL_BYTES:]
    if data[:_SEAL_BYTES] != _seal(name, content):
        raise HomeError("these are not the bytes that were kept under this name")
    return content


def _seal(name: str, data: bytes) -> bytes:
    digest = hashlib.sha256(name.encode() + b"\0")
    digest.update(data)
    return digest.digest()


def _name_in_cache(path: Path) -> str:
    folder = cache_folder()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def read_kept(path: Path, read: Callable[[bytes], T]) -> T | None:
    """What `read` makes of a kept file; None if there is none, or, with a warning, if it is damaged."""
    try:
        return read(unsealed(_name_in_cache(path), path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        warnings.warn(f"the cached {path} is damaged ({error}); making it again", stacklevel=3)
        return None


def keep(path: Path, data: bytes) -> bool:
    """Keeps a file in the cache, whole or not at all; whether it could. What cannot be written is announced."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, sealed(_name_in_cache(path), data))
        return True
    except OSError as error:
        message = f"{path.name} is not cached: {error}; set STAIRWELL_CACHE to a folder that is writable"
        warnings.warn(message, stacklevel=3)
        return False


def digest_of(files: Iterable[Path]) -> bytes:
    """Return a hash of files and their names, and of how things are kept here, for what is made by their code."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted({*files, Path(__file__)}):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.digest()


def to_bytes(scene: Scene) -> bytes:
    """A scene as an uncompressed `.npz`: its arrays, its images, and the rest as JSON."""
    head: dict[str, Any] = {name: [_row(row) for row in getattr(scene, name)] for name in _TABLES}
    head |= {"name": scene.name, "warnings": scene.warnings, "surroundings": _row(scene.surroundings)}
    head["textures"] = [[texture.name, len(texture.data), texture.has_alpha] for texture in scene.textures]
    images = np.frombuffer(b"".join(texture.data for texture in scene.textures), np.uint8)
    arrays: dict[str, Any] = {name: getattr(scene, name) for name in _ARRAYS}
    buffer = io.BytesIO()
    np.savez(buffer, head=np.frombuffer(json.dumps(head).encode(), np.uint8), images=images, **arrays)
    return buffer.getvalue()


def from_bytes(data: bytes) -> Scene:
    """The reverse of `to_bytes`.

    Raises:
        HomeError: not such bytes, or a scene whose parts do not fit each other.
    """
    with reading("the kept scene is damaged"):
        scene = _parse(data)
        fault = _fault(scene)
    if fault is not None:
        raise HomeError(f"the kept scene is damaged: {fault}")
    return scene


def _parse(data: bytes) -> Scene:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in _ARRAYS}
        images = file["images"].tobytes()
        head = json.loads(file["head"].tobytes())
    tables: dict[str, Any] = {
        name: tuple(cls(*map(_frozen, row)) for row in head[name]) for name, cls in _TABLES.items()
    }
    textures = []
    start = 0
    for name, size, has_alpha in head["textures"]:
        textures.append(Texture(name, images[start : start + size], has_alpha))
        start += size
    return Scene(
        name=head["name"],
        warnings=tuple(head["warnings"]),
        surroundings=Surroundings(*map(_frozen, head["surroundings"])),
        textures=tuple(textures),
        **tables,
        **arrays,
    )


def _fault(scene: Scene) -> str | None:
    """What is wrong with a scene that is not whole: numbers that are none, references to nothing."""
    vertices, triangles = len(scene.vertices), len(scene.triangles)
    shapes = {"vertices": (vertices, 3), "normals": (vertices, 3), "uvs": (vertices, 2), "triangles": (triangles, 3)}
    for name, shape in shapes.items():
        array = getattr(scene, name)
        kind = np.int32 if name == "triangles" else np.float32
        if array.shape != shape or array.dtype != kind:
            return f"{name} are {array.dtype} {array.shape}, not {np.dtype(kind)} {shape}"
    if not all(np.isfinite(array).all() for array in (scene.vertices, scene.normals, scene.uvs)):
        return "a coordinate is not a finite number"
    if triangles and not 0 <= scene.triangles.min() <= scene.triangles.max() < vertices:
        return "triangles refer to vertices that are not there"
    ends = {"first_vertex": ("vertices", vertices), "first_triangle": ("triangles", triangles)}
    for first, (count, most) in ends.items():
        runs = [(getattr(part, first), getattr(part, count)) for part in scene.parts]
        if any(start != before + length for (start, _), (before, length) in zip(runs[1:], runs, strict=False)) or (
            runs and (runs[0][0], sum(runs[-1])) != (0, most)
        ):
            return f"the parts do not follow each other to the last of the {count}"
    references: dict[str, tuple[Iterable[int], int, int]] = {
        "instances": ((i.id - n for n, i in enumerate(scene.instances, 1)), 0, 1),
        "instances of parts": ((part.instance for part in scene.parts), 1, len(scene.instances) + 1),
        "materials": ((part.material for part in scene.parts), 0, len(scene.materials)),
        "textures": ((material.texture for material in scene.materials), NO_TEXTURE, len(scene.textures)),
        "textures of the sky": ((scene.surroundings.sky_texture,), NO_TEXTURE, len(scene.textures)),
        "levels": ((*(room.level for room in scene.rooms), *(i.level for i in scene.instances)), 0, len(scene.levels)),
        "instances of lights": ((light.instance for light in scene.lights), 0, len(scene.instances) + 1),
        "categories": ((CATEGORIES.index(i.category) for i in scene.instances), 0, len(CATEGORIES)),
    }
    for what, (numbers, low, end) in references.items():
        if not all(low <= number < end for number in numbers):
            return f"it refers to {what} that are not there"
    return None


def _row(value: Any) -> list[Any]:
    return [getattr(value, field.name) for field in dataclasses.fields(value)]


def _frozen(value: Any) -> Any:
    """JSON's lists as the tuples they were."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


@functools.cache
def _code_digest() -> bytes:
    """A hash of the modules and tables that scenes are built with."""
    package = Path(__file__).parent
    return digest_of([*package.rglob("*.py"), *(package.parent / "assets" / "materials").glob("*.json")])
