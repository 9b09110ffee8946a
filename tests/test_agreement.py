"""Renderers against the ray-cast judge, and against each other, in many places of real homes.

`pytest -m full -s tests/test_agreement.py` prints the figures of docs/results.md: 200 views and more.
"""

import sys
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from scenes.library import load_scene
from scenes.scene import NO_TEXTURE, Scene
from sim.renderers.bullet import NEAR_M
from sim.renderers.choose import open_renderer
from sim.renderers.gl import GlRenderer
from tests.agreement import compare, judged, likeness, rendered, solid, views_in
from tests.homes.conservatory import conservatory
from tests.measure import built
from tests.program import HOMES

REAL_HOMES = ("c_mixed_features", "fc_2-BedroomHouseWithBasement", "fc_3-BedroomHouseWithMezzanine")
SCALED = {"oldenborg": 6, "conservatory": 4} | dict.fromkeys(REAL_HOMES, 4)
STATED = {"oldenborg": 80, "conservatory": 40} | dict.fromkeys(REAL_HOMES, 40)

Z_BUFFER_STEP = 2.0**-24 / NEAR_M
"""bullet's depth comes from a float32 z-buffer that nears 1: one step of it is this times z^2."""


@dataclass(frozen=True)
class Case:
    """A scene and what its renderers show; `full`: of the stated number of views."""

    name: str
    full: bool

    @property
    def scene(self) -> Scene:
        return scene_of(self.name)

    def truth(self, *, filled: bool = False):
        """The judge's frames; `filled`: with texels that are cut out by alpha drawn, as bullet does."""
        return truth_of(self, filled and any(texture.has_alpha for texture in self.scene.textures))

    def frames(self, renderer):
        return frames_of(self, renderer)


@cache
def scene_of(name):
    if name == "conservatory":
        return built(conservatory())
    path = HOMES / f"{name}.sh3d"
    if name in REAL_HOMES and not path.is_file():
        pytest.skip(f"no {path} (set STAIRWELL_HOMES)")
    return load_scene(str(path) if name in REAL_HOMES else name)


@cache
def truth_of(case, filled):
    count = (STATED if case.full else SCALED)[case.name]
    views = views_in(case.scene, count, np.random.default_rng(0))
    return judged(solid(case.scene) if filled else case.scene, views)


@cache
def frames_of(case, renderer):
    with open_renderer(renderer, case.scene) as opened:
        return rendered(opened, case.truth())


CASES = [pytest.param(Case(name, full=False), id=name) for name in SCALED]
CASES += [pytest.param(Case(name, full=True), id=f"{name}-full", marks=pytest.mark.full) for name in STATED]


def report(record_property, what, figures):
    record_property(what, figures)
    sys.stdout.write(f"\n{what}: {figures}\n")


@pytest.mark.parametrize("case", CASES)
def test_gl_agrees_with_ray_casts(case, record_property):
    result = compare(case.frames("gl"), case.truth())
    report(record_property, f"gl, {case.name}", result.figures())
    assert np.median(result.error_m) < 1e-4
    assert np.mean(result.error_m < 1e-3) > 0.999
    assert result.same_id.mean() > 0.995


@pytest.mark.parametrize("case", CASES)
def test_bullet_agrees_with_ray_casts_to_its_own_limit(case, record_property):
    """0.1 mm and 2.5 steps of the z-buffer: 0.4 mm at 10 m, 1.3 mm at 20 m, 4.9 mm at 40 m."""
    result = compare(case.frames("bullet"), case.truth(filled=True))
    within = result.error_m < 1e-4 + 2.5 * Z_BUFFER_STEP * result.depth_m**2
    near = result.depth_m < 15
    close = np.mean(result.error_m[near] < 1e-3)
    figures = f"{result.figures()}, within its limit {within.mean() * 100:.4f} %, nearer than 15 m {close * 100:.4f} %"
    report(record_property, f"bullet, {case.name}", figures)
    assert np.median(result.error_m) < 1e-4
    assert np.mean(within) > 0.999
    assert close > 0.999
    assert result.same_id.mean() > 0.995


def looks_the_same(result):
    """What `gl` and `bullet` keep to: lights differ, so brightness only roughly; tint and texture must be the same.

    `bullet` has no mipmaps, so that texture is compared by the median of blocks, and where there are enough of them.
    """
    textured = result.rich_blocks < 50 or result.detail > 0.45
    return 0.85 < result.brightness < 1.18 and result.tint > 0.95 and textured


COLORED = [case for case in CASES if case.values[0].name != "conservatory"]
"""One sees through glass in gl and not in bullet, so a home that is all glass says nothing here."""


@pytest.mark.parametrize("case", COLORED)
def test_gl_and_bullet_show_the_same_place(case, record_property):
    result = likeness(case.frames("gl"), case.frames("bullet"), case.truth())
    report(record_property, f"colour, {case.name}", result.figures())
    assert looks_the_same(result)


def with_swapped_textures(scene):
    count = len(scene.textures)
    swapped = [
        replace(material, texture=(material.texture + 1) % count) if material.texture != NO_TEXTURE else material
        for material in scene.materials
    ]
    return replace(scene, materials=tuple(swapped))


def with_images_upside_down(scene):
    return replace(scene, uvs=scene.uvs * np.array([1, -1], np.float32))


@pytest.fixture
def looks_with():
    """Whether a changed gl looks like bullet does."""
    case = Case("oldenborg", full=False)

    def look(scene=case.scene, light=None):
        with GlRenderer(scene, light=light) as renderer:
            result = likeness(rendered(renderer, case.truth()), case.frames("bullet"), case.truth())
        return looks_the_same(result)

    return look


@pytest.mark.parametrize("change", [with_swapped_textures, with_images_upside_down])
def test_wrong_textures_do_not_look_the_same(change, looks_with):
    assert not looks_with(scene=change(scene_of("oldenborg")))


def test_darkness_and_light_without_shade_do_not_look_the_same(looks_with, monkeypatch):
    dark = np.zeros((len(scene_of("oldenborg").vertices), 3), np.uint8)
    assert looks_with()
    assert not looks_with(light=dark)
    monkeypatch.setattr("sim.renderers.gl.KEY_SHARE", 0.0)
    assert not looks_with()
