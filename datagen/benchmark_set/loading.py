"""`load_set`: a benchmark set, every file of it held against its hash."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.store import frozen
from scenes.errors import HomeError
from scenes.scene import Point3
from sim.camera import Floats
from sim.episodes import EpisodeSet, read_episodes

ROUTES = "routes.json"


@dataclass(frozen=True)
class Start:
    """Where a body starts on a route. `position`: floor point, m; `yaw_deg`: its heading."""

    position: Point3
    yaw_deg: float


@dataclass(frozen=True)
class Route:
    """A route through a home. `points`: its crossings, floor points, m; `length_m`: the shortest way along them."""

    points: tuple[Point3, ...]
    starts: tuple[Start, ...]
    length_m: float


@dataclass(frozen=True)
class BenchmarkSet:
    """A benchmark set that is as it was frozen.

    Attributes:
        name: "stairwell-1".
        hash: of all that it holds; results name it.
        homes: the homes' files, by the names that datasets call them.
    """

    name: str
    hash: str
    homes: Mapping[str, Path]

    def episodes_file(self, home: str) -> Path:
        """The file of a home's PointNav episodes, for the environments' `episodes`.

        Raises:
            HomeError: no such home in the set, or the file was changed.
        """
        self._read(home, episodes_path(home))
        return frozen.FOLDER / self.name / episodes_path(home)

    def episodes(self, home: str) -> EpisodeSet:
        """The PointNav episodes of a home.

        Raises:
            HomeError: no such home in the set, or the file was changed.
        """
        return read_episodes(self.episodes_file(home))

    def route(self, home: str) -> Route:
        """The route through a home.

        Raises:
            HomeError: no such home in the set, or the file was changed.
        """
        return _route(json.loads(self._read(home, ROUTES))[home])

    def mounts(self, home: str) -> list[Floats]:
        """Return `T_world_mount` (4, 4) of the cameras that took the poses of a home, by their numbers.

        Raises:
            HomeError: no such home in the set, or the file was changed.
        """
        self.episodes_file(home)
        found: dict[int, Floats] = {}
        for row in frozen.find_set(self.name).poses().to_pylist():
            number = int(row["camera"].rsplit("-", 1)[1])
            if row["home"] == home and number not in found:
                found[number] = _mount(np.array(row["T_world_camera"]).reshape(4, 4), row["pan_deg"])
        return [found[number] for number in sorted(found)]

    def require(self, folder: Path) -> None:
        """Makes sure that a dataset renders this set.

        Raises:
            HomeError: it differs.
        """
        frozen.require_frozen(folder, self.name)

    def _read(self, home: str, path: str) -> bytes:
        if home not in self.homes:
            raise HomeError(f"benchmark set {self.name!r} has no home {home!r}; it has {', '.join(self.homes)}")
        return frozen.find_set(self.name).read(path)


def load_set(name: str) -> BenchmarkSet:
    """The benchmark set of a name.

    Raises:
        HomeError: there is none, or a file of it is missing or was changed.
    """
    benchmark = frozen.find_set(name)
    for path in benchmark.files:
        benchmark.read(path)
    return BenchmarkSet(name, benchmark.hash, {home: benchmark.folder / home_path(home) for home in benchmark.homes})


def home_path(home: str) -> str:
    """Where a set keeps a home."""
    return f"homes/{home}.sh3d"


def episodes_path(home: str) -> str:
    """Where a set keeps the episodes of a home."""
    return f"episodes/{home}.json"


def routes_to_json(routes: Mapping[str, Route]) -> bytes:
    """The routes by home, as a set keeps them."""
    return json.dumps({home: asdict(route) for home, route in routes.items()}, indent=1, allow_nan=False).encode()


def _route(said: Mapping[str, Any]) -> Route:
    starts = tuple(Start(_point(start["position"]), start["yaw_deg"]) for start in said["starts"])
    return Route(tuple(map(_point, said["points"])), starts, said["length_m"])


def _point(values: Sequence[float]) -> Point3:
    x, y, z = values
    return x, y, z


def _mount(T_world_camera: Floats, pan_deg: float) -> Floats:
    """The mount of a camera that looks in a direction with its pan, which is positive to the right."""
    yaw = math.atan2(T_world_camera[1, 2], T_world_camera[0, 2]) + math.radians(pan_deg)
    mount = np.eye(4)
    mount[:2, :2] = [[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]]
    mount[:3, 3] = T_world_camera[:3, 3]
    return mount
