"""What policies see while they drive: the same camera, light, paint and noise as datasets are made with."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from datagen.collect.job import make_job
from datagen.collect.sets import Look as Looks
from datagen.collect.sets import Sets
from datagen.config import Config, Pixels
from datagen.randomise.draws import draw
from datagen.randomise.settings import Randomise
from datagen.store.schema import Json
from datagen.tasks import Task, generator, random_seed
from scenes.scene import Scene
from sim.camera import Floats, Intrinsics
from sim.capture import take
from sim.frame import Frame, View
from sim.sensors import parse_noise
from sim.shots import Shot
from train.config import Settings

_POLICY: Literal["perfect"] = "perfect"


class Look(Settings):
    """How a home is shown to who drives. All is as in a dataset's configuration (docs/datasets.md).

    Attributes:
        size: width and height of the images, pixels.
        fov_deg: horizontal field of view.
        light: a preset of baked light, or "none".
        noise: of the sensor, "" for none.
        randomise: what is drawn anew for each episode or every so many steps; empty: a home as it was drawn.
        seed: of what is drawn, and of policies that draw.
        renderer: "auto", "gl", "bullet" or "raycast".
    """

    size: tuple[Pixels, Pixels] = (64, 64)
    fov_deg: Annotated[float, Field(gt=1.0, lt=170.0)] = 75.0
    light: str = "none"
    noise: str = ""
    randomise: Randomise = Randomise()
    seed: Annotated[int, Field(ge=0)] = 0
    renderer: Literal["auto", "gl", "bullet", "raycast"] = "auto"

    @model_validator(mode="after")
    def _possible(self) -> Look:
        if self.randomise.furniture is not None:
            raise ValueError("furniture cannot move: drives are frozen for a home as it was drawn")
        self.config("any home")
        return self

    def config(self, home: str) -> Config:
        """The configuration of a dataset that shows a home so."""
        shown = {name: getattr(self, name) for name in Look.model_fields}
        return Config(homes=(home,), policies=(_POLICY,), episodes=1, **shown)

    def content(self) -> Json:
        """What pictures depend on, as JSON."""
        return self.model_dump(mode="json", exclude={"renderer"})


class Eye:
    """Takes the pictures of drives in a home. Use `close` to release the renderer."""

    def __init__(self, home: str, look: Look) -> None:
        self._config = look.config(home)
        self._sets = Sets(make_job(self._config), look.renderer)
        self._place = self._sets.place(0, None)
        self._intrinsics = Intrinsics.from_fov(*look.size, look.fov_deg)

    @property
    def scene(self) -> Scene:
        """The home."""
        return self._place.scene

    @cached_property
    def _open_doors(self) -> dict[int, Floats]:
        return self._place.open_leaves

    def frame(self, episode: int, step: int, T_world_camera: Floats) -> Frame:
        """What the camera sees at a step of an episode: what a dataset's episode of this number would show there.

        Exposures with noise are taken standing still.
        """
        task = Task(episode, 0, _POLICY, episode)
        drawn = draw(self._config, task, step)
        shown = self._sets.shown(Looks(0, None, drawn.light, None if drawn.paint is None else (episode, drawn.paint)))
        shown.place(self._open_doors)
        shot = Shot(0.0, drawn.seen_from(View(self._intrinsics, T_world_camera)), "", "")
        sensor = parse_noise(drawn.noise) if drawn.noise else None
        seed = random_seed(generator(self._config, "sensor", episode, step))
        return next(take(shown.renderer, [shot], sensor, seed))[1]

    def close(self) -> None:
        """Releases the renderer."""
        self._sets.close()
