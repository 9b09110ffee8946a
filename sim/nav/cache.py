"""Graphs on disk, found by what they were built from: the scene's surfaces, the body and the code."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import json
import math
from pathlib import Path
from typing import Any

import deflate
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

import scenes
from scenes.body import BodySize
from scenes.cache import cache_folder, digest_of, keep, read_kept
from scenes.scene import Scene
from scenes.walkable import Grid
from sim.nav.distances import Elimination
from sim.nav.ground import Ground, Island, build_ground
from sim.nav.roads import Roads, build_roads

_GROUND = [field.name for field in dataclasses.fields(Ground) if field.name not in {"grid", "body", "islands"}]
_ROADS = [field.name for field in dataclasses.fields(Roads) if field.name not in {"graph", "elimination"}]
_ELIMINATION = [field.name for field in dataclasses.fields(Elimination)]
_GRAPH = ("data", "indices", "indptr")
_FASTEST = 1


def load_or_build(scene: Scene, body: BodySize) -> tuple[Ground, Roads]:
    """A ground and its roads, from the cache if they are there.

    Raises:
        HomeError: no floor, or the body fits nowhere.
    """
    path = cache_folder() / f"{_key(scene, body)}.nav"
    kept = read_kept(path, _from_bytes)
    if kept is not None:
        return kept
    ground = build_ground(scene, body)
    roads = build_roads(ground)
    keep(path, _to_bytes(ground, roads))
    return ground, roads


def _to_bytes(ground: Ground, roads: Roads) -> bytes:
    arrays: dict[str, npt.NDArray[Any]] = {name: getattr(ground, name) for name in _GROUND}
    arrays |= {f"roads_{name}": getattr(roads, name) for name in _ROADS}
    arrays |= {f"elimination_{name}": getattr(roads.elimination, name) for name in _ELIMINATION}
    arrays |= {f"graph_{name}": getattr(roads.graph, name) for name in _GRAPH}
    head = {
        "grid": dataclasses.asdict(ground.grid),
        "body": dataclasses.asdict(ground.body),
        "islands": [dataclasses.asdict(island) for island in ground.islands],
        "arrays": {name: [array.dtype.str, array.shape] for name, array in arrays.items()},
    }
    buffer = io.BytesIO()
    files: dict[str, Any] = {name: _packed(array) for name, array in arrays.items()}
    np.savez(buffer, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **files)
    return buffer.getvalue()


def _from_bytes(data: bytes) -> tuple[Ground, Roads]:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        head = json.loads(file["head"].tobytes())
        arrays = {name: _unpacked(file[name], *kind) for name, kind in head["arrays"].items()}
    grid = Grid(tuple(head["grid"]["origin_m"]), tuple(head["grid"]["shape"]), head["grid"]["cell_m"])
    islands = tuple(Island(i["name"], i["area_m2"], tuple(i["rooms"]), tuple(i["levels"])) for i in head["islands"])
    body = BodySize(**head["body"])
    ground = Ground(grid=grid, body=body, islands=islands, **{name: arrays[name] for name in _GROUND})
    count = len(arrays["roads_points"])
    return ground, Roads(
        graph=csr_array(tuple(arrays[f"graph_{name}"] for name in _GRAPH), shape=(count, count)),
        elimination=Elimination(**{name: arrays[f"elimination_{name}"] for name in _ELIMINATION}),
        **{name: arrays[f"roads_{name}"] for name in _ROADS},
    )


def _packed(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """An array column by column, compressed; whole numbers by their steps, which repeat more than they do."""
    steps = np.diff(array, axis=0, prepend=array[:1] * 0) if array.dtype.kind == "i" else array
    return np.frombuffer(deflate.deflate_compress(np.ascontiguousarray(steps.T).tobytes(), _FASTEST), np.uint8)


def _unpacked(packed: npt.NDArray[np.uint8], kind: str, shape: list[int]) -> npt.NDArray[Any]:
    """The reverse of `_packed`."""
    dtype = np.dtype(kind)
    try:
        data = deflate.deflate_decompress(packed.tobytes(), math.prod(shape) * dtype.itemsize)
    except deflate.DeflateError as error:
        raise ValueError(str(error)) from error
    steps = np.frombuffer(data, dtype).reshape(shape[::-1]).T
    return np.cumsum(steps, axis=0, dtype=dtype, out=np.empty(shape, dtype)) if dtype.kind == "i" else steps.copy()


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
    walkable = Path(scenes.__file__).parent / "walkable"
    return digest_of([*walkable.glob("*.py"), *Path(__file__).parent.glob("*.py")])
