"""What is drawn for each step of an episode: the settings at work there, by their schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.config import Config
from datagen.randomise.settings import RandomName, RandomSetting, When
from datagen.randomise.values import draw_number
from datagen.tasks import Task, generator
from sim.camera import Floats
from sim.frame import View


@dataclass(frozen=True)
class Drawn:
    """What is at work at a step.

    Attributes:
        layout: arrangement of the furniture; None: as drawn in the home.
        light: preset of baked light, or "none".
        paint: how many paints of this episode came before; None: as drawn in the home.
        height_m, tilt_deg, fov_factor: what is added to the camera, and multiplied.
        noise: sensor noise in text form.
    """

    layout: int | None
    light: str
    paint: int | None
    height_m: float
    tilt_deg: float
    fov_factor: float
    noise: str

    def seen_from(self, view: View) -> View:
        """A view with the camera as it was drawn: lifted, leaning up, with a wider or narrower view."""
        pose = view.T_world_camera @ _leaning_up(self.tilt_deg)
        pose[2, 3] += self.height_m
        camera = view.intrinsics
        fx, fy = camera.fx / self.fov_factor, camera.fy / self.fov_factor
        return View(type(camera)(camera.width, camera.height, fx, fy, camera.cx, camera.cy), pose)


def draw(config: Config, task: Task, step: int) -> Drawn:
    """What is at work at a step of an episode; the same whichever other settings vary."""
    randomise = config.randomise
    furniture = randomise.furniture
    layout = _rng(config, "furniture", task, furniture.when if furniture else "never", step)
    paint = randomise.paint
    return Drawn(
        layout=int(layout.integers(furniture.layouts)) if furniture and layout else None,
        light=_name(config, "light", task, randomise.light, step, config.light),
        paint=_period(paint.when, step) if paint else None,
        height_m=_number(config, "height_m", task, randomise.height_m, step, 0.0),
        tilt_deg=_number(config, "tilt_deg", task, randomise.tilt_deg, step, 0.0),
        fov_factor=_number(config, "fov_factor", task, randomise.fov_factor, step, 1.0),
        noise=_name(config, "noise", task, randomise.noise, step, config.noise),
    )


def changes(drawn: list[Drawn]) -> list[dict[str, Any]]:
    """What was drawn for the steps of an episode, as JSON: whenever something changes, the step and the new values."""
    said: list[dict[str, Any]] = []
    before: dict[str, Any] = {}
    for step, now in enumerate(drawn):
        values = vars(now)
        changed = {name: value for name, value in values.items() if step == 0 or before[name] != value}
        if changed:
            said.append({"step": step} | changed)
        before = values
    return said


def _period(when: When, step: int) -> int | None:
    """How often a setting was drawn anew before a step; None: it never is."""
    if when == "never":
        return None
    return 0 if when == "episode" else step // when


def _rng(config: Config, stream: str, task: Task, when: When, step: int) -> np.random.Generator | None:
    period = _period(when, step)
    return None if period is None else generator(config, stream, task.index, period)


def _number(config: Config, stream: str, task: Task, setting: RandomSetting | None, step: int, fixed: float) -> float:
    rng = _rng(config, stream, task, setting.when, step) if setting else None
    return draw_number(setting.value, rng) if setting and rng else fixed


def _name(config: Config, stream: str, task: Task, setting: RandomName | None, step: int, fixed: str) -> str:
    rng = _rng(config, stream, task, setting.when, step) if setting else None
    return setting.value.draw(rng) if setting and rng else fixed


def _leaning_up(tilt_deg: float) -> Floats:
    cos, sin = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))
    return np.array([[1, 0, 0, 0], [0, cos, -sin, 0], [0, sin, cos, 0], [0, 0, 0, 1.0]])
