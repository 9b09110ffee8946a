"""What `sim generate` is asked for, as data: from a YAML or JSON file, from options, or in code."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationError, model_validator

from datagen.randomise.settings import LIGHTS, Randomise, check_noise
from datagen.randomise.values import KINDS, Strict, also_wrong
from scenes.errors import HomeError
from sim.traffic import TrafficPlan

PTZ_POLICIES = ("sweep", "random", "track", "jump")
EXPERT_POLICIES = ("perfect", "wandering", "teleporting")
POLICIES = (*EXPERT_POLICIES, *PTZ_POLICIES, "fly")
Policy: TypeAlias = Literal["perfect", "wandering", "teleporting", "sweep", "random", "track", "jump", "fly"]
Pixels = Annotated[int, Field(ge=8, le=4096)]

EXPERT_FRAMES, OTHER_FRAMES = 1000, 64


class Ptz(Strict):
    """The PTZ cameras of each home.

    Attributes:
        cameras: how many, where they see much; episodes take turns with them and with the profiles.
        profiles: what devices they are.
        modulation: of the actions' turns.
        tilt_deg: range of tilts that episodes begin with and that cameras jump to.
        zoom: likewise, as magnification.
    """

    cameras: Annotated[int, Field(ge=1)] = 3
    profiles: Annotated[tuple[Literal["axis", "hanwha"], ...], Field(min_length=1)] = ("axis", "hanwha")
    modulation: Annotated[float, Field(gt=0.0, le=100.0)] = 5.0
    tilt_deg: tuple[float, float] = (-50.0, 5.0)
    zoom: tuple[float, float] = (1.0, 4.0)

    @model_validator(mode="after")
    def _ordered(self) -> Ptz:
        if not -90.0 <= self.tilt_deg[0] <= self.tilt_deg[1] <= 20.0:
            raise ValueError(f"tilt_deg from {self.tilt_deg[0]:g} to {self.tilt_deg[1]:g}; keep it within -90 to 20")
        if not 1.0 <= self.zoom[0] <= self.zoom[1]:
            raise ValueError(f"zoom from {self.zoom[0]:g} to {self.zoom[1]:g}; give low, high of 1 or more")
        return self


class Walk(Strict):
    """Bodies of the experts, and their steps; see `sim.experts.parameters`.

    `route`: what they follow, from near its first crossing, by a name of `sim.envs.routes`; None: from one random place
    to another.
    """

    body: Literal["person", "climber", "wheeled"] = "person"
    forward_m: float = 0.25
    turn_deg: float = 10.0
    target_m: float = 0.2
    wedge_deg: float = 12.0
    random_share: float = 0.25
    route: Literal["frozen", "west", "east"] | None = None


class Moving(Strict):
    """What moves; see `sim.traffic.TrafficPlan`."""

    people: Annotated[int, Field(ge=0, le=1000)] = 0
    trolleys: Annotated[int, Field(ge=0, le=1000)] = 0
    doors: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0

    @property
    def plan(self) -> TrafficPlan:
        """The same for `Traffic`."""
        return TrafficPlan(self.people, self.trolleys, self.doors)


class Growth(Strict):
    """What a dataset was before it grew: its first `episodes` show only its first `homes` homes."""

    homes: Annotated[int, Field(ge=1)]
    episodes: Annotated[int, Field(ge=1)]


class Config(Strict):
    """A dataset to be made.

    Episode i shows home i modulo their number, with each policy in turn.

    Attributes:
        homes: bundled names, `.sh3d` files or OBJ exports.
        policies: who moves the camera.
        episodes: how many.
        frames: per episode at most; if not given, 64, and experts go on to the end or to 1000.
        size: width and height of the images, pixels.
        fov_deg: horizontal field of view of cameras without zoom.
        seed: the same one gives the same bytes.
        renderer: "auto", "gl", "bullet" or "raycast".
        light: a preset of baked light, or "none".
        noise: sensor noise in text form (docs/noise.md), "" for none.
        close: do walls that enclose a space without a room get a floor and a ceiling (`scenes.close`)?
        outdoors: are terraces and gardens shown, and homes without a closed outline?
        rgb: how colour is stored; png and webp are lossless.
        segmentation: are instance ids stored?
        growth: what it was before homes were added; `sim generate` knows that by itself.
    """

    homes: Annotated[tuple[str, ...], Field(min_length=1)]
    policies: Annotated[tuple[Policy, ...], Field(min_length=1)]
    episodes: Annotated[int, Field(ge=1, le=10_000_000)]
    frames: Annotated[int, Field(ge=1)] | None = None
    size: tuple[Pixels, Pixels] = (224, 224)
    fov_deg: Annotated[float, Field(gt=1.0, lt=170.0)] = 75.0
    seed: Annotated[int, Field(ge=0)] = 0
    renderer: Literal["auto", "gl", "bullet", "raycast"] = "auto"
    light: str = "none"
    noise: str = ""
    close: bool = False
    outdoors: bool = False
    ptz: Ptz = Ptz()
    walk: Walk = Walk()
    randomise: Randomise = Randomise()
    moving: Moving = Moving()
    rgb: Literal["png", "webp", "jpeg"] = "png"
    segmentation: bool = True
    growth: tuple[Growth, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Config:
        if self.light not in LIGHTS:
            raise ValueError(f"no light {self.light!r}; there are {', '.join(LIGHTS)}")
        stages = self.stages()
        if any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(stages)) or stages[-1][0] >= self.episodes:
            raise ValueError("growth: each stage has more homes and more episodes than the one before")
        check_noise((self.noise,))
        furniture = self.randomise.furniture
        experts = [policy for policy in self.policies if policy in EXPERT_POLICIES]
        if furniture is not None and isinstance(furniture.when, int) and (experts or self.moving != Moving()):
            raise ValueError("furniture cannot move while something walks; schedule it per episode")
        return self

    def content(self) -> dict[str, Any]:
        """What the episodes depend on besides the homes' files, as JSON: homes by name, no renderer."""
        said = self.model_dump(mode="json", exclude={"renderer", "episodes", "rgb"})
        for choice in ("close", "outdoors"):  # datasets from before there was a choice keep their identity
            if not said[choice]:
                del said[choice]
        if self.walk.route is None:  # datasets from before there were routes keep their identity
            del said["walk"]["route"]
        if not self.growth:
            del said["growth"]
        return said | {"homes": list(home_names(self.homes))}

    def stages(self) -> list[tuple[int, int]]:
        """The episodes from which on so many of the homes are shown, and how many: (0, n) if it never grew."""
        firsts = [0, *(stage.episodes for stage in self.growth)]
        counts = [*(stage.homes for stage in self.growth), len(self.homes)]
        return list(zip(firsts, counts, strict=True))

    def most_frames(self, policy: str) -> int:
        """Per episode of a policy."""
        if self.frames is not None:
            return self.frames
        return EXPERT_FRAMES if policy in EXPERT_POLICIES else OTHER_FRAMES


def home_names(homes: tuple[str, ...]) -> tuple[str, ...]:
    """What homes are called in a dataset: the names of their files without ending.

    Raises:
        HomeError: two are called alike.
    """
    names = tuple(Path(home).stem for home in homes)
    for name in names:
        if names.count(name) > 1:
            raise HomeError(f"two homes are called {name!r}; rename one of the files")
    return names


def make_config(settings: dict[str, Any]) -> Config:
    """A configuration from plain data.

    Raises:
        HomeError: an unknown key, a wrong type or a value out of range; names the key.
    """
    try:
        return Config.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in (*KINDS, "number"))
        raise HomeError(f"configuration{': ' + where if where else ''}: {first['msg']}{also_wrong(error)}") from error
