"""Graphs on disk, found by what they were built from: the scene's surfaces, the body and the code."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

import scenes
from scenes.body import BodySize
from scenes.cache import cache_folder
from scenes.files import write_whole
from scenes.scene import Scene
from scenes.walkable import Grid
from sim.nav.ground import Ground, Island, build_ground
from sim.nav.roads import Roads, build_roads

_GROUND = [field.name for field in dataclasses.fields(Ground) if field.name not in {"grid", "body", "islands"}]
_ROADS = [field.name for field in dataclasses.fields(Roads) if field.name != "graph"]
_GRAPH = ("data", "indices", "indptr")


def load_or_build(scene: Scene, body: BodySize) -> tuple[Ground, Roads]:
    """A ground and its roads, from the cache if they are there.

    Raises:
        HomeError: no floor, or the body fits nowhere.
    """
    path = cache_folder() / f"{_key(scene, body)}.nav"
    try:
        return _from_bytes(path.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        warnings.warn(f"the cached graph {path} is damaged ({error}); building it again", stacklevel=3)
    ground = build_ground(scene, body)
    roads = build_roads(ground)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _to_bytes(ground, roads))
    except OSError as error:
        warnings.warn(f"graphs are not cached: {error}; set STAIRWELL_CACHE to a folder that is writable", stacklevel=3)
    return ground, roads


def _to_bytes(ground: Ground, roads: Roads) -> bytes:
    head = {
        "grid": dataclasses.asdict(ground.grid),
        "body": dataclasses.asdict(ground.body),
        "islands": [dataclasses.asdict(island) for island in ground.islands],
    }
    arrays: dict[str, Any] = {name: getattr(ground, name) for name in _GROUND}
    arrays |= {f"roads_{name}": getattr(roads, name) for name in _ROADS}
    arrays |= {f"graph_{name}": getattr(roads.graph, name) for name in _GRAPH}
    buffer = io.BytesIO()
    np.savez(buffer, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)
    return buffer.getvalue()


def _from_bytes(data: bytes) -> tuple[Ground, Roads]:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        head = json.loads(file["head"].tobytes())
        ground_arrays = {name: file[name] for name in _GROUND}
        road_arrays = {name: file[f"roads_{name}"] for name in _ROADS}
        sparse = tuple(file[f"graph_{name}"] for name in _GRAPH)
    grid = Grid(tuple(head["grid"]["origin_m"]), tuple(head["grid"]["shape"]), head["grid"]["cell_m"])
    islands = tuple(Island(i["name"], i["area_m2"], tuple(i["rooms"]), tuple(i["levels"])) for i in head["islands"])
    ground = Ground(grid=grid, body=BodySize(**head["body"]), islands=islands, **ground_arrays)
    count = len(road_arrays["points"])
    return ground, Roads(graph=csr_array(sparse, shape=(count, count)), **road_arrays)


def _key(scene: Scene, body: BodySize) -> str:
    digest = hashlib.sha256(_code_digest())
    for array in (scene.vertices, scene.triangles):
        digest.update(np.ascontiguousarray(array).tobytes())
    tables = [[dataclasses.astuple(row) for row in rows] for rows in (scene.levels, scene.rooms, scene.parts)]
    kinds = [(instance.category, instance.level) for instance in scene.instances]
    digest.update(json.dumps([scene.name, dataclasses.astuple(body), tables, kinds]).encode())
    return digest.hexdigest()[:32]


@functools.cache
def _code_digest() -> bytes:
    """A hash of the modules that graphs are built with."""
    digest = hashlib.sha256()
    walkable = Path(scenes.__file__).parent / "walkable"
    for path in sorted([*walkable.glob("*.py"), *Path(__file__).parent.glob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()
