"""What a dataset will take and be worth, by trying some of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.checks.finding import Finding
from datagen.checks.places import OUTDOORS, SceneJudge, place_findings
from datagen.checks.views import look_at, view_findings
from datagen.collect import Studio
from datagen.config import Config
from datagen.store import Storage
from datagen.store.episode import encode
from datagen.store.schema import frame_record
from datagen.tasks import task_of
from sim.output import depth_to_millimetres
from sim.renderers.visibility import CELL_M

_FRAMES = 8
_EPISODES = 6


@dataclass(frozen=True)
class Estimate:
    """About what it takes.

    `cpu_s`: of one core; `core_s`: as long as that takes here, where others may be at work, too; divide it by the
    number of cores.
    """

    frames: int
    bytes: int
    cpu_s: float
    core_s: float


@dataclass(frozen=True)
class Look:
    """What was seen of one episode.

    Attributes:
        frames: how many it has.
        frame_bytes: of a frame on the disk.
        plan_s, open_s, frame_s: CPU time to plan it, to open its home, and for a frame whose surroundings are known.
        cell_s: CPU time to work out what can be seen from a new place.
        cells, all_cells: how many such places it comes to, and there are in the home, about.
        slowdown: seconds that pass for a second of CPU time; 1 on a machine that is idle.
        findings: what is wrong with its views.
    """

    frames: int
    frame_bytes: float
    plan_s: float
    open_s: float
    frame_s: float
    cell_s: float
    cells: int
    all_cells: float
    slowdown: float
    findings: tuple[Finding, ...]


def some_of(config: Config, indices: Sequence[int]) -> list[int]:
    """A few of the episodes, so that as many policies and homes as can be are among them."""
    policies, homes = len(config.policies), len(config.homes)
    by_kind: dict[tuple[str, int], list[int]] = {}
    for index in sorted(indices)[: 20 * policies * homes]:
        task = task_of(config, index)
        by_kind.setdefault((task.policy, task.home), []).append(index)
    turns = max(1, _EPISODES // len(by_kind))
    firsts = [index for turn in range(turns) for of in by_kind.values() for index in of[turn : turn + 1]]
    if len(firsts) > _EPISODES:
        firsts = [firsts[len(firsts) * number // _EPISODES] for number in range(_EPISODES)]
    return firsts


def look(studio: Studio, index: int) -> Look:
    """Plans an episode, renders some of its frames twice, and judges them."""
    config = studio.job.config
    begun_s, begun_cpu_s = time.monotonic(), time.process_time()
    start_s = begun_cpu_s
    plan = studio.plan(index)
    plan_s, start_s = time.process_time() - start_s, time.process_time()
    for _ in studio.sample(plan, 1):
        pass
    open_s, start_s = time.process_time() - start_s, time.process_time()
    shown = list(studio.sample(plan, _FRAMES))
    cold_s, start_s = time.process_time() - start_s, time.process_time()
    storage = Storage(config.rgb, config.segmentation)
    sizes = [sum(map(len, encode(frame, storage)[0].values())) for frame, _ in studio.sample(plan, _FRAMES)]
    warm_s = time.process_time() - start_s
    slowdown = (time.monotonic() - begun_s) / max(time.process_time() - begun_cpu_s, 1e-3)
    records = [frame_record(frame, row, index, step, None) for step, (frame, row) in enumerate(shown)]
    views = [
        look_at(depth_to_millimetres(frame.depth), record) for (frame, _), record in zip(shown, records, strict=True)
    ]
    poses = [step.moment.view for step in plan.steps]
    moved = [
        {"T_world_camera": view.T_world_camera, "fx": view.intrinsics.fx, "width": view.intrinsics.width, "moving": []}
        for view in poses
    ]
    outdoors = bool(config.content().get(OUTDOORS))
    home = studio.job.homes[plan.task.home].name
    place = f"episode {index}, {home}, {plan.task.policy}"
    positions = np.array([view.T_world_camera[:3, 3] for view in poses])
    cells = len(np.unique(np.floor(positions / CELL_M), axis=0))
    tried = len(np.unique(np.floor(np.array([frame.T_world_camera[:3, 3] for frame, _ in shown]) / CELL_M), axis=0))
    area_m2 = sum(room.area_m2 for room in plan.place.scene.rooms)
    return Look(
        len(poses),
        float(np.mean(sizes)),
        plan_s,
        open_s,
        warm_s / len(shown),
        max(cold_s - warm_s, 0.0) / tried,
        cells,
        max(area_m2 / float(CELL_M[0] * CELL_M[1]), cells),
        max(slowdown, 1.0),
        (
            *view_findings(views, moved, place),
            *place_findings(SceneJudge(plan.place.scene), home, {place: moved}, outdoors=outdoors),
        ),
    )


def estimate(looks: Sequence[Look], episodes: int) -> Estimate:
    """What so many episodes like these will take."""
    share = episodes / len(looks)
    frames = sum(one.frames for one in looks) * share
    size = sum(one.frames * one.frame_bytes for one in looks) * share
    cpu_s = sum(one.plan_s + one.frames * one.frame_s for one in looks) * share + sum(one.open_s for one in looks)
    for one in looks:  # the places that so many episodes come to, if each comes to any of them
        new = one.all_cells * (1 - (1 - one.cells / one.all_cells) ** share)
        cpu_s += one.cell_s * new
    return Estimate(round(frames), round(size), cpu_s, cpu_s * float(np.median([one.slowdown for one in looks])))
