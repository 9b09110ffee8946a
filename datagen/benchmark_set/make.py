"""Making a benchmark set: poses that show something, episodes and a route in each home, frozen together.

Sets are made once. Made again by later code the same numbers may give another set, which needs another name.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datagen.benchmark_set.loading import ROUTES, Route, Start, episodes_path, home_path, routes_to_json
from datagen.benchmark_set.poses import Poses, draw_poses
from datagen.store import frozen, home_hash
from datagen.store.frozen import POSES, FrozenSet, pose_schema, write_set
from scenes.errors import HomeError
from scenes.files import write_whole
from scenes.library import load_scene
from scenes.scene import Point3
from sim.camera import Floats
from sim.envs.routes import FROZEN, crossings, route_start
from sim.episodes import draw_episodes, save_episodes
from sim.nav.graph import NavGraph


@dataclass(frozen=True)
class Recipe:
    """How large a set is.

    Attributes:
        seed: of all that is drawn.
        frames: per sequence of poses; there are eight in each home.
        size: width and height of the images, pixels.
        starts: of so many the best one is kept, for each sequence.
        episodes, route_starts: per home.
    """

    seed: int
    frames: int = 64
    size: tuple[int, int] = (224, 224)
    starts: int = 8
    episodes: int = 25
    route_starts: int = 5


def make_set(name: str, homes: Mapping[str, bytes], recipe: Recipe) -> FrozenSet:
    """Makes a set of homes (`.sh3d` files by name) and freezes it.

    Raises:
        HomeError: there is a set of this name; or what a home needs cannot be had in it.
    """
    folder = frozen.FOLDER / name
    if folder.exists():
        raise HomeError(f"{folder} exists; sets never change, choose another name")
    (folder / "homes").mkdir(parents=True)
    (folder / "episodes").mkdir()
    paths = {home: folder / home_path(home) for home in homes}
    for home, path in paths.items():
        write_whole(path, homes[home])
    poses = draw_poses(paths, recipe.seed, recipe.frames, recipe.size, recipe.starts)
    write_whole(folder / POSES, _parquet(poses))
    routes: dict[str, Route] = {}
    for number, (home, path) in enumerate(paths.items()):
        graph, rng = NavGraph.load(load_scene(str(path))), np.random.default_rng([recipe.seed, number])
        save_episodes(draw_episodes(graph, recipe.episodes, rng), folder / episodes_path(home))
        routes[home] = _draw_route(graph, recipe.route_starts, rng)
    write_whole(folder / ROUTES, routes_to_json(routes))
    hashes = {home: home_hash(path) for home, path in paths.items()}
    benchmark = FrozenSet(name, hashes, poses.config, poses.policies, _digests(folder))
    write_set(benchmark)
    return benchmark


def _draw_route(graph: NavGraph, starts: int, rng: np.random.Generator) -> Route:
    points = crossings(graph, FROZEN)
    length_m = float(graph.geodesics(points[:-1], points[1:]).sum())
    drawn = [route_start(points, graph, rng) for _ in range(starts)]
    return Route(tuple(map(_point, points)), tuple(Start(_point(start), yaw_deg) for start, yaw_deg in drawn), length_m)


def _point(values: Floats) -> Point3:
    x, y, z = values.tolist()
    return x, y, z


def _parquet(poses: Poses) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    buffer = io.BytesIO()
    table = pa.Table.from_pylist(poses.records, schema=pose_schema())
    parquet.write_table(table, buffer, compression="zstd", write_page_checksum=True)
    return buffer.getvalue()


def _digests(folder: Path) -> dict[str, str]:
    """sha256 of all files in a folder, by their paths there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
