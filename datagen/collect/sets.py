"""`Sets`: the homes of a job as they are shown: arranged, lit and painted, in renderers that stay open for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from datagen.collect.fly import FLY_BODY
from datagen.collect.job import Job
from datagen.collect.place import Place
from datagen.config import EXPERT_POLICIES
from datagen.randomise.furniture import rearranged
from datagen.randomise.paint import painted
from datagen.tasks import generator
from scenes.library import load_scene
from scenes.scene import Scene
from sim.bodies import Body
from sim.camera import Floats
from sim.frame import Renderer
from sim.light import find_preset, load_lit
from sim.renderers.choose import open_renderer
from sim.renderers.gl import GlRenderer
from sim.tour import require_outline
from sim.traffic import Traffic, TrafficPlan

PLACES_KEPT, SHOWN_KEPT = 4, 2


@dataclass(frozen=True)
class Look:
    """How a home is shown. `home`: index in the job; `paint`: the episode and period that it was drawn for."""

    home: int
    layout: int | None
    light: str
    paint: tuple[int, int] | None


@dataclass
class Shown:
    """A home in an open renderer.

    Attributes:
        scene: as it is without new paint.
        paint: what it is painted for; None: as drawn in the home.
        record: what was drawn for its look, as JSON.
    """

    renderer: Renderer
    scene: Scene
    paint: tuple[int, int] | None
    record: dict[str, Any]
    _placed: Mapping[int, Floats] = field(default_factory=dict)

    def place(self, bodies: Mapping[int, Floats]) -> None:
        """Puts what moves at its poses (4, 4)."""
        if bodies is self._placed:
            return
        for body, pose in bodies.items():
            if body not in self._placed or not np.array_equal(self._placed[body], pose):
                self.renderer.place(body, pose)
        self._placed = bodies


class Sets:
    """Opens and keeps what is shown; the least recently used goes first."""

    def __init__(self, job: Job, renderer: str) -> None:
        self._job, self._renderer = job, renderer
        self._places: OrderedDict[tuple[int, int | None], tuple[Place, list[Any]]] = OrderedDict()
        self._shown: OrderedDict[tuple[int, int | None, str], Shown] = OrderedDict()

    def place(self, home: int, layout: int | None) -> Place:
        """A home in an arrangement of its furniture."""
        return self._arranged(home, layout)[0]

    def shown(self, look: Look) -> Shown:
        """A look, in a renderer that is open until some others have been shown."""
        key = (look.home, look.layout, look.light)
        if key in self._shown and self._shown[key].paint != look.paint:
            self._paint(self._shown[key], look)
        if key not in self._shown:
            if len(self._shown) >= SHOWN_KEPT:
                self._shown.popitem(last=False)[1].renderer.close()
            self._shown[key] = self._open(look)
        self._shown.move_to_end(key)
        return self._shown[key]

    def prepare(self, home: int, layout: int | None) -> None:
        """Brings into the caches of this machine what takes long to make: graphs and baked light.

        Raises:
            HomeError: nothing of the home is indoors, and outdoors is not asked for.
        """
        config, place = self._job.config, self.place(home, layout)
        if not config.outdoors:
            require_outline(place.scene)
        if set(EXPERT_POLICIES) & set(config.policies):
            place.graph(config.walk.body)
        if "fly" in config.policies:
            place.graph(FLY_BODY)
        _ = place.traffic
        for name in (*config.randomise.light.value.choice,) if config.randomise.light else (config.light,):
            if name != "none":
                load_lit(place.scene, find_preset(name))

    def close(self) -> None:
        """Closes all renderers."""
        for shown in self._shown.values():
            shown.renderer.close()
        self._shown.clear()

    def _arranged(self, home: int, layout: int | None) -> tuple[Place, list[Any]]:
        key = (home, layout)
        if key not in self._places:
            if len(self._places) >= PLACES_KEPT:
                self._places.popitem(last=False)
            config = self._job.config
            drawn = _scene(str(self._job.homes[home].path), config.close)
            scene = drawn
            moves: list[Any] = []
            if layout is not None and config.randomise.furniture is not None:
                rng = generator(config, "layout", home, layout)
                scene, moves = rearranged(drawn, config.randomise.furniture, rng)
            self._places[key] = (Place(scene, drawn, config.moving.plan, outdoors=config.outdoors), moves)
        self._places.move_to_end(key)
        return self._places[key]

    def _open(self, look: Look) -> Shown:
        place, moves = self._arranged(look.home, look.layout)
        scene, light, bodies = place.scene, None, place.traffic.bodies
        if look.light != "none":
            lit = load_lit(scene, find_preset(look.light))
            scene, light = lit.scene, lit.light
            bodies = _bodies_in(scene, place.traffic)
        record: dict[str, Any] = {"furniture": moves} if look.layout is not None else {}
        shown = scene
        if look.paint is not None:
            shown, record["paint"] = self._painted(scene, look.paint)
        return Shown(open_renderer(self._renderer, shown, bodies=bodies, light=light), scene, look.paint, record)

    def _paint(self, shown: Shown, look: Look) -> None:
        """Paints what is shown anew; renderers that cannot are closed, to be opened again."""
        if not isinstance(shown.renderer, GlRenderer) or look.paint is None:
            shown.renderer.close()
            del self._shown[look.home, look.layout, look.light]
            return
        scene, shown.record = shown.scene, dict(shown.record)
        scene, shown.record["paint"] = self._painted(scene, look.paint)
        shown.renderer.repaint(scene)
        shown.paint = look.paint

    def _painted(self, scene: Scene, drawn_for: tuple[int, int]) -> tuple[Scene, dict[str, str]]:
        paint = self._job.config.randomise.paint
        assert paint is not None
        return painted(scene, paint, generator(self._job.config, "paint", *drawn_for))


def _bodies_in(scene: Scene, traffic: Traffic) -> tuple[Body, ...]:
    """What moves, in the same scene with other triangles: leaves of doors are pieces of it."""
    leaves = Traffic(scene, TrafficPlan()).bodies
    return (*leaves, *traffic.bodies[len(leaves) :])


@lru_cache(maxsize=PLACES_KEPT)
def _scene(path: str, closed: bool) -> Scene:
    return load_scene(path, closed=closed)
