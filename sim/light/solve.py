"""Light at every vertex: straight from the sources and from surface to surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from scenes.scene import Scene
from sim.light.direct import direct_light
from sim.light.gather import View, lit_sides, look_around
from sim.light.points import Points, find_points, origins_of
from sim.light.rays import Caster
from sim.light.sources import Sources
from sim.light.surfaces import surfaces_of

Floats32 = npt.NDArray[np.float32]

BOUNCES = 8
"""From surface to surface. A closed room whose walls reflect a share R keeps 1 - R^9 of what endless bounces give."""
_FILLS = 6
_SMOOTHINGS = 2
_SHARE_LOOKING, _SHARE_DIRECT = 0.75, 0.2


@dataclass(frozen=True)
class Lighting:
    """Light on a scene.

    Attributes:
        light: (V, 3) float32, linear RGB: a surface shows its colour times this.
        hidden: (V,) bool, vertices inside of something or covered; their light is that of their neighbours.
        open: (V,) float32, the share of a vertex's light that could come straight from outdoors.
    """

    light: Floats32
    hidden: npt.NDArray[np.bool_]
    open: Floats32


def solve(scene: Scene, sources: Sources, progress: Callable[[float], None] | None = None) -> Lighting:
    """The light of some sources on a scene whose vertices are all part of something, as `cut_large` leaves it."""
    report = progress or (lambda _: None)
    if not len(scene.triangles):
        count = len(scene.vertices)
        return Lighting(np.zeros((count, 3), np.float32), np.zeros(count, bool), np.zeros(count, np.float32))
    surfaces = surfaces_of(scene)
    points = find_points(scene)
    caster = Caster(scene, surfaces)
    sides = np.ones(len(points.normals), np.float32)
    sides = lit_sides(caster, points, origins_of(scene, points, sides), surfaces.instances)
    origins = origins_of(scene, points, sides)
    view = look_around(caster, points, origins, sides, lambda share: report(_SHARE_LOOKING * share))
    direct = direct_light(caster, points, origins, sides, view.valid, sources)
    report(_SHARE_LOOKING + _SHARE_DIRECT)
    emission = surfaces.emission * np.float32(sources.glow)
    light = _bounced(scene, points, view, direct, sources, (surfaces.albedo, emission))
    report(1.0)
    return Lighting(light[points.of_vertex], ~view.seen[points.of_vertex], view.open[points.of_vertex])


def _bounced(
    scene: Scene, points: Points, view: View, direct: Floats32, sources: Sources, matter: tuple[Floats32, Floats32]
) -> Floats32:
    """The light of the points (N, 3) with all that other surfaces send on. `matter`: albedo and emission, (T, 3)."""
    albedo, emission = matter
    corners = points.of_vertex[scene.triangles]
    fill, smooth = _filling(points, view.seen), _smoothing(points, view.seen)
    direct = fill @ direct
    light = direct
    beyond = np.stack([sources.sky, sources.ground])
    for _ in range(BOUNCES):
        on_triangles = light[corners].mean(axis=1)
        gathered = fill @ view.gather(np.concatenate([emission + albedo * on_triangles, beyond]))
        for _ in range(_SMOOTHINGS):
            gathered = smooth @ gathered
        light = direct + gathered
    return light


def _filling(points: Points, valid: npt.NDArray[np.bool_]) -> Any:
    """A matrix (N, N) that gives hidden points the mean of neighbours by closeness, from the seen ones inwards."""
    count = len(valid)
    fill = scipy.sparse.identity(count, np.float32, format="csr")
    known = valid.copy()
    for _ in range(_FILLS):
        around = points.neighbours @ scipy.sparse.diags(known.astype(np.float32))
        sums = np.asarray(around.sum(axis=1)).reshape(-1)
        reached = ~known & (sums > 0)
        if not reached.any():
            break
        means = scipy.sparse.diags(np.where(reached, 1 / np.where(reached, sums, 1), 0).astype(np.float32)) @ around
        fill = (scipy.sparse.diags((~reached).astype(np.float32)) + means) @ fill
        known |= reached
    return fill


def _smoothing(points: Points, valid: npt.NDArray[np.bool_]) -> Any:
    """A matrix (N, N) that mixes each point with its neighbours in the same plane that are seen.

    Neighbours in the same place count as much as the point itself, and ever less the farther away they are.
    """
    around = points.neighbours @ scipy.sparse.diags(valid.astype(np.float32))
    count = np.maximum(np.diff(points.neighbours.indptr), 1)
    own = 1 / (1 + np.asarray(around.sum(axis=1)).reshape(-1) / count)
    return scipy.sparse.diags(own.astype(np.float32)) + scipy.sparse.diags((own / count).astype(np.float32)) @ around
