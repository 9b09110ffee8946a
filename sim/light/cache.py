"""Baked light on disk, found by the scene, the preset and the code that bakes, as `scenes.cache` keeps scenes."""

from __future__ import annotations

import functools
import hashlib
import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from scenes.cache import cache_folder
from scenes.files import write_whole
from scenes.scene import Scene
from sim.light.bake import LitScene, bake, under_sky
from sim.light.cut import with_mesh
from sim.light.presets import Preset


def load_lit(scene: Scene, preset: Preset, *, progress: Callable[[float], None] | None = None) -> LitScene:
    """A scene with its light; from the cache where it has been baked before.

    `progress` is told the share that is done, while it is baked.
    """
    path = cache_folder() / f"{_key(scene, preset)}.light"
    lit = _read(path, scene, preset)
    if lit is None:
        lit = bake(scene, preset, progress=progress)
        _store(path, lit)
    return lit


def _key(scene: Scene, preset: Preset) -> str:
    """A hash of all that bears on the light."""
    digest = hashlib.sha256(_code_digest())
    for array in (scene.vertices, scene.normals, scene.uvs, scene.triangles):
        digest.update(str(array.shape).encode() + array.tobytes())
    tables = (scene.levels, scene.rooms, scene.instances, scene.parts, scene.materials, scene.lights)
    digest.update(repr((tables, scene.surroundings, preset)).encode())
    for texture in scene.textures:
        digest.update(len(texture.data).to_bytes(8, "little") + texture.data)
    return digest.hexdigest()[:32]


def _read(path: Path, scene: Scene, preset: Preset) -> LitScene | None:
    """What is kept at a path; None if there is nothing, or if it is damaged (it will be baked again)."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            cut = with_mesh(scene, file["vertices"], file["triangles"], file["runs"])
            return LitScene(under_sky(cut, preset), file["light"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        warnings.warn(f"the cached light {path} is damaged ({error}); baking it again", stacklevel=3)
        return None


def _store(path: Path, lit: LitScene) -> None:
    """Keeps light. A folder that cannot be written is announced, and the light goes uncached."""
    cut, buffer = lit.scene, io.BytesIO()
    vertices = np.concatenate([cut.vertices, cut.normals, cut.uvs], axis=1)
    runs = np.array([(part.vertices, part.triangles) for part in cut.parts], np.int64).reshape(-1, 2)
    np.savez(buffer, vertices=vertices, triangles=cut.triangles, runs=runs, light=lit.light)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, buffer.getvalue())
    except OSError as error:
        warnings.warn(f"light is not cached: {error}; set STAIRWELL_CACHE to a folder that is writable", stacklevel=3)


@functools.cache
def _code_digest() -> bytes:
    """A hash of the modules that bake."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()
