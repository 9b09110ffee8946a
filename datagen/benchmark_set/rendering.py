"""The poses of a benchmark set, rendered as a dataset like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from datagen.benchmark_set.loading import BenchmarkSet
from datagen.collect.place import Place
from datagen.store import Episode, EpisodeFacts, HomeEntry, Row, Spec, writing
from datagen.store.frozen import FrozenSet, find_set, require_frozen
from scenes.info import scene_info
from scenes.library import load_scene
from sim.camera import Intrinsics
from sim.frame import Renderer
from sim.renderers.choose import open_renderer
from sim.traffic import TrafficPlan


def render_set(
    benchmark: BenchmarkSet, folder: Path, renderer: str = "auto", progress: Callable[[], None] = lambda: None
) -> str:
    """Renders the poses of a set, or what is missing of them; the dataset's content hash. `progress`: per episode.

    Doors stand open, and nothing moves.

    Raises:
        HomeError: the folder holds something else, or the disk refuses.
        RendererError: the renderer does not work here.
    """
    frozen = find_set(benchmark.name)
    rows = _by_episode(frozen)
    with _open(benchmark, next(iter(benchmark.homes)), renderer) as opened:
        name, driver = opened.name, opened.driver
    with writing(folder, _spec(benchmark, frozen, name, driver)) as store:
        missing = store.missing()
        for home in dict.fromkeys(rows[index][0]["home"] for index in missing):
            with _open(benchmark, home, name) as opened:
                for index in missing:
                    if rows[index][0]["home"] == home:
                        facts = EpisodeFacts(home, frozen.homes[home], "done", {"policy": frozen.policies[index]})
                        store.write(index, _episode(opened, rows[index], facts))
                        progress()
        content_hash = store.finish()
    require_frozen(folder, benchmark.name)
    return content_hash


def _by_episode(frozen: FrozenSet) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = [[] for _ in frozen.policies]
    for record in frozen.poses().to_pylist():
        rows[record["episode"]].append(record)
    return rows


def _spec(benchmark: BenchmarkSet, frozen: FrozenSet, renderer: str, driver: str) -> Spec:
    infos = {home: scene_info(load_scene(str(path))) for home, path in benchmark.homes.items()}
    return Spec(
        config=frozen.dataset_config(),
        episodes=len(frozen.policies),
        homes={home: HomeEntry(frozen.homes[home], info) for home, info in infos.items()},
        renderer=renderer,
        driver=driver,
    )


def _open(benchmark: BenchmarkSet, home: str, renderer: str) -> Renderer:
    """A home with its doors open."""
    scene = load_scene(str(benchmark.homes[home]))
    place = Place(scene, scene, TrafficPlan())
    opened = open_renderer(renderer, scene, bodies=place.traffic.bodies)
    for body, pose in place.open_leaves.items():
        opened.place(body, pose)
    return opened


def _episode(renderer: Renderer, rows: Sequence[Mapping[str, Any]], facts: EpisodeFacts) -> Episode:
    for record in rows:
        camera = Intrinsics(*(record[name] for name in ("width", "height", "fx", "fy", "cx", "cy")))
        frame = renderer.render(camera, np.array(record["T_world_camera"]).reshape(4, 4))
        yield frame, Row(
            **{name: record[name] for name in ("time_s", "home", "level", "room", "camera", "pan_deg", "tilt_deg",
                                               "zoom", "command", "command_threshold")},
            action=tuple(record["action"]),
        )  # fmt: skip
    return facts
