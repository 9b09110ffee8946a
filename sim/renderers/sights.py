"""What can be seen from cells of a scene, kept on disk: found by the surfaces it was worked out from, and the code.

Each cell is a small file, so that processes which show the same home share what any of them has worked out.
"""

from __future__ import annotations

import functools
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scenes.cache import cache_folder, digest_of, keep, read_kept
from scenes.scene import Scene
from sim.renderers.chunks import Chunks

_FASTEST = 1
Cell = tuple[int, int, int]


@dataclass(frozen=True)
class Sight:
    """What is in sight of a cell: `chunks` (C,) that stand still, and `voxels` of space, as bits."""

    chunks: npt.NDArray[np.bool_]
    voxels: npt.NDArray[np.uint8]


class KeptSights:
    """The sights of a scene on disk. `voxels`: how many voxels its space has."""

    def __init__(self, scene: Scene, chunks: Chunks, voxels: int) -> None:
        self._folder = cache_folder() / f"{_key(scene, chunks)}.sights"
        self._sizes = len(chunks.kind), (voxels + 7) // 8
        self._keeps = True

    def find(self, cell: Cell, work_out: Callable[[], Sight]) -> Sight:
        """The sight of a cell; worked out and kept if it is not there yet."""
        path = self._folder / "_".join(map(str, cell))
        sight = read_kept(path, self._from_bytes)
        if sight is None:
            sight = work_out()
            if self._keeps:
                self._keeps = keep(path, _to_bytes(sight))
        return sight

    def _from_bytes(self, data: bytes) -> Sight:
        count, size = self._sizes
        try:
            bits = np.frombuffer(zlib.decompress(data), np.uint8)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if len(bits) != (count + 7) // 8 + size:
            raise ValueError("a sight of another scene")
        return Sight(np.unpackbits(bits[:-size], count=count).astype(np.bool_), bits[-size:])


def _to_bytes(sight: Sight) -> bytes:
    return zlib.compress(np.packbits(sight.chunks).tobytes() + sight.voxels.tobytes(), _FASTEST)


def _key(scene: Scene, chunks: Chunks) -> str:
    digest = hashlib.sha256(_code_digest())
    for array in (scene.vertices, scene.triangles, chunks.chunk_of_triangle, chunks.kind, chunks.body):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:32]


@functools.cache
def _code_digest() -> bytes:
    """A hash of what sights are worked out with."""
    here = Path(__file__).parent
    code = digest_of(
        [*(here / name for name in ("visibility.py", "chunks.py", "sights.py")), here.parent / "raycasting.py"]
    )
    return code + metadata.version("open3d").encode()
