"""`Studio`: makes the episodes of a job, keeping scenes and renderers between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Any

import numpy as np

from datagen.collect.fly import fly_moments
from datagen.collect.job import Job
from datagen.collect.moment import Moment, Moments
from datagen.collect.navigate import expert_moments
from datagen.collect.place import Place
from datagen.collect.ptz import ptz_moments
from datagen.collect.sets import Look, Sets, Shown
from datagen.config import EXPERT_POLICIES, PTZ_POLICIES, Config
from datagen.randomise.draws import Drawn, changes, draw
from datagen.store import Episode, EpisodeFacts, Row
from datagen.tasks import Task, generator, random_seed, task_of
from sim.capture import take
from sim.frame import Frame
from sim.sensors import parse_noise
from sim.shots import Shot
from sim.tour import locate

Collector = Callable[[Place, Config, Task], Moments]
COLLECTORS: dict[str, Collector] = {
    **dict.fromkeys(EXPERT_POLICIES, expert_moments),
    **dict.fromkeys(PTZ_POLICIES, ptz_moments),
    "fly": fly_moments,
}
JUMPS = ("teleporting", "fly")
"""Policies whose frames are apart: no exposure spans two of them."""


@dataclass(frozen=True)
class Step:
    """A moment, its number in the episode, and what was drawn for it."""

    number: int
    moment: Moment
    drawn: Drawn


@dataclass(frozen=True)
class Plan:
    """An episode before it is rendered: what it shows, where, and its steps."""

    task: Task
    place: Place
    steps: tuple[Step, ...]


class Studio:
    """Makes episodes in one process. Use it in a `with` statement: leaving it releases the renderers.

    Args:
        job: what is made.
        renderer: the name of the one that shows it, not "auto".
    """

    def __init__(self, job: Job, renderer: str) -> None:
        self.job = job
        self._sets = Sets(job, renderer)

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Releases the renderers; they open again when needed."""
        self._sets.close()

    def plan(self, index: int) -> Plan:
        """An episode before it is rendered."""
        task = task_of(self.job.config, index)
        place, steps, _ = self._steps(task)
        return Plan(task, place, tuple(steps))

    def sample(self, plan: Plan, count: int) -> Iterator[tuple[Frame, Row]]:
        """So many frames of an episode, evenly spread."""
        chosen = [plan.steps[len(plan.steps) * number // count] for number in range(min(count, len(plan.steps)))]
        for look, group in groupby(chosen, lambda step: _look(plan.task, step.drawn)):
            shown = self._sets.shown(look)
            for step, shot, frame in self._frames(plan.task, plan.place, shown, list(group)):
                yield frame, self._row(plan.task, step.moment, shot, {})

    def episode(self, index: int) -> Episode:
        """The frames of an episode: they depend on the job and the index alone.

        Raises:
            HomeError: what is asked for cannot be had in this home.
        """
        task = task_of(self.job.config, index)
        place, steps, outcome = self._steps(task)
        names = _names_of_moving(place, steps)
        record: dict[str, Any] = {"policy": task.policy, "steps": changes([step.drawn for step in steps])}
        for look, group in groupby(steps, lambda step: _look(task, step.drawn)):
            shown, run = self._sets.shown(look), list(group)
            if shown.record:
                record.setdefault("looks", []).append({"step": run[0].number} | shown.record)
            for step, shot, frame in self._frames(task, place, shown, run):
                bodies = step.moment.bodies
                yield frame, self._row(task, step.moment, shot, {name: bodies[body] for body, name in names.items()})
        home = self.job.homes[task.home]
        return EpisodeFacts(home.name, home.digest, outcome, record)

    def prepare(self, home: int) -> None:
        """Loads what the episodes of a home will need, so that it is in the caches of this machine."""
        config = self.job.config
        layouts = range(config.randomise.furniture.layouts) if config.randomise.furniture else (None,)
        for layout in layouts:
            self._sets.prepare(home, layout)

    def _steps(self, task: Task) -> tuple[Place, list[Step], str]:
        """The steps of an episode before they are rendered, and how it ends."""
        config = self.job.config
        place = self._sets.place(task.home, draw(config, task, 0).layout)
        moments = COLLECTORS[task.policy](place, config, task)
        steps: list[Step] = []
        while True:
            try:
                moment = next(moments)
            except StopIteration as end:
                return place, steps, str(end.value)
            steps.append(Step(len(steps), moment, draw(config, task, len(steps))))

    def _frames(
        self, task: Task, place: Place, shown: Shown, steps: Sequence[Step]
    ) -> Iterator[tuple[Step, Shot, Frame]]:
        """The frames of steps that look alike."""
        for noise, group in groupby(steps, lambda step: step.drawn.noise):
            sensor, run = parse_noise(noise) if noise else None, list(group)
            for part in [[step] for step in run] if task.policy in JUMPS else [run]:
                seed = random_seed(generator(self.job.config, "sensor", task.index, part[0].number))
                taking = take(shown.renderer, [_shot(place, step) for step in part], sensor, seed)
                for step in part:
                    shown.place(step.moment.bodies)
                    yield step, *next(taking)

    def _row(self, task: Task, moment: Moment, shot: Shot, moving: dict[str, Any]) -> Row:
        return Row(
            time_s=moment.time_s,
            home=self.job.homes[task.home].name,
            level=shot.level,
            room=shot.room,
            camera=moment.camera,
            pan_deg=moment.ptz.pan_deg if moment.ptz else None,
            tilt_deg=moment.ptz.tilt_deg if moment.ptz else None,
            zoom=moment.ptz.zoom if moment.ptz else None,
            action=moment.action,
            command=moment.command,
            command_threshold=moment.command_threshold,
            moving=moving,
            goal_distance_m=moment.goal[0] if moment.goal else None,
            goal_bearing_deg=moment.goal[1] if moment.goal else None,
            way_bearing_deg=moment.way_bearing_deg,
        )


def _shot(place: Place, step: Step) -> Shot:
    view = step.drawn.seen_from(step.moment.view)
    level, room = locate(place.scene, view.T_world_camera[:3, 3].tolist())
    return Shot(step.moment.time_s, view, level, room, step.moment.ptz)


def _look(task: Task, drawn: Drawn) -> Look:
    return Look(task.home, drawn.layout, drawn.light, None if drawn.paint is None else (task.index, drawn.paint))


def _names_of_moving(place: Place, steps: Sequence[Step]) -> dict[int, str]:
    """The bodies whose poses belong into the record: who walks, and the leaves of doors that swing."""
    if not place.is_busy:
        return {}
    walkers = {index: name for name, index in place.traffic.moving.items()}
    first = steps[0].moment.bodies
    swinging = {
        body: f"{place.traffic.instances[body].source} {body}"
        for body in first
        if body not in walkers
        and any(not np.array_equal(step.moment.bodies[body], place.open_leaves[body]) for step in steps)
    }
    return swinging | walkers
