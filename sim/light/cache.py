"""Baked light on disk, found by the scene, the preset and the code that bakes, as `scenes.cache` keeps scenes."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from scenes.cache import cache_folder, digest_of, keep, read_kept
from scenes.scene import Scene
from sim.light.bake import LitScene, bake, under_sky
from sim.light.cut import with_mesh
from sim.light.presets import Preset


def load_lit(scene: Scene, preset: Preset, *, progress: Callable[[float], None] | None = None) -> LitScene:
    """A scene with its light; from the cache where it has been baked before.

    `progress` is told the share that is done, while it is baked.
    """
    path = cache_folder() / f"{_key(scene, preset)}.light"
    lit = read_kept(path, lambda data: _from_bytes(data, scene, preset))
    if lit is None:
        lit = bake(scene, preset, progress=progress)
        keep(path, _to_bytes(lit))
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


def _from_bytes(data: bytes, scene: Scene, preset: Preset) -> LitScene:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        cut = with_mesh(scene, file["vertices"], file["triangles"], file["runs"])
        return LitScene(under_sky(cut, preset), file["light"])


def _to_bytes(lit: LitScene) -> bytes:
    cut, buffer = lit.scene, io.BytesIO()
    vertices = np.concatenate([cut.vertices, cut.normals, cut.uvs], axis=1)
    runs = np.array([(part.vertices, part.triangles) for part in cut.parts], np.int64).reshape(-1, 2)
    np.savez(buffer, vertices=vertices, triangles=cut.triangles, runs=runs, light=lit.light)
    return buffer.getvalue()


@functools.cache
def _code_digest() -> bytes:
    """A hash of the modules that bake."""
    return digest_of(Path(__file__).parent.glob("*.py"))
