"""From a name or a path to a scene: bundled homes, `.sh3d` files, and OBJ exports."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from scenes.cache import cache_key, load_cached, store
from scenes.errors import HomeError
from scenes.scene import Scene

HOME_ENDINGS = (".sh3d", ".sh3x", ".xml")
OBJ_ENDINGS = (".obj", ".zip")


def find_home(name_or_path: str) -> Path:
    """The file of a bundled scene, or of a path.

    Raises:
        HomeError: neither.
    """
    from scenes.bundled import bundled_names, bundled_path

    if name_or_path in bundled_names():
        return bundled_path(name_or_path)
    path = Path(name_or_path)
    if path.is_file():
        return path
    names = ", ".join(bundled_names())
    raise HomeError(f"{name_or_path!r} is neither a file nor a bundled scene (those are: {names})")


def load_scene(name_or_path: str, *, cached: bool = True) -> Scene:
    """The scene of a bundled home or of a file; from the cache where it has been built before.

    Raises:
        HomeError: not found, not a home, or damaged beyond use.
    """
    path = find_home(name_or_path)
    if path.suffix.lower() == ".obj" or not cached:
        return _build(path)
    key = cache_key(path.suffix.lower().encode() + path.read_bytes())
    scene = load_cached(key)
    if scene is None:
        scene = _build(path)
        store(key, scene)
    return dataclasses.replace(scene, name=path.stem)


def _build(path: Path) -> Scene:
    if path.suffix.lower() in OBJ_ENDINGS:
        from scenes.obj_import import load_obj_scene

        return load_obj_scene(path)
    from scenes.build.assemble import build_scene
    from scenes.home.reader import read_home

    return build_scene(read_home(path))
