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

from scenes.files import write_whole
from scenes.limits import limits
from scenes.scene import (
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
    return hashlib.sha256(_code_digest() + hashlib.sha256(within + source).digest()).hexdigest()[:32]


def load_cached(key: str) -> Scene | None:
    """The scene kept under a key; None if there is none, or if its file is damaged (it will be built again)."""
    return read_kept(cache_folder() / f"{key}.scene", from_bytes)


def store(key: str, scene: Scene) -> None:
    """Keeps a scene. A folder that cannot be written is announced, and the scene goes uncached."""
    keep(cache_folder() / f"{key}.scene", to_bytes(scene))


def read_kept(path: Path, read: Callable[[bytes], T]) -> T | None:
    """What `read` makes of a kept file; None if there is none, or, with a warning, if it is damaged."""
    try:
        return read(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        warnings.warn(f"the cached {path} is damaged ({error}); making it again", stacklevel=3)
        return None


def keep(path: Path, data: bytes) -> bool:
    """Keeps a file in the cache, whole or not at all; whether it could. What cannot be written is announced."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        return True
    except OSError as error:
        message = f"{path.name} is not cached: {error}; set STAIRWELL_CACHE to a folder that is writable"
        warnings.warn(message, stacklevel=3)
        return False


def digest_of(files: Iterable[Path]) -> bytes:
    """A hash of files and their names, for what is made by their code."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(files):
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
        ValueError, KeyError, TypeError: not such bytes.
    """
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
