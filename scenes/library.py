"""From a name or a path to a scene: bundled homes, `.sh3d` files, and OBJ exports."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from pathlib import Path

from scenes.apart import build_apart
from scenes.bundled import bundled_names, bundled_path
from scenes.cache import cache_folder, from_bytes, keep, load_cached, scene_file_name, sealed, to_bytes, unsealed
from scenes.close import close
from scenes.errors import HomeError
from scenes.kinds import is_obj, is_xml, read_file
from scenes.scene import Scene


def find_home(name_or_path: str) -> Path:
    """The file of a bundled scene, or of a path.

    Raises:
        HomeError: neither.
    """
    if name_or_path in bundled_names():
        return bundled_path(name_or_path)
    path = Path(name_or_path)
    if path.is_file():
        return path
    names = ", ".join(bundled_names())
    near = _did_you_mean(path, bundled_names())
    if path.is_dir():
        raise HomeError(f"{name_or_path!r} is a folder; name a home's file, or a bundled scene ({names}){near}")
    raise HomeError(f"{name_or_path!r} is neither a file nor a bundled scene (those are: {names}){near}")


def _did_you_mean(path: Path, bundled: Sequence[str]) -> str:
    """Return "; did you mean ...?" for a bundled scene, or a home beside the path, of nearly that name."""
    folder = path if path.is_dir() else path.parent
    beside = {str(file): file.name for file in folder.glob("*.sh3d")} if folder.is_dir() else {}
    known = {name.casefold(): name for name in bundled} | {name.casefold(): file for file, name in beside.items()}
    near = difflib.get_close_matches(path.name.casefold(), known, n=1)
    return f"; did you mean {known[near[0]]}?" if near else ""


def load_scene(name_or_path: str, *, cached: bool = True, closed: bool = False) -> Scene:
    """The scene of a bundled home or of a file; from the cache where it has been built before.

    A file that is not ours is built in a process of its own, within the limits of `scenes.limits`.
    `closed`: walls that enclose a space without a room get a floor and a ceiling; see `scenes.close`.

    Raises:
        HomeError: not found, not a home, damaged beyond use, or over a limit.
    """
    path = find_home(name_or_path)
    data = read_file(path)
    cached = cached and not is_obj(data, path.name)  # an OBJ is of several files
    name = scene_file_name(data)
    scene = load_cached(name) if cached else None
    if scene is None:
        kept = unsealed(name, build_kept(path) if name_or_path in bundled_names() else build_apart(path))
        if cached:
            keep(cache_folder() / name, kept)
        scene = from_bytes(kept)
    scene = dataclasses.replace(scene, name=path.stem)
    return close(scene) if closed else scene


def build_kept(path: Path) -> bytes:
    """Build the scene of a file in this process; return it in the bytes that the cache keeps, with their seal."""
    data = read_file(path)
    return sealed(scene_file_name(data), to_bytes(_build(path, data)))


def _build(path: Path, data: bytes) -> Scene:
    """The scene of a file, whose kind its content tells, not its name."""
    from scenes.build.assemble import build_scene
    from scenes.home.archive import open_archive
    from scenes.home.reader import holds_home, parse_archive, parse_home
    from scenes.obj_import import load_obj_scene, parse_obj_scene
    from scenes.obj_import.files import find_obj

    if is_xml(data):
        return build_scene(parse_home(data, path.stem))
    if is_obj(data, path.name):
        return load_obj_scene(path)
    archive = open_archive(data)
    if not holds_home(archive) and any(name.lower().endswith(".obj") for name in archive.names()):
        return parse_obj_scene(archive, find_obj(archive), path.stem)
    return build_scene(parse_archive(archive, path.stem))
